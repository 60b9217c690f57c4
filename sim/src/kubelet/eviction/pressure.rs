//! Kubernetes 1.36: pkg/kubelet/eviction/helpers.go (rankMemoryPressure, rankDiskPressureFunc, evictionMessage)
//!
//! A node that is short of memory or disk says so, and one Pod after the other has to go: those first that use more
//! than they requested, of these the least important, of these the greediest.

use super::{Active, BY, local};
use crate::api::Quantity;
use crate::api::node::Node;
use crate::api::object::Object;
use crate::apiserver::events::Note;
use crate::clock::{Span, Time};
use crate::cluster::Cluster;
use crate::machine::Machine;
use crate::outcome::Outcome;
use crate::resources;
use std::cmp::Reverse;
use std::rc::Rc;

const MIB: i64 = 1 << 20;
/// `memory.available<100Mi`
const LEAST_MEMORY: i64 = 100 * MIB;
/// `nodefs.available<10%`
const LEAST_DISK_PERCENT: i64 = 10;
/// What the node's own programs use, and of ten parts of the disk those that they leave.
const SYSTEM_MEMORY: i64 = 300 * MIB;
const DISK_LEFT_TENTHS: i64 = 8;
/// After its end, a pressure is still reported so long.
const TRANSITION: Span = Span::minutes(5);

/// One of the two things that can run short.
struct Supply {
    /// As messages name it.
    name: &'static str,
    threshold: i64,
    available: i64,
    used: fn(&Active, Time) -> i64,
}

/// Bytes of memory that are left, and of disk, on a node.
pub fn left(cluster: &Cluster, machine: &Machine, node: &str) -> (i64, i64) {
    let (memory, disk) = capacity(cluster, node);
    let pods = super::active(cluster, machine, node);
    let used = |of: fn(&Active, Time) -> i64| pods.iter().map(|p| of(p, cluster.now)).sum::<i64>();
    let memory = memory - SYSTEM_MEMORY - machine.memory_taken - used(memory_of);
    let disk = disk / 10 * DISK_LEFT_TENTHS - machine.disk_filled - used(disk_of);
    (memory.max(0), disk.max(0))
}

/// What takes a node's memory or fills its disk leaves half of the least that there should be.
pub fn shortage(cluster: &Cluster, machine: &Machine, node: &str) -> (i64, i64) {
    let (memory, disk) = left(cluster, machine, node);
    let least_disk = capacity(cluster, node).1 * LEAST_DISK_PERCENT / 100;
    ((memory - LEAST_MEMORY / 2).max(1), (disk - least_disk / 2).max(1))
}

fn capacity(cluster: &Cluster, node: &str) -> (i64, i64) {
    let of = |name: &str| {
        let node = cluster.store.typed::<Node>("", node);
        node.and_then(|(_, n)| n.status.capacity.get(name)).map_or(0, |q| q.units())
    };
    (of("memory"), of("ephemeral-storage"))
}

fn memory_of(active: &Active, now: Time) -> i64 {
    active.sandbox.containers.iter().filter(|c| c.is_running()).map(|c| c.process.memory(now) as i64).sum()
}

fn disk_of(active: &Active, _: Time) -> i64 {
    local::on_disk(active) as i64
}

/// Notes what is short; gives the Pod that has to go, with the message.
pub(super) fn look(
    cluster: &Cluster,
    machine: &Machine,
    node: &Rc<str>,
    pods: &[Active],
    out: &mut Outcome,
) -> (Pressed, Option<(Rc<Object>, String)>) {
    let (memory, disk) = left(cluster, machine, node);
    let least_disk = capacity(cluster, node).1 * LEAST_DISK_PERCENT / 100;
    let supplies = [
        Supply { name: "memory", threshold: LEAST_MEMORY, available: memory, used: memory_of },
        Supply { name: "ephemeral-storage", threshold: least_disk, available: disk, used: disk_of },
    ];
    let pressed = Pressed { memory: memory < LEAST_MEMORY, disk: disk < least_disk };
    let Some(short) = supplies.iter().find(|s| s.available < s.threshold) else { return (pressed, None) };
    if let Some(object) = cluster.store.find(crate::api::Kind::Node, "", node) {
        let text = format!("Attempting to reclaim {}", short.name);
        out.event(Note::warning(object, BY, "EvictionThresholdMet", text).on(node));
    }
    let first = pods.iter().filter(|p| !p.pod.spec.is_critical()).min_by_key(|p| {
        let over = (short.used)(p, cluster.now) - requested(p, short.name);
        (Reverse(over > 0), p.pod.spec.priority.unwrap_or(0), Reverse(over))
    });
    (pressed, first.map(|p| (p.object.clone(), message(p, short, cluster.now))))
}

/// What is short just now.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pressed {
    pub memory: bool,
    pub disk: bool,
}

/// How long a pressure that has ended is still reported.
pub(super) fn until(now: Time) -> Time {
    now + TRANSITION
}

fn requested(active: &Active, name: &str) -> i64 {
    resources::requests(&active.pod.spec).get(name).map_or(0, |q| q.units())
}

fn message(active: &Active, short: &Supply, now: Time) -> String {
    let (name, quantity) = (short.name, Quantity::bytes);
    let mut text = format!(
        "The node was low on resource: {name}. Threshold quantity: {}, available: {}. ",
        quantity(short.threshold),
        quantity(short.available / 1024 * 1024)
    );
    for container in &active.pod.spec.containers {
        let Some(running) = active.sandbox.newest(&container.name) else { continue };
        let used = match name {
            "memory" => running.process.memory(now),
            _ => running.process.layer_bytes(),
        };
        let request = container.resources.requests.get(name).copied().unwrap_or(Quantity::ZERO);
        if used as i64 > request.units() {
            text += &format!(
                "Container {} was using {}, request is {request}, has larger consumption of {name}. ",
                container.name,
                quantity((used as i64 + 4095) / 4096 * 4096)
            );
        }
    }
    text
}
