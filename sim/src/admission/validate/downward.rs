//! Kubernetes 1.36: pkg/apis/core/validation/validation.go (validateObjectFieldSelector, validateContainerResourceFieldSelector),
//! pkg/apis/core/pods/helpers.go
//!
//! What of a Pod its own variables and files may tell.

use super::kit::{At, Errors, quoted};
use super::names;
use crate::api::{Field, quantity::Quantity};

/// Fields that have a meaning at all.
const KNOWN: [&str; 15] = [
    "metadata.annotations",
    "metadata.labels",
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.host",
    "spec.nodeName",
    "spec.restartPolicy",
    "spec.schedulerName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.phase",
    "status.podIP",
    "status.podIPs",
];
pub const IN_VARIABLES: [&str; 9] = [
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
pub const IN_FILES: [&str; 5] =
    ["metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"];
const RESOURCES: [&str; 6] = [
    "limits.cpu",
    "limits.ephemeral-storage",
    "limits.memory",
    "requests.cpu",
    "requests.ephemeral-storage",
    "requests.memory",
];

/// A field of the Pod: one of `allowed`, or a single label or annotation.
pub fn field_ref(at: &At, allowed: &[&str], errors: &mut Errors) {
    let path = at.field("fieldPath");
    if !errors.needs_text(&path) {
        return;
    }
    let text = path.text();
    if let Some((field, key)) = text.strip_suffix("']").and_then(|text| text.split_once("['")) {
        match field {
            "metadata.annotations" => {
                errors.invalid_all_as(at, &quoted(&key.to_lowercase()), names::qualified(&key.to_lowercase()))
            }
            "metadata.labels" => errors.invalid_all_as(at, &quoted(key), names::qualified(key)),
            _ => errors
                .invalid(&path, format!("error converting fieldPath: field label does not support subscript: {text}")),
        }
    } else if !KNOWN.contains(&text) {
        errors.invalid(&path, format!("error converting fieldPath: field label not supported: {text}"));
    } else if !allowed.contains(&text) && text != "spec.host" {
        errors.unsupported(&path, allowed);
    }
}

/// An amount of a container, which files have to name.
pub fn resource_ref(at: &At, in_file: bool, errors: &mut Errors) {
    let resource = at.field("resource");
    let name = resource.text();
    let huge = ["limits.hugepages-", "requests.hugepages-"].iter().any(|p| name.starts_with(p));
    if in_file && at.field("containerName").text().is_empty() {
        errors.required(&at.field("containerName"), "");
    } else if errors.needs_text(&resource) && !huge && !RESOURCES.contains(&name) {
        errors.unsupported(&resource, &RESOURCES);
    }
    divisor(at, name, huge, errors);
}

fn divisor(at: &At, resource: &str, huge: bool, errors: &mut Errors) {
    const UNITS: &str = "1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei";
    let (what, units) = match resource {
        "limits.cpu" | "requests.cpu" => ("cpu", "1m and 1"),
        "limits.memory" | "requests.memory" => ("memory", UNITS),
        "limits.ephemeral-storage" | "requests.ephemeral-storage" => ("local ephemeral storage", UNITS),
        _ if huge => ("hugepages", UNITS),
        _ => return,
    };
    let divisor = at.field("divisor");
    let given = Quantity::read(divisor.value);
    let written = given.write();
    let known = units.split([',', ' ']).any(|unit| written.as_str() == Some(unit));
    if !divisor.value.is_null() && given.milli_units() != 0 && !known {
        let why = format!("only divisor's values {units} are supported with the {what} resource");
        errors.invalid_as(&divisor, &quoted(resource), why);
    }
}
