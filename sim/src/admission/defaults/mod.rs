//! The values of fields that were left out, kind by kind.
//!
//! Kubernetes 1.36: pkg/apis/*/v1/defaults.go, and what the Go structs print although it is empty.

pub mod autoscaling;
mod batch;
mod networking;
mod pod;
mod registration;
mod service;
mod storage;
mod workloads;

use crate::api::Kind;
use crate::value::Value;

/// A value for a field that was left out.
enum Default {
    Text(&'static str),
    Int(i64),
    Bool(bool),
    Empty,
}

/// Sets what was left out, as the server would store it.
pub fn apply(kind: Kind, value: &mut Value) {
    match kind {
        Kind::Pod => pod::pod(value),
        Kind::PodTemplate => pod::template(value.at_mut(&["template"])),
        Kind::Deployment => workloads::deployment(value),
        Kind::ReplicaSet => workloads::replica_set(value),
        Kind::ReplicationController => workloads::replication_controller(value),
        Kind::StatefulSet => workloads::stateful_set(value),
        Kind::DaemonSet => workloads::daemon_set(value),
        Kind::Job => batch::job(value),
        Kind::CronJob => batch::cron_job(value),
        Kind::Service => service::service(value),
        Kind::Endpoints => service::endpoints(value),
        Kind::EndpointSlice => service::endpoint_slice(value),
        Kind::Ingress | Kind::IngressClass | Kind::NetworkPolicy => networking::apply(kind, value),
        Kind::HorizontalPodAutoscaler => autoscaling::autoscaler(value),
        Kind::PersistentVolume => storage::volume(value),
        Kind::PersistentVolumeClaim => storage::claim(value),
        Kind::StorageClass | Kind::CSIDriver => storage::apply(kind, value),
        Kind::Secret => secret(value),
        Kind::LimitRange => limit_range(value),
        Kind::Namespace => {
            let name = value.at(&["metadata", "name"]).clone();
            value.at_mut(&["metadata", "labels"]).set("kubernetes.io/metadata.name", name);
        }
        Kind::Node => node(value),
        Kind::ResourceQuota => set(value, &[("spec", Default::Empty)]),
        Kind::PriorityClass => {
            set(value, &[("preemptionPolicy", Default::Text("PreemptLowerPriority")), ("value", Default::Int(0))]);
        }
        _ => registration::apply(kind, value),
    }
}

/// Sets the defaults of a new object, and what the server makes up for it.
pub fn apply_to_new(kind: Kind, value: &mut Value) {
    let borrowed = kind == Kind::Job && batch::borrows_labels(value);
    apply(kind, value);
    if kind == Kind::Job {
        batch::generate_selector(value, borrowed);
    }
}

/// Sets each of the fields that is absent.
fn set(value: &mut Value, defaults: &[(&str, Default)]) {
    for (field, default) in defaults {
        value.set_default(field, || match default {
            Default::Text(text) => Value::from(*text),
            Default::Int(n) => Value::Int(*n),
            Default::Bool(b) => Value::Bool(*b),
            Default::Empty => Value::empty_map(),
        });
    }
}

/// The items of a list to change; none if it is absent or no list.
fn items<'a>(value: &'a mut Value, field: &str) -> &'a mut [Value] {
    if value.get(field).as_list().is_none() {
        return &mut [];
    }
    value.at_mut(&[field]).list_mut()
}

/// The value of a field to change, if it is there.
fn inside<'a>(value: &'a mut Value, field: &str) -> Option<&'a mut Value> {
    if value.get(field).is_null() { None } else { Some(value.at_mut(&[field])) }
}

/// `stringData` is written into `data`, in base64.
fn secret(value: &mut Value) {
    set(value, &[("type", Default::Text("Opaque"))]);
    let Some(texts) = value.remove("stringData") else { return };
    for (key, text) in texts.as_map().into_iter().flat_map(|m| m.iter()) {
        let encoded = crate::manifest::base64::encode(text.as_str().unwrap_or("").as_bytes());
        value.at_mut(&["data"]).set(key, encoded.into());
    }
}

/// A node's only network is told in an older and in a newer field; the older one counts. What it has, it may give.
fn node(value: &mut Value) {
    let [own, list] = ["podCIDR", "podCIDRs"].map(|field| value.at(&["spec", field]).clone());
    let first = list.items().first().cloned().unwrap_or_default();
    if own.is_null() && !first.is_null() {
        value.at_mut(&["spec"]).set("podCIDR", first);
    } else if !own.is_null() && own != first {
        value.at_mut(&["spec"]).set("podCIDRs", Value::list(vec![own]));
    }
    let capacity = value.at(&["status", "capacity"]).clone();
    if !capacity.is_null() {
        value.at_mut(&["status"]).set_default("allocatable", || capacity);
    }
}

/// For containers, a limit serves as default, and a default as default request.
fn limit_range(value: &mut Value) {
    let uid = value.at(&["metadata", "uid"]).clone();
    // The only kind that is given a name of its own.
    value.at_mut(&["metadata"]).set_default("name", || uid);
    let spec = value.at_mut(&["spec"]);
    if spec.get("limits").items().is_empty() {
        spec.set("limits", Value::Null);
    }
    for limit in items(spec, "limits") {
        if limit.get("type").as_str() != Some("Container") {
            continue;
        }
        for (from, to) in [("max", "default"), ("default", "defaultRequest"), ("min", "defaultRequest")] {
            let amounts = limit.get(from).clone();
            for (name, amount) in amounts.as_map().into_iter().flat_map(|m| m.iter()) {
                limit.at_mut(&[to]).set_default(name, || amount.clone());
            }
        }
    }
}
