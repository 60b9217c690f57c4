//! Kubernetes 1.36: pkg/controller/nodelifecycle/node_lifecycle_controller.go (monitorNodeHealth, tryUpdateNodeHealth)
//!
//! A node whose lease has not been renewed for long is one of which nothing is known: its conditions say so, and its
//! Pods count as not ready. The lease of a node that is heard of bears no time (see kubelet/heartbeat.rs).

use super::{BY, next_look, ready};
use crate::api::node::Node;
use crate::api::object::Object;
use crate::api::pod::Pod;
use crate::api::{Kind, Stamp};
use crate::apiserver::Request;
use crate::apiserver::events::Note;
use crate::clock::Span;
use crate::cluster::Cluster;
use crate::controllers::memory::Memory;
use crate::controllers::pods;
use crate::outcome::Outcome;
use std::rc::Rc;

/// `--node-monitor-grace-period`
const GRACE: Span = Span::secs(50);
const SILENT: [&str; 4] = ["MemoryPressure", "DiskPressure", "PIDPressure", "Ready"];

/// Answers whether the node was just found to be silent.
pub(super) fn look(cluster: &Cluster, memory: &mut Memory, object: &Rc<Object>, out: &mut Outcome) -> bool {
    let name = &object.meta.name;
    let lease = cluster.store.find(Kind::Lease, "kube-node-lease", name);
    let renewed: Option<Rc<str>> = lease.and_then(|l| l.raw().at(&["spec", "renewTime"]).as_str().map(Rc::from));
    let health = memory.nodes.entry(name.clone()).or_default();
    let Some(renewed) = renewed else {
        health.silent = None;
        return false;
    };
    if ready(object.expect::<Node>()) == "Unknown" {
        return false;
    }
    // The time counts from when this controller saw the last renewal, by its own clock.
    let seen = match &health.silent {
        Some((last, seen)) if *last == renewed => *seen,
        _ => next_look(cluster, cluster.now),
    };
    health.silent = Some((renewed, seen));
    if cluster.now < seen + GRACE {
        out.again_at(seen + GRACE);
        return false;
    }
    let was_ready = ready(object.expect::<Node>()) == "True";
    out.request(Request::put_status(BY, unknown(cluster.stamp(), object)));
    if was_ready {
        let message = format!("Node {name} status is now: NodeNotReady");
        out.event(Note::normal(object, BY, "NodeNotReady", message));
    }
    for pod in cluster.store.pods_on(name).filter(|p| pods::is_ready(p)) {
        out.request(Request::put_status(BY, not_ready(cluster.stamp(), pod)));
        out.event(Note::warning(pod, BY, "NodeNotReady", "Node is not ready"));
    }
    true
}

fn unknown(now: Stamp, node: &Object) -> Object {
    let mut new = node.clone();
    for condition in &mut new.expect_mut::<Node>().status.conditions {
        if SILENT.contains(&&*condition.kind) && &*condition.status != "Unknown" {
            condition.status = "Unknown".into();
            condition.reason = "NodeStatusUnknown".into();
            condition.message = "Kubelet stopped posting node status.".into();
            condition.last_transition = Some(now);
        }
    }
    new
}

fn not_ready(now: Stamp, pod: &Object) -> Object {
    let mut new = pod.clone();
    for condition in &mut new.expect_mut::<Pod>().status.conditions {
        if &*condition.kind == "Ready" {
            condition.status = "False".into();
            condition.last_transition = Some(now);
        }
    }
    new
}
