//! Pods that are evicted by their kubelet: for what they write to its disk, or because the node runs short.
//!
//! Kubernetes 1.36: pkg/kubelet/eviction/eviction_manager.go. Looked at every 10 s, as long as there is anything to look
//! for. Not simulated: soft thresholds, inodes and PIDs, clearing away images before Pods; a node whose memory its own
//! Pods have used up.

mod local;
mod pressure;

use super::{BY, apart};
use crate::api::object::Object;
use crate::api::pod::Pod;
use crate::apiserver::events::Note;
use crate::clock::Time;
use crate::cluster::Cluster;
use crate::machine::agent::{Life, Pressures};
use crate::machine::{Machine, Sandbox};
use crate::outcome::Outcome;
pub use local::may_exceed;
pub use pressure::shortage;
use std::borrow::Cow;
use std::rc::Rc;

const PERIOD_MS: u64 = 10_000;

/// A Pod that runs on the node.
struct Active<'a> {
    object: &'a Rc<Object>,
    pod: &'a Pod,
    sandbox: Cow<'a, Sandbox>,
}

/// Looks whether someone has to go. Changes what the machine's kubelet remembers, and says what it says.
pub(super) fn look(cluster: &Cluster, machine: &mut Machine, node: &Rc<str>, out: &mut Outcome) {
    let now = cluster.now;
    let next = |from: Time| {
        let phase = cluster.dice.below(PERIOD_MS, node, "eviction");
        Time(from.0 + (phase + PERIOD_MS - from.0 % PERIOD_MS) % PERIOD_MS)
    };
    let pods = active(cluster, machine, node);
    let short = machine.disk_filled > 0 || machine.memory_taken > 0 || machine.agent.pressures != Pressures::default();
    if !short && !pods.iter().any(|p| local::may_exceed(&p.pod.spec)) {
        return;
    }
    if next(now) != now {
        return out.again_at(next(now));
    }
    out.again_at(next(Time(now.0 + 1)));
    let over: Vec<(Rc<Object>, String)> =
        pods.iter().filter_map(|p| Some((p.object.clone(), local::exceeded(cluster, node, p)?))).collect();
    let (pressed, first) = pressure::look(cluster, machine, node, &pods, out);
    let first = first.filter(|_| over.is_empty());
    let pressures = &mut machine.agent.pressures;
    for (short, until) in [(pressed.memory, &mut pressures.memory), (pressed.disk, &mut pressures.disk)] {
        *until = if short { Some(pressure::until(now)) } else { until.filter(|until| *until > now) };
    }
    for (object, message) in over {
        evict(machine, node, &object, message, false, out);
    }
    if let Some((object, message)) = first {
        evict(machine, node, &object, message, true, out);
    }
}

fn active<'a>(cluster: &'a Cluster, machine: &'a Machine, node: &str) -> Vec<Active<'a>> {
    let apart = apart::is(cluster, machine);
    let known = cluster.store.pods_on(node).filter_map(|object| {
        let worker = machine.agent.workers.get(&object.meta.uid).filter(|w| w.life == Life::Running)?;
        let object = if apart { worker.local.as_ref()? } else { object };
        let sandbox = machine.sandbox(&object.meta.uid)?.at(cluster.now);
        Some(Active { object, pod: object.expect::<Pod>(), sandbox })
    });
    known.collect()
}

fn evict(
    machine: &mut Machine,
    node: &Rc<str>,
    object: &Rc<Object>,
    message: String,
    disrupted: bool,
    out: &mut Outcome,
) {
    let uid = &object.meta.uid;
    let worker = Rc::make_mut(machine.agent.workers.get_mut(uid).expect("an active Pod has a worker"));
    out.event(Note::warning(object, BY, "Evicted", message.clone()).on(node));
    worker.ended_by = Some(("Evicted".into(), message.into()));
    worker.disrupted = disrupted;
    worker.life = Life::Terminating;
    worker.wanted = true;
    machine.agent.called.push(uid.clone());
}
