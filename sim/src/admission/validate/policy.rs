//! Kubernetes 1.36: pkg/apis/{policy,scheduling,rbac}/validation/validation.go

use super::kit::{At, Errors, quoted, shown};
use super::{meta, names, workloads};
use crate::api::Kind;
use crate::manifest::write;

pub fn disruption_budget(at: &At, errors: &mut Errors) {
    let spec = at.field("spec");
    let (min, max) = (spec.field("minAvailable"), spec.field("maxUnavailable"));
    if min.is_set() && max.is_set() {
        let part = |at: &At| shown(at.value);
        let selector = write::json(spec.field("selector").value, 0);
        let policy = spec.field("unhealthyPodEvictionPolicy");
        let go = format!(
            "{{\"MinAvailable\":{},\"Selector\":{selector},\"MaxUnavailable\":{},\"UnhealthyPodEvictionPolicy\":{}}}",
            part(&min),
            part(&max),
            part(&policy)
        );
        errors.invalid_as(&spec, &go, "minAvailable and maxUnavailable cannot be both set");
    }
    for field in [&min, &max] {
        workloads::count_or_percent(field, errors);
        workloads::at_most_all(field, errors);
    }
    meta::selector(&spec.field("selector"), errors);
    errors.one_of(&spec.field("unhealthyPodEvictionPolicy"), &["AlwaysAllow", "IfHealthyBudget"], true);
}

const GROUP: &str = "rbac.authorization.k8s.io";
/// What users may set; the system's own classes are above it.
const HIGHEST_PRIORITY: i64 = 1_000_000_000;
const SYSTEM_CLASSES: [&str; 2] = ["system-cluster-critical", "system-node-critical"];

pub fn priority_class(at: &At, errors: &mut Errors) {
    let metadata = at.field("metadata");
    let name = metadata.field("name");
    if name.text().starts_with("system-") {
        if !SYSTEM_CLASSES.contains(&name.text()) {
            let why = "priority class names with 'system-' prefix are reserved for system use only. error";
            errors.forbidden(&name, format!("{why}: {} is not a known system priority class", name.text()));
        }
    } else if at.field("value").int() > HIGHEST_PRIORITY {
        let why = format!("maximum allowed value of a user defined priority is {HIGHEST_PRIORITY}");
        errors.forbidden(&at.field("value"), why);
    }
    let policy = at.field("preemptionPolicy");
    preemption_policy(&policy, errors);
}

pub fn preemption_policy(at: &At, errors: &mut Errors) {
    if at.is_set() && errors.needs_text(at) && !["PreemptLowerPriority", "Never"].contains(&at.text()) {
        errors.unsupported(at, &["PreemptLowerPriority", "Never"]);
    }
}

pub fn role(kind: Kind, at: &At, errors: &mut Errors) {
    for rule in at.field("rules").items() {
        let verbs = rule.field("verbs");
        if !verbs.is_filled() {
            errors.required(&verbs, "verbs must contain at least one value");
        }
        let urls = rule.field("nonResourceURLs");
        if urls.is_filled() {
            if kind == Kind::Role {
                errors.invalid(&urls, "namespaced rules cannot apply to non-resource URLs");
            }
            if ["apiGroups", "resources", "resourceNames"].iter().any(|field| rule.field(field).is_filled()) {
                errors.invalid(&urls, "rules cannot apply to both regular resources and non-resource URLs");
            }
            continue;
        }
        for (field, what) in [
            ("apiGroups", "resource rules must supply at least one api group"),
            ("resources", "resource rules must supply at least one resource"),
        ] {
            let field = rule.field(field);
            if !field.is_filled() {
                errors.required(&field, what);
            }
        }
    }
}

/// The rule by which a ClusterRole gathers those of others.
pub fn aggregation(at: &At, errors: &mut Errors) {
    let rule = at.field("aggregationRule");
    let selectors = rule.field("clusterRoleSelectors");
    if rule.is_set() && !selectors.is_filled() {
        errors.required(&selectors, "at least one clusterRoleSelector required if aggregationRule is non-nil");
    }
    for selector in selectors.items() {
        if !meta::selector(&selector, errors) {
            errors.invalid_as(&selector, "null", "invalid label selector.");
        }
    }
}

pub fn role_binding(kind: Kind, at: &At, errors: &mut Errors) {
    let role = at.field("roleRef");
    let group = role.field("apiGroup");
    if group.text() != GROUP {
        errors.unsupported_as(&group, &quoted(group.text()), &[GROUP]);
    }
    let kinds: &[&str] = if kind == Kind::RoleBinding { &["Role", "ClusterRole"] } else { &["ClusterRole"] };
    let wanted = role.field("kind");
    if !kinds.contains(&wanted.text()) {
        errors.unsupported_as(&wanted, &quoted(wanted.text()), kinds);
    }
    let name = role.field("name");
    if errors.needs_text(&name) {
        errors.invalid_all(&name, names::path_segment(name.text()));
    }
    for subject in at.field("subjects").items() {
        let (name, group) = (subject.field("name"), subject.field("apiGroup"));
        let named = errors.needs_text(&name);
        let kind_at = subject.field("kind");
        match kind_at.text() {
            "ServiceAccount" => {
                if named {
                    errors.invalid_all(&name, names::subdomain(name.text()));
                }
                if !group.text().is_empty() {
                    errors.unsupported(&group, &[""]);
                }
                if kind == Kind::ClusterRoleBinding {
                    errors.needs_text(&subject.field("namespace"));
                }
            }
            "User" | "Group" => {
                if group.text() != GROUP {
                    errors.unsupported_as(&group, &quoted(group.text()), &[GROUP]);
                }
            }
            other => errors.unsupported_as(&kind_at, &quoted(other), &["ServiceAccount", "User", "Group"]),
        }
    }
}
