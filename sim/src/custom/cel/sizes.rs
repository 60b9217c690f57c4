//! How large what a schema describes can be.
//!
//! Kubernetes 1.36: apiserver/pkg/cel/common/schemas.go, apiserver/pkg/cel/limits.go

use crate::value::Value;
use std::rc::Rc;

/// Bytes of the largest request.
const REQUEST: u64 = 3 << 20;
/// A text, without its quotation marks.
const LONGEST: u64 = REQUEST - 2;

/// A part of what is described.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// Characters of a text, items of a list, entries of a map; nothing is said of numbers and truths.
    pub most: u64,
    /// Bytes that it takes at least, as JSON.
    pub least_bytes: u64,
    key: Option<Rc<Part>>,
    item: Option<Rc<Part>>,
    fields: Vec<(Rc<str>, Part)>,
    /// Whether an entry is found under any name.
    by_name: bool,
}

fn leaf(most: u64, least_bytes: u64) -> Part {
    Part { most, least_bytes, ..Part::default() }
}

/// A limit that a schema sets.
fn limit(schema: &Value, field: &str) -> Option<u64> {
    schema.get(field).as_int().map(|n| u64::try_from(n).unwrap_or(0))
}

impl Part {
    /// What has a schema; `None` if rules do not see it. An object that stands for itself has a kind and metadata.
    pub fn of(schema: &Value, is_object: bool) -> Option<Part> {
        let characters = |schema: &Value| limit(schema, "maxLength").map(|n| n.saturating_mul(4));
        if schema.get("x-kubernetes-int-or-string").as_bool() == Some(true) {
            return Some(leaf(characters(schema).unwrap_or(LONGEST), 1));
        }
        let is_object = is_object || schema.get("x-kubernetes-embedded-resource").as_bool() == Some(true);
        Some(match (schema.get("type").as_str()?, schema.get("format").as_str().unwrap_or("")) {
            ("boolean", _) => leaf(0, 4),
            ("integer" | "number", _) => leaf(0, 1),
            ("string", "byte") => leaf(limit(schema, "maxLength").unwrap_or(LONGEST), 2),
            ("string", "duration") => leaf(32, 3),
            ("string", "date") => leaf(12, 12),
            ("string", "date-time") => leaf(32, 21),
            ("string", _) => {
                let words = schema.get("enum").items().iter();
                let longest = words.map(|word| word.as_str().map_or(0, str::len) as u64).max();
                leaf(characters(schema).or(longest).unwrap_or(LONGEST), 2)
            }
            ("array", _) => {
                let item = Part::of(schema.get("items"), false)?;
                let most = limit(schema, "maxItems").unwrap_or((REQUEST - 2) / (item.least_bytes + 1));
                Part { item: Some(item.into()), ..leaf(most, 2) }
            }
            ("object", _) if schema.get("additionalProperties").as_map().is_some() => {
                let item = Part::of(schema.get("additionalProperties"), false)?;
                let most = limit(schema, "maxProperties").unwrap_or((REQUEST - 2) / (item.least_bytes + 6));
                Part { item: Some(item.into()), key: Some(leaf(0, 2).into()), ..leaf(most, 2) }
            }
            ("object", _) => Part::object(schema, is_object),
            _ => return None,
        })
    }

    fn object(schema: &Value, is_object: bool) -> Part {
        let mut properties = schema.get("properties").clone();
        if is_object && !says_what_it_is(&properties) {
            let text = || Value::map([("type", Value::from("string"))]);
            let names = Value::map([("name", text()), ("generateName", text())]);
            properties.set("kind", text());
            properties.set("apiVersion", text());
            properties.set("metadata", Value::map([("type", Value::from("object")), ("properties", names)]));
        }
        let required = schema.get("required").items();
        let mut own = leaf(0, 2);
        for (name, inner) in properties.as_map().into_iter().flat_map(|map| map.iter()) {
            let Some(part) = Part::of(inner, false) else { continue };
            if required.iter().any(|field| field.as_str() == Some(name)) && inner.get("default").is_null() {
                own.least_bytes += name.len() as u64 + part.least_bytes + 4;
            }
            own.fields.push((Rc::from(&**name), part));
        }
        own
    }

    /// A device, as drivers may describe it.
    ///
    /// Kubernetes 1.36: dynamic-resource-allocation/cel/compile.go, api/resource/v1
    pub fn device() -> Part {
        let map =
            |key: u64, item: Part| Part { key: Some(leaf(key, 2).into()), item: Some(item.into()), ..leaf(32, 2) };
        let attributes = Part { by_name: true, ..map(32, leaf(64, 1)) };
        let fields = [
            ("driver", leaf(63, 2)),
            ("allowMultipleAllocations", leaf(1, 4)),
            ("attributes", map(63, attributes)),
            ("capacity", map(63, map(32, leaf(0, 8)))),
        ];
        Part { fields: fields.into_iter().map(|(name, part)| (Rc::from(name), part)).collect(), ..leaf(0, 2) }
    }

    /// The part to which keys lead: names of fields, `@items`, `@values`, `@keys`.
    pub fn at(&self, path: &[Rc<str>]) -> Option<&Part> {
        let [first, rest @ ..] = path else { return Some(self) };
        let next = match &**first {
            "@items" | "@values" => self.item.as_deref(),
            "@keys" => self.key.as_deref(),
            name => {
                let field = self.fields.iter().find(|(own, _)| **own == *name).map(|(_, part)| part);
                field.or_else(|| self.item.as_deref().filter(|_| self.by_name))
            }
        };
        next?.at(rest)
    }

    /// How often it can be there within one request, if nothing else limits that.
    pub fn occurs(&self) -> u64 {
        REQUEST / (self.least_bytes + 1)
    }
}

/// Whether a schema of an object itself describes all that every object has.
fn says_what_it_is(properties: &Value) -> bool {
    let is = |path: &[&str], kind: &str| properties.at(path).get("type").as_str() == Some(kind);
    let names = ["name", "generateName"].iter().all(|name| is(&["metadata", "properties", name], "string"));
    is(&["kind"], "string") && is(&["apiVersion"], "string") && is(&["metadata"], "object") && names
}
