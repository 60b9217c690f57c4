//! Kubernetes 1.36: pkg/controller/statefulset/stateful_set_control.go (computeReplicaStatus, completeRollingUpdate)

use super::identity::is_running_and_ready;
use super::{BY, Look, REVISION};
use crate::api::object::Object;
use crate::api::pod::Pod;
use crate::api::stateful_set::{StatefulSet, StatefulSetStatus};
use crate::apiserver::Request;
use crate::controllers::pods;
use std::rc::Rc;

impl Look<'_> {
    /// The status that follows from the Pods that are there.
    pub(super) fn count(&self, pods: &[Rc<Object>]) -> StatefulSetStatus {
        let created: Vec<_> = pods.iter().filter(|p| !p.expect::<Pod>().status.phase.is_empty()).collect();
        let of = |revision: &Object| {
            let named =
                |p: &&&Rc<Object>| !p.meta.deleting() && p.meta.labels.get(REVISION) == Some(&revision.meta.name);
            created.iter().filter(named).count() as i64
        };
        StatefulSetStatus {
            available: pods.iter().filter(|p| self.is_available(p)).count() as i64,
            collisions: Some(self.status.collisions.unwrap_or(0)),
            conditions: self.status.conditions.clone(),
            current: of(&self.current),
            current_revision: self.current.meta.name.clone(),
            observed_generation: self.object.meta.generation,
            ready: pods.iter().filter(|p| is_running_and_ready(p)).count() as i64,
            replicas: created.len() as i64,
            update_revision: self.update.meta.name.clone(),
            updated: of(&self.update),
        }
    }

    /// Writes the status if it differs. When all Pods are of the update, that is the current revision.
    pub(super) fn write_status(&mut self, mut status: StatefulSetStatus) {
        let wanted = self.spec.replicas;
        let complete = status.updated == wanted && status.ready == wanted && status.replicas == wanted;
        if &*self.spec.update.kind == "RollingUpdate" && complete {
            status.current = status.updated;
            status.current_revision = status.update_revision.clone();
        }
        if status != *self.status {
            let mut object = self.object.clone();
            object.expect_mut::<StatefulSet>().status = status;
            self.out.request(Request::put_status(BY, object));
        }
    }

    /// Asks to look again when the next ready Pod will have been so for `minReadySeconds`.
    pub(super) fn look_again(&mut self, all: &[Rc<Object>]) {
        let later = all.iter().filter_map(|p| pods::availability(self.cluster, p, self.spec.min_ready).err().flatten());
        if let Some(time) = later.min() {
            self.out.again_at(time);
        }
    }
}
