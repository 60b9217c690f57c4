//! Why a Pod is as it is: what it waits for, why it is not ready, why it was started again, why its end takes so long.

use super::{Need, Why, last_said};
use crate::how;
use crate::icons::Sign;
use crate::inspector::facts;
use crate::inspector::inside::{card, in_order, probes, status_of};
use crate::terminal::EventRow;
use crate::text::Text;
use kubarium_sim::api::node::Node;
use kubarium_sim::api::object::Object;
use kubarium_sim::api::pod::{Container, Pod};
use kubarium_sim::api::pod_status::ContainerStatus;
use kubarium_sim::cluster::Cluster;
use kubarium_sim::kubelet::should_restart;
use kubarium_sim::machine::agent::{KillStage, ProbeKind, Prober, Worker};
use kubarium_sim::machine::results::Said;
use kubarium_sim::machine::{Machine, Sandbox};
use kubarium_sim::shell::Signal;
use std::rc::Rc;

mod again;
mod ended_by;

/// The most nodes that are told one by one.
const MOST_NEEDS: usize = 12;

/// A Pod, and what its node knows of it.
pub struct Asked<'a> {
    pub text: Text,
    pub cluster: &'a Cluster,
    pub object: &'a Object,
    pub pod: &'a Pod,
    pub events: &'a [EventRow],
}

pub fn of(asked: &Asked) -> Why {
    let Asked { text, cluster, object, pod, events } = *asked;
    let status = &pod.status;
    if object.meta.deleting() {
        return Why { also: ended_by::of(asked).into_iter().collect(), ..asked.ending() };
    }
    if let Some(c) = status.condition("PodScheduled").filter(|c| &*c.status == "False") {
        let key = if &*c.reason == "SchedulingGated" {
            ("why-gated", "why-gated-lead")
        } else {
            ("why-no-node", "why-no-node-lead")
        };
        let why = Why::say(text, key.0, key.1, &[("asks", &asks(pod))]).quoting(c.message.to_string());
        return Why { needs: needs(cluster, object, pod), ..why };
    }
    if pod.spec.node_name.is_empty() {
        return Why::say(text, "why-queued", "why-queued-lead", &[]);
    }
    let why = trouble(text, pod, events).or_else(|| comes_again(text, pod)).unwrap_or_else(|| asked.placed());
    Why { also: again::of(asked), ..why }
}

/// A container that has ended and is about to be started again: it is neither starting nor done.
fn comes_again(text: Text, pod: &Pod) -> Option<Why> {
    if pod.status.finished() {
        return None;
    }
    pod.spec.containers.iter().find_map(|container| {
        let status = status_of(&pod.status, &container.name)?;
        let code = status.state.terminated.as_ref()?.exit_code;
        if !should_restart(&pod.spec, container, i32::try_from(code).ok()) {
            return None;
        }
        let by = match (container.restart_rules.items(), &container.restart_policy) {
            ([], None) => format!("restartPolicy: {}", pod.spec.restart_policy),
            ([], Some(own)) => format!("restartPolicy: {own}"),
            _ => "restartPolicyRules".to_string(),
        };
        let (code, restarts) = (code.to_string(), status.restart_count.to_string());
        let with = [("container", &*container.name), ("code", &*code), ("restarts", &*restarts), ("by", &*by)];
        Some(Why::say(text, "why-comes-again", "why-comes-again-lead", &with))
    })
}

/// A container that cannot start, or not again.
fn trouble(text: Text, pod: &Pod, events: &[EventRow]) -> Option<Why> {
    let node = &*pod.spec.node_name;
    for c in pod.status.init_container_statuses.iter().chain(&pod.status.container_statuses) {
        let Some(w) = &c.state.waiting else { continue };
        let with = [("container", &*c.name), ("image", &*c.image), ("node", node)];
        let said = |reasons: &[&str]| {
            if w.message.is_empty() { last_said(events, reasons) } else { Some(w.message.to_string()) }
        };
        match &*w.reason {
            "CrashLoopBackOff" => {
                let code = c.last_state.terminated.as_ref().map_or(0, |t| t.exit_code).to_string();
                let restarts = c.restart_count.to_string();
                let with = [with[0], ("code", &*code), ("restarts", &*restarts)];
                return Some(Why::say(text, "why-crash", "why-crash-lead", &with).quoting(said(&["BackOff"])));
            }
            "ErrImagePull" | "ImagePullBackOff" | "InvalidImageName" => {
                let said = last_said(events, &["Failed"]).or(said(&[]));
                return Some(Why::say(text, "why-image", "why-image-lead", &with).quoting(said));
            }
            "CreateContainerConfigError" | "CreateContainerError" | "RunContainerError" => {
                return Some(Why::say(text, "why-config", "why-config-lead", &with).quoting(said(&["Failed"])));
            }
            _ => {}
        }
    }
    None
}

impl Asked<'_> {
    fn machine(&self) -> Option<&Machine> {
        self.cluster.machines.get(&self.pod.spec.node_name).map(|machine| &**machine)
    }

    fn worker(&self) -> Option<&Worker> {
        self.machine()?.agent.workers.get(&self.object.meta.uid).map(|worker| &**worker)
    }

    fn sandbox(&self) -> Option<&Sandbox> {
        self.machine()?.sandbox(&self.object.meta.uid)
    }

    fn prober(&self, container: &str, kind: ProbeKind) -> Option<&Prober> {
        self.worker()?.probers.iter().find(|prober| &*prober.container == container && prober.kind == kind)
    }

    fn say(&self, title: &'static str, lead: &'static str, with: &[(&str, &str)]) -> Why {
        Why { title: self.text.fill(title, with), lead: self.text.fill(lead, with), ..Why::default() }
    }

    /// What its containers left behind, none of which is started again.
    fn over(&self, failed: bool) -> Why {
        if !failed {
            return Why::say(self.text, "why-finished", "why-finished-lead", &[]);
        }
        let code = self.exit_codes().find(|c| *c != 0).unwrap_or(0).to_string();
        let why = Why::say(self.text, "why-failed", "why-failed-lead", &[("code", &code)]);
        why.quoting(self.pod.status.message.to_string())
    }

    fn exit_codes(&self) -> impl Iterator<Item = i64> {
        self.pod.status.container_statuses.iter().filter_map(|c| c.state.terminated.as_ref()).map(|t| t.exit_code)
    }

    /// A Pod that has a node and no container in trouble.
    fn placed(&self) -> Why {
        let Asked { text, object, pod, events, .. } = *self;
        let how = how::of(object);
        let node = &*pod.spec.node_name;
        // The phase follows when the kubelet has cleaned up behind them.
        if !pod.status.finished() && self.exit_codes().count() == pod.spec.containers.len() {
            return self.over(self.exit_codes().any(|code| code != 0));
        }
        match how.sign {
            Sign::Ready => Why::say(text, "why-ready", "why-ready-lead", &[("node", node)]),
            Sign::Finished | Sign::Failed => self.over(how.sign == Sign::Failed),
            Sign::Init => self.initializing(),
            Sign::NotReady => self.not_ready(),
            Sign::Unknown => Why::say(text, "why-unknown", "why-unknown-lead", &[("node", node)]),
            _ => {
                let pulling = events.iter().rev().find(|e| {
                    matches!(&*e.reason, "Pulling" | "Pulled" | "FailedMount" | "FailedAttachVolume" | "Scheduled")
                });
                match pulling {
                    Some(e) if e.warning => {
                        Why::say(text, "why-volume", "why-volume-lead", &[]).quoting(e.message.to_string())
                    }
                    Some(e) if &*e.reason == "Pulling" => {
                        let why = Why::say(text, "why-pulling", "why-pulling-lead", &[("node", node)]);
                        why.quoting(e.message.to_string())
                    }
                    _ => Why::say(text, "why-starting", "why-starting-lead", &[("node", node)]),
                }
            }
        }
    }

    fn initializing(&self) -> Why {
        let inits = &self.pod.spec.init_containers;
        let open = inits.iter().position(|container| {
            let status = status_of(&self.pod.status, &container.name);
            let ended = status.and_then(|status| status.state.terminated.as_ref());
            let started = container.is_sidecar() && status.is_some_and(|status| status.started == Some(true));
            !started && ended.is_none_or(|ended| ended.exit_code != 0)
        });
        let Some(open) = open else { return Why::say(self.text, "why-init", "why-init-lead", &[]) };
        let (n, of) = ((open + 1).to_string(), inits.len().to_string());
        let with = [("container", &*inits[open].name), ("n", &*n), ("of", &*of)];
        Why::say(self.text, "why-init", "why-init-step-lead", &with)
    }

    /// Which container, and which of its probes; or which gate.
    fn not_ready(&self) -> Why {
        let Asked { text, pod, events, .. } = *self;
        let counts = |container: &Container| {
            container.is_sidecar() || pod.spec.containers.iter().any(|ordinary| ordinary.name == container.name)
        };
        let unready = in_order(&pod.spec).map(|(container, _)| container).filter(|c| counts(c)).find_map(|container| {
            let status = status_of(&pod.status, &container.name)?;
            (!status.ready).then_some((container, status))
        });
        if let Some((container, status)) = unready {
            return self.unready(container, status);
        }
        match pod.status.condition("Ready").filter(|c| &*c.reason == "ReadinessGatesNotReady") {
            Some(gate) => Why::say(text, "why-gate", "why-gate-lead", &[]).quoting(gate.message.to_string()),
            None => {
                let said = last_said(events, &["Unhealthy"]);
                Why::say(text, "why-not-ready", "why-not-ready-plain-lead", &[]).quoting(said)
            }
        }
    }

    fn unready(&self, container: &Container, status: &ContainerStatus) -> Why {
        let text = self.text;
        if let Some(ended) = &status.state.terminated {
            let with = [("container", &*container.name), ("code", &*ended.exit_code.to_string())];
            return Why::say(text, "why-not-ready", "why-not-ready-ended-lead", &with);
        }
        let kind = match status.started {
            Some(false) if container.startup.is_some() => ProbeKind::Startup,
            _ => ProbeKind::Readiness,
        };
        let Some(probe) = probes::of_kind(container, kind) else {
            return Why::say(text, "why-not-ready", "why-not-ready-plain-lead", &[]);
        };
        let asks = probes::asks(probe);
        let with = [("container", &*container.name), ("asks", &*asks), ("probe", probes::name(kind))];
        let failed = self.prober(&container.name, kind).and_then(|prober| match prober.results.iter().next_back() {
            Some((_, Said::Failed(why) | Said::Unknown(why))) => Some(why.to_string()),
            _ => None,
        });
        let lead = match (kind, &failed) {
            (_, None) => "why-not-asked-lead",
            (ProbeKind::Startup, _) => "why-not-started-lead",
            _ => "why-not-ready-lead",
        };
        Why::say(text, "why-not-ready", lead, &with).quoting(failed)
    }

    /// Why it is still there though it is to go.
    fn ending(&self) -> Why {
        let Asked { cluster, object, pod, .. } = *self;
        let seconds = |end: kubarium_sim::clock::Time| end.since(cluster.now).0.div_ceil(1000).to_string();
        let left = object.meta.deletion.map_or(String::new(), |at| seconds(cluster.time_of(at)));
        let node = &*pod.spec.node_name;
        if self.machine().is_some_and(Machine::is_silent) {
            return self.say("why-ending-silent", "why-ending-silent-lead", &[("node", node)]);
        }
        let runs = self.sandbox().is_some_and(|sandbox| sandbox.containers.iter().any(|c| c.is_running()));
        if !runs && !object.meta.finalizers.is_empty() {
            let names: Vec<&str> = object.meta.finalizers.iter().map(|name| &**name).collect();
            let with = [("names", &*names.join(", "))];
            return self.say("why-ending-finalizers", "why-ending-finalizers-lead", &with);
        }
        let kills = self.worker().map_or(&[][..], |worker| &worker.kills);
        let hook = kills.iter().find(|kill| matches!(kill.stage, KillStage::PreStop(..)));
        if let Some(kill) = hook {
            let all = in_order(&pod.spec).map(|(container, _)| container);
            let action = all.filter(|c| c.name == kill.container).find_map(|c| c.lifecycle.as_ref()?.pre_stop.clone());
            let what = action.as_ref().map(card::describe).unwrap_or_default();
            let with = [("container", &*kill.container), ("what", &*what), ("n", &*seconds(kill.deadline))];
            return self.say("why-ending-hook", "why-ending-hook-lead", &with);
        }
        let Some(kill) = kills.iter().find(|kill| kill.stage == KillStage::Term) else {
            return self.say("why-terminating", "why-terminating-lead", &[("n", &left)]);
        };
        let process = self.sandbox().and_then(|sandbox| sandbox.newest(&kill.container)).map(|c| &c.process);
        let with = [("container", &*kill.container), ("n", &*seconds(kill.deadline))];
        match process {
            Some(process) if process.is_frozen() => self.say("why-ending-deaf", "why-ending-stands-lead", &with),
            Some(process) if !process.heeds(Signal::TERM) => self.say("why-ending-deaf", "why-ending-deaf-lead", &with),
            _ => self.say("why-terminating", "why-ending-slow-lead", &with),
        }
    }
}

/// The last lines of a log, as one quotes them.
fn last_words(cluster: &Cluster, object: &Object, container: &Rc<str>, previous: bool) -> Option<String> {
    let logs = kubarium_sim::kubelet::logs::find(cluster, object, container, previous).ok()??;
    let words = logs.tail(5, 600);
    Some(words.trim_end().to_string()).filter(|words| !words.is_empty())
}

/// What the scheduler's rules said of each node when it last looked.
fn needs(cluster: &Cluster, object: &Object, pod: &Pod) -> Vec<Need> {
    let Some(waiting) = cluster.scheduler.waiting().get(&object.meta.uid) else { return vec![] };
    let one = |(node, reasons): &(Rc<str>, Vec<Rc<str>>)| {
        let resource = reasons.iter().find_map(|r| r.strip_prefix("Insufficient "));
        let scarce = resource.and_then(|r| {
            let total = cluster.store.typed::<Node>("", node)?.1.status.allocatable.get(r)?.milli_units();
            let taken = facts::asked(cluster, node, r).milli_units();
            let asks =
                pod.spec.containers.iter().filter_map(|c| c.resources.requests.get(r)).map(|q| q.milli_units()).sum();
            Some((asks, taken, total))
        });
        let reason = reasons.iter().map(|r| &**r).collect::<Vec<_>>().join(", ");
        Need { node: node.to_string(), reason, scarce }
    };
    waiting.verdicts.iter().take(MOST_NEEDS).map(one).collect()
}

/// What a Pod asks of a node, as one would say it: `1 CPU, 256Mi`.
fn asks(pod: &Pod) -> String {
    let sum = |name: &str| {
        let of = |c: &Container| c.resources.requests.get(name).map_or(0, |q| q.milli_units());
        pod.spec.containers.iter().map(of).sum::<i64>()
    };
    let cpu = match sum("cpu") {
        0 => None,
        n if n % 1000 == 0 => Some(format!("cpu {}", n / 1000)),
        n => Some(format!("cpu {n}m")),
    };
    let memory = match sum("memory") / 1000 {
        0 => None,
        n => Some(format!("memory {}Mi", n / (1 << 20))),
    };
    let all: Vec<String> = cpu.into_iter().chain(memory).collect();
    if all.is_empty() { "—".into() } else { all.join(", ") }
}
