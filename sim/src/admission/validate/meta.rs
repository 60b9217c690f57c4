//! Kubernetes 1.36: apimachinery/pkg/api/validation/objectmeta.go, apis/meta/v1/validation

use super::kit::{At, Errors, quoted};
use super::names::{self, Check};
use crate::api::Kind;
use crate::value::Value;

/// Finalizers that need no domain.
pub const STANDARD_FINALIZERS: [&str; 3] = ["kubernetes", "orphan", "foregroundDeletion"];
/// All annotations of an object together, in bytes.
const MOST_ANNOTATIONS: usize = 256 << 10;

/// What the names of a kind's objects must look like.
fn name_check(kind: Kind) -> Check {
    match kind {
        Kind::Namespace | Kind::Service | Kind::StatefulSet => names::label,
        Kind::Role | Kind::ClusterRole | Kind::RoleBinding | Kind::ClusterRoleBinding => names::path_segment,
        Kind::FlowSchema | Kind::PriorityLevelConfiguration | Kind::APIService => names::path_segment,
        Kind::IPAddress => |_| Vec::new(),
        _ => names::subdomain,
    }
}

/// Kinds that are asked, not kept: they need no name.
fn is_question(kind: Kind) -> bool {
    kind.resource().verbs == "create"
}

pub fn metadata(kind: Kind, at: &At, errors: &mut Errors) {
    if is_question(kind) {
        return;
    }
    let name = at.field("name");
    if name.text().is_empty() {
        errors.required(&name, "name or generateName is required");
    } else {
        errors.invalid_all(&name, name_check(kind)(name.text()));
    }
    labels(&at.field("labels"), errors);
    annotations(&at.field("annotations"), errors);
    for owner in at.field("ownerReferences").items() {
        for field in ["kind", "name", "uid"] {
            let field = owner.field(field);
            if field.text().is_empty() {
                errors.invalid_as(&field, "\"\"", "must not be empty");
            }
        }
    }
    for finalizer in at.field("finalizers").items() {
        let wrong = names::qualified(finalizer.text());
        if !wrong.is_empty() {
            errors.invalid_all(&finalizer, wrong);
        } else if !kind.is_custom()
            && !finalizer.text().contains('/')
            && !STANDARD_FINALIZERS.contains(&finalizer.text())
        {
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
    let mut usable = errors.0.len() == before;
    for expression in at.field("matchExpressions").items() {
        let (operator, values) = (expression.field("operator"), expression.field("values"));
        match operator.text() {
            "In" | "NotIn" if !values.is_filled() => {
                errors.required(&values, "must be specified when `operator` is 'In' or 'NotIn'");
                usable = false;
            }
            "Exists" | "DoesNotExist" if values.is_filled() => {
                errors.forbidden(&values, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
                usable = false;
            }
            "In" | "NotIn" | "Exists" | "DoesNotExist" => {}
            _ => {
                errors.invalid_as(&operator, &quoted(operator.text()), "not a valid selector operator");
                usable = false;
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
    usable
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
