//! Kubernetes 1.36: pkg/apis/core/validation/validation.go (ValidateVolumes, ValidateVolumeMounts)

use super::kit::{At, Errors, quoted};
use super::{downward, meta, names, storage};

/// The names of a Pod's volumes, and whether each may be used as a raw device.
pub type Volumes<'a> = Vec<(&'a str, bool)>;

pub fn volumes<'a>(at: &At<'a>, errors: &mut Errors) -> Volumes<'a> {
    let mut found: Volumes = Vec::new();
    let list = at.value.items();
    for (i, volume) in at.items().enumerate() {
        let before = errors.0.len();
        source(&volume, errors);
        let name = volume.field("name");
        if name.text().is_empty() {
            errors.required(&name, "");
            continue;
        }
        errors.invalid_all(&name, names::label(name.text()));
        let text = list[i].get("name").as_str().unwrap_or("");
        if found.iter().any(|(n, _)| *n == text) {
            errors.duplicate(&name);
        }
        // What is wrong in itself is not found by its mounts, either.
        if errors.0.len() == before {
            let device = !list[i].get("persistentVolumeClaim").is_null() || !list[i].get("ephemeral").is_null();
            found.push((text, device));
        }
    }
    found
}

/// The order in which the server looks at the sources.
const SOURCES: &[&str] = &[
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

fn source(volume: &At, errors: &mut Errors) {
    let mut given = 0;
    for name in SOURCES {
        let at = volume.field(name);
        if !at.is_set() {
            continue;
        }
        given += 1;
        if given > 1 {
            errors.forbidden(&at, "may not specify more than 1 volume type");
            continue;
        }
        match *name {
            "configMap" => {
                errors.needs_text(&at.field("name"));
                mode_and_items(&at, errors);
            }
            "secret" => {
                errors.needs_text(&at.field("secretName"));
                mode_and_items(&at, errors);
            }
            "persistentVolumeClaim" => {
                errors.needs_text(&at.field("claimName"));
            }
            "downwardAPI" => {
                mode(&at.field("defaultMode"), errors);
                for item in at.field("items").items() {
                    // The server's paths leave `items[i]` out.
                    downward_item(&item, &at, errors);
                }
            }
            "ephemeral" => claim_template(&at.field("volumeClaimTemplate"), errors),
            "projected" => projected(&at, errors),
            _ => shared_source(name, &at, errors),
        }
    }
    if given == 0 {
        errors.required(volume, "must specify a volume type");
    }
}

/// Of its metadata a template has labels and annotations alone.
fn claim_template(at: &At, errors: &mut Errors) {
    if !at.is_set() {
        return errors.required(at, "");
    }
    let metadata = at.field("metadata");
    meta::labels(&metadata.field("labels"), errors);
    for (field, value) in metadata.keys() {
        if !matches!(field, "labels" | "annotations") && !value.value.is_null() {
            errors.forbidden(&metadata.field(field), "cannot be set");
        }
    }
    storage::claim_spec(&at.field("spec"), errors);
}

/// Sources that Pods and PersistentVolumes have in common.
pub fn shared_source(name: &str, at: &At, errors: &mut Errors) {
    let needed: &[&str] = match name {
        "hostPath" => {
            let path = at.field("path");
            if errors.needs_text(&path) {
                no_dots(&path, errors);
            }
            const TYPES: [&str; 8] =
                ["", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"];
            let kind = at.field("type");
            if kind.is_set() && !TYPES.contains(&kind.text()) {
                errors.unsupported(&kind, &TYPES);
            }
            return;
        }
        "nfs" => {
            errors.needs_text(&at.field("server"));
            let path = at.field("path");
            if errors.needs_text(&path) && !path.text().starts_with('/') {
                errors.invalid(&path, "must be an absolute path");
            }
            return;
        }
        "gcePersistentDisk" => &["pdName"],
        "awsElasticBlockStore" | "cinder" | "portworxVolume" => &["volumeID"],
        "gitRepo" => &["repository"],
        "iscsi" => &["targetPortal", "iqn"],
        "glusterfs" => &["endpoints", "path"],
        "azureFile" => &["secretName", "shareName"],
        "azureDisk" => &["diskName", "diskURI"],
        "vsphereVolume" => &["volumePath"],
        "csi" | "flexVolume" => &["driver"],
        "image" => &["reference"],
        _ => &[],
    };
    for field in needed {
        errors.needs_text(&at.field(field));
    }
}

pub fn no_dots(path: &At, errors: &mut Errors) {
    if path.text().split('/').any(|part| part == "..") {
        errors.invalid(path, "must not contain '..'");
    }
}

/// A path within a volume.
fn relative(path: &At, errors: &mut Errors) {
    if !errors.needs_text(path) {
        return;
    }
    if path.text().starts_with('/') {
        errors.invalid(path, "must be a relative path");
    }
    no_dots(path, errors);
    if path.text().starts_with("..") && !path.text().split('/').any(|part| part == "..") {
        errors.invalid(path, "must not start with '..'");
    }
}

fn mode(at: &At, errors: &mut Errors) {
    if at.is_set() && !(0..=0o777).contains(&at.int()) {
        errors.invalid(at, "must be a number between 0 and 0777 (octal), both inclusive");
    }
}

fn mode_and_items(at: &At, errors: &mut Errors) {
    mode(&at.field("defaultMode"), errors);
    key_items(at, errors);
}

fn key_items(at: &At, errors: &mut Errors) {
    for item in at.field("items").items() {
        errors.needs_text(&item.field("key"));
        relative(&item.field("path"), errors);
        mode(&item.field("mode"), errors);
    }
}

fn downward_item(item: &At, at: &At, errors: &mut Errors) {
    let path = at.field_with("path", item.value.get("path"));
    relative(&path, errors);
    let field = at.field_with("fieldRef", item.value.get("fieldRef"));
    let resource = at.field_with("resourceFieldRef", item.value.get("resourceFieldRef"));
    if field.is_set() {
        downward::field_ref(&field, &downward::IN_FILES, errors);
        if resource.is_set() {
            let why = "fieldRef and resourceFieldRef can not be specified simultaneously";
            errors.invalid_as(at, "\"resource\"", why);
        }
    } else if resource.is_set() {
        downward::resource_ref(&resource, true, errors);
    } else {
        errors.required(at, "one of fieldRef and resourceFieldRef is required");
    }
    mode(&at.field_with("mode", item.value.get("mode")), errors);
}

fn projected(at: &At, errors: &mut Errors) {
    mode(&at.field("defaultMode"), errors);
    let mut paths: Vec<String> = Vec::new();
    let sources = at.field("sources");
    for source in sources.items() {
        for (kind, name) in
            [("secret", "name"), ("configMap", "name"), ("downwardAPI", ""), ("serviceAccountToken", "")]
        {
            let part = source.field(kind);
            if !part.is_set() {
                continue;
            }
            if !name.is_empty() {
                errors.needs_text(&part.field(name));
                key_items(&part, errors);
            }
            if kind == "serviceAccountToken" {
                token(&part, at, errors);
                continue;
            }
            if kind == "downwardAPI" {
                part.field("items").items().for_each(|item| downward_item(&item, &part, errors));
            }
            let items = part.value.get("items").items().iter().map(|i| i.get("path"));
            for path in items.filter_map(|p| p.as_str()).filter(|path| !path.is_empty()) {
                if paths.iter().any(|p| p == path) {
                    // The server shows the source's name, where it has one.
                    let shown = part.value.get("name").as_str().unwrap_or(path);
                    errors.invalid_as(at, &quoted(shown), "conflicting duplicate paths");
                }
                paths.push(path.to_string());
            }
        }
    }
}

/// The server's paths leave the source out where it speaks of the token's path.
fn token(part: &At, at: &At, errors: &mut Errors) {
    let seconds = part.field("expirationSeconds");
    if seconds.int() < 10 * 60 {
        errors.invalid(&seconds, "may not specify a duration less than 10 minutes");
    }
    if seconds.int() > 1 << 32 {
        errors.invalid(&seconds, "may not specify a duration larger than 2^32 seconds");
    }
    relative(&at.field_with("path", part.value.get("path")), errors);
}

/// A path that leads down, which may begin with dots.
fn descending(path: &At, errors: &mut Errors) {
    if path.text().starts_with('/') {
        errors.invalid(path, "must be a relative path");
    }
    no_dots(path, errors);
}

pub fn mounts(container: &At, volumes: &Volumes, errors: &mut Errors) {
    let list = container.field("volumeMounts");
    let mut paths: Vec<&str> = Vec::new();
    for (i, mount) in list.items().enumerate() {
        let name = mount.field("name");
        errors.needs_text(&name);
        if !volumes.iter().any(|(n, _)| *n == name.text()) {
            errors.not_found(&name);
        }
        let path = mount.field("mountPath");
        errors.needs_text(&path);
        let text = list.value.items()[i].get("mountPath").as_str().unwrap_or("");
        if paths.contains(&text) {
            errors.invalid(&path, "must be unique");
        }
        paths.push(text);
        // From here on the server's paths leave the index out.
        let here = |field| list.field_with(field, list.value.items()[i].get(field));
        let (sub, expression) = (here("subPath"), here("subPathExpr"));
        if !sub.text().is_empty() {
            descending(&sub, errors);
        }
        if !expression.text().is_empty() {
            if !sub.text().is_empty() {
                let why = "subPathExpr and subPath are mutually exclusive";
                errors.invalid(&mount.field("subPathExpr"), why);
            }
            descending(&expression, errors);
        }
        let propagation = here("mountPropagation");
        errors.one_of(&propagation, &["Bidirectional", "HostToContainer", "None"], true);
        let privileged = container.value.at(&["securityContext", "privileged"]).as_bool() == Some(true);
        if propagation.text() == "Bidirectional" && !privileged {
            errors
                .forbidden(&propagation, "Bidirectional mount propagation is available only to privileged containers");
        }
        recursive(&here("recursiveReadOnly"), &mount, errors);
    }
}

fn recursive(at: &At, mount: &At, errors: &mut Errors) {
    match at.text() {
        "Enabled" | "IfPossible" => {
            if mount.field("readOnly").value.as_bool() != Some(true) {
                errors.forbidden(at, "may only be specified when readOnly is true");
            }
            if !matches!(mount.field("mountPropagation").text(), "" | "None") {
                errors.forbidden(at, "may only be specified when mountPropagation is None or not specified");
            }
        }
        _ => errors.one_of(at, &["Disabled", "Enabled", "IfPossible"], true),
    }
}

pub fn devices(container: &At, volumes: &Volumes, errors: &mut Errors) {
    for device in container.field("volumeDevices").items() {
        let name = device.field("name");
        if errors.needs_text(&name) {
            match volumes.iter().find(|(n, _)| *n == name.text()) {
                None => errors.not_found(&name),
                Some((_, false)) => errors.invalid(
                    &name,
                    "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode",
                ),
                Some(_) => {}
            }
        }
        errors.needs_text(&device.field("devicePath"));
    }
}
