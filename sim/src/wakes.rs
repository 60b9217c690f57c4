//! Who cares about which change: the wiring of Kubernetes on one page.

use crate::api::Kind;
use crate::clock::Span;
use crate::cluster::{Actor, Cluster, Controller};
use crate::store::Change;

/// How long a change takes to reach a watcher and to be taken from its queue.
const INFORMER: Span = Span(4);

/// Wakes everyone who watches this kind of change.
pub fn notice(cluster: &mut Cluster, change: &Change) {
    let mut controller = |controller, key: &crate::api::Key| {
        cluster.wake(Actor::Controller(controller, key.clone()), INFORMER);
    };
    match change.kind {
        Kind::Deployment => controller(Controller::Deployment, &change.key),
        Kind::ReplicaSet => controller(Controller::ReplicaSet, &change.key),
        _ => {}
    }
}
