//! Kubernetes 1.36: staging/src/k8s.io/endpointslice/utils.go (podToEndpoint, getEndpointPorts)
//!
//! What the slices of a Service should say.

use crate::api::Kind;
use crate::api::endpoint_slice::{Endpoint, EndpointConditions, EndpointPort, Reference};
use crate::api::field::IntOrText;
use crate::api::object::Object;
use crate::api::pod::Pod;
use crate::api::service::{Service, ServicePort};
use crate::cluster::Cluster;
use crate::controllers::pods;
use std::rc::Rc;

/// Endpoints by the ports that they have: a port's name may mean another number in each Pod.
pub type Wanted = Vec<(Vec<EndpointPort>, Vec<Endpoint>)>;

pub fn endpoints(cluster: &Cluster, service: &Object, selected: &[Rc<Object>]) -> Wanted {
    let mut wanted = Wanted::new();
    for pod in selected.iter().filter(|p| has_address(p)) {
        let (ports, endpoint) = (ports(service, pod), endpoint(cluster, service, pod));
        match wanted.iter_mut().find(|(p, _)| *p == ports) {
            Some((_, endpoints)) => endpoints.push(endpoint),
            None => wanted.push((ports, vec![endpoint])),
        }
    }
    wanted
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
    Endpoint {
        addresses: vec![status.pod_ip.clone()],
        conditions: EndpointConditions { ready: Some(ready), serving: Some(serving), terminating: Some(terminating) },
        hostname: named.cloned(),
        node_name: (!spec.node_name.is_empty()).then(|| spec.node_name.clone()),
        target: Some(Reference {
            kind: "Pod".into(),
            namespace: pod.meta.namespace.clone(),
            name: pod.meta.name.clone(),
            uid: pod.meta.uid.clone(),
            ..Default::default()
        }),
        zone: zone(),
        ..Default::default()
    }
}

/// The Service's ports as this Pod has them; a name that it lacks is left out.
fn ports(service: &Object, pod: &Object) -> Vec<EndpointPort> {
    let ports = service.expect::<Service>().spec.ports.iter();
    ports
        .filter_map(|p| {
            Some(EndpointPort {
                app_protocol: p.app_protocol.clone(),
                name: Some(p.name.clone()),
                port: Some(find_port(pod.expect(), p)?),
                protocol: Some(p.protocol.clone()),
            })
        })
        .collect()
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
