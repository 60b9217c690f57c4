//! `kubectl label` and `kubectl annotate`.
//!
//! Kubernetes 1.36: staging/src/k8s.io/kubectl/pkg/cmd/label, pkg/cmd/annotate

use super::{Answer, Context, Fault, OK, get, patch, resources};
use crate::admission::validate::names;
use crate::api::object::Object;
use crate::apiserver::Status;
use crate::value::Value;
use std::rc::Rc;

/// `what` is the field of the metadata: `labels` or `annotations`.
pub fn run(context: &mut Context, what: &str) -> Answer {
    let verb = if what == "labels" { "label" } else { "annotate" };
    let is_pair = |w: &String| w.contains('=') || w.ends_with('-') && w.len() > 1;
    let words = context.args.words.clone();
    // The first word is a resource even where it has a `=`; pairs stand last.
    let cut = words.iter().skip(1).position(is_pair).map_or(words.len(), |i| i + 1);
    let cut = if context.args.has_files() { words.iter().position(is_pair).unwrap_or(words.len()) } else { cut };
    let (targets, pairs) = words.split_at(cut);
    if targets.is_empty() && !context.args.has_files() {
        return Err(Fault::text("one or more resources must be specified as <resource> <name> or <resource>/<name>"));
    }
    let noun = if what == "labels" { "label" } else { "annotation" };
    if let Some(word) = pairs.iter().find(|word| !is_pair(word)) {
        return Err(Fault::text(format!("all resources must be specified before {noun} changes: {word}")));
    }
    let removed = |key: &str| pairs.iter().any(|w| !w.contains('=') && w.strip_suffix('-') == Some(key));
    if pairs.iter().filter_map(|word| word.split_once('=')).any(|(key, _)| removed(key)) {
        let a = if what == "labels" { "a" } else { "an" };
        let text = format!("can not both modify and remove {a} {noun} in the same command");
        return Err(Fault::text(text));
    }
    for pair in pairs.iter().filter(|pair| what == "labels" && pair.contains('=')) {
        let (_, text) = pair.split_once('=').expect("it has one");
        if text.contains('=') {
            return Err(Fault::text(format!("invalid label spec: {pair}")));
        }
        let wrong = names::label_value(text);
        if !wrong.is_empty() {
            return Err(Fault::text(format!("invalid label value: {pair:?}: {}", wrong.join(";"))));
        }
    }
    if pairs.is_empty() && !context.args.is("list") {
        return Err(Fault::text(format!("at least one {noun} update is required")));
    }
    let named = resources::targets(&context.cluster.store, targets)?.iter().all(|(_, name)| name.is_some());
    if !named
        && !context.args.is("all")
        && context.args.get("selector").is_none()
        && context.args.get("field-selector").is_none()
    {
        return Err(Fault::text("resource(s) were provided, but no name was specified"));
    }
    let found = resources::find_among(context, targets)?;
    if expected(context).is_some() && found.objects.len() > 1 {
        return Err(Fault::text("--resource-version may only be used with a single resource"));
    }
    let mut faults = found.faults;
    for object in found.objects {
        let done = if context.args.is("list") {
            list(context, &object, what)
        } else {
            one(context, &object, what, verb, pairs)
        };
        faults.extend(done.err());
    }
    Fault::all(faults)?;
    OK
}

/// `--resource-version`: as which version the object must still be there.
fn expected<'a>(context: &'a Context) -> Option<&'a str> {
    context.args.get("resource-version").filter(|version| !version.is_empty())
}

fn list(context: &mut Context, object: &Rc<Object>, what: &str) -> Result<(), Fault> {
    let value = object.write();
    let lines: Vec<String> = value
        .at(&["metadata", what])
        .as_map()
        .into_iter()
        .flat_map(|m| m.iter())
        .map(|(k, v)| format!("{k}={}", v.as_str().unwrap_or("")))
        .collect();
    lines.iter().for_each(|line| context.say(line));
    Ok(())
}

fn one(context: &mut Context, object: &Rc<Object>, what: &str, verb: &str, pairs: &[String]) -> Result<(), Fault> {
    let mut value = object.write();
    let before = value.at(&["metadata", what]).as_map().map_or(0, |m| m.len());
    let overwrite = context.args.is("overwrite")
        || context.args.get("overwrite").is_none()
            && what == "annotations"
            && pairs.iter().all(|p| p.starts_with("kubernetes.io/change-cause="));
    let (mut missing, mut kept) = (vec![], vec![]);
    let old = |key: &str| object.write().at(&["metadata", what, key]).as_str().map(str::to_string);
    for pair in pairs {
        let Some((key, new)) = pair.split_once('=') else {
            let key = pair.trim_end_matches('-');
            if value.at_mut(&["metadata", what]).remove(key).is_none() {
                missing.push(key.to_string());
            }
            continue;
        };
        if let Some(old) = old(key).filter(|old| !overwrite && old != new) {
            kept.push(format!("'{key}' already has a value ({old})"));
        }
        value.at_mut(&["metadata", what]).set(key, Value::from(new));
    }
    if !kept.is_empty() {
        return Err(Fault::text(match what {
            "labels" => kept.iter().map(|k| format!("{k}, and --overwrite is false")).collect::<Vec<_>>().join("\n"),
            _ => format!("--overwrite is false but found the following declared annotation(s): {}", kept.join("; ")),
        }));
    }
    if what == "labels" {
        missing.iter().for_each(|key| context.say(format!("label \"{key}\" not found.")));
    }
    if expected(context).is_some_and(|version| version != object.meta.resource_version.0.to_string()) {
        return Err(Status::modified(object.kind, &object.meta.name).into());
    }
    let changed = value != object.write();
    let after = value.at(&["metadata", what]).as_map().map_or(0, |m| m.len());
    let said = match verb {
        "annotate" => "annotated",
        _ if !changed => "not labeled",
        _ if after < before && !context.args.is("overwrite") => "unlabeled",
        _ => "labeled",
    };
    let new =
        if changed && context.dry_run() != "client" { patch::write(context, object, value)? } else { object.clone() };
    context.done(&get::shown(&new), object.kind, said)
}
