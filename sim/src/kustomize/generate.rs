//! `configMapGenerator` and `secretGenerator`: objects made of literals and files.
//!
//! kustomize: api/internal/generators, api/kv/kv.go, api/resmap/reswrangler.go (AbsorbAll)

use super::file::{Kustomization, pairs, texts};
use super::load::Root;
use super::resource::{Behavior, Id, Resource, append};
use crate::manifest::base64;
use crate::value::Value;

/// Lines of base64 are no longer.
const LINE: usize = 70;

/// Makes what is to be generated, or merges it into what is there.
pub fn absorb(root: &Root, file: &Kustomization, all: &mut Vec<Resource>) -> Result<(), String> {
    for (kind, field) in [("ConfigMap", "configMapGenerator"), ("Secret", "secretGenerator")] {
        for order in file.get(field).items() {
            let made = generate(root, kind, order, file.get("generatorOptions"))?;
            place(all, made).map_err(|why| format!("merging from generator {}: {why}", describe(order)))?;
        }
    }
    Ok(())
}

/// How an order is called in errors: by its kind of thing and name.
fn describe(order: &Value) -> String {
    let text = |field: &str| order.get(field).as_str().unwrap_or("").to_string();
    format!("&{{{} {} {}}}", text("namespace"), text("name"), text("behavior"))
}

fn generate(root: &Root, kind: &str, order: &Value, common: &Value) -> Result<Resource, String> {
    let text = |field: &str| order.get(field).as_str().unwrap_or("");
    let name = text("name");
    if name.is_empty() {
        return Err("a configmap must have a name".into());
    }
    let mut value = Value::map([
        ("apiVersion", Value::from("v1")),
        ("kind", kind.into()),
        ("metadata", Value::map([("name", Value::from(name))])),
    ]);
    if !text("namespace").is_empty() {
        value.at_mut(&["metadata"]).set("namespace", Value::from(text("namespace")));
    }
    if kind == "Secret" {
        value.set("type", Value::from(if text("type").is_empty() { "Opaque" } else { text("type") }));
        value.set("data", Value::empty_map());
    }
    let mut keys: Vec<String> = vec![];
    for (key, content) in contents(root, order).map_err(|why| format!("loading KV pairs: {why}"))? {
        if keys.contains(&key) {
            return Err(format!("configmap {name} illegally repeats the key `{key}`"));
        }
        match String::from_utf8(content) {
            Ok(content) if kind == "ConfigMap" => value.at_mut(&["data"]).set(&key, Value::from(content)),
            Ok(content) => value.at_mut(&["data"]).set(&key, Value::from(lines(content.as_bytes()))),
            Err(why) => {
                let field = if kind == "ConfigMap" { "binaryData" } else { "data" };
                value.at_mut(&[field]).set(&key, Value::from(lines(why.as_bytes())));
            }
        }
        keys.push(key);
    }
    let options = order.get("options");
    // The order's own come first; what all are told to be cannot be taken back.
    for options in [common, options] {
        for field in ["labels", "annotations"] {
            for (key, text) in pairs(options.get(field)) {
                value.at_mut(&["metadata", field]).set(key, Value::from(text));
            }
        }
    }
    let either = |field: &str| [common, options].iter().any(|o| o.get(field).as_bool() == Some(true));
    if either("immutable") {
        value.set("immutable", Value::Bool(true));
    }
    let behavior = match text("behavior") {
        "merge" => Behavior::Merge,
        "replace" => Behavior::Replace,
        _ => Behavior::Create,
    };
    Ok(Resource { hashed: !either("disableNameSuffixHash"), behavior, ..Resource::new(value) })
}

/// Base64, cut in lines as kustomize cuts it.
fn lines(bytes: &[u8]) -> String {
    let text = base64::encode(bytes);
    if text.len() < LINE {
        return text;
    }
    let parts = text.as_bytes().chunks(LINE).map(|line| String::from_utf8_lossy(line) + "\n");
    parts.collect()
}

/// Keys and contents: of files of variables, literals, files.
fn contents(root: &Root, order: &Value) -> Result<Vec<(String, Vec<u8>)>, String> {
    let mut out = vec![];
    let listed = |field: &str| format!("[{}]", texts(order.get(field)).collect::<Vec<_>>().join(" "));
    for path in texts(order.get("envs")).chain(order.get("env").as_str()) {
        let told = |why: String| format!("env source files: {}: {why}", listed("envs"));
        variables(&root.text(path).map_err(told)?, &mut out).map_err(told)?;
    }
    for literal in texts(order.get("literals")) {
        let entry = literal.split_once('=').filter(|(key, _)| !key.is_empty());
        let (key, value) = entry.ok_or_else(|| {
            let why = format!("invalid literal source {literal}, expected key=value");
            format!("literal sources {}: {why}", listed("literals"))
        })?;
        out.push((key.into(), unquoted(value).into()));
    }
    for source in texts(order.get("files")) {
        let told = |why: String| format!("file sources: {}: {why}", listed("files"));
        let (key, path) = file_source(source).map_err(told)?;
        out.push((key.into(), root.bytes(path).map_err(told)?.to_vec()));
    }
    Ok(out)
}

/// `KEY=VALUE` lines; a key alone has an empty value.
fn variables(text: &str, out: &mut Vec<(String, Vec<u8>)>) -> Result<(), String> {
    let text = text.trim_start_matches('\u{feff}');
    for line in text.lines().map(str::trim_start).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (key, value) = line.split_once('=').unwrap_or((line, ""));
        let fits =
            |(at, c): (usize, char)| c.is_ascii_alphabetic() || "-._".contains(c) || at > 0 && c.is_ascii_digit();
        if key.is_empty() || !key.char_indices().all(fits) {
            let rule = "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', regex used for validation is '[-._a-zA-Z][-._a-zA-Z0-9]*')";
            return Err(format!("{key:?} is not a valid key name: {rule}"));
        }
        out.push((key.into(), value.into()));
    }
    Ok(())
}

fn unquoted(text: &str) -> &str {
    let within = |quote: char| text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    within('"').or_else(|| within('\'')).unwrap_or(text)
}

/// `KEY=PATH`, or a path whose last part is the key.
fn file_source(source: &str) -> Result<(&str, &str), String> {
    match source.split_once('=') {
        None => Ok((source.rsplit('/').next().unwrap_or(source), source)),
        Some((_, path)) if path.contains('=') => Err(format!("source {source:?} key name or file path contains '='")),
        Some(("", path)) => Err(format!("missing key name for file path {path:?} in source {source:?}")),
        Some((key, "")) => Err(format!("missing file path for key name {key:?} in source {source:?}")),
        Some((key, path)) => Ok((key, path)),
    }
}

/// Adds what was generated; or merges it into, or puts it in the place of, what is there.
fn place(all: &mut Vec<Resource>, mut made: Resource) -> Result<(), String> {
    let id = made.id();
    let same: Vec<usize> = (0..all.len()).filter(|at| all[*at].is(&id)).collect();
    let at = match (same.as_slice(), made.behavior) {
        ([], Behavior::Create) => return append(all, made),
        ([], _) => return Err(format!("id {} does not exist; cannot merge or replace", go(&id))),
        ([_], Behavior::Create) => return Err(format!("id {} exists; behavior must be merge or replace", go(&id))),
        ([one], _) => *one,
        _ => return Err(format!("found multiple objects that could accept merge of {id}")),
    };
    let old = &all[at];
    for field in ["labels", "annotations"] {
        inherit(&mut made.value, &old.value, &["metadata", field]);
    }
    if made.behavior == Behavior::Merge {
        inherit(&mut made.value, &old.value, &["data"]);
        inherit(&mut made.value, &old.value, &["binaryData"]);
    }
    let now = old.id();
    made.rename(&now.name);
    if !now.namespace.is_empty() {
        made.value.at_mut(&["metadata"]).set("namespace", Value::from(now.namespace));
    }
    (made.previous, made.prefixes, made.suffixes) = (old.previous.clone(), old.prefixes.clone(), old.suffixes.clone());
    made.behavior = old.behavior;
    all[at] = made;
    Ok(())
}

/// Takes over the entries of a map that are not there.
fn inherit(value: &mut Value, from: &Value, path: &[&str]) {
    for (key, text) in from.at(path).as_map().into_iter().flat_map(|m| m.iter()) {
        value.at_mut(path).set_default(key, || text.clone());
    }
}

/// An id as Go prints a struct.
fn go(id: &Id) -> String {
    format!(
        "resid.ResId{{Gvk:resid.Gvk{{Group:{:?}, Version:{:?}, Kind:{:?}, isClusterScoped:{}}}, Name:{:?}, Namespace:{:?}}}",
        id.group,
        id.version,
        id.kind,
        id.cluster_scoped(),
        id.name,
        id.namespace
    )
}
