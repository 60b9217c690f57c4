//! The rules that shut a Pod out of a node, one file a rule, in the scheduler's order.
//!
//! Kubernetes 1.36: pkg/scheduler/framework/plugins. A node's verdict is the first rule's that fails. Not simulated:
//! dynamic resources, the features that a node declares.

pub mod node_affinity;
pub mod node_name;
pub mod node_ports;
pub mod node_unschedulable;
pub mod pod_affinity;
pub mod resources_fit;
pub mod taint_toleration;
pub mod topology_spread;
pub mod volume_binding;
pub mod volume_limits;
pub mod volume_restrictions;
pub mod volume_zone;

use super::node_info::{NodeInfo, Nodes, Sum, takes_room};
use crate::api::object::Object;
use crate::api::pod::{Pod, PodSpec};
use crate::host_ports::{self, HostPort};
use crate::store::Store;
use std::rc::Rc;

/// What a rule says of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Fits,
    /// It does not fit, but might if Pods left.
    Full(&'static str, Vec<Rc<str>>),
    /// It does not fit whatever Pods leave.
    Never(&'static str, Vec<Rc<str>>),
}

impl Verdict {
    pub fn full(rule: &'static str, reason: &str) -> Verdict {
        Verdict::Full(rule, vec![reason.into()])
    }
    pub fn never(rule: &'static str, reason: &str) -> Verdict {
        Verdict::Never(rule, vec![reason.into()])
    }
}

/// What is known of the Pod before its nodes are looked at.
pub struct Candidate<'a> {
    pub object: &'a Object,
    pub spec: &'a PodSpec,
    pub store: &'a Store,
    pub requests: Sum,
    pub ports: Vec<HostPort>,
    pub claims: volume_binding::Claims,
    pub spread: topology_spread::Counts,
    pub affinity: pod_affinity::Counts,
    /// The names of the only nodes that it may run on, where its affinity says names.
    pub names: Option<Vec<Rc<str>>>,
    /// The Pods that are regarded as away.
    pub gone: Vec<Rc<Object>>,
    /// The rules that have anything to say of the Pod: most say nothing of most (PreFilter's Skip).
    rules: Vec<fn(&Candidate, &NodeInfo) -> Verdict>,
}

/// A rule: for which Pods it says anything at all, and what it says of a node.
type Rule = (fn(&Candidate) -> bool, fn(&Candidate, &NodeInfo) -> Verdict);

const RULES: [Rule; 12] = [
    (|_| true, node_unschedulable::check),
    (|pod| !pod.spec.node_name.is_empty(), node_name::check),
    (|_| true, taint_toleration::check),
    (|pod| !node_affinity::takes_all(pod.spec), node_affinity::check),
    (|pod| !pod.ports.is_empty(), node_ports::check),
    (|_| true, resources_fit::check),
    (|pod| !pod.claims.holders.is_empty(), volume_restrictions::check),
    (|pod| !pod.claims.attached.is_empty(), volume_limits::check),
    (|pod| !pod.claims.is_empty(), volume_binding::check),
    (|pod| !pod.claims.zones.is_empty(), volume_zone::check),
    (|pod| !pod.spread.is_empty(), topology_spread::check),
    (|pod| !pod.affinity.is_empty(), pod_affinity::check),
];

impl<'a> Candidate<'a> {
    /// The Pod as it is to be placed; one that has a node is regarded as away.
    ///
    /// # Errors
    /// The rule and the reason that shut the Pod out of every node at once.
    pub fn new(object: &'a Object, store: &'a Store, nodes: &Nodes) -> Result<Candidate<'a>, (&'static str, String)> {
        let spec = &*object.expect::<Pod>().spec;
        let gone = Vec::from_iter(takes_room(object).then(|| Rc::new(object.clone())));
        let candidate = Candidate {
            object,
            spec,
            store,
            requests: Sum::of(spec),
            ports: host_ports::of(spec),
            claims: volume_binding::Claims::find(object, spec, store)?,
            spread: topology_spread::Counts::of(object, spec, nodes, &gone),
            affinity: pod_affinity::Counts::of(object, spec, store, nodes, &gone),
            names: node_affinity::names(spec)?,
            gone,
            rules: Vec::new(),
        };
        Ok(candidate.ruled())
    }
    /// The same Pod in a cluster without these others.
    pub fn without(&self, gone: &[Rc<Object>], nodes: &Nodes) -> Candidate<'a> {
        let candidate = Candidate {
            object: self.object,
            spec: self.spec,
            store: self.store,
            requests: self.requests.clone(),
            ports: self.ports.clone(),
            claims: self.claims.without(gone),
            spread: topology_spread::Counts::of(self.object, self.spec, nodes, gone),
            affinity: pod_affinity::Counts::of(self.object, self.spec, self.store, nodes, gone),
            names: self.names.clone(),
            gone: gone.to_vec(),
            rules: Vec::new(),
        };
        candidate.ruled()
    }
    fn ruled(mut self) -> Candidate<'a> {
        self.rules = RULES.iter().filter(|(concerns, _)| concerns(&self)).map(|(_, check)| *check).collect();
        self
    }
    /// What all rules say that shut the Pod out of a node: none if it fits.
    pub fn verdicts(&self, info: &NodeInfo) -> Vec<Verdict> {
        let verdicts = self.rules.iter().map(|rule| rule(self, info));
        verdicts.filter(|verdict| !matches!(verdict, Verdict::Fits)).collect()
    }
    /// The first rule that shuts the Pod out of a node, if one does.
    pub fn check(&self, info: &NodeInfo) -> Verdict {
        if self.names.as_ref().is_some_and(|names| !names.contains(&info.node.meta.name)) {
            return node_affinity::elsewhere();
        }
        let mut verdicts = self.rules.iter().map(|rule| rule(self, info));
        verdicts.find(|verdict| !matches!(verdict, Verdict::Fits)).unwrap_or(Verdict::Fits)
    }
}
