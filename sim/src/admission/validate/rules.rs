//! Kubernetes 1.36: apiextensions-apiserver/pkg/apis/apiextensions/validation (ValidateCustomResourceDefinitionOpenAPISchema)
//!
//! Rules in CEL, as a schema writes them.

use super::kit::{At, Errors};
use crate::custom::cel;
use crate::manifest::write;
use crate::value::Value;

const RULES: &str = "x-kubernetes-validations";
const REASONS: [&str; 4] = ["FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"];

/// What can be said of rules without reading them.
pub fn written(at: &At, errors: &mut Errors) {
    for rule in at.field(RULES).items() {
        let (source, message, said) = (rule.field("rule"), rule.field("message"), rule.field("messageExpression"));
        let blank = |field: &At| !field.text().is_empty() && field.text().trim().is_empty();
        if source.text().trim().is_empty() {
            errors.required(&source, "rule is not specified");
        } else if blank(&message) {
            errors.invalid(&message, "must be non-empty if specified");
        } else if has_break(message.text().trim()) {
            errors.invalid(&message, "must not contain line breaks");
        } else if has_break(source.text().trim()) && message.text().is_empty() {
            errors.required(&message, "message must be specified if rule contains line breaks");
        }
        if blank(&said) {
            errors.required(&said, "messageExpression must be non-empty if specified");
        }
        if rule.field("reason").is_set() && !REASONS.contains(&rule.field("reason").text()) {
            errors.unsupported(&rule.field("reason"), &REASONS);
        }
        let path = rule.field("fieldPath");
        if blank(&path) {
            errors.invalid(&path, "must be non-empty if specified");
        }
        if has_break(path.text()) {
            errors.invalid(&path, "must not contain line breaks");
        }
        if !path.text().is_empty() && !leads(at.value, path.text()) {
            errors.invalid(&path, "must be a valid path");
        }
    }
}

fn has_break(text: &str) -> bool {
    text.contains(['\n', '\r'])
}

/// Whether a path (`.spec.x`, `.map['key']`) leads to something that a schema knows.
fn leads(schema: &Value, path: &str) -> bool {
    let (mut schema, mut rest) = (schema, path);
    while !rest.is_empty() {
        let name;
        if let Some(after) = rest.strip_prefix("['") {
            let Some(end) = after.find("']") else { return false };
            (name, rest) = (&after[..end], &after[end + 2..]);
        } else if let Some(after) = rest.strip_prefix('.') {
            let end = after.find(['.', '[']).unwrap_or(after.len());
            (name, rest) = (&after[..end], &after[end..]);
        } else {
            return false;
        }
        let own = schema.get("properties").get(name);
        schema = if own.is_null() { schema.get("additionalProperties") } else { own };
        if name.is_empty() || schema.as_map().is_none() {
            return false;
        }
    }
    true
}

/// What is found when rules are read; `wrong` are the fields in which the schema itself is wrong. `loose` is what within a schema cannot be told from one object to the next.
pub fn compiled(at: &At, (is_root, loose): (bool, Option<&str>), wrong: &[String], errors: &mut Errors) {
    let more = at.field("additionalProperties");
    if more.value.as_map().is_some() {
        compiled(&more, (false, loose), wrong, errors);
    }
    let own = at.path();
    let atomic = at.value.get("x-kubernetes-map-type").as_str() == Some("atomic");
    for (_, property) in at.field("properties").keys() {
        compiled(&property, (false, loose.or(atomic.then_some(&own))), wrong, errors);
    }
    let items = at.field("items");
    if items.is_set() {
        let loses = at.value.get("x-kubernetes-list-type").as_str() != Some("map");
        compiled(&items, (false, loose.or(loses.then_some(&own))), wrong, errors);
    }
    // Where the schema itself is wrong, here or deeper, its rules are not read.
    if wrong.iter().any(|field| field.starts_with(&own)) {
        return;
    }
    for rule in at.field(RULES).items() {
        let found = cel::compile(at.value, is_root, rule.value);
        if let Some(why) = found.wrong {
            errors.invalid_as(&rule.field("rule"), &shown(rule.value), why);
        }
        if let Some(why) = found.wrong_message {
            errors.invalid_as(&rule.field("messageExpression"), &shown(rule.value), why);
        }
        match loose {
            Some(within) if found.uses_old => {
                let why = format!("oldSelf cannot be used on the uncorrelatable portion of the schema within {within}");
                errors.invalid(&rule.field("rule"), why);
            }
            _ if !found.uses_old && rule.field("optionalOldSelf").is_set() => {
                errors.invalid(&rule.field("optionalOldSelf"), "may not be set if oldSelf is not used in rule");
            }
            _ => {}
        }
    }
}

/// A rule as the server shows it: its own type as JSON.
fn shown(rule: &Value) -> String {
    let text = |field: &str| write::json(&Value::from(rule.get(field).as_str().unwrap_or("")), 0);
    let field = |field: &str| write::json(rule.get(field), 0);
    format!(
        r#"{{"Rule":{},"Message":{},"MessageExpression":{},"Reason":{},"FieldPath":{},"OptionalOldSelf":{}}}"#,
        text("rule"),
        text("message"),
        text("messageExpression"),
        field("reason"),
        text("fieldPath"),
        field("optionalOldSelf"),
    )
}
