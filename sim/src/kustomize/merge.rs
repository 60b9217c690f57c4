//! A strategic merge as kustomize does it: what a patch adds to a list stands before what was there.
//!
//! kustomize: kyaml/yaml/merge2, kyaml/yaml/walk

use crate::schema::{Field, Type};
use crate::value::Value;

/// An object after a patch; none if the patch takes it away.
pub fn merge(api_version: &str, kind: &str, object: &Value, patch: &Value) -> Result<Option<Value>, String> {
    value(Type::of(api_version, kind), None, object, patch)
}

/// `Null` stands for what is not there, on either side.
fn value(of: Option<Type>, field: Option<Field>, old: &Value, patch: &Value) -> Result<Option<Value>, String> {
    let same = matches!(
        (old, patch),
        (Value::Null, _) | (_, Value::Null) | (Value::Map(_), Value::Map(_)) | (Value::List(_), Value::List(_))
    );
    let scalar = |v: &Value| v.as_map().is_none() && v.as_list().is_none();
    if !same && !(scalar(old) && scalar(patch)) {
        let name = |v: &Value| match v {
            Value::Map(_) => "MappingNode",
            Value::List(_) => "SequenceNode",
            _ => "ScalarNode",
        };
        return Err(format!("wrong node kind: expected {} but got {}", name(old), name(patch)));
    }
    match patch {
        Value::Map(_) => map(of, old, patch),
        Value::List(items) => list(of, field, old, items),
        Value::Null => Ok(None),
        _ => Ok(Some(patch.clone())),
    }
}

/// The word of a `$patch` in a map.
fn directive(patch: &Value) -> Result<&str, String> {
    match patch.get("$patch").as_str() {
        None => Ok("merge"),
        Some(word @ ("merge" | "replace" | "delete")) => Ok(word),
        Some(other) => Err(format!("unknown patch strategy '{other}'")),
    }
}

fn map(of: Option<Type>, old: &Value, patch: &Value) -> Result<Option<Value>, String> {
    let mut out = match directive(patch)? {
        "delete" => return Ok(None),
        "replace" => Value::empty_map(),
        _ if old.is_null() => Value::empty_map(),
        _ => old.clone(),
    };
    for (key, change) in patch.as_map().into_iter().flat_map(|m| m.iter()).filter(|(key, _)| &***key != "$patch") {
        let field = of.and_then(|t| t.field(key));
        match value(field.and_then(Field::element), field, out.get(key), change)? {
            Some(merged) => out.set(key, merged),
            None => _ = out.remove(key),
        }
    }
    Ok(Some(out))
}

fn list(of: Option<Type>, field: Option<Field>, old: &Value, patch: &[Value]) -> Result<Option<Value>, String> {
    let Some(key) = field.and_then(Field::merge_key) else { return Ok(Some(Value::list(patch.to_vec()))) };
    // An item that says nothing else is about the whole list.
    let alone = |item: &Value| item.as_map().is_some_and(|m| m.len() == 1 && m.contains("$patch"));
    let mut old = old.items().to_vec();
    if let Some(about) = patch.iter().find(|item| alone(item)) {
        match directive(about)? {
            "delete" => return Ok(None),
            "replace" => old.clear(),
            _ => {}
        }
    }
    let patch = patch.iter().filter(|item| !alone(item));
    if key.is_empty() {
        let mut out: Vec<Value> = vec![];
        for item in patch.chain(&old) {
            if !out.contains(item) {
                out.push(item.clone());
            }
        }
        return Ok(Some(Value::list(out)));
    }
    let keys: Vec<&str> = field.and_then(Field::list_keys).unwrap_or(key).split('+').collect();
    let mut first = vec![];
    for item in patch {
        let at = old.iter().position(|other| same_item(&keys, other, item));
        let merged = value(of, None, at.map_or(&Value::Null, |at| &old[at]), item)?;
        match (at, merged) {
            // Items told apart by one key move to the front with the patch, by several they keep their place.
            (Some(at), Some(merged)) if keys.len() > 1 => old[at] = merged,
            (Some(at), merged) => {
                old.remove(at);
                first.extend(merged);
            }
            (None, merged) => first.extend(merged),
        }
    }
    first.extend(old);
    Ok(Some(Value::list(first)))
}

/// Whether two items are the same thing: no key differs, where both have it, and one is equal.
fn same_item(keys: &[&str], a: &Value, b: &Value) -> bool {
    let differs = |key: &&str| !a.get(key).is_null() && !b.get(key).is_null() && a.get(key) != b.get(key);
    !keys.iter().any(differs) && keys.iter().any(|key| !a.get(key).is_null() && a.get(key) == b.get(key))
}
