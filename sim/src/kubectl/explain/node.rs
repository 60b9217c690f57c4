//! A place in the API's schema, whether the API server knows it by itself or by a CustomResourceDefinition.
//!
//! Kubernetes 1.36: staging/src/k8s.io/kubectl/pkg/explain/v2/templates/plaintext.tmpl (typeGuess, description)

use crate::manifest::write;
use crate::schema::{Field, Shape, Type, descriptions};
use crate::value::Value;
use std::borrow::Cow;

pub enum Node<'a> {
    /// A type of the API.
    Type(Type),
    /// A field of such a type.
    Field(Type, Field),
    /// The schema of a custom kind; `true` at its root, where every object has the same three fields.
    Custom(&'a Value, bool),
}

/// A field as one of several.
pub struct Property<'a> {
    pub name: Cow<'a, str>,
    pub node: Node<'a>,
    pub required: bool,
}

impl<'a> Node<'a> {
    pub fn is_custom(&self) -> bool {
        matches!(self, Node::Custom(..))
    }

    /// A field of which nothing is said is its type and nothing more.
    pub fn resolved(self) -> Node<'a> {
        match self {
            Node::Field(_, field) if self.description().is_empty() => match field.shape() {
                Shape::Struct(of) => Node::Type(of),
                _ => self,
            },
            _ => self,
        }
    }

    /// The type that this place refers to.
    pub fn reference(&self) -> Option<&'static str> {
        if let Node::Field(_, field) = self { field.element().map(Type::go_name) } else { None }
    }

    /// The fields of the structs here, themselves or in a list or map.
    pub fn properties(&self) -> Vec<Property<'a>> {
        let own = |of: Type| {
            let property = |field: Field| Property {
                name: field.name.into(),
                node: Node::Field(of, field),
                required: field.required(),
            };
            of.fields().map(property).collect()
        };
        match self {
            Node::Type(of) => own(*of),
            Node::Field(_, field) => field.element().map(own).unwrap_or_default(),
            Node::Custom(schema, root) => {
                let schema = inner(schema);
                let required = |name: &str| schema.get("required").items().contains(&name.into());
                let fields = schema.get("properties").as_map().into_iter().flat_map(|fields| fields.iter());
                let mut all: Vec<Property> = fields
                    .map(|(name, field)| Property {
                        name: (&**name).into(),
                        node: Node::Custom(field, false),
                        required: required(name),
                    })
                    .collect();
                if *root {
                    let always = own(Type::of_any());
                    let always = always.into_iter().filter(|p| ["apiVersion", "kind", "metadata"].contains(&&*p.name));
                    all.retain(|p| !["apiVersion", "kind", "metadata"].contains(&&*p.name));
                    all.extend(always);
                    all.sort_by(|a, b| a.name.cmp(&b.name));
                }
                all
            }
        }
    }

    /// What is said of this place itself.
    pub fn description(&self) -> String {
        match self {
            Node::Type(of) => descriptions::of_type(*of),
            Node::Field(of, field) => descriptions::of_field(*of, field.name),
            Node::Custom(schema, _) => schema.get("description").as_str().unwrap_or("").into(),
        }
    }

    /// What is said of this place and of all that it is made of, a line each.
    pub fn about(&self) -> String {
        let mut said = vec![self.description()];
        match self {
            Node::Field(_, field) => said.extend(field.named_type().map(descriptions::of_type)),
            Node::Custom(schema, _) => {
                let mut here = *schema;
                while let Some(next) = held(here) {
                    said.push(next.get("description").as_str().unwrap_or("").into());
                    here = next;
                }
            }
            Node::Type(_) => {}
        }
        said.iter().filter(|text| !text.is_empty()).map(|text| format!("{text}\n")).collect()
    }

    /// `string`, `[]Container`, `map[string]Quantity`.
    pub fn type_name(&self) -> String {
        match self {
            Node::Type(of) => of.name().into(),
            Node::Field(_, field) => field.type_name(),
            Node::Custom(schema, _) => custom_type(schema),
        }
    }

    /// The values of an enum.
    pub fn values(&self) -> Vec<String> {
        let shown = |text: &str| if text.is_empty() { "\"\"".into() } else { text.to_string() };
        match self {
            Node::Field(_, field) => field.allowed().map(shown).collect(),
            Node::Custom(schema, _) => {
                let text = |v: &Value| v.as_str().map_or_else(|| write::json(v, 0), shown);
                schema.get("enum").items().iter().map(text).collect()
            }
            Node::Type(_) => vec![],
        }
    }
}

/// What the items of a list, or the values of a map, are.
fn held(schema: &Value) -> Option<&Value> {
    [schema.get("items"), schema.get("additionalProperties")].into_iter().find(|s| s.as_map().is_some())
}

/// The schema of the structs that a field holds, itself or in a list or map.
fn inner(schema: &Value) -> &Value {
    if schema.get("properties").as_map().is_some() { schema } else { held(schema).map_or(schema, inner) }
}

fn custom_type(schema: &Value) -> String {
    if schema.get("items").as_map().is_some() {
        return format!("[]{}", custom_type(schema.get("items")));
    }
    if schema.get("additionalProperties").as_map().is_some() {
        return format!("map[string]{}", custom_type(schema.get("additionalProperties")));
    }
    match schema.get("type").as_str() {
        None | Some("object" | "") => "Object".into(),
        Some(other) => other.into(),
    }
}
