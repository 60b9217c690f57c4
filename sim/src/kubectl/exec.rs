//! `kubectl exec`: a further program in a running container.
//!
//! Kubernetes 1.36: staging/src/k8s.io/kubectl/pkg/cmd/exec, pkg/registry/core/pod/strategy.go (ExecLocation).
//! Not simulated: a terminal of its own (`-t` is taken as if it were not there).

use super::table::plain;
use super::{Answer, Context, Fault, Step, target};
use crate::api::Kind;
use crate::api::object::Object;
use crate::api::pod::Pod;
use crate::cluster::Cluster;
use crate::kubelet;
use crate::value::Value;
use std::rc::Rc;

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
    let input = context.args.is("stdin");
    let number = begin(context, &pod, &container, &command, input)?;
    context.call.memory = Value::map([
        ("namespace", Value::Str(pod.meta.namespace.clone())),
        ("name", Value::Str(pod.meta.name.clone())),
        ("uid", Value::Str(pod.meta.uid.clone())),
        ("container", Value::from(container)),
        ("exec", Value::Int(number.into())),
        ("fed", Value::Int(0)),
    ]);
    go_on(context)
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

/// Starts a program in a container, with `input` if more is given to it.
pub fn begin(
    context: &mut Context,
    pod: &Object,
    container: &str,
    command: &[String],
    input: bool,
) -> Result<u32, Fault> {
    let node = plain(pod.raw().at(&["spec", "nodeName"]));
    let upgrade = |why: String| Fault::text(format!("unable to upgrade connection: {why}"));
    if node.is_empty() {
        return Err(upgrade(format!("pod {} does not have a host assigned", pod.meta.name)));
    }
    if let Some(why) = unreachable(context.cluster, &node) {
        return Err(upgrade(format!("error dialing backend: {why}")));
    }
    let spec = &pod.expect::<Pod>().spec;
    if !spec.all_containers().chain(&spec.ephemeral_containers).any(|c| &*c.name == container)
        || target::status(pod, container).at(&["state", "running"]).is_null()
    {
        return Err(upgrade(format!("container not found (\"{container}\")")));
    }
    let argv: Vec<Rc<str>> = command.iter().map(|w| w.as_str().into()).collect();
    kubelet::exec::start(context.cluster, pod, container, &argv, input).map_err(Fault::text)
}

/// Gives the program its input, prints what it wrote, and ends with it.
fn go_on(context: &mut Context) -> Answer {
    let memory = context.call.memory.clone();
    let text = |key: &str| memory.get(key).as_str().unwrap_or("").to_string();
    let (number, fed) = (memory.get("exec").as_int().unwrap_or(0) as u32, memory.get("fed").as_int().unwrap_or(0));
    let pod = context.cluster.store.find(Kind::Pod, &text("namespace"), &text("name")).cloned();
    let Some(pod) = pod.filter(|p| *p.meta.uid == *text("uid")) else { return Ok(Step::Done(137)) };
    let container = text("container");
    let (closed, length) = (context.call.closed, context.call.stdin.len() as i64);
    if context.args.is("stdin") && fed >= 0 && (closed || length > fed) {
        let more = context.call.stdin.as_bytes()[fed as usize..].to_vec();
        kubelet::exec::feed(context.cluster, &pod, &container, number, &more, closed);
        // After the end of the input nothing more is given.
        context.call.memory.set("fed", Value::Int(if closed { -1 } else { length }));
    }
    let Some(look) = kubelet::exec::look(context.cluster, &pod, &container, number) else {
        return Ok(Step::Done(137));
    };
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    context.out.extend(look.output.into_iter().map(|(stream, bytes)| (stream, text(bytes))));
    let Some(code) = look.ended else { return Ok(Step::Wait(Some(look.next))) };
    if code != 0 {
        context.err(&format!("command terminated with exit code {code}"));
    }
    Ok(Step::Done(code))
}
