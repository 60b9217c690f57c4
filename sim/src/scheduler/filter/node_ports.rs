//! Kubernetes 1.36: pkg/scheduler/framework/plugins/nodeports. A host port serves one Pod a node.

use super::{Candidate, Verdict};
use crate::scheduler::node_info::{HostPort, NodeInfo};

/// Whether two sets of host ports cannot be had on one node.
pub fn clash(wanted: &[HostPort], taken: &[HostPort]) -> bool {
    let everywhere = |ip: &str| ip.is_empty() || ip == "0.0.0.0";
    wanted.iter().any(|(protocol, ip, port)| {
        taken.iter().any(|(p, i, n)| p == protocol && n == port && (i == ip || everywhere(i) || everywhere(ip)))
    })
}

pub fn check(pod: &Candidate, info: &NodeInfo) -> Verdict {
    if clash(&pod.ports, &info.ports) {
        return Verdict::full("NodePorts", "node(s) didn't have free ports for the requested pod ports");
    }
    Verdict::Fits
}
