//! A node's heartbeat: its lease, and the times in its conditions.
//!
//! Kubernetes 1.36: pkg/kubelet/kubelet.go (nodeLeaseController), staging/src/k8s.io/component-helpers/apimachinery/lease.
//! A steady heart makes no work here: the lease of a node that is heard of bears no time in the store, and whoever reads
//! it is shown the latest beat. When a node falls silent, the time of its last beat is written down.

use super::BY;
use crate::api::metadata::OwnerReference;
use crate::api::node::Node;
use crate::api::object::Object;
use crate::api::{Field, Kind, Stamp};
use crate::apiserver::{self, Request};
use crate::clock::Time;
use crate::cluster::Cluster;
use crate::value::Value;
use std::rc::Rc;

pub const NAMESPACE: &str = "kube-node-lease";
/// A lease of 40 s is renewed when a quarter of it is over.
const BEAT_MS: i64 = 10_000;
/// How often the status is reported though nothing in it changes.
const REPORT_MS: i64 = 300_000;

/// The latest beat of a node's kubelet.
fn last_beat(cluster: &Cluster, node: &str) -> Stamp {
    let phase = cluster.dice.below(BEAT_MS as u64, node, "lease") as i64;
    Stamp(cluster.stamp().0 - (cluster.now.0 as i64 - phase).rem_euclid(BEAT_MS))
}

/// When a node's kubelet next looks at its node, from now on.
pub fn next_beat(cluster: &Cluster, node: &str) -> Time {
    cluster.time_of(Stamp(last_beat(cluster, node).0 + BEAT_MS))
}

/// Whether this is such an instant.
pub(super) fn is_beat(cluster: &Cluster, node: &str) -> bool {
    last_beat(cluster, node) == cluster.stamp()
}

fn lease<'a>(cluster: &'a Cluster, node: &str) -> Option<&'a Rc<Object>> {
    cluster.store.find(Kind::Lease, NAMESPACE, node)
}

/// When a silent node was last heard of.
fn written(lease: &Object) -> Option<Stamp> {
    let time = lease.raw().at(&["spec", "renewTime"]);
    time.as_str().map(|_| Stamp::read(time))
}

/// An object as the API server would show it at this instant: with the latest heartbeat.
pub fn shown(cluster: &Cluster, object: &Rc<Object>) -> Rc<Object> {
    let name = &object.meta.name;
    match object.kind {
        Kind::Lease if &*object.meta.namespace == NAMESPACE && written(object).is_none() => {
            Rc::new(renewed(object, last_beat(cluster, name)))
        }
        Kind::Node => {
            let until = lease(cluster, name).and_then(|l| written(l)).unwrap_or_else(|| cluster.stamp());
            let mut new = (**object).clone();
            for condition in &mut new.expect_mut::<Node>().status.conditions {
                if let Some(beat) = &mut condition.last_heartbeat {
                    beat.0 += until.since(*beat).max(0) / REPORT_MS * REPORT_MS;
                }
            }
            Rc::new(new)
        }
        _ => object.clone(),
    }
}

fn renewed(lease: &Object, at: Stamp) -> Object {
    let mut new = lease.clone();
    new.edit(|raw| raw.at_mut(&["spec"]).set("renewTime", at.micro().into()));
    new
}

/// The node falls silent: this was its last beat.
pub fn end(cluster: &mut Cluster, node: &str) {
    if let Some(lease) = lease(cluster, node) {
        // It was written then already; only now it matters.
        let new = renewed(lease, last_beat(cluster, node));
        let _ = apiserver::handle(cluster, Request::put(BY, new));
    }
}

/// Takes up a lease that was not renewed for a while, or is not there.
pub(super) fn resumed(cluster: &Cluster, node: &Object) -> Option<Request> {
    let Some(lease) = lease(cluster, &node.meta.name) else {
        return Some(Request::create(BY, Kind::Lease, first(node, cluster).write()));
    };
    written(lease)?;
    let mut new = (**lease).clone();
    new.edit(|raw| drop(raw.at_mut(&["spec"]).remove("renewTime")));
    Some(Request::put(BY, new))
}

/// The lease of a new node.
pub fn first(node: &Object, cluster: &Cluster) -> Object {
    let name = node.meta.name.clone();
    let spec = Value::map([("holderIdentity", Value::Str(name.clone())), ("leaseDurationSeconds", Value::Int(40))]);
    let mut object = Object::make(Kind::Lease, Default::default(), Value::map([("spec", spec)]));
    object.meta.namespace = NAMESPACE.into();
    object.meta.uid = cluster.dice.uuid(&name, "lease uid");
    object.meta.name = name;
    object.meta.creation = node.meta.creation;
    let owner = OwnerReference { controller: None, block_deletion: None, ..node.controller_reference() };
    object.meta.owners = vec![owner].into();
    object
}
