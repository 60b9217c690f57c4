//! Server-side apply: what a manager wants is merged into an object, and what it no longer says goes.
//!
//! sigs.k8s.io/structured-merge-diff/v6/merge/update.go (Apply),
//! apimachinery/pkg/util/managedfields/internal/lastappliedmanager.go

use super::path::{self, Set, listed, shown};
use super::schema::{Schema, with_structs};
use super::{Entry, Writing, narrow, read, typed, written};
use crate::api::metadata::LAST_APPLIED;
use crate::api::{Field as _, Kind, Object};
use crate::apiserver::status::Status;
use crate::manifest::json;
use crate::manifest::write;
use crate::value::Value;
use std::collections::BTreeMap;

/// An object with what was applied to it, and who manages it then.
pub struct Applied {
    pub value: Value,
    pub managed: Value,
}

/// Refuses fields that the kind does not have, values of other types, and items that cannot be told apart.
///
/// # Errors
/// `BadRequest` if managed fields are said, else 500.
pub fn check(kind: Kind, namespace: &str, applied: &Value, schema: Schema) -> Result<(), Status> {
    if !applied.at(&["metadata", "managedFields"]).is_null() {
        return Err(Status::bad_request("metadata.managedFields must be nil"));
    }
    let mut wrong = Vec::new();
    typed::check(schema, applied, "", &mut wrong);
    let why = match &wrong[..] {
        [] => return Ok(()),
        [one] => one.clone(),
        many => format!("errors:\n  {}", many.join("\n  ")),
    };
    let (name, of) = called(kind, namespace, applied);
    Err(Status::new(500, "", format!("failed to create typed patch object ({name}; {of}): {why}")))
}

/// An object that is applied, and its kind, as errors call them.
fn called(kind: Kind, namespace: &str, applied: &Value) -> (String, String) {
    let name = applied.at(&["metadata", "name"]).as_str().unwrap_or("");
    let version = applied.get("apiVersion").as_str().unwrap_or("");
    let version = version.rsplit('/').next().unwrap_or("");
    (format!("{namespace}/{name}"), format!("{}/{version}, Kind={}", kind.group(), kind.name()))
}

/// The refusal of an object that is well as far as its fields go, but that its Go type cannot hold.
pub fn unconverted(kind: Kind, namespace: &str, applied: &Value, refusal: Status) -> Status {
    let (name, of) = called(kind, namespace, applied);
    let why = refusal.message.split_once(": ").map_or("", |(_, why)| why);
    let decoding = if why.starts_with("illegal base64") { "error decoding from json: " } else { "" };
    let to = format!("to proper version: unable to convert unstructured object to {of}: {decoding}{why}");
    Status::new(500, "", format!("failed to convert new object ({name}; {of}) {to}"))
}

/// Lays what is applied over an object, if there is one.
///
/// # Errors
/// `Conflict` if it would change what others manage, unless that is forced.
pub fn apply(old: Option<&Object>, applied: &Value, force: bool, writing: Writing) -> Result<Applied, Status> {
    let schema = writing.schema;
    let live = old.map_or_else(Value::empty_map, |old| {
        let mut live = old.write();
        live.at_mut(&["metadata"]).remove("managedFields");
        live
    });
    let mut own = Entry::new(writing.manager, applied.get("apiVersion").as_str().unwrap_or(""));
    let (mine, mut others): (Vec<Entry>, Vec<Entry>) =
        read(old.map_or(&Value::Null, |old| &old.meta.managed_fields)).into_iter().partition(|e| e.is_of(&own));
    own.set = typed::fields(schema, applied);
    narrow(&mut own.set, writing.part, writing.apart);
    let merged = typed::merge(schema, Some(&live), Some(applied)).unwrap_or_else(Value::empty_map);
    let last = mine.into_iter().next();
    let mut value = match &last {
        Some(last) => pruned(schema, &merged, &last.set, &own, &others),
        None => merged,
    };
    let mut difference = typed::compare(schema, &live, &value);
    narrow(&mut difference.changed, writing.part, writing.apart);
    let kubectl = &*own.manager == "kubectl" && own.subresource.is_empty();
    let mut found = conflicts(&others, &difference.changed);
    if kubectl && let Some(allowed) = said_last(schema, &live) {
        found.values_mut().for_each(|paths| paths.retain(|path| !allowed.contains(*path)));
        found.retain(|_, paths| !paths.is_empty());
    }
    if !force && !found.is_empty() {
        return Err(refused(&found));
    }
    for entry in &mut others {
        entry.set.retain(|path| !difference.changed.contains(path) && !difference.removed.contains(path));
    }
    let noted = live.at(&["metadata", "annotations", LAST_APPLIED]).as_str().is_some_and(|text| !text.is_empty());
    if kubectl && noted && !value.at(&["metadata", "annotations", LAST_APPLIED]).is_null() {
        let mut bare = applied.clone();
        if !bare.at(&["metadata", "annotations"]).is_null() {
            bare.at_mut(&["metadata", "annotations"]).remove(LAST_APPLIED);
        }
        value.at_mut(&["metadata", "annotations"]).set(LAST_APPLIED, (write::json(&bare, 0) + "\n").into());
    }
    // What is as it was keeps its time.
    let same = difference.changed.is_empty() && difference.removed.is_empty() && old.is_some();
    own.time = last.filter(|_| same).map_or_else(|| writing.now.write(), |last| last.time);
    others.push(own);
    Ok(Applied { value, managed: written(others) })
}

/// Takes away what a manager applied before, says no more and shares with nobody.
fn pruned(schema: Schema, merged: &Value, last: &Set, own: &Entry, others: &[Entry]) -> Value {
    let named = |set: &Set| with_structs(set, schema);
    let last = named(last);
    let pruned = typed::without(schema, merged, &last);
    let all = named(&typed::fields(schema, merged));
    let managed: Set = others.iter().chain([own]).flat_map(|entry| named(&entry.set)).collect();
    // What others manage is put back, with what leads to it.
    let kept = named(&typed::fields(schema, &pruned));
    let goes: Set = all.iter().filter(|path| !kept.contains(*path) && !managed.contains(*path)).cloned().collect();
    let pruned = typed::without(schema, merged, &goes);
    // And so is what nobody ever applied.
    let kept = named(&typed::fields(schema, &pruned));
    let goes: Set = all.into_iter().filter(|path| !kept.contains(path) && last.contains(path)).collect();
    typed::without(schema, merged, &goes)
}

/// What is changed that others manage, by who: their name, and how errors tell of them.
fn conflicts<'a>(others: &'a [Entry], changed: &Set) -> BTreeMap<(&'a str, String), Vec<&'a path::Path>> {
    let mut found: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for entry in others {
        let mut who = format!("{:?}", entry.manager);
        if !entry.subresource.is_empty() {
            who += &format!(" with subresource {:?}", entry.subresource);
        }
        if !entry.applies {
            who += &format!(" using {}", entry.api_version);
        }
        let mut paths: Vec<&path::Path> = entry.set.iter().filter(|path| changed.contains(*path)).collect();
        paths.sort_by(|a, b| listed(a, b));
        if !paths.is_empty() {
            found.entry((&*entry.manager, who)).or_default().extend(paths);
        }
    }
    found
}

fn refused(found: &BTreeMap<(&str, String), Vec<&path::Path>>) -> Status {
    let count: usize = found.values().map(Vec::len).sum();
    let text = match found.first_key_value() {
        Some(((_, who), paths)) if count == 1 => {
            format!("Apply failed with 1 conflict: conflict with {who}: {}", shown(paths[0]))
        }
        _ => {
            let list =
                |paths: &[&path::Path]| paths.iter().map(|path| format!("\n- {}", shown(path))).collect::<String>();
            let blocks = found.iter().map(|((_, who), paths)| format!("conflicts with {who}:{}", list(paths)));
            format!("Apply failed with {count} conflicts: {}", blocks.collect::<Vec<_>>().join("\n"))
        }
    };
    Status::new(409, "Conflict", text)
}

/// What a client-side apply said last and is so still: kubectl may take that over.
fn said_last(schema: Schema, live: &Value) -> Option<Set> {
    let text = live.at(&["metadata", "annotations", LAST_APPLIED]).as_str()?;
    let last = json::parse(text).ok()?;
    if last.get("apiVersion") != live.get("apiVersion") {
        return None;
    }
    let difference = typed::compare(schema, &last, live);
    let mut set = typed::fields(schema, &last);
    set.retain(|path| !difference.changed.contains(path) && !difference.removed.contains(path));
    Some(set)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::object::Key;
    use crate::apiserver::{Manager, Request, Verb, handle};
    use crate::cluster::Cluster;
    use crate::manifest::write::json;
    use crate::setup::Setup;
    use std::rc::Rc;

    fn read(text: &str) -> Value {
        crate::manifest::read(text).documents[0].value.clone()
    }

    fn apply(cluster: &mut Cluster, name: &str, kind: Kind, value: Value, force: bool) -> Result<Rc<Object>, Status> {
        let manager = Manager { name: name.into(), applies: true, subresource: "" };
        let key = Key::new("default", value.at(&["metadata", "name"]).as_str().unwrap_or("").to_string());
        let request = Request::new("test", kind, key, Verb::Apply(value, force));
        handle(cluster, Request { manager, ..request })
    }

    #[test]
    fn what_another_manages_is_a_conflict_unless_forced() {
        let mut cluster = Setup::default().cluster();
        let check = |cluster: &mut Cluster, name: &str, data: &str, force: bool, expect: Result<&str, &str>| {
            let text =
                format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c, namespace: default}}\ndata: {data}");
            let answer = apply(cluster, name, Kind::ConfigMap, read(&text), force);
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
    fn what_does_not_fit_the_schema_is_refused() {
        let check = |spec: &str, expect: &str| {
            let told =
                check(Kind::Pod, "default", &pod(spec), Schema::of(Kind::Pod, "v1", None)).map_err(|s| s.message);
            let head = "failed to create typed patch object (default/p; /v1, Kind=Pod): ";
            assert_eq!(told.unwrap_err(), head.to_string() + expect);
        };
        check("containers: [{name: c, port: 80}]", ".spec.containers[name=\"c\"].port: field not declared in schema");
        check("containers: [{image: a}, {image: b}]", ".spec.containers: duplicate entries for key [name=\"\"]");
        check(
            "containers: [{name: a, ports: [{protocol: UDP}, {protocol: UDP}]}]",
            ".spec.containers[name=\"a\"].ports: duplicate entries for key [containerPort=0,protocol=\"UDP\"]",
        );
        let element = ".spec.containers: element 0: associative list with keys may not have";
        check("containers: [null]", &format!("{element} a null element"));
        check("containers: [a]", &format!("{element} non-map elements"));
        check(
            "containers: [{name: a, image: 1}]",
            ".spec.containers[name=\"a\"].image: expected string, got &value.valueUnstructured{Value:1}",
        );
        check(
            "hostNetwork: x\nterminationGracePeriodSeconds: x",
            "errors:\n  .spec.hostNetwork: expected boolean, got &{x}\n  .spec.terminationGracePeriodSeconds: expected numeric (int or float), got string",
        );
    }

    fn pod(spec: &str) -> Value {
        let spec = spec.replace('\n', "\n  ");
        read(&format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: p, namespace: default}}\nspec:\n  {spec}"))
    }

    #[test]
    fn items_are_merged_by_what_tells_them_apart() {
        let mut cluster = Setup::default().cluster();
        let mut names = |name: &str, spec: &str| {
            let pod = apply(&mut cluster, name, Kind::Pod, pod(spec), false).unwrap().write();
            let names =
                pod.at(&["spec", "containers"]).items().iter().map(|c| c.get("name").as_str().unwrap().to_string());
            names.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(names("ann", "containers: [{name: a, image: i}, {name: c, image: i}]"), "a c");
        let said = "f:spec\":{\"f:containers\":{\"k:{\\\"name\\\":\\\"a\\\"}\":{\".\":{},\"f:image\":{},\"f:name\":{}}";
        let pod = cluster.store.get(Kind::Pod, &Key::new("default", "p")).unwrap();
        assert!(json(&pod.meta.managed_fields, 0).contains(said), "{}", json(&pod.meta.managed_fields, 0));
    }
}
