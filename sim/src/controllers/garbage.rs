//! Kubernetes 1.36: pkg/controller/garbagecollector/garbagecollector.go, graph_builder.go
//!
//! The garbage collector: what has lost its last owner goes; an owner that is deleted in the foreground waits for what
//! it owns; one that is deleted as an orphan lets go of it first.

use crate::api::object::{Key, Object};
use crate::api::{Kind, OwnerReference};
use crate::apiserver::delete::{FOREGROUND, ORPHAN};
use crate::apiserver::events::Note;
use crate::apiserver::{DeleteOptions, Propagation, Request};
use crate::cluster::Cluster;
use crate::controllers::claim::with_owners;
use crate::outcome::Outcome;
use std::rc::Rc;

const BY: &str = "generic-garbage-collector";

/// Looks at one object.
pub fn wake(cluster: &Cluster, kind: Kind, key: &Key) -> Outcome {
    let mut out = Outcome::nothing();
    let Some(object) = cluster.store.get(kind, key) else { return out };
    if object.meta.deleting() && object.meta.has_finalizer(ORPHAN) {
        orphan(cluster, object, &mut out);
    } else if deletes_dependents(object) {
        delete_dependents(cluster, object, &mut out);
    } else if !object.meta.deleting() {
        attempt(cluster, object, &mut out);
    }
    out
}

/// Whether an object waits for the end of what it owns.
fn deletes_dependents(object: &Object) -> bool {
    object.meta.deleting() && object.meta.has_finalizer(FOREGROUND)
}

/// Lets go of all that an object owns, then of the object.
fn orphan(cluster: &Cluster, owner: &Object, out: &mut Outcome) {
    for dependent in cluster.store.owned_by(&owner.meta.uid) {
        out.request(Request::put(BY, without_owners(dependent, |o| o.uid == owner.meta.uid)));
    }
    out.request(without_finalizer(owner, ORPHAN));
}

/// Deletes what an object owns; when nothing is left that blocks it, lets it go.
fn delete_dependents(cluster: &Cluster, owner: &Rc<Object>, out: &mut Outcome) {
    let blocks = |o: &OwnerReference| o.uid == owner.meta.uid && o.block_deletion == Some(true);
    let blocking = cluster.store.owned_by(&owner.meta.uid).any(|d| d.meta.owners.iter().any(blocks));
    for dependent in cluster.store.owned_by(&owner.meta.uid).filter(|d| !d.meta.deleting()) {
        attempt(cluster, dependent, out);
    }
    if !blocking {
        out.request(without_finalizer(owner, FOREGROUND));
    }
}

/// How an owner fares.
#[derive(PartialEq, Eq)]
enum Owner {
    Solid,
    /// It is deleted in the foreground.
    Waiting,
    Absent,
    /// It cannot be looked up: nobody serves its kind, or it has a namespace and what it owns has none.
    Unknown,
}

fn owner(cluster: &Cluster, object: &Object, reference: &OwnerReference) -> Owner {
    let Some(kind) = cluster.store.find_kind(&reference.api_version, &reference.kind) else { return Owner::Unknown };
    if kind.namespaced() && !object.kind.namespaced() {
        return Owner::Unknown;
    }
    let namespace = if kind.namespaced() { &*object.meta.namespace } else { "" };
    match cluster.store.find(kind, namespace, &reference.name).filter(|o| o.meta.uid == reference.uid) {
        None => Owner::Absent,
        Some(o) if deletes_dependents(o) => Owner::Waiting,
        Some(_) => Owner::Solid,
    }
}

/// Whether the owner that is meant is in another namespace.
fn is_elsewhere(cluster: &Cluster, object: &Object, reference: &OwnerReference) -> bool {
    let kind = cluster.store.find_kind(&reference.api_version, &reference.kind).filter(|kind| kind.namespaced());
    let is_meant = |namespace: &Rc<Object>| {
        let found = kind.and_then(|kind| cluster.store.find(kind, &namespace.meta.name, &reference.name));
        namespace.meta.name != object.meta.namespace && found.is_some_and(|o| o.meta.uid == reference.uid)
    };
    cluster.store.list(Kind::Namespace).any(is_meant)
}

/// Says that an owner is in another namespace, where it can own nothing here.
fn complain(object: &Object, reference: &OwnerReference, out: &mut Outcome) {
    let (OwnerReference { api_version, kind, name, uid, .. }, namespace) = (reference, &object.meta.namespace);
    let text = format!(
        "ownerRef [{api_version}/{kind}, namespace: {namespace}, name: {name}, uid: {uid}] does not exist in namespace {namespace:?}"
    );
    out.event(Note::warning(object, "garbage-collector-controller", "OwnerRefInvalidNamespace", text));
}

/// Deletes an object whose owners are all gone or going; of one that keeps an owner, takes off the references to others.
fn attempt(cluster: &Cluster, object: &Object, out: &mut Outcome) {
    if object.meta.owners.is_empty() {
        return;
    }
    let owners: Vec<Owner> = object.meta.owners.iter().map(|o| owner(cluster, object, o)).collect();
    let wrong =
        object.meta.owners.iter().zip(&owners).find(|(_, owner)| matches!(owner, Owner::Absent | Owner::Unknown));
    if let Some((reference, _)) = wrong.filter(|(reference, _)| is_elsewhere(cluster, object, reference)) {
        complain(object, reference, out);
    }
    if owners.contains(&Owner::Unknown) {
        return;
    }
    if owners.contains(&Owner::Solid) {
        if owners.iter().any(|o| *o != Owner::Solid) {
            let stale = without_owners(object, |o| owner(cluster, object, o) != Owner::Solid);
            out.request(Request::put(BY, stale));
        }
        return;
    }
    let has_dependents = cluster.store.owned_by(&object.meta.uid).next().is_some();
    let propagation = if owners.contains(&Owner::Waiting) && has_dependents || object.meta.has_finalizer(FOREGROUND) {
        Propagation::Foreground
    } else if object.meta.has_finalizer(ORPHAN) {
        Propagation::Orphan
    } else {
        Propagation::Background
    };
    let options = DeleteOptions { propagation, uid: Some(object.meta.uid.clone()), ..Default::default() };
    out.request(Request::delete(BY, object.kind, object.key(), options));
}

fn without_owners(object: &Object, drop: impl Fn(&OwnerReference) -> bool) -> Object {
    let mut new = object.clone();
    with_owners(&mut new.meta, |owners| owners.retain(|o| !drop(o)));
    new
}

fn without_finalizer(object: &Object, finalizer: &str) -> Request {
    let mut new = object.clone();
    new.meta.finalizers.make_mut().retain(|f| &**f != finalizer);
    Request::put(BY, new)
}
