//! Kubernetes 1.36: pkg/controller/controller_utils.go (ActivePodsWithRanks)
//!
//! Who goes first when there are too many.

use crate::api::object::Object;
use crate::api::pod::Pod;
use crate::api::{Kind, Stamp};
use crate::cluster::Cluster;
use crate::controllers::pods;
use std::cmp::{Ordering, Reverse};
use std::collections::BTreeMap;
use std::rc::Rc;

const DELETION_COST: &str = "controller.kubernetes.io/pod-deletion-cost";

/// The Pods of a ReplicaSet, those that are missed least first.
pub fn rank(cluster: &Cluster, set: &Object, mut mine: Vec<Rc<Object>>) -> Vec<Rc<Object>> {
    let crowd = crowd(cluster, set, &mine);
    let here = |pod: &Object| crowd.get(&pod.expect::<Pod>().spec.node_name).copied().unwrap_or(0);
    mine.sort_by(|a, b| compare(cluster.stamp(), a, b, here(a), here(b)));
    mine
}

/// How many Pods of this set and of its siblings (the sets of one Deployment) each node has.
fn crowd(cluster: &Cluster, set: &Object, mine: &[Rc<Object>]) -> BTreeMap<Rc<str>, usize> {
    let mut crowd: BTreeMap<Rc<str>, usize> = BTreeMap::new();
    let mut count = |pod: &Object| *crowd.entry(pod.expect::<Pod>().spec.node_name.clone()).or_default() += 1;
    match set.meta.controller() {
        Some(owner) => {
            let siblings = cluster.store.owned_by(&owner.uid).filter(|o| o.kind == Kind::ReplicaSet);
            for sibling in siblings {
                pods::controlled_by(cluster, sibling).filter(|p| pods::is_active(p)).for_each(|p| count(p));
            }
        }
        None => mine.iter().for_each(|p| count(p)),
    }
    crowd
}

/// `Less`: whoever has less to lose goes first.
fn compare(now: Stamp, a: &Object, b: &Object, crowd_a: usize, crowd_b: usize) -> Ordering {
    let bound = |p: &Object| !p.expect::<Pod>().spec.node_name.is_empty();
    bound(a)
        .cmp(&bound(b))
        .then_with(|| phase(a).cmp(&phase(b)))
        .then_with(|| pods::is_ready(a).cmp(&pods::is_ready(b)))
        .then_with(|| cost(a).cmp(&cost(b)))
        .then_with(|| crowd_b.cmp(&crowd_a))
        .then_with(|| match (pods::ready_since(a), pods::ready_since(b)) {
            (Some(x), Some(y)) => younger_first(now, x, y, a, b),
            _ => Ordering::Equal,
        })
        .then_with(|| Reverse(restarts(a)).cmp(&Reverse(restarts(b))))
        .then_with(|| {
            let made = |p: &Object| p.meta.creation.unwrap_or_default().second();
            younger_first(now, made(a), made(b), a, b)
        })
}

fn phase(pod: &Object) -> u8 {
    match &*pod.expect::<Pod>().status.phase {
        "Pending" => 0,
        "Unknown" => 1,
        _ => 2,
    }
}

fn cost(pod: &Object) -> i64 {
    pod.meta.annotations.get(DELETION_COST).and_then(|c| c.parse().ok()).unwrap_or(0)
}

/// The most restarts of an ordinary container, then those of a sidecar.
fn restarts(pod: &Object) -> (i64, i64) {
    let Pod { spec, status } = pod.expect();
    let ordinary = status.container_statuses.iter().map(|c| c.restart_count).max().unwrap_or(0);
    let sidecar = |name: &Rc<str>| spec.init_containers.iter().any(|c| c.name == *name && c.is_sidecar());
    let beside = status.init_container_statuses.iter().filter(|c| sidecar(&c.name)).map(|c| c.restart_count).max();
    (ordinary, beside.unwrap_or(0))
}

/// The younger goes first, by orders of magnitude: within a power of two of age, chance (the uid) decides.
fn younger_first(now: Stamp, a_since: Stamp, b_since: Stamp, a: &Object, b: &Object) -> Ordering {
    if a_since == b_since {
        return Ordering::Equal;
    }
    let magnitude = |since: Stamp| match now.since(since) {
        age if age > 0 => i64::from((age as u128 * 1_000_000).ilog2()),
        _ => -1,
    };
    magnitude(a_since).cmp(&magnitude(b_since)).then_with(|| a.meta.uid.cmp(&b.meta.uid))
}
