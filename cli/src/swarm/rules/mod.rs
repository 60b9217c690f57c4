//! What must hold at every change, whatever happens. One file a field.

mod jobs;
mod objects;
mod placement;
mod seats;
mod storage;
mod workloads;

use kubarium_sim::api::Kind;
use kubarium_sim::api::object::{Key, Noun, Object};
use kubarium_sim::api::pod::Pod;
use kubarium_sim::cluster::Cluster;
use kubarium_sim::store::Change;
use std::rc::Rc;

/// One step of the simulation: who acted, what it changed, and the cluster after it.
pub struct Seen<'a> {
    pub cluster: &'a Cluster,
    /// A component's name, as in [`kubarium_sim::trace::Act`]; empty if nobody asked for anything.
    pub by: &'static str,
    pub changes: &'a [Change],
}

/// Answers what is wrong with a change, if anything is.
type Rule = fn(&Seen, &Change) -> Option<String>;

const RULES: [Rule; 18] = [
    objects::one_life,
    objects::an_end_is_final,
    objects::counts_only_grow,
    placement::a_pod_stays_on_its_node,
    placement::within_allocatable,
    placement::open_nodes_only,
    placement::host_ports_are_free,
    placement::budgets_are_kept,
    workloads::no_more_pods_than_wanted,
    workloads::no_more_than_the_surge,
    workloads::no_fewer_than_allowed,
    seats::those_before_are_ready,
    seats::the_highest_goes_first,
    seats::one_pod_a_node,
    jobs::no_more_at_a_time,
    jobs::one_pod_an_index,
    jobs::one_job_at_a_time,
    storage::no_volume_for_two,
];

/// The first rule's complaint about a step.
pub fn broken(seen: &Seen) -> Option<String> {
    seen.changes.iter().find_map(|change| RULES.iter().find_map(|rule| rule(seen, change)))
}

impl<'a> Seen<'a> {
    /// The object of this kind that controls another.
    fn controller<T: Noun>(&self, owned: &Object) -> Option<(&'a Rc<Object>, &'a T)> {
        let owner = owned.meta.controller().filter(|o| *o.kind == *T::KIND.name())?;
        let object = self.cluster.store.find(T::KIND, &owned.meta.namespace, &owner.name)?;
        (object.meta.uid == owner.uid).then(|| (object, object.expect()))
    }
    /// The Pods that an object controls and that count for it: not ended, not leaving.
    fn active(&self, owner: &'a Object) -> impl Iterator<Item = &'a Rc<Object>> {
        owned(self.cluster, owner).filter(|p| is_active(p))
    }
}

/// The Pods that an object controls.
pub fn owned<'a>(cluster: &'a Cluster, owner: &'a Object) -> impl Iterator<Item = &'a Rc<Object>> {
    cluster.store.owned_by(&owner.meta.uid).filter(|o| o.get::<Pod>().is_some() && o.is_controlled_by(owner))
}

/// The ReplicaSets that a Deployment controls.
pub fn owned_sets<'a>(cluster: &'a Cluster, owner: &'a Object) -> impl Iterator<Item = &'a Rc<Object>> {
    let owned = cluster.store.owned_by(&owner.meta.uid);
    owned.filter(|o| o.kind == Kind::ReplicaSet && o.is_controlled_by(owner))
}

/// How large its Deployment was when a ReplicaSet was last given a size.
pub fn noted_size(set: &Object) -> Option<i64> {
    set.meta.annotations.get("deployment.kubernetes.io/desired-replicas")?.parse().ok()
}

pub fn is_active(pod: &Object) -> bool {
    !pod.meta.deleting() && !pod.expect::<Pod>().status.finished()
}

pub fn is_ready(pod: &Object) -> bool {
    pod.expect::<Pod>().status.is("Ready")
}

/// A Pod that was made by this change.
fn made(change: &Change) -> Option<(&Rc<Object>, &Pod)> {
    let new = change.new.as_ref().filter(|_| change.old.is_none())?;
    Some((new, new.get()?))
}

/// A Pod whose deletion was ordered by this change: as it is now, or was last.
fn deleted(change: &Change) -> Option<&Rc<Object>> {
    let old = change.old.as_ref().filter(|o| !o.meta.deleting() && o.get::<Pod>().is_some())?;
    match &change.new {
        None => Some(old),
        Some(new) => new.meta.deleting().then_some(new),
    }
}

fn says(key: &Key, what: impl std::fmt::Display) -> Option<String> {
    Some(format!("{key}: {what}"))
}
