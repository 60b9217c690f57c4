//! How a node is, as its kubelet reports it: conditions, and what there is to share out.
//!
//! Kubernetes 1.36: pkg/kubelet/kubelet_node_status.go, pkg/kubelet/nodestatus/setters.go. Looked at with each heartbeat
//! after something has changed. Images are listed at once, not once in 30 s; of a machine on which every image that exists is there
//! already only those that were pulled. Not simulated: volumes in the status.

use super::{BY, apart, clockwork, eviction, heartbeat};
use crate::api::field::Amounts;
use crate::api::metadata::Condition;
use crate::api::node::Node;
use crate::api::object::Object;
use crate::api::{Kind, Stamp};
use crate::apiserver::Request;
use crate::apiserver::events::Note;
use crate::cluster::Cluster;
use crate::machine::{Machine, images};
use crate::outcome::Outcome;
use crate::value::Value;
use std::cmp::Reverse;
use std::rc::Rc;

/// So many images are listed (`nodeStatusMaxImages`).
const MOST_IMAGES: usize = 50;

/// What a condition says: its status, its reason and message, and the event of its coming to be so.
type Words = (&'static str, &'static str, &'static str, &'static str);

const MEMORY: [Words; 2] = [
    ("False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available", "NodeHasSufficientMemory"),
    ("True", "KubeletHasInsufficientMemory", "kubelet has insufficient memory available", "NodeHasInsufficientMemory"),
];
const DISK: [Words; 2] = [
    ("False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure", "NodeHasNoDiskPressure"),
    ("True", "KubeletHasDiskPressure", "kubelet has disk pressure", "NodeHasDiskPressure"),
];
const PID: Words = ("False", "KubeletHasSufficientPID", "kubelet has sufficient PID available", "NodeHasSufficientPID");
const READY: Words = ("True", "KubeletReady", "kubelet is posting ready status", "NodeReady");

/// What a kubelet says when it starts. The nodes are as the recorded ones, whose kernels have the old control groups.
const STARTING: [(&str, &str, &str); 3] = [
    ("Normal", "Starting", "Starting kubelet."),
    (
        "Warning",
        "CgroupV1",
        "cgroup v1 detected. cgroup v1 support is deprecated and will be removed in a future release. Please migrate to cgroup v2. More information at https://git.k8s.io/enhancements/keps/sig-node/5573-remove-cgroup-v1",
    ),
    ("Normal", "NodeAllocatableEnforced", "Updated Node Allocatable limit across pods"),
];

/// Looks at a node.
pub fn wake(cluster: &Cluster, machine: &mut Machine, node: &Rc<str>) -> Outcome {
    let mut out = Outcome::nothing();
    if let Some(at) = machine.on_at {
        let comes = at <= cluster.now;
        if comes {
            machine.power_on(cluster.now);
        }
        out.again_at(if comes { at + clockwork::BOOT } else { at });
        return out;
    }
    if machine.off || machine.kubelet_stopped {
        return out;
    }
    if !machine.booting {
        eviction::look(cluster, machine, node, &mut out);
    }
    if apart::is(cluster, machine) {
        out.deeds.clear();
        return out;
    }
    let Some(object) = cluster.store.find(Kind::Node, "", node) else { return out };
    let lease = heartbeat::resumed(cluster, object);
    let booted = std::mem::take(&mut machine.booting);
    if lease.is_none() && !booted && !heartbeat::is_beat(cluster, node) {
        out.again_at(heartbeat::next_beat(cluster, node));
        return out;
    }
    if booted {
        for (kind, reason, message) in STARTING {
            let make = if kind == "Normal" { Note::normal } else { Note::warning };
            out.event(make(object, BY, reason, message.to_string()).on(node));
        }
    }
    if let Some(lease) = lease {
        out.request(lease);
    }
    let (new, mut said) = look(cluster.stamp(), object, machine);
    let cordoned = object.expect::<Node>().spec.unschedulable;
    if std::mem::replace(&mut machine.agent.cordoned, cordoned) != cordoned {
        said.push(if cordoned { "NodeNotSchedulable" } else { "NodeSchedulable" });
    }
    if booted {
        // It registers first, and then reports.
        let first = said.iter().filter(|reason| **reason != "NodeReady");
        first.for_each(|reason| out.event(about(object, node, reason)));
    }
    if new.expect::<Node>().status != object.expect::<Node>().status {
        out.request(Request::put_status(BY, new));
    }
    said.iter().for_each(|reason| out.event(about(object, node, reason)));
    if booted {
        out.event(Note::normal(object, "kube-proxy", "Starting", "").on(node));
    }
    out
}

fn about(object: &Object, node: &Rc<str>, reason: &str) -> Note {
    Note::normal(object, BY, reason, format!("Node {node} status is now: {reason}")).on(node)
}

/// The node with its status as it is, and the reasons of the events that this brings.
fn look(now: Stamp, object: &Rc<Object>, machine: &Machine) -> (Object, Vec<&'static str>) {
    let mut new = (**object).clone();
    let mut said = Vec::new();
    let status = &mut new.expect_mut::<Node>().status;
    let pressures = machine.agent.pressures;
    let conditions = [
        ("MemoryPressure", MEMORY[usize::from(pressures.memory.is_some())]),
        ("DiskPressure", DISK[usize::from(pressures.disk.is_some())]),
        ("PIDPressure", PID),
        ("Ready", READY),
    ];
    for (kind, (is, reason, message, event)) in conditions {
        if !status.conditions.iter().any(|c| &*c.kind == kind) {
            status.conditions.push(Condition { kind: kind.into(), ..Default::default() });
        }
        let condition = status.conditions.iter_mut().find(|c| &*c.kind == kind).expect("added above");
        if &*condition.status == is {
            continue;
        }
        said.push(event);
        (condition.status, condition.reason, condition.message) = (is.into(), reason.into(), message.into());
        (condition.last_transition, condition.last_heartbeat) = (Some(now), Some(now));
    }
    // What others have added to the capacity is there to be shared out.
    let extended = |(name, _): &&(Rc<str>, _)| name.contains('/') && !name.starts_with("kubernetes.io/");
    let mut amounts: Amounts = status.allocatable.clone();
    amounts.0.retain(|amount| !extended(&amount));
    amounts.0.extend(status.capacity.0.iter().filter(|amount| extended(amount)).cloned());
    amounts.0.sort_by(|a, b| a.0.cmp(&b.0));
    status.allocatable = amounts;
    if let Some(images) = listed(machine).filter(|images| *images != status.images) {
        status.images = images;
    }
    (new, said)
}

/// The images as the status lists them: those with their digests and their names, the largest first. None if there is none.
fn listed(machine: &Machine) -> Option<Value> {
    let mut all: Vec<&Rc<str>> = machine.images.iter().collect();
    all.sort_by_key(|name| Reverse(images::size(name)));
    let item = |name: &Rc<str>| {
        let names = vec![Value::from(images::image_id(name, false)), Value::Str(name.clone())];
        Value::map([("names", Value::list(names)), ("sizeBytes", Value::Int(images::size(name) as i64))])
    };
    (!all.is_empty()).then(|| Value::list(all.into_iter().take(MOST_IMAGES).map(item).collect()))
}
