//! Jobs.

use crate::api::field::Stamp;
use crate::api::pod::PodTemplate;
use crate::api::selector::LabelSelector;
use crate::noun;
use std::rc::Rc;

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Job {
    pub spec: Rc<JobSpec>,
    pub status: JobStatus,
}

noun! {
    pub struct JobSpec {
        /// Seconds.
        active_deadline: Option<i64> = "activeDeadlineSeconds";
        backoff_limit: Option<i64> = "backoffLimit";
        backoff_limit_per_index: Option<i64> = "backoffLimitPerIndex";
        /// `NonIndexed` or `Indexed`.
        completion_mode: Rc<str> = "completionMode";
        /// Unset: any success is the whole Job's.
        completions: Option<i64> = "completions";
        /// Who looks after it, if not the controller that comes with Kubernetes.
        managed_by: Option<Rc<str>> = "managedBy";
        max_failed_indexes: Option<i64> = "maxFailedIndexes";
        parallelism: Option<i64> = "parallelism";
        failure_policy: Option<FailurePolicy> = "podFailurePolicy";
        /// `TerminatingOrFailed` or `Failed`.
        replacement: Rc<str> = "podReplacementPolicy";
        selector: LabelSelector = "selector";
        success_policy: Option<SuccessPolicy> = "successPolicy";
        suspend: bool = "suspend";
        template: Rc<PodTemplate> = "template";
        /// Seconds.
        ttl: Option<i64> = "ttlSecondsAfterFinished";
    }
    pub struct FailurePolicy {
        rules: Vec<FailureRule> = "rules" always;
    }
    pub struct FailureRule {
        /// `FailJob`, `FailIndex`, `Ignore`, `Count`.
        action: Rc<str> = "action" always;
        exit_codes: Option<OnExitCodes> = "onExitCodes";
        conditions: Vec<OnCondition> = "onPodConditions";
    }
    pub struct OnExitCodes {
        container: Option<Rc<str>> = "containerName";
        /// `In` or `NotIn`.
        operator: Rc<str> = "operator" always;
        values: Vec<i64> = "values" always;
    }
    pub struct OnCondition {
        status: Rc<str> = "status" always;
        kind: Rc<str> = "type" always;
    }
    pub struct SuccessPolicy {
        rules: Vec<SuccessRule> = "rules" always;
    }
    pub struct SuccessRule {
        count: Option<i64> = "succeededCount";
        /// As `0-3,5`.
        indexes: Option<Rc<str>> = "succeededIndexes";
    }
    pub struct JobStatus {
        active: i64 = "active";
        completed_indexes: Rc<str> = "completedIndexes";
        completion_time: Option<Stamp> = "completionTime";
        conditions: Vec<JobCondition> = "conditions";
        failed: i64 = "failed";
        failed_indexes: Option<Rc<str>> = "failedIndexes";
        ready: Option<i64> = "ready";
        start_time: Option<Stamp> = "startTime";
        succeeded: i64 = "succeeded";
        terminating: Option<i64> = "terminating";
        uncounted: Option<Uncounted> = "uncountedTerminatedPods";
    }
    /// Pods (by uid) that have ended and are not in the counts yet.
    pub struct Uncounted {
        failed: Vec<Rc<str>> = "failed";
        succeeded: Vec<Rc<str>> = "succeeded";
    }
    pub struct JobCondition {
        last_probe: Option<Stamp> = "lastProbeTime";
        last_transition: Option<Stamp> = "lastTransitionTime";
        message: Rc<str> = "message";
        reason: Rc<str> = "reason";
        status: Rc<str> = "status" always;
        kind: Rc<str> = "type" always;
    }
}

impl JobStatus {
    pub fn condition(&self, kind: &str) -> Option<&JobCondition> {
        self.conditions.iter().find(|c| &*c.kind == kind && &*c.status == "True")
    }
    /// The condition that ended the Job: `Complete` or `Failed`.
    pub fn finished(&self) -> Option<&JobCondition> {
        self.condition("Complete").or_else(|| self.condition("Failed"))
    }
}
