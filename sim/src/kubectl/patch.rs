//! `kubectl patch`.
//!
//! Kubernetes 1.36: staging/src/k8s.io/kubectl/pkg/cmd/patch

use super::{Answer, Context, Fault, OK, get, resources};
use crate::api::Kind;
use crate::apiserver::{Part, Patch, Status, Verb};
use crate::manifest;
use crate::value::Value;

/// How lists are merged is known of the kinds that every cluster has.
const NO_STRATEGIC: &str = "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml";

pub fn run(context: &mut Context) -> Answer {
    let text = match (context.args.get("patch"), context.args.get("patch-file")) {
        (Some(text), None) => text.to_string(),
        (None, Some(file)) => {
            let missing = || Fault::text(format!("unable to read patch file: open {file}: no such file or directory"));
            context.file(file).ok_or_else(missing)?.to_string()
        }
        (Some(_), Some(_)) => return Err(Fault::text("cannot specify --patch and --patch-file together")),
        _ => {
            return Err(Fault::text("must specify --patch or --patch-file containing the contents of the patch"));
        }
    };
    let reading = manifest::read(&text);
    if let Some(problem) = reading.error() {
        return Err(Fault::text(format!(
            "unable to parse \"{text}\": {}",
            problem.text.replace("error converting YAML to JSON: ", "")
        )));
    }
    let value = reading.documents.first().map(|d| d.value.clone()).unwrap_or_default();
    let patch = match context.args.get("type").unwrap_or("strategic") {
        "json" => Patch::Json(value),
        "merge" => Patch::Merge(value),
        "strategic" => Patch::Strategic(value),
        other => return Err(Fault::text(format!("--type must be one of [json merge strategic], not \"{other}\""))),
    };
    let part = part(context);
    resources::some(context)?;
    let targets = resources::targets(&context.cluster.store, &context.args.words)?;
    if !context.args.has_files() && targets.iter().any(|(_, name)| name.is_none()) {
        return Err(Fault::text("resource(s) were provided, but no name was specified"));
    }
    let found = resources::find(context)?;
    Fault::all(found.faults)?;
    if found.objects.is_empty() {
        return Err(Fault::text("resource(s) were provided, but no name was specified"));
    }
    for object in found.objects {
        if object.kind.is_custom() && matches!(patch, Patch::Strategic(_)) {
            return Err(Status::new(415, "UnsupportedMediaType", NO_STRATEGIC).into());
        }
        let change = Verb::Patch(patch.clone(), part);
        let new = context.request(object.kind, object.key(), change)?;
        let same = new.meta.resource_version == object.meta.resource_version && context.dry_run() == "none";
        let what = if same || *new == *object { "patched (no change)" } else { "patched" };
        said(context, &get::shown(&new), object.kind, (part, what))?;
    }
    OK
}

/// Tells of a patch: never that it was tried only, and of a scale by what was patched.
fn said(context: &mut Context, new: &Value, kind: Kind, (part, what): (Part, &str)) -> Result<(), Fault> {
    if context.args.get("output").is_some() {
        return context.done(new, kind, what);
    }
    let name = new.at(&["metadata", "name"]).as_str().unwrap_or("");
    let resource = if part == Part::Scale { "scale.autoscaling".into() } else { kind.singular_dot_group() };
    context.say(format!("{resource}/{name} {what}"));
    Ok(())
}

/// The part of the object that `--subresource` names.
pub fn part(context: &Context) -> Part {
    match context.args.get("subresource") {
        Some("status") => Part::Status,
        Some("scale") => Part::Scale,
        Some("resize") => Part::Other("resize"),
        Some("ephemeralcontainers") => Part::Other("ephemeralcontainers"),
        _ => Part::Main,
    }
}

/// Writes a changed object, whatever its version is now.
pub fn write(
    context: &mut Context,
    object: &crate::api::object::Object,
    mut value: Value,
) -> Result<std::rc::Rc<crate::api::object::Object>, crate::apiserver::Status> {
    value.at_mut(&["metadata"]).remove("resourceVersion");
    context.request(object.kind, object.key(), Verb::Replace(value, Part::Main))
}
