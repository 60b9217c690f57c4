//! Kubernetes 1.36: pkg/apis/core/validation/validation.go (validateVolumeSource, ValidatePersistentVolumeSpec and what
//! they call for each source)

use super::kit::{At, Errors, quoted};
use super::{names, projection, storage};
use crate::value::Value;

/// The order in which the server looks at a Pod's sources.
const OF_PODS: &[&str] = &[
    "emptyDir",
    "hostPath",
    "gitRepo",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "secret",
    "nfs",
    "iscsi",
    "glusterfs",
    "flocker",
    "persistentVolumeClaim",
    "rbd",
    "cinder",
    "cephfs",
    "quobyte",
    "downwardAPI",
    "fc",
    "flexVolume",
    "configMap",
    "azureFile",
    "vsphereVolume",
    "photonPersistentDisk",
    "portworxVolume",
    "azureDisk",
    "storageos",
    "projected",
    "scaleIO",
    "csi",
    "ephemeral",
    "image",
];
/// The order in which it looks at a PersistentVolume's.
const OF_VOLUMES: &[&str] = &[
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

/// The source of one of a Pod's volumes. The claim of an ephemeral one is named after the Pod (`owner`; empty if unknown).
pub fn of_pod(volume: &At, owner: &str, errors: &mut Errors) {
    only_one(volume, OF_PODS, errors, |name, at, errors| of_pods(name, at, (volume, owner), errors));
}

/// The source of a PersistentVolume.
pub fn of_volume(spec: &At, errors: &mut Errors) {
    only_one(spec, OF_VOLUMES, errors, |name, at, errors| match name {
        "local" => {
            let path = at.field("path");
            if errors.needs_text(&path) {
                no_dots(&path, errors);
            }
            let affinity = spec.field("nodeAffinity");
            if affinity.value.get("required").is_null() {
                errors.required(&affinity, "Local volume requires node affinity");
            }
        }
        "csi" => {
            driver(&at.field("driver"), errors);
            errors.needs_text(&at.field("volumeHandle"));
            const SECRETS: [&str; 4] = [
                "controllerPublishSecretRef",
                "controllerExpandSecretRef",
                "nodePublishSecretRef",
                "nodeExpandSecretRef",
            ];
            for secret in SECRETS.map(|field| at.field(field)).iter().filter(|secret| secret.is_set()) {
                named(&secret.field("name"), names::subdomain, errors);
                named(&secret.field("namespace"), names::label, errors);
            }
        }
        _ => shared(name, at, errors),
    });
}

/// Exactly one source, which `check` looks at.
fn only_one(of: &At, sources: &[&str], errors: &mut Errors, check: impl Fn(&str, &At, &mut Errors)) {
    let mut given = 0;
    for name in sources {
        let source = of.field(name);
        if !source.is_set() {
            continue;
        }
        given += 1;
        if given == 1 {
            // The server writes this path otherwise.
            let path = if *name == "gcePersistentDisk" { "persistentDisk" } else { name };
            check(name, &of.field_with(path, source.value), errors);
            continue;
        }
        let path = match *name {
            "cephfs" => "cephFS",
            "downwardAPI" => "downwarAPI",
            name => name,
        };
        errors.forbidden(&of.field(path), "may not specify more than 1 volume type");
    }
    if given == 0 {
        errors.required(of, "must specify a volume type");
    }
}

fn of_pods(name: &str, at: &At, (volume, owner): (&At, &str), errors: &mut Errors) {
    match name {
        "emptyDir" => {
            let limit = at.field("sizeLimit");
            if super::resources::amount(&limit).milli < 0 {
                errors.forbidden(&limit, "SizeLimit field must be a valid resource quantity");
            }
        }
        "configMap" => {
            errors.needs_text(&at.field("name"));
            projection::mode(&at.field("defaultMode"), errors);
            projection::key_items(at, errors);
        }
        "secret" => {
            errors.needs_text(&at.field("secretName"));
            projection::mode(&at.field("defaultMode"), errors);
            projection::key_items(at, errors);
        }
        "persistentVolumeClaim" => _ = errors.needs_text(&at.field("claimName")),
        "downwardAPI" => projection::downward(at, errors),
        "projected" => projection::projected(at, errors),
        "csi" => {
            driver(&at.field("driver"), errors);
            let secret = at.field("nodePublishSecretRef");
            if secret.is_set() && errors.needs_text(&secret.field("name")) {
                let name = at.field_with("name", secret.value.get("name"));
                errors.invalid_all(&name, names::subdomain(name.text()));
            }
        }
        "ephemeral" => {
            let template = at.field("volumeClaimTemplate");
            if template.is_set() {
                storage::claim_template(&template, errors);
            } else {
                errors.required(&template, "");
            }
            let name = volume.field("name");
            if !owner.is_empty() && !name.text().is_empty() {
                let claim = format!("{owner}-{}", name.text());
                for wrong in names::subdomain(&claim) {
                    errors.invalid(&name, format!("PVC name {}: {wrong}", quoted(&claim)));
                }
            }
        }
        "image" => {
            errors.needs_text(&at.field("reference"));
            errors.one_of(&at.field("pullPolicy"), &["Always", "IfNotPresent", "Never"], true);
        }
        _ => shared(name, at, errors),
    }
}

/// A text that must be there and look like this.
fn named(at: &At, check: names::Check, errors: &mut Errors) {
    if errors.needs_text(at) {
        errors.invalid_all(at, check(at.text()));
    }
}

fn driver(at: &At, errors: &mut Errors) {
    errors.needs_text(at);
    if at.text().len() > 63 {
        errors.too_long(at, 63);
    }
    for wrong in names::subdomain(&at.text().to_lowercase()) {
        errors.invalid_as(at, &quoted(at.text()), wrong);
    }
}

/// Sources that Pods and PersistentVolumes have in common.
fn shared(name: &str, at: &At, errors: &mut Errors) {
    let needed: &[&str] = match name {
        "hostPath" => return host_path(at, errors),
        "nfs" => {
            errors.needs_text(&at.field("server"));
            let path = at.field("path");
            errors.needs_text(&path);
            if !path.text().starts_with('/') {
                errors.invalid_as(&path, &quoted(path.text()), "must be an absolute path");
            }
            return;
        }
        "iscsi" => return iscsi(at, errors),
        "fc" => return fibre_channel(at, errors),
        "flocker" => {
            let [name, id] = ["datasetName", "datasetUUID"].map(|field| at.value.get(field).as_str().unwrap_or(""));
            if name.is_empty() && id.is_empty() {
                errors.required(at, "one of datasetName and datasetUUID is required");
            }
            if !name.is_empty() && !id.is_empty() {
                let why = "datasetName and datasetUUID can not be specified simultaneously";
                errors.invalid_as(at, "\"resource\"", why);
            }
            return;
        }
        "rbd" | "cephfs" => {
            let monitors = at.field("monitors");
            if !monitors.is_filled() {
                errors.required(&monitors, "");
            }
            if name == "rbd" { &["image"] } else { &[] }
        }
        "gcePersistentDisk" => &["pdName"],
        "awsElasticBlockStore" | "cinder" | "portworxVolume" => &["volumeID"],
        "gitRepo" => &["repository"],
        "glusterfs" => &["endpoints", "path"],
        "azureFile" => &["secretName", "shareName"],
        "azureDisk" => &["diskName", "diskURI"],
        "vsphereVolume" => &["volumePath"],
        "photonPersistentDisk" => &["pdID"],
        "scaleIO" => &["gateway", "system", "volumeName"],
        "quobyte" => &["volume"],
        "storageos" => &["volumeName"],
        "flexVolume" => &["driver"],
        _ => &[],
    };
    for field in needed {
        errors.needs_text(&at.field(field));
    }
    let partition = at.field("partition");
    if matches!(name, "gcePersistentDisk" | "awsElasticBlockStore") && !(0..=255).contains(&partition.int()) {
        errors.invalid(&partition, "must be between 1 and 255, inclusive");
    }
    if name == "gitRepo" {
        projection::descending(&at.field("directory"), errors);
    }
}

fn host_path(at: &At, errors: &mut Errors) {
    const TYPES: [&str; 8] =
        ["", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"];
    let path = at.field("path");
    if errors.needs_text(&path) {
        no_dots(&path, errors);
        let kind = at.field("type");
        if kind.is_set() && !TYPES.contains(&kind.text()) {
            errors.unsupported(&kind, &TYPES);
        }
    }
}

fn iscsi(at: &At, errors: &mut Errors) {
    errors.needs_text(&at.field("targetPortal"));
    let name = at.field("iqn");
    if errors.needs_text(&name) && !["iqn", "eui", "naa"].iter().any(|begin| name.text().starts_with(begin)) {
        errors.invalid(&name, "must be valid format starting with iqn, eui, or naa");
    }
    unit(&at.field("lun"), errors);
    let asks = |field: &str| at.value.get(field).as_bool() == Some(true);
    let secret = at.field("secretRef");
    if (asks("chapAuthDiscovery") || asks("chapAuthSession")) && !secret.is_set() {
        errors.required(&secret, "");
    }
}

fn unit(at: &At, errors: &mut Errors) {
    if !(0..=255).contains(&at.int()) {
        errors.in_range(at, 0, 255);
    }
}

fn fibre_channel(at: &At, errors: &mut Errors) {
    let (targets, ids, lun) = (at.field("targetWWNs"), at.field("wwids"), at.field("lun"));
    match (targets.is_filled(), ids.is_filled()) {
        (false, false) => errors.required(&targets, "must specify either targetWWNs or wwids, but not both"),
        (true, true) => errors.invalid(&targets, "targetWWNs and wwids can not be specified simultaneously"),
        _ => {}
    }
    if targets.is_filled() {
        match lun.value {
            Value::Null => errors.required(&lun, "lun is required if targetWWNs is specified"),
            _ => unit(&lun, errors),
        }
    }
}

pub fn no_dots(path: &At, errors: &mut Errors) {
    if path.text().split('/').any(|part| part == "..") {
        errors.invalid(path, "must not contain '..'");
    }
}
