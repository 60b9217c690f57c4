//! What the API server adds to an object and what it refuses.
//!
//! Kubernetes 1.36: plugin/pkg/admission, pkg/apis/*/v1/defaults.go, pkg/apis/*/validation

pub mod claim_resize;
pub mod defaults;
pub mod device_admin;
pub mod in_use;
pub mod ingress_class;
pub mod limit_range;
pub mod namespace;
pub mod node_taint;
pub mod pod_security;
pub mod pod_security_checks;
pub mod priority;
pub mod qos;
pub mod quota;
pub mod runtime_class;
pub mod service_account;
pub mod storage_class;
pub mod toleration_seconds;
pub mod topology_labels;
pub mod validate;
pub mod warnings;

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
            limit_range::mutate(cluster, meta, value);
            service_account::mutate(cluster, meta, value)?;
            priority::mutate(cluster, meta, value)?;
            toleration_seconds::mutate(value);
            runtime_class::mutate(cluster, meta, value)?;
            topology_labels::mutate(cluster, value);
            qos::mutate(value);
        }
        Kind::PersistentVolumeClaim => {
            storage_class::mutate(cluster, value);
            in_use::mutate(kind, value);
        }
        Kind::Ingress => ingress_class::mutate(cluster, value),
        Kind::Node => node_taint::mutate(value),
        Kind::PersistentVolume | Kind::VolumeAttributesClass => in_use::mutate(kind, value),
        _ => {}
    }
    Ok(())
}

/// What plug-ins add again to an object that is changed.
pub fn mutate_change(kind: Kind, value: &mut Value) {
    if kind == Kind::Pod {
        toleration_seconds::mutate(value);
    }
}

/// What comes of admitting an object beside the object itself.
#[derive(Default)]
pub struct Admitted {
    /// Quotas with the object charged.
    pub quotas: Vec<Object>,
    /// What the client is warned of.
    pub warnings: Vec<String>,
}

/// What plug-ins refuse of an object that is valid in itself. `old` is unset for a new object.
///
/// # Errors
/// The refusal of the first plug-in that refuses.
pub fn permit(cluster: &Cluster, object: &Object, value: &Value, old: Option<&Object>) -> Result<Admitted, Status> {
    if old.is_none() || object.kind == Kind::PersistentVolumeClaim {
        limit_range::check(cluster, object)?;
    }
    if object.kind == Kind::Pod && old.is_none() {
        runtime_class::check(&object.meta, value)?;
    }
    if let (Kind::PersistentVolumeClaim, Some(old)) = (object.kind, old) {
        claim_resize::check(cluster, object, old)?;
    }
    let warnings = pod_security::check(cluster, object.kind, &object.meta, value, old)?;
    Ok(Admitted { quotas: quota::charge(cluster, object, old)?, warnings })
}

/// A name made by `generateName` is so much of that, and so many letters more.
pub const LONGEST_BASE: usize = 58;
const RANDOM_LETTERS: usize = 5;

/// How a refusal calls an object: one whose name is still to be made by its `generateName`.
fn name_so_far(meta: &Metadata) -> &str {
    let Some(base) = meta.generate_name.as_deref() else {
        return if meta.name.is_empty() { "Unknown" } else { &meta.name };
    };
    let own = !meta.name.is_empty() && meta.name.len() != base.len().min(LONGEST_BASE) + RANDOM_LETTERS;
    if own { &meta.name } else { base }
}
