//! `kubectl delete`: orders deletions, then waits until the objects are gone.
//!
//! Kubernetes 1.36: staging/src/k8s.io/kubectl/pkg/cmd/delete

use super::resources::{self, Found};
use super::{Answer, Context, Fault, OK, Step, files, time};
use crate::api::object::{Key, Object};
use crate::apiserver::{DeleteOptions, Propagation, Status, Verb};
use crate::clock::Span;
use crate::shell::Mode;
use crate::value::Value;
use std::rc::Rc;

const FORCE_WARNING: &str = "Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.";

pub fn run(context: &mut Context) -> Answer {
    if matches!(context.call.memory, Value::List(_)) {
        return wait(context);
    }
    let options = options(context)?;
    let found = targets(context)?;
    if context.args.is("interactive") && !found.objects.is_empty() {
        match confirmed(context, &found) {
            Some(true) => {}
            Some(false) => {
                context.say("deletion is cancelled");
                return OK;
            }
            None => return Ok(Step::Wait(None)),
        }
    }
    let mut faults = found.faults;
    if context.args.is("force") && context.dry_run() == "none" {
        context.warn(FORCE_WARNING);
    }
    if found.objects.is_empty() && faults.is_empty() {
        context.say("No resources found");
        return OK;
    }
    let mut pending = vec![];
    for object in &found.objects {
        match order(context, object, &options) {
            Ok(()) => pending.push(Value::list(vec![
                object.kind.plural_dot_group().into(),
                Value::Str(object.meta.namespace.clone()),
                Value::Str(object.meta.name.clone()),
                Value::Str(object.meta.uid.clone()),
            ])),
            Err(fault) => faults.push(fault),
        }
    }
    Fault::all(faults)?;
    let waits = !context.args.off("wait")
        && context.dry_run() == "none"
        && !(context.args.is("force") && context.args.get("wait").is_none());
    if !waits {
        return OK;
    }
    context.call.memory = Value::list(pending);
    wait(context)
}

/// Asks whether all that is really meant; `None` until that is answered.
fn confirmed(context: &mut Context, found: &Found) -> Option<bool> {
    if context.call.memory.is_null() {
        context.say(format!("You are about to delete the following {} resource(s):", found.objects.len()));
        for object in &found.objects {
            context.say(format!("{}/{}", object.kind.singular_dot_group(), object.meta.name));
        }
        context.print("Do you want to continue? (y/N): ".into());
        context.call.memory = Value::empty_map();
        context.call.reads = Some(Mode::Lines);
    }
    let typed = context.call.stdin.trim_start();
    if !context.call.closed && !typed.contains(['\n', ' ']) {
        return None;
    }
    let is_yes = typed.split_whitespace().next().is_some_and(|word| word.eq_ignore_ascii_case("y"));
    context.call.reads = None;
    Some(is_yes)
}

fn options(context: &Context) -> Result<DeleteOptions, Fault> {
    let args = &context.args;
    let mut grace = match args.get("grace-period") {
        Some(text) => {
            let bad = || {
                Fault::text(format!(
                    "invalid argument \"{text}\" for \"--grace-period\" flag: strconv.ParseInt: parsing \"{text}\": invalid syntax"
                ))
            };
            Some(text.parse::<i64>().map_err(|_| bad())?).filter(|n| *n >= 0)
        }
        None => None,
    };
    if args.is("now") {
        if grace.is_some() {
            return Err(Fault::text("--now and --grace-period cannot be specified together"));
        }
        grace = Some(1);
    }
    match (grace, args.is("force")) {
        (None, true) => grace = Some(0),
        (Some(n), true) if n > 0 => {
            return Err(Fault::text("--force and --grace-period greater than 0 cannot be specified together"));
        }
        // Without --force the object is still waited for.
        (Some(0), false) => grace = Some(1),
        _ => {}
    }
    let propagation = match args.get("cascade").unwrap_or("background") {
        "background" | "true" => Propagation::Background,
        "foreground" => Propagation::Foreground,
        "orphan" | "false" => Propagation::Orphan,
        other => {
            return Err(Fault::text(format!(
                "invalid cascade value ({other}). Must be \"background\", \"foreground\", or \"orphan\""
            )));
        }
    };
    Ok(DeleteOptions { grace, propagation, ..DeleteOptions::default() })
}

/// What is to be deleted.
fn targets(context: &mut Context) -> Result<Found, Fault> {
    let args = &context.args;
    let files = args.has_files();
    let (selector, all) = (args.get("selector").is_some() || args.get("field-selector").is_some(), args.is("all"));
    if all && selector {
        return Err(Fault::text("setting 'all' parameter but found a non empty selector."));
    }
    if files {
        return from_files(context);
    }
    resources::some(context)?;
    let args = &context.args;
    let named = resources::targets(&context.cluster.store, &args.words)?.iter().any(|(_, name)| name.is_some());
    if !named && !selector && !all {
        return Err(Fault::text("resource(s) were provided, but no name was specified"));
    }
    if named && all {
        return Err(Fault::text("name cannot be provided when a selector is specified"));
    }
    let mut found = resources::find(context)?;
    if context.args.is("ignore-not-found") || !named {
        found.faults.retain(|f| !matches!(f, Fault::Server(s, _) if s.reason == "NotFound"));
        if found.objects.is_empty() && named && found.faults.is_empty() {
            return Err(Fault::Code(0));
        }
    }
    Ok(found)
}

fn from_files(context: &mut Context) -> Result<Found, Fault> {
    let mut found = Found::default();
    for info in files::infos(context)? {
        match info {
            Ok(info) => match context.cluster.store.get(info.kind, &info.key) {
                Some(object) => found.objects.push(object.clone()),
                None if context.args.is("ignore-not-found") => {}
                None => {
                    let about = format!("error when deleting \"{}\": ", info.file);
                    found.faults.push(Fault::Server(Status::not_found(info.kind, &info.key.name), about));
                }
            },
            Err(fault) => found.faults.push(fault),
        }
    }
    if found.objects.is_empty() && found.faults.is_empty() && context.args.is("ignore-not-found") {
        return Err(Fault::Code(0));
    }
    Ok(found)
}

/// Orders one deletion and says so.
fn order(context: &mut Context, object: &Rc<Object>, options: &DeleteOptions) -> Result<(), Fault> {
    let (kind, key) = (object.kind, object.key());
    if context.dry_run() != "client" {
        context.request(kind, key.clone(), Verb::Delete(options.clone()))?;
    }
    let forced = if context.args.is("force") { "force deleted" } else { "deleted" };
    let dry = match context.dry_run() {
        "client" => " (dry run)",
        "server" => " (server dry run)",
        _ => "",
    };
    if context.args.get("output") == Some("name") {
        context.say(format!("{}/{}", kind.singular_dot_group(), key.name));
    } else {
        let from = if kind.namespaced() { format!(" from {} namespace", key.namespace) } else { String::new() };
        context.say(format!("{} \"{}\" {forced}{from}{dry}", kind.singular_dot_group(), key.name));
    }
    Ok(())
}

/// Waits until what was ordered is gone.
fn wait(context: &mut Context) -> Answer {
    let left = context.call.memory.items().iter().find(|entry| still_there(context, entry)).cloned();
    let Some(left) = left else { return OK };
    let timeout = context.args.get("timeout").and_then(time::parse).filter(|t| *t > 0);
    let Some(timeout) = timeout else { return Ok(Step::Wait(None)) };
    let end = context.call.started + Span(timeout as u64);
    if context.now() < end {
        return Ok(Step::Wait(Some(end)));
    }
    let (kind, name) = (left.items()[0].as_str().unwrap_or(""), left.items()[2].as_str().unwrap_or(""));
    Err(Fault::text(format!("timed out waiting for the condition on {kind}/{name}")))
}

fn still_there(context: &Context, entry: &Value) -> bool {
    let text = |i: usize| entry.items().get(i).and_then(|v| v.as_str()).unwrap_or("");
    let kind = context.cluster.store.kind_named(text(0));
    let found = kind.and_then(|k| context.cluster.store.get(k, &Key::new(text(1), text(2))));
    found.is_some_and(|o| &*o.meta.uid == text(3))
}
