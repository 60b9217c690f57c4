//! Kubernetes 1.36: pkg/scheduler/framework/plugins/tainttoleration (Score). The fewer taints that would rather not
//! have the Pod, the better.

use super::normalize;
use crate::api::node::Node;
use crate::scheduler::filter::Candidate;
use crate::scheduler::node_info::NodeInfo;
use std::rc::Rc;

pub fn score(pod: &Candidate, fitting: &[Rc<NodeInfo>]) -> Vec<i64> {
    let tolerations = || pod.spec.tolerations.iter().filter(|t| matches!(&*t.effect, "" | "PreferNoSchedule"));
    let unwelcome = |info: &Rc<NodeInfo>| {
        if info.open {
            return 0;
        }
        let taints = info.node.expect::<Node>().spec.taints.iter().filter(|t| &*t.effect == "PreferNoSchedule");
        taints.filter(|taint| !tolerations().any(|t| t.tolerates(taint))).count() as i64
    };
    normalize(fitting.iter().map(unwelcome).collect(), true)
}
