//! Refuses Pods of a runtime class that is not there, and tells what their runtime itself needs.
//!
//! Kubernetes 1.36: plugin/pkg/admission/runtimeclass/admission.go

use crate::api::{Kind, Metadata};
use crate::apiserver::Status;
use crate::cluster::Cluster;
use crate::value::Value;

pub fn mutate(cluster: &Cluster, meta: &Metadata, pod: &mut Value) -> Result<(), Status> {
    let name = pod.at(&["spec", "runtimeClassName"]).as_str().unwrap_or("").to_string();
    if name.is_empty() {
        return Ok(());
    }
    let Some(class) = cluster.store.find(Kind::RuntimeClass, "", &name) else {
        let why = format!("pod rejected: RuntimeClass \"{name}\" not found");
        return Err(Status::forbidden(Kind::Pod, super::name_so_far(meta), why));
    };
    let overhead = class.raw().at(&["overhead", "podFixed"]);
    if !overhead.is_null() {
        pod.at_mut(&["spec"]).set_default("overhead", || overhead.clone());
    }
    let wanted = class.raw().at(&["scheduling", "nodeSelector"]);
    for (key, value) in wanted.as_map().into_iter().flat_map(|m| m.iter()) {
        pod.at_mut(&["spec", "nodeSelector"]).set(key, value.clone());
    }
    Ok(())
}

/// Only a runtime class says what a Pod takes beside its containers.
pub fn check(meta: &Metadata, pod: &Value) -> Result<(), Status> {
    let [class, overhead] = ["runtimeClassName", "overhead"].map(|field| pod.at(&["spec", field]));
    if class.is_null() && !overhead.is_null() {
        let why = "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead";
        return Err(Status::forbidden(Kind::Pod, super::name_so_far(meta), why));
    }
    Ok(())
}
