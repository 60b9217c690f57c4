//! What the API server warns of although it accepts.
//!
//! Kubernetes 1.36: pkg/api/{pod,persistentvolume,persistentvolumeclaim,service,node}/*warnings.go,
//! pkg/registry/*/strategy.go (WarningsOnCreate)

use crate::api::field::Field;
use crate::api::{Kind, Quantity};
use crate::manifest::base64;
use crate::value::Value;
use std::collections::BTreeSet;

/// Kinds that are warned of at each request: the whole text.
pub fn deprecated(kind: Kind) -> Option<&'static str> {
    (kind == Kind::Endpoints).then_some("v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice")
}

/// Warnings about a new or changed object, without `Warning: `. `old` is what it was, if it is changed.
pub fn about(kind: Kind, value: &Value, old: Option<&Value>) -> Vec<String> {
    let mut out = Vec::new();
    if old.is_none() {
        name(kind, value, &mut out);
    }
    let spec = value.get("spec");
    match kind {
        Kind::Pod => pod(value.get("metadata"), spec, "", &mut out),
        Kind::PodTemplate => template(value.get("template"), "template", &mut out),
        Kind::Deployment | Kind::ReplicaSet | Kind::ReplicationController | Kind::DaemonSet | Kind::Job => {
            template(spec.get("template"), "spec.template", &mut out)
        }
        Kind::StatefulSet => {
            template(spec.get("template"), "spec.template", &mut out);
            for (i, claim) in spec.get("volumeClaimTemplates").items().iter().enumerate() {
                fractions(claim.get("spec"), &format!("spec.volumeClaimTemplates[{i}]"), &["storage"], &mut out);
            }
            if spec.get("revisionHistoryLimit").as_int().is_some_and(|limit| limit < 0) {
                let advice = "a negative value retains all historical revisions; a value >= 0 is recommended";
                out.push(format!("spec.revisionHistoryLimit: {advice}"));
            }
        }
        Kind::CronJob => {
            template(spec.at(&["jobTemplate", "spec", "template"]), "spec.jobTemplate.spec.template", &mut out)
        }
        Kind::PersistentVolume | Kind::PersistentVolumeClaim => storage(kind, value, &mut out),
        Kind::Service => service(value.get("metadata"), spec, &mut out),
        Kind::Ingress if old.is_none() && spec.get("ingressClassName").is_null() => {
            let key = "kubernetes.io/ingress.class";
            if !value.at(&["metadata", "annotations", key]).is_null() {
                out.push(format!("annotation {key:?} is deprecated, please use 'spec.ingressClassName' instead"));
            }
        }
        Kind::Node if !spec.get("externalID").as_str().unwrap_or("").is_empty() => {
            out.push("spec.externalID: this field is deprecated, and is unused by Kubernetes".into());
        }
        Kind::CSIDriver if tells_tokens(spec) && old.is_none_or(|old| !tells_tokens(old.get("spec"))) => {
            let advice = "set to true to prevent possible logging of tokens in volume attributes";
            let what = "spec.serviceAccountTokenInSecrets is unset; if supported by this CSI driver";
            out.push(format!("{what}, {advice}"));
        }
        Kind::Secret => secret(value, &mut out),
        Kind::ServiceAccount => {
            let key = "kubernetes.io/enforce-mountable-secrets";
            if !value.at(&["metadata", "annotations", key]).is_null() {
                let advice = "prefer separate namespaces to isolate access to mounted secrets";
                out.push(format!("metadata.annotations[{key}]: deprecated in v1.32+; {advice}"));
            }
        }
        Kind::ResourceQuota => quota(spec.get("hard"), &mut out),
        Kind::Custom(_) => finalizers(value, old, &mut out),
        _ => {}
    }
    out
}

/// Whose finalizers of custom kinds are should be told by a domain. Each is told of once, when it is new.
fn finalizers(value: &Value, old: Option<&Value>, out: &mut Vec<String>) {
    let of = |value: &Value| value.at(&["metadata", "finalizers"]).items().iter().cloned().collect::<BTreeSet<_>>();
    let had = old.map(of).unwrap_or_default();
    for name in of(value).difference(&had).filter_map(Value::as_str) {
        if !name.contains('/') && !super::validate::STANDARD_FINALIZERS.contains(&name) {
            let path = if name.contains('.') { " including a path (/)" } else { "" };
            let advice = "to avoid accidental conflicts with other finalizer writers";
            out.push(format!("metadata.finalizers: {name:?}: prefer a domain-qualified finalizer name{path} {advice}"));
        }
    }
}

/// Pods are hosts, so their names should be host names.
fn name(kind: Kind, value: &Value, out: &mut Vec<String>) {
    let whose = match kind {
        Kind::Pod => "the Pod's hostname",
        Kind::Deployment | Kind::ReplicaSet | Kind::ReplicationController | Kind::Job | Kind::CronJob => {
            "Pod names and hostnames"
        }
        _ => return,
    };
    let name = value.at(&["metadata", "name"]).as_str().unwrap_or("");
    let mut wrong = Vec::new();
    if name.len() > 63 {
        wrong.push("must be no more than 63 characters");
    }
    if name.contains('.') {
        wrong.push("must not contain dots");
    }
    if !wrong.is_empty() {
        let advice = "which can result in surprising behavior; a DNS label is recommended";
        out.push(format!("metadata.name: this is used in {whose}, {advice}: [{}]", wrong.join(" ")));
    }
}

fn template(value: &Value, path: &str, out: &mut Vec<String>) {
    pod(value.get("metadata"), value.get("spec"), path, out);
}

/// Labels of nodes that have newer names.
const NODE_LABELS: &[(&str, &str)] = &[
    ("beta.kubernetes.io/arch", "deprecated since v1.14; use \"kubernetes.io/arch\" instead"),
    ("beta.kubernetes.io/os", "deprecated since v1.14; use \"kubernetes.io/os\" instead"),
    (
        "failure-domain.beta.kubernetes.io/region",
        "deprecated since v1.17; use \"topology.kubernetes.io/region\" instead",
    ),
    ("failure-domain.beta.kubernetes.io/zone", "deprecated since v1.17; use \"topology.kubernetes.io/zone\" instead"),
    ("beta.kubernetes.io/instance-type", "deprecated since v1.17; use \"node.kubernetes.io/instance-type\" instead"),
    ("node-role.kubernetes.io/master", "use \"node-role.kubernetes.io/control-plane\" instead"),
];

/// Volume sources that came to nothing.
const OLD_SOURCES: &[(&str, &str)] = &[
    ("photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"),
    ("gitRepo", "deprecated in v1.11, and disabled by default in v1.33+"),
    ("scaleIO", "deprecated in v1.16, non-functional in v1.22+"),
    ("flocker", "deprecated in v1.22, non-functional in v1.25+"),
    ("storageos", "deprecated in v1.22, non-functional in v1.25+"),
    ("quobyte", "deprecated in v1.22, non-functional in v1.25+"),
    ("glusterfs", "deprecated in v1.25, non-functional in v1.26+"),
    ("rbd", "deprecated in v1.28, non-functional in v1.31+"),
    ("cephfs", "deprecated in v1.28, non-functional in v1.31+"),
];

/// Annotations of Pods that fields have replaced.
const OLD_ANNOTATIONS: &[(&str, &str)] = &[
    ("seccomp.security.alpha.kubernetes.io/pod", "non-functional in v1.27+; use the \"seccompProfile\" field instead"),
    (
        "scheduler.alpha.kubernetes.io/critical-pod",
        "non-functional in v1.16+; use the \"priorityClassName\" field instead",
    ),
    ("pod.alpha.kubernetes.io/initialized", "non-functional in v1.5+; use the \"readinessGates\" field instead"),
];

/// `at` is the path of the template; empty for a Pod of its own.
fn pod(metadata: &Value, spec: &Value, at: &str, out: &mut Vec<String>) {
    let path = |rest: &str| if at.is_empty() { rest.to_string() } else { format!("{at}.{rest}") };
    for (key, _) in spec.get("nodeSelector").as_map().into_iter().flat_map(|m| m.iter()) {
        if let Some(text) = old_label(key) {
            out.push(format!("{}: {text}", path(&format!("spec.nodeSelector[{key}]"))));
        }
    }
    node_affinity(spec.at(&["affinity", "nodeAffinity"]), &path("spec.affinity.nodeAffinity"), out);
    for (i, constraint) in spec.get("topologySpreadConstraints").items().iter().enumerate() {
        let place = path(&format!("spec.topologySpreadConstraints[{i}]"));
        let key = constraint.get("topologyKey").as_str().unwrap_or("");
        if let Some(text) = old_label(key) {
            out.push(format!("{place}.topologyKey: {key} is {text}"));
        }
        no_selector(constraint, &place, out);
    }
    old_annotations(metadata, &path, out);
    for (i, volume) in spec.get("volumes").items().iter().enumerate() {
        for (source, text) in OLD_SOURCES.iter().filter(|(source, _)| !volume.get(source).is_null()) {
            // The server writes this path otherwise.
            let source = if *source == "storageos" { "storageOS" } else { source };
            out.push(format!("{}: {text}", path(&format!("spec.volumes[{i}].{source}"))));
        }
        let claim = volume.at(&["ephemeral", "volumeClaimTemplate", "spec"]);
        let place = path(&format!("spec.volumes[{i}].ephemeral.volumeClaimTemplate.spec"));
        fractions(claim, &place, &["storage"], out);
        projected(volume, out);
    }
    repeated(spec, "hostAliases", "ip", &path, out);
    repeated(spec, "imagePullSecrets", "name", &path, out);
    for (i, secret) in spec.get("imagePullSecrets").items().iter().enumerate() {
        if secret.get("name").as_str().unwrap_or("").is_empty() {
            out.push(format!("{}: invalid empty name \"\"", path(&format!("spec.imagePullSecrets[{i}].name"))));
        }
    }
    let lists = ["initContainers", "containers"];
    let each = |list: &'static str| spec.get(list).items().iter().enumerate().map(move |(i, one)| (list, i, one));
    for (list, i, one) in lists.into_iter().flat_map(each) {
        container(one, &path(&format!("spec.{list}[{i}]")), out);
    }
    let place = |(list, i, one): (&str, usize, _)| (path(&format!("spec.{list}[{i}]")), one);
    ports(&lists.into_iter().flat_map(each).map(place).collect::<Vec<_>>(), out);
    if spec.get("terminationGracePeriodSeconds").as_int().is_some_and(|seconds| seconds < 0) {
        let what = "must be >= 0; negative values are invalid and will be treated as 1";
        out.push(format!("{}: {what}", path("spec.terminationGracePeriodSeconds")));
    }
    for kind in ["podAffinity", "podAntiAffinity"] {
        let terms = |when: &str| spec.at(&["affinity", kind, when]).items();
        for (i, term) in terms(REQUIRED).iter().enumerate() {
            no_selector(term, &path(&format!("spec.affinity.{kind}.{REQUIRED}[{i}]")), out);
        }
        for (i, term) in terms(PREFERRED).iter().enumerate() {
            let place = path(&format!("spec.affinity.{kind}.{PREFERRED}[{i}].podAffinityTerm"));
            no_selector(term.get("podAffinityTerm"), &place, out);
        }
    }
}

const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";

fn old_label(key: &str) -> Option<&'static str> {
    NODE_LABELS.iter().find(|(label, _)| *label == key).map(|(_, text)| *text)
}

fn node_affinity(affinity: &Value, path: &str, out: &mut Vec<String>) {
    let old = |term: &Value, place: &str, out: &mut Vec<String>| {
        for (i, expression) in term.get("matchExpressions").items().iter().enumerate() {
            let key = expression.get("key").as_str().unwrap_or("");
            if let Some(text) = old_label(key) {
                out.push(format!("{place}.matchExpressions[{i}].key: {key} is {text}"));
            }
        }
    };
    for (i, term) in affinity.at(&[REQUIRED, "nodeSelectorTerms"]).items().iter().enumerate() {
        old(term, &format!("{path}.{REQUIRED}.nodeSelectorTerms[{i}]"), out);
    }
    for (i, term) in affinity.get(PREFERRED).items().iter().enumerate() {
        let (term, place) = (term.get("preference"), format!("{path}.{PREFERRED}[{i}].preference"));
        old(term, &place, out);
        for (j, expression) in term.get("matchExpressions").items().iter().enumerate() {
            for (n, value) in expression.get("values").items().iter().enumerate() {
                let text = value.as_str().unwrap_or("");
                for wrong in super::validate::names::label_value(text) {
                    out.push(format!("{place}.matchExpressions[{j}].values[{n}]: {text} is invalid, {wrong}"));
                }
            }
        }
    }
}

fn no_selector(of: &Value, path: &str, out: &mut Vec<String>) {
    if of.get("labelSelector").is_null() {
        out.push(format!("{path}.labelSelector: a null labelSelector results in matching no pod"));
    }
}

fn old_annotations(metadata: &Value, path: &impl Fn(&str) -> String, out: &mut Vec<String>) {
    for (key, _) in metadata.get("annotations").as_map().into_iter().flat_map(|m| m.iter()) {
        let place = path(&format!("metadata.annotations[{key}]"));
        if let Some((_, text)) = OLD_ANNOTATIONS.iter().find(|(old, _)| **old == **key) {
            out.push(format!("{place}: {text}"));
        } else if key.starts_with("container.seccomp.security.alpha.kubernetes.io/") {
            out.push(format!("{place}: non-functional in v1.27+; use the \"seccompProfile\" field instead"));
        } else if key.starts_with("container.apparmor.security.beta.kubernetes.io/") {
            out.push(format!("{place}: deprecated since v1.30; use the \"appArmorProfile\" field instead"));
        }
    }
}

/// Entries of a list that name the same thing as one before them.
fn repeated(spec: &Value, list: &str, field: &str, path: &impl Fn(&str) -> String, out: &mut Vec<String>) {
    let entries = spec.get(list).items();
    for (i, entry) in entries.iter().enumerate() {
        if entries[..i].iter().any(|earlier| earlier.get(field) == entry.get(field)) {
            let name = entry.get(field).as_str().unwrap_or("");
            out.push(format!("{}: duplicate {field} \"{name}\"", path(&format!("spec.{list}[{i}].{field}"))));
        }
    }
}

fn projected(volume: &Value, out: &mut Vec<String>) {
    let Some(map) = volume.get("projected").as_map() else { return };
    let sources = map.get("sources").map_or(&[][..], |s| s.items());
    // What a closed feature gate dropped leaves an empty source.
    if sources.iter().all(|source| source.as_map().is_none_or(|m| m.is_empty())) {
        let name = volume.get("name").as_str().unwrap_or("");
        out.push(format!("volume \"{name}\" (Projected) has no sources provided"));
    }
}

fn container(container: &Value, path: &str, out: &mut Vec<String>) {
    fractions(container, path, &["memory", "ephemeral-storage"], out);
    let environment = container.get("env").items();
    for (i, variable) in environment.iter().enumerate() {
        let name = variable.get("name");
        if !environment[..i].iter().any(|earlier| earlier.get("name") == name) {
            continue;
        }
        let (name, value) = (name.as_str().unwrap_or(""), variable.get("value").as_str().unwrap_or(""));
        let own = format!("$({name})");
        // One that goes on from the value before is meant so.
        if !variable.get("valueFrom").is_null() || value == own || !value.contains(&own) {
            let what = format!("hides previous definition of \"{name}\", which may be dropped when using apply");
            out.push(format!("{path}.env[{i}]: {what}"));
        }
    }
}

/// Ports of a Pod's containers (given with their paths) that are in each other's way.
fn ports(containers: &[(String, &Value)], out: &mut Vec<String>) {
    let each = |(path, container): &(String, &'_ Value)| {
        let list = container.get("ports").items().iter().enumerate();
        list.map(|(i, port)| (format!("{path}.ports[{i}]"), port.clone())).collect::<Vec<_>>()
    };
    let all: Vec<(String, Value)> = containers.iter().flat_map(each).collect();
    let text = |port: &Value, field: &str| port.get(field).as_str().unwrap_or("").to_string();
    let host = |port: &Value| port.get("hostPort").as_int().unwrap_or(0);
    for (i, (path, port)) in all.iter().enumerate() {
        let (ip, name, protocol) = (text(port, "hostIP"), text(port, "name"), text(port, "protocol"));
        let number = port.get("containerPort").as_int().unwrap_or(0);
        if !ip.is_empty() && host(port) == 0 {
            let go = format!("{{Name:{name} HostPort:0 ContainerPort:{number} Protocol:{protocol} HostIP:{ip}}}");
            out.push(format!("{path}: hostIP set without hostPort: {go}"));
        }
        for (earlier, other) in &all[..i] {
            if other.get("containerPort") != port.get("containerPort") || text(other, "protocol") != protocol {
                continue;
            }
            let other_ip = text(other, "hostIP");
            let what = match () {
                () if other_ip == ip && host(other) == host(port) => "duplicate",
                () if host(other) == 0 || host(port) == 0 => "overlapping",
                () if host(other) == host(port) && ip.is_empty() != other_ip.is_empty() => "dangerously ambiguous",
                () => continue,
            };
            out.push(format!("{path}: {what} port definition with {earlier}"));
        }
    }
    for (i, (path, port)) in all.iter().enumerate() {
        let name = text(port, "name");
        let first = all[..i].iter().find(|(_, other)| !name.is_empty() && text(other, "name") == name);
        if let Some((first, _)) = first {
            let which = format!("services and probes that select ports by name will use {first}");
            out.push(format!("{path}: duplicate port name \"{name}\" with {first}, {which}"));
        }
    }
}

/// Amounts of which there are only whole ones.
fn fractions(of: &Value, path: &str, names: &[&str], out: &mut Vec<String>) {
    for name in names {
        for kind in ["limits", "requests"] {
            let amount = of.at(&["resources", kind, name]);
            if !amount.is_null() && Quantity::read(amount).milli % 1000 != 0 {
                let shown = amount.as_str().unwrap_or("");
                let what = format!("fractional byte value \"{shown}\" is invalid, must be an integer");
                out.push(format!("{path}.resources.{kind}[{name}]: {what}"));
            }
        }
    }
}

/// Whether a driver gets tokens where others may read them.
fn tells_tokens(spec: &Value) -> bool {
    !spec.get("tokenRequests").items().is_empty() && spec.get("serviceAccountTokenInSecrets").is_null()
}

/// What a Service says in vain.
fn service(metadata: &Value, spec: &Value, out: &mut Vec<String>) {
    let text = |field: &str| spec.get(field).as_str().unwrap_or("");
    let (headless, external) = (text("clusterIP") == "None", text("type") == "ExternalName");
    let reachable = !spec.get("externalIPs").items().is_empty();
    let (old, new) = ("service.kubernetes.io/topology-aware-hints", "service.kubernetes.io/topology-mode");
    if !metadata.at(&["annotations", old]).is_null() {
        out.push(format!("annotation {old} is deprecated, please use {new} instead"));
    }
    let ignored = |what: &str| format!("spec.{what} is ignored for headless services");
    if headless && !text("loadBalancerIP").is_empty() {
        out.push(ignored("loadBalancerIP"));
    }
    if headless && reachable {
        out.push(ignored("externalIPs"));
    }
    if headless && text("sessionAffinity") != "None" {
        out.push(ignored("SessionAffinity"));
    }
    if reachable && !headless && !external {
        out.push("spec.externalIPs is deprecated and may no longer be implemented in some clusters".into());
    }
    if external && reachable {
        out.push("spec.externalIPs is ignored when spec.type is \"ExternalName\"".into());
    }
    if !external && !text("externalName").is_empty() {
        out.push("spec.externalName is ignored when spec.type is not \"ExternalName\"".into());
    }
    if text("trafficDistribution") == "PreferClose" {
        out.push("spec.trafficDistribution: \"PreferClose\" is deprecated; use \"PreferSameZone\"".into());
    }
}

fn storage(kind: Kind, value: &Value, out: &mut Vec<String>) {
    let annotation = |key: &str| !value.at(&["metadata", "annotations", key]).is_null();
    let class = "volume.beta.kubernetes.io/storage-class";
    if annotation(class) {
        let text = "deprecated since v1.8; use \"storageClassName\" attribute instead";
        out.push(format!("metadata.annotations[{class}]: {text}"));
    }
    if kind == Kind::PersistentVolumeClaim {
        return fractions(value.get("spec"), "spec", &["storage"], out);
    }
    let options = "volume.beta.kubernetes.io/mount-options";
    if annotation(options) {
        let text = "deprecated since v1.31; use \"mountOptions\" attribute instead";
        out.push(format!("metadata.annotations[{options}]: {text}"));
    }
    let spec = value.get("spec");
    if spec.get("persistentVolumeReclaimPolicy").as_str() == Some("Recycle") {
        let text = "The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.";
        out.push(format!("spec.persistentVolumeReclaimPolicy: {text}"));
    }
    for (source, text) in OLD_SOURCES.iter().filter(|(source, _)| !spec.get(source).is_null()) {
        out.push(format!("spec.{source}: {text}"));
    }
}

fn secret(value: &Value, out: &mut Vec<String>) {
    if value.get("type").as_str() != Some("kubernetes.io/tls") {
        return;
    }
    let certificate = value.at(&["data", "tls.crt"]).as_str().unwrap_or("");
    let bytes = base64::decode(certificate).unwrap_or_default();
    if !String::from_utf8_lossy(&bytes).contains("-----BEGIN ") {
        out.push("tls: failed to find any PEM data in certificate input".into());
    }
}

fn quota(hard: &Value, out: &mut Vec<String>) {
    for name in ["cpu", "memory", "ephemeral-storage"] {
        let (request, limit) = (format!("requests.{name}"), format!("limits.{name}"));
        let (asked, most) = (hard.get(&request), hard.get(&limit));
        if asked.is_null() || most.is_null() {
            continue;
        }
        let amount = |v: &Value| Quantity::read(v).milli;
        if amount(asked) > amount(most) {
            let show = |v: &Value| v.as_str().unwrap_or("").to_string();
            let (asked, most) = (show(asked), show(most));
            out.push(format!("ResourceQuota {request} ({asked}) should be less than {limit} ({most})"));
        }
    }
}
