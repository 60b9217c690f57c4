//! A Pod's quality-of-service class, from its requests and limits of CPU and memory.
//!
//! Kubernetes 1.36: pkg/apis/core/helper/qos/qos.go

use crate::api::field::Field;
use crate::api::pod::{PodSpec, Resources};
use crate::value::Value;

pub fn mutate(pod: &mut Value) {
    let spec = pod.get("spec");
    let whole = Some(spec.get("resources")).filter(|whole| !whole.is_null());
    let containers = ["initContainers", "containers"].into_iter().flat_map(|list| spec.get(list).items());
    let counted: Vec<Resources> = match whole {
        Some(whole) => vec![Field::read(whole)],
        None => containers.map(|container| Field::read(container.get("resources"))).collect(),
    };
    let class = class(counted.iter());
    pod.at_mut(&["status"]).set("qosClass", class.into());
}

pub fn class_of(spec: &PodSpec) -> &'static str {
    match &spec.resources {
        Some(whole) => class([&**whole].into_iter()),
        None => class(spec.all_containers().map(|container| &container.resources)),
    }
}

/// `Guaranteed`: each container limits both and asks for as much; `BestEffort`: none asks or limits; else `Burstable`.
fn class<'a>(counted: impl Iterator<Item = &'a Resources>) -> &'static str {
    let mut some = false;
    let mut full = true;
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
