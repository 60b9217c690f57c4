//! Kubernetes 1.36: pkg/controller/job/job_controller.go (manageJob)
//!
//! Makes the Pods that a Job lacks and deletes those that are too many; after a failure it waits, longer each time.

use super::{BY, FINALIZER, Look, counting, indexes};
use crate::api::Kind;
use crate::api::object::Object;
use crate::apiserver::Request;
use crate::apiserver::events::Note;
use crate::controllers::{pods, replica_set};
use crate::outcome::Making;
use crate::value::Value;
use std::rc::Rc;

/// At most so many Pods are made or deleted in one pass.
const BURST: i64 = 500;

impl Look<'_> {
    /// Ends the Pods of a Job that ends; otherwise sees to their number and finds out whether the Job is complete.
    pub(super) fn act(&mut self, manage: bool) {
        let active: Vec<Rc<Object>> = self.active().cloned().collect();
        let terminating = self.pods.iter().filter(|p| pods::is_terminating(p)).count() as i64;
        let ready = |some: &[Rc<Object>]| some.iter().filter(|p| pods::is_ready(p)).count() as i64;
        let mut count = active.len() as i64;
        self.status.terminating = Some(terminating);
        self.status.ready = Some(ready(&active));
        if self.verdict.is_some() {
            for pod in &active {
                self.delete(pod, false);
            }
            self.status.terminating = Some(terminating + count);
            self.status.ready = Some(0);
            count = 0;
        } else {
            let managed = manage && !self.object.meta.deleting();
            if managed {
                let (left, gone) = self.manage(&active, terminating);
                count = left;
                self.status.terminating = Some(terminating + gone.len() as i64);
                self.status.ready = Some(ready(&active) - ready(&gone));
            }
            self.complete(count, managed);
        }
        self.status.active = count;
    }

    fn complete(&mut self, active: i64, managed: bool) {
        let complete = match self.spec.completions {
            None => self.succeeded > 0 && active == 0,
            Some(wanted) => self.succeeded >= wanted,
        };
        if complete {
            let message = "Reached expected number of succeeded pods";
            self.verdict = Some(self.condition("SuccessCriteriaMet", "True", "CompletionsReached", message));
        } else if managed {
            self.note_suspension();
        }
    }

    /// Says that the Job was suspended or resumed; resuming starts its clock anew.
    fn note_suspension(&mut self) {
        let suspend = self.spec.suspend;
        let (status, reason, message) =
            if suspend { ("True", "JobSuspended", "Job suspended") } else { ("False", "JobResumed", "Job resumed") };
        let news = self.condition("Suspended", status, reason, message);
        match self.status.conditions.iter_mut().find(|c| &*c.kind == "Suspended") {
            Some(old) if &*old.status == status => return,
            Some(old) => *old = news,
            None if !suspend => return,
            None => self.status.conditions.push(news),
        }
        self.say(Note::normal, if suspend { "Suspended" } else { "Resumed" }, message.into());
        self.status.start_time = (!suspend).then(|| self.cluster.stamp());
    }

    /// Makes or deletes Pods; answers how many are active then, and who was deleted.
    fn manage(&mut self, active: &[Rc<Object>], terminating: i64) -> (i64, Vec<Rc<Object>>) {
        let count = active.len() as i64;
        if self.spec.suspend {
            active.iter().for_each(|pod| self.delete(pod, true));
            return (0, active.to_vec());
        }
        let parallelism = self.spec.parallelism.unwrap_or(1);
        let wanted = match self.spec.completions {
            None if self.succeeded > 0 => count,
            None => parallelism,
            Some(all) => (all - self.succeeded - self.lost.len()).min(parallelism).max(0),
        };
        let surplus = self.surplus(active, count - wanted);
        if !surplus.is_empty() {
            surplus.iter().for_each(|pod| self.delete(pod, true));
            return (count - surplus.len() as i64, surplus);
        }
        let leaving = if &*self.spec.replacement == "Failed" { terminating } else { 0 };
        let missing = (wanted - leaving - count).min(BURST);
        if missing <= 0 {
            return (count, Vec::new());
        }
        if let Some(time) = self.wait().filter(|_| self.spec.backoff_limit_per_index.is_none()) {
            self.out.again_at(time);
            return (count, Vec::new());
        }
        (count + self.create(missing), Vec::new())
    }

    /// Active Pods that are too many: at least `least` of them, and those of indexes that are taken or not wanted.
    fn surplus(&self, active: &[Rc<Object>], least: i64) -> Vec<Rc<Object>> {
        let (mut surplus, rest) = if self.is_indexed() {
            indexes::split(active, self.spec.completions.unwrap_or(0))
        } else {
            (Vec::new(), active.to_vec())
        };
        let more = (least - surplus.len() as i64).clamp(0, BURST) as usize;
        if more > 0 {
            surplus.extend(replica_set::rank(self.cluster, self.object, rest).into_iter().take(more));
        }
        surplus
    }

    fn create(&mut self, count: i64) -> i64 {
        let indexes: Vec<Option<i64>> = if self.is_indexed() {
            self.pending_indexes(count).into_iter().map(Some).collect()
        } else {
            vec![None; count as usize]
        };
        let made = indexes.len() as i64;
        let mut pods = indexes.into_iter().map(|i| self.new_pod(i)).collect::<Vec<_>>().into_iter().peekable();
        let mut size = 1;
        while pods.peek().is_some() {
            let batch = pods.by_ref().take(size).map(|pod| Making {
                request: Request::create(BY, Kind::Pod, pod),
                note: Some(Note::normal(self.object, BY, "SuccessfulCreate", "Created pod: ")),
            });
            self.out.batch(batch.collect());
            size *= 2;
        }
        made
    }

    fn new_pod(&self, index: Option<i64>) -> Value {
        let mut pod = pods::from_template(self.object, self.object.raw().at(&["spec", "template"]));
        let finalizers = pod.at_mut(&["metadata", "finalizers"]).list_mut();
        if !finalizers.iter().any(|f| f.as_str() == Some(FINALIZER)) {
            finalizers.push(FINALIZER.into());
        }
        if let Some(index) = index {
            self.give_index(&mut pod, index);
        }
        pod
    }

    /// Deletes a Pod; one that is `uncounted` is let go first, so that its end is no failure.
    fn delete(&mut self, pod: &Rc<Object>, uncounted: bool) {
        if uncounted && pod.meta.has_finalizer(FINALIZER) {
            self.out.request(counting::without_finalizer(pod));
        }
        self.out.request(pods::delete(BY, pod));
        self.say(Note::normal, "SuccessfulDelete", format!("Deleted pod: {}", pod.meta.name));
    }
}
