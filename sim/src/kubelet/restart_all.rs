//! A container's exit may start the whole Pod anew: the rule `RestartAllContainers`.
//!
//! Kubernetes 1.36: pkg/kubelet/kuberuntime/kuberuntime_manager.go (RestartAllContainers), pkg/kubelet/kubelet_pods.go.
//! All containers are stopped and removed, then the init containers run again; sandbox, address and volumes stay.

use super::pod_worker::Turn;
use super::restart;
use super::status::waiting;
use crate::api::Stamp;
use crate::api::pod::Container;
use crate::api::pod_status::{ContainerState, ContainerStatus, PodCondition, PodStatus, Terminated};
use crate::machine::agent::{Life, Task};

pub(super) const CONDITION: &str = "AllContainersRestarting";
const REASON: &str = "RestartingAllContainers";
const MESSAGE: &str = "The container is removed because RestartAllContainers in place";

impl Turn<'_> {
    /// Whether a container has ended so that all are to begin anew.
    fn begins_anew(&self) -> bool {
        let ended = |c: &Container| {
            let exit = self.sandbox().and_then(|s| s.newest(&c.name)).and_then(|c| c.exit());
            exit.is_some_and(|e| restart::action(c, e.code) == Some("RestartAllContainers"))
        };
        self.worker.life == Life::Running && self.spec.all_containers().any(ended)
    }

    /// Plans that, if it is to be. Answers whether it is.
    pub(super) fn plan_anew(&mut self) -> bool {
        if !self.begins_anew() {
            return false;
        }
        let spec = self.spec.clone();
        for container in spec.containers.iter().chain(spec.init_containers.iter().rev()) {
            if self.sandbox().and_then(|s| s.newest(&container.name)).is_some_and(|c| c.is_running()) {
                self.kill_container(container, "killing", None);
            }
        }
        self.worker.tasks.extend([Task::Kills, Task::Remove]);
        true
    }

    /// All have been stopped: they are removed, and only their number is remembered.
    pub(super) fn remove_containers(&mut self) {
        let Some(sandbox) = self.sandbox_mut() else { return };
        let removed = std::mem::take(&mut sandbox.containers);
        self.worker.troubles.clear();
        self.worker.at_sync.clear();
        self.worker.acted = true;
        let (old, now) = (self.status().clone(), self.now());
        self.report(false);
        let Some(mut status) = self.new_status.take() else { return };
        let statuses = status.init_container_statuses.iter_mut().chain(&mut status.container_statuses);
        for new in statuses {
            let Some(last) = removed.iter().rev().find(|c| c.name == new.name) else { continue };
            let was = old.init_container_statuses.iter().chain(&old.container_statuses).find(|s| s.name == new.name);
            let ready = was.is_some_and(|s| s.ready && s.state.terminated.is_some());
            *new = gone(new, last.attempt, ready);
            if let Some(container) = self.spec.all_containers().find(|c| c.name == new.name) {
                new.image = container.image.clone();
            }
        }
        status.phase = old.phase;
        self.new_status = Some(status);
        self.changed(now);
    }

    /// Whether all have been removed and the first has not been made again: the status stays as it is till then.
    pub(super) fn none_is_made_anew(&self) -> bool {
        let waits = |s: &ContainerStatus| s.state.waiting.as_ref().is_some_and(|w| &*w.reason == REASON);
        self.worker.life == Life::Running
            && self.sandbox().is_some_and(|s| s.running && s.containers.is_empty())
            && self.status().container_statuses.iter().any(waits)
    }

    /// Adds the condition that tells of it, once it has happened.
    pub(super) fn restarting_condition(&self, old: &[PodCondition], status: &mut PodStatus) {
        let before = old.iter().find(|c| &*c.kind == CONDITION);
        let holds = self.begins_anew();
        if before.is_none() && !holds {
            return;
        }
        let (is, reason, message) = match holds {
            true => ("True", "RestartAllContainersStarted", "container exited with restart policy rule"),
            false => ("False", "", ""),
        };
        let since = before.filter(|c| &*c.status == is).and_then(|c| c.last_transition);
        status.conditions.push(PodCondition {
            kind: CONDITION.into(),
            status: is.into(),
            reason: reason.into(),
            message: message.into(),
            last_transition: Some(since.unwrap_or(Stamp(self.cluster.stamp().0))),
            ..Default::default()
        });
    }
}

fn gone(status: &ContainerStatus, attempt: u32, ready: bool) -> ContainerStatus {
    let terminated =
        Terminated { exit_code: 137, reason: REASON.into(), message: MESSAGE.into(), ..Default::default() };
    ContainerStatus {
        name: status.name.clone(),
        state: waiting(REASON, MESSAGE),
        last_state: ContainerState { terminated: Some(Box::new(terminated)), ..Default::default() },
        restart_count: i64::from(attempt) + 1,
        started: Some(false),
        ready,
        volume_mounts: status.volume_mounts.clone(),
        ..Default::default()
    }
}

/// Whether a container was removed in this way, and has not been made again.
pub(super) fn was_removed(status: &ContainerStatus) -> bool {
    status.last_state.terminated.as_ref().is_some_and(|t| &*t.reason == REASON)
}
