//! Kubernetes 1.36: pkg/scheduler/framework/plugins/interpodaffinity/filtering.go. Pods that must be near others, or
//! must not.

use super::{Candidate, Verdict};
use crate::api::object::Object;
use crate::api::pod::{Pod, PodAffinity, PodSpec, PodTerm};
use crate::api::selector::Requirement;
use crate::api::{Kind, Texts};
use crate::scheduler::node_info::{NodeInfo, Nodes, takes_room};
use crate::store::Store;
use std::collections::BTreeSet;
use std::rc::Rc;

const RULE: &str = "InterPodAffinity";

/// A place: a label of nodes and its value.
type Place = (Rc<str>, Rc<str>);

/// Where the Pods are that matter to the Pod.
#[derive(Default)]
pub struct Counts {
    /// Places that Pods there keep the Pod away from.
    repelled: BTreeSet<Place>,
    /// Places with Pods that all the Pod's affinity terms match.
    friends: BTreeSet<Place>,
    /// Places with Pods that an anti-affinity term of the Pod matches.
    foes: BTreeSet<Place>,
    affinity: Vec<PodTerm>,
    anti: Vec<PodTerm>,
    /// The Pod matches its own affinity terms, so that the first of its kind finds a place.
    matches_itself: bool,
}

/// The required terms of a Pod: affinity, anti-affinity.
pub fn required(spec: &PodSpec) -> (&[PodTerm], &[PodTerm]) {
    let Some(affinity) = &spec.affinity else { return (&[], &[]) };
    fn terms(a: &Option<PodAffinity>) -> &[PodTerm] {
        a.as_ref().map_or(&[], |a| &a.required)
    }
    (terms(&affinity.pod), terms(&affinity.anti))
}

/// Whether a term of `owner` means `other`.
pub fn matches(term: &PodTerm, owner: &Object, other: &Object, store: &Store) -> bool {
    let in_namespace = if term.namespaces.is_empty() && term.namespace_selector.is_none() {
        owner.meta.namespace == other.meta.namespace
    } else {
        let labels = || {
            let namespace = store.find(Kind::Namespace, "", &other.meta.namespace);
            namespace.map_or(Texts::default(), |n| n.meta.labels.clone())
        };
        term.namespaces.contains(&other.meta.namespace)
            || term.namespace_selector.as_ref().is_some_and(|s| s.matches(&labels()))
    };
    in_namespace && term.selector.is_some() && selector(term, &owner.meta.labels).matches(&other.meta.labels)
}

/// A term's selector, with its owner's own values of `matchLabelKeys` and `mismatchLabelKeys`.
fn selector(term: &PodTerm, labels: &Texts) -> crate::api::selector::LabelSelector {
    let mut selector = term.selector.clone().unwrap_or_default();
    for (keys, operator) in [(&term.match_label_keys, "In"), (&term.mismatch_label_keys, "NotIn")] {
        for key in keys {
            if let Some(value) = labels.get(key) {
                let values = vec![value.clone()];
                selector.match_expressions.push(Requirement { key: key.clone(), operator: operator.into(), values });
            }
        }
    }
    selector
}

impl Counts {
    pub fn of(pod: &Object, spec: &PodSpec, store: &Store, nodes: &Nodes, gone: &[Rc<Object>]) -> Counts {
        let (affinity, anti) = required(spec);
        let mut counts = Counts {
            affinity: affinity.to_vec(),
            anti: anti.to_vec(),
            matches_itself: affinity.iter().all(|t| matches(t, pod, pod, store)),
            ..Default::default()
        };
        let own = !affinity.is_empty() || !anti.is_empty();
        if !own && nodes.repelling == 0 {
            return counts;
        }
        for info in nodes.by_name.values() {
            if own || info.repelling > 0 {
                counts.look_at(pod, store, info, gone);
            }
        }
        counts
    }

    /// Whether the Pod may have any company.
    pub fn is_empty(&self) -> bool {
        self.affinity.is_empty() && self.anti.is_empty() && self.repelled.is_empty()
    }

    fn look_at(&mut self, pod: &Object, store: &Store, info: &NodeInfo, gone: &[Rc<Object>]) {
        let labels = &info.node.meta.labels;
        let place = |term: &PodTerm| Some((term.topology_key.clone(), labels.get(&term.topology_key)?.clone()));
        let absent = |p: &Object| p.meta.uid == pod.meta.uid || gone.iter().any(|g| g.meta.uid == p.meta.uid);
        for other in store.pods_on(&info.node.meta.name).filter(|p| takes_room(p) && !absent(p)) {
            let (_, theirs) = required(&other.expect::<Pod>().spec);
            let repelling = theirs.iter().filter(|t| matches(t, other, pod, store));
            self.repelled.extend(repelling.filter_map(place));
            if !self.affinity.is_empty() && self.affinity.iter().all(|t| matches(t, pod, other, store)) {
                self.friends.extend(self.affinity.iter().filter_map(place));
            }
            let foes = self.anti.iter().filter(|t| matches(t, pod, other, store));
            self.foes.extend(foes.filter_map(place));
        }
    }
}

pub fn check(pod: &Candidate, info: &NodeInfo) -> Verdict {
    let counts = &pod.affinity;
    let labels = &info.node.meta.labels;
    let place = |term: &PodTerm| labels.get(&term.topology_key).map(|v| (term.topology_key.clone(), v.clone()));
    let near = counts.affinity.iter().all(|t| place(t).is_some_and(|p| counts.friends.contains(&p)));
    let first =
        counts.friends.is_empty() && counts.matches_itself && counts.affinity.iter().all(|t| place(t).is_some());
    if !near && !first {
        return Verdict::never(RULE, "node(s) didn't match pod affinity rules");
    }
    if counts.anti.iter().any(|t| place(t).is_some_and(|p| counts.foes.contains(&p))) {
        return Verdict::full(RULE, "node(s) didn't match pod anti-affinity rules");
    }
    if counts.repelled.iter().any(|(key, value)| labels.get(key) == Some(value)) {
        return Verdict::full(RULE, "node(s) didn't satisfy existing pods anti-affinity rules");
    }
    Verdict::Fits
}
