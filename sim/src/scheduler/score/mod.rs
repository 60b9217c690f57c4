//! Which of the nodes that fit suits best: each rule gives 0 to 100 points, weighted.
//!
//! Kubernetes 1.36: pkg/scheduler/framework/runtime/framework.go (RunScorePlugins), plugins/*. Among the best, chance
//! decides.

pub mod image_locality;
pub mod node_affinity;
pub mod pod_affinity;
pub mod resources;
pub mod spread;
pub mod taints;

use super::filter::Candidate;
use super::node_info::{NodeInfo, Nodes};
use std::rc::Rc;

/// The most points that a rule gives.
pub const MOST: i64 = 100;

/// The rules and their weights.
pub const RULES: [(&str, i64); 7] = [
    ("TaintToleration", 3),
    ("NodeAffinity", 2),
    ("NodeResourcesFit", 1),
    ("NodeResourcesBalancedAllocation", 1),
    ("PodTopologySpread", 2),
    ("InterPodAffinity", 2),
    ("ImageLocality", 1),
];

/// The points of each node, in the order of the nodes.
pub fn score(pod: &Candidate, nodes: &Nodes, fitting: &[Rc<NodeInfo>]) -> Vec<i64> {
    let mut totals = vec![0; fitting.len()];
    for (points, (_, weight)) in by_rule(pod, nodes, fitting).into_iter().zip(RULES) {
        for (total, points) in totals.iter_mut().zip(points) {
            *total += weight * points;
        }
    }
    totals
}

/// What each of [`RULES`] gives each node, before its weight.
pub fn by_rule(pod: &Candidate, nodes: &Nodes, fitting: &[Rc<NodeInfo>]) -> [Vec<i64>; RULES.len()] {
    [
        taints::score(pod, fitting),
        node_affinity::score(pod, fitting),
        fitting.iter().map(|info| resources::least_allocated(pod, info)).collect(),
        fitting.iter().map(|info| resources::balanced(pod, info)).collect(),
        spread::score(pod, nodes, fitting),
        pod_affinity::score(pod, nodes, fitting),
        image_locality::score(pod, nodes, fitting),
    ]
}

/// Scales counts to 0..=100, the largest becoming 100, or with `reverse` 0.
pub fn normalize(counts: Vec<i64>, reverse: bool) -> Vec<i64> {
    let most = counts.iter().copied().max().unwrap_or(0);
    let scaled = |n: i64| if most == 0 { 0 } else { n * MOST / most };
    counts.into_iter().map(|n| if reverse { MOST - scaled(n) } else { scaled(n) }).collect()
}
