//! THE KUBELET: the agent of each node. It sees to it that the Pods bound to its node run, and reports how they are.
//!
//! Kubernetes 1.36: pkg/kubelet. It stands between two truths: it reads and writes the API's objects, and it alone asks
//! its node's machine for anything. Not simulated: node status and lease writes of a healthy node (they change nothing but
//! times), static Pods, in-place resize, device plug-ins, checkpointing.

mod admit;
pub mod clockwork;
mod conditions;
mod deadline;
mod downward;
mod env;
mod hooks;
mod hostpath;
mod images;
mod kill;
mod launch;
mod phase;
pub mod pod_worker;
mod probe;
mod projected;
mod restart;
mod security;
mod start;
mod status;
mod sync;
mod volumes;

pub use pod_worker::wake;

/// The name under which a kubelet asks and speaks.
pub const BY: &str = "kubelet";

#[cfg(test)]
mod tests;
