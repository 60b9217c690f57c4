//! Making room: Pods of lower priority leave for one of higher.
//!
//! Kubernetes 1.36: pkg/scheduler/framework/preemption/preemption.go, plugins/defaultpreemption

use super::filter::{Candidate, Verdict};
use super::message;
use super::node_info::{NodeInfo, takes_room};
use super::queue::{Queue, Waiting};
use super::{NAME, Verdicts, with_nominated};
use crate::api::field::empty_text;
use crate::api::object::Object;
use crate::api::pod::Pod;
use crate::api::pod_status::PodCondition;
use crate::api::selector::LabelSelector;
use crate::api::{Field, Kind, Stamp};
use crate::apiserver::events::Note;
use crate::apiserver::{DeleteOptions, Request};
use crate::cluster::Cluster;
use crate::outcome::Outcome;
use std::rc::Rc;

/// What comes of thinking about preemption.
pub enum Plan {
    Room(Choice),
    /// Why it does not help.
    Useless(String),
}

/// A node, and who has to leave it.
pub struct Choice {
    pub node: Rc<str>,
    pub victims: Vec<Rc<Object>>,
    /// How many of the victims a disruption budget protects.
    violations: usize,
}

impl Plan {
    pub fn text(&self) -> Option<&str> {
        if let Plan::Useless(text) = self { Some(text) } else { None }
    }
    pub fn chosen(&self) -> Option<&Choice> {
        if let Plan::Room(choice) = self { Some(choice) } else { None }
    }
}

/// Looks for a node where Pods of lower priority could make room.
pub fn plan(cluster: &Cluster, candidate: &Candidate, queue: &Queue, object: &Object, verdicts: &Verdicts) -> Plan {
    let pod = object.expect::<Pod>();
    if pod.spec.preemption_policy.as_deref() == Some("Never") {
        return Plan::Useless("not eligible due to preemptionPolicy=Never.".into());
    }
    if room_is_being_made(cluster, object) {
        return Plan::Useless("not eligible due to a terminating pod on the nominated node.".into());
    }
    let nominated = queue.nominated(object);
    let mut choices = Vec::new();
    let mut reasons: Vec<Rc<str>> = Vec::new();
    for (name, verdict) in verdicts {
        let info = queue.nodes.by_name.get(name).expect("a verdict on a known node");
        match verdict {
            Verdict::Full(..) => match victims(cluster, candidate, queue, object, info, &nominated) {
                Ok(choice) => choices.push(choice),
                Err(why) => reasons.extend(why),
            },
            _ => reasons.push("Preemption is not helpful for scheduling".into()),
        }
    }
    // Fewest violated budgets, then the least important victims, then the fewest, then the youngest.
    let best = choices.into_iter().min_by_key(|choice| {
        let priorities = || choice.victims.iter().map(|v| priority(v));
        let top = priorities().max().unwrap_or(i64::MIN);
        let sum: i64 = priorities().map(|p| p + (1 << 31)).sum();
        let eldest = choice.victims.iter().filter(|v| priority(v) == top).map(|v| started(v)).min();
        (choice.violations, top, sum, choice.victims.len(), std::cmp::Reverse(eldest), choice.node.clone())
    });
    match best {
        Some(choice) => Plan::Room(choice),
        None => {
            let nodes = queue.nodes.by_name.len();
            Plan::Useless(format!("0/{nodes} nodes are available: {}.", message::counted(reasons.into_iter())))
        }
    }
}

fn priority(object: &Object) -> i64 {
    object.expect::<Pod>().spec.priority.unwrap_or(0)
}

fn started(object: &Object) -> Stamp {
    object.expect::<Pod>().status.start_time.or(object.meta.creation).unwrap_or_default()
}

/// Whether a victim is already leaving the node that was chosen before.
fn room_is_being_made(cluster: &Cluster, object: &Object) -> bool {
    let nominated = &object.expect::<Pod>().status.nominated_node_name;
    !nominated.is_empty()
        && cluster.store.pods_on(nominated).any(|p| {
            let preempted = p.expect::<Pod>().status.condition("DisruptionTarget");
            p.meta.deleting()
                && takes_room(p)
                && priority(p) < priority(object)
                && preempted.is_some_and(|c| &*c.reason == "PreemptionByScheduler")
        })
}

/// The fewest Pods that have to leave a node, which is kept free for the Pods that are `nominated` there as well.
fn victims(
    cluster: &Cluster,
    candidate: &Candidate,
    queue: &Queue,
    object: &Object,
    info: &NodeInfo,
    nominated: &[&Waiting],
) -> Result<Choice, Vec<Rc<str>>> {
    let here = cluster.store.pods_on(&info.node.meta.name).filter(|p| takes_room(p));
    let mut lower: Vec<Rc<Object>> = here.filter(|p| priority(p) < priority(object)).cloned().collect();
    if lower.is_empty() {
        return Err(vec!["No preemption victims found for incoming pod".into()]);
    }
    let without = |gone: &[Rc<Object>]| {
        candidate.without(gone, &queue.nodes).check(&with_nominated(&left_of(info, gone), nominated))
    };
    match without(&lower) {
        Verdict::Fits => {}
        verdict => return Err(message::reasons(verdict)),
    }
    // The most important first: they are let stay if the Pod fits all the same, protected ones before others.
    lower.sort_by_key(|p| (std::cmp::Reverse(priority(p)), started(p)));
    let (protected, free) = split_by_budget(cluster, &lower);
    let mut gone = lower;
    let mut violations = 0;
    for (pod, is_protected) in protected.iter().map(|p| (p, true)).chain(free.iter().map(|p| (p, false))) {
        let rest: Vec<Rc<Object>> = gone.iter().filter(|p| p.meta.uid != pod.meta.uid).cloned().collect();
        if without(&rest) == Verdict::Fits {
            gone = rest;
        } else {
            violations += usize::from(is_protected);
        }
    }
    Ok(Choice { node: info.node.meta.name.clone(), victims: gone, violations })
}

fn left_of(info: &NodeInfo, gone: &[Rc<Object>]) -> NodeInfo {
    let mut left = info.clone();
    gone.iter().for_each(|p| left.count(&p.expect::<Pod>().spec, -1));
    left
}

/// Pods whose eviction would break a disruption budget, and the others.
fn split_by_budget(cluster: &Cluster, pods: &[Rc<Object>]) -> (Vec<Rc<Object>>, Vec<Rc<Object>>) {
    let mut allowed: Vec<(Rc<str>, LabelSelector, i64)> = cluster
        .store
        .list(Kind::PodDisruptionBudget)
        .map(|b| {
            let selector = LabelSelector::read(b.raw().at(&["spec", "selector"]));
            (b.meta.namespace.clone(), selector, b.status().get("disruptionsAllowed").as_int().unwrap_or(0))
        })
        .collect();
    pods.iter().cloned().partition(|pod| {
        let mut broken = false;
        for (namespace, selector, left) in &mut allowed {
            if *namespace == pod.meta.namespace && !selector.is_empty() && selector.matches(&pod.meta.labels) {
                *left -= 1;
                broken |= *left < 0;
            }
        }
        broken
    })
}

/// Takes the node from less important Pods for whom room was being made there: they may not fit any more.
pub fn take_over(cluster: &Cluster, queue: &mut Queue, object: &Object, node: &str, outcome: &mut Outcome) {
    let displaced = queue.nominated_below(priority(object), node);
    for (uid, key) in displaced {
        queue.change(&uid, |waiting| waiting.nominated = empty_text());
        if let Some(pod) = cluster.store.get(Kind::Pod, &key) {
            let mut new = (**pod).clone();
            new.expect_mut::<Pod>().status.nominated_node_name = empty_text();
            outcome.request(Request::put_status(NAME, new));
        }
    }
}

/// Makes the victims leave.
pub fn evict(cluster: &Cluster, object: &Object, choice: &Choice, outcome: &mut Outcome) {
    for victim in choice.victims.iter().filter(|v| !v.meta.deleting()) {
        let mut new = (**victim).clone();
        let condition = PodCondition {
            kind: "DisruptionTarget".into(),
            status: "True".into(),
            reason: "PreemptionByScheduler".into(),
            message: "default-scheduler: preempting to accommodate a higher priority pod".into(),
            last_transition: Some(cluster.stamp()),
            observed_generation: victim.meta.generation,
            ..Default::default()
        };
        let conditions = &mut new.expect_mut::<Pod>().status.conditions;
        conditions.retain(|c| &*c.kind != "DisruptionTarget");
        conditions.push(condition);
        outcome.request(Request::put_status(NAME, new));
        outcome.request(Request::delete(NAME, Kind::Pod, victim.key(), DeleteOptions::default()));
        let text = format!("Preempted by pod {} on node {}", object.meta.uid, choice.node);
        outcome.event(Note::normal(victim, NAME, "Preempted", text));
    }
}
