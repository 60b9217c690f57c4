//! What is wrong with an object by its schema.
//!
//! Kubernetes 1.36: kube-openapi/pkg/validation/validate, apiextensions-apiserver/pkg/apiserver/validation. What a change
//! leaves as it was is not blamed (ratcheting); the items of a list are compared only as a whole.

use super::number::Decimal;
use super::{format, pattern};
use crate::apiserver::StatusCause;
use crate::manifest::write::json;
use crate::value::{Map, Value};
use std::cmp::Ordering;

/// What is wrong with `value` by `schema`, in the order of the fields' names. `old` is what it was before, if it was there.
pub fn check(schema: &Value, value: &Value, old: Option<&Value>) -> Vec<StatusCause> {
    let mut report = Report::default();
    node(schema, value, old, "", &mut report);
    report.wrong
}

#[derive(Default)]
struct Report {
    wrong: Vec<StatusCause>,
    /// How many checks were made: of several alternatives the one with most is told of.
    made: usize,
}

impl Report {
    fn add(&mut self, reason: &'static str, path: &str, message: String) {
        let path = path.strip_prefix('.').unwrap_or(path);
        let field = if path.is_empty() { "<nil>" } else { path };
        self.wrong.push(StatusCause { reason, message, field: field.into() });
    }
    fn invalid(&mut self, path: &str, value: &Value, detail: &str) {
        let shown = match value {
            Value::Str(text) => format!("{text:?}"),
            value => json(value, 0),
        };
        self.add("FieldValueInvalid", path, format!("Invalid value: {shown}: {path} in body {detail}"));
    }
    /// `found` is the type that is there, or the text whose format is wrong.
    fn wrong_type(&mut self, path: &str, wanted: &str, found: &str) {
        let text = format!("Invalid value: {found:?}: {path} in body must be of type {wanted}: {found:?}");
        self.add("FieldValueTypeInvalid", path, text);
    }
    /// Of a junction: told of the object as a whole.
    fn junction(&mut self, path: &str, detail: &str) {
        self.add("FieldValueInvalid", "", format!("Invalid value: \"\": {path:?} {detail}"));
    }
    fn merge(&mut self, other: Report) {
        self.wrong.extend(other.wrong);
        self.made += other.made;
    }
}

fn node(schema: &Value, value: &Value, old: Option<&Value>, path: &str, report: &mut Report) {
    if old == Some(value) {
        return;
    }
    report.made += 1;
    let format = known_format(schema);
    types(schema, value, format, path, report);
    if value.is_null() {
        return one_of(schema, value, path, report);
    }
    junctions(schema, value, old, path, report);
    match value {
        Value::Str(content) => {
            text(schema, content, path, report);
            if let Some(format) = format.filter(|f| is_text_format(schema, f) && !format::fits(f, content)) {
                report.wrong_type(path, format, content);
            }
        }
        Value::Int(_) | Value::Number(_) => number(schema, value, format, path, report),
        _ => {}
    }
    if let Value::List(items) = value {
        list(schema, items, path, report);
    }
    one_of(schema, value, path, report);
    if let Value::Map(map) = value {
        object(schema, map, old, path, report);
    }
}

fn known_format(schema: &Value) -> Option<&str> {
    let kind = schema.get("type").as_str().unwrap_or("");
    schema.get("format").as_str().filter(|format| format::is_known(format, kind))
}

fn is_text_format(schema: &Value, format: &str) -> bool {
    format::is_known(format, "string") && schema.get("type").as_str().is_none_or(|kind| kind == "string")
}

/// The types that a value may have; none if any.
fn allowed(schema: &Value) -> Vec<&str> {
    if schema.get("x-kubernetes-int-or-string").as_bool() == Some(true) {
        return vec!["integer", "string"];
    }
    schema.get("type").as_str().into_iter().collect()
}

fn types(schema: &Value, value: &Value, format: Option<&str>, path: &str, report: &mut Report) {
    let allowed = allowed(schema);
    let joined = allowed.join(",");
    if allowed.is_empty() {
        return;
    }
    let found = match value {
        Value::Null if schema.get("nullable").as_bool() == Some(true) => return,
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Int(_) => "integer",
        Value::Number(_) => "number",
        Value::Str(_) => "string",
        Value::List(_) => "array",
        Value::Map(_) => "object",
    };
    let numeric = allowed.iter().any(|t| matches!(*t, "number" | "integer"));
    if format.is_some() && !numeric && matches!(found, "string" | "array") {
        return;
    }
    let whole = || Decimal::of(value).is_some_and(Decimal::is_whole);
    let near = match found {
        "integer" => allowed.contains(&"number"),
        "number" => allowed.contains(&"integer") && whole(),
        _ => false,
    };
    if !near && !allowed.contains(&found) {
        report.wrong_type(path, &joined, found);
    }
}

fn junctions(schema: &Value, value: &Value, old: Option<&Value>, path: &str, report: &mut Report) {
    let each = |list: &str| -> Vec<Report> {
        let of = schema.get(list).items().iter();
        of.map(|inner| {
            let mut report = Report::default();
            node(inner, value, old, path, &mut report);
            report
        })
        .collect()
    };
    let any = each("anyOf");
    if !any.is_empty() && any.iter().all(|r| !r.wrong.is_empty()) {
        report.junction(path, "must validate at least one schema (anyOf)");
        report.merge(best(any));
    }
    let one = each("oneOf");
    let valid = one.iter().filter(|r| r.wrong.is_empty()).count();
    if !one.is_empty() && valid != 1 {
        let found = if valid == 0 { "Found none valid".into() } else { format!("Found {valid} valid alternatives") };
        report.junction(path, &format!("must validate one and only one schema (oneOf). {found}"));
        if valid == 0 {
            report.merge(best(one));
        }
    }
    let all = each("allOf");
    let (count, valid) = (all.len(), all.iter().filter(|r| r.wrong.is_empty()).count());
    all.into_iter().for_each(|r| report.merge(r));
    if valid < count {
        let none = if valid == 0 { ". None validated" } else { "" };
        report.junction(path, &format!("must validate all the schemas (allOf){none}"));
    }
    if !schema.get("not").is_null() {
        let mut inner = Report::default();
        node(schema.get("not"), value, old, path, &mut inner);
        if inner.wrong.is_empty() {
            report.junction(path, "must not validate the schema (not)");
        }
    }
}

/// The first of those in which most was checked.
fn best(reports: Vec<Report>) -> Report {
    let most = reports.iter().map(|r| r.made).max().unwrap_or(0);
    reports.into_iter().find(|r| r.made == most).unwrap_or_default()
}

fn text(schema: &Value, content: &str, path: &str, report: &mut Report) {
    let length = content.chars().count() as i64;
    let value = Value::from(content);
    if let Some(most) = schema.get("maxLength").as_int().filter(|most| length > *most) {
        return report.add(
            "FieldValueTooLong",
            path,
            format!("Too long: may not be more than {most} byte{}", plural(most)),
        );
    }
    if let Some(least) = schema.get("minLength").as_int().filter(|least| length < *least) {
        return report.invalid(path, &value, &format!("should be at least {least} chars long"));
    }
    if let Some(wanted) = schema.get("pattern").as_str()
        && pattern::fits(wanted, content) == Some(false)
    {
        report.invalid(path, &value, &format!("should match '{wanted}'"));
    }
}

fn number(schema: &Value, value: &Value, format: Option<&str>, path: &str, report: &mut Report) {
    if format == Some("int32") && value.as_int().is_some_and(|n| i32::try_from(n).is_err()) {
        let text = format!("Checked value must be of type integer with format int32 in {path}");
        report.add("FieldValueInvalid", "", format!("Invalid value: \"\": {text}"));
    }
    let Some(own) = Decimal::of(value) else { return };
    let bound = |name: &str| Some((Decimal::of(schema.get(name))?, json(schema.get(name), 0)));
    let exclusive = |name: &str| schema.get(name).as_bool() == Some(true);
    if let Some((factor, shown)) = bound("multipleOf")
        && !own.is_multiple_of(factor)
    {
        report.invalid(path, value, &format!("should be a multiple of {shown}"));
    }
    let limits = [
        ("minimum", "exclusiveMinimum", Ordering::Less, "greater than"),
        ("maximum", "exclusiveMaximum", Ordering::Greater, "less than"),
    ];
    for (name, open, beyond, words) in limits {
        let Some((limit, shown)) = bound(name) else { continue };
        let order = own.compare(limit);
        let equal = if exclusive(open) { "" } else { " or equal to" };
        if order == beyond || (exclusive(open) && order == Ordering::Equal) {
            report.invalid(path, value, &format!("should be {words}{equal} {shown}"));
        }
    }
}

fn list(schema: &Value, items: &[Value], path: &str, report: &mut Report) {
    if !schema.get("items").is_null() {
        for (i, item) in items.iter().enumerate() {
            node(schema.get("items"), item, None, &format!("{path}[{i}]"), report);
        }
    }
    let size = items.len() as i64;
    if let Some(least) = schema.get("minItems").as_int().filter(|least| size < *least) {
        report.invalid(path, &Value::Int(size), &format!("should have at least {least} items"));
    }
    if let Some(most) = schema.get("maxItems").as_int().filter(|most| size > *most) {
        report.add("FieldValueTooMany", path, too_many(size, most));
    }
    match schema.get("x-kubernetes-list-type").as_str() {
        Some("set") => twice(items, path, Value::clone, report),
        Some("map") => {
            let keys = schema.get("x-kubernetes-list-map-keys").items();
            let names: Vec<&str> = keys.iter().filter_map(Value::as_str).collect();
            let key = |item: &Value| {
                let present = names.iter().filter(|name| !item.get(name).is_null());
                Value::map(present.map(|name| (*name, item.get(name).clone())))
            };
            twice(items, path, key, report);
        }
        _ => {}
    }
}

fn too_many(size: i64, most: i64) -> String {
    format!("Too many: {size}: must have at most {most} item{}", plural(most))
}

fn plural(count: i64) -> &'static str {
    if count == 1 { "" } else { "s" }
}

/// Tells of what stands in a list for the second time.
fn twice(items: &[Value], path: &str, key: impl Fn(&Value) -> Value, report: &mut Report) {
    let keys: Vec<Value> = items.iter().map(key).collect();
    for (i, own) in keys.iter().enumerate() {
        if keys[..i].iter().filter(|other| *other == own).count() == 1 {
            let shown = json(own, 0);
            report.add("FieldValueDuplicate", &format!("{path}[{i}]"), format!("Duplicate value: {shown}"));
        }
    }
}

fn one_of(schema: &Value, value: &Value, path: &str, report: &mut Report) {
    let Some(allowed) = schema.get("enum").as_list() else { return };
    if allowed.contains(value) || (value.is_null() && schema.get("nullable").as_bool() == Some(true)) {
        return;
    }
    let shown = |v: &Value| match v {
        Value::Str(text) => format!("{text:?}"),
        v => format!("{:?}", json(v, 0)),
    };
    let own = match value {
        Value::Str(text) => format!("{text:?}"),
        v => json(v, 0),
    };
    let list = allowed.iter().map(shown).collect::<Vec<_>>().join(", ");
    report.add("FieldValueNotSupported", path, format!("Unsupported value: {own}: supported values: {list}"));
}

fn object(schema: &Value, map: &Map, old: Option<&Value>, path: &str, report: &mut Report) {
    let size = map.len() as i64;
    if let Some(least) = schema.get("minProperties").as_int().filter(|least| size < *least) {
        report.invalid(path, &Value::Int(size), &format!("should have at least {least} properties"));
    }
    if let Some(most) = schema.get("maxProperties").as_int().filter(|most| size > *most) {
        report.add("FieldValueTooMany", path, too_many(size, most));
    }
    for (key, value) in map.iter() {
        let inner = if path.is_empty() { key.to_string() } else { format!("{path}.{key}") };
        let before = old.and_then(|o| o.as_map()).and_then(|m| m.get(key));
        if let Some(of) = super::of_field(schema, key) {
            node(of, value, before, &inner, report);
        }
    }
    for key in schema.get("required").items().iter().filter_map(Value::as_str) {
        if !map.contains(key) {
            report.add("FieldValueRequired", &format!("{path}.{key}"), "Required value".into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Value {
        crate::manifest::read(text).documents[0].value.clone()
    }

    fn told(schema: &str, object: &str, old: Option<&str>) -> String {
        let old = old.map(parse);
        let wrong = super::check(&parse(&format!("properties: {{a: {schema}}}")), &parse(object), old.as_ref());
        wrong.iter().map(|c| format!("{}: {}", c.field, c.message)).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn values_are_checked_as_the_server_does() {
        let check =
            |schema: &str, object: &str, expect: &str| assert_eq!(told(schema, object, None), expect, "{schema}");
        check("{type: integer}", "a: x", r#"a: Invalid value: "string": a in body must be of type integer: "string""#);
        check(
            "{type: integer}",
            "a: 1.5",
            r#"a: Invalid value: "number": a in body must be of type integer: "number""#,
        );
        check("{type: number}", "a: 1", "");
        check(
            "{x-kubernetes-int-or-string: true}",
            "a: []",
            r#"a: Invalid value: "array": a in body must be of type integer,string: "array""#,
        );
        check(
            "{type: integer, maximum: 10}",
            "a: 11",
            "a: Invalid value: 11: a in body should be less than or equal to 10",
        );
        check(
            "{type: number, minimum: 0.5, exclusiveMinimum: true}",
            "a: 0.5",
            "a: Invalid value: 0.5: a in body should be greater than 0.5",
        );
        check("{type: string, pattern: '^x$'}", "a: z", r#"a: Invalid value: "z": a in body should match '^x$'"#);
        check("{type: string, maxLength: 1}", "a: yy", "a: Too long: may not be more than 1 byte");
        check("{type: string, enum: [b, c]}", "a: z", r#"a: Unsupported value: "z": supported values: "b", "c""#);
        check("{type: object, required: [b]}", "a: {}", "a.b: Required value");
        check(
            "{type: array, maxItems: 1, items: {type: string}}",
            "a: [b, c]",
            "a: Too many: 2: must have at most 1 item",
        );
        check(
            "{type: array, x-kubernetes-list-type: set, items: {type: string}}",
            "a: [b, b]",
            r#"a[1]: Duplicate value: "b""#,
        );
        check(
            "{type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [k]}",
            "a: [{k: 1}, {k: 1, v: 2}]",
            r#"a[1]: Duplicate value: {"k":1}"#,
        );
        check(
            "{type: string, format: date}",
            "a: today",
            r#"a: Invalid value: "today": a in body must be of type date: "today""#,
        );
        check(
            "{oneOf: [{required: [b]}, {required: [c]}]}",
            "a: {b: 1, c: 2}",
            r#"<nil>: Invalid value: "": "a" must validate one and only one schema (oneOf). Found 2 valid alternatives"#,
        );
        check(
            "{type: object, additionalProperties: {type: integer}}",
            "a: {b: x}",
            r#"a.b: Invalid value: "string": a.b in body must be of type integer: "string""#,
        );
    }

    #[test]
    fn what_stays_as_it_was_is_not_blamed() {
        let schema = "{type: object, properties: {b: {type: integer, maximum: 1}, c: {type: integer, maximum: 1}}}";
        assert_eq!(told(schema, "a: {b: 5, c: 1}", Some("a: {b: 5, c: 0}")), "");
        let expect = "a.c: Invalid value: 7: a.c in body should be less than or equal to 1";
        assert_eq!(told(schema, "a: {b: 5, c: 7}", Some("a: {b: 5, c: 0}")), expect);
    }
}
