//! What the cluster's metrics-server tells of the use of CPU and memory.
//!
//! Not of Kubernetes: sigs.k8s.io/metrics-server, pkg/storage/pod.go, node.go (as its release 0.8 does). Every 15 s it looks
//! at all nodes; CPU use is what was used between the last two looks. A container must have been there for both, or for
//! 10 s at the only one. Memory is told as it is now.

use crate::api::Amounts;
use crate::api::node::Node;
use crate::api::object::{Key, Object};
use crate::api::pod::Pod;
use crate::clock::{Span, Time};
use crate::cluster::Cluster;
use crate::machine::meter::{PERIOD, latest_look};
use crate::machine::{Container, ContainerState, Machine};
use std::rc::Rc;

/// From a look until its result can be asked for.
const LAG: Span = Span(60);
/// A container that was not there at the look before must be as old as this.
const FRESH: Span = Span::secs(10);
/// What kubelet, runtime and kernel use on each node.
const SYSTEM_NANO: u64 = 45_000_000;
const SYSTEM_BYTES: u64 = 480 << 20;

/// What something uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Billionths of a core.
    pub nano: u64,
    pub bytes: u64,
}

/// What the containers of a Pod use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodMetrics {
    pub key: Key,
    /// When it was looked at.
    pub at: Time,
    /// For how long use was counted until then.
    pub window: Span,
    pub containers: Vec<(Rc<str>, Usage)>,
}

impl Usage {
    /// Thousandths of a core, rounded up, as the API's amounts are.
    pub fn milli(self) -> i64 {
        self.nano.div_ceil(1_000_000) as i64
    }
    pub fn plus(self, other: Usage) -> Usage {
        Usage { nano: self.nano + other.nano, bytes: self.bytes + other.bytes }
    }
}

impl PodMetrics {
    pub fn total(&self) -> Usage {
        self.containers.iter().fold(Usage::default(), |sum, (_, usage)| sum.plus(*usage))
    }
}

/// When the metrics-server last looked with a result.
fn look(cluster: &Cluster) -> Option<Time> {
    latest_look(cluster.now - LAG).filter(|_| cluster.metrics_server)
}

/// The use of a Pod; `None` if it is not known (yet).
pub fn pod(cluster: &Cluster, object: &Object) -> Option<PodMetrics> {
    let at = look(cluster)?;
    let node = &object.expect::<Pod>().spec.node_name;
    let machine = reached(cluster, node)?;
    let sandbox = machine.sandbox(&object.meta.uid)?.at(cluster.now);
    let mut metrics = PodMetrics { key: object.key(), at, window: PERIOD, containers: vec![] };
    for container in &sandbox.containers {
        let Some(age) = age(container, at) else { continue };
        let (window, usage) = measured(container, age, at, cluster.now)?;
        metrics.window = metrics.window.min(window);
        metrics.containers.push((container.name.clone(), usage));
    }
    (!metrics.containers.is_empty()).then_some(metrics)
}

/// What a container of this age uses, as a look tells it, and for how long that was counted; `None` if it is too young.
fn measured(container: &Container, age: Span, look: Time, now: Time) -> Option<(Span, Usage)> {
    let (window, before) = match age {
        _ if age >= PERIOD => (PERIOD, container.process.cpu_micros(look - PERIOD)),
        _ if age >= FRESH => (age, 0),
        _ => return None,
    };
    let micros = container.process.cpu_micros(look).saturating_sub(before);
    Some((window, Usage { nano: micros * 1_000_000 / window.0, bytes: container.process.memory(now) }))
}

/// What a container uses, whether or not there is a metrics-server to tell it; `None` if it has not run long enough.
pub fn used(container: &Container, now: Time) -> Option<Usage> {
    let look = latest_look(now)?;
    measured(container, age(container, look)?, look, now).map(|(_, usage)| usage)
}

/// How old a container was at a look; `None` if it did not run then.
fn age(container: &Container, at: Time) -> Option<Span> {
    match &container.state {
        ContainerState::Running { .. } if container.created < at => Some(at.since(container.created)),
        _ => None,
    }
}

/// The machine of a node, if it answers.
fn reached<'a>(cluster: &'a Cluster, node: &str) -> Option<&'a Machine> {
    cluster.machines.get(node).map(|m| &**m).filter(|m| !m.off && !m.cut)
}

/// The use of a node: of the Pods on it, and of what every node runs.
pub fn node(cluster: &Cluster, name: &str) -> Option<Usage> {
    look(cluster)?;
    reached(cluster, name)?;
    let pods = cluster.store.pods_on(name).filter_map(|object| pod(cluster, object));
    Some(pods.fold(Usage { nano: SYSTEM_NANO, bytes: SYSTEM_BYTES }, |sum, metrics| sum.plus(metrics.total())))
}

/// What a node has for Pods: thousandths of a core, and bytes.
pub fn allocatable(object: &Object) -> (i64, i64) {
    processors_and_memory(&object.expect::<Node>().status.allocatable)
}

/// All that a node has, counted likewise.
pub fn capacity(object: &Object) -> (i64, i64) {
    processors_and_memory(&object.expect::<Node>().status.capacity)
}

fn processors_and_memory(amounts: &Amounts) -> (i64, i64) {
    let of = |name: &str| amounts.get(name).copied().unwrap_or_default();
    (of("cpu").milli_units(), of("memory").units())
}
