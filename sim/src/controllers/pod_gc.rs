//! Kubernetes 1.36: pkg/controller/podgc/gc_controller.go
//!
//! Pods of a node that is no more are deleted, when it has been gone for 40 s at a look that is taken every 20 s; so are
//! those that hang in their deletion without a node, or on a silent one that is said to be out of service. Not
//! simulated: the limit of 12,500 ended Pods.

use super::memory::Memory;
use crate::api::Kind;
use crate::api::node::Node;
use crate::api::object::{Key, Object};
use crate::api::pod::Pod;
use crate::api::pod_status::PodCondition;
use crate::apiserver::{DeleteOptions, Request};
use crate::clock::{Span, Time};
use crate::cluster::Cluster;
use crate::outcome::Outcome;

const BY: &str = "pod-garbage-collector";
const PERIOD_MS: u64 = 20_000;
const QUARANTINE: Span = Span::secs(40);

/// Looks at a Pod.
pub fn wake(cluster: &Cluster, memory: &mut Memory, key: &Key) -> Outcome {
    let mut out = Outcome::nothing();
    let Some(object) = cluster.store.get(Kind::Pod, key) else { return out };
    let node = &object.expect::<Pod>().spec.node_name;
    if object.meta.deleting() && is_lost(cluster, object) {
        return let_go(cluster, memory, object);
    }
    if node.is_empty() || cluster.store.find(Kind::Node, "", node).is_some() {
        memory.lost_nodes.remove(node);
        return out;
    }
    let end = *memory.lost_nodes.entry(node.clone()).or_insert(next_look(cluster.now)) + QUARANTINE;
    if cluster.now < end {
        out.again_at(end);
        return out;
    }
    if !object.expect::<Pod>().status.finished() {
        out.request(Request::put_status(BY, without_node(cluster, object)));
    }
    out.request(delete(object));
    out
}

/// Whether nobody will see to a Pod's end: it has no node, or one that is silent and of which the user has said that it
/// will not come back as it was.
pub(super) fn is_lost(cluster: &Cluster, pod: &Object) -> bool {
    let name = &pod.expect::<Pod>().spec.node_name;
    let node = cluster.store.find(Kind::Node, "", name);
    name.is_empty()
        || node.map(|n| n.expect::<Node>()).is_some_and(|node| {
            node.spec.taints.iter().any(|t| &*t.key == "node.kubernetes.io/out-of-service")
                && node.status.condition("Ready").is_none_or(|c| &*c.status != "True")
        })
}

/// Such a Pod's deletion waits for nobody any more.
fn let_go(cluster: &Cluster, memory: &mut Memory, object: &Object) -> Outcome {
    let mut out = Outcome::nothing();
    let at = *memory.lost_pods.entry(object.key()).or_insert(next_look(cluster.now + Span(1)));
    if cluster.now < at {
        out.again_at(at);
        return out;
    }
    memory.lost_pods.remove(&object.key());
    if !object.expect::<Pod>().status.finished() {
        out.request(Request::put_status(BY, failed(object)));
    }
    out.request(delete(object));
    out
}

fn next_look(from: Time) -> Time {
    Time(from.0.div_ceil(PERIOD_MS) * PERIOD_MS)
}

fn delete(object: &Object) -> Request {
    let options = DeleteOptions { grace: Some(0), uid: Some(object.meta.uid.clone()), ..Default::default() };
    Request::delete(BY, Kind::Pod, object.key(), options)
}

fn failed(object: &Object) -> Object {
    let mut new = object.clone();
    let generation = object.meta.generation;
    let status = &mut new.expect_mut::<Pod>().status;
    status.phase = "Failed".into();
    status.observed_generation = generation;
    new
}

fn without_node(cluster: &Cluster, object: &Object) -> Object {
    let mut new = failed(object);
    let generation = object.meta.generation;
    let status = &mut new.expect_mut::<Pod>().status;
    status.conditions.retain(|c| &*c.kind != "DisruptionTarget");
    status.conditions.push(PodCondition {
        kind: "DisruptionTarget".into(),
        status: "True".into(),
        reason: "DeletionByPodGC".into(),
        message: "PodGC: node no longer exists".into(),
        last_transition: Some(cluster.stamp()),
        observed_generation: generation,
        ..Default::default()
    });
    new
}
