//! Kubernetes 1.36: pkg/controller/endpointslice/endpointslice_controller.go,
//! staging/src/k8s.io/endpointslice/reconciler.go
//!
//! EndpointSlices: which addresses stand behind a Service, and which of them may be sent traffic. Not simulated: IPv6.

mod desired;
mod fill;
mod topology;
pub mod trigger;

use crate::api::endpoint_slice::EndpointSlice;
use crate::api::field::asked_once;
use crate::api::object::{Body, Key, Object};
use crate::api::pod::Pod;
use crate::api::service::Service;
use crate::api::shared::OrNull;
use crate::api::{Field, Kind, Texts};
use crate::apiserver::events::Note;
use crate::apiserver::{DeleteOptions, Request};
use crate::cluster::Cluster;
use crate::controllers::memory::Memory;
use crate::outcome::Outcome;
use crate::value::Value;
pub use desired::find_port;
use fill::Plan;
use std::rc::Rc;

const BY: &str = "endpointslice-controller";
/// As which it speaks in events.
const RECORDER: &str = "endpoint-slice-controller";
const MANAGED_BY: &str = "endpointslice.kubernetes.io/managed-by";
const MANAGER: &str = "endpointslice-controller.k8s.io";
const IPV4: &str = "IPv4";
const SERVICE_NAME: &str = "kubernetes.io/service-name";
const HEADLESS: &str = "service.kubernetes.io/headless";

/// Looks at the slices of a Service.
pub fn wake(cluster: &Cluster, memory: &mut Memory, key: &Key) -> Outcome {
    let mut out = Outcome::nothing();
    let Some(object) = cluster.store.get(Kind::Service, key) else {
        memory.services.remove(key);
        memory.hinted.remove(key);
        return out;
    };
    let Service { spec, .. } = object.expect();
    if object.meta.deleting() || spec.selector.is_empty() || &*spec.kind == "ExternalName" {
        return out;
    }
    let pods = selected(cluster, object);
    let before = memory.services.get(key).map(|seen| &seen.made);
    let (mut wanted, made) = desired::endpoints(cluster, object, &pods, before);
    let trigger = trigger::since_last_look(memory, object, &pods, made);
    let slices: Vec<Rc<Object>> = slices_of(cluster, object).cloned().collect();
    let labels = labels(object);
    let by_topology = topology::is_asked_for(object);
    if by_topology {
        topology::keep(&slices, &mut wanted);
    }
    let mut plans = fill::plan(&slices, wanted, &labels);
    let hints = by_topology.then(|| topology::give(cluster, &slices, &mut plans));
    for plan in plans {
        out.request(carry_out(object, &labels, trigger.as_ref(), plan));
    }
    tell(memory, object, hints, &mut out);
    out
}

/// Says whether the Service has hints by its annotation now.
fn tell(memory: &mut Memory, service: &Object, hints: Option<Result<(), String>>, out: &mut Outcome) {
    let had = memory.hinted.contains(&service.key());
    let (off, text) = match hints {
        Some(Ok(())) if had => return,
        Some(Ok(())) => (false, "Topology Aware Hints has been enabled".into()),
        Some(Err(why)) => (true, why),
        None if had => (true, "Topology Aware Hints has been disabled".into()),
        None => return,
    };
    let text = format!("{text}, addressType: {IPV4}");
    out.event(if off {
        memory.hinted.remove(&service.key());
        Note::warning(service, RECORDER, "TopologyAwareHintsDisabled", text)
    } else {
        memory.hinted.insert(service.key());
        Note::normal(service, RECORDER, "TopologyAwareHintsEnabled", text)
    });
}

/// The Pods that a Service selects.
pub fn selected(cluster: &Cluster, service: &Object) -> Vec<Rc<Object>> {
    let selector = &service.expect::<Service>().spec.selector;
    let pods = cluster.store.list_in(Kind::Pod, &service.meta.namespace);
    let mut selected = asked_once(|labels| selector.within(labels));
    pods.filter(|p| selected(&p.meta.labels)).cloned().collect()
}

/// The slices that this controller keeps for a Service.
fn slices_of<'a>(cluster: &'a Cluster, service: &'a Object) -> impl Iterator<Item = &'a Rc<Object>> {
    let label = |o: &Object, key: &str, value: &str| o.meta.labels.get(key).is_some_and(|v| &**v == value);
    cluster.store.owned_by(&service.meta.uid).filter(move |o| {
        o.kind == Kind::EndpointSlice
            && label(o, SERVICE_NAME, &service.meta.name)
            && label(o, MANAGED_BY, MANAGER)
            && !o.meta.deleting()
    })
}

/// A slice's labels: the Service's own, and those by which it is found.
fn labels(service: &Object) -> Texts {
    let mut labels = service.meta.labels.clone();
    labels.remove(HEADLESS);
    if service.expect::<Service>().spec.is_headless() {
        labels.insert(HEADLESS, "");
    }
    labels.insert(SERVICE_NAME, service.meta.name.clone());
    labels.insert(MANAGED_BY, MANAGER);
    labels
}

fn carry_out(service: &Object, labels: &Texts, trigger: Option<&Rc<str>>, plan: Plan) -> Request {
    match plan {
        Plan::Create { ports, endpoints } => {
            let mut meta = Value::map([
                ("generateName", Value::str(format!("{}-", service.meta.name))),
                ("namespace", Value::Str(service.meta.namespace.clone())),
                ("labels", labels.write()),
                ("ownerReferences", Value::list(vec![service.controller_reference().write()])),
            ]);
            if let Some(trigger) = trigger {
                meta.set("annotations", Value::map([(trigger::ANNOTATION, Value::Str(trigger.clone()))]));
            }
            let endpoints = OrNull::from(endpoints);
            let value = Value::map([
                ("metadata", meta),
                ("addressType", IPV4.into()),
                ("endpoints", endpoints.write()),
                ("ports", ports.write()),
            ]);
            Request::create(BY, Kind::EndpointSlice, value)
        }
        Plan::Update { slice, ports, endpoints } => {
            let mut meta = slice.meta.clone();
            match trigger {
                Some(trigger) => meta.annotations.insert(trigger::ANNOTATION, trigger.clone()),
                None => drop(meta.annotations.remove(trigger::ANNOTATION)),
            }
            meta.labels = labels.clone();
            let new =
                EndpointSlice { address_type: body(&slice).address_type.clone(), endpoints: endpoints.into(), ports };
            Request::put(BY, Object::of(Kind::EndpointSlice, meta, Body::EndpointSlice(new.into())))
        }
        Plan::Delete { slice } => Request::delete(BY, Kind::EndpointSlice, slice.key(), DeleteOptions::default()),
    }
}

/// Whether a change of a Pod is of interest to the Services that select it.
pub fn is_news(old: &Object, new: &Object) -> bool {
    let facts = |o: &Object| {
        let Pod { spec, status } = o.expect();
        let places = (spec.node_name.clone(), spec.hostname.clone(), spec.subdomain.clone(), status.pod_ip.clone());
        (places, super::pods::is_ready(o), status.finished(), o.meta.deleting())
    };
    old.meta.labels != new.meta.labels || facts(old) != facts(new)
}

fn body(slice: &Object) -> &EndpointSlice {
    slice.expect()
}
