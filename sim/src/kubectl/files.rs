//! `-f` and `-k`: files, folders and standard input, read into objects.
//!
//! Kubernetes 1.36: staging/src/k8s.io/cli-runtime/pkg/resource/builder.go, visitor.go

use super::{Context, Fault, kustomize};
use crate::api::Kind;
use crate::api::object::Key;
use crate::manifest::{self, objects::objects, write};
use crate::value::Value;

/// An object of a file.
#[derive(Clone, Debug)]
pub struct Info {
    /// Where it stood: a path, or `STDIN`.
    pub file: String,
    pub kind: Kind,
    pub key: Key,
    /// With its namespace set.
    pub value: Value,
}

/// The objects of all `-f` in their order, each with what is wrong with it instead if something is.
pub fn infos(context: &mut Context) -> Result<Vec<Result<Info, Fault>>, Fault> {
    let mut out = Vec::new();
    if let Some(folder) = context.args.get("kustomize").map(str::to_string) {
        for object in kustomize::built(context, &folder)? {
            documents(context, &folder, &write::json(&object, 0), &mut out);
        }
    }
    for name in context.args.list("filename") {
        for (file, text) in texts(context, name)? {
            documents(context, &file, &text, &mut out);
        }
    }
    Ok(out)
}

/// The files that a name stands for, with their text.
fn texts(context: &Context, name: &str) -> Result<Vec<(String, String)>, Fault> {
    if name == "-" {
        return Ok(vec![("STDIN".into(), context.call.stdin.clone())]);
    }
    if name.starts_with("http://") || name.starts_with("https://") {
        return Err(Fault::text(format!(
            "unable to read URL \"{name}\": there is no internet in here; paste the file instead"
        )));
    }
    if let Some(text) = context.file(name) {
        return Ok(vec![(name.into(), text.to_string())]);
    }
    let mut out = vec![];
    walk(context, name.trim_end_matches('/'), context.args.is("recursive"), &mut out);
    if out.is_empty() && context.cluster.folder.names_in(&context.path(name)).is_empty() {
        return Err(Fault::text(format!("the path \"{name}\" does not exist")));
    }
    if out.is_empty() {
        return Err(Fault::text(format!("error reading [{name}]: recognized file extensions are [.json .yaml .yml]")));
    }
    Ok(out)
}

/// The manifests of a folder by name.
fn walk(context: &Context, folder: &str, deep: bool, out: &mut Vec<(String, String)>) {
    for name in context.cluster.folder.names_in(&context.path(folder)) {
        let path = format!("{folder}/{name}");
        match context.file(&path) {
            Some(text) if [".json", ".yaml", ".yml"].iter().any(|end| name.ends_with(end)) => {
                out.push((path, text.to_string()));
            }
            None if deep => walk(context, &path, deep, out),
            _ => {}
        }
    }
}

fn documents(context: &Context, file: &str, text: &str, out: &mut Vec<Result<Info, Fault>>) {
    let customs: Vec<Kind> = context.cluster.store.custom_kinds().collect();
    for item in objects(&manifest::read(text), file, &customs) {
        out.push(match item {
            Ok(item) => info(context, file, item.kind, &item.value),
            Err(refusal) if refusal.bare => Err(Fault::Bare(refusal.text)),
            Err(refusal) => Err(Fault::Text(refusal.text)),
        });
    }
}

fn info(context: &Context, file: &str, kind: Kind, value: &Value) -> Result<Info, Fault> {
    let text = |path: &[&str]| value.at(path).as_str().unwrap_or("").to_string();
    let mut value = value.clone();
    let own = text(&["metadata", "namespace"]);
    if let (true, Some(asked)) = (kind.namespaced() && !own.is_empty(), context.args.get("namespace"))
        && own != asked
    {
        return Err(Fault::text(format!(
            "the namespace from the provided object \"{own}\" does not match the namespace \"{asked}\". You must pass '--namespace={own}' to perform this operation."
        )));
    }
    let namespace = if own.is_empty() { context.namespace() } else { own.into() };
    if kind.namespaced() {
        value.at_mut(&["metadata"]).set("namespace", Value::Str(namespace.clone()));
    }
    let namespace = if kind.namespaced() { namespace } else { "".into() };
    let key = Key { namespace, name: text(&["metadata", "name"]).into() };
    Ok(Info { file: file.into(), kind, key, value })
}
