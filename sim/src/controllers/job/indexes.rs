//! Kubernetes 1.36: pkg/controller/job/indexed_job_utils.go
//!
//! Indexed Jobs: each Pod has a number, and each number has to succeed once.

use super::{FINALIZER, Look, back_off, policy};
use crate::api::object::Object;
use crate::value::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::rc::Rc;

/// The label and annotation of a Pod with its index.
pub const INDEX: &str = "batch.kubernetes.io/job-completion-index";
/// How often a Pod's index had failed before, as far as the policy counts it, and as far as it does not.
const FAILURES: &str = "batch.kubernetes.io/job-index-failure-count";
const IGNORED: &str = "batch.kubernetes.io/job-index-ignored-failure-count";

/// A set of indexes, written as `0-2,5`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Indexes(BTreeSet<i64>);

impl Indexes {
    pub fn parse(text: &str) -> Indexes {
        let parts = text.split(',').filter_map(|part| {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            Some((first.trim().parse::<i64>().ok()?, last.trim().parse::<i64>().ok()?))
        });
        Indexes(parts.flat_map(|(first, last)| first..=last.min(first + 1_000_000)).collect())
    }
    pub fn insert(&mut self, index: i64) {
        self.0.insert(index);
    }
    pub fn len(&self) -> i64 {
        self.0.len() as i64
    }
    /// How many of the listed indexes are in this set.
    pub fn count_of(&self, some: &str) -> i64 {
        Indexes::parse(some).0.intersection(&self.0).count() as i64
    }
}

impl fmt::Display for Indexes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut runs: Vec<(i64, i64)> = Vec::new();
        for &i in &self.0 {
            match runs.last_mut() {
                Some((_, last)) if *last + 1 == i => *last = i,
                _ => runs.push((i, i)),
            }
        }
        let text = |(first, last): &(i64, i64)| match last - first {
            0 => first.to_string(),
            1 => format!("{first},{last}"),
            _ => format!("{first}-{last}"),
        };
        f.write_str(&runs.iter().map(text).collect::<Vec<_>>().join(","))
    }
}

/// A Pod's index.
pub fn of(pod: &Object) -> Option<i64> {
    pod.meta.annotations.get(INDEX).and_then(|i| i.parse().ok())
}

/// Active Pods apart: those without a valid index of their own, and the rest.
pub fn split(active: &[Rc<Object>], completions: i64) -> (Vec<Rc<Object>>, Vec<Rc<Object>>) {
    let mut taken = BTreeSet::new();
    active.iter().cloned().partition(|p| !of(p).is_some_and(|i| i < completions && taken.insert(i)))
}

impl Look<'_> {
    /// The lowest indexes that have no Pod and need one; with a limit for each index also none that waits.
    pub(super) fn pending_indexes(&mut self, count: i64) -> Vec<i64> {
        let busy: BTreeSet<i64> = self.active().filter_map(|p| of(p)).collect();
        let free = 0..self.spec.completions.unwrap_or(0);
        let free = free.filter(|i| !busy.contains(i) && !self.done.0.contains(i) && !self.lost.0.contains(i));
        let mut pending: Vec<i64> = free.collect();
        if self.spec.backoff_limit_per_index.is_some() {
            pending.retain(|i| self.index_may_start(*i));
        }
        pending.truncate(count as usize);
        pending
    }

    /// Whether the wait after an index's last failure is over; if not, asks to look again then.
    fn index_may_start(&mut self, index: i64) -> bool {
        let (counted, ignored) = self.failures_of(index);
        let failures = counted + ignored;
        let last =
            self.pods.iter().filter(|p| of(p) == Some(index) && self.has_failed(p)).map(|p| back_off::finish(p)).max();
        let (Some(last), true) = (last, failures > 0) else { return true };
        let wait = 10_000_i64.checked_shl(failures as u32 - 1).unwrap_or(600_000).min(600_000);
        let end = self.cluster.time_of(crate::api::Stamp(last.0 + wait));
        if end > self.cluster.now {
            self.out.again_at(end);
        }
        end <= self.cluster.now
    }

    /// How often an index has failed, so that it counts and ignored: its last Pod notes how often before.
    fn failures_of(&self, index: i64) -> (i64, i64) {
        let failed = self.pods.iter().filter(|p| of(p) == Some(index) && self.has_failed(p));
        let count = |p: &Rc<Object>| {
            let before = |name: &str| p.meta.annotations.get(name).and_then(|n| n.parse::<i64>().ok()).unwrap_or(0);
            let counts = self.counts(p);
            (before(FAILURES) + i64::from(counts), before(IGNORED) + i64::from(!counts))
        };
        failed.map(count).max_by_key(|(counted, ignored)| counted + ignored).unwrap_or_default()
    }

    /// The indexes that have failed too often, or whose failure the policy makes final.
    pub(super) fn lost_indexes(&self) -> Indexes {
        let mut lost = Indexes::parse(self.status.failed_indexes.as_deref().unwrap_or(""));
        let Some(limit) = self.spec.backoff_limit_per_index else { return Indexes::default() };
        // Pods that go because the Job ends were let go of when that was said: their indexes are not lost.
        if self.status.conditions.iter().any(|c| matches!(&*c.kind, "FailureTarget" | "SuccessCriteriaMet")) {
            return lost;
        }
        let mut fatal: BTreeMap<i64, bool> = BTreeMap::new();
        for pod in self.pods.iter().filter(|p| self.has_failed(p) && p.meta.has_finalizer(FINALIZER)) {
            if let Some(index) = of(pod) {
                let policy = self.spec.failure_policy.as_ref();
                *fatal.entry(index).or_default() |= policy.is_some_and(|p| policy::verdict(p, pod).fails_index);
            }
        }
        for (index, fatal) in fatal {
            if !self.done.0.contains(&index) && (fatal || self.failures_of(index).0 > limit) {
                lost.insert(index);
            }
        }
        lost
    }

    /// Whether a failed Pod is still needed to tell how often its index failed: until it has a successor.
    pub(super) fn waits_for_its_index(&self, pod: &Object) -> bool {
        let (Some(_), Some(index)) = (self.spec.backoff_limit_per_index, of(pod)) else { return false };
        let succeeded = self.done.0.contains(&index) || self.lost.0.contains(&index);
        let replaced = self.pods.iter().any(|p| of(p) == Some(index) && p.meta.creation > pod.meta.creation);
        !succeeded && !replaced
    }

    /// Makes a Pod one of this index.
    pub(super) fn give_index(&self, pod: &mut Value, index: i64) {
        let text = index.to_string();
        let name = format!("{}-{index}", self.object.meta.name);
        let meta = pod.at_mut(&["metadata"]);
        meta.set("generateName", Value::str(format!("{name}-")));
        meta.at_mut(&["annotations"]).set(INDEX, text.as_str().into());
        meta.at_mut(&["labels"]).set(INDEX, text.as_str().into());
        if self.spec.backoff_limit_per_index.is_some() {
            let (counted, ignored) = self.failures_of(index);
            meta.at_mut(&["annotations"]).set(FAILURES, counted.to_string().into());
            if ignored > 0 {
                meta.at_mut(&["annotations"]).set(IGNORED, ignored.to_string().into());
            }
        }
        let spec = pod.at_mut(&["spec"]);
        spec.set_default("hostname", || name.as_str().into());
        let reference = Value::map([("fieldPath", Value::str(format!("metadata.labels['{INDEX}']")))]);
        let variable = Value::map([
            ("name", Value::from("JOB_COMPLETION_INDEX")),
            ("valueFrom", Value::map([("fieldRef", reference)])),
        ]);
        for list in ["initContainers", "containers"] {
            if spec.get(list).items().is_empty() {
                continue;
            }
            for container in spec.at_mut(&[list]).list_mut() {
                let env = container.at_mut(&["env"]).list_mut();
                if !env.iter().any(|e| e.get("name") == variable.get("name")) {
                    env.push(variable.clone());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indexes_are_written_as_runs() {
        for text in ["", "3", "0,1", "0-2,5", "1,2,4-7"] {
            assert_eq!(Indexes::parse(text).to_string(), text);
        }
        assert_eq!(Indexes::parse("0-4").count_of("3-9"), 2);
    }
}
