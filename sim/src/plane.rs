//! What can befall a cluster from outside: its machines, the parts of its control plane, the registry of images.

use crate::api::Quantity;
use crate::value::Value;
use std::rc::Rc;

/// What is stopped or slowed beside the nodes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Plane {
    pub api_server_stopped: bool,
    pub scheduler_stopped: bool,
    pub manager_stopped: bool,
    pub registry: Registry,
    /// Add-ons that a cluster may have: its network enforces NetworkPolicies, its provider has load balancers, it has an
    /// ingress controller.
    pub policies: bool,
    pub balancers: bool,
    pub ingress_controller: bool,
    /// The same for Gateway API, once its definitions are there.
    pub gateway_controller: bool,
    /// Whether the cluster autoscaler makes and takes away nodes.
    pub autoscaler: bool,
}

/// How the registry that images are pulled from is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Registry {
    #[default]
    Well,
    /// A pull takes ten times as long.
    Slow,
    /// It does not answer.
    Gone,
}

impl Plane {
    /// Whether the scheduler can do anything.
    pub fn schedules(self) -> bool {
        !self.scheduler_stopped && !self.api_server_stopped
    }
    /// Whether the controllers can do anything.
    pub fn controls(self) -> bool {
        !self.manager_stopped && !self.api_server_stopped
    }
}

/// What can befall a node, a part of the cluster or a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    PowerOff,
    PowerOn,
    /// Off, and on again by itself after a while.
    Reboot,
    /// The network cable is out.
    Cut,
    /// The cable is in again; of the registry: all is well again; of a container: it goes on.
    Mend,
    /// A node's kubelet, or a part of the control plane. A kubelet's containers go on.
    Stop,
    Start,
    /// Something beside the Pods fills the node's disk.
    FillDisk,
    FreeDisk,
    /// Something beside the Pods takes the node's memory.
    TakeMemory,
    FreeMemory,
    /// Of the registry.
    Slow,
    /// Of a container: its processes are killed, as the kernel kills who takes too much.
    Kill,
    /// Of a container: its processes stand still, as under SIGSTOP. Connections are taken, nothing is answered.
    Hang,
}

/// A machine that joins the cluster, or one that leaves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Machinery {
    Join(Box<Recruit>),
    Leave(Rc<str>),
}

/// How a machine that joins differs from the node that it is like.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recruit {
    pub name: Rc<str>,
    /// The node that it is like.
    pub like: Rc<str>,
    pub cpu: Option<Quantity>,
    pub memory: Option<Quantity>,
    pub labels: Vec<(Rc<str>, Rc<str>)>,
    /// As in `spec.taints`.
    pub taints: Vec<Value>,
}

/// The places of faults that are not nodes.
pub const PARTS: [&str; 9] = [
    "kube-apiserver",
    "kube-scheduler",
    "kube-controller-manager",
    "registry",
    "network-policies",
    "load-balancers",
    "ingress-controller",
    "gateway-controller",
    "cluster-autoscaler",
];

impl Fault {
    /// Every fault by the name that scenes, the terminal and the page use.
    pub const NAMES: [(&str, Fault); 14] = [
        ("power-off", Fault::PowerOff),
        ("power-on", Fault::PowerOn),
        ("reboot", Fault::Reboot),
        ("cut", Fault::Cut),
        ("mend", Fault::Mend),
        ("stop", Fault::Stop),
        ("start", Fault::Start),
        ("fill-disk", Fault::FillDisk),
        ("free-disk", Fault::FreeDisk),
        ("take-memory", Fault::TakeMemory),
        ("free-memory", Fault::FreeMemory),
        ("slow", Fault::Slow),
        ("kill", Fault::Kill),
        ("hang", Fault::Hang),
    ];

    pub fn named(name: &str) -> Option<Fault> {
        Fault::NAMES.iter().find(|(known, _)| *known == name).map(|(_, fault)| *fault)
    }
    pub fn name(self) -> &'static str {
        Fault::NAMES.iter().find(|(_, fault)| *fault == self).map_or("", |(name, _)| name)
    }
    /// Whether it can befall this place: a node, one of [`PARTS`], or a container (`NAMESPACE/POD/CONTAINER`).
    pub fn befalls(self, place: &str) -> bool {
        match place {
            "registry" => matches!(self, Fault::Cut | Fault::Slow | Fault::Mend),
            _ if PARTS.contains(&place) => matches!(self, Fault::Stop | Fault::Start),
            _ if place.contains('/') => matches!(self, Fault::Kill | Fault::Hang | Fault::Mend),
            _ => !matches!(self, Fault::Slow | Fault::Kill | Fault::Hang),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_has_a_name_of_its_own() {
        for (name, fault) in Fault::NAMES {
            assert_eq!((Fault::named(name), fault.name()), (Some(fault), name));
        }
        assert!(Fault::Stop.befalls("kube-scheduler") && !Fault::Cut.befalls("kube-scheduler"));
        assert!(Fault::Slow.befalls("registry") && !Fault::Slow.befalls("node-1"));
    }
}
