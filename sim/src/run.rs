//! The simulator on one screen: wake who asked first, do what it wants, tell who cares.

use crate::apiserver::{self, Request, Status, events};
use crate::clock::{Span, Time};
use crate::cluster::{Actor, Cluster};
use crate::outcome::{Deed, Making, Outcome};
use crate::store::Change;
use crate::{controllers, exchange, kubelet, scheduler, session, storage, wakes};
use std::rc::Rc;

/// After its n-th refusal in a row an actor looks again after 5 ms × 2^n, at most 1000 s
/// (Kubernetes 1.36: staging/src/k8s.io/client-go/util/workqueue/default_rate_limiters.go).
const FIRST_BACK_OFF: Span = Span(5);
const LONGEST_BACK_OFF: Span = Span(1_000_000);

/// Wakes the next actor due up to `until` and carries out what it wants. Every commit is shown to `watch`.
/// Answers whether anyone was due; if not, the clock shows `until`.
pub fn step(cluster: &mut Cluster, until: Time, watch: &mut dyn FnMut(Time, &Change)) -> bool {
    match cluster.agenda.next() {
        Some(due) if due <= until => {
            let (due, actor) = cluster.agenda.pop().expect("someone is due");
            cluster.now = cluster.now.max(due);
            let outcome = wake(cluster, &actor);
            carry_out(cluster, &actor, outcome);
            tell(cluster, watch);
            true
        }
        _ => {
            cluster.now = cluster.now.max(until);
            false
        }
    }
}

/// Lets an actor look.
fn wake(cluster: &mut Cluster, actor: &Actor) -> Outcome {
    match actor {
        Actor::Controller(controller, key) => {
            let mut memory = std::mem::take(&mut cluster.manager);
            let outcome = controllers::wake(*controller, cluster, Rc::make_mut(&mut memory), key);
            cluster.manager = memory;
            outcome
        }
        Actor::EventExpiry => Outcome { look_again: events::expire(cluster), ..Outcome::nothing() },
        Actor::VolumeBinder(key) => storage::binder::wake(cluster, key),
        Actor::VolumeProtection(key) => storage::protection::wake(cluster, key),
        Actor::Scheduler => {
            let mut queue = std::mem::take(&mut cluster.scheduler);
            let outcome = scheduler::wake(cluster, &mut queue);
            cluster.scheduler = queue;
            outcome
        }
        Actor::Garbage(kind, key) => controllers::garbage::wake(cluster, *kind, key),
        Actor::PodWorker(node, uid) => pod_worker(cluster, node, uid),
        Actor::Session(number) => session::wake(cluster, *number),
        Actor::Kubelet(_) => Outcome::nothing(),
    }
}

/// A worker changes its own node's machine: that is taken out of the cluster for as long as it looks.
fn pod_worker(cluster: &mut Cluster, node: &Rc<str>, uid: &Rc<str>) -> Outcome {
    let Some(place) = Rc::make_mut(&mut cluster.machines).get_mut(node) else { return Outcome::nothing() };
    let mut machine = std::mem::take(place);
    let outcome = kubelet::wake(cluster, Rc::make_mut(&mut machine), node, uid);
    Rc::make_mut(&mut cluster.machines).insert(node.clone(), machine);
    exchange::carry(cluster, node, uid);
    outcome
}

/// Asks an actor what it makes of a refusal.
fn refused(cluster: &mut Cluster, actor: &Actor, request: &Request, status: &Status) -> Outcome {
    match actor {
        Actor::Controller(controller, key) => controllers::refused(*controller, cluster, key, request, status),
        _ => Outcome::nothing(),
    }
}

fn carry_out(cluster: &mut Cluster, actor: &Actor, outcome: Outcome) {
    if let Some(time) = outcome.look_again {
        cluster.agenda.wake(actor.clone(), time.max(cluster.now + Span(1)));
    }
    for deed in outcome.deeds {
        let batch = match deed {
            Deed::Event(note) => {
                events::record(cluster, note);
                continue;
            }
            Deed::Request(request) => vec![Making { request, note: None }],
            Deed::Batch(batch) => batch,
        };
        if !ask(cluster, actor, batch) {
            return;
        }
    }
    if cluster.failures.contains_key(actor) {
        Rc::make_mut(&mut cluster.failures).remove(actor);
    }
}

/// Makes the requests of a batch; what is refused the actor is told of. Answers whether all went well.
fn ask(cluster: &mut Cluster, actor: &Actor, batch: Vec<Making>) -> bool {
    let mut refusals = Vec::new();
    for Making { request, note } in batch {
        match (apiserver::handle(cluster, request.clone()), note) {
            (Ok(made), Some(mut note)) => {
                note.message.push_str(&made.meta.name);
                events::record(cluster, note);
            }
            (Ok(_), None) => {}
            (Err(status), _) => refusals.push((request, status)),
        }
    }
    if refusals.is_empty() {
        return true;
    }
    back_off(cluster, actor);
    for (request, status) in refusals {
        for deed in refused(cluster, actor, &request, &status).deeds {
            match deed {
                Deed::Event(note) => events::record(cluster, note),
                // A second refusal is left to the next look.
                Deed::Request(request) => drop(apiserver::handle(cluster, request)),
                Deed::Batch(_) => unreachable!("a reply to a refusal is not a batch"),
            }
        }
    }
    false
}

fn back_off(cluster: &mut Cluster, actor: &Actor) {
    let failures = Rc::make_mut(&mut cluster.failures).entry(actor.clone()).or_default();
    let first = match actor {
        Actor::Controller(controller, _) => controllers::first_back_off(*controller),
        _ => FIRST_BACK_OFF,
    };
    let wait = Span(first.0 << (*failures).min(30)).min(LONGEST_BACK_OFF);
    *failures += 1;
    cluster.wake(actor.clone(), wait);
}

/// Shows commits to the watcher and wakes those who care about them.
pub fn tell(cluster: &mut Cluster, watch: &mut dyn FnMut(Time, &Change)) {
    cluster.warnings.clear();
    for change in std::mem::take(&mut cluster.changes) {
        watch(cluster.now, &change);
        wakes::notice(cluster, &change);
    }
}
