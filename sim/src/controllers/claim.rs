//! Kubernetes 1.36: pkg/controller/controller_ref_manager.go
//!
//! Whose is it? A controller takes in what matches its selector and nobody manages, and lets go what it manages but
//! no longer matches.

use crate::api::field::asked_once;
use crate::api::object::Object;
use crate::api::selector::LabelSelector;
use crate::api::{Kind, Metadata, OwnerReference};
use crate::apiserver::Request;
use crate::cluster::Cluster;
use crate::outcome::Outcome;
use std::rc::Rc;

/// Keeps a Job's Pod until its end is counted.
pub const TRACKING: &str = "batch.kubernetes.io/job-tracking";

/// What a controller has of one kind: `mine` after the adoptions and releases that it also asks for.
pub fn claim(
    cluster: &Cluster,
    by: &'static str,
    owner: &Object,
    selector: &LabelSelector,
    kind: Kind,
    eligible: impl Fn(&Object) -> bool,
    out: &mut Outcome,
) -> Vec<Rc<Object>> {
    let mut selected = asked_once(|labels| selector.matches(labels));
    let mut mine = Vec::with_capacity(cluster.store.count_owned_by(&owner.meta.uid));
    for object in cluster.store.owned_by(&owner.meta.uid) {
        if object.kind != kind || !object.is_controlled_by(owner) || !eligible(object) {
            continue;
        }
        if selected(&object.meta.labels) {
            mine.push(object.clone());
        } else if !owner.meta.deleting() {
            out.request(Request::put(by, released(object, owner)));
        }
    }
    if owner.meta.deleting() {
        return mine;
    }
    for object in cluster.store.loose(kind, &owner.meta.namespace) {
        if eligible(object) && !object.meta.deleting() && selected(&object.meta.labels) {
            let adopted = adopted(object, owner.controller_reference());
            out.request(Request::put(by, adopted));
            mine.push(object.clone());
        }
    }
    mine
}

fn adopted(object: &Object, reference: OwnerReference) -> Object {
    let mut new = object.clone();
    // A Job counts the end of a Pod that it took in as well.
    if &*reference.kind == "Job" && !new.meta.has_finalizer(TRACKING) {
        new.meta.finalizers.make_mut().push(TRACKING.into());
    }
    with_owners(&mut new.meta, |owners| {
        owners.retain(|o| o.uid != reference.uid);
        owners.push(reference);
    });
    new
}

fn released(object: &Object, owner: &Object) -> Object {
    let mut new = object.clone();
    if owner.kind == Kind::Job {
        new.meta.finalizers.make_mut().retain(|f| &**f != TRACKING);
    }
    with_owners(&mut new.meta, |owners| owners.retain(|o| o.uid != owner.meta.uid));
    new
}

/// Changes an object's owners.
pub fn with_owners(meta: &mut Metadata, change: impl FnOnce(&mut Vec<OwnerReference>)) {
    change(meta.owners.make_mut());
}
