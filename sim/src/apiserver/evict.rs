//! Evicting a Pod: a deletion that disruption budgets may refuse.
//!
//! Kubernetes 1.36: pkg/registry/core/pod/storage/eviction.go

use super::status::{Status, StatusCause};
use super::{DeleteOptions, delete};
use crate::api::object::{Key, Object};
use crate::api::pod::Pod;
use crate::api::pod_disruption_budget::PodDisruptionBudget;
use crate::api::pod_status::PodCondition;
use crate::api::{Field, Kind};
use crate::cluster::Cluster;
use std::rc::Rc;

pub(super) fn evict(
    cluster: &mut Cluster,
    key: &Key,
    options: &DeleteOptions,
    dry_run: bool,
) -> Result<Rc<Object>, Status> {
    let object = cluster.store.get(Kind::Pod, key).cloned().ok_or_else(|| Status::not_found(Kind::Pod, &key.name))?;
    let phase = &*object.expect::<Pod>().status.phase;
    let unguarded = object.meta.deleting() || matches!(phase, "Succeeded" | "Failed" | "Pending");
    if !unguarded {
        ask_budget(cluster, &object, dry_run)?;
    }
    if dry_run || object.meta.deleting() {
        return delete::delete(cluster, Kind::Pod, key, options, dry_run);
    }
    check_preconditions(&object, options)?;
    mark(cluster, &object);
    // The mark has given the Pod another resource version.
    delete::delete(cluster, Kind::Pod, key, &DeleteOptions { resource_version: None, ..options.clone() }, dry_run)
}

/// What is held against the Pod before it is marked; a deletion without a mark has its own words for it.
fn check_preconditions(pod: &Object, options: &DeleteOptions) -> Result<(), Status> {
    let (name, is) = (&pod.meta.name, &pod.meta.uid);
    let why = match (&options.uid, options.resource_version) {
        (Some(uid), _) if uid != is => format!(
            "the UID in the precondition ({uid}) does not match the UID in record ({is}). The object might have been deleted and then recreated"
        ),
        (_, Some(version)) if version != pod.meta.resource_version.0 => format!(
            "the ResourceVersion in the precondition ({version}) does not match the ResourceVersion in record ({}). The object might have been modified",
            pod.meta.resource_version.0
        ),
        _ => return Ok(()),
    };
    Err(Status::new(409, "Conflict", format!("Operation cannot be fulfilled on Pod \"{name}\": {why}")))
}

/// Says on the Pod why it goes.
fn mark(cluster: &mut Cluster, object: &Object) {
    let mut new = object.clone();
    let (generation, now) = (object.meta.generation, cluster.stamp());
    let conditions = &mut new.expect_mut::<Pod>().status.conditions;
    conditions.retain(|c| &*c.kind != "DisruptionTarget");
    conditions.push(PodCondition {
        kind: "DisruptionTarget".into(),
        status: "True".into(),
        reason: "EvictionByEvictionAPI".into(),
        message: "Eviction API: evicting".into(),
        last_transition: Some(now),
        observed_generation: generation,
        ..Default::default()
    });
    cluster.commit(new);
}

/// Takes one of the evictions that the Pod's budget allows.
fn ask_budget(cluster: &mut Cluster, pod: &Object, dry_run: bool) -> Result<(), Status> {
    let selects = |b: &&Rc<Object>| {
        let selector = &b.expect::<PodDisruptionBudget>().spec.selector;
        selector.as_ref().is_some_and(|s| s.matches(&pod.meta.labels))
    };
    let budgets = cluster.store.list_in(Kind::PodDisruptionBudget, &pod.meta.namespace);
    let budgets: Vec<Rc<Object>> = budgets.filter(selects).cloned().collect();
    let budget = match budgets.as_slice() {
        [] => return Ok(()),
        [one] => one,
        _ => {
            let why =
                "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.";
            return Err(Status::new(500, "", why));
        }
    };
    let mut new = (**budget).clone();
    let (name, generation, now) = (budget.meta.name.clone(), budget.meta.generation, cluster.stamp());
    let PodDisruptionBudget { spec, status } = new.expect_mut();
    if status.observed_generation < generation {
        return Err(refusal(format!("The disruption budget {name} is still being processed by the server.")));
    }
    let unhealthy = !pod.expect::<Pod>().status.is("Ready");
    let always = spec.unhealthy.as_deref() == Some("AlwaysAllow");
    if unhealthy && (always || status.wanted > 0 && status.healthy >= status.wanted) {
        return Ok(());
    }
    if status.allowed <= 0 {
        let (wanted, healthy) = (status.wanted, status.healthy);
        let why = format!("The disruption budget {name} needs {wanted} healthy pods and has {healthy} currently");
        return Err(refusal(why));
    }
    if !dry_run {
        status.allowed -= 1;
        status.disrupted.set(&pod.meta.name, now.write());
        status.say_allowed(generation, now);
        cluster.commit(new);
    }
    Ok(())
}

fn refusal(why: String) -> Status {
    let text = "Cannot evict pod as it would violate the pod's disruption budget.";
    let mut status = Status::new(429, "TooManyRequests", text);
    status.causes.push(StatusCause { reason: "DisruptionBudget", message: why, field: String::new() });
    status
}
