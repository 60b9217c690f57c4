//! Kubernetes 1.36: pkg/apis/core/validation/validation.go (ConfigMap, Secret, ResourceQuota, LimitRange)

use super::kit::{At, Errors, quoted};
use super::{names, resources};
use crate::manifest::{base64, json};

/// All data of a ConfigMap or Secret together, in bytes.
const MOST_BYTES: usize = 1 << 20;

fn too_long(at: &At, errors: &mut Errors) {
    let message = format!("Too long: may not be more than {MOST_BYTES} bytes");
    errors.0.push(crate::apiserver::StatusCause { reason: "FieldValueTooLong", message, field: at.path() });
}

pub fn config_map(at: &At, errors: &mut Errors) {
    let (data, binary) = (at.field("data"), at.field("binaryData"));
    let mut size = 0;
    for (key, value) in data.keys() {
        for wrong in names::config_key(key) {
            errors.invalid_as(&data.key(key), &quoted(key), wrong);
        }
        if binary.key(key).is_set() {
            errors.invalid_as(&data.key(key), &quoted(key), "duplicate of key present in binaryData");
        }
        size += value.text().len();
    }
    for (key, value) in binary.keys() {
        for wrong in names::config_key(key) {
            errors.invalid_as(&binary.key(key), &quoted(key), wrong);
        }
        size += value.text().len() / 4 * 3;
    }
    if size > MOST_BYTES {
        too_long(&At::root(at.value), errors);
    }
}

pub fn secret(at: &At, errors: &mut Errors) {
    let data = at.field("data");
    let mut size = 0;
    for (key, value) in data.keys() {
        for wrong in names::config_key(key) {
            errors.invalid_as(&data.key(key), &quoted(key), wrong);
        }
        size += value.text().len() / 4 * 3;
    }
    if size > MOST_BYTES {
        too_long(&data, errors);
    }
    match at.field("type").text() {
        "kubernetes.io/service-account-token" => {
            let metadata = at.field("metadata");
            let annotations = metadata.field("annotations");
            let name = annotations.key("kubernetes.io/service-account.name");
            if name.text().is_empty() {
                errors.required(&name, "");
            }
        }
        "kubernetes.io/dockercfg" => holds_json(&data.key(".dockercfg"), errors),
        "kubernetes.io/dockerconfigjson" => holds_json(&data.key(".dockerconfigjson"), errors),
        "kubernetes.io/basic-auth" => {
            let (user, password) = (data.key("username"), data.key("password"));
            if !user.is_set() && !password.is_set() {
                errors.required(&user, "");
                errors.required(&password, "");
            }
        }
        "kubernetes.io/ssh-auth" => {
            let key = data.key("ssh-privatekey");
            if key.text().is_empty() {
                errors.required(&key, "");
            }
        }
        "kubernetes.io/tls" => {
            for key in ["tls.crt", "tls.key"] {
                if !data.key(key).is_set() {
                    errors.required(&data.key(key), "");
                }
            }
        }
        _ => {}
    }
}

fn holds_json(at: &At, errors: &mut Errors) {
    if !at.is_set() {
        return errors.required(at, "");
    }
    let bytes = base64::decode(at.text()).unwrap_or_default();
    if let Err(fault) = json::parse(&String::from_utf8_lossy(&bytes)) {
        errors.invalid_as(at, "\"<secret contents redacted>\"", fault.text);
    }
}

const SCOPES: [&str; 7] = [
    "Terminating",
    "NotTerminating",
    "BestEffort",
    "NotBestEffort",
    "PriorityClass",
    "CrossNamespacePodAffinity",
    "VolumeAttributesClass",
];

pub fn resource_quota(at: &At, errors: &mut Errors) {
    let spec = at.field("spec");
    let hard = spec.field("hard");
    resources::hard(&hard, errors);
    let scopes = spec.field("scopes");
    for scope in scopes.value.items().iter().filter_map(|s| s.as_str()) {
        let misfit = |name: &str| resources::is_quota_resource(name) && !scope_fits(scope, name);
        if !SCOPES.contains(&scope) {
            errors.invalid(&scopes, "unsupported scope");
        } else if hard.keys().any(|(name, _)| misfit(name)) {
            errors.invalid(&scopes, "unsupported scope applied to resource");
        }
    }
    conflicts(&scopes, &scopes.value.items().iter().filter_map(|s| s.as_str()).collect::<Vec<_>>(), errors);
    scope_selector(&spec, errors);
}

/// Scopes that contradict each other.
fn conflicts(at: &At, scopes: &[&str], errors: &mut Errors) {
    for pair in [["BestEffort", "NotBestEffort"], ["Terminating", "NotTerminating"]] {
        if pair.iter().all(|scope| scopes.contains(scope)) {
            errors.invalid(at, "conflicting scopes");
        }
    }
}

/// The selector names its scopes by expressions; their paths do not tell which one is meant.
fn scope_selector(spec: &At, errors: &mut Errors) {
    let selector = spec.field("scopeSelector");
    let expressions = selector.field("matchExpressions");
    for expression in expressions.items() {
        let at = |field: &'static str| expressions.field_with(field, expression.value.get(field));
        let (scope, operator, values) = (at("scopeName"), at("operator"), at("values"));
        if !SCOPES.contains(&scope.text()) {
            errors.invalid_as(&scope, &quoted(scope.text()), "unsupported scope");
        }
        let simple =
            !matches!(scope.text(), "PriorityClass" | "VolumeAttributesClass") && SCOPES.contains(&scope.text());
        if simple && operator.text() != "Exists" {
            errors.invalid_as(&operator, &quoted(operator.text()), "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity");
        }
        match operator.text() {
            "In" | "NotIn" if !values.is_filled() => errors
                .required(&values, "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"),
            "Exists" | "DoesNotExist" if values.is_filled() => errors
                .invalid(&values, "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"),
            "In" | "NotIn" | "Exists" | "DoesNotExist" => {}
            _ => errors.invalid_as(&operator, &quoted(operator.text()), "not a valid selector operator"),
        }
    }
    let scopes: Vec<&str> = expressions.value.items().iter().filter_map(|e| e.get("scopeName").as_str()).collect();
    conflicts(&expressions, &scopes, errors);
}

fn scope_fits(scope: &str, resource: &str) -> bool {
    match scope {
        "BestEffort" => resource == "pods",
        "VolumeAttributesClass" => resource.contains("storage") || resource == "persistentvolumeclaims",
        _ => {
            let compute = resource.ends_with("cpu") || resource.ends_with("memory");
            resource == "pods" || compute || resource.ends_with("ephemeral-storage")
        }
    }
}

pub fn limit_range(at: &At, errors: &mut Errors) {
    let spec = at.field("spec");
    let limits = spec.field("limits");
    let mut types: Vec<&str> = Vec::new();
    for (limit, own) in limits.items().zip(limits.value.items()) {
        limit_type(&limit.field("type"), errors);
        let kind = own.get("type").as_str().unwrap_or("");
        if types.contains(&kind) {
            errors.duplicate_as(&limit.field("type"), &quoted(kind));
        }
        types.push(kind);
        limit_item(&limit, errors);
    }
}

fn limit_type(kind: &At, errors: &mut Errors) {
    let text = kind.text();
    for wrong in names::qualified(text) {
        errors.invalid_as(kind, &quoted(text), wrong);
    }
    let standard = ["Pod", "Container", "PersistentVolumeClaim"].contains(&text);
    if !standard && !text.is_empty() && !text.contains('/') {
        errors.invalid(kind, "must be a standard limit type or fully qualified");
    }
}

fn limit_item(at: &At, errors: &mut Errors) {
    let text = at.value.get("type").as_str().unwrap_or("");
    let fields = ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"].map(|f| at.field(f));
    let for_containers = matches!(text, "Pod" | "Container");
    let [max, min, default, request, ratio] = fields;
    let named = |field: &At, errors: &mut Errors| {
        for (name, amount) in field.keys() {
            resources::limited(name, for_containers, &amount, errors);
        }
    };
    named(&max, errors);
    named(&min, errors);
    for field in [&default, &request] {
        if text != "Pod" {
            named(field, errors);
        } else if field.is_filled() {
            errors.forbidden(field, "may not be specified when `type` is 'Pod'");
        }
    }
    if text == "PersistentVolumeClaim" && !max.key("storage").is_set() && !min.key("storage").is_set() {
        let limits = at.field("limits");
        errors.required(&limits, "either minimum or maximum storage value is required, but neither was provided");
    }
    named(&ratio, errors);
    let mut names: Vec<&str> = Vec::new();
    for field in [&max, &min, &default, &request, &ratio] {
        names.extend(field.value.as_map().into_iter().flat_map(|m| m.keys()).map(|k| &**k));
    }
    names.sort_unstable();
    names.dedup();
    for name in names {
        bounds([&max, &min, &default, &request, &ratio].map(|f| f.key(name)), errors);
    }
}

fn bounds([max, min, default, request, ratio]: [At; 5], errors: &mut Errors) {
    let amount = |at: &At| at.is_set().then(|| resources::amount(at).milli);
    let above = |a: &At, b: &At| matches!((amount(a), amount(b)), (Some(a), Some(b)) if a > b);
    let order = |low: (&At, &str), high: (&At, &str)| {
        format!("{} value {} is greater than {} value {}", low.1, low.0.text(), high.1, high.0.text())
    };
    if above(&min, &max) {
        errors.invalid(&min, order((&min, "min"), (&max, "max")));
    }
    if above(&min, &request) {
        errors.invalid(&request, order((&min, "min"), (&request, "default request")));
    }
    if above(&request, &max) {
        errors.invalid(&request, order((&request, "default request"), (&max, "max")));
    }
    if above(&request, &default) {
        errors.invalid(&request, order((&request, "default request"), (&default, "default limit")));
    }
    // These two show the other end's amount, as the server does.
    if above(&min, &default) {
        errors.invalid_as(&default, &quoted(min.text()), order((&min, "min"), (&default, "default")));
    }
    if above(&default, &max) {
        errors.invalid_as(&default, &quoted(max.text()), order((&default, "default"), (&max, "max")));
    }
    if amount(&ratio).is_some_and(|r| r < 1000) {
        errors.invalid(&ratio, format!("ratio {} is less than 1", ratio.text()));
    }
    if let (Some(limit), Some(max), Some(min)) = (amount(&ratio), amount(&max), amount(&min))
        && min > 0
        && limit * min > max * 1000
    {
        // Six digits behind the point, as Go prints a float.
        let largest = (max * 2_000_000 / min + 1) / 2;
        let (whole, part) = (largest / 1_000_000, largest % 1_000_000);
        errors.invalid(&ratio, format!("ratio {} is greater than max/min = {whole}.{part:06}", ratio.text()));
    }
}
