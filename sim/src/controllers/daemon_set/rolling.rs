//! Kubernetes 1.36: pkg/controller/daemon/update.go
//!
//! Rolling update: a node's old Pod goes first and makes room for the new one, or with surge the new one comes first. A
//! Pod that is not available anyway is replaced at once, and counts as one that is missing.

use super::{Look, Wanted, node, pod};
use crate::api::Kind;
use crate::api::object::Object;
use std::rc::Rc;

impl Look<'_> {
    /// How many nodes should run a Pod.
    pub(super) fn desired(&self) -> i64 {
        let spec = pod::spec_with_tolerations(self.spec);
        self.cluster.store.list(Kind::Node).filter(|n| node::should_run(&spec, n).0).count() as i64
    }

    pub(super) fn max_surge(&self, desired: i64) -> i64 {
        let rolling = self.spec.update.rolling.as_ref().filter(|_| &*self.spec.update.kind == "RollingUpdate");
        rolling.and_then(|r| r.max_surge.as_ref()).map_or(0, |x| x.of(desired, true))
    }

    /// Nodes that may be without an available Pod; if both round to 0, one may.
    fn max_unavailable(&self, desired: i64) -> i64 {
        let rolling = self.spec.update.rolling.as_ref();
        let unavailable = rolling.and_then(|r| r.max_unavailable.as_ref()).map_or(0, |x| x.of(desired, true));
        if unavailable == 0 && self.max_surge(desired) == 0 { 1 } else { unavailable }
    }

    pub(super) fn roll(&self) -> Wanted {
        let desired = self.desired();
        match self.max_surge(desired) {
            0 => self.replace(self.max_unavailable(desired)),
            surge => self.surge(surge, desired),
        }
    }

    /// Old Pods go as far as `most` nodes may be without.
    fn replace(&self, most: i64) -> Wanted {
        let (mut unavailable, mut anyway, mut candidates) = (0, Vec::new(), Vec::new());
        for here in self.by_node.values() {
            match self.pair(here) {
                Some((Some(new), None)) => unavailable += i64::from(!self.is_available(&new)),
                Some((None, Some(old))) if !self.is_available(&old) => {
                    unavailable += 1;
                    anyway.push(old);
                }
                Some((None, Some(old))) => candidates.push(old),
                // The node is being seen to.
                _ => unavailable += 1,
            }
        }
        let room = (most - unavailable).max(0) as usize;
        anyway.extend(candidates.into_iter().take(room));
        Wanted { delete: anyway, create: Vec::new() }
    }

    /// New Pods come as far as `most` nodes may have two; then the old one goes. On a node that should have none (any more)
    /// the old one stays until enough others are available for the `desired` nodes.
    fn surge(&self, most: i64, desired: i64) -> Wanted {
        let (mut surging, mut available) = (0, 0);
        let (mut anyway, mut candidates, mut astray, mut delete) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (name, here) in &self.by_node {
            let Some((new, old)) = self.pair(here) else {
                surging += 1;
                continue;
            };
            available += i64::from(old.as_ref().or(new.as_ref()).is_some_and(|pod| self.is_available(pod)));
            match (new, old) {
                (_, None) => {}
                (None, Some(old)) => match (self.is_wanted_on(name), self.is_available(&old)) {
                    (true, true) => candidates.push(name.clone()),
                    (true, false) => anyway.push(name.clone()),
                    (false, true) => astray.push(old),
                    (false, false) => delete.push(old),
                },
                (Some(new), Some(_)) if !self.is_available(&new) => surging += 1,
                (Some(_), Some(old)) => delete.push(old),
            }
        }
        delete.extend(astray.into_iter().take((available - desired).max(0) as usize));
        let room = (most - surging).max(0) as usize;
        anyway.extend(candidates.into_iter().take(room));
        Wanted { delete, create: anyway }
    }

    /// Whether a node should have a Pod; where one may stay, none need come.
    fn is_wanted_on(&self, node: &str) -> bool {
        let spec = pod::spec_with_tolerations(self.spec);
        self.cluster.store.find(Kind::Node, "", node).is_some_and(|node| node::should_run(&spec, node).0)
    }

    /// The new and the old Pod of a node; `None` if there are two of one sort.
    fn pair(&self, here: &[Rc<Object>]) -> Option<(Option<Rc<Object>>, Option<Rc<Object>>)> {
        let (mut new, mut old) = (None, None);
        for pod in here.iter().filter(|p| !p.meta.deleting()) {
            let place: &mut Option<Rc<Object>> = if self.is_updated(pod) { &mut new } else { &mut old };
            if place.replace(pod.clone()).is_some() {
                return None;
            }
        }
        Some((new, old))
    }
}
