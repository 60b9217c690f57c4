//! THE KUBELET: the agent of each node. It sees to it that the Pods bound to its node run, and reports how they are.
//!
//! Kubernetes 1.36: pkg/kubelet. It stands between two truths: it reads and writes the API's objects, and it alone asks
//! its node's machine for anything. Not simulated: static Pods, device plug-ins, checkpointing.

mod admit;
pub mod apart;
pub mod clockwork;
mod conditions;
mod deadline;
mod downward;
mod env;
pub mod eviction;
pub mod exec;
pub mod heartbeat;
mod hooks;
mod hostpath;
mod image_volumes;
mod images;
mod kill;
mod launch;
pub mod logs;
pub mod node_status;
pub mod outdated;
mod phase;
pub mod pod_worker;
mod probe;
mod projected;
mod remote;
mod resize;
mod restart;
mod restart_all;
pub mod resync;
mod security;
mod start;
mod status;
mod steady;
mod sync;
mod volumes;

use crate::clock::Span;
use crate::cluster::{Actor, Cluster};
pub use pod_worker::wake;
pub use restart::should_restart;
use std::rc::Rc;

/// After a while a node's kubelet looks at all its Pods, and at what runs that is no Pod's any more.
pub fn wake_all(cluster: &mut Cluster, node: &str, after: Span) {
    let uids: Vec<Rc<str>> = cluster.store.pods_on(node).map(|pod| pod.meta.uid.clone()).collect();
    let known = cluster.machines.get(node).into_iter().flat_map(|m| m.sandboxes.keys().cloned().collect::<Vec<_>>());
    for uid in known.chain(uids).collect::<Vec<_>>() {
        cluster.wake(Actor::PodWorker(node.into(), uid), after);
    }
}

/// The name under which a kubelet asks and speaks.
pub const BY: &str = "kubelet";

#[cfg(test)]
mod tests;
