//! Makes volumes for claims: directories below /tmp, as the host-path provisioner does.
//!
//! Kubernetes 1.36: pkg/volume/hostpath/host_path.go, pkg/controller/volume/persistentvolume/pv_controller.go
//! (provisionClaim). Other provisioners are not simulated: their claims wait, as on a cluster where they are not
//! installed.

use super::binder::{NAME, next_resync};
use crate::api::object::Object;
use crate::api::persistent_volume::PersistentVolume;
use crate::api::persistent_volume_claim::PersistentVolumeClaim;
use crate::api::storage_class::StorageClass;
use crate::api::{Field, Kind};
use crate::apiserver::Request;
use crate::apiserver::events::Note;
use crate::claims::BOUND_BY_CONTROLLER;
use crate::claims::claim_reference;
use crate::cluster::Cluster;
use crate::outcome::Outcome;
use crate::value::Value;
use std::rc::Rc;

const HOST_PATH: &str = "kubernetes.io/host-path";
/// Keeps a provisioned volume until what it stands for is deleted.
pub const FINALIZER: &str = "kubernetes.io/pv-controller";
const PROVISIONER: [&str; 2] =
    ["volume.beta.kubernetes.io/storage-provisioner", "volume.kubernetes.io/storage-provisioner"];

/// One step towards a volume of the claim's class.
pub fn provision(
    cluster: &Cluster,
    claim: &Rc<Object>,
    name: &str,
    class: Option<&StorageClass>,
    mut outcome: Outcome,
) -> Outcome {
    let Some(class) = class else {
        let text = format!("storageclass.storage.k8s.io \"{name}\" not found");
        outcome.event(Note::warning(claim, NAME, "ProvisioningFailed", text));
        outcome.again_at(next_resync(cluster.now));
        return outcome;
    };
    if &*class.provisioner == "kubernetes.io/no-provisioner" {
        let text = "no volume plugin matched name: kubernetes.io/no-provisioner";
        outcome.event(Note::warning(claim, NAME, "ProvisioningFailed", text));
        outcome.again_at(next_resync(cluster.now));
        return outcome;
    }
    if claim.meta.annotations.get(PROVISIONER[1]).is_none_or(|p| *p != class.provisioner) {
        let mut new = (**claim).clone();
        for annotation in PROVISIONER {
            new.meta.annotations.insert(annotation, class.provisioner.clone());
        }
        outcome.deeds.clear();
        outcome.request(Request::put(NAME, new));
        return outcome;
    }
    if &*class.provisioner != HOST_PATH {
        let text = format!(
            "Waiting for a volume to be created either by the external provisioner '{}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.",
            class.provisioner
        );
        outcome.event(Note::normal(claim, NAME, "ExternalProvisioning", text));
        outcome.again_at(next_resync(cluster.now));
        return outcome;
    }
    if !class.mount_options.is_empty() {
        let text = format!(
            "Mount options are not supported by the provisioner but StorageClass \"{name}\" has mount options [{}]",
            class.mount_options.join(" ")
        );
        outcome.event(Note::warning(claim, NAME, "ProvisioningFailed", text));
        outcome.again_at(next_resync(cluster.now));
        return outcome;
    }
    let volume = volume_for(cluster, claim, name, class);
    let text = format!("Successfully provisioned volume pvc-{} using {HOST_PATH}", claim.meta.uid);
    outcome.request(Request::create(NAME, Kind::PersistentVolume, volume));
    outcome.event(Note::normal(claim, NAME, "ProvisioningSucceeded", text));
    outcome
}

fn volume_for(cluster: &Cluster, claim: &Object, name: &str, class: &StorageClass) -> Value {
    let wanted = &claim.expect::<PersistentVolumeClaim>().spec;
    let directory = cluster.dice.uuid(&claim.meta.uid, "volume directory");
    let metadata = Value::map([
        ("name", Value::str(format!("pvc-{}", claim.meta.uid))),
        (
            "annotations",
            Value::map([
                ("kubernetes.io/createdby", Value::from("hostpath-dynamic-provisioner")),
                (BOUND_BY_CONTROLLER, "yes".into()),
                ("pv.kubernetes.io/provisioned-by", HOST_PATH.into()),
            ]),
        ),
        ("finalizers", Value::list(vec![FINALIZER.into()])),
    ]);
    let policy: &str = if class.reclaim_policy.is_empty() { "Delete" } else { &class.reclaim_policy };
    let spec = Value::map([
        ("accessModes", wanted.access_modes.write()),
        (
            "capacity",
            Value::map([("storage", wanted.resources.requests.get("storage").copied().unwrap_or_default().write())]),
        ),
        ("claimRef", claim_reference(claim).write()),
        ("hostPath", Value::map([("path", Value::str(format!("/tmp/hostpath_pv/{directory}"))), ("type", "".into())])),
        ("persistentVolumeReclaimPolicy", policy.into()),
        ("storageClassName", name.into()),
        ("volumeMode", wanted.volume_mode.write()),
    ]);
    Value::map([("metadata", metadata), ("spec", spec)])
}

/// Deletes what a volume stands for.
///
/// # Errors
/// Why that cannot be done.
pub fn delete_backing(object: &Object, volume: &PersistentVolume) -> Result<(), String> {
    match &volume.spec.host_path {
        Some(path) if path.path.starts_with("/tmp/") && path.path.len() > "/tmp/".len() => Ok(()),
        Some(path) => Err(format!("host_path deleter only supports /tmp/.+ but received provided {}", path.path)),
        None => Err(format!(
            "error getting deleter volume plugin for volume \"{}\": no deletable volume plugin matched",
            object.meta.name
        )),
    }
}
