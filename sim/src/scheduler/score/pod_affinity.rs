//! Kubernetes 1.36: pkg/scheduler/framework/plugins/interpodaffinity/scoring.go. Preferences for and against the
//! company of others, on both sides.

use super::MOST;
use crate::api::object::Object;
use crate::api::pod::{Affinity, Pod, PodTerm};
use crate::scheduler::filter::{Candidate, pod_affinity};
use crate::scheduler::node_info::{NodeInfo, Nodes, takes_room};
use std::collections::BTreeMap;
use std::rc::Rc;

/// How much a required affinity of a Pod that is there draws others like it.
const HARD_WEIGHT: i64 = 1;

type Points = BTreeMap<(Rc<str>, Rc<str>), i64>;

pub fn score(pod: &Candidate, nodes: &Nodes, fitting: &[Rc<NodeInfo>]) -> Vec<i64> {
    let own = pod.spec.affinity.as_deref();
    if own.is_none() && nodes.choosy == 0 {
        return vec![0; fitting.len()];
    }
    let mut points = Points::new();
    for info in nodes.by_name.values().filter(|info| info.pods > 0 && (own.is_some() || info.choosy > 0)) {
        for other in pod.store.pods_on(&info.node.meta.name).filter(|p| takes_room(p)) {
            let theirs = other.expect::<Pod>().spec.affinity.as_deref();
            if own.is_none() && theirs.is_none() {
                continue;
            }
            weigh(pod, own, (pod.object, other), info, &mut points, false);
            weigh(pod, theirs, (other, pod.object), info, &mut points, true);
        }
    }
    let of = |info: &NodeInfo| {
        let here = points.iter().filter(|((key, value), _)| info.node.meta.labels.get(key) == Some(value));
        here.map(|(_, n)| n).sum::<i64>()
    };
    let sums: Vec<i64> = fitting.iter().map(|info| of(info)).collect();
    let (least, most) = (sums.iter().copied().min().unwrap_or(0), sums.iter().copied().max().unwrap_or(0));
    let scale = |n: i64| if most == least { 0 } else { MOST * (n - least) / (most - least) };
    if points.is_empty() { vec![0; fitting.len()] } else { sums.into_iter().map(scale).collect() }
}

/// Adds the weights of the terms of `owner` that mean `other`; the place is the node's.
fn weigh(
    pod: &Candidate,
    affinity: Option<&Affinity>,
    pair: (&Object, &Object),
    info: &NodeInfo,
    points: &mut Points,
    there: bool,
) {
    let Some(affinity) = affinity else { return };
    let (owner, other) = pair;
    let mut add = |term: &PodTerm, weight: i64| {
        let Some(value) = info.node.meta.labels.get(&term.topology_key) else { return };
        if pod_affinity::matches(term, owner, other, pod.store) {
            *points.entry((term.topology_key.clone(), value.clone())).or_insert(0) += weight;
        }
    };
    if let Some(near) = &affinity.pod {
        if there {
            near.required.iter().for_each(|t| add(t, HARD_WEIGHT));
        }
        near.preferred.iter().for_each(|p| add(&p.term, p.weight));
    }
    if let Some(far) = &affinity.anti {
        far.preferred.iter().for_each(|p| add(&p.term, -p.weight));
    }
}
