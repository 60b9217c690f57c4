//! Kubernetes 1.36: pkg/scheduler/framework/plugins/nodeaffinity. The Pod says by labels which nodes it takes.

use super::{Candidate, Verdict};
pub use crate::affinity::{any_term, matches, term_matches};
use crate::api::pod::PodSpec;
use crate::scheduler::node_info::NodeInfo;
use std::rc::Rc;

const RULE: &str = "NodeAffinity";

pub fn check(pod: &Candidate, info: &NodeInfo) -> Verdict {
    if matches(pod.spec, &info.node) {
        return Verdict::Fits;
    }
    Verdict::never(RULE, "node(s) didn't match Pod's node affinity/selector")
}

/// Whether a Pod leaves it open which nodes it takes.
pub fn takes_all(spec: &PodSpec) -> bool {
    let required = spec.affinity.as_ref().and_then(|a| a.node.as_ref()).and_then(|n| n.required.as_ref());
    spec.node_selector.is_empty() && required.is_none()
}

/// The verdict on a node that is none of those that the Pod names: no rule is asked.
pub fn elsewhere() -> Verdict {
    Verdict::never(RULE, "node(s) didn't satisfy plugin(s) [NodeAffinity]")
}

/// The nodes that the Pod's required affinity names (as a DaemonSet's Pods do); unset where one of its terms names none.
///
/// # Errors
/// No node can have all the names that the terms ask for.
pub fn names(spec: &PodSpec) -> Result<Option<Vec<Rc<str>>>, (&'static str, String)> {
    let required = spec.affinity.as_ref().and_then(|a| a.node.as_ref()).and_then(|n| n.required.as_ref());
    let Some(selector) = required.filter(|selector| !selector.terms.is_empty()) else { return Ok(None) };
    let mut all = Vec::new();
    for term in &selector.terms {
        let mut named = term.fields.iter().filter(|r| &*r.key == "metadata.name" && &*r.operator == "In");
        let Some(first) = named.next() else { return Ok(None) };
        let rest: Vec<_> = named.collect();
        let in_all = |name: &&Rc<str>| rest.iter().all(|r| r.values.contains(name));
        all.extend(first.values.iter().filter(in_all).cloned());
    }
    match all.is_empty() {
        true => Err((RULE, "pod affinity terms conflict".into())),
        false => Ok(Some(all)),
    }
}
