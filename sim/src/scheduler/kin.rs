//! How many Pods of a kind stay on each node: what spreading counts. They are found by any of their labels, so that a Pod's
//! like need not be looked for among all Pods.
//!
//! Kubernetes 1.36: pkg/scheduler/framework/plugins/podtopologyspread/common.go (countPodsMatchSelector)

use crate::api::Texts;
use crate::api::field::empty_text;
use crate::api::object::Object;
use crate::api::selector::LabelSelector;
use std::collections::BTreeMap;
use std::rc::Rc;

/// A node's number in [`super::node_info::Nodes`].
pub type Seat = u32;

/// How many Pods there are on each node.
pub type Counts = BTreeMap<Seat, i64>;

/// A namespace, a label and its value; without a label: all of the namespace.
type Mark = (Rc<str>, Rc<str>, Rc<str>);

/// The Pods that are not leaving, by each of their marks, and there by all of their labels.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Kin(Rc<BTreeMap<Mark, Rc<BTreeMap<Texts, Rc<Counts>>>>>);

impl Kin {
    /// Counts a Pod in (`sign` 1) or out (-1).
    pub fn count(&mut self, pod: &Object, seat: Seat, sign: i64) {
        let meta = &pod.meta;
        let labels = meta.labels.iter().map(|(key, value)| (key.clone(), value.clone()));
        let all = Rc::make_mut(&mut self.0);
        for (key, value) in labels.chain([(empty_text(), empty_text())]) {
            let mark = (meta.namespace.clone(), key, value);
            let groups = Rc::make_mut(all.entry(mark.clone()).or_default());
            let counts = Rc::make_mut(groups.entry(meta.labels.clone()).or_default());
            let count = counts.entry(seat).or_default();
            *count += sign;
            if *count == 0 {
                counts.remove(&seat);
            }
            if counts.is_empty() {
                groups.remove(&meta.labels);
            }
            if groups.is_empty() {
                all.remove(&mark);
            }
        }
    }

    /// Forgets a node.
    pub fn forget(&mut self, seat: Seat) {
        for groups in Rc::make_mut(&mut self.0).values_mut() {
            let there = groups.values().any(|counts| counts.contains_key(&seat));
            if there {
                Rc::make_mut(groups).retain(|_, counts| {
                    Rc::make_mut(counts).remove(&seat);
                    !counts.is_empty()
                });
            }
        }
        Rc::make_mut(&mut self.0).retain(|_, groups| !groups.is_empty());
    }

    /// The Pods of a namespace that a selector takes.
    pub fn matching(&self, namespace: &Rc<str>, selector: &LabelSelector) -> Vec<&Counts> {
        let labels = selector.match_labels.iter().map(|(key, value)| (key.clone(), value.clone()));
        let marks = labels.chain([(empty_text(), empty_text())]);
        let found: Option<Vec<_>> = marks.map(|(key, value)| self.0.get(&(namespace.clone(), key, value))).collect();
        let Some(fewest) = found.and_then(|all| all.into_iter().min_by_key(|groups| groups.len())) else {
            return Vec::new();
        };
        fewest.iter().filter(|(labels, _)| selector.matches(labels)).map(|(_, counts)| &**counts).collect()
    }
}

/// How many of them stay on each node, by its seat: for those who ask of many nodes. `seats` is how many there are.
pub fn by_seat(found: &[&Counts], seats: Seat) -> Vec<i64> {
    let mut there = vec![0; seats as usize];
    for (seat, count) in found.iter().flat_map(|counts| counts.iter()) {
        there[*seat as usize] += count;
    }
    there
}

/// How many of the Pods that [`Kin::matching`] found stay on a node.
pub fn on(found: &[&Counts], seat: Seat) -> i64 {
    found.iter().filter_map(|counts| counts.get(&seat)).sum()
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
        kin.matching(&"a".into(), &selector).iter().flat_map(|counts| counts.values()).sum()
    }

    #[test]
    fn a_selector_finds_its_pods_and_no_others() {
        let mut kin = Kin::default();
        let web = pod("a", &[("app", "web"), ("tier", "front")]);
        kin.count(&web, 0, 1);
        kin.count(&web, 1, 1);
        kin.count(&pod("a", &[("app", "web")]), 0, 1);
        kin.count(&pod("a", &[]), 0, 1);
        kin.count(&pod("b", &[("app", "web")]), 0, 1);
        assert_eq!((count(&kin, &[("app", "web")]), count(&kin, &[])), (3, 4));
        assert_eq!((count(&kin, &[("tier", "front"), ("app", "web")]), count(&kin, &[("app", "db")])), (2, 0));
        kin.forget(0);
        assert_eq!(count(&kin, &[]), 1);
        kin.count(&web, 1, -1);
        assert_eq!(count(&kin, &[]), 0);
    }
}
