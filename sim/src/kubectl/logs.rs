//! `kubectl logs`.
//!
//! Kubernetes 1.36: staging/src/k8s.io/kubectl/pkg/cmd/logs, pkg/kubelet/kubelet_pods.go (validateContainerLogStatus)

use super::table::plain;
use super::{Answer, Context, Fault, OK, Step, exec, resources, target, time};
use crate::api::Kind;
use crate::api::object::Object;
use crate::apiserver::Status;
use crate::clock::Span;
use crate::kubelet;
use crate::machine::logs::{Line, Logs, PIECE};
use crate::value::Value;
use std::borrow::Cow;
use std::rc::Rc;

/// With a selector only so many last lines are shown, if nothing else is said.
const SELECTED_TAIL: usize = 10;
/// How many logs are followed at once, if nothing else is said.
const FOLLOWED: usize = 5;
/// How often a followed log is looked at.
const LOOK: Span = Span(50);

const USAGE: &str = "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command";

/// Flags that do not go together, and numbers that are none.
fn check(context: &Context, words: usize, selected: bool) -> Result<(), Fault> {
    let args = &context.args;
    let container = args.get("container").map(str::to_string);
    let named = container.is_some();
    if selected && words > 0 {
        return Err(Fault::usage("logs", "only a selector (-l) or a POD name is allowed"));
    }
    Err(Fault::text(match container {
        _ if args.get("since").is_some() && args.get("since-time").is_some() => {
            "at most one of `sinceTime` or `sinceSeconds` may be specified".into()
        }
        Some(name) if args.is("all-containers") => {
            format!("--all-containers=true should not be specified with container name {name}")
        }
        _ if named && words == 2 => "only one of -c or an inline [CONTAINER] arg is allowed".into(),
        _ if args.get("tail").and_then(|n| n.parse::<i64>().ok()).is_some_and(|n| n < -1) => {
            "--tail must be greater than or equal to -1".into()
        }
        _ => return Ok(()),
    }))
}

pub fn run(context: &mut Context) -> Answer {
    let words = context.args.words.clone();
    let selected = context.args.get("selector").is_some_and(|s| !s.is_empty());
    if words.is_empty() && !selected || words.len() > 2 {
        return Err(Fault::usage("logs", USAGE));
    }
    check(context, words.len(), selected)?;
    let asked = context.args.get("container").map(str::to_string).or_else(|| words.get(1).cloned());
    let pods = if selected { selected_pods(context)? } else { named_pods(context, &words[0])? };
    // Which containers are meant is said before any of their lines.
    let mut chosen = vec![];
    for pod in pods {
        let containers = if context.args.is("all-containers") {
            let spec = pod.raw().get("spec");
            let lists = ["initContainers", "containers", "ephemeralContainers"];
            lists.iter().flat_map(|l| spec.get(l).items()).map(|c| plain(c.get("name"))).collect()
        } else {
            vec![container(context, &pod, asked.as_deref())?]
        };
        chosen.extend(containers.into_iter().map(|container| (pod.clone(), container)));
    }
    let most = context.args.get("max-log-requests").and_then(|n| n.parse().ok()).unwrap_or(FOLLOWED);
    if context.args.is("follow") && chosen.len() > most.max(1) {
        return Err(Fault::text(format!(
            "you are attempting to follow {} log streams, but maximum allowed concurrency is {most}, use --max-log-requests to increase the limit",
            chosen.len()
        )));
    }
    let mut follows = false;
    for (pod, container) in chosen {
        follows |= one(context, &pod, &container, selected)?;
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
    let running = !target::status(pod, container).at(&["state", "running"]).is_null();
    match kubelet::logs::find(context.cluster, pod, container, previous).map(|logs| logs.map(Cow::into_owned)) {
        Ok(logs) => {
            let text = lines(context, pod, container, &logs.unwrap_or_default(), running && !previous, selected);
            context.print(text);
            Ok(running && !previous)
        }
        // This the kubelet writes in the place of the log.
        Err(why) if why.starts_with("unable to retrieve") => {
            context.print(why);
            Ok(false)
        }
        Err(why) => Err(Status::bad_request(why).into()),
    }
}

/// The lines that are asked for and were not shown before. The runtime writes what a container that `runs` has said line by
/// line: one that has not ended is not there yet.
fn lines(context: &mut Context, pod: &Object, container: &str, logs: &Logs, runs: bool, selected: bool) -> String {
    let args = &context.args;
    let since = args.get("since").and_then(time::parse).map(|millis| context.now() - Span(millis.max(0) as u64));
    let key = format!("{}/{container}", pod.meta.uid);
    let seen = context.call.memory.get(&key).as_int();
    let tail = match args.get("tail").and_then(|t| t.parse::<i64>().ok()) {
        Some(n) if n >= 0 => n as usize,
        None if selected => SELECTED_TAIL,
        _ => usize::MAX,
    };
    let written = |line: &Line| !runs || line.text.ends_with('\n') || line.text.len() >= PIECE;
    let all = (logs.dropped as i64..).zip(logs.lines()).filter(|(_, line)| written(line));
    let end = all.clone().last().map_or(seen.unwrap_or(0), |(at, _)| at + 1);
    let wanted: Vec<&Line> = all
        .filter(|(at, line)| since.is_none_or(|since| line.at >= since) && seen.is_none_or(|seen| *at >= seen))
        .map(|(_, line)| line)
        .collect();
    let from = if seen.is_some() { 0 } else { wanted.len().saturating_sub(tail) };
    // The kubelet counts bytes, the time before a line too; the client puts its prefix before what comes.
    let mut left = args.get("limit-bytes").and_then(|n| n.parse().ok()).filter(|n| *n > 0).unwrap_or(usize::MAX);
    let mut out = String::new();
    for line in &wanted[from..] {
        let mut text = String::new();
        if args.is("timestamps") {
            let stamp = context.cluster.stamp_of(line.at).micro();
            text += &format!("{}000Z ", stamp.trim_end_matches('Z'));
        }
        text += &line.text;
        text.truncate((0..=left.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0));
        if text.is_empty() {
            break;
        }
        left -= text.len();
        if args.is("prefix") {
            out += &format!("[pod/{}/{}] ", pod.meta.name, container);
        }
        out += &text;
    }
    if context.args.is("follow") {
        context.call.memory.set(&key, Value::Int(end));
    }
    out
}
