//! Kubernetes 1.36: pkg/apis/networking/v1/defaults.go

use super::Default::{Empty, Text};
use super::{inside, items, set};
use crate::api::Kind;
use crate::value::Value;

pub fn apply(kind: Kind, value: &mut Value) {
    let Some(spec) = inside(value, "spec") else {
        if kind == Kind::NetworkPolicy {
            value.set("spec", Value::empty_map());
            policy(value.at_mut(&["spec"]));
        }
        return;
    };
    match kind {
        Kind::NetworkPolicy => policy(spec),
        Kind::IngressClass => {
            if let Some(parameters) = inside(spec, "parameters") {
                set(parameters, &[("scope", Text("Cluster"))]);
            }
        }
        _ => {}
    }
}

/// A policy is for ingress; if it says something of egress, for that, too.
fn policy(spec: &mut Value) {
    set(spec, &[("podSelector", Empty)]);
    if spec.get("policyTypes").items().is_empty() {
        let mut types = vec![Value::from("Ingress")];
        if !spec.get("egress").items().is_empty() {
            types.push("Egress".into());
        }
        spec.set("policyTypes", Value::list(types));
    }
    for direction in ["ingress", "egress"] {
        for rule in items(spec, direction) {
            for port in items(rule, "ports") {
                set(port, &[("protocol", Text("TCP"))]);
            }
        }
    }
}
