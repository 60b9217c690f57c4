//! `kubectl explain` of kinds that CustomResourceDefinitions add: from their schemas, with their descriptions.
//!
//! Kubernetes 1.36: staging/src/k8s.io/kubectl/pkg/explain/v2/templates/plaintext.tmpl

use super::explain::UNDESCRIBED;
use super::{Context, Fault};
use crate::api::Kind;
use crate::custom::Version;
use crate::value::Value;

/// A line of a description is at most so long.
const WIDTH: usize = 76;

/// The page about the field at a path of names, or about the whole kind.
pub fn page(context: &Context, kind: Kind, api_version: &str, path: &[&str]) -> Result<String, Fault> {
    let unknown = || Fault::text(format!("couldn't find resource for \"{api_version}, Resource={}\"", kind.plural()));
    let definition = context.cluster.store.definition(kind).ok_or_else(unknown)?;
    let version = api_version.rsplit('/').next().unwrap_or("");
    let version = Version::of(definition.raw(), version).ok_or_else(unknown)?;
    let root = with_meta(version.schema());
    let (mut here, mut above) = (&root, &Value::Null);
    for step in path {
        above = inner(here);
        here = above.at(&["properties", step]);
        if here.is_null() {
            return Err(Fault::text(format!("field \"{step}\" does not exist")));
        }
    }
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    let mut out = format!("GROUP:      {group}\nKIND:       {}\nVERSION:    {version}\n\n", kind.name());
    if let Some(name) = path.last() {
        out += &format!("FIELD: {name} <{}>{}\n\n", type_of(here), required(above, name));
        let allowed: Vec<&str> = here.get("enum").items().iter().filter_map(Value::as_str).collect();
        if !allowed.is_empty() {
            out += &format!("ENUM:\n    {}\n\n", allowed.join("\n    "));
        }
        out.push('\n');
    }
    out += &format!("DESCRIPTION:\n{}\n", described(here, 4, "<empty>"));
    if !inner(here).get("properties").is_null() {
        out += "FIELDS:\n";
        fields(inner(here), 1, context.args.is("recursive"), &mut out);
        out.push('\n');
    }
    Ok(out)
}

/// What every object has stands in every schema.
fn with_meta(schema: &Value) -> Value {
    let mut schema = schema.clone();
    for (name, kind) in [("apiVersion", "string"), ("kind", "string"), ("metadata", "ObjectMeta")] {
        let said = Value::map([("type", Value::from(kind)), ("description", UNDESCRIBED.into())]);
        schema.at_mut(&["properties"]).set(name, said);
    }
    schema
}

/// The schema of the structs that a field holds, itself or in a list or map.
fn inner(schema: &Value) -> &Value {
    let held = [schema.get("items"), schema.get("additionalProperties")];
    held.into_iter().find(|s| s.as_map().is_some()).map_or(schema, inner)
}

fn type_of(schema: &Value) -> String {
    match schema.get("type").as_str() {
        Some("array") => format!("[]{}", type_of(schema.get("items"))),
        Some("object") if schema.get("additionalProperties").as_map().is_some() => {
            format!("map[string]{}", type_of(schema.get("additionalProperties")))
        }
        Some("object") | None => "Object".into(),
        Some(other) => other.into(),
    }
}

fn required(above: &Value, name: &str) -> &'static str {
    if above.get("required").items().contains(&name.into()) { " -required-" } else { "" }
}

fn fields(schema: &Value, depth: usize, recursive: bool, out: &mut String) {
    for (name, field) in schema.get("properties").as_map().into_iter().flat_map(|m| m.iter()) {
        *out += &format!("{}{name}\t<{}>{}\n", "  ".repeat(depth), type_of(field), required(schema, name));
        if recursive {
            fields(inner(field), depth + 1, recursive, out);
            continue;
        }
        let allowed: Vec<&str> = field.get("enum").items().iter().filter_map(Value::as_str).collect();
        if !allowed.is_empty() {
            *out += &format!("  enum: {}\n", allowed.join(", "));
        }
        *out += &format!("{}\n\n", described(field, 4, "<no description>"));
    }
}

/// A description in lines of words, indented.
fn described(schema: &Value, indent: usize, otherwise: &str) -> String {
    let text = schema.get("description").as_str().filter(|text| !text.is_empty()).unwrap_or(otherwise);
    let mut lines: Vec<String> = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            if !line.is_empty() && line.len() + 1 + word.len() > WIDTH {
                lines.push(std::mem::take(&mut line));
            }
            line += if line.is_empty() { "" } else { " " };
            line += word;
        }
        lines.push(line);
    }
    lines.iter().map(|line| format!("{}{line}", " ".repeat(indent))).collect::<Vec<_>>().join("\n")
}
