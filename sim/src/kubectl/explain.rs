//! `kubectl explain`: the types and fields of the API, from the schema.
//!
//! Kubernetes 1.36: staging/src/k8s.io/kubectl/pkg/explain/v2. The descriptions are not kept here, and that is said.

use super::{Answer, Context, Fault, OK};
use super::{explain_custom, resources};
use crate::api::Kind;
use crate::schema::{Field, Shape, Type};

pub const UNDESCRIBED: &str = "The descriptions of types and fields are not kept in here: see
    https://kubernetes.io/docs/reference/kubernetes-api/";

pub fn run(context: &mut Context) -> Answer {
    let Some(path) = context.args.words.first().cloned() else {
        return Err(Fault::text(
            "You must specify the type of resource to explain. Use \"kubectl api-resources\" for a complete list of supported resources.\n",
        ));
    };
    if context.args.words.len() > 1 {
        return Err(Fault::text("We accept only this format: explain RESOURCE\n"));
    }
    let mut parts = path.split('.');
    let kind = resources::kind(&context.cluster.store, parts.next().unwrap_or(""))?;
    let version = context.args.get("api-version").map_or_else(|| kind.api_version(), String::from);
    if kind.is_custom() {
        let text = explain_custom::page(context, kind, &version, &parts.collect::<Vec<_>>())?;
        context.print(text);
        return OK;
    }
    let Some(mut here) = Type::of(&version, kind.name()) else {
        return Err(Fault::text(format!("couldn't find resource for \"{version}, Resource={}\"", kind.plural())));
    };
    let mut field: Option<Field> = None;
    let steps: Vec<&str> = parts.collect();
    for (i, step) in steps.iter().enumerate() {
        let found = here.field(step).ok_or_else(|| Fault::text(format!("field \"{step}\" does not exist")))?;
        field = Some(found);
        match found.element() {
            Some(element) => here = element,
            None if i + 1 < steps.len() => {
                return Err(Fault::text(format!("field \"{}\" does not exist", steps[i + 1])));
            }
            None => {}
        }
    }
    let text = page(kind, &version, here, field, context.args.is("recursive"));
    context.print(text);
    OK
}

fn page(kind: Kind, version: &str, here: Type, field: Option<Field>, recursive: bool) -> String {
    let (group, version) = version.split_once('/').unwrap_or(("", version));
    let mut out = if group.is_empty() { String::new() } else { format!("GROUP:      {group}\n") };
    out += &format!("KIND:       {}\nVERSION:    {version}\n\n", kind.name());
    let mut inside = true;
    if let Some(field) = field {
        out += &format!("FIELD: {} <{}>{}\n\n", field.name, type_name(field), required(field));
        let allowed: Vec<&str> = field.allowed().collect();
        if !allowed.is_empty() {
            out += &format!("ENUM:\n    {}\n\n", allowed.join("\n    "));
        }
        inside = field.element().is_some();
        out.push('\n');
    }
    out += &format!("DESCRIPTION:\n    {UNDESCRIBED}\n    \n");
    if inside {
        out += "FIELDS:\n";
        fields(here, 1, recursive, &mut vec![], &mut out);
        out.push('\n');
    }
    out
}

fn fields(here: Type, depth: usize, recursive: bool, above: &mut Vec<&'static str>, out: &mut String) {
    // Types may hold themselves, as those of JSON schemas do.
    if above.contains(&here.go_name()) {
        return;
    }
    above.push(here.go_name());
    for field in here.fields() {
        *out += &format!("{}{}\t<{}>{}\n", "  ".repeat(depth), field.name, type_name(field), required(field));
        if !recursive {
            let allowed: Vec<&str> = field.allowed().collect();
            if !allowed.is_empty() {
                *out += &format!("  enum: {}\n", allowed.join(", "));
            }
        } else if let Some(element) = field.element() {
            fields(element, depth + 1, recursive, above, out);
        }
    }
    above.pop();
}

fn required(field: Field) -> &'static str {
    if field.required() { " -required-" } else { "" }
}

/// `string`, `[]Container`, `map[string]Quantity`.
fn type_name(field: Field) -> String {
    named(field.shape())
}

fn named(shape: Shape) -> String {
    let inner = |rest: &'static str| named(crate::schema::shape(rest));
    match shape {
        Shape::Text | Shape::Bytes => "string".into(),
        Shape::Bool => "boolean".into(),
        Shape::Int32 | Shape::Int64 => "integer".into(),
        Shape::Float => "number".into(),
        Shape::Quantity => "Quantity".into(),
        Shape::IntOrText => "IntOrString".into(),
        Shape::Time => "Time".into(),
        Shape::MicroTime => "MicroTime".into(),
        Shape::Any => "Object".into(),
        Shape::Struct(t) => t.name().into(),
        Shape::List(rest) => format!("[]{}", inner(rest)),
        Shape::Map(rest) => format!("map[string]{}", inner(rest)),
    }
}
