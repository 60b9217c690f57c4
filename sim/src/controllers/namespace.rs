//! Kubernetes 1.36: pkg/controller/namespace, deletion/namespaced_resources_deleter.go
//!
//! Empties a namespace that is to be deleted: nothing for five seconds, then its Pods, when they are gone all else,
//! and at last the namespace. Not simulated: API groups that cannot be listed.

use super::conditions;
use crate::api::namespace::Namespace;
use crate::api::object::{Key, Object};
use crate::api::pod::Pod;
use crate::api::{Condition, Kind, Stamp};
use crate::apiserver::{DeleteOptions, Request};
use crate::clock::Span;
use crate::cluster::Cluster;
use crate::outcome::Outcome;
use crate::value::Value;
use std::collections::BTreeMap;
use std::rc::Rc;

const BY: &str = "namespace-controller";
/// From a change of the namespace to the next look at it.
pub const GRACE: Span = Span::secs(5);
/// How long an object with a finalizer is thought to need, in seconds.
const FINALIZER_SECONDS: i64 = 15;

/// Looks at a namespace.
pub fn wake(cluster: &Cluster, key: &Key) -> Outcome {
    let mut out = Outcome::nothing();
    let Some(object) = cluster.store.get(Kind::Namespace, key).filter(|n| n.meta.deleting()) else { return out };
    let since = object.meta.deletion.expect("a namespace that is being deleted");
    let earliest = cluster.time_of(since) + GRACE;
    if cluster.now < earliest {
        out.again_at(earliest);
        return out;
    }
    let pods: Vec<Rc<Object>> = cluster.store.list_in(Kind::Pod, &key.name).cloned().collect();
    if !pods.is_empty() {
        delete_all(&pods, &mut out);
        write_conditions(cluster, object, &[], &mut out);
        out.again_at(cluster.now + Span::secs((seconds_left(cluster, since, &pods) / 2 + 1) as u64));
        return out;
    }
    let rest: Vec<Rc<Object>> = content(cluster, &key.name);
    if rest.is_empty() {
        out.request(finalized(object));
        return out;
    }
    delete_all(&rest, &mut out);
    let held: Vec<_> = rest.iter().filter(|o| !o.meta.finalizers.is_empty()).cloned().collect();
    if held.is_empty() {
        out.again_at(cluster.now + Span::millis(100));
    } else {
        write_conditions(cluster, object, &held, &mut out);
        out.again_at(cluster.now + Span::secs((FINALIZER_SECONDS / 2 + 1) as u64));
    }
    out
}

fn content(cluster: &Cluster, namespace: &str) -> Vec<Rc<Object>> {
    let kinds = cluster.store.kinds().filter(|k| k.namespaced());
    kinds.flat_map(|k| cluster.store.list_in(k, namespace).cloned()).collect()
}

fn delete_all(objects: &[Rc<Object>], out: &mut Outcome) {
    for object in objects.iter().filter(|o| !o.meta.deleting()) {
        let options = DeleteOptions { uid: Some(object.meta.uid.clone()), ..Default::default() };
        out.request(Request::delete(BY, object.kind, object.key(), options));
    }
}

/// How long the Pods may still take: the longest grace, less what has passed.
fn seconds_left(cluster: &Cluster, since: Stamp, pods: &[Rc<Object>]) -> i64 {
    let grace = pods.iter().filter_map(|p| p.expect::<Pod>().spec.termination_grace).max().unwrap_or(30);
    let left = grace - cluster.stamp().since(since) / 1000;
    if left > 0 { left } else { FINALIZER_SECONDS }
}

/// Says what is left and what holds it.
fn write_conditions(cluster: &Cluster, object: &Object, held: &[Rc<Object>], out: &mut Outcome) {
    let now = cluster.stamp();
    let say = |kind: &str, bad: Option<(&str, String)>, good: (&str, &str)| -> Condition {
        match bad {
            Some((reason, message)) => conditions::new(kind, "True", reason, message, now),
            None => conditions::new(kind, "False", good.0, good.1, now),
        }
    };
    let news = [
        say(
            "NamespaceDeletionDiscoveryFailure",
            None,
            ("ResourcesDiscovered", "All resources successfully discovered"),
        ),
        say(
            "NamespaceDeletionGroupVersionParsingFailure",
            None,
            ("ParsedGroupVersions", "All legacy kube types successfully parsed"),
        ),
        say(
            "NamespaceDeletionContentFailure",
            None,
            ("ContentDeleted", "All content successfully deleted, may be waiting on finalization"),
        ),
        say("NamespaceContentRemaining", remaining(held), ("ContentRemoved", "All content successfully removed")),
        say(
            "NamespaceFinalizersRemaining",
            finalizers(held),
            ("ContentHasNoFinalizers", "All content-preserving finalizers finished"),
        ),
    ];
    let mut new = object.clone();
    let all = &mut new.expect_mut::<Namespace>().status.conditions;
    for condition in news {
        match all.iter_mut().find(|c| c.kind == condition.kind) {
            Some(old) if old.status == condition.status && old.message == condition.message => {}
            Some(old) => *old = condition,
            None => all.push(condition),
        }
    }
    if new != *object {
        out.request(Request::put_status(BY, new));
    }
}

fn remaining(held: &[Rc<Object>]) -> Option<(&'static str, String)> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    held.iter().for_each(|o| *counts.entry(o.kind.plural_dot_group()).or_default() += 1);
    let parts: Vec<String> = counts
        .iter()
        // The resource is named with its group, and a dot even where that is empty.
        .map(|(r, n)| format!("{r}{} has {n} resource instances", if r.contains('.') { "" } else { "." }))
        .collect();
    let message = format!("Some resources are remaining: {}", parts.join(", "));
    (!parts.is_empty()).then_some(("SomeResourcesRemain", message))
}

fn finalizers(held: &[Rc<Object>]) -> Option<(&'static str, String)> {
    let mut counts: BTreeMap<Rc<str>, usize> = BTreeMap::new();
    held.iter().flat_map(|o| o.meta.finalizers.iter()).for_each(|f| *counts.entry(f.clone()).or_default() += 1);
    let parts: Vec<String> = counts.iter().map(|(f, n)| format!("{f} in {n} resource instances")).collect();
    let message = format!("Some content in the namespace has finalizers remaining: {}", parts.join(", "));
    (!parts.is_empty()).then_some(("SomeFinalizersRemain", message))
}

/// The namespace without its last hold.
fn finalized(object: &Object) -> Request {
    let mut new = object.clone();
    new.edit(|raw| raw.at_mut(&["spec"]).set("finalizers", Value::list(Vec::new())));
    Request::put(BY, new)
}
