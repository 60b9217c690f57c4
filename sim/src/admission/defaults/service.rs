//! Kubernetes 1.36: pkg/apis/core/v1/defaults.go (Service, Endpoints), pkg/apis/discovery/v1/defaults.go

use super::Default::{Bool, Int, Text};
use super::{items, set};
use crate::value::Value;

/// Three hours: how long a client stays with a Pod.
const AFFINITY_SECONDS: i64 = 10_800;

pub fn service(value: &mut Value) {
    if !value.at(&["status", "loadBalancer", "ingress"]).items().is_empty() {
        for ingress in items(value.at_mut(&["status", "loadBalancer"]), "ingress") {
            if ingress.get("ip").as_str().is_some_and(|ip| !ip.is_empty()) {
                set(ingress, &[("ipMode", Text("VIP"))]);
            }
        }
    }
    let spec = value.at_mut(&["spec"]);
    set(spec, &[("sessionAffinity", Text("None")), ("type", Text("ClusterIP"))]);
    if spec.get("sessionAffinity").as_str() == Some("None") {
        spec.remove("sessionAffinityConfig");
    } else if spec.get("sessionAffinity").as_str() == Some("ClientIP") {
        set(spec.at_mut(&["sessionAffinityConfig", "clientIP"]), &[("timeoutSeconds", Int(AFFINITY_SECONDS))]);
    }
    let ip = spec.get("clusterIP").clone();
    if ip.as_str().is_some_and(|ip| !ip.is_empty()) && spec.get("clusterIPs").items().is_empty() {
        spec.set("clusterIPs", Value::list(vec![ip]));
    }
    let kind = spec.get("type").as_str().unwrap_or("").to_string();
    let external = matches!(kind.as_str(), "NodePort" | "LoadBalancer")
        || (kind == "ClusterIP" && !spec.get("externalIPs").items().is_empty());
    if external {
        set(spec, &[("externalTrafficPolicy", Text("Cluster"))]);
    }
    if matches!(kind.as_str(), "NodePort" | "LoadBalancer" | "ClusterIP") {
        set(spec, &[("internalTrafficPolicy", Text("Cluster"))]);
    }
    if kind == "LoadBalancer" {
        set(spec, &[("allocateLoadBalancerNodePorts", Bool(true))]);
    }
    for port in items(spec, "ports") {
        set(port, &[("protocol", Text("TCP"))]);
        let target = port.get("targetPort");
        let unset = target.is_null() || target.as_int() == Some(0) || target.as_str() == Some("");
        let number = port.get("port").as_int().unwrap_or(0);
        if unset {
            port.set("targetPort", Value::Int(number));
        }
    }
}

pub fn endpoints(value: &mut Value) {
    for subset in items(value, "subsets") {
        for port in items(subset, "ports") {
            set(port, &[("protocol", Text("TCP"))]);
        }
    }
}

pub fn endpoint_slice(value: &mut Value) {
    for port in items(value, "ports") {
        set(port, &[("name", Text("")), ("protocol", Text("TCP"))]);
    }
    for endpoint in items(value, "endpoints") {
        if endpoint.get("conditions").is_null() {
            endpoint.set("conditions", Value::empty_map());
        }
    }
    // Go prints them though they are unset.
    for list in ["endpoints", "ports"] {
        value.set_default(list, || Value::Null);
    }
}
