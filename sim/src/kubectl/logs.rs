//! `kubectl logs`.
//!
//! Kubernetes 1.36: staging/src/k8s.io/kubectl/pkg/cmd/logs, pkg/kubelet/kubelet_pods.go (validateContainerLogStatus)

use super::table::plain;
use super::{Answer, Context, Fault, OK, Step, exec, resources, target, time};
use crate::api::Kind;
use crate::api::object::Object;
use crate::apiserver::Status;
use crate::clock::{Span, Time};
use crate::machine::Container;
use crate::value::Value;
use std::rc::Rc;

/// With a selector only so many last lines are shown, if nothing else is said.
const SELECTED_TAIL: usize = 10;
/// How often a followed log is looked at.
const LOOK: Span = Span(50);

pub fn run(context: &mut Context) -> Answer {
    let words = context.args.words.clone();
    let selected = context.args.get("selector").is_some_and(|s| !s.is_empty());
    if words.is_empty() && !selected {
        return Err(Fault::usage(
            "logs",
            "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command",
        ));
    }
    let asked = context.args.get("container").map(str::to_string).or_else(|| words.get(1).cloned());
    let pods = if selected { selected_pods(context)? } else { named_pods(context, &words[0])? };
    let mut follows = false;
    for pod in pods {
        let containers = if context.args.is("all-containers") {
            let spec = pod.raw().get("spec");
            let lists = ["initContainers", "containers", "ephemeralContainers"];
            lists.iter().flat_map(|l| spec.get(l).items()).map(|c| plain(c.get("name"))).collect()
        } else {
            vec![container(context, &pod, asked.as_deref())?]
        };
        for container in containers {
            follows |= one(context, &pod, &container, selected)?;
        }
    }
    if context.args.is("follow") && follows {
        if context.call.memory.is_null() {
            context.call.memory = Value::empty_map();
        }
        return Ok(Step::Wait(Some(context.now() + LOOK)));
    }
    OK
}

/// The container that is meant; which one was chosen is said only once.
fn container(context: &mut Context, pod: &Object, asked: Option<&str>) -> Result<String, Fault> {
    let before = context.out.len();
    let name = target::container(context, pod, asked)?;
    if !context.call.memory.is_null() {
        context.out.truncate(before);
    }
    Ok(name)
}

fn selected_pods(context: &mut Context) -> Result<Vec<Rc<Object>>, Fault> {
    let pods = resources::list(context, Kind::Pod)?;
    if pods.is_empty() {
        let namespace = context.namespace();
        context.err(&format!("No resources found in {namespace} namespace."));
        return Err(Fault::Code(0));
    }
    Ok(pods)
}

fn named_pods(context: &mut Context, word: &str) -> Result<Vec<Rc<Object>>, Fault> {
    let namespace = context.namespace();
    let object = target::object(context, word).map_err(|fault| match fault {
        Fault::Server(status, _) if status.reason == "NotFound" => {
            Fault::text(format!("error: error from server (NotFound): {status} in namespace \"{namespace}\""))
        }
        other => other,
    })?;
    let mut pods = target::pods_of(context, &object)?;
    if pods.is_empty() {
        return Err(Fault::text("timed out waiting for the condition"));
    }
    if pods.len() > 1 && object.kind != Kind::Pod {
        if context.call.memory.is_null() {
            context.err(&format!("Found {} pods, using pod/{}", pods.len(), pods[0].meta.name));
        }
        pods.truncate(1);
    }
    Ok(pods)
}

/// Whether there is a log to be had, in the kubelet's words if not.
fn check(pod: &Object, container: &str, previous: bool) -> Result<(), Status> {
    let status = target::status(pod, container);
    let name = &pod.meta.name;
    let (state, last) = (status.get("state"), status.at(&["lastState", "terminated"]));
    if previous {
        let gone = format!("previous terminated container \"{container}\" in pod \"{name}\" not found");
        return if last.is_null() { Err(Status::bad_request(gone)) } else { Ok(()) };
    }
    if !state.get("running").is_null() || !state.get("terminated").is_null() || !last.is_null() {
        return Ok(());
    }
    let why = match state.at(&["waiting", "reason"]).as_str().unwrap_or("") {
        "ErrImagePull" | "ImagePullBackOff" => "image can't be pulled",
        "" => return Err(Status::bad_request(format!("container \"{container}\" in pod \"{name}\" is not available"))),
        other => other,
    };
    Err(Status::bad_request(format!("container \"{container}\" in pod \"{name}\" is waiting to start: {why}")))
}

/// Prints what a container has written. Answers whether more may come.
fn one(context: &mut Context, pod: &Object, container: &str, selected: bool) -> Result<bool, Fault> {
    let node = plain(pod.raw().at(&["spec", "nodeName"]));
    if node.is_empty() {
        return Ok(false);
    }
    let previous = context.args.is("previous");
    if let Some(why) = exec::unreachable(context.cluster, &node) {
        let address = why.split(' ').nth(2).unwrap_or("").trim_end_matches(':').to_string();
        let path = format!("containerLogs/{}/{}/{container}", pod.meta.namespace, pod.meta.name);
        return Err(Status::new(500, "", format!("Get \"https://{address}/{path}\": {why}")).into());
    }
    check(pod, container, previous)?;
    let running = !target::status(pod, container).at(&["state", "running"]).is_null();
    let machine = context.cluster.machines.get(&*node).cloned();
    let sandbox = machine.as_ref().and_then(|m| m.sandbox(&pod.meta.uid));
    let found = sandbox.and_then(|s| if previous { s.previous(container) } else { s.newest(container) });
    let Some(found) = found else {
        let status = target::status(pod, container);
        let id =
            if previous { status.at(&["lastState", "terminated", "containerID"]) } else { status.get("containerID") };
        context.print(format!("unable to retrieve container logs for {}", plain(id)));
        return Ok(false);
    };
    let text = lines(context, pod, found, selected);
    context.print(text);
    Ok(running && !previous)
}

/// The lines that are asked for and were not shown before.
fn lines(context: &mut Context, pod: &Object, container: &Container, selected: bool) -> String {
    let args = &context.args;
    let since = args.get("since").and_then(time::parse).map(|millis| context.now() - Span(millis.max(0) as u64));
    let shown = Value::str(container.id.clone());
    let key = shown.as_str().unwrap_or("");
    let seen = context.call.memory.get(key).as_int();
    let tail = match args.get("tail").and_then(|t| t.parse::<i64>().ok()) {
        Some(n) if n >= 0 => n as usize,
        None if selected => SELECTED_TAIL,
        _ => usize::MAX,
    };
    let all: Vec<(Time, &str)> = container.process.logs().lines().iter().map(|l| (l.at, &*l.text)).collect();
    let wanted: Vec<&(Time, &str)> = all.iter().filter(|(at, _)| since.is_none_or(|since| *at >= since)).collect();
    let from = match seen {
        Some(seen) => (seen.max(0) as usize).min(wanted.len()),
        None => wanted.len().saturating_sub(tail),
    };
    let mut out = String::new();
    for (at, text) in &wanted[from..] {
        if args.is("prefix") {
            out += &format!("[pod/{}/{}] ", pod.meta.name, container.name);
        }
        if args.is("timestamps") {
            let stamp = context.cluster.stamp_of(*at).micro();
            out += &format!("{}000Z ", stamp.trim_end_matches('Z'));
        }
        out += text;
    }
    let count = Value::Int(wanted.len() as i64);
    if context.args.is("follow") {
        context.call.memory.set(key, count);
    }
    out
}
