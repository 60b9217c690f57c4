//! What the API server sets on its own when an object is made, kind by kind.
//!
//! Kubernetes 1.36: pkg/registry/*/*/strategy.go (PrepareForCreate, PrepareForUpdate)

use crate::api::persistent_volume::PersistentVolume;
use crate::api::pod_status::PodCondition;
use crate::api::{Field, Kind, Object, Stamp};
use crate::value::Value;

/// Kinds whose `metadata.generation` counts changes of their spec.
pub fn counts_generations(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Custom(_)
            | Kind::Pod
            | Kind::ReplicationController
            | Kind::Deployment
            | Kind::ReplicaSet
            | Kind::StatefulSet
            | Kind::DaemonSet
            | Kind::Job
            | Kind::CronJob
            | Kind::PodDisruptionBudget
            | Kind::Ingress
            | Kind::IngressClass
            | Kind::NetworkPolicy
            | Kind::CustomResourceDefinition
            | Kind::PriorityLevelConfiguration
            | Kind::FlowSchema
            | Kind::ValidatingAdmissionPolicy
            | Kind::ValidatingAdmissionPolicyBinding
            | Kind::MutatingAdmissionPolicy
            | Kind::MutatingAdmissionPolicyBinding
            | Kind::ValidatingWebhookConfiguration
            | Kind::MutatingWebhookConfiguration
            | Kind::PriorityClass
            | Kind::EndpointSlice
            | Kind::ResourceSlice
            | Kind::DeviceClass
            | Kind::PodTemplate
    )
}

/// Taints of devices tell since when they are there.
fn date_taints(slice: &mut Value, now: Stamp) {
    if slice.at(&["spec", "devices"]).items().iter().all(|device| device.get("taints").is_null()) {
        return;
    }
    for device in slice.at_mut(&["spec", "devices"]).list_mut().iter_mut().filter(|d| !d.get("taints").is_null()) {
        for taint in device.at_mut(&["taints"]).list_mut() {
            taint.set_default("timeAdded", || now.write());
        }
    }
}

/// Drops what only the server may say of a new object, and says it.
pub fn prepare_for_create(kind: Kind, now: Stamp, value: &mut Value) {
    drop_fields(kind, value);
    match kind {
        Kind::Node => {}
        Kind::VolumeAttachment => value.set("status", Value::map([("attached", Value::Bool(false))])),
        Kind::PriorityLevelConfiguration => value.set("status", Value::empty_map()),
        Kind::ResourceSlice => date_taints(value, now),
        Kind::Pod => {
            let status = new_pods_status(now, value.get("spec"));
            value.set("status", status);
        }
        Kind::PersistentVolumeClaim => value.set("status", Value::map([("phase", "Pending".into())])),
        Kind::PersistentVolume => {
            let status = [("lastPhaseTransitionTime", now.write()), ("phase", "Pending".into())];
            value.set("status", Value::map(status));
        }
        Kind::Namespace => {
            value.at_mut(&["spec"]).set("finalizers", Value::list(vec!["kubernetes".into()]));
            value.set("status", Value::map([("phase", "Active".into())]));
        }
        Kind::ReplicaSet | Kind::ReplicationController => {
            value.set("status", Value::map([("replicas", Value::Int(0))]));
        }
        Kind::Service | Kind::Ingress => {
            value.set("status", Value::map([("loadBalancer", Value::empty_map())]));
        }
        Kind::DaemonSet => {
            set_zeros(value, &["currentNumberScheduled", "desiredNumberScheduled", "numberMisscheduled", "numberReady"])
        }
        Kind::StatefulSet => set_zeros(value, &["availableReplicas", "replicas"]),
        Kind::PodDisruptionBudget => {
            set_zeros(value, &["currentHealthy", "desiredHealthy", "disruptionsAllowed", "expectedPods"]);
        }
        Kind::HorizontalPodAutoscaler if value.get("apiVersion").as_str() == Some("autoscaling/v1") => {
            set_zeros(value, &["currentReplicas", "desiredReplicas"]);
        }
        Kind::HorizontalPodAutoscaler => {
            let status = [("currentMetrics", Value::Null), ("desiredReplicas", Value::Int(0))];
            value.set("status", Value::map(status));
        }
        Kind::CustomResourceDefinition => {
            let stored = |v: &&Value| v.get("storage").as_bool() == Some(true);
            let versions = value.at(&["spec", "versions"]).items().iter().filter(stored);
            let versions = versions.map(|v| v.get("name").clone()).collect();
            let names = Value::map([("kind", Value::from("")), ("plural", "".into())]);
            let status =
                [("acceptedNames", names), ("conditions", Value::Null), ("storedVersions", Value::list(versions))];
            value.set("status", Value::map(status));
        }
        Kind::Job
        | Kind::CronJob
        | Kind::ResourceQuota
        | Kind::Deployment
        | Kind::ValidatingAdmissionPolicy
        | Kind::ServiceCIDR
        | Kind::CertificateSigningRequest
        | Kind::APIService
        | Kind::ResourceClaim
        | Kind::FlowSchema => value.set("status", Value::empty_map()),
        _ => {
            if !value.get("status").is_null() && has_status(kind) {
                value.remove("status");
            }
        }
    }
}

/// Drops what no longer means anything, or not yet.
fn drop_fields(kind: Kind, value: &mut Value) {
    match kind {
        // Where a node has its configuration from is no longer said.
        Kind::Node if !value.get("spec").is_null() => {
            value.at_mut(&["spec"]).remove("configSource");
        }
        // Of the secrets only the names count.
        Kind::ServiceAccount if !value.get("secrets").items().is_empty() => {
            for secret in value.at_mut(&["secrets"]).list_mut() {
                *secret = Value::map([("name", secret.get("name").clone())]);
            }
        }
        // Their feature gate is off.
        Kind::Lease if !value.get("spec").is_null() => {
            ["strategy", "preferredHolder"].iter().for_each(|field| _ = value.at_mut(&["spec"]).remove(field));
        }
        // What the version before this one had.
        Kind::EndpointSlice if !value.get("endpoints").items().is_empty() => {
            value.at_mut(&["endpoints"]).list_mut().iter_mut().for_each(|one| _ = one.remove("deprecatedTopology"));
        }
        _ => {}
    }
}

fn set_zeros(value: &mut Value, fields: &[&'static str]) {
    value.set("status", Value::map(fields.iter().map(|field| (*field, Value::Int(0)))));
}

/// Counts the templates that a DaemonSet has had.
pub const TEMPLATE_GENERATION: &str = "deprecated.daemonset.template.generation";

/// What the server sets on its own when a user changes an object.
pub fn prepare_for_update(kind: Kind, value: &mut Value, before: &Value) {
    if kind == Kind::Service {
        super::service_type::adapt(value, before);
    }
    if kind == Kind::CustomResourceDefinition {
        stored_versions(value);
    }
    if kind == Kind::Namespace {
        // Its finalizers are a subresource of their own.
        value.at_mut(&["spec"]).set("finalizers", before.at(&["spec", "finalizers"]).clone());
    }
    if kind == Kind::DaemonSet {
        let annotation = ["metadata", "annotations", TEMPLATE_GENERATION];
        let count = before.at(&annotation).as_str().and_then(|n| n.parse::<i64>().ok()).unwrap_or(1);
        let changed = value.at(&["spec", "template"]) != before.at(&["spec", "template"]);
        let text = (count + i64::from(changed)).to_string();
        value.at_mut(&["metadata", "annotations"]).set(TEMPLATE_GENERATION, text.into());
    }
}

/// A definition remembers all versions in which objects may have been stored.
fn stored_versions(value: &mut Value) {
    let stored = |v: &&Value| v.get("storage").as_bool() == Some(true);
    let now = value.at(&["spec", "versions"]).items().iter().find(stored).map(|v| v.get("name").clone());
    let all = value.at_mut(&["status", "storedVersions"]).list_mut();
    all.extend(now.filter(|name| !all.contains(name)));
}

/// What the server sets on its own when a component writes a status.
pub fn prepare_for_status_update(new: &mut Object, old: &Object, now: Stamp) {
    if new.kind == Kind::PersistentVolume {
        let before = &old.expect::<PersistentVolume>().status;
        let status = &mut new.expect_mut::<PersistentVolume>().status;
        if status.phase != before.phase {
            status.last_phase_transition = Some(now);
        }
    }
}

/// A new Pod waits; one with scheduling gates says so at once.
fn new_pods_status(now: Stamp, spec: &Value) -> Value {
    let mut status = Value::map([("phase", "Pending".into())]);
    if !spec.get("schedulingGates").items().is_empty() {
        let condition = PodCondition {
            kind: "PodScheduled".into(),
            status: "False".into(),
            reason: "SchedulingGated".into(),
            message: "Scheduling is blocked due to non-empty scheduling gates".into(),
            last_transition: Some(now),
            ..Default::default()
        };
        status.set("conditions", Value::list(vec![condition.write()]));
    }
    status
}

/// Kinds whose status is a part of its own, not set by whoever writes the rest.
pub fn has_status(kind: Kind) -> bool {
    !matches!(
        kind,
        // Of custom kinds their definition says so.
        Kind::Custom(_)
            | Kind::ConfigMap
            | Kind::Secret
            | Kind::ServiceAccount
            | Kind::Event
            | Kind::EndpointSlice
            | Kind::Endpoints
            // Who asks about a token may say what he thinks of it.
            | Kind::TokenReview
    )
}
