//! Kubernetes 1.36: pkg/proxy/iptables/proxier.go (the rules that match by `recent`)
//!
//! Which endpoint of a Service with session affinity a client went to last, as each node remembers it.

use super::proxy::Choice;
use super::route::{Hop, Source, Walk};
use crate::api::Kind;
use crate::api::object::Key;
use crate::api::service::{Service, ServiceSpec};
use crate::clock::{Span, Time};
use crate::cluster::Cluster;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Without another wish: three hours.
const TIMEOUT: Span = Span::secs(10_800);
/// No wish is longer than a day.
const LONGEST: Span = Span::secs(86_400);

/// Who went where and when.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Affinity(Rc<BTreeMap<Client, (Rc<str>, Time)>>);

/// A client of a Service's port, as a node sees it; `node` is unset outside the cluster.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Client {
    service: Key,
    port: i64,
    node: Option<Rc<str>>,
    address: Rc<str>,
}

/// The address of the endpoint that a client has to go to again, if its affinity has not run out.
pub fn last(cluster: &Cluster, service: &Key, spec: &ServiceSpec, port: i64, from: &Source) -> Option<Rc<str>> {
    if !holds(spec) {
        return None;
    }
    let client = Client { service: service.clone(), port, node: from.node.clone(), address: from.address.clone() };
    let (endpoint, time) = cluster.affinity.0.get(&client)?;
    let timeout = spec.session_affinity_config.at(&["clientIP", "timeoutSeconds"]);
    let timeout = timeout.as_int().map_or(TIMEOUT, |seconds| Span::secs(seconds.max(0) as u64));
    (cluster.now <= *time + timeout).then(|| endpoint.clone())
}

/// Notes where a connection went.
pub fn remember(cluster: &mut Cluster, from: &Source, walk: &Walk) {
    let (now, mut node) = (cluster.now, from.node.clone());
    for hop in &walk.hops {
        match hop {
            Hop::NodePort { node: own, .. } => node = Some(own.clone()),
            Hop::Service { key, port, choice: Choice::Endpoint { address, .. } } => {
                let service = cluster.store.get(Kind::Service, key);
                if !service.is_some_and(|service| holds(&service.expect::<Service>().spec)) {
                    continue;
                }
                let client =
                    Client { service: key.clone(), port: *port, node: node.clone(), address: from.address.clone() };
                let known = Rc::make_mut(&mut cluster.affinity.0);
                if known.insert(client, (address.clone(), now)).is_none() {
                    known.retain(|_, (_, time)| now <= *time + LONGEST);
                }
            }
            _ => {}
        }
    }
}

fn holds(spec: &ServiceSpec) -> bool {
    &*spec.session_affinity == "ClientIP"
}
