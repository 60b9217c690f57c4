//! Kubernetes 1.36: pkg/scheduler/framework/plugins/tainttoleration. A taint keeps out whoever does not tolerate it.

use super::{Candidate, Verdict};
use crate::api::node::Node;
use crate::scheduler::node_info::NodeInfo;

pub fn check(pod: &Candidate, info: &NodeInfo) -> Verdict {
    if info.open {
        return Verdict::Fits;
    }
    let taints = info.node.expect::<Node>().spec.taints.iter();
    let mut keeping_out = taints.filter(|t| matches!(&*t.effect, "NoSchedule" | "NoExecute"));
    if keeping_out.all(|taint| pod.spec.tolerations.iter().any(|t| t.tolerates(taint))) {
        return Verdict::Fits;
    }
    Verdict::never("TaintToleration", "node(s) had untolerated taint(s)")
}
