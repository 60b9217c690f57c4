//! `kubectl cordon`, `uncordon` and `drain`.
//!
//! Kubernetes 1.36: staging/src/k8s.io/kubectl/pkg/drain, pkg/cmd/drain

use super::resources;
use super::{Answer, Context, Fault, OK, Step, patch, time};
use crate::api::Kind;
use crate::api::object::{Key, Object};
use crate::apiserver::selection::Labels;
use crate::apiserver::{DeleteOptions, Verb};
use crate::clock::{Span, Time};
use crate::value::Value;
use std::rc::Rc;

/// After a refused eviction the next try comes this much later.
const RETRY: Span = Span(5000);

/// The nodes that the command names.
fn nodes(context: &Context, verb: &str) -> Result<Vec<Rc<Object>>, Fault> {
    let words: Vec<String> = context
        .args
        .words
        .iter()
        .map(|w| w.trim_start_matches("node/").trim_start_matches("nodes/").to_string())
        .collect();
    if context.args.get("selector").is_some() {
        return Ok(resources::list(context, Kind::Node)?);
    }
    if words.is_empty() {
        return Err(Fault::usage(verb, format!("USAGE: {verb} NODE [flags]")));
    }
    words.iter().map(|name| Ok(context.find(Kind::Node, name)?)).collect()
}

pub fn cordon(context: &mut Context, wanted: bool) -> Answer {
    for node in nodes(context, if wanted { "cordon" } else { "uncordon" })? {
        set(context, &node, wanted)?;
    }
    OK
}

fn set(context: &mut Context, node: &Rc<Object>, wanted: bool) -> Result<(), Fault> {
    let what = if wanted { "cordoned" } else { "uncordoned" };
    let is = node.raw().at(&["spec", "unschedulable"]).as_bool().unwrap_or(false);
    if is == wanted {
        return context.done(&node.write(), Kind::Node, &format!("already {what}"));
    }
    if context.dry_run() != "client" {
        let mut value = node.write();
        if wanted {
            value.at_mut(&["spec"]).set("unschedulable", Value::Bool(true));
        } else {
            value.at_mut(&["spec"]).remove("unschedulable");
        }
        patch::write(context, node, value)?;
    }
    context.done(&node.write(), Kind::Node, what)
}

/// Why a Pod may not be taken away, or what is said of it.
struct Sorted {
    evict: Vec<Rc<Object>>,
    errors: Vec<String>,
    warnings: Vec<String>,
}

fn sort(context: &Context, node: &Object) -> Result<Sorted, Fault> {
    let args = &context.args;
    let selector = Labels::parse(args.get("pod-selector").unwrap_or("")).map_err(Fault::text)?;
    let [mut daemons, mut bare, mut local, mut mirrors]: [Vec<String>; 4] = Default::default();
    let mut evict = vec![];
    let mut pods: Vec<Rc<Object>> = context.cluster.store.pods_on(&node.meta.name).cloned().collect();
    pods.sort_by_key(|p| p.key());
    for pod in pods {
        if !selector.matches(&pod.meta.labels) {
            continue;
        }
        let name = format!("{}/{}", pod.meta.namespace, pod.meta.name);
        if pod.meta.annotations.get("kubernetes.io/config.mirror").is_some() {
            mirrors.push(name);
            continue;
        }
        let finished = matches!(pod.status().get("phase").as_str(), Some("Succeeded" | "Failed"));
        if finished {
            evict.push(pod);
            continue;
        }
        let owner = pod.meta.controller();
        if owner.is_some_and(|o| &*o.kind == "DaemonSet") {
            daemons.push(name);
            continue;
        }
        let volumes = pod.raw().at(&["spec", "volumes"]);
        if volumes.items().iter().any(|v| !v.get("emptyDir").is_null()) {
            local.push(name.clone());
            // What a rule refuses, later rules are not asked about.
            if !args.is("delete-emptydir-data") {
                continue;
            }
        }
        if owner.is_none() {
            bare.push(name);
        }
        evict.push(pod);
    }
    let (mut errors, mut warnings) = (vec![], vec![]);
    let mut tell = |list: Vec<String>, allowed: bool, error: &str, warning: &str| {
        if list.is_empty() {
            return;
        }
        if !allowed {
            errors.push(format!("{error}: {}", list.join(", ")));
        } else if !warning.is_empty() {
            warnings.push(format!("{warning}: {}", list.join(", ")));
        }
    };
    tell(
        daemons,
        args.is("ignore-daemonsets"),
        "cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore)",
        "ignoring DaemonSet-managed Pods",
    );
    tell(
        bare,
        args.is("force"),
        "cannot delete Pods that declare no controller (use --force to override)",
        "deleting Pods that declare no controller",
    );
    tell(
        local,
        args.is("delete-emptydir-data"),
        "cannot delete Pods with local storage (use --delete-emptydir-data to override)",
        "",
    );
    Ok(Sorted { evict, errors, warnings })
}

pub fn run(context: &mut Context) -> Answer {
    let nodes = nodes(context, "drain")?;
    if context.call.memory.is_null() {
        context.call.memory = Value::empty_map();
        for node in &nodes {
            set(context, node, true)?;
        }
    }
    for node in &nodes {
        let key = node.meta.name.to_string();
        if context.call.memory.get("drained").get(&key).as_bool() == Some(true) {
            continue;
        }
        if let Some(step) = one(context, node)? {
            return Ok(step);
        }
        context.call.memory.at_mut(&["drained"]).set(&key, Value::Bool(true));
        context.call.memory.remove("pods");
        let suffix = if context.dry_run() == "none" { "drained" } else { "drained (dry run)" };
        context.say(format!("node/{key} {suffix}"));
    }
    OK
}

/// Drains a node; `None` when it is done.
fn one(context: &mut Context, node: &Rc<Object>) -> Result<Option<Step>, Fault> {
    if context.call.memory.get("pods").is_null() {
        let sorted = sort(context, node)?;
        if !sorted.errors.is_empty() {
            return Err(refused(context, node, &sorted.errors));
        }
        if !sorted.warnings.is_empty() {
            context.warn(sorted.warnings.join("; "));
        }
        if context.dry_run() != "none" {
            for pod in &sorted.evict {
                context.say(format!("evicting pod {}/{} (dry run)", pod.meta.namespace, pod.meta.name));
            }
            return Ok(None);
        }
        let entry = |p: &Rc<Object>| {
            Value::map([
                ("namespace", Value::Str(p.meta.namespace.clone())),
                ("name", Value::Str(p.meta.name.clone())),
                ("uid", Value::Str(p.meta.uid.clone())),
            ])
        };
        context.call.memory.set("pods", Value::list(sorted.evict.iter().map(entry).collect()));
        let now = Value::Int(context.now().0 as i64);
        context.call.memory.set("since", now);
    }
    work(context, node)
}

fn refused(context: &mut Context, node: &Object, errors: &[String]) -> Fault {
    let all = if errors.len() == 1 { errors[0].clone() } else { format!("[{}]", errors.join(", ")) };
    context
        .err(&format!("error: unable to drain node \"{}\" due to error: {all}, continuing command...", node.meta.name));
    context.err(&format!("There are pending nodes to be drained:\n {}", node.meta.name));
    errors.iter().for_each(|e| context.err(e));
    Fault::Code(1)
}

/// Evicts what is still there, tries again what was refused, and waits for the rest.
fn work(context: &mut Context, node: &Rc<Object>) -> Result<Option<Step>, Fault> {
    let timeout = context.args.get("timeout").and_then(time::parse).filter(|t| *t > 0);
    let since = Time(context.call.memory.get("since").as_int().unwrap_or(0) as u64);
    let end = timeout.map(|t| since + Span(t as u64));
    let late = end.is_some_and(|end| context.now() >= end);
    let mut pods = context.call.memory.get("pods").items().to_vec();
    let (mut next, mut stuck) = (end, None);
    let direct = context.args.is("disable-eviction");
    for pod in &mut pods {
        let text = |key: &str| pod.get(key).as_str().unwrap_or("").to_string();
        let (namespace, name, uid) = (text("namespace"), text("name"), text("uid"));
        let there = context.cluster.store.find(Kind::Pod, &namespace, &name).is_some_and(|p| *p.meta.uid == *uid);
        if pod.get("gone").as_bool() == Some(true) {
            continue;
        }
        if !there {
            pod.set("gone", Value::Bool(true));
            if !pod.get("ordered").is_null() {
                context.say(format!("pod/{name} {}", if direct { "deleted" } else { "evicted" }));
            }
            continue;
        }
        if !pod.get("ordered").is_null() {
            stuck = stuck.or(Some((namespace, name)));
            continue;
        }
        let again = Time(pod.get("again").as_int().unwrap_or(0) as u64);
        if late || context.now() < again {
            next = Some(next.map_or(again, |n| n.min(again)));
            stuck = Some((namespace, name));
            continue;
        }
        if !direct {
            context.err(&format!("evicting pod {namespace}/{name}"));
        }
        match order(context, &namespace, &name, direct) {
            Ok(()) => pod.set("ordered", Value::Bool(true)),
            Err(why) => {
                context.err(&format!(
                    "error when evicting pods/\"{name}\" -n \"{namespace}\" (will retry after 5s): {why}"
                ));
                let again = context.now() + RETRY;
                pod.set("again", Value::Int(again.0 as i64));
                next = Some(next.map_or(again, |n| n.min(again)));
            }
        }
        stuck = stuck.or(Some((namespace, name)));
    }
    let left = pods.iter().any(|p| p.get("gone").is_null());
    context.call.memory.set("pods", Value::list(pods));
    match stuck {
        Some((namespace, name)) if late => Err(timed_out(context, node, &namespace, &name, timeout.unwrap_or(0))),
        _ if left => Ok(Some(Step::Wait(next))),
        _ => Ok(None),
    }
}

fn timed_out(context: &mut Context, node: &Object, namespace: &str, name: &str, timeout: i64) -> Fault {
    let limit = time::go(Span(timeout as u64));
    let why = format!("error when evicting pods/\"{name}\" -n \"{namespace}\": global timeout reached: {limit}");
    let host = &node.meta.name;
    context.err(&format!("There are pending pods in node \"{host}\" when an error occurred: {why}\npod/{name}"));
    context.err(&format!("error: unable to drain node \"{host}\" due to error: {why}, continuing command...\nThere are pending nodes to be drained:\n {host}\n{why}"));
    Fault::Code(1)
}

/// Asks for an eviction, which a disruption budget may refuse; or deletes.
fn order(context: &mut Context, namespace: &str, name: &str, direct: bool) -> Result<(), String> {
    let key = Key::new(namespace, name);
    let grace = context.args.get("grace-period").and_then(|t| t.parse::<i64>().ok()).filter(|n| *n >= 0);
    let options = DeleteOptions { grace, ..DeleteOptions::default() };
    let verb = if direct { Verb::Delete(options) } else { Verb::Evict(options) };
    context.request(Kind::Pod, key, verb).map(|_| ()).map_err(|s| s.to_string())
}
