//! THE SCHEDULER: takes one Pod at a time from its queue and finds it a node.
//!
//! Kubernetes 1.36: pkg/scheduler/schedule_one.go. Binding takes no time here; extenders and further profiles are not
//! simulated.

pub mod by_name;
pub mod explain;
pub mod filter;
pub mod hints;
pub mod images;
pub mod kin;
pub mod message;
pub mod node_info;
pub mod places;
pub mod preemption;
pub mod queue;
pub mod score;

use crate::api::Kind;
use crate::api::object::Object;
use crate::api::pod::Pod;
use crate::api::pod_status::PodCondition;
use crate::apiserver::events::Note;
use crate::apiserver::{Request, Verb};
use crate::claims;
use crate::clock::Span;
use crate::cluster::Cluster;
use crate::outcome::Outcome;
use filter::{Candidate, Verdict};
use node_info::NodeInfo;
use queue::{Queue, Waiting};
use std::borrow::Cow;
use std::rc::Rc;

const NAME: &str = "default-scheduler";
/// How long one Pod's cycle takes.
const CYCLE: Span = Span(1);
/// How often the claims of a Pod that has its node are looked at, until they are bound.
const BINDING_POLL: Span = Span::millis(1_000);
/// With fewer nodes, all are looked at for the best.
const FEW_NODES: usize = 100;
/// Marks a claim as to be provisioned for the node that was chosen.
pub const SELECTED_NODE: &str = "volume.kubernetes.io/selected-node";

/// Takes the next Pod from the queue.
pub fn wake(cluster: &Cluster, queue: &mut Queue) -> Outcome {
    queue.look_again(cluster.now);
    let mut outcome = take_turn(cluster, queue);
    if let Some(time) = queue.next_timer() {
        outcome.again_at(time);
    }
    if queue.is_busy() {
        outcome.again_at(cluster.now + CYCLE);
    }
    outcome
}

fn take_turn(cluster: &Cluster, queue: &mut Queue) -> Outcome {
    let Some((uid, key)) = queue.next() else { return Outcome::nothing() };
    match cluster.store.get(Kind::Pod, &key).filter(|o| o.meta.uid == uid && queue::is_ours(o)) {
        Some(object) => schedule(cluster, queue, object),
        None => {
            queue.remove(&uid);
            Outcome::nothing()
        }
    }
}

/// Finds a node for a Pod, or says why there is none.
fn schedule(cluster: &Cluster, queue: &mut Queue, object: &Rc<Object>) -> Outcome {
    let candidate = match Candidate::new(object, &cluster.store, &queue.nodes) {
        Ok(candidate) => candidate,
        Err((rule, reason)) => {
            let text = message::nowhere(queue.nodes.by_name.len(), &reason);
            return failed(cluster, queue, object, vec![rule], Vec::new(), text, None);
        }
    };
    // The node was chosen before, and what the Pod's claims waited for is done.
    let assumed = queue.waiting().get(&object.meta.uid).map(|w| w.assumed.clone()).filter(|node| !node.is_empty());
    if let Some(node) = assumed.filter(|node| queue.nodes.by_name.contains_key(node)) {
        return bind(cluster, &candidate, queue, object, &node);
    }
    let (fitting, verdicts) = find_fitting(&candidate, queue, object);
    if fitting.is_empty() {
        let plan = preemption::plan(cluster, &candidate, queue, object, &verdicts);
        let text = message::of(queue.nodes.by_name.len(), &verdicts, plan.text());
        let rules = rules_of(&verdicts);
        return failed(cluster, queue, object, rules, verdicts, text, plan.chosen());
    }
    let points = score::score(&candidate, &queue.nodes, &fitting);
    let node = choose(cluster, object, &fitting, &points).node.meta.name.clone();
    bind(cluster, &candidate, queue, object, &node)
}

/// The rules that shut the Pod out somewhere, each once.
fn rules_of(verdicts: &Verdicts) -> Vec<&'static str> {
    let mut rules = Vec::new();
    for (_, verdict) in verdicts {
        if let Verdict::Full(rule, _) | Verdict::Never(rule, _) = verdict
            && !rules.contains(rule)
        {
            rules.push(rule);
        }
    }
    rules
}

/// What the rules say, node by node.
pub type Verdicts = Vec<(Rc<str>, Verdict)>;

/// The nodes that fit, as many as are worth scoring, and the verdicts on those that do not.
fn find_fitting(candidate: &Candidate, queue: &mut Queue, object: &Object) -> (Vec<Rc<NodeInfo>>, Verdicts) {
    let nominated = queue.nominated(object);
    let all = &queue.nodes.by_name;
    let enough = worth_scoring(all.len());
    let (mut fitting, mut verdicts, mut seen) = (Vec::with_capacity(enough), Vec::new(), 0);
    for info in all.from(queue.next_node) {
        seen += 1;
        let verdict = match nominated.is_empty() {
            true => candidate.check(info),
            false => candidate.check(&with_nominated(info, &nominated)),
        };
        match verdict {
            Verdict::Fits => fitting.push(info.clone()),
            verdict => verdicts.push((info.node.meta.name.clone(), verdict)),
        }
        if fitting.len() >= enough {
            break;
        }
    }
    queue.next_node = (queue.next_node + seen) % all.len().max(1);
    (fitting, verdicts)
}

/// Half of the nodes, fewer in large clusters (50 % less one for each 125 nodes, at least 5 %), at least 100.
fn worth_scoring(nodes: usize) -> usize {
    if nodes < FEW_NODES {
        return nodes.max(1);
    }
    let percent = 50usize.saturating_sub(nodes / 125).max(5);
    (nodes * percent / 100).max(FEW_NODES)
}

/// The node as it is once the Pods are there for whom room is being made.
fn with_nominated<'a>(info: &'a NodeInfo, nominated: &[&Waiting]) -> Cow<'a, NodeInfo> {
    let mut out = Cow::Borrowed(info);
    for waiting in nominated.iter().filter(|w| w.nominated == info.node.meta.name) {
        out.to_mut().count(&waiting.spec, 1);
    }
    out
}

/// One of the best.
fn choose<'a>(cluster: &Cluster, object: &Object, fitting: &'a [Rc<NodeInfo>], points: &[i64]) -> &'a NodeInfo {
    let most = points.iter().max().expect("a node fits");
    let best: Vec<&Rc<NodeInfo>> = fitting.iter().zip(points).filter(|(_, p)| *p == most).map(|(i, _)| i).collect();
    best[cluster.dice.below(best.len() as u64, &object.meta.uid, "node") as usize]
}

/// Binds the Pod; one whose claims waited for it has to wait for them.
fn bind(cluster: &Cluster, candidate: &Candidate, queue: &mut Queue, object: &Rc<Object>, node: &Rc<str>) -> Outcome {
    if !candidate.claims.waiting().is_empty() {
        return bind_claims(cluster, candidate, queue, object, node);
    }
    let mut outcome = Outcome::nothing();
    queue.remove(&object.meta.uid);
    outcome.request(Request::new(NAME, Kind::Pod, object.key(), Verb::Bind(node.clone())));
    let text = format!("Successfully assigned {} to {node}", object.key());
    outcome.event(Note::normal(object, NAME, "Scheduled", text));
    outcome
}

/// Sets volumes aside for the claims that waited for the Pod, and says where the others are to be provisioned. Until all
/// are bound the Pod stays in the queue, its node being known.
fn bind_claims(
    cluster: &Cluster,
    candidate: &Candidate,
    queue: &mut Queue,
    object: &Rc<Object>,
    node: &Rc<str>,
) -> Outcome {
    let mut outcome = Outcome::nothing();
    let begun = queue.waiting().get(&object.meta.uid).is_some_and(|waiting| waiting.assumed == *node);
    let place = queue.nodes.by_name.get(node).filter(|_| !begun);
    if let Some(info) = place {
        let mut pod = (**object).clone();
        pod.expect_mut::<Pod>().status.nominated_node_name = node.clone();
        outcome.request(Request::put_status(NAME, pod));
        for (claim, volume) in filter::volume_binding::matched(candidate, &info.node) {
            outcome.request(match volume {
                Some(volume) => Request::put(NAME, claims::refer_to_claim(claim, volume)),
                None => {
                    let mut claim = (**claim).clone();
                    claim.meta.annotations.insert(SELECTED_NODE, node.clone());
                    Request::put(NAME, claim)
                }
            });
        }
    }
    queue.change(&object.meta.uid, |waiting| {
        waiting.active = false;
        waiting.again = Some(cluster.now + BINDING_POLL);
        waiting.blocked_by = vec![filter::volume_binding::RULE];
        waiting.assumed = node.clone();
    });
    outcome
}

/// Puts the Pod back among those that wait, says why, and makes room for it if that helps.
fn failed(
    cluster: &Cluster,
    queue: &mut Queue,
    object: &Rc<Object>,
    rules: Vec<&'static str>,
    verdicts: Verdicts,
    text: String,
    chosen: Option<&preemption::Choice>,
) -> Outcome {
    let nominated = chosen.map(|c| c.node.clone());
    queue.change(&object.meta.uid, |waiting| {
        waiting.active = false;
        waiting.again = Some(queue::flushed_at(cluster.now));
        waiting.assumed = crate::api::field::empty_text();
        waiting.attempts += 1;
        waiting.blocked_by = rules;
        waiting.verdicts = Rc::new(verdicts.into_iter().map(|(node, v)| (node, message::reasons(v))).collect());
        if let Some(node) = &nominated {
            waiting.nominated = node.clone();
        }
    });
    let mut outcome = Outcome::nothing();
    let mut new = (**object).clone();
    let stamp = cluster.stamp();
    let generation = object.meta.generation;
    let status = &mut new.expect_mut::<Pod>().status;
    let old = status.condition("PodScheduled").filter(|c| &*c.status == "False");
    let condition = PodCondition {
        kind: "PodScheduled".into(),
        status: "False".into(),
        reason: "Unschedulable".into(),
        message: text.clone().into(),
        last_transition: old.and_then(|c| c.last_transition).or(Some(stamp)),
        observed_generation: generation,
        ..Default::default()
    };
    status.conditions.retain(|c| &*c.kind != "PodScheduled");
    status.conditions.push(condition);
    if let Some(node) = nominated {
        status.nominated_node_name = node;
    }
    if new != **object {
        outcome.request(Request::put_status(NAME, new));
    }
    outcome.event(Note::warning(object, NAME, "FailedScheduling", text));
    if let Some(choice) = chosen {
        preemption::take_over(cluster, queue, object, &choice.node, &mut outcome);
        preemption::evict(cluster, object, choice, &mut outcome);
    }
    outcome
}

#[cfg(test)]
mod tests;
