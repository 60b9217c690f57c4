//! Patches: JSON patch, merge patch, strategic merge patch.
//!
//! RFC 6902, RFC 7386. Kubernetes 1.36: staging/src/k8s.io/apiserver/pkg/endpoints/handlers/patch.go

use super::status::Status;
use super::strategic;
use crate::api::Kind;
use crate::value::Value;

/// A patch, of one of three kinds.
#[derive(Clone, Debug)]
pub enum Patch {
    Json(Value),
    Merge(Value),
    Strategic(Value),
}

/// The object after the patch.
pub fn apply(kind: Kind, object: &Value, patch: &Patch) -> Result<Value, Status> {
    match patch {
        Patch::Json(operations) => json_patch(object, operations),
        Patch::Merge(patch) => Ok(merge(object, patch)),
        Patch::Strategic(patch) => strategic::merge(kind, object, patch),
    }
}

/// A merge patch: null deletes, maps merge, all else replaces.
pub fn merge(target: &Value, patch: &Value) -> Value {
    let Some(changes) = patch.as_map() else { return patch.clone() };
    let mut out = if target.as_map().is_some() { target.clone() } else { Value::empty_map() };
    for (key, change) in changes.iter() {
        if change.is_null() {
            out.remove(key);
        } else {
            let merged = merge(out.get(key), change);
            out.set(key, merged);
        }
    }
    out
}

fn json_patch(object: &Value, operations: &Value) -> Result<Value, Status> {
    let Some(operations) = operations.as_list() else {
        return Err(Status::bad_request(
            "error decoding patch: json: cannot unmarshal object into Go value of type jsonpatch.Patch",
        ));
    };
    let mut out = object.clone();
    for operation in operations {
        step(&mut out, operation).map_err(|why| Status::new(422, "Invalid", why))?;
    }
    Ok(out)
}

/// The error of a path that leads nowhere.
fn missing(path: &str) -> String {
    format!("doc is missing path: {path}: missing value")
}

fn step(out: &mut Value, operation: &Value) -> Result<(), String> {
    let text = |key: &str| operation.get(key).as_str().unwrap_or("").to_string();
    let (op, path, from) = (text("op"), text("path"), text("from"));
    let value = operation.get("value").clone();
    let rejected = "the server rejected our request due to an error in our request".to_string();
    match op.as_str() {
        "add" => add(out, &path, value).ok_or_else(|| format!("add operation does not apply: {}", missing(&path))),
        "remove" => take(out, &path)
            .map(|_| ())
            .ok_or_else(|| format!("remove operation does not apply: {}", missing_key(&path))),
        "replace" => {
            let place =
                find_mut(out, &path).ok_or_else(|| format!("replace operation does not apply: {}", missing(&path)))?;
            *place = value;
            Ok(())
        }
        "move" => {
            let moved = take(out, &from).ok_or_else(|| format!("move operation does not apply: {}", missing(&from)))?;
            add(out, &path, moved).ok_or(rejected)
        }
        "copy" => {
            let copied = find(out, &from).cloned().ok_or_else(|| missing(&from))?;
            add(out, &path, copied).ok_or(rejected)
        }
        "test" if find(out, &path) == Some(&value) => Ok(()),
        "test" => Err(format!("testing path {path} failed: test failed")),
        _ => Err(format!("Unexpected kind: {op}")),
    }
}

fn missing_key(path: &str) -> String {
    format!("unable to remove nonexistent key: {}: missing value", path.rsplit('/').next().unwrap_or(path))
}

fn tokens(path: &str) -> impl Iterator<Item = String> {
    path.split('/').skip(1).map(|t| t.replace("~1", "/").replace("~0", "~"))
}

fn find<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    tokens(path).try_fold(value, |v, token| match v {
        Value::Map(m) => m.get(&token),
        Value::List(l) => l.get(token.parse::<usize>().ok()?),
        _ => None,
    })
}

fn find_mut<'a>(value: &'a mut Value, path: &str) -> Option<&'a mut Value> {
    find(value, path)?;
    Some(tokens(path).fold(value, |v, token| match v {
        Value::List(_) => {
            let i: usize = token.parse().expect("found before");
            &mut v.list_mut()[i]
        }
        _ => v.map_mut().entry(&token),
    }))
}

fn add(value: &mut Value, path: &str, item: Value) -> Option<()> {
    let Some((parent, _)) = path.rsplit_once('/') else {
        *value = item;
        return Some(());
    };
    let last = tokens(path).last()?;
    match find_mut(value, parent)? {
        list @ Value::List(_) => {
            let list = list.list_mut();
            let at = if last == "-" { list.len() } else { last.parse().ok()? };
            (at <= list.len()).then(|| list.insert(at, item))
        }
        map @ Value::Map(_) => {
            map.set(&last, item);
            Some(())
        }
        _ => None,
    }
}

fn take(value: &mut Value, path: &str) -> Option<Value> {
    find(value, path)?;
    let (parent, _) = path.rsplit_once('/')?;
    let last = tokens(path).last()?;
    match find_mut(value, parent)? {
        list @ Value::List(_) => Some(list.list_mut().remove(last.parse().ok()?)),
        map => map.remove(&last),
    }
}
