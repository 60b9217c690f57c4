//! Kubernetes 1.36: pkg/apis/autoscaling/validation/validation.go

use super::kit::{At, Errors, quoted};
use super::names;

pub fn autoscaler(at: &At, errors: &mut Errors) {
    let spec = at.field("spec");
    let (min, max) = (spec.field("minReplicas"), spec.field("maxReplicas"));
    let scales_to_zero = min.is_set() && min.int() == 0;
    if min.is_set() && min.int() < 1 {
        errors.invalid(&min, "must be greater than or equal to 1");
    }
    if max.int() < 1 {
        errors.required(&max, "must be set and greater than 0");
    }
    if max.int() < min.int() {
        errors.invalid_as(&max, &max.int().to_string(), "must be greater than or equal to `minReplicas`");
    }
    target(&spec.field("scaleTargetRef"), errors);
    let metrics = spec.field("metrics");
    for metric in metrics.items() {
        one_metric(&metric, errors);
    }
    let outside = |m: &crate::value::Value| matches!(m.get("type").as_str(), Some("Object" | "External"));
    if scales_to_zero && !metrics.value.items().iter().any(outside) {
        errors.forbidden(
            &metrics,
            "must specify at least one Object or External metric to support scaling to zero replicas",
        );
    }
    // What the oldest version asks for is a metric, too.
    let share = spec.value.get("targetCPUUtilizationPercentage");
    if share.as_int().is_some_and(|share| share < 1) {
        let (first, zero) = (spec.field("metrics"), crate::value::Value::list(vec![crate::value::Value::Null]));
        let (list, path) = (first.standing_for(&zero), ["resource", "target"]);
        let (metric, [resource, target]) = (list.index(0), path);
        let resource = metric.field(resource);
        let target = resource.field(target);
        errors.invalid(&target.field_with("averageUtilization", share), "must be greater than 0");
    }
    let behavior = spec.field("behavior");
    for direction in ["scaleUp", "scaleDown"] {
        rules(&behavior.field(direction), errors);
    }
}

fn target(at: &At, errors: &mut Errors) {
    // The one thing of the core group that can be scaled.
    reference(at, at.field("kind").text() == "ReplicationController", errors);
}

fn reference(at: &At, without_group: bool, errors: &mut Errors) {
    for field in ["kind", "name"] {
        let field = at.field(field);
        if errors.needs_text(&field) {
            errors.invalid_all(&field, names::path_segment(field.text()));
        }
    }
    let version = at.field("apiVersion");
    let why = match version.text().split('/').collect::<Vec<_>>()[..] {
        [_] | ["", _] if !without_group => "apiVersion must specify API group".to_string(),
        [_] | [_, _] => return,
        _ => format!("unexpected GroupVersion string: {}", version.text()),
    };
    errors.invalid_as(&version, &quoted(version.text()), &why);
}

/// The sources in the server's order, with the type that each belongs to.
const SOURCES: [(&str, &str); 5] = [
    ("object", "Object"),
    ("external", "External"),
    ("pods", "Pods"),
    ("resource", "Resource"),
    ("containerResource", "ContainerResource"),
];
const TYPES: [&str; 5] = ["ContainerResource", "External", "Object", "Pods", "Resource"];

fn one_metric(at: &At, errors: &mut Errors) {
    let kind = at.field("type");
    if kind.text().is_empty() {
        errors.required(&kind, "must specify a metric source type");
    }
    let unknown = !TYPES.contains(&kind.text());
    if unknown {
        errors.unsupported_as(&kind, &quoted(kind.text()), &TYPES);
    }
    let given: Vec<&str> = SOURCES.iter().map(|(name, _)| *name).filter(|name| at.field(name).is_set()).collect();
    if let Some(name) = given.first() {
        source(name, &at.field(name), errors);
    }
    let expected = SOURCES.iter().find(|(_, of)| *of == kind.text()).map_or("", |(name, _)| *name);
    let missing = at.field(expected);
    if !unknown && !missing.is_set() {
        errors.required(&missing, "must populate information for the given metric source");
    }
    if given.len() != 1 {
        for name in given.iter().filter(|name| **name != expected) {
            errors.forbidden(&at.field(name), "must populate the given metric source only");
        }
    }
}

fn source(name: &str, at: &At, errors: &mut Errors) {
    let needed: &[(&str, &str)] = match name {
        "resource" => &[("name", "must specify a resource name")],
        "containerResource" => &[("name", "must specify a resource name"), ("container", "must specify a container")],
        _ => &[],
    };
    for (field, why) in needed {
        let field = at.field(field);
        if field.text().is_empty() {
            errors.required(&field, why);
        }
    }
    if name == "object" {
        reference(&at.field("describedObject"), true, errors);
    }
    if matches!(name, "object" | "pods" | "external") {
        let metric = at.field("metric");
        let own = metric.field("name");
        if own.text().is_empty() {
            errors.required(&own, "must specify a metric name");
        } else {
            errors.invalid_all(&own, names::path_segment(own.text()));
        }
    }
    let target = at.field("target");
    amount(&target, errors);
    let (value, share, average) =
        (target.field("value"), target.field("averageUtilization"), target.field("averageValue"));
    let both = "may not set both a target value for metric and a per-pod target";
    match name {
        "resource" | "containerResource" => {
            if !share.is_set() && !average.is_set() {
                errors.required(&share, "must set either a target raw value or a target utilization");
            }
            if share.is_set() && average.is_set() {
                errors.forbidden(&average, "may not set both a target raw value and a target utilization");
            }
        }
        "pods" if super::resources::amount(&average).milli <= 0 => {
            errors.required(&average, "must specify a positive target averageValue");
        }
        "pods" => {}
        _ => {
            if !value.is_set() && !average.is_set() {
                let why = match name {
                    "object" => "must set either a target value or averageValue",
                    _ => "must set either a target value for metric or a per-pod target",
                };
                errors.required(&average, why);
            }
            if name == "external" && value.is_set() && average.is_set() {
                errors.forbidden(&value, both);
            }
        }
    }
}

/// What a metric should be.
fn amount(at: &At, errors: &mut Errors) {
    let kind = at.field("type");
    if kind.text().is_empty() {
        errors.required(&kind, "must specify a metric target type");
    }
    if !["Utilization", "Value", "AverageValue"].contains(&kind.text()) {
        errors.invalid_as(&kind, &quoted(kind.text()), "must be either Utilization, Value, or AverageValue");
    }
    let (share, value, average) = (at.field("averageUtilization"), at.field("value"), at.field("averageValue"));
    for field in [&value, &average] {
        if field.is_set() && super::resources::amount(field).milli <= 0 {
            errors.invalid(field, "must be positive");
        }
    }
    if share.is_set() && share.int() < 1 {
        errors.invalid(&share, "must be greater than 0");
    }
}

const LONGEST_WINDOW: i64 = 3600;
const LONGEST_PERIOD: i64 = 1800;

fn rules(at: &At, errors: &mut Errors) {
    let window = at.field("stabilizationWindowSeconds");
    if window.int() < 0 {
        errors.invalid(&window, "must be greater than or equal to zero");
    }
    if window.int() > LONGEST_WINDOW {
        errors.invalid(&window, format!("must be less than or equal to {LONGEST_WINDOW}"));
    }
    errors.one_of(&at.field("selectPolicy"), &["Disabled", "Max", "Min"], true);
    let policies = at.field("policies");
    if at.is_set() && !policies.is_filled() {
        errors.required(&policies, "must specify at least one Policy");
    }
    for policy in policies.items() {
        errors.known(&policy.field("type"), &["Percent", "Pods"]);
        for field in ["value", "periodSeconds"] {
            let field = policy.field(field);
            if field.int() <= 0 {
                errors.invalid_as(&field, &field.int().to_string(), "must be greater than zero");
            }
        }
        let period = policy.field("periodSeconds");
        if period.int() > LONGEST_PERIOD {
            errors.invalid(&period, format!("must be less than or equal to {LONGEST_PERIOD}"));
        }
    }
    let tolerance = at.field("tolerance");
    if tolerance.is_set() && super::resources::amount(&tolerance).milli_units() < 0 {
        errors.invalid(&tolerance, "must be greater than or equal to 0");
    }
}
