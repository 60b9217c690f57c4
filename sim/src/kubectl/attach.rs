//! `kubectl run -i`, `kubectl debug`, `kubectl attach`: what a container writes is shown until it ends.
//!
//! Kubernetes 1.36: staging/src/k8s.io/kubectl/pkg/cmd/{attach,run,debug}. Not simulated: a terminal of its own (`-t` is
//! taken as if it were not there), copies of Pods (`--copy-to`), Pods that debug a node, process namespaces of `--target`.

use super::table::plain;
use super::{Answer, Context, Fault, OK, Step, resources, target};
use crate::api::Kind;
use crate::api::object::{Key, Object};
use crate::apiserver::{DeleteOptions, Part, Patch, Verb};
use crate::clock::Span;
use crate::kubelet;
use crate::value::Value;
use std::rc::Rc;

/// How often a container is looked at that is followed.
const LOOK: Span = Span(100);
/// `--pod-running-timeout`
const PATIENCE: Span = Span::minutes(1);

/// Begins to follow a container, from its first word.
pub fn follow(context: &mut Context, pod: &Object, container: &str) -> Answer {
    begin(context, pod, container, 0, 0)
}

/// The same from now on: what was written before is not shown.
pub fn join(context: &mut Context, pod: &Object, container: &str) -> Answer {
    let seen = kubelet::logs::logs(context.cluster, pod, container, false).map_or(0, |lines| lines.len());
    let restarts = target::status(pod, container).get("restartCount").as_int().unwrap_or(0);
    begin(context, pod, container, seen as i64, restarts)
}

fn begin(context: &mut Context, pod: &Object, container: &str, seen: i64, restarts: i64) -> Answer {
    context.call.memory = Value::map([
        ("namespace", Value::Str(pod.meta.namespace.clone())),
        ("name", Value::Str(pod.meta.name.clone())),
        ("container", Value::from(container)),
        ("seen", Value::Int(seen)),
        ("restarts", Value::Int(restarts)),
    ]);
    go_on(context)
}

pub fn go_on(context: &mut Context) -> Answer {
    let text = |key: &str| context.call.memory.get(key).as_str().unwrap_or("").to_string();
    let (namespace, name, container) = (text("namespace"), text("name"), text("container"));
    let Some(pod) = context.cluster.store.find(Kind::Pod, &namespace, &name).cloned() else { return OK };
    let status = target::status(&pod, &container);
    let before = context.call.memory.get("restarts").as_int().unwrap_or(0);
    let (state, restarts) = (status.get("state"), status.get("restartCount").as_int().unwrap_or(0) - before);
    let begun = !state.get("running").is_null() || !state.get("terminated").is_null() || restarts > 0;
    if !begun {
        let late = context.now() >= context.call.started + PATIENCE;
        return if late { Err(Fault::text("timed out waiting for the condition")) } else { again(context) };
    }
    feed(context, &pod, &container);
    let seen = context.call.memory.get("seen").as_int().unwrap_or(0) as usize;
    let lines = kubelet::logs::logs(context.cluster, &pod, &container, false).unwrap_or_default();
    let new: String = lines.iter().skip(seen).map(|line| &*line.text).collect();
    context.call.memory.set("seen", Value::Int(lines.len() as i64));
    if !new.is_empty() {
        context.print(new);
    }
    let ended = state.get("terminated");
    if ended.is_null() && restarts == 0 { again(context) } else { finish(context, &pod, ended) }
}

fn again(context: &Context) -> Answer {
    Ok(Step::Wait(Some(context.now() + LOOK)))
}

/// Gives the container the input, once.
fn feed(context: &mut Context, pod: &Object, container: &str) {
    if !context.args.is("stdin") || !context.call.closed || context.call.memory.get("fed").as_bool() == Some(true) {
        return;
    }
    context.call.memory.set("fed", Value::Bool(true));
    let input = context.call.stdin.clone();
    kubelet::exec::feed_main(context.cluster, pod, container, input.as_bytes());
}

fn finish(context: &mut Context, pod: &Rc<Object>, ended: &Value) -> Answer {
    if context.args.verb != "run" {
        return OK;
    }
    if context.args.is("rm") {
        context.request(Kind::Pod, pod.key(), Verb::Delete(DeleteOptions::default()))?;
        context.say(format!("pod \"{}\" deleted from {} namespace", pod.meta.name, pod.meta.namespace));
    }
    let code = ended.get("exitCode").as_int().unwrap_or(0);
    if code == 0 || plain(pod.raw().at(&["spec", "restartPolicy"])) == "Always" {
        return OK;
    }
    let (meta, reason) = (&pod.meta, plain(ended.get("reason")));
    context.err(&format!("pod {}/{} terminated ({reason})", meta.namespace, meta.name));
    Ok(Step::Done(code as i32))
}

/// `kubectl debug POD`: an ephemeral container beside the others.
pub fn debug(context: &mut Context) -> Answer {
    if !context.call.memory.is_null() {
        return go_on(context);
    }
    let Some(word) = context.args.words.first().cloned() else {
        return Err(Fault::usage("debug", "NAME is required for debug"));
    };
    let image = context.args.get("image").unwrap_or("").to_string();
    let kind = word.split_once('/').map_or(Ok(Kind::Pod), |(kind, _)| resources::kind(&context.cluster.store, kind))?;
    if context.args.get("copy-to").is_some() || kind == Kind::Node {
        return Err(Fault::text("kubectl debug of nodes and with --copy-to is not simulated"));
    }
    if image.is_empty() {
        return Err(Fault::text("you must specify --image when not using --copy-to"));
    }
    let pod = target::object(context, &word)?;
    let name = match context.args.get("container") {
        Some(name) => name.to_string(),
        None => {
            let whom = format!("{}/{}", pod.meta.uid, pod.meta.resource_version.0);
            let name = format!("debugger-{}", context.cluster.dice.letters(5, &whom, "debugger"));
            context.err(&format!("Defaulting debug container name to {name}."));
            name
        }
    };
    let words = context.args.words.iter().skip(1).chain(context.args.after.iter().flatten());
    let command: Vec<Value> = words.map(|w| Value::from(w.as_str())).collect();
    let mut container = Value::map([
        ("name", Value::from(name.as_str())),
        ("image", Value::from(image)),
        ("imagePullPolicy", Value::from("IfNotPresent")),
        ("terminationMessagePolicy", Value::from("File")),
    ]);
    if !command.is_empty() {
        container.set("command", Value::list(command));
    }
    if let Some(target) = context.args.get("target") {
        container.set("targetContainerName", Value::from(target));
    }
    for (flag, field) in [("stdin", "stdin"), ("tty", "tty")] {
        if context.args.is(flag) {
            container.set(field, Value::Bool(true));
        }
    }
    let patch = Value::map([("spec", Value::map([("ephemeralContainers", Value::list(vec![container]))]))]);
    let change = Verb::Patch(Patch::Strategic(patch), Part::Other("ephemeralcontainers"));
    let pod = context.request(Kind::Pod, Key::new(pod.meta.namespace.clone(), pod.meta.name.clone()), change)?;
    if context.args.is("stdin") || context.args.is("attach") { follow(context, &pod, &name) } else { OK }
}
