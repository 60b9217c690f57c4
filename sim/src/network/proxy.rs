//! What each node does with a packet for a Service: it picks one of the endpoints.
//!
//! Kubernetes 1.36: pkg/proxy/topology.go, pkg/proxy/nftables/proxier.go

use super::dns::slices;
use crate::api::endpoint_slice::{Endpoint, EndpointSlice};
use crate::api::object::Object;
use crate::api::service::{Service, ServicePort};
use crate::cluster::Cluster;
use std::rc::Rc;

/// How a Service was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Entry {
    /// By its cluster IP.
    Inside,
    /// By a node's port, an external IP, a load balancer's address.
    Outside,
}

/// What becomes of a packet for a Service.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Choice {
    /// It goes to this endpoint; `of` were to choose from.
    Endpoint { address: Rc<str>, port: i64, of: usize, terminating: bool },
    /// No endpoint: the client is told at once.
    Refused,
    /// The policy allows local endpoints only, and there is none: the client waits in vain.
    Dropped,
}

/// Picks an endpoint for a connection. `client` is its address; `flow` tells one connection from another.
pub fn choose(
    cluster: &Cluster,
    service: &Object,
    port: &ServicePort,
    entry: Entry,
    node: Option<&str>,
    client: &str,
    flow: &str,
) -> Choice {
    let spec = &service.expect::<Service>().spec;
    let all: Vec<(&EndpointSlice, &Endpoint)> =
        slices(cluster, service).flat_map(|s| s.endpoints.iter().map(move |e| (s, &**e))).collect();
    let policy = match entry {
        Entry::Inside => &spec.internal_traffic_policy,
        Entry::Outside => &spec.external_traffic_policy,
    };
    let local_only = &**policy == "Local";
    let here = |e: &Endpoint| e.node_name.as_deref() == node && node.is_some();
    let near: Vec<_> = all.iter().copied().filter(|(_, e)| !local_only || here(e)).collect();
    let (usable, terminating) = usable(&near);
    if usable.is_empty() {
        let elsewhere = local_only && !self::usable(&all).0.is_empty();
        return if elsewhere { Choice::Dropped } else { Choice::Refused };
    }
    let targets: Vec<(Rc<str>, i64)> = usable.iter().filter_map(|(s, e)| target(s, e, port)).collect();
    if targets.is_empty() {
        return Choice::Refused;
    }
    let picked = if &*spec.session_affinity == "ClientIP" {
        // The highest of the throws for all pairs: a client keeps its endpoint until that one goes.
        let throw = |t: &&(Rc<str>, i64)| cluster.dice.throw(&format!("{client}/{}", t.0), &service.meta.uid);
        targets.iter().max_by_key(throw).expect("not empty")
    } else {
        &targets[cluster.dice.below(targets.len() as u64, flow, &service.meta.uid) as usize]
    };
    Choice::Endpoint { address: picked.0.clone(), port: picked.1, of: targets.len(), terminating }
}

/// Ready endpoints; if there is none, those that still serve while they end.
fn usable<'a>(all: &[(&'a EndpointSlice, &'a Endpoint)]) -> (Vec<(&'a EndpointSlice, &'a Endpoint)>, bool) {
    let ready: Vec<_> = all.iter().copied().filter(|(_, e)| e.conditions.ready != Some(false)).collect();
    if !ready.is_empty() {
        return (ready, false);
    }
    let still = |e: &Endpoint| e.conditions.serving == Some(true) && e.conditions.terminating == Some(true);
    (all.iter().copied().filter(|(_, e)| still(e)).collect(), true)
}

/// The endpoint's address and its port for this port of the Service.
fn target(slice: &EndpointSlice, endpoint: &Endpoint, port: &ServicePort) -> Option<(Rc<str>, i64)> {
    let named = slice.ports.iter().find(|p| p.name.as_deref().unwrap_or("") == &*port.name)?;
    Some((endpoint.addresses.first()?.clone(), named.port?))
}
