//! Services, storage, nodes, policies: everything in a table that makes no Pods.

use super::{Row, labels, plain, selector, three};
use crate::api::{Kind, Quantity};
use crate::value::Value;

pub fn cells(kind: Kind, row: &Row) -> Vec<String> {
    let (name, age) = (row.name(), row.age());
    let text = |path: &str| row.text(path);
    let none = |path: &str| row.text_or(path, "<none>");
    match kind {
        Kind::Service => service(row),
        Kind::Ingress => ingress(row),
        Kind::Endpoints => vec![name, endpoints(row.value), age],
        Kind::EndpointSlice => endpoint_slice(row),
        Kind::NetworkPolicy => vec![name, selector(row.at("spec.podSelector")), age],
        Kind::Node => node(row),
        Kind::Namespace => vec![name, text("status.phase"), age],
        Kind::PersistentVolume => volume(row),
        Kind::PersistentVolumeClaim => claim(row),
        Kind::StorageClass => storage_class(row),
        Kind::Event => event(row),
        Kind::ConfigMap => vec![name, (size(row.at("data")) + size(row.at("binaryData"))).to_string(), age],
        Kind::Secret => vec![name, text("type"), size(row.at("data")).to_string(), age],
        Kind::ResourceQuota => quota(row),
        Kind::LimitRange | Kind::Role | Kind::ClusterRole | Kind::CustomResourceDefinition => {
            vec![name, text("metadata.creationTimestamp")]
        }
        Kind::RoleBinding | Kind::ClusterRoleBinding => role_binding(row),
        Kind::HorizontalPodAutoscaler => autoscaler(row),
        Kind::PodDisruptionBudget => {
            let (min, max) = (row.text_or("spec.minAvailable", "N/A"), row.text_or("spec.maxUnavailable", "N/A"));
            vec![name, min, max, row.int("status.disruptionsAllowed").to_string(), age]
        }
        Kind::PriorityClass => {
            let default = row.at("globalDefault").as_bool().unwrap_or(false);
            vec![name, row.int("value").to_string(), default.to_string(), age, text("preemptionPolicy")]
        }
        Kind::ControllerRevision => vec![name, controller(row), row.int("revision").to_string(), age],
        Kind::Lease => vec![name, text("spec.holderIdentity"), age],
        Kind::RuntimeClass => vec![name, text("handler"), age],
        Kind::PodTemplate => {
            let (names, images) = row.containers("template.spec");
            vec![name, names, images, labels(row.at("template.metadata.labels"))]
        }
        Kind::IngressClass => {
            let (kind, group, of) =
                (text("spec.parameters.kind"), text("spec.parameters.apiGroup"), text("spec.parameters.name"));
            let group = if group.is_empty() { group } else { format!(".{group}") };
            let parameters = if kind.is_empty() { "<none>".into() } else { format!("{kind}{group}/{of}") };
            vec![name, text("spec.controller"), parameters, age]
        }
        Kind::VolumeAttachment => {
            let attached = row.at("status.attached").as_bool().unwrap_or(false);
            let volume = text("spec.source.persistentVolumeName");
            vec![name, text("spec.attacher"), volume, text("spec.nodeName"), attached.to_string(), age]
        }
        Kind::MutatingWebhookConfiguration | Kind::ValidatingWebhookConfiguration => {
            vec![name, row.at("webhooks").items().len().to_string(), age]
        }
        Kind::ValidatingAdmissionPolicy => {
            let (version, kind) = (text("spec.paramKind.apiVersion"), text("spec.paramKind.kind"));
            let of = if kind.is_empty() { "<unset>".into() } else { format!("{version}/{kind}") };
            vec![name, row.at("spec.validations").items().len().to_string(), of, age]
        }
        Kind::ValidatingAdmissionPolicyBinding => {
            let of = row.text_or("spec.paramRef.name", "<unset>");
            vec![name, none("spec.policyName"), of, age]
        }
        _ => vec![name, age],
    }
}

fn size(map: &Value) -> usize {
    map.as_map().map_or(0, |m| m.len())
}

/// Texts of a list, joined by commas.
fn joined(list: &Value) -> String {
    list.items().iter().map(plain).collect::<Vec<_>>().join(",")
}

/// Addresses that a load balancer was given.
pub fn load_balancer(row: &Row) -> Vec<String> {
    let ingress = row.at("status.loadBalancer.ingress").items();
    ingress.iter().map(|i| plain(i.get("ip")) + &plain(i.get("hostname"))).collect()
}

fn service(row: &Row) -> Vec<String> {
    let kind = row.text("spec.type");
    let external = joined(row.at("spec.externalIPs"));
    let outside = match kind.as_str() {
        "LoadBalancer" => {
            let mut all = load_balancer(row);
            all.sort();
            all.extend(row.at("spec.externalIPs").items().iter().map(plain));
            if all.is_empty() { "<pending>".into() } else { all.join(",") }
        }
        "ExternalName" => row.text("spec.externalName"),
        _ if external.is_empty() => "<none>".into(),
        _ => external,
    };
    let ports = row.at("spec.ports").items().iter().map(|p| {
        let node = p.get("nodePort").as_int().filter(|n| *n > 0).map_or(String::new(), |n| format!(":{n}"));
        format!("{}{node}/{}", plain(p.get("port")), plain(p.get("protocol")))
    });
    let ports = ports.collect::<Vec<_>>().join(",");
    let ports = if ports.is_empty() { "<none>".into() } else { ports };
    let address = row.text_or("spec.clusterIP", "<none>");
    vec![row.name(), kind, address, outside, ports, row.age(), labels(row.at("spec.selector"))]
}

fn ingress(row: &Row) -> Vec<String> {
    let rules = row.at("spec.rules").items();
    let hosts: Vec<String> = rules.iter().map(|r| plain(r.get("host"))).filter(|host| !host.is_empty()).collect();
    let hosts = if hosts.is_empty() { "*".into() } else { three(&hosts, ",", " + ") };
    let ports = if row.at("spec.tls").items().is_empty() { "80" } else { "80, 443" };
    let address = load_balancer(row).join(",");
    let address = if address.len() > 16 { format!("{}...", &address[..13]) } else { address };
    vec![row.name(), row.text_or("spec.ingressClassName", "<none>"), hosts, address, ports.into(), row.age()]
}

/// `10.244.1.2:80,10.244.2.3:80 + 2 more...` of an Endpoints object.
pub fn endpoints(value: &Value) -> String {
    let mut all = vec![];
    let subsets = value.get("subsets").items();
    for subset in subsets {
        let (addresses, ports) = (subset.get("addresses").items(), subset.get("ports").items());
        for address in addresses {
            if ports.is_empty() {
                all.push(plain(address.get("ip")));
            }
        }
        for port in ports {
            all.extend(addresses.iter().map(|a| format!("{}:{}", plain(a.get("ip")), plain(port.get("port")))));
        }
    }
    // Where nothing is ready, nothing is said.
    if subsets.is_empty() { "<none>".into() } else { three(&all, ",", " + ") }
}

fn endpoint_slice(row: &Row) -> Vec<String> {
    let unset = |text: String| if text.is_empty() { "<unset>".into() } else { text };
    let ports: Vec<String> = row
        .at("ports")
        .items()
        .iter()
        .map(|p| {
            let port = plain(p.get("port"));
            if port.is_empty() { "*".into() } else { port }
        })
        .collect();
    let addresses: Vec<String> =
        row.at("endpoints").items().iter().flat_map(|e| e.get("addresses").items()).map(plain).collect();
    vec![
        row.name(),
        row.text("addressType"),
        unset(three(&ports, ",", " + ")),
        unset(three(&addresses, ",", " + ")),
        row.age(),
    ]
}

/// The roles that a node's labels give it.
pub fn roles(row: &Row) -> String {
    let mut roles: Vec<String> = vec![];
    for (key, value) in row.at("metadata.labels").as_map().into_iter().flat_map(|m| m.iter()) {
        if let Some(role) = key.strip_prefix("node-role.kubernetes.io/").filter(|r| !r.is_empty()) {
            roles.push(role.into());
        } else if &**key == "kubernetes.io/role" && !plain(value).is_empty() {
            roles.push(plain(value));
        }
    }
    roles.sort();
    if roles.is_empty() { "<none>".into() } else { roles.join(",") }
}

fn node(row: &Row) -> Vec<String> {
    let conditions = row.at("status.conditions").items();
    let ready = conditions.iter().find(|c| c.get("type").as_str() == Some("Ready"));
    let mut status = match ready.map(|c| plain(c.get("status"))) {
        Some(status) if status == "True" => "Ready".to_string(),
        Some(_) => "NotReady".into(),
        None => "Unknown".into(),
    };
    if row.at("spec.unschedulable").as_bool() == Some(true) {
        status += ",SchedulingDisabled";
    }
    let address = |kind: &str| {
        let found = row.at("status.addresses").items().iter().find(|a| a.get("type").as_str() == Some(kind));
        found.map_or("<none>".into(), |a| plain(a.get("address")))
    };
    let info = |key: &str| row.text_or(&format!("status.nodeInfo.{key}"), "<unknown>");
    vec![
        row.name(),
        status,
        roles(row),
        row.age(),
        row.text("status.nodeInfo.kubeletVersion"),
        address("InternalIP"),
        address("ExternalIP"),
        info("osImage"),
        info("kernelVersion"),
        info("containerRuntimeVersion"),
    ]
}

/// `RWO,ROX`.
pub fn access_modes(list: &Value) -> String {
    let has = |mode: &str| list.items().iter().any(|m| m.as_str() == Some(mode));
    let short =
        [("ReadWriteOnce", "RWO"), ("ReadOnlyMany", "ROX"), ("ReadWriteMany", "RWX"), ("ReadWriteOncePod", "RWOP")];
    short.iter().filter(|(mode, _)| has(mode)).map(|(_, s)| *s).collect::<Vec<_>>().join(",")
}

fn volume(row: &Row) -> Vec<String> {
    let claim = row.at("spec.claimRef");
    let claim = if claim.is_null() {
        String::new()
    } else {
        format!("{}/{}", plain(claim.get("namespace")), plain(claim.get("name")))
    };
    let phase = if row.deleting() { "Terminating".into() } else { row.text("status.phase") };
    vec![
        row.name(),
        row.text("spec.capacity.storage"),
        access_modes(row.at("spec.accessModes")),
        row.text("spec.persistentVolumeReclaimPolicy"),
        phase,
        claim,
        row.text("spec.storageClassName"),
        row.text_or("spec.volumeAttributesClassName", "<unset>"),
        row.text("status.reason"),
        row.age(),
        row.text_or("spec.volumeMode", "<unset>"),
    ]
}

fn claim(row: &Row) -> Vec<String> {
    let bound = !row.text("spec.volumeName").is_empty();
    let phase = if row.deleting() { "Terminating".into() } else { row.text("status.phase") };
    let class = row.text("spec.storageClassName");
    vec![
        row.name(),
        phase,
        row.text("spec.volumeName"),
        if bound { row.text_or("status.capacity.storage", "0") } else { String::new() },
        if bound { access_modes(row.at("status.accessModes")) } else { String::new() },
        class,
        row.text_or("spec.volumeAttributesClassName", "<unset>"),
        row.age(),
        row.text_or("spec.volumeMode", "<unset>"),
    ]
}

fn storage_class(row: &Row) -> Vec<String> {
    let annotations = row.at("metadata.annotations");
    let default = annotations.get("storageclass.kubernetes.io/is-default-class").as_str() == Some("true");
    vec![
        if default { format!("{} (default)", row.name()) } else { row.name() },
        row.text("provisioner"),
        row.text_or("reclaimPolicy", "Delete"),
        row.text_or("volumeBindingMode", "Immediate"),
        row.at("allowVolumeExpansion").as_bool().unwrap_or(false).to_string(),
        row.age(),
    ]
}

/// When an event was first and last seen, and how often.
pub fn event_times(row: &Row) -> (Value, Value, i64) {
    let or = |a: &Value, b: &Value| if a.is_null() { b.clone() } else { a.clone() };
    let first = or(row.at("firstTimestamp"), row.at("eventTime"));
    let series = row.at("series");
    if !series.is_null() {
        return (first, series.get("lastObservedTime").clone(), series.get("count").as_int().unwrap_or(0));
    }
    let last = or(row.at("lastTimestamp"), &first);
    (first, last, row.int("count").max(1))
}

fn event(row: &Row) -> Vec<String> {
    let (first, last, count) = event_times(row);
    let (kind, name) = (row.text("involvedObject.kind").to_lowercase(), row.text("involvedObject.name"));
    let object = if name.is_empty() { kind } else { format!("{kind}/{name}") };
    let component = row.text_or("source.component", &row.text("reportingComponent"));
    let host = row.text("source.host");
    let source = if host.is_empty() { component } else { format!("{component}, {host}") };
    vec![
        row.since(&last),
        row.text("type"),
        row.text("reason"),
        object,
        row.text("involvedObject.fieldPath"),
        source,
        row.text("message").trim().to_string(),
        row.since(&first),
        count.to_string(),
        row.name(),
    ]
}

fn quota(row: &Row) -> Vec<String> {
    let (mut requests, mut limits) = (vec![], vec![]);
    for (resource, hard) in row.at("status.hard").as_map().into_iter().flat_map(|m| m.iter()) {
        let used = plain(row.at("status.used").get(resource));
        let used = if used.is_empty() { "0".into() } else { used };
        let text = format!("{resource}: {used}/{}", plain(hard));
        if resource.starts_with("limits") { limits.push(text) } else { requests.push(text) }
    }
    vec![row.name(), requests.join(", "), limits.join(", "), row.age()]
}

fn role_binding(row: &Row) -> Vec<String> {
    let subjects = |kind: &str| {
        let of = row.at("subjects").items().iter().filter(|s| s.get("kind").as_str() == Some(kind));
        let names = of.map(|s| match kind {
            "ServiceAccount" => format!("{}/{}", plain(s.get("namespace")), plain(s.get("name"))),
            _ => plain(s.get("name")),
        });
        names.collect::<Vec<_>>().join(", ")
    };
    let role = format!("{}/{}", row.text("roleRef.kind"), row.text("roleRef.name"));
    vec![row.name(), role, row.age(), subjects("User"), subjects("Group"), subjects("ServiceAccount")]
}

fn controller(row: &Row) -> String {
    let owners = row.at("metadata.ownerReferences").items();
    let Some(owner) = owners.iter().find(|o| o.get("controller").as_bool() == Some(true)) else {
        return "<none>".into();
    };
    let kind = Kind::find(&plain(owner.get("apiVersion")), &plain(owner.get("kind")));
    let kind = kind.map_or_else(|| plain(owner.get("kind")).to_lowercase(), Kind::singular_dot_group);
    format!("{kind}/{}", plain(owner.get("name")))
}

fn autoscaler(row: &Row) -> Vec<String> {
    let metrics: Vec<String> =
        row.at("spec.metrics").items().iter().enumerate().map(|(i, m)| metric(row, i, m)).collect();
    let targets = match metrics.len() {
        0 => "<none>".into(),
        n if n > 2 => format!("{} + {} more...", metrics[..2].join(", "), n - 2),
        _ => metrics.join(", "),
    };
    vec![
        row.name(),
        format!("{}/{}", row.text("spec.scaleTargetRef.kind"), row.text("spec.scaleTargetRef.name")),
        targets,
        row.text_or("spec.minReplicas", "<unset>"),
        row.int("spec.maxReplicas").to_string(),
        row.int("status.currentReplicas").to_string(),
        row.age(),
    ]
}

/// `cpu: 12%/60%`.
pub fn metric(row: &Row, index: usize, metric: &Value) -> String {
    let current = row.at("status.currentMetrics").items().get(index).cloned().unwrap_or_default();
    let source = match metric.get("type").as_str().unwrap_or("") {
        "Resource" => "resource",
        "ContainerResource" => "containerResource",
        "Pods" => "pods",
        "Object" => "object",
        "External" => "external",
        other => return other.to_string(),
    };
    let (target, now) = (metric.at(&[source, "target"]), current.at(&[source, "current"]));
    let prefix = match source {
        "resource" | "containerResource" => format!("{}: ", plain(metric.at(&[source, "name"]))),
        _ => String::new(),
    };
    let utilization = target.get("averageUtilization");
    let or_unknown = |text: String, suffix: &str| if text.is_empty() { "<unknown>".into() } else { text + suffix };
    if !utilization.is_null() {
        return format!("{prefix}{}/{}%", or_unknown(plain(now.get("averageUtilization")), "%"), plain(utilization));
    }
    let average = plain(target.get("averageValue"));
    let (wanted, is, suffix) = match average.as_str() {
        "" => (plain(target.get("value")), plain(now.get("value")), ""),
        _ => (
            average,
            plain(now.get("averageValue")),
            if matches!(source, "object" | "external") { " (avg)" } else { "" },
        ),
    };
    let canonical = |text: String| Quantity::parse(&text).map_or(text, |q| q.to_string());
    format!("{prefix}{}/{}{suffix}", or_unknown(canonical(is), ""), canonical(wanted))
}
