//! Kubernetes 1.36: pkg/scheduler/framework/plugins/interpodaffinity/scoring.go. Preferences for and against the
//! company of others, on both sides.

use super::MOST;
use crate::api::pod::{Affinity, PodTerm};
use crate::scheduler::filter::Candidate;
use crate::scheduler::filter::pod_affinity::{Wish, tally_of};
use crate::scheduler::kin::Party;
use crate::scheduler::node_info::{NodeInfo, Nodes};
use crate::scheduler::places::Tally;
use std::rc::Rc;

/// How much a required affinity of a Pod that is there draws others like it.
const HARD_WEIGHT: i64 = 1;

pub fn score(pod: &Candidate, nodes: &Nodes, fitting: &[Rc<NodeInfo>]) -> Vec<i64> {
    let own = pod.spec.affinity.as_deref();
    if own.is_none() && nodes.choosy == 0 {
        return vec![0; fitting.len()];
    }
    let itself = Party::from(pod.object);
    let own = own.map_or(Vec::new(), |affinity| wishes(affinity, itself, false));
    let away = nodes.seated_of(&pod.gone);
    // What is gained by being where others are.
    let mut gains: Vec<Tally> = Vec::new();
    for (other, making) in nodes.kin.all() {
        let theirs = making.affinity.as_ref().map_or(Vec::new(), |affinity| wishes(affinity, other, true));
        let meant = own.iter().filter(|(wish, _)| wish.means(other, pod.store));
        let meaning = theirs.iter().filter(|(wish, _)| wish.means(itself, pod.store));
        for (wish, weight) in meant.chain(meaning) {
            let tally = tally_of(&mut gains, &nodes.places, &wish.term.topology_key);
            making.present(other, &away).for_each(|(seat, count)| tally.add(seat, weight * count));
        }
    }
    if gains.is_empty() {
        return vec![0; fitting.len()];
    }
    let sums: Vec<i64> = fitting.iter().map(|info| gains.iter().map(|tally| tally.of(info)).sum()).collect();
    let (least, most) = (sums.iter().copied().min().unwrap_or(0), sums.iter().copied().max().unwrap_or(0));
    let scale = |n: i64| if most == least { 0 } else { MOST * (n - least) / (most - least) };
    sums.into_iter().map(scale).collect()
}

/// The wishes of a Pod for and against company, with their weights. `there`: it has its node already.
fn wishes<'a>(affinity: &'a Affinity, owner: Party<'a>, there: bool) -> Vec<(Wish<'a>, i64)> {
    let wish = |term: &'a PodTerm, weight| (Wish::new(term, owner), weight);
    let mut all = Vec::new();
    if let Some(near) = &affinity.pod {
        if there {
            all.extend(near.required.iter().map(|term| wish(term, HARD_WEIGHT)));
        }
        all.extend(near.preferred.iter().map(|p| wish(&p.term, p.weight)));
    }
    if let Some(far) = &affinity.anti {
        all.extend(far.preferred.iter().map(|p| wish(&p.term, -p.weight)));
    }
    all
}
