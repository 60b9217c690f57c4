//! Where in an object a thing stands: paths such as `spec/template/spec/containers/env`, which go through lists.
//!
//! kustomize: api/filters/fieldspec/fieldspec.go

use super::resource::Id;
use crate::value::Value;

/// A path in objects of a type. An empty group, version or kind stands for any.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    pub group: &'static str,
    pub version: &'static str,
    pub kind: &'static str,
    /// Parts are divided by `/`, which may itself be written `\/`; a part with `[]` must be a list.
    pub path: &'static str,
    /// What is missing is made.
    pub create: bool,
}

/// Reads lines of `KIND GROUP VERSION PATH`, each with ` +` where what is missing is made; `-` stands for any.
pub fn specs(lines: &'static str) -> impl Iterator<Item = Spec> {
    lines.lines().filter_map(|line| {
        let mut words = line.split_whitespace().map(|word| if word == "-" { "" } else { word });
        let (kind, group, version) = (words.next()?, words.next()?, words.next()?);
        Some(Spec { kind, group, version, path: words.next()?, create: words.next().is_some() })
    })
}

impl Spec {
    /// Changes every place that the path leads to; a place that is made is `leaf` before.
    ///
    /// # Errors
    /// The path leads through something that is neither list nor map; or the change fails.
    pub fn change(
        &self,
        object: &mut Value,
        leaf: &Value,
        set: &mut dyn FnMut(&mut Value) -> Result<(), String>,
    ) -> Result<(), String> {
        let id = Id::of(object);
        if !id.is_of(self.group, self.version, self.kind) {
            return Ok(());
        }
        let path = parts(self.path);
        walk(object, &path, self.create.then_some(leaf), set)
            .map_err(|why| format!("considering field '{}' of object {id}: {why}", self.path))
    }
}

/// The parts of a path.
fn parts(path: &str) -> Vec<String> {
    let path = path.replace("\\/", "\0");
    path.split('/').map(|part| part.replace('\0', "/")).collect()
}

/// Goes down a path; where `leaf` is given, what is missing is made.
pub fn walk(
    value: &mut Value,
    path: &[String],
    leaf: Option<&Value>,
    set: &mut dyn FnMut(&mut Value) -> Result<(), String>,
) -> Result<(), String> {
    let Some((part, rest)) = path.split_first() else { return set(value) };
    match value {
        Value::Null => Ok(()),
        Value::List(_) => value.list_mut().iter_mut().try_for_each(|item| walk(item, path, leaf, set)),
        Value::Map(map) => {
            let name = part.strip_suffix("[]").unwrap_or(part);
            let made = leaf.filter(|_| name == part);
            if made.is_none() && !map.contains(name) {
                return Ok(());
            }
            let place = value.map_mut().entry(name);
            if let Some(leaf) = made.filter(|_| place.is_null()) {
                *place = if rest.is_empty() { leaf.clone() } else { Value::empty_map() };
            }
            walk(place, rest, leaf, set)
        }
        _ => Err("expected sequence or mapping node".into()),
    }
}
