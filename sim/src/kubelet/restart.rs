//! Whether a container runs again, and how long that waits.
//!
//! Kubernetes 1.36: pkg/kubelet/container/helpers.go (ShouldContainerBeRestarted), pkg/api/v1/pod (restart policy and
//! rules), kuberuntime_manager.go (doBackOff)

use super::pod_worker::Turn;
use crate::api::pod::{Container, PodSpec};
use crate::clock::{Span, Time};
use crate::machine::agent::{BackOff, Failure};
use crate::value::Value;

const FIRST: Span = Span::secs(10);
pub(super) const LONGEST: Span = Span::secs(300);

/// Whether a container that ended with this code is started again; `None`: it has not run yet.
pub fn should_restart(spec: &PodSpec, container: &Container, code: Option<i32>) -> bool {
    let Some(code) = code else { return true };
    if container.is_sidecar() {
        return true;
    }
    if let Some(action) = action(container, code) {
        return matches!(action, "Restart" | "RestartAllContainers");
    }
    match container.restart_policy.as_deref().unwrap_or(&spec.restart_policy) {
        "Never" => false,
        "OnFailure" => code != 0,
        // Init containers that succeeded are never run again.
        _ => code != 0 || !spec.init_containers.iter().any(|c| c.name == container.name),
    }
}

/// What the container's own rules say of this exit code.
pub(super) fn action(container: &Container, code: i32) -> Option<&str> {
    let fits = |rule: &&Value| {
        let codes = rule.get("exitCodes");
        let listed = codes.get("values").items().iter().any(|v| v.as_int() == Some(i64::from(code)));
        match codes.get("operator").as_str() {
            Some("In") => listed,
            Some("NotIn") => !listed,
            _ => false,
        }
    };
    container.restart_rules.items().iter().find(fits)?.get("action").as_str()
}

/// The wait after this one, or the first; after a pause of twice the longest it begins anew.
pub(super) fn next(back_off: Option<BackOff>, event: Time, now: Time) -> BackOff {
    let wait = match back_off {
        Some(b) if !expired(b, event) => Span(b.wait.0 * 2).min(LONGEST),
        _ => FIRST,
    };
    BackOff { wait, updated: now }
}

pub(super) fn expired(back_off: BackOff, event: Time) -> bool {
    event.since(back_off.updated) > Span(LONGEST.0 * 2)
}

impl Turn<'_> {
    /// Whether the container must wait before it is started again; says so if it must.
    pub(super) fn in_back_off(&mut self, container: &Container) -> bool {
        let now = self.now();
        let Some(finished) = self.finished_before_sync(&container.name) else { return false };
        let old = self.worker.troubles.get(&container.name).and_then(|t| t.back_off);
        if let Some(b) = old.filter(|b| !expired(*b, finished) && now.since(finished) < b.wait) {
            let (pod, uid) = (&self.pod.meta, &self.pod.meta.uid);
            let place = format!("{}_{}({uid})", pod.name, pod.namespace);
            let name = &container.name;
            let event = format!("Back-off restarting failed container {name} in pod {place}");
            let wait = super::images::go_duration(b.wait);
            let message = format!("back-off {wait} restarting failed container={name} pod={place}");
            self.warn(name, "BackOff", event);
            self.trouble(name, "CrashLoopBackOff", &message, Failure::BackOff(finished + b.wait));
            return true;
        }
        let new = next(old, finished, now);
        self.worker.troubles.entry(container.name.clone()).or_default().back_off = Some(new);
        false
    }

    /// When the latest container of this name ended that had ended when the sync began.
    fn finished_before_sync(&self, name: &str) -> Option<Time> {
        let at_sync = self.worker.at_sync.iter().filter(|(n, _, ended)| &**n == name && *ended);
        let attempt = at_sync.map(|(_, attempt, _)| *attempt).max()?;
        let sandbox = self.sandbox()?;
        let container = sandbox.containers.iter().find(|c| &*c.name == name && c.attempt == attempt)?;
        container.exit().map(|e| e.finished)
    }

    /// Notes why a container does not start.
    pub(super) fn trouble(&mut self, name: &std::rc::Rc<str>, reason: &str, message: &str, failure: Failure) {
        let trouble = self.worker.troubles.entry(name.clone()).or_default();
        trouble.reason = reason.into();
        trouble.message = message.into();
        self.worker.failed = Some(match (self.worker.failed.take(), failure) {
            (Some(Failure::BackOff(a)), Failure::BackOff(b)) => Failure::BackOff(a.min(b)),
            (Some(Failure::BackOff(a)), Failure::Plain) => Failure::BackOff(a),
            (_, new) => new,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_five_minutes() {
        let mut back_off = None;
        let mut waits = Vec::new();
        for i in 0..7 {
            let b = next(back_off, Time(i * 1000), Time(i * 1000));
            waits.push(b.wait.as_secs());
            back_off = Some(b);
        }
        assert_eq!(waits, [10, 20, 40, 80, 160, 300, 300]);
        assert_eq!(next(back_off, Time(700_000), Time(700_000)).wait, FIRST);
    }
}
