//! Which claims may grow.
//!
//! Kubernetes 1.36: plugin/pkg/admission/storage/persistentvolume/resize/admission.go

use crate::api::persistent_volume_claim::PersistentVolumeClaim;
use crate::api::{Kind, Object, Quantity};
use crate::apiserver::Status;
use crate::cluster::Cluster;

/// Refuses growth that the claim's class does not allow.
pub fn check(cluster: &Cluster, object: &Object, old: &Object) -> Result<(), Status> {
    let size = |object: &Object| -> Quantity {
        let claim = object.expect::<PersistentVolumeClaim>();
        claim.spec.resources.requests.get("storage").copied().unwrap_or_default()
    };
    if size(object).milli <= size(old).milli {
        return Ok(());
    }
    let text = |path: &[&str]| old.raw().at(path).as_str().unwrap_or("").to_string();
    let bound = &*old.expect::<PersistentVolumeClaim>().status.phase == "Bound";
    let class = cluster.store.find(Kind::StorageClass, "", &text(&["spec", "storageClassName"]));
    let grows = class.is_some_and(|class| class.raw().get("allowVolumeExpansion").as_bool() == Some(true));
    let why = if !bound {
        "Only bound persistent volume claims can be expanded"
    } else if !grows {
        "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize"
    } else {
        return Ok(());
    };
    Err(Status::forbidden(object.kind, &object.meta.name, why))
}
