//! What each node does with a packet for a Service: it picks one of the endpoints.
//!
//! Kubernetes 1.36: pkg/proxy/topology.go, pkg/proxy/iptables/proxier.go

use super::affinity;
use super::dns::slice_objects;
use super::route::Source;
use super::rules::Target;
use super::topology::{self, Near};
use crate::api::endpoint_slice::{Endpoint, EndpointSlice};
use crate::api::object::{Key, Object};
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

/// Picks an endpoint for a connection, and the Pod that is said to be there; `flow` tells one from another.
pub fn choose(
    cluster: &Cluster,
    service: &Object,
    port: &ServicePort,
    entry: Entry,
    from: &Source,
    flow: &str,
) -> (Choice, Option<Key>) {
    let spec = &service.expect::<Service>().spec;
    let policy = match entry {
        Entry::Inside => &spec.internal_traffic_policy,
        Entry::Outside => &spec.external_traffic_policy,
    };
    let (local_only, node) = (&**policy == "Local", from.node.as_deref());
    let again = || affinity::last(cluster, &service.key(), spec, port.port, from);
    let throw = |of: usize| cluster.dice.below(of as u64, flow, &service.meta.uid) as usize;
    if !local_only && let Some(ready) = cluster.rules.ready(cluster, service, port) {
        let of = ready.targets.len();
        if of == 0 {
            return (Choice::Refused, None);
        }
        let again = again().and_then(|address| ready.targets.iter().find(|target| target.address == address));
        let Target { address, port, pod } = again.unwrap_or_else(|| &ready.targets[throw(of)]).clone();
        return (Choice::Endpoint { address, port, of, terminating: false }, pod);
    }
    let objects: Vec<&Rc<Object>> = slice_objects(cluster, service).collect();
    (among(cluster, &objects, port, (local_only, node), again, throw), None)
}

/// Picks one of all endpoints, whatever their state.
fn among(
    cluster: &Cluster,
    objects: &[&Rc<Object>],
    port: &ServicePort,
    (local_only, node): (bool, Option<&str>),
    again: impl FnOnce() -> Option<Rc<str>>,
    throw: impl FnOnce(usize) -> usize,
) -> Choice {
    let slices: Vec<&EndpointSlice> = objects.iter().map(|object| object.expect::<EndpointSlice>()).collect();
    let near = match local_only {
        true => Near::here(node),
        false => topology::near(cluster, &slices, node),
    };
    // There may be thousands of endpoints: they are counted, never gathered.
    let ports: Vec<Option<i64>> = slices.iter().map(|slice| port_of(slice, port)).collect();
    let all = || slices.iter().zip(&ports).flat_map(|(s, port)| s.endpoints.iter().map(move |e| (&**e, *port)));
    let state = |of: State| all().filter(move |(e, _)| state_of(e) == of).filter(|(e, _)| near.takes(e));
    let terminating = state(State::Ready).next().is_none();
    let wanted = if terminating { State::Ending } else { State::Ready };
    if terminating && state(State::Ending).next().is_none() {
        let elsewhere = local_only && all().any(|(e, _)| state_of(e) != State::Unusable);
        return if elsewhere { Choice::Dropped } else { Choice::Refused };
    }
    let targets = || state(wanted).filter_map(|(e, port)| Some((e.addresses.first()?, port?)));
    let of = targets().count();
    if of == 0 {
        return Choice::Refused;
    }
    let again = again().and_then(|address| targets().find(|target| *target.0 == address));
    let any = || targets().nth(throw(of)).expect("so many are there");
    let (address, port) = again.unwrap_or_else(any);
    Choice::Endpoint { address: address.clone(), port, of, terminating }
}

/// What an endpoint is good for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Ready,
    /// It still serves while it ends, for want of any that is ready.
    Ending,
    Unusable,
}

fn state_of(endpoint: &Endpoint) -> State {
    let said = &endpoint.conditions;
    match said.ready != Some(false) {
        true => State::Ready,
        false if said.serving == Some(true) && said.terminating == Some(true) => State::Ending,
        false => State::Unusable,
    }
}

/// The port of a slice's endpoints for this port of the Service.
pub(super) fn port_of(slice: &EndpointSlice, port: &ServicePort) -> Option<i64> {
    slice.ports.iter().find(|p| p.name.as_deref().unwrap_or("") == &*port.name)?.port
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Kind;
    use crate::apiserver::{self, Part, Patch, Request, Verb};
    use crate::network::tests::cluster;
    use crate::value::Value;
    use proptest::prelude::*;

    /// Of each endpoint whether it is ready, still serves, ends, and is meant for one zone.
    type Endpoints = Vec<(bool, bool, bool, bool)>;

    fn endpoints() -> impl Strategy<Value = Endpoints> {
        prop::collection::vec((any::<bool>(), any::<bool>(), any::<bool>(), prop::bool::weighted(0.2)), 0..6)
    }

    fn write(cluster: &mut Cluster, endpoints: &Endpoints) {
        let one = |(n, (ready, serving, terminating, hinted)): (usize, &(bool, bool, bool, bool))| {
            let said = [("ready", *ready), ("serving", *serving), ("terminating", *terminating)];
            let conditions = Value::map(said.map(|(key, is)| (key, Value::Bool(is))));
            let address = Value::from(format!("10.244.1.{n}"));
            let mut endpoint = Value::map([("addresses", Value::list(vec![address])), ("conditions", conditions)]);
            if *hinted {
                let zone = Value::map([("name", Value::from("zone-1"))]);
                endpoint.set("hints", Value::map([("forZones", Value::list(vec![zone]))]));
            }
            endpoint
        };
        let all = Value::list(endpoints.iter().enumerate().map(one).collect());
        let patch = Verb::Patch(Patch::Merge(Value::map([("endpoints", all)])), Part::Main);
        apiserver::handle(cluster, Request::new("test", Kind::EndpointSlice, Key::new("default", "web-x"), patch))
            .expect("patched");
    }

    proptest! {
        /// Endpoints that are kept lead where all endpoints, gone through for each connection, lead: also after they changed.
        #[test]
        fn what_is_kept_chooses_as_what_is_gone_through(times in prop::collection::vec(endpoints(), 1..4)) {
            let mut cluster = cluster(false);
            let from = Source { address: "10.244.2.9".into(), node: Some("node-2".into()) };
            for endpoints in times {
                write(&mut cluster, &endpoints);
                let service = cluster.store.find(Kind::Service, "default", "web").expect("it is there").clone();
                let port = &service.expect::<Service>().spec.ports[0];
                let objects: Vec<&Rc<Object>> = slice_objects(&cluster, &service).collect();
                for flow in ["a", "b", "c", "d"] {
                    let throw = |of: usize| cluster.dice.below(of as u64, flow, &service.meta.uid) as usize;
                    let gone_through = among(&cluster, &objects, port, (false, Some("node-2")), || None, throw);
                    let (kept, _) = choose(&cluster, &service, port, Entry::Inside, &from, flow);
                    prop_assert_eq!(kept, gone_through);
                }
            }
        }
    }
}
