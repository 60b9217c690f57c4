//! Kubernetes 1.36: pkg/apis/batch/validation/validation.go

use super::kit::{At, Errors, quoted, shown};
use super::{cron, go, meta, names, pod, workloads};
use crate::value::Value;

pub fn job(at: &At, errors: &mut Errors) {
    let spec = at.field("spec");
    let manual = spec.field("manualSelector").value.as_bool() == Some(true);
    let (selector, template) = (spec.field("selector"), spec.field("template"));
    if !manual && selector.is_set() {
        generated(at, &selector, errors);
    }
    job_spec(&spec, errors);
    if !selector.is_set() {
        errors.required(&selector, "");
    }
    if meta::selector(&selector, errors) {
        workloads::template_matches(&selector, &template, errors);
    }
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
}

/// What a selector that the server made must be.
fn generated(job: &At, selector: &At, errors: &mut Errors) {
    let of = |field: &str| job.value.at(&["metadata", field]).clone();
    // Of one that is there it is not asked again.
    if of("uid").is_null() || !of("resourceVersion").is_null() {
        return;
    }
    let expected = Value::map([
        ("batch.kubernetes.io/controller-uid", of("uid")),
        ("batch.kubernetes.io/job-name", of("name")),
        ("controller-uid", of("uid")),
        ("job-name", of("name")),
    ]);
    let (spec, template) = (job.field("spec"), job.value.at(&["spec", "template"]));
    let template = spec.field_with("template", template);
    let metadata = template.field("metadata");
    let labels = metadata.field("labels");
    for (key, value) in
        ["controller-uid", "job-name", "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name"]
            .map(|key| (key, expected.get(key).as_str().unwrap_or("")))
    {
        if labels.key(key).text() != value {
            errors.invalid_as(&labels.key(key), &shown(labels.value), format!("must be '{value}'"));
        }
    }
    let usable = meta::selector(selector, &mut Errors::default());
    if usable && !meta::matches(selector.value, &expected) {
        errors.invalid_as(selector, &go::selector(selector.value), "`selector` not auto-generated");
    }
}

/// More than so many Pods at once an indexed Job may not ask for, nor let so many indexes fail.
const MOST_INDEXES: i64 = 100_000;

fn job_spec(spec: &At, errors: &mut Errors) {
    let numbers = ["parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished"];
    errors.non_negative_all(spec, &numbers);
    let (per_index, failed) = (spec.field("backoffLimitPerIndex"), spec.field("maxFailedIndexes"));
    errors.non_negative(&per_index);
    errors.non_negative(&failed);
    if failed.is_set() && !per_index.is_set() {
        errors.required(&per_index, "when maxFailedIndexes is specified");
    }
    let manager = spec.field("managedBy");
    if manager.is_set() && !names::is_domain_path(manager.text()) {
        errors.invalid(&manager, "must be a domain-prefixed path (such as \"acme.io/foo\")");
    }
    let mode = spec.field("completionMode");
    let indexed = mode.text() == "Indexed";
    if mode.is_set() && !["NonIndexed", "Indexed"].contains(&mode.text()) {
        errors.unsupported(&mode, &["NonIndexed", "Indexed"]);
    }
    if indexed {
        index_limits(spec, errors);
    } else if !mode.is_set() || mode.text() == "NonIndexed" {
        for field in [&per_index, &failed].into_iter().filter(|field| field.is_set()) {
            errors.invalid(field, "requires indexed completion mode");
        }
    }
    let policy = spec.field("podFailurePolicy");
    for rule in policy.field("rules").items() {
        failure_rule(spec, &rule, errors);
    }
    success_policy(spec, &spec.field("successPolicy"), indexed, errors);
    let replacement = spec.field("podReplacementPolicy");
    if policy.is_set() && replacement.is_set() && replacement.text() != "Failed" {
        errors.unsupported(&replacement, &["Failed"]);
    } else if !policy.is_set() {
        errors.one_of(&replacement, &["Failed", "TerminatingOrFailed"], true);
    }
    template_of_job(spec, errors);
}

fn index_limits(spec: &At, errors: &mut Errors) {
    let (completions, parallel) = (spec.field("completions"), spec.field("parallelism"));
    let failed = spec.field("maxFailedIndexes");
    if !completions.is_set() {
        errors.required(&completions, "when completion mode is Indexed");
    }
    if parallel.int() > MOST_INDEXES {
        let why = format!("must be less than or equal to {MOST_INDEXES} when completion mode is Indexed");
        errors.invalid(&parallel, why);
    }
    if completions.is_set() && failed.int() > completions.int() {
        errors.invalid(&failed, "must be less than or equal to completions");
    }
    if failed.int() > MOST_INDEXES {
        errors.invalid(&failed, format!("must be less than or equal to {MOST_INDEXES}"));
    }
    if completions.int() > MOST_INDEXES && spec.field("backoffLimitPerIndex").is_set() && !failed.is_set() {
        errors.required(&failed, &format!("must be specified when completions is above {MOST_INDEXES}"));
    }
}

/// `["Count" "FailIndex"]`, as Go prints a list of texts.
fn listed(values: &[&str]) -> String {
    format!("valid values: {values:?}").replace(',', "")
}

fn failure_rule(spec: &At, rule: &At, errors: &mut Errors) {
    let action = rule.field("action");
    const ACTIONS: [&str; 4] = ["Count", "FailIndex", "FailJob", "Ignore"];
    match action.text() {
        "" => errors.required(&action, &listed(&ACTIONS)),
        "FailIndex" if !spec.field("backoffLimitPerIndex").is_set() => {
            errors.invalid(&action, "requires the backoffLimitPerIndex to be set");
        }
        _ => errors.one_of(&action, &ACTIONS, false),
    }
    let (codes, conditions) = (rule.field("onExitCodes"), rule.field("onPodConditions"));
    if codes.is_set() {
        exit_codes(spec, &codes, errors);
    }
    for condition in conditions.items() {
        const STATUS: [&str; 3] = ["False", "True", "Unknown"];
        let (kind, status) = (condition.field("type"), condition.field("status"));
        names::qualified(kind.text()).iter().for_each(|w| errors.invalid_as(&kind, &quoted(kind.text()), w));
        match status.text() {
            "" => errors.required(&status, &listed(&STATUS)),
            _ => errors.one_of(&status, &STATUS, false),
        }
    }
    if codes.is_set() && conditions.is_filled() {
        errors.invalid_without_value(rule, "specifying both OnExitCodes and OnPodConditions is not supported");
    } else if !codes.is_set() && !conditions.is_filled() {
        errors.invalid_without_value(rule, "specifying one of OnExitCodes and OnPodConditions is required");
    }
}

fn exit_codes(spec: &At, codes: &At, errors: &mut Errors) {
    const OPERATORS: [&str; 2] = ["In", "NotIn"];
    let (operator, values) = (codes.field("operator"), codes.field("values"));
    match operator.text() {
        "" => errors.required(&operator, &listed(&OPERATORS)),
        _ => errors.one_of(&operator, &OPERATORS, false),
    }
    let container = codes.field("containerName");
    let pod = spec.value.at(&["template", "spec"]);
    let known = ["containers", "initContainers"].iter().flat_map(|list| pod.get(list).items());
    if container.is_set() && !known.into_iter().any(|c| c.get("name") == container.value) {
        errors.invalid(&container, "must be one of the container or initContainer names in the pod template");
    }
    if !values.is_filled() {
        errors.invalid_as(&values, "null", "at least one value is required");
    }
    let list: Vec<i64> = values.value.items().iter().filter_map(Value::as_int).collect();
    for (i, value) in values.items().enumerate() {
        if operator.text() == "In" && value.int() == 0 {
            errors.invalid(&value, "must not be 0 for the In operator");
        }
        if list[..i.min(list.len())].contains(&value.int()) {
            errors.duplicate(&value);
        }
    }
    if list.windows(2).any(|two| two[0] > two[1]) {
        errors.invalid(&values, "must be ordered");
    }
}

fn success_policy(spec: &At, at: &At, indexed: bool, errors: &mut Errors) {
    let rules = at.field("rules");
    if !at.is_set() {
        return;
    }
    if !indexed {
        let rule = |rule: &Value| {
            let part = |field: &str| shown(rule.get(field));
            format!(
                "{{\"SucceededIndexes\":{},\"SucceededCount\":{}}}",
                part("succeededIndexes"),
                part("succeededCount")
            )
        };
        let rules: Vec<String> = rules.value.items().iter().map(rule).collect();
        let go = format!("{{\"Rules\":[{}]}}", rules.join(","));
        return errors.invalid_as(at, &go, "requires indexed completion mode");
    }
    if !rules.is_filled() {
        errors.required(&rules, "at least one rules must be specified when the successPolicy is specified");
    }
    let completions = spec.field("completions").int();
    for rule in rules.items() {
        let (count, indexes) = (rule.field("succeededCount"), rule.field("succeededIndexes"));
        if !count.is_set() && !indexes.is_set() {
            errors.required(&rule, "at least one of succeededCount or succeededIndexes must be specified");
        }
        let mut named = 0;
        if indexes.is_set() {
            match count_indexes(indexes.text(), completions) {
                Ok(total) => named = total,
                Err(why) => errors.invalid(&indexes, format!("error parsing succeededIndexes: {why}")),
            }
        }
        errors.non_negative(&count);
        if count.int() > completions {
            let what = "(the number of specified completions)";
            errors.invalid(&count, format!("must be less than or equal to {completions} {what}"));
        }
        if count.is_set() && indexes.is_set() && count.int() > named {
            let what = "(the number of indexes in the specified succeededIndexes field)";
            errors.invalid(&count, format!("must be less than or equal to {named} {what}"));
        }
    }
}

/// How many indexes `1,3-5` names.
///
/// # Errors
/// What is wrong with the text, in the server's words.
fn count_indexes(text: &str, completions: i64) -> Result<i64, String> {
    let (mut total, mut last) = (0, None);
    if text.is_empty() {
        return Ok(0);
    }
    for interval in text.split(',') {
        let limits: Vec<&str> = interval.split('-').collect();
        if limits.len() > 2 {
            let rule = "violates the requirement that an index interval can have at most two parts separated by '-'";
            return Err(format!("the fragment {} {rule}", quoted(interval)));
        }
        for (i, limit) in limits.iter().enumerate() {
            let number: i64 =
                limit.parse().map_err(|_| format!("cannot convert string to integer for index: {}", quoted(limit)))?;
            if number >= completions {
                return Err(format!("too large index: {}", quoted(limit)));
            }
            if let Some(last) = last.filter(|last| *last >= number) {
                return Err(format!("non-increasing order, previous: {last}, current: {number}"));
            }
            total += if i == 0 { 1 } else { number - last.unwrap_or(0) };
            last = Some(number);
        }
    }
    Ok(total)
}

fn template_of_job(spec: &At, errors: &mut Errors) {
    let template = spec.field("template");
    pod::template(&template, errors);
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
        if let Err(why) = cron::check(schedule.text()) {
            errors.invalid_as(&schedule, &quoted(schedule.text()), why);
        }
        if schedule.text().contains("TZ") {
            errors.invalid(&schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead");
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
    job_spec(&job, errors);
    let (selector, manual) = (job.field("selector"), job.field("manualSelector"));
    if selector.is_set() {
        errors.invalid(&selector, "`selector` will be auto-generated");
    }
    if manual.value.as_bool() == Some(true) {
        errors.unsupported(&manual, &["nil", "false"]);
    }
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
        errors.invalid(at, "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones");
    }
    if zone != "Local" && crate::zone::Zone::find(zone).is_none() {
        errors.invalid(at, format!("unknown time zone {zone}"));
    }
}
