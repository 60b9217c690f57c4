//! What is worth knowing of an object at a glance, and what one may want to do with it.

use super::portrait::Chosen;
use super::why;
use crate::clock_text;
use crate::text::Text;
use kubarium_sim::api::node::Node;
use kubarium_sim::api::object::Object;
use kubarium_sim::api::pod::Pod;
use kubarium_sim::api::{Amounts, Body, Kind, Quantity};
use kubarium_sim::claims;
use kubarium_sim::cluster::Cluster;
use kubarium_sim::plane::{Fault, Registry};
use kubarium_sim::value::Value;

/// A line of the list: its name in the reader's language, its value as the API has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    pub name: &'static str,
    pub value: String,
    /// Where it leads.
    pub to: Option<Chosen>,
}

fn fact(text: Text, name: &'static str, value: impl Into<String>) -> Fact {
    Fact { name: text.get(name), value: value.into(), to: None }
}

pub fn of(cluster: &Cluster, object: &Object, text: Text) -> Vec<Fact> {
    let mut facts = match &object.body {
        Body::Pod(pod) => of_pod(object, pod, text),
        Body::Node(node) => of_node(cluster, object, &node.status.allocatable, text),
        Body::Service(service) => {
            let ports = service.spec.ports.iter().map(|p| match p.node_port {
                0 => format!("{}/{}", p.port, p.protocol),
                n => format!("{}:{n}/{}", p.port, p.protocol),
            });
            let (ready, total) = why::endpoints(cluster, object);
            vec![
                fact(text, "fact-type", &*service.spec.kind),
                fact(text, "fact-address", &*service.spec.cluster_ip),
                fact(text, "fact-ports", ports.collect::<Vec<_>>().join(", ")),
                fact(text, "fact-endpoints", format!("{ready}/{total}")),
                fact(text, "fact-selector", pairs(&service.spec.selector)),
            ]
        }
        _ => of_value(object, text),
    };
    facts.retain(|f| !f.value.is_empty());
    let age = object.meta.creation.map(|s| cluster.stamp().since(s).max(0) as u64);
    if let Some(age) = age {
        facts.push(fact(text, "fact-age", clock_text::age(age)));
    }
    if !object.meta.labels.is_empty() {
        facts.push(fact(text, "fact-labels", pairs(&object.meta.labels)));
    }
    facts
}

fn pairs(texts: &kubarium_sim::api::Texts) -> String {
    texts.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join(", ")
}

fn of_pod(object: &Object, pod: &Pod, text: Text) -> Vec<Fact> {
    let status = &pod.status;
    let ready = status.container_statuses.iter().filter(|c| c.ready).count();
    let restarts: i64 = status.container_statuses.iter().map(|c| c.restart_count).sum();
    let node = Fact {
        to: Some(Chosen::new(Kind::Node, "", &pod.spec.node_name)),
        ..fact(text, "fact-node", &*pod.spec.node_name)
    };
    let mut facts = vec![
        node,
        fact(text, "fact-ip", &*status.pod_ip),
        fact(text, "fact-containers", format!("{ready}/{}", pod.spec.containers.len())),
        fact(text, "fact-restarts", restarts.to_string()),
        fact(
            text,
            "fact-images",
            pod.spec.all_containers().map(|c| c.image.to_string()).collect::<Vec<_>>().join(", "),
        ),
        fact(text, "fact-qos", &*status.qos_class),
    ];
    for claim in claims::of_pod(object) {
        let to = Some(Chosen::new(Kind::PersistentVolumeClaim, &object.meta.namespace, &claim));
        facts.push(Fact { to, ..fact(text, "fact-claim", &*claim) });
    }
    facts
}

/// What the Pods of a node have asked for of one resource.
pub fn asked(cluster: &Cluster, node: &str, resource: &str) -> Quantity {
    let pods = cluster.store.pods_on(node).filter_map(|o| o.get::<Pod>()).filter(|p| !p.status.finished());
    let requests = pods.flat_map(|p| p.spec.containers.iter()).filter_map(|c| c.resources.requests.get(resource));
    requests.fold(Quantity::millis(0), |sum, q| sum.plus(*q))
}

/// What a node gives and what its Pods have asked for.
fn of_node(cluster: &Cluster, object: &Object, allocatable: &Amounts, text: Text) -> Vec<Fact> {
    let share = |name: &str| {
        let total = allocatable.get(name).map_or(0, |q| q.milli_units());
        let part = asked(cluster, &object.meta.name, name).milli_units();
        let percent = if total > 0 { (part.saturating_mul(100) + total / 2) / total } else { 0 };
        format!("{percent}%")
    };
    let total = |name: &str| allocatable.get(name).map_or_else(String::new, |q| q.to_string());
    vec![
        fact(text, "fact-asked-cpu", text.fill("share-of", &[("share", &share("cpu")), ("total", &total("cpu"))])),
        fact(
            text,
            "fact-asked-memory",
            text.fill("share-of", &[("share", &share("memory")), ("total", &total("memory"))]),
        ),
        fact(text, "fact-pods", format!("{}/{}", cluster.store.pods_on(&object.meta.name).count(), total("pods"))),
    ]
}

/// The few fields of other kinds that say most.
fn of_value(object: &Object, text: Text) -> Vec<Fact> {
    let value = object.write();
    let scalar = |path: &[&str]| match value.at(path) {
        Value::Str(s) => s.to_string(),
        Value::Int(n) => n.to_string(),
        Value::Bool(b) => b.to_string(),
        Value::Number(n) => n.to_string(),
        _ => String::new(),
    };
    let keys = |path: &[&str]| {
        value
            .at(path)
            .as_map()
            .map_or_else(String::new, |m| m.keys().map(|k| k.to_string()).collect::<Vec<_>>().join(", "))
    };
    let fields: &[(&'static str, &[&str])] = match object.kind {
        Kind::Deployment | Kind::ReplicaSet | Kind::StatefulSet => &[
            ("fact-wanted", &["spec", "replicas"]),
            ("fact-current", &["status", "replicas"]),
            ("fact-updated", &["status", "updatedReplicas"]),
            ("fact-ready", &["status", "readyReplicas"]),
            ("fact-available", &["status", "availableReplicas"]),
            ("fact-strategy", &["spec", "strategy", "type"]),
        ],
        Kind::PersistentVolumeClaim => &[
            ("fact-volume", &["spec", "volumeName"]),
            ("fact-size", &["status", "capacity", "storage"]),
            ("fact-class", &["spec", "storageClassName"]),
        ],
        Kind::PersistentVolume => &[
            ("fact-claim", &["spec", "claimRef", "name"]),
            ("fact-size", &["spec", "capacity", "storage"]),
            ("fact-class", &["spec", "storageClassName"]),
            ("fact-reclaim", &["spec", "persistentVolumeReclaimPolicy"]),
        ],
        Kind::StorageClass => &[
            ("fact-provisioner", &["provisioner"]),
            ("fact-reclaim", &["reclaimPolicy"]),
            ("fact-binding", &["volumeBindingMode"]),
        ],
        _ => &[],
    };
    let mut facts: Vec<Fact> = fields.iter().map(|(name, path)| fact(text, name, scalar(path))).collect();
    if matches!(object.kind, Kind::ConfigMap | Kind::Secret) {
        facts.push(fact(text, "fact-keys", keys(&["data"])));
    }
    facts
}

/// What may be done to a node, and what may befall it: of each fault, or what ends it.
fn node_acts(cluster: &Cluster, object: &Object, cordoned: bool) -> Vec<String> {
    let name = &*object.meta.name;
    let mut lines = vec![
        format!("kubectl describe node {name}"),
        format!("kubectl {} {name}", if cordoned { "uncordon" } else { "cordon" }),
        format!("kubectl drain {name} --ignore-daemonsets --delete-emptydir-data"),
    ];
    lines.extend(marks_of(object));
    let Some(machine) = cluster.machines.get(name) else { return lines };
    let faults: &[(bool, Fault, Fault)] = &[
        (machine.off, Fault::PowerOff, Fault::PowerOn),
        (machine.off, Fault::Reboot, Fault::PowerOn),
        (machine.cut, Fault::Cut, Fault::Mend),
        (machine.kubelet_stopped, Fault::Stop, Fault::Start),
        (machine.disk_filled > 0, Fault::FillDisk, Fault::FreeDisk),
        (machine.memory_taken > 0, Fault::TakeMemory, Fault::FreeMemory),
    ];
    for (is, begin, end) in faults {
        let line = format!("fault {} {name}", if *is { end } else { begin }.name());
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}

/// What takes off the taints and labels that users have put on a node.
fn marks_of(object: &Object) -> Vec<String> {
    let name = &object.meta.name;
    let own = |key: &str| !key.contains("kubernetes.io/");
    let taints = object.get::<Node>().map(|node| &node.spec.taints).into_iter().flatten();
    let taints = taints.filter(|taint| own(&taint.key));
    let untaint = taints.map(|taint| format!("kubectl taint nodes {name} {}:{}-", taint.key, taint.effect));
    let labels = object.meta.labels.iter().map(|(key, _)| key).filter(|key| own(key));
    untaint.chain(labels.map(|key| format!("kubectl label node {name} {key}-"))).collect()
}

/// What may befall the cluster's own parts.
pub fn plane_acts(cluster: &Cluster) -> Vec<String> {
    let plane = &cluster.plane;
    let part = |stopped: bool, name: &str| format!("fault {} {name}", if stopped { "start" } else { "stop" });
    let mut lines = vec![
        part(plane.api_server_stopped, "kube-apiserver"),
        part(plane.scheduler_stopped, "kube-scheduler"),
        part(plane.manager_stopped, "kube-controller-manager"),
        part(!plane.autoscaler, "cluster-autoscaler"),
    ];
    let registry: &[&str] = if plane.registry == Registry::Well { &["slow", "cut"] } else { &["mend"] };
    lines.extend(registry.iter().map(|what| format!("fault {what} registry")));
    lines
}

/// Command lines that suit the object: shown as they are, and run as they are.
pub fn acts(cluster: &Cluster, object: &Object) -> Vec<String> {
    let (name, namespace) = (&object.meta.name, &object.meta.namespace);
    let scope =
        if namespace.is_empty() || &**namespace == "default" { String::new() } else { format!(" -n {namespace}") };
    let resource = match object.kind {
        Kind::Deployment => "deployment",
        Kind::ReplicaSet => "replicaset",
        Kind::StatefulSet => "statefulset",
        Kind::Pod => "pod",
        Kind::Service => "service",
        Kind::Node => "node",
        Kind::PersistentVolumeClaim => "pvc",
        _ => return vec![],
    };
    let lines = match object.kind {
        Kind::Deployment => {
            let wanted = object.raw().at(&["spec", "replicas"]).as_int().unwrap_or(1);
            vec![
                format!("kubectl scale deployment {name} --replicas={}", wanted + 1),
                format!("kubectl scale deployment {name} --replicas={}", (wanted - 1).max(0)),
                format!("kubectl rollout restart deployment {name}"),
                format!("kubectl rollout undo deployment {name}"),
            ]
        }
        Kind::ReplicaSet | Kind::StatefulSet => {
            let wanted = object.raw().at(&["spec", "replicas"]).as_int().unwrap_or(1);
            let scale = |to: i64| format!("kubectl scale {resource} {name} --replicas={to}");
            vec![format!("kubectl describe {resource} {name}"), scale(wanted + 1), scale((wanted - 1).max(0))]
        }
        Kind::Pod => vec![format!("kubectl logs {name}"), format!("kubectl delete pod {name}")],
        Kind::Node => node_acts(cluster, object, object.raw().at(&["spec", "unschedulable"]).as_bool() == Some(true)),
        _ => vec![format!("kubectl describe {resource} {name}")],
    };
    lines.into_iter().map(|l| l + &scope).collect()
}
