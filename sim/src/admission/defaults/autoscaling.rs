//! Kubernetes 1.36: pkg/apis/autoscaling/v2/defaults.go

use super::Default::{Int, Text};
use super::{inside, set};
use crate::value::Value;

/// Share of the requested CPU that Pods should use, in percent, if no metric is named.
const CPU_PERCENT: i64 = 80;

pub fn autoscaler(value: &mut Value) {
    let older = value.get("apiVersion").as_str() == Some("autoscaling/v1");
    let spec = value.at_mut(&["spec"]);
    set(spec, &[("minReplicas", Int(1))]);
    if older {
        return;
    }
    if spec.get("metrics").items().is_empty() {
        spec.set("metrics", Value::list(vec![cpu(Value::Int(CPU_PERCENT))]));
    }
    if let Some(behavior) = inside(spec, "behavior") {
        rules(behavior, "scaleUp", &[("Pods", 4, 15), ("Percent", 100, 15)], Some(0));
        rules(behavior, "scaleDown", &[("Percent", 100, 15)], None);
    }
}

/// Makes of an autoscaler in version 1 what the store keeps of it: version 2.
pub fn convert(value: &mut Value) {
    if value.get("apiVersion").as_str() != Some("autoscaling/v1") {
        return;
    }
    value.set("apiVersion", "autoscaling/v2".into());
    value.set("status", Value::map([("currentMetrics", Value::Null), ("desiredReplicas", Value::Int(0))]));
    let spec = value.at_mut(&["spec"]);
    let percent = spec.remove("targetCPUUtilizationPercentage").unwrap_or(Value::Int(CPU_PERCENT));
    spec.set("metrics", Value::list(vec![cpu(percent)]));
}

fn cpu(percent: Value) -> Value {
    let target = Value::map([("type", "Utilization".into()), ("averageUtilization", percent)]);
    let resource = Value::map([("name", "cpu".into()), ("target", target)]);
    Value::map([("type", "Resource".into()), ("resource", resource)])
}

fn rules(behavior: &mut Value, direction: &str, policies: &[(&str, i64, i64)], window: Option<i64>) {
    let rules = behavior.at_mut(&[direction]);
    set(rules, &[("selectPolicy", Text("Max"))]);
    if let Some(seconds) = window {
        set(rules, &[("stabilizationWindowSeconds", Int(seconds))]);
    }
    if rules.get("policies").is_null() {
        let policy = |(kind, value, seconds): &(&str, i64, i64)| {
            Value::map([
                ("type", (*kind).into()),
                ("value", Value::Int(*value)),
                ("periodSeconds", Value::Int(*seconds)),
            ])
        };
        rules.set("policies", Value::list(policies.iter().map(policy).collect()));
    }
}
