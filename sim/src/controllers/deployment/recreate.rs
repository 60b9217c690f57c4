//! Kubernetes 1.36: pkg/controller/deployment/recreate.go
//!
//! Recreate: all old Pods end before the first new one is made.

use super::Look;
use crate::api::pod::Pod;
use crate::controllers::pods;

impl Look<'_> {
    pub(super) fn recreate(&mut self) {
        let mut shrunk = false;
        for i in self.old() {
            shrunk |= self.resize(i, 0);
        }
        if shrunk || self.old_pods_run() {
            return self.write_rollout_status();
        }
        let Some(newest) = self.sets.iter().position(|s| s.newest) else { return self.create_newest() };
        self.resize(newest, self.spec.replicas);
        if self.is_complete(self.status) {
            self.clean_up();
        }
        self.write_rollout_status();
    }

    /// Whether an old Pod is still there that has not ended, be it on its way out.
    fn old_pods_run(&self) -> bool {
        self.sets.iter().filter(|s| !s.newest).any(|set| {
            let mut pods = pods::controlled_by(self.cluster, &set.object);
            set.body().status.replicas > 0 || pods.any(|p| !p.expect::<Pod>().status.finished())
        })
    }
}
