//! `activeDeadlineSeconds`: how long a Pod may be active on its node.
//!
//! Kubernetes 1.36: pkg/kubelet/active_deadline.go

use super::BY;
use super::pod_worker::Turn;
use crate::apiserver::events::Note;
use crate::clock::{Span, Time};
use crate::machine::agent::Life;

const REASON: &str = "DeadlineExceeded";
const MESSAGE: &str = "Pod was active on the node longer than the specified deadline";
/// Deadlines are looked at by a loop of their own.
const LOOK: Span = Span(350);

impl Turn<'_> {
    /// When the Pod's time is over, as far as it has to be ended for that.
    pub(super) fn deadline(&self) -> Option<Time> {
        let seconds = self.spec.active_deadline?;
        (self.worker.life == Life::Running).then(|| self.worker.since + Span::secs(seconds.max(0) as u64) + LOOK)
    }

    /// A Pod past its deadline is failed; each sync says so.
    pub(super) fn check_deadline(&mut self) {
        let Some(seconds) = self.spec.active_deadline else { return };
        let own = self.worker.ended_by.as_ref().is_some_and(|(reason, _)| &**reason == REASON);
        let over = self.now().since(self.worker.since) >= Span::secs(seconds.max(0) as u64);
        let ended = matches!(&*self.status().phase, "Succeeded" | "Failed");
        if own || (over && !ended && self.worker.ended_by.is_none() && self.worker.life == Life::Running) {
            self.worker.ended_by = Some((REASON.into(), MESSAGE.into()));
            let note = Note::normal(&self.pod, BY, REASON, MESSAGE).on(self.node);
            self.out.event(note);
        }
    }
}
