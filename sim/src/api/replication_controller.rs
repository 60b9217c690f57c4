//! ReplicationControllers: the ancestors of ReplicaSets.

use crate::api::field::Texts;
use crate::api::pod::PodTemplate;
use crate::api::replica_set::ReplicaSetStatus;
use crate::noun;
use std::rc::Rc;

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ReplicationController {
    pub spec: Rc<ReplicationControllerSpec>,
    /// As a ReplicaSet's; terminating Pods are not counted.
    pub status: ReplicaSetStatus,
}

noun! {
    pub struct ReplicationControllerSpec {
        min_ready: i64 = "minReadySeconds";
        replicas: i64 = "replicas" always;
        selector: Texts = "selector";
        template: Rc<PodTemplate> = "template";
    }
}
