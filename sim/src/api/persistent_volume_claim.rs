//! PersistentVolumeClaims.

use crate::api::field::Amounts;
use crate::api::metadata::Condition;
use crate::api::pod::Resources;
use crate::api::selector::LabelSelector;
use crate::noun;
use crate::value::Value;
use std::rc::Rc;

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct PersistentVolumeClaim {
    pub spec: Rc<PersistentVolumeClaimSpec>,
    pub status: PersistentVolumeClaimStatus,
}

noun! {
    pub struct PersistentVolumeClaimSpec {
        access_modes: Vec<Rc<str>> = "accessModes";
        data_source: Value = "dataSource";
        data_source_ref: Value = "dataSourceRef";
        resources: Resources = "resources";
        selector: Option<LabelSelector> = "selector";
        /// Unset asks for the default class, empty for none.
        class: Option<Rc<str>> = "storageClassName";
        volume_attributes_class: Option<Rc<str>> = "volumeAttributesClassName";
        volume_mode: Rc<str> = "volumeMode";
        volume_name: Rc<str> = "volumeName";
    }
    pub struct PersistentVolumeClaimStatus {
        access_modes: Vec<Rc<str>> = "accessModes";
        allocated_resource_statuses: Value = "allocatedResourceStatuses";
        allocated_resources: Value = "allocatedResources";
        capacity: Amounts = "capacity";
        conditions: Vec<Condition> = "conditions";
        current_volume_attributes_class: Value = "currentVolumeAttributesClassName";
        modify_volume_status: Value = "modifyVolumeStatus";
        /// `Pending`, `Bound`, `Lost`.
        phase: Rc<str> = "phase";
    }
}
