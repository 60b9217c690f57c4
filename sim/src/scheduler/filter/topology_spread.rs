//! Kubernetes 1.36: pkg/scheduler/framework/plugins/podtopologyspread. No zone (node, ...) may have many more of the
//! matching Pods than another.

use super::{Candidate, Verdict, node_affinity};
use crate::api::node::Node;
use crate::api::object::Object;
use crate::api::pod::{Pod, PodSpec, SpreadConstraint};
use crate::api::selector::{LabelSelector, Requirement};
use crate::scheduler::kin;
use crate::scheduler::node_info::{NodeInfo, Nodes};
use std::collections::BTreeMap;
use std::rc::Rc;

const RULE: &str = "PodTopologySpread";

/// How many matching Pods each domain of each hard constraint has.
#[derive(Default)]
pub struct Counts {
    constraints: Vec<(SpreadConstraint, LabelSelector, BTreeMap<Rc<str>, i64>)>,
    own_labels: crate::api::Texts,
}

/// A constraint's selector, with the Pod's own values of `matchLabelKeys`.
pub fn selector_of(constraint: &SpreadConstraint, labels: &crate::api::Texts) -> LabelSelector {
    let mut selector = constraint.selector.clone().unwrap_or_default();
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
        let hard: Vec<&SpreadConstraint> = hard.collect();
        let mut constraints = Vec::new();
        for constraint in &hard {
            let selector = selector_of(constraint, &pod.meta.labels);
            let namespace = &pod.meta.namespace;
            let kin = constraint.selector.as_ref().map(|_| nodes.kin.matching(namespace, &selector));
            let mut counts = BTreeMap::new();
            for info in nodes.by_name.values() {
                let labels = &info.node.meta.labels;
                let has_all = hard.iter().all(|c| labels.get(&c.topology_key).is_some());
                if !has_all || !counted(constraint, spec, info) {
                    continue;
                }
                let domain = labels.get(&constraint.topology_key).expect("checked above").clone();
                let leaves = |p: &&Rc<Object>| {
                    p.expect::<Pod>().spec.node_name == info.node.meta.name
                        && !p.meta.deleting()
                        && p.meta.namespace == *namespace
                        && selects(constraint, &selector, &p.meta.labels)
                };
                let here = kin.as_ref().map_or(0, |kin| kin::on(kin, info.seat));
                *counts.entry(domain).or_insert(0) += here - gone.iter().filter(leaves).count() as i64;
            }
            constraints.push(((*constraint).clone(), selector, counts));
        }
        Counts { constraints, own_labels: pod.meta.labels.clone() }
    }
    /// Whether the Pod has no hard constraints.
    pub fn is_empty(&self) -> bool {
        self.constraints.is_empty()
    }
}

/// Whether a node counts as a domain: by default those that the Pod's node affinity takes.
fn counted(constraint: &SpreadConstraint, spec: &PodSpec, info: &NodeInfo) -> bool {
    let affinity = constraint.node_affinity_policy.as_deref().unwrap_or("Honor") == "Honor";
    let taints = constraint.node_taints_policy.as_deref().unwrap_or("Ignore") == "Honor";
    let tolerated = || {
        let node = info.node.expect::<Node>();
        let mut hard = node.spec.taints.iter().filter(|t| &*t.effect != "PreferNoSchedule");
        hard.all(|taint| spec.tolerations.iter().any(|t| t.tolerates(taint)))
    };
    (!affinity || node_affinity::matches(spec, &info.node)) && (!taints || tolerated())
}

pub fn check(pod: &Candidate, info: &NodeInfo) -> Verdict {
    for (constraint, selector, counts) in &pod.spread.constraints {
        let Some(domain) = info.node.meta.labels.get(&constraint.topology_key) else {
            let reason = "node(s) didn't match pod topology spread constraints (missing required label)";
            return Verdict::never(RULE, reason);
        };
        let few = constraint.min_domains.is_some_and(|least| (counts.len() as i64) < least);
        let least = if few { 0 } else { counts.values().min().copied().unwrap_or(0) };
        let own = i64::from(selects(constraint, selector, &pod.spread.own_labels));
        let here = counts.get(domain).copied().unwrap_or(0);
        if here + own - least > constraint.max_skew {
            return Verdict::full(RULE, "node(s) didn't match pod topology spread constraints");
        }
    }
    Verdict::Fits
}
