//! Kubernetes 1.36: pkg/controller/deployment/sync.go (cleanupDeployment)

use super::revision::number;
use super::{BY, Look};
use crate::api::Kind;
use crate::apiserver::{DeleteOptions, Request};

impl Look<'_> {
    /// Deletes the old ReplicaSets beyond the history's limit, the lowest revision first; what still has Pods stays.
    pub(super) fn clean_up(&mut self) {
        let Some(limit) = self.spec.revision_history_limit.filter(|n| *n != i64::from(i32::MAX)) else { return };
        let mut old = self.old();
        old.retain(|i| !self.sets[*i].object.meta.deleting());
        let surplus = (old.len() as i64 - limit).max(0) as usize;
        old.sort_by_key(|i| number(&self.sets[*i].object));
        for i in old.into_iter().take(surplus) {
            let set = &self.sets[i];
            let status = &set.body().status;
            if status.replicas == 0 && set.size == 0 && set.object.meta.generation <= status.observed_generation {
                let request = Request::delete(BY, Kind::ReplicaSet, set.object.key(), DeleteOptions::default());
                self.out.request(request);
            }
        }
    }
}
