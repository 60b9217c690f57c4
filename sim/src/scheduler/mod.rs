//! THE SCHEDULER: takes one Pod at a time from its queue and finds it a node.
//!
//! Kubernetes 1.36: pkg/scheduler/schedule_one.go. Binding takes no time here; extenders and further profiles are not
//! simulated.

pub mod by_name;
pub mod explain;
pub mod filter;
pub mod hints;
pub mod kin;
pub mod message;
pub mod node_info;
pub mod preemption;
pub mod queue;
pub mod score;

use crate::api::Kind;
use crate::api::object::Object;
use crate::api::pod::Pod;
use crate::api::pod_status::PodCondition;
use crate::apiserver::events::Note;
use crate::apiserver::{Request, Verb};
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
/// With fewer nodes, all are looked at for the best.
const FEW_NODES: usize = 100;
/// Marks a claim as to be provisioned for the node that was chosen.
pub const SELECTED_NODE: &str = "volume.kubernetes.io/selected-node";

/// Takes the next Pod from the queue.
pub fn wake(cluster: &Cluster, queue: &mut Queue) -> Outcome {
    let Some((uid, key)) = queue.next() else { return Outcome::nothing() };
    let mut outcome = match cluster.store.get(Kind::Pod, &key).filter(|o| o.meta.uid == uid && queue::is_ours(o)) {
        Some(object) => schedule(cluster, queue, object),
        None => {
            queue.remove(&uid);
            Outcome::nothing()
        }
    };
    if queue.is_busy() {
        outcome.again_at(cluster.now + CYCLE);
    }
    outcome
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
        return bind(&candidate, queue, object, &node);
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
    bind(&candidate, queue, object, &node)
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
        match candidate.check(&with_nominated(info, &nominated)) {
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

/// Binds the Pod. Claims that waited for it are told the node first: until they are bound there, it stays in the queue.
fn bind(candidate: &Candidate, queue: &mut Queue, object: &Rc<Object>, node: &Rc<str>) -> Outcome {
    let mut outcome = Outcome::nothing();
    if !candidate.claims.waiting().is_empty() {
        for claim in candidate.claims.waiting() {
            let mut claim = (**claim).clone();
            claim.meta.annotations.insert(SELECTED_NODE, node.clone());
            outcome.request(Request::put(NAME, claim));
        }
        queue.change(&object.meta.uid, |waiting| {
            waiting.active = false;
            waiting.blocked_by = vec![filter::volume_binding::RULE];
            waiting.assumed = node.clone();
        });
        return outcome;
    }
    queue.remove(&object.meta.uid);
    outcome.request(Request::new(NAME, Kind::Pod, object.key(), Verb::Bind(node.clone())));
    let text = format!("Successfully assigned {} to {node}", object.key());
    outcome.event(Note::normal(object, NAME, "Scheduled", text));
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
        preemption::evict(cluster, object, choice, &mut outcome);
    }
    outcome
}

#[cfg(test)]
mod tests;
