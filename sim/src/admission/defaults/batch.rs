//! Kubernetes 1.36: pkg/apis/batch/v1/defaults.go, pkg/registry/batch/job/strategy.go (generateSelector)

use super::Default::{Bool, Empty, Int, Text};
use super::{inside, items, pod, set};
use crate::value::Value;

/// Keys of the labels by which a Job knows its Pods; the second is the older one's.
const UID_LABELS: [&str; 2] = ["batch.kubernetes.io/controller-uid", "controller-uid"];
const NAME_LABELS: [&str; 2] = ["batch.kubernetes.io/job-name", "job-name"];

pub fn job(value: &mut Value) {
    set(value, &[("spec", Empty)]);
    let metadata = value.get("metadata").clone();
    let spec = value.at_mut(&["spec"]);
    // A Job without labels has those of its template; those that the server adds only once it is stored.
    let labelled = spec.at(&["template", "metadata", "labels"]).as_map().is_some_and(|l| !l.is_empty());
    job_spec(spec);
    set(spec, &[("manualSelector", Bool(false))]);
    if spec.get("manualSelector").as_bool() != Some(true)
        && spec.at(&["selector", "matchLabels", UID_LABELS[0]]).is_null()
    {
        let (uid, name) = (metadata.get("uid").clone(), metadata.get("name").clone());
        let labels = spec.at_mut(&["template", "metadata", "labels"]);
        for (uid_label, name_label) in UID_LABELS.iter().zip(NAME_LABELS) {
            labels.set(uid_label, uid.clone());
            labels.set(name_label, name.clone());
        }
        spec.at_mut(&["selector", "matchLabels"]).set(UID_LABELS[0], uid);
    }
    let labels = spec.at(&["template", "metadata", "labels"]).clone();
    if metadata.get("labels").as_map().is_none_or(|l| l.is_empty()) && labelled {
        value.at_mut(&["metadata"]).set("labels", labels);
    }
    let spec = value.at_mut(&["spec"]);
    // In a Job's own spec, its Pods' defaults are those of a template.
    pod::template(spec.at_mut(&["template"]));
}

fn job_spec(spec: &mut Value) {
    if spec.get("completions").is_null() && spec.get("parallelism").is_null() {
        set(spec, &[("completions", Int(1)), ("parallelism", Int(1))]);
    }
    let limit = if spec.get("backoffLimitPerIndex").is_null() { 6 } else { i64::from(i32::MAX) };
    set(
        spec,
        &[
            ("parallelism", Int(1)),
            ("backoffLimit", Int(limit)),
            ("completionMode", Text("NonIndexed")),
            ("suspend", Bool(false)),
        ],
    );
    let replacement = if spec.get("podFailurePolicy").is_null() { "TerminatingOrFailed" } else { "Failed" };
    set(spec, &[("podReplacementPolicy", Text(replacement))]);
    if let Some(policy) = inside(spec, "podFailurePolicy") {
        for rule in items(policy, "rules") {
            for pattern in items(rule, "onPodConditions") {
                set(pattern, &[("status", Text("True"))]);
            }
        }
    }
}

pub fn cron_job(value: &mut Value) {
    let spec = value.at_mut(&["spec"]);
    set(
        spec,
        &[
            ("concurrencyPolicy", Text("Allow")),
            ("suspend", Bool(false)),
            ("successfulJobsHistoryLimit", Int(3)),
            ("failedJobsHistoryLimit", Int(1)),
        ],
    );
    let template = spec.at_mut(&["jobTemplate"]);
    set(template, &[("metadata", Empty), ("spec", Empty)]);
    // The Jobs themselves get a Job's defaults when they are made.
    pod::template(template.at_mut(&["spec", "template"]));
}
