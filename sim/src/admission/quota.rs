//! Refuses what would exceed a ResourceQuota, and charges what does not.
//!
//! Kubernetes 1.36: staging/src/k8s.io/apiserver/pkg/admission/plugin/resourcequota/controller.go

use crate::api::Kind;
use crate::api::field::{Amounts, Field};
use crate::api::object::Object;
use crate::api::pod::{Container, Pod};
use crate::api::quantity::Quantity;
use crate::apiserver::Status;
use crate::cluster::Cluster;
use crate::quota;
use std::rc::Rc;

/// The quotas as they are once the object is there; nothing is stored yet.
///
/// # Errors
/// The first quota that would be exceeded, or that demands what the Pod does not state.
pub fn charge(cluster: &Cluster, object: &Object, old: Option<&Object>) -> Result<Vec<Object>, Status> {
    if !object.kind.namespaced() || matches!(object.kind, Kind::Event) {
        return Ok(Vec::new());
    }
    let forbid = |why: String| Status::forbidden(object.kind, &object.meta.name, why);
    let mut charged = Vec::new();
    for quota in cluster.store.list_in(Kind::ResourceQuota, &object.meta.namespace) {
        if !quota::in_scope(quota, object) {
            continue;
        }
        let names =
            || quota::hard(quota).0.into_iter().map(|(name, _)| name).filter(|n| quota::concerns(object.kind, n));
        if names().next().is_none() {
            continue;
        }
        if old.is_none() {
            check_stated(object, names())
                .map_err(|text| forbid(format!("failed quota: {}: {text}", quota.meta.name)))?;
        }
        let delta = difference(object, old.filter(|o| quota::in_scope(quota, o)), names());
        if let Some(new) = add(quota, &delta).map_err(forbid)? {
            charged.push(new);
        }
    }
    Ok(charged)
}

/// How much more the object uses than before, of the named resources.
fn difference(object: &Object, old: Option<&Object>, names: impl Iterator<Item = Rc<str>>) -> Amounts {
    let (now, before) = (quota::usage(object), old.map(quota::usage).unwrap_or_default());
    let mut delta = Amounts::default();
    for name in names {
        let of = |amounts: &Amounts| amounts.get(&name).copied().unwrap_or_default();
        let more = of(&now).minus(of(&before));
        if more.milli > 0 {
            delta.0.push((name, more));
        }
    }
    delta
}

/// The quota with the delta charged; `None` if there is nothing to charge.
fn add(quota: &Rc<Object>, delta: &Amounts) -> Result<Option<Object>, String> {
    if delta.is_empty() {
        return Ok(None);
    }
    let status = quota.status();
    let (hard, used) = (Amounts::read(status.get("hard")), Amounts::read(status.get("used")));
    let unknown: Vec<&str> = delta.iter().map(|(n, _)| &**n).filter(|n| used.get(n).is_none()).collect();
    if !unknown.is_empty() {
        return Err(format!("status unknown for quota: {}, resources: {}", quota.meta.name, unknown.join(",")));
    }
    let mut exceeded: [Vec<String>; 3] = Default::default();
    let mut total = used.clone();
    for (name, more) in delta.iter() {
        let (limit, now) = (hard.get(name).copied().unwrap_or_default(), used.get(name).copied().unwrap_or_default());
        let sum = now.plus(*more);
        if sum.milli > limit.milli {
            let entry = |amount: Quantity| format!("{name}={amount}");
            exceeded[0].push(entry(*more));
            exceeded[1].push(entry(now));
            exceeded[2].push(entry(limit));
        }
        let place = total.0.iter_mut().find(|(n, _)| n == name).expect("known, see above");
        place.1 = sum;
    }
    if !exceeded[0].is_empty() {
        let [requested, used, limited] = exceeded.map(|part| part.join(","));
        let name = &quota.meta.name;
        return Err(format!("exceeded quota: {name}, requested: {requested}, used: {used}, limited: {limited}"));
    }
    let mut new = (**quota).clone();
    let mut status = status;
    status.set("used", total.write());
    new.set_status(status);
    Ok(Some(new))
}

/// Each container must state what a quota on computing counts.
fn check_stated(object: &Object, names: impl Iterator<Item = Rc<str>>) -> Result<(), String> {
    let Some(pod) = object.get::<Pod>() else { return Ok(()) };
    let mut missing: Vec<String> = Vec::new();
    for name in names {
        let (part, resource) = match name.split_once('.') {
            Some(("limits", rest)) => ("limits", rest),
            Some(("requests", rest)) => ("requests", rest),
            _ => ("requests", &*name),
        };
        if !matches!(resource, "cpu" | "memory") {
            continue;
        }
        let states = |c: &&Container| {
            let amounts = if part == "limits" { &c.resources.limits } else { &c.resources.requests };
            amounts.get(resource).is_none()
        };
        let whole = pod.spec.resources.as_deref();
        let for_all = whole.map(|r| if part == "limits" { &r.limits } else { &r.requests });
        if for_all.is_some_and(|amounts| amounts.get(resource).is_some()) {
            continue;
        }
        let silent: Vec<&str> = pod.spec.all_containers().filter(states).map(|c| &*c.name).collect();
        if !silent.is_empty() {
            missing.push(format!("{name} for: {}", silent.join(",")));
        }
    }
    missing.sort();
    if missing.is_empty() { Ok(()) } else { Err(format!("must specify {}", missing.join("; "))) }
}
