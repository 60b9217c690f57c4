//! Kubernetes 1.36: pkg/apis/core/validation/validation.go (affinity, tolerations, topology spread)

use super::kit::{At, Errors, quoted};
use super::{meta, names};

pub fn affinity(at: &At, errors: &mut Errors) {
    let node = at.field("nodeAffinity");
    let required = node.field("requiredDuringSchedulingIgnoredDuringExecution");
    if required.is_set() {
        node_selector(&required, errors);
    }
    for preferred in node.field("preferredDuringSchedulingIgnoredDuringExecution").items() {
        weight(&preferred, errors);
        // Values that no label can have are let pass: they might fit nothing, which is only a wish.
        node_term(&preferred.field("preference"), false, errors);
    }
    for kind in ["podAffinity", "podAntiAffinity"] {
        let kind = at.field(kind);
        for term in kind.field("requiredDuringSchedulingIgnoredDuringExecution").items() {
            pod_term(&term, errors);
        }
        for preferred in kind.field("preferredDuringSchedulingIgnoredDuringExecution").items() {
            weight(&preferred, errors);
            pod_term(&preferred.field("podAffinityTerm"), errors);
        }
    }
}

fn weight(at: &At, errors: &mut Errors) {
    let weight = at.field("weight");
    if !(1..=100).contains(&weight.int()) {
        errors.invalid_as(&weight, &weight.int().to_string(), "must be in the range 1-100");
    }
}

pub fn node_selector(at: &At, errors: &mut Errors) {
    let terms = at.field("nodeSelectorTerms");
    if !terms.is_filled() {
        return errors.required(&terms, "must have at least one node selector term");
    }
    for term in terms.items() {
        node_term(&term, true, errors);
    }
}

fn node_term(at: &At, strict: bool, errors: &mut Errors) {
    for expression in at.field("matchExpressions").items() {
        requirement(&expression, errors);
        let key = expression.field("key");
        for wrong in names::qualified(key.text()) {
            errors.invalid_as(&key, &quoted(key.text()), wrong);
        }
        if strict {
            for value in expression.field("values").items() {
                errors.invalid_all(&value, names::label_value(value.text()));
            }
        }
    }
    for field in at.field("matchFields").items() {
        let values = field.field("values");
        match field.field("operator").text() {
            "In" | "NotIn" if values.items().count() != 1 => {
                errors.required(
                    &values,
                    "must be only one value when `operator` is 'In' or 'NotIn' for node field selector",
                );
            }
            "In" | "NotIn" => {}
            other => errors.invalid_as(&field.field("operator"), &quoted(other), "not a valid selector operator"),
        }
        let key = field.field("key");
        if key.text() != "metadata.name" {
            errors.invalid_as(&key, &quoted(key.text()), "not a valid field selector key");
        } else {
            values.items().for_each(|value| errors.invalid_all(&value, names::subdomain(value.text())));
        }
    }
}

fn requirement(at: &At, errors: &mut Errors) {
    let (operator, values) = (at.field("operator"), at.field("values"));
    match operator.text() {
        "In" | "NotIn" if !values.is_filled() => {
            errors.required(&values, "must be specified when `operator` is 'In' or 'NotIn'");
        }
        "Exists" | "DoesNotExist" if values.is_filled() => {
            errors.forbidden(&values, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
        }
        "Gt" | "Lt" if values.items().count() != 1 => {
            errors.required(&values, "must be specified single value when `operator` is 'Lt' or 'Gt'");
        }
        "In" | "NotIn" | "Exists" | "DoesNotExist" | "Gt" | "Lt" => {}
        _ => errors.invalid_as(&operator, &quoted(operator.text()), "not a valid selector operator"),
    }
}

fn pod_term(at: &At, errors: &mut Errors) {
    for selector in ["labelSelector", "namespaceSelector"] {
        meta::selector(&at.field(selector), errors);
    }
    for namespace in at.value.get("namespaces").items() {
        // So the server writes this path.
        let namespace = at.field_with("namespace", namespace);
        names::label(namespace.text()).iter().for_each(|w| errors.invalid_as(&namespace, &quoted(namespace.text()), w));
    }
    label_keys(at, errors);
    let key = at.field("topologyKey");
    if key.text().is_empty() {
        errors.required(&key, "can not be empty");
    }
    for wrong in names::qualified(key.text()) {
        errors.invalid_as(&key, &quoted(key.text()), wrong);
    }
}

/// Keys whose values are the Pod's own, which the selector then asks for, or against.
fn label_keys(at: &At, errors: &mut Errors) {
    let (match_keys, mismatch_keys) = (at.field("matchLabelKeys"), at.field("mismatchLabelKeys"));
    let selector = at.field("labelSelector");
    for list in [&match_keys, &mismatch_keys] {
        if list.is_filled() && !selector.is_set() {
            errors.forbidden(list, "must not be specified when labelSelector is not set");
            continue;
        }
        for key in list.items() {
            errors.invalid_all(&key, names::qualified(key.text()));
        }
    }
    for key in match_keys.items().filter(|key| mismatch_keys.value.items().contains(key.value)) {
        errors.invalid(&key, "exists in both matchLabelKeys and mismatchLabelKeys");
    }
}

pub fn tolerations(at: &At, errors: &mut Errors) {
    for toleration in at.items() {
        let [key, operator, value, effect] = ["key", "operator", "value", "effect"].map(|f| toleration.value.get(f));
        let [key, operator, value, effect] = [key, operator, value, effect].map(|v| v.as_str().unwrap_or(""));
        if !key.is_empty() {
            errors.invalid_all(&toleration.field("key"), names::qualified(key));
        }
        let at_operator = toleration.field("operator");
        if key.is_empty() && operator != "Exists" {
            let shown = if operator.is_empty() { "\"\"".to_string() } else { quoted(operator) };
            errors.invalid_as(
                &at_operator,
                &shown,
                "operator must be Exists when `key` is empty, which means \"match all values and all keys\"",
            );
        }
        let at_effect = toleration.field("effect");
        if !toleration.value.get("tolerationSeconds").is_null() && effect != "NoExecute" {
            errors.invalid_as(
                &at_effect,
                &quoted(effect),
                "effect must be 'NoExecute' when `tolerationSeconds` is set",
            );
        }
        match operator {
            "" | "Equal" => {
                let wrong = names::label_value(value);
                if !wrong.is_empty() {
                    errors.invalid_as(&at_operator, &quoted(value), wrong.join(";"));
                }
            }
            "Exists" if !value.is_empty() => {
                errors.invalid_as(&at_operator, &quoted(value), "value must be empty when `operator` is 'Exists'");
            }
            "Exists" => {}
            // Known, but their feature gate is off.
            "Lt" | "Gt" => errors.unsupported(&at_operator, &["Equal", "Exists", "Lt", "Gt"]),
            _ => errors.unsupported(&at_operator, &["Equal", "Exists"]),
        }
        errors.one_of(&at_effect, &["NoSchedule", "PreferNoSchedule", "NoExecute"], true);
    }
}

pub fn spread(at: &At, errors: &mut Errors) {
    let list = at.value.items();
    for (i, constraint) in at.items().enumerate() {
        let skew = constraint.field("maxSkew");
        if skew.int() <= 0 {
            errors.invalid_as(&skew, &skew.int().to_string(), "must be greater than zero");
        }
        let key = constraint.field("topologyKey");
        if key.text().is_empty() {
            errors.required(&key, "can not be empty");
        }
        let when = constraint.field("whenUnsatisfiable");
        if !["DoNotSchedule", "ScheduleAnyway"].contains(&when.text()) {
            errors.unsupported_as(&when, &quoted(when.text()), &["DoNotSchedule", "ScheduleAnyway"]);
        }
        let same = |other: &&crate::value::Value| {
            other.get("topologyKey") == key.value && other.get("whenUnsatisfiable") == when.value
        };
        if list[i + 1..].iter().any(|other| same(&other)) {
            let both = constraint.field("{topologyKey, whenUnsatisfiable}");
            errors.duplicate_as(&both, &quoted(&format!("{{{}, {}}}", key.text(), when.text())));
        }
        let domains = constraint.field("minDomains");
        if domains.is_set() {
            if domains.int() <= 0 {
                errors.invalid(&domains, "must be greater than zero");
            }
            if when.text() != "DoNotSchedule" {
                let why = format!("can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {}", when.text());
                errors.invalid(&domains, why);
            }
        }
        errors.one_of(&constraint.field("nodeAffinityPolicy"), &["Honor", "Ignore"], true);
        errors.one_of(&constraint.field("nodeTaintsPolicy"), &["Honor", "Ignore"], true);
        label_keys(&constraint, errors);
        meta::selector(&constraint.field("labelSelector"), errors);
    }
}
