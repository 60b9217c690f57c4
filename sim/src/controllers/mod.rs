//! THE CONTROLLER MANAGER: each controller compares what is wanted with what is, and takes one step.
//!
//! Kubernetes 1.36: cmd/kube-controller-manager, pkg/controller. Controllers are pure functions of the cluster, woken
//! with the key of one object; they meet in the store only.

mod claim;
mod conditions;
pub mod garbage;
pub mod memory;
mod notice;
mod pods;
mod port_order;

mod cluster_role_aggregation;
pub mod cron_job;
mod custom_resource_definition;
mod daemon_set;
pub mod deployment;
mod disruption;
mod endpoint_slice;
mod endpoint_slice_mirroring;
mod endpoints;
mod ephemeral_volume;
mod horizontal;
mod job;
mod load_balancer;
mod namespace;
mod node_lifecycle;
mod pod_gc;
mod replica_set;
mod resource_quota;
mod revisions;
mod root_certificate;
mod service_account;
mod service_account_token;
mod stateful_set;
mod taint_eviction;
mod template;
mod ttl_after_finished;

#[cfg(test)]
mod tests;

use crate::api::Kind;
use crate::api::object::Key;
use crate::apiserver::{Request, Status};
use crate::clock::Span;
use crate::cluster::{Cluster, Controller};
use crate::outcome::Outcome;
use memory::Memory;
pub use notice::notice;

/// Lets a controller look at one object.
pub fn wake(controller: Controller, cluster: &Cluster, memory: &mut Memory, key: &Key) -> Outcome {
    match controller {
        Controller::Deployment => deployment::wake(cluster, key),
        Controller::ReplicaSet => replica_set::wake(cluster, Kind::ReplicaSet, key),
        Controller::ReplicationController => replica_set::wake(cluster, Kind::ReplicationController, key),
        Controller::StatefulSet => stateful_set::wake(cluster, key),
        Controller::DaemonSet => daemon_set::wake(cluster, memory, key),
        Controller::CustomResourceDefinition => custom_resource_definition::wake(cluster, key),
        Controller::Job => job::wake(cluster, memory, key),
        Controller::CronJob => cron_job::wake(cluster, key),
        Controller::Disruption => disruption::wake(cluster, key),
        Controller::NodeLifecycle => node_lifecycle::wake(cluster, memory, key),
        Controller::TaintEviction => taint_eviction::wake(cluster, memory, key),
        Controller::PodGc => pod_gc::wake(cluster, memory, key),
        Controller::TtlAfterFinished => ttl_after_finished::wake(cluster, key),
        Controller::EndpointSlice => endpoint_slice::wake(cluster, memory, key),
        Controller::Endpoints => endpoints::wake(cluster, key),
        Controller::EndpointSliceMirroring => endpoint_slice_mirroring::wake(cluster, key),
        Controller::EphemeralVolume => ephemeral_volume::wake(cluster, key),
        Controller::ResourceQuota => resource_quota::wake(cluster, key),
        Controller::HorizontalPodAutoscaler => horizontal::wake(cluster, memory, key),
        Controller::Namespace => namespace::wake(cluster, key),
        Controller::ServiceAccount => service_account::wake(cluster, key),
        Controller::LoadBalancer => load_balancer::wake(cluster, key),
        Controller::ClusterRoleAggregation => cluster_role_aggregation::wake(cluster, key),
        Controller::ServiceAccountToken => service_account_token::wake(cluster, key),
        Controller::RootCertificate => root_certificate::wake(cluster, key),
    }
}

/// The wait after a controller's first refusal; it doubles with each further one.
pub fn first_back_off(controller: Controller) -> Span {
    match controller {
        Controller::Job => Span::secs(1),
        Controller::HorizontalPodAutoscaler => horizontal::PERIOD,
        _ => Span::millis(5),
    }
}

/// Tells a controller that its request was refused; it may say so in an event. It will look again after a back-off.
pub fn refused(controller: Controller, cluster: &Cluster, key: &Key, request: &Request, status: &Status) -> Outcome {
    match controller {
        Controller::Deployment => deployment::refused(cluster, key, request, status),
        Controller::ReplicaSet => replica_set::refused(cluster, Kind::ReplicaSet, key, request, status),
        Controller::ReplicationController => {
            replica_set::refused(cluster, Kind::ReplicationController, key, request, status)
        }
        Controller::StatefulSet => stateful_set::refused(cluster, key, request, status),
        Controller::DaemonSet => daemon_set::refused(cluster, key, request, status),
        Controller::Job => job::refused(cluster, key, request, status),
        Controller::EphemeralVolume => ephemeral_volume::refused(cluster, key, request, status),
        Controller::CronJob => cron_job::refused(cluster, key, request, status),
        Controller::HorizontalPodAutoscaler => horizontal::refused(cluster, key, request, status),
        _ => Outcome::nothing(),
    }
}
