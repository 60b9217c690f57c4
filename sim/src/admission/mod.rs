//! What the API server adds to an object and what it refuses.
//!
//! Kubernetes 1.36: plugin/pkg/admission, pkg/apis/*/v1/defaults.go, pkg/apis/*/validation

pub mod defaults;
pub mod in_use;
pub mod namespace;
pub mod priority;
pub mod qos;
pub mod service_account;
pub mod storage_class;
pub mod toleration_seconds;
pub mod validate;

use crate::api::object::Object;
use crate::api::{Kind, Metadata};
use crate::apiserver::Status;
use crate::cluster::Cluster;
use crate::value::Value;

/// What plug-ins add to a new object, in the API server's order.
///
/// # Errors
/// What a plug-in refuses for want of something that it would have to add.
pub fn mutate(cluster: &Cluster, kind: Kind, meta: &Metadata, value: &mut Value) -> Result<(), Status> {
    match kind {
        Kind::Pod => {
            service_account::mutate(cluster, meta, value)?;
            priority::mutate(cluster, meta, value)?;
            toleration_seconds::mutate(value);
            qos::mutate(value);
        }
        Kind::PersistentVolumeClaim => {
            storage_class::mutate(cluster, value);
            in_use::mutate(kind, value);
        }
        Kind::PersistentVolume => in_use::mutate(kind, value),
        _ => {}
    }
    Ok(())
}

/// What plug-ins refuse of an object that is valid in itself. `old` is unset for a new object.
///
/// # Errors
/// The refusal of the first plug-in that refuses.
pub fn permit(
    _cluster: &Cluster,
    _kind: Kind,
    _meta: &Metadata,
    _value: &Value,
    _old: Option<&Object>,
) -> Result<(), Status> {
    Ok(())
}
