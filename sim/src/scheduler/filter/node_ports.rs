//! Kubernetes 1.36: pkg/scheduler/framework/plugins/nodeports. A host port serves one Pod a node.

use super::{Candidate, Verdict};
use crate::host_ports;
use crate::scheduler::node_info::NodeInfo;

pub fn check(pod: &Candidate, info: &NodeInfo) -> Verdict {
    if host_ports::clash(&pod.ports, &info.ports) {
        return Verdict::full("NodePorts", host_ports::TAKEN);
    }
    Verdict::Fits
}
