//! Stopping containers: preStop hook, SIGTERM, the grace period, SIGKILL.
//!
//! Kubernetes 1.36: pkg/kubelet/kuberuntime/kuberuntime_container.go (killContainer, killContainersWithSyncResult)

use super::pod_worker::Turn;
use crate::api::pod::Container;
use crate::clock::{Span, Time};
use crate::machine::agent::{Kill, KillStage, Life};
use std::rc::Rc;

const TERM: u8 = 15;
const KILL: u8 = 9;
/// Seconds that a container has at least, whatever was ordered, and also after a hook that has used up the grace.
const LEAST_GRACE: i64 = 2;

impl Turn<'_> {
    /// Begins to stop a running container; `grace` is in seconds, unset leaves it to probe and Pod.
    pub(super) fn kill_container(&mut self, container: &Container, why: &str, grace: Option<i64>) {
        let name = &container.name;
        if self.worker.kills.iter().any(|k| k.container == *name) {
            return;
        }
        let grace = grace.or_else(|| self.probe_grace(container)).or(self.spec.termination_grace).unwrap_or(30);
        self.say(name, "Killing", why);
        let deadline = self.now() + Span::secs(grace.max(LEAST_GRACE) as u64);
        self.worker.kills.push(Kill { container: name.clone(), stage: KillStage::Waiting, deadline });
    }

    /// Begins to stop everything: ordinary containers first, then sidecars, the last one first.
    pub(super) fn kill_all(&mut self) {
        let grace = self.worker.grace;
        let spec = self.spec.clone();
        let running =
            |turn: &Turn, c: &Container| turn.sandbox().and_then(|s| s.newest(&c.name)).is_some_and(|c| c.is_running());
        let list = spec.containers.iter().chain(&spec.ephemeral_containers).chain(spec.init_containers.iter().rev());
        for container in list {
            if running(self, container) {
                self.kill_container(container, &format!("Stopping container {}", container.name), Some(grace));
            }
        }
    }

    pub(super) fn kill_sidecars(&mut self) {
        let spec = self.spec.clone();
        for container in spec.init_containers.iter().rev().filter(|c| c.is_sidecar()) {
            if self.sandbox().and_then(|s| s.newest(&container.name)).is_some_and(|c| c.is_running()) {
                self.kill_container(container, &format!("Stopping container {}", container.name), None);
            }
        }
    }

    /// A failed probe may bring a grace of its own.
    fn probe_grace(&self, container: &Container) -> Option<i64> {
        let failed = self.failed_probe(&container.name)?;
        let probe = if failed == "liveness" { &container.liveness } else { &container.startup };
        probe.as_ref()?.termination_grace
    }

    /// The grace of the whole Pod's end.
    pub(super) fn full_grace(&self) -> i64 {
        if self.pod.meta.deleting() {
            return self.pod.meta.deletion_grace.unwrap_or(30).max(1);
        }
        match &self.worker.ended_by {
            Some((reason, _)) if &**reason == "Evicted" => 1,
            _ => self.spec.termination_grace.unwrap_or(30),
        }
    }

    /// A second deletion with less grace cuts short what is under way.
    pub(super) fn shorten_grace(&mut self) {
        let grace = self.full_grace();
        if self.worker.tasks.is_empty() || grace >= self.worker.grace {
            return;
        }
        self.worker.grace = grace;
        let deadline = self.now() + Span::secs(grace.max(LEAST_GRACE) as u64);
        for kill in &mut self.worker.kills {
            kill.deadline = kill.deadline.min(deadline);
        }
        self.worker.until = None;
    }

    /// Goes on with all kills. Answers whether anything came of it.
    pub(super) fn step_kills(&mut self) -> bool {
        let now = self.now();
        let mut next: Option<Time> = None;
        let mut i = 0;
        while i < self.worker.kills.len() {
            let mut kill = self.worker.kills[i].clone();
            let wake = self.go_on(&mut kill, i);
            match wake {
                Some(at) => {
                    next = Some(next.map_or(at, |t| t.min(at)));
                    self.worker.kills[i] = kill;
                    i += 1;
                }
                None => {
                    self.worker.kills.remove(i);
                    self.worker.acted = true;
                    // Whoever waited for this one may go on.
                    i = 0;
                    next = None;
                }
            }
        }
        if self.worker.kills.is_empty() {
            self.next_task();
            return true;
        }
        self.worker.until = next.map(|at| at.max(now + Span(1)));
        false
    }

    /// Takes a kill as far as it goes now. `None`: the container has ended; else when to look again.
    fn go_on(&mut self, kill: &mut Kill, index: usize) -> Option<Time> {
        let now = self.now();
        let spec = self.spec.clone();
        let container = spec.all_containers().chain(&spec.ephemeral_containers).find(|c| c.name == kill.container);
        loop {
            let running = self.sandbox().and_then(|s| s.newest(&kill.container)).is_some_and(|c| c.is_running());
            if !running {
                return None;
            }
            match kill.stage {
                KillStage::Waiting => {
                    if self.must_wait(&kill.container, index) && now < kill.deadline {
                        return Some(kill.deadline);
                    }
                    match container.and_then(|c| c.lifecycle.as_ref()?.pre_stop.as_ref()) {
                        Some(hook) => {
                            let (exec, until) = self.begin_hook(&kill.container, hook);
                            kill.stage = KillStage::PreStop(exec, until);
                        }
                        None => self.terminate(kill),
                    }
                }
                KillStage::PreStop(exec, until) => {
                    let over = now >= kill.deadline;
                    match self.hook_result(&kill.container, exec, until) {
                        None if !over => return Some(self.hook_wake(until).min(kill.deadline)),
                        None => self.pre_stop_failed(kill),
                        Some(Err(_)) => self.pre_stop_failed(kill),
                        Some(Ok(())) => {}
                    }
                    if over {
                        kill.deadline = now + Span::secs(LEAST_GRACE as u64);
                    }
                    self.terminate(kill);
                }
                KillStage::Term if now >= kill.deadline => {
                    self.signal(&kill.container, KILL);
                    kill.stage = KillStage::Killed;
                }
                KillStage::Term => return Some(kill.deadline),
                KillStage::Killed => return Some(now + Span(10)),
            }
        }
    }

    fn pre_stop_failed(&mut self, kill: &Kill) {
        self.warn(&kill.container, "FailedPreStopHook", "PreStopHook failed");
    }

    fn terminate(&mut self, kill: &mut Kill) {
        kill.stage = KillStage::Term;
        let signal = if kill.deadline <= self.now() { KILL } else { TERM };
        self.signal(&kill.container, signal);
    }

    /// A sidecar waits for all ordinary containers and for the sidecars after it.
    fn must_wait(&self, name: &Rc<str>, index: usize) -> bool {
        let is_init = self.spec.init_containers.iter().any(|c| c.name == *name);
        is_init && index > 0
    }

    fn signal(&mut self, name: &str, signal: u8) {
        let now = self.now();
        let Some(sandbox) = self.sandbox_mut() else { return };
        if let Some(at) = sandbox.signal(name, signal, now)
            && self.worker.life == Life::Running
        {
            self.changed(at);
        }
    }
}
