//! Kubernetes 1.36: pkg/controller/resourcequota/resource_quota_controller.go
//!
//! Counts what is used under each quota, anew whenever something has gone or ended. What comes is charged by the API
//! server itself.

use crate::api::Kind;
use crate::api::field::{Amounts, Field};
use crate::api::object::{Key, Object};
use crate::api::quantity::Quantity;
use crate::apiserver::Request;
use crate::cluster::Cluster;
use crate::outcome::Outcome;
use crate::quota;
use crate::value::Value;

pub fn wake(cluster: &Cluster, key: &Key) -> Outcome {
    let Some(object) = cluster.store.get(Kind::ResourceQuota, key) else { return Outcome::nothing() };
    let hard = quota::hard(object);
    let kinds: Vec<Kind> = cluster.store.kinds().filter(|k| k.namespaced()).collect();
    // Of what no kind is concerned with nothing is told.
    let known = hard.iter().filter(|(name, _)| kinds.iter().any(|kind| quota::concerns(*kind, name)));
    let mut used = Amounts(known.map(|(name, q)| (name.clone(), Quantity { milli: 0, ..*q })).collect());
    for kind in kinds {
        let names: Vec<_> = used.iter().map(|(n, _)| n.clone()).filter(|n| quota::concerns(kind, n)).collect();
        if !names.is_empty() {
            count(cluster, object, kind, &names, &mut used);
        }
    }
    let status = Value::map([("hard", hard.write()), ("used", used.write())]);
    if object.status() == status {
        return Outcome::nothing();
    }
    let mut new = (**object).clone();
    new.set_status(status);
    Request::put_status("resourcequota-controller", new).into()
}

/// Adds what the objects of a kind use.
fn count(cluster: &Cluster, quota_object: &Object, kind: Kind, names: &[std::rc::Rc<str>], used: &mut Amounts) {
    for object in cluster.store.list_in(kind, &quota_object.meta.namespace) {
        if !quota::in_scope(quota_object, object) {
            continue;
        }
        let usage = quota::usage(object);
        for (name, sum) in used.0.iter_mut().filter(|(n, _)| names.contains(n)) {
            if let Some(amount) = usage.get(name) {
                *sum = sum.plus(*amount);
            }
        }
    }
}
