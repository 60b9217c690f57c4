//! Nodes.

use crate::api::field::{Amounts, Stamp};
use crate::api::metadata::Condition;
use crate::noun;
use crate::value::Value;
use std::rc::Rc;

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Node {
    pub spec: Rc<NodeSpec>,
    pub status: NodeStatus,
}

noun! {
    pub struct NodeSpec {
        pod_cidr: Rc<str> = "podCIDR";
        provider_id: Rc<str> = "providerID";
        taints: Vec<Taint> = "taints";
        unschedulable: bool = "unschedulable";
    }
    pub struct Taint {
        /// `NoSchedule`, `PreferNoSchedule`, `NoExecute`.
        effect: Rc<str> = "effect" always;
        key: Rc<str> = "key" always;
        time_added: Option<Stamp> = "timeAdded";
        value: Rc<str> = "value";
    }
    pub struct NodeStatus {
        addresses: Vec<NodeAddress> = "addresses";
        allocatable: Amounts = "allocatable";
        capacity: Amounts = "capacity";
        conditions: Vec<Condition> = "conditions";
        config: Value = "config";
        daemon_endpoints: Value = "daemonEndpoints";
        declared_features: Value = "declaredFeatures";
        features: Value = "features";
        images: Value = "images";
        node_info: Value = "nodeInfo";
        phase: Rc<str> = "phase";
        runtime_handlers: Value = "runtimeHandlers";
        volumes_attached: Value = "volumesAttached";
        volumes_in_use: Value = "volumesInUse";
    }
    pub struct NodeAddress {
        address: Rc<str> = "address" always;
        kind: Rc<str> = "type" always;
    }
}

impl NodeStatus {
    pub fn condition(&self, kind: &str) -> Option<&Condition> {
        self.conditions.iter().find(|c| &*c.kind == kind)
    }
    /// Whether the condition is `True`.
    pub fn is(&self, kind: &str) -> bool {
        self.condition(kind).is_some_and(|c| &*c.status == "True")
    }
    pub fn address(&self, kind: &str) -> Option<&Rc<str>> {
        self.addresses.iter().find(|a| &*a.kind == kind).map(|a| &a.address)
    }
}
