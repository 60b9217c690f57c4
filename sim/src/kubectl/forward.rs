//! `kubectl attach` and `kubectl port-forward`: what they check before they connect. A forwarded port is not simulated,
//! and that is said.

use super::table::plain;
use super::{Answer, Context, Fault, attach, target};

pub fn run(context: &mut Context, verb: &str) -> Answer {
    if !context.call.memory.is_null() {
        return attach::go_on(context);
    }
    let asked = &context.args.words;
    let Some(word) = asked.first().filter(|_| verb == "attach" || asked.len() > 1).cloned() else {
        return Err(match verb {
            "attach" => Fault::text("at least 1 argument is required for attach"),
            _ => Fault::usage(verb, "TYPE/NAME and list of ports are required for port-forward"),
        });
    };
    let object = target::object(context, &word)?;
    let pods = target::pods_of(context, &object)?;
    let phase = pods.first().map_or("Pending".into(), |pod| plain(pod.status().get("phase")));
    if phase != "Running" && verb == "port-forward" {
        return Err(Fault::text(format!("unable to forward port because pod is not running. Current status={phase}")));
    }
    if matches!(phase.as_str(), "Succeeded" | "Failed") {
        return Err(Fault::text(format!("cannot attach a container in a completed pod; current phase is {phase}")));
    }
    if let Some(pod) = pods.first().filter(|_| verb == "attach") {
        let asked = context.args.get("container").map(str::to_string);
        let container = target::container(context, pod, asked.as_deref())?;
        return attach::join(context, pod, &container);
    }
    Err(Fault::text(format!("kubectl {verb} is not simulated: nothing outside the cluster could use the connection")))
}
