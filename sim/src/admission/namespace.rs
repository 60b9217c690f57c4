//! Namespaces that are not there, are going, or must stay.
//!
//! Kubernetes 1.36: staging/src/k8s.io/apiserver/pkg/admission/plugin/namespace/lifecycle/admission.go

use crate::api::Kind;
use crate::apiserver::{Status, StatusCause};
use crate::cluster::Cluster;

/// Namespaces that cannot be deleted.
const IMMORTAL: [&str; 3] = ["default", "kube-system", "kube-public"];

/// Whether an object may be made in a namespace.
pub fn check(cluster: &Cluster, kind: Kind, namespace: &str, name: &str) -> Result<(), Status> {
    if !kind.namespaced() {
        return Ok(());
    }
    let Some(found) = cluster.store.find(Kind::Namespace, "", namespace) else {
        return Err(Status::not_found(Kind::Namespace, namespace));
    };
    if !found.meta.deleting() {
        return Ok(());
    }
    let why = format!("unable to create new content in namespace {namespace} because it is being terminated");
    let mut status = Status::forbidden(kind, name, why);
    status.causes.push(StatusCause {
        reason: "NamespaceTerminating",
        message: format!("namespace {namespace} is being terminated"),
        field: "metadata.namespace".into(),
    });
    Err(status)
}

/// Whether an object may be deleted.
pub fn may_delete(kind: Kind, name: &str) -> Result<(), Status> {
    if kind == Kind::Namespace && IMMORTAL.contains(&name) {
        return Err(Status::forbidden(kind, name, "this namespace may not be deleted"));
    }
    Ok(())
}
