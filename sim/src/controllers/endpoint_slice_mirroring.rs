//! Kubernetes 1.36: pkg/controller/endpointslicemirroring
//!
//! EndpointSlices made of the Endpoints that users write for Services without a selector. Not simulated: the limit of 1000
//! addresses a subset.

use super::port_order::Port;
use crate::api::endpoint_slice::EndpointSlice;
use crate::api::metadata::LAST_APPLIED;
use crate::api::object::{Body, Key, Object};
use crate::api::service::Service;
use crate::api::{Field, Kind, Texts};
use crate::apiserver::{DeleteOptions, Request};
use crate::cluster::Cluster;
use crate::outcome::Outcome;
use crate::value::Value;
use std::collections::BTreeMap;
use std::rc::Rc;

const BY: &str = "endpointslicemirroring-controller";
const MANAGED_BY: &str = "endpointslice.kubernetes.io/managed-by";
const MANAGER: &str = "endpointslicemirroring-controller.k8s.io";
const SERVICE_NAME: &str = "kubernetes.io/service-name";
const SKIP: &str = "endpointslice.kubernetes.io/skip-mirror";
const LEADER: &str = "control-plane.alpha.kubernetes.io/leader";
/// Annotations that say nothing of a slice.
const NOT_COPIED: [&str; 2] = [LAST_APPLIED, "endpoints.kubernetes.io/last-change-trigger-time"];

/// Looks at the Endpoints of a name.
pub fn wake(cluster: &Cluster, key: &Key) -> Outcome {
    let mut out = Outcome::nothing();
    let slices = cluster.store.list_in(Kind::EndpointSlice, &key.namespace);
    let is = |o: &Object, label: &str, value: &str| o.meta.labels.get(label).is_some_and(|own| &**own == value);
    let mut left: Vec<&Rc<Object>> =
        slices.filter(|o| is(o, MANAGED_BY, MANAGER) && is(o, SERVICE_NAME, &key.name)).collect();
    if let Some(endpoints) = mirrored(cluster, key) {
        for (family, ports, addresses) in wanted(endpoints) {
            let same = |slice: &&Rc<Object>| {
                let body = slice.expect::<EndpointSlice>();
                *body.address_type == *family && body.ports.write() == ports
            };
            let present = left.iter().position(same).map(|at| left.remove(at));
            let request = carry_out(endpoints, present, family, ports, addresses);
            request.into_iter().for_each(|request| out.request(request));
        }
    }
    for slice in left {
        out.request(Request::delete(BY, Kind::EndpointSlice, slice.key(), DeleteOptions::default()));
    }
    out
}

/// The Endpoints, if slices are to be made of them.
fn mirrored<'a>(cluster: &'a Cluster, key: &Key) -> Option<&'a Rc<Object>> {
    let endpoints = cluster.store.get(Kind::Endpoints, key).filter(|endpoints| !endpoints.meta.deleting())?;
    let service = cluster.store.get(Kind::Service, key)?.expect::<Service>();
    let skipped = endpoints.meta.labels.get(SKIP).is_some_and(|v| &**v == "true");
    let leads = endpoints.meta.annotations.get(LEADER).is_some();
    (service.spec.selector.is_empty() && !skipped && !leads).then_some(endpoints)
}

/// Endpoints by address family and ports.
fn wanted(endpoints: &Object) -> Vec<(&'static str, Value, Vec<Value>)> {
    let mut groups: BTreeMap<(&'static str, Value), Vec<Value>> = BTreeMap::new();
    for subset in endpoints.raw().get("subsets").items() {
        let mut ports: Vec<Value> = subset.get("ports").items().iter().map(port).collect();
        ports.sort_by_key(|port| Port::read(port).in_slice());
        for (list, ready) in [("addresses", true), ("notReadyAddresses", false)] {
            for address in subset.get(list).items() {
                let six = address.get("ip").as_str().is_some_and(|ip| ip.contains(':'));
                let family = if six { "IPv6" } else { "IPv4" };
                groups.entry((family, Value::list(ports.clone()))).or_default().push(endpoint(address, ready));
            }
        }
    }
    groups.into_iter().map(|((family, ports), endpoints)| (family, ports, endpoints)).collect()
}

fn port(port: &Value) -> Value {
    let mut port = port.clone();
    port.set_default("name", || "".into());
    port
}

fn endpoint(address: &Value, ready: bool) -> Value {
    let mut endpoint = Value::map([
        ("addresses", Value::list(vec![address.get("ip").clone()])),
        ("conditions", Value::map([("ready", Value::Bool(ready))])),
    ]);
    for field in ["hostname", "nodeName", "targetRef"] {
        if !address.get(field).is_null() {
            endpoint.set(field, address.get(field).clone());
        }
    }
    endpoint
}

/// What makes of a slice, or of none, the one that is wanted.
fn carry_out(
    endpoints: &Object,
    present: Option<&Rc<Object>>,
    family: &str,
    ports: Value,
    addresses: Vec<Value>,
) -> Option<Request> {
    let mut labels = endpoints.meta.labels.clone();
    labels.insert(SERVICE_NAME, endpoints.meta.name.clone());
    labels.insert(MANAGED_BY, MANAGER);
    let mut annotations = endpoints.meta.annotations.clone();
    NOT_COPIED.iter().for_each(|name| drop(annotations.remove(name)));
    let body =
        Value::map([("addressType", Value::from(family)), ("endpoints", Value::list(addresses)), ("ports", ports)]);
    let Some(slice) = present else { return Some(create(endpoints, &labels, &annotations, body)) };
    let mut meta = slice.meta.clone();
    (meta.labels, meta.annotations) = (labels, annotations);
    let new = Object::of(Kind::EndpointSlice, meta, Body::EndpointSlice(Field::read(&body)));
    (new != **slice).then(|| Request::put(BY, new))
}

fn create(endpoints: &Object, labels: &Texts, annotations: &Texts, mut body: Value) -> Request {
    let mut meta = Value::map([
        ("generateName", Value::str(format!("{}-", endpoints.meta.name))),
        ("namespace", Value::Str(endpoints.meta.namespace.clone())),
        ("labels", labels.write()),
        ("ownerReferences", Value::list(vec![endpoints.controller_reference().write()])),
    ]);
    if !annotations.is_empty() {
        meta.set("annotations", annotations.write());
    }
    body.set("metadata", meta);
    Request::create(BY, Kind::EndpointSlice, body)
}
