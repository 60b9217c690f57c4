//! The Pods on nodes by what they are made like, and how many of each making are where: rules that ask of many Pods ask each
//! making once.
//!
//! Not of Kubernetes: its scheduler asks of each Pod (countPodsMatchSelector, and in interpodaffinity on 16 threads).

use crate::api::Texts;
use crate::api::field::empty_text;
use crate::api::object::Object;
use crate::api::pod::{Affinity, Pod};
use crate::api::selector::LabelSelector;
use crate::sorted::Sorted;
use std::collections::BTreeSet;
use std::rc::Rc;

/// A node's number in [`super::node_info::Nodes`].
pub type Seat = u32;

/// How many Pods there are on each node that has any, in the order of the seats.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts(Vec<(Seat, u32)>);

impl Counts {
    fn place(&self, seat: Seat) -> Result<usize, usize> {
        self.0.binary_search_by_key(&seat, |(seat, _)| *seat)
    }
    /// How many there are on one node.
    pub fn on(&self, seat: Seat) -> i64 {
        self.place(seat).map_or(0, |i| i64::from(self.0[i].1))
    }
    pub fn iter(&self) -> impl Iterator<Item = (Seat, i64)> {
        self.0.iter().map(|(seat, count)| (*seat, i64::from(*count)))
    }
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    fn add(&mut self, seat: Seat) {
        match self.place(seat) {
            Ok(i) => self.0[i].1 += 1,
            Err(i) => self.0.insert(i, (seat, 1)),
        }
    }
    /// One that was added goes.
    fn take(&mut self, seat: Seat) {
        let i = self.place(seat).expect("a Pod that was counted");
        self.0[i].1 -= 1;
        if self.0[i].1 == 0 {
            self.0.remove(i);
        }
    }
}

/// What rules about company ask of a Pod.
#[derive(Clone, Copy, PartialEq)]
pub struct Party<'a> {
    pub namespace: &'a Rc<str>,
    pub labels: &'a Texts,
}

impl<'a> From<&'a Object> for Party<'a> {
    fn from(pod: &'a Object) -> Self {
        Party { namespace: &pod.meta.namespace, labels: &pod.meta.labels }
    }
}

/// Pods of one making: of the same namespace, with the same labels and the same wishes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Making {
    pub affinity: Option<Rc<Affinity>>,
    staying: Counts,
    leaving: Counts,
}

impl Making {
    fn is_of(&self, pod: &Pod) -> bool {
        match (&self.affinity, &pod.spec.affinity) {
            (Some(own), Some(other)) => Rc::ptr_eq(own, other) || own == other,
            (own, other) => own.is_none() && other.is_none(),
        }
    }
    fn side(&mut self, pod: &Object) -> &mut Counts {
        if pod.meta.deleting() { &mut self.leaving } else { &mut self.staying }
    }
    /// Those that are not leaving.
    pub fn staying(&self) -> &Counts {
        &self.staying
    }
    /// How many are where, those that are leaving too, but not these, which are regarded as away.
    pub fn present(&self, party: Party, away: &[(Seat, &Object)]) -> impl Iterator<Item = (Seat, i64)> {
        [(&self.staying, false), (&self.leaving, true)].into_iter().flat_map(move |(side, leaving)| {
            let like = |pod: &Object| Party::from(pod) == party && self.is_of(pod.expect());
            let own = away.iter().filter(|(_, pod)| pod.meta.deleting() == leaving && like(pod));
            let away: Vec<Seat> = own.map(|(seat, _)| *seat).collect();
            let left = move |(seat, count)| (seat, count - away.iter().filter(|other| **other == seat).count() as i64);
            side.iter().map(left).filter(|(_, count)| *count > 0)
        })
    }
}

/// A namespace, a label and its value; without a label: all of the namespace.
type Mark = (Rc<str>, Rc<str>, Rc<str>);

/// The Pods that take room on nodes, even on such as are not there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kin {
    /// By namespace and labels.
    makings: Sorted<(Rc<str>, Texts), Rc<Vec<Making>>>,
    /// The labels under which there are makings, by each of their marks.
    marks: Sorted<Mark, Rc<BTreeSet<Texts>>>,
}

impl Kin {
    /// Counts a Pod in.
    pub fn add(&mut self, pod: &Object, seat: Seat) {
        let group = (pod.meta.namespace.clone(), pod.meta.labels.clone());
        if !self.makings.contains_key(&group) {
            for mark in marks(&group) {
                Rc::make_mut(self.marks.entry(mark)).insert(group.1.clone());
            }
        }
        let makings = Rc::make_mut(self.makings.entry(group));
        let typed = pod.expect::<Pod>();
        let place = makings.iter().position(|making| making.is_of(typed)).unwrap_or_else(|| {
            makings.push(Making { affinity: typed.spec.affinity.clone(), ..Making::default() });
            makings.len() - 1
        });
        makings[place].side(pod).add(seat);
    }

    /// Counts a Pod out that was counted in.
    pub fn take(&mut self, pod: &Object, seat: Seat) {
        let group = (pod.meta.namespace.clone(), pod.meta.labels.clone());
        let makings = Rc::make_mut(self.makings.get_mut(&group).expect("a Pod that was counted"));
        let own = makings.iter_mut().find(|making| making.is_of(pod.expect()));
        own.expect("a Pod that was counted").side(pod).take(seat);
        self.drop_empty(group);
    }

    /// Forgets makings of which there is no Pod.
    fn drop_empty(&mut self, group: (Rc<str>, Texts)) {
        let empty = |making: &Making| making.staying.is_empty() && making.leaving.is_empty();
        if !self.makings[&group].iter().any(empty) {
            return;
        }
        let makings = Rc::make_mut(self.makings.get_mut(&group).expect("it is there"));
        makings.retain(|making| !empty(making));
        if !makings.is_empty() {
            return;
        }
        self.makings.remove(&group);
        for mark in marks(&group) {
            let labels = Rc::make_mut(self.marks.get_mut(&mark).expect("it was marked"));
            labels.remove(&group.1);
            if labels.is_empty() {
                self.marks.remove(&mark);
            }
        }
    }

    /// All Pods.
    pub fn all(&self) -> impl Iterator<Item = (Party<'_>, &Making)> {
        self.makings.iter().flat_map(|((namespace, labels), makings)| {
            makings.iter().map(move |making| (Party { namespace, labels }, making))
        })
    }

    /// The Pods of a namespace that a selector takes and that are not leaving.
    pub fn matching(&self, namespace: &Rc<str>, selector: &LabelSelector) -> Vec<&Counts> {
        let labels = selector.match_labels.iter().map(|(key, value)| (key.clone(), value.clone()));
        let marks = labels.chain([(empty_text(), empty_text())]);
        let found: Option<Vec<_>> =
            marks.map(|(key, value)| self.marks.get(&(namespace.clone(), key, value))).collect();
        let fewest = found.and_then(|all| all.into_iter().min_by_key(|labels| labels.len()));
        let taken = fewest.into_iter().flat_map(|all| all.iter()).filter(|labels| selector.matches(labels));
        let makings = taken.flat_map(|labels| self.makings[&(namespace.clone(), labels.clone())].iter());
        makings.map(Making::staying).collect()
    }
}

fn marks((namespace, labels): &(Rc<str>, Texts)) -> impl Iterator<Item = Mark> {
    let labels = labels.iter().map(|(key, value)| (key.clone(), value.clone()));
    labels.chain([(empty_text(), empty_text())]).map(|(key, value)| (namespace.clone(), key, value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{Kind, Metadata};
    use crate::value::Value;

    fn pod(namespace: &str, labels: &[(&str, &str)]) -> Object {
        let labels = labels.iter().copied().collect();
        let meta = Metadata { namespace: namespace.into(), labels, ..Default::default() };
        Object::make(Kind::Pod, meta, Value::empty_map())
    }

    fn count(kin: &Kin, labels: &[(&str, &str)]) -> i64 {
        let selector = LabelSelector { match_labels: labels.iter().copied().collect(), ..Default::default() };
        kin.matching(&"a".into(), &selector).iter().flat_map(|counts| counts.iter()).map(|(_, count)| count).sum()
    }

    #[test]
    fn a_selector_finds_its_pods_and_no_others() {
        let mut kin = Kin::default();
        let web = pod("a", &[("app", "web"), ("tier", "front")]);
        kin.add(&web, 0);
        kin.add(&web, 1);
        kin.add(&pod("a", &[("app", "web")]), 0);
        kin.add(&pod("a", &[]), 0);
        kin.add(&pod("b", &[("app", "web")]), 0);
        assert_eq!((count(&kin, &[("app", "web")]), count(&kin, &[])), (3, 4));
        assert_eq!((count(&kin, &[("tier", "front"), ("app", "web")]), count(&kin, &[("app", "db")])), (2, 0));
        kin.take(&web, 1);
        assert_eq!((count(&kin, &[("app", "web")]), count(&kin, &[])), (2, 3));
        kin.take(&web, 0);
        assert_eq!(count(&kin, &[("tier", "front")]), 0);
    }
}
