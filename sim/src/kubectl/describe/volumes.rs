//! Volumes and where they are mounted.

use super::page::Page;
use crate::kubectl::table::plain;
use crate::value::Value;

pub fn mounts(container: &Value, out: &mut Vec<String>) {
    let mut mounts: Vec<&Value> = container.get("volumeMounts").items().iter().collect();
    mounts.sort_by_key(|m| plain(m.get("mountPath")));
    if mounts.is_empty() {
        out.push("Mounts:\t<none>".into());
    } else {
        out.push("Mounts:".into());
    }
    for mount in mounts {
        let mut flags =
            vec![if mount.get("readOnly").as_bool() == Some(true) { "ro".to_string() } else { "rw".into() }];
        for (key, name) in [("subPath", "path")] {
            if !plain(mount.get(key)).is_empty() {
                flags.push(format!("{name}={:?}", plain(mount.get(key))));
            }
        }
        out.push(format!(
            "  {} from {} ({})",
            plain(mount.get("mountPath")),
            plain(mount.get("name")),
            flags.join(",")
        ));
    }
}

pub fn all(page: &mut Page, level: usize, volumes: &Value) {
    if volumes.items().is_empty() {
        return page.put(level, "Volumes:\t<none>");
    }
    page.put(level, "Volumes:");
    for volume in volumes.items() {
        let indent = if level > 0 { " " } else { "" };
        page.put(1, format!("{indent}{}:", plain(volume.get("name"))));
        lines(volume).iter().for_each(|line| page.put(2, line));
    }
}

/// What stands under a volume's name; a PersistentVolume's source is told alike.
pub fn lines(volume: &Value) -> Vec<String> {
    let of = |key: &str| volume.get(key);
    let optional = |of: &Value| of.get("optional").as_bool().unwrap_or(false);
    let name = |of: &Value, key: &str| plain(of.get(key));
    let read_only = |of: &Value| of.get("readOnly").as_bool().unwrap_or(false);
    let mut out = vec![];
    if !of("emptyDir").is_null() {
        let dir = of("emptyDir");
        let limit = name(dir, "sizeLimit");
        out.push("Type:\tEmptyDir (a temporary directory that shares a pod's lifetime)".into());
        out.push(format!("Medium:\t{}", name(dir, "medium")));
        out.push(format!("SizeLimit:\t{}", if limit.is_empty() { "<unset>".into() } else { limit }));
    } else if !of("hostPath").is_null() {
        let path = of("hostPath");
        let kind = name(path, "type");
        out.push("Type:\tHostPath (bare host directory volume)".into());
        out.push(format!("Path:\t{}", name(path, "path")));
        out.push(format!("HostPathType:\t{}", if path.get("type").is_null() { "<none>".into() } else { kind }));
    } else if !of("configMap").is_null() {
        out.push("Type:\tConfigMap (a volume populated by a ConfigMap)".into());
        out.push(format!("Name:\t{}", name(of("configMap"), "name")));
        out.push(format!("Optional:\t{}", optional(of("configMap"))));
    } else if !of("secret").is_null() {
        out.push("Type:\tSecret (a volume populated by a Secret)".into());
        out.push(format!("SecretName:\t{}", name(of("secret"), "secretName")));
        out.push(format!("Optional:\t{}", optional(of("secret"))));
    } else if !of("downwardAPI").is_null() {
        out.push("Type:\tDownwardAPI (a volume populated by information about the pod)".into());
        out.push("Items:".into());
        out.extend(of("downwardAPI").get("items").items().iter().map(|item| {
            let resource = item.get("resourceFieldRef");
            let field = if resource.is_null() {
                plain(item.at(&["fieldRef", "fieldPath"]))
            } else {
                plain(resource.get("resource"))
            };
            format!("  {field} -> {}", plain(item.get("path")))
        }));
    } else if !of("projected").is_null() {
        projected(of("projected"), &mut out);
    } else if !of("persistentVolumeClaim").is_null() {
        let claim = of("persistentVolumeClaim");
        out.push("Type:\tPersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)".into());
        out.push(format!("ClaimName:\t{}", name(claim, "claimName")));
        out.push(format!("ReadOnly:\t{}", read_only(claim)));
    } else if !of("ephemeral").is_null() {
        ephemeral(of("ephemeral").get("volumeClaimTemplate"), &mut out);
    } else {
        of_the_machine(volume, &mut out);
    }
    out
}

fn projected(projected: &Value, out: &mut Vec<String>) {
    out.push("Type:\tProjected (a volume that contains injected data from multiple sources)".into());
    for source in projected.get("sources").items() {
        let (secret, map, token) = (source.get("secret"), source.get("configMap"), source.get("serviceAccountToken"));
        let optional = |of: &Value| of.get("optional").as_bool().unwrap_or(false);
        if !secret.is_null() {
            out.push(format!("SecretName:\t{}", plain(secret.get("name"))));
            out.push(format!("Optional:\t{}", optional(secret)));
        } else if !source.get("downwardAPI").is_null() {
            out.push("DownwardAPI:\ttrue".into());
        } else if !map.is_null() {
            out.push(format!("ConfigMapName:\t{}", plain(map.get("name"))));
            out.push(format!("Optional:\t{}", optional(map)));
        } else if !token.is_null() {
            out.push(format!("TokenExpirationSeconds:\t{}", token.get("expirationSeconds").as_int().unwrap_or(3600)));
        }
    }
}

/// Sources that stand for disks and servers outside of the Pod.
fn of_the_machine(volume: &Value, out: &mut Vec<String>) {
    let of = |key: &str| volume.get(key);
    let name = |of: &Value, key: &str| plain(of.get(key));
    let read_only = |of: &Value| of.get("readOnly").as_bool().unwrap_or(false);
    if !of("nfs").is_null() {
        out.push("Type:\tNFS (an NFS mount that lasts the lifetime of a pod)".into());
        out.push(format!("Server:\t{}", name(of("nfs"), "server")));
        out.push(format!("Path:\t{}", name(of("nfs"), "path")));
        out.push(format!("ReadOnly:\t{}", read_only(of("nfs"))));
    } else if !of("local").is_null() {
        out.push("Type:\tLocalVolume (a persistent volume backed by local storage on a node)".into());
        out.push(format!("Path:\t{}", name(of("local"), "path")));
    } else if !of("csi").is_null() {
        let csi = of("csi");
        out.push("Type:\tCSI (a Container Storage Interface (CSI) volume source)".into());
        out.push(format!("Driver:\t{}", name(csi, "driver")));
        out.push(format!("FSType:\t{}", name(csi, "fsType")));
        if !csi.get("volumeHandle").is_null() {
            out.push(format!("VolumeHandle:\t{}", name(csi, "volumeHandle")));
        }
        out.push(format!("ReadOnly:\t{}", read_only(csi)));
        attributes(csi.get("volumeAttributes"), out);
    } else if !of("image").is_null() {
        out.push("Type:\tImage (a container image or OCI artifact)".into());
        out.push(format!("Reference:\t{}", name(of("image"), "reference")));
        out.push(format!("PullPolicy:\t{}", name(of("image"), "pullPolicy")));
    } else {
        out.push("<unknown>".into());
    }
}

/// What a driver is told, a line each.
fn attributes(map: &Value, out: &mut Vec<String>) {
    let mut name = "VolumeAttributes:\t";
    for (key, value) in map.as_map().into_iter().flat_map(|m| m.iter()) {
        out.push(format!("{name}    {key}={}", plain(value)));
        name = "\t";
    }
    if map.as_map().is_none_or(|m| m.is_empty()) {
        out.push(format!("{name}<none>"));
    }
}

/// The claim that a Pod makes for itself, told as a claim is.
fn ephemeral(template: &Value, out: &mut Vec<String>) {
    let spec = template.get("spec");
    out.push(
        "Type:\tEphemeralVolume (an inline specification for a volume that gets created and deleted with the pod)"
            .into(),
    );
    if template.is_null() {
        return;
    }
    out.push(format!("StorageClass:\t{}", plain(spec.get("storageClassName"))));
    out.push(format!("Volume:\t{}", plain(spec.get("volumeName"))));
    let mut page = Page::bare();
    page.texts(0, "Labels", template.at(&["metadata", "labels"]), "=");
    page.texts(0, "Annotations", template.at(&["metadata", "annotations"]), ": ");
    out.extend(page.lines());
    out.push("Capacity:\t".into());
    out.push("Access Modes:\t".into());
    if !spec.get("volumeMode").is_null() {
        out.push(format!("VolumeMode:\t{}", plain(spec.get("volumeMode"))));
    }
}
