//! Kubernetes 1.36: pkg/controller/endpoint/endpoints_controller.go
//!
//! Endpoints, the deprecated ancestor of EndpointSlices: one object a Service. Not simulated: the limit of 1000
//! addresses.

use super::endpoint_slice::{find_port, selected, trigger};
use super::pods;
use super::port_order::Port;
use crate::api::object::{Key, Object};
use crate::api::pod::Pod;
use crate::api::service::Service;
use crate::api::{Field, Kind, Texts};
use crate::apiserver::{DeleteOptions, Request};
use crate::cluster::Cluster;
use crate::outcome::Outcome;
use crate::value::Value;
use std::collections::BTreeMap;

const BY: &str = "endpoint-controller";
const HEADLESS: &str = "service.kubernetes.io/headless";

/// Looks at the Endpoints of a Service.
pub fn wake(cluster: &Cluster, key: &Key) -> Outcome {
    let present = cluster.store.get(Kind::Endpoints, key);
    let Some(service) = cluster.store.get(Kind::Service, key) else {
        let delete = present.map(|_| Request::delete(BY, Kind::Endpoints, key.clone(), DeleteOptions::default()));
        return delete.map(Outcome::from).unwrap_or_default();
    };
    let spec = &service.expect::<Service>().spec;
    if spec.selector.is_empty() || &*spec.kind == "ExternalName" {
        return Outcome::nothing();
    }
    let mut labels = service.meta.labels.clone();
    labels.insert("endpoints.kubernetes.io/managed-by", BY);
    if spec.is_headless() {
        labels.insert(HEADLESS, "");
    }
    let subsets = subsets(cluster, service);
    match present {
        None => create(service, &labels, subsets).into(),
        Some(old) if *old.raw().get("subsets") == subsets && old.meta.labels == labels => Outcome::nothing(),
        Some(old) => {
            let mut new = (**old).clone();
            new.meta.labels = labels;
            let now = cluster.stamp().write();
            new.meta.annotations.insert(trigger::ANNOTATION, std::rc::Rc::<str>::read(&now));
            new.edit(|raw| match subsets {
                Value::Null => drop(raw.remove("subsets")),
                subsets => raw.set("subsets", subsets),
            });
            Request::put(BY, new).into()
        }
    }
}

fn create(service: &Object, labels: &Texts, subsets: Value) -> Request {
    let created = service.meta.creation.unwrap_or_default().write();
    let meta = Value::map([
        ("name", Value::Str(service.meta.name.clone())),
        ("namespace", Value::Str(service.meta.namespace.clone())),
        ("labels", labels.write()),
        ("annotations", Value::map([(trigger::ANNOTATION, created)])),
    ]);
    let mut value = Value::map([("metadata", meta)]);
    if !subsets.is_null() {
        value.set("subsets", subsets);
    }
    Request::create(BY, Kind::Endpoints, value)
}

/// Addresses by the ports that they have, ready and not ready ones apart; null if there are none.
fn subsets(cluster: &Cluster, service: &Object) -> Value {
    let spec = &service.expect::<Service>().spec;
    let mut groups: BTreeMap<Value, [Vec<Value>; 2]> = BTreeMap::new();
    let mut chosen = selected(cluster, service);
    chosen.sort_by(|a, b| a.expect::<Pod>().status.pod_ip.cmp(&b.expect::<Pod>().status.pod_ip));
    for pod in &chosen {
        let status = &pod.expect::<Pod>().status;
        let leaving = pod.meta.deleting() && !spec.publish_not_ready;
        if status.pod_ip.is_empty() || status.finished() || leaving {
            continue;
        }
        let ready = spec.publish_not_ready || pods::is_ready(pod);
        let group = groups.entry(ports(service, pod)).or_default();
        group[usize::from(!ready)].push(address(service, pod));
    }
    let subsets: Vec<Value> = groups
        .into_iter()
        .map(|(ports, [ready, not_ready])| {
            let lists = [("addresses", ready), ("notReadyAddresses", not_ready)];
            let mut subset =
                Value::map(lists.into_iter().filter(|l| !l.1.is_empty()).map(|(k, l)| (k, Value::list(l))));
            if !ports.items().is_empty() {
                subset.set("ports", ports);
            }
            subset
        })
        .collect();
    if subsets.is_empty() { Value::Null } else { Value::list(subsets) }
}

fn ports(service: &Object, pod: &Object) -> Value {
    let of = |p: &crate::api::service::ServicePort| {
        let mut port =
            Value::map([("port", Value::Int(find_port(pod.expect(), p)?)), ("protocol", p.protocol.write())]);
        if !p.name.is_empty() {
            port.set("name", p.name.write());
        }
        if let Some(protocol) = &p.app_protocol {
            port.set("appProtocol", protocol.write());
        }
        Some(port)
    };
    let mut ports: Vec<Value> = service.expect::<Service>().spec.ports.iter().filter_map(of).collect();
    ports.sort_by_key(|port| Port::read(port).in_endpoints());
    Value::list(ports)
}

fn address(service: &Object, pod: &Object) -> Value {
    let Pod { spec, status } = pod.expect();
    let target = Value::map([
        ("kind", "Pod".into()),
        ("name", pod.meta.name.write()),
        ("namespace", pod.meta.namespace.write()),
        ("uid", pod.meta.uid.write()),
    ]);
    let mut address = Value::map([("ip", status.pod_ip.write()), ("targetRef", target)]);
    if !spec.node_name.is_empty() {
        address.set("nodeName", spec.node_name.write());
    }
    if let Some(hostname) = spec.hostname.as_ref().filter(|h| !h.is_empty() && spec.subdomain == service.meta.name) {
        address.set("hostname", hostname.write());
    }
    address
}
