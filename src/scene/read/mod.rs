//! From a cluster to what there is to draw: the only part of the picture that knows the simulation.

mod containers;
mod nodes;
mod order;
mod plane;
mod pods;
mod services;
mod status;
mod storage;
mod traffic;
mod workloads;

pub use services::asked;

use super::hit::Key;
use super::model::{Deed, Model, Node};
use super::shape::Id;
use super::words::Locale;
use kubarium_sim::api::Kind;
use kubarium_sim::api::object::{self, Object};
use kubarium_sim::cluster::Cluster;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

/// What of the cluster is asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ask<'a> {
    /// Only what is in this namespace; unset, all that users have made.
    pub namespace: Option<&'a str>,
    /// A Pod that waits lets the nodes answer why.
    pub selected: Option<&'a Key>,
    pub locale: Locale,
    /// What runs out steps once a second instead of flowing.
    pub stepwise: bool,
}

/// What was read before, so that in a large cluster only what has changed is read again.
#[derive(Default)]
pub struct Memory {
    pods: pods::Known,
    order: order::Order,
    /// The serial number of the first deed that was not read yet.
    next_deed: u64,
}

/// Reads the cluster.
pub fn read(cluster: &Cluster, ask: Ask, memory: &mut Memory) -> Model {
    let mut reading = Reading::begin(cluster, ask, memory);
    while !reading.go_on(cluster, ask, memory, usize::MAX) {}
    reading.end(cluster, ask, memory)
}

/// A cluster that is read bit by bit, as a large one takes longer than a frame. Its Pods are those of the beginning, what runs in
/// each is as it is when its turn comes.
pub struct Reading {
    nodes: Vec<Node>,
    index: Index,
    pods: pods::Part,
    /// Those up to its beginning: later ones are done to Pods that it does not know.
    deeds: Vec<Deed>,
    next_deed: u64,
}

impl Reading {
    pub fn begin(cluster: &Cluster, ask: Ask, memory: &mut Memory) -> Reading {
        let nodes = nodes::read(cluster, ask);
        let index = Index {
            nodes: nodes.iter().enumerate().map(|(i, node)| (node.key.name.clone(), i)).collect(),
            pods: services::targets(cluster),
            users: BTreeMap::new(),
            revisions: workloads::revisions(cluster),
        };
        let source = Source { cluster, ask, index };
        let pods = pods::Part::begin(&source, &nodes, memory);
        let deeds = plane::deeds(cluster, memory.next_deed);
        Reading { nodes, index: source.index, pods, deeds, next_deed: cluster.trace.next() }
    }

    /// Reads so many more Pods; whether all have been read.
    pub fn go_on(&mut self, cluster: &Cluster, ask: Ask, memory: &mut Memory, most: usize) -> bool {
        let mut source = Source { cluster, ask, index: std::mem::take(&mut self.index) };
        let done = self.pods.go_on(&mut source, &mut memory.pods, most);
        self.index = source.index;
        done
    }

    /// Reads what else there is.
    pub fn end(self, cluster: &Cluster, ask: Ask, memory: &mut Memory) -> Model {
        let Reading { nodes, index, pods, deeds, next_deed } = self;
        memory.next_deed = next_deed;
        let (source, pods) = (Source { cluster, ask, index }, pods.read);
        let services = services::read(&source, &pods);
        let clients = traffic::clients(&source, &services);
        Model {
            now_ms: cluster.now.0,
            plane: plane::read(&source),
            volumes: storage::read(&source),
            workloads: workloads::read(&source, &pods),
            route: traffic::route(&source),
            deeds,
            nodes,
            pods,
            services,
            clients,
        }
    }
}

/// The cluster, and where in the model its things stand.
struct Source<'a> {
    cluster: &'a Cluster,
    ask: Ask<'a>,
    index: Index,
}

#[derive(Default)]
struct Index {
    /// By name.
    nodes: HashMap<Rc<str>, usize>,
    /// Those that stand behind Services.
    pods: HashMap<object::Key, Option<usize>>,
    /// Those that mount each claim.
    users: BTreeMap<object::Key, Vec<usize>>,
    /// By the uid of what made the Pods, or by workload and template hash.
    revisions: HashMap<Rc<str>, workloads::Revision>,
}

impl Source<'_> {
    /// Whether a namespaced object is to be shown.
    fn shows(&self, object: &Object) -> bool {
        match self.ask.namespace {
            Some(namespace) => *object.meta.namespace == *namespace,
            None => !is_system(object),
        }
    }
}

/// What the cluster made for itself.
fn is_system(object: &Object) -> bool {
    let (namespace, name) = (&*object.meta.namespace, &*object.meta.name);
    matches!(namespace, "kube-system" | "kube-public" | "kube-node-lease")
        || object.kind == Kind::Service && (namespace, name) == ("default", "kubernetes")
}

/// What the picture calls an object.
pub fn key_of(object: &Object) -> Key {
    let meta = &object.meta;
    Key { kind: object.kind.name(), namespace: meta.namespace.clone(), name: meta.name.clone() }
}

fn id_of(object: &Object) -> Id {
    Id::of(object.kind.name(), &object.meta.uid)
}

/// Objects of a kind that are shown, by creation: they lie in the store nearly so, which makes sorting quick.
fn by_creation<'a>(source: &Source<'a>, kind: Kind) -> Vec<&'a Rc<Object>> {
    let shelf = source.cluster.store.shelf(kind).into_iter().flat_map(|shelf| shelf.objects.iter());
    let mut objects: Vec<&Rc<Object>> = shelf.map(|(_, object)| object).filter(|object| source.shows(object)).collect();
    objects.sort_by_key(|object| object.meta.creation);
    objects
}
