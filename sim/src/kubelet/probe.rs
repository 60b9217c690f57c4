//! Probes: when each is run, what its answer means, and what follows from several alike.
//!
//! Kubernetes 1.36: pkg/kubelet/prober/worker.go, prober.go, prober_manager.go

use super::pod_worker::Turn;
use crate::api::field::IntOrText;
use crate::api::pod::{Container, HttpGet, Probe};
use crate::clock::{Span, Time};
use crate::machine::agent::{Asked, Life, ProbeKind, Prober};
use crate::machine::process::Reply;
use crate::machine::results::{Results, Said as Noted};
use crate::shell::Input;
use std::rc::Rc;

/// From a sync's wish for an immediate probe to the probe.
const TRIGGERED: Span = Span(4);

/// What a probe said.
enum Said {
    Success,
    Failure(String),
    /// It could not be run.
    Unknown(String),
    /// It goes on.
    Pending,
}

impl Turn<'_> {
    /// Begins to probe the Pod's containers.
    pub(super) fn add_probers(&mut self) {
        if !self.worker.probers.is_empty() {
            return;
        }
        let now = self.now();
        let spec = self.spec.clone();
        for container in spec.all_containers().filter(|c| c.is_sidecar() || is_ordinary(&spec, c)) {
            for kind in [ProbeKind::Startup, ProbeKind::Readiness, ProbeKind::Liveness] {
                let Some(probe) = probe_of(container, kind) else { continue };
                let period = Span::secs(probe.period.max(1) as u64);
                self.worker.probers.push(Prober {
                    container: container.name.clone(),
                    kind,
                    attempt: None,
                    next: now + period,
                    period,
                    result: None,
                    last: None,
                    run: 0,
                    on_hold: false,
                    asked: None,
                    stopped: false,
                    results: Results::default(),
                });
            }
        }
        // No others follow.
        self.worker.probers.shrink_to_fit();
    }

    /// Runs the probes that are due.
    pub(super) fn run_probes(&mut self) {
        let now = self.now();
        for i in 0..self.worker.probers.len() {
            let prober = &self.worker.probers[i];
            let waits = prober.asked.is_some();
            if prober.stopped || (prober.next > now && !waits) {
                continue;
            }
            // What is only kept for others is not copied each time.
            let results = std::mem::take(&mut self.worker.probers[i].results);
            let mut prober = Prober { results, ..self.worker.probers[i].clone() };
            let before = (prober.result, prober.attempt);
            if !waits {
                while prober.next <= now {
                    prober.next += prober.period;
                }
            }
            self.run_probe(&mut prober);
            let fresh = prober.attempt != before.1;
            let (kind, failed) = (prober.kind, prober.result == Some(false));
            let before = before.0.filter(|_| !fresh);
            let decided = match kind {
                // Until the first answer a container counts as not ready: being told so is no news.
                ProbeKind::Readiness => (prober.result == Some(true)) != (before == Some(true)),
                ProbeKind::Startup | ProbeKind::Liveness => prober.result != before,
            };
            self.worker.probers[i] = prober;
            if self.worker.life == Life::Done {
                continue;
            }
            // A container that is probed for the first time is noted as not ready or not started, which counts as news.
            self.worker.wanted |= match kind {
                ProbeKind::Liveness => decided && failed,
                ProbeKind::Startup | ProbeKind::Readiness => decided || fresh,
            };
            if decided && (kind == ProbeKind::Readiness || kind == ProbeKind::Startup && !failed) {
                self.report(false);
            }
        }
    }

    fn run_probe(&mut self, prober: &mut Prober) {
        let now = self.now();
        let spec = self.spec.clone();
        let Some(container) = spec.all_containers().find(|c| c.name == prober.container) else { return };
        let Some(probe) = probe_of(container, prober.kind) else { return };
        let ending = self.pod.meta.deleting() || matches!(self.worker.life, Life::Terminating | Life::Terminated);
        if ending && prober.kind != ProbeKind::Readiness {
            prober.stopped = true;
            return;
        }
        let Some((attempt, since)) = self.running_since(&prober.container) else {
            prober.asked = None;
            return;
        };
        if prober.attempt != Some(attempt) {
            prober.attempt = Some(attempt);
            (prober.result, prober.last, prober.run, prober.on_hold, prober.asked) = (None, None, 0, false, None);
        }
        // The start is known in whole seconds only.
        let age = self.cluster.stamp_of(now).0.saturating_sub(self.cluster.stamp_of(since).0 / 1000 * 1000) / 1000;
        let started = self.has_started(container);
        if prober.on_hold || age < probe.initial_delay || started == (prober.kind == ProbeKind::Startup) {
            return;
        }
        let said = match ending && probe.exec.is_some() {
            true => self.call_off(prober),
            false => self.ask(prober, container, probe),
        };
        let title = match prober.kind {
            ProbeKind::Startup => "Startup",
            ProbeKind::Liveness => "Liveness",
            ProbeKind::Readiness => "Readiness",
        };
        let good = match said {
            Said::Pending => return,
            Said::Unknown(why) => {
                let text = format!("{title} probe errored and resulted in unknown state: {why}");
                prober.results.note(Noted::Unknown(why.into()), now);
                return self.warn(&prober.container, "Unhealthy", text);
            }
            Said::Failure(why) => {
                self.warn(&prober.container, "Unhealthy", format!("{title} probe failed: {why}"));
                prober.results.note(Noted::Failed(why.into()), now);
                false
            }
            Said::Success => {
                prober.results.note(Noted::Passed, now);
                true
            }
        };
        if prober.last == Some(good) {
            prober.run += 1;
        } else {
            (prober.last, prober.run) = (Some(good), 1);
        }
        let threshold = if good { probe.success_threshold } else { probe.failure_threshold };
        if prober.run < threshold.max(1) {
            return;
        }
        prober.result = Some(good);
        if !good && prober.kind != ProbeKind::Readiness {
            // No more until the container was started anew.
            (prober.on_hold, prober.run) = (true, 0);
        }
    }

    fn running_since(&self, name: &str) -> Option<(u32, Time)> {
        let container = self.sandbox()?.newest(name)?;
        match container.state {
            crate::machine::ContainerState::Running { since } => Some((container.attempt, since)),
            _ => None,
        }
    }

    fn ask(&mut self, prober: &mut Prober, container: &Container, probe: &Probe) -> Said {
        let now = self.now();
        let timeout = Span::secs(probe.timeout.max(1) as u64);
        if let Some((Asked::Program(number), until)) = prober.asked {
            return self.exec_result(prober, number, until, probe);
        }
        let address = self.sandbox().map(|s| s.address.clone()).unwrap_or_default();
        let name = &container.name;
        let Some(sandbox) = self.sandbox_mut() else { return Said::Pending };
        if let Some(exec) = &probe.exec {
            return match sandbox.exec(name, &exec.command, Input::Empty, now) {
                Ok(number) => {
                    prober.asked = Some((Asked::Program(number), now + timeout));
                    self.exec_result(prober, number, now + timeout, probe)
                }
                Err(why) => Said::Unknown(self.exec_failed(&why)),
            };
        }
        if let Some(http) = &probe.http_get {
            let Some(port) = port_of(container, &http.port) else {
                return Said::Unknown(format!("couldn't find port: {}", http.port));
            };
            let reply = match prober.asked {
                Some((_, until)) if now < until => return Said::Pending,
                Some(_) => Reply::Silent,
                None => sandbox.get(name, port, &http.path, &headers(http), now),
            };
            if reply == Reply::Silent && prober.asked.is_none() {
                prober.asked = Some((Asked::Port, now + timeout));
                return Said::Pending;
            }
            prober.asked = None;
            return http_verdict(http, &address, port, reply);
        }
        if let Some(tcp) = &probe.tcp_socket {
            let Some(port) = port_of(container, &tcp.port) else {
                return Said::Unknown(format!("couldn't find port: {}", tcp.port));
            };
            let host = if tcp.host.is_empty() { address } else { tcp.host.clone() };
            return match sandbox.listens_at(port, now) {
                true => Said::Success,
                false => Said::Failure(format!("dial tcp {host}:{port}: connect: connection refused")),
            };
        }
        if let Some(grpc) = &probe.grpc {
            return match sandbox.speaks_grpc(grpc.port as u16, now) {
                true => Said::Success,
                false => Said::Failure(format!(
                    "timeout: failed to connect service \"{address}:{}\" within {}s: context deadline exceeded",
                    grpc.port,
                    timeout.as_secs()
                )),
            };
        }
        Said::Success
    }

    /// A Pod's end calls off what was begun for its sake: of all probes only those that run a program notice.
    fn call_off(&mut self, prober: &mut Prober) -> Said {
        if let Some((Asked::Program(number), _)) = prober.asked.take()
            && let Some(sandbox) = self.sandbox_mut()
        {
            sandbox.exec_kill(&prober.container, number);
        }
        Said::Unknown("rpc error: code = Canceled desc = context canceled".into())
    }

    fn exec_result(&mut self, prober: &mut Prober, number: u32, until: Time, probe: &Probe) -> Said {
        let now = self.now();
        let Some(sandbox) = self.sandbox_mut() else {
            prober.asked = None;
            return Said::Pending;
        };
        match sandbox.exec_result(&prober.container, number, now) {
            Some((code, output)) => {
                prober.asked = None;
                let text = String::from_utf8_lossy(&output).into_owned();
                if code == 0 { Said::Success } else { Said::Failure(text) }
            }
            None if now >= until => {
                sandbox.exec_kill(&prober.container, number);
                prober.asked = None;
                let command = probe.exec.as_ref().map(|e| e.command.join(" ")).unwrap_or_default();
                let limit = probe.timeout.max(1);
                Said::Failure(format!("command timed out: \"{command}\" timed out after {limit}s"))
            }
            None => Said::Pending,
        }
    }

    /// A sync that finds a started container not ready has it probed at once, and its probe's clock begins anew.
    pub(super) fn trigger_probes(&mut self) {
        let now = self.now();
        for i in 0..self.worker.probers.len() {
            let prober = &self.worker.probers[i];
            if prober.kind != ProbeKind::Readiness || prober.asked.is_some() {
                continue;
            }
            let Some(container) = self.spec.all_containers().find(|c| c.name == prober.container) else { continue };
            if self.has_started(container) && !self.probe_says_ready(container) {
                self.worker.probers[i].next = now + TRIGGERED;
            }
        }
    }

    /// Whether a container runs and its startup probe, if it has one, has succeeded.
    pub(super) fn has_started(&self, container: &Container) -> bool {
        let Some((attempt, _)) = self.running_since(&container.name) else { return false };
        if container.startup.is_none() {
            return true;
        }
        self.prober(&container.name, ProbeKind::Startup)
            .is_some_and(|p| p.attempt == Some(attempt) && p.result == Some(true))
    }

    /// Whether a started container is ready as its readiness probe says.
    pub(super) fn probe_says_ready(&self, container: &Container) -> bool {
        let Some((attempt, _)) = self.running_since(&container.name) else { return false };
        if container.readiness.is_none() {
            return true;
        }
        self.prober(&container.name, ProbeKind::Readiness)
            .is_some_and(|p| p.attempt == Some(attempt) && p.result == Some(true))
    }

    /// `liveness` or `startup`, if that probe has found that the running container must go.
    pub(super) fn failed_probe(&self, name: &str) -> Option<&'static str> {
        let (attempt, _) = self.running_since(name)?;
        let failed = |kind| {
            self.prober(name, kind).is_some_and(|p| p.attempt == Some(attempt) && p.result == Some(false) && p.on_hold)
        };
        if failed(ProbeKind::Liveness) {
            return Some("liveness");
        }
        failed(ProbeKind::Startup).then_some("startup")
    }

    fn prober(&self, name: &str, kind: ProbeKind) -> Option<&Prober> {
        self.worker.probers.iter().find(|p| &*p.container == name && p.kind == kind)
    }
}

fn is_ordinary(spec: &crate::api::pod::PodSpec, container: &Container) -> bool {
    spec.containers.iter().any(|c| c.name == container.name)
}

fn probe_of(container: &Container, kind: ProbeKind) -> Option<&Probe> {
    match kind {
        ProbeKind::Startup => container.startup.as_deref(),
        ProbeKind::Liveness => container.liveness.as_deref(),
        ProbeKind::Readiness => container.readiness.as_deref(),
    }
}

pub(super) fn port_of(container: &Container, port: &IntOrText) -> Option<u16> {
    match port {
        IntOrText::Int(n) => u16::try_from(*n).ok(),
        IntOrText::Text(name) => match container.ports.iter().find(|p| p.name == *name) {
            Some(p) => u16::try_from(p.port).ok(),
            None => name.parse().ok(),
        },
    }
}

pub(super) fn headers(http: &HttpGet) -> Vec<(Rc<str>, Rc<str>)> {
    let text = |v: &crate::value::Value| v.as_str().unwrap_or("").into();
    http.headers.items().iter().map(|h| (text(h.get("name")), text(h.get("value")))).collect()
}

fn http_verdict(http: &HttpGet, address: &str, port: u16, reply: Reply) -> Said {
    let host = if http.host.is_empty() { address } else { &http.host };
    let scheme = if http.scheme.is_empty() { "http".into() } else { http.scheme.to_ascii_lowercase() };
    let path = if http.path.starts_with('/') { http.path.to_string() } else { format!("/{}", http.path) };
    let url = format!("{scheme}://{host}:{port}{path}");
    match reply {
        Reply::Http { .. } if scheme == "https" => {
            Said::Failure(format!("Get \"{url}\": http: server gave HTTP response to HTTPS client"))
        }
        Reply::Http { status, .. } if (200..400).contains(&status) => Said::Success,
        Reply::Http { status, .. } => Said::Failure(format!("HTTP probe failed with statuscode: {status}")),
        Reply::Refused => Said::Failure(format!("Get \"{url}\": dial tcp {host}:{port}: connect: connection refused")),
        Reply::Silent => Said::Failure(format!(
            "Get \"{url}\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
        )),
    }
}
