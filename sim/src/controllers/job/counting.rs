//! Kubernetes 1.36: pkg/controller/job/job_controller.go (trackJobStatusAndRemoveFinalizers), tracking_utils.go
//!
//! Counts each Pod's end once: uid to the status, finalizer off the Pod, count up.

use super::{BY, FINALIZER, Look, SOON, indexes, policy};
use crate::api::job::{Job, Uncounted};
use crate::api::object::Object;
use crate::api::pod::Pod;
use crate::apiserver::Request;
use crate::controllers::pods;
use std::collections::BTreeMap;
use std::rc::Rc;

impl Look<'_> {
    /// Moves to the counts what has lost its finalizer, and reckons how many have succeeded and failed so far.
    pub(super) fn count(&mut self) {
        let held: BTreeMap<Rc<str>, bool> =
            self.pods.iter().map(|p| (p.meta.uid.clone(), p.meta.has_finalizer(FINALIZER))).collect();
        let counted = |uid: &Rc<str>| !held.get(uid).copied().unwrap_or(false);
        let mut uncounted = self.status.uncounted.clone().unwrap_or_default();
        let before = (uncounted.succeeded.len(), uncounted.failed.len());
        uncounted.succeeded.retain(|uid| !counted(uid));
        uncounted.failed.retain(|uid| !counted(uid));
        self.status.succeeded += (before.0 - uncounted.succeeded.len()) as i64;
        self.status.failed += (before.1 - uncounted.failed.len()) as i64;
        let new = |list: &[Rc<str>], p: &Rc<Object>| p.meta.has_finalizer(FINALIZER) && !list.contains(&p.meta.uid);
        let succeeded = self.pods.iter().filter(|p| is_succeeded(p) && new(&uncounted.succeeded, p)).count();
        let failed = self.pods.iter().filter(|p| self.has_failed(p) && new(&uncounted.failed, p) && self.counts(p));
        self.failed = self.status.failed + (uncounted.failed.len() + failed.count()) as i64;
        if self.is_indexed() {
            self.done = indexes::Indexes::parse(&self.status.completed_indexes);
            let limit = self.spec.completions.unwrap_or(0);
            let ended = self.pods.iter().filter(|p| is_succeeded(p) && p.meta.has_finalizer(FINALIZER));
            ended.filter_map(|p| indexes::of(p)).filter(|i| *i < limit).for_each(|i| self.done.insert(i));
            self.succeeded = self.done.len();
            self.lost = self.lost_indexes();
        } else {
            self.succeeded = self.status.succeeded + (uncounted.succeeded.len() + succeeded) as i64;
        }
        self.status.uncounted = Some(uncounted);
    }

    /// Whether the policy lets a failure count.
    pub(super) fn counts(&self, pod: &Object) -> bool {
        self.spec.failure_policy.as_ref().is_none_or(|p| policy::verdict(p, pod).counts)
    }

    /// Notes the uids of Pods that have ended, and takes the finalizers off those that are noted in the store. When the
    /// Job fails, Pods that have not ended are failures; when it has succeeded, they are let go uncounted.
    pub(super) fn track(&mut self) {
        let ending = self.verdict.is_some();
        let success = self.verdict.as_ref().is_some_and(|verdict| &*verdict.kind == "SuccessCriteriaMet");
        let mut uncounted: Uncounted = self.status.uncounted.clone().unwrap_or_default();
        let (mut free, mut begun) = (Vec::new(), false);
        for pod in self.pods.iter().filter(|p| p.meta.has_finalizer(FINALIZER)) {
            let (uid, failed) = (&pod.meta.uid, self.has_failed(pod));
            if is_succeeded(pod) {
                if !self.is_indexed() && !uncounted.succeeded.contains(uid) {
                    uncounted.succeeded.push(uid.clone());
                }
            } else if success && &*pod.expect::<Pod>().status.phase != "Failed" {
                // Nobody counts it.
            } else if failed && !self.waits_for_its_index(pod) || ending {
                let in_range = !self.is_indexed() || indexes::of(pod).is_some_and(|i| Some(i) < self.spec.completions);
                if in_range && self.counts(pod) && !uncounted.failed.contains(uid) {
                    uncounted.failed.push(uid.clone());
                }
            } else if !self.object.meta.deleting() {
                continue;
            }
            // A Pod that this pass deletes has changed when its finalizer's turn comes.
            if ending && pods::is_active(pod) {
                begun = true;
            } else {
                free.push(pod.clone());
            }
        }
        if begun || !free.is_empty() {
            self.out.again_at(self.cluster.now + SOON);
        }
        self.status.uncounted = Some(uncounted);
        if self.is_indexed() {
            self.status.completed_indexes = self.done.to_string().into();
            self.status.succeeded = self.done.len();
            if self.spec.backoff_limit_per_index.is_some() {
                self.status.failed_indexes = Some(self.lost.to_string().into());
            }
        }
        self.write_interim();
        self.write();
        free.iter().for_each(|pod| self.out.request(without_finalizer(pod)));
    }

    /// Writes the status if it differs from what is stored or was written in this pass.
    pub(super) fn write(&mut self) {
        let written = self
            .out
            .deeds
            .iter()
            .any(|d| matches!(d, crate::outcome::Deed::Request(r) if r.kind == crate::api::Kind::Job));
        if !written && self.status != self.object.expect::<Job>().status {
            let mut object = self.object.clone();
            object.expect_mut::<Job>().status = self.status.clone();
            self.out.request(Request::put_status(BY, object));
        }
    }
}

pub fn is_succeeded(pod: &Object) -> bool {
    &*pod.expect::<Pod>().status.phase == "Succeeded"
}

pub fn without_finalizer(pod: &Object) -> Request {
    let mut new = pod.clone();
    new.meta.finalizers.make_mut().retain(|f| &**f != FINALIZER);
    Request::put(BY, new)
}
