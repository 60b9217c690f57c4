//! Kubernetes 1.36: staging/src/k8s.io/endpointslice/utils.go (podToEndpoint, getEndpointPorts)
//!
//! What the slices of a Service should say.

use super::topology;
use crate::api::Kind;
use crate::api::endpoint_slice::{Endpoint, EndpointConditions, EndpointHints, EndpointPort, Hint, Reference};
use crate::api::field::IntOrText;
use crate::api::object::Object;
use crate::api::pod::Pod;
use crate::api::service::{Service, ServicePort};
use crate::api::shared::OrNull;
use crate::cluster::Cluster;
use crate::controllers::pods;
use crate::controllers::port_order::Port;
use crate::table::Table;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

pub type Ports = OrNull<EndpointPort>;

/// Endpoints by the ports that they have: a port's name may mean another number in each Pod.
pub type Wanted = Vec<(Ports, Vec<Rc<Endpoint>>)>;

/// The endpoints that were made, and what they were made from: those of Pods that have not changed since are used again.
#[derive(Clone, Debug, Default)]
pub struct Made {
    service: Option<Rc<Object>>,
    nodes: Table<Object>,
    /// In the order of the Pods' names; nothing for a Pod without an address.
    pods: Vec<(Rc<Object>, Option<(Ports, Rc<Endpoint>)>)>,
}

// It follows from the store: no two clusters differ in it alone.
impl PartialEq for Made {
    fn eq(&self, _: &Made) -> bool {
        true
    }
}
impl Eq for Made {}
impl Hash for Made {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

pub fn endpoints(
    cluster: &Cluster,
    service: &Rc<Object>,
    selected: &[Rc<Object>],
    before: Option<&Made>,
) -> (Wanted, Made) {
    let nodes = cluster.store.shelf(Kind::Node).map(|shelf| shelf.objects.clone()).unwrap_or_default();
    let valid = |made: &&Made| {
        made.service.as_ref().is_some_and(|s| Rc::ptr_eq(s, service)) && made.nodes.changed(&nodes).is_empty()
    };
    let mut known = before.filter(valid).map_or(&[][..], |made| &made.pods).iter().peekable();
    let (mut wanted, mut pods) = (Wanted::new(), Vec::with_capacity(selected.len()));
    for pod in selected {
        while known.next_if(|(other, _)| !Rc::ptr_eq(other, pod) && other.meta.name < pod.meta.name).is_some() {}
        let made = match known.next_if(|(other, _)| Rc::ptr_eq(other, pod)) {
            Some((_, made)) => made.clone(),
            None => has_address(pod).then(|| (ports(service, pod), Rc::new(endpoint(cluster, service, pod)))),
        };
        let made = made.map(|(ports, endpoint)| match wanted.iter_mut().find(|(p, _)| *p == ports) {
            Some((ports, endpoints)) => {
                endpoints.push(endpoint.clone());
                (ports.clone(), endpoint)
            }
            None => {
                wanted.push((ports.clone(), vec![endpoint.clone()]));
                (ports, endpoint)
            }
        });
        pods.push((pod.clone(), made));
    }
    (wanted, Made { service: Some(service.clone()), nodes, pods })
}

fn has_address(pod: &Object) -> bool {
    let status = &pod.expect::<Pod>().status;
    !status.finished() && !status.pod_ip.is_empty()
}

fn endpoint(cluster: &Cluster, service: &Object, pod: &Object) -> Endpoint {
    let Pod { spec, status } = pod.expect();
    let (serving, terminating) = (pods::is_ready(pod), pod.meta.deleting());
    let ready = service.expect::<Service>().spec.publish_not_ready || serving && !terminating;
    let named = spec.hostname.as_ref().filter(|h| !h.is_empty() && spec.subdomain == service.meta.name);
    let zone = || {
        let node = cluster.store.find(Kind::Node, "", &spec.node_name)?;
        node.meta.labels.get("topology.kubernetes.io/zone").cloned()
    };
    let (zone, node) = (zone(), Some(&spec.node_name).filter(|name| !name.is_empty()));
    Endpoint {
        addresses: vec![status.pod_ip.clone()],
        conditions: EndpointConditions { ready: Some(ready), serving: Some(serving), terminating: Some(terminating) },
        hostname: named.cloned(),
        hints: hints(service, ready, zone.as_ref(), node),
        node_name: node.cloned(),
        target: Some(Reference {
            kind: "Pod".into(),
            namespace: pod.meta.namespace.clone(),
            name: pod.meta.name.clone(),
            uid: pod.meta.uid.clone(),
            ..Default::default()
        }),
        zone,
        ..Default::default()
    }
}

/// Whom an endpoint is for by the Service's `trafficDistribution`: only ready ones have a say.
///
/// Kubernetes 1.36: staging/src/k8s.io/endpointslice/trafficdist/trafficdist.go
fn hints(service: &Object, ready: bool, zone: Option<&Rc<str>>, node: Option<&Rc<str>>) -> Option<EndpointHints> {
    let wish = &*service.expect::<Service>().spec.traffic_distribution;
    if wish.is_empty() || !ready || topology::is_asked_for(service) {
        return None;
    }
    let hint = |name: Option<&Rc<str>>| name.map(|name| Hint { name: name.clone() }).into_iter().collect();
    let for_nodes: Vec<Hint> = hint(node.filter(|_| wish == "PreferSameNode"));
    let hints = EndpointHints { for_nodes, for_zones: hint(zone) };
    (hints != EndpointHints::default()).then_some(hints)
}

/// The Service's ports as this Pod has them; a name that it lacks is left out.
fn ports(service: &Object, pod: &Object) -> Ports {
    let ports = service.expect::<Service>().spec.ports.iter();
    let mut ports: Vec<EndpointPort> = ports
        .filter_map(|p| {
            Some(EndpointPort {
                app_protocol: p.app_protocol.clone(),
                name: Some(p.name.clone()),
                port: Some(find_port(pod.expect(), p)?),
                protocol: Some(p.protocol.clone()),
            })
        })
        .collect();
    ports.sort_by_key(|port| {
        let text = |text: &Option<Rc<str>>| text.clone().unwrap_or_default();
        let (name, protocol) = (text(&port.name), text(&port.protocol));
        let number = port.port.unwrap_or(0);
        Port { name: &name, number, protocol: &protocol, app: port.app_protocol.as_deref() }.in_slice()
    });
    ports.into()
}

/// The number of a Service's port in a Pod; `None` if no container has a port of that name and protocol.
pub fn find_port(pod: &Pod, port: &ServicePort) -> Option<i64> {
    match &port.target_port {
        IntOrText::Int(0) => Some(port.port),
        IntOrText::Int(n) => Some(*n),
        IntOrText::Text(name) => {
            let sidecars = pod.spec.init_containers.iter().filter(|c| c.is_sidecar());
            let mut all = pod.spec.containers.iter().chain(sidecars).flat_map(|c| &c.ports);
            let same = |a: &str, b: &str| a == b || a.is_empty() && b == "TCP";
            all.find(|p| p.name == *name && same(&p.protocol, &port.protocol)).map(|p| p.port)
        }
    }
}
