//! The marks of the interface, 16 px, drawn for Kubarium: a kind's mark shows what the kind does, a sign how a thing is.
//! Shape says a state's class as well as colour: disc lives, diamond is tried again, square will not change any more.

use yew::prelude::*;

/// The ink in which a mark is drawn is that of the text beside it.
const INK: &str = "currentColor";

/// How a thing is, as far as the interface tells it apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    Ready,
    /// In the queue, or about to start.
    Waiting,
    Init,
    NotReady,
    /// Broken, and will be tried again.
    Broken,
    /// Broken for good.
    Failed,
    Terminating,
    Finished,
    Unknown,
}

impl Sign {
    /// The token that carries its colour, and the class of its chip.
    pub fn tone(self) -> &'static str {
        match self {
            Sign::Ready => "ready",
            Sign::Waiting | Sign::Init | Sign::NotReady => "waiting",
            Sign::Broken | Sign::Failed => "broken",
            Sign::Terminating => "terminating",
            Sign::Finished => "finished",
            Sign::Unknown => "unknown",
        }
    }
}

fn frame(size: u32, children: Html) -> Html {
    let size = size.to_string();
    html! {
        <svg width={size.clone()} height={size} viewBox="-8 -8 16 16" aria-hidden="true" focusable="false">{children}</svg>
    }
}

fn line(d: &'static str, width: &'static str, colour: impl Into<AttrValue>) -> Html {
    html! {
        <path {d} fill="none" stroke={colour.into()} stroke-width={width} stroke-linecap="round" stroke-linejoin="round"/>
    }
}

fn dashed(d: &'static str, dashes: &'static str) -> Html {
    html! { <path {d} fill="none" stroke={INK} stroke-width="1.3" stroke-dasharray={dashes}/> }
}

/// A state's sign.
pub fn sign(sign: Sign, size: u32) -> Html {
    let colour = format!("var(--{})", sign.tone());
    let fill = format!("var(--{}-fill)", sign.tone());
    let on = "var(--on-state)";
    let ring = |dashes: &'static str| {
        html! { <circle r="5.8" fill={fill.clone()} stroke={colour.clone()} stroke-width="1.5" stroke-dasharray={dashes}/> }
    };
    let square = || html! { <rect x="-6" y="-6" width="12" height="12" rx="2.2" fill={colour.clone()}/> };
    frame(
        size,
        match sign {
            Sign::Ready => {
                html! { <><circle r="6.6" fill={colour.clone()}/>{line("M-3 .2L-.9 2.4 3.1-2.1", "1.6", on)}</> }
            }
            Sign::Waiting => html! { <>{ring("none")}{line("M0-3.2V.3L2.2 1.7", "1.5", colour.clone())}</> },
            Sign::Init => html! { <>{ring("none")}
            <g fill={colour.clone()}><circle cx="-2.8" r="1"/><circle r="1"/><circle cx="2.8" r="1"/></g></> },
            Sign::NotReady => html! { <>{ring("3 2")}<circle r="2.2" fill={colour.clone()}/></> },
            Sign::Broken => html! { <>
            <path d="M0-7.2L7.2 0 0 7.2-7.2 0Z" fill={colour.clone()} stroke={colour.clone()} stroke-linejoin="round"/>
            {line("M-2.2-2.2L2.2 2.2M2.2-2.2L-2.2 2.2", "1.6", on)}</> },
            Sign::Failed => html! { <>{square()}{line("M-2.4-2.4L2.4 2.4M2.4-2.4L-2.4 2.4", "1.6", on)}</> },
            Sign::Finished => html! { <>{square()}{line("M-2.9.2L-.8 2.2 3-2", "1.6", on)}</> },
            Sign::Terminating => html! { <>{ring("none")}<path d="M-5.8.6A5.8 5.8 0 0 0 5.8.6Z" fill={colour.clone()}/>
            {line("M-1.9-2.6H1.9", "1.5", colour.clone())}</> },
            Sign::Unknown => html! { <>
            <circle r="5.8" fill="var(--raised)" stroke={colour.clone()} stroke-width="1.4" stroke-dasharray="1.6 2.1"/>
            {line("M-1.7-1.5C-1.7-3.6 1.8-3.6 1.8-1.5 1.8-.2 0-.1 0 1.2M0 3V3.1", "1.4", colour.clone())}</> },
        },
    )
}

/// The mark of a node that does not take a Pod.
pub fn shut_out(size: u32) -> Html {
    let bar = line("M-3.4 3.4L3.4-3.4", "1.6", "var(--waiting)");
    frame(size, html! { <><circle r="5.2" fill="none" stroke="var(--waiting)" stroke-width="1.6"/>{bar}</> })
}

/// A kind's mark.
pub fn kind(name: &str, size: u32) -> Html {
    let square = |x: &'static str, y: &'static str, side: &'static str| {
        html! { <rect {x} {y} width={side} height={side} rx="1.1" fill="none" stroke={INK} stroke-width="1.25"/> }
    };
    let w = "1.35";
    frame(
        size,
        match name {
            "Pod" => {
                html! { <><rect x="-6" y="-5" width="12" height="10" rx="3.4" fill="none" stroke={INK} stroke-width={w}/>{square("-2", "-2", "4")}</> }
            }
            "Deployment" => {
                html! { <>{line("M-6.4-2.6A6.6 6.6 0 0 1 5-4.6M5.6-7L5.2-4.3 2.6-4.8M6.4 2.6A6.6 6.6 0 0 1-5 4.6M-5.6 7L-5.2 4.3-2.6 4.8", w, INK)}{square("-2.3", "-2.3", "4.6")}</> }
            }
            "ReplicaSet" => {
                html! { <>{square("-5.9", "-5.9", "5")}{square(".9", "-5.9", "5")}{square("-5.9", ".9", "5")}{dashed("M.9.9h5v5h-5Z", "1.6 1.4")}</> }
            }
            "ReplicationController" => {
                html! { <>{square("-5.9", "-2.5", "5")}{square("1.1", "-2.5", "5")}{line("M-6.4 6H6.4", w, INK)}</> }
            }
            "StatefulSet" => {
                html! { <>{square("-6.4", "-.2", "3.6")}{square("-1.8", "-.2", "3.6")}{square("2.8", "-.2", "3.6")}{line("M-5.4-3.6L-4.4-4.8V-2.2M-1-4.4C1.2-5.6 1.6-3.6-.8-2.2H1.2M3.8-4.7H5.6L4.5-3.7C6.2-3.4 5.6-1.8 3.8-2.4", "1", INK)}</> }
            }
            "DaemonSet" => {
                html! { <>{line("M-6.6 5.2V-1M6.6 5.2V-1M0 5.2V-1M-6.6 5.2H6.6M-6.6-4.6H6.6", "1.2", INK)}<circle cx="-3.3" cy="2" r="1.7" fill={INK}/><circle cx="3.3" cy="2" r="1.7" fill={INK}/></> }
            }
            "Job" => html! { <>{line("M-6.4 0H3M.4-2.8L3.2 0 .4 2.8", w, INK)}{line("M6.2-5V5", "1.8", INK)}</> },
            "CronJob" => {
                html! { <><circle r="6.2" fill="none" stroke={INK} stroke-width={w}/>{line("M0-3.6V0L2.6 1.8M-6.8-5.4L-4.8-7M6.8-5.4L4.8-7", w, INK)}</> }
            }
            "Service" | "Endpoints" | "EndpointSlice" => line("M-7-3.6H7M-4-3.6V5.4M0-3.6V5.4M4-3.6V5.4", w, INK),
            "Ingress" => line("M-6.4 6V-1A6.4 6.4 0 0 1 6.4-1V6M0 6V-1.4M-2.2.6L0-1.6 2.2.6", w, INK),
            "NetworkPolicy" => {
                line("M0-6.4L5.8-4.2V0C5.8 3.6 3.2 5.6 0 6.8-3.2 5.6-5.8 3.6-5.8 0V-4.2ZM-2.4 0H2.4", w, INK)
            }
            "ConfigMap" => line("M-4.6-6.2H1.8L4.8-3.2V6.2H-4.6ZM-2-1.4H2.2M-2 1.4H2.2M-2 4H.6", "1.25", INK),
            "Secret" => {
                html! { <><circle cx="-3.2" r="3.2" fill="none" stroke={INK} stroke-width={w}/>{line("M0 0H7V3.2M4.2 0V2.4", w, INK)}</> }
            }
            other => kept_or_ruled(other, w),
        },
    )
}

/// The marks of what is stored, and of what rules over others.
fn kept_or_ruled(name: &str, w: &'static str) -> Html {
    let square = |x: &'static str, y: &'static str, side: &'static str| {
        html! { <rect {x} {y} width={side} height={side} rx="1.1" fill="none" stroke={INK} stroke-width="1.25"/> }
    };
    match name {
        "PersistentVolume" => {
            html! { <>{line("M-5.6-4V4C-5.6 6.8 5.6 6.8 5.6 4V-4", w, INK)}<ellipse cy="-4" rx="5.6" ry="2.4" fill="none" stroke={INK} stroke-width={w}/></> }
        }
        "PersistentVolumeClaim" => {
            html! { <>{line("M-5-1.4H5V5.8H-5ZM-2.2-1.4V-6M2.2-1.4V-6", w, INK)}<circle cy="2.2" r="1.2" fill={INK}/></> }
        }
        "StorageClass" => {
            html! { <>{line("M-6 4.8H6M-6 0H6M-6-4.8H6", w, INK)}<g fill={INK}><circle cx="-3.6" cy="4.8" r="1.7"/><circle cx="2.4" r="1.7"/><circle cx="-.6" cy="-4.8" r="1.7"/></g></> }
        }
        "Namespace" => {
            html! { <rect x="-6.4" y="-5.6" width="12.8" height="11.2" rx="2.6" fill="none" stroke={INK} stroke-width={w} stroke-dasharray="3 2"/> }
        }
        "ResourceQuota" => {
            html! { <>{line("M-6 4A6.6 6.6 0 1 1 6 4M0 2.4L3.4-2.2", "1.45", INK)}<circle cy="2.4" r="1.4" fill={INK}/></> }
        }
        "LimitRange" => line("M-6-5V5M6-5V5M-3.4 0H3.4M-1.6-1.8L-3.6 0-1.6 1.8M1.6-1.8L3.6 0 1.6 1.8", w, INK),
        "HorizontalPodAutoscaler" => {
            html! { <><rect x="-1.8" y="-1.8" width="3.6" height="3.6" rx="1" fill={INK}/>{line("M-4-2.4L-6.6 0-4 2.4M4-2.4L6.6 0 4 2.4M-2.4-4L0-6.6 2.4-4M-2.4 4L0 6.6 2.4 4", w, INK)}</> }
        }
        "PodDisruptionBudget" => {
            html! { <>{square("-2.5", "-5.1", "5")}{line("M-6.4 1.6C-6.4 6.6 6.4 6.6 6.4 1.6", w, INK)}</> }
        }
        "PriorityClass" => line("M-5 5.4V1.6M0 5.4V-1.6M5 5.4V-5.4", "2.2", INK),
        "Node" => {
            html! { <>{line("M-6-5.6V3A3 3 0 0 0-3 6H3A3 3 0 0 0 6 3V-5.6", w, INK)}{line("M-6-.4C-4-2-2 1 0-.4 2-1.8 4 1 6-.4", "1.1", INK)}</> }
        }
        "user" => {
            html! { <><circle cy="-3.8" r="2.8" fill="none" stroke={INK} stroke-width="1.3"/>{line("M-5.4 5.6C-5.4-.4 5.4-.4 5.4 5.6", "1.3", INK)}</> }
        }
        _ => {
            html! { <><rect x="-5.4" y="-5.4" width="10.8" height="10.8" rx="2.6" fill="none" stroke={INK} stroke-width={w}/><circle r="1.4" fill={INK}/></> }
        }
    }
}

/// Marks of the chrome.
#[derive(Clone, Copy)]
pub enum Mark {
    Find,
    Theme,
    Play,
    Pause,
    Back,
    On,
    Shut,
    File,
    Terminal,
    List,
    Book,
}

pub fn mark(mark: Mark, size: u32) -> Html {
    frame(
        size,
        match mark {
            Mark::Find => {
                html! { <><circle cx="-1" cy="-1" r="4.3" fill="none" stroke={INK} stroke-width="1.5"/>{line("M2.3 2.3L6.1 6.1", "1.5", INK)}</> }
            }
            Mark::Theme => {
                html! { <><circle r="5.6" fill="none" stroke={INK} stroke-width="1.5"/><path d="M0-5.6A5.6 5.6 0 0 1 0 5.6Z" fill={INK}/></> }
            }
            Mark::Play => {
                html! { <path d="M-3.4-5.2L5 0-3.4 5.2Z" fill={INK} stroke={INK} stroke-width="1.4" stroke-linejoin="round"/> }
            }
            Mark::Pause => line("M-3.3-5V5M3.3-5V5", "2.6", INK),
            Mark::Back => line("M5-5L-1 0 5 5M-5-5V5", "1.8", INK),
            Mark::On => line("M-5-5L1 0-5 5M5-5V5", "1.8", INK),
            Mark::Shut => line("M-3.6-3.6L3.6 3.6M3.6-3.6L-3.6 3.6", "1.5", INK),
            Mark::File => line("M-4.6-6.2H1.8L4.8-3.2V6.2H-4.6ZM-2-1.4H2.2M-2 1.4H2.2M-2 4H.6", "1.3", INK),
            Mark::Terminal => line("M-6-4L-1 0-6 4M1 5H7", "1.6", INK),
            Mark::List => line("M-6-5H6M-6 0H6M-6 5H2", "1.6", INK),
            Mark::Book => line("M0-4.4Q-3-6-6.6-5.2V5Q-3 4.2 0 5.8 3 4.2 6.6 5V-5.2Q3-6 0-4.4V5.8", "1.3", INK),
        },
    )
}

pub fn logo(size: u32) -> Html {
    let size = size.to_string();
    html! {
        <svg width={size.clone()} height={size} viewBox="-11 -12 22 22" aria-hidden="true" focusable="false">
            {line("M-9-9V4a5 5 0 0 0 5 5H4a5 5 0 0 0 5-5V-9", "2", INK)}
            <path d="M-8-1.5C-5.4-3.8-2.6.8 0-1.5 2.6-3.8 5.4.8 8-1.5V3.6a4 4 0 0 1-4 4H-4a4 4 0 0 1-4-4Z" fill="var(--flow)" opacity=".9"/>
            <circle cx="2.6" cy="-6.4" r="1.8" fill={INK}/><circle cx="-2.8" cy="-8.2" r="1.2" fill={INK}/>
        </svg>
    }
}
