//! A Pod's quality-of-service class, from its requests and limits of CPU and memory.
//!
//! Kubernetes 1.36: pkg/apis/core/helper/qos/qos.go

use crate::api::field::Field;
use crate::api::pod::PodSpec;
use crate::value::Value;

pub fn mutate(pod: &mut Value) {
    let class = class_of(&PodSpec::read(pod.get("spec")));
    pod.at_mut(&["status"]).set("qosClass", class.into());
}

/// `Guaranteed`: each container limits both and asks for as much; `BestEffort`: none asks or limits; else `Burstable`.
pub fn class_of(spec: &PodSpec) -> &'static str {
    let mut some = false;
    let mut full = true;
    let whole = spec.resources.as_deref().into_iter();
    let counted: Vec<_> = match spec.resources {
        Some(_) => whole.collect(),
        None => spec.all_containers().map(|c| &c.resources).collect(),
    };
    for resources in counted {
        for name in ["cpu", "memory"] {
            let limit = resources.limits.get(name).filter(|q| !q.is_zero());
            let request = resources.requests.get(name).filter(|q| !q.is_zero());
            some |= limit.is_some() || request.is_some();
            full &= limit.is_some() && request.or(limit).map(|q| q.milli) == limit.map(|q| q.milli);
        }
    }
    match (some, full) {
        (false, _) => "BestEffort",
        (true, true) => "Guaranteed",
        (true, false) => "Burstable",
    }
}
