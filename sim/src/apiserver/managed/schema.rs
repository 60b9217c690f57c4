//! What a kind's schema says of how its values are told apart and merged.
//!
//! k8s.io/kube-openapi/pkg/schemaconv, sigs.k8s.io/structured-merge-diff/v6/schema

use super::path::{self, Step};
use crate::api::Kind;
use crate::custom::Version;
use crate::manifest::write::json;
use crate::schema::{self, Field, Type, shape};
use crate::value::Value;

/// What is known of the values at a place.
#[derive(Clone, Copy)]
pub enum Schema<'a> {
    /// A struct of the API.
    Struct(Type),
    /// What a field of the API holds, or a list or map in it: the second is how the table writes that.
    Part(Field, &'static str),
    /// The OpenAPI schema of a custom kind.
    Custom(&'a Value, Way),
    /// Nothing: maps are managed key by key, all else as a whole.
    Deduced,
    /// Nothing: all is managed as a whole.
    Whole,
}

/// What a custom kind's schema takes from what is around it.
#[derive(Clone, Copy, Default)]
pub struct Way {
    /// It is that of an object, with metadata.
    object: bool,
    /// What it does not know is let through.
    preserves: bool,
}

/// The shape of a value.
pub enum Shape<'a> {
    Scalar(Scalar),
    List(List<'a>),
    Map(Map<'a>),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Scalar {
    Any,
    Text,
    Number,
    Bool,
}

pub struct List<'a> {
    pub apart: Apart<'a>,
    pub item: Schema<'a>,
}

/// How the items of a list are told apart.
pub enum Apart<'a> {
    /// The list is managed as a whole.
    Never,
    ByValue,
    ByKeys(Vec<&'a str>),
}

pub struct Map<'a> {
    of: Schema<'a>,
    /// It is managed as a whole.
    pub atomic: bool,
}

impl<'a> Schema<'a> {
    /// That of a kind's objects as `api_version` serves them; `custom` is the definition's version.
    pub fn of(kind: Kind, api_version: &str, custom: Option<&'a Version>) -> Schema<'a> {
        match custom {
            Some(version) if version.schema().is_null() => Schema::Deduced,
            Some(version) => Schema::Custom(version.schema(), Way { object: true, preserves: false }),
            None => Type::of(api_version, kind.name())
                .or_else(|| Type::of_kind(kind))
                .map_or(Schema::Deduced, Schema::Struct),
        }
    }

    /// The shape of a value; of one that may be anything, its own.
    pub fn shape(self, value: &Value) -> Shape<'a> {
        match self {
            Schema::Struct(_) => Shape::Map(Map { of: self, atomic: false }),
            Schema::Part(field, kind) => self.part(field, kind, value),
            Schema::Custom(schema, way) => self.custom(schema, way, value),
            Schema::Deduced | Schema::Whole => self.own(value, Schema::Whole),
        }
    }

    fn own(self, value: &Value, item: Schema<'a>) -> Shape<'a> {
        match value {
            Value::Map(_) | Value::Null => Shape::Map(Map { of: self, atomic: matches!(self, Schema::Whole) }),
            Value::List(_) => Shape::List(List { apart: Apart::Never, item }),
            _ => Shape::Scalar(Scalar::Any),
        }
    }

    fn part(self, field: Field, kind: &'static str, value: &Value) -> Shape<'a> {
        use schema::Shape as Held;
        match shape(kind) {
            Held::Text | Held::Bytes => Shape::Scalar(Scalar::Text),
            Held::Bool => Shape::Scalar(Scalar::Bool),
            Held::Int32 | Held::Int64 | Held::Float => Shape::Scalar(Scalar::Number),
            Held::Quantity | Held::IntOrText | Held::Time | Held::MicroTime => Shape::Scalar(Scalar::Any),
            Held::Any if field.named_type().is_some_and(|t| t.name() == "RawExtension") => Schema::Whole.shape(value),
            Held::Any => Schema::Deduced.shape(value),
            Held::Struct(of) => Shape::Map(Map { of: Schema::Struct(of), atomic: field.is_atomic() }),
            Held::Map(_) => Shape::Map(Map { of: self, atomic: field.is_atomic() }),
            Held::List(item) => {
                let apart = match field.list_keys() {
                    Some(keys) => Apart::ByKeys(keys.split('+').collect()),
                    None if field.is_set() => Apart::ByValue,
                    None => Apart::Never,
                };
                Shape::List(List { apart, item: Schema::Part(field, item) })
            }
        }
    }

    fn custom(self, schema: &'a Value, way: Way, value: &Value) -> Shape<'a> {
        let preserves = way.preserves || flag(schema, "x-kubernetes-preserve-unknown-fields");
        let object = way.object || flag(schema, "x-kubernetes-embedded-resource");
        let below = Way { object: false, preserves };
        let map = || {
            let atomic = schema.get("x-kubernetes-map-type").as_str() == Some("atomic");
            Shape::Map(Map { of: Schema::Custom(schema, Way { object, preserves }), atomic })
        };
        let list = || {
            let keys = schema.get("x-kubernetes-list-map-keys").items().iter().filter_map(Value::as_str);
            let apart = match schema.get("x-kubernetes-list-type").as_str() {
                Some("map") => Apart::ByKeys(keys.collect()),
                Some("set") => Apart::ByValue,
                _ => Apart::Never,
            };
            let items = schema.get("items");
            let item = if items.is_null() { Schema::Whole } else { Schema::Custom(items, below) };
            Shape::List(List { apart, item })
        };
        match (schema.get("type").as_str().unwrap_or(""), value) {
            ("object", _) => map(),
            ("array", _) => list(),
            ("integer" | "number", _) => Shape::Scalar(Scalar::Number),
            ("boolean", _) => Shape::Scalar(Scalar::Bool),
            ("string", _) if schema.get("format").as_str().is_none_or(|f| f == "byte") => Shape::Scalar(Scalar::Text),
            ("", Value::Map(_) | Value::Null) => map(),
            ("", Value::List(_)) => list(),
            _ => Shape::Scalar(Scalar::Any),
        }
    }

    /// What the schema says of a field of a struct, or `None` if it has none of this name.
    fn declared(self, name: &str) -> Option<Schema<'a>> {
        match self {
            Schema::Struct(of) => of.field(name).map(|field| Schema::Part(field, field.kind())),
            Schema::Custom(_, way) if way.object && name == "metadata" => {
                Type::of_any().field(name).map(|field| Schema::Part(field, field.kind()))
            }
            Schema::Custom(_, way) if way.object && matches!(name, "apiVersion" | "kind") => Some(Schema::Deduced),
            Schema::Custom(schema, way) => {
                let of = schema.get("properties").get(name);
                (!of.is_null()).then_some(Schema::Custom(of, Way { object: false, ..way }))
            }
            _ => None,
        }
    }

    /// The value that a key of a list's items has where it is left out.
    fn key_default(self, key: &str) -> Option<Value> {
        match self {
            Schema::Custom(schema, _) => {
                let default = schema.get("properties").get(key).get("default");
                (!default.is_null()).then(|| default.clone())
            }
            Schema::Part(_, kind) => {
                let schema::Shape::Struct(of) = shape(kind) else { return None };
                match (of.name(), key) {
                    // Those may be left out; the others are always there, if empty.
                    ("ObjectReference", _) | (_, "shareID") => None,
                    (_, "protocol") => Some("TCP".into()),
                    _ => match of.field(key)?.shape() {
                        schema::Shape::Int32 | schema::Shape::Int64 => Some(Value::Int(0)),
                        _ => Some("".into()),
                    },
                }
            }
            _ => None,
        }
    }
}

fn flag(schema: &Value, name: &str) -> bool {
    schema.get(name).as_bool() == Some(true)
}

impl<'a> Map<'a> {
    /// What the schema says of what stands under a name, and whether it names it; `None` if there may be no such field.
    pub fn entry(&self, name: &str) -> Option<(Schema<'a>, bool)> {
        if let Some(declared) = self.of.declared(name) {
            return Some((declared, true));
        }
        let other = match self.of {
            Schema::Struct(_) => None,
            Schema::Part(field, kind) => match shape(kind) {
                schema::Shape::Map(held) => Some(Schema::Part(field, held)),
                _ => None,
            },
            Schema::Custom(schema, way) => match schema.get("additionalProperties") {
                Value::Null => (way.preserves || schema.get("properties").is_null()).then_some(Schema::Deduced),
                Value::Bool(allowed) => allowed.then_some(Schema::Deduced),
                of => Some(Schema::Custom(of, Way { object: false, ..way })),
            },
            same => Some(same),
        };
        other.map(|schema| (schema, false))
    }

    /// What a field is that an object does not say: a struct that is no pointer is always there, and so is a list that is
    /// required.
    pub fn unsaid(&self, name: &str) -> Option<Value> {
        let Schema::Struct(of) = self.of else { return None };
        let field = of.field(name)?;
        match field.shape() {
            schema::Shape::Struct(_) if field.is_always() => Some(Value::empty_map()),
            schema::Shape::List(_) | schema::Shape::Map(_) if field.required() => Some(Value::Null),
            _ => None,
        }
    }

    /// The structs that are always there.
    pub fn always(&self) -> impl Iterator<Item = &'static str> {
        let of = if let Schema::Struct(of) = self.of { Some(of) } else { None };
        of.into_iter().flat_map(Type::fields).filter(|field| field.is_always()).map(|field| field.name)
    }
}

impl List<'_> {
    pub fn is_atomic(&self) -> bool {
        matches!(self.apart, Apart::Never)
    }

    /// The step that leads to an item, or why there is none.
    pub fn step(&self, item: &Value) -> Result<Step, String> {
        match &self.apart {
            Apart::Never => Err("invalid indexing of non-associative list".into()),
            Apart::ByValue => match item {
                Value::Map(_) => Err("associative list without keys has an element that's a map type".into()),
                Value::List(_) => Err("not supported: associative list with lists as elements".into()),
                Value::Null => Err("associative list without keys has an element that's an explicit null".into()),
                value => Ok(format!("v:{}", json(value, 0)).into()),
            },
            Apart::ByKeys(keys) => match item {
                Value::Null => Err("associative list with keys may not have a null element".into()),
                Value::Map(_) => self.key(keys, item),
                _ => Err("associative list with keys may not have non-map elements".into()),
            },
        }
    }

    fn key(&self, keys: &[&str], item: &Value) -> Result<Step, String> {
        let said = |key: &str| item.as_map().and_then(|m| m.get(key)).cloned();
        let entries = keys.iter().filter_map(|key| Some((*key, said(key).or_else(|| self.item.key_default(key))?)));
        let entries = Value::map(entries);
        if entries.as_map().is_some_and(|m| m.is_empty()) {
            let keys: Vec<String> = keys.iter().map(|key| format!("{key:?}")).collect();
            let none = "and doesn't have default values for any key fields";
            return Err(format!(
                "associative list with keys has an element that omits all key fields [{}] ({none})",
                keys.join(" ")
            ));
        }
        Ok(format!("k:{}", json(&entries, 0)).into())
    }
}

/// A set with the structs that lead to its members.
pub fn with_structs(set: &path::Set, root: Schema) -> path::Set {
    let mut out = set.clone();
    for path in set {
        let mut here = Some(root);
        for (depth, step) in path.iter().enumerate().take(path.len() - 1) {
            let (next, declared) = below(here, step);
            if declared {
                out.insert(path[..=depth].to_vec());
            }
            here = next;
        }
    }
    out
}

/// What a step leads to, and whether it is a struct's field.
fn below<'a>(here: Option<Schema<'a>>, step: &str) -> (Option<Schema<'a>>, bool) {
    let (Some(here), Some(name)) = (here, step.strip_prefix("f:")) else {
        let items = match here.map(|here| here.shape(&Value::list(vec![]))) {
            Some(Shape::List(list)) => Some(list.item),
            _ => None,
        };
        return (items, false);
    };
    match here.shape(&Value::Null) {
        Shape::Map(map) => map.entry(name).map_or((None, false), |(schema, declared)| (Some(schema), declared)),
        _ => (None, false),
    }
}
