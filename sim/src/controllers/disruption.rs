//! Kubernetes 1.36: pkg/controller/disruption/disruption.go
//!
//! How many Pods of a budget may be evicted now: those that are healthy beyond those that are wanted.

use super::pods;
use crate::api::deployment::Deployment;
use crate::api::field::IntOrText;
use crate::api::object::{Key, Object};
use crate::api::pod_disruption_budget::{PodDisruptionBudget, PodDisruptionBudgetSpec};
use crate::api::{Field, Kind, Stamp};
use crate::apiserver::Request;
use crate::apiserver::events::Note;
use crate::cluster::Cluster;
use crate::outcome::Outcome;
use crate::value::Value;
use std::collections::BTreeMap;
use std::rc::Rc;

const BY: &str = "controllermanager";
/// How long an evicted Pod may take to be gone before it counts again.
const DELETION_TIMEOUT_MS: i64 = 120_000;

/// What a Pod is told that more than one budget selects: which of them hears of it.
pub fn several(pod: &Object, chosen: &Key) -> Note {
    let (namespace, name) = (&pod.meta.namespace, &pod.meta.name);
    let text = format!(
        "Pod {namespace:?}/{name:?} matches multiple PodDisruptionBudgets.  Chose {:?} arbitrarily.",
        chosen.name
    );
    Note::warning(pod, BY, "MultiplePodDisruptionBudgets", text)
}

/// Looks at a budget.
pub fn wake(cluster: &Cluster, key: &Key) -> Outcome {
    let mut out = Outcome::nothing();
    let Some(object) = cluster.store.get(Kind::PodDisruptionBudget, key) else { return out };
    let PodDisruptionBudget { spec, status: old } = object.expect();
    let selected = selected(cluster, object, spec);
    if selected.is_empty() {
        out.event(Note::normal(object, BY, "NoPods", "No matching pods found"));
    }
    let (expected, wanted) = match expected(cluster, object, spec, &selected, &mut out) {
        Ok(found) => found,
        Err(why) => {
            let message = format!("Failed to calculate the number of expected pods: {why}");
            out.event(Note::warning(object, BY, "CalculateExpectedPodCountFailed", message));
            fail_safe(cluster, object, &why, &mut out);
            return out;
        }
    };
    let mut status = old.clone();
    let disrupted = disrupted(cluster, &old.disrupted, &selected, &mut out);
    let healthy = |p: &&Rc<Object>| !p.meta.deleting() && !disrupted.contains_key(&p.meta.name) && pods::is_ready(p);
    status.healthy = selected.iter().filter(healthy).count() as i64;
    status.wanted = wanted;
    status.expected = expected;
    status.allowed = if expected > 0 { (status.healthy - wanted).max(0) } else { 0 };
    status.observed_generation = object.meta.generation;
    status.disrupted = if disrupted.is_empty() {
        Value::Null
    } else {
        Value::map(disrupted.into_iter().map(|(name, at)| (name, at.write())))
    };
    status.say_allowed(object.meta.generation, cluster.stamp());
    if status != *old {
        let mut new = (**object).clone();
        new.expect_mut::<PodDisruptionBudget>().status = status;
        out.request(Request::put_status(BY, new));
    }
    out
}

/// A budget that cannot be reckoned allows nothing, and says why.
fn fail_safe(cluster: &Cluster, object: &Object, why: &str, out: &mut Outcome) {
    let mut new = object.clone();
    let status = &mut new.expect_mut::<PodDisruptionBudget>().status;
    status.allowed = 0;
    status.say_failed(why, cluster.stamp());
    if new != *object {
        out.request(Request::put_status(BY, new));
    }
}

fn selected(cluster: &Cluster, object: &Object, spec: &PodDisruptionBudgetSpec) -> Vec<Rc<Object>> {
    let Some(selector) = &spec.selector else { return Vec::new() };
    let pods = cluster.store.list_in(Kind::Pod, &object.meta.namespace);
    pods.filter(|p| selector.matches(&p.meta.labels)).cloned().collect()
}

/// How many Pods there should be, and how many of them healthy.
fn expected(
    cluster: &Cluster,
    object: &Object,
    spec: &PodDisruptionBudgetSpec,
    selected: &[Rc<Object>],
    out: &mut Outcome,
) -> Result<(i64, i64), String> {
    if let Some(most) = &spec.max_unavailable {
        let expected = scale(cluster, object, selected, out)?;
        return Ok((expected, (expected - most.of(expected, true)).max(0)));
    }
    match &spec.min_available {
        Some(IntOrText::Int(n)) => Ok((selected.len() as i64, *n)),
        Some(share) => {
            let expected = scale(cluster, object, selected, out)?;
            Ok((expected, share.of(expected, true)))
        }
        None => Ok((0, 0)),
    }
}

/// The sum of what the Pods' controllers want.
fn scale(cluster: &Cluster, object: &Object, selected: &[Rc<Object>], out: &mut Outcome) -> Result<i64, String> {
    let mut wanted: BTreeMap<Rc<str>, i64> = BTreeMap::new();
    let mut unmanaged = false;
    for pod in selected {
        let Some(owner) = pod.meta.controller() else {
            unmanaged = true;
            continue;
        };
        let found = Kind::find(&owner.api_version, &owner.kind)
            .and_then(|kind| cluster.store.find(kind, &pod.meta.namespace, &owner.name))
            .filter(|o| o.meta.uid == owner.uid);
        let Some(set) = found else { return Err(format!("found no controllers for pod \"{}\"", pod.meta.name)) };
        let top = deployment_of(cluster, set).unwrap_or(set);
        let Some(replicas) = top.raw().at(&["spec", "replicas"]).as_int() else {
            let kind = set.kind.plural_dot_group();
            return Err(format!("{kind} does not implement the scale subresource"));
        };
        wanted.insert(top.meta.uid.clone(), replicas);
    }
    if unmanaged {
        let selector = object.raw().at(&["spec", "selector"]);
        let selector = crate::api::selector::LabelSelector::read(selector);
        let message = format!(
            "Pods selected by this PodDisruptionBudget (selector: &LabelSelector{{MatchLabels:map[string]string{{{}}},MatchExpressions:[]LabelSelectorRequirement{{}},}}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set \".spec.minAvailable\" field of the PDB to an integer value.",
            selector.match_labels.iter().map(|(k, v)| format!("{k}: {v},")).collect::<Vec<_>>().join("")
        );
        out.event(Note::warning(object, BY, "UnmanagedPods", message));
    }
    Ok(wanted.values().sum())
}

fn deployment_of<'a>(cluster: &'a Cluster, set: &Object) -> Option<&'a Rc<Object>> {
    let owner = set.meta.controller().filter(|o| &*o.kind == "Deployment")?;
    let found = cluster.store.find(Kind::Deployment, &set.meta.namespace, &owner.name)?;
    found.get::<Deployment>().map(|_| found)
}

/// Pods that were evicted lately and are not on their way out yet.
fn disrupted(cluster: &Cluster, noted: &Value, selected: &[Rc<Object>], out: &mut Outcome) -> BTreeMap<Rc<str>, Stamp> {
    let mut still = BTreeMap::new();
    for (name, at) in noted.as_map().into_iter().flat_map(|m| m.iter()) {
        let at = Stamp::read(at);
        let end = Stamp(at.0 + DELETION_TIMEOUT_MS);
        let present = selected.iter().any(|p| p.meta.name == *name && !p.meta.deleting());
        if present && end > cluster.stamp() {
            out.again_at(cluster.time_of(end));
            still.insert(name.clone(), at);
        }
    }
    still
}
