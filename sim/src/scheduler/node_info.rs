//! What the scheduler remembers of each node, kept up to date change by change: summing it up anew for each Pod would
//! cost too much.
//!
//! Kubernetes 1.36: pkg/scheduler/framework/types.go (NodeInfo)

use super::by_name::ByName;
use super::kin::{Kin, Seat};
use crate::api::Kind;
use crate::api::node::Node;
use crate::api::object::Object;
use crate::api::pod::Pod;
use crate::api::pod::PodSpec;
use crate::host_ports::{self, HostPort};
use crate::resources;
use crate::store::{Change, Store};
use std::hash::{Hash, Hasher};
use std::rc::Rc;

pub const HOSTNAME: &str = "kubernetes.io/hostname";
pub const ZONE: &str = "topology.kubernetes.io/zone";
/// For spreading, a container that asks for nothing counts as if it asked for this much.
const PRESUMED_CPU_MILLI: i64 = 100;
const PRESUMED_MEMORY: i64 = 200 * 1024 * 1024;

/// A node, and the sums over the Pods on it that have not ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeInfo {
    pub node: Rc<Object>,
    /// Its labels by which Pods are spread if nothing is said: looked up once.
    pub host: Option<Rc<str>>,
    pub zone: Option<Rc<str>>,
    /// What Pods can have of it, the number of Pods included.
    pub room: Room,
    /// Whether it has no taints and is not cordoned: it keeps nobody out.
    pub open: bool,
    pub requested: Sum,
    pub pods: i64,
    /// Host ports in use: protocol, address, port.
    pub ports: Vec<HostPort>,
    /// How many of the Pods keep others away.
    pub repelling: i64,
    /// How many of the Pods say anything about the company of others.
    pub choosy: i64,
    /// Its number in [`Nodes::kin`]; that of a node which is only thought of is no one's.
    pub seat: Seat,
}

// What is read off the node follows from it.
impl Hash for NodeInfo {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let NodeInfo { node, room, open, requested, pods, ports, repelling, choosy, seat, .. } = self;
        (node, room, open, requested, pods, ports, repelling, choosy, seat).hash(state);
    }
}

/// What a node offers: read once, as each Pod asks it of many nodes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Room {
    pub pods: i64,
    pub cpu_milli: i64,
    pub memory_bytes: i64,
    pub disk_bytes: i64,
}

impl Room {
    fn of(node: &Node) -> Room {
        let units = |name: &str| node.status.allocatable.get(name).map_or(0, |q| q.units());
        Room {
            pods: units("pods"),
            cpu_milli: node.status.allocatable.get("cpu").map_or(0, |q| q.milli_units()),
            memory_bytes: units("memory"),
            disk_bytes: units("ephemeral-storage"),
        }
    }
}

/// Amounts in the units that are compared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Sum {
    pub cpu_milli: i64,
    pub memory_bytes: i64,
    pub disk_bytes: i64,
    /// Extended resources, by name.
    pub others: Vec<(Rc<str>, i64)>,
    /// With presumed amounts for containers that ask for none.
    pub presumed_cpu_milli: i64,
    pub presumed_memory_bytes: i64,
}

impl Sum {
    /// What a Pod asks for.
    pub fn of(spec: &PodSpec) -> Sum {
        let mut sum = Sum::default();
        for (name, amount) in resources::requests(spec).iter() {
            match &**name {
                "cpu" => sum.cpu_milli = amount.milli_units(),
                "memory" => sum.memory_bytes = amount.units(),
                "ephemeral-storage" => sum.disk_bytes = amount.units(),
                _ => sum.others.push((name.clone(), amount.units())),
            }
        }
        for container in &spec.containers {
            let presumed = |name: &str, least: i64| match container.resources.requests.get(name) {
                Some(q) if name == "cpu" => q.milli_units(),
                Some(q) => q.units(),
                None => least,
            };
            sum.presumed_cpu_milli += presumed("cpu", PRESUMED_CPU_MILLI);
            sum.presumed_memory_bytes += presumed("memory", PRESUMED_MEMORY);
        }
        sum
    }
    pub fn add(&mut self, other: &Sum, sign: i64) {
        self.cpu_milli += sign * other.cpu_milli;
        self.memory_bytes += sign * other.memory_bytes;
        self.disk_bytes += sign * other.disk_bytes;
        self.presumed_cpu_milli += sign * other.presumed_cpu_milli;
        self.presumed_memory_bytes += sign * other.presumed_memory_bytes;
        for (name, amount) in &other.others {
            match self.others.iter_mut().find(|(n, _)| n == name) {
                Some((_, sum)) => *sum += sign * amount,
                None => self.others.push((name.clone(), sign * amount)),
            }
        }
    }
    pub fn other(&self, name: &str) -> i64 {
        self.others.iter().find(|(n, _)| &**n == name).map_or(0, |(_, n)| *n)
    }
}

/// Whether a Pod takes room on its node: it is bound and has not ended.
pub fn takes_room(object: &Object) -> bool {
    let pod = object.expect::<Pod>();
    !pod.spec.node_name.is_empty() && !pod.status.finished()
}

impl NodeInfo {
    /// A node with nothing on it.
    pub fn new(node: Rc<Object>) -> NodeInfo {
        let mut info = NodeInfo {
            node,
            host: None,
            zone: None,
            room: Room::default(),
            open: true,
            requested: Sum::default(),
            pods: 0,
            ports: Vec::new(),
            repelling: 0,
            choosy: 0,
            seat: Seat::MAX,
        };
        info.read();
        info
    }
    /// One of the node's labels.
    pub fn label(&self, key: &str) -> Option<&Rc<str>> {
        match key {
            HOSTNAME => self.host.as_ref(),
            ZONE => self.zone.as_ref(),
            key => self.node.meta.labels.get(key),
        }
    }
    /// Reads what is known of the node itself.
    fn read(&mut self) {
        let label = |key: &str| self.node.meta.labels.get(key).cloned();
        (self.host, self.zone) = (label(HOSTNAME), label(ZONE));
        let node = self.node.expect::<Node>();
        (self.room, self.open) = (Room::of(node), node.spec.taints.is_empty() && !node.spec.unschedulable);
    }
    /// The node has changed.
    fn set_node(&mut self, node: Rc<Object>) {
        self.node = node;
        self.read();
    }
    /// Counts a Pod in (`sign` 1) or out (-1).
    pub fn count(&mut self, spec: &PodSpec, sign: i64) {
        self.requested.add(&Sum::of(spec), sign);
        self.pods += sign;
        let anti = spec.affinity.as_ref().and_then(|a| a.anti.as_ref());
        self.repelling += sign * i64::from(anti.is_some_and(|a| !a.required.is_empty()));
        let company = spec.affinity.as_ref().is_some_and(|a| a.pod.is_some() || a.anti.is_some());
        self.choosy += sign * i64::from(company);
        for port in host_ports::of(spec) {
            if sign > 0 {
                self.ports.push(port);
            } else if let Some(i) = self.ports.iter().position(|p| *p == port) {
                self.ports.swap_remove(i);
            }
        }
    }
}

/// All nodes, and what is known of all Pods on them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Nodes {
    pub by_name: ByName,
    pub kin: Kin,
    /// The sums of all nodes: mostly nobody need be asked.
    pub repelling: i64,
    pub choosy: i64,
    /// The number that the next node gets.
    next_seat: Seat,
}

// Sums follow from the nodes.
impl Hash for Nodes {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.by_name, &self.kin, self.next_seat).hash(state);
    }
}

impl Nodes {
    /// Above the seat of every node.
    pub fn seats(&self) -> Seat {
        self.next_seat
    }

    pub fn notice(&mut self, store: &Store, change: &Change) {
        match change.kind {
            Kind::Node => self.notice_node(store, change),
            Kind::Pod => self.notice_pod(change),
            _ => {}
        }
    }
    fn notice_node(&mut self, store: &Store, change: &Change) {
        let name = &change.key.name;
        match (&change.new, self.by_name.get_mut(name)) {
            (None, None) => {}
            (None, Some(info)) => {
                (self.repelling, self.choosy) = (self.repelling - info.repelling, self.choosy - info.choosy);
                self.kin.forget(info.seat);
                self.by_name.remove(name);
            }
            (Some(node), Some(info)) => info.set_node(node.clone()),
            (Some(node), None) => {
                let mut info = NodeInfo { seat: self.next_seat, ..NodeInfo::new(node.clone()) };
                self.next_seat += 1;
                for pod in store.pods_on(name).filter(|p| takes_room(p)) {
                    info.count(&pod.expect::<Pod>().spec, 1);
                    if !pod.meta.deleting() {
                        self.kin.count(pod, info.seat, 1);
                    }
                }
                (self.repelling, self.choosy) = (self.repelling + info.repelling, self.choosy + info.choosy);
                self.by_name.insert(name.clone(), info);
            }
        }
    }
    fn notice_pod(&mut self, change: &Change) {
        fn room(object: &Option<Rc<Object>>) -> Option<&Rc<Object>> {
            object.as_ref().filter(|o| takes_room(o))
        }
        let (old, new) = (room(&change.old), room(&change.new));
        let spec = |o: Option<&Rc<Object>>| o.map(|o| o.expect::<Pod>().spec.clone());
        let kin = |o: Option<&Rc<Object>>| o.filter(|o| !o.meta.deleting()).map(|o| o.meta.labels.clone());
        let (moved, regrouped) = (spec(old) != spec(new), kin(old) != kin(new));
        if !moved && !regrouped {
            return;
        }
        for (pod, sign) in [(old, -1), (new, 1)] {
            let Some(pod) = pod else { continue };
            let spec = &pod.expect::<Pod>().spec;
            let Some(info) = self.by_name.get_mut(&spec.node_name) else { continue };
            if moved {
                let before = (info.repelling, info.choosy);
                info.count(spec, sign);
                self.repelling += info.repelling - before.0;
                self.choosy += info.choosy - before.1;
            }
            if !pod.meta.deleting() {
                self.kin.count(pod, info.seat, sign);
            }
        }
    }
}
