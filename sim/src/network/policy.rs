//! NetworkPolicies as a network plug-in enforces them, if the cluster has one that does.
//!
//! Kubernetes 1.36: staging/src/k8s.io/api/networking/v1/types.go says what they mean; plug-ins do it. A connection passes
//! the gate of the Pod it leaves and of the Pod it reaches, judged by addresses behind Services; what comes back is let
//! through. Not simulated: the plug-ins' own differences (blocks match Pods' addresses too here), connections that were open
//! before a policy came.

use super::dns;
use super::route::{Source, node_at, pod_at};
use crate::api::object::{Key, Object};
use crate::api::pod::Pod;
use crate::api::selector::LabelSelector;
use crate::api::{Field, Kind, Texts};
use crate::cluster::Cluster;
use crate::value::Value;
use std::rc::Rc;

/// One side of a connection.
pub enum Peer<'a> {
    Pod(&'a Rc<Object>),
    /// The cluster's name server, which policies know by its usual labels.
    NameServer,
    Address(&'a str),
}

/// What a Pod's policies make of a connection.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Gate {
    pub pod: Key,
    /// Whether the connection leaves the Pod; else it reaches it.
    pub egress: bool,
    pub allowed: bool,
    /// The policy that allows it; else all that select the Pod and do not.
    pub policies: Vec<Rc<str>>,
}

/// The gates between two sides in their order. A Pod that no policy isolates in this direction has none; behind a gate
/// that is shut there is no other.
pub fn gates(cluster: &Cluster, from: &Source, to: &Peer, port: u16, protocol: &str) -> Vec<Gate> {
    if !cluster.plane.policies {
        return Vec::new();
    }
    let sender = pod_at(cluster, &from.address);
    let source = sender.map_or(Peer::Address(&from.address), Peer::Pod);
    let mut out = Vec::new();
    if let Some(pod) = sender {
        out.extend(gate(cluster, pod, true, to, to, (port, protocol)));
    }
    let shut = out.iter().any(|gate: &Gate| !gate.allowed);
    if let (Peer::Pod(pod), false) = (to, shut) {
        let spec = &pod.expect::<Pod>().spec;
        // A node may always speak to its own Pods; a Pod on the node's network is the node.
        let own = node_at(cluster, &from.address).is_some_and(|node| node.meta.name == spec.node_name);
        if !own && !spec.host_network {
            out.extend(gate(cluster, pod, false, &source, to, (port, protocol)));
        }
    }
    out
}

fn gate(
    cluster: &Cluster,
    pod: &Rc<Object>,
    egress: bool,
    other: &Peer,
    to: &Peer,
    (port, protocol): (u16, &str),
) -> Option<Gate> {
    let (direction, list, peers) = if egress { ("Egress", "egress", "to") } else { ("Ingress", "ingress", "from") };
    let mut policies = Vec::new();
    for policy in cluster.store.list_in(Kind::NetworkPolicy, &pod.meta.namespace) {
        let spec = policy.raw().get("spec");
        let concerns = spec.get("policyTypes").items().iter().any(|t| t.as_str() == Some(direction));
        if !concerns || !LabelSelector::read(spec.get("podSelector")).matches(&pod.meta.labels) {
            continue;
        }
        let allows = |rule: &Value| {
            any_or_all(rule.get("ports"), |p| port_fits(p, to, port, protocol))
                && any_or_all(rule.get(peers), |p| peer_fits(cluster, p, &policy.meta.namespace, other))
        };
        let name = policy.meta.name.clone();
        if spec.get(list).items().iter().any(allows) {
            return Some(Gate { pod: pod.key(), egress, allowed: true, policies: vec![name] });
        }
        policies.push(name);
    }
    let isolated = !policies.is_empty();
    isolated.then(|| Gate { pod: pod.key(), egress, allowed: false, policies })
}

/// An empty list means everything.
fn any_or_all(list: &Value, fits: impl Fn(&Value) -> bool) -> bool {
    list.items().is_empty() || list.items().iter().any(fits)
}

fn port_fits(rule: &Value, to: &Peer, port: u16, protocol: &str) -> bool {
    let port = i64::from(port);
    if rule.get("protocol").as_str().unwrap_or("TCP") != protocol {
        return false;
    }
    match rule.get("port") {
        Value::Null => true,
        Value::Int(first) => (*first..=rule.get("endPort").as_int().unwrap_or(*first)).contains(&port),
        name => match to {
            Peer::Pod(pod) => {
                let containers = pod.expect::<Pod>().spec.containers.iter();
                let named = |p: &&crate::api::pod::ContainerPort| Some(&*p.name) == name.as_str();
                containers.flat_map(|c| &c.ports).filter(named).any(|p| p.port == port && *p.protocol == *protocol)
            }
            Peer::NameServer => matches!(name.as_str(), Some("dns" | "dns-tcp")),
            Peer::Address(_) => false,
        },
    }
}

fn peer_fits(cluster: &Cluster, rule: &Value, own: &str, peer: &Peer) -> bool {
    let block = rule.get("ipBlock");
    if !block.is_null() {
        let address: &str = match peer {
            Peer::Pod(pod) => &pod.expect::<Pod>().status.pod_ip,
            Peer::NameServer => dns::SERVER,
            Peer::Address(address) => address,
        };
        let within = |cidr: &Value| cidr.as_str().is_some_and(|cidr| contains(cidr, address));
        return within(block.get("cidr")) && !block.get("except").items().iter().any(within);
    }
    let (namespace, labels) = match peer {
        Peer::Pod(pod) => (&*pod.meta.namespace, pod.meta.labels.clone()),
        Peer::NameServer => ("kube-system", Texts::from_iter([("k8s-app", "kube-dns")])),
        Peer::Address(_) => return false,
    };
    let chosen = match rule.get("namespaceSelector") {
        Value::Null => namespace == own,
        selector => {
            let found = cluster.store.find(Kind::Namespace, "", namespace);
            found.is_some_and(|n| LabelSelector::read(selector).matches(&n.meta.labels))
        }
    };
    chosen && LabelSelector::read(rule.get("podSelector")).matches(&labels)
}

/// Whether a range in CIDR notation has an address. Only IPv4 is spoken here.
pub(super) fn contains(cidr: &str, address: &str) -> bool {
    let number = |ip: &str| ip.parse::<core::net::Ipv4Addr>().map(u32::from).ok();
    let Some((base, length)) = cidr.split_once('/') else { return false };
    let (Some(base), Some(ip), Ok(length)) = (number(base), number(address), length.parse::<u32>()) else {
        return false;
    };
    length <= 32 && (length == 0 || (base ^ ip) >> (32 - length) == 0)
}
