//! `kubectl explain`: the types and fields of the API, with the API's own descriptions.
//!
//! Kubernetes 1.36: staging/src/k8s.io/kubectl/pkg/explain/v2 (templates/plaintext.tmpl), pkg/cmd/explain

mod node;
mod older;
mod wrap;

use super::{Answer, Context, Fault, OK};
use super::{info, resources};
use crate::api::Kind;
use crate::custom::Version;
use crate::schema::{Type, descriptions};
use node::{Node, Property};

/// Said in place of all descriptions while there are none.
const UNDESCRIBED: &str = "<the descriptions of the API could not be loaded>";
/// The most values of an enum that are named in a list of fields.
const MOST_VALUES: usize = 4;

pub fn run(context: &mut Context) -> Answer {
    let word = match context.args.words.as_slice() {
        [] => {
            return Err(Fault::text(
                "You must specify the type of resource to explain. Use \"kubectl api-resources\" for a complete list of supported resources.\n",
            ));
        }
        [word] => word.trim_end_matches('.').to_string(),
        _ => return Err(Fault::text("We accept only this format: explain RESOURCE\n")),
    };
    let asked = context.args.get("api-version").map(String::from);
    let (kind, path) = read(context, &word, asked.is_some())?;
    let older = match context.args.get("output") {
        None | Some("plaintext") => false,
        Some("plaintext-openapiv2") => true,
        Some(other) => return Err(Fault::text(format!("unrecognized format: {other}"))),
    };
    let api_version = asked.unwrap_or_else(|| kind.api_version());
    let (group, version) = api_version.split_once('/').unwrap_or(("", &api_version));
    let definition = context.cluster.store.definition(kind).filter(|_| group == kind.group());
    let custom = definition.and_then(|object| Version::of(object.raw(), version));
    let root = match &custom {
        Some(version) => Some(Node::Custom(version.schema(), true)),
        None => Type::of(&api_version, kind.name()).map(Node::Type),
    };
    let root = root.ok_or_else(|| unknown(context, kind, &api_version))?;
    let path: Vec<&str> = path.split('.').filter(|step| !step.is_empty()).collect();
    let recursive = context.args.is("recursive");
    let absent = || Fault::text(format!("field \"{}\" does not exist", path.last().unwrap_or(&"")));
    if older {
        let page = older::page(root, &path, recursive).ok_or_else(absent)?;
        context.print(format!("KIND:     {}\nVERSION:  {api_version}\n\n{page}", kind.name()));
        return OK;
    }
    let head = if group.is_empty() { String::new() } else { format!("GROUP:      {group}\n") };
    context.print(format!("{head}KIND:       {}\nVERSION:    {version}\n\n", kind.name()));
    let page = page(root, &path, recursive).ok_or_else(absent)?;
    context.print(page + "\n");
    OK
}

/// `pods.spec.containers`, `deployments.apps.spec`: the kind, and the path behind it.
fn read<'a>(context: &Context, word: &'a str, versioned: bool) -> Result<(Kind, &'a str), Fault> {
    if word.contains(['[', '{']) {
        return Err(Fault::text("invalid jsonpath syntax, first node must be field node"));
    }
    let (resource, path) = word.split_once('.').unwrap_or((word, ""));
    let kind = resources::kind(&context.cluster.store, resource)?;
    let grouped = word.strip_prefix(&*kind.plural_dot_group()).filter(|rest| rest.is_empty() || rest.starts_with('.'));
    Ok((kind, if versioned { path } else { grouped.unwrap_or(path) }))
}

/// The kind is not served in this version, or nothing is.
fn unknown(context: &Context, kind: Kind, api_version: &str) -> Fault {
    if api_version.matches('/').count() > 1 {
        return Fault::text(format!("unexpected GroupVersion string: {api_version}"));
    }
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    let what = format!("{group}/{version}, Resource={}", kind.plural());
    if info::versions(context).contains(api_version) {
        return Fault::text(format!("GVR ({what}) not found in OpenAPI schema"));
    }
    Fault::text(format!("couldn't find resource for \"{what}\""))
}

/// What is said of the field at a path, or of the kind itself; none if there is no such field.
fn page(root: Node, path: &[&str], recursive: bool) -> Option<String> {
    let mut out = String::new();
    let mut here = root;
    for (depth, step) in path.iter().enumerate() {
        let field = here.properties().into_iter().find(|field| field.name == *step)?;
        if depth + 1 == path.len() {
            out += &format!("FIELD: {step} <{}>\n", field.node.type_name());
            let values = field.node.values();
            if !values.is_empty() {
                out += &format!("ENUM:{}", values.iter().map(|v| format!("\n    {v}")).collect::<String>());
            }
            out += "\n\n";
        }
        here = field.node;
    }
    let here = here.resolved();
    let known = here.is_custom() || descriptions::are_here();
    let said = here.about();
    let said = match &*said {
        _ if !known => UNDESCRIBED,
        "" => "<empty>",
        said => said,
    };
    out += &format!("DESCRIPTION:\n{}\n", indented(&wrap::words(said, 76), 4));
    let mut fields = String::new();
    list(&here, &List { recursive, short: recursive || !known }, 1, &mut vec![], &mut fields);
    if !fields.is_empty() {
        out += &format!("FIELDS:\n{fields}");
    }
    Some(out)
}

/// How fields are listed.
struct List {
    /// With their own fields.
    recursive: bool,
    /// Without their descriptions.
    short: bool,
}

/// The fields of a type; `above` are the types that this is in.
fn list(here: &Node, how: &List, level: usize, above: &mut Vec<&'static str>, out: &mut String) {
    // Types may hold themselves, as those of JSON schemas do.
    let own = here.reference();
    if own.is_some_and(|name| above.contains(&name)) {
        return;
    }
    above.extend(own);
    for field in here.properties() {
        detail(&field, how.short, level, out);
        if how.recursive {
            list(&field.node, how, level + 1, above, out);
        }
    }
    above.truncate(above.len() - usize::from(own.is_some()));
}

fn detail(field: &Property, short: bool, level: usize, out: &mut String) {
    let indent = level * 2;
    let pad = " ".repeat(indent);
    let required = if field.required { " -required-" } else { "" };
    *out += &format!("{pad}{}\t<{}>{required}", field.name, field.node.type_name());
    let values = field.node.values();
    if !values.is_empty() {
        let more = if values.len() > MOST_VALUES { ", ...." } else { "" };
        let named: Vec<&str> = values.iter().take(MOST_VALUES).map(|v| &**v).collect();
        *out += &format!("\n{pad}enum: {}{more}", named.join(", "));
    }
    out.push('\n');
    if !short {
        let said = field.node.description();
        let said = if said.is_empty() { "<no description>" } else { &said };
        *out += &format!("{}\n\n", indented(&wrap::words(said, 78 - indent), indent + 2));
    }
}

fn indented(text: &str, by: usize) -> String {
    let pad = " ".repeat(by);
    format!("{pad}{}", text.replace('\n', &format!("\n{pad}")))
}
