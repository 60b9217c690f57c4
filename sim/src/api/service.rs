//! Services.

use crate::api::field::{IntOrText, Texts};
use crate::noun;
use crate::value::Value;
use std::rc::Rc;

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Service {
    pub spec: Rc<ServiceSpec>,
    pub status: ServiceStatus,
}

noun! {
    pub struct ServiceSpec {
        cluster_ip: Rc<str> = "clusterIP";
        external_ips: Vec<Rc<str>> = "externalIPs";
        external_name: Rc<str> = "externalName";
        external_traffic_policy: Rc<str> = "externalTrafficPolicy";
        internal_traffic_policy: Rc<str> = "internalTrafficPolicy";
        load_balancer_class: Rc<str> = "loadBalancerClass";
        load_balancer_source_ranges: Vec<Rc<str>> = "loadBalancerSourceRanges";
        ports: Vec<ServicePort> = "ports";
        publish_not_ready: bool = "publishNotReadyAddresses";
        selector: Texts = "selector";
        session_affinity: Rc<str> = "sessionAffinity";
        session_affinity_config: Value = "sessionAffinityConfig";
        traffic_distribution: Rc<str> = "trafficDistribution";
        /// `ClusterIP`, `NodePort`, `LoadBalancer`, `ExternalName`.
        kind: Rc<str> = "type";
    }
    pub struct ServicePort {
        app_protocol: Option<Rc<str>> = "appProtocol";
        name: Rc<str> = "name";
        node_port: i64 = "nodePort";
        port: i64 = "port" always;
        protocol: Rc<str> = "protocol";
        target_port: IntOrText = "targetPort";
    }
    pub struct ServiceStatus {
        conditions: Value = "conditions";
        load_balancer: Value = "loadBalancer" always;
    }
}

impl ServiceSpec {
    pub fn is_headless(&self) -> bool {
        &*self.cluster_ip == "None"
    }
}
