//! Kubernetes 1.36: pkg/controller/job/backoff_utils.go
//!
//! How long a Job waits before it makes Pods anew: twice as long after each failure, until one succeeds.

use super::{Look, counting};
use crate::api::Stamp;
use crate::api::object::Object;
use crate::api::pod::Pod;
use crate::clock::Time;
use crate::controllers::memory::BackOff;
use std::rc::Rc;

/// The wait after the first failure, and the longest.
const FIRST_WAIT_MS: i64 = 10_000;
const LONGEST_WAIT_MS: i64 = 600_000;

impl BackOff {
    /// The same after these Pods have ended, which were not counted before.
    pub(super) fn after(self, succeeded: &[Rc<Object>], failed: &[Rc<Object>]) -> BackOff {
        let success = succeeded.iter().map(|p| finish(p)).max();
        let since: Vec<Stamp> = failed.iter().map(|p| finish(p)).filter(|at| Some(*at) > success).collect();
        let before = if success.is_some() { BackOff::default() } else { self };
        BackOff { failures: before.failures + since.len() as u32, last: since.into_iter().max().or(before.last) }
    }
}

impl Look<'_> {
    /// When the wait is over that the failures since the last success have earned; `None` if it is.
    pub(super) fn wait(&self) -> Option<Time> {
        let BackOff { failures, last } = self.back_off;
        let wait = FIRST_WAIT_MS.checked_shl(failures.checked_sub(1)?).filter(|w| *w > 0).unwrap_or(LONGEST_WAIT_MS);
        let end = Stamp(last?.0 + wait.min(LONGEST_WAIT_MS));
        (end > self.cluster.stamp()).then(|| self.cluster.time_of(end))
    }

    /// Takes in the ends that this look counts for the first time. A failure that the policy ignores is waited for as well.
    pub(super) fn note_ends(&mut self) {
        let uncounted = self.status.uncounted.clone().unwrap_or_default();
        let new = |p: &&Rc<Object>| p.meta.has_finalizer(super::FINALIZER);
        let pods = self.pods.iter().filter(new);
        let (mut succeeded, mut failed) = (Vec::new(), Vec::new());
        for pod in pods {
            if counting::is_succeeded(pod) && !uncounted.succeeded.contains(&pod.meta.uid) {
                succeeded.push(pod.clone());
            } else if self.has_failed(pod) && !uncounted.failed.contains(&pod.meta.uid) {
                failed.push(pod.clone());
            }
        }
        self.back_off = self.back_off.after(&succeeded, &failed);
    }
}

/// When a Pod's last container ended; of one whose containers have not all, when it was no longer ready, or was told to
/// go, or came to be.
pub fn finish(pod: &Object) -> Stamp {
    let status = &pod.expect::<Pod>().status;
    let ends = status.container_statuses.iter().map(|c| c.state.terminated.as_ref()?.finished);
    let ended = || ends.collect::<Option<Vec<Stamp>>>().and_then(|all| all.into_iter().max());
    let unready = || status.condition("Ready").filter(|c| &*c.status == "False").and_then(|c| c.last_transition);
    let told = || Some(Stamp(pod.meta.deletion?.0 - 1000 * pod.meta.deletion_grace.unwrap_or(0)));
    ended().or_else(unready).or_else(told).or(pod.meta.creation).unwrap_or_default()
}
