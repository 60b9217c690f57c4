//! StatefulSets.

use crate::api::metadata::Condition;
use crate::api::pod::PodTemplate;
use crate::api::selector::LabelSelector;
use crate::noun;
use crate::value::Value;
use std::rc::Rc;

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct StatefulSet {
    pub spec: Rc<StatefulSetSpec>,
    pub status: StatefulSetStatus,
}

noun! {
    pub struct StatefulSetSpec {
        min_ready: i64 = "minReadySeconds";
        ordinals: Option<Ordinals> = "ordinals";
        claim_retention: Option<ClaimRetention> = "persistentVolumeClaimRetentionPolicy";
        /// `OrderedReady` or `Parallel`.
        pod_management: Rc<str> = "podManagementPolicy";
        replicas: i64 = "replicas" always;
        revision_history_limit: Option<i64> = "revisionHistoryLimit";
        selector: LabelSelector = "selector";
        service_name: Rc<str> = "serviceName";
        template: Rc<PodTemplate> = "template";
        update: StatefulSetUpdate = "updateStrategy";
        claim_templates: Value = "volumeClaimTemplates";
    }
    pub struct Ordinals {
        start: i64 = "start" always;
    }
    /// `Retain` or `Delete`.
    pub struct ClaimRetention {
        when_deleted: Rc<str> = "whenDeleted";
        when_scaled: Rc<str> = "whenScaled";
    }
    pub struct StatefulSetUpdate {
        rolling: Option<Partition> = "rollingUpdate";
        /// `RollingUpdate` or `OnDelete`.
        kind: Rc<str> = "type";
    }
    pub struct Partition {
        partition: i64 = "partition" always;
    }
    pub struct StatefulSetStatus {
        available: i64 = "availableReplicas" always;
        collisions: Option<i64> = "collisionCount";
        conditions: Vec<Condition> = "conditions";
        current: i64 = "currentReplicas";
        current_revision: Rc<str> = "currentRevision";
        observed_generation: i64 = "observedGeneration";
        ready: i64 = "readyReplicas";
        replicas: i64 = "replicas" always;
        update_revision: Rc<str> = "updateRevision";
        updated: i64 = "updatedReplicas";
    }
}
