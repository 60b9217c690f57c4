//! Kubernetes 1.36: pkg/apis/core/validation/validation.go (volumes and claims), pkg/apis/storage/validation

use super::kit::{At, Errors};
use super::{meta, names, resources, scheduling, volume};

const ACCESS_MODES: [&str; 4] = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];

fn access_modes(at: &At, errors: &mut Errors) {
    let mut alone = false;
    for mode in at.value.items() {
        let text = mode.as_str().unwrap_or("");
        if !ACCESS_MODES.contains(&text) {
            errors.unsupported_as(at, &super::kit::shown(mode), &ACCESS_MODES);
        }
        alone |= text == "ReadWriteOncePod";
    }
    if alone && at.value.items().len() > 1 {
        errors.forbidden(at, "may not use ReadWriteOncePod with other access modes");
    }
}

fn positive(at: &At, errors: &mut Errors) {
    if resources::amount(at).milli <= 0 {
        errors.invalid(at, "must be greater than zero");
    }
}

pub fn volume(at: &At, errors: &mut Errors) {
    let spec = at.field("spec");
    let modes = spec.field("accessModes");
    if !modes.is_filled() {
        errors.required(&modes, "");
    }
    access_modes(&modes, errors);
    let capacity = spec.field("capacity");
    if !capacity.is_filled() {
        errors.required(&capacity, "");
    }
    if !capacity.key("storage").is_set() || capacity.keys().count() > 1 {
        errors.unsupported(&capacity, &["storage"]);
    }
    for (_, amount) in capacity.keys() {
        positive(&amount, errors);
    }
    let policy = spec.field("persistentVolumeReclaimPolicy");
    errors.one_of(&policy, &["Delete", "Recycle", "Retain"], true);
    let affinity = spec.field("nodeAffinity");
    if affinity.is_set() {
        let required = affinity.field("required");
        if required.is_set() {
            scheduling::node_selector(&required, errors);
        } else {
            errors.required(&required, "must specify required node constraints");
        }
    }
    volume_source(&spec, errors);
    let class = spec.field("storageClassName");
    if !class.text().is_empty() {
        errors.invalid_all(&class, names::subdomain(class.text()));
    }
    errors.one_of(&spec.field("volumeMode"), &["Block", "Filesystem"], true);
}

const SOURCES: &[&str] = &[
    "hostPath",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "glusterfs",
    "flocker",
    "nfs",
    "rbd",
    "quobyte",
    "cephfs",
    "iscsi",
    "cinder",
    "fc",
    "flexVolume",
    "azureFile",
    "vsphereVolume",
    "photonPersistentDisk",
    "portworxVolume",
    "azureDisk",
    "scaleIO",
    "local",
    "storageos",
    "csi",
];

fn volume_source(spec: &At, errors: &mut Errors) {
    let mut given = 0;
    for name in SOURCES {
        let at = spec.field(name);
        if !at.is_set() {
            continue;
        }
        given += 1;
        if given > 1 {
            errors.forbidden(&at, "may not specify more than 1 volume type");
            continue;
        }
        if *name == "local" {
            let path = at.field("path");
            if errors.needs_text(&path) {
                volume::no_dots(&path, errors);
            }
            let affinity = spec.field("nodeAffinity");
            if !affinity.is_set() {
                errors.required(&affinity, "Local volume requires node affinity");
            }
        } else if *name == "csi" {
            errors.needs_text(&at.field("driver"));
            errors.needs_text(&at.field("volumeHandle"));
        } else {
            volume::shared_source(name, &at, errors);
        }
    }
    if given == 0 {
        errors.required(spec, "must specify a volume type");
    }
}

pub fn claim(at: &At, errors: &mut Errors) {
    claim_spec(&at.field("spec"), errors);
}

pub fn claim_spec(spec: &At, errors: &mut Errors) {
    let modes = spec.field("accessModes");
    if !modes.is_filled() {
        errors.required(&modes, "at least 1 access mode is required");
    }
    if spec.field("selector").is_set() {
        meta::selector(&spec.field("selector"), errors);
    }
    access_modes(&modes, errors);
    let resources = spec.field("resources");
    let requests = resources.field("requests");
    let storage = requests.key("storage");
    // The server leaves `requests` out of these paths.
    let shown_at = resources.key("storage");
    if !storage.is_set() {
        errors.required(&shown_at, "");
    } else if resources::amount(&storage).milli <= 0 {
        errors.invalid_as(&shown_at, &super::kit::shown(storage.value), "must be greater than zero");
    }
    let class = spec.field("storageClassName");
    if !class.text().is_empty() {
        errors.invalid_all(&class, names::subdomain(class.text()));
    }
    errors.one_of(&spec.field("volumeMode"), &["Block", "Filesystem"], true);
}

pub fn class(at: &At, errors: &mut Errors) {
    let provisioner = at.field("provisioner");
    if errors.needs_text(&provisioner) {
        errors.invalid_all(&provisioner, names::qualified(&provisioner.text().to_ascii_lowercase()));
    }
    if at.field("parameters").keys().any(|(key, _)| key.is_empty()) {
        errors.invalid_as(&at.field("parameters"), "\"\"", "field can not be empty.");
    }
    errors.one_of(&at.field("reclaimPolicy"), &["Delete", "Retain"], true);
    errors.one_of(&at.field("volumeBindingMode"), &["Immediate", "WaitForFirstConsumer"], false);
}
