//! `-f` and `-k`: files, folders and standard input, read into objects.
//!
//! Kubernetes 1.36: staging/src/k8s.io/cli-runtime/pkg/resource/builder.go, visitor.go

use super::{Context, Fault, kustomize};
use crate::api::Kind;
use crate::api::object::Key;
use crate::manifest::{self, Mark, Place, objects::objects, write};
use crate::value::Value;
use std::collections::VecDeque;
use std::rc::Rc;

/// An object of a file.
#[derive(Clone, Debug)]
pub struct Info {
    /// Where it stood: a path, or `STDIN`.
    pub file: Rc<str>,
    pub kind: Kind,
    pub key: Key,
    /// With its namespace set.
    pub value: Value,
}

/// The objects of all `-f` in their order, each with what is wrong with it instead if something is.
pub fn infos(context: &mut Context) -> Result<Vec<Result<Info, Fault>>, Fault> {
    let (mut unread, mut out) = (Unread::new(context)?, vec![]);
    while let Some(more) = unread.read_on(context) {
        out.extend(more);
    }
    Ok(out)
}

/// The files of a command, read document by document with the eyes of its beginning.
pub struct Unread {
    texts: VecDeque<(Rc<str>, Rc<str>)>,
    /// In the first of them.
    place: Place,
    namespace: Rc<str>,
    customs: Vec<Kind>,
}

impl Unread {
    /// The files of `-k` and `-f`.
    pub fn new(context: &mut Context) -> Result<Unread, Fault> {
        let mut found = VecDeque::new();
        if let Some(folder) = context.args.get("kustomize").map(str::to_string) {
            for object in kustomize::built(context, &folder)? {
                found.push_back((folder.as_str().into(), write::json(&object, 0).into()));
            }
        }
        for name in context.args.list("filename") {
            found.extend(texts(context, name)?);
        }
        let customs = context.cluster.store.custom_kinds().collect();
        Ok(Unread { texts: found, place: Place::default(), namespace: context.namespace(), customs })
    }

    /// The objects of the next document, which may have none; `None` after the last.
    pub fn read_on(&mut self, context: &Context) -> Option<Vec<Result<Info, Fault>>> {
        let (file, text) = self.texts.front()?;
        let (reading, next) = manifest::read_from(text, self.place);
        let items = objects(&reading, file, &self.customs).into_iter().map(|item| match item {
            Ok(item) => info(context, (file, &self.namespace), item.kind, &item.value),
            Err(refusal) if refusal.bare => Err(Fault::Bare(refusal.text)),
            Err(refusal) => Err(Fault::Text(refusal.text)),
        });
        let items = items.collect();
        self.place = next.unwrap_or_default();
        if next.is_none() {
            self.texts.pop_front();
        }
        Some(items)
    }

    /// As a command's memory keeps it.
    pub fn remembered(&self) -> Value {
        let text =
            |(file, text): &(Rc<str>, Rc<str>)| Value::list(vec![Value::Str(file.clone()), Value::Str(text.clone())]);
        let Place { mark: Mark { line, column, offset }, documents } = self.place;
        let place = [line, column, offset, documents as u32].map(|n| Value::Int(n.into()));
        Value::map([
            ("customs", Value::list(self.customs.iter().map(|kind| kind.plural_dot_group().into()).collect())),
            ("namespace", Value::Str(self.namespace.clone())),
            ("place", Value::list(place.into())),
            ("texts", Value::list(self.texts.iter().map(text).collect())),
        ])
    }

    /// From a command's memory.
    pub fn recalled(context: &Context, memory: &Value) -> Unread {
        let text = |value: &Value| if let Value::Str(text) = value { text.clone() } else { "".into() };
        let known = |kind: &Kind| memory.get("customs").items().contains(&kind.plural_dot_group().into());
        let place = memory.get("place").items();
        let number = |i: usize| place.get(i).and_then(Value::as_int).unwrap_or(0) as u32;
        Unread {
            texts: memory.get("texts").items().iter().map(|t| (text(&t.items()[0]), text(&t.items()[1]))).collect(),
            place: Place {
                mark: Mark { line: number(0), column: number(1), offset: number(2) },
                documents: number(3) as usize,
            },
            namespace: text(memory.get("namespace")),
            customs: context.cluster.store.custom_kinds().filter(known).collect(),
        }
    }
}

/// The files that a name stands for, with their text.
fn texts(context: &Context, name: &str) -> Result<Vec<(Rc<str>, Rc<str>)>, Fault> {
    if name == "-" {
        return Ok(vec![("STDIN".into(), context.call.stdin.as_str().into())]);
    }
    if name.starts_with("http://") || name.starts_with("https://") {
        return Err(Fault::text(format!(
            "unable to read URL \"{name}\": there is no internet in here; paste the file instead"
        )));
    }
    if let Some(text) = context.file(name) {
        return Ok(vec![(name.into(), text)]);
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
fn walk(context: &Context, folder: &str, deep: bool, out: &mut Vec<(Rc<str>, Rc<str>)>) {
    for name in context.cluster.folder.names_in(&context.path(folder)) {
        let path = format!("{folder}/{name}");
        match context.file(&path) {
            Some(text) if [".json", ".yaml", ".yml"].iter().any(|end| name.ends_with(end)) => {
                out.push((path.into(), text));
            }
            None if deep => walk(context, &path, deep, out),
            _ => {}
        }
    }
}

fn info(context: &Context, (file, default): (&Rc<str>, &Rc<str>), kind: Kind, value: &Value) -> Result<Info, Fault> {
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
    let namespace = if own.is_empty() { default.clone() } else { own.into() };
    if kind.namespaced() {
        value.at_mut(&["metadata"]).set("namespace", Value::Str(namespace.clone()));
    }
    let namespace = if kind.namespaced() { namespace } else { "".into() };
    let key = Key { namespace, name: text(&["metadata", "name"]).into() };
    Ok(Info { file: file.clone(), kind, key, value })
}
