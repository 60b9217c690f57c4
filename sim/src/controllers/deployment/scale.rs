//! Kubernetes 1.36: pkg/controller/deployment/sync.go (scale), util/deployment_util.go (GetReplicaSetProportion)
//!
//! The Deployment was scaled: its one active ReplicaSet follows; in mid-rollout all share in proportion to their size.

use super::revision::{DESIRED, MAX};
use super::{BY, Look};
use crate::api::Kind;
use crate::api::field::Texts;
use crate::apiserver::events::Note;
use crate::apiserver::{Part, Patch, Request, Verb};
use crate::value::Value;

impl Look<'_> {
    /// Whether an active ReplicaSet still notes another number of wanted Pods.
    pub(super) fn is_scaling(&self) -> bool {
        self.sets.iter().filter(|s| s.size > 0).any(|s| self.noted(s, DESIRED).is_some_and(|n| n != self.spec.replicas))
    }

    fn noted(&self, set: &super::Set, annotation: &str) -> Option<i64> {
        set.annotation(annotation).and_then(|n| n.parse().ok())
    }

    pub(super) fn scale(&mut self) {
        let active: Vec<usize> = (0..self.sets.len()).filter(|i| self.sets[*i].size > 0).collect();
        match *active.as_slice() {
            [] => {
                let latest = self.sets.iter().position(|s| s.newest).or(self.sets.len().checked_sub(1));
                if let Some(i) = latest {
                    self.resize(i, self.spec.replicas);
                }
            }
            [one] => drop(self.resize(one, self.spec.replicas)),
            _ if self.is_saturated() => {
                for i in active {
                    if !self.sets[i].newest {
                        self.resize(i, 0);
                    }
                }
            }
            _ if self.is_rolling() => self.scale_in_proportion(active),
            _ => {}
        }
    }

    /// Whether the newest ReplicaSet has all wanted Pods, available, so that the old ones are not needed.
    fn is_saturated(&self) -> bool {
        let wanted = self.spec.replicas;
        self.newest().is_some_and(|s| {
            s.size == wanted && self.noted(s, DESIRED) == Some(wanted) && s.body().status.available == wanted
        })
    }

    /// Say 10 wanted and 3 more allowed were split 8 + 5 and 15 are wanted now: 18 allowed are 5 more, of which the
    /// bigger set gets round(8 × 18 / 13) - 8 = 3 and the other the rest.
    fn scale_in_proportion(&mut self, mut active: Vec<usize>) {
        let limit = if self.spec.replicas > 0 { self.spec.replicas + self.max_surge() } else { 0 };
        let to_add = limit - self.total_size();
        // Of equally big ones, the newer grows first and the older shrinks first.
        active.sort_by_key(|i| {
            let age = if to_add > 0 { -(*i as i64) } else { *i as i64 };
            (-self.sets[*i].size, age)
        });
        let mut added = 0;
        let mut sizes = Vec::new();
        for &i in &active {
            let share = if to_add == added { 0 } else { self.share(i) };
            let rest = to_add - added;
            let share = if to_add > 0 { share.min(rest) } else { share.max(rest) };
            added += share;
            sizes.push(self.sets[i].size + share);
        }
        for (n, &i) in active.iter().enumerate() {
            let leftover = if n == 0 { to_add - added } else { 0 };
            self.set_size(i, (sizes[n] + leftover).max(0));
        }
    }

    /// By how much a ReplicaSet would change to keep its proportion of the whole.
    fn share(&self, i: usize) -> i64 {
        let set = &self.sets[i];
        if self.spec.replicas == 0 {
            return -set.size;
        }
        let before = self.noted(set, MAX).filter(|n| *n != 0).unwrap_or(self.status.replicas);
        if before == 0 {
            return 0;
        }
        let now = self.spec.replicas + self.max_surge();
        (2 * set.size * now + before) / (2 * before) - set.size
    }

    /// Gives a ReplicaSet another size; answers whether it had one.
    pub(super) fn resize(&mut self, i: usize, size: i64) -> bool {
        let differs = self.sets[i].size != size;
        if differs {
            self.set_size(i, size);
        }
        differs
    }

    /// Writes size and notes of a ReplicaSet, if they differ.
    fn set_size(&mut self, i: usize, size: i64) {
        let notes = self.size_notes();
        let set = &mut self.sets[i];
        let before = set.size;
        if before == size && notes.within(&set.object.meta.annotations) {
            return;
        }
        let mut patch = Value::map([("metadata", Value::map([("annotations", crate::api::Field::write(&notes))]))]);
        if before != size {
            patch.at_mut(&["spec"]).set("replicas", Value::Int(size));
        }
        set.size = size;
        let verb = Verb::Patch(Patch::Merge(patch), Part::Main);
        self.out.request(Request::new(BY, Kind::ReplicaSet, set.object.key(), verb));
        if before != size {
            let way = if size > before { "up" } else { "down" };
            let message = format!("Scaled {way} replica set {} from {before} to {size}", set.object.meta.name);
            self.out.event(Note::normal(self.object, BY, "ScalingReplicaSet", message));
        }
    }

    /// What every ReplicaSet notes of the whole: how many Pods are wanted, how many there may be.
    pub(super) fn size_notes(&self) -> Texts {
        let (desired, max) = (self.spec.replicas, self.spec.replicas + self.max_surge());
        Texts::from_iter([(DESIRED, desired.to_string()), (MAX, max.to_string())])
    }
}
