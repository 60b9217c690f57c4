//! A sync: what is to be done so that the Pod is as it is wanted, and each step of doing it.
//!
//! Kubernetes 1.36: pkg/kubelet/kubelet.go (SyncPod, SyncTerminatingPod, SyncTerminatedPod),
//! pkg/kubelet/kuberuntime/kuberuntime_manager.go (computePodActions, SyncPod)

use super::pod_worker::Turn;
use super::{BY, clockwork, restart};
use crate::api::pod::Container;
use crate::apiserver::events::Note;
use crate::machine::agent::{Life, StartStage, Task};
use crate::machine::{ContainerState, Sandbox};
use std::rc::Rc;

impl Turn<'_> {
    /// The Pod is seen for the first time.
    pub(super) fn arrive(&mut self) {
        self.worker.since = self.now();
        self.worker.life = Life::Running;
        if self.status().finished() {
            // It had ended before this kubelet knew of it.
            self.worker.life = Life::Done;
            return;
        }
        if let Err((reason, message)) = self.admit() {
            return self.reject(reason, &message);
        }
        self.sync_pod();
    }

    pub(super) fn sync_pod(&mut self) {
        self.check_deadline();
        self.consider_resize();
        self.worker.at_sync = match self.sandbox() {
            Some(s) => s.containers.iter().map(|c| (c.name.clone(), c.attempt, c.exit().is_some())).collect(),
            None => Vec::new(),
        };
        let computed = self.report(false);
        self.trigger_probes();
        if matches!(computed, "Succeeded" | "Failed") {
            return self.enter(Life::Terminating);
        }
        self.worker.tasks.push_back(Task::Mount);
    }

    /// Volumes are there: what is to be done about sandbox and containers?
    pub(super) fn plan(&mut self) {
        if self.sandbox().is_none_or(|s| !s.running) {
            self.worker.tasks.push_back(Task::Sandbox);
            return;
        }
        if self.plan_anew() {
            return;
        }
        // Ephemeral containers are started once, before all others.
        let sandbox = self.sandbox().expect("it runs");
        let new = self.spec.ephemeral_containers.iter().filter(|c| sandbox.newest(&c.name).is_none());
        let mut starts: Vec<Rc<str>> = new.map(|c| c.name.clone()).collect();
        let ephemeral = starts.len();
        let initialized = self.plan_init_containers(&mut starts);
        let spec = self.spec.clone();
        let mut kept = 0;
        for container in spec.containers.iter().filter(|_| initialized) {
            match self.sandbox().expect("it runs").newest(&container.name).map(|c| c.state.clone()) {
                Some(ContainerState::Running { .. }) => {
                    match self.why_kill(container).or_else(|| self.resize_container(container)) {
                        Some(why) => {
                            self.kill_container(container, &why, None);
                            if restart::should_restart(&spec, container, Some(1)) {
                                starts.push(container.name.clone());
                            }
                        }
                        None => kept += 1,
                    }
                }
                Some(ContainerState::Exited(exit)) => {
                    if restart::should_restart(&spec, container, Some(exit.code)) {
                        starts.push(container.name.clone());
                    }
                }
                Some(ContainerState::Created) | None => starts.push(container.name.clone()),
            }
        }
        self.resized();
        if initialized && kept == 0 && starts.len() == ephemeral && self.worker.kills.is_empty() {
            // Nothing is left to run: what served the others is stopped.
            self.kill_sidecars();
        }
        if !self.worker.kills.is_empty() {
            self.worker.tasks.push_back(Task::Kills);
        }
        for name in starts {
            self.worker.tasks.push_back(Task::Start(name, StartStage::Begin));
        }
    }

    /// Adds the init containers to start; answers whether the ordinary ones may run. It looks from the last one back: the
    /// last that has begun tells how far the Pod is, and before it only sidecars are kept running.
    fn plan_init_containers(&mut self, starts: &mut Vec<Rc<str>>) -> bool {
        let spec = self.spec.clone();
        let inits = &spec.init_containers;
        let sandbox = self.sandbox().expect("it runs");
        let begun = spec.containers.iter().any(|c| sandbox.newest(&c.name).is_some());
        let (mut initialized, mut past, mut chosen) = (begun || inits.is_empty(), begun, Vec::new());
        for (i, container) in inits.iter().enumerate().rev() {
            let state = self.sandbox().expect("it runs").newest(&container.name).map(|c| c.state.clone());
            let sidecar = container.is_sidecar();
            let Some(state) = state else {
                if past && sidecar {
                    chosen.push(i);
                }
                continue;
            };
            let done = match state {
                _ if past && !sidecar => false,
                ContainerState::Running { .. } if sidecar => self.look_at_sidecar(i, &mut chosen),
                ContainerState::Running { .. } => false,
                ContainerState::Exited(exit) if !sidecar && exit.code == 0 => true,
                ContainerState::Exited(exit) if !restart::should_restart(&spec, container, Some(exit.code)) => {
                    return false;
                }
                _ => {
                    if !begun || self.main_containers_live() {
                        chosen.push(i);
                    }
                    false
                }
            };
            let last = i + 1 == inits.len();
            initialized |= done && last;
            if done && !last && !past {
                chosen.push(i + 1);
            }
            past = true;
        }
        if !past && !inits.is_empty() {
            chosen.push(0);
        }
        chosen.sort_unstable();
        chosen.dedup();
        starts.extend(chosen.into_iter().map(|i| inits[i].name.clone()));
        initialized
    }

    /// Has a running sidecar killed and started anew if a probe or a change wants it; answers whether those after it may
    /// start.
    fn look_at_sidecar(&mut self, i: usize, chosen: &mut Vec<usize>) -> bool {
        let container = self.spec.init_containers[i].clone();
        let started = self.has_started(&container);
        if let Some(why) = self.why_kill(&container).or_else(|| self.resize_container(&container)) {
            self.kill_container(&container, &why, None);
            chosen.push(i);
        }
        started
    }

    /// Whether any ordinary container runs or will run again.
    fn main_containers_live(&self) -> bool {
        let sandbox = self.sandbox().expect("it runs");
        self.spec.containers.iter().any(|c| match sandbox.newest(&c.name).and_then(|c| c.exit()) {
            Some(exit) => restart::should_restart(&self.spec, c, Some(exit.code)),
            None => true,
        })
    }

    /// Why a running container has to go, in the words of the event.
    fn why_kill(&self, container: &Container) -> Option<String> {
        let running = self.sandbox()?.newest(&container.name)?;
        if running.wanted_image != container.image && container.is_sidecar() {
            return Some(format!("Init container {} definition changed", container.name));
        }
        if running.wanted_image != container.image {
            return Some(format!("Container {} definition changed, will be restarted", container.name));
        }
        let failed = self.failed_probe(&container.name)?;
        if container.is_sidecar() {
            return Some(format!("Init container {} failed {failed} probe", container.name));
        }
        let ending = if restart::should_restart(&self.spec, container, Some(1)) { ", will be restarted" } else { "" };
        Some(format!("Container {} failed {failed} probe{ending}", container.name))
    }

    /// Goes on with the present task. Answers whether anything came of it.
    pub(super) fn step(&mut self) -> bool {
        let now = self.now();
        let task = self.worker.tasks.front().cloned().expect("there is a task");
        let waits = self.worker.until.is_some_and(|at| at > now);
        let done = match task {
            Task::Mount => return self.step_mount(),
            Task::Kills => return self.step_kills(),
            Task::Start(name, stage) => return self.step_start(&name, stage),
            _ if waits => return false,
            Task::Sandbox => self.step_sandbox(),
            Task::StopSandbox => self.step_stop_sandbox(),
            Task::Remove => {
                self.remove_containers();
                true
            }
            Task::Report => {
                self.check_deadline();
                self.report(true);
                true
            }
        };
        if done {
            self.worker.until = None;
            self.next_task();
        }
        true
    }

    /// The present task is done.
    pub(super) fn next_task(&mut self) {
        let task = self.worker.tasks.pop_front().expect("there is a task");
        self.worker.until = None;
        match task {
            Task::Mount => {
                self.look_for_pull_secrets();
                self.plan();
            }
            Task::Sandbox => self.plan(),
            Task::Report => {
                self.worker.kills.clear();
                return self.enter(Life::Terminated);
            }
            _ => {}
        }
        if self.worker.tasks.is_empty() {
            self.finish_sync();
        }
    }

    fn step_sandbox(&mut self) -> bool {
        if self.worker.until.is_none() {
            if self.sandbox().is_some() {
                let text = "Pod sandbox changed, it will be killed and re-created.";
                self.out.event(Note::normal(&self.pod, BY, "SandboxChanged", text).on(self.node));
            }
            let (now, uid) = (self.now(), self.uid());
            let delay = self.machine.delay_start(&self.cluster.machines, &uid, now);
            self.worker.until = Some(now + clockwork::SANDBOX + delay);
            return false;
        }
        let uid = self.uid();
        let address = if self.spec.host_network {
            self.node_address()
        } else {
            let network = self.pod_network();
            self.machine.take_address(&network)
        };
        let old = self.machine.sandboxes.get(&uid);
        let attempt = old.map_or(0, |s| s.attempt + 1);
        let containers = old.map(|s| s.containers.clone()).unwrap_or_default();
        let mut volumes = self.machine.sandboxes.get(&uid).map(|s| s.volumes.clone()).unwrap_or_default();
        volumes.append(&mut self.worker.volumes.trees);
        let on_disk =
            self.spec.volumes.iter().any(|v| v.host_path.is_some() || v.claim.is_some() || !v.ephemeral.is_null());
        let hostname = self.hostname();
        let sandbox = Sandbox {
            running: true,
            address,
            attempt,
            containers,
            volumes,
            on_disk,
            hostname,
            epoch: self.cluster.epoch,
            shared_pid: self.spec.share_process_namespace.then_some(1),
            sent: Vec::new(),
        };
        self.machine.sandboxes.insert(uid, Rc::new(sandbox));
        self.worker.acted = true;
        self.changed(self.now());
        self.report_sandbox();
        true
    }

    pub(super) fn sync_terminating(&mut self) {
        self.check_deadline();
        self.worker.grace = self.full_grace();
        self.kill_all();
        self.report(false);
        self.worker.tasks.extend([Task::Kills, Task::StopSandbox, Task::Report]);
    }

    fn step_stop_sandbox(&mut self) -> bool {
        if self.sandbox().is_none() {
            return true;
        }
        if self.worker.until.is_none() {
            self.worker.until = Some(self.now() + clockwork::STOP_SANDBOX);
            return false;
        }
        self.sandbox_mut().expect("looked at above").running = false;
        true
    }

    /// The Pod has ended: its place is free, and a deleted one leaves the API.
    pub(super) fn forget(&mut self) {
        if self.worker.life == Life::Terminated {
            self.check_deadline();
            self.report(true);
        }
        self.worker.life = Life::Done;
        self.call_waiting();
        if self.worker.ended_by.as_ref().is_some_and(|(reason, _)| &**reason == "Evicted")
            && let Some(sandbox) = self.sandbox_mut()
        {
            // An evicted Pod gives everything back at once, even what its containers have said.
            sandbox.containers.clear();
            sandbox.volumes.clear();
        }
        self.worker.probers.clear();
        self.worker.tasks.clear();
        self.worker.queued = None;
        self.worker.relist = None;
        if self.pod.meta.deleting() {
            self.let_go();
        }
    }

    fn hostname(&self) -> Rc<str> {
        if self.spec.host_network {
            return self.node.clone();
        }
        let other = self.spec.hostname_override.as_ref();
        let name = other.or(self.spec.hostname.as_ref()).unwrap_or(&self.pod.meta.name);
        // Linux takes 63 characters.
        let short = name.char_indices().nth(63).map_or(&**name, |(end, _)| name[..end].trim_end_matches(['-', '.']));
        match self.spec.set_hostname_as_fqdn && !self.spec.subdomain.is_empty() && other.is_none() {
            true => format!("{short}.{}.{}.svc.cluster.local", self.spec.subdomain, self.pod.meta.namespace).into(),
            false => short.into(),
        }
    }
    fn node_address(&self) -> Rc<str> {
        let node = self.cluster.store.typed::<crate::api::node::Node>("", self.node);
        node.and_then(|(_, n)| n.status.address("InternalIP").cloned()).unwrap_or_default()
    }
    fn pod_network(&self) -> Rc<str> {
        let node = self.cluster.store.typed::<crate::api::node::Node>("", self.node);
        node.map(|(_, n)| n.spec.pod_cidr.clone()).unwrap_or_default()
    }
}
