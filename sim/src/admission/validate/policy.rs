//! Kubernetes 1.36: pkg/apis/{policy,scheduling,rbac}/validation/validation.go

use super::kit::{At, Errors, quoted, shown};
use super::{meta, workloads};
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
    errors.one_of(&spec.field("unhealthyPodEvictionPolicy"), &["AlwaysAllow", "IfHealthyBudget"], true);
    meta::selector(&spec.field("selector"), errors);
}

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
    errors.one_of(&policy, &["Never", "PreemptLowerPriority"], true);
}

pub fn role(at: &At, errors: &mut Errors) {
    for rule in at.field("rules").items() {
        let verbs = rule.field("verbs");
        if !verbs.is_filled() {
            errors.required(&verbs, "verbs must contain at least one value");
        }
        if rule.field("nonResourceURLs").is_filled() {
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

pub fn role_binding(kind: Kind, at: &At, errors: &mut Errors) {
    let role = at.field("roleRef");
    let group = role.field("apiGroup");
    if group.text() != "rbac.authorization.k8s.io" {
        errors.unsupported_as(&group, &quoted(group.text()), &["rbac.authorization.k8s.io"]);
    }
    let kinds: &[&str] = if kind == Kind::RoleBinding { &["Role", "ClusterRole"] } else { &["ClusterRole"] };
    let wanted = role.field("kind");
    if !kinds.contains(&wanted.text()) {
        errors.unsupported_as(&wanted, &quoted(wanted.text()), kinds);
    }
    errors.needs_text(&role.field("name"));
    for subject in at.field("subjects").items() {
        errors.needs_text(&subject.field("name"));
        let kind_at = subject.field("kind");
        match kind_at.text() {
            "ServiceAccount" => {
                if kind == Kind::ClusterRoleBinding {
                    errors.needs_text(&subject.field("namespace"));
                }
                let group = subject.field("apiGroup");
                if !group.text().is_empty() {
                    errors.unsupported(&group, &[""]);
                }
            }
            "User" | "Group" => {}
            other => errors.unsupported_as(&kind_at, &quoted(other), &["ServiceAccount", "User", "Group"]),
        }
    }
}
