//! Kubernetes 1.36: apiextensions-apiserver/pkg/controller/{status,establish,finalizer}
//!
//! Accepts the names of a CustomResourceDefinition unless another of its group has them, then serves its kind; when it is
//! deleted, deletes the objects of that kind first. These controllers live in the API server. Not simulated: giving up on
//! objects that do not go, the approval of groups of Kubernetes' own, certificates of conversion webhooks.

use crate::api::object::{Key, Object};
use crate::api::{Kind, custom};
use crate::apiserver::custom::{CLEANUP, set_condition};
use crate::apiserver::{DeleteOptions, Request};
use crate::clock::Span;
use crate::cluster::Cluster;
use crate::outcome::Outcome;
use crate::value::Value;
use std::rc::Rc;

const BY: &str = "apiextensions-apiserver";
/// How often it is looked whether the last object has gone.
const POLL: Span = Span::secs(5);

/// Looks at a definition.
#[cold]
#[inline(never)]
pub fn wake(cluster: &Cluster, key: &Key) -> Outcome {
    let Some(definition) = cluster.store.get(Kind::CustomResourceDefinition, key) else { return Outcome::nothing() };
    let status = definition.status();
    if definition.meta.deleting() && definition.meta.has_finalizer(CLEANUP) {
        return clean_up(cluster, definition);
    }
    if let Some(new) = named(cluster, definition, &status) {
        return written(definition, new);
    }
    if custom::holds(&status, "NamesAccepted") && !custom::holds(&status, "Established") {
        let mut new = status;
        let said = ("InitialNamesAccepted", "the initial names have been accepted");
        set_condition(&mut new, ("Established", "True"), said, cluster.stamp());
        return written(definition, new);
    }
    Outcome::nothing()
}

fn written(definition: &Object, status: Value) -> Outcome {
    if definition.status() == status {
        return Outcome::nothing();
    }
    let mut new = definition.clone();
    new.set_status(status);
    Request::put_status(BY, new).into()
}

/// The names that other definitions of a group have: of resources, and of kinds.
fn taken(cluster: &Cluster, definition: &Object) -> [Vec<Rc<str>>; 2] {
    let group = definition.raw().at(&["spec", "group"]);
    let others = cluster.store.list(Kind::CustomResourceDefinition).filter(|o| o.meta.uid != definition.meta.uid);
    let mut taken = [Vec::new(), Vec::new()];
    for other in others.filter(|o| o.raw().at(&["spec", "group"]) == group) {
        let status = other.status();
        let names = status.get("acceptedNames");
        let texts = |value: &Value| if let Value::Str(text) = value { Some(text.clone()) } else { None };
        taken[0].extend(["plural", "singular"].iter().filter_map(|field| texts(names.get(field))));
        taken[0].extend(names.get("shortNames").items().iter().filter_map(texts));
        taken[1].extend(["kind", "listKind"].iter().filter_map(|field| texts(names.get(field))));
    }
    taken
}

/// The status with the names that can be had; `None` if it says that already.
fn named(cluster: &Cluster, definition: &Object, status: &Value) -> Option<Value> {
    let wanted = definition.raw().at(&["spec", "names"]);
    let mut accepted = status.get("acceptedNames").clone();
    if *wanted == accepted {
        return None;
    }
    let [resources, kinds] = taken(cluster, definition);
    let used = |name: &Value, taken: &[Rc<str>]| name.as_str().is_some_and(|n| taken.iter().any(|t| **t == *n));
    let mut conflict: Option<(&str, String)> = None;
    let fields = [
        ("plural", "PluralConflict", &resources),
        ("singular", "SingularConflict", &resources),
        ("shortNames", "ShortNamesConflict", &resources),
        ("kind", "KindConflict", &kinds),
        ("listKind", "ListKindConflict", &kinds),
    ];
    for (field, reason, taken) in fields {
        let name = wanted.get(field);
        let all = if field == "shortNames" { name.items() } else { std::slice::from_ref(name) };
        let had = accepted.get(field).clone();
        let fresh = |n: &&Value| had != **n && !had.items().contains(n);
        let clash: Vec<String> = all
            .iter()
            .filter(fresh)
            .filter(|n| used(n, taken))
            .map(|n| format!("\"{}\" is already in use", n.as_str().unwrap_or("")))
            .collect();
        match clash.as_slice() {
            [] if name.is_null() => _ = accepted.remove(field),
            [] => accepted.set(field, name.clone()),
            [one] => conflict = Some((reason, one.clone())),
            many => conflict = Some((reason, format!("[{}]", many.join(", ")))),
        }
    }
    match wanted.get("categories") {
        Value::Null => _ = accepted.remove("categories"),
        categories => accepted.set("categories", categories.clone()),
    }
    let mut new = status.clone();
    let (now, established) = (cluster.stamp(), custom::holds(status, "Established"));
    new.set("acceptedNames", accepted);
    let free = conflict.is_none();
    let (reason, message) = conflict.unwrap_or(("NoConflicts", "no conflicts found".into()));
    set_condition(&mut new, ("NamesAccepted", if free { "True" } else { "False" }), (reason, &message), now);
    if !established {
        let installing = ("Installing", "the initial names have been accepted");
        let said = if free { installing } else { ("NotAccepted", "not all names are accepted") };
        set_condition(&mut new, ("Established", "False"), said, now);
    }
    Some(new)
}

/// Deletes what there is of a definition's kind; when nothing is left, lets the definition go.
fn clean_up(cluster: &Cluster, definition: &Object) -> Outcome {
    let mut status = definition.status();
    let kind = cluster.store.custom_kinds().find(|k| k.plural_dot_group() == *definition.meta.name);
    let left: Vec<Rc<Object>> = kind.map(|kind| cluster.store.list(kind).cloned().collect()).unwrap_or_default();
    if left.is_empty() {
        let gone = match kind {
            Some(_) => ("InstanceDeletionCompleted", "removed all instances"),
            None => ("NeverEstablished", "resource was never established"),
        };
        set_condition(&mut status, ("Terminating", "False"), gone, cluster.stamp());
        let mut new = definition.clone();
        new.set_status(status);
        new.meta.finalizers.make_mut().retain(|f| &**f != CLEANUP);
        return Request::put(BY, new).into();
    }
    let doing = ("InstanceDeletionInProgress", "CustomResource deletion is in progress");
    set_condition(&mut status, ("Terminating", "True"), doing, cluster.stamp());
    let mut out = written(definition, status);
    for object in left.iter().filter(|o| !o.meta.deleting()) {
        let options = DeleteOptions { uid: Some(object.meta.uid.clone()), ..Default::default() };
        out.request(Request::delete(BY, object.kind, object.key(), options));
    }
    let held = left.iter().any(|o| !o.meta.finalizers.is_empty());
    out.again_at(cluster.now + if held { POLL } else { Span(1) });
    out
}
