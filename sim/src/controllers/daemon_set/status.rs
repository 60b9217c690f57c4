//! Kubernetes 1.36: pkg/controller/daemon/daemon_controller.go (updateDaemonSetStatus)

use super::{BY, Look, node, pod};
use crate::api::Kind;
use crate::api::daemon_set::{DaemonSet, DaemonSetStatus};
use crate::api::object::Object;
use crate::apiserver::Request;
use crate::clock::Span;
use crate::controllers::pods;
use std::rc::Rc;

impl Look<'_> {
    /// Counts nodes: of those with two Pods the older one counts.
    fn count(&self) -> DaemonSetStatus {
        let spec = pod::spec_with_tolerations(self.spec);
        let mut status = DaemonSetStatus {
            collisions: self.status.collisions,
            conditions: self.status.conditions.clone(),
            observed_generation: self.object.meta.generation,
            ..Default::default()
        };
        for node in self.cluster.store.list(Kind::Node) {
            let oldest = self.by_node.get(&node.meta.name).and_then(|here| here.first());
            let (run, _) = node::should_run(&spec, node);
            status.desired += i64::from(run);
            match oldest {
                Some(pod) if run => {
                    status.current += 1;
                    status.ready += i64::from(pods::is_ready(pod));
                    status.available += i64::from(self.is_available(pod));
                    status.updated += i64::from(self.is_updated(pod));
                }
                Some(_) => status.misscheduled += 1,
                None => {}
            }
        }
        status.unavailable = status.desired - status.available;
        status
    }

    pub(super) fn write_status(&mut self) {
        let status = self.count();
        if self.spec.min_ready > 0 && status.ready != status.available {
            self.out.again_at(self.cluster.now + Span::secs(self.spec.min_ready as u64));
        }
        // Of a Pod that became ready it is looked a second after it should be available, also of one beside an older one.
        let waits = |pod: &Rc<Object>| pods::availability(self.cluster, pod, self.spec.min_ready).err().flatten();
        for at in self.by_node.values().flatten().filter_map(waits) {
            self.out.again_at(at + Span::secs(1));
        }
        if status != *self.status {
            let mut object = self.object.clone();
            object.expect_mut::<DaemonSet>().status = status;
            self.out.last = Some(Request::put_status(BY, object));
        }
    }
}
