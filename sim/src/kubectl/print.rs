//! `-o`: objects as YAML, JSON, names, by JSONPath or by columns of one's own.
//!
//! Kubernetes 1.36: staging/src/k8s.io/cli-runtime/pkg/printers. `managedFields` are shown if that is asked for.

use super::jsonpath::{self, Template};
use super::{Context, Fault, table, template};
use crate::api::Kind;
use crate::manifest::write;
use crate::store::Store;
use crate::value::Value;

const FORMATS: &str = "custom-columns,custom-columns-file,go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,kyaml,name,template,templatefile,wide,yaml";
/// What `create`, `apply` and others print: no tables.
const PLAIN_FORMATS: &str =
    "go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,kyaml,name,template,templatefile,yaml";

/// The format and what was said with it: `jsonpath={.a}`.
fn format<'a>(context: &'a Context) -> (&'a str, &'a str) {
    let output = context.args.get("output").unwrap_or("");
    let (format, text) = output.split_once('=').unwrap_or((output, ""));
    // These take no argument: with one it is a format that there is not.
    let format = if output.contains('=') && ["yaml", "json", "kyaml", "name", "wide"].contains(&format) {
        output
    } else {
        format
    };
    (format, if text.is_empty() { context.args.get("template").unwrap_or("") } else { text })
}

/// Prints one object as `-o` asks.
pub fn object(context: &mut Context, value: &Value) -> Result<(), Fault> {
    let text = text(context, value, false)?;
    context.print(text);
    Ok(())
}

/// A value as `-o` asks, but not as a table.
pub fn plainly(context: &Context, value: &Value) -> Result<String, Fault> {
    text(context, value, false)
}

/// Many objects, or one, as a List or as the object itself.
pub fn objects(context: &mut Context, values: Vec<Value>, one: bool) -> Result<(), Fault> {
    if format(context).0 == "name" {
        let lines: String = values.iter().map(|v| name_of(&context.cluster.store, v) + "\n").collect();
        context.print(lines);
        return Ok(());
    }
    let value = match (one, values.len()) {
        (true, 1) => values[0].clone(),
        _ => Value::map([
            ("apiVersion", Value::from("v1")),
            ("items", Value::list(values)),
            ("kind", "List".into()),
            ("metadata", Value::map([("resourceVersion", "".into())])),
        ]),
    };
    let text = text(context, &value, true)?;
    context.print(text);
    Ok(())
}

/// `deployment.apps/web`.
pub fn name_of(store: &Store, value: &Value) -> String {
    let (version, kind) = (value.get("apiVersion").as_str().unwrap_or(""), value.get("kind").as_str().unwrap_or(""));
    let resource = store.find_kind(version, kind).map_or_else(|| kind.to_lowercase(), Kind::singular_dot_group);
    format!("{resource}/{}", value.at(&["metadata", "name"]).as_str().unwrap_or("<unknown>"))
}

fn text(context: &Context, value: &Value, get: bool) -> Result<String, Fault> {
    let (format, argument) = format(context);
    let file = |name: &str| {
        let text = context.file(name).map(|t| t.to_string());
        text.ok_or_else(|| {
            Fault::text(format!("error reading --template {name}, open {name}: no such file or directory"))
        })
    };
    match format {
        "yaml" => Ok(write::yaml(value)),
        "json" => Ok(write::json(value, 4) + "\n"),
        "kyaml" => Ok(super::kyaml::write(value)),
        "name" => Ok(name_of(&context.cluster.store, value) + "\n"),
        "jsonpath" => by_path(argument, value),
        "jsonpath-file" => by_path(&file(argument)?, value),
        "jsonpath-as-json" => {
            let found = Template::parse(argument).and_then(|t| t.values(value)).map_err(|e| bad_path(argument, &e))?;
            Ok(write::json(&Value::list(found), 4) + "\n")
        }
        "go-template" | "template" => template::fill(argument, value).map_err(Fault::text),
        "go-template-file" | "templatefile" => template::fill(&file(argument)?, value).map_err(Fault::text),
        "custom-columns" | "custom-columns-file" if get => columns(context, format, argument, value),
        _ => Err(Fault::text(format!(
            "unable to match a printer suitable for the output format \"{format}\", allowed formats are: {}",
            if get { FORMATS } else { PLAIN_FORMATS }
        ))),
    }
}

fn bad_path(template: &str, why: &str) -> Fault {
    Fault::text(format!("error parsing jsonpath {template}, {why}"))
}

fn by_path(text: &str, value: &Value) -> Result<String, Fault> {
    if text.is_empty() {
        return Err(Fault::text("template format specified but no template given"));
    }
    let template = Template::parse(text).map_err(|why| bad_path(text, &why))?;
    template.fill(value).map_err(|why| {
        Fault::text(format!(
            "error executing jsonpath {}: Error executing template: {why}. Printing more information for debugging the template:\n\ttemplate was:\n\t\t{text}\n\tobject given to jsonpath engine was:\n\t\t{}\n\n",
            write::json(&Value::from(text), 0),
            jsonpath::go_syntax(value)
        ))
    })
}

/// `-o custom-columns=NAME:.metadata.name,...`
fn columns(context: &Context, format: &str, argument: &str, value: &Value) -> Result<String, Fault> {
    let mut specs: Vec<(String, String)> = vec![];
    if format == "custom-columns-file" {
        let missing =
            || Fault::text(format!("error reading template {argument}, open {argument}: no such file or directory"));
        let text = context.file(argument).ok_or_else(missing)?;
        let mut lines = text.lines().map(|l| l.split_whitespace().map(str::to_string).collect::<Vec<_>>());
        let (headers, paths) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
        if headers.len() != paths.len() {
            return Err(Fault::text(format!(
                "number of headers {headers:?} and field specifications {paths:?} don't match"
            )));
        }
        specs.extend(headers.into_iter().zip(paths));
    } else {
        if argument.is_empty() {
            return Err(Fault::text("custom-columns format specified but no custom columns given"));
        }
        for part in split_columns(argument) {
            let spec = part.split_once(':').filter(|(_, path)| !path.is_empty());
            let (header, path) = spec.ok_or_else(|| {
                Fault::text(format!("unexpected custom-columns spec: {part}, expected <header>:<json-path-expr>"))
            })?;
            specs.push((header.into(), path.into()));
        }
    }
    let mut templates = vec![];
    for (_, path) in &specs {
        templates.push(Template::relaxed(path).map_err(Fault::text)?);
    }
    let items = if value.get("kind").as_str() == Some("List") {
        value.get("items").items().to_vec()
    } else {
        vec![value.clone()]
    };
    let mut rows = vec![];
    for item in items {
        let cell = |t: &Template| {
            let found = t.values(&item).unwrap_or_default();
            if found.is_empty() {
                "<none>".into()
            } else {
                found.iter().map(jsonpath::go).collect::<Vec<_>>().join(",")
            }
        };
        rows.push(templates.iter().map(cell).collect());
    }
    let headers: Vec<String> = specs.into_iter().map(|(header, _)| header).collect();
    Ok(table::layout((!context.args.is("no-headers")).then_some(&headers), &rows))
}

/// Cuts at commas that stand outside brackets and quotes.
fn split_columns(text: &str) -> Vec<&str> {
    let (mut out, mut depth, mut from) = (vec![], 0, 0);
    for (i, c) in text.char_indices() {
        match c {
            '[' | '(' => depth += 1,
            ']' | ')' => depth -= 1,
            ',' if depth == 0 => {
                out.push(&text[from..i]);
                from = i + 1;
            }
            _ => {}
        }
    }
    out.push(&text[from..]);
    out
}
