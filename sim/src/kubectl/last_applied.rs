//! `kubectl apply view-last-applied` and `set-last-applied`: the record of itself that `apply` keeps in each object.
//!
//! Kubernetes 1.36: staging/src/k8s.io/kubectl/pkg/cmd/apply. Not simulated: `edit-last-applied`, which needs an editor.

use super::apply;
use super::files::Info;
use super::{Answer, Context, Fault, OK, each, get, resources};
use crate::api::metadata::LAST_APPLIED;
use crate::apiserver::{Part, Patch, Verb};
use crate::manifest::{self, write};
use crate::value::Value;

pub fn run(context: &mut Context, what: &str) -> Answer {
    match what {
        "view-last-applied" => view(context),
        "set-last-applied" if !context.args.has_files() => Err(Fault::text("must specify one of -f and -k")),
        "set-last-applied" => each::run(context, "no objects passed to set-last-applied", set),
        _ => Err(Fault::text("kubectl apply edit-last-applied needs an editor: change the file and apply it")),
    }
}

fn view(context: &mut Context) -> Answer {
    let format = context.args.get("output").unwrap_or("yaml").to_string();
    if !matches!(format.as_str(), "yaml" | "json") {
        return Err(Fault::text(format!(
            "Unexpected -o output mode: {format}, the flag 'output' must be one of yaml|json\nSee 'kubectl apply view-last-applied -h' for help and examples"
        )));
    }
    resources::some(context)?;
    let found = resources::find(context)?;
    Fault::all(found.faults)?;
    for object in found.objects {
        let Some(text) = object.meta.annotations.get(LAST_APPLIED) else {
            let name = &object.meta.name;
            return Err(Fault::text(format!("no last-applied-configuration annotation found on resource: {name}\n")));
        };
        let value = read(text);
        context.print(if format == "json" { write::json(&value, 2) + "\n" } else { write::yaml(&value) });
    }
    OK
}

fn read(text: &str) -> Value {
    manifest::read(text).documents.first().map(|document| document.value.clone()).unwrap_or_default()
}

fn set(context: &mut Context, info: &Info) -> Result<(), Fault> {
    let object = context.find(info.kind, &info.key.name)?;
    let wanted = apply::recorded(&info.value).at(&["metadata", "annotations", LAST_APPLIED]).clone();
    let before = object.meta.annotations.get(LAST_APPLIED);
    if before.is_none() && !context.args.is("create-annotation") {
        return Err(Fault::text(format!(
            "no last-applied-configuration annotation found on resource: {}, to create the annotation, run the command with --create-annotation",
            info.key.name
        )));
    }
    if before.map(|text| read(text)) == wanted.as_str().map(read) {
        context.say(format!("set-last-applied {}: no changes required.", info.key.name));
        return Ok(());
    }
    let mut patch = Value::empty_map();
    patch.at_mut(&["metadata", "annotations"]).set(LAST_APPLIED, wanted);
    if context.dry_run() == "client" {
        return context.done(&get::shown(&object), info.kind, "configured");
    }
    let changed = context.request(info.kind, info.key.clone(), Verb::Patch(Patch::Merge(patch), Part::Main))?;
    context.done(&get::shown(&changed), info.kind, "configured")
}
