//! Kubernetes 1.36: pkg/api/v1/pod/util.go, pkg/controller/controller_utils.go
//!
//! What controllers ask about a Pod, and how they make one from a template.

use crate::api::object::Object;
use crate::api::pod::Pod;
use crate::api::{Field, Kind, Stamp};
use crate::apiserver::{DeleteOptions, Request};
use crate::clock::Time;
use crate::cluster::Cluster;
use crate::value::Value;
use std::rc::Rc;

/// Whether a Pod counts for its controller: not finished, not being deleted.
pub fn is_active(pod: &Object) -> bool {
    !pod.meta.deleting() && !pod.expect::<Pod>().status.finished()
}

/// Whether a Pod is on its way out, its containers not yet ended.
pub fn is_terminating(pod: &Object) -> bool {
    pod.meta.deleting() && !pod.expect::<Pod>().status.finished()
}

pub fn is_ready(pod: &Object) -> bool {
    pod.expect::<Pod>().status.is("Ready")
}

/// Since when a ready Pod is ready, as its status tells: in whole seconds.
pub fn ready_since(pod: &Object) -> Option<Stamp> {
    let ready = pod.expect::<Pod>().status.condition("Ready")?;
    ready.last_transition.filter(|_| &*ready.status == "True").map(Stamp::second)
}

/// Whether a Pod has been ready for `min_ready` seconds; if it is ready but not yet for long enough, when it will be.
pub fn availability(cluster: &Cluster, pod: &Object, min_ready: i64) -> Result<(), Option<Time>> {
    let since = ready_since(pod).ok_or(None)?;
    if min_ready == 0 {
        return Ok(());
    }
    let at = Stamp(since.0 + min_ready * 1000);
    if at <= cluster.stamp() { Ok(()) } else { Err(Some(cluster.time_of(at))) }
}

/// The JSON of a Pod that `owner` makes from a template: named after the owner, with five random letters.
pub fn from_template(owner: &Object, template: &Value) -> Value {
    let mut meta = Value::map([
        ("generateName", Value::str(format!("{}-", owner.meta.name))),
        ("namespace", Value::Str(owner.meta.namespace.clone())),
        ("ownerReferences", Value::list(vec![owner.controller_reference().write()])),
    ]);
    for field in ["labels", "annotations", "finalizers"] {
        let wanted = template.at(&["metadata", field]);
        if !wanted.is_null() {
            meta.set(field, wanted.clone());
        }
    }
    Value::map([("metadata", meta), ("spec", template.get("spec").clone())])
}

/// Deletes a Pod as its controller does.
pub fn delete(by: &'static str, pod: &Object) -> Request {
    let options = DeleteOptions { uid: Some(pod.meta.uid.clone()), ..Default::default() };
    Request::delete(by, Kind::Pod, pod.key(), options)
}

/// The Pods that an object controls, finished and leaving ones included.
pub fn controlled_by<'a>(cluster: &'a Cluster, owner: &'a Object) -> impl Iterator<Item = &'a Rc<Object>> {
    cluster.store.owned_by(&owner.meta.uid).filter(|o| o.kind == Kind::Pod && o.is_controlled_by(owner))
}
