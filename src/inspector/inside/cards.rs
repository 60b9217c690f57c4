//! The containers of a Pod as cards, in the order in which they start.

use super::card::{Card, Dial, Gauge, State};
use super::probes::{self, Lamp, Mark as Result, Strip};
use super::{Role, bytes};
use crate::clock_text;
use crate::icons::{Mark, mark};
use crate::text::Text;
use kubarium_sim::machine::agent::ProbeKind;
use kubarium_sim::shell::Seen;
use yew::prelude::*;

/// The most processes that are told of one container.
const MOST_PROCESSES: usize = 30;

pub fn section(text: Text, cards: &[Card], on_enter: &Callback<String>) -> Html {
    if cards.is_empty() {
        return html! {};
    }
    html! {
        <>
            <h4>{text.get("containers")}</h4>
            <ul class="boxes">{for cards.iter().map(|card| one(text, card, on_enter))}</ul>
        </>
    }
}

fn one(text: Text, card: &Card, on_enter: &Callback<String>) -> Html {
    let restarts = card.restarts.max(0) as usize;
    let dashed = card.role == Role::Sidecar.word(text);
    html! {
        <li key={&*card.name} class={classes!("box", dashed.then_some("aside"))} aria-label={card.name.to_string()}>
            <div class="hat">
                {square(card.state)}<b class="m">{&*card.name}</b>
                if let Some(role) = &card.role { <em>{role}</em> }
                <span class={tone(card.state)}>{&card.word}if let Some(since) = &card.since { <i>{since}</i> }</span>
            </div>
            <p class="m image">{&*card.image}</p>
            if card.state == State::Stands { <p>{text.get("card-stands")}</p> }
            {for card.dial.iter().map(ring)}
            {for card.doing.iter().map(|doing| html! { <p>{doing}</p> })}
            if let Some(said) = &card.said { <blockquote class="m">{&**said}</blockquote> }
            if restarts > 0 || card.last.is_some() {
                <p>{text.count("card-restarts", "card-restarts-one", restarts)}if let Some(last) = &card.last { {" "}{last} }</p>
            }
            {for card.probes.iter().map(|strip| probe(text, strip))}
            if !card.gauges.is_empty() { <dl class="gauges">{for card.gauges.iter().map(gauge)}</dl> }
            {processes(text, &card.processes)}
            {for card.enter.iter().map(|line| enter(line, on_enter))}
        </li>
    }
}

fn enter(line: &str, on_enter: &Callback<String>) -> Html {
    let run = line.to_string();
    html! {
        <button type="button" class="act" onclick={on_enter.reform(move |_: MouseEvent| run.clone())}>
            {mark(Mark::Terminal, 12)}<span class="m">{line}{"…"}</span>
        </button>
    }
}

/// A filled square runs, a hollow one waits; a cross crashed, a tick is done, a low bar stops.
fn square(state: State) -> Html {
    let colour = format!("var(--{})", tone(state));
    let shape = match state {
        State::Runs | State::Unready => html! { <rect x="-4" y="-4" width="8" height="8" rx="1.6" fill={colour}/> },
        State::Waits => {
            html! { <rect x="-3.5" y="-3.5" width="7" height="7" rx="1.6" fill="none" stroke={colour} stroke-width="1.5"/> }
        }
        State::Stands => {
            html! { <path d="M-2.2-3.6V3.6M2.2-3.6V3.6" fill="none" stroke={colour} stroke-width="2.2"/> }
        }
        State::Stops => html! { <rect x="-4" y="0" width="8" height="3.4" rx="1" fill={colour}/> },
        State::Crashed => {
            html! { <path d="M-3.4-3.4L3.4 3.4M3.4-3.4L-3.4 3.4" fill="none" stroke={colour} stroke-width="2" stroke-linecap="round"/> }
        }
        State::Done => {
            html! { <path d="M-4 .2L-1.2 3 4-3" fill="none" stroke={colour} stroke-width="2" stroke-linecap="round" stroke-linejoin="round"/> }
        }
    };
    html! { <svg width="12" height="12" viewBox="-6 -6 12 12" aria-hidden="true">{shape}</svg> }
}

fn tone(state: State) -> &'static str {
    match state {
        State::Runs => "ready",
        State::Waits | State::Unready | State::Stands => "waiting",
        State::Stops => "terminating",
        State::Crashed => "broken",
        State::Done => "finished",
    }
}

/// What runs out, as a ring that runs down.
fn ring(dial: &Dial) -> Html {
    let colour = if dial.ends { "var(--terminating)" } else { "var(--broken)" };
    // Around a circle of radius 6.
    let left = format!("{:.1} 99", dial.share * 37.7);
    html! {
        <p class="dial">
            <svg width="16" height="16" viewBox="-8 -8 16 16" aria-hidden="true">
                <circle r="6" fill="none" stroke="var(--line-2)" stroke-width="2"/>
                <circle r="6" fill="none" stroke={colour} stroke-width="2.5" stroke-dasharray={left} transform="rotate(-90)"/>
            </svg>
            <span>{&dial.sentence}</span>
        </p>
    }
}

fn probe(text: Text, strip: &Strip) -> Html {
    let name = probes::name(strip.kind);
    let failed = strip.failed.as_ref().filter(|_| strip.fails).map(|(why, _)| why);
    let earlier = strip.failed.as_ref().filter(|_| !strip.fails);
    html! {
        <div class="probe">
            <div class="hat">{lamp(strip)}<b>{name}</b><span class="m">{&strip.asks}</span></div>
            if !strip.ticks.is_empty() { {ticks(text, strip)} }
            <p>{&strip.sentence}</p>
            if let Some(why) = failed { <blockquote class="m">{&**why}</blockquote> }
            if let Some((why, at)) = earlier {
                <p>{text.fill("probe-failed-before", &[("time", &clock_text::minutes(*at))])}</p><blockquote class="m">{&**why}</blockquote>
            }
        </div>
    }
}

/// A wedge for startup, a heart for liveness, a ring for readiness: filled passed, broken failed, grey not yet asked.
fn lamp(strip: &Strip) -> Html {
    let colour = match strip.lamp {
        Lamp::Passed => "var(--ready)",
        Lamp::Failed if strip.kind == ProbeKind::Readiness => "var(--waiting)",
        Lamp::Failed => "var(--broken)",
        Lamp::Idle => "var(--ink-3)",
    };
    let fill = if strip.lamp == Lamp::Passed { colour } else { "none" };
    let shape = match strip.kind {
        ProbeKind::Startup => html! { <path d="M-3 3.1L0-3.3 3 3.1Z" {fill} stroke={colour} stroke-width="1.1"/> },
        ProbeKind::Liveness => html! {
            <>
                <path d="M0 3.5C-5.2 .2-4-3.4-1.9-3.4-.9-3.4-.2-2.8 0-2 .2-2.8 .9-3.4 1.9-3.4 4-3.4 5.2 .2 0 3.5Z" {fill} stroke={colour} stroke-width="1.1"/>
                if strip.lamp == Lamp::Failed { <path d="M-.6-1.9L.6-.3-.6 .8 .3 2.2" fill="none" stroke={colour} stroke-width="1"/> }
            </>
        },
        ProbeKind::Readiness => html! {
            <>
                <circle r="3.2" fill="none" stroke={colour} stroke-width="1.5" stroke-dasharray={if strip.lamp == Lamp::Failed { "2.2 1.6" } else { "none" }}/>
                if strip.lamp == Lamp::Passed { <circle r="1.35" fill={colour}/> }
            </>
        },
    };
    html! { <svg width="12" height="12" viewBox="-5 -5 10 10" aria-hidden="true">{shape}</svg> }
}

/// The last results in time, the oldest left: a tall tick passed, a short one failed, a hollow one could not be asked.
fn ticks(text: Text, strip: &Strip) -> Html {
    let count = |mark: Result| strip.ticks.iter().filter(|tick| tick.mark == mark).count().to_string();
    let (passed, failed) = (count(Result::Passed), count(Result::Failed));
    let label = text.fill("strip-of", &[("probe", probes::name(strip.kind)), ("passed", &passed), ("failed", &failed)]);
    let place = |at: f32| format!("{:.1}", at.clamp(0.0, 1.0) * 196.0);
    html! {
        <svg class="ticks" viewBox="0 0 200 14" preserveAspectRatio="none" role="img" aria-label={label}>
            <path d="M0 13.5H200" stroke="var(--line-2)" vector-effect="non-scaling-stroke"/>
            if let Some(born) = strip.born { <path d={format!("M{0} 0V14", place(born))} stroke="var(--ink-3)" stroke-dasharray="2 2" vector-effect="non-scaling-stroke"/> }
            {for strip.ticks.iter().map(|tick| match tick.mark {
                Result::Passed => html! { <rect x={place(tick.at)} y="1" width="4" height="12" rx="1" fill="var(--ready)"/> },
                Result::Failed => html! { <rect x={place(tick.at)} y="8" width="4" height="5" rx="1" fill="var(--broken)"/> },
                Result::Unknown => html! { <rect x={place(tick.at)} y="8.5" width="3.5" height="4.5" fill="none" stroke="var(--ink-3)"/> },
            })}
        </svg>
    }
}

fn gauge(gauge: &Gauge) -> Html {
    let width = gauge.share.map(|share| format!("{:.1}", share * 100.0));
    let colour = if gauge.share.is_some_and(|share| share > 0.9) { "var(--waiting)" } else { "var(--ink-3)" };
    html! {
        <>
            <dt>{gauge.name}</dt>
            <dd>{&gauge.sentence}
                if let Some(width) = width {
                    <svg class="bars" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
                        <rect width="100" height="4" rx="2" fill="var(--line-2)"/><rect {width} height="4" rx="2" fill={colour}/>
                    </svg>
                }
            </dd>
        </>
    }
}

fn processes(text: Text, list: &[Seen]) -> Html {
    if list.is_empty() {
        return html! {};
    }
    let row = |process: &Seen| {
        html! {
            <tr><td>{process.pid}</td><td>{process.state}</td><td>{bytes(process.bytes)}</td><td>{&process.command}</td></tr>
        }
    };
    html! {
        <details>
            <summary>{text.count("processes", "processes-one", list.len())}</summary>
            <table class="m"><thead><tr>{for ["PID", "STAT", "MEM", "COMMAND"].iter().map(|head| html! { <th scope="col">{*head}</th> })}</tr></thead>
                <tbody>{for list.iter().take(MOST_PROCESSES).map(row)}</tbody></table>
        </details>
    }
}
