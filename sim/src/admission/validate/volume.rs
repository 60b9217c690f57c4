//! Kubernetes 1.36: pkg/apis/core/validation/validation.go (ValidateVolumes, ValidateVolumeMounts, ValidateVolumeDevices)

use super::kit::{At, Errors, quoted};
use super::{names, projection, source};
use crate::value::Value;

/// A Pod's volumes that are well: their names, and what they are.
pub type Volumes<'a> = Vec<(&'a str, &'a Value)>;

/// `owner` is the Pod's name; empty in a template.
pub fn volumes<'a>(at: &At<'a>, owner: &str, errors: &mut Errors) -> Volumes<'a> {
    let mut found: Volumes = Vec::new();
    let list = at.value.items();
    for (volume, own) in at.items().zip(list) {
        let before = errors.0.len();
        source::of_pod(&volume, owner, errors);
        let name = volume.field("name");
        if errors.needs_text(&name) {
            errors.invalid_all(&name, names::label(name.text()));
        }
        let text = own.get("name").as_str().unwrap_or("");
        if found.iter().any(|(n, _)| *n == text) {
            errors.duplicate(&name);
        }
        // What is wrong in itself is not found by its mounts, either.
        if errors.0.len() == before {
            found.push((text, own));
        }
        let claim = volume.field("persistentVolumeClaim");
        let claim = claim.field("claimName");
        let made = |v: &Value| v.get("ephemeral").as_map().and(v.get("name").as_str()).map(|n| format!("{owner}-{n}"));
        if !owner.is_empty() && list.iter().filter_map(made).any(|made| made == claim.text()) {
            errors.invalid(&claim, "must not reference a PVC that gets created for an ephemeral volume");
        }
    }
    found
}

pub fn mounts(container: &At, volumes: &Volumes, errors: &mut Errors) {
    let list = container.field("volumeMounts");
    let devices = container.value.get("volumeDevices").items();
    let privileged = container.value.at(&["securityContext", "privileged"]).as_bool() == Some(true);
    let mut paths: Vec<&str> = Vec::new();
    for (mount, own) in list.items().zip(list.value.items()) {
        let (name, path) = (mount.field("name"), mount.field("mountPath"));
        errors.needs_text(&name);
        let volume = volumes.iter().find(|(n, _)| *n == name.text());
        if volume.is_none() {
            errors.not_found(&name);
        }
        errors.needs_text(&path);
        let text = own.get("mountPath").as_str().unwrap_or("");
        if paths.contains(&text) {
            errors.invalid_as(&path, &quoted(text), "must be unique");
        }
        paths.push(text);
        if devices.iter().any(|device| device.get("name").as_str() == own.get("name").as_str()) {
            errors.invalid(&name, "must not already exist in volumeDevices");
        }
        if devices.iter().any(|device| device.get("devicePath").as_str() == Some(text)) {
            errors.invalid(&path, "must not already exist as a path in volumeDevices");
        }
        let (sub, expression) = (mount.field("subPath"), mount.field("subPathExpr"));
        // From here on the server's paths leave the number of the mount out.
        projection::descending(&list.field_with("subPath", sub.value), errors);
        if expression.is_filled() {
            if sub.is_filled() {
                errors.invalid(&expression, "subPathExpr and subPath are mutually exclusive");
            }
            projection::descending(&list.field_with("subPathExpr", expression.value), errors);
        }
        propagation(&list, own, privileged, errors);
    }
}

fn propagation(list: &At, mount: &Value, privileged: bool, errors: &mut Errors) {
    let at = list.field_with("mountPropagation", mount.get("mountPropagation"));
    if at.is_set() {
        const WAYS: [&str; 3] = ["Bidirectional", "HostToContainer", "None"];
        if !WAYS.contains(&at.text()) {
            errors.unsupported(&at, &WAYS);
        }
        if at.text() == "Bidirectional" && !privileged {
            errors.forbidden(&at, "Bidirectional mount propagation is available only to privileged containers");
        }
    }
    let deep = list.field_with("recursiveReadOnly", mount.get("recursiveReadOnly"));
    match deep.text() {
        "Disabled" => {}
        "Enabled" | "IfPossible" => {
            if mount.get("readOnly").as_bool() != Some(true) {
                errors.forbidden(&deep, "may only be specified when readOnly is true");
            }
            if at.is_set() && at.text() != "None" {
                errors.forbidden(&deep, "may only be specified when mountPropagation is None or not specified");
            }
        }
        _ if deep.is_set() => errors.unsupported(&deep, &["Disabled", "Enabled", "IfPossible"]),
        _ => {}
    }
}

pub fn devices(container: &At, volumes: &Volumes, errors: &mut Errors) {
    let list = container.field("volumeDevices");
    let mounts = container.value.get("volumeMounts").items();
    let (mut names, mut paths): (Vec<&str>, Vec<&str>) = (vec![], vec![]);
    for (device, own) in list.items().zip(list.value.items()) {
        let (name, path) = (device.field("name"), device.field("devicePath"));
        let [own_name, own_path] = ["name", "devicePath"].map(|field| own.get(field).as_str().unwrap_or(""));
        errors.needs_text(&name);
        if names.contains(&own_name) {
            errors.invalid(&name, "must be unique");
        }
        match volumes.iter().find(|(n, _)| *n == own_name) {
            None => errors.not_found(&name),
            Some((_, volume)) if volume.get("persistentVolumeClaim").is_null() && volume.get("ephemeral").is_null() => {
                let why = "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode";
                errors.invalid(&name, why);
            }
            Some(_) => {}
        }
        errors.needs_text(&path);
        if paths.contains(&own_path) {
            errors.invalid(&path, "must be unique");
        }
        if own_path.split('/').any(|part| part == "..") {
            errors.invalid(&path, "can not contain backsteps ('..')");
        } else {
            paths.push(own_path);
        }
        if mounts.iter().any(|mount| mount.get("name").as_str() == Some(own_name)) {
            errors.invalid(&name, "must not already exist in volumeMounts");
        }
        if mounts.iter().any(|mount| mount.get("mountPath").as_str() == Some(own_path)) {
            errors.invalid(&path, "must not already exist as a path in volumeMounts");
        }
        if !own_name.is_empty() {
            names.push(own_name);
        }
    }
}
