//! ReplicaSets.

use crate::api::metadata::Condition;
use crate::api::pod::PodTemplate;
use crate::api::selector::LabelSelector;
use crate::noun;
use std::rc::Rc;

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ReplicaSet {
    pub spec: Rc<ReplicaSetSpec>,
    pub status: ReplicaSetStatus,
}

noun! {
    pub struct ReplicaSetSpec {
        min_ready: i64 = "minReadySeconds";
        replicas: i64 = "replicas" always;
        selector: LabelSelector = "selector";
        template: Rc<PodTemplate> = "template";
    }
    pub struct ReplicaSetStatus {
        available: i64 = "availableReplicas";
        conditions: Vec<Condition> = "conditions";
        fully_labeled: i64 = "fullyLabeledReplicas";
        observed_generation: i64 = "observedGeneration";
        ready: i64 = "readyReplicas";
        replicas: i64 = "replicas" always;
        terminating: Option<i64> = "terminatingReplicas";
    }
}
