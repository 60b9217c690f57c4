//! A connection's walk through the cluster, hop by hop, with what decided each.
//!
//! Kubernetes 1.36: pkg/proxy/nftables decides; told here as a person would follow it, not as rules of a packet filter.

use super::policy::{self, Gate, Peer};
use super::proxy::{self, Choice, Entry};
use crate::api::Kind;
use crate::api::node::Node;
use crate::api::object::{Key, Object};
use crate::api::pod::Pod;
use crate::api::service::{Service, ServicePort, ServiceSpec};
use crate::cluster::Cluster;
use std::rc::Rc;

/// Where a connection comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Source {
    pub address: Rc<str>,
    /// The node it leaves from; unset for clients outside the cluster.
    pub node: Option<Rc<str>>,
}

/// A connection's walk.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Walk {
    pub hops: Vec<Hop>,
    pub end: End,
}

/// A step on the way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Hop {
    /// A node's own port.
    NodePort { node: Rc<str>, port: i64 },
    /// A Service chose one of its endpoints.
    Service { key: Key, port: i64, choice: Choice },
    /// An Ingress, and its rule that fits: `web.example.com/shop`.
    Ingress { key: Key, rule: Rc<str> },
    /// A Gateway, and the HTTPRoute and its host and path that fit; none does if `route` is unset.
    Gateway { key: Key, route: Option<Key>, rule: Rc<str> },
    /// What the NetworkPolicies of a Pod make of the connection.
    Policy(Gate),
    /// A Pod.
    Pod { key: Key, node: Rc<str> },
}

/// Where a walk ends.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum End {
    /// At a port of a Pod; whether something listens there, its processes know.
    Pod {
        node: Rc<str>,
        uid: Rc<str>,
        port: u16,
    },
    /// At the API server.
    ApiServer,
    /// At the cluster's name server.
    NameServer,
    Refused,
    /// No answer ever comes.
    Dropped,
    /// There is no way to such an address.
    Unreachable,
}

/// Where a connection to an address and port leads. `flow` tells one connection from another.
pub fn connect(cluster: &Cluster, from: &Source, address: &str, port: u16, protocol: &str, flow: &str) -> Walk {
    let mut hops = Vec::new();
    let end = walk(cluster, from, address, port, protocol, flow, &mut hops);
    let mut walk = Walk { hops, end };
    pass(cluster, from, (address, port), protocol, &mut walk);
    walk
}

/// The same to a port of a Service, past its address.
pub fn to_service(cluster: &Cluster, from: &Source, service: &Rc<Object>, port: i64, flow: &str) -> Walk {
    let mut walk = Walk { hops: Vec::new(), end: End::Refused };
    if let Some(found) = service.expect::<Service>().spec.ports.iter().find(|p| p.port == port) {
        walk.end = through(cluster, from, service, found, Entry::Inside, flow, &mut walk.hops);
        pass(cluster, from, ("", 0), "TCP", &mut walk);
    }
    walk
}

/// Puts the gates of NetworkPolicies into a walk, and ends it at one that is shut.
fn pass(cluster: &Cluster, from: &Source, (address, port): (&str, u16), protocol: &str, walk: &mut Walk) {
    if !cluster.plane.policies {
        return;
    }
    let (to, port) = match (&walk.end, walk.hops.last()) {
        (End::Pod { port, .. }, Some(Hop::Pod { key, .. })) => match cluster.store.get(Kind::Pod, key) {
            Some(pod) => (Peer::Pod(pod), *port),
            None => return,
        },
        (End::NameServer, _) => (Peer::NameServer, 53),
        (End::ApiServer, _) => (Peer::Address(API_ADDRESS), 6443),
        (End::Dropped, None) => (Peer::Address(address), port),
        _ => return,
    };
    let gates = policy::gates(cluster, from, &to, port, protocol);
    let last = walk.hops.pop();
    let shut = gates.iter().any(|gate| !gate.allowed);
    let own = last.filter(|hop| !shut || !matches!(hop, Hop::Pod { .. }));
    let (before, after) = match own {
        Some(hop @ Hop::Pod { .. }) => (None, Some(hop)),
        other => (other, None),
    };
    walk.hops.extend(before);
    walk.hops.extend(gates.into_iter().map(Hop::Policy));
    walk.hops.extend(after);
    if shut {
        walk.end = End::Dropped;
    }
}

/// Where the API server itself is, behind its Service.
const API_ADDRESS: &str = "10.200.0.1";

fn walk(
    cluster: &Cluster,
    from: &Source,
    address: &str,
    port: u16,
    protocol: &str,
    flow: &str,
    hops: &mut Vec<Hop>,
) -> End {
    if let Some((service, entry)) = service_at(cluster, address) {
        let spec = &service.expect::<Service>().spec;
        let balanced = entry == Entry::Outside && !spec.external_ips.iter().any(|ip| **ip == *address);
        if balanced && !lets_in(spec, &from.address) {
            let choice = Choice::Filtered;
            hops.push(Hop::Service { key: service.key(), port: i64::from(port), choice });
            return End::Dropped;
        }
        let found = spec.ports.iter().find(|p| p.port == i64::from(port) && *p.protocol == *protocol);
        return match found {
            Some(found) => through(cluster, from, service, found, entry, flow, hops),
            None => End::Refused,
        };
    }
    if let Some(node) = node_at(cluster, address) {
        return at_node(cluster, from, node, port, protocol, flow, hops);
    }
    match pod_at(cluster, address) {
        Some(pod) => at_pod(cluster, pod, port, hops),
        None if address.starts_with("10.244.") => End::Unreachable,
        None => End::Dropped,
    }
}

/// The Service that has an address, and how it is reached by it.
fn service_at<'a>(cluster: &'a Cluster, address: &str) -> Option<(&'a Rc<Object>, Entry)> {
    cluster.store.list(Kind::Service).find_map(|object| {
        let service = object.expect::<Service>();
        if *service.spec.cluster_ip == *address {
            return Some((object, Entry::Inside));
        }
        let balancer = service.status.load_balancer.get("ingress").items();
        let outside = service.spec.external_ips.iter().any(|ip| **ip == *address)
            || balancer.iter().any(|i| i.get("ip").as_str() == Some(address));
        outside.then_some((object, Entry::Outside))
    })
}

/// Whether the load balancer of a Service is for a client.
fn lets_in(spec: &ServiceSpec, client: &str) -> bool {
    let ranges = &spec.load_balancer_source_ranges;
    ranges.is_empty() || ranges.iter().any(|range| policy::contains(range.trim(), client))
}

fn through(
    cluster: &Cluster,
    from: &Source,
    service: &Rc<Object>,
    port: &ServicePort,
    entry: Entry,
    flow: &str,
    hops: &mut Vec<Hop>,
) -> End {
    let (choice, pod) = proxy::choose(cluster, service, port, entry, from, flow);
    hops.push(Hop::Service { key: service.key(), port: port.port, choice: choice.clone() });
    let key = service.key();
    match choice {
        Choice::Refused if (&*key.namespace, &*key.name) == ("kube-system", "kube-dns") => End::NameServer,
        Choice::Refused => End::Refused,
        Choice::Dropped | Choice::Filtered => End::Dropped,
        Choice::Endpoint { .. } if (&*key.namespace, &*key.name) == ("default", "kubernetes") => End::ApiServer,
        Choice::Endpoint { address, port, .. } => {
            match said_pod(cluster, pod, &address).or_else(|| pod_at(cluster, &address)) {
                Some(pod) => at_pod(cluster, pod, port as u16, hops),
                None => match node_at(cluster, &address) {
                    Some(node) => at_node(cluster, from, node, port as u16, "TCP", flow, hops),
                    None => End::Dropped,
                },
            }
        }
    }
}

pub(super) fn node_at<'a>(cluster: &'a Cluster, address: &str) -> Option<&'a Rc<Object>> {
    cluster
        .store
        .list(Kind::Node)
        .find(|n| n.expect::<Node>().status.address("InternalIP").is_some_and(|a| **a == *address))
}

fn at_node(
    cluster: &Cluster,
    from: &Source,
    node: &Rc<Object>,
    port: u16,
    protocol: &str,
    flow: &str,
    hops: &mut Vec<Hop>,
) -> End {
    if !heard(cluster, &node.meta.name) {
        return End::Dropped;
    }
    let services =
        cluster.store.list(Kind::Service).flat_map(|s| s.expect::<Service>().spec.ports.iter().map(move |p| (s, p)));
    let mut open = services.filter(|(_, p)| p.node_port == i64::from(port) && *p.protocol == *protocol);
    if let Some((service, found)) = open.next() {
        hops.push(Hop::NodePort { node: node.meta.name.clone(), port: i64::from(port) });
        let arrived = Source { address: from.address.clone(), node: Some(node.meta.name.clone()) };
        return through(cluster, &arrived, service, found, Entry::Outside, flow, hops);
    }
    // Ports that Pods have on the host: their own, or all of a Pod on the host's network.
    for object in cluster.store.pods_on(&node.meta.name) {
        let pod = object.expect::<Pod>();
        let ports = pod.spec.containers.iter().flat_map(|c| &c.ports);
        let mut mapped =
            ports.filter(|p| p.host_port == i64::from(port) || pod.spec.host_network && p.port == i64::from(port));
        if let Some(found) = mapped.next() {
            return at_pod(cluster, object, found.port as u16, hops);
        }
    }
    End::Refused
}

/// The Pod that has an address. Pods on the host's network have their node's.
pub(super) fn pod_at<'a>(cluster: &'a Cluster, address: &str) -> Option<&'a Rc<Object>> {
    let (network, _) = address.rsplit_once('.')?;
    let own = |n: &&Rc<Object>| {
        let rest = n.expect::<Node>().spec.pod_cidr.strip_prefix(network);
        rest.is_some_and(|rest| rest.starts_with('.'))
    };
    let node = cluster.store.list(Kind::Node).find(own)?;
    cluster.store.pods_on(&node.meta.name).find(|pod| has(pod, address))
}

/// The Pod that a slice says is at an address, if it is.
fn said_pod<'a>(cluster: &'a Cluster, said: Option<Key>, address: &str) -> Option<&'a Rc<Object>> {
    cluster.store.get(Kind::Pod, &said?).filter(|pod| has(pod, address))
}

/// Whether a Pod has an address of its own.
fn has(pod: &Object, address: &str) -> bool {
    let pod = pod.expect::<Pod>();
    *pod.status.pod_ip == *address && !pod.spec.host_network && !pod.status.finished()
}

fn at_pod(cluster: &Cluster, pod: &Rc<Object>, port: u16, hops: &mut Vec<Hop>) -> End {
    let node = pod.expect::<Pod>().spec.node_name.clone();
    hops.push(Hop::Pod { key: pod.key(), node: node.clone() });
    if !heard(cluster, &node) {
        return End::Dropped;
    }
    End::Pod { node, uid: pod.meta.uid.clone(), port }
}

/// Whether a node has power and its cable.
fn heard(cluster: &Cluster, node: &str) -> bool {
    cluster.machines.get(node).is_none_or(|m| !m.off && !m.cut)
}
