//! The worker of one Pod: one sync after the other, until the Pod has ended and what it used is given back.
//!
//! Kubernetes 1.36: pkg/kubelet/pod_workers.go

use super::steady::{self, Steady};
use super::{BY, apart, clockwork};
use crate::api::Kind;
use crate::api::object::Object;
use crate::api::pod::{Pod, PodSpec};
use crate::api::pod_status::PodStatus;
use crate::apiserver::Request;
use crate::apiserver::events::Note;
use crate::clock::{Span, Time};
use crate::cluster::Cluster;
use crate::machine::agent::{Failure, Life, Task, Worker};
use crate::machine::{Machine, Sandbox};
use crate::outcome::{Deed, Outcome};
use std::rc::Rc;

/// A Pod is looked at again at the latest after this and up to half of it more.
const RESYNC: Span = Span::secs(60);
/// After an error that names no time of its own.
const RETRY: Span = Span::secs(10);

/// One look of a worker: the Pod, what the worker remembers, the machine, and what is wanted in the end.
pub(super) struct Turn<'a> {
    pub cluster: &'a Cluster,
    pub node: &'a Rc<str>,
    pub machine: &'a mut Machine,
    pub worker: Worker,
    pub pod: Rc<Object>,
    pub spec: Rc<PodSpec>,
    /// The status that is about to be written, if it was worked out anew.
    pub new_status: Option<PodStatus>,
    /// Why the hook that was just begun failed at once.
    pub hook_error: Option<String>,
    pub out: Outcome,
}

/// Lets the worker of a Pod look: what its containers did, what its probes say, what is to be done next.
pub fn wake(cluster: &Cluster, machine: &mut Machine, node: &Rc<str>, uid: &Rc<str>) -> Outcome {
    if machine.off {
        return Outcome::nothing();
    }
    if machine.kubelet_stopped || machine.booting {
        return alone(cluster, machine, uid);
    }
    let apart = apart::is(cluster, machine);
    if apart && machine.agent.workers.get(uid).is_none_or(|w| w.local.is_none()) {
        return Outcome::nothing();
    }
    let steady = if apart { Steady::No } else { steady::wake(cluster, machine, uid) };
    let ended = match steady {
        Steady::Yes(look_again) => return Outcome { look_again, ..Outcome::nothing() },
        Steady::Ended(at) => Some(at),
        Steady::No => None,
    };
    look(cluster, machine, (node, uid), apart, ended)
}

/// Goes through all of a Pod. `ended`: when one of its processes is already known to have ended.
pub(super) fn look(
    cluster: &Cluster,
    machine: &mut Machine,
    (node, uid): (&Rc<str>, &Rc<str>),
    apart: bool,
    ended: Option<Time>,
) -> Outcome {
    let mut worker = machine.agent.workers.remove(uid).map(Rc::unwrap_or_clone);
    let local = worker.as_mut().and_then(|w| w.local.take());
    let pod = if apart { local.clone() } else { find(cluster, worker.as_ref(), node, uid) };
    let Some(pod) = pod else {
        return vanished(cluster, machine, worker, node, uid);
    };
    let spec = pod.expect::<Pod>().spec.clone();
    let worker = worker.unwrap_or_else(|| Worker { key: pod.key(), ..Default::default() });
    let mut turn =
        Turn { cluster, node, machine, worker, pod, spec, new_status: None, hook_error: None, out: Outcome::nothing() };
    if let Some(local) = local.as_ref().filter(|_| !apart) {
        turn.come_back(local);
    }
    turn.machine.enter(uid, cluster.now);
    if let Some(at) = ended {
        turn.changed(at);
    }
    turn.run();
    turn.machine.leave(uid);
    let Turn { machine, mut worker, mut out, .. } = turn;
    if apart {
        worker.local = local;
        apart::keep(&mut worker, &mut out);
    }
    machine.agent.workers.insert(uid.clone(), Rc::new(worker));
    out
}

/// There is no kubelet: the processes go on, and that is all.
fn alone(cluster: &Cluster, machine: &mut Machine, uid: &Rc<str>) -> Outcome {
    machine.enter(uid, cluster.now);
    let next = machine.sandbox_mut(uid).and_then(|sandbox| {
        sandbox.advance(cluster.now);
        sandbox.next_wake()
    });
    machine.leave(uid);
    Outcome { look_again: next, ..Outcome::nothing() }
}

fn find(cluster: &Cluster, worker: Option<&Worker>, node: &str, uid: &str) -> Option<Rc<Object>> {
    match worker {
        Some(worker) => cluster.store.get(Kind::Pod, &worker.key).filter(|pod| *pod.meta.uid == *uid).cloned(),
        None => cluster.store.pods_on(node).find(|pod| *pod.meta.uid == *uid).cloned(),
    }
}

/// The Pod is no longer in the API: what still runs is killed.
fn vanished(
    cluster: &Cluster,
    machine: &mut Machine,
    worker: Option<Worker>,
    node: &Rc<str>,
    uid: &Rc<str>,
) -> Outcome {
    let mut out = Outcome::nothing();
    let (Some(worker), Some(sandbox)) = (worker, machine.sandboxes.remove(uid)) else { return out };
    if worker.life == Life::Done {
        return out;
    }
    let mut gone = Object::make(Kind::Pod, Default::default(), Default::default());
    (gone.meta.namespace, gone.meta.name) = (worker.key.namespace, worker.key.name);
    gone.meta.uid = uid.clone();
    for container in sandbox.containers.iter().filter(|c| c.is_running()) {
        let note = Note::normal(&gone, BY, "Killing", format!("Stopping container {}", container.name));
        out.event(note.of(format!("spec.containers{{{}}}", container.name)).on(node));
    }
    let _ = cluster;
    out
}

impl Turn<'_> {
    pub fn now(&self) -> Time {
        self.cluster.now
    }
    pub fn uid(&self) -> Rc<str> {
        self.pod.meta.uid.clone()
    }
    pub fn sandbox(&self) -> Option<&Sandbox> {
        self.machine.sandbox(&self.pod.meta.uid)
    }
    pub fn sandbox_mut(&mut self) -> Option<&mut Sandbox> {
        self.machine.sandbox_mut(&self.pod.meta.uid)
    }
    /// The status as it is or is about to be in the API.
    pub fn status(&self) -> &PodStatus {
        self.new_status.as_ref().unwrap_or(&self.pod.expect::<Pod>().status)
    }
    /// A number that no other throw of this Pod had.
    pub fn serial(&mut self) -> u32 {
        self.worker.count += 1;
        self.worker.count
    }

    fn run(&mut self) {
        self.notice_update();
        loop {
            self.let_processes_run();
            self.run_probes();
            let went_on = if !self.worker.tasks.is_empty() {
                self.step()
            } else if self.due() {
                self.begin_sync();
                true
            } else {
                false
            };
            if !went_on {
                break;
            }
        }
        if let Some(status) = self.new_status.take()
            && status != self.pod.expect::<Pod>().status
        {
            let mut object = (*self.pod).clone();
            object.expect_mut::<Pod>().status = status;
            self.out.deeds.insert(0, Deed::Request(Request::put_status(BY, object)));
        }
        self.schedule();
    }

    fn let_processes_run(&mut self) {
        let now = self.now();
        let due = |s: &Sandbox| s.next_wake().is_some_and(|at| at <= now) || s.has_ended_process();
        if !self.sandbox().is_some_and(due) {
            return;
        }
        let sandbox = self.sandbox_mut().expect("looked at above");
        if let Some(ended) = sandbox.advance(now) {
            self.changed(ended);
        }
    }

    /// The runtime changed at this instant: the next look at it will tell.
    pub fn changed(&mut self, at: Time) {
        let relist = clockwork::next_relist(self.cluster.dice, self.node, at);
        // A look that came while the sync was busy is made up for after it; the change will be seen by a later one.
        let missed = self.worker.relist.is_some_and(|t| t <= at);
        self.worker.wanted |= missed;
        let waiting = self.worker.relist.filter(|_| !missed);
        self.worker.relist = Some(waiting.map_or(relist, |t| t.min(relist)));
    }

    /// A change of the Pod in the API wants a sync; its deletion ends its life.
    fn notice_update(&mut self) {
        let pod = self.pod.clone();
        let meta = &pod.meta;
        let seen = (meta.generation, meta.labels.clone(), meta.annotations.clone());
        if self.worker.seen != seen {
            self.worker.seen = seen;
            self.worker.wanted = true;
        }
        self.worker.wanted |= self.gates_have_moved();
        if meta.deleting() && matches!(self.worker.life, Life::New | Life::Running) {
            self.worker.life = Life::Terminating;
            self.worker.wanted = true;
            // Of a sync that is under way only the wait for volumes is given up.
            if self.worker.tasks.front() == Some(&Task::Mount) {
                self.worker.tasks.clear();
                self.worker.until = None;
            }
        }
        if self.worker.life == Life::Terminating {
            self.shorten_grace();
        }
    }

    fn due(&mut self) -> bool {
        let now = self.now();
        let worker = &mut self.worker;
        if worker.life == Life::Done || now < worker.fresh {
            return false;
        }
        if worker.queued.is_some_and(|at| at <= now) {
            worker.queued = None;
            worker.wanted = true;
        }
        if worker.relist.is_some_and(|at| at <= now) {
            worker.relist = worker.relist_again.then(|| clockwork::next_relist(self.cluster.dice, self.node, now));
            worker.relist_again = false;
            worker.wanted = true;
        }
        if self.deadline().is_some_and(|at| at <= now) && self.worker.ended_by.is_none() {
            self.worker.wanted = true;
        }
        self.worker.wanted
    }

    fn begin_sync(&mut self) {
        self.worker.wanted = false;
        self.worker.acted = false;
        self.worker.failed = None;
        match self.worker.life {
            Life::New => self.arrive(),
            Life::Running => self.sync_pod(),
            Life::Terminating => self.sync_terminating(),
            Life::Terminated => self.forget(),
            Life::Done => {}
        }
    }

    /// Everything that the sync had to do is done.
    pub fn finish_sync(&mut self) {
        debug_assert!(self.worker.tasks.is_empty());
        let now = self.now();
        self.worker.until = None;
        let wait = match &self.worker.failed {
            None => None,
            Some(Failure::Plain) => Some(RETRY),
            Some(Failure::BackOff(at)) => Some(at.since(now).min(RESYNC)),
        };
        let n = self.serial();
        self.worker.queued = wait.map(|wait| {
            let wait = clockwork::near_jitter(self.cluster.dice, wait, &self.pod.meta.uid, n);
            clockwork::next_tick(self.cluster.dice, self.node, now + wait)
        });
        if self.worker.acted && self.worker.failed.is_none() {
            self.worker.fresh = now + clockwork::AFTER_ACTION;
            self.worker.wanted = true;
        } else {
            self.worker.fresh = clockwork::next_relist(self.cluster.dice, self.node, now);
        }
    }

    /// The next life begins at the next look at the runtime.
    pub fn enter(&mut self, life: Life) {
        self.worker.life = life;
        self.worker.wanted = true;
        self.worker.fresh = clockwork::next_relist(self.cluster.dice, self.node, self.now());
        self.worker.queued = None;
        self.worker.until = None;
    }

    fn schedule(&mut self) {
        let worker = &self.worker;
        if worker.life == Life::Done {
            return;
        }
        let own = own_look(worker, self.deadline());
        let times = [own, self.sandbox().and_then(Sandbox::next_wake)];
        if let Some(at) = times.into_iter().flatten().min() {
            self.out.again_at(at);
        }
    }

    /// A normal event about one of the Pod's containers.
    pub fn say(&mut self, container: &str, reason: &str, message: impl Into<String>) {
        let note = Note::normal(&self.pod, BY, reason, message).of(self.field_path(container)).on(self.node);
        self.out.event(note);
    }
    /// A warning about one of the Pod's containers.
    pub fn warn(&mut self, container: &str, reason: &str, message: impl Into<String>) {
        let note = Note::warning(&self.pod, BY, reason, message).of(self.field_path(container)).on(self.node);
        self.out.event(note);
    }
    /// A warning about the Pod as a whole.
    pub fn warn_pod(&mut self, reason: &str, message: impl Into<String>) {
        let note = Note::warning(&self.pod, BY, reason, message).on(self.node);
        self.out.event(note);
    }
    /// Where a container stands in the Pod; nothing for the Pod as a whole.
    fn field_path(&self, container: &str) -> String {
        if container.is_empty() {
            return String::new();
        }
        let is_init = self.spec.init_containers.iter().any(|c| &*c.name == container);
        let is_ephemeral = self.spec.ephemeral_containers.iter().any(|c| &*c.name == container);
        let list = match (is_init, is_ephemeral) {
            (true, _) => "initContainers",
            (_, true) => "ephemeralContainers",
            _ => "containers",
        };
        format!("spec.{list}{{{container}}}")
    }
}

/// When a worker has to look again for its own sake.
pub(super) fn own_look(worker: &Worker, deadline: Option<Time>) -> Option<Time> {
    let fresh = |at: Time| at.max(worker.fresh);
    let idle = worker.tasks.is_empty();
    let times = [
        worker.until,
        deadline.filter(|_| idle && worker.ended_by.is_none()).map(fresh),
        worker.queued.filter(|_| idle).map(fresh),
        worker.relist.filter(|_| idle).map(fresh),
        (idle && worker.wanted).then_some(worker.fresh),
        worker.probers.iter().filter(|p| !p.stopped).map(|p| p.asked.map_or(p.next, |(_, end)| end.min(p.next))).min(),
    ];
    times.into_iter().flatten().min()
}
