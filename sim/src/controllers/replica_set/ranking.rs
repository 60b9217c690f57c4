//! Kubernetes 1.36: pkg/controller/controller_utils.go (ActivePodsWithRanks)
//!
//! Who goes first when there are too many.

use crate::api::object::Object;
use crate::api::pod::Pod;
use crate::api::{Kind, Stamp};
use crate::cluster::Cluster;
use crate::controllers::pods;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::rc::Rc;

const DELETION_COST: &str = "controller.kubernetes.io/pod-deletion-cost";

/// The Pods of a ReplicaSet, those that are missed least first.
pub fn rank(cluster: &Cluster, set: &Object, mut mine: Vec<Rc<Object>>) -> Vec<Rc<Object>> {
    let crowd = crowd(cluster, set, &mine);
    let here = |pod: &Object| crowd.get(&pod.expect::<Pod>().spec.node_name).copied().unwrap_or(0);
    mine.sort_by_cached_key(|pod| loss(cluster.stamp(), pod, here(pod)));
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

/// What would be lost with a Pod: whoever has less to lose goes first. The younger have less, by orders of magnitude:
/// within a power of two of age, chance (the uid) decides. There the real order also asks whether two ages are the very
/// same, which is no order of more than two Pods.
fn loss(now: Stamp, pod: &Object, crowd: usize) -> impl Ord + use<> {
    let made = pod.meta.creation.unwrap_or_default().second();
    let bound = !pod.expect::<Pod>().spec.node_name.is_empty();
    let ready = pods::ready_since(pod);
    (
        (bound, phase(pod), pods::is_ready(pod), cost(pod)),
        Reverse(crowd),
        ready.map(|since| magnitude(now, since)),
        Reverse(restarts(pod)),
        magnitude(now, made),
        pod.meta.uid.clone(),
    )
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

/// An age's power of two in nanoseconds; -1 for what is no older than now.
fn magnitude(now: Stamp, since: Stamp) -> i64 {
    match now.since(since) {
        age if age > 0 => i64::from((age as u128 * 1_000_000).ilog2()),
        _ => -1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{Body, Metadata};
    use crate::dice::mix;

    /// Pods of many ages, some of the same: sorting them asks for an order of all.
    #[test]
    fn any_number_of_pods_has_an_order() {
        let pod = |n: u64| {
            let creation = Some(Stamp((mix(n) % 40 * 1000) as i64));
            let meta = Metadata { uid: format!("{:x}", mix(n + 7)).into(), creation, ..Default::default() };
            Rc::new(Object::of(Kind::Pod, meta, Body::Pod(Default::default())))
        };
        let keys = |pods: &[Rc<Object>]| pods.iter().map(|p| p.meta.uid.clone()).collect::<Vec<_>>();
        let cluster = Cluster { now: crate::clock::Time(60_000), ..Default::default() };
        let owner = Object::make(Kind::ReplicaSet, Metadata::default(), crate::value::Value::empty_map());
        let pods: Vec<Rc<Object>> = (0..500).map(pod).collect();
        let ranked = rank(&cluster, &owner, pods.clone());
        let reversed = rank(&cluster, &owner, pods.into_iter().rev().collect());
        assert_eq!(keys(&ranked), keys(&reversed));
    }
}
