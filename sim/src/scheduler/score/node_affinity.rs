//! Kubernetes 1.36: pkg/scheduler/framework/plugins/nodeaffinity (Score). The Pod's preferences among nodes, by weight.

use super::normalize;
use crate::scheduler::filter::{Candidate, node_affinity};
use crate::scheduler::node_info::NodeInfo;
use std::rc::Rc;

pub fn score(pod: &Candidate, fitting: &[Rc<NodeInfo>]) -> Vec<i64> {
    let affinity = pod.spec.affinity.as_ref().and_then(|a| a.node.as_ref());
    let Some(preferred) = affinity.map(|a| &a.preferred).filter(|p| !p.is_empty()) else {
        return vec![0; fitting.len()];
    };
    let weight = |info: &Rc<NodeInfo>| {
        let terms = preferred.iter().filter(|p| node_affinity::term_matches(&p.preference, &info.node));
        terms.map(|p| p.weight).sum()
    };
    normalize(fitting.iter().map(weight).collect(), false)
}
