//! Ports of their node that Pods ask for: the scheduler and the kubelet both see to it that a port serves one Pod.
//!
//! Kubernetes 1.36: pkg/scheduler/framework/plugins/nodeports

use crate::api::pod::PodSpec;
use std::rc::Rc;

/// Protocol, address of the node and port.
pub type HostPort = (Rc<str>, Rc<str>, i64);

/// What is said where one is taken.
pub const TAKEN: &str = "node(s) didn't have free ports for the requested pod ports";

/// The host ports that a Pod asks for.
pub fn of(spec: &PodSpec) -> Vec<HostPort> {
    let containers = spec.containers.iter().chain(spec.init_containers.iter().filter(|c| c.is_sidecar()));
    let ports = containers.flat_map(|c| &c.ports).filter(|p| p.host_port > 0);
    ports.map(|p| (p.protocol.clone(), p.host_ip.clone(), p.host_port)).collect()
}

/// Whether any port of one list is taken by one of the other.
pub fn clash(wanted: &[HostPort], taken: &[HostPort]) -> bool {
    let everywhere = |ip: &str| ip.is_empty() || ip == "0.0.0.0";
    wanted.iter().any(|(protocol, ip, port)| {
        taken.iter().any(|(p, i, n)| p == protocol && n == port && (i == ip || everywhere(i) || everywhere(ip)))
    })
}
