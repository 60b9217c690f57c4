//! What is worth knowing of an object at a glance.

use super::portrait::Chosen;
use super::why::network;
use crate::clock_text;
use crate::text::Text;
use kubarium_sim::api::object::Object;
use kubarium_sim::api::pod::Pod;
use kubarium_sim::api::{Amounts, Body, Kind, Quantity};
use kubarium_sim::claims;
use kubarium_sim::cluster::Cluster;
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
            let (ready, total) = network::endpoints(cluster, object);
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

/// A field: its name in the list, and where it stands.
type Field = (&'static str, &'static [&'static str]);

/// The few fields of a kind that say most.
fn telling(kind: Kind) -> &'static [Field] {
    match kind {
        Kind::Deployment | Kind::ReplicaSet | Kind::StatefulSet => &[
            ("fact-wanted", &["spec", "replicas"]),
            ("fact-current", &["status", "replicas"]),
            ("fact-updated", &["status", "updatedReplicas"]),
            ("fact-ready", &["status", "readyReplicas"]),
            ("fact-available", &["status", "availableReplicas"]),
            ("fact-strategy", &["spec", "strategy", "type"]),
        ],
        Kind::DaemonSet => &[
            ("fact-wanted", &["status", "desiredNumberScheduled"]),
            ("fact-updated", &["status", "updatedNumberScheduled"]),
            ("fact-ready", &["status", "numberReady"]),
            ("fact-available", &["status", "numberAvailable"]),
            ("fact-strategy", &["spec", "updateStrategy", "type"]),
        ],
        Kind::Job => &[
            ("fact-completions", &["spec", "completions"]),
            ("fact-parallelism", &["spec", "parallelism"]),
            ("fact-mode", &["spec", "completionMode"]),
        ],
        Kind::CronJob => &[
            ("fact-schedule", &["spec", "schedule"]),
            ("fact-zone", &["spec", "timeZone"]),
            ("fact-concurrency", &["spec", "concurrencyPolicy"]),
            ("fact-last", &["status", "lastScheduleTime"]),
        ],
        Kind::PodDisruptionBudget => {
            &[("fact-least", &["spec", "minAvailable"]), ("fact-missing", &["spec", "maxUnavailable"])]
        }
        Kind::HorizontalPodAutoscaler => &[
            ("fact-current", &["status", "currentReplicas"]),
            ("fact-wanted", &["status", "desiredReplicas"]),
            ("fact-last", &["status", "lastScaleTime"]),
        ],
        Kind::Ingress => &[("fact-class", &["spec", "ingressClassName"])],
        Kind::PriorityClass => &[("fact-value", &["value"])],
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
    }
}

/// What other kinds say in their fields.
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
    let mut facts: Vec<Fact> = telling(object.kind).iter().map(|(name, path)| fact(text, name, scalar(path))).collect();
    match object.kind {
        Kind::ConfigMap | Kind::Secret => facts.push(fact(text, "fact-keys", keys(&["data"]))),
        Kind::ResourceQuota => facts.extend(of_quota(&value, text)),
        Kind::HorizontalPodAutoscaler => facts.extend(metrics(&value, text)),
        _ => {}
    }
    facts
}

/// How much of each of a quota's resources is taken, named as the API names them.
fn of_quota(value: &Value, text: Text) -> Vec<Fact> {
    let status = value.get("status");
    let hard = status.get("hard").as_map().into_iter().flat_map(|hard| hard.iter());
    let taken = hard.map(|(name, hard)| {
        let word = |value: &Value| value.as_str().unwrap_or("0").to_string();
        let used = word(status.get("used").get(name));
        text.fill("used-of", &[("what", name), ("used", &used), ("hard", &word(hard))])
    });
    vec![fact(text, "fact-used", taken.collect::<Vec<_>>().join(", "))]
}

/// What an autoscaler measures, and where it should be.
fn metrics(value: &Value, text: Text) -> Vec<Fact> {
    let current = value.at(&["status", "currentMetrics"]).items();
    let one = |metric: &Value| {
        let wanted = metric.get("resource");
        let name = wanted.get("name").as_str()?;
        let is = current.iter().map(|m| m.get("resource")).find(|m| m.get("name").as_str() == Some(name));
        let percent = |value: &Value| value.get("averageUtilization").as_int().map(|n| format!("{n}%"));
        let plain = |value: &Value| value.get("averageValue").as_str().map(str::to_string);
        let target = wanted.get("target");
        let (is, target) = match percent(target) {
            Some(target) => (is.and_then(|m| percent(m.get("current"))), target),
            None => (is.and_then(|m| plain(m.get("current"))), plain(target)?),
        };
        Some(format!("{name}: {} / {target}", is.as_deref().unwrap_or("<unknown>")))
    };
    let told = value.at(&["spec", "metrics"]).items().iter().filter_map(one);
    vec![fact(text, "fact-metrics", told.collect::<Vec<_>>().join(", "))]
}
