//! Kubernetes 1.36: pkg/scheduler/framework/plugins/nodename. A Pod that names its node fits nowhere else.

use super::{Candidate, Verdict};
use crate::scheduler::node_info::NodeInfo;

pub fn check(pod: &Candidate, info: &NodeInfo) -> Verdict {
    if pod.spec.node_name.is_empty() || pod.spec.node_name == info.node.meta.name {
        return Verdict::Fits;
    }
    Verdict::never("NodeName", "node(s) didn't match the requested node name")
}
