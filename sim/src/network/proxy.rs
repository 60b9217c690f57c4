//! What each node does with a packet for a Service: it picks one of the endpoints.
//!
//! Kubernetes 1.36: pkg/proxy/topology.go, pkg/proxy/iptables/proxier.go

use super::dns::slices;
use super::route::Source;
use super::{affinity, topology};
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
    /// The load balancer is not for this client: it waits in vain.
    Filtered,
}

/// Picks an endpoint for a connection; `flow` tells one from another.
pub fn choose(
    cluster: &Cluster,
    service: &Object,
    port: &ServicePort,
    entry: Entry,
    from: &Source,
    flow: &str,
) -> Choice {
    let spec = &service.expect::<Service>().spec;
    let all: Vec<(&EndpointSlice, &Endpoint)> =
        slices(cluster, service).flat_map(|s| s.endpoints.iter().map(move |e| (s, &**e))).collect();
    let policy = match entry {
        Entry::Inside => &spec.internal_traffic_policy,
        Entry::Outside => &spec.external_traffic_policy,
    };
    let (local_only, node) = (&**policy == "Local", from.node.as_deref());
    let here = |e: &Endpoint| e.node_name.as_deref() == node && node.is_some();
    let near: Vec<_> = match local_only {
        true => all.iter().copied().filter(|(_, e)| here(e)).collect(),
        false => topology::near(cluster, &all, node),
    };
    let (usable, terminating) = usable(&near);
    if usable.is_empty() {
        let elsewhere = local_only && !self::usable(&all).0.is_empty();
        return if elsewhere { Choice::Dropped } else { Choice::Refused };
    }
    let targets: Vec<(Rc<str>, i64)> = usable.iter().filter_map(|(s, e)| target(s, e, port)).collect();
    if targets.is_empty() {
        return Choice::Refused;
    }
    let again = affinity::last(cluster, &service.key(), spec, port.port, from);
    let again = again.and_then(|address| targets.iter().find(|target| target.0 == address));
    let any = || &targets[cluster.dice.below(targets.len() as u64, flow, &service.meta.uid) as usize];
    let picked = again.unwrap_or_else(any);
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
