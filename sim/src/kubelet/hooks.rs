//! Lifecycle hooks: what runs right after a container's start and before its stop.
//!
//! Kubernetes 1.36: pkg/kubelet/lifecycle/handlers.go

use super::pod_worker::Turn;
use crate::api::field::IntOrText;
use crate::api::pod::{Action, Container, HttpGet, TcpSocket};
use crate::clock::{Span, Time};
use crate::machine::agent::{Failure, StartStage, Task};
use crate::machine::process::Reply;
use crate::shell::Input;
use std::rc::Rc;

/// How often a hook that runs as a program is looked at.
const LOOK: Span = Span(50);

impl Turn<'_> {
    /// Begins a hook: the number of its program, or until when it sleeps. Neither: it is over already.
    pub(super) fn begin_hook(&mut self, name: &Rc<str>, hook: &Action) -> (Option<u32>, Option<Time>) {
        let now = self.now();
        if let Some(sleep) = &hook.sleep {
            return (None, Some(now + Span::secs(sleep.seconds.max(0) as u64)));
        }
        let Some(sandbox) = self.sandbox_mut() else { return (None, None) };
        if let Some(exec) = &hook.exec {
            match sandbox.exec(name, &exec.command, Input::Empty, now) {
                Ok(number) => return (Some(number), Some(now)),
                Err(why) => self.hook_error = Some(self.exec_failed(&why)),
            }
        } else if let Some(http) = &hook.http_get {
            self.hook_error = self.request(name, http);
        } else if let Some(tcp) = &hook.tcp_socket {
            self.hook_error = self.knock(name, tcp);
        }
        (None, None)
    }

    /// Why the runtime could not start a program in a container.
    pub(super) fn exec_failed(&self, why: &str) -> String {
        let id = self.cluster.dice.hex(64, &self.pod.meta.uid, &format!("exec {}", self.now().0));
        format!("rpc error: code = Unknown desc = failed to exec in container: failed to start exec \"{id}\": {why}")
    }

    /// A request over HTTP; what is answered does not matter. What went wrong, if anything did.
    fn request(&mut self, name: &Rc<str>, http: &HttpGet) -> Option<String> {
        let (now, address) = (self.now(), self.sandbox()?.address.clone());
        let host = if http.host.is_empty() { address } else { http.host.clone() };
        let Some(port) = self.hook_port(name, &http.port) else {
            return Some(format!("couldn't find port: {}", http.port));
        };
        let headers = super::probe::headers(http);
        match self.sandbox_mut()?.get(name, port, &http.path, &headers, now) {
            Reply::Http { .. } => None,
            Reply::Refused => {
                let scheme = if http.scheme.is_empty() { "http".into() } else { http.scheme.to_ascii_lowercase() };
                let path = http.path.trim_start_matches('/');
                let refused = format!("dial tcp {host}:{port}: connect: connection refused");
                Some(format!("Get \"{scheme}://{host}:{port}/{path}\": {refused}"))
            }
            Reply::Silent => Some("context deadline exceeded".into()),
        }
    }

    fn knock(&self, name: &Rc<str>, tcp: &TcpSocket) -> Option<String> {
        let sandbox = self.sandbox()?;
        let host = if tcp.host.is_empty() { &sandbox.address } else { &tcp.host };
        match self.hook_port(name, &tcp.port) {
            None => Some(format!("couldn't find port: {}", tcp.port)),
            Some(port) if sandbox.listens_at(port, self.now()) => None,
            Some(port) => Some(format!("dial tcp {host}:{port}: connect: connection refused")),
        }
    }

    fn hook_port(&self, name: &Rc<str>, port: &IntOrText) -> Option<u16> {
        let container = self.spec.all_containers().find(|c| c.name == *name)?;
        super::probe::port_of(container, port)
    }

    /// What became of a hook; `None` while it goes on.
    pub(super) fn hook_result(
        &mut self,
        name: &Rc<str>,
        exec: Option<u32>,
        until: Option<Time>,
    ) -> Option<Result<(), String>> {
        let now = self.now();
        if let Some(why) = self.hook_error.take() {
            return Some(Err(why));
        }
        match exec {
            Some(number) => {
                let (code, output) = self.sandbox_mut()?.exec_result(name, number, now)?;
                let output = String::from_utf8_lossy(&output).into_owned();
                Some(if code == 0 { Ok(()) } else { Err(format!("exited with {code}: {output}")) })
            }
            None => until.is_none_or(|at| at <= now).then_some(Ok(())),
        }
    }

    /// When to look at a hook again.
    pub(super) fn hook_wake(&self, until: Option<Time>) -> Time {
        let now = self.now();
        let process = self.sandbox().and_then(|s| s.next_wake());
        match until.filter(|at| *at > now) {
            Some(at) => at,
            None => process.unwrap_or(now + LOOK).max(now + Span(1)),
        }
    }

    pub(super) fn begin_post_start(&mut self, container: &Container) {
        let hook = container.lifecycle.as_ref().and_then(|l| l.post_start.clone()).expect("asked for before");
        let (exec, until) = self.begin_hook(&container.name, &hook);
        self.worker.until = Some(until.unwrap_or(self.now()));
        self.go_to(&container.name, StartStage::PostStart(exec));
    }

    /// What a container's status says of its failed postStart hook.
    fn hook_message(&self, container: &Container, why: &str) -> String {
        let hook = container.lifecycle.as_ref().and_then(|l| l.post_start.as_ref());
        let meta = &self.pod.meta;
        let place = format!(
            "for Container \"{}\" in Pod \"{}_{}({})\" failed",
            container.name, meta.name, meta.namespace, meta.uid
        );
        match hook.and_then(|h| h.exec.as_ref()) {
            Some(_) if !why.starts_with("exited with ") => {
                let command = hook.and_then(|h| h.exec.as_ref()).map(|e| e.command.join(" ")).unwrap_or_default();
                format!("Exec lifecycle hook ([{command}]) {place} - error: {why}, message: \"\"")
            }
            Some(exec) => {
                let command = exec.command.join(" ");
                let output = why.split_once(": ").map_or("", |(_, output)| output);
                let quoted = super::downward::quote(output);
                format!(
                    "Exec lifecycle hook ([{command}]) {place} - error: command '{command}' {why}, message: {quoted}"
                )
            }
            None => {
                let path = hook.and_then(|h| h.http_get.as_ref()).map(|h| h.path.to_string()).unwrap_or_default();
                format!("HTTP lifecycle hook ({path}) {place} - error: {why}")
            }
        }
    }

    pub(super) fn step_post_start(&mut self, container: &Container) -> bool {
        let stage = match self.worker.tasks.front() {
            Some(Task::Start(_, StartStage::PostStart(exec))) => *exec,
            _ => None,
        };
        let gone = self.sandbox().and_then(|s| s.newest(&container.name)).is_none_or(|c| !c.is_running());
        let until = if stage.is_none() { self.worker.until } else { None };
        let result = match self.hook_result(&container.name, stage, until) {
            None if gone => Some(Err("container is gone".to_string())),
            other => other,
        };
        match result {
            None => {
                self.worker.until = Some(self.hook_wake(until));
                false
            }
            Some(Ok(())) => {
                self.next_task();
                true
            }
            Some(Err(why)) => {
                self.warn(&container.name, "FailedPostStartHook", "PostStartHook failed");
                let message = self.hook_message(container, &why);
                self.trouble(&container.name, "PostStartHookError", &message, Failure::Plain);
                self.kill_container(container, "FailedPostStartHook", None);
                self.worker.relist_again = true;
                // The kill takes the start's place.
                *self.worker.tasks.front_mut().expect("a start is under way") = Task::Kills;
                self.worker.until = None;
                true
            }
        }
    }
}
