//! Kubernetes 1.36: pkg/apis/apps/validation/validation.go, pkg/apis/core/validation (ReplicationController)

use super::kit::{At, Errors, shown};
use super::{go, meta, names, pod};
use crate::api::Kind;
use crate::value::Value;

pub fn apply(kind: Kind, at: &At, errors: &mut Errors) {
    let spec = at.field("spec");
    match kind {
        Kind::Deployment => deployment(&spec, errors),
        Kind::ReplicaSet => replica_set(&spec, errors),
        Kind::ReplicationController => replication_controller(&spec, errors),
        Kind::StatefulSet => stateful_set(&spec, errors),
        Kind::DaemonSet => daemon_set(&spec, errors),
        _ => unreachable!("only the workloads of group apps and the ReplicationController"),
    }
}

const MISMATCH: &str = "`selector` does not match template `labels`";

/// The selector, its emptiness, its match with the template, the template.
fn selector_and_template(spec: &At, kind: &str, errors: &mut Errors) {
    let (selector, template) = (spec.field("selector"), spec.field("template"));
    let usable = if !selector.is_set() {
        errors.required(&selector, "");
        true
    } else {
        let usable = meta::selector(&selector, errors);
        if !selector.field("matchLabels").is_filled() && !selector.field("matchExpressions").is_filled() {
            errors.invalid_as(&selector, "{}", format!("empty selector is invalid for {kind}"));
        }
        usable
    };
    if !usable {
        let detail = if kind == "statefulset" { "" } else { "invalid label selector" };
        return errors.invalid_as(&selector, &go::selector(selector.value), detail);
    }
    template_matches(&selector, &template, errors);
    pod::template(&template, errors);
}

/// A StatefulSet's template as its Pods come of it: its claims serve them as volumes, and their names are given to them.
fn identified(spec: &Value) -> Value {
    let mut template = spec.get("template").clone();
    let claims = spec.get("volumeClaimTemplates").items();
    let pod = template.at_mut(&["spec"]);
    if claims.is_empty() && ["subdomain", "hostname"].iter().all(|field| pod.get(field).is_null()) {
        return template;
    }
    ["subdomain", "hostname"].iter().for_each(|field| _ = pod.remove(field));
    let mut volumes: Vec<Value> = Vec::new();
    for claim in claims {
        let name = Value::from(claim.at(&["metadata", "name"]).as_str().unwrap_or(""));
        let source = Value::map([("claimName", name.clone())]);
        if volumes.iter().all(|volume| *volume.get("name") != name) {
            volumes.push(Value::map([("name", name), ("persistentVolumeClaim", source)]));
        }
    }
    let count = volumes.len();
    for volume in pod.get("volumes").items() {
        if volumes[..count].iter().all(|claimed| claimed.get("name") != volume.get("name")) {
            volumes.push(volume.clone());
        }
    }
    if !volumes.is_empty() {
        pod.set("volumes", Value::list(volumes));
    }
    template
}

pub fn template_matches(selector: &At, template: &At, errors: &mut Errors) {
    let metadata = template.field("metadata");
    let labels = metadata.field("labels");
    let empty = selector.value.as_map().is_some_and(|m| m.is_empty());
    if !empty && !meta::matches(selector.value, labels.value) {
        errors.invalid(&labels, MISMATCH);
    }
}

fn restarts_always(template: &At, what: Option<&str>, errors: &mut Errors) {
    let spec = template.field("spec");
    let policy = spec.field("restartPolicy");
    errors.known(&policy, &["Always"]);
    let deadline = spec.field("activeDeadlineSeconds");
    if let Some(what) = what.filter(|_| deadline.is_set()) {
        errors.forbidden(&deadline, format!("activeDeadlineSeconds in {what} is not Supported"));
    }
}

fn deployment(spec: &At, errors: &mut Errors) {
    errors.non_negative(&spec.field("replicas"));
    selector_and_template(spec, "deployment", errors);
    if spec.value.get("selector").is_null() || usable_selector(spec) {
        restarts_always(&spec.field("template"), Some("ReplicaSet"), errors);
    }
    strategy(&spec.field("strategy"), errors);
    errors.non_negative_all(spec, &["minReadySeconds", "revisionHistoryLimit"]);
    let deadline = spec.field("progressDeadlineSeconds");
    errors.non_negative(&deadline);
    if deadline.is_set() && deadline.int() <= spec.field("minReadySeconds").int() {
        errors.invalid(&deadline, "must be greater than minReadySeconds");
    }
}

fn usable_selector(spec: &At) -> bool {
    meta::selector(&spec.field("selector"), &mut Errors::default())
}

fn strategy(at: &At, errors: &mut Errors) {
    let (kind, rolling) = (at.field("type"), at.field("rollingUpdate"));
    match kind.text() {
        "Recreate" if rolling.is_set() => {
            errors.forbidden(&rolling, "may not be specified when strategy `type` is 'Recreate'");
        }
        "Recreate" => {}
        "RollingUpdate" => {
            let (unavailable, surge) = (rolling.field("maxUnavailable"), rolling.field("maxSurge"));
            count_or_percent(&unavailable, errors);
            count_or_percent(&surge, errors);
            if is_zero(unavailable.value) && is_zero(surge.value) {
                errors.invalid(&unavailable, "may not be 0 when `maxSurge` is 0");
            }
            at_most_all(&unavailable, errors);
        }
        other => errors.unsupported_as(at, &strategy_as_go(other, &rolling), &["Recreate", "RollingUpdate"]),
    }
}

/// A strategy as Go's encoder shows its struct.
fn strategy_as_go(kind: &str, rolling: &At) -> String {
    let part = |field: &str| match rolling.value.get(field) {
        Value::Null => "0".into(),
        amount => shown(amount),
    };
    let rolling = match rolling.value {
        Value::Null => "null".into(),
        _ => format!("{{\"MaxUnavailable\":{},\"MaxSurge\":{}}}", part("maxUnavailable"), part("maxSurge")),
    };
    format!("{{\"Type\":{},\"RollingUpdate\":{rolling}}}", shown(&Value::from(kind)))
}

/// A number that is not negative, or a percentage.
pub fn count_or_percent(at: &At, errors: &mut Errors) {
    match at.value {
        Value::Str(text) => errors.invalid_all(at, names::percent(text)),
        _ => errors.non_negative(at),
    }
}

fn percentage(value: &Value) -> Option<i64> {
    value.as_str()?.strip_suffix('%')?.parse().ok()
}

fn is_zero(value: &Value) -> bool {
    value.as_int() == Some(0)
        || percentage(value) == Some(0)
        || (value.as_str().is_some() && percentage(value).is_none())
}

pub fn at_most_all(at: &At, errors: &mut Errors) {
    if percentage(at.value).is_some_and(|p| p > 100) {
        errors.invalid(at, "must not be greater than 100%");
    }
}

fn replica_set(spec: &At, errors: &mut Errors) {
    errors.non_negative_all(spec, &["replicas", "minReadySeconds"]);
    let selector = spec.field("selector");
    selector_and_template(spec, "deployment", errors);
    if !selector.is_set() || usable_selector(spec) {
        restarts_always(&spec.field("template"), Some("ReplicaSet"), errors);
    }
}

fn replication_controller(spec: &At, errors: &mut Errors) {
    errors.non_negative(&spec.field("minReadySeconds"));
    let selector = spec.field("selector");
    if !selector.is_filled() {
        errors.required(&selector, "");
    }
    errors.non_negative(&spec.field("replicas"));
    let template = spec.field("template");
    if !template.is_set() {
        return errors.required(&template, "");
    }
    let metadata = template.field("metadata");
    let labels = metadata.field("labels");
    let wanted = selector.value.as_map().into_iter().flat_map(|m| m.iter());
    if selector.is_filled() && !wanted.into_iter().all(|(k, v)| labels.value.get(k) == v) {
        errors.invalid(&labels, MISMATCH);
    }
    pod::template(&template, errors);
    restarts_always(&template, Some("ReplicationController"), errors);
}

fn stateful_set(spec: &At, errors: &mut Errors) {
    let policy = spec.field("podManagementPolicy");
    if !["OrderedReady", "Parallel"].contains(&policy.text()) {
        errors.invalid(&policy, "must be 'OrderedReady' or 'Parallel'");
    }
    let update = spec.field("updateStrategy");
    let (kind, rolling) = (update.field("type"), update.field("rollingUpdate"));
    let partition = rolling.field("partition");
    match kind.text() {
        "RollingUpdate" => errors.non_negative(&partition),
        "OnDelete" if rolling.is_set() => {
            errors.invalid_as(&rolling, &partition_as_go(&rolling), "only allowed for updateStrategy 'RollingUpdate'");
        }
        "OnDelete" => {}
        other => {
            let rolling = if rolling.is_set() { partition_as_go(&rolling) } else { "null".into() };
            let go = format!("{{\"Type\":{},\"RollingUpdate\":{rolling}}}", shown(&Value::from(other)));
            errors.invalid_as(&update, &go, "must be 'RollingUpdate' or 'OnDelete'");
        }
    }
    let retention = spec.field("persistentVolumeClaimRetentionPolicy");
    for field in ["whenDeleted", "whenScaled"] {
        errors.one_of(&retention.field(field), &["Retain", "Delete"], true);
    }
    for claim in spec.field("volumeClaimTemplates").items() {
        super::storage::claim_spec(&claim.field("spec"), errors);
    }
    errors.non_negative_all(spec, &["replicas", "minReadySeconds"]);
    // So the server writes this path.
    errors.non_negative(&spec.field_with("ordinals.start", spec.value.at(&["ordinals", "start"])));
    let service = spec.field("serviceName");
    if !service.text().is_empty() {
        errors.invalid_all(&service, names::label(service.text()));
    }
    let mut whole = spec.value.clone();
    whole.set("template", identified(spec.value));
    selector_and_template(&spec.standing_for(&whole), "statefulset", errors);
    restarts_always(&spec.field("template"), Some("StatefulSet"), errors);
}

fn partition_as_go(rolling: &At) -> String {
    let partition = shown(rolling.value.get("partition"));
    format!("{{\"Partition\":{partition},\"MaxUnavailable\":null}}")
}

fn daemon_set(spec: &At, errors: &mut Errors) {
    let (selector, template) = (spec.field("selector"), spec.field("template"));
    let usable = meta::selector(&selector, errors);
    if usable {
        template_matches(&selector, &template, errors);
    }
    if selector.is_set()
        && !selector.field("matchLabels").is_filled()
        && !selector.field("matchExpressions").is_filled()
    {
        errors.invalid_as(&selector, "{}", "empty selector is invalid for daemonset");
    }
    pod::template(&template, errors);
    restarts_always(&template, Some("DaemonSet"), errors);
    errors.non_negative(&spec.field("minReadySeconds"));
    let update = spec.field("updateStrategy");
    let (kind, rolling) = (update.field("type"), update.field("rollingUpdate"));
    match kind.text() {
        "OnDelete" => {}
        "RollingUpdate" => {
            let (unavailable, surge) = (rolling.field("maxUnavailable"), rolling.field("maxSurge"));
            count_or_percent(&unavailable, errors);
            at_most_all(&unavailable, errors);
            count_or_percent(&surge, errors);
            at_most_all(&surge, errors);
            if is_zero(unavailable.value) && is_zero(surge.value) {
                errors.required(&unavailable, "cannot be 0 when maxSurge is 0");
            } else if !is_zero(unavailable.value) && !is_zero(surge.value) {
                errors.invalid(&surge, "may not be set when maxUnavailable is non-zero");
            }
        }
        other => errors.unsupported_as(&update, &strategy_as_go(other, &rolling), &["RollingUpdate", "OnDelete"]),
    }
    errors.non_negative(&spec.field("revisionHistoryLimit"));
}
