//! A Pod's conditions.
//!
//! Kubernetes 1.36: pkg/kubelet/status/generate.go, pkg/kubelet/status/status_manager.go (mergePodStatus)

use super::pod_worker::Turn;
use super::resize;
use super::restart_all::CONDITION;
use crate::api::Stamp;
use crate::api::field::{empty_text, word};
use crate::api::pod_status::{PodCondition, PodStatus};
use std::rc::Rc;

/// Conditions that the kubelet writes, in its order.
pub(super) const OWN: [&str; 5] =
    ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"];

const DISRUPTED: &str = "DisruptionTarget";

/// A verdict: whether it holds, or the reason and message why not.
type Verdict = Result<Option<&'static str>, (&'static str, String)>;

impl Turn<'_> {
    /// Sets the conditions of `status`, whose container statuses and (true) phase are known.
    pub(super) fn set_conditions(&self, status: &mut PodStatus, phase: &str) {
        let old = &self.status().conditions;
        let containers_ready = self.containers_ready(status, phase);
        let ready = match &containers_ready {
            Ok(_) => self.readiness_gates(),
            Err(why) => Err(why.clone()),
        };
        let verdicts: [Verdict; 5] = [
            if self.sandbox().is_some_and(|s| s.running) { Ok(None) } else { Err(("", String::new())) },
            self.initialized(status, phase),
            ready,
            containers_ready,
            Ok(None),
        ];
        let foreign = |c: &&PodCondition| {
            !OWN.contains(&&*c.kind) && &*c.kind != CONDITION && !resize::CONDITIONS.contains(&&*c.kind)
        };
        let mut conditions = self.resize_conditions(old);
        conditions.extend(old.iter().filter(foreign).cloned());
        if self.worker.disrupted && !conditions.iter().any(|c| &*c.kind == DISRUPTED) {
            let message = self.worker.ended_by.as_ref().map(|(_, message)| message.clone()).unwrap_or_default();
            conditions.push(PodCondition {
                kind: DISRUPTED.into(),
                status: "True".into(),
                reason: "TerminationByKubelet".into(),
                message,
                last_probe: None,
                last_transition: Some(Stamp(self.cluster.stamp().0)),
                observed_generation: self.pod.meta.generation,
            });
        }
        for (kind, verdict) in OWN.into_iter().zip(verdicts) {
            let (holds, reason, message) = match verdict {
                Ok(reason) => ("True", reason.unwrap_or(""), String::new()),
                Err((reason, message)) => ("False", reason, message),
            };
            let before = old.iter().find(|c| &*c.kind == kind);
            let same = before.filter(|c| &*c.status == holds).and_then(|c| c.last_transition);
            let now = Stamp(self.cluster.stamp().0);
            conditions.push(PodCondition {
                kind: word(kind),
                status: word(holds),
                reason: word(reason),
                message: if message.is_empty() { empty_text() } else { message.into() },
                last_probe: None,
                last_transition: Some(same.unwrap_or(now)),
                observed_generation: self.pod.meta.generation,
            });
        }
        status.conditions = conditions.into();
        self.restarting_condition(old, status);
    }

    fn initialized(&self, status: &PodStatus, phase: &str) -> Verdict {
        if phase == "Succeeded" {
            return Ok(Some("PodCompleted"));
        }
        // Once an ordinary container has run, the Pod was initialized.
        let begun = status
            .container_statuses
            .iter()
            .any(|s| s.state.running.is_some() || s.state.terminated.is_some() || s.last_state.terminated.is_some());
        let done = |name: &Rc<str>, sidecar: bool| {
            let s = status.init_container_statuses.iter().find(|s| s.name == *name);
            s.is_some_and(|s| if sidecar { s.started == Some(true) } else { s.ready })
        };
        let open = self.spec.init_containers.iter().filter(|c| !done(&c.name, c.is_sidecar()));
        let open: Vec<&str> = open.map(|c| &*c.name).collect();
        if begun || open.is_empty() {
            return Ok(None);
        }
        Err(("ContainersNotInitialized", format!("containers with incomplete status: [{}]", open.join(" "))))
    }

    fn containers_ready(&self, status: &PodStatus, phase: &str) -> Verdict {
        match phase {
            "Succeeded" => return Err(("PodCompleted", String::new())),
            "Failed" => return Err(("PodFailed", String::new())),
            _ => {}
        }
        let sidecars = self.spec.init_containers.iter().filter(|c| c.is_sidecar());
        let sidecars = sidecars.filter_map(|c| status.init_container_statuses.iter().find(|s| s.name == c.name));
        let all = sidecars.chain(&status.container_statuses);
        let unready: Vec<&str> = all.filter(|s| !s.ready).map(|s| &*s.name).collect();
        if unready.is_empty() {
            return Ok(None);
        }
        Err(("ContainersNotReady", format!("containers with unready status: [{}]", unready.join(" "))))
    }

    /// Whether somebody has opened or shut a readiness gate since Ready was last written.
    ///
    /// Kubernetes 1.36: pkg/kubelet/status/status_manager.go (NeedToReconcilePodReadiness)
    pub(super) fn gates_have_moved(&self) -> bool {
        let status = self.status();
        let passable = status.condition("ContainersReady").is_some_and(|c| &*c.status == "True");
        let Some(ready) = status.condition("Ready").filter(|_| passable && !self.spec.readiness_gates.is_empty())
        else {
            return false;
        };
        match self.readiness_gates() {
            Ok(_) => &*ready.status != "True",
            Err((_, why)) => &*ready.status != "False" || *ready.message != *why,
        }
    }

    fn readiness_gates(&self) -> Verdict {
        let mut wrong = Vec::new();
        for gate in &self.spec.readiness_gates {
            let name = &gate.condition;
            match self.status().conditions.iter().find(|c| c.kind == *name) {
                None => {
                    wrong.push(format!("corresponding condition of pod readiness gate \"{name}\" does not exist."));
                }
                Some(c) if &*c.status != "True" => {
                    let is = &c.status;
                    wrong.push(format!("the status of pod readiness gate \"{name}\" is not \"True\", but {is}"));
                }
                Some(_) => {}
            }
        }
        if wrong.is_empty() { Ok(None) } else { Err(("ReadinessGatesNotReady", wrong.join(", "))) }
    }
}
