//! Kubernetes 1.36: pkg/controller/nodelifecycle/node_lifecycle_controller.go
//!
//! A node's troubles as taints, so that the scheduler and the taint eviction know of them. What keeps new Pods away
//! follows at once; what drives Pods away follows at the controller's next look, and not faster than its zone allows.

mod health;
mod zones;

use super::memory::Memory;
use crate::api::node::{Node, Taint};
use crate::api::object::{Key, Object};
use crate::api::{Field, Kind};
use crate::apiserver::Request;
use crate::apiserver::events::Note;
use crate::clock::{Span, Time};
use crate::cluster::Cluster;
use crate::outcome::Outcome;
use crate::value::Value;
use std::rc::Rc;

const BY: &str = "node-controller";
const NOT_READY: &str = "node.kubernetes.io/not-ready";
const UNREACHABLE: &str = "node.kubernetes.io/unreachable";
const UNSCHEDULABLE: &str = "node.kubernetes.io/unschedulable";
/// Conditions that, when true, keep new Pods away: condition, taint.
const PRESSURES: [(&str, &str); 4] = [
    ("MemoryPressure", "node.kubernetes.io/memory-pressure"),
    ("DiskPressure", "node.kubernetes.io/disk-pressure"),
    ("PIDPressure", "node.kubernetes.io/pid-pressure"),
    ("NetworkUnavailable", "node.kubernetes.io/network-unavailable"),
];
/// All nodes are looked at once in this time.
const PERIOD_MS: u64 = 5000;

/// Looks at a node.
pub fn wake(cluster: &Cluster, memory: &mut Memory, key: &Key) -> Outcome {
    let mut out = Outcome::nothing();
    let Some(object) = cluster.store.get(Kind::Node, key) else {
        memory.nodes.remove(&key.name);
        miss(cluster, memory, &key.name, &mut out);
        return out;
    };
    let node = object.expect::<Node>();
    let wanted = keeps_away(node);
    let taints = taints(cluster, &node.spec.taints, "NoSchedule", &wanted);
    if taints != node.spec.taints {
        // The change brings us back here.
        out.request(Request::put(BY, with_taints(object, &taints)));
        return out;
    }
    if !health::look(cluster, memory, object, &mut out) {
        drive_away(cluster, memory, object, &mut out);
    }
    out
}

/// Says at the next regular look that a node is gone.
fn miss(cluster: &Cluster, memory: &mut Memory, name: &Rc<str>, out: &mut Outcome) {
    let Some((uid, at)) = memory.gone_nodes.get_mut(name) else { return };
    let at = *at.get_or_insert(next_look(cluster, cluster.now));
    if cluster.now < at {
        return out.again_at(at);
    }
    let mut node = Object::make(Kind::Node, Default::default(), Default::default());
    (node.meta.name, node.meta.uid) = (name.clone(), uid.clone());
    let text = format!("Node {name} event: Removing Node {name} from Controller");
    let mut note = Note::normal(&node, BY, "RemovingNode", text);
    note.about.resource_version = crate::api::field::empty_text();
    out.event(note);
    memory.gone_nodes.remove(name);
}

/// The next of the controller's regular looks, at `from` at the earliest.
fn next_look(cluster: &Cluster, from: Time) -> Time {
    let phase = cluster.dice.below(PERIOD_MS, BY, "monitor");
    Time(from.0 + (phase + PERIOD_MS - from.0 % PERIOD_MS) % PERIOD_MS)
}

fn ready(node: &Node) -> &str {
    node.status.condition("Ready").map_or("Unknown", |c| &*c.status)
}

/// The NoSchedule taints that follow from a node's state.
fn keeps_away(node: &Node) -> Vec<&'static str> {
    let status = |kind: &str| node.status.condition(kind).map_or("", |c| &*c.status);
    let mut wanted = Vec::new();
    match status("Ready") {
        "False" => wanted.push(NOT_READY),
        "Unknown" => wanted.push(UNREACHABLE),
        _ => {}
    }
    wanted.extend(PRESSURES.iter().filter(|(kind, _)| status(kind) == "True").map(|(_, taint)| *taint));
    if node.spec.unschedulable {
        wanted.push(UNSCHEDULABLE);
    }
    wanted
}

/// Sets or takes away the NoExecute taint of a node that is not ready.
fn drive_away(cluster: &Cluster, memory: &mut Memory, object: &Object, out: &mut Outcome) {
    let node = object.expect::<Node>();
    let wanted = match ready(node) {
        "True" => None,
        "False" => Some(NOT_READY),
        _ => Some(UNREACHABLE),
    };
    let all_down = zones::all_down(cluster);
    if std::mem::replace(&mut memory.all_down, all_down) && !all_down {
        zones::resume(cluster, memory);
    }
    let wanted = wanted.filter(|_| !all_down);
    let taints = taints(cluster, &node.spec.taints, "NoExecute", wanted.as_slice());
    let health = memory.nodes.entry(object.meta.name.clone()).or_default();
    if taints == node.spec.taints {
        health.change = None;
        return;
    }
    let now = cluster.now;
    let at = match taints.len() > node.spec.taints.len() {
        true => {
            let zone = zones::of(object);
            let Some(pause) = zones::pause(cluster, &zone) else { return };
            let free = memory.zones.entry(zone).or_default();
            let at = *free;
            if now >= at {
                *free = now + pause;
            }
            at
        }
        // That all are down is seen when the last of them is.
        false if all_down => now,
        false => *health.change.get_or_insert(next_look(cluster, now + Span(1))),
    };
    if now < at {
        return out.again_at(at);
    }
    out.request(Request::put(BY, with_taints(object, &taints)));
}

/// A node's taints with just these of ours of an effect. A user's are left alone.
fn taints(cluster: &Cluster, old: &[Taint], effect: &str, wanted: &[&str]) -> Vec<Taint> {
    let ours = |key: &str| match effect {
        "NoExecute" => matches!(key, NOT_READY | UNREACHABLE),
        _ => matches!(key, NOT_READY | UNREACHABLE | UNSCHEDULABLE) || PRESSURES.iter().any(|(_, taint)| *taint == key),
    };
    let stays = |t: &&Taint| &*t.effect != effect || !ours(&t.key) || wanted.contains(&&*t.key);
    let mut taints: Vec<Taint> = old.iter().filter(stays).cloned().collect();
    for key in wanted {
        if !taints.iter().any(|t| &*t.key == *key && &*t.effect == effect) {
            let time_added = Some(cluster.stamp());
            taints.push(Taint { key: (*key).into(), effect: effect.into(), time_added, ..Default::default() });
        }
    }
    taints
}

fn with_taints(object: &Object, taints: &[Taint]) -> Object {
    let mut new = object.clone();
    let list: Vec<Value> = taints.iter().map(Field::write).collect();
    new.edit(|raw| match list.is_empty() {
        true => drop(raw.at_mut(&["spec"]).remove("taints")),
        false => raw.at_mut(&["spec"]).set("taints", Value::list(list)),
    });
    new
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taints_follow_the_state_and_leave_a_users_alone() {
        let taint = |key: &str, effect: &str| Taint { key: key.into(), effect: effect.into(), ..Default::default() };
        let old = [taint("mine", "NoSchedule"), taint(UNSCHEDULABLE, "NoSchedule"), taint(UNREACHABLE, "NoExecute")];
        let cluster = Cluster::default();
        let keys = |effect: &str, wanted: &[&str]| {
            let taints = taints(&cluster, &old, effect, wanted);
            taints.iter().map(|t| format!("{}:{}", t.key, t.effect)).collect::<Vec<_>>().join(" ")
        };
        let (mine, cordon) = ("mine:NoSchedule", format!("{UNSCHEDULABLE}:NoSchedule"));
        let gone = format!("{UNREACHABLE}:NoExecute");
        assert_eq!(keys("NoSchedule", &[]), format!("{mine} {gone}"));
        assert_eq!(keys("NoExecute", &[]), format!("{mine} {cordon}"));
        assert_eq!(keys("NoExecute", &[NOT_READY]), format!("{mine} {cordon} {NOT_READY}:NoExecute"));
    }
}
