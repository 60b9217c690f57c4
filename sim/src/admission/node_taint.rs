//! A new node is kept free until the node-lifecycle controller has seen it ready.
//!
//! Kubernetes 1.36: plugin/pkg/admission/nodetaint/admission.go

use crate::value::Value;

const NOT_READY: &str = "node.kubernetes.io/not-ready";

pub fn mutate(node: &mut Value) {
    let is_set = |t: &Value| t.get("key").as_str() == Some(NOT_READY) && t.get("effect").as_str() == Some("NoSchedule");
    if !node.at(&["spec", "taints"]).items().iter().any(is_set) {
        let taint = [("effect", "NoSchedule".into()), ("key", Value::from(NOT_READY))];
        node.at_mut(&["spec", "taints"]).list_mut().push(Value::map(taint));
    }
}
