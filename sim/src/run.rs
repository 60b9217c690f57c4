//! The simulator on one screen: wake who asked first, do what it wants, tell who cares.

use crate::apiserver::events;
use crate::clock::{Span, Time};
use crate::cluster::{Actor, Cluster, Controller};
use crate::machine::Machine;
use crate::outcome::Outcome;
use crate::store::Change;
use crate::{autoscaler, controllers, errand, exchange, kubelet, network, scheduler, session, storage, wakes};
use std::rc::Rc;

/// So many changes are told of in one step.
const CHANGES: usize = 64;

/// Wakes the next actor due up to `until` and carries out what it wants. If that is much, or much is to be told of it, the
/// next steps go on with it before anyone else is woken. Every commit is shown to `watch`. Answers whether there was
/// something to do; if not, the clock shows `until`.
pub fn step(cluster: &mut Cluster, until: Time, watch: &mut dyn FnMut(Time, &Change)) -> bool {
    if !cluster.is_busy() {
        if cluster.agenda.next().is_none_or(|due| due > until) {
            cluster.now = cluster.now.max(until);
            return false;
        }
        let (due, actor) = cluster.agenda.pop().expect("someone is due");
        cluster.now = cluster.now.max(due);
        let outcome = wake(cluster, &actor);
        if let Some(time) = outcome.look_again {
            cluster.agenda.wake(actor.clone(), time.max(cluster.now + Span(1)));
        }
        errand::begin(cluster, actor, outcome);
    } else if let Some(errand) = cluster.errand.take() {
        errand::go_on(cluster, Rc::unwrap_or_clone(errand));
    }
    if cluster.errand.is_none() {
        tell_some(cluster, CHANGES, watch);
    }
    true
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
        Actor::Gateway(kind, key) => network::gateway::controller::wake(cluster, *kind, key),
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
    let looked = with_machine(cluster, node, |cluster, machine| {
        let images = machine.images.len();
        let outcome = kubelet::wake(cluster, machine, node, uid);
        let pulled = machine.images.len() > images;
        (outcome, exchange::take(machine, node, uid), std::mem::take(&mut machine.agent.called), pulled)
    });
    let (outcome, sent, called, pulled) = looked.unwrap_or_default();
    if pulled {
        // The node's status is to list it.
        let beat = kubelet::heartbeat::next_beat(cluster, node);
        cluster.agenda.wake(Actor::Kubelet(node.clone()), beat);
    }
    if let Some(sent) = sent {
        exchange::carry(cluster, sent, uid);
    }
    call(cluster, node, called);
    session::stirred(cluster, uid);
    outcome
}

/// Wakes the workers that a node's kubelet has called.
fn call(cluster: &mut Cluster, node: &Rc<str>, called: Vec<Rc<str>>) {
    called.into_iter().for_each(|uid| cluster.wake(Actor::PodWorker(node.clone(), uid), Span(1)));
}

/// A kubelet that has just started looks at its Pods after that.
fn kubelet(cluster: &mut Cluster, node: &Rc<str>) -> Outcome {
    let booting = |cluster: &Cluster| cluster.machines.get(node).is_some_and(|m| m.booting);
    let before = booting(cluster);
    let looked = with_machine(cluster, node, |cluster, machine| {
        let outcome = kubelet::node_status::wake(cluster, machine, node);
        (outcome, std::mem::take(&mut machine.agent.called))
    });
    let (outcome, called) = looked.unwrap_or_default();
    call(cluster, node, called);
    if before && !booting(cluster) {
        kubelet::wake_all(cluster, node, kubelet::clockwork::BOOTED);
    }
    outcome
}

/// `None` if there is no such machine.
fn with_machine<T>(cluster: &mut Cluster, node: &Rc<str>, look: impl FnOnce(&Cluster, &mut Machine) -> T) -> Option<T> {
    let place = cluster.machines.get_mut(node)?;
    let mut machine = std::mem::replace(place, Machine::none());
    let looked = look(cluster, Rc::make_mut(&mut machine));
    *cluster.machines.get_mut(node).expect("it was there") = machine;
    Some(looked)
}

/// Shows all commits to the watcher and wakes those who care about them.
pub fn tell(cluster: &mut Cluster, watch: &mut dyn FnMut(Time, &Change)) {
    tell_some(cluster, usize::MAX, watch);
}

fn tell_some(cluster: &mut Cluster, most: usize, watch: &mut dyn FnMut(Time, &Change)) {
    cluster.warnings.clear();
    let count = cluster.changes.len().min(most);
    for change in cluster.changes.drain(..count).collect::<Vec<_>>() {
        watch(cluster.now, &change);
        wakes::notice(cluster, &change);
    }
}
