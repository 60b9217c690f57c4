//! Kubernetes 1.36: pkg/scheduler/framework/plugins/nodeports. A host port serves one Pod a node.

use super::{Candidate, Verdict};
use crate::scheduler::node_info::NodeInfo;

pub fn check(pod: &Candidate, info: &NodeInfo) -> Verdict {
    let everywhere = |ip: &str| ip.is_empty() || ip == "0.0.0.0";
    let clash = pod.ports.iter().any(|(protocol, ip, port)| {
        info.ports.iter().any(|(p, i, n)| p == protocol && n == port && (i == ip || everywhere(i) || everywhere(ip)))
    });
    if clash {
        return Verdict::full("NodePorts", "node(s) didn't have free ports for the requested pod ports");
    }
    Verdict::Fits
}
