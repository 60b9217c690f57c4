//! Strategic merge patches: lists of named things are merged by their key.
//!
//! Kubernetes 1.36: staging/src/k8s.io/apimachinery/pkg/util/strategicpatch/patch.go. Also the three-way patch that
//! `kubectl apply` makes.

use super::status::Status;
use crate::api::Kind;
use crate::schema::Type;
use crate::value::Value;

/// How a list is patched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Strategy {
    Replace,
    /// By the value of a key.
    Merge(&'static str),
    /// Plain values, as a set.
    Set,
}

/// The strategy of the list under `field` of a type. What has no type is replaced whole.
fn strategy(of: Option<Type>, field: &str) -> Strategy {
    match of.and_then(|t| t.field(field)).and_then(|f| f.merge_key()) {
        None => Strategy::Replace,
        Some("") => Strategy::Set,
        Some(key) => Strategy::Merge(key),
    }
}

/// The type of what is under `field`, or of the items there.
fn inner(of: Option<Type>, field: &str) -> Option<Type> {
    of?.field(field)?.element()
}

fn retains_keys(of: Option<Type>, field: &str) -> bool {
    of.and_then(|t| t.field(field)).is_some_and(|f| f.retains_keys())
}

/// The object after a strategic merge patch.
pub fn merge(kind: Kind, target: &Value, patch: &Value) -> Result<Value, Status> {
    merge_maps(Type::of_kind(kind), target, patch)
}

fn merge_maps(of: Option<Type>, target: &Value, patch: &Value) -> Result<Value, Status> {
    let Some(changes) = patch.as_map() else { return Ok(patch.clone()) };
    match patch.get("$patch").as_str() {
        Some("replace") => {
            let mut out = patch.clone();
            out.remove("$patch");
            return Ok(out);
        }
        Some("delete") => return Ok(Value::empty_map()),
        _ => {}
    }
    let mut out = if target.as_map().is_some() { target.clone() } else { Value::empty_map() };
    for (key, change) in changes.iter() {
        if let Some(list) = key.strip_prefix("$deleteFromPrimitiveList/") {
            let kept = out.get(list).items().iter().filter(|v| !change.items().contains(v)).cloned().collect();
            out.set(list, Value::list(kept));
        } else if key.starts_with('$') {
            continue;
        } else if change.is_null() {
            out.remove(key);
        } else if let Some(items) = change.as_list() {
            let merged = merge_lists(of, key, out.get(key), items)?;
            out.set(key, merged);
        } else {
            let merged = merge_maps(inner(of, key), out.get(key), change)?;
            out.set(key, merged);
        }
    }
    retain_keys(&mut out, patch);
    for (key, order) in changes.iter().filter_map(|(k, v)| Some((k.strip_prefix("$setElementOrder/")?, v))) {
        let sorted = ordered(strategy(of, key), out.get(key).items(), order.items(), target.get(key).items());
        if out.as_map().is_some_and(|m| m.contains(key)) {
            out.set(key, Value::list(sorted));
        }
    }
    Ok(out)
}

/// `$retainKeys`: of a union, only the named fields stay.
fn retain_keys(out: &mut Value, patch: &Value) {
    let Some(kept) = patch.get("$retainKeys").as_list() else { return };
    out.map_mut().retain(|key, _| kept.iter().any(|k| k.as_str() == Some(key)));
}

fn merge_lists(of: Option<Type>, field: &str, target: &Value, patch: &[Value]) -> Result<Value, Status> {
    let strategy = strategy(of, field);
    if strategy == Strategy::Replace {
        return Ok(Value::list(patch.to_vec()));
    }
    let mut out = target.items().to_vec();
    let replace = patch.iter().any(|item| item.get("$patch").as_str() == Some("replace"));
    if replace {
        out.clear();
    }
    for item in patch {
        let Strategy::Merge(key) = strategy else {
            if !out.contains(item) {
                out.push(item.clone());
            }
            continue;
        };
        match item.get("$patch").as_str() {
            Some("replace") => continue,
            Some("delete") => {
                out.retain(|x| x.get(key) != item.get(key));
                continue;
            }
            _ => {}
        }
        if item.get(key).is_null() {
            let why = format!("map: {} does not contain declared merge key: {key}", go_value(item));
            return Err(Status::new(500, "InternalError", why));
        }
        match out.iter_mut().find(|x| x.get(key) == item.get(key)) {
            Some(old) => *old = merge_maps(inner(of, field), old, item)?,
            None => out.push(merge_maps(inner(of, field), &Value::Null, item)?),
        }
    }
    Ok(Value::list(out))
}

/// Items in the order that the patch gives; those it does not name keep their place among the others.
fn ordered(strategy: Strategy, items: &[Value], order: &[Value], before: &[Value]) -> Vec<Value> {
    let id = |v: &Value| match strategy {
        Strategy::Merge(key) => v.get(key).clone(),
        _ => v.clone(),
    };
    let rank = |v: &Value| order.iter().position(|o| id(o) == id(v));
    let (mut named, others): (Vec<Value>, Vec<Value>) = items.iter().cloned().partition(|v| rank(v).is_some());
    named.sort_by_key(|v| rank(v));
    // The server's own items stand where they stood relative to their left neighbours.
    let mut out = named;
    for other in others {
        let place = before.iter().position(|v| id(v) == id(&other));
        let left = place.map_or(&before[..0], |p| &before[..p]);
        let at = left.iter().rev().find_map(|l| out.iter().position(|v| id(v) == id(l))).map_or(0, |p| p + 1);
        out.insert(if place.is_some() { at } else { out.len() }, other);
    }
    out
}

/// A value as Go prints it.
pub(super) fn go_value(value: &Value) -> String {
    match value {
        Value::Map(m) => {
            let parts: Vec<String> = m.iter().map(|(k, v)| format!("{k}:{}", go_value(v))).collect();
            format!("map[{}]", parts.join(" "))
        }
        Value::List(l) => format!("[{}]", l.iter().map(go_value).collect::<Vec<_>>().join(" ")),
        Value::Str(s) => s.to_string(),
        Value::Int(n) => n.to_string(),
        Value::Number(n) => n.to_string(),
        Value::Bool(b) => b.to_string(),
        Value::Null => "<nil>".into(),
    }
}

/// The patch that makes `current` what `wanted` says, taking away what `last` said and `wanted` no longer does.
/// An empty map if there is nothing to change.
pub fn three_way(kind: Kind, last: &Value, wanted: &Value, current: &Value) -> Value {
    difference(Type::of_kind(kind), last, wanted, current)
}

fn difference(of: Option<Type>, last: &Value, wanted: &Value, current: &Value) -> Value {
    let mut patch = Value::empty_map();
    let none = Default::default();
    for (key, value) in wanted.as_map().unwrap_or(&none).iter() {
        let (was, now) = (last.get(key), current.get(key));
        match (value, now) {
            (Value::Map(_), Value::Map(_)) => {
                let mut change = difference(inner(of, key), was, value, now);
                if change.as_map().is_some_and(|m| !m.is_empty()) {
                    if retains_keys(of, key) {
                        change.set("$retainKeys", keys_of(value));
                    }
                    patch.set(key, change);
                }
            }
            (Value::List(_), Value::List(_)) if strategy(of, key) != Strategy::Replace => {
                list_difference(of, key, (was, value, now), &mut patch);
            }
            _ if value == now => {}
            (Value::Null, _) if now.is_null() => {}
            _ => patch.set(key, value.clone()),
        }
    }
    for (key, _) in last.as_map().unwrap_or(&none).iter() {
        let gone = wanted.as_map().is_none_or(|m| !m.contains(key));
        if gone && current.as_map().is_some_and(|m| m.contains(key)) {
            patch.set(key, Value::Null);
        }
    }
    patch
}

/// The names of a map's entries that are not null.
fn keys_of(value: &Value) -> Value {
    let entries = value.as_map().into_iter().flat_map(|m| m.iter()).filter(|(_, v)| !v.is_null());
    Value::list(entries.map(|(k, _)| Value::Str(k.clone())).collect())
}

/// The difference of two lists that are merged by key or as sets.
fn list_difference(of: Option<Type>, field: &str, lists: (&Value, &Value, &Value), patch: &mut Value) {
    let (last, wanted, current) = lists;
    let Strategy::Merge(key) = strategy(of, field) else {
        let added: Vec<Value> = wanted.items().iter().filter(|v| !current.items().contains(v)).cloned().collect();
        let gone: Vec<Value> = last.items().iter().filter(|v| !wanted.items().contains(v)).cloned().collect();
        let gone: Vec<Value> = gone.into_iter().filter(|v| current.items().contains(v)).collect();
        if !gone.is_empty() {
            patch.set(&format!("$deleteFromPrimitiveList/{field}"), Value::list(gone));
        }
        if !added.is_empty() {
            patch.set(field, Value::list(added));
        }
        return;
    };
    let find = |list: &Value, item: &Value| list.items().iter().find(|x| x.get(key) == item.get(key)).cloned();
    let mut out = Vec::new();
    for item in wanted.items() {
        match find(current, item) {
            None => out.push(item.clone()),
            Some(now) => {
                let was = find(last, item).unwrap_or_default();
                let mut change = difference(inner(of, field), &was, item, &now);
                if change.as_map().is_some_and(|m| !m.is_empty()) {
                    if retains_keys(of, field) {
                        change.set("$retainKeys", keys_of(item));
                    }
                    change.set(key, item.get(key).clone());
                    out.push(change);
                }
            }
        }
    }
    for item in last.items() {
        if find(wanted, item).is_none() && find(current, item).is_some() {
            out.push(Value::map([("$patch", "delete".into()), (key, item.get(key).clone())]));
        }
    }
    let ids = |list: &Value| list.items().iter().map(|x| x.get(key).clone()).collect::<Vec<_>>();
    let moved = ids(wanted) != ids(current).into_iter().filter(|id| ids(wanted).contains(id)).collect::<Vec<_>>();
    if out.is_empty() && !moved {
        return;
    }
    if !out.is_empty() {
        patch.set(field, Value::list(out));
    }
    let order = ids(wanted).into_iter().map(|id| Value::map([(key, id)])).collect();
    patch.set(&format!("$setElementOrder/{field}"), Value::list(order));
}
