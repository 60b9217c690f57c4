//! DaemonSets.

use crate::api::field::IntOrText;
use crate::api::metadata::Condition;
use crate::api::pod::PodTemplate;
use crate::api::selector::LabelSelector;
use crate::noun;
use std::rc::Rc;

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct DaemonSet {
    pub spec: Rc<DaemonSetSpec>,
    pub status: DaemonSetStatus,
}

noun! {
    pub struct DaemonSetSpec {
        min_ready: i64 = "minReadySeconds";
        revision_history_limit: Option<i64> = "revisionHistoryLimit";
        selector: LabelSelector = "selector";
        template: Rc<PodTemplate> = "template";
        update: DaemonSetUpdate = "updateStrategy";
    }
    pub struct DaemonSetUpdate {
        rolling: Option<DaemonSetRolling> = "rollingUpdate";
        /// `RollingUpdate` or `OnDelete`.
        kind: Rc<str> = "type";
    }
    pub struct DaemonSetRolling {
        max_surge: Option<IntOrText> = "maxSurge";
        max_unavailable: Option<IntOrText> = "maxUnavailable";
    }
    pub struct DaemonSetStatus {
        collisions: Option<i64> = "collisionCount";
        conditions: Vec<Condition> = "conditions";
        /// Nodes that should run a Pod and have one.
        current: i64 = "currentNumberScheduled" always;
        /// Nodes that should run a Pod.
        desired: i64 = "desiredNumberScheduled" always;
        available: i64 = "numberAvailable";
        /// Nodes that have a Pod and should have none.
        misscheduled: i64 = "numberMisscheduled" always;
        ready: i64 = "numberReady" always;
        unavailable: i64 = "numberUnavailable";
        observed_generation: i64 = "observedGeneration";
        updated: i64 = "updatedNumberScheduled";
    }
}
