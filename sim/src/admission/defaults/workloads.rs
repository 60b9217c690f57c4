//! Kubernetes 1.36: pkg/apis/apps/v1/defaults.go, pkg/apis/core/v1/defaults.go (ReplicationController)

use super::Default::{Int, Text};
use super::{inside, items, pod, set, storage};
use crate::value::Value;

pub fn deployment(value: &mut Value) {
    let spec = value.at_mut(&["spec"]);
    set(spec, &[("replicas", Int(1)), ("revisionHistoryLimit", Int(10)), ("progressDeadlineSeconds", Int(600))]);
    let strategy = spec.at_mut(&["strategy"]);
    set(strategy, &[("type", Text("RollingUpdate"))]);
    if strategy.get("type").as_str() == Some("RollingUpdate") {
        let rolling = strategy.at_mut(&["rollingUpdate"]);
        set(rolling, &[("maxSurge", Text("25%")), ("maxUnavailable", Text("25%"))]);
    }
    pod::template(spec.at_mut(&["template"]));
}

pub fn replica_set(value: &mut Value) {
    let spec = value.at_mut(&["spec"]);
    set(spec, &[("replicas", Int(1))]);
    pod::template(spec.at_mut(&["template"]));
}

/// The only workload whose selector and labels are taken from its template.
pub fn replication_controller(value: &mut Value) {
    let labels = value.at(&["spec", "template", "metadata", "labels"]).clone();
    if labels.as_map().is_some_and(|l| !l.is_empty()) {
        if value.at(&["spec", "selector"]).as_map().is_none_or(|s| s.is_empty()) {
            value.at_mut(&["spec"]).set("selector", labels.clone());
        }
        if value.at(&["metadata", "labels"]).as_map().is_none_or(|l| l.is_empty()) {
            value.at_mut(&["metadata"]).set("labels", labels);
        }
    }
    let spec = value.at_mut(&["spec"]);
    set(spec, &[("replicas", Int(1))]);
    if let Some(template) = inside(spec, "template") {
        pod::template(template);
    }
}

pub fn stateful_set(value: &mut Value) {
    let spec = value.at_mut(&["spec"]);
    set(
        spec,
        &[
            ("replicas", Int(1)),
            ("revisionHistoryLimit", Int(10)),
            ("podManagementPolicy", Text("OrderedReady")),
            ("serviceName", Text("")),
        ],
    );
    if let Some(ordinals) = inside(spec, "ordinals") {
        set(ordinals, &[("start", Int(0))]);
    }
    let strategy = spec.at_mut(&["updateStrategy"]);
    // A type that is stated brings no settings with it.
    let settings = strategy.get("type").is_null() || !strategy.get("rollingUpdate").is_null();
    set(strategy, &[("type", Text("RollingUpdate"))]);
    if strategy.get("type").as_str() == Some("RollingUpdate") && settings {
        set(strategy.at_mut(&["rollingUpdate"]), &[("partition", Int(0))]);
        // Its feature gate is off.
        strategy.at_mut(&["rollingUpdate"]).remove("maxUnavailable");
    }
    let retention = spec.at_mut(&["persistentVolumeClaimRetentionPolicy"]);
    set(retention, &[("whenDeleted", Text("Retain")), ("whenScaled", Text("Retain"))]);
    pod::template(spec.at_mut(&["template"]));
    for claim in items(spec, "volumeClaimTemplates") {
        set(claim, &[("apiVersion", Text("v1")), ("kind", Text("PersistentVolumeClaim"))]);
        storage::claim_spec(claim.at_mut(&["spec"]));
        set(claim.at_mut(&["status"]), &[("phase", Text("Pending"))]);
    }
}

pub fn daemon_set(value: &mut Value) {
    let generation = "deprecated.daemonset.template.generation";
    value.at_mut(&["metadata", "annotations"]).set_default(generation, || "1".into());
    let spec = value.at_mut(&["spec"]);
    set(spec, &[("revisionHistoryLimit", Int(10))]);
    let strategy = spec.at_mut(&["updateStrategy"]);
    set(strategy, &[("type", Text("RollingUpdate"))]);
    if strategy.get("type").as_str() == Some("RollingUpdate") {
        set(strategy.at_mut(&["rollingUpdate"]), &[("maxSurge", Int(0)), ("maxUnavailable", Int(1))]);
    }
    pod::template(spec.at_mut(&["template"]));
}
