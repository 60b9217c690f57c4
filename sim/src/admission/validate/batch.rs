//! Kubernetes 1.36: pkg/apis/batch/validation/validation.go

use super::kit::{At, Errors, quoted, shown};
use super::{cron, meta, names, pod, workloads};
use crate::value::Value;

pub fn job(at: &At, errors: &mut Errors) {
    let spec = at.field("spec");
    let manual = spec.field("manualSelector").value.as_bool() == Some(true);
    let (selector, template) = (spec.field("selector"), spec.field("template"));
    let (completions, mode) = (spec.field("completions").int(), spec.field("completionMode"));
    if mode.text() == "Indexed" && completions > 0 {
        let metadata = at.field("metadata");
        let name = metadata.field("name");
        let hostname = format!("{}-{}", name.text(), completions - 1);
        if !names::label(&hostname).is_empty() {
            let why = format!("will not able to create pod with invalid DNS label: {hostname}");
            errors.invalid_as(&name, &quoted(name.text()), why);
        }
    }
    job_fields(&spec, errors);
    if !selector.is_set() {
        errors.required(&selector, "");
    } else {
        meta::selector(&selector, errors);
    }
    if !manual {
        generated(at, &selector, errors);
    }
    workloads::template_matches(&selector, &template, errors);
    template_of_job(&spec, errors);
}

/// What a selector that the server made must be.
fn generated(job: &At, selector: &At, errors: &mut Errors) {
    const UID: &str = "batch.kubernetes.io/controller-uid";
    let uid = job.value.at(&["metadata", "uid"]).clone();
    // Of one that is there it is not asked again.
    if uid.is_null() || !job.value.at(&["metadata", "resourceVersion"]).is_null() {
        return;
    }
    let expected = Value::map([("matchLabels", Value::map([(UID, uid)]))]);
    if selector.is_set() && *selector.value != expected {
        errors.invalid(selector, "`selector` not auto-generated");
    }
}

fn job_fields(spec: &At, errors: &mut Errors) {
    errors.non_negative_all(
        spec,
        &[
            "parallelism",
            "completions",
            "activeDeadlineSeconds",
            "backoffLimit",
            "ttlSecondsAfterFinished",
            "backoffLimitPerIndex",
            "maxFailedIndexes",
        ],
    );
    let mode = spec.field("completionMode");
    let indexed = mode.text() == "Indexed";
    if mode.is_set() && !["NonIndexed", "Indexed"].contains(&mode.text()) {
        errors.unsupported(&mode, &["NonIndexed", "Indexed"]);
    }
    let completions = spec.field("completions");
    if indexed && !completions.is_set() {
        errors.required(&completions, "when completion mode is Indexed");
    }
    for field in ["backoffLimitPerIndex", "maxFailedIndexes"] {
        let field = spec.field(field);
        if field.is_set() && !indexed {
            errors.invalid(&field, "requires indexed completion mode");
        }
    }
    let policy = spec.field("podFailurePolicy");
    for rule in policy.field("rules").items() {
        failure_rule(&rule, errors);
    }
    success_policy(&spec.field("successPolicy"), indexed, errors);
    let replacement = spec.field("podReplacementPolicy");
    if policy.is_set() && replacement.is_set() && replacement.text() != "Failed" {
        errors.unsupported(&replacement, &["Failed"]);
    } else {
        errors.one_of(&replacement, &["Failed", "TerminatingOrFailed"], true);
    }
    let manager = spec.field("managedBy");
    if manager.is_set() && !names::is_domain_path(manager.text()) {
        errors.invalid(&manager, "must be a domain-prefixed path (such as \"acme.io/foo\")");
    }
}

fn failure_rule(rule: &At, errors: &mut Errors) {
    let action = rule.field("action");
    const ACTIONS: [&str; 4] = ["Count", "FailIndex", "FailJob", "Ignore"];
    if action.text().is_empty() {
        errors.required(&action, &format!("valid values: {ACTIONS:?}").replace(',', ""));
    } else {
        errors.one_of(&action, &ACTIONS, false);
    }
    let codes = rule.field("onExitCodes");
    let conditions = rule.field("onPodConditions");
    if codes.is_set() && conditions.is_filled() {
        errors.invalid_without_value(rule, "specifying both OnExitCodes and OnPodConditions is not supported");
    } else if !codes.is_set() && !conditions.is_filled() {
        errors.invalid_without_value(rule, "specifying one of OnExitCodes and OnPodConditions is required");
    }
    if codes.is_set() {
        let operator = codes.field("operator");
        errors.one_of(&operator, &["In", "NotIn"], false);
        for value in codes.field("values").items() {
            if operator.text() == "In" && value.int() == 0 {
                errors.invalid(&value, "must not be 0 for the In operator");
            }
        }
    }
}

fn success_policy(at: &At, indexed: bool, errors: &mut Errors) {
    if at.is_set() && !indexed {
        let rule = |rule: &Value| {
            let part = |field: &str| shown(rule.get(field));
            format!(
                "{{\"SucceededIndexes\":{},\"SucceededCount\":{}}}",
                part("succeededIndexes"),
                part("succeededCount")
            )
        };
        let rules: Vec<String> = at.value.get("rules").items().iter().map(rule).collect();
        let go = format!("{{\"Rules\":[{}]}}", rules.join(","));
        errors.invalid_as(at, &go, "requires indexed completion mode");
    }
}

fn template_of_job(spec: &At, errors: &mut Errors) {
    let template = spec.field("template");
    pod::template(&template, &[], errors);
    let pod = template.field("spec");
    let policy = pod.field("restartPolicy");
    if !["OnFailure", "Never"].contains(&policy.text()) {
        if policy.text().is_empty() || policy.text() == "Always" {
            errors.required(&policy, "valid values: \"OnFailure\", \"Never\"");
        } else {
            errors.unsupported(&policy, &["OnFailure", "Never"]);
        }
    } else if spec.field("podFailurePolicy").is_set() && policy.text() != "Never" {
        errors.invalid(&policy, "only \"Never\" is supported when podFailurePolicy is specified");
    }
}

pub fn cron_job(at: &At, errors: &mut Errors) {
    let spec = at.field("spec");
    let schedule = spec.field("schedule");
    if errors.needs_text(&schedule) {
        let zoned = ["TZ=", "CRON_TZ="].iter().any(|z| schedule.text().contains(z));
        if zoned {
            errors.invalid(&schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead");
        } else if let Err(why) = cron::check(schedule.text()) {
            errors.invalid_as(&schedule, &quoted(schedule.text()), why);
        }
    }
    errors.non_negative(&spec.field("startingDeadlineSeconds"));
    let zone = spec.field("timeZone");
    if zone.is_set() {
        time_zone(&zone, errors);
    }
    errors.one_of(&spec.field("concurrencyPolicy"), &["Allow", "Forbid", "Replace"], false);
    errors.non_negative_all(&spec, &["successfulJobsHistoryLimit", "failedJobsHistoryLimit"]);
    let template = spec.field("jobTemplate");
    let job = template.field("spec");
    job_fields(&job, errors);
    template_of_job(&job, errors);
    let metadata = at.field("metadata");
    let name = metadata.field("name");
    errors.invalid_all(&name, names::cron_job_name(name.text()));
}

fn time_zone(at: &At, errors: &mut Errors) {
    let zone = at.text();
    if zone.is_empty() {
        return errors.invalid(at, "timeZone must be nil or non-empty string");
    }
    if zone.eq_ignore_ascii_case("local") {
        return errors
            .invalid(at, "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones");
    }
    if crate::zone::Zone::find(zone).is_none() {
        errors.invalid(at, format!("unknown time zone {zone}"));
    }
}
