//! Kubernetes 1.36: pkg/controller/job/job_controller.go (syncJob, enactJobFinished)
//!
//! When a Job has to end, and how it says so: first why (`SuccessCriteriaMet`, `FailureTarget`), and when its Pods are
//! gone and counted that it has (`Complete`, `Failed`).

use super::{Look, policy};
use crate::api::job::{Job, JobCondition};
use crate::api::pod::Pod;
use crate::apiserver::events::Note;

impl Look<'_> {
    /// Whether the Job fails, or succeeds by its policy; both may have been found before.
    pub(super) fn judge(&mut self) {
        let stored = &self.object.expect::<Job>().status;
        let before = stored.condition("SuccessCriteriaMet").or_else(|| stored.condition("FailureTarget"));
        self.verdict = before.cloned().or_else(|| self.failure()).or_else(|| self.success_by_policy());
    }

    fn failure(&mut self) -> Option<JobCondition> {
        let fail =
            |look: &Self, reason: &str, message: &str| Some(look.condition("FailureTarget", "True", reason, message));
        if let Some(policy) = &self.spec.failure_policy {
            let mut failed = self.pods.iter().filter(|p| self.has_failed(p));
            if let Some(message) = failed.find_map(|p| policy::verdict(policy, p).fails_job) {
                return fail(self, "PodFailurePolicy", &message);
            }
        }
        let limit = self.spec.backoff_limit.unwrap_or(6);
        if self.failed > limit || self.restarted_too_often(limit) {
            return fail(self, "BackoffLimitExceeded", "Job has reached the specified backoff limit");
        }
        if let (Some(seconds), Some(start), false) =
            (self.spec.active_deadline, self.status.start_time, self.spec.suspend)
        {
            let end = start.second().0 + seconds * 1000;
            if end <= self.cluster.stamp().0 {
                return fail(self, "DeadlineExceeded", "Job was active longer than specified deadline");
            }
            self.out.again_at(self.cluster.time_of(crate::api::Stamp(end)));
        }
        let (lost, done) = (self.lost.len(), self.done.len());
        if self.spec.max_failed_indexes.is_some_and(|most| lost > most) {
            let message = "Job has exceeded the specified maximal number of failed indexes";
            return fail(self, "MaxFailedIndexesExceeded", message);
        }
        if lost > 0 && self.spec.completions.is_some_and(|all| lost + done >= all) {
            return fail(self, "FailedIndexes", "Job has failed indexes");
        }
        None
    }

    /// With restartPolicy OnFailure it is the restarts that count.
    fn restarted_too_often(&self, limit: i64) -> bool {
        if &*self.spec.template.spec.restart_policy != "OnFailure" {
            return false;
        }
        let alive =
            self.pods.iter().map(|p| &p.expect::<Pod>().status).filter(|s| matches!(&*s.phase, "Running" | "Pending"));
        let restarts: i64 = alive
            .flat_map(|s| s.init_container_statuses.iter().chain(&s.container_statuses))
            .map(|c| c.restart_count)
            .sum();
        restarts > 0 && restarts >= limit
    }

    fn success_by_policy(&self) -> Option<JobCondition> {
        let rules = &self.spec.success_policy.as_ref()?.rules;
        let met = rules.iter().position(|rule| {
            let done = rule.indexes.as_ref().map_or(self.done.len(), |some| self.done.count_of(some));
            let wanted = rule.indexes.as_ref().map(|some| super::indexes::Indexes::parse(some).len());
            done > 0 && done >= rule.count.or(wanted).unwrap_or(i64::MAX)
        })?;
        let message = format!("Matched rules at index {met}");
        Some(self.condition("SuccessCriteriaMet", "True", "SuccessPolicy", message))
    }

    /// Says why the Job ends; when that is stored and all is counted and gone, that it has ended.
    pub(super) fn write_interim(&mut self) {
        let Some(verdict) = self.verdict.clone() else { return };
        if self.status.conditions.iter().all(|c| c.kind != verdict.kind) {
            self.status.conditions.push(verdict);
            self.out.again_at(self.cluster.now + super::SOON);
            return;
        }
        let uncounted = self.status.uncounted.as_ref().is_some_and(|u| !u.failed.is_empty() || !u.succeeded.is_empty());
        if uncounted || self.status.terminating.unwrap_or(0) > 0 || self.status.active > 0 {
            return;
        }
        let kind = if &*verdict.kind == "FailureTarget" { "Failed" } else { "Complete" };
        let end = self.condition(kind, "True", &verdict.reason, &*verdict.message);
        self.status.conditions.push(end);
        if kind == "Complete" {
            self.status.completion_time = Some(self.cluster.stamp());
            self.say(Note::normal, "Completed", "Job completed".into());
        } else {
            self.say(Note::warning, &verdict.reason, verdict.message.to_string());
        }
    }
}
