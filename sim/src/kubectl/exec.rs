//! `kubectl exec`: a further program in a running container.
//!
//! Kubernetes 1.36: staging/src/k8s.io/kubectl/pkg/cmd/exec, pkg/registry/core/pod/strategy.go (ExecLocation).
//! Not simulated: a terminal of its own (`-t` is taken as if it were not there).

use super::table::plain;
use super::{Answer, Context, Fault, Step, target};
use crate::api::object::Object;
use crate::clock::Span;
use crate::cluster::{Actor, Cluster};
use crate::machine::Sandbox;
use crate::terminal::Stream;
use crate::value::Value;
use std::rc::Rc;

/// How often a program that runs is looked at.
const LOOK: Span = Span(20);

pub fn run(context: &mut Context) -> Answer {
    if !context.call.memory.is_null() {
        return go_on(context);
    }
    let words = context.args.words.clone();
    let command = context.args.after.clone().unwrap_or_default();
    let Some(name) = words.first() else {
        return Err(Fault::usage("exec", "pod, type/name or --filename must be specified"));
    };
    if words.len() > 1 {
        return Err(Fault::usage(
            "exec",
            "exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead",
        ));
    }
    if command.is_empty() {
        return Err(Fault::text("you must specify at least one command for the container"));
    }
    let object = target::object(context, name)?;
    let pods = target::pods_of(context, &object)?;
    let pod = pods.first().cloned().ok_or_else(|| Fault::text("error: timed out waiting for the condition"))?;
    let status = pod.status();
    let phase = plain(status.get("phase"));
    if matches!(phase.as_str(), "Succeeded" | "Failed") {
        return Err(Fault::text(format!("cannot exec into a container in a completed pod; current phase is {phase}")));
    }
    let asked = context.args.get("container").map(str::to_string);
    let container = target::container(context, &pod, asked.as_deref())?;
    let number = begin(context, &pod, &container, &command)?;
    context.call.memory = Value::map([
        ("node", pod.raw().at(&["spec", "nodeName"]).clone()),
        ("uid", Value::Str(pod.meta.uid.clone())),
        ("container", Value::from(container)),
        ("exec", Value::Int(number.into())),
        ("fed", Value::Int(0)),
    ]);
    go_on(context)
}

/// Why a node's kubelet cannot be reached, if so.
pub fn unreachable(cluster: &Cluster, node: &str) -> Option<String> {
    let machine = cluster.machines.get(node)?;
    if !machine.off && !machine.cut {
        return None;
    }
    let status = cluster.store.find(crate::api::Kind::Node, "", node).map(|n| n.status()).unwrap_or_default();
    let addresses = status.get("addresses").items();
    let address = addresses.iter().find(|a| a.get("type").as_str() == Some("InternalIP"));
    Some(format!(
        "dial tcp {}:10250: connect: no route to host",
        address.map_or(String::new(), |a| plain(a.get("address")))
    ))
}

fn begin(context: &mut Context, pod: &Object, container: &str, command: &[String]) -> Result<u32, Fault> {
    let node = plain(pod.raw().at(&["spec", "nodeName"]));
    let upgrade = |why: String| Fault::text(format!("unable to upgrade connection: {why}"));
    if node.is_empty() {
        return Err(upgrade(format!("pod {} does not have a host assigned", pod.meta.name)));
    }
    if let Some(why) = unreachable(context.cluster, &node) {
        return Err(upgrade(format!("error dialing backend: {why}")));
    }
    let now = context.now();
    let id = context.cluster.dice.hex(64, &format!("{}/{}", pod.meta.uid, now.0), "exec");
    let input = context.args.is("stdin");
    let argv: Vec<Rc<str>> = command.iter().map(|w| w.as_str().into()).collect();
    let started = inside(context.cluster, &node, &pod.meta.uid, |sandbox| {
        let running = sandbox.newest(container).is_some_and(|c| c.is_running());
        running.then(|| sandbox.exec(container, &argv, input, now))
    });
    match started.flatten() {
        None => Err(upgrade(format!("container not found (\"{container}\")"))),
        Some(Ok(number)) => Ok(number),
        Some(Err(why)) => Err(Fault::text(format!(
            "Internal error occurred: Internal error occurred: error executing command in container: failed to exec in container: failed to start exec \"{id}\": {why}"
        ))),
    }
}

/// Acts inside a Pod's sandbox; its kubelet looks at it afterwards.
fn inside<T>(cluster: &mut Cluster, node: &str, uid: &str, act: impl FnOnce(&mut Sandbox) -> T) -> Option<T> {
    let machine = Rc::make_mut(Rc::make_mut(&mut cluster.machines).get_mut(node)?);
    machine.enter(uid);
    let result = machine.sandbox_mut(uid).map(act);
    machine.leave(uid);
    cluster.wake(Actor::PodWorker(node.into(), uid.into()), Span(1));
    result
}

/// Gives the program its input, prints what it wrote, and ends with it.
fn go_on(context: &mut Context) -> Answer {
    let memory = context.call.memory.clone();
    let text = |key: &str| memory.get(key).as_str().unwrap_or("").to_string();
    let (node, uid, container) = (text("node"), text("uid"), text("container"));
    let (number, fed) = (memory.get("exec").as_int().unwrap_or(0) as u32, memory.get("fed").as_int().unwrap_or(0));
    let now = context.now();
    let (input, closed) = (context.call.stdin.clone(), context.call.closed);
    let feeds = context.args.is("stdin");
    let more = input.as_bytes().get(fed.max(0) as usize..).unwrap_or_default();
    let result = inside(context.cluster, &node, &uid, |sandbox| {
        if feeds
            && (!more.is_empty() || closed && fed >= 0)
            && let Some(container) = sandbox.newest_mut(&container)
        {
            container.process.feed(number, more, closed);
        }
        let ended = sandbox.exec_result(&container, number, now);
        let written = match &ended {
            Some(_) => vec![],
            None => sandbox.newest_mut(&container).map(|c| c.process.exec_streams(number)).unwrap_or_default(),
        };
        (ended, written)
    });
    let Some((ended, written)) = result else { return Ok(Step::Done(137)) };
    context
        .out
        .extend(written.into_iter().map(|(stream, bytes)| (stream, String::from_utf8_lossy(&bytes).into_owned())));
    let Some((code, output)) = ended else {
        // All of the input was given; after its end nothing more is.
        let given = if closed { -1 } else { input.len() as i64 };
        context.call.memory.set("fed", Value::Int(given));
        return Ok(Step::Wait(Some(now + LOOK)));
    };
    context.out.push((Stream::Out, String::from_utf8_lossy(&output).into_owned()));
    if code != 0 {
        context.err(&format!("command terminated with exit code {code}"));
    }
    Ok(Step::Done(code))
}
