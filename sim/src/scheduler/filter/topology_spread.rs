//! Kubernetes 1.36: pkg/scheduler/framework/plugins/podtopologyspread. No zone (node, ...) may have many more of the
//! matching Pods than another.

use super::{Candidate, Verdict, node_affinity};
use crate::api::node::Node;
use crate::api::object::Object;
use crate::api::pod::{Pod, PodSpec, SpreadConstraint};
use crate::api::selector::{LabelSelector, Requirement};
use crate::scheduler::node_info::{NodeInfo, Nodes};
use crate::scheduler::places::Places;
use std::rc::Rc;

const RULE: &str = "PodTopologySpread";

/// How many matching Pods each domain of each hard constraint has.
#[derive(Default)]
pub struct Counts(Vec<Constraint>);

struct Constraint {
    places: Places,
    /// By place; those that are no domain have none.
    counts: Vec<Option<i64>>,
    /// The fewest that a domain has.
    least: i64,
    max_skew: i64,
    /// 1 if the Pod itself will count.
    itself: i64,
}

/// A constraint's selector, with the Pod's own values of `matchLabelKeys`; empty if it has none, which takes no Pod.
pub fn selector_of(constraint: &SpreadConstraint, labels: &crate::api::Texts) -> LabelSelector {
    let Some(mut selector) = constraint.selector.clone() else { return LabelSelector::default() };
    for key in &constraint.match_label_keys {
        if let Some(value) = labels.get(key) {
            let values = vec![value.clone()];
            selector.match_expressions.push(Requirement { key: key.clone(), operator: "In".into(), values });
        }
    }
    selector
}

/// Whether a selector takes a Pod; no selector takes none.
fn selects(constraint: &SpreadConstraint, selector: &LabelSelector, labels: &crate::api::Texts) -> bool {
    constraint.selector.is_some() && selector.matches(labels)
}

/// A constraint that keeps the Pod out where it is not met, with its selector.
pub struct Hard<'a> {
    constraint: &'a SpreadConstraint,
    selector: LabelSelector,
}

impl Hard<'_> {
    /// Whether a Pod with these labels counts.
    pub fn takes(&self, labels: &crate::api::Texts) -> bool {
        selects(self.constraint, &self.selector, labels)
    }
    /// The label of nodes that makes the domains.
    pub fn key(&self) -> &str {
        &self.constraint.topology_key
    }
}

/// A Pod's constraints that keep it out.
pub fn hard(pod: &Object) -> Vec<Hard<'_>> {
    let all = pod.expect::<Pod>().spec.spread_constraints.iter();
    let hard = all.filter(|c| &*c.when_unsatisfiable == "DoNotSchedule");
    hard.map(|constraint| Hard { constraint, selector: selector_of(constraint, &pod.meta.labels) }).collect()
}

/// Whether a node has a label for each of those.
pub fn has_keys(pod: &Object, node: &Object) -> bool {
    hard(pod).iter().all(|c| node.meta.labels.get(c.key()).is_some())
}

impl Counts {
    pub fn of(pod: &Object, spec: &PodSpec, nodes: &Nodes, gone: &[Rc<Object>]) -> Counts {
        let hard = spec.spread_constraints.iter().filter(|c| &*c.when_unsatisfiable == "DoNotSchedule");
        let hard: Vec<(&SpreadConstraint, Places)> = hard.map(|c| (c, nodes.places.of(&c.topology_key))).collect();
        let count = |(constraint, places): &(&SpreadConstraint, Places)| {
            let selector = selector_of(constraint, &pod.meta.labels);
            let namespace = &pod.meta.namespace;
            let there = nodes.staying(namespace, &selector, gone);
            let policy = Policy::of(constraint);
            let mut counts = vec![None; places.count()];
            for info in nodes.by_name.values() {
                let has_all = hard.iter().all(|(_, places)| places.at(info.seat).is_some());
                if let Some(place) = places.at(info.seat).filter(|_| has_all && policy.takes(spec, info)) {
                    *counts[place as usize].get_or_insert(0) += there[info.seat as usize];
                }
            }
            let domains = || counts.iter().flatten();
            let few = constraint.min_domains.is_some_and(|least| (domains().count() as i64) < least);
            let least = if few { 0 } else { domains().min().copied().unwrap_or(0) };
            let (max_skew, itself) = (constraint.max_skew, i64::from(selects(constraint, &selector, &pod.meta.labels)));
            Constraint { places: places.clone(), counts, least, max_skew, itself }
        };
        Counts(hard.iter().map(count).collect())
    }
    /// Whether the Pod has no hard constraints.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Which nodes' Pods count.
#[derive(Clone, Copy)]
pub struct Policy {
    /// Only of those that the Pod's node affinity takes.
    affinity: bool,
    /// Only of those whose taints it tolerates.
    taints: bool,
}

impl Policy {
    pub const DEFAULT: Policy = Policy { affinity: true, taints: false };

    pub fn of(constraint: &SpreadConstraint) -> Policy {
        Policy {
            affinity: constraint.node_affinity_policy.as_deref().unwrap_or("Honor") == "Honor",
            taints: constraint.node_taints_policy.as_deref().unwrap_or("Ignore") == "Honor",
        }
    }

    /// Whether it takes all nodes.
    pub fn takes_all(self, spec: &PodSpec) -> bool {
        (!self.affinity || node_affinity::takes_all(spec)) && !self.taints
    }

    pub fn takes(self, spec: &PodSpec, info: &NodeInfo) -> bool {
        (!self.affinity || node_affinity::matches(spec, &info.node)) && (!self.taints || tolerates(spec, info))
    }
}

/// Whether a Pod tolerates all that would keep it out.
fn tolerates(spec: &PodSpec, info: &NodeInfo) -> bool {
    let mut hard = info.node.expect::<Node>().spec.taints.iter().filter(|t| &*t.effect != "PreferNoSchedule");
    hard.all(|taint| spec.tolerations.iter().any(|t| t.tolerates(taint)))
}

pub fn check(pod: &Candidate, info: &NodeInfo) -> Verdict {
    for constraint in &pod.spread.0 {
        let Some(domain) = constraint.places.find(info) else {
            let reason = "node(s) didn't match pod topology spread constraints (missing required label)";
            return Verdict::never(RULE, reason);
        };
        let here = constraint.counts.get(domain as usize).copied().flatten().unwrap_or(0);
        if here + constraint.itself - constraint.least > constraint.max_skew {
            return Verdict::full(RULE, "node(s) didn't match pod topology spread constraints");
        }
    }
    Verdict::Fits
}
