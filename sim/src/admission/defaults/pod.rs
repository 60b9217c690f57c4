//! Kubernetes 1.36: pkg/apis/core/v1/defaults.go (Pods, containers, probes, volumes)

use super::Default::{Bool, Empty, Int, Text};
use super::{inside, items, set};
use crate::api::Field;
use crate::api::pod::PodSpec;
use crate::resources;
use crate::value::Value;

/// A Pod of its own; Pods, unlike templates, get the service links, requests that follow from limits, and ports of their node.
pub fn pod(value: &mut Value) {
    set(value, &[("spec", Empty)]);
    let spec = value.at_mut(&["spec"]);
    requests_from_limits(spec);
    requests_of_all(spec);
    pod_spec(spec);
    // What is negative is as short as it can be.
    if spec.get("terminationGracePeriodSeconds").as_int().is_some_and(|seconds| seconds < 0) {
        spec.set("terminationGracePeriodSeconds", Value::Int(1));
    }
    set(spec, &[("enableServiceLinks", Bool(true))]);
    if spec.get("hostNetwork").as_bool() == Some(true) {
        host_ports(spec);
    }
}

/// In the network of its node, each port is one of the node's.
fn host_ports(spec: &mut Value) {
    for list in ["containers", "initContainers"] {
        for container in items(spec, list) {
            for port in items(container, "ports").iter_mut().filter(|port| !port.get("containerPort").is_null()) {
                let number = port.get("containerPort").clone();
                port.set_default("hostPort", || number);
            }
        }
    }
}

/// The template of a workload's Pods.
pub fn template(value: &mut Value) {
    set(value, &[("metadata", Empty), ("spec", Empty)]);
    pod_spec(value.at_mut(&["spec"]));
}

fn pod_spec(spec: &mut Value) {
    set(
        spec,
        &[
            ("dnsPolicy", Text("ClusterFirst")),
            ("restartPolicy", Text("Always")),
            ("schedulerName", Text("default-scheduler")),
            ("securityContext", Empty),
            ("terminationGracePeriodSeconds", Int(30)),
        ],
    );
    account_name(spec);
    for list in ["containers", "initContainers", "ephemeralContainers"] {
        items(spec, list).iter_mut().for_each(one_container);
    }
    for volume in items(spec, "volumes") {
        one_volume(volume);
    }
    // Its feature gate is off.
    spec.remove("schedulingGroup");
}

/// The deprecated `serviceAccount` follows `serviceAccountName`, and the other way round.
fn account_name(spec: &mut Value) {
    let name = spec.get("serviceAccountName").clone();
    let name = if name.is_null() { spec.get("serviceAccount").clone() } else { name };
    if !name.is_null() {
        spec.set("serviceAccountName", name.clone());
        spec.set("serviceAccount", name);
    }
}

fn one_container(container: &mut Value) {
    let image = container.get("image").as_str().unwrap_or("");
    let policy = if is_latest(image) { "Always" } else { "IfNotPresent" };
    set(
        container,
        &[
            ("imagePullPolicy", Text(policy)),
            ("resources", Empty),
            ("terminationMessagePath", Text("/dev/termination-log")),
            ("terminationMessagePolicy", Text("File")),
        ],
    );
    for port in items(container, "ports") {
        set(port, &[("protocol", Text("TCP"))]);
    }
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
        if let Some(probe) = inside(container, probe) {
            one_probe(probe);
        }
    }
    no_stop_signal(container);
    if let Some(lifecycle) = inside(container, "lifecycle") {
        for hook in ["postStart", "preStop"] {
            if let Some(hook) = inside(lifecycle, hook) {
                http_get(hook);
            }
        }
    }
    for variable in items(container, "env") {
        if let Some(source) = inside(variable, "valueFrom") {
            field_ref(source);
            if let Some(resource) = inside(source, "resourceFieldRef") {
                set(resource, &[("divisor", Text("0"))]);
            }
            if let Some(file) = inside(source, "fileKeyRef") {
                set(file, &[("optional", Bool(false))]);
            }
        }
    }
}

/// The field's feature gate is off: it is dropped without a word, and what it leaves empty too.
fn no_stop_signal(container: &mut Value) {
    let Some(lifecycle) = inside(container, "lifecycle").filter(|hooks| !hooks.get("stopSignal").is_null()) else {
        return;
    };
    lifecycle.remove("stopSignal");
    if lifecycle.as_map().is_some_and(|hooks| hooks.is_empty()) {
        container.remove("lifecycle");
    }
}

/// An image without a tag, or with `latest`, is pulled at each start; what is no image's name at all is not.
fn is_latest(image: &str) -> bool {
    let (path, tag) = match image.rsplit_once('/') {
        Some((before, last)) => match last.rsplit_once(':') {
            Some((name, tag)) => (format!("{before}/{name}"), Some(tag)),
            None => (image.to_string(), None),
        },
        None => match image.rsplit_once(':') {
            Some((name, tag)) => (name.to_string(), Some(tag)),
            None => (image.to_string(), None),
        },
    };
    let mut parts: Vec<&str> = path.split('/').collect();
    let domain = |p: &str| p.contains(['.', ':']) || p == "localhost" || p.chars().any(|c| c.is_ascii_uppercase());
    if parts.len() > 1 && domain(parts[0]) {
        parts.remove(0);
    }
    parts.iter().all(|p| is_path_part(p)) && tag.is_none_or(|tag| tag == "latest")
}

/// Lower case letters and digits, between them single `.`, `_` or `__`, or any number of `-`.
fn is_path_part(part: &str) -> bool {
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let separators = part.split(inner).filter(|s| !s.is_empty());
    part.starts_with(inner)
        && part.ends_with(inner)
        && separators.into_iter().all(|s| matches!(s, "." | "_" | "__") || s.chars().all(|c| c == '-'))
}

fn one_probe(probe: &mut Value) {
    set(
        probe,
        &[
            ("timeoutSeconds", Int(1)),
            ("periodSeconds", Int(10)),
            ("successThreshold", Int(1)),
            ("failureThreshold", Int(3)),
        ],
    );
    http_get(probe);
    if let Some(grpc) = inside(probe, "grpc") {
        set(grpc, &[("service", Text(""))]);
    }
}

fn http_get(handler: &mut Value) {
    if let Some(get) = inside(handler, "httpGet") {
        set(get, &[("path", Text("/")), ("scheme", Text("HTTP"))]);
    }
}

fn field_ref(source: &mut Value) {
    if let Some(field) = inside(source, "fieldRef") {
        set(field, &[("apiVersion", Text("v1"))]);
    }
}

/// Default mode of files in a volume: 0644.
const MODE: i64 = 0o644;

fn one_volume(volume: &mut Value) {
    let sources = volume.as_map().map_or(0, |m| m.len());
    // A volume without a source is an emptyDir.
    if sources == usize::from(!volume.get("name").is_null()) {
        volume.set("emptyDir", Value::empty_map());
    }
    for source in ["configMap", "secret", "downwardAPI", "projected"] {
        if let Some(source) = inside(volume, source) {
            set(source, &[("defaultMode", Int(MODE))]);
        }
    }
    if let Some(api) = inside(volume, "downwardAPI") {
        downward_items(api);
    }
    if let Some(projected) = inside(volume, "projected") {
        for source in items(projected, "sources") {
            // Their feature gates are off.
            source.remove("clusterTrustBundle");
            source.remove("podCertificate");
            if let Some(api) = inside(source, "downwardAPI") {
                downward_items(api);
            }
            if let Some(token) = inside(source, "serviceAccountToken") {
                set(token, &[("expirationSeconds", Int(3600))]);
            }
        }
    }
    source_defaults(volume);
    if let Some(claim) = inside(volume, "ephemeral")
        && let Some(template) = inside(claim, "volumeClaimTemplate")
    {
        set(template, &[("metadata", Empty)]);
        super::storage::claim_spec(template.at_mut(&["spec"]));
    }
    if let Some(image) = inside(volume, "image") {
        let latest = is_latest(image.get("reference").as_str().unwrap_or(""));
        set(image, &[("pullPolicy", Text(if latest { "Always" } else { "IfNotPresent" }))]);
    }
}

fn downward_items(api: &mut Value) {
    for item in items(api, "items") {
        field_ref(item);
        if let Some(resource) = inside(item, "resourceFieldRef") {
            set(resource, &[("divisor", Text("0"))]);
        }
    }
}

/// Sources that Pods and PersistentVolumes have in common.
pub fn source_defaults(volume: &mut Value) {
    if let Some(path) = inside(volume, "hostPath") {
        set(path, &[("type", Text(""))]);
    }
    if let Some(iscsi) = inside(volume, "iscsi") {
        set(iscsi, &[("iscsiInterface", Text("default"))]);
    }
    if let Some(rbd) = inside(volume, "rbd") {
        set(rbd, &[("pool", Text("rbd")), ("user", Text("admin")), ("keyring", Text("/etc/ceph/keyring"))]);
    }
    if let Some(disk) = inside(volume, "azureDisk") {
        set(
            disk,
            &[
                ("cachingMode", Text("ReadWrite")),
                ("kind", Text("Shared")),
                ("fsType", Text("ext4")),
                ("readOnly", Bool(false)),
            ],
        );
    }
    if let Some(scale_io) = inside(volume, "scaleIO") {
        set(scale_io, &[("storageMode", Text("ThinProvisioned")), ("fsType", Text("xfs"))]);
    }
}

fn requests_from_limits(spec: &mut Value) {
    for list in ["containers", "initContainers"] {
        for container in items(spec, list) {
            if let Some(resources) = inside(container, "resources") {
                fill_requests(resources);
            }
        }
    }
}

/// A Pod that is limited as a whole requests what its containers request together, or its limits.
fn requests_of_all(spec: &mut Value) {
    let limits = spec.at(&["resources", "limits"]).clone();
    if limits.as_map().is_none_or(|limits| limits.is_empty()) {
        return;
    }
    let containers = PodSpec { resources: None, overhead: Default::default(), ..PodSpec::read(spec) };
    let requests = spec.at_mut(&["resources", "requests"]);
    for (name, amount) in
        resources::requests(&containers).iter().filter(|(name, _)| matches!(&***name, "cpu" | "memory"))
    {
        requests.set_default(name, || amount.write());
    }
    for (name, limit) in limits.as_map().into_iter().flat_map(|m| m.iter()) {
        if matches!(&**name, "cpu" | "memory") || name.starts_with("hugepages-") {
            requests.set_default(name, || limit.clone());
        }
    }
}

/// What has a limit but no request requests its limit.
fn fill_requests(resources: &mut Value) {
    let limits = resources.get("limits").clone();
    for (name, limit) in limits.as_map().into_iter().flat_map(|m| m.iter()) {
        resources.at_mut(&["requests"]).set_default(name, || limit.clone());
    }
}
