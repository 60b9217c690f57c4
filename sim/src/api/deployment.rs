//! Deployments.

use crate::api::field::IntOrText;
use crate::api::metadata::Condition;
use crate::api::pod::PodTemplate;
use crate::api::selector::LabelSelector;
use crate::noun;
use std::rc::Rc;

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Deployment {
    pub spec: Rc<DeploymentSpec>,
    pub status: DeploymentStatus,
}

noun! {
    pub struct DeploymentSpec {
        min_ready: i64 = "minReadySeconds";
        paused: bool = "paused";
        /// Seconds without progress after which `Progressing` turns False.
        progress_deadline: Option<i64> = "progressDeadlineSeconds";
        replicas: i64 = "replicas" always;
        revision_history_limit: Option<i64> = "revisionHistoryLimit";
        selector: LabelSelector = "selector";
        strategy: DeploymentStrategy = "strategy";
        template: Rc<PodTemplate> = "template";
    }
    pub struct DeploymentStrategy {
        rolling: Option<RollingUpdate> = "rollingUpdate";
        /// `RollingUpdate` or `Recreate`.
        kind: Rc<str> = "type";
    }
    pub struct RollingUpdate {
        max_surge: Option<IntOrText> = "maxSurge";
        max_unavailable: Option<IntOrText> = "maxUnavailable";
    }
    pub struct DeploymentStatus {
        available: i64 = "availableReplicas";
        collisions: Option<i64> = "collisionCount";
        conditions: Vec<Condition> = "conditions";
        observed_generation: i64 = "observedGeneration";
        ready: i64 = "readyReplicas";
        replicas: i64 = "replicas";
        terminating: Option<i64> = "terminatingReplicas";
        unavailable: i64 = "unavailableReplicas";
        updated: i64 = "updatedReplicas";
    }
}
