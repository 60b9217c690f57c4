//! Kubernetes 1.36: pkg/apis/{admissionregistration,rbac,policy,flowcontrol,resource}/v1/defaults.go,
//! apiextensions-apiserver/pkg/apis/apiextensions/v1/defaults.go, kube-aggregator/pkg/apis/apiregistration/v1/defaults.go

use super::Default::{Empty, Int, Text};
use super::{inside, items, set};
use crate::api::Kind;
use crate::value::Value;

pub fn apply(kind: Kind, value: &mut Value) {
    match kind {
        Kind::RoleBinding | Kind::ClusterRoleBinding => binding(value),
        Kind::Role | Kind::ClusterRole if value.get("rules").is_null() => {
            value.set("rules", Value::Null);
        }
        Kind::PodDisruptionBudget => set(value, &[("spec", Empty)]),
        Kind::CustomResourceDefinition => definition(value),
        Kind::APIService => {
            if let Some(service) = inside(value.at_mut(&["spec"]), "service") {
                set(service, &[("port", Int(443))]);
            }
        }
        Kind::ValidatingWebhookConfiguration | Kind::MutatingWebhookConfiguration => {
            for hook in items(value, "webhooks") {
                webhook(hook, kind == Kind::MutatingWebhookConfiguration);
            }
        }
        Kind::ValidatingAdmissionPolicy | Kind::MutatingAdmissionPolicy => {
            let spec = value.at_mut(&["spec"]);
            set(spec, &[("failurePolicy", Text("Fail"))]);
            if let Some(constraints) = inside(spec, "matchConstraints") {
                match_resources(constraints);
            }
        }
        Kind::ValidatingAdmissionPolicyBinding | Kind::MutatingAdmissionPolicyBinding => {
            if let Some(constraints) = inside(value.at_mut(&["spec"]), "matchResources") {
                match_resources(constraints);
            }
        }
        Kind::FlowSchema => flow_schema(value.at_mut(&["spec"])),
        Kind::CSINode => csi_node(value.at_mut(&["spec"])),
        Kind::PriorityLevelConfiguration => priority_level(value.at_mut(&["spec"])),
        Kind::ResourceClaim => devices(value),
        Kind::ResourceClaimTemplate => {
            let spec = value.at_mut(&["spec"]);
            set(spec, &[("metadata", Empty)]);
            devices(spec);
        }
        _ => {}
    }
}

fn binding(value: &mut Value) {
    const GROUP: &str = "rbac.authorization.k8s.io";
    let role = value.at_mut(&["roleRef"]);
    if role.get("apiGroup").as_str().unwrap_or("").is_empty() {
        role.set("apiGroup", GROUP.into());
    }
    for subject in items(value, "subjects") {
        if matches!(subject.get("kind").as_str(), Some("User" | "Group")) {
            set(subject, &[("apiGroup", Text(GROUP))]);
        }
    }
}

fn definition(value: &mut Value) {
    let spec = value.at_mut(&["spec"]);
    set(spec.at_mut(&["conversion"]), &[("strategy", Text("None"))]);
    let names = spec.at_mut(&["names"]);
    let kind = names.get("kind").as_str().unwrap_or("").to_string();
    if !kind.is_empty() {
        names.set_default("singular", || kind.to_ascii_lowercase().into());
        names.set_default("listKind", || format!("{kind}List").into());
    }
    if let Some(client) = inside(spec.at_mut(&["conversion"]), "webhook").and_then(|w| inside(w, "clientConfig"))
        && let Some(service) = inside(client, "service")
    {
        set(service, &[("port", Int(443))]);
    }
}

fn webhook(hook: &mut Value, mutating: bool) {
    set(
        hook,
        &[
            ("failurePolicy", Text("Fail")),
            ("matchPolicy", Text("Equivalent")),
            ("namespaceSelector", Empty),
            ("objectSelector", Empty),
            ("timeoutSeconds", Int(10)),
        ],
    );
    if mutating {
        set(hook, &[("reinvocationPolicy", Text("Never"))]);
    }
    for rule in items(hook, "rules") {
        set(rule, &[("scope", Text("*"))]);
    }
    if let Some(service) = inside(hook.at_mut(&["clientConfig"]), "service") {
        set(service, &[("port", Int(443))]);
    }
}

fn match_resources(constraints: &mut Value) {
    set(constraints, &[("matchPolicy", Text("Equivalent")), ("namespaceSelector", Empty), ("objectSelector", Empty)]);
    for list in ["resourceRules", "excludeResourceRules"] {
        for rule in items(constraints, list) {
            set(rule, &[("scope", Text("*"))]);
        }
    }
}

fn flow_schema(spec: &mut Value) {
    set(spec, &[("matchingPrecedence", Int(1000))]);
    for rule in items(spec, "rules") {
        // It is always printed.
        items(rule, "resourceRules").iter_mut().for_each(|rule| rule.set_default("namespaces", || Value::Null));
    }
}

/// Of a node, the drivers and their keys are always printed.
fn csi_node(spec: &mut Value) {
    let empty = |value: &Value| value.items().is_empty();
    if empty(spec.get("drivers")) {
        spec.set("drivers", Value::Null);
    }
    for driver in items(spec, "drivers").iter_mut().filter(|driver| empty(driver.get("topologyKeys"))) {
        driver.set("topologyKeys", Value::Null);
    }
}

fn priority_level(spec: &mut Value) {
    if let Some(exempt) = inside(spec, "exempt") {
        set(exempt, &[("nominalConcurrencyShares", Int(0)), ("lendablePercent", Int(0))]);
    }
    let Some(limited) = inside(spec, "limited") else { return };
    set(limited, &[("nominalConcurrencyShares", Int(30)), ("lendablePercent", Int(0))]);
    if let Some(queuing) = inside(limited, "limitResponse").and_then(|response| inside(response, "queuing")) {
        set(queuing, &[("handSize", Int(8)), ("queues", Int(64)), ("queueLengthLimit", Int(50))]);
    }
}

fn devices(value: &mut Value) {
    let Some(devices) = inside(value.at_mut(&["spec"]), "devices") else { return };
    for request in items(devices, "requests") {
        if let Some(exactly) = inside(request, "exactly") {
            allocation(exactly);
        }
        for one in items(request, "firstAvailable") {
            allocation(one);
        }
    }
}

fn allocation(request: &mut Value) {
    set(request, &[("allocationMode", Text("ExactCount"))]);
    if request.get("allocationMode").as_str() == Some("ExactCount") {
        set(request, &[("count", Int(1))]);
    }
    for toleration in items(request, "tolerations") {
        set(toleration, &[("operator", Text("Equal"))]);
    }
}
