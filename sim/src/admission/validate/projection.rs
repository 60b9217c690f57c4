//! Kubernetes 1.36: pkg/apis/core/validation/validation.go (validateKeyToPath, validateDownwardAPIVolumeFile,
//! validateProjectionSources, validateObjectFieldSelector, validateContainerResourceFieldSelector)
//!
//! What an object's parts become: files of a volume, variables of a container.

use super::kit::{At, Errors, quoted};
use super::{meta, names, source};
use crate::api::Quantity;

pub fn mode(at: &At, errors: &mut Errors) {
    if at.is_set() && !(0..=0o777).contains(&at.int()) {
        errors.invalid(at, "must be a number between 0 and 0777 (octal), both inclusive");
    }
}

/// A relative path that leads nowhere else.
pub fn descending(path: &At, errors: &mut Errors) {
    if path.text().starts_with('/') {
        errors.invalid(path, "must be a relative path");
    }
    source::no_dots(path, errors);
}

/// A path within a volume.
fn relative(path: &At, errors: &mut Errors) {
    descending(path, errors);
    if path.text().starts_with("..") && !path.text().starts_with("../") {
        errors.invalid(path, "must not start with '..'");
    }
}

pub fn key_items(at: &At, errors: &mut Errors) {
    at.field("items").items().for_each(|item| key_item(&item, errors));
}

fn key_item(item: &At, errors: &mut Errors) {
    errors.needs_text(&item.field("key"));
    let path = item.field("path");
    errors.needs_text(&path);
    relative(&path, errors);
    mode(&item.field("mode"), errors);
}

pub fn downward(at: &At, errors: &mut Errors) {
    mode(&at.field("defaultMode"), errors);
    at.field("items").items().for_each(|item| downward_item(&item, at, errors));
}

/// Fields of a Pod that files may hold.
const OF_FILES: [&str; 5] =
    ["metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"];
/// Fields of a Pod that variables may hold.
pub const OF_VARIABLES: [&str; 9] = [
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
];
/// What else the API knows by such a path.
const KNOWN: [&str; 3] = ["spec.restartPolicy", "spec.schedulerName", "status.phase"];
const RESOURCES: [&str; 6] = [
    "limits.cpu",
    "limits.ephemeral-storage",
    "limits.memory",
    "requests.cpu",
    "requests.ephemeral-storage",
    "requests.memory",
];
const DIVISORS: [&str; 13] = ["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"];

/// The server's paths leave `items[i]` out.
fn downward_item(item: &At, at: &At, errors: &mut Errors) {
    let path = at.field_with("path", item.value.get("path"));
    errors.needs_text(&path);
    relative(&path, errors);
    let field = at.field_with("fieldRef", item.value.get("fieldRef"));
    let resource = at.field_with("resourceFieldRef", item.value.get("resourceFieldRef"));
    if field.is_set() {
        field_ref(&field, &OF_FILES, errors);
        if resource.is_set() {
            errors.invalid_as(at, "\"resource\"", "fieldRef and resourceFieldRef can not be specified simultaneously");
        }
    } else if resource.is_set() {
        resource_ref(&resource, true, errors);
    } else {
        errors.required(at, "one of fieldRef and resourceFieldRef is required");
    }
    mode(&at.field_with("mode", item.value.get("mode")), errors);
}

/// A field of the Pod, one of `allowed` or an entry of its labels or annotations.
pub fn field_ref(at: &At, allowed: &[&str], errors: &mut Errors) {
    let (version, path) = (at.field("apiVersion"), at.field("fieldPath"));
    if !errors.needs_text(&version) || !errors.needs_text(&path) {
        return;
    }
    let entry =
        path.text().strip_suffix("']").and_then(|rest| rest.split_once("['")).filter(|(map, _)| !map.is_empty());
    let label = if path.text() == "spec.host" { "spec.nodeName" } else { path.text() };
    let known = OF_FILES.contains(&label) || OF_VARIABLES.contains(&label) || KNOWN.contains(&label);
    let why = match entry {
        _ if version.text() != "v1" => format!("unsupported pod version: {}", version.text()),
        Some(("metadata.labels" | "metadata.annotations", _)) => String::new(),
        Some(_) => format!("field label does not support subscript: {label}"),
        None if known => String::new(),
        None => format!("field label not supported: {label}"),
    };
    if !why.is_empty() {
        return errors.invalid(&path, format!("error converting fieldPath: {why}"));
    }
    match entry {
        Some((map, key)) => {
            let key = if map == "metadata.annotations" { key.to_lowercase() } else { key.into() };
            names::qualified(&key).iter().for_each(|wrong| errors.invalid_as(at, &quoted(&key), wrong));
        }
        None if allowed.contains(&label) => {}
        None => errors.unsupported_as(&path, &quoted(label), allowed),
    }
}

/// What a container asks for or may use; in a `volume` it must be named.
pub fn resource_ref(at: &At, volume: bool, errors: &mut Errors) {
    let (container, resource) = (at.field("containerName"), at.field("resource"));
    let name = resource.text();
    let huge = ["limits.hugepages-", "requests.hugepages-"].iter().any(|begin| name.starts_with(begin));
    if volume && container.text().is_empty() {
        errors.required(&container, "");
    } else if errors.needs_text(&resource) && !huge && !RESOURCES.contains(&name) {
        errors.unsupported(&resource, &RESOURCES);
    }
    let divisor = at.field("divisor");
    let amount = super::resources::amount(&divisor);
    let what = match name {
        _ if amount.milli == Quantity::ZERO.milli => return,
        "limits.cpu" | "requests.cpu" => {
            if !["1m", "1"].contains(&&*amount.to_string()) {
                let why = "only divisor's values 1m and 1 are supported with the cpu resource";
                errors.invalid_as(&divisor, &quoted(name), why);
            }
            return;
        }
        "limits.memory" | "requests.memory" => "memory",
        "limits.ephemeral-storage" | "requests.ephemeral-storage" => "local ephemeral storage",
        _ if huge => "hugepages",
        _ => return,
    };
    if !DIVISORS.contains(&&*amount.to_string()) {
        let why = format!("only divisor's values {} are supported with the {what} resource", DIVISORS.join(", "));
        errors.invalid_as(&divisor, &quoted(name), why);
    }
}

pub fn projected(at: &At, errors: &mut Errors) {
    mode(&at.field("defaultMode"), errors);
    let mut paths: Vec<String> = Vec::new();
    for source in at.field("sources").items() {
        let mut given = 0;
        for kind in ["secret", "configMap", "downwardAPI", "serviceAccountToken", "clusterTrustBundle"] {
            let part = source.field(kind);
            if !part.is_set() {
                continue;
            }
            given += 1;
            match kind {
                "serviceAccountToken" => token(&part, at, errors),
                "clusterTrustBundle" => {
                    trust_bundle(&part, errors);
                    once(&mut paths, part.field("path").text(), at, None, errors);
                }
                _ => {
                    let own = part.field("name");
                    if kind != "downwardAPI" {
                        errors.needs_text(&own);
                    }
                    for item in part.field("items").items() {
                        let shown = match kind {
                            "downwardAPI" => {
                                downward_item(&item, &part, errors);
                                None
                            }
                            _ => {
                                key_item(&item, errors);
                                Some(own.text())
                            }
                        };
                        let path = item.value.get("path").as_str().unwrap_or("");
                        if !path.is_empty() {
                            once(&mut paths, path, at, shown, errors);
                        }
                    }
                }
            }
        }
        if given > 1 {
            errors.forbidden(&source, "may not specify more than 1 volume type per source");
        }
    }
}

/// No path is given twice. What is shown of the second is its source's name, where it has one.
fn once(paths: &mut Vec<String>, path: &str, at: &At, shown: Option<&str>, errors: &mut Errors) {
    if paths.iter().any(|other| other == path) {
        errors.invalid_as(at, &quoted(shown.unwrap_or(path)), "conflicting duplicate paths");
    } else {
        paths.push(path.to_string());
    }
}

/// The server writes this path as if it were the volume's own.
fn token(part: &At, volume: &At, errors: &mut Errors) {
    let seconds = part.field("expirationSeconds");
    if seconds.int() < 600 {
        errors.invalid_as(&seconds, &seconds.int().to_string(), "may not specify a duration less than 10 minutes");
    }
    if seconds.int() > 1 << 32 {
        errors.invalid(&seconds, "may not specify a duration larger than 2^32 seconds");
    }
    let path = volume.field_with("path", part.value.get("path"));
    if errors.needs_text(&path) {
        relative(&path, errors);
    }
}

fn trust_bundle(part: &At, errors: &mut Errors) {
    let (name, signer, selector) = (part.field("name"), part.field("signerName"), part.field("labelSelector"));
    if name.is_set() {
        if name.text().is_empty() {
            errors.required(&name, "must be a valid object name");
        }
        if selector.is_set() {
            errors.invalid(&selector, "labelSelector must be unset if name is specified");
        }
    } else if signer.is_set() {
        if signer.text().is_empty() {
            errors.required(&signer, "must be a valid signer name");
        }
        meta::selector(&selector, errors);
    } else {
        errors.required(part, "either name or signerName must be specified");
    }
    let path = part.field("path");
    errors.needs_text(&path);
    relative(&path, errors);
}
