//! What is wrong with an object in itself.
//!
//! Kubernetes 1.36: pkg/apis/*/validation. What an object of a kind without a file here must be, its schema says.

mod admission;
mod autoscaling;
mod batch;
mod config;
mod container;
mod cron;
mod csi;
mod definition;
mod device;
mod device_slice;
mod flow;
mod go;
mod kit;
mod meta;
pub mod names;
mod networking;
mod node;
mod pod;
mod policy;
mod probe;
mod projection;
mod registration;
mod resources;
mod rules;
mod scheduling;
mod schema;
mod security;
mod service;
mod source;
mod storage;
pub mod subresource;
mod update;
mod volume;
mod windows;
mod workloads;

use crate::api::Kind;
use crate::apiserver::{Part, StatusCause};
use crate::value::Value;
use kit::{At, Errors};
pub use meta::STANDARD_FINALIZERS;

/// All that is wrong with a new object, in the server's order.
pub fn create(kind: Kind, value: &Value) -> Vec<StatusCause> {
    let mut errors = Errors::default();
    let at = At::root(value);
    meta::metadata(kind, &at.field("metadata"), &mut errors);
    body(kind, &at, &mut errors);
    errors.0
}

/// All that is wrong with a change, in the server's order.
pub fn update(kind: Kind, new: &Value, old: &Value, part: Part) -> Vec<StatusCause> {
    let mut errors = Errors::default();
    if part != Part::Status {
        update::apply(kind, new, old, part, &mut errors);
    }
    errors.0
}

/// What holds for an object whether it is new or changed.
fn body(kind: Kind, at: &At, errors: &mut Errors) {
    match kind {
        Kind::Pod => pod::pod(at, errors),
        Kind::PodTemplate => pod::template(&at.field("template"), errors),
        Kind::Deployment | Kind::ReplicaSet | Kind::ReplicationController | Kind::StatefulSet | Kind::DaemonSet => {
            workloads::apply(kind, at, errors)
        }
        Kind::Job => batch::job(at, errors),
        Kind::CronJob => batch::cron_job(at, errors),
        Kind::Service => service::service(at, errors),
        Kind::Endpoints => service::endpoints(at, errors),
        Kind::EndpointSlice => service::endpoint_slice(at, errors),
        Kind::Ingress => networking::ingress(at, errors),
        Kind::IngressClass => networking::ingress_class(at, errors),
        Kind::NetworkPolicy => networking::policy(at, errors),
        Kind::ConfigMap => config::config_map(at, errors),
        Kind::Secret => config::secret(at, errors),
        Kind::ResourceQuota => config::resource_quota(at, errors),
        Kind::LimitRange => config::limit_range(at, errors),
        Kind::HorizontalPodAutoscaler => autoscaling::autoscaler(at, errors),
        Kind::PersistentVolume => storage::volume(at, errors),
        Kind::PersistentVolumeClaim => storage::claim(at, errors),
        Kind::StorageClass => storage::class(at, errors),
        Kind::PodDisruptionBudget => policy::disruption_budget(at, errors),
        Kind::Node => node::node(at, errors),
        Kind::PriorityClass => policy::priority_class(at, errors),
        Kind::Role => policy::role(kind, at, errors),
        Kind::ClusterRole => {
            policy::role(kind, at, errors);
            policy::aggregation(at, errors);
        }
        Kind::RoleBinding | Kind::ClusterRoleBinding => policy::role_binding(kind, at, errors),
        _ => registration::apply(kind, at, errors),
    }
}
