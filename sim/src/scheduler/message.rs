//! What the scheduler says when no node takes a Pod.
//!
//! Kubernetes 1.36: pkg/scheduler/framework/types.go (FitError)

use super::Verdicts;
use super::filter::Verdict;
use std::collections::BTreeMap;
use std::rc::Rc;

/// When a rule shuts the Pod out before any node is looked at.
pub fn nowhere(nodes: usize, reason: &str) -> String {
    if nodes == 0 {
        return "no nodes available to schedule pods".into();
    }
    format!("0/{nodes} nodes are available: {reason}. not found")
}

/// When each node has its reason; `preemption` says why making room does not help, and is unset where it does.
pub fn of(nodes: usize, verdicts: &Verdicts, preemption: Option<&str>) -> String {
    if nodes == 0 {
        return "no nodes available to schedule pods".into();
    }
    let all = verdicts.iter().flat_map(|(_, verdict)| reasons(verdict.clone()));
    let mut text = format!("0/{nodes} nodes are available: {}.", counted(all));
    if let Some(why) = preemption {
        text.push_str(&format!(" no new claims to deallocate, preemption: {why}"));
    }
    text
}

/// The reasons of a verdict.
pub fn reasons(verdict: Verdict) -> Vec<Rc<str>> {
    match verdict {
        Verdict::Fits => Vec::new(),
        Verdict::Full(_, reasons) | Verdict::Never(_, reasons) => reasons,
    }
}

/// Reasons with how often each was given, sorted as text.
pub fn counted(reasons: impl Iterator<Item = Rc<str>>) -> String {
    let mut counts: BTreeMap<Rc<str>, usize> = BTreeMap::new();
    for reason in reasons {
        *counts.entry(reason).or_insert(0) += 1;
    }
    let mut parts: Vec<String> = counts.into_iter().map(|(reason, n)| format!("{n} {reason}")).collect();
    parts.sort();
    parts.join(", ")
}
