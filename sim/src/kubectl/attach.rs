//! `kubectl run -i`, `kubectl debug -i`, `kubectl attach`: what a container writes is shown until it ends, and what is
//! typed is given to it.
//!
//! Kubernetes 1.36: staging/src/k8s.io/kubectl/pkg/cmd/{attach,run,debug}

use super::exec::{self, QUIET};
use super::table::plain;
use super::{Answer, Context, Fault, OK, Step, target};
use crate::api::Kind;
use crate::api::object::Object;
use crate::api::pod::Pod;
use crate::apiserver::{DeleteOptions, Verb};
use crate::clock::Span;
use crate::kubelet;
use crate::machine::logs::Logs;
use crate::value::Value;
use std::rc::Rc;

/// What stands before the words of a container that runs.
const WELCOME: &str = "\
All commands and output from this session will be recorded in container logs, including credentials and sensitive information passed through the command prompt.
If you don't see a command prompt, try pressing enter.";
/// How often a container is looked at that is followed.
const LOOK: Span = Span(100);
/// `--pod-running-timeout`
const PATIENCE: Span = Span::minutes(1);
/// Ctrl-P Ctrl-Q, by which one leaves what goes on.
const DETACH: &[u8] = b"\x10\x11";

/// Follows a container; of one that was just made, what it has written before is shown if it is the only one.
pub fn follow(context: &mut Context, pod: &Object, container: &str) -> Answer {
    begin(context, pod, container, 0)
}

/// The same of a container that was there before.
pub fn join(context: &mut Context, pod: &Object, container: &str) -> Answer {
    let reached = exec::reach(context.cluster, pod).and_then(|()| {
        let runs = !target::status(pod, container).at(&["state", "running"]).is_null();
        let place = format!("{}_{}", pod.meta.name, pod.meta.namespace);
        if runs { Ok(()) } else { Err(exec::no_upgrade(&format!("container {container} not found in pod {place}"))) }
    });
    if reached.is_err() && !context.args.is("quiet") {
        context.err(WELCOME);
    }
    reached?;
    let restarts = target::status(pod, container).get("restartCount").as_int().unwrap_or(0);
    begin(context, pod, container, restarts)
}

fn begin(context: &mut Context, pod: &Object, container: &str, restarts: i64) -> Answer {
    context.call.memory = Value::map([
        ("namespace", Value::Str(pod.meta.namespace.clone())),
        ("name", Value::Str(pod.meta.name.clone())),
        ("uid", Value::Str(pod.meta.uid.clone())),
        ("container", Value::from(container)),
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
        return if late { Err(Fault::text("timed out waiting for the condition")) } else { again(context, LOOK) };
    }
    if context.call.memory.get("place").is_null() {
        connect(context, &pod, &container, !state.get("running").is_null());
    }
    let tty = context.call.memory.get("tty").as_bool() == Some(true);
    let leaves = feed(context, &pod, &container, tty);
    show_news(context, &pod, &container);
    let ended = state.get("terminated");
    if leaves || !ended.is_null() || restarts > 0 {
        return finish(context, &pod, &container, ended);
    }
    again(context, if tty { QUIET } else { LOOK })
}

fn again(context: &Context, after: Span) -> Answer {
    Ok(Step::Wait(Some(context.now() + after)))
}

/// Says what is to be known, and from where on the container's words are shown.
fn connect(context: &mut Context, pod: &Object, container: &str, runs: bool) {
    let logs = kubelet::logs::find(context.cluster, pod, container, false).ok().flatten().map(|logs| logs.into_owned());
    let logs = logs.unwrap_or_default();
    // One that has ended by then has only its log to show.
    if !runs {
        return place(context, (0, 0));
    }
    if context.args.verb == "run" {
        let whole = logs.lines().filter(|line| line.text.ends_with('\n'));
        context.print(whole.map(|line| &*line.text).collect());
    }
    let spec = &pod.expect::<Pod>().spec;
    let asked = spec.all_containers().chain(&spec.ephemeral_containers).find(|c| &*c.name == container);
    let has = asked.is_some_and(|c| c.tty);
    let wants = context.args.is("tty");
    if wants && !has && !context.args.is("quiet") {
        context.err(&format!("error: Unable to use a TTY - container {container} did not allocate one"));
    }
    let tty = exec::passes_terminal(context, has);
    if !context.args.is("quiet") {
        context.err(WELCOME);
    }
    context.call.memory.set("tty", Value::Bool(tty));
    let (line, bytes) = end_of(&logs);
    // Whoever edits lines is told of the terminal's size, and draws his prompt again.
    let again = tty && kubelet::exec::edits(context.cluster, pod, container);
    place(context, (line, if again { 0 } else { bytes }));
}

/// Where a log ends: its line, and how much of that is written.
fn end_of(logs: &Logs) -> (u64, usize) {
    let count = logs.dropped + logs.len() as u64;
    match logs.last() {
        Some(last) if !last.text.ends_with('\n') => (count - 1, last.text.len()),
        _ => (count, 0),
    }
}

fn place(context: &mut Context, (line, bytes): (u64, usize)) {
    context.call.memory.set("place", Value::list(vec![Value::Int(line as i64), Value::Int(bytes as i64)]));
}

/// Shows what was written since the last look.
fn show_news(context: &mut Context, pod: &Object, container: &str) {
    let seen = context.call.memory.get("place").items().to_vec();
    let number = |at: usize| seen.get(at).and_then(Value::as_int).unwrap_or(0) as u64;
    let (line, bytes) = (number(0), number(1) as usize);
    let Ok(Some(logs)) = kubelet::logs::find(context.cluster, pod, container, false) else { return };
    let mut new = String::new();
    for (at, written) in (logs.dropped..).zip(logs.lines()).filter(|(at, _)| *at >= line) {
        new += written.text.get(if at == line { bytes } else { 0 }..).unwrap_or_default();
    }
    let end = end_of(&logs);
    place(context, end);
    if !new.is_empty() {
        context.print(new);
    }
}

/// Gives the container the input. Answers whether the user leaves.
fn feed(context: &mut Context, pod: &Object, container: &str, tty: bool) -> bool {
    let Some((mut more, closed)) = exec::input(context) else { return false };
    let leaves = more.windows(DETACH.len()).position(|keys| tty && keys == DETACH);
    more.truncate(leaves.unwrap_or(more.len()));
    kubelet::exec::feed(context.cluster, pod, container, None, &more, closed);
    leaves.is_some()
}

fn finish(context: &mut Context, pod: &Rc<Object>, container: &str, ended: &Value) -> Answer {
    if context.call.memory.get("tty").as_bool() == Some(true) && !context.args.is("quiet") {
        let meta = &pod.meta;
        let mut beside = pod.expect::<Pod>().spec.ephemeral_containers.iter();
        let again = format!("kubectl attach {} -c {container} -n {} -i -t", meta.name, meta.namespace);
        context.say(match beside.any(|c| &*c.name == container) {
            true => format!(
                "Session ended, the ephemeral container will not be restarted but may be reattached using '{again}' if it is still running"
            ),
            false => format!("Session ended, resume using '{again}' command"),
        });
    }
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
