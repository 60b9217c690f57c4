//! A Pod's status: what the kubelet reports of containers, addresses and resources.
//!
//! Kubernetes 1.36: pkg/kubelet/kubelet_pods.go (generateAPIPodStatus, convertToAPIContainerStatuses),
//! pkg/kubelet/status/status_manager.go

use super::pod_worker::Turn;
use super::{phase, restart, restart_all, security};
use crate::api::Stamp;
use crate::api::field::{Amounts, Field, word};
use crate::api::node::Node;
use crate::api::pod::Container as Spec;
use crate::api::pod_status::{ContainerState as State, ContainerStatus, Ip, PodStatus, Running, Terminated, Waiting};
use crate::api::quantity::Quantity;
use crate::machine::agent::Life;
use crate::machine::{Container, ContainerState, Exit, images};
use crate::value::{Value, shared};
use std::rc::Rc;

impl Turn<'_> {
    /// Works out how the Pod is and sets [`Turn::status`]. Answers the phase as the containers have it; the reported one stays
    /// what it was until everything has ended.
    pub(super) fn report(&mut self, ended: bool) -> &'static str {
        if !ended && self.none_is_made_anew() {
            return "Running";
        }
        let mut status = self.status().clone();
        let ending = self.pod.meta.deleting() || self.worker.life != Life::Running;
        let spec = self.spec.clone();
        let has_init = !spec.init_containers.is_empty();
        let of = |c: &Spec| self.describe(c, has_init, ending);
        status.init_container_statuses = spec.init_containers.iter().map(of).collect();
        status.container_statuses = spec.containers.iter().map(of).collect();
        status.container_statuses.sort_by(|a, b| a.name.cmp(&b.name));
        let aside = |c: &Spec| ContainerStatus { ready: false, started: None, ..of(c) };
        status.ephemeral_container_statuses = spec.ephemeral_containers.iter().map(aside).collect();
        let mut computed = phase::phase(&spec, &status);
        if self.worker.ended_by.as_ref().is_some_and(|(reason, _)| ended || &**reason == "DeadlineExceeded") {
            computed = "Failed";
        } else if ended && computed == "Running" {
            // Nothing is started again: what has ended counts.
            let code = |s: &ContainerStatus| s.state.terminated.as_ref().map(|t| t.exit_code);
            let well = status.container_statuses.iter().all(|s| code(s) == Some(0));
            computed = if well { "Succeeded" } else { "Failed" };
        }
        self.set_conditions(&mut status, computed);
        if ended && self.worker.life == Life::Terminated {
            // What never came to run is counted as lost.
            lose(&mut status);
            let lost = status.container_statuses.iter().any(is_lost);
            computed = if computed == "Succeeded" && !lost { computed } else { "Failed" };
        }
        let terminal = matches!(computed, "Succeeded" | "Failed");
        if (!terminal || ended) && !self.status().finished() {
            status.phase = word(computed);
        }
        if status.finished()
            && let Some((reason, message)) = &self.worker.ended_by
        {
            (status.reason, status.message) = (reason.clone(), message.clone());
        }
        self.set_addresses(&mut status);
        self.set_resources(&mut status);
        status.observed_generation = self.pod.meta.generation;
        status.start_time.get_or_insert(Stamp(self.cluster.stamp_of(self.worker.since).0));
        status.share(self.status());
        self.new_status = Some(status);
        computed
    }

    /// The sandbox is up; nothing else of the status changes yet.
    pub(super) fn report_sandbox(&mut self) {
        let mut status = self.status().clone();
        let phase = status.phase.clone();
        self.set_conditions(&mut status, &phase);
        self.new_status = Some(status);
    }

    pub(super) fn container_status(&self, name: &str) -> Option<&ContainerStatus> {
        let status = self.status();
        let mut all = status
            .init_container_statuses
            .iter()
            .chain(&status.container_statuses)
            .chain(&status.ephemeral_container_statuses);
        all.find(|s| &*s.name == name)
    }

    fn describe(&self, spec: &Spec, has_init: bool, ending: bool) -> ContainerStatus {
        let newest = self.sandbox().and_then(|s| s.newest(&spec.name));
        let mut status = match newest {
            Some(container) => self.describe_container(spec, container, has_init),
            None => self.describe_absent(spec, has_init),
        };
        self.show_trouble(spec, newest, &mut status, ending);
        let started = self.has_started(spec) && status.state.running.is_some();
        status.started = Some(started);
        let is_init = self.spec.init_containers.iter().any(|c| c.name == spec.name) && !spec.is_sidecar();
        status.ready = if is_init {
            status.state.terminated.as_ref().is_some_and(|t| t.exit_code == 0)
        } else {
            started && self.probe_says_ready(spec)
        };
        let mounts = spec.volume_mounts.iter().map(|m| {
            let mut mount =
                Value::map([("mountPath", Value::Str(m.path.clone())), ("name", Value::Str(m.name.clone()))]);
            if m.read_only {
                mount.set("readOnly", true.into());
                mount.set("recursiveReadOnly", "Disabled".into());
            }
            mount
        });
        let mounts: Vec<Value> = mounts.collect();
        status.volume_mounts = if mounts.is_empty() { Value::Null } else { Value::list(mounts) };
        status
    }

    fn describe_absent(&self, spec: &Spec, has_init: bool) -> ContainerStatus {
        let old = self.container_status(&spec.name);
        let reason = if has_init { "PodInitializing" } else { "ContainerCreating" };
        let mut status = ContainerStatus {
            name: spec.name.clone(),
            image: spec.image.clone(),
            state: waiting(reason, ""),
            restart_count: old.map_or(0, |s| s.restart_count),
            ..Default::default()
        };
        if let Some(old) = old {
            status.last_state = old.last_state.clone();
            if old.state.terminated.is_some() {
                return ContainerStatus { ..old.clone() };
            }
        }
        status
    }

    fn describe_container(&self, spec: &Spec, container: &Container, has_init: bool) -> ContainerStatus {
        let stamp = |t| Some(Stamp(self.cluster.stamp_of(t).0));
        let state = match &container.state {
            ContainerState::Created => waiting(if has_init { "PodInitializing" } else { "ContainerCreating" }, ""),
            ContainerState::Running { since } => {
                State { running: Some(Running { started: stamp(*since) }), ..Default::default() }
            }
            ContainerState::Exited(exit) => self.terminated(container, exit),
        };
        let previous = self.sandbox().and_then(|s| s.previous(&spec.name));
        let last_state = match previous.and_then(|p| Some((p, p.exit()?))) {
            Some((previous, exit)) => self.terminated(previous, exit),
            None => match self.container_status(&spec.name) {
                Some(old) if restart_all::was_removed(old) => old.last_state.clone(),
                _ => State::default(),
            },
        };
        let never_ran = container.exit().is_some_and(|e| e.started.is_none());
        let created = matches!(container.state, ContainerState::Created);
        let granted = self.granted(spec);
        let (requests, resources) = (&granted.requests, granted.write());
        let mut status = ContainerStatus {
            name: spec.name.clone(),
            state,
            last_state,
            restart_count: i64::from(container.attempt),
            image: container.image.clone(),
            image_id: shared(&images::image_id(&container.image, self.machine.imported.contains(&&*container.image))),
            container_id: format!("containerd://{}", container.id).into(),
            allocated_resources: if requests.is_empty() { Value::Null } else { requests.write() },
            resources,
            user: security::user(&self.spec, spec),
            ..Default::default()
        };
        if created {
            status.image = spec.image.clone();
            status.image_id = "".into();
            (status.container_id, status.user, status.resources) = ("".into(), Value::Null, Value::Null);
            status.allocated_resources = Value::Null;
        }
        let _ = never_ran;
        status
    }

    fn terminated(&self, container: &Container, exit: &Exit) -> State {
        let epoch = Stamp(0);
        let started = exit.started.map_or(epoch, |t| Stamp(self.cluster.stamp_of(t).0));
        let terminated = Terminated {
            container_id: format!("containerd://{}", container.id).into(),
            exit_code: exit.code.into(),
            finished: Some(Stamp(self.cluster.stamp_of(exit.finished).0)),
            message: exit.message.clone(),
            reason: exit.reason.into(),
            signal: 0,
            started: Some(started),
        };
        State { terminated: Some(Box::new(terminated)), ..Default::default() }
    }

    /// A container that is to be started again but did not start shows why.
    fn show_trouble(&self, spec: &Spec, newest: Option<&Container>, status: &mut ContainerStatus, ending: bool) {
        let Some(trouble) = self.worker.troubles.get(&spec.name).filter(|t| !t.reason.is_empty()) else { return };
        let code = match newest.map(|c| &c.state) {
            Some(ContainerState::Running { .. }) => return,
            Some(ContainerState::Exited(exit)) => Some(exit.code),
            Some(ContainerState::Created) | None => None,
        };
        if ending || !restart::should_restart(&self.spec, spec, code) {
            return;
        }
        if status.state.terminated.is_some() {
            status.last_state = std::mem::take(&mut status.state);
        }
        status.state = waiting(&trouble.reason, &trouble.message);
    }

    fn set_addresses(&self, status: &mut PodStatus) {
        if let Some((_, node)) = self.cluster.store.typed::<Node>("", self.node)
            && let Some(address) = node.status.address("InternalIP")
        {
            status.host_ip = address.clone();
            status.host_ips = vec![Ip { ip: address.clone() }].into();
        }
        if let Some(sandbox) = self.sandbox().filter(|s| s.running && !s.address.is_empty()) {
            status.pod_ip = sandbox.address.clone();
            status.pod_ips = vec![Ip { ip: sandbox.address.clone() }].into();
        }
    }

    fn set_resources(&self, status: &mut PodStatus) {
        let mut requests = Amounts::default();
        let mut limits = Amounts::default();
        for container in &self.spec.containers {
            let granted = self.granted(container);
            add(&mut requests, &granted.requests);
            add(&mut limits, &granted.limits);
        }
        status.allocated_resources = if requests.is_empty() { Value::Null } else { requests.write() };
        // Disk is no matter of the Pod's control group, which is looked at here.
        [&mut limits, &mut requests].into_iter().for_each(|a| a.0.retain(|(name, _)| &**name != "ephemeral-storage"));
        let mut resources = Value::empty_map();
        if !limits.is_empty() {
            resources.set("limits", limits.write());
        }
        if !requests.is_empty() {
            resources.set("requests", requests.write());
        }
        status.resources = resources;
    }
}

fn add(sum: &mut Amounts, more: &Amounts) {
    for (name, amount) in more.iter() {
        match sum.0.iter_mut().find(|(n, _)| n == name) {
            Some((_, total)) => *total = total.plus(*amount),
            None => sum.0.push((name.clone(), Quantity { ..*amount })),
        }
    }
    sum.0.sort_by(|a, b| a.0.cmp(&b.0));
}

const LOST: &str = "ContainerStatusUnknown";

fn is_lost(status: &ContainerStatus) -> bool {
    status.state.terminated.as_ref().is_some_and(|t| &*t.reason == LOST)
}

/// Containers that still wait when their Pod has ended will never be seen: of init containers those up to the last that has
/// begun, of the others all if any of them has.
fn lose(status: &mut PodStatus) {
    let begun = |s: &ContainerStatus| s.state.waiting.is_none() || s.last_state.terminated.is_some();
    let inits = &mut status.init_container_statuses;
    if inits.is_empty() || status.container_statuses.iter().any(begun) {
        status.container_statuses.iter_mut().for_each(lose_one);
    }
    let count = inits.iter().rposition(begun).map_or(1, |last| last + 1);
    inits.iter_mut().take(count).for_each(lose_one);
}

fn lose_one(status: &mut ContainerStatus) {
    if status.state.terminated.is_some() || status.state.running.is_some() {
        return;
    }
    let lost = Terminated {
        exit_code: 137,
        reason: LOST.into(),
        message: "The container could not be located when the pod was terminated".into(),
        ..Default::default()
    };
    status.state = State { terminated: Some(Box::new(lost)), ..Default::default() };
}

pub(super) fn waiting(reason: &str, message: &str) -> State {
    let waiting = Waiting { reason: Rc::from(reason), message: Rc::from(message) };
    State { waiting: Some(waiting), ..Default::default() }
}
