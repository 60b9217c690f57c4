//! Kubernetes 1.36: pkg/controller/tainteviction/taint_eviction.go
//!
//! A Pod that does not tolerate a NoExecute taint of its node is deleted; one that tolerates it for a while, after that.

use super::memory::Memory;
use crate::api::Kind;
use crate::api::field::empty_text;
use crate::api::node::{Node, Taint};
use crate::api::object::{Key, Object};
use crate::api::pod::Pod;
use crate::api::pod_status::PodCondition;
use crate::apiserver::events::Note;
use crate::apiserver::{DeleteOptions, Request};
use crate::clock::Span;
use crate::cluster::Cluster;
use crate::outcome::Outcome;

const BY: &str = "taint-eviction-controller";
const REASON: &str = "TaintManagerEviction";
const MARK: &str = "DeletionByTaintManager";

/// Looks at a Pod: its node's taints have changed, it was given the node, or its time is over.
pub fn wake(cluster: &Cluster, memory: &mut Memory, key: &Key) -> Outcome {
    let mut out = Outcome::nothing();
    let Some(object) = cluster.store.get(Kind::Pod, key) else {
        memory.evictions.remove(key);
        return out;
    };
    let pod = object.expect::<Pod>();
    let node = cluster.store.find(Kind::Node, "", &pod.spec.node_name);
    let taints: Vec<&Taint> = node
        .map_or(Vec::new(), |n| n.expect::<Node>().spec.taints.iter().filter(|t| &*t.effect == "NoExecute").collect());
    match patience(pod, &taints) {
        Patience::Span(span) => {
            // What was settled once stays as it is, whatever taints come or go.
            let end = *memory.evictions.entry(key.clone()).or_insert(cluster.now + span);
            if cluster.now < end {
                out.again_at(end);
                return out;
            }
            memory.evictions.remove(key);
        }
        other => {
            if memory.evictions.remove(key).is_some() {
                out.event(note(object, format!("Cancelling deletion of Pod {key}")));
            }
            if other == Patience::Endless {
                return out;
            }
        }
    }
    out.event(note(object, format!("Marking for deletion Pod {key}")));
    out.request(Request::put_status(BY, marked(cluster, object)));
    let options = DeleteOptions { uid: Some(object.meta.uid.clone()), ..Default::default() };
    out.request(Request::delete(BY, Kind::Pod, key.clone(), options));
    out
}

/// This controller names a Pod without its uid, so `kubectl describe` does not find what it says.
fn note(object: &Object, message: String) -> Note {
    let mut note = Note::normal(object, BY, REASON, message);
    note.about.uid = empty_text();
    note
}

/// How long a Pod may stay on a node.
#[derive(PartialEq)]
enum Patience {
    /// It does not tolerate a taint.
    None,
    Span(Span),
    Endless,
}

fn patience(pod: &Pod, taints: &[&Taint]) -> Patience {
    let mut shortest: Option<i64> = None;
    for taint in taints {
        let Some(toleration) = pod.spec.tolerations.iter().find(|t| t.tolerates(taint)) else {
            return Patience::None;
        };
        if let Some(seconds) = toleration.seconds {
            shortest = Some(shortest.map_or(seconds, |s| s.min(seconds)));
        }
    }
    shortest.map_or(Patience::Endless, |seconds| Patience::Span(Span::secs(seconds.max(0) as u64)))
}

/// The Pod with the reason why it goes.
fn marked(cluster: &Cluster, object: &Object) -> Object {
    let mut new = object.clone();
    let generation = object.meta.generation;
    let conditions = &mut new.expect_mut::<Pod>().status.conditions;
    conditions.retain(|c| &*c.kind != "DisruptionTarget");
    conditions.push(PodCondition {
        kind: "DisruptionTarget".into(),
        status: "True".into(),
        reason: MARK.into(),
        message: "Taint manager: deleting due to NoExecute taint".into(),
        last_transition: Some(cluster.stamp()),
        observed_generation: generation,
        ..Default::default()
    });
    new
}
