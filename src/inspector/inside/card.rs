//! One container, told: how it is, what it waits for, how it ended last, what it uses.

use super::probes::{self, Strip};
use super::{Role, bytes, in_order, status_of};
use crate::clock_text;
use crate::text::Text;
use kubarium::scene::handle;
use kubarium_sim::api::object::Object;
use kubarium_sim::api::pod::{Action, Container, Pod};
use kubarium_sim::api::pod_status::{ContainerState, ContainerStatus, Terminated};
use kubarium_sim::clock::{Span, Time};
use kubarium_sim::cluster::Cluster;
use kubarium_sim::machine::agent::{Kill, KillStage, StartStage, Task, Worker};
use kubarium_sim::machine::{self, Sandbox};
use kubarium_sim::metrics;
use kubarium_sim::shell::Seen;
use std::borrow::Cow;
use std::rc::Rc;

#[derive(Clone, Debug, PartialEq)]
pub struct Card {
    pub name: Rc<str>,
    pub image: Rc<str>,
    pub role: Option<String>,
    pub state: State,
    /// The API's word for it.
    pub word: String,
    /// How long it has been so, if that is known.
    pub since: Option<String>,
    /// What the kubelet says of its waiting, or what it left when it ended.
    pub said: Option<Rc<str>>,
    pub restarts: i64,
    /// How it ended before, in a sentence.
    pub last: Option<String>,
    /// What its kubelet does for it just now.
    pub doing: Vec<String>,
    pub dial: Option<Dial>,
    pub probes: Vec<Strip>,
    pub gauges: Vec<Gauge>,
    pub processes: Vec<Seen>,
    /// The beginning of a line that runs something in it.
    pub enter: Option<String>,
}

/// How a container is, as the picture draws it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Waits,
    Runs,
    Unready,
    Stands,
    Stops,
    Crashed,
    Done,
}

/// Something that runs out.
#[derive(Clone, Debug, PartialEq)]
pub struct Dial {
    /// Of 1.
    pub share: f32,
    pub sentence: String,
    /// It ends in SIGKILL, not in another try.
    pub ends: bool,
}

/// What is used of something.
#[derive(Clone, Debug, PartialEq)]
pub struct Gauge {
    pub name: &'static str,
    pub sentence: String,
    /// Of the limit, from 0 to 1; none without one.
    pub share: Option<f32>,
}

/// What a card is made from.
struct Sight<'a> {
    cluster: &'a Cluster,
    object: &'a Object,
    pod: &'a Pod,
    worker: Option<&'a Worker>,
    sandbox: Option<Cow<'a, Sandbox>>,
    text: Text,
}

/// The containers of a Pod in the order in which they start.
pub fn of(cluster: &Cluster, object: &Object, pod: &Pod, text: Text) -> Vec<Card> {
    let machine = cluster.machines.get(&pod.spec.node_name).filter(|machine| !machine.off);
    let worker = machine.and_then(|machine| machine.agent.workers.get(&object.meta.uid)).map(|worker| &**worker);
    let sandbox = machine.and_then(|machine| machine.sandbox(&object.meta.uid)).map(|sandbox| sandbox.at(cluster.now));
    let sight = Sight { cluster, object, pod, worker, sandbox, text };
    in_order(&pod.spec).map(|(container, role)| sight.card(container, role)).collect()
}

impl Sight<'_> {
    fn card(&self, container: &Container, role: Role) -> Card {
        let status = status_of(&self.pod.status, &container.name);
        let body = self.sandbox.as_ref().and_then(|sandbox| sandbox.newest(&container.name));
        let running = body.filter(|body| body.is_running());
        let (state, word, since) = self.state(container, status, running);
        let now = self.cluster.now;
        let born = running.and_then(|body| match body.state {
            machine::ContainerState::Running { since } => Some(since),
            _ => None,
        });
        let ask = probes::Ask {
            container,
            probers: self.worker.map_or(&[], |worker| &worker.probers),
            since: born,
            now,
            text: self.text,
        };
        let said = status.and_then(|status| said(&status.state));
        Card {
            name: container.name.clone(),
            image: container.image.clone(),
            role: role.word(self.text),
            state,
            word,
            since: since.map(|since| clock_text::age(now.since(since).0)),
            said,
            restarts: status.map_or(0, |status| status.restart_count),
            last: status.and_then(|status| Some(self.ended(status.last_state.terminated.as_ref()?))),
            doing: self.doing(container),
            dial: self.dial(container, status),
            probes: probes::of(&ask),
            gauges: running.map_or(vec![], |body| self.gauges(container, body)),
            processes: running.map_or(vec![], |body| body.process.processes(now)),
            enter: running.map(|_| enter(self.object, self.pod, &container.name)),
        }
    }

    /// Its state as drawn, the API's word, and since when.
    fn state(
        &self,
        container: &Container,
        status: Option<&ContainerStatus>,
        running: Option<&machine::Container>,
    ) -> (State, String, Option<Time>) {
        let at = |stamp: Option<_>| stamp.map(|stamp| self.cluster.time_of(stamp));
        let Some(status) = status else { return (State::Waits, "Waiting".into(), None) };
        let ContainerState { running: runs, terminated, waiting } = &status.state;
        if let Some(runs) = runs {
            let stops = self.kill(&container.name).is_some() || self.object.meta.deleting();
            let state = match () {
                () if stops => State::Stops,
                () if running.is_some_and(|body| body.process.is_frozen()) => State::Stands,
                () if status.ready || container.readiness.is_none() && container.startup.is_none() => State::Runs,
                () => State::Unready,
            };
            return (state, "Running".into(), at(runs.started));
        }
        if let Some(ended) = terminated {
            let state = if ended.exit_code == 0 { State::Done } else { State::Crashed };
            return (state, word(ended), at(ended.finished));
        }
        let reason = waiting.as_ref().map_or("", |waiting| &*waiting.reason);
        let state = match reason {
            "" | "ContainerCreating" | "PodInitializing" => State::Waits,
            _ => State::Crashed,
        };
        (state, if reason.is_empty() { "Waiting".into() } else { reason.into() }, None)
    }

    fn kill(&self, name: &str) -> Option<&Kill> {
        self.worker?.kills.iter().find(|kill| *kill.container == *name)
    }

    /// How its last life ended.
    fn ended(&self, last: &Terminated) -> String {
        let ago = last.finished.map_or(0, |at| self.cluster.now.since(self.cluster.time_of(at)).0);
        let lived = last.finished.zip(last.started).map_or(0, |(end, start)| end.since(start).max(0) as u64);
        let with = [
            ("reason", &*last.reason),
            ("code", &*last.exit_code.to_string()),
            ("ago", &*clock_text::age(ago)),
            ("lived", &*clock_text::age(lived)),
        ];
        self.text.fill("card-last", &with)
    }

    /// Pulls and hooks that are under way.
    fn doing(&self, container: &Container) -> Vec<String> {
        let Some(worker) = self.worker else { return vec![] };
        let mut doing = Vec::new();
        let left = |until: Option<Time>| until.map_or(Span::ZERO, |at| at.since(self.cluster.now)).0.div_ceil(1000);
        let hook = |name: &str, action: &Action, until: Option<Time>| {
            let (what, left) = (describe(action), left(until));
            let key = if left > 0 && action.sleep.is_some() { "card-hook-sleeps" } else { "card-hook" };
            self.text.fill(key, &[("hook", name), ("what", &what), ("n", &left.to_string())])
        };
        let lifecycle = container.lifecycle.as_ref();
        match worker.tasks.front() {
            Some(Task::Start(name, StartStage::Pulling)) if *name == container.name => {
                doing.push(self.text.fill("card-pulls", &[("n", &left(worker.until).to_string())]));
            }
            Some(Task::Start(name, StartStage::PostStart(_))) if *name == container.name => {
                let action = lifecycle.and_then(|lifecycle| lifecycle.post_start.as_ref());
                doing.extend(action.map(|action| hook("postStart", action, worker.until)));
            }
            _ => {}
        }
        match self.kill(&container.name).map(|kill| kill.stage) {
            Some(KillStage::PreStop(_, until)) => {
                let action = lifecycle.and_then(|lifecycle| lifecycle.pre_stop.as_ref());
                doing.extend(action.map(|action| hook("preStop", action, until)));
            }
            Some(KillStage::Waiting) => doing.push(self.text.get("card-waits-for-others").into()),
            _ => {}
        }
        doing
    }

    /// The back-off before the next try, or the grace that is left.
    fn dial(&self, container: &Container, status: Option<&ContainerStatus>) -> Option<Dial> {
        let (worker, now) = (self.worker?, self.cluster.now);
        let dial = |key: &'static str, end: Time, whole: Span, ends: bool| {
            let left = end.since(now);
            let sentence = self.text.fill(key, &[("n", &left.0.div_ceil(1000).to_string())]);
            (left > Span::ZERO && whole > Span::ZERO).then(|| Dial {
                share: (left.0 as f32 / whole.0 as f32).min(1.0),
                sentence,
                ends,
            })
        };
        if let Some(kill) = self.kill(&container.name) {
            let grace = self.object.meta.deletion_grace.or(self.pod.spec.termination_grace).unwrap_or(30);
            return dial("card-grace", kill.deadline, Span::secs(grace.max(1) as u64), true);
        }
        let status = status?;
        match status.state.waiting.as_ref().map(|waiting| &*waiting.reason)? {
            "CrashLoopBackOff" => {
                let wait = worker.troubles.get(&container.name)?.back_off?.wait;
                let finished = status.last_state.terminated.as_ref()?.finished?;
                dial("card-next-start", self.cluster.time_of(finished) + wait, wait, false)
            }
            "ImagePullBackOff" | "ErrImagePull" => {
                let back_off = worker.pulls.get(&container.image)?;
                dial("card-next-pull", back_off.updated + back_off.wait, back_off.wait, false)
            }
            _ => None,
        }
    }

    fn gauges(&self, container: &Container, body: &machine::Container) -> Vec<Gauge> {
        let (text, now) = (self.text, self.cluster.now);
        let limit = |name: &str| container.resources.limits.get(name);
        let told = |name: &'static str, used: String, part: u64, whole: Option<(String, u64)>| {
            let sentence = match &whole {
                Some((whole, _)) => text.fill("card-of-limit", &[("used", &used), ("limit", whole)]),
                None => text.fill("card-no-limit", &[("used", &used)]),
            };
            let share = whole.map(|(_, whole)| (part as f32 / whole.max(1) as f32).min(1.0));
            Gauge { name, sentence, share }
        };
        let memory = body.process.memory(now);
        let most = limit("memory").map(|q| (q.to_string(), q.units().max(0) as u64));
        let mut gauges = vec![told(text.get("gauge-memory"), bytes(memory), memory, most)];
        if let Some(used) = metrics::used(body, now) {
            let most = limit("cpu").map(|q| (q.to_string(), q.milli_units().max(0) as u64));
            let milli = used.milli();
            gauges.push(told(text.get("gauge-cpu"), format!("{milli}m"), milli.max(0) as u64, most));
        }
        gauges
    }
}

/// The beginning of a line that runs something in a container, which is named where there are several.
pub fn enter(object: &Object, pod: &Pod, container: &str) -> String {
    let scope = handle::scope_of(&object.meta.namespace);
    let which = match pod.spec.containers.first() {
        Some(first) if *first.name == *container && pod.spec.containers.len() == 1 => String::new(),
        _ => format!(" -c {container}"),
    };
    format!("kubectl exec -it {}{scope}{which} -- ", object.meta.name)
}

fn said(state: &ContainerState) -> Option<Rc<str>> {
    let waiting = state.waiting.as_ref().map(|waiting| &waiting.message);
    let ended = state.terminated.as_ref().map(|ended| &ended.message);
    waiting.or(ended).filter(|said| !said.is_empty()).cloned()
}

/// `OOMKilled`, or the exit code where no reason is given.
fn word(ended: &Terminated) -> String {
    match (&*ended.reason, ended.signal) {
        ("", 0) => format!("ExitCode:{}", ended.exit_code),
        ("", signal) => format!("Signal:{signal}"),
        (reason, _) if ended.exit_code != 0 => format!("{reason}, {}", ended.exit_code),
        (reason, _) => reason.into(),
    }
}

/// What a hook does.
pub fn describe(action: &Action) -> String {
    if let Some(exec) = &action.exec {
        exec.command.join(" ")
    } else if let Some(http) = &action.http_get {
        format!("http-get {}:{}{}", http.host, http.port, http.path)
    } else if let Some(tcp) = &action.tcp_socket {
        format!("tcp-socket {}:{}", tcp.host, tcp.port)
    } else if let Some(sleep) = &action.sleep {
        format!("sleep {}", sleep.seconds)
    } else {
        String::new()
    }
}
