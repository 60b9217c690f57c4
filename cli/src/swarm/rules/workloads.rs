//! ReplicaSets, ReplicationControllers and Deployments: never too many, never too few.

use super::{Seen, made, noted_size, owned_sets, says};
use kubarium_sim::api::Kind;
use kubarium_sim::api::deployment::Deployment;
use kubarium_sim::api::object::Object;
use kubarium_sim::api::replica_set::ReplicaSet;
use kubarium_sim::api::replication_controller::ReplicationController;
use kubarium_sim::store::Change;
use std::rc::Rc;

pub fn no_more_pods_than_wanted(seen: &Seen, change: &Change) -> Option<String> {
    let (pod, _) = made(change)?;
    let sets = seen.controller::<ReplicaSet>(pod).map(|(object, set)| (object, set.spec.replicas));
    let old = || seen.controller::<ReplicationController>(pod).map(|(object, rc)| (object, rc.spec.replicas));
    let (owner, wanted) = sets.or_else(old)?;
    let count = seen.active(owner).count() as i64;
    (count > wanted).then(|| format!("{}: number {count} of {wanted}", change.key))
}

/// A ReplicaSet that the Deployment's controller has given another size: the Deployment, how much over its number the
/// strategy allows and how many may be missing, and by how much the set grew.
fn resized<'a>(seen: &Seen<'a>, change: &'a Change) -> Option<(&'a Rc<Object>, &'a Deployment, (i64, i64), i64)> {
    let new = change.new.as_ref().filter(|_| seen.by == "deployment-controller")?;
    let set = new.get::<ReplicaSet>()?;
    let before = change.old.as_ref().map_or(0, |o| o.expect::<ReplicaSet>().spec.replicas);
    let (owner, deployment) = seen.controller::<Deployment>(new)?;
    let replicas = deployment.spec.replicas;
    let rolling = deployment.spec.strategy.rolling.as_ref();
    let of = |field: Option<&kubarium_sim::api::IntOrText>, up| field.map_or(0, |f| f.of(replicas, up));
    let surge = of(rolling.and_then(|r| r.max_surge.as_ref()), true);
    let missing = of(rolling.and_then(|r| r.max_unavailable.as_ref()), false);
    // Without either nothing could ever move.
    let missing = if surge == 0 && missing == 0 { 1 } else { missing.min(replicas) };
    Some((owner, deployment, (surge, missing), set.spec.replicas - before))
}

/// No ReplicaSet grows beyond what the Deployment wants and its surge allows.
pub fn no_more_than_the_surge(seen: &Seen, change: &Change) -> Option<String> {
    let (owner, deployment, (surge, _), grown) = resized(seen, change)?;
    let rolling = deployment.spec.strategy.rolling.is_some();
    let limit = deployment.spec.replicas + if rolling { surge } else { 0 };
    let sum: i64 = owned_sets(seen.cluster, owner).map(|s| s.expect::<ReplicaSet>().spec.replicas).sum();
    (grown > 0 && sum > limit).then(|| format!("Deployment {}: {sum} Pods, at most {limit}", owner.key()))
}

/// As long as nobody scales the Deployment, an old ReplicaSet shrinks only as far as enough Pods stay available.
pub fn no_fewer_than_allowed(seen: &Seen, change: &Change) -> Option<String> {
    let (owner, deployment, (_, missing), grown) = resized(seen, change)?;
    let rolling = deployment.spec.strategy.rolling.is_some();
    let scaled = noted_size(change.old.as_ref()?)? != deployment.spec.replicas;
    if grown >= 0 || !rolling || scaled {
        return None;
    }
    let size_before = |set: &Rc<Object>| {
        let old = seen.changes.iter().find(|c| c.kind == Kind::ReplicaSet && c.key == set.key());
        let then = old.map_or(Some(set), |c| c.old.as_ref());
        then.map_or(0, |o| o.expect::<ReplicaSet>().spec.replicas)
    };
    let available = |size: &dyn Fn(&Rc<Object>) -> i64| -> i64 {
        owned_sets(seen.cluster, owner).map(|s| size(s).min(s.expect::<ReplicaSet>().status.available)).sum()
    };
    let before = available(&size_before);
    let after = available(&|s| s.expect::<ReplicaSet>().spec.replicas);
    let least = (deployment.spec.replicas - missing).min(before);
    if after < least {
        return says(&owner.key(), format!("{after} of {before} available Pods are left, at least {least} must be"));
    }
    None
}
