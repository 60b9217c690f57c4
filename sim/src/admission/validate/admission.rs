//! Kubernetes 1.36: pkg/apis/admissionregistration/validation/validation.go, apiserver/pkg/util/webhook/validation.go
//!
//! Webhooks and policies that are asked about requests. Of expressions (CEL) that change objects it is only asked that there are some.

use super::kit::{At, Errors, quoted, shown};
use super::{meta, names};
use crate::api::Kind;
use crate::custom::cel;
use crate::custom::cel::expression::{Names, Wanted};
use crate::value::Value;

const FAILURES: [&str; 2] = ["Fail", "Ignore"];
const MATCHES: [&str; 2] = ["Equivalent", "Exact"];
const REINVOCATIONS: [&str; 2] = ["IfNeeded", "Never"];
const OPERATIONS: [&str; 5] = ["*", "CONNECT", "CREATE", "DELETE", "UPDATE"];
const SCOPES: [&str; 3] = ["*", "Cluster", "Namespaced"];
const MOST_CONDITIONS: usize = 64;

pub fn webhooks(kind: Kind, at: &At, errors: &mut Errors) {
    let list = at.field("webhooks");
    for (i, hook) in list.items().enumerate() {
        webhook(kind, &hook, errors);
        review_versions(&hook.field("admissionReviewVersions"), errors);
        let name = hook.field("name");
        if !name.text().is_empty() && list.value.items()[..i].iter().any(|other| other.get("name") == name.value) {
            errors.duplicate(&name);
        }
    }
}

fn webhook(kind: Kind, at: &At, errors: &mut Errors) {
    let (name, effects, seconds) = (at.field("name"), at.field("sideEffects"), at.field("timeoutSeconds"));
    if errors.needs_text(&name) {
        let wrong = names::subdomain(name.text());
        if !wrong.is_empty() {
            errors.invalid(&name, wrong.join(","));
        } else if name.text().split('.').count() < 3 {
            errors.invalid(&name, "should be a domain with at least three segments separated by dots");
        }
    }
    at.field("rules").items().for_each(|rule| rule_with_operations(&rule, errors));
    errors.one_of(&at.field("failurePolicy"), &FAILURES, true);
    errors.one_of(&at.field("matchPolicy"), &MATCHES, true);
    if !effects.is_set() {
        errors.required(&effects, "must specify one of None, NoneOnDryRun");
    } else if !["None", "NoneOnDryRun"].contains(&effects.text()) {
        errors.unsupported(&effects, &["None", "NoneOnDryRun"]);
    }
    if seconds.is_set() && !(1..=30).contains(&seconds.int()) {
        errors.invalid(&seconds, "the timeout value must be between 1 and 30 seconds");
    }
    meta::selector(&at.field("namespaceSelector"), errors);
    meta::selector(&at.field("objectSelector"), errors);
    if kind == Kind::MutatingWebhookConfiguration {
        errors.one_of(&at.field("reinvocationPolicy"), &REINVOCATIONS, true);
    }
    let client = at.field("clientConfig");
    let (url, service) = (client.field("url"), client.field("service"));
    match (url.is_set(), service.is_set()) {
        (true, false) => address(&url, errors),
        (false, true) => reached_by(&service, errors),
        _ => errors.required(&client, "exactly one of url or service is required"),
    }
    conditions(&at.field("matchConditions"), false, errors);
}

/// An address that is called: `https://HOST[/PATH]`.
fn address(at: &At, errors: &mut Errors) {
    const FORM: &str = "; desired format: https://host[/path]";
    let (scheme, rest) = at.text().split_once("://").unwrap_or(("", ""));
    let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let place = rest.split('/').next().unwrap_or("");
    let (user, host) = place.rsplit_once('@').unwrap_or(("", place));
    if scheme != "https" {
        errors.invalid_as(at, &quoted(scheme), format!("'https' is the only allowed URL scheme{FORM}"));
    }
    if host.is_empty() {
        errors.invalid_as(at, "\"\"", format!("host must be specified{FORM}"));
    }
    for (part, why) in [
        (user, "user information is not permitted in the URL"),
        (fragment, "fragments are not permitted in the URL"),
        (query, "query parameters are not permitted in the URL"),
    ] {
        if !part.is_empty() {
            errors.invalid_as(at, &quoted(part), why);
        }
    }
}

/// A Service that is called, and the path there.
pub fn reached_by(at: &At, errors: &mut Errors) {
    // The server takes the one for the other.
    for (field, other) in [("name", "namespace"), ("namespace", "name")] {
        errors.needs_text(&at.field_with(field, at.value.get(other)));
    }
    let (port, path) = (at.field("port"), at.field("path"));
    if !(1..=65_535).contains(&port.int()) {
        errors.invalid(&port, "port is not valid: must be between 1 and 65535, inclusive");
    }
    match path.text() {
        "" | "/" => return,
        "//" => return errors.invalid(&path, "segment[0] may not be empty"),
        text if !text.starts_with('/') => errors.invalid(&path, "must start with a '/'"),
        _ => {}
    }
    let inner = path.text().get(1..).unwrap_or("");
    for (i, step) in inner.strip_suffix('/').unwrap_or(inner).split('/').enumerate() {
        if step.is_empty() {
            errors.invalid(&path, format!("segment[{i}] may not be empty"));
            continue;
        }
        for wrong in names::subdomain(step) {
            errors.invalid(&path, format!("segment[{i}]: {wrong}"));
        }
    }
}

fn review_versions(at: &At, errors: &mut Errors) {
    const KNOWN: [&str; 2] = ["v1", "v1beta1"];
    if !at.is_filled() {
        return errors.required(at, "must specify one of v1, v1beta1");
    }
    for (i, version) in at.items().enumerate() {
        if at.value.items()[..i].contains(version.value) {
            errors.invalid(&version, "duplicate version");
        } else {
            errors.invalid_all(&version, names::label_1035(version.text()));
        }
    }
    if !at.items().any(|version| KNOWN.contains(&version.text())) {
        errors.invalid(at, "must include at least one of v1, v1beta1");
    }
}

/// Which operations on which resources are asked about.
fn rule_with_operations(at: &At, errors: &mut Errors) {
    let operations = at.field("operations");
    if !operations.is_filled() {
        errors.required(&operations, "");
    }
    alone(&operations, "operations", errors);
    operations.items().for_each(|operation| errors.known(&operation, &OPERATIONS));
    for (field, what) in [("apiGroups", "API groups"), ("apiVersions", "API versions")] {
        let list = at.field(field);
        if !list.is_filled() {
            errors.required(&list, "");
        }
        alone(&list, what, errors);
    }
    at.field("apiVersions").items().for_each(|version| _ = errors.needs_text(&version));
    resources(&at.field("resources"), errors);
    errors.one_of(&at.field("scope"), &SCOPES, true);
}

/// What stands for all stands alone.
fn alone(at: &At, what: &str, errors: &mut Errors) {
    if at.items().count() > 1 && at.items().any(|item| item.text() == "*") {
        errors.invalid(at, format!("if '*' is present, must not specify other {what}"));
    }
}

fn resources(at: &At, errors: &mut Errors) {
    if !at.is_filled() {
        errors.required(at, "");
    }
    let (mut resources, mut parts, mut all_of_all, mut all, mut plain) = (vec![], vec![], false, false, false);
    for resource in at.items() {
        if !errors.needs_text(&resource) {
            continue;
        }
        let text = resource.text();
        all_of_all |= text == "*/*";
        all |= text == "*";
        let Some((of, part)) = text.split_once('/') else {
            plain = text != "*";
            continue;
        };
        if resources.contains(&of) {
            errors.invalid(&resource, format!("if '{of}/*' is present, must not specify {text}"));
        }
        if parts.contains(&part) {
            errors.invalid(&resource, format!("if '*/{part}' is present, must not specify {text}"));
        }
        if part == "*" {
            resources.push(of);
        }
        if of == "*" {
            parts.push(part);
        }
    }
    if all_of_all && at.items().count() > 1 {
        errors.invalid(at, "if '*/*' is present, must not specify other resources");
    }
    if all && plain {
        errors.invalid(at, "if '*' is present, must not specify other resources without subresources");
    }
}

fn conditions(at: &At, params: bool, errors: &mut Errors) {
    if at.items().count() > MOST_CONDITIONS {
        errors.too_many(at, MOST_CONDITIONS);
    }
    if at.items().count() == 0 {
        return;
    }
    let known = Names::of_request(params, true);
    for (i, condition) in at.items().enumerate() {
        let (name, expression) = (condition.field("name"), condition.field("expression"));
        match expression.text().trim() {
            "" => errors.required(&expression, ""),
            text => compiled(&expression, text, &known, Wanted::Bool, errors),
        }
        if errors.needs_text(&name) {
            errors.invalid_all(&name, names::qualified(name.text()));
            if at.value.items()[..i].iter().any(|other| other.get("name") == name.value) {
                errors.duplicate(&name);
            }
        }
    }
}

/// Refuses an expression that cannot be right.
fn compiled(at: &At, source: &str, names: &Names, wanted: Wanted, errors: &mut Errors) {
    if let Some(why) = names.refusal(source, wanted) {
        errors.invalid_as(at, &quoted(source), why);
    }
}

pub fn policy(kind: Kind, at: &At, errors: &mut Errors) {
    let spec = at.field("spec");
    errors.one_of(&spec.field("failurePolicy"), &FAILURES, true);
    if spec.field("paramKind").is_set() {
        parameters(&spec.field("paramKind"), errors);
    }
    let constraints = spec.field("matchConstraints");
    if constraints.is_set() {
        matches(&constraints, errors);
        if !constraints.field("resourceRules").is_filled() {
            errors.required(&constraints.field("resourceRules"), "");
        }
    } else {
        errors.required(&constraints, "");
    }
    if kind == Kind::MutatingAdmissionPolicy {
        only_writes(&constraints, errors);
    }
    let params = spec.field("paramKind").is_set();
    conditions(&spec.field("matchConditions"), params, errors);
    let variables = spec.value.get("variables");
    let known = Names::of_request(params, true);
    for (i, variable) in spec.field("variables").items().enumerate() {
        let names = known.clone().with_variables(&Value::list(variables.items()[..i].to_vec()));
        policy_variable(&variable, &names, errors);
    }
    let names = |authorizer: bool| Names::of_request(params, authorizer).with_variables(variables);
    match kind {
        Kind::MutatingAdmissionPolicy => mutations(&spec, errors),
        _ => validations(at, &spec, [names(true), names(false)], errors),
    }
}

fn policy_variable(variable: &At, names: &Names, errors: &mut Errors) {
    let (name, expression) = (variable.field("name"), variable.field("expression"));
    if name.text().trim().is_empty() {
        errors.required(&name, "name is not specified");
    } else if !is_identifier(name.text()) {
        errors.invalid(&name, "must be a valid CEL identifier");
    }
    if expression.text().trim().is_empty() {
        errors.required(&expression, "expression is not specified");
    } else {
        compiled(&expression, expression.text(), names, Wanted::Any, errors);
    }
}

fn is_identifier(text: &str) -> bool {
    !text.starts_with(|c: char| c.is_ascii_digit())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && !cel::RESERVED.contains(&text)
}

/// The names are those that expressions know, and messages.
fn validations(at: &At, spec: &At, [names, plain]: [Names; 2], errors: &mut Errors) {
    const REASONS: [&str; 3] = ["Forbidden", "Invalid", "RequestEntityTooLarge"];
    let (validations, audits) = (spec.field("validations"), spec.field("auditAnnotations"));
    if !validations.is_filled() && !audits.is_filled() {
        for field in [&validations, &audits] {
            errors.required(field, "validations or auditAnnotations must contain at least one item");
        }
        return;
    }
    for validation in validations.items() {
        let [expression, said, message] = ["expression", "messageExpression", "message"];
        let (expression, said, message) =
            (validation.field(expression), validation.field(said), validation.field(message));
        if expression.text().trim().is_empty() {
            errors.required(&expression, "expression is not specified");
        } else {
            compiled(&expression, expression.text(), &names, Wanted::Bool, errors);
        }
        if !said.text().is_empty() && said.text().trim().is_empty() {
            errors.invalid(&said, "must be non-empty if specified");
        } else if !said.text().is_empty() {
            compiled(&said, said.text(), &plain, Wanted::Text, errors);
        }
        if !message.text().is_empty() && message.text().trim().is_empty() {
            errors.invalid(&message, "must be non-empty if specified");
        }
        if message.text().trim().contains(['\n', '\r']) {
            errors.invalid(&message, "must not contain line breaks");
        }
        errors.one_of(&validation.field("reason"), &REASONS, true);
    }
    let metadata = at.field("metadata");
    let name = metadata.field("name").text();
    for (i, audit) in audits.items().enumerate() {
        let (key, value) = (audit.field("key"), audit.field("valueExpression"));
        if name.is_empty() {
            errors.invalid_as(&key, &quoted(key.text()), "requires metadata.name be non-empty");
        } else {
            let whole = format!("{name}/{}", key.text());
            names::qualified(&whole).iter().for_each(|wrong| errors.invalid_as(&key, &quoted(&whole), wrong));
        }
        if value.text().trim().is_empty() {
            errors.required(&value, "valueExpression is not specified");
        } else {
            compiled(&value, value.text(), &names, Wanted::TextOrNull, errors);
        }
        if audits.value.items()[..i].iter().any(|other| other.get("key") == key.value) {
            errors.duplicate_as(&key, &quoted(key.text()));
        }
    }
}

fn mutations(spec: &At, errors: &mut Errors) {
    const TYPES: [&str; 2] = ["ApplyConfiguration", "JSONPatch"];
    let list = spec.field("mutations");
    if !list.is_filled() {
        errors.required(&list, "mutations must contain at least one item");
    }
    for mutation in list.items() {
        let (kind, fields) = (mutation.field("patchType"), ["applyConfiguration", "jsonPatch"]);
        if !errors.needs_text(&kind) {
            continue;
        }
        let Some(which) = TYPES.iter().position(|known| *known == kind.text()) else {
            errors.known(&kind, &TYPES);
            continue;
        };
        let (own, other) = (mutation.field(fields[which]), mutation.field(fields[1 - which]));
        if !own.is_set() {
            errors.required(&own, &format!("must be specified when patchType is {}", kind.text()));
        } else if own.field("expression").text().trim().is_empty() {
            errors.required(&own.field("expression"), "");
        }
        if other.is_set() {
            let why = format!("must not be specified when patchType is {}", kind.text());
            errors.invalid_as(&other, &quoted(&format!("{{{}}}", fields[1 - which])), why);
        }
    }
    let again = spec.field("reinvocationPolicy");
    if errors.needs_text(&again) {
        errors.known(&again, &REINVOCATIONS);
    }
}

/// The kind of the objects that a policy is set up by.
fn parameters(at: &At, errors: &mut Errors) {
    let (version, kind) = (at.field("apiVersion"), at.field("kind"));
    if errors.needs_text(&version) {
        let (group, number) = version.text().rsplit_once('/').unwrap_or(("", version.text()));
        let wrong = if group.is_empty() { vec![] } else { names::subdomain(group) };
        if version.text().matches('/').count() > 1 {
            errors.invalid(&version, format!("unexpected GroupVersion string: {}", version.text()));
        } else {
            if !wrong.is_empty() {
                errors.invalid_as(&version, &quoted(group), wrong.join(","));
            }
            let wrong = names::label_1035(number);
            if number.is_empty() {
                errors.invalid(&version, "version must be specified");
            } else if !wrong.is_empty() {
                errors.invalid_as(&version, &quoted(number), wrong.join(","));
            }
        }
    }
    if errors.needs_text(&kind) {
        let wrong = names::label_1035(&kind.text().to_lowercase());
        if !wrong.is_empty() {
            errors.invalid(&kind, format!("may have mixed case, but should otherwise match: {}", wrong.join(",")));
        }
    }
}

/// Which requests a policy, or a binding of it, is about.
fn matches(at: &At, errors: &mut Errors) {
    errors.one_of(&at.field("matchPolicy"), &MATCHES, true);
    meta::selector(&at.field("namespaceSelector"), errors);
    meta::selector(&at.field("objectSelector"), errors);
    for list in ["resourceRules", "excludeResourceRules"] {
        for rule in at.field(list).items() {
            let names = rule.field("resourceNames");
            for (i, name) in names.items().enumerate() {
                errors.invalid_all(&name, names::path_segment(name.text()));
                if names.value.items()[..i].contains(name.value) {
                    errors.duplicate(&name);
                }
            }
            rule_with_operations(&rule, errors);
        }
    }
}

/// Only what is written can be changed on its way. The server's paths leave the number of the rule out.
fn only_writes(at: &At, errors: &mut Errors) {
    let rules = at.field("resourceRules");
    for operation in rules.value.items().iter().flat_map(|rule| rule.get("operations").items()) {
        const WRITES: [&str; 4] = ["*", "CONNECT", "CREATE", "UPDATE"];
        if !WRITES.contains(&operation.as_str().unwrap_or("")) {
            errors.unsupported_as(&rules.field("operations"), &shown(operation), &WRITES);
        }
    }
}

pub fn binding(kind: Kind, at: &At, errors: &mut Errors) {
    let spec = at.field("spec");
    let (name, reference, resources) = (spec.field("policyName"), spec.field("paramRef"), spec.field("matchResources"));
    if errors.needs_text(&name) {
        errors.invalid_all(&name, names::subdomain(name.text()));
    }
    if reference.is_set() {
        parameter(&reference, errors);
    }
    if resources.is_set() {
        matches(&resources, errors);
    }
    if kind == Kind::MutatingAdmissionPolicyBinding {
        return only_writes(&resources, errors);
    }
    let actions = spec.field("validationActions");
    for (i, action) in actions.items().enumerate() {
        errors.known(&action, &["Audit", "Deny", "Warn"]);
        if actions.value.items()[..i].contains(action.value) {
            errors.duplicate(&action);
        }
    }
    if ["Deny", "Warn"].iter().all(|wanted| actions.items().any(|action| action.text() == *wanted)) {
        errors.invalid(&actions, "must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)");
    }
    if !actions.is_filled() {
        errors.required(&actions, "at least one validation action is required");
    }
}

/// The objects by which a policy is set up.
fn parameter(at: &At, errors: &mut Errors) {
    const BOTH: &str = "name and selector are mutually exclusive";
    let (name, selector, missing) = (at.field("name"), at.field("selector"), at.field("parameterNotFoundAction"));
    if !name.text().is_empty() {
        errors.invalid_all(&name, names::path_segment(name.text()));
    }
    let both = !name.text().is_empty() && selector.is_set();
    if both {
        errors.forbidden(&name, BOTH);
    }
    meta::selector(&selector, errors);
    if both {
        errors.forbidden(&selector, BOTH);
    }
    if name.text().is_empty() && !selector.is_set() {
        errors.required(at, "one of name or selector must be specified");
    }
    if errors.needs_text(&missing) {
        errors.known(&missing, &["Deny", "Allow"]);
    }
}
