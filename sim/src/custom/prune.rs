//! Kubernetes 1.36: apiextensions-apiserver/pkg/apiserver/schema/pruning/algorithm.go, defaulting/prunenulls.go

use super::{of_field, preserves};
use crate::value::Value;

/// What every object has, whether its schema says so or not.
const META: [&str; 3] = ["apiVersion", "kind", "metadata"];

/// Takes away what a schema does not know of an object, and answers the paths of that, sorted.
pub fn unknown(object: &mut Value, schema: &Value) -> Vec<String> {
    let mut found = Vec::new();
    walk(object, schema, true, &mut Vec::new(), &mut found);
    found.sort();
    found
}

fn walk(value: &mut Value, schema: &Value, embedded: bool, path: &mut Vec<String>, found: &mut Vec<String>) {
    let keeps = preserves(schema);
    let embedded = embedded || schema.get("x-kubernetes-embedded-resource").as_bool() == Some(true);
    match value {
        Value::Map(_) => value.map_mut().retain(|key, value| {
            if embedded && META.contains(&key) {
                return true;
            }
            path.push(if path.is_empty() { key.to_string() } else { format!(".{key}") });
            let inner = of_field(schema, key);
            match inner {
                Some(inner) => walk(value, inner, false, path, found),
                None if keeps => {}
                None => found.push(path.concat()),
            }
            path.pop();
            inner.is_some() || keeps
        }),
        Value::List(_) if !schema.get("items").is_null() || !keeps => {
            for (i, item) in value.list_mut().iter_mut().enumerate() {
                path.push(format!("[{i}]"));
                walk(item, schema.get("items"), false, path, found);
                path.pop();
            }
        }
        _ => {}
    }
}

/// Takes away nulls where a schema allows none and says no default.
pub fn nulls(value: &mut Value, schema: &Value) {
    match value {
        Value::Map(_) => value.map_mut().retain(|key, value| {
            let Some(inner) = of_field(schema, key) else { return true };
            nulls(value, inner);
            !value.is_null() || inner.get("nullable").as_bool() == Some(true) || !inner.get("default").is_null()
        }),
        Value::List(_) => value.list_mut().iter_mut().for_each(|item| nulls(item, schema.get("items"))),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::{read, write};

    #[test]
    fn what_a_schema_does_not_know_goes() {
        let parse = |text: &str| read(text).documents[0].value.clone();
        let schema = parse(
            "properties:
  spec:
    properties:
      image: {type: string}
      list: {items: {properties: {a: {type: integer}}}}
      labels: {additionalProperties: {type: string}}
      any: {x-kubernetes-preserve-unknown-fields: true, properties: {known: {properties: {}}}}",
        );
        let check = |object: &str, unknown: &str, left: &str| {
            let mut value = parse(object);
            assert_eq!(super::unknown(&mut value, &schema).join(" "), unknown);
            nulls(&mut value, &schema);
            assert_eq!(write::json(&value, 0), left);
        };
        check(
            "{kind: X, spec: {image: a, foo: {b: 1}}, bar: 2}",
            "bar spec.foo",
            r#"{"kind":"X","spec":{"image":"a"}}"#,
        );
        check("spec: {list: [{a: 1}, {b: 2}]}", "spec.list[1].b", r#"{"spec":{"list":[{"a":1},{}]}}"#);
        check("spec: {labels: {x: z}, image: null}", "", r#"{"spec":{"labels":{"x":"z"}}}"#);
        check(
            "spec: {any: {a: {b: c}, known: {d: e}}}",
            "spec.any.known.d",
            r#"{"spec":{"any":{"a":{"b":"c"},"known":{}}}}"#,
        );
    }
}
