//! `kubectl rollout history` and `undo`: revisions are ReplicaSets (of a Deployment) or ControllerRevisions.

use super::targets;
use crate::api::Kind;
use crate::api::metadata::LAST_APPLIED;
use crate::api::object::Object;
use crate::kubectl::{Answer, Context, Fault, OK, describe, get, patch, print};
use crate::value::Value;
use std::rc::Rc;

const CAUSE: &str = "kubernetes.io/change-cause";
const REVISION: &str = "deployment.kubernetes.io/revision";
const HASH: &str = "pod-template-hash";

/// One revision: its number, why it was made, and the Pods' template it stands for.
struct Revision {
    number: i64,
    cause: String,
    template: Value,
    annotations: Value,
    /// The ReplicaSet, or the object itself as it was then.
    object: Value,
}

/// The revisions of an object, oldest first.
fn revisions(context: &Context, object: &Object) -> Result<Vec<Revision>, Fault> {
    let kind = object.kind;
    let mut out: Vec<Revision> = match kind {
        Kind::Deployment => {
            let sets = context.cluster.store.owned_by(&object.meta.uid).filter(|o| o.kind == Kind::ReplicaSet);
            sets.map(|set| Revision {
                number: set.meta.annotations.get(REVISION).and_then(|r| r.parse().ok()).unwrap_or(0),
                cause: set.meta.annotations.get(CAUSE).map_or(String::new(), |c| c.to_string()),
                template: set.raw().at(&["spec", "template"]).clone(),
                annotations: crate::api::Field::write(&set.meta.annotations),
                object: get::shown(set),
            })
            .collect()
        }
        Kind::DaemonSet | Kind::StatefulSet => {
            let kept = context.cluster.store.owned_by(&object.meta.uid).filter(|o| o.kind == Kind::ControllerRevision);
            kept.map(|r| {
                let mut template = r.raw().at(&["data", "spec", "template"]).clone();
                template.remove("$patch");
                let mut then = get::shown(object);
                then.at_mut(&["spec"]).set("template", template.clone());
                Revision {
                    number: r.raw().get("revision").as_int().unwrap_or(0),
                    cause: r.meta.annotations.get(CAUSE).map_or(String::new(), |c| c.to_string()),
                    template,
                    annotations: Value::Null,
                    object: then,
                }
            })
            .collect()
        }
        _ => {
            let group = if kind.group().is_empty() { String::new() } else { format!(".{}", kind.group()) };
            return Err(Fault::text(format!("no history viewer has been implemented for \"{}{group}\"", kind.name())));
        }
    };
    out.sort_by_key(|r| r.number);
    Ok(out)
}

pub fn history(context: &mut Context) -> Answer {
    let wanted = context.args.get("revision").and_then(|t| t.parse::<i64>().ok()).unwrap_or(0);
    if wanted < 0 {
        return Err(Fault::text(format!("revision must be a positive integer: {wanted}")));
    }
    if context.args.get("output").is_some() {
        return print_objects(context, wanted);
    }
    for object in targets(context)? {
        let name = format!("{}/{}", object.kind.singular_dot_group(), object.meta.name);
        let revisions = revisions(context, &object)?;
        if wanted > 0 {
            let found = revisions.iter().find(|r| r.number == wanted);
            let found = found.ok_or_else(|| Fault::text("unable to find the specified revision"))?;
            let mut template = found.template.clone();
            // A ReplicaSet's cause is put into its template, a ControllerRevision's is not.
            if object.kind == Kind::Deployment && !found.cause.is_empty() {
                template.at_mut(&["metadata", "annotations"]).set(CAUSE, Value::from(found.cause.as_str()));
            }
            context.say(format!("{name} with revision #{wanted}"));
            let text = describe::template(&template);
            context.print(text);
            context.say("");
            continue;
        }
        context.say(format!("{name} "));
        if revisions.is_empty() {
            context.say("No rollout history found.");
            continue;
        }
        let mut text = String::from("REVISION  CHANGE-CAUSE\n");
        for revision in revisions {
            let cause = if revision.cause.is_empty() { "<none>" } else { &revision.cause };
            text += &format!("{:<10}{cause}\n", revision.number);
        }
        context.print(text);
        context.say("");
    }
    OK
}

/// `history -o FORMAT`: not the table, but what the revisions (or that of `--revision`) are kept in.
fn print_objects(context: &mut Context, wanted: i64) -> Answer {
    let mut first = true;
    for object in targets(context)? {
        let mut revisions = revisions(context, &object)?;
        if wanted > 0 {
            revisions.retain(|r| r.number == wanted);
            if revisions.is_empty() {
                return Err(Fault::text("unable to find the specified revision"));
            }
        }
        for revision in revisions {
            if !first && context.args.get("output") == Some("yaml") {
                context.say("---");
            }
            first = false;
            print::object(context, &revision.object)?;
        }
    }
    OK
}

pub fn undo(context: &mut Context) -> Answer {
    let to = context.args.get("to-revision").and_then(|t| t.parse::<i64>().ok()).unwrap_or(0);
    for object in targets(context)? {
        if object.meta.annotations.get(LAST_APPLIED).is_some() {
            context.warn(format!(
                "resource {}/{} was previously managed with 'kubectl apply'. Rolling back will not update the {LAST_APPLIED} annotation, which may cause unexpected behavior on future 'kubectl apply' operations. Consider using 'kubectl apply' with your previous configuration file instead.",
                object.kind.plural(), object.meta.name
            ));
        }
        roll_back(context, &object, to)?;
    }
    OK
}

fn roll_back(context: &mut Context, object: &Rc<Object>, to: i64) -> Result<(), Fault> {
    let (kind, name) = (object.kind, object.meta.name.clone());
    let mut revisions = revisions(context, object).map_err(|_| {
        let group = if kind.group().is_empty() { String::new() } else { format!(".{}", kind.group()) };
        Fault::text(format!("no rollbacker has been implemented for \"{}{group}\"", kind.name()))
    })?;
    let found = if to > 0 { revisions.iter().position(|r| r.number == to) } else { revisions.len().checked_sub(2) };
    let Some(found) = found else {
        return Err(Fault::text(match (to, kind) {
            (0, Kind::Deployment) => format!("no rollout history found for deployment \"{name}\""),
            (0, _) => "no last revision to roll back to".to_string(),
            _ => format!("unable to find specified revision {to} in history"),
        }));
    };
    let revision = revisions.swap_remove(found);
    if context.dry_run() == "client" {
        let goal = if kind == Kind::Deployment { "" } else { "will roll back to " };
        let text = format!("{goal}{}", describe::template(&revision.template));
        return context.done(&get::shown(object), kind, &text);
    }
    if kind == Kind::Deployment && object.raw().at(&["spec", "paused"]).as_bool() == Some(true) {
        return Err(Fault::text(
            "you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again",
        ));
    }
    let mut value = object.write();
    let mut template = revision.template;
    if kind == Kind::Deployment {
        template.at_mut(&["metadata", "labels"]).remove(HASH);
        // Annotations are taken over, but for those that the Deployment keeps as its own.
        let kept = [
            LAST_APPLIED,
            REVISION,
            "deployment.kubernetes.io/revision-history",
            "deployment.kubernetes.io/desired-replicas",
            "deployment.kubernetes.io/max-replicas",
            "deprecated.deployment.rollback.to",
        ];
        let mut annotations = value.at(&["metadata", "annotations"]).clone();
        annotations.map_mut().retain(|k, _| kept.contains(&k));
        for (key, text) in revision.annotations.as_map().into_iter().flat_map(|m| m.iter()) {
            if !kept.contains(&&**key) {
                annotations.set(key, text.clone());
            }
        }
        value.at_mut(&["metadata"]).set("annotations", annotations);
    }
    let current = value.at(&["spec", "template"]).clone();
    if template == current {
        let said = format!("skipped rollback (current template already matches revision {to})");
        return context.done(&get::shown(object), kind, &said);
    }
    value.at_mut(&["spec"]).set("template", template);
    let new = patch::write(context, object, value)?;
    context.done(&get::shown(&new), kind, "rolled back")
}
