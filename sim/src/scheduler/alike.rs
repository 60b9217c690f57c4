//! Pods of one making have the same labels and the same wishes: what holds for one of them holds for all, and in a large cluster
//! most Pods on a node are like one that was looked at before.
//!
//! Not of Kubernetes: its scheduler asks of many Pods at once, each on its own.

use crate::api::Texts;
use crate::api::field::same_text;
use crate::api::object::Object;
use crate::api::pod::{Affinity, Pod};
use std::rc::Rc;

/// So many makings are remembered.
const MOST: usize = 16;

/// What was found out about Pods, by what they are made like.
pub struct Alike<'a, T>(Vec<(Making<'a>, T)>);

#[derive(PartialEq)]
struct Making<'a> {
    namespace: &'a Rc<str>,
    labels: &'a Texts,
    affinity: Wishes<'a>,
}

/// Wishes are told apart by where they are: equal ones that are two are merely looked at twice.
struct Wishes<'a>(Option<&'a Rc<Affinity>>);

impl PartialEq for Wishes<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self.0, other.0) {
            (Some(a), Some(b)) => Rc::ptr_eq(a, b),
            (a, b) => a.is_none() && b.is_none(),
        }
    }
}

impl<'a, T> Alike<'a, T> {
    pub fn new() -> Self {
        Alike(Vec::new())
    }

    /// What `find` says of a Pod, or said of one like it. It must ask for nothing but namespace, labels and affinity.
    pub fn of(&mut self, pod: &'a Object, find: impl FnOnce() -> T) -> &T {
        let meta = &pod.meta;
        let affinity = Wishes(pod.expect::<Pod>().spec.affinity.as_ref());
        let making = Making { namespace: &meta.namespace, labels: &meta.labels, affinity };
        let same = |known: &Making| {
            known.affinity == making.affinity
                && same_text(known.namespace, making.namespace)
                && known.labels == making.labels
        };
        let place = self.0.iter().position(|(known, _)| same(known)).unwrap_or_else(|| {
            if self.0.len() == MOST {
                self.0.remove(0);
            }
            self.0.push((making, find()));
            self.0.len() - 1
        });
        &self.0[place].1
    }
}
