//! What of a Service follows when its type or its address is changed.
//!
//! Kubernetes 1.36: pkg/registry/core/service/strategy.go (patchAllocatedValues, dropTypeDependentFields), storage/storage.go
//! (normalizeClusterIPs). A field that no longer applies is dropped if the user left it as it was; what he set himself
//! is left for validation to refuse.

use crate::value::Value;

/// Types that have a cluster IP, node ports.
const WITH_ADDRESS: &[&str] = &["ClusterIP", "NodePort", "LoadBalancer"];
const WITH_NODE_PORTS: &[&str] = &["NodePort", "LoadBalancer"];
const BALANCED: &[&str] = &["LoadBalancer"];

/// Fields of the spec, and the types that have them.
const TYPED: [(&str, &[&str]); 6] = [
    ("ipFamilies", WITH_ADDRESS),
    ("ipFamilyPolicy", WITH_ADDRESS),
    ("externalTrafficPolicy", WITH_NODE_PORTS),
    ("healthCheckNodePort", BALANCED),
    ("allocateLoadBalancerNodePorts", BALANCED),
    ("loadBalancerClass", BALANCED),
];

/// Carries over what the server had given, and drops what only the old type had.
pub(super) fn adapt(value: &mut Value, old: &Value) {
    let has = |types: &[&str], spec: &Value| types.contains(&spec.get("type").as_str().unwrap_or("ClusterIP"));
    let old = old.get("spec");
    if !has(BALANCED, value.get("spec")) && has(BALANCED, old) {
        value.set("status", Value::map([("loadBalancer", Value::empty_map())]));
    }
    let spec = value.at_mut(&["spec"]);
    addresses(spec, old);
    let is_local = |spec: &Value| spec.get("externalTrafficPolicy").as_str() == Some("Local");
    let ended = |types: &[&str], spec: &Value| has(types, old) && !has(types, spec);
    if ended(WITH_ADDRESS, spec) && spec.get("clusterIPs") == old.get("clusterIPs") {
        spec.remove("clusterIP");
        spec.remove("clusterIPs");
    }
    for (field, types) in TYPED {
        // This one depends on the policy too.
        let unneeded = field == "healthCheckNodePort" && is_local(old) && !is_local(spec);
        if (ended(types, spec) || unneeded) && spec.get(field) == old.get(field) {
            spec.remove(field);
        }
    }
    if spec.get("ports").items().is_empty() {
        return;
    }
    if ended(WITH_NODE_PORTS, spec) {
        let numbers = |spec: &Value| -> Vec<Value> {
            spec.get("ports").items().iter().map(|p| p.get("nodePort").clone()).collect()
        };
        if numbers(spec) == numbers(old) {
            spec.at_mut(&["ports"]).list_mut().iter_mut().for_each(|port| _ = port.remove("nodePort"));
        }
    } else if has(WITH_NODE_PORTS, old) && has(WITH_NODE_PORTS, spec) {
        node_ports(spec, old);
    }
}

/// `clusterIP` and `clusterIPs` say the same: whichever was changed, the other follows.
fn addresses(spec: &mut Value, old: &Value) {
    let (one, all) = (spec.get("clusterIP").clone(), spec.get("clusterIPs").clone());
    let empty = |v: &Value| v.as_str().is_none_or(str::is_empty);
    if &one != old.get("clusterIP") && &all == old.get("clusterIPs") {
        if empty(&one) {
            spec.remove("clusterIPs");
        } else if !all.items().is_empty() {
            spec.at_mut(&["clusterIPs"]).list_mut()[0] = one;
        }
    } else if &one == old.get("clusterIP") && &all != old.get("clusterIPs") && all.items().is_empty() {
        spec.remove("clusterIP");
    }
}

/// A port that states no node port keeps the one that the port of its name had.
fn node_ports(spec: &mut Value, old: &Value) {
    let number = |port: &Value| port.get("nodePort").as_int().unwrap_or(0);
    let used: Vec<i64> = spec.get("ports").items().iter().map(number).collect();
    for port in spec.at_mut(&["ports"]).list_mut().iter_mut().filter(|p| number(p) == 0) {
        let before = old.get("ports").items().iter().find(|p| p.get("name") == port.get("name")).map_or(0, number);
        if before != 0 && !used.contains(&before) {
            port.set("nodePort", Value::Int(before));
        }
    }
}
