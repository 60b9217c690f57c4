//! Kubernetes 1.36: staging/src/k8s.io/apiextensions-apiserver/pkg/registry/customresource/etcd.go (ScaleREST)
//!
//! What `/scale` shows lies somewhere in the object; of custom resources their definition says where.

use crate::api::Kind;
use crate::custom::Version;
use crate::store::Store;

/// Where the objects of a kind say how many replicas they want, as keys; `None` if they cannot be scaled.
pub fn replicas_path(store: &Store, kind: Kind) -> Option<Vec<String>> {
    match kind {
        Kind::Deployment | Kind::ReplicaSet | Kind::StatefulSet | Kind::ReplicationController => {
            Some(vec!["spec".into(), "replicas".into()])
        }
        _ => Some(owned(version(store, kind)?.replicas_path()?)),
    }
}

/// Where the objects of a custom kind say in text which Pods are theirs, as keys; `None` if they do not.
pub fn selector_path(store: &Store, kind: Kind) -> Option<Vec<String>> {
    Some(owned(version(store, kind)?.selector_path()?))
}

fn version(store: &Store, kind: Kind) -> Option<Version> {
    Version::of(store.definition(kind)?.raw(), kind.resource().version)
}

fn owned(path: Vec<&str>) -> Vec<String> {
    path.into_iter().map(String::from).collect()
}
