//! Kubernetes 1.36: pkg/scheduler/framework/plugins/nodeunschedulable. A cordoned node takes no new Pods.

use super::{Candidate, Verdict};
use crate::api::node::{Node, Taint};
use crate::scheduler::node_info::NodeInfo;

pub fn check(pod: &Candidate, info: &NodeInfo) -> Verdict {
    if info.open || !info.node.expect::<Node>().spec.unschedulable {
        return Verdict::Fits;
    }
    let taint =
        Taint { key: "node.kubernetes.io/unschedulable".into(), effect: "NoSchedule".into(), ..Default::default() };
    if pod.spec.tolerations.iter().any(|t| t.tolerates(&taint)) {
        return Verdict::Fits;
    }
    Verdict::never("NodeUnschedulable", "node(s) were unschedulable")
}
