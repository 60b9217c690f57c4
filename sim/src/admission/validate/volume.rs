//! Kubernetes 1.36: pkg/apis/core/validation/validation.go (ValidateVolumes, ValidateVolumeMounts)

use super::kit::{At, Errors, quoted};
use super::names;

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
            "projected" => projected(&at, errors),
            _ => shared_source(name, &at, errors),
        }
    }
    if given == 0 {
        errors.required(volume, "must specify a volume type");
    }
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

const FIELDS: [&str; 5] =
    ["metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"];

fn downward_item(item: &At, at: &At, errors: &mut Errors) {
    let path = at.field_with("path", item.value.get("path"));
    relative(&path, errors);
    let field = at.field_with("fieldRef", item.value.get("fieldRef"));
    let resource = at.field_with("resourceFieldRef", item.value.get("resourceFieldRef"));
    if field.is_set() {
        let path = field.field("fieldPath");
        let keyed = ["metadata.labels['", "metadata.annotations['"].iter().any(|k| path.text().starts_with(k));
        if errors.needs_text(&path) && !keyed && !FIELDS.contains(&path.text()) {
            errors.unsupported(&path, &FIELDS);
        }
    } else if resource.is_set() {
        errors.needs_text(&resource.field("containerName"));
    } else {
        errors.required(at, "one of fieldRef and resourceFieldRef is required");
    }
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
            if kind == "downwardAPI" {
                part.field("items").items().for_each(|item| downward_item(&item, &part, errors));
            }
            let items = part.value.get("items").items().iter().map(|i| i.get("path"));
            for path in items.chain([part.value.get("path")]).filter_map(|p| p.as_str()) {
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
        let (sub, expression) = (mount.field("subPath"), mount.field("subPathExpr"));
        if !sub.text().is_empty() {
            relative(&sub, errors);
        }
        if !expression.text().is_empty() {
            if !sub.text().is_empty() {
                errors.invalid(&expression, "subPathExpr and subPath are mutually exclusive");
            }
            relative(&expression, errors);
        }
        errors.one_of(&mount.field("mountPropagation"), &["Bidirectional", "HostToContainer", "None"], true);
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
