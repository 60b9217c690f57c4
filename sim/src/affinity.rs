//! Which nodes a Pod takes, by their labels and names.
//!
//! Kubernetes 1.36: staging/src/k8s.io/component-helpers/scheduling/corev1/nodeaffinity

use crate::api::object::Object;
use crate::api::pod::{NodeSelector, NodeTerm, PodSpec};

/// Whether the Pod's node selector and required node affinity take the node.
pub fn matches(spec: &PodSpec, node: &Object) -> bool {
    let required = spec.affinity.as_ref().and_then(|a| a.node.as_ref()).and_then(|n| n.required.as_ref());
    spec.node_selector.within(&node.meta.labels) && required.is_none_or(|selector| any_term(selector, node))
}

/// Whether one of the terms matches.
pub fn any_term(selector: &NodeSelector, node: &Object) -> bool {
    selector.terms.iter().any(|term| term_matches(term, node))
}

/// Whether all conditions of a term hold; a term without any matches nothing.
pub fn term_matches(term: &NodeTerm, node: &Object) -> bool {
    let name = [("metadata.name", node.meta.name.clone())].into_iter().collect();
    !(term.expressions.is_empty() && term.fields.is_empty())
        && term.expressions.iter().all(|r| r.matches(&node.meta.labels))
        && term.fields.iter().all(|r| r.matches(&name))
}
