//! What can be done with a value of which the schema is known.
//!
//! sigs.k8s.io/structured-merge-diff/v6/typed

use super::path::{self, Path, Set, Step};
use super::schema::{List, Map, Scalar, Schema, Shape};
use crate::apiserver::strategic::go_value;
use crate::value::Value;
use std::collections::BTreeMap;
use std::rc::Rc;

/// What is wrong with a value, each as `path: why`. Items of a list may be the same only if that is allowed.
pub fn check(schema: Schema, value: &Value, path: &str, wrong: &mut Vec<String>) {
    let mut tell = |why: String| wrong.push(if path.is_empty() { why } else { format!("{path}: {why}") });
    match (schema.shape(value), value) {
        (_, Value::Null) => {}
        (Shape::Scalar(scalar), value) => misfit(scalar, value).into_iter().for_each(tell),
        (Shape::List(list), Value::List(items)) => check_items(&list, items, path, wrong),
        (Shape::List(_), value) => tell(format!("expected list, got &{{{}}}", go_value(value))),
        (Shape::Map(map), Value::Map(entries)) => {
            for (name, value) in entries.iter() {
                let inner = format!("{path}.{name}");
                let Some((schema, _)) = map.entry(name) else {
                    wrong.push(format!("{inner}: field not declared in schema"));
                    continue;
                };
                check(schema, value, &inner, wrong);
            }
        }
        (Shape::Map(_), value) => tell(format!("expected map, got &{{{}}}", go_value(value))),
    }
}

fn check_items(list: &List, items: &[Value], path: &str, wrong: &mut Vec<String>) {
    let mut seen = Set::new();
    for (i, item) in items.iter().enumerate() {
        let inner = if list.is_atomic() {
            format!("{path}[{i}]")
        } else {
            let step = match list.step(item) {
                Ok(step) => step,
                Err(why) => return wrong.push(format!("{path}: element {i}: {why}")),
            };
            let shown = path::shown_step(&step);
            if !seen.insert(vec![step]) {
                wrong.push(format!("{path}: duplicate entries for key {shown}"));
            }
            path.to_string() + &shown
        };
        check(list.item, item, &inner, wrong);
    }
}

/// Why a value is no such scalar, as Go tells of it.
fn misfit(scalar: Scalar, value: &Value) -> Option<String> {
    let whole = format!("&{{{}}}", go_value(value));
    match (scalar, value) {
        (Scalar::Any, Value::Map(_) | Value::List(_)) => Some(format!("expected any scalar, got {whole}")),
        (Scalar::Any, _) | (Scalar::Text, Value::Str(_)) | (Scalar::Bool, Value::Bool(_)) => None,
        (Scalar::Number, Value::Int(_) | Value::Number(_)) => None,
        (Scalar::Text, _) => {
            Some(format!("expected string, got &value.valueUnstructured{{Value:{}}}", go_syntax(value)))
        }
        (Scalar::Bool, _) => Some(format!("expected boolean, got {whole}")),
        (Scalar::Number, value) => {
            let found = match value {
                Value::Map(_) => "map[string]interface {}",
                Value::List(_) => "[]interface {}",
                value => value.json_type(),
            };
            Some(format!("expected numeric (int or float), got {found}"))
        }
    }
}

/// A value as Go would write it in a program.
fn go_syntax(value: &Value) -> String {
    match value {
        Value::Map(map) => {
            let entries: Vec<String> = map.iter().map(|(k, v)| format!("{k:?}:{}", go_syntax(v))).collect();
            format!("map[string]interface {{}}{{{}}}", entries.join(", "))
        }
        Value::List(items) => {
            format!("[]interface {{}}{{{}}}", items.iter().map(go_syntax).collect::<Vec<_>>().join(", "))
        }
        Value::Str(text) => format!("{text:?}"),
        Value::Null => "interface {}(nil)".into(),
        other => go_value(other),
    }
}

/// The fields of a value.
pub fn fields(schema: Schema, value: &Value) -> Set {
    let mut out = Set::new();
    gather(schema, value, &mut vec![], &mut out);
    out
}

fn gather(schema: Schema, value: &Value, path: &mut Path, out: &mut Set) {
    match schema.shape(value) {
        Shape::List(list) if !list.is_atomic() => {
            for (step, items) in by_step(&list, value) {
                path.push(step);
                out.insert(path.clone());
                if let [item] = items[..] {
                    gather(list.item, item, path, out);
                }
                path.pop();
            }
        }
        Shape::Map(map) if !map.atomic => {
            for (name, value) in value.as_map().into_iter().flat_map(|m| m.iter()) {
                let Some((schema, declared)) = map.entry(name) else { continue };
                path.push(path::field(name));
                gather(schema, value, path, out);
                if !declared || is_empty(value) {
                    out.insert(path.clone());
                }
                path.pop();
            }
        }
        _ if path.is_empty() => {}
        _ => _ = out.insert(path.clone()),
    }
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_map().is_some_and(|m| m.is_empty())
}

/// The items of a list by what tells them apart.
fn by_step<'v>(list: &List, value: &'v Value) -> BTreeMap<Step, Vec<&'v Value>> {
    let mut out: BTreeMap<Step, Vec<&Value>> = BTreeMap::new();
    for item in value.items() {
        if let Ok(step) = list.step(item) {
            out.entry(step).or_default().push(item);
        }
    }
    out
}

/// How two values differ.
#[derive(Default)]
pub struct Difference {
    /// New or changed.
    pub changed: Set,
    pub removed: Set,
}

pub fn compare(schema: Schema, old: &Value, new: &Value) -> Difference {
    let mut out = Difference::default();
    out.walk(schema, Some(old), Some(new), &mut vec![]);
    out
}

impl Difference {
    fn walk(&mut self, schema: Schema, old: Option<&Value>, new: Option<&Value>, path: &mut Path) {
        let (a, b) = (old.unwrap_or(&Value::Null), new.unwrap_or(&Value::Null));
        let empty = |value: &Value| is_empty(value) || value.as_list().is_some_and(|l| l.is_empty());
        let shape = schema.shape(if b.is_null() { a } else { b });
        match shape {
            Shape::List(list) if !list.is_atomic() && !(empty(a) && empty(b)) => self.items(&list, a, b, path),
            Shape::Map(map) if !map.atomic && !(empty(a) && empty(b)) => self.entries(&map, old, new, path),
            _ if old.is_some() && new.is_some() && a != b => return self.note(true, path),
            _ => {}
        }
        if old.is_none() || new.is_none() {
            self.note(old.is_none(), path);
        }
    }

    fn note(&mut self, changed: bool, path: &Path) {
        if !path.is_empty() {
            if changed { &mut self.changed } else { &mut self.removed }.insert(path.clone());
        }
    }

    fn entries(&mut self, map: &Map, old: Option<&Value>, new: Option<&Value>, path: &mut Path) {
        let has = |value: Option<&Value>, name: &str| {
            let value = value?;
            value.as_map().and_then(|m| m.get(name)).cloned().or_else(|| map.unsaid(name))
        };
        let maps = [old, new].into_iter().flatten().filter_map(Value::as_map);
        let mut names: Vec<Rc<str>> = maps.flat_map(|m| m.keys()).cloned().collect();
        if old.is_none() || new.is_none() {
            names.extend(map.always().map(Into::into));
        }
        names.sort();
        names.dedup();
        for name in names {
            let Some((schema, _)) = map.entry(&name) else { continue };
            path.push(path::field(&name));
            self.walk(schema, has(old, &name).as_ref(), has(new, &name).as_ref(), path);
            path.pop();
        }
    }

    fn items(&mut self, list: &List, old: &Value, new: &Value, path: &mut Path) {
        let (old, new) = (by_step(list, old), by_step(list, new));
        let (none, mut steps) = (Vec::new(), Vec::from_iter(old.keys().chain(new.keys()).cloned()));
        steps.sort();
        steps.dedup();
        for step in steps {
            let (a, b) = (old.get(&step).unwrap_or(&none), new.get(&step).unwrap_or(&none));
            path.push(step);
            match (&a[..], &b[..]) {
                ([] | [_], [] | [_]) => self.walk(list.item, a.first().copied(), b.first().copied(), path),
                // The same item several times is managed as a whole.
                ([_, _, ..], [_, _, ..]) if a != b => self.note(true, path),
                ([_, _, ..], [_, _, ..]) => {}
                ([_, _, ..], rest) => {
                    rest.iter().for_each(|item| self.walk(list.item, None, Some(item), path));
                    self.note(false, path);
                }
                (rest, _) => {
                    rest.iter().for_each(|item| self.walk(list.item, Some(item), None, path));
                    self.note(true, path);
                }
            }
            path.pop();
        }
    }
}

/// What comes of a value and what is laid over it; `None` if nothing.
pub fn merge(schema: Schema, below: Option<&Value>, over: Option<&Value>) -> Option<Value> {
    let (a, b) = (below.unwrap_or(&Value::Null), over.unwrap_or(&Value::Null));
    let empty = |value: &Value| is_empty(value) || value.as_list().is_some_and(|l| l.is_empty());
    match schema.shape(if b.is_null() { a } else { b }) {
        Shape::List(list) if !list.is_atomic() && !(empty(a) && empty(b)) => {
            let items = merge_items(&list, a.items(), b.items());
            (!items.is_empty()).then(|| Value::list(items))
        }
        Shape::Map(map) if !map.atomic && !(empty(a) && empty(b)) => {
            let (a, b) = (a.as_map(), b.as_map());
            let get = |map: Option<&'_ crate::value::Map>, name: &str| map.and_then(|m| m.get(name)).cloned();
            let mut names: Vec<_> = a.into_iter().chain(b).flat_map(|m| m.keys()).cloned().collect();
            names.sort();
            names.dedup();
            let merged = names.into_iter().filter_map(|name| {
                let of = map.entry(&name).map_or(Schema::Deduced, |(schema, _)| schema);
                let value = merge(of, get(a, &name).as_ref(), get(b, &name).as_ref())?;
                Some((name, value))
            });
            let merged = Value::map(merged.collect::<Vec<_>>());
            (!is_empty(&merged)).then_some(merged)
        }
        _ => over.or(below).cloned(),
    }
}

/// What is laid over sets the order; the rest stays where it stood between its neighbours.
fn merge_items(list: &List, below: &[Value], over: &[Value]) -> Vec<Value> {
    let steps = |items: &[Value]| items.iter().map(|item| list.step(item).unwrap_or_default()).collect::<Vec<_>>();
    let (lhs, rhs) = (steps(below), steps(over));
    // Of what is there twice, nothing is merged.
    let found = |step: &Step| {
        let mut all = below.iter().zip(&lhs).filter(|(_, own)| *own == step).map(|(item, _)| item);
        all.next().filter(|_| all.next().is_none())
    };
    let mut out = Vec::new();
    let mut shared: Vec<&Step> = rhs.iter().filter(|step| lhs.contains(step)).rev().collect();
    let mut next = shared.pop();
    let (mut l, mut r) = (0, 0);
    while l < lhs.len() || r < rhs.len() {
        if l < lhs.len() && r < rhs.len() {
            if lhs[l] == rhs[r] {
                out.extend(merge(list.item, found(&lhs[l]), Some(&over[r])));
                (l, r, next) = (l + 1, r + 1, shared.pop());
                continue;
            }
            if rhs.contains(&lhs[l]) && next.is_some_and(|next| *next != lhs[l]) {
                // It comes later.
                l += 1;
                continue;
            }
        }
        if l < lhs.len() {
            if !rhs.contains(&lhs[l]) {
                out.extend(merge(list.item, Some(&below[l]), None));
                l += 1;
                continue;
            }
            if rhs[..r].contains(&lhs[l]) {
                l += 1;
            }
        }
        if r < rhs.len() {
            out.extend(merge(list.item, found(&rhs[r]), Some(&over[r])));
            if next == Some(&rhs[r]) {
                next = shared.pop();
            }
            r += 1;
        }
    }
    out
}

/// A value without the fields of a set.
pub fn without(schema: Schema, value: &Value, set: &Set) -> Value {
    taken(schema, value, set, &mut vec![])
}

fn taken(schema: Schema, value: &Value, set: &Set, path: &mut Path) -> Value {
    let mut inner = |schema: Schema, value: &Value, step: Step| {
        path.push(step);
        let left = match () {
            _ if set.contains(path) => None,
            _ if path::has_below(set, path) => Some(taken(schema, value, set, path)),
            _ => Some(value.clone()),
        };
        path.pop();
        left
    };
    match (schema.shape(value), value) {
        (Shape::List(list), Value::List(items)) if !list.is_atomic() => {
            let left = items.iter().filter_map(|item| inner(list.item, item, list.step(item).unwrap_or_default()));
            let left: Vec<Value> = left.collect();
            if left.is_empty() { Value::Null } else { Value::list(left) }
        }
        (Shape::Map(map), Value::Map(entries)) if !map.atomic => {
            let left = entries.iter().filter_map(|(name, value)| {
                let of = map.entry(name).map_or(Schema::Deduced, |(schema, _)| schema);
                Some((name.clone(), inner(of, value, path::field(name))?))
            });
            let left: Vec<_> = left.collect();
            if left.is_empty() { Value::Null } else { Value::map(left) }
        }
        (Shape::Scalar(_), value) => value.clone(),
        _ => Value::Null,
    }
}
