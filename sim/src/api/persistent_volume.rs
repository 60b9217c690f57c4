//! PersistentVolumes.

use crate::api::endpoint_slice::Reference;
use crate::api::field::{Amounts, Stamp};
use crate::api::pod::{HostPath, NodeSelector};
use crate::noun;
use std::rc::Rc;

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct PersistentVolume {
    pub spec: Rc<PersistentVolumeSpec>,
    pub status: PersistentVolumeStatus,
}

noun! {
    pub struct PersistentVolumeSpec {
        access_modes: Vec<Rc<str>> = "accessModes";
        capacity: Amounts = "capacity";
        claim: Option<Reference> = "claimRef";
        host_path: Option<HostPath> = "hostPath";
        local: Option<LocalPath> = "local";
        mount_options: Vec<Rc<str>> = "mountOptions";
        node_affinity: Option<VolumeNodeAffinity> = "nodeAffinity";
        /// `Retain`, `Delete`, `Recycle`.
        reclaim_policy: Rc<str> = "persistentVolumeReclaimPolicy";
        class: Rc<str> = "storageClassName";
        volume_mode: Rc<str> = "volumeMode";
    }
    pub struct LocalPath {
        path: Rc<str> = "path" always;
    }
    pub struct VolumeNodeAffinity {
        required: Option<NodeSelector> = "required";
    }
    pub struct PersistentVolumeStatus {
        last_phase_transition: Option<Stamp> = "lastPhaseTransitionTime";
        message: Rc<str> = "message";
        /// `Pending`, `Available`, `Bound`, `Released`, `Failed`.
        phase: Rc<str> = "phase";
        reason: Rc<str> = "reason";
    }
}
