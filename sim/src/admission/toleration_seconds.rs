//! Lets each Pod stay five minutes on a node that is not ready or cannot be reached.
//!
//! Kubernetes 1.36: plugin/pkg/admission/defaulttolerationseconds/admission.go

use crate::value::Value;

const SECONDS: i64 = 300;

pub fn mutate(pod: &mut Value) {
    let spec = pod.at_mut(&["spec"]);
    for key in ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] {
        let tolerated = spec.get("tolerations").items().iter().any(|t| {
            let (own, effect) = (t.get("key").as_str().unwrap_or(""), t.get("effect").as_str().unwrap_or(""));
            (own == key || own.is_empty()) && (effect == "NoExecute" || effect.is_empty())
        });
        if !tolerated {
            spec.at_mut(&["tolerations"]).list_mut().push(Value::map([
                ("key", key.into()),
                ("operator", "Exists".into()),
                ("effect", "NoExecute".into()),
                ("tolerationSeconds", Value::Int(SECONDS)),
            ]));
        }
    }
}
