//! Which of the nodes that fit suits best: each rule gives 0 to 100 points, weighted.
//!
//! Kubernetes 1.36: pkg/scheduler/framework/runtime/framework.go (RunScorePlugins), plugins/*. Among the best, chance
//! decides. Not simulated: image locality's share of popular images.

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

/// The points of each node, in the order of the nodes.
pub fn score(pod: &Candidate, nodes: &Nodes, fitting: &[Rc<NodeInfo>]) -> Vec<i64> {
    let mut totals = vec![0; fitting.len()];
    let mut add = |weight: i64, points: Vec<i64>| {
        for (total, points) in totals.iter_mut().zip(points) {
            *total += weight * points;
        }
    };
    add(3, taints::score(pod, fitting));
    add(2, node_affinity::score(pod, fitting));
    add(1, fitting.iter().map(|info| resources::least_allocated(pod, info)).collect());
    add(1, fitting.iter().map(|info| resources::balanced(pod, info)).collect());
    add(2, spread::score(pod, nodes, fitting));
    add(2, pod_affinity::score(pod, nodes, fitting));
    totals
}

/// Scales counts to 0..=100, the largest becoming 100, or with `reverse` 0.
pub fn normalize(counts: Vec<i64>, reverse: bool) -> Vec<i64> {
    let most = counts.iter().copied().max().unwrap_or(0);
    let scaled = |n: i64| if most == 0 { 0 } else { n * MOST / most };
    counts.into_iter().map(|n| if reverse { MOST - scaled(n) } else { scaled(n) }).collect()
}
