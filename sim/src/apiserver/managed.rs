//! Who manages which field: kept for what users write, asked when they apply on the server.
//!
//! Kubernetes 1.36: staging/src/k8s.io/apimachinery/pkg/util/managedfields, sigs.k8s.io/structured-merge-diff. Not simulated:
//! what components write is nobody's here, so that controllers never conflict with users; statuses; lists of custom kinds
//! item by item.

use super::status::Status;
use super::strategic;
use crate::api::{Field as _, Kind, Object, Stamp};
use crate::manifest::write::json;
use crate::schema::{Field, Shape, Type};
use crate::value::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Who writes, and how. Without a name, nobody is noted.
#[derive(Clone, Debug, Default)]
pub struct Manager {
    pub name: Rc<str>,
    /// By a server-side apply.
    pub applies: bool,
    /// `scale`, or empty.
    pub subresource: &'static str,
}

/// From the root to a field: `f:spec`, `k:{"name":"web"}`, `v:"x"`.
type Path = Vec<Rc<str>>;
type Leaves = BTreeMap<Path, Value>;

/// Fields of `metadata` that nobody manages.
const OWN: [&str; 9] = [
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generation",
    "managedFields",
    "name",
    "namespace",
    "resourceVersion",
    "uid",
];
/// Types that are managed as a whole, and maps.
const ATOMIC: [&str; 9] = [
    "LabelSelector",
    "NodeSelector",
    "NodeSelectorTerm",
    "ObjectReference",
    "LocalObjectReference",
    "ConfigMapKeySelector",
    "SecretKeySelector",
    "ObjectFieldSelector",
    "ResourceFieldSelector",
];
const ATOMIC_MAPS: [&str; 2] = ["nodeSelector", "selector"];

/// The fields of an object with their values, and what is wrong with it.
fn leaves(kind: Kind, value: &Value, applied: bool) -> (Leaves, Vec<String>) {
    let mut out = Gather { leaves: Leaves::new(), wrong: Vec::new(), applied };
    let version = value.get("apiVersion").as_str().map_or_else(|| kind.api_version(), String::from);
    let root = Type::of(&version, kind.name()).or_else(|| Type::of_kind(kind));
    let mut own = value.clone();
    ["apiVersion", "kind", "status"].iter().for_each(|field| _ = own.remove(field));
    if own.get("metadata").as_map().is_some() {
        OWN.iter().for_each(|field| _ = own.at_mut(&["metadata"]).remove(field));
        if own.get("metadata").as_map().is_some_and(|m| m.is_empty()) {
            own.remove("metadata");
        }
    }
    match root {
        Some(root) => out.fields(root, &own, &mut vec![]),
        None => {
            let metadata = own.remove("metadata").map(|metadata| Value::map([("metadata", metadata)]));
            out.fields(Type::of_any(), &metadata.unwrap_or_default(), &mut vec![]);
            out.untyped(&own, &mut vec![]);
        }
    }
    (out.leaves, out.wrong)
}

struct Gather {
    leaves: Leaves,
    /// Fields that the type does not have, and values of other types, as errors tell of them.
    wrong: Vec<String>,
    applied: bool,
}

impl Gather {
    fn fields(&mut self, of: Type, value: &Value, path: &mut Path) {
        for (name, value) in value.as_map().into_iter().flat_map(|m| m.iter()) {
            path.push(format!("f:{name}").into());
            match of.field(name) {
                Some(field) => self.field(field, value, path),
                None => self.wrong.push(format!("{}: {UNKNOWN}", shown(path))),
            }
            path.pop();
        }
    }

    /// Fields of a custom kind: maps are managed key by key, all else as a whole.
    fn untyped(&mut self, value: &Value, path: &mut Path) {
        for (name, value) in value.as_map().into_iter().flat_map(|m| m.iter()) {
            path.push(format!("f:{name}").into());
            let inner = value.as_map().is_some_and(|m| !m.is_empty());
            if !inner || !self.applied {
                self.leaves.insert(path.clone(), if inner { Value::Null } else { value.clone() });
            }
            if inner {
                self.untyped(value, path);
            }
            path.pop();
        }
    }

    fn field(&mut self, field: Field, value: &Value, path: &mut Path) {
        if let Some(why) = misfit(field.shape(), value) {
            self.wrong.push(format!("{}: {why}", shown(path)));
        }
        let empty = value.as_map().is_some_and(|m| m.is_empty()) || value.as_list().is_some_and(|l| l.is_empty());
        match field.shape() {
            Shape::Struct(of) if !empty && value.as_map().is_some() && !ATOMIC.contains(&of.name()) => {
                if field.is_pointer() && !self.applied {
                    self.leaves.insert(path.clone(), Value::Null);
                }
                self.fields(of, value, path);
            }
            Shape::Map(_) if !empty && value.as_map().is_some() && !ATOMIC_MAPS.contains(&field.name) => {
                if !self.applied {
                    self.leaves.insert(path.clone(), Value::Null);
                }
                for (name, value) in value.as_map().into_iter().flat_map(|m| m.iter()) {
                    path.push(format!("f:{name}").into());
                    self.leaves.insert(path.clone(), value.clone());
                    path.pop();
                }
            }
            Shape::List(_) if !empty && field.list_keys().is_some() => {
                if !self.applied {
                    self.leaves.insert(path.clone(), Value::Null);
                }
                for item in value.items() {
                    path.push(key(field, item));
                    self.leaves.insert(path.clone(), Value::Null);
                    if let Some(of) = field.element() {
                        self.fields(of, item, path);
                    }
                    path.pop();
                }
            }
            Shape::List(_) if !empty && field.merge_key() == Some("") => {
                for item in value.items() {
                    path.push(format!("v:{}", json(item, 0)).into());
                    self.leaves.insert(path.clone(), item.clone());
                    path.pop();
                }
            }
            _ => _ = self.leaves.insert(path.clone(), value.clone()),
        }
    }
}

const UNKNOWN: &str = "field not declared in schema";

/// Why a value cannot be that of a field, as Go tells of it.
fn misfit(shape: Shape, value: &Value) -> Option<String> {
    let wanted = match (shape, value) {
        (_, Value::Null) => return None,
        (Shape::Struct(_) | Shape::Map(_), value) if value.as_map().is_none() => "map",
        (Shape::List(_), value) if value.as_list().is_none() => "list",
        (Shape::Bool, value) if value.as_bool().is_none() => "boolean",
        (Shape::Int32 | Shape::Int64 | Shape::Float, Value::Int(_) | Value::Number(_)) => return None,
        (Shape::Int32 | Shape::Int64 | Shape::Float, value) => {
            let found = match value {
                Value::Map(_) => "map[string]interface {}",
                Value::List(_) => "[]interface {}",
                value => value.json_type(),
            };
            return Some(format!("expected numeric (int or float), got {found}"));
        }
        _ => return None,
    };
    Some(format!("expected {wanted}, got &{{{}}}", strategic::go_value(value)))
}

/// `k:{"containerPort":80,"protocol":"TCP"}`.
fn key(field: Field, item: &Value) -> Rc<str> {
    let keys = field.list_keys().unwrap_or("").split('+');
    let entries = keys.filter_map(|name| match item.get(name) {
        Value::Null if name == "protocol" => Some((name, Value::from("TCP"))),
        Value::Null => None,
        value => Some((name, value.clone())),
    });
    format!("k:{}", json(&Value::map(entries), 0)).into()
}

/// A path as errors write it: `.spec.containers[name="web"].image`.
fn shown(path: &[Rc<str>]) -> String {
    let mut out = String::new();
    for step in path {
        let rest = &step[2..];
        match &step[..2] {
            "f:" => out += &format!(".{rest}"),
            "v:" => out += &format!("[={rest}]"),
            _ => {
                let keys = crate::manifest::json::parse(rest).unwrap_or_default();
                let keys = keys.as_map().into_iter().flat_map(|m| m.iter());
                let keys: Vec<String> = keys.map(|(k, v)| format!("{k}={}", json(v, 0))).collect();
                out += &format!("[{}]", keys.join(","));
            }
        }
    }
    out
}

/// A set of fields as `fieldsV1` writes it.
fn written(set: &BTreeSet<Path>) -> Value {
    let mut out = Value::empty_map();
    for path in set {
        let steps: Vec<&str> = path.iter().map(|s| &**s).collect();
        let node = out.at_mut(&steps);
        // Paths come sorted: what is below a node comes after it.
        if node.is_null() {
            *node = Value::empty_map();
        }
    }
    for path in set {
        let steps: Vec<&str> = path.iter().map(|s| &**s).collect();
        if out.at(&steps).as_map().is_some_and(|m| !m.is_empty()) {
            out.at_mut(&steps).set(".", Value::empty_map());
        }
    }
    out
}

fn read(fields: &Value, path: &mut Path, out: &mut BTreeSet<Path>) {
    let Some(map) = fields.as_map() else { return };
    if map.is_empty() && !path.is_empty() {
        out.insert(path.clone());
    }
    for (step, below) in map.iter() {
        if &**step == "." {
            out.insert(path.clone());
            continue;
        }
        path.push(step.clone());
        read(below, path, out);
        path.pop();
    }
}

fn set_of(entry: &Value) -> BTreeSet<Path> {
    let mut out = BTreeSet::new();
    read(entry.get("fieldsV1"), &mut vec![], &mut out);
    out
}

fn is_of(entry: &Value, manager: &Manager) -> bool {
    let operation = if manager.applies { "Apply" } else { "Update" };
    entry.get("manager").as_str() == Some(&manager.name)
        && entry.get("operation").as_str() == Some(operation)
        && entry.get("subresource").as_str().unwrap_or("") == manager.subresource
}

/// `managedFields` of an object after a manager has written it. `applied` is what a server-side apply said.
pub(super) fn after(
    old: Option<&Object>,
    new: &Object,
    manager: &Manager,
    applied: Option<&Value>,
    now: Stamp,
) -> Value {
    let before = old.map(|o| leaves(o.kind, &o.write(), false).0).unwrap_or_default();
    let here = leaves(new.kind, &new.write(), false).0;
    let changed: BTreeSet<Path> =
        here.iter().filter(|(path, value)| before.get(*path) != Some(value)).map(|(path, _)| path.clone()).collect();
    let mut entries: Vec<Value> = Vec::new();
    let mut mine = match applied {
        Some(applied) => leaves(new.kind, applied, true).0.into_keys().collect(),
        None => changed.clone(),
    };
    let mut had = None;
    for entry in new.meta.managed_fields.items() {
        let set = set_of(entry);
        if is_of(entry, manager) {
            if applied.is_none() {
                mine.extend(set.iter().filter(|path| here.contains_key(*path)).cloned());
            }
            had = Some((entry.clone(), set));
            continue;
        }
        let left: BTreeSet<Path> =
            set.iter().filter(|p| here.contains_key(*p) && !changed.contains(*p)).cloned().collect();
        if !left.is_empty() {
            let mut entry = entry.clone();
            if left != set {
                entry.set("fieldsV1", written(&left));
            }
            entries.push(entry);
        }
    }
    match had {
        Some((entry, set)) if set == mine => entries.push(entry),
        _ if mine.is_empty() => {}
        _ => entries.push(entry(new, manager, &mine, now)),
    }
    entries.sort_by_key(|e| {
        let text = |field: &str| e.get(field).as_str().unwrap_or("").to_string();
        (text("operation"), text("time"), text("manager"))
    });
    if entries.is_empty() { Value::Null } else { Value::list(entries) }
}

fn entry(new: &Object, manager: &Manager, set: &BTreeSet<Path>, now: Stamp) -> Value {
    let mut entry = Value::map([
        ("apiVersion", Value::from(new.kind.api_version())),
        ("fieldsType", "FieldsV1".into()),
        ("fieldsV1", written(set)),
        ("manager", Value::Str(manager.name.clone())),
        ("operation", if manager.applies { "Apply" } else { "Update" }.into()),
        ("time", now.write()),
    ]);
    if !manager.subresource.is_empty() {
        entry.set("subresource", manager.subresource.into());
    }
    entry
}

/// Refuses fields that the kind does not have, and values of other types; `more` are fields that a custom kind's schema does
/// not know.
pub(super) fn check(kind: Kind, namespace: &str, applied: &Value, more: Vec<String>) -> Result<(), Status> {
    let mut wrong = leaves(kind, applied, true).1;
    wrong.extend(more.into_iter().map(|path| format!("{path}: {UNKNOWN}")));
    let why = match &wrong[..] {
        [] => return Ok(()),
        [one] => one.clone(),
        many => format!("errors:\n{}", many.iter().map(|told| format!("  {told}\n")).collect::<String>()),
    };
    let (name, of) = called(kind, namespace, applied);
    Err(Status::new(500, "", format!("failed to create typed patch object ({name}; {of}): {why}")))
}

/// An object that is applied, and its kind, as errors call them.
fn called(kind: Kind, namespace: &str, applied: &Value) -> (String, String) {
    let name = applied.at(&["metadata", "name"]).as_str().unwrap_or("");
    let name = if namespace.is_empty() { name.to_string() } else { format!("{namespace}/{name}") };
    (name, format!("{}/{}, Kind={}", kind.group(), kind.resource().version, kind.name()))
}

/// The refusal of an object that is well as far as its fields go, but that its Go type cannot hold.
pub(super) fn unconverted(kind: Kind, namespace: &str, applied: &Value, refusal: Status) -> Status {
    let (name, of) = called(kind, namespace, applied);
    let why = refusal.message.split_once(": ").map_or("", |(_, why)| why);
    let decoding = if why.starts_with("illegal base64") { "error decoding from json: " } else { "" };
    let to = format!("to proper version: unable to convert unstructured object to {of}: {decoding}{why}");
    Status::new(500, "", format!("failed to convert new object ({name}; {of}) {to}"))
}

/// Refuses to change what others manage.
pub(super) fn conflicts(old: &Object, applied: &Value, manager: &Manager) -> Result<(), Status> {
    let (live, wanted) = (leaves(old.kind, &old.write(), false).0, leaves(old.kind, applied, true).0);
    let differ: Vec<&Path> = wanted.iter().filter(|(p, v)| live.get(*p) != Some(v)).map(|(p, _)| p).collect();
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for entry in old.meta.managed_fields.items().iter().filter(|e| !is_of(e, manager)) {
        let set = set_of(entry);
        let text = |field: &str| entry.get(field).as_str().unwrap_or("");
        let mut who = format!("\"{}\"", text("manager"));
        if !text("subresource").is_empty() {
            who += &format!(" with subresource \"{}\"", text("subresource"));
        }
        if text("operation") == "Update" {
            who += &format!(" using {}", text("apiVersion"));
        }
        let own = differ.iter().filter(|path| set.contains(**path)).map(|path| shown(path));
        found.entry(who).or_default().extend(own);
    }
    found.retain(|_, paths| !paths.is_empty());
    let count: usize = found.values().map(Vec::len).sum();
    let text = match (count, found.first_key_value()) {
        (0, _) | (_, None) => return Ok(()),
        (1, Some((who, paths))) => format!("Apply failed with 1 conflict: conflict with {who}: {}", paths[0]),
        _ => {
            let blocks = found.iter().map(|(who, paths)| format!("conflicts with {who}:\n- {}", paths.join("\n- ")));
            format!("Apply failed with {count} conflicts: {}", blocks.collect::<Vec<_>>().join("\n"))
        }
    };
    Err(Status::new(409, "Conflict", text))
}

/// The object with what is applied, and without what this manager applied before, says no more and shares with nobody.
pub(super) fn merged(old: &Object, applied: &Value, manager: &Manager) -> Result<Value, Status> {
    let mut value = super::strategic::merge(old.kind, &old.write(), applied)?;
    let wanted = leaves(old.kind, applied, true).0;
    let entries = old.meta.managed_fields.items();
    let others: BTreeSet<Path> = entries.iter().filter(|e| !is_of(e, manager)).flat_map(set_of).collect();
    for entry in entries.iter().filter(|e| is_of(e, manager)) {
        for path in &set_of(entry) {
            // What is inside an item goes with it, unless that is another's.
            if !wanted.contains_key(path) && !others.iter().any(|other| other.starts_with(path)) {
                remove(&mut value, path);
            }
        }
    }
    Ok(value)
}

fn remove(value: &mut Value, path: &[Rc<str>]) {
    let Some((step, below)) = path.split_first() else { return };
    let rest = &step[2..];
    if let ("f:", false) = (&step[..2], value.get(rest).is_null()) {
        match below {
            [] => _ = value.remove(rest),
            below => {
                remove(value.at_mut(&[rest]), below);
                if value.get(rest).as_list().is_some_and(|list| list.is_empty()) {
                    value.remove(rest);
                }
            }
        }
        return;
    }
    if value.items().is_empty() {
        return;
    }
    let wanted = crate::manifest::json::parse(rest).unwrap_or_default();
    let fits = |item: &Value| match &step[..2] {
        "v:" => *item == wanted,
        _ => wanted.as_map().is_some_and(|keys| keys.iter().all(|(k, v)| item.get(k) == v || &**k == "protocol")),
    };
    let Some(at) = value.items().iter().position(fits) else { return };
    match below {
        [] => _ = value.list_mut().remove(at),
        below => remove(&mut value.list_mut()[at], below),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::object::Key;
    use crate::apiserver::{Request, Verb, handle};
    use crate::cluster::Cluster;
    use crate::setup::Setup;

    fn apply(cluster: &mut Cluster, name: &str, data: &str, force: bool) -> Result<Rc<Object>, Status> {
        let text = format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c, namespace: default}}\ndata: {data}");
        let value = crate::manifest::read(&text).documents[0].value.clone();
        let manager = Manager { name: name.into(), applies: true, subresource: "" };
        let request = Request::new("test", Kind::ConfigMap, Key::new("default", "c"), Verb::Apply(value, force));
        handle(cluster, Request { manager, ..request })
    }

    #[test]
    fn what_another_manages_is_a_conflict_unless_forced() {
        let mut cluster = Setup::default().cluster();
        let check = |cluster: &mut Cluster, name: &str, data: &str, force: bool, expect: Result<&str, &str>| {
            let answer = apply(cluster, name, data, force);
            let data = answer.as_ref().map(|object| json(object.raw().get("data"), 0)).map_err(|s| s.message.clone());
            assert_eq!(data.as_deref().map_err(|s| s.as_str()), expect, "{name} {data:?}");
        };
        let one = "Apply failed with 1 conflict: conflict with \"ann\": .data.a";
        let two = "Apply failed with 2 conflicts: conflicts with \"ann\":\n- .data.a\n- .data.b";
        check(&mut cluster, "ann", "{a: '1', b: '1'}", false, Ok(r#"{"a":"1","b":"1"}"#));
        check(&mut cluster, "bob", "{a: '2'}", false, Err(one));
        check(&mut cluster, "bob", "{a: '2', b: '2'}", false, Err(two));
        check(&mut cluster, "bob", "{a: '1', c: '3'}", false, Ok(r#"{"a":"1","b":"1","c":"3"}"#));
        // Of what ann no more says, a is bob's too.
        check(&mut cluster, "ann", "{d: '4'}", false, Ok(r#"{"a":"1","c":"3","d":"4"}"#));
        check(&mut cluster, "ann", "{c: '5', d: '4'}", true, Ok(r#"{"a":"1","c":"5","d":"4"}"#));
        check(&mut cluster, "bob", "{}", false, Ok(r#"{"c":"5","d":"4"}"#));
    }

    #[test]
    fn fields_that_a_kind_does_not_have_are_refused() {
        let text = "metadata: {name: p}\nspec: {containers: [{name: c, port: 80}]}";
        let value = crate::manifest::read(text).documents[0].value.clone();
        let told = check(Kind::Pod, "default", &value, vec![]).map_err(|s| s.message);
        let expect = "failed to create typed patch object (default/p; /v1, Kind=Pod): .spec.containers[name=\"c\"].port: field not declared in schema";
        assert_eq!(told, Err(expect.to_string()));
    }

    #[test]
    fn paths_are_written_and_read() {
        let text = "metadata: {labels: {a: b}, finalizers: [x/y]}\nspec: {containers: [{name: c, image: i}]}";
        let value = crate::manifest::read(text).documents[0].value.clone();
        let set: BTreeSet<Path> = leaves(Kind::Pod, &value, true).0.into_keys().collect();
        let fields = written(&set);
        assert_eq!(
            json(&fields, 0),
            r#"{"f:metadata":{"f:finalizers":{"v:\"x/y\"":{}},"f:labels":{"f:a":{}}},"f:spec":{"f:containers":{"k:{\"name\":\"c\"}":{".":{},"f:image":{},"f:name":{}}}}}"#
        );
        let mut back = BTreeSet::new();
        read(&fields, &mut vec![], &mut back);
        assert_eq!(back, set);
    }
}
