//! The downward API: what a Pod may learn of itself.
//!
//! Kubernetes 1.36: pkg/fieldpath, pkg/kubelet/kubelet_pods.go (podFieldSelectorRuntimeValue), pkg/api/v1/resource

use super::pod_worker::Turn;
use crate::api::Texts;
use crate::api::node::Node;
use crate::api::pod::{Container, ResourceFieldRef};
use crate::api::quantity::Quantity;

/// The value of a field of the Pod.
///
/// # Errors
/// The kubelet's words for a field that there is not.
pub(super) fn field(turn: &Turn, path: &str) -> Result<String, String> {
    let meta = &turn.pod.meta;
    if let Some((base, key)) = path.strip_suffix("']").and_then(|p| p.split_once("['")) {
        let texts = match base {
            "metadata.labels" => &meta.labels,
            "metadata.annotations" => &meta.annotations,
            _ => return Err(format!("fieldPath \"{path}\" does not support subscript")),
        };
        return Ok(texts.get(key).map(|v| v.to_string()).unwrap_or_default());
    }
    let node = || turn.cluster.store.typed::<Node>("", turn.node).map(|(_, n)| n);
    let host = || node().and_then(|n| n.status.address("InternalIP").cloned()).unwrap_or_default().to_string();
    let address = || turn.sandbox().map(|s| s.address.to_string()).unwrap_or_default();
    Ok(match path {
        "metadata.name" => meta.name.to_string(),
        "metadata.namespace" => meta.namespace.to_string(),
        "metadata.uid" => meta.uid.to_string(),
        "metadata.labels" => lines(&meta.labels),
        "metadata.annotations" => lines(&meta.annotations),
        "spec.nodeName" => turn.node.to_string(),
        "spec.serviceAccountName" => turn.spec.service_account.to_string(),
        "status.hostIP" | "status.hostIPs" => host(),
        "status.podIP" | "status.podIPs" => address(),
        _ => return Err(format!("unsupported fieldPath: {path}")),
    })
}

/// `key="value"` lines, sorted by key.
fn lines(texts: &Texts) -> String {
    let line = |(k, v): (&std::rc::Rc<str>, &std::rc::Rc<str>)| format!("{k}={}", quote(v));
    texts.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// As Go quotes (`%q`).
pub(super) fn quote(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if u32::from(c) < 32 => out.push_str(&format!("\\x{:02x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// The value of a container's request or limit; a limit that is not set is what the node has.
///
/// # Errors
/// The kubelet's words for a container or resource that there is not.
pub(super) fn resource(turn: &Turn, own: Option<&Container>, of: &ResourceFieldRef) -> Result<String, String> {
    let named = turn.spec.all_containers().find(|c| c.name == of.container);
    let Some(container) = (if of.container.is_empty() { own } else { named }) else {
        return Err(format!("container {} not found", of.container));
    };
    let (kind, name) = of.resource.split_once('.').unwrap_or(("", &of.resource));
    let amounts = &container.resources;
    let allocatable = || {
        let node = turn.cluster.store.typed::<Node>("", turn.node);
        node.and_then(|(_, n)| n.status.allocatable.get(name).copied())
    };
    let amount = match kind {
        "limits" => amounts.limits.get(name).copied().filter(|q| !q.is_zero()).or_else(allocatable),
        "requests" => amounts.requests.get(name).copied(),
        _ => return Err(format!("unsupported container resource : {}", of.resource)),
    };
    let amount = amount.unwrap_or_default();
    let divisor = of.divisor.filter(|q| !q.is_zero());
    Ok(divide(amount, divisor, name == "cpu").to_string())
}

/// Rounded up, as the kubelet does.
fn divide(amount: Quantity, divisor: Option<Quantity>, cpu: bool) -> i64 {
    let up = |a: i64, b: i64| (a + b - 1).div_euclid(b.max(1));
    match divisor {
        Some(d) if cpu => up(amount.milli_units(), d.milli_units()),
        Some(d) => up(amount.units(), d.units()),
        None if cpu => up(amount.milli_units(), 1000),
        None => amount.units(),
    }
}
