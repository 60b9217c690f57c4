//! What the scheduler remembers of each node, kept up to date change by change: summing it up anew for each Pod would
//! cost too much.
//!
//! Kubernetes 1.36: pkg/scheduler/framework/types.go (NodeInfo)

use super::by_name::ByName;
use super::images::Images;
use super::kin::{Kin, Seat};
use super::places;
use crate::api::node::Node;
use crate::api::object::Object;
use crate::api::pod::{Pod, PodSpec};
use crate::api::selector::LabelSelector;
use crate::api::{Kind, Metadata, Texts};
use crate::host_ports::{self, HostPort};
use crate::resources;
use crate::store::Change;
use crate::value::Value;
use std::collections::BTreeMap;
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
    /// Its number in [`Nodes::kin`] and [`Nodes::places`]; that of a node which is only thought of is no one's.
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

/// What a node says of its images.
fn images(node: &Object) -> &Value {
    &node.expect::<Node>().status.images
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
    /// Reads what is known of the node itself.
    fn read(&mut self) {
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
    /// Nodes that are not there, or not yet, and have Pods all the same.
    missing: Rc<BTreeMap<Rc<str>, NodeInfo>>,
    pub kin: Kin,
    pub places: places::Map,
    pub images: Images,
    /// The sums of all nodes: mostly nobody need be asked.
    pub repelling: i64,
    pub choosy: i64,
    /// The number that the next node gets.
    next_seat: Seat,
}

// All else follows from the nodes and the Pods on them.
impl Hash for Nodes {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.by_name, self.next_seat).hash(state);
    }
}

impl Nodes {
    /// Those of the Pods that are on a node, with its seat.
    pub fn seated_of<'a>(&self, pods: &'a [Rc<Object>]) -> Vec<(Seat, &'a Object)> {
        let place = |pod: &'a Rc<Object>| {
            let info = self.by_name.get(&pod.expect::<Pod>().spec.node_name).filter(|_| takes_room(pod))?;
            Some((info.seat, &**pod))
        };
        pods.iter().filter_map(place).collect()
    }

    /// How many Pods of a namespace that a selector takes stay on each node, by its seat; not these, which are regarded as away.
    /// An empty selector takes none.
    pub fn staying(&self, namespace: &Rc<str>, selector: &LabelSelector, gone: &[Rc<Object>]) -> Vec<i64> {
        let mut there = vec![0; self.next_seat as usize];
        if selector.is_empty() {
            return there;
        }
        for (seat, count) in self.kin.matching(namespace, selector).into_iter().flat_map(|counts| counts.iter()) {
            there[seat as usize] += count;
        }
        for (seat, pod) in self.seated_of(gone) {
            let counts = pod.meta.namespace == *namespace && !pod.meta.deleting() && selector.matches(&pod.meta.labels);
            there[seat as usize] -= i64::from(counts);
        }
        there
    }

    pub fn notice(&mut self, change: &Change) {
        match change.kind {
            Kind::Node => self.notice_node(change),
            Kind::Pod => self.notice_pod(change),
            _ => {}
        }
    }
    fn notice_node(&mut self, change: &Change) {
        let name = &change.key.name;
        let none = Texts::default();
        match (&change.new, self.by_name.get_mut(name)) {
            (None, None) => {}
            (None, Some(info)) => {
                self.places.put(info.seat, &info.node.meta.labels, &none);
                self.images.put(info.seat, images(&info.node), &Value::Null);
                let info = Rc::unwrap_or_clone(self.by_name.remove(name).expect("it is there"));
                if info.pods > 0 {
                    Rc::make_mut(&mut self.missing).insert(name.clone(), info);
                }
            }
            (Some(node), Some(info)) => {
                self.places.put(info.seat, &info.node.meta.labels, &node.meta.labels);
                self.images.put(info.seat, images(&info.node), images(node));
                info.set_node(node.clone());
            }
            (Some(node), None) => {
                let known = self.missing.contains_key(name).then(|| Rc::make_mut(&mut self.missing).remove(name));
                let mut info = known.flatten().unwrap_or_else(|| self.seated(node.clone()));
                info.set_node(node.clone());
                self.places.put(info.seat, &none, &node.meta.labels);
                self.images.put(info.seat, &Value::Null, images(node));
                self.by_name.insert(name.clone(), info);
            }
        }
    }
    /// A node with nothing on it that has a seat.
    fn seated(&mut self, node: Rc<Object>) -> NodeInfo {
        self.next_seat += 1;
        NodeInfo { seat: self.next_seat - 1, ..NodeInfo::new(node) }
    }
    /// The node of this name, even if there is none.
    fn node_mut(&mut self, name: &Rc<str>) -> &mut NodeInfo {
        if self.by_name.contains_key(name) {
            return self.by_name.get_mut(name).expect("it is there");
        }
        if !self.missing.contains_key(name) {
            let meta = Metadata { name: name.clone(), ..Metadata::default() };
            let info = self.seated(Rc::new(Object::make(Kind::Node, meta, Value::empty_map())));
            Rc::make_mut(&mut self.missing).insert(name.clone(), info);
        }
        Rc::make_mut(&mut self.missing).get_mut(name).expect("it is there")
    }
    /// Not needed to open the page.
    #[inline(never)]
    fn notice_pod(&mut self, change: &Change) {
        fn room(object: &Option<Rc<Object>>) -> Option<&Rc<Object>> {
            object.as_ref().filter(|o| takes_room(o))
        }
        let (old, new) = (room(&change.old), room(&change.new));
        let alike = |a: &Object, b: &Object| {
            let (before, now) = (&a.expect::<Pod>().spec, &b.expect::<Pod>().spec);
            let same_spec = Rc::ptr_eq(before, now) || before == now;
            same_spec && a.meta.labels == b.meta.labels && a.meta.deleting() == b.meta.deleting()
        };
        let same = match (old, new) {
            (Some(old), Some(new)) => alike(old, new),
            (old, new) => old.is_none() && new.is_none(),
        };
        if same {
            return;
        }
        for (pod, sign) in [(old, -1), (new, 1)] {
            let Some(pod) = pod else { continue };
            let spec = &pod.expect::<Pod>().spec;
            let info = self.node_mut(&spec.node_name);
            let before = (info.repelling, info.choosy);
            info.count(spec, sign);
            let (seat, pods, repelling, choosy) =
                (info.seat, info.pods, info.repelling - before.0, info.choosy - before.1);
            (self.repelling, self.choosy) = (self.repelling + repelling, self.choosy + choosy);
            match sign {
                1 => self.kin.add(pod, seat),
                _ => self.kin.take(pod, seat),
            }
            if pods == 0 && self.missing.contains_key(&spec.node_name) {
                Rc::make_mut(&mut self.missing).remove(&spec.node_name);
            }
        }
    }
}
