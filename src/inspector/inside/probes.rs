//! The probes of a container: what they ask, what they said lately, and what follows from it.

use crate::clock_text;
use crate::text::Text;
use kubarium_sim::api::pod::{Container, Probe};
use kubarium_sim::clock::{Span, Time};
use kubarium_sim::machine::agent::{ProbeKind, Prober};
use kubarium_sim::machine::results::{KEPT, Said};
use std::rc::Rc;

/// One probe, told.
#[derive(Clone, Debug, PartialEq)]
pub struct Strip {
    pub kind: ProbeKind,
    /// What it asks and how often, in the words of `kubectl describe`.
    pub asks: String,
    pub lamp: Lamp,
    pub ticks: Vec<Tick>,
    /// Where the container's present life begins on the strip, if that is on it.
    pub born: Option<f32>,
    /// How it stands, in a sentence.
    pub sentence: String,
    /// The last failure that is on the strip, and when it was.
    pub failed: Option<(Rc<str>, Time)>,
    /// The last result was that failure.
    pub fails: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lamp {
    Idle,
    Passed,
    Failed,
}

/// A result on the strip.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// From 0, as far back as results are kept, to 1, the last one.
    pub at: f32,
    pub mark: Mark,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    Passed,
    Failed,
    Unknown,
}

/// What a probe is told from.
pub struct Ask<'a> {
    pub container: &'a Container,
    pub probers: &'a [Prober],
    /// Since when the container runs, if it does.
    pub since: Option<Time>,
    pub now: Time,
    pub text: Text,
}

pub const KINDS: [(ProbeKind, &str); 3] =
    [(ProbeKind::Startup, "startup"), (ProbeKind::Liveness, "liveness"), (ProbeKind::Readiness, "readiness")];

pub fn name(kind: ProbeKind) -> &'static str {
    KINDS.iter().find(|(known, _)| *known == kind).map_or("", |(_, name)| name)
}

pub fn of_kind(container: &Container, kind: ProbeKind) -> Option<&Probe> {
    match kind {
        ProbeKind::Startup => container.startup.as_deref(),
        ProbeKind::Liveness => container.liveness.as_deref(),
        ProbeKind::Readiness => container.readiness.as_deref(),
    }
}

/// The probes that a container has, in the order in which they begin.
pub fn of(ask: &Ask) -> Vec<Strip> {
    let one = |(kind, _): &(ProbeKind, &str)| Some(strip(ask, *kind, of_kind(ask.container, *kind)?));
    KINDS.iter().filter_map(one).collect()
}

fn strip(ask: &Ask, kind: ProbeKind, probe: &Probe) -> Strip {
    let found = |kind| ask.probers.iter().find(|p| p.container == ask.container.name && p.kind == kind);
    let prober = found(kind);
    let results: Vec<(Time, &Said)> = prober.into_iter().flat_map(|prober| prober.results.iter()).collect();
    let (first, last) = (results.first().map_or(ask.now, |(at, _)| *at), results.last().map_or(ask.now, |(at, _)| *at));
    let usual = Span::secs(probe.period.max(1) as u64 * (KEPT as u64 - 1));
    let width = last.since(first).max(usual).0 as f32;
    let place = |at: Time| 1.0 - last.since(at).0 as f32 / width;
    let tick = |(at, said): &(Time, &Said)| Tick { at: place(*at), mark: mark(said) };
    let failed = results.iter().rev().find_map(|(at, said)| match said {
        Said::Failed(why) | Said::Unknown(why) => Some((why.clone(), *at)),
        Said::Passed => None,
    });
    Strip {
        kind,
        asks: asks(probe),
        lamp: match prober {
            Some(Prober { result: Some(true), .. }) => Lamp::Passed,
            Some(Prober { result: Some(false), last: Some(_), .. }) => Lamp::Failed,
            _ => Lamp::Idle,
        },
        ticks: results.iter().map(tick).collect(),
        born: ask.since.filter(|since| *since > first && *since < last).map(place),
        sentence: sentence(ask, kind, probe, prober, found(ProbeKind::Startup)),
        fails: results.last().is_some_and(|(_, said)| **said != Said::Passed),
        failed,
    }
}

fn mark(said: &Said) -> Mark {
    match said {
        Said::Passed => Mark::Passed,
        Said::Failed(_) => Mark::Failed,
        Said::Unknown(_) => Mark::Unknown,
    }
}

/// How a probe stands.
fn sentence(ask: &Ask, kind: ProbeKind, probe: &Probe, prober: Option<&Prober>, startup: Option<&Prober>) -> String {
    let text = ask.text;
    let Some(since) = ask.since else { return text.get("probe-rests").into() };
    let Some(prober) = prober else { return text.get("probe-idle").into() };
    let threshold = |n: i64| n.max(1).to_string();
    let last = prober.results.iter().next_back().map(|(at, _)| at).filter(|at| *at >= since);
    let ago = last.map(|at| clock_text::age(ask.now.since(at).0)).unwrap_or_default();
    let run = prober.run.to_string();
    if startup.is_some_and(|startup| startup.result != Some(true)) && kind != ProbeKind::Startup {
        return text.get("probe-after-startup").into();
    }
    let failing = [("n", &*run), ("of", &*threshold(probe.failure_threshold)), ("ago", &*ago)];
    match (prober.on_hold, prober.last, prober.result) {
        (true, ..) => text.get("probe-on-hold").into(),
        (_, _, Some(true)) if kind == ProbeKind::Startup => text.get("probe-started").into(),
        (_, None, _) => {
            let first = since + Span::secs(probe.initial_delay.max(0) as u64);
            let wait = prober.next.max(first).since(ask.now);
            text.fill("probe-first", &[("n", &wait.0.div_ceil(1000).to_string())])
        }
        (_, Some(true), Some(true)) => text.fill("probe-passes", &[("ago", &ago)]),
        (_, Some(true), _) => {
            let with = [("n", &*run), ("of", &*threshold(probe.success_threshold)), ("ago", &*ago)];
            text.fill("probe-passes-again", &with)
        }
        (_, Some(false), Some(false)) => text.fill("probe-fails", &[("ago", &ago)]),
        (_, Some(false), _) => text.fill("probe-begins-to-fail", &failing),
    }
}

/// `http-get :8080/healthz, 10s`.
pub fn asks(probe: &Probe) -> String {
    let action = if let Some(exec) = &probe.exec {
        format!("exec {}", exec.command.join(" "))
    } else if let Some(http) = &probe.http_get {
        let slash = if http.path.starts_with('/') { "" } else { "/" };
        format!("http-get {}:{}{slash}{}", http.host, http.port, http.path)
    } else if let Some(tcp) = &probe.tcp_socket {
        format!("tcp-socket {}:{}", tcp.host, tcp.port)
    } else if let Some(grpc) = &probe.grpc {
        format!("grpc :{}", grpc.port)
    } else {
        String::new()
    };
    format!("{action}, {}s", probe.period.max(1))
}
