//! What an actor wants being carried out: a few requests a step, so that no step is long.
//!
//! Nobody else is woken before an errand is done, and it takes no time: where it is cut changes nothing that happens.

use crate::apiserver::{self, Request, Status, events};
use crate::clock::Span;
use crate::cluster::{Actor, Cluster};
use crate::outcome::{Deed, Errand, Making, Outcome};
use crate::{controllers, fault, hardware};
use std::rc::Rc;

/// So many requests are made in one step.
const REQUESTS: usize = 16;

/// After its n-th refusal in a row an actor looks again after 5 ms × 2^n, at most 1000 s
/// (Kubernetes 1.36: staging/src/k8s.io/client-go/util/workqueue/default_rate_limiters.go).
const FIRST_BACK_OFF: Span = Span(5);
const LONGEST_BACK_OFF: Span = Span(1_000_000);

/// Begins to carry out what an actor wants.
pub fn begin(cluster: &mut Cluster, actor: Actor, outcome: Outcome) {
    match outcome.deeds.is_empty() && outcome.last.is_none() {
        // Mostly to look again is all that is wanted.
        true => went_well(cluster, &actor),
        false => go_on(cluster, Errand::new(actor, outcome)),
    }
}

fn went_well(cluster: &mut Cluster, actor: &Actor) {
    if cluster.failures.contains_key(actor) {
        Rc::make_mut(&mut cluster.failures).remove(actor);
    }
}

/// Carries out some of an errand; what is left is kept for the next step.
pub fn go_on(cluster: &mut Cluster, mut errand: Errand) {
    for _ in 0..REQUESTS {
        if !one(cluster, &mut errand) {
            if errand.well {
                went_well(cluster, &errand.actor);
            }
            return;
        }
    }
    cluster.errand = Some(Rc::new(errand));
}

/// Does one thing; answers whether there was one.
fn one(cluster: &mut Cluster, errand: &mut Errand) -> bool {
    if let Some(making) = errand.batch.next() {
        make(cluster, errand, making);
    } else if let Some(deed) = errand.deeds.next() {
        match deed {
            Deed::Event(note) => events::record(cluster, note),
            Deed::Befall(what, place) => fault::befall(cluster, what, &place),
            Deed::Machinery(change) => hardware::carry_out(cluster, &change),
            Deed::Request(request) => make(cluster, errand, Making { request, note: None }),
            Deed::Batch(batch) => errand.batch = batch.into_iter(),
        }
    } else if let Some(request) = errand.last.take() {
        make(cluster, errand, Making { request, note: None });
    } else {
        return false;
    }
    true
}

/// Makes a request; after the last of its batch the actor is told of what was refused.
fn make(cluster: &mut Cluster, errand: &mut Errand, Making { request, note }: Making) {
    let kept = matches!(errand.actor, Actor::Controller(..)).then(|| request.clone());
    match (apiserver::handle(cluster, request), note) {
        (Ok(made), Some(mut note)) => {
            note.message.push_str(&made.meta.name);
            events::record(cluster, note);
        }
        (Ok(_), None) => {}
        (Err(status), _) => errand.refusals.push((kept, status)),
    }
    if errand.batch.len() == 0 && !errand.refusals.is_empty() {
        errand.well = false;
        errand.deeds = Vec::new().into_iter();
        back_off(cluster, &errand.actor);
        for (request, status) in std::mem::take(&mut errand.refusals) {
            let Some(request) = request else { continue };
            reply(cluster, &errand.actor, &request, &status);
        }
    }
}

/// Carries out what an actor makes of a refusal.
fn reply(cluster: &mut Cluster, actor: &Actor, request: &Request, status: &Status) {
    let Actor::Controller(controller, key) = actor else { return };
    for deed in controllers::refused(*controller, cluster, key, request, status).deeds {
        match deed {
            Deed::Event(note) => events::record(cluster, note),
            // A second refusal is left to the next look.
            Deed::Request(request) => drop(apiserver::handle(cluster, request)),
            Deed::Batch(_) | Deed::Befall(..) | Deed::Machinery(_) => {
                unreachable!("a reply to a refusal is a request or an event")
            }
        }
    }
}

/// Lets an actor look again after a wait that doubles. A shorter wait that is under way already is not forgotten.
fn back_off(cluster: &mut Cluster, actor: &Actor) {
    let now = cluster.now;
    let (failures, due) = Rc::make_mut(&mut cluster.failures).entry(actor.clone()).or_default();
    let first = match actor {
        Actor::Controller(controller, _) => controllers::first_back_off(*controller),
        _ => FIRST_BACK_OFF,
    };
    let next = now + Span(first.0 << (*failures).min(30)).min(LONGEST_BACK_OFF);
    *failures += 1;
    *due = if *due > now { next.min(*due) } else { next };
    let at = *due;
    cluster.agenda.wake(actor.clone(), at);
}
