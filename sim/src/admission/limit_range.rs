//! What a namespace's LimitRanges fill in and refuse.
//!
//! Kubernetes 1.36: plugin/pkg/admission/limitranger/admission.go

use crate::api::field::{Amounts, Field};
use crate::api::persistent_volume_claim::PersistentVolumeClaim;
use crate::api::pod::Pod;
use crate::api::quantity::Quantity;
use crate::api::{Kind, Metadata, Object};
use crate::apiserver::Status;
use crate::cluster::Cluster;
use crate::resources;
use crate::value::Value;

const ANNOTATION: &str = "kubernetes.io/limit-ranger";

fn limits_of(cluster: &Cluster, namespace: &str, wanted: &str) -> Vec<Value> {
    let ranges = cluster.store.list_in(Kind::LimitRange, namespace);
    let all = ranges.flat_map(|r| r.raw().at(&["spec", "limits"]).items().to_vec());
    all.filter(|limit| limit.get("type").as_str() == Some(wanted)).collect()
}

/// Gives containers the requests and limits that they do not state.
pub fn mutate(cluster: &Cluster, meta: &Metadata, pod: &mut Value) {
    let ranges = limits_of(cluster, &meta.namespace, "Container");
    if ranges.is_empty() {
        return;
    }
    let mut done: Vec<String> = Vec::new();
    for (list, what) in [("containers", "container"), ("initContainers", "init container")] {
        if pod.at(&["spec", list]).items().is_empty() {
            continue;
        }
        for container in pod.at_mut(&["spec", list]).list_mut() {
            for (part, default, word) in [("requests", "defaultRequest", "request"), ("limits", "default", "limit")] {
                let set = fill(container, part, ranges.iter().map(|r| r.get(default)));
                if !set.is_empty() {
                    let name = container.get("name").as_str().unwrap_or("");
                    done.push(format!("{} {word} for {what} {name}", set.join(", ")));
                }
            }
        }
    }
    if !done.is_empty() {
        let text = format!("LimitRanger plugin set: {}", done.join("; "));
        pod.at_mut(&["metadata", "annotations"]).set(ANNOTATION, text.into());
    }
}

/// Sets what a container leaves out; answers the names of what was set.
fn fill<'a>(container: &mut Value, part: &str, defaults: impl Iterator<Item = &'a Value>) -> Vec<String> {
    let mut set = Vec::new();
    for defaults in defaults {
        for (name, amount) in defaults.as_map().into_iter().flat_map(|m| m.iter()) {
            if container.at(&["resources", part, name]).is_null() {
                container.at_mut(&["resources", part]).set(name, amount.clone());
                set.push(name.to_string());
            }
        }
    }
    set.sort();
    set
}

/// Refuses what is too little, too much or too far apart.
pub fn check(cluster: &Cluster, object: &Object) -> Result<(), Status> {
    let mut wrong = Vec::new();
    let namespace = &object.meta.namespace;
    if let Some(pod) = object.get::<Pod>() {
        for limit in limits_of(cluster, namespace, "Container") {
            for container in pod.spec.all_containers() {
                let (requests, limits) = (&container.resources.requests, &container.resources.limits);
                compare("Container", &limit, requests, limits, &mut wrong);
            }
        }
        for limit in limits_of(cluster, namespace, "Pod") {
            let (requests, limits) = (resources::requests(&pod.spec), resources::limits(&pod.spec));
            compare("Pod", &limit, &requests, &limits, &mut wrong);
        }
    } else if let Some(claim) = object.get::<PersistentVolumeClaim>() {
        for limit in limits_of(cluster, namespace, "PersistentVolumeClaim") {
            // A claim has no limit: its request is held against both bounds.
            let requests = &claim.spec.resources.requests;
            compare("PersistentVolumeClaim", &limit, requests, &Amounts::default(), &mut wrong);
        }
    }
    let why = match wrong.as_slice() {
        [] => return Ok(()),
        [one] => one.clone(),
        many => format!("[{}]", many.join(", ")),
    };
    Err(Status::forbidden(object.kind, &object.meta.name, why))
}

fn compare(what: &str, limit: &Value, requests: &Amounts, limits: &Amounts, wrong: &mut Vec<String>) {
    let bounds = |field: &str| Amounts::read(limit.get(field)).0;
    for (name, bound) in bounds("min") {
        let head = format!("minimum {name} usage per {what} is {bound}");
        match (requests.get(&name), limits.get(&name)) {
            (None, _) => wrong.push(format!("{head}.  No request is specified")),
            (Some(q), _) if q.milli < bound.milli => wrong.push(format!("{head}, but request is {q}")),
            (_, Some(q)) if q.milli < bound.milli => wrong.push(format!("{head}, but limit is {q}")),
            _ => {}
        }
    }
    let claim = what == "PersistentVolumeClaim";
    for (name, bound) in bounds("max") {
        let head = format!("maximum {name} usage per {what} is {bound}");
        match (requests.get(&name), limits.get(&name)) {
            (_, None) if !claim => wrong.push(format!("{head}.  No limit is specified")),
            (_, Some(q)) if q.milli > bound.milli => wrong.push(format!("{head}, but limit is {q}")),
            (Some(q), _) if q.milli > bound.milli => wrong.push(format!("{head}, but request is {q}")),
            _ => {}
        }
    }
    for (name, bound) in bounds("maxLimitRequestRatio") {
        let head = format!("{name} max limit to request ratio per {what} is {bound}");
        let there = |amounts: &Amounts| amounts.get(&name).copied().filter(|q: &Quantity| !q.is_zero());
        match (there(requests), there(limits)) {
            (None, _) => wrong.push(format!("{head}, but no request is specified or request is 0")),
            (_, None) => wrong.push(format!("{head}, but no limit is specified or limit is 0")),
            (Some(request), Some(limit)) => {
                let millionths = limit.milli * 1_000_000 / request.milli;
                if millionths > bound.milli * 1000 {
                    let (whole, rest) = (millionths / 1_000_000, millionths % 1_000_000);
                    wrong.push(format!("{head}, but provided ratio is {whole}.{rest:06}"));
                }
            }
        }
    }
}
