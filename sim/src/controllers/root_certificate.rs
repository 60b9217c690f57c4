//! Kubernetes 1.36: pkg/controller/certificates/rootcacertpublisher/publisher.go
//!
//! Every namespace has a ConfigMap with the certificate by which Pods know the API server.

use crate::api::Kind;
use crate::api::object::Key;
use crate::apiserver::Request;
use crate::cluster::Cluster;
use crate::outcome::Outcome;
use crate::setup::{ROOT_CERTIFICATE, ROOT_CERTIFICATE_DESCRIPTION};
use crate::value::Value;

const BY: &str = "root-ca-cert-publisher";
pub const NAME: &str = "kube-root-ca.crt";

/// Looks at a namespace.
pub fn wake(cluster: &Cluster, key: &Key) -> Outcome {
    let active = cluster.store.get(Kind::Namespace, key).is_some_and(|n| !n.meta.deleting());
    if !active {
        return Outcome::nothing();
    }
    let data = Value::map([("ca.crt", Value::from(ROOT_CERTIFICATE))]);
    let Some(present) = cluster.store.find(Kind::ConfigMap, &key.name, NAME) else {
        let meta = Value::map([
            ("name", NAME.into()),
            ("namespace", Value::Str(key.name.clone())),
            ("annotations", Value::map([("kubernetes.io/description", ROOT_CERTIFICATE_DESCRIPTION.into())])),
        ]);
        return Request::create(BY, Kind::ConfigMap, Value::map([("metadata", meta), ("data", data)])).into();
    };
    if *present.raw().get("data") == data {
        return Outcome::nothing();
    }
    let mut new = (**present).clone();
    new.edit(|raw| raw.set("data", data));
    Request::put(BY, new).into()
}
