//! `kubectl exec`: a further program in a running container.
//!
//! Kubernetes 1.36: staging/src/k8s.io/kubectl/pkg/cmd/exec, pkg/registry/core/pod/strategy.go (ExecLocation).

use super::table::plain;
use super::{Answer, Context, Fault, Step, target};
use crate::api::Kind;
use crate::api::object::Object;
use crate::api::pod::Pod;
use crate::clock::Span;
use crate::cluster::Cluster;
use crate::kubelet;
use crate::shell::{Input, Mode};
use crate::terminal::{Call, Stream};
use crate::value::Value;
use std::rc::Rc;

/// A connection to which nothing comes is looked at so often: nobody says that a node has gone.
pub const QUIET: Span = Span::secs(1);

pub fn run(context: &mut Context) -> Answer {
    if !context.call.memory.is_null() {
        return go_on(context);
    }
    let words = context.args.words.clone();
    let command = context.args.after.clone().unwrap_or_default();
    let Some(name) = words.first() else {
        return Err(Fault::text("pod, type/name or --filename must be specified"));
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
    refuse_completed(&pod)?;
    let asked = context.args.get("container").map(str::to_string);
    let container = target::container(context, &pod, asked.as_deref())?;
    let tty = passes_terminal(context, true);
    let input = match context.args.is("stdin") {
        true if tty => Input::Terminal,
        true => Input::Pipe,
        false => Input::Empty,
    };
    let number = begin(context, &pod, &container, &command, input)?;
    context.call.memory = Value::map([
        ("namespace", Value::Str(pod.meta.namespace.clone())),
        ("name", Value::Str(pod.meta.name.clone())),
        ("uid", Value::Str(pod.meta.uid.clone())),
        ("container", Value::from(container)),
        ("exec", Value::Int(number.into())),
        ("fed", Value::Int(0)),
        ("tty", Value::Bool(tty)),
    ]);
    go_on(context)
}

/// Whether the user's terminal is passed on to a program that gets what is typed: if that is `asked`, and there is one.
pub fn passes_terminal(context: &mut Context, asked: bool) -> bool {
    let args = &context.args;
    if !args.is("stdin") {
        return false;
    }
    let wanted = asked && args.is("tty");
    let tty = wanted && context.call.terminal;
    if wanted && !tty && !args.is("quiet") {
        context.err("Unable to use a TTY - input is not a terminal or the right kind of file");
    }
    context.call.reads = Some(if tty { Mode::Keys } else { Mode::Lines });
    tty
}

/// What came on standard input since the last time, and whether that was all; it is asked for once.
pub fn input(context: &mut Context) -> Option<(Vec<u8>, bool)> {
    let fed = context.call.memory.get("fed").as_int().unwrap_or(0);
    let (closed, length) = (context.call.closed, context.call.stdin.len() as i64);
    if !context.args.is("stdin") || fed < 0 || !closed && length <= fed {
        return None;
    }
    // After the end of the input nothing more is given.
    context.call.memory.set("fed", Value::Int(if closed { -1 } else { length }));
    Some((context.call.stdin.as_bytes()[fed as usize..].to_vec(), closed))
}

/// The client has gone: nobody gives the program input any more.
pub fn hang_up(cluster: &mut Cluster, call: &Call) {
    let memory = &call.memory;
    let text = |key: &str| memory.get(key).as_str().unwrap_or("");
    let Some(pod) = cluster.store.find(Kind::Pod, text("namespace"), text("name")).cloned() else { return };
    let number = memory.get("exec").as_int().and_then(|number| u32::try_from(number).ok());
    if *pod.meta.uid == *text("uid") && call.reads.is_some() {
        kubelet::exec::feed(cluster, &pod, text("container"), number, b"", true);
    }
}

/// Nothing more runs in a Pod that has ended.
pub fn refuse_completed(pod: &Object) -> Result<(), Fault> {
    let phase = plain(pod.status().get("phase"));
    match phase.as_str() {
        "Succeeded" | "Failed" => {
            Err(Fault::text(format!("cannot exec into a container in a completed pod; current phase is {phase}")))
        }
        _ => Ok(()),
    }
}

/// Why a node's kubelet cannot be reached, if so.
pub fn unreachable(cluster: &Cluster, node: &str) -> Option<String> {
    let machine = cluster.machines.get(node)?;
    if !machine.is_silent() {
        return None;
    }
    let why = if machine.off || machine.cut { "no route to host" } else { "connection refused" };
    let status = cluster.store.find(crate::api::Kind::Node, "", node).map(|n| n.status()).unwrap_or_default();
    let addresses = status.get("addresses").items();
    let address = addresses.iter().find(|a| a.get("type").as_str() == Some("InternalIP"));
    Some(format!("dial tcp {}:10250: connect: {why}", address.map_or(String::new(), |a| plain(a.get("address")))))
}

/// What is said when no connection with a container comes about.
pub fn no_upgrade(why: &str) -> Fault {
    Fault::text(format!("unable to upgrade connection: {why}"))
}

/// Whether the kubelet of a Pod's node can be asked.
pub fn reach(cluster: &Cluster, pod: &Object) -> Result<(), Fault> {
    let node = plain(pod.raw().at(&["spec", "nodeName"]));
    if node.is_empty() {
        return Err(no_upgrade(&format!("pod {} does not have a host assigned", pod.meta.name)));
    }
    match unreachable(cluster, &node) {
        Some(why) => Err(no_upgrade(&format!("error dialing backend: {why}"))),
        None => Ok(()),
    }
}

/// Starts a program in a container.
pub fn begin(
    context: &mut Context,
    pod: &Object,
    container: &str,
    command: &[String],
    input: Input,
) -> Result<u32, Fault> {
    reach(context.cluster, pod)?;
    let spec = &pod.expect::<Pod>().spec;
    if !spec.all_containers().chain(&spec.ephemeral_containers).any(|c| &*c.name == container)
        || target::status(pod, container).at(&["state", "running"]).is_null()
    {
        return Err(no_upgrade(&format!("container not found (\"{container}\")")));
    }
    let argv: Vec<Rc<str>> = command.iter().map(|w| w.as_str().into()).collect();
    kubelet::exec::start(context.cluster, pod, container, &argv, input).map_err(Fault::text)
}

/// Gives the program its input, prints what it wrote, and ends with it.
fn go_on(context: &mut Context) -> Answer {
    let memory = context.call.memory.clone();
    let text = |key: &str| memory.get(key).as_str().unwrap_or("").to_string();
    let number = memory.get("exec").as_int().unwrap_or(0) as u32;
    let pod = context.cluster.store.find(Kind::Pod, &text("namespace"), &text("name")).cloned();
    let Some(pod) = pod.filter(|p| *p.meta.uid == *text("uid")) else { return Ok(Step::Done(137)) };
    let container = text("container");
    if let Some((more, closes)) = input(context) {
        kubelet::exec::feed(context.cluster, &pod, &container, Some(number), &more, closes);
    }
    let Some(look) = kubelet::exec::look(context.cluster, &pod, &container, number) else {
        return Ok(Step::Done(137));
    };
    // A terminal has but one stream.
    let tty = memory.get("tty").as_bool() == Some(true);
    for (stream, bytes) in look.output {
        let stream = if tty { Stream::Out } else { stream };
        context.out.push((stream, String::from_utf8_lossy(&bytes).into_owned()));
    }
    let Some(code) = look.ended else { return Ok(Step::Wait(Some(context.now() + QUIET))) };
    if code != 0 {
        context.err(&format!("command terminated with exit code {code}"));
    }
    Ok(Step::Done(code))
}
