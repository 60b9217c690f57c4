//! Kubernetes 1.36: apimachinery/pkg/api/validation/objectmeta.go, apis/meta/v1/validation

use super::kit::{At, Errors, quoted};
use super::names::{self, Check};
use crate::api::Kind;
use crate::value::Value;

/// Finalizers that need no domain.
pub const STANDARD_FINALIZERS: [&str; 3] = ["kubernetes", "orphan", "foregroundDeletion"];
/// All annotations of an object together, in bytes.
const MOST_ANNOTATIONS: usize = 256 << 10;

/// What the names of a kind's objects must look like, and what their beginning must that is said by `generateName`.
fn name_checks(kind: Kind) -> [Check; 2] {
    match kind {
        Kind::Namespace | Kind::Service | Kind::StatefulSet => [names::label; 2],
        Kind::Role | Kind::ClusterRole | Kind::RoleBinding | Kind::ClusterRoleBinding => [names::path_segment; 2],
        Kind::APIService | Kind::Event | Kind::CertificateSigningRequest | Kind::PodDisruptionBudget => {
            [names::path_segment; 2]
        }
        Kind::ReplicationController | Kind::DeviceClass => [names::declared_subdomain, names::path_segment],
        Kind::IPAddress => [|text| Vec::from_iter(names::ip(text).is_none().then(|| names::IP.into())); 2],
        _ => [names::subdomain; 2],
    }
}

/// Whether finalizers must be fully qualified, or standard ones: what only the older groups ask.
fn knows_finalizers(kind: Kind) -> bool {
    const OTHERS: [&str; 6] = [
        "admissionregistration.k8s.io",
        "apiextensions.k8s.io",
        "apiregistration.k8s.io",
        "coordination.k8s.io",
        "node.k8s.io",
        "policy",
    ];
    !kind.is_custom() && kind != Kind::Event && !OTHERS.contains(&kind.group())
}

/// Kinds that are asked, not kept: they need no name.
fn is_question(kind: Kind) -> bool {
    kind.resource().verbs == "create"
}

pub fn metadata(kind: Kind, at: &At, errors: &mut Errors) {
    if is_question(kind) {
        return;
    }
    let [check, check_base] = name_checks(kind);
    let (base, name) = (at.field("generateName"), at.field("name"));
    if !base.text().is_empty() {
        // A name goes on behind it, so that it may end in a dash.
        let text = base.text();
        let whole = text.strip_suffix('-').filter(|rest| !rest.is_empty()).map(|rest| {
            let end = rest.char_indices().next_back().map_or(0, |(at, _)| at);
            format!("{}a", &rest[..end])
        });
        errors.invalid_all(&base, check_base(whole.as_deref().unwrap_or(text)));
    }
    if name.text().is_empty() {
        errors.required(&name, "name or generateName is required");
    } else {
        errors.invalid_all(&name, check(name.text()));
    }
    labels(&at.field("labels"), errors);
    annotations(&at.field("annotations"), errors);
    owners(&at.field("ownerReferences"), errors);
    finalizers(kind, &at.field("finalizers"), errors);
}

/// The server's paths leave the number of the reference out.
fn owners(list: &At, errors: &mut Errors) {
    let mut first: Option<String> = None;
    for owner in list.value.items() {
        let text = |field: &str| owner.get(field).as_str().unwrap_or("");
        let version = text("apiVersion");
        if version.matches('/').count() > 1 || version.rsplit('/').next() == Some("") {
            errors.invalid_as(&list.field("apiVersion"), &quoted(version), "version must not be empty");
        }
        for field in ["kind", "name", "uid"].into_iter().filter(|field| text(field).is_empty()) {
            errors.invalid_as(&list.field(field), "\"\"", "must not be empty");
        }
        if owner.get("controller").as_bool() != Some(true) {
            continue;
        }
        let this = format!("{}/{}", text("kind"), text("name"));
        match &first {
            None => first = Some(this),
            Some(first) => {
                let why = "Only one reference can have Controller set to true. Found \"true\" in references for";
                errors.invalid(list, format!("{why} {first} and {this}"));
            }
        }
    }
}

fn finalizers(kind: Kind, list: &At, errors: &mut Errors) {
    for finalizer in list.value.items().iter().filter_map(Value::as_str) {
        names::qualified(finalizer).iter().for_each(|wrong| errors.invalid_as(list, &quoted(finalizer), wrong));
    }
    let has = |name: &str| list.value.items().iter().any(|f| f.as_str() == Some(name));
    if has("orphan") && has("foregroundDeletion") {
        errors.invalid(list, "finalizer orphan and foregroundDeletion cannot be both set");
    }
    for finalizer in list.items().filter(|_| knows_finalizers(kind)) {
        if !finalizer.text().contains('/') && !STANDARD_FINALIZERS.contains(&finalizer.text()) {
            errors.invalid(&finalizer, "name is neither a standard finalizer name nor is it fully qualified");
        }
    }
}

/// Labels, or a plain selector: what is wrong is told of the whole map, with the key or value.
pub fn labels(at: &At, errors: &mut Errors) {
    for (key, value) in at.keys() {
        for wrong in names::qualified(key) {
            errors.invalid_as(at, &quoted(key), wrong);
        }
        for wrong in names::label_value(value.text()) {
            errors.invalid_as(at, &quoted(value.text()), wrong);
        }
    }
}

pub fn annotations(at: &At, errors: &mut Errors) {
    let mut size = 0;
    for (key, value) in at.keys() {
        size += key.len() + value.text().len();
        for wrong in names::qualified(&key.to_ascii_lowercase()) {
            errors.invalid_as(at, &quoted(key), wrong);
        }
    }
    if size > MOST_ANNOTATIONS {
        let text = format!("Too long: may not be more than {MOST_ANNOTATIONS} bytes");
        errors.0.push(crate::apiserver::StatusCause { reason: "FieldValueTooLong", message: text, field: at.path() });
    }
}

/// A selector with `matchLabels` and `matchExpressions`. Whether it could be used.
pub fn selector(at: &At, errors: &mut Errors) -> bool {
    let before = errors.0.len();
    labels(&at.field("matchLabels"), errors);
    for expression in at.field("matchExpressions").items() {
        let (operator, values) = (expression.field("operator"), expression.field("values"));
        match operator.text() {
            "In" | "NotIn" if !values.is_filled() => {
                errors.required(&values, "must be specified when `operator` is 'In' or 'NotIn'");
            }
            "Exists" | "DoesNotExist" if values.is_filled() => {
                errors.forbidden(&values, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
            }
            "In" | "NotIn" | "Exists" | "DoesNotExist" => {}
            _ => {
                errors.invalid_as(&operator, &quoted(operator.text()), "not a valid selector operator");
            }
        }
        let key = expression.field("key");
        for wrong in names::qualified(key.text()) {
            errors.invalid_as(&key, &quoted(key.text()), wrong);
        }
        for value in values.items() {
            errors.invalid_all(&value, names::label_value(value.text()));
        }
    }
    errors.0.len() == before
}

/// Whether a selector that is valid matches labels. One that is absent matches nothing, one that is empty everything.
pub fn matches(selector: &Value, labels: &Value) -> bool {
    if selector.is_null() {
        return false;
    }
    let plain = selector.get("matchLabels").as_map().into_iter().flat_map(|m| m.iter());
    let mut expressions = selector.get("matchExpressions").items().iter();
    let holds = |expression: &Value| {
        let value = labels.get(expression.get("key").as_str().unwrap_or(""));
        let listed = expression.get("values").items().contains(value);
        match expression.get("operator").as_str().unwrap_or("") {
            "In" => listed,
            "NotIn" => !listed,
            "Exists" => !value.is_null(),
            _ => value.is_null(),
        }
    };
    plain.into_iter().all(|(key, value)| labels.get(key) == value) && expressions.all(holds)
}
