//! Kubernetes 1.36: pkg/controller/nodelifecycle/node_lifecycle_controller.go
//!
//! A node's troubles as taints, so that the scheduler and the taint eviction know of them; when a node is not ready, its
//! Pods are not either. Not simulated: slower eviction when much of a zone is down, and noticing that a node's kubelet
//! has fallen silent.

use super::pods;
use crate::api::node::{Node, Taint};
use crate::api::object::{Key, Object};
use crate::api::pod::Pod;
use crate::api::{Field, Kind};
use crate::apiserver::Request;
use crate::apiserver::events::Note;
use crate::cluster::Cluster;
use crate::outcome::Outcome;
use crate::value::Value;
use std::rc::Rc;

const BY: &str = "node-controller";
const NOT_READY: &str = "node.kubernetes.io/not-ready";
const UNREACHABLE: &str = "node.kubernetes.io/unreachable";
/// Conditions that, when true, keep new Pods away: condition, taint.
const PRESSURES: [(&str, &str); 4] = [
    ("MemoryPressure", "node.kubernetes.io/memory-pressure"),
    ("DiskPressure", "node.kubernetes.io/disk-pressure"),
    ("PIDPressure", "node.kubernetes.io/pid-pressure"),
    ("NetworkUnavailable", "node.kubernetes.io/network-unavailable"),
];
const UNSCHEDULABLE: &str = "node.kubernetes.io/unschedulable";

/// Looks at a node.
pub fn wake(cluster: &Cluster, key: &Key) -> Outcome {
    let mut out = Outcome::nothing();
    let Some(object) = cluster.store.get(Kind::Node, key) else { return out };
    let node = object.expect::<Node>();
    let wanted = wanted(node);
    let taints = taints(cluster, &node.spec.taints, &wanted);
    if taints != node.spec.taints {
        out.request(Request::put(BY, with_taints(object, &taints)));
    }
    let ready = node.status.condition("Ready").is_none_or(|c| &*c.status == "True");
    if ready {
        return out;
    }
    let known = |t: &Taint| matches!(&*t.key, NOT_READY | UNREACHABLE);
    if !node.spec.taints.iter().any(known) {
        let message = format!("Node {} status is now: NodeNotReady", object.meta.name);
        out.event(Note::normal(object, BY, "NodeNotReady", message));
    }
    for pod in cluster.store.pods_on(&key.name).filter(|p| pods::is_ready(p)) {
        out.request(Request::put_status(BY, not_ready(cluster, pod)));
        out.event(Note::warning(pod, BY, "NodeNotReady", "Node is not ready"));
    }
    out
}

/// The taints that follow from a node's state: key, effect.
fn wanted(node: &Node) -> Vec<(&'static str, &'static str)> {
    let status = |kind: &str| node.status.condition(kind).map_or("", |c| &*c.status);
    let mut wanted = Vec::new();
    match status("Ready") {
        "False" => wanted.extend([(NOT_READY, "NoSchedule"), (NOT_READY, "NoExecute")]),
        "Unknown" => wanted.extend([(UNREACHABLE, "NoSchedule"), (UNREACHABLE, "NoExecute")]),
        _ => {}
    }
    wanted.extend(PRESSURES.iter().filter(|(kind, _)| status(kind) == "True").map(|(_, taint)| (*taint, "NoSchedule")));
    if node.spec.unschedulable {
        wanted.push((UNSCHEDULABLE, "NoSchedule"));
    }
    wanted
}

/// What stays of a node's taints, and what is added. A user's taints are left alone.
fn taints(cluster: &Cluster, old: &[Taint], wanted: &[(&str, &str)]) -> Vec<Taint> {
    let ours = |t: &Taint| {
        let key = &*t.key;
        matches!(key, NOT_READY | UNREACHABLE | UNSCHEDULABLE) || PRESSURES.iter().any(|(_, taint)| *taint == key)
    };
    let is = |t: &Taint, (key, effect): &(&str, &str)| &*t.key == *key && &*t.effect == *effect;
    let mut taints: Vec<Taint> = old.iter().filter(|t| !ours(t) || wanted.iter().any(|w| is(t, w))).cloned().collect();
    for w in wanted {
        if !taints.iter().any(|t| is(t, w)) {
            taints.push(Taint {
                key: w.0.into(),
                effect: w.1.into(),
                time_added: Some(cluster.stamp()),
                ..Default::default()
            });
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

fn not_ready(cluster: &Cluster, pod: &Rc<Object>) -> Object {
    let mut new = (**pod).clone();
    for condition in &mut new.expect_mut::<Pod>().status.conditions {
        if &*condition.kind == "Ready" {
            condition.status = "False".into();
            condition.last_transition = Some(cluster.stamp());
        }
    }
    new
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taints_follow_the_state_and_leave_a_users_alone() {
        let taint = |key: &str| Taint { key: key.into(), effect: "NoSchedule".into(), ..Default::default() };
        let old = [taint("mine"), taint(UNSCHEDULABLE)];
        let keys = |taints: Vec<Taint>| taints.iter().map(|t| t.key.to_string()).collect::<Vec<_>>();
        let cluster = Cluster::default();
        assert_eq!(keys(taints(&cluster, &old, &[])), ["mine"]);
        let unreachable = [(UNREACHABLE, "NoSchedule"), (UNREACHABLE, "NoExecute")];
        assert_eq!(keys(taints(&cluster, &old, &unreachable)), ["mine", UNREACHABLE, UNREACHABLE]);
    }
}
