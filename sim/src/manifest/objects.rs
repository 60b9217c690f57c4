//! Kubernetes 1.36: cli-runtime/pkg/resource (visitor.go, mapper.go), kubectl/pkg/validation. A file's documents as
//! kubectl takes them: lists opened, each with its kind, or the error that kubectl gives before it asks the server.

use super::{Document, Reading, Severity, Span, write};
use crate::api::Kind;
use crate::schema::{self, Type};
use crate::value::Value;

/// One object of a file, ready to be sent.
#[derive(Clone, Debug)]
pub struct Item {
    pub kind: Kind,
    pub value: Value,
    /// Which of the reading's documents it stands in, and where in it (empty, or `items[2]`).
    pub document: usize,
    pub path: String,
}

/// Why kubectl does not send an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The whole text, without the `error: ` that stands before it when it is the only one.
    pub text: String,
    /// kubectl prints no `error: ` before it even when it is the only one.
    pub bare: bool,
    pub span: Span,
}

/// What a file holds, in its order: objects and refusals. `source` is the file's name, `STDIN` for standard input;
/// `custom` are the kinds that the cluster serves beside those of every cluster.
pub fn objects(reading: &Reading, source: &str, custom: &[Kind]) -> Vec<Result<Item, Refusal>> {
    let mut out = Vec::new();
    for (number, document) in reading.documents.iter().enumerate() {
        open(document, number, (source, custom), &mut out);
    }
    if let Some(problem) = reading.problems.iter().find(|p| p.severity == Severity::Error) {
        let text = format!("error parsing {source}: {}", problem.text);
        out.push(Err(Refusal { text, bare: false, span: problem.span }));
    }
    out
}

fn open(document: &Document, number: usize, (source, custom): (&str, &[Kind]), out: &mut Vec<Result<Item, Refusal>>) {
    let value = &document.value;
    let refuse = |text: String, path: &str| Err(Refusal { text, bare: false, span: document.find(path) });
    if let Err((text, path)) = group_version_kind(value) {
        let advice = "if you choose to ignore these errors, turn validation off with --validate=false";
        let text = format!("error validating \"{source}\": error validating data: {text}; {advice}");
        return out.push(refuse(text, path));
    }
    let kind = value.get("kind").as_str().unwrap_or("");
    if kind.ends_with("List") && value.get("items").as_list().is_some() {
        for (i, item) in value.get("items").items().iter().enumerate() {
            let path = format!("items[{i}]");
            out.push(list_item(item, (number, &path), custom).map_err(|text| Refusal {
                text,
                bare: true,
                span: document.find(&format!("{path}.kind")),
            }));
        }
        return;
    }
    if kind.is_empty() {
        let text = format!("unable to decode \"{source}\": Object 'Kind' is missing in '{}'", write::json(value, 0));
        return out.push(refuse(text, "kind"));
    }
    if let Err(text) = metadata_fits(value) {
        let text = format!("unable to decode \"{source}\": {text}");
        return out.push(refuse(text, "metadata"));
    }
    let api_version = value.get("apiVersion").as_str().unwrap_or("");
    match find_kind(api_version, kind, custom) {
        Some(kind) => out.push(Ok(Item { kind, value: value.clone(), document: number, path: String::new() })),
        None => {
            let metadata = |field: &str| value.at(&["metadata", field]).as_str().unwrap_or("");
            let text = format!(
                "resource mapping not found for name: \"{}\" namespace: \"{}\" from \"{source}\": {}\nensure CRDs are installed first",
                metadata("name"),
                metadata("namespace"),
                no_match(api_version, kind)
            );
            out.push(refuse(text, "apiVersion"));
        }
    }
}

fn list_item(item: &Value, (document, path): (usize, &str), custom: &[Kind]) -> Result<Item, String> {
    let text = |field: &str| item.get(field).as_str().unwrap_or("");
    match find_kind(text("apiVersion"), text("kind"), custom) {
        Some(kind) => Ok(Item { kind, value: item.clone(), document, path: path.to_string() }),
        None => Err(format!("unable to recognize {}", no_match(text("apiVersion"), text("kind")))),
    }
}

fn no_match(api_version: &str, kind: &str) -> String {
    format!("no matches for kind \"{kind}\" in version \"{api_version}\"")
}

/// The kind's name in lower case is taken, too; the server then refuses it.
fn find_kind(api_version: &str, kind: &str, custom: &[Kind]) -> Option<Kind> {
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    if let Some(kind) = custom.iter().find(|k| k.is_served_as(group, version, kind)) {
        return Some(*kind);
    }
    let served = |k: &Kind| Kind::find(api_version, k.name()) == Some(*k);
    Kind::find(api_version, kind).or_else(|| {
        let lower = |k: &&Kind| k.name().to_ascii_lowercase() == *kind;
        // Without a version kubectl takes any, and the server does not find it.
        let any = |k: &&Kind| api_version.is_empty() && k.name() == kind && k.group().is_empty();
        Kind::ALL.iter().find(|k| (lower(k) && served(k)) || any(k)).copied()
    })
}

/// What kubectl checks of an object before all else: the words of the error, and the field it is about.
fn group_version_kind(value: &Value) -> Result<(), (String, &'static str)> {
    let Some(map) = value.as_map() else { return Err(("invalid object to validate".into(), "")) };
    let text = |field: &'static str| match map.get(field) {
        None | Some(Value::Null) => Err((format!("{field} not set"), field)),
        Some(Value::Str(text)) => Ok(text),
        Some(_) => Err((format!("{field} isn't string type"), field)),
    };
    let api_version = match (text("apiVersion"), text("kind")) {
        (Err((version, field)), Err((kind, _))) => return Err((format!("[{version}, {kind}]"), field)),
        (version, _) => version?,
    };
    if api_version.matches('/').count() > 1 {
        return Err((format!("unexpected GroupVersion string: {api_version}"), "apiVersion"));
    }
    text("kind").map(|_| ())
}

/// kubectl decodes the metadata itself, so a wrong type there does not reach the server.
fn metadata_fits(value: &Value) -> Result<(), String> {
    let metadata = Value::map([("metadata", value.get("metadata").clone())]);
    match schema::decode(&metadata, Type::of_any()) {
        Ok(_) => Ok(()),
        Err(text) => Err(text.replace("field ConfigMap.metadata of", "field metadataOnlyObject.metadata of")),
    }
}
