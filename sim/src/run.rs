//! The simulator on one screen: wake who asked first, do what it wants, tell who cares.

use crate::apiserver::{self, Request, Status, events};
use crate::clock::{Span, Time};
use crate::cluster::{Actor, Cluster, Controller};
use crate::machine::Machine;
use crate::outcome::{Deed, Making, Outcome};
use crate::store::Change;
use crate::{autoscaler, controllers, exchange, fault, kubelet, network, scheduler, session, storage, wakes};
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
    let works = match actor {
        Actor::Scheduler => cluster.plane.schedules(),
        // It lives in the API server.
        Actor::Controller(Controller::CustomResourceDefinition, _) => !cluster.plane.api_server_stopped,
        Actor::Controller(..) | Actor::VolumeBinder(_) | Actor::VolumeProtection(_) | Actor::Garbage(..) => {
            cluster.plane.controls()
        }
        _ => true,
    };
    match actor {
        // Once it is started again, it hears of everything anew.
        _ if !works => Outcome::nothing(),
        Actor::Controller(controller, key) => {
            let mut memory = std::mem::take(&mut cluster.manager);
            let outcome = controllers::wake(*controller, cluster, Rc::make_mut(&mut memory), key);
            cluster.manager = memory;
            outcome
        }
        Actor::EventExpiry => Outcome { look_again: events::expire(cluster), ..Outcome::nothing() },
        Actor::VolumeBinder(key) => storage::binder::wake(cluster, key),
        Actor::Ingress(key) => network::ingress_controller::wake(cluster, key),
        Actor::VolumeProtection(key) => storage::protection::wake(cluster, key),
        Actor::Scheduler => {
            let mut queue = std::mem::take(&mut cluster.scheduler);
            let outcome = scheduler::wake(cluster, &mut queue);
            cluster.scheduler = queue;
            outcome
        }
        Actor::ClusterAutoscaler => autoscaler::wake(cluster),
        Actor::Garbage(kind, key) => controllers::garbage::wake(cluster, *kind, key),
        Actor::PodWorker(node, uid) => pod_worker(cluster, node, uid),
        Actor::Session(number) => session::wake(cluster, *number),
        Actor::Kubelet(node) => kubelet(cluster, node),
    }
}

/// A worker changes its own node's machine: that is taken out of the cluster for as long as it looks.
fn pod_worker(cluster: &mut Cluster, node: &Rc<str>, uid: &Rc<str>) -> Outcome {
    let outcome = with_machine(cluster, node, |cluster, machine| kubelet::wake(cluster, machine, node, uid));
    exchange::carry(cluster, node, uid);
    call(cluster, node);
    outcome
}

/// Wakes the workers that a node's kubelet has called.
fn call(cluster: &mut Cluster, node: &Rc<str>) {
    if cluster.machines.get(node).is_none_or(|m| m.agent.called.is_empty()) {
        return;
    }
    let machine = Rc::make_mut(&mut cluster.machines).get_mut(node).expect("just looked at");
    let called = std::mem::take(&mut Rc::make_mut(machine).agent.called);
    called.into_iter().for_each(|uid| cluster.wake(Actor::PodWorker(node.clone(), uid), Span(1)));
}

/// A kubelet that has just started looks at its Pods after that.
fn kubelet(cluster: &mut Cluster, node: &Rc<str>) -> Outcome {
    let booting = |cluster: &Cluster| cluster.machines.get(node).is_some_and(|m| m.booting);
    let before = booting(cluster);
    let outcome = with_machine(cluster, node, |cluster, machine| kubelet::node_status::wake(cluster, machine, node));
    call(cluster, node);
    if before && !booting(cluster) {
        kubelet::wake_all(cluster, node, kubelet::clockwork::BOOTED);
    }
    outcome
}

fn with_machine(
    cluster: &mut Cluster,
    node: &Rc<str>,
    look: impl FnOnce(&Cluster, &mut Machine) -> Outcome,
) -> Outcome {
    let Some(place) = Rc::make_mut(&mut cluster.machines).get_mut(node) else { return Outcome::nothing() };
    let mut machine = std::mem::take(place);
    let outcome = look(cluster, Rc::make_mut(&mut machine));
    Rc::make_mut(&mut cluster.machines).insert(node.clone(), machine);
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
    let mut well = outcome.deeds.into_iter().all(|deed| carry_out_one(cluster, actor, deed));
    if let Some(request) = outcome.last {
        well &= ask(cluster, actor, vec![Making { request, note: None }]);
    }
    if well && cluster.failures.contains_key(actor) {
        Rc::make_mut(&mut cluster.failures).remove(actor);
    }
}

/// Answers whether all went well.
fn carry_out_one(cluster: &mut Cluster, actor: &Actor, deed: Deed) -> bool {
    match deed {
        Deed::Event(note) => events::record(cluster, note),
        Deed::Befall(what, place) => fault::befall(cluster, what, &place),
        Deed::Request(request) => return ask(cluster, actor, vec![Making { request, note: None }]),
        Deed::Batch(batch) => return ask(cluster, actor, batch),
    }
    true
}

/// Makes the requests of a batch; what is refused the actor is told of. Answers whether all went well.
fn ask(cluster: &mut Cluster, actor: &Actor, batch: Vec<Making>) -> bool {
    let mut refusals = Vec::new();
    for Making { request, note } in batch {
        // Of all actors only controllers make anything of a refusal.
        let kept = matches!(actor, Actor::Controller(..)).then(|| request.clone());
        match (apiserver::handle(cluster, request), note) {
            (Ok(made), Some(mut note)) => {
                note.message.push_str(&made.meta.name);
                events::record(cluster, note);
            }
            (Ok(_), None) => {}
            (Err(status), _) => refusals.push((kept, status)),
        }
    }
    if refusals.is_empty() {
        return true;
    }
    back_off(cluster, actor);
    for (request, status) in refusals {
        let Some(request) = request else { continue };
        for deed in refused(cluster, actor, &request, &status).deeds {
            match deed {
                Deed::Event(note) => events::record(cluster, note),
                // A second refusal is left to the next look.
                Deed::Request(request) => drop(apiserver::handle(cluster, request)),
                Deed::Batch(_) | Deed::Befall(..) => unreachable!("a reply to a refusal is a request or an event"),
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
