//! Kubernetes 1.36: pkg/scheduler/framework/plugins/interpodaffinity/scoring.go. Preferences for and against the
//! company of others, on both sides.

use super::MOST;
use crate::api::object::Object;
use crate::api::pod::{Affinity, Pod, PodTerm};
use crate::scheduler::alike::Alike;
use crate::scheduler::filter::{Candidate, pod_affinity};
use crate::scheduler::node_info::{NodeInfo, Nodes, takes_room};
use std::collections::BTreeMap;
use std::rc::Rc;

/// How much a required affinity of a Pod that is there draws others like it.
const HARD_WEIGHT: i64 = 1;

/// By a label of nodes, and its value.
type Points = BTreeMap<Rc<str>, BTreeMap<Rc<str>, i64>>;
/// By a label of nodes: how much is gained by being where another is.
type Wishes = BTreeMap<Rc<str>, i64>;

pub fn score(pod: &Candidate, nodes: &Nodes, fitting: &[Rc<NodeInfo>]) -> Vec<i64> {
    let own = pod.spec.affinity.as_deref();
    if own.is_none() && nodes.choosy == 0 {
        return vec![0; fitting.len()];
    }
    let (mut points, mut alike) = (Points::new(), Alike::new());
    for info in nodes.by_name.values().filter(|info| info.pods > 0 && (own.is_some() || info.choosy > 0)) {
        for other in pod.store.pods_on(&info.node.meta.name).filter(|p| takes_room(p)) {
            let theirs = other.expect::<Pod>().spec.affinity.as_deref();
            if own.is_none() && theirs.is_none() {
                continue;
            }
            let wishes = alike.of(other, || {
                let mut wishes = Wishes::new();
                weigh(pod, own, (pod.object, other), &mut wishes, false);
                weigh(pod, theirs, (other, pod.object), &mut wishes, true);
                wishes
            });
            for (key, weight) in wishes {
                if let Some(value) = info.label(key) {
                    *points.entry(key.clone()).or_default().entry(value.clone()).or_default() += weight;
                }
            }
        }
    }
    let of = |info: &NodeInfo| points.iter().filter_map(|(key, places)| places.get(info.label(key)?)).sum::<i64>();
    let sums: Vec<i64> = fitting.iter().map(|info| of(info)).collect();
    let (least, most) = (sums.iter().copied().min().unwrap_or(0), sums.iter().copied().max().unwrap_or(0));
    let scale = |n: i64| if most == least { 0 } else { MOST * (n - least) / (most - least) };
    if points.is_empty() { vec![0; fitting.len()] } else { sums.into_iter().map(scale).collect() }
}

/// Adds the weights of the terms of `owner` that mean `other`.
fn weigh(pod: &Candidate, affinity: Option<&Affinity>, pair: (&Object, &Object), wishes: &mut Wishes, there: bool) {
    let Some(affinity) = affinity else { return };
    let (owner, other) = pair;
    let mut add = |term: &PodTerm, weight: i64| {
        if pod_affinity::matches(term, owner, other, pod.store) {
            *wishes.entry(term.topology_key.clone()).or_default() += weight;
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
