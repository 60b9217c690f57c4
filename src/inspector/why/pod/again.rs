//! What else one asks of a Pod that has run for a while: why a container was started again, why a variable is old.

use super::{Asked, last_words};
use crate::inspector::inside::{in_order, probes, status_of};
use crate::inspector::why::Why;
use kubarium_sim::api::Kind;
use kubarium_sim::api::pod::Container;
use kubarium_sim::api::pod_status::{ContainerStatus, Terminated};
use kubarium_sim::clock::Time;
use kubarium_sim::kubelet::outdated::{Outdated, outdated};
use kubarium_sim::machine::agent::ProbeKind;
use kubarium_sim::machine::results::Said;
use std::rc::Rc;

/// The most variables that are told one by one.
const MOST_VARIABLES: usize = 6;

pub fn of(asked: &Asked) -> Vec<Why> {
    let restarted = in_order(&asked.pod.spec).filter_map(|(container, _)| {
        let status = status_of(&asked.pod.status, &container.name)?;
        Some(why_again(asked, container, status, status.last_state.terminated.as_ref()?))
    });
    restarted.chain(old_values(asked)).collect()
}

/// Why a container does not live its first life.
fn why_again(asked: &Asked, container: &Container, status: &ContainerStatus, last: &Terminated) -> Why {
    let (code, count) = (last.exit_code.to_string(), status.restart_count.to_string());
    let limit = container.resources.limits.get("memory").map_or("—".to_string(), |q| q.to_string());
    let policy = container.restart_policy.as_ref().unwrap_or(&asked.pod.spec.restart_policy);
    let signal = (last.exit_code - 128).to_string();
    let failed = failed_probe(asked, container, last);
    let mut with = vec![
        ("container", &*container.name),
        ("n", &*count),
        ("code", &*code),
        ("limit", &*limit),
        ("policy", &**policy),
        ("signal", &*signal),
    ];
    // A container that waits has the last life's log as its present one.
    let waits = status.state.running.is_none() && status.state.terminated.is_none();
    let words = || {
        let message = Some(last.message.to_string()).filter(|message| !message.is_empty());
        message.or_else(|| last_words(asked.cluster, asked.object, &container.name, !waits))
    };
    let (lead, quote) = match (&*last.reason, last.exit_code, failed) {
        ("OOMKilled", ..) => ("why-again-memory", None),
        (_, _, Some((kind, why))) => {
            with.push(("probe", probes::name(kind)));
            ("why-again-probe", Some(why.to_string()))
        }
        ("StartError", ..) => ("why-again-start", words()),
        ("Unknown" | "ContainerStatusUnknown", ..) => ("why-again-lost", None),
        (_, 0, _) => ("why-again-done", words()),
        (_, 129..=192, _) => ("why-again-signal", words()),
        _ => ("why-again-code", words()),
    };
    Why { title: asked.text.fill("why-again", &with), lead: asked.text.fill(lead, &with), ..Why::default() }
        .quoting(quote)
}

/// The probe that ended a container's last life: so many failures in a row as it takes came before that.
fn failed_probe(asked: &Asked, container: &Container, last: &Terminated) -> Option<(ProbeKind, Rc<str>)> {
    let within = |at: &Time| {
        let stamp = asked.cluster.stamp_of(*at);
        // The API's stamps are whole seconds.
        last.started.is_some_and(|from| stamp.0 >= from.0 / 1000 * 1000)
            && last.finished.is_some_and(|to| stamp.0 <= to.0 / 1000 * 1000 + 999)
    };
    [ProbeKind::Liveness, ProbeKind::Startup].into_iter().find_map(|kind| {
        let threshold = probes::of_kind(container, kind)?.failure_threshold.max(1) as usize;
        let prober = asked.prober(&container.name, kind)?;
        let before = prober.results.iter().rev().filter(|(at, _)| within(at));
        let failures: Vec<&Rc<str>> = before
            .map_while(|(_, said)| match said {
                Said::Failed(why) => Some(why),
                _ => None,
            })
            .collect();
        (failures.len() >= threshold).then(|| (kind, failures[0].clone()))
    })
}

/// Variables that were read from what says something else now.
fn old_values(asked: &Asked) -> Vec<Why> {
    let mut rest = outdated(asked.cluster, asked.object);
    let mut told = Vec::new();
    while let Some(first) = rest.first().cloned() {
        let same = |o: &Outdated| (&o.container, o.kind, &o.name) == (&first.container, first.kind, &first.name);
        let (these, others): (Vec<Outdated>, Vec<Outdated>) = rest.into_iter().partition(same);
        rest = others;
        let with = [("container", &*first.container), ("kind", first.kind.name()), ("name", &*first.name)];
        let lines: Vec<String> = these.iter().take(MOST_VARIABLES).map(line).collect();
        told.push(asked.say("why-old-env", "why-old-env-lead", &with).quoting(lines.join("\n")));
    }
    told
}

/// `LOG_LEVEL: info → debug`; what is secret is not told.
fn line(old: &Outdated) -> String {
    let value = |value: &Option<Rc<str>>| match value {
        Some(_) if old.kind == Kind::Secret => "***".to_string(),
        Some(value) => value.to_string(),
        None => "—".into(),
    };
    format!("{}: {} → {}", old.variable, value(&old.has), value(&old.now))
}
