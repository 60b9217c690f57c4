//! Kubernetes 1.36: pkg/controller/deployment/rolling.go
//!
//! Rolling update: first the newest ReplicaSet grows as far as the surge allows; if it cannot, the old ones shrink as
//! far as availability allows, those of their Pods first that are not available anyway.

use super::Look;

impl Look<'_> {
    pub(super) fn roll(&mut self) {
        if self.newest().is_none() {
            return self.create_newest();
        }
        if !self.grow_newest() && !self.shrink_old() && self.is_complete(self.status) {
            self.clean_up();
        }
        self.write_rollout_status();
    }

    /// The size that the newest ReplicaSet may have now, if it has `size` of `total` Pods.
    pub(super) fn newest_size(&self, size: i64, total: i64) -> i64 {
        if !self.is_rolling() {
            return self.spec.replicas;
        }
        let limit = self.spec.replicas + self.max_surge();
        if total >= limit {
            return size;
        }
        size + (limit - total).min(self.spec.replicas - size)
    }

    fn grow_newest(&mut self) -> bool {
        let Some(i) = self.sets.iter().position(|s| s.newest) else { return false };
        let (size, wanted) = (self.sets[i].size, self.spec.replicas);
        let next = match size.cmp(&wanted) {
            std::cmp::Ordering::Equal => return false,
            std::cmp::Ordering::Greater => wanted,
            std::cmp::Ordering::Less => self.newest_size(size, self.total_size()),
        };
        self.resize(i, next)
    }

    /// Say 10 Pods are wanted and 2 may be missing: at least 8 must be available. With 10 old ones available and 3 new
    /// ones that are not yet, 13 - 8 - 3 = 2 old ones may go.
    fn shrink_old(&mut self) -> bool {
        let old: Vec<usize> = self.old().into_iter().filter(|i| self.sets[*i].size > 0).collect();
        let Some(newest) = self.newest().filter(|_| !old.is_empty()) else { return false };
        let minimum = self.spec.replicas - self.max_unavailable();
        let newest_unavailable = newest.size - newest.body().status.available;
        let spare = self.total_size() - minimum - newest_unavailable;
        if spare <= 0 {
            return false;
        }
        let unhealthy = self.drop_unhealthy(&old, spare);
        let healthy = self.drop_available(&old, minimum);
        unhealthy + healthy > 0
    }

    /// Gives up old Pods that are not available, at most `spare`.
    fn drop_unhealthy(&mut self, old: &[usize], spare: i64) -> i64 {
        let mut dropped = 0;
        for &i in old {
            if dropped >= spare {
                break;
            }
            let size = self.sets[i].size;
            let drop = (size - self.sets[i].body().status.available).min(spare - dropped);
            if drop > 0 {
                self.resize(i, size - drop);
                dropped += drop;
            }
        }
        dropped
    }

    /// Gives up old Pods as far as more than `minimum` are available.
    fn drop_available(&mut self, old: &[usize], minimum: i64) -> i64 {
        let spare = self.total_available() - minimum;
        let mut dropped = 0;
        for &i in old {
            if dropped >= spare {
                break;
            }
            let size = self.sets[i].size;
            let drop = size.min(spare - dropped);
            if drop > 0 {
                self.resize(i, size - drop);
                dropped += drop;
            }
        }
        dropped
    }
}
