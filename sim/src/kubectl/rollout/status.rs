//! `kubectl rollout status`.

use super::targets;
use crate::api::Kind;
use crate::api::object::Object;
use crate::clock::Span;
use crate::kubectl::{Answer, Context, Fault, OK, Step, time};
use crate::value::Value;

/// How far a rollout is: a line, and whether it has ended.
type Progress = Result<(String, bool), Fault>;

pub fn run(context: &mut Context) -> Answer {
    let objects = targets(context)?;
    let wanted = match context.args.get("revision") {
        Some(text) => text.parse::<i64>().unwrap_or(0),
        None => 0,
    };
    let follows = !context.args.off("watch");
    for object in objects {
        let key = format!("{}/{}", object.kind.name(), object.meta.name);
        if context.call.memory.get("done").get(&key).as_bool() == Some(true) {
            continue;
        }
        let (line, done) = progress(&object, wanted)?;
        if context.call.memory.get("said").as_str() != Some(line.as_str()) && !line.is_empty() {
            context.say(&line);
            context.call.memory.set("said", Value::from(line));
        }
        if !done && follows {
            return wait(context);
        }
        context.call.memory.at_mut(&["done"]).set(&key, Value::Bool(true));
        context.call.memory.remove("said");
    }
    OK
}

fn wait(context: &mut Context) -> Answer {
    let timeout = context.args.get("timeout").and_then(time::parse).filter(|t| *t > 0);
    let Some(timeout) = timeout else { return Ok(Step::Wait(None)) };
    let end = context.call.started + Span(timeout as u64);
    if context.now() < end {
        Ok(Step::Wait(Some(end)))
    } else {
        Err(Fault::text("timed out waiting for the condition"))
    }
}

fn progress(object: &Object, revision: i64) -> Progress {
    let value = object.write();
    match object.kind {
        Kind::Deployment => deployment(object, &value, revision),
        Kind::DaemonSet => daemon_set(&value),
        Kind::StatefulSet => stateful_set(&value),
        kind => {
            let group = if kind.group().is_empty() { String::new() } else { format!(".{}", kind.group()) };
            Err(Fault::text(format!("no status viewer has been implemented for {}{group}", kind.name())))
        }
    }
}

/// A number of the object, 0 if it is not there.
fn n(value: &Value, path: &[&str]) -> i64 {
    value.at(path).as_int().unwrap_or(0)
}

fn observed(value: &Value) -> bool {
    n(value, &["metadata", "generation"]) <= n(value, &["status", "observedGeneration"])
}

fn deployment(object: &Object, value: &Value, revision: i64) -> Progress {
    let name = &object.meta.name;
    if revision > 0 {
        let running = object.meta.annotations.get("deployment.kubernetes.io/revision");
        let running = running.and_then(|r| r.parse::<i64>().ok()).unwrap_or(0);
        if running != revision {
            return Err(Fault::text(format!(
                "desired revision ({revision}) is different from the running revision ({running})"
            )));
        }
    }
    if !observed(value) {
        return Ok(("Waiting for deployment spec update to be observed...".into(), false));
    }
    let conditions = value.at(&["status", "conditions"]).items();
    let late = conditions.iter().any(|c| {
        c.get("type").as_str() == Some("Progressing") && c.get("reason").as_str() == Some("ProgressDeadlineExceeded")
    });
    if late {
        return Err(Fault::text(format!("deployment \"{name}\" exceeded its progress deadline")));
    }
    let wanted = n(value, &["spec", "replicas"]);
    let (all, updated, available) = (
        n(value, &["status", "replicas"]),
        n(value, &["status", "updatedReplicas"]),
        n(value, &["status", "availableReplicas"]),
    );
    let waiting = |what: String| Ok((format!("Waiting for deployment \"{name}\" rollout to finish: {what}..."), false));
    if updated < wanted {
        return waiting(format!("{updated} out of {wanted} new replicas have been updated"));
    }
    if all > updated {
        return waiting(format!("{} old replicas are pending termination", all - updated));
    }
    if available < updated {
        return waiting(format!("{available} of {updated} updated replicas are available"));
    }
    Ok((format!("deployment \"{name}\" successfully rolled out"), true))
}

fn daemon_set(value: &Value) -> Progress {
    let name = value.at(&["metadata", "name"]).as_str().unwrap_or("");
    if value.at(&["spec", "updateStrategy", "type"]).as_str() != Some("RollingUpdate") {
        return Err(Fault::text("rollout status is only available for RollingUpdate strategy type"));
    }
    if !observed(value) {
        return Ok(("Waiting for daemon set spec update to be observed...".into(), false));
    }
    let (updated, wanted, available) = (
        n(value, &["status", "updatedNumberScheduled"]),
        n(value, &["status", "desiredNumberScheduled"]),
        n(value, &["status", "numberAvailable"]),
    );
    let waiting = |what: String| Ok((format!("Waiting for daemon set \"{name}\" rollout to finish: {what}..."), false));
    if updated < wanted {
        return waiting(format!("{updated} out of {wanted} new pods have been updated"));
    }
    if available < wanted {
        return waiting(format!("{available} of {wanted} updated pods are available"));
    }
    Ok((format!("daemon set \"{name}\" successfully rolled out"), true))
}

fn stateful_set(value: &Value) -> Progress {
    let strategy = value.at(&["spec", "updateStrategy"]);
    if strategy.get("type").as_str() != Some("RollingUpdate") {
        return Err(Fault::text("rollout status is only available for RollingUpdate strategy type"));
    }
    if n(value, &["status", "observedGeneration"]) == 0 || !observed(value) {
        return Ok(("Waiting for statefulset spec update to be observed...".into(), false));
    }
    let (wanted, ready, updated) = (
        n(value, &["spec", "replicas"]),
        n(value, &["status", "readyReplicas"]),
        n(value, &["status", "updatedReplicas"]),
    );
    if ready < wanted {
        return Ok((format!("Waiting for {} pods to be ready...", wanted - ready), false));
    }
    if !strategy.get("rollingUpdate").is_null() {
        let target = wanted - n(strategy, &["rollingUpdate", "partition"]);
        if updated < target {
            let text = format!(
                "Waiting for partitioned roll out to finish: {updated} out of {target} new pods have been updated..."
            );
            return Ok((text, false));
        }
        return Ok((format!("partitioned roll out complete: {updated} new pods have been updated..."), true));
    }
    let (update, current) = (value.at(&["status", "updateRevision"]), value.at(&["status", "currentRevision"]));
    let (update, current) = (update.as_str().unwrap_or(""), current.as_str().unwrap_or(""));
    if update != current {
        return Ok((
            format!("waiting for statefulset rolling update to complete {updated} pods at revision {update}..."),
            false,
        ));
    }
    let count = n(value, &["status", "currentReplicas"]);
    Ok((format!("statefulset rolling update complete {count} pods at revision {current}..."), true))
}
