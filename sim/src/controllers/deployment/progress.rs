//! Kubernetes 1.36: pkg/controller/deployment/progress.go, sync.go (calculateStatus, checkPausedConditions)
//!
//! How a rollout fares, and whether it is stuck.

use super::condition::{self, AVAILABLE, PROGRESSING, REPLICA_FAILURE};
use super::{Look, Set};
use crate::api::deployment::DeploymentStatus;
use crate::api::{Condition, Stamp};
use crate::clock::Span;
use crate::controllers::conditions;

impl Look<'_> {
    /// The status without a word on progress: what a paused or scaled Deployment writes.
    pub(super) fn write_plain_status(&mut self) {
        let status = self.count();
        self.write_status(status);
    }

    /// The status of a rollout.
    pub(super) fn write_rollout_status(&mut self) {
        let mut status = self.count();
        let before = conditions::find(&self.status.conditions, PROGRESSING);
        let done = status.replicas == status.updated && before.is_some_and(|c| &*c.reason == condition::FINISHED);
        match self.deadline() {
            None => conditions::remove(&mut status.conditions, PROGRESSING),
            Some(_) if done => {}
            Some(deadline) => self.judge(&mut status, before, deadline),
        }
        match self.failure() {
            Some(failure) => conditions::set(&mut status.conditions, failure),
            None => conditions::remove(&mut status.conditions, REPLICA_FAILURE),
        }
        if status == *self.status {
            self.look_at_deadline();
        }
        self.write_status(status);
    }

    /// Completed, progressing, or out of time?
    fn judge(&self, status: &mut DeploymentStatus, before: Option<&Condition>, deadline: i64) {
        let now = self.cluster.stamp();
        let whom = self.newest().map_or_else(
            || format!("Deployment \"{}\"", self.object.meta.name),
            |s| format!("ReplicaSet \"{}\"", s.object.meta.name),
        );
        let say =
            |status, reason, what: &str| condition::new(PROGRESSING, status, reason, format!("{whom} {what}"), now);
        let all = &mut status.conditions.clone();
        if self.is_complete(status) {
            conditions::set(all, say("True", condition::FINISHED, "has successfully progressed."));
        } else if self.is_progressing(status) {
            let mut news = say("True", condition::UPDATED, "is progressing.");
            if let Some(before) = before {
                if &*before.status == "True" {
                    news.last_transition = before.last_transition;
                }
                conditions::remove(all, PROGRESSING);
            }
            conditions::set(all, news);
        } else if self.is_late(before, deadline) {
            conditions::set(all, say("False", condition::TIMED_OUT, "has timed out progressing."));
        }
        status.conditions = std::mem::take(all);
    }

    pub(super) fn is_complete(&self, status: &DeploymentStatus) -> bool {
        let wanted = self.spec.replicas;
        status.updated == wanted
            && status.replicas == wanted
            && status.available == wanted
            && status.observed_generation >= self.object.meta.generation
    }

    fn is_progressing(&self, new: &DeploymentStatus) -> bool {
        let old = self.status;
        new.updated > old.updated
            || new.replicas - new.updated < old.replicas - old.updated
            || new.ready > old.ready
            || new.available > old.available
    }

    fn is_late(&self, progressing: Option<&Condition>, deadline: i64) -> bool {
        progressing.is_some_and(|c| match &*c.reason {
            condition::FINISHED => false,
            condition::TIMED_OUT => true,
            _ => self.end_of_patience(c, deadline) < self.cluster.stamp(),
        })
    }

    fn end_of_patience(&self, progressing: &Condition, deadline: i64) -> Stamp {
        Stamp(progressing.last_update.unwrap_or_default().second().0 + deadline * 1000)
    }

    /// Asks to look again a second after the deadline, unless the rollout is complete, once was, or is known to be stuck:
    /// nothing can come of the deadline then.
    fn look_at_deadline(&mut self) {
        let (Some(deadline), Some(progressing)) =
            (self.deadline(), conditions::find(&self.status.conditions, PROGRESSING))
        else {
            return;
        };
        let judged = matches!(&*progressing.reason, condition::TIMED_OUT | condition::FINISHED);
        if !self.is_complete(self.status) && !judged {
            let end = self.cluster.time_of(self.end_of_patience(progressing, deadline));
            let soon = end < self.cluster.now + Span::secs(1);
            self.out.again_at(if soon { end + Span::millis(5) } else { end + Span::secs(1) });
        }
    }

    /// Why a ReplicaSet cannot make its Pods: the newest one's reason first.
    fn failure(&self) -> Option<Condition> {
        let of = |set: &Set| conditions::find(&set.body().status.conditions, REPLICA_FAILURE).cloned();
        let found = self.newest().and_then(of).or_else(|| self.sets.iter().find_map(of));
        found.map(|c| Condition { last_update: c.last_transition, ..c })
    }

    fn count(&self) -> DeploymentStatus {
        let sum = |of: fn(&crate::api::replica_set::ReplicaSetStatus) -> i64| {
            self.sets.iter().map(|s| of(&s.body().status)).sum::<i64>()
        };
        let available = sum(|s| s.available);
        let unsaid = |s: &Set| s.body().status.terminating.is_none() && s.body().status.observed_generation > 0;
        let mut status = DeploymentStatus {
            observed_generation: self.object.meta.generation,
            replicas: sum(|s| s.replicas),
            updated: self.newest().map_or(0, |s| s.body().status.replicas),
            ready: sum(|s| s.ready),
            available,
            unavailable: (self.total_size() - available).max(0),
            terminating: (!self.sets.iter().any(unsaid)).then(|| sum(|s| s.terminating.unwrap_or(0))),
            collisions: self.status.collisions,
            conditions: self.status.conditions.clone(),
        };
        let enough = available >= self.spec.replicas - self.max_unavailable();
        let (is, reason, message) = if enough {
            ("True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
        } else {
            ("False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.")
        };
        let available = condition::new(AVAILABLE, is, reason, message, self.cluster.stamp());
        conditions::set(&mut status.conditions, available);
        status
    }

    /// Says that the Deployment was paused or resumed; answers whether there was something to say.
    pub(super) fn note_pause(&mut self) -> bool {
        let before = conditions::find(&self.status.conditions, PROGRESSING);
        let was_paused = before.is_some_and(|c| &*c.reason == condition::PAUSED);
        let timed_out = before.is_some_and(|c| &*c.reason == condition::TIMED_OUT);
        if self.deadline().is_none() || timed_out || self.spec.paused == was_paused {
            return false;
        }
        let (reason, message) = if self.spec.paused {
            (condition::PAUSED, "Deployment is paused")
        } else {
            (condition::RESUMED, "Deployment is resumed")
        };
        let mut status = self.status.clone();
        let news = condition::new(PROGRESSING, "Unknown", reason, message, self.cluster.stamp());
        conditions::set(&mut status.conditions, news);
        self.write_status(status);
        true
    }
}
