//! Columns of kinds that CustomResourceDefinitions add.
//!
//! Kubernetes 1.36: apiextensions-apiserver/pkg/registry/customresource/tableconvertor/tableconvertor.go

use crate::api::Kind;
use crate::api::object::Object;
use crate::cluster::Cluster;
use crate::custom::Version;
use crate::kubectl::jsonpath::Template;
use crate::kubectl::table::plain;
use crate::kubectl::time;
use crate::manifest::write::json;
use crate::store::Store;
use crate::value::Value;

/// What a definition says of the columns after the name; the age alone if it says nothing.
fn said(store: &Store, kind: Kind) -> Vec<Value> {
    let definition = store.definition(kind);
    let version = definition.and_then(|d| Version::of(d.raw(), kind.resource().version));
    let columns = version.map(|v| v.columns().to_vec()).unwrap_or_default();
    if !columns.is_empty() {
        return columns;
    }
    let age = [("name", "Age"), ("type", "date"), ("jsonPath", ".metadata.creationTimestamp")];
    vec![Value::map(age.map(|(key, text)| (key, Value::from(text))))]
}

/// The names of the columns, and whether they stand in wide tables only.
pub fn columns(store: &Store, kind: Kind) -> Vec<(String, bool)> {
    let name = |column: &Value| plain(column.get("name")).to_uppercase();
    let wide = |column: &Value| column.get("priority").as_int().unwrap_or(0) > 0;
    let more = said(store, kind).into_iter().map(|column| (name(&column), wide(&column)));
    std::iter::once(("NAME".to_string(), false)).chain(more).collect()
}

pub fn cells(cluster: &Cluster, object: &Object) -> Vec<String> {
    let value = object.write();
    let cell = |column: &Value| {
        let path = column.get("jsonPath").as_str().unwrap_or("");
        let found = Template::relaxed(path).and_then(|t| t.values(&value)).unwrap_or_default();
        found.first().map_or_else(String::new, |v| shown(v, column.get("type").as_str().unwrap_or(""), cluster))
    };
    let more = said(&cluster.store, object.kind).iter().map(cell).collect::<Vec<_>>();
    std::iter::once(object.meta.name.to_string()).chain(more).collect()
}

/// A value in a column of a type; nothing if it is of another.
fn shown(value: &Value, column: &str, cluster: &Cluster) -> String {
    match (column, value) {
        ("string", Value::Map(_) | Value::List(_)) => json(value, 0),
        ("string", _) => first_line(&plain(value)),
        ("integer" | "number", Value::Int(_)) | ("number", Value::Number(_)) | ("boolean", Value::Bool(_)) => {
            plain(value)
        }
        ("integer", Value::Number(text)) => text.split('.').next().unwrap_or("").to_string(),
        ("date", Value::Str(text)) if crate::clock::Date::parse_rfc3339(text).is_some() => {
            time::since(value, cluster.stamp().0)
        }
        ("date", Value::Str(_)) => "<invalid>".into(),
        _ => String::new(),
    }
}

/// What stands before the first line's end.
fn first_line(text: &str) -> String {
    text.find(['\n', '\r', '\u{c}']).map_or_else(|| text.to_string(), |end| format!("{}...", &text[..end]))
}
