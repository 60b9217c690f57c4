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
    let behavior = spec.field("behavior");
    for direction in ["scaleUp", "scaleDown"] {
        rules(&behavior.field(direction), errors);
    }
}

fn target(at: &At, errors: &mut Errors) {
    for field in ["kind", "name"] {
        let field = at.field(field);
        if errors.needs_text(&field) {
            errors.invalid_all(&field, names::path_segment(field.text()));
        }
    }
    let version = at.field("apiVersion");
    let core_scalable = version.text() == "v1" && at.field("kind").text() == "ReplicationController";
    if !version.text().contains('/') && !core_scalable {
        errors.invalid_as(&version, &quoted(version.text()), "apiVersion must specify API group");
    }
}

fn one_metric(at: &At, errors: &mut Errors) {
    let kind = at.field("type");
    let field = match kind.text() {
        "" => return errors.required(&kind, "must specify a metric source type"),
        "Resource" => "resource",
        "ContainerResource" => "containerResource",
        "Pods" => "pods",
        "Object" => "object",
        "External" => "external",
        _ => return errors.unsupported(&kind, &["ContainerResource", "External", "Object", "Pods", "Resource"]),
    };
    let source = at.field(field);
    if !source.is_set() {
        return errors.required(&source, "must populate information for the given metric source");
    }
    if matches!(field, "resource" | "containerResource") {
        if source.field("name").text().is_empty() {
            errors.required(&source.field("name"), "must specify a resource name");
        }
        if field == "containerResource" {
            errors.needs_text(&source.field("container"));
        }
        resource_target(&source.field("target"), errors);
    } else if source.field("metric").field("name").text().is_empty() {
        let metric = source.field("metric");
        errors.required(&metric.field("name"), "");
    }
}

fn resource_target(at: &At, errors: &mut Errors) {
    let kind = at.field("type");
    if kind.text().is_empty() {
        errors.required(&kind, "must specify a metric target type");
    } else if !["Utilization", "Value", "AverageValue"].contains(&kind.text()) {
        errors.invalid(&kind, "must be either Utilization, Value, or AverageValue");
    }
    let (share, amount) = (at.field("averageUtilization"), at.field("averageValue"));
    if share.is_set() && share.int() < 1 {
        errors.invalid(&share, "must be greater than 0");
    }
    if share.is_set() && amount.is_set() {
        errors.forbidden(&amount, "may not set both a target raw value and a target utilization");
    } else if !share.is_set() && !amount.is_set() {
        errors.required(&share, "must set either a target raw value or a target utilization");
    }
}

const LONGEST_WINDOW: i64 = 3600;
const LONGEST_PERIOD: i64 = 1800;

fn rules(at: &At, errors: &mut Errors) {
    let window = at.field("stabilizationWindowSeconds");
    errors.non_negative(&window);
    if window.int() > LONGEST_WINDOW {
        errors.invalid(&window, format!("must be less than or equal to {LONGEST_WINDOW}"));
    }
    errors.one_of(&at.field("selectPolicy"), &["Disabled", "Max", "Min"], true);
    for policy in at.field("policies").items() {
        errors.one_of(&policy.field("type"), &["Percent", "Pods"], false);
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
}
