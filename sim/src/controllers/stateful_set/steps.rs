//! Kubernetes 1.36: pkg/controller/statefulset/stateful_set_control.go (updateStatefulSet, processReplica,
//! processCondemned)
//!
//! First every wanted Pod, in order; then those that are too many, the highest first; then the update, the highest
//! first. If ordered, each waits for what comes before it.

use super::identity::is_running_and_ready;
use super::{BY, Look};
use crate::api::object::Object;
use crate::api::pod::Pod;
use crate::api::stateful_set::StatefulSetStatus;
use crate::apiserver::events::Note;
use crate::controllers::pods;
use crate::outcome::Outcome;
use std::rc::Rc;

impl Look<'_> {
    /// Takes the steps that are due; what an update takes away is no longer counted as current.
    pub(super) fn step(&self, status: &mut StatefulSetStatus, out: &mut Outcome) {
        for (i, seat) in self.seats.iter().enumerate() {
            if self.fill(self.start() + i as i64, seat, out) && self.is_ordered() {
                return;
            }
        }
        for pod in &self.condemned {
            self.own_claims(pod, true, out);
        }
        let first_unavailable = self.first_unavailable();
        for pod in &self.condemned {
            self.condemn(pod, first_unavailable, out);
            if self.is_ordered() {
                return;
            }
        }
        if &*self.spec.update.kind != "OnDelete" {
            self.replace_old(status, out);
        }
    }

    /// Sees to one wanted Pod; answers whether those after it must wait.
    fn fill(&self, ordinal: i64, seat: &Option<Rc<Object>>, out: &mut Outcome) -> bool {
        let name = format!("{}-{ordinal}", self.object.meta.name);
        let Some(pod) = seat else {
            if self.has_stale_claim(&name) {
                return true;
            }
            match self.make_claims(&name, out) {
                Some(claim) => self.tell_stale(&name, &claim, out),
                None => {
                    out.request(self.new_pod(ordinal));
                    self.say(out, "SuccessfulCreate", format!("Create Pod {name}"));
                }
            }
            return true;
        };
        let phase = &*pod.expect::<Pod>().status.phase;
        // A Pod that has ended gives its place to a new one.
        if matches!(phase, "Failed" | "Succeeded") {
            if !pod.meta.deleting() {
                self.delete(pod, out);
            }
            return true;
        }
        if phase == "Pending" {
            self.make_claims(&name, out);
        }
        if self.is_ordered() && (pod.meta.deleting() || !self.is_available(pod)) {
            return true;
        }
        let named = self.name(pod, ordinal, out);
        if self.own_claims(pod, false, out) || named {
            self.say(out, "SuccessfulUpdate", format!("Update Pod {name}"));
        }
        false
    }

    /// Deletes a Pod that is too many.
    fn condemn(&self, pod: &Object, first_unavailable: Option<&Object>, out: &mut Outcome) {
        let is_first = first_unavailable.is_some_and(|p| p.meta.uid == pod.meta.uid);
        let must_wait = self.is_ordered() && !self.is_available(pod) && !is_first;
        if !pod.meta.deleting() && !must_wait {
            self.delete(pod, out);
        }
    }

    /// Deletes the highest Pod that is not of the update's revision, once all above it are available.
    fn replace_old(&self, status: &mut StatefulSetStatus, out: &mut Outcome) {
        let lowest = self.spec.update.rolling.as_ref().map_or(0, |r| r.partition).max(0) as usize;
        for seat in self.seats.iter().skip(lowest).rev() {
            let Some(pod) = seat else { return };
            if !self.is_updated(pod) && !pod.meta.deleting() {
                self.delete(pod, out);
                status.current -= i64::from(pod.meta.labels.get(super::REVISION) == Some(&self.current.meta.name));
                return;
            }
            if pod.meta.deleting() || !self.is_available(pod) {
                return;
            }
        }
    }

    /// The lowest Pod that is not available, wanted or not.
    fn first_unavailable(&self) -> Option<&Object> {
        let all = self.seats.iter().flatten().chain(self.condemned.iter().rev());
        all.map(|pod| &**pod).find(|pod| pod.meta.deleting() || !self.is_available(pod))
    }

    pub(super) fn is_available(&self, pod: &Object) -> bool {
        is_running_and_ready(pod) && pods::availability(self.cluster, pod, self.spec.min_ready).is_ok()
    }

    fn delete(&self, pod: &Object, out: &mut Outcome) {
        out.request(pods::delete(BY, pod));
        self.say(out, "SuccessfulDelete", format!("Delete Pod {}", pod.meta.name));
    }

    fn say(&self, out: &mut Outcome, reason: &str, what: String) {
        let message = format!("{what} in StatefulSet {} successful", self.object.meta.name);
        out.event(Note::normal(self.object, BY, reason, message));
    }
}
