//! Kubernetes 1.36: pkg/apis/core/validation/validation.go (ValidateResourceRequirements), pkg/apis/core/helper

use super::kit::{At, Errors, quoted, shown};
use super::names;
use crate::api::Quantity;
use crate::api::field::Field;
use crate::api::pod::PodSpec;
use crate::resources;
use crate::value::Value;

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
    let wrong = names::qualified(name);
    if !wrong.is_empty() {
        return wrong.iter().for_each(|wrong| errors.invalid_as(at, &quoted(name), wrong));
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

/// What a container asks for. `claims` are the Pod's.
pub fn container(at: &At, claims: &Value, errors: &mut Errors) {
    requirements(at, container_resource, errors);
    claim_names(&at.field("claims"), claims, errors);
}

/// What is limited and requested of which resources.
fn requirements(at: &At, named: fn(&str, &At, &mut Errors), errors: &mut Errors) {
    let (limits, requests) = (at.field("limits"), at.field("requests"));
    let mut plain = false;
    for (name, limit) in limits.keys() {
        named(name, &limit, errors);
        not_negative(&limit, errors);
        if is_extended(name) {
            whole(&limit, errors);
        }
        plain |= matches!(name, "cpu" | "memory");
    }
    for (name, request) in requests.keys() {
        named(name, &request, errors);
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

/// Devices are named by the Pod's claims, whole or one request of them.
fn claim_names(list: &At, claims: &Value, errors: &mut Errors) {
    let mut known: Vec<&str> = claims.items().iter().filter_map(|claim| claim.get("name").as_str()).collect();
    known.sort_unstable();
    known.dedup();
    let mut seen: Vec<String> = Vec::new();
    for claim in list.items() {
        let [name, request] = ["name", "request"].map(|field| claim.value.get(field).as_str().unwrap_or(""));
        if name.is_empty() {
            errors.required(&claim, "");
            continue;
        }
        if seen.iter().any(|other| other == name) {
            errors.duplicate_as(&claim, &quoted(name));
        } else {
            let key = if request.is_empty() { name.to_string() } else { format!("{name}/{request}") };
            if !request.is_empty() {
                errors.invalid_all(&claim.field("request"), names::label(request));
            }
            let overlaps = |other: &String| other.split_once('/').is_some_and(|(of, _)| of == name);
            if seen.contains(&key) {
                errors.duplicate_as(&claim, &quoted(&key));
            } else if request.is_empty() {
                seen.iter().filter(|other| overlaps(other)).for_each(|_| errors.duplicate_as(&claim, &quoted(name)));
            }
            seen.push(key);
        }
        if !known.contains(&name) {
            let which = if known.is_empty() { " which is empty".into() } else { format!(": {}", known.join(", ")) };
            errors.not_found_as(&claim, name, &format!("must be one of the names in pod.spec.resourceClaims{which}"));
        }
    }
}

fn pod_resource(name: &str, at: &At, errors: &mut Errors) {
    let before = errors.0.len();
    resource_name(name, at, errors);
    if errors.0.len() == before && !matches!(name, "cpu" | "memory") && !is_huge(name) {
        errors.unsupported_as(at, &quoted(name), &["cpu", "hugepages-", "memory"]);
    }
}

/// What a Pod asks for as a whole, which is no less than its containers ask for together.
pub fn pod(spec: &At, errors: &mut Errors) {
    let at = spec.field("resources");
    if !at.is_set() {
        return;
    }
    if spec.value.at(&["os", "name"]).as_str() == Some("windows") {
        return errors.forbidden(&at, "may not be set for a windows pod");
    }
    if at.field("claims").is_set() {
        errors.forbidden(&at.field("claims"), "claims may not be set for Resources at pod-level");
    }
    requirements(&at, pod_resource, errors);
    claim_names(&at.field("claims"), spec.value.get("resourceClaims"), errors);
    let containers = PodSpec { resources: None, overhead: Default::default(), ..PodSpec::read(spec.value) };
    let sums = [("requests", resources::requests(&containers)), ("limits", resources::limits(&containers))];
    for (field, sum) in &sums {
        let own = at.field(field);
        for (name, total) in sum.iter().filter(|(name, _)| *field == "requests" || is_huge(name)) {
            let whole = own.key(name);
            if whole.is_set() && amount(&whole).milli < total.milli {
                errors.invalid(
                    &whole,
                    format!("must be greater than or equal to aggregate container {field} of {total}"),
                );
            }
        }
    }
    let limits = at.field("limits");
    // The server looks for the containers within the Pod's resources.
    for container in at.field_with("containers", spec.value.get("containers")).items() {
        for (name, limit) in container.value.at(&["resources", "limits"]).as_map().into_iter().flat_map(|m| m.iter()) {
            let (whole, own) = (limits.key(name), Quantity::read(limit));
            if whole.is_set() && own.milli > amount(&whole).milli {
                let why = format!("must be less than or equal to pod limits of {}", amount(&whole));
                errors.invalid_as(&container.key(name).field("limits"), &quoted(&own.to_string()), why);
            }
        }
    }
}

/// What a Pod takes beside its containers; the server reads it as a container's limits.
pub fn overhead(at: &At, errors: &mut Errors) {
    let limits = Value::map([("limits", at.value.clone())]);
    container(&at.standing_for(&limits), &Value::Null, errors);
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
