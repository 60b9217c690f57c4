//! Kubernetes 1.36: pkg/apis/batch/v1/defaults.go, pkg/registry/batch/job/strategy.go (generateSelector)

use super::Default::{Bool, Empty, Int, Text};
use super::{inside, items, pod, set};
use crate::value::Value;

/// Keys of the labels by which a Job knows its Pods; the second is the older one's.
const UID_LABELS: [&str; 2] = ["batch.kubernetes.io/controller-uid", "controller-uid"];
const NAME_LABELS: [&str; 2] = ["batch.kubernetes.io/job-name", "job-name"];

pub fn job(value: &mut Value) {
    set(value, &[("spec", Empty)]);
    let spec = value.at_mut(&["spec"]);
    job_spec(spec);
    set(spec, &[("manualSelector", Bool(false))]);
    // In a Job's own spec, its Pods' defaults are those of a template.
    pod::template(spec.at_mut(&["template"]));
    if borrows_labels(value) {
        let labels = value.at(&["spec", "template", "metadata", "labels"]).clone();
        value.at_mut(&["metadata"]).set("labels", labels);
    }
}

/// Whether a Job has no labels of its own, but its template has: then these are its too.
pub fn borrows_labels(job: &Value) -> bool {
    let empty = |path: &[&str]| job.at(path).as_map().is_none_or(|labels| labels.is_empty());
    empty(&["metadata", "labels"]) && !empty(&["spec", "template", "metadata", "labels"])
}

/// What a new Job, unless it has a selector of its own, knows its Pods by. `borrowed`: its labels are its template's, and
/// as the server keeps them once for both, what is added to these is added to those.
pub fn generate_selector(value: &mut Value, borrowed: bool) {
    let [uid, name] = ["uid", "name"].map(|field| value.at(&["metadata", field]).clone());
    let spec = value.at_mut(&["spec"]);
    if spec.get("manualSelector").as_bool() == Some(true) {
        return;
    }
    let labels = spec.at_mut(&["template", "metadata", "labels"]);
    for (uid_label, name_label) in UID_LABELS.iter().zip(NAME_LABELS) {
        // What contradicts is refused when the Job is looked at.
        labels.set_default(uid_label, || uid.clone());
        labels.set_default(name_label, || name.clone());
    }
    let labels = labels.clone();
    spec.at_mut(&["selector", "matchLabels"]).set_default(UID_LABELS[0], || uid);
    if borrowed {
        value.at_mut(&["metadata"]).set("labels", labels);
    }
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
