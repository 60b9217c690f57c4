//! `kubectl apply`: what the file says, without undoing what others said.
//!
//! Kubernetes 1.36: staging/src/k8s.io/kubectl/pkg/cmd/apply

use super::files::Info;
use super::{Answer, Context, Fault, each, get, prune, upgrade};
use crate::admission::defaults::autoscaling::convert;
use crate::api::Kind;
use crate::api::metadata::LAST_APPLIED;
use crate::api::object::Object;
use crate::apiserver::{Part, Patch, Verb, strategic};
use crate::manifest::write::json;
use crate::value::Value;
use std::rc::Rc;

pub fn run(context: &mut Context) -> Answer {
    if !context.args.has_files() {
        return Err(Fault::text("must specify one of -f and -k"));
    }
    prune::check(context)?;
    let server_side = context.args.is("server-side");
    if context.args.is("force-conflicts") && !server_side {
        return Err(Fault::text("--force-conflicts only works with --server-side"));
    }
    each::run(context, "no objects passed to apply", if server_side { self::server_side } else { one })
}

/// The manifest with a record of itself in its annotations.
pub fn recorded(value: &Value) -> Value {
    let mut bare = value.clone();
    let annotations = bare.at_mut(&["metadata", "annotations"]).map_mut();
    annotations.remove(LAST_APPLIED);
    let text = json(&bare, 0) + "\n";
    bare.at_mut(&["metadata", "annotations"]).set(LAST_APPLIED, Value::from(text));
    bare
}

fn one(context: &mut Context, info: &Info) -> Result<(), Fault> {
    let generate = info.value.at(&["metadata", "generateName"]).as_str().unwrap_or("");
    if info.key.name.is_empty() && !generate.is_empty() {
        return Err(Fault::text(format!("from {generate}: cannot use generate name with apply")));
    }
    if info.key.name.is_empty() {
        return Err(Fault::text(format!(
            "error when retrieving current configuration of:\n{}\nfrom server for: \"{}\": resource name may not be empty",
            described(info),
            info.file
        )));
    }
    let wanted = recorded(&context.with_cause(&info.value));
    let Some(current) = context.cluster.store.get(info.kind, &info.key).cloned() else {
        return create(context, info, wanted);
    };
    let last = current.meta.annotations.get(LAST_APPLIED).cloned();
    if last.is_none() {
        let resource = format!("{}/{}", info.kind.plural(), info.key.name);
        context.warn(format!("resource {resource} is missing the {LAST_APPLIED} annotation which is required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing annotation will be patched automatically."));
    }
    if current.meta.deleting() {
        context.warn(format!("Detected changes to resource {} which is currently being deleted.", info.key.name));
    }
    let last = last.and_then(|text| crate::manifest::read(&text).documents.first().map(|d| d.value.clone()));
    let (mut last, mut wanted) = (last.unwrap_or_default(), wanted);
    if info.kind == Kind::HorizontalPodAutoscaler {
        convert(&mut last);
        convert(&mut wanted);
        wanted.remove("status");
    }
    patched(context, info, &current, &last, &wanted)
}

fn create(context: &mut Context, info: &Info, wanted: Value) -> Result<(), Fault> {
    if context.dry_run() == "client" {
        return context.done(&wanted, info.kind, "created");
    }
    let made = context
        .request(info.kind, info.key.clone(), Verb::Create(wanted))
        .map_err(|status| Fault::Server(status, format!("error when creating \"{}\": ", info.file)))?;
    context.done(&get::shown(&made), info.kind, "created")
}

fn patched(
    context: &mut Context,
    info: &Info,
    current: &Rc<Object>,
    last: &Value,
    wanted: &Value,
) -> Result<(), Fault> {
    let patch = strategic::three_way(info.kind, last, wanted, &current.write());
    let nothing = patch.as_map().is_none_or(|m| m.is_empty());
    if context.dry_run() == "client" {
        return context.done(&get::shown(current), info.kind, if nothing { "unchanged" } else { "configured" });
    }
    if nothing {
        return context.done(&get::shown(current), info.kind, "unchanged");
    }
    let verb = Verb::Patch(Patch::Strategic(patch.clone()), Part::Main);
    match context.request(info.kind, info.key.clone(), verb) {
        Ok(object) => context.done(&get::shown(&object), info.kind, "configured"),
        Err(status) => {
            let about = format!(
                "error when applying patch:\n{}\nto:\n{}\nfor: \"{}\": error when patching \"{}\": ",
                json(&patch, 0),
                described(info),
                info.file,
                info.file
            );
            Err(Fault::Server(status, about))
        }
    }
}

/// How kubectl names an object in long errors.
fn described(info: &Info) -> String {
    let (group, version) = (info.kind.group(), info.kind.resource().version);
    format!(
        "Resource: \"{group}/{version}, Resource={}\", GroupVersionKind: \"{group}/{version}, Kind={}\"\nName: \"{}\", Namespace: \"{}\"",
        info.kind.plural(),
        info.kind.name(),
        info.key.name,
        info.key.namespace
    )
}

/// `--server-side`: the server merges, and knows who manages what.
fn server_side(context: &mut Context, info: &Info) -> Result<(), Fault> {
    let apply = || Verb::Apply(info.value.clone(), context.args.is("force-conflicts"));
    let verb = apply();
    let again = apply();
    let mut object = context.request(info.kind, info.key.clone(), verb).map_err(|status| match status.reason {
        "Conflict" => Fault::Text(format!("{}\n{WAYS}", status.message)),
        _ => Fault::from(status),
    })?;
    if let Some(taken_over) = take_over(context, info, &object)? {
        object = taken_over;
        // What is no longer said, and only was by the client-side apply, goes now.
        object = context.request(info.kind, info.key.clone(), again).unwrap_or(object);
    }
    context.done(&get::shown(&object), info.kind, "serverside-applied")
}

/// Makes what was managed by a client-side apply that of this one; `None` if nothing was.
fn take_over(context: &mut Context, info: &Info, object: &Rc<Object>) -> Result<Option<Rc<Object>>, Fault> {
    let manager = context.args.get("field-manager").unwrap_or(SERVER_SIDE).to_string();
    let mut object = object.clone();
    let note = object.meta.annotations.get(LAST_APPLIED).cloned();
    if let (true, Some(note), true) = (manager == SERVER_SIDE, note, upgrade::loses_note(&object.meta.managed_fields)) {
        let mut bare =
            Value::map([("apiVersion", info.value.get("apiVersion").clone()), ("kind", info.kind.name().into())]);
        bare.at_mut(&["metadata", "annotations"]).set(LAST_APPLIED, Value::str(note));
        for (field, text) in [("name", &info.key.name), ("namespace", &info.key.namespace)] {
            if !text.is_empty() {
                bare.at_mut(&["metadata"]).set(field, Value::Str(text.clone()));
            }
        }
        object = context.request_as("kubectl-last-applied", info.kind, info.key.clone(), Verb::Apply(bare, false))?;
    }
    let Some(managed) = upgrade::taken_over(&object.meta.managed_fields, &manager) else { return Ok(None) };
    let change =
        Value::map([("op", Value::from("replace")), ("path", "/metadata/managedFields".into()), ("value", managed)]);
    let patch = Verb::Patch(Patch::Json(Value::list(vec![change])), Part::Main);
    Ok(Some(context.request_as(&manager, info.kind, info.key.clone(), patch)?))
}

/// Who applies on the server unless another is named.
const SERVER_SIDE: &str = "kubectl";

/// What kubectl advises when others manage a field.
const WAYS: &str = "\
Please review the fields above--they currently have other managers. Here
are the ways you can resolve this warning:
* If you intend to manage all of these fields, please re-run the apply
  command with the `--force-conflicts` flag.
* If you do not intend to manage all of the fields, please edit your
  manifest to remove references to the fields that should keep their
  current managers.
* You may co-own fields by updating your manifest to match the existing
  value; in this case, you'll become the manager if the other manager(s)
  stop managing the field (remove it from their configuration).
See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts";
