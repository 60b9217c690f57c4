//! `kubectl rollout`: status, history, undo, pause, resume, restart.
//!
//! Kubernetes 1.36: staging/src/k8s.io/kubectl/pkg/cmd/rollout, pkg/polymorphichelpers

mod history;
mod status;

use super::{Answer, Context, Fault, OK, get, patch, resources};
use crate::api::Kind;
use crate::api::object::Object;
use crate::value::Value;
use std::rc::Rc;

pub fn run(context: &mut Context, what: &str) -> Answer {
    match what {
        "status" => status::run(context),
        "history" => history::history(context),
        "undo" => history::undo(context),
        "pause" | "resume" | "restart" => change(context, what),
        _ => Err(Fault::usage("rollout", format!("unknown command \"{what}\" for \"kubectl rollout\""))),
    }
}

/// The objects that are meant. Where there are none, that is said.
fn targets(context: &mut Context) -> Result<Vec<Rc<Object>>, Fault> {
    if context.args.words.is_empty() && !context.args.has_files() {
        return Err(Fault::text("required resource not specified"));
    }
    let found = resources::find(context)?;
    Fault::all(found.faults)?;
    if found.objects.is_empty() {
        let namespace = context.namespace();
        context.err(&format!("No resources found in {namespace} namespace."));
    }
    Ok(found.objects)
}

fn change(context: &mut Context, what: &str) -> Answer {
    let mut faults = vec![];
    for object in targets(context)? {
        let kind = object.kind;
        let restarts = matches!(kind, Kind::Deployment | Kind::DaemonSet | Kind::StatefulSet);
        let able = if what == "restart" { restarts } else { kind == Kind::Deployment };
        let (resource, name) = (kind.plural_dot_group(), object.meta.name.clone());
        if !able {
            let doing = if what == "restart" {
                "restarting"
            } else if what == "pause" {
                "pausing"
            } else {
                "resuming"
            };
            faults.push(Fault::text(format!("{resource} \"{name}\" {doing} is not supported")));
            continue;
        }
        let mut value = object.write();
        let paused = object.raw().at(&["spec", "paused"]).as_bool() == Some(true);
        let said = match what {
            "pause" if paused => Err(format!("{resource} \"{name}\" is already paused")),
            "resume" if !paused => Err(format!("{resource} \"{name}\" is not paused")),
            "restart" if paused => {
                Err(format!("{resource} \"{name}\" can't restart paused deployment (run rollout resume first)"))
            }
            "pause" => {
                value.at_mut(&["spec"]).set("paused", Value::Bool(true));
                Ok("paused")
            }
            "resume" => {
                value.at_mut(&["spec"]).remove("paused");
                Ok("resumed")
            }
            _ => {
                let stamp = Value::str(context.cluster.stamp().date().to_string());
                let annotations = value.at_mut(&["spec", "template", "metadata", "annotations"]);
                annotations.set("kubectl.kubernetes.io/restartedAt", stamp);
                Ok("restarted")
            }
        };
        match said {
            Ok(said) => match patch::write(context, &object, value) {
                Ok(new) => context.done(&get::shown(&new), kind, said)?,
                Err(status) => faults.push(Fault::text(format!("failed to patch: {status}"))),
            },
            Err(why) => faults.push(Fault::text(why)),
        }
    }
    Fault::all(faults)?;
    OK
}
