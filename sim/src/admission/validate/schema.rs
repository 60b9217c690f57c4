//! Kubernetes 1.36: apiextensions-apiserver/pkg/apiserver/schema/{validation,complete}.go, schema/defaulting/validation.go,
//! pkg/apis/apiextensions/validation (ValidateCustomResourceDefinitionOpenAPISchema)
//!
//! Schemas of CustomResourceDefinitions: they say of each field what it is (are *structural*), and use no more of OpenAPI
//! than the server understands. Not checked: whether patterns can be read.

use super::kit::{At, Errors, shown};
use super::rules;
use crate::custom;
use crate::value::Value;

const TYPES: [&str; 6] = ["array", "boolean", "integer", "number", "object", "string"];
const JUNCTORS: [&str; 3] = ["anyOf", "allOf", "oneOf"];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Root,
    Item,
    Field,
}

/// What is wrong with the schema of a version, which is known if the definition had it before.
pub fn schema(at: &At, has_status: bool, is_known: bool, errors: &mut Errors) {
    if !at.is_set() {
        return;
    }
    if has_status && at.field("type").text() != "object" && at.field("type").is_filled() {
        let why =
            "only \"object\" is allowed as the type at the root of the schema if the status subresource is enabled";
        errors.invalid(&at.field("type"), why);
    }
    if is_true(at, "nullable") {
        errors.forbidden(&at.field("nullable"), "nullable cannot be true at the root");
    }
    let mut structure = Errors::default();
    structural(at, Level::Root, &mut structure);
    complete(at, at, at, &mut structure);
    structure.0.sort_by_key(|c| format!("{}: {}", c.field, c.message));
    if structure.0.is_empty() {
        defaults(at, &mut structure);
    }
    let is_structural = structure.0.is_empty();
    errors.0.append(&mut structure.0);
    understood(at, (true, None), errors);
    if is_structural {
        let wrong: Vec<String> = errors.0.iter().map(|cause| cause.field.clone()).collect();
        rules::compiled(at, is_known, &wrong, errors);
    }
}

fn is_true(at: &At, field: &str) -> bool {
    at.value.get(field).as_bool() == Some(true)
}

const PRESERVES: &str = "x-kubernetes-preserve-unknown-fields";
const EMBEDDED: &str = "x-kubernetes-embedded-resource";
const INT_OR_STRING: &str = "x-kubernetes-int-or-string";

fn structural(at: &At, level: Level, errors: &mut Errors) {
    let (kind, items, more) = (at.field("type"), at.field("items"), at.field("additionalProperties"));
    if kind.text() == "array" && !items.is_set() {
        errors.required(&items, "must be specified");
    }
    if items.is_set() {
        structural(&items, Level::Item, errors);
    }
    for (_, property) in at.field("properties").keys() {
        structural(&property, Level::Field, errors);
    }
    if more.is_set() && level == Level::Root {
        errors.forbidden(&more, "must not be used at the root");
    }
    if more.value.as_map().is_some() {
        structural(&more, Level::Field, errors);
    }
    for mark in [PRESERVES, EMBEDDED] {
        if is_true(at, INT_OR_STRING) && is_true(at, mark) {
            errors.invalid(&at.field(mark), "must be false if x-kubernetes-int-or-string is true");
        }
    }
    values(at, errors);
    typed(at, level, errors);
    metadata(at, level, errors);
}

/// Each field says its type.
fn typed(at: &At, level: Level, errors: &mut Errors) {
    let kind = at.field("type");
    let embedded = is_true(at, EMBEDDED);
    if embedded && kind.text() != "object" {
        let why = "must be object if x-kubernetes-embedded-resource is true";
        if kind.text().is_empty() { errors.required(&kind, why) } else { errors.invalid(&kind, why) }
    } else if kind.text().is_empty() && !is_true(at, INT_OR_STRING) && !is_true(at, PRESERVES) {
        errors.required(
            &kind,
            match level {
                Level::Root => "must not be empty at the root",
                Level::Item => "must not be empty for specified array items",
                Level::Field => "must not be empty for specified object fields",
            },
        );
    }
    if embedded && at.field("additionalProperties").is_set() {
        let why = "must not be used if x-kubernetes-embedded-resource is set";
        errors.forbidden(&at.field("additionalProperties"), why);
    }
    if level == Level::Root && !kind.text().is_empty() && kind.text() != "object" {
        errors.invalid(&kind, "must be object at the root");
    }
    if embedded && !is_true(at, PRESERVES) && !at.field("properties").is_filled() {
        let why =
            "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields";
        errors.required(&at.field("properties"), why);
    }
}

/// What every object has may be restricted a little only.
fn metadata(at: &At, level: Level, errors: &mut Errors) {
    if level != Level::Root && !is_true(at, EMBEDDED) {
        return;
    }
    let properties = at.field("properties");
    for name in ["kind", "apiVersion"] {
        let own = properties.key(name);
        if own.is_set() && own.field("type").text() != "string" {
            errors.invalid_as(&own.field("type"), &shown_text(own.field("type").text()), "must be string");
        }
    }
    let own = properties.key("metadata");
    if !own.is_set() {
        return;
    }
    if own.field("type").text() != "object" {
        errors.invalid_as(&own.field("type"), &shown_text(own.field("type").text()), "must be object");
    }
    let named = |key: &str| matches!(key, "name" | "generateName");
    let only_names = own.field("properties").keys().all(|(key, _)| named(key));
    let rest = own.value.as_map().into_iter().flat_map(|m| m.keys());
    if level == Level::Root
        && !(only_names && rest.into_iter().all(|k| matches!(&**k, "type" | "properties" | "default")))
    {
        let why = "must not specify anything other than name and generateName, but metadata is implicitly specified";
        errors.forbidden(&own, why);
    }
}

fn shown_text(text: &str) -> String {
    shown(&Value::from(text))
}

/// The alternatives that mean a number or a text need not be structural.
fn is_int_or_string(list: &Value) -> bool {
    let one = |kind: &str| Value::map([("type", Value::from(kind))]);
    list.items() == [one("integer"), one("string")]
}

fn values(at: &At, errors: &mut Errors) {
    for junctor in JUNCTORS {
        let list = at.field(junctor);
        if junctor == "anyOf" && is_int_or_string(list.value) {
            continue;
        }
        for (i, inner) in list.items().enumerate() {
            let first = junctor == "allOf" && i == 0 && is_int_or_string(inner.value.get("anyOf"));
            nested(&inner, first, errors);
        }
    }
    let not = at.field("not");
    if not.is_set() {
        nested(&not, false, errors);
    }
}

/// Within a junctor only values are restricted: what a field is, is said outside.
fn nested(at: &At, int_or_string: bool, errors: &mut Errors) {
    if !int_or_string {
        values(at, errors);
    }
    if at.field("items").is_set() {
        nested(&at.field("items"), false, errors);
    }
    for (_, property) in at.field("properties").keys() {
        nested(&property, false, errors);
    }
    let forbidden = [
        ("type", "must be empty to be structural"),
        ("additionalProperties", "must be undefined to be structural"),
        ("default", "must be undefined to be structural"),
        ("title", "must be empty to be structural"),
        ("description", "must be empty to be structural"),
        ("nullable", "must be false to be structural"),
        (PRESERVES, "must be false to be structural"),
        (EMBEDDED, "must be false to be structural"),
        (INT_OR_STRING, "must be false to be structural"),
        ("x-kubernetes-list-map-keys", "must be empty to be structural"),
        ("x-kubernetes-list-type", "must be undefined to be structural"),
        ("x-kubernetes-map-type", "must be undefined to be structural"),
        ("x-kubernetes-validations", "must be empty to be structural"),
    ];
    for (field, why) in forbidden {
        if at.field(field).is_filled() && at.value.get(field).as_bool() != Some(false) {
            errors.forbidden(&at.field(field), why);
        }
    }
    if at.field("properties").key("metadata").is_set() {
        errors.forbidden(&at.field("properties").key("metadata"), "must not be specified in a nested context");
    }
}

/// Each field that a junctor restricts is also said outside of it.
fn complete(values: &At, structure: &At, place: &At, errors: &mut Errors) {
    let mut each = |inner: &At| restricted(inner, structure, place, errors);
    for junctor in JUNCTORS {
        values.field(junctor).items().for_each(|inner| each(&inner));
    }
    if values.field("not").is_set() {
        each(&values.field("not"));
    }
}

fn restricted(inner: &At, structure: &At, place: &At, errors: &mut Errors) {
    complete(inner, structure, place, errors);
    let because = |at: &At| format!("because it is defined in {}", at.path());
    let items = inner.field("items");
    if items.is_set() {
        let place = place.field("items");
        match structure.field("items").is_set() {
            true => restricted(&items, &structure.field("items"), &place, errors),
            false => errors.required(&place, &because(&items)),
        }
    }
    for (key, property) in inner.field("properties").keys() {
        let (place, outer) = (place.field("properties"), structure.field("properties"));
        match outer.key(key).is_set() {
            true => restricted(&property, &outer.key(key), &place.key(key), errors),
            false => errors.required(&place.key(key), &because(&property)),
        }
    }
}

/// Defaults are of their own schema.
fn defaults(at: &At, errors: &mut Errors) {
    let default = at.field("default");
    if default.is_set() {
        let path = default.path();
        for mut cause in custom::check(at.value, default.value, None) {
            cause.field = if cause.field == "<nil>" { path.clone() } else { format!("{path}.{}", cause.field) };
            errors.0.push(cause);
        }
    }
    if at.field("items").is_set() {
        defaults(&at.field("items"), errors);
    }
    for (_, property) in at.field("properties").keys() {
        defaults(&property, errors);
    }
}

/// What of OpenAPI the server understands. `no_default` is set where defaults are forbidden, and says why.
fn understood(at: &At, (root, no_default): (bool, Option<&str>), errors: &mut Errors) {
    let kind = at.field("type");
    if kind.text() == "null" {
        errors.unsupported(&kind, &TYPES);
        errors.forbidden(&kind, "type cannot be set to null, use nullable as an alternative");
    } else if !kind.text().is_empty() && !TYPES.contains(&kind.text()) {
        errors.unsupported(&kind, &TYPES);
    }
    if let (Some(why), true) = (no_default, at.field("default").is_set()) {
        errors.forbidden(&at.field("default"), format!("must not be set {why}"));
    }
    for field in ["id", "additionalItems", "patternProperties", "definitions", "dependencies", "$ref"] {
        if at.field(field).is_filled() {
            errors.forbidden(&at.field(field), format!("{field} is not supported"));
        }
    }
    if is_true(at, "uniqueItems") {
        let why = "uniqueItems cannot be set to true since the runtime complexity becomes quadratic";
        errors.forbidden(&at.field("uniqueItems"), why);
    }
    let (more, properties) = (at.field("additionalProperties"), at.field("properties"));
    if more.is_set() && properties.is_filled() && more.value.as_bool() != Some(true) {
        errors.forbidden(&more, "additionalProperties and properties are mutual exclusive");
    }
    if more.value.as_map().is_some() {
        understood(&more, (false, no_default), errors);
    }
    for (key, property) in properties.keys() {
        let top = match key {
            "apiVersion" => Some("in top-level apiVersion"),
            "kind" => Some("in top-level kind"),
            "metadata" => Some("in top-level metadata"),
            _ => None,
        };
        understood(&property, (false, top.filter(|_| root).or(no_default)), errors);
    }
    if at.field("not").is_set() {
        understood(&at.field("not"), (false, no_default), errors);
    }
    for junctor in ["allOf", "oneOf", "anyOf"] {
        at.field(junctor).items().for_each(|inner| understood(&inner, (false, no_default), errors));
    }
    if at.field("items").is_set() {
        understood(&at.field("items"), (false, no_default), errors);
    }
    if at.value.get(PRESERVES).as_bool() == Some(false) {
        errors.invalid(&at.field(PRESERVES), "must be true or undefined");
    }
    lists_and_maps(at, errors);
    rules::written(at, errors);
}

fn lists_and_maps(at: &At, errors: &mut Errors) {
    let kind = at.field("type");
    for (mark, wanted, values) in [
        ("x-kubernetes-map-type", "object", &["atomic", "granular"][..]),
        ("x-kubernetes-list-type", "array", &["atomic", "set", "map"][..]),
    ] {
        let own = at.field(mark);
        if own.is_set() && kind.text() != wanted {
            let why = format!("must be {wanted} if {mark} is specified");
            if kind.text().is_empty() { errors.required(&kind, &why) } else { errors.invalid(&kind, why) }
        }
        if own.is_set() && !values.contains(&own.text()) {
            errors.unsupported(&own, values);
        }
    }
    let (list, keys, items) =
        (at.field("x-kubernetes-list-type"), at.field("x-kubernetes-list-map-keys"), at.field("items"));
    if keys.is_filled() && list.text() != "map" {
        let why = "must be map if x-kubernetes-list-map-keys is non-empty";
        if list.is_set() { errors.invalid(&list, why) } else { errors.required(&list, why) }
    }
    if list.text() != "map" {
        return;
    }
    if !keys.is_filled() {
        errors.required(&keys, "must not be empty if x-kubernetes-list-type is map");
    }
    if items.is_set() && items.field("type").text() != "object" {
        let shown = shown_text(items.field("type").text());
        let why = "must be object if parent array's x-kubernetes-list-type is map";
        return errors.invalid_as(&items.field("type"), &shown, why);
    }
    let properties = items.field("properties");
    for key in keys.value.items().iter().filter_map(Value::as_str) {
        let own = properties.key(key);
        if !own.is_set() {
            errors.invalid(&keys, "entries must all be names of item properties");
        } else if !items.value.get("required").items().contains(&key.into()) && own.value.get("default").is_null() {
            let why =
                "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property";
            errors.required(&own.field("default"), why);
        }
    }
}
