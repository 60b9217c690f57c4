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
        _ => shared(name, at, true, errors),
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
        // One of a PersistentVolume's is looked at beside another one, too.
        if given == 1 || *name == "flexVolume" && sources == OF_VOLUMES {
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
        _ => shared(name, at, false, errors),
    }
}

/// A text that must be there and look like this.
fn named(at: &At, check: names::Check, errors: &mut Errors) {
    if errors.needs_text(at) {
        errors.invalid_all(at, check(at.text()));
    }
}

/// The name of a driver of volumes.
pub fn driver(at: &At, errors: &mut Errors) {
    if !errors.needs_text(at) {
        return;
    }
    if at.text().len() > 63 {
        errors.too_long(at, 63);
    }
    for wrong in names::subdomain(&at.text().to_lowercase()) {
        errors.invalid_as(at, &quoted(at.text()), wrong);
    }
}

/// Sources that Pods and PersistentVolumes have in common. Those of a PersistentVolume (`cluster`) name secrets with their
/// namespaces.
fn shared(name: &str, at: &At, cluster: bool, errors: &mut Errors) {
    match name {
        "hostPath" => host_path(at, errors),
        "nfs" => {
            errors.needs_text(&at.field("server"));
            let path = at.field("path");
            errors.needs_text(&path);
            if !path.text().starts_with('/') {
                errors.invalid_as(&path, &quoted(path.text()), "must be an absolute path");
            }
        }
        "iscsi" => iscsi(at, cluster, errors),
        "fc" => fibre_channel(at, errors),
        "flocker" => flocker(at, errors),
        "quobyte" => quobyte(at, errors),
        "azureDisk" => azure_disk(at, errors),
        "flexVolume" => flex(at, errors),
        "rbd" | "cephfs" => {
            let monitors = at.field("monitors");
            if !monitors.is_filled() {
                errors.required(&monitors, "");
            }
            if name == "rbd" {
                errors.needs_text(&at.field("image"));
            }
        }
        "storageos" => {
            named(&at.field("volumeName"), names::label, errors);
            let namespace = at.field("volumeNamespace");
            if !namespace.text().is_empty() {
                errors.invalid_all(&namespace, names::label(namespace.text()));
            }
            secret(at, cluster, errors);
        }
        _ => simple(name, at, cluster, errors),
    }
}

/// Sources of which hardly more is asked than that something is said.
fn simple(name: &str, at: &At, cluster: bool, errors: &mut Errors) {
    let needed: &[&str] = match name {
        "gcePersistentDisk" => &["pdName"],
        "awsElasticBlockStore" | "cinder" | "portworxVolume" => &["volumeID"],
        "gitRepo" => &["repository"],
        "glusterfs" => &["endpoints", "path"],
        "azureFile" => &["secretName", "shareName"],
        "vsphereVolume" => &["volumePath"],
        "photonPersistentDisk" => &["pdID"],
        "scaleIO" => &["gateway", "system", "volumeName"],
        _ => &[],
    };
    for field in needed {
        errors.needs_text(&at.field(field));
    }
    let partition = at.field("partition");
    if matches!(name, "gcePersistentDisk" | "awsElasticBlockStore") && !(0..=255).contains(&partition.int()) {
        errors.invalid(&partition, "must be between 1 and 255, inclusive");
    }
    match name {
        "cinder" => secret(at, cluster, errors),
        "gitRepo" => projection::descending(&at.field("directory"), errors),
        "glusterfs" if cluster => {
            let namespace = at.field("endpointsNamespace");
            if namespace.is_set() && namespace.text().is_empty() {
                errors.invalid(&namespace, "if the endpointnamespace is set, it must be a valid namespace name");
            } else if namespace.is_set() {
                errors.invalid_all(&namespace, names::label(namespace.text()));
            }
        }
        "azureFile" if cluster => {
            let namespace = at.field("secretNamespace");
            if namespace.is_set() {
                errors.needs_text(&namespace);
            }
        }
        _ => {}
    }
}

/// A secret that is named must be named in full.
fn secret(at: &At, cluster: bool, errors: &mut Errors) {
    let secret = at.field("secretRef");
    if secret.is_set() {
        errors.needs_text(&secret.field("name"));
        if cluster {
            errors.needs_text(&secret.field("namespace"));
        }
    }
}

fn flocker(at: &At, errors: &mut Errors) {
    let (name, id) = (at.field("datasetName"), at.field("datasetUUID"));
    if name.text().is_empty() && id.text().is_empty() {
        errors.required(at, "one of datasetName and datasetUUID is required");
    }
    if !name.text().is_empty() && !id.text().is_empty() {
        errors.invalid_as(at, "\"resource\"", "datasetName and datasetUUID can not be specified simultaneously");
    }
    if name.text().contains('/') {
        errors.invalid(&name, "must not contain '/'");
    }
}

fn quobyte(at: &At, errors: &mut Errors) {
    const WHY: &str = "must be a host:port pair or multiple pairs separated by commas";
    const LONGEST_TENANT: usize = 64;
    let (registry, tenant) = (at.field("registry"), at.field("tenant"));
    if registry.text().is_empty() {
        errors.required(&registry, WHY);
    } else if tenant.text().len() > LONGEST_TENANT {
        errors.required(&tenant, "must be a UUID and may not exceed a length of 64 characters");
    } else {
        let pair = |text: &str| {
            text.rsplit_once(':').is_some_and(|(host, _)| !host.contains([':', '[', ']']) || bracketed(host))
        };
        registry.text().split(',').filter(|text| !pair(text)).for_each(|_| errors.invalid(&registry, WHY));
    }
    errors.needs_text(&at.field("volume"));
}

fn bracketed(host: &str) -> bool {
    host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).is_some_and(|inner| !inner.contains(['[', ']']))
}

fn azure_disk(at: &At, errors: &mut Errors) {
    const MANAGED: &str =
        "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}";
    const BLOB: &str = "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd";
    let (address, kind) = (at.field("diskURI"), at.field("kind"));
    errors.needs_text(&at.field("diskName"));
    errors.needs_text(&address);
    errors.one_of(&at.field("cachingMode"), &["None", "ReadOnly", "ReadWrite"], true);
    errors.one_of(&kind, &["Dedicated", "Managed", "Shared"], true);
    match kind.text() {
        _ if !kind.is_set() => {}
        "Managed" if !address.text().starts_with("/subscriptions/") => {
            errors.unsupported_as(&address, &quoted(address.text()), &[MANAGED]);
        }
        "Managed" => {}
        _ if !address.text().starts_with("https://") => {
            errors.unsupported_as(&address, &quoted(address.text()), &[BLOB]);
        }
        _ => {}
    }
}

fn flex(at: &At, errors: &mut Errors) {
    errors.needs_text(&at.field("driver"));
    let options = at.field("options");
    for (key, option) in options.keys() {
        let domain = format!(".{}", key.split('/').next().unwrap_or(key).to_lowercase());
        if [".kubernetes.io", ".k8s.io"].iter().any(|end| domain.ends_with(end)) {
            errors.invalid_as(&option, &quoted(key), "kubernetes.io and k8s.io namespaces are reserved");
        }
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

fn iscsi(at: &At, cluster: bool, errors: &mut Errors) {
    errors.needs_text(&at.field("targetPortal"));
    let (name, initiator) = (at.field("iqn"), at.field("initiatorName"));
    if errors.needs_text(&name) {
        qualified(&name, name.text(), cluster, errors);
    }
    unit(&at.field("lun"), errors);
    let asks = |field: &str| at.value.get(field).as_bool() == Some(true);
    let secret = at.field("secretRef");
    if (asks("chapAuthDiscovery") || asks("chapAuthSession")) && !secret.is_set() {
        errors.required(&secret, "");
    }
    if cluster && secret.is_set() {
        errors.needs_text(&secret.field("name"));
    }
    if initiator.is_set() {
        // So the server writes this path.
        qualified(&at.field_with("initiatorname", initiator.value), initiator.text(), cluster, errors);
    }
}

/// A name of iSCSI, of one of three sorts.
fn qualified(at: &At, name: &str, short: bool, errors: &mut Errors) {
    let letters = |text: &str, count: usize| text.len() == count && text.bytes().all(|b| b.is_ascii_alphanumeric());
    let after = |begin: &str| name.strip_prefix(begin).map(|rest| rest.get(1..).unwrap_or(""));
    let well = match (name.starts_with("iqn"), after("eui"), after("naa")) {
        (true, ..) => is_iqn(name),
        (_, Some(rest), _) => letters(rest, 16),
        (.., Some(rest)) => letters(rest, 32),
        _ if short => false,
        _ => return errors.invalid_as(at, &quoted(name), "must be valid format starting with iqn, eui, or naa"),
    };
    if !well {
        errors.invalid_as(at, &quoted(name), "must be valid format");
    }
}

/// `iqn.2001-04.com.example:storage`.
fn is_iqn(name: &str) -> bool {
    let Some(rest) = name.strip_prefix("iqn.") else { return false };
    let bytes = rest.as_bytes();
    let date = bytes.len() > 8
        && [0, 1, 2, 3, 5, 6].iter().all(|i| bytes[*i].is_ascii_digit())
        && bytes[4] == b'-'
        && bytes[7] == b'.';
    let Some((domain, own)) = rest.get(8..).and_then(|rest| rest.split_once(':')).filter(|_| date) else {
        return false;
    };
    !domain.is_empty()
        && domain.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b))
        && !own.is_empty()
        && !own.contains(|c: char| ",;*&$|".contains(c) || c.is_ascii_whitespace())
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
