//! Kubernetes 1.36: pkg/controller/job/job_controller.go
//!
//! Jobs: Pods until enough have succeeded, or too many failed. Every end of a Pod is counted exactly once: its uid is
//! first written to the Job's status, then the Pod's finalizer is taken off, and only then does the count go up.

mod back_off;
mod counting;
mod finish;
mod indexes;
mod manage;
mod policy;

use super::memory::{BackOff, Memory};
use super::{claim, pods};
use crate::api::Kind;
use crate::api::job::{Job, JobCondition, JobSpec, JobStatus};
use crate::api::object::{Key, Object};
use crate::api::pod::Pod;
use crate::apiserver::events::Note;
use crate::apiserver::{Request, Status};
use crate::clock::Span;
use crate::cluster::Cluster;
use crate::outcome::Outcome;
use indexes::Indexes;
use std::rc::Rc;

pub const BY: &str = "job-controller";
/// Its name where a Job says who is to manage it.
const OWN_NAME: &str = "kubernetes.io/job-controller";
const FINALIZER: &str = claim::TRACKING;
/// How soon the controller goes on with what it has begun.
const SOON: Span = Span::millis(3);

/// One look at a Job.
struct Look<'a> {
    cluster: &'a Cluster,
    object: &'a Object,
    spec: &'a JobSpec,
    pods: Vec<Rc<Object>>,
    /// The status as it will be.
    status: JobStatus,
    /// Pods that have succeeded or failed so far, counted or not.
    succeeded: i64,
    failed: i64,
    /// Of an indexed Job: the indexes that are done, and those that have failed for good.
    done: Indexes,
    lost: Indexes,
    /// Why the Job is to end: `SuccessCriteriaMet` or `FailureTarget`.
    verdict: Option<JobCondition>,
    back_off: BackOff,
    out: Outcome,
}

/// Looks at a Job.
pub fn wake(cluster: &Cluster, memory: &mut Memory, key: &Key) -> Outcome {
    let Some(object) = cluster.store.get(Kind::Job, key) else {
        memory.jobs.remove(key);
        return let_go(cluster, key);
    };
    if object.expect::<Job>().spec.managed_by.as_deref().is_some_and(|name| name != OWN_NAME) {
        return Outcome::nothing();
    }
    if object.expect::<Job>().status.finished().is_some() {
        memory.jobs.remove(key);
        return let_go(cluster, key);
    }
    let known = memory.jobs.get(key).filter(|(uid, _)| *uid == object.meta.uid).map(|(_, back_off)| *back_off);
    let (out, back_off) = look(cluster, object, known.unwrap_or_default(), true);
    if back_off != BackOff::default() {
        memory.jobs.insert(key.clone(), (object.meta.uid.clone(), back_off));
    }
    out
}

fn look(cluster: &Cluster, object: &Object, back_off: BackOff, manage: bool) -> (Outcome, BackOff) {
    let Job { spec, status } = object.expect();
    let mut out = Outcome::nothing();
    let pods = claim::claim(cluster, BY, object, &spec.selector, Kind::Pod, |_| true, &mut out);
    let mut look = Look {
        cluster,
        object,
        spec,
        pods,
        status: status.clone(),
        succeeded: 0,
        failed: 0,
        done: Indexes::default(),
        lost: Indexes::default(),
        verdict: None,
        back_off,
        out,
    };
    look.count();
    look.note_ends();
    if look.status.start_time.is_none() && !spec.suspend {
        look.status.start_time = Some(cluster.stamp());
    }
    look.judge();
    look.act(manage);
    look.track();
    look.write();
    (look.out, look.back_off)
}

impl Look<'_> {
    fn is_indexed(&self) -> bool {
        &*self.spec.completion_mode == "Indexed"
    }
    fn active(&self) -> impl Iterator<Item = &Rc<Object>> {
        self.pods.iter().filter(|p| pods::is_active(p))
    }
    /// Whether a Pod counts as failed: with the policy to replace at once, also one that is being deleted.
    fn has_failed(&self, pod: &Object) -> bool {
        match &*pod.expect::<Pod>().status.phase {
            "Failed" => true,
            "Succeeded" => false,
            _ => pod.meta.deleting() && &*self.spec.replacement != "Failed",
        }
    }
    fn say(&mut self, note: fn(&Object, &'static str, &str, String) -> Note, reason: &str, message: String) {
        self.out.event(note(self.object, BY, reason, message));
    }
    /// A condition that is first said now.
    fn condition(&self, kind: &str, status: &str, reason: &str, message: impl Into<String>) -> JobCondition {
        let now = Some(self.cluster.stamp());
        JobCondition {
            kind: kind.into(),
            status: status.into(),
            reason: reason.into(),
            message: message.into().into(),
            last_probe: now,
            last_transition: now,
        }
    }
}

/// Takes the finalizer off the Pods of a Job that is gone or finished.
fn let_go(cluster: &Cluster, key: &Key) -> Outcome {
    let mut out = Outcome::nothing();
    let present = cluster.store.get(Kind::Job, key).map(|j| j.meta.uid.clone());
    let orphaned = cluster.store.list_in(Kind::Pod, &key.namespace).filter(|p| {
        let owner = p.meta.controller().filter(|o| &*o.kind == "Job" && o.name == key.name);
        p.meta.has_finalizer(FINALIZER)
            && owner.is_some_and(|o| {
                present.as_ref().is_none_or(|uid| *uid != o.uid || p.expect::<Pod>().status.finished())
            })
    });
    orphaned.for_each(|pod| out.request(counting::without_finalizer(pod)));
    out
}

/// A Pod could not be made: says so, and writes the status as it is without it.
pub fn refused(cluster: &Cluster, key: &Key, request: &Request, status: &Status) -> Outcome {
    let Some(object) = cluster.store.get(Kind::Job, key) else { return Outcome::nothing() };
    let terminating = status.is_of_going_namespace();
    if request.kind != Kind::Pod {
        return Outcome::nothing();
    }
    // The ends of its Pods are counted all the same.
    let (mut out, _) = look(cluster, object, BackOff::default(), false);
    if !terminating {
        let note = Note::warning(object, BY, "FailedCreate", format!("Error creating: {status}"));
        out.deeds.insert(0, crate::outcome::Deed::Event(note));
    }
    out
}

/// Whether a Job has finished, and since when: for those who look after finished Jobs.
pub fn finished_since(job: &Object) -> Option<crate::api::Stamp> {
    job.expect::<Job>().status.finished().and_then(|c| c.last_transition).map(crate::api::Stamp::second)
}
