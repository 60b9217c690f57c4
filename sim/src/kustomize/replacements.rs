//! `replacements`: a value of one object written into fields of others.
//!
//! kustomize: api/filters/replacement/replacement.go. Not done: fields inside of texts that are themselves JSON or YAML.

use super::file::{Kustomization, texts};
use super::load::Root;
use super::patches::Target;
use super::resource::{Id, Resource};
use crate::manifest;
use crate::value::Value;

/// The field that is meant where none is said.
const NAME: &str = "metadata.name";

pub fn replace(root: &Root, file: &Kustomization, all: &mut [Resource]) -> Result<(), String> {
    for order in file.get("replacements").items() {
        match order.get("path").as_str() {
            None => one(order, all)?,
            Some(path) => {
                let reading = manifest::read(&root.text(path)?);
                for document in &reading.documents {
                    let orders = document.value.as_list().unwrap_or(std::slice::from_ref(&document.value));
                    orders.iter().try_for_each(|order| one(order, all))?;
                }
            }
        }
    }
    Ok(())
}

fn one(order: &Value, all: &mut [Resource]) -> Result<(), String> {
    let (source, targets) = (order.get("source"), order.get("targets"));
    if source.is_null() && order.get("sourceValue").is_null() || targets.is_null() {
        return Err("replacements must specify a source and at least one target".into());
    }
    let value = if source.is_null() { order.get("sourceValue").clone() } else { found(source, all)? };
    for target in targets.items() {
        if target.get("select").is_null() {
            return Err("target must specify resources to select".into());
        }
        let select = Target::read(target.get("select"))?;
        let rejects: Result<Vec<Target>, String> = target.get("reject").items().iter().map(Target::read).collect();
        let rejects = rejects?;
        for resource in all.iter_mut() {
            if select.selects(resource) && !rejects.iter().any(|reject| reject.selects(resource)) {
                write(resource, &value, target)?;
            }
        }
    }
    Ok(())
}

/// The value at the source.
fn found(source: &Value, all: &[Resource]) -> Result<Value, String> {
    let text = |field: &str| source.get(field).as_str().unwrap_or("");
    let fits = |id: &Id| {
        id.is_of(text("group"), text("version"), text("kind"))
            && (text("name").is_empty() || text("name") == id.name)
            && (text("namespace").is_empty() || text("namespace") == id.effective_namespace())
    };
    let mut matching = all.iter().filter(|r| fits(&r.id()) || r.previous.iter().any(fits));
    let wanted = Id {
        group: text("group").into(),
        version: text("version").into(),
        kind: text("kind").into(),
        name: text("name").into(),
        namespace: text("namespace").into(),
    };
    let resource = matching.next().ok_or_else(|| format!("nothing selected by {wanted}"))?;
    if matching.next().is_some() {
        return Err(format!("multiple matches for selector {wanted}"));
    }
    let path = if text("fieldPath").is_empty() { NAME } else { text("fieldPath") };
    let mut value = Value::Null;
    let mut object = resource.value.clone();
    at(&mut object, &parts(path), false, &mut |place| value = place.clone());
    if value.is_null() {
        return Err(format!("fieldPath `{path}` is missing for replacement source {wanted}"));
    }
    let (delimiter, index) = options(source);
    let Some(delimiter) = delimiter else { return Ok(value) };
    let whole = plain(&value);
    let part = usize::try_from(index).ok().and_then(|index| whole.split(delimiter).nth(index));
    part.map(Value::from).ok_or_else(|| format!("options.index {index} is out of bounds for value {whole}"))
}

/// The delimiter and the index of a source or target.
fn options(of: &Value) -> (Option<&str>, i64) {
    let options = of.get("options");
    let delimiter = options.get("delimiter").as_str().filter(|text| !text.is_empty());
    (delimiter, options.get("index").as_int().unwrap_or(0))
}

fn plain(value: &Value) -> String {
    match value {
        Value::Str(text) => text.to_string(),
        other => manifest::write::json(other, 0),
    }
}

/// Writes the value into the fields of a target.
fn write(resource: &mut Resource, value: &Value, target: &Value) -> Result<(), String> {
    let create = target.at(&["options", "create"]).as_bool() == Some(true);
    let (delimiter, index) = options(target);
    let mut paths: Vec<&str> = texts(target.get("fieldPaths")).collect();
    if paths.is_empty() {
        paths.push(NAME);
    }
    for path in paths {
        let mut places = 0;
        at(&mut resource.value, &parts(path), create, &mut |place| {
            places += 1;
            *place = match delimiter {
                Some(delimiter) => Value::from(spliced(&plain(place), delimiter, index, &plain(value))),
                None => value.clone(),
            };
        });
        if places == 0 {
            let what = if create { "find or create" } else { "find" };
            return Err(format!("unable to {what} field {path:?} in replacement target"));
        }
    }
    Ok(())
}

/// A part of a text replaced; before the first and behind the last it is added.
fn spliced(text: &str, delimiter: &str, index: i64, value: &str) -> String {
    let mut parts: Vec<&str> = text.split(delimiter).collect();
    match usize::try_from(index) {
        Err(_) => parts.insert(0, value),
        Ok(index) if index < parts.len() => parts[index] = value,
        Ok(_) => parts.push(value),
    }
    parts.join(delimiter)
}

/// Cuts at dots that stand outside of brackets and are not escaped: `spec.containers.[name=a].image`.
fn parts(path: &str) -> Vec<String> {
    let (mut out, mut part, mut depth, mut chars) = (vec![], String::new(), 0, path.chars());
    while let Some(c) = chars.next() {
        match c {
            '\\' => part.extend(chars.next()),
            '.' if depth == 0 => out.push(std::mem::take(&mut part)),
            c => {
                depth += i32::from(c == '[') - i32::from(c == ']');
                part.push(c);
            }
        }
    }
    out.push(part);
    out.retain(|part| !part.is_empty());
    out
}

/// Goes to every place of a path; with `create`, maps are made on the way.
fn at(value: &mut Value, path: &[String], create: bool, then: &mut dyn FnMut(&mut Value)) {
    let Some((part, rest)) = path.split_first() else { return then(value) };
    if value.as_list().is_none() {
        let there = value.as_map().is_some_and(|m| m.contains(part));
        let may = create && (value.is_null() || value.as_map().is_some());
        if there || may {
            at(value.map_mut().entry(part), rest, create, then);
        }
        return;
    }
    let items = value.list_mut();
    if let Some((key, wanted)) =
        part.strip_prefix('[').and_then(|p| p.strip_suffix(']')).and_then(|p| p.split_once('='))
    {
        items.iter_mut().filter(|item| plain(item.get(key)) == wanted).for_each(|item| at(item, rest, create, then));
    } else if part == "*" {
        items.iter_mut().for_each(|item| at(item, rest, create, then));
    } else if part == "-" && create {
        items.push(Value::Null);
        items.last_mut().into_iter().for_each(|item| at(item, rest, create, then));
    } else if let Some(item) = part.parse::<usize>().ok().and_then(|n| items.get_mut(n)) {
        at(item, rest, create, then);
    }
}
