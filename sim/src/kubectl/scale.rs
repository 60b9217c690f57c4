//! `kubectl scale`.
//!
//! Kubernetes 1.36: staging/src/k8s.io/kubectl/pkg/cmd/scale

use super::{Answer, Context, Fault, OK, get, resources};
use crate::apiserver::scale::replicas_path;
use crate::apiserver::{Part, Patch, Status, Verb};
use crate::value::Value;

pub fn run(context: &mut Context) -> Answer {
    let Some(wanted) = context.args.get("replicas").map(str::to_string) else {
        return Err(Fault::text("required flag(s) \"replicas\" not set"));
    };
    let wanted: i64 = wanted.parse().map_err(|_| {
        Fault::text(format!("invalid argument \"{wanted}\" for \"--replicas\" flag: strconv.ParseInt: parsing \"{wanted}\": invalid syntax"))
    })?;
    if wanted < 0 {
        return Err(Fault::text("The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0"));
    }
    let found = resources::find(context)?;
    let mut faults = found.faults;
    if found.objects.is_empty() && faults.is_empty() {
        return Err(Fault::text("no objects passed to scale"));
    }
    let expected = context.args.get("resource-version").filter(|version| !version.is_empty()).map(str::to_string);
    if expected.is_some() && found.objects.len() > 1 {
        return Err(Fault::text("cannot use --resource-version with multiple resources"));
    }
    for object in found.objects {
        let Some(path) = replicas_path(&context.cluster.store, object.kind) else {
            faults.push(Status::new(404, "NotFound", "the server could not find the requested resource").into());
            continue;
        };
        let keys: Vec<&str> = path.iter().map(String::as_str).collect();
        let now = object.raw().at(&keys).as_int().unwrap_or(1);
        if let Some(expected) =
            context.args.get("current-replicas").and_then(|t| t.parse::<i64>().ok()).filter(|n| *n >= 0)
            && expected != now
        {
            faults.push(Fault::text(format!("Expected replicas to be {expected}, was {now}")));
            continue;
        }
        let own = object.meta.resource_version.0.to_string();
        if let Some(expected) = expected.as_ref().filter(|expected| **expected != own) {
            faults.push(Fault::text(format!("Expected resource version to be {expected}, was {own}")));
            continue;
        }
        let mut patch = Value::empty_map();
        *patch.at_mut(&keys) = Value::Int(wanted);
        match context.request(object.kind, object.key(), Verb::Patch(Patch::Merge(patch), Part::Scale)) {
            Ok(new) => {
                if context.args.is("record") {
                    let none = Verb::Patch(Patch::Merge(Value::empty_map()), Part::Main);
                    context.request(object.kind, object.key(), none)?;
                }
                context.done(&get::shown(&new), object.kind, "scaled")?
            }
            Err(status) => faults.push(status.into()),
        }
    }
    Fault::all(faults)?;
    OK
}
