//! Kubernetes 1.36: pkg/scheduler/framework/plugins/interpodaffinity/filtering.go. Pods that must be near others, or
//! must not.

use super::{Candidate, Verdict};
use crate::api::object::Object;
use crate::api::pod::{PodAffinity, PodSpec, PodTerm};
use crate::api::selector::{LabelSelector, Requirement};
use crate::api::{Kind, Texts};
use crate::scheduler::kin::Party;
use crate::scheduler::node_info::{NodeInfo, Nodes};
use crate::scheduler::places::{Map, Tally};
use crate::store::Store;
use std::borrow::Cow;
use std::rc::Rc;

const RULE: &str = "InterPodAffinity";

/// Where the Pods are that matter to the Pod.
#[derive(Default)]
pub struct Counts {
    /// Those that keep the Pod away, by each label of nodes within whose places they do.
    repelling: Vec<Tally>,
    /// For each of the Pod's affinity terms: those that all of these match.
    friends: Vec<Tally>,
    /// For each of its anti-affinity terms: those that it matches.
    foes: Vec<Tally>,
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

/// A term, made ready for being asked about many Pods.
pub struct Wish<'a> {
    pub term: &'a PodTerm,
    owner: Party<'a>,
    /// With the owner's own values of `matchLabelKeys` and `mismatchLabelKeys`; no selector takes no Pod.
    selector: Option<Cow<'a, LabelSelector>>,
}

impl<'a> Wish<'a> {
    pub fn new(term: &'a PodTerm, owner: Party<'a>) -> Wish<'a> {
        let mut selector = term.selector.as_ref().map(Cow::Borrowed);
        for (keys, operator) in [(&term.match_label_keys, "In"), (&term.mismatch_label_keys, "NotIn")] {
            for key in keys {
                if let (Some(value), Some(selector)) = (owner.labels.get(key), &mut selector) {
                    let values = vec![value.clone()];
                    let own = Requirement { key: key.clone(), operator: operator.into(), values };
                    selector.to_mut().match_expressions.push(own);
                }
            }
        }
        Wish { term, owner, selector }
    }

    fn all(terms: &'a [PodTerm], owner: Party<'a>) -> Vec<Wish<'a>> {
        terms.iter().map(|term| Wish::new(term, owner)).collect()
    }

    /// Whether it means a Pod.
    pub fn means(&self, other: Party, store: &Store) -> bool {
        let term = self.term;
        let in_namespace = if term.namespaces.is_empty() && term.namespace_selector.is_none() {
            self.owner.namespace == other.namespace
        } else {
            let labels = || {
                let namespace = store.find(Kind::Namespace, "", other.namespace);
                namespace.map_or(Texts::default(), |n| n.meta.labels.clone())
            };
            term.namespaces.contains(other.namespace)
                || term.namespace_selector.as_ref().is_some_and(|s| s.matches(&labels()))
        };
        in_namespace && self.selector.as_ref().is_some_and(|selector| selector.matches(other.labels))
    }
}

/// Whether a term of `owner` means `other`.
pub fn matches(term: &PodTerm, owner: &Object, other: &Object, store: &Store) -> bool {
    Wish::new(term, owner.into()).means(other.into(), store)
}

impl Counts {
    pub fn of(pod: &Object, spec: &PodSpec, store: &Store, nodes: &Nodes, gone: &[Rc<Object>]) -> Counts {
        let (affinity, anti) = required(spec);
        let tallies =
            |terms: &[PodTerm]| terms.iter().map(|term| Tally::new(nodes.places.of(&term.topology_key))).collect();
        let mut counts = Counts {
            repelling: Vec::new(),
            friends: tallies(affinity),
            foes: tallies(anti),
            matches_itself: affinity.iter().all(|t| matches(t, pod, pod, store)),
        };
        if !counts.is_empty() || nodes.repelling > 0 {
            counts.look(pod.into(), (affinity, anti), store, nodes, gone);
        }
        counts
    }

    /// Whether the Pod may have any company.
    pub fn is_empty(&self) -> bool {
        self.friends.is_empty() && self.foes.is_empty() && self.repelling.is_empty()
    }

    fn look(&mut self, pod: Party, own: (&[PodTerm], &[PodTerm]), store: &Store, nodes: &Nodes, gone: &[Rc<Object>]) {
        let away = nodes.seated_of(gone);
        let (affinity, anti) = (Wish::all(own.0, pod), Wish::all(own.1, pod));
        for (other, making) in nodes.kin.all() {
            let present = || making.present(other, &away);
            let theirs = making.affinity.as_ref().and_then(|a| a.anti.as_ref()).map_or(&[][..], |anti| &anti.required);
            for term in theirs.iter().filter(|term| Wish::new(term, other).means(pod, store)) {
                let tally = tally_of(&mut self.repelling, &nodes.places, &term.topology_key);
                present().for_each(|(seat, count)| tally.add(seat, count));
            }
            if !affinity.is_empty() && affinity.iter().all(|wish| wish.means(other, store)) {
                for tally in &mut self.friends {
                    present().for_each(|(seat, count)| tally.add(seat, count));
                }
            }
            for (tally, _) in self.foes.iter_mut().zip(&anti).filter(|(_, wish)| wish.means(other, store)) {
                present().for_each(|(seat, count)| tally.add(seat, count));
            }
        }
    }
}

/// The tally of a label's places, made if it is not there.
pub fn tally_of<'a>(tallies: &'a mut Vec<Tally>, places: &Map, key: &Rc<str>) -> &'a mut Tally {
    let found = tallies.iter().position(|tally| tally.places.key == *key).unwrap_or_else(|| {
        tallies.push(Tally::new(places.of(key)));
        tallies.len() - 1
    });
    &mut tallies[found]
}

pub fn check(pod: &Candidate, info: &NodeInfo) -> Verdict {
    let counts = &pod.affinity;
    let somebody = |tally: &Tally| tally.of(info) > 0;
    let near = counts.friends.iter().all(somebody);
    let first = || {
        let somewhere = counts.friends.iter().all(|tally| tally.places.find(info).is_some());
        counts.matches_itself && somewhere && counts.friends.iter().all(Tally::is_empty)
    };
    if !near && !first() {
        return Verdict::never(RULE, "node(s) didn't match pod affinity rules");
    }
    if counts.foes.iter().any(somebody) {
        return Verdict::full(RULE, "node(s) didn't match pod anti-affinity rules");
    }
    if counts.repelling.iter().any(somebody) {
        return Verdict::full(RULE, "node(s) didn't satisfy existing pods anti-affinity rules");
    }
    Verdict::Fits
}
