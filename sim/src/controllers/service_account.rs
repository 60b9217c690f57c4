//! Kubernetes 1.36: pkg/controller/serviceaccount/serviceaccounts_controller.go
//!
//! Every namespace has a ServiceAccount `default`.

use crate::api::Kind;
use crate::api::object::Key;
use crate::apiserver::Request;
use crate::cluster::Cluster;
use crate::outcome::Outcome;
use crate::value::Value;

/// Looks at a namespace.
pub fn wake(cluster: &Cluster, key: &Key) -> Outcome {
    let active = cluster.store.get(Kind::Namespace, key).is_some_and(|n| !n.meta.deleting());
    if !active || cluster.store.find(Kind::ServiceAccount, &key.name, "default").is_some() {
        return Outcome::nothing();
    }
    let meta = Value::map([("name", "default".into()), ("namespace", Value::Str(key.name.clone()))]);
    Request::create("service-account-controller", Kind::ServiceAccount, Value::map([("metadata", meta)])).into()
}
