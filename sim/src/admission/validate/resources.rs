//! Kubernetes 1.36: pkg/apis/core/validation/validation.go (ValidateResourceRequirements), pkg/apis/core/helper

use super::kit::{At, Errors, quoted, shown};
use super::names;
use crate::api::Quantity;
use crate::api::field::Field;

const STANDARD: &[&str] = &[
    "cpu",
    "memory",
    "ephemeral-storage",
    "requests.cpu",
    "requests.memory",
    "requests.ephemeral-storage",
    "limits.cpu",
    "limits.memory",
    "limits.ephemeral-storage",
    "pods",
    "resourcequotas",
    "services",
    "replicationcontrollers",
    "secrets",
    "configmaps",
    "persistentvolumeclaims",
    "storage",
    "requests.storage",
    "services.nodeports",
    "services.loadbalancers",
];
const FOR_QUOTA: &[&str] = &[
    "cpu",
    "memory",
    "ephemeral-storage",
    "requests.cpu",
    "requests.memory",
    "requests.storage",
    "requests.ephemeral-storage",
    "limits.cpu",
    "limits.memory",
    "limits.ephemeral-storage",
    "pods",
    "resourcequotas",
    "services",
    "replicationcontrollers",
    "secrets",
    "persistentvolumeclaims",
    "configmaps",
    "services.nodeports",
    "services.loadbalancers",
];
/// Amounts of these are whole numbers.
const COUNTS: &[&str] = &[
    "pods",
    "resourcequotas",
    "services",
    "replicationcontrollers",
    "secrets",
    "configmaps",
    "persistentvolumeclaims",
    "services.nodeports",
    "services.loadbalancers",
];

pub fn amount(at: &At) -> Quantity {
    Quantity::read(at.value)
}

fn is_huge(name: &str) -> bool {
    name.starts_with("hugepages-")
}

/// A resource of the cluster's own making, such as a GPU.
fn is_extended(name: &str) -> bool {
    name.contains('/') && !name.starts_with("requests.") && !is_native(name)
}

fn is_native(name: &str) -> bool {
    !name.contains('/') || name.contains("kubernetes.io/")
}

/// What every name of a resource must look like.
fn resource_name(name: &str, at: &At, errors: &mut Errors) {
    for wrong in names::qualified(name) {
        errors.invalid_as(at, &quoted(name), wrong);
    }
    if !name.contains('/') && !STANDARD.contains(&name) && !is_huge(name.trim_start_matches("requests.")) {
        errors.invalid_as(at, &quoted(name), "must be a standard resource type or fully qualified");
    }
}

fn container_resource(name: &str, at: &At, errors: &mut Errors) {
    resource_name(name, at, errors);
    if !name.contains('/') && !["cpu", "memory", "ephemeral-storage"].contains(&name) && !is_huge(name) {
        errors.invalid_as(at, &quoted(name), "must be a standard resource for containers");
    } else if !is_native(name) && name.starts_with("requests.") {
        errors.invalid_as(at, &quoted(name), "doesn't follow extended resource name standard");
    }
}

fn not_negative(at: &At, errors: &mut Errors) {
    if amount(at).milli < 0 {
        errors.invalid(at, "must be greater than or equal to 0");
    }
}

fn whole(at: &At, errors: &mut Errors) {
    if amount(at).milli % 1000 != 0 {
        errors.invalid(at, "must be an integer");
    }
}

pub fn container(at: &At, errors: &mut Errors) {
    let (limits, requests) = (at.field("limits"), at.field("requests"));
    let mut plain = false;
    for (name, limit) in limits.keys() {
        container_resource(name, &limit, errors);
        not_negative(&limit, errors);
        if is_extended(name) {
            whole(&limit, errors);
        }
        plain |= matches!(name, "cpu" | "memory");
    }
    for (name, request) in requests.keys() {
        container_resource(name, &request, errors);
        not_negative(&request, errors);
        if is_extended(name) {
            whole(&request, errors);
        }
        plain |= matches!(name, "cpu" | "memory");
        let limit = limits.key(name);
        if !limit.is_set() {
            if is_extended(name) || is_huge(name) {
                errors.required(&limits, "Limit must be set for non overcommitable resources");
            }
        } else if amount(&request).milli != amount(&limit).milli && (is_extended(name) || is_huge(name)) {
            let why = format!("must be equal to {name} limit of {}", limit.text());
            errors.invalid_as(&requests, &shown(request.value), why);
        } else if amount(&request).milli > amount(&limit).milli {
            let why = format!("must be less than or equal to {name} limit of {}", limit.text());
            errors.invalid_as(&requests, &shown(request.value), why);
        }
    }
    let huge = limits.keys().chain(requests.keys()).any(|(name, _)| is_huge(name));
    if huge && !plain {
        errors.forbidden(at, "HugePages require cpu or memory");
    }
}

/// What a Pod takes beside its containers.
pub fn overhead(at: &At, errors: &mut Errors) {
    for (name, amount) in at.keys() {
        container_resource(name, &amount, errors);
        not_negative(&amount, errors);
    }
}

pub fn is_quota_resource(name: &str) -> bool {
    FOR_QUOTA.contains(&name)
}

/// A quota's limits.
pub fn hard(at: &At, errors: &mut Errors) {
    for (name, limit) in at.keys() {
        resource_name(name, &limit, errors);
        let known = FOR_QUOTA.contains(&name)
            || is_huge(name)
            || is_huge(name.trim_start_matches("requests."))
            || name.starts_with("count/");
        if !name.contains('/') && !known {
            errors.invalid_as(&limit, &quoted(name), "must be a standard resource for quota");
        }
        not_negative(&limit, errors);
        if COUNTS.contains(&name) || name.starts_with("count/") {
            whole(&limit, errors);
        }
    }
}

/// The names in a limit range, of containers and Pods or of anything.
pub fn limited(name: &str, for_containers: bool, at: &At, errors: &mut Errors) {
    if for_containers { container_resource(name, at, errors) } else { resource_name(name, at, errors) }
}
