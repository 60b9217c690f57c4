//! Access to devices that others use is for namespaces that are marked for it.
//!
//! Kubernetes 1.36: pkg/registry/resource/resourceclaim/strategy.go (AuthorizedForAdmin)

use crate::api::Kind;
use crate::apiserver::StatusCause;
use crate::cluster::Cluster;
use crate::value::Value;

const LABEL: &str = "resource.kubernetes.io/admin-access";

/// The first request for such access by a new claim, or by a template of claims, that its namespace does not allow.
pub fn check(cluster: &Cluster, kind: Kind, namespace: &str, value: &Value) -> Option<StatusCause> {
    let requests = match kind {
        Kind::ResourceClaim => value.at(&["spec", "devices", "requests"]),
        Kind::ResourceClaimTemplate => value.at(&["spec", "spec", "devices", "requests"]),
        _ => return None,
    };
    let asks = |r: &Value| r.at(&["exactly", "adminAccess"]).as_bool() == Some(true);
    let index = requests.items().iter().position(asks)?;
    let marked = cluster.store.find(Kind::Namespace, "", namespace).and_then(|n| n.meta.labels.get(LABEL));
    if marked.is_some_and(|value| &**value == "true") {
        return None;
    }
    let why = format!("admin access to devices requires the `{LABEL}: true` label on the containing namespace");
    let field = format!("spec.devices.requests[{index}].adminAccess");
    Some(StatusCause { reason: "FieldValueForbidden", field, message: format!("Forbidden: {why}") })
}
