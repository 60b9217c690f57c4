//! Nodes: what is asked of them, what the API says of them, what is so, and what they answer a Pod that waits.

use super::{Ask, id_of, key_of};
use crate::scene::model::{Glass, Node, Pressure, Verdict};
use kubarium_sim::api::Kind;
use kubarium_sim::api::node::{Node as ApiNode, Taint};
use kubarium_sim::api::object::Object;
use kubarium_sim::api::pod::Pod;
use kubarium_sim::api::{self};
use kubarium_sim::cluster::Cluster;
use kubarium_sim::resources;
use std::rc::Rc;

pub fn read(cluster: &Cluster, ask: Ask) -> Vec<Node> {
    let waiting = selected_waiting(cluster, ask);
    cluster.store.list(Kind::Node).map(|object| node(cluster, object, waiting.as_ref())).collect()
}

/// The selected Pod, if it waits for a node: what it asks for, and what the nodes have answered.
struct Waiting {
    cpu_milli: i64,
    memory_bytes: i64,
    verdicts: Rc<Vec<(Rc<str>, Vec<Rc<str>>)>>,
}

fn selected_waiting(cluster: &Cluster, ask: Ask) -> Option<Waiting> {
    let key = ask.selected.filter(|key| key.kind == "Pod")?;
    let object = cluster.store.find(Kind::Pod, &key.namespace, &key.name)?;
    let waiting = cluster.scheduler.waiting().get(&object.meta.uid)?;
    if waiting.verdicts.is_empty() {
        return None;
    }
    let requests = resources::requests(&object.expect::<Pod>().spec);
    Some(Waiting {
        cpu_milli: requests.get("cpu").map_or(0, |amount| amount.milli_units()),
        memory_bytes: requests.get("memory").map_or(0, |amount| amount.units()),
        verdicts: waiting.verdicts.clone(),
    })
}

fn node(cluster: &Cluster, object: &Rc<Object>, waiting: Option<&Waiting>) -> Node {
    let body = object.expect::<ApiNode>();
    let name = &object.meta.name;
    let allocatable = |resource: &str| body.status.allocatable.get(resource);
    let cpu_most = allocatable("cpu").map_or(0, |amount| amount.milli_units());
    let memory_most = allocatable("memory").map_or(0, |amount| amount.units());
    let asked = cluster.scheduler.nodes.by_name.get(name).map(|info| &info.requested);
    let glass = glass(cluster, name, body);
    let pressure =
        [("DiskPressure", Pressure::Disk), ("MemoryPressure", Pressure::Memory), ("PIDPressure", Pressure::Pid)]
            .into_iter()
            .find(|(kind, _)| body.status.condition(kind).is_some_and(|condition| &*condition.status == "True"))
            .map(|(_, pressure)| pressure);
    Node {
        id: id_of(object),
        key: key_of(object),
        zone: object.meta.labels.get("topology.kubernetes.io/zone").filter(|zone| !zone.is_empty()).cloned(),
        cpu: share(asked.map_or(0, |sum| sum.cpu_milli), cpu_most),
        memory: share(asked.map_or(0, |sum| sum.memory_bytes), memory_most),
        disk: None,
        glass,
        word: word(glass, pressure, body.spec.unschedulable),
        cordoned: body.spec.unschedulable,
        cut: cluster.machines.get(name).is_some_and(|machine| machine.cut),
        taints: body.spec.taints.iter().filter(|taint| shuts(taint)).map(taint_text).collect(),
        pressure,
        verdict: waiting.map(|waiting| verdict(waiting, name, cpu_most, memory_most)),
    }
}

fn share(part: i64, whole: i64) -> f32 {
    if whole <= 0 { 0.0 } else { part as f32 / whole as f32 }
}

fn glass(cluster: &Cluster, name: &str, body: &ApiNode) -> Glass {
    if cluster.machines.get(name).is_some_and(|machine| machine.off) {
        return Glass::Off;
    }
    match body.status.condition("Ready").map(|condition| &*condition.status) {
        Some("True") => Glass::Ready,
        Some("False") => Glass::NotReady,
        _ => Glass::Unknown,
    }
}

fn word(glass: Glass, pressure: Option<Pressure>, cordoned: bool) -> &'static str {
    match (glass, pressure) {
        (Glass::Off, _) => "Powered off",
        (Glass::Unknown, _) => "Unknown",
        (Glass::NotReady, _) => "NotReady",
        (Glass::Ready, Some(Pressure::Disk)) => "DiskPressure",
        (Glass::Ready, Some(Pressure::Memory)) => "MemoryPressure",
        (Glass::Ready, Some(Pressure::Pid)) => "PIDPressure",
        (Glass::Ready, None) if cordoned => "Cordoned",
        (Glass::Ready, None) => "Ready",
    }
}

/// Whether a taint keeps Pods out, and is not told otherwise by the glass or the tape.
fn shuts(taint: &Taint) -> bool {
    matches!(&*taint.effect, "NoSchedule" | "NoExecute") && !taint.key.starts_with("node.kubernetes.io/")
}

fn taint_text(taint: &Taint) -> String {
    match taint.value.is_empty() {
        true => format!("{}:{}", taint.key, taint.effect),
        false => format!("{}={}:{}", taint.key, taint.value, taint.effect),
    }
}

fn verdict(waiting: &Waiting, name: &str, cpu_most: i64, memory_most: i64) -> Verdict {
    let reasons = waiting.verdicts.iter().find(|(node, _)| **node == *name).map(|(_, reasons)| reasons);
    let ghost = (share(waiting.cpu_milli, cpu_most), share(waiting.memory_bytes, memory_most));
    let Some(reasons) = reasons else {
        return Verdict { text: "fits".into(), fits: true, ghost: Some(ghost) };
    };
    let lacks = reasons.iter().any(|reason| reason.starts_with("Insufficient"));
    Verdict { text: reasons.join(", "), fits: false, ghost: lacks.then_some(ghost) }
}

/// Whether nothing has been heard from a node for so long that its Pods are not known.
pub fn silent(node: &Node, object: Option<&api::node::Node>) -> bool {
    node.glass != Glass::Ready
        && object
            .and_then(|node| node.status.condition("Ready"))
            .is_some_and(|condition| &*condition.status == "Unknown")
}
