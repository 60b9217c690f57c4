//! Kubernetes 1.36: pkg/apis/core/validation/validation.go (validateProbe, validateLifecycle, validateHandler)

use super::kit::{At, Errors, quoted};
use super::names;
use crate::value::Value;

pub fn probes(container: &At, errors: &mut Errors) {
    for name in ["livenessProbe", "readinessProbe", "startupProbe"] {
        let at = container.field(name);
        if at.is_set() {
            probe(&at, name, errors);
        }
    }
}

fn probe(at: &At, name: &str, errors: &mut Errors) {
    handler(at, &["exec", "httpGet", "tcpSocket", "grpc"], 0, errors);
    errors.non_negative_all(
        at,
        &["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"],
    );
    let grace = at.field("terminationGracePeriodSeconds");
    if grace.is_set() && grace.int() <= 0 {
        errors.invalid(&grace, "must be greater than 0");
    }
    if name == "readinessProbe" {
        if grace.is_set() {
            errors.invalid(&grace, "must not be set for readinessProbes");
        }
        return;
    }
    let threshold = at.field("successThreshold");
    if threshold.int() != 1 {
        errors.invalid(&threshold, "must be 1");
    }
}

/// `grace` is the Pod's termination grace period in seconds.
pub fn lifecycle(at: &At, grace: i64, errors: &mut Errors) {
    for hook in ["postStart", "preStop"] {
        let hook = at.field(hook);
        if hook.is_set() {
            handler(&hook, &["exec", "httpGet", "tcpSocket", "sleep"], grace, errors);
        }
    }
}

fn handler(at: &At, kinds: &[&str], grace: i64, errors: &mut Errors) {
    let mut given = 0;
    for kind in kinds {
        let action = at.field(kind);
        if !action.is_set() {
            continue;
        }
        given += 1;
        if given > 1 {
            errors.forbidden(&action, "may not specify more than 1 handler type");
            continue;
        }
        match *kind {
            "exec" if !action.field("command").is_filled() => errors.required(&action.field("command"), ""),
            "httpGet" => http_get(&action, errors),
            "tcpSocket" => port(&action.field("port"), errors),
            "grpc" => errors.in_range(&action.field("port"), 1, 65_535),
            "sleep" => {
                let seconds = action.field("seconds").int();
                if seconds < 0 || seconds > grace {
                    let why = format!("must be non-negative and less than terminationGracePeriodSeconds ({grace})");
                    errors.invalid_as(&action, &seconds.to_string(), why);
                }
            }
            _ => {}
        }
    }
    if given == 0 {
        errors.required(at, "must specify a handler type");
    }
}

fn http_get(at: &At, errors: &mut Errors) {
    errors.needs_text(&at.field("path"));
    port(&at.field("port"), errors);
    errors.one_of(&at.field("scheme"), &["HTTP", "HTTPS"], false);
    let headers = at.field("httpHeaders");
    for header in headers.items() {
        let name = header.value.get("name").as_str().unwrap_or("");
        for wrong in names::http_header(name) {
            errors.invalid_as(&headers, &quoted(name), wrong);
        }
    }
}

/// A port by number or by name.
pub fn port(at: &At, errors: &mut Errors) {
    match at.value {
        Value::Str(name) => errors.invalid_all(at, names::port_name(name)),
        _ => errors.in_range(at, 1, 65_535),
    }
}
