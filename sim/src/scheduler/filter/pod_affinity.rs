//! Kubernetes 1.36: pkg/scheduler/framework/plugins/interpodaffinity/filtering.go. Pods that must be near others, or
//! must not.

use super::{Candidate, Verdict};
use crate::api::object::Object;
use crate::api::pod::{Pod, PodAffinity, PodSpec, PodTerm};
use crate::api::selector::Requirement;
use crate::api::{Kind, Texts};
use crate::scheduler::alike::Alike;
use crate::scheduler::node_info::{NodeInfo, Nodes, takes_room};
use crate::store::Store;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

const RULE: &str = "InterPodAffinity";

/// Places: labels of nodes and their values.
#[derive(Default)]
struct Places(BTreeMap<Rc<str>, BTreeSet<Rc<str>>>);

impl Places {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// Adds where a node with these labels is.
    fn add(&mut self, key: &Rc<str>, labels: &Texts) {
        let Some(value) = labels.get(key) else { return };
        if !self.has(key, labels) {
            self.0.entry(key.clone()).or_default().insert(value.clone());
        }
    }
    /// Whether a node with these labels is in one of the places of this key.
    fn has(&self, key: &str, labels: &Texts) -> bool {
        self.0.get(key).is_some_and(|values| labels.get(key).is_some_and(|value| values.contains(value)))
    }
    /// Whether it is in any of the places.
    fn any(&self, labels: &Texts) -> bool {
        self.0.keys().any(|key| self.has(key, labels))
    }
}

/// Where the Pods are that matter to the Pod.
#[derive(Default)]
pub struct Counts {
    /// Places that Pods there keep the Pod away from.
    repelled: Places,
    /// Places with Pods that all the Pod's affinity terms match.
    friends: Places,
    /// Places with Pods that an anti-affinity term of the Pod matches.
    foes: Places,
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
        let mut alike = Alike::new();
        for info in nodes.by_name.values() {
            if info.pods > 0 && (own || info.repelling > 0) {
                counts.look_at(pod, store, info, gone, &mut alike);
            }
        }
        counts
    }

    /// Whether the Pod may have any company.
    pub fn is_empty(&self) -> bool {
        self.affinity.is_empty() && self.anti.is_empty() && self.repelled.is_empty()
    }

    fn look_at<'a>(
        &mut self,
        pod: &Object,
        store: &'a Store,
        info: &NodeInfo,
        gone: &[Rc<Object>],
        alike: &mut Alike<'a, Regard>,
    ) {
        let labels = &info.node.meta.labels;
        let absent = |p: &Object| p.meta.uid == pod.meta.uid || gone.iter().any(|g| g.meta.uid == p.meta.uid);
        for other in store.pods_on(&info.node.meta.name).filter(|p| takes_room(p) && !absent(p)) {
            let regard = alike.of(other, || self.regard(pod, other, store));
            regard.repels.iter().for_each(|key| self.repelled.add(key, labels));
            if regard.friend {
                self.affinity.iter().for_each(|term| self.friends.add(&term.topology_key, labels));
            }
            regard.foe.iter().for_each(|key| self.foes.add(key, labels));
        }
    }

    fn regard(&self, pod: &Object, other: &Object, store: &Store) -> Regard {
        let keys = |terms: &mut dyn Iterator<Item = &PodTerm>| terms.map(|term| term.topology_key.clone()).collect();
        let (_, theirs) = required(&other.expect::<Pod>().spec);
        Regard {
            repels: keys(&mut theirs.iter().filter(|t| matches(t, other, pod, store))),
            friend: !self.affinity.is_empty() && self.affinity.iter().all(|t| matches(t, pod, other, store)),
            foe: keys(&mut self.anti.iter().filter(|t| matches(t, pod, other, store))),
        }
    }
}

/// What a Pod that is there is to the one that is to come.
struct Regard {
    /// The labels of nodes within whose places it keeps that one away.
    repels: Vec<Rc<str>>,
    /// All of that one's affinity terms match it.
    friend: bool,
    /// The labels of nodes within whose places that one keeps away from it.
    foe: Vec<Rc<str>>,
}

pub fn check(pod: &Candidate, info: &NodeInfo) -> Verdict {
    let counts = &pod.affinity;
    let labels = &info.node.meta.labels;
    let near = counts.affinity.iter().all(|t| counts.friends.has(&t.topology_key, labels));
    let somewhere = counts.affinity.iter().all(|t| labels.get(&t.topology_key).is_some());
    let first = counts.friends.is_empty() && counts.matches_itself && somewhere;
    if !near && !first {
        return Verdict::never(RULE, "node(s) didn't match pod affinity rules");
    }
    if counts.anti.iter().any(|t| counts.foes.has(&t.topology_key, labels)) {
        return Verdict::full(RULE, "node(s) didn't match pod anti-affinity rules");
    }
    if counts.repelled.any(labels) {
        return Verdict::full(RULE, "node(s) didn't satisfy existing pods anti-affinity rules");
    }
    Verdict::Fits
}
