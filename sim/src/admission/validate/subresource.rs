//! Kubernetes 1.36: pkg/apis/core/validation (ValidatePodResize, ValidatePodEphemeralContainersUpdate),
//! pkg/registry/core/pod/strategy.go (dropNonResizeUpdates, dropNonEphemeralContainerUpdates)
//!
//! Changes of a Pod through `/resize` and `/ephemeralcontainers`. What these do not name is dropped without a word.

use super::kit::{At, Errors};
use crate::admission::qos;
use crate::api::Field;
use crate::api::pod::PodSpec;
use crate::value::Value;

/// The lists of containers that may be resized.
const RESIZED: [&str; 2] = ["containers", "initContainers"];

/// The Pod as it was, with only that changed which belongs to this part of it.
pub fn narrowed(part: &str, new: &Value, old: &Value) -> Value {
    let mut value = old.clone();
    if part == "ephemeralcontainers" {
        let list = new.at(&["spec", "ephemeralContainers"]).clone();
        value.at_mut(&["spec"]).set("ephemeralContainers", list);
        return value;
    }
    if part == "approval" {
        let conditions = new.at(&["status", "conditions"]).clone();
        value.at_mut(&["status"]).set("conditions", conditions);
        return value;
    }
    for list in RESIZED {
        if value.at(&["spec", list]).items().is_empty() {
            continue;
        }
        for container in value.at_mut(&["spec", list]).list_mut() {
            let same = |c: &&Value| c.get("name") == container.get("name");
            let Some(wanted) = new.at(&["spec", list]).items().iter().find(same) else { continue };
            for field in ["resources", "resizePolicy"] {
                match wanted.get(field) {
                    Value::Null => drop(container.remove(field)),
                    value => container.set(field, value.clone()),
                }
            }
        }
    }
    value
}

/// What is wrong with such a change.
pub fn update(part: &str, spec: &At, old: &At, errors: &mut Errors) {
    if part == "ephemeralcontainers" {
        return ephemeral(&spec.field("ephemeralContainers"), old.field("ephemeralContainers").value, errors);
    }
    let class = |at: &At| qos::class_of(&PodSpec::read(at.value));
    if class(spec) != class(old) {
        let value = format!("\"{}\"", class(spec));
        errors.invalid_as(spec, &value, "Pod QOS Class may not change as a result of resizing");
    }
    for list in RESIZED {
        let (now, before) = (spec.field(list), old.field(list));
        for (container, before) in now.items().zip(before.value.items()) {
            let (at, was) = (container.field("resources"), before.get("resources"));
            if at.value == was {
                continue;
            }
            if list == "initContainers" && container.field("restartPolicy").text() != "Always" {
                errors.forbidden(&at, "resources for non-sidecar init containers are immutable");
            }
            removed(&at, was, errors);
        }
    }
}

/// Only CPU and memory change, and none of them vanishes.
fn removed(at: &At, was: &Value, errors: &mut Errors) {
    for (part, what) in
        [("limits", "resource limits cannot be removed"), ("requests", "resource requests cannot be removed")]
    {
        let now = at.field(part);
        let names = |value: &Value| value.as_map().map(|m| m.keys().cloned().collect::<Vec<_>>()).unwrap_or_default();
        let (new, old) = (names(now.value), names(was.get(part)));
        if old.iter().any(|name| !new.contains(name)) {
            errors.forbidden(&now, what);
        }
        let resizable = |name: &str| matches!(name, "cpu" | "memory");
        let mut others = new.iter().chain(&old).filter(|name| !resizable(name));
        if others.any(|name| now.value.get(name) != was.at(&[part, name])) {
            errors.forbidden(&now, "only cpu and memory resources are mutable");
        }
    }
}

fn ephemeral(at: &At, old: &Value, errors: &mut Errors) {
    for before in old.items() {
        let name = before.get("name");
        match at.value.items().iter().find(|c| c.get("name") == name) {
            Some(now) if now == before => {}
            Some(_) => errors.forbidden(
                at,
                format!("existing ephemeral containers \"{}\" may not be changed\n", name.as_str().unwrap_or("")),
            ),
            None => errors.forbidden(
                at,
                format!("existing ephemeral containers \"{}\" may not be removed\n", name.as_str().unwrap_or("")),
            ),
        }
    }
}
