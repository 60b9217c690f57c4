//! Keeps claims and volumes that are in use from vanishing: each gets a finalizer.
//!
//! Kubernetes 1.36: plugin/pkg/admission/storage/storageobjectinuseprotection/admission.go

use crate::api::Kind;
use crate::value::Value;

pub const CLAIM_FINALIZER: &str = "kubernetes.io/pvc-protection";
pub const VOLUME_FINALIZER: &str = "kubernetes.io/pv-protection";

pub const CLASS_FINALIZER: &str = "kubernetes.io/vac-protection";

pub fn mutate(kind: Kind, value: &mut Value) {
    let finalizer = match kind {
        Kind::PersistentVolume => VOLUME_FINALIZER,
        Kind::VolumeAttributesClass => CLASS_FINALIZER,
        _ => CLAIM_FINALIZER,
    };
    let finalizers = value.at_mut(&["metadata", "finalizers"]).list_mut();
    if !finalizers.iter().any(|f| f.as_str() == Some(finalizer)) {
        finalizers.push(finalizer.into());
    }
}
