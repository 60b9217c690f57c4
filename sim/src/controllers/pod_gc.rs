//! Kubernetes 1.36: pkg/controller/podgc/gc_controller.go
//!
//! Pods of a node that is no more are deleted, when it has been gone for 40 s at a look that is taken every 20 s. Not
//! simulated: the limit of 12,500 ended Pods.

use super::memory::Memory;
use crate::api::Kind;
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
    if node.is_empty() || cluster.store.find(Kind::Node, "", node).is_some() {
        memory.lost_nodes.remove(node);
        return out;
    }
    let next_look = Time(cluster.now.0.div_ceil(PERIOD_MS) * PERIOD_MS);
    let end = *memory.lost_nodes.entry(node.clone()).or_insert(next_look) + QUARANTINE;
    if cluster.now < end {
        out.again_at(end);
        return out;
    }
    if !object.expect::<Pod>().status.finished() {
        out.request(Request::put_status(BY, failed(cluster, object)));
    }
    let options = DeleteOptions { grace: Some(0), uid: Some(object.meta.uid.clone()), ..Default::default() };
    out.request(Request::delete(BY, Kind::Pod, key.clone(), options));
    out
}

fn failed(cluster: &Cluster, object: &Object) -> Object {
    let mut new = object.clone();
    let generation = object.meta.generation;
    let status = &mut new.expect_mut::<Pod>().status;
    status.phase = "Failed".into();
    status.observed_generation = generation;
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
