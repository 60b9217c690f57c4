//! `kubectl cordon`, `uncordon` and `drain`.
//!
//! Kubernetes 1.36: staging/src/k8s.io/kubectl/pkg/drain, pkg/cmd/drain

use super::resources;
use super::{Answer, Context, Fault, OK, Step, patch, time};
use crate::api::Kind;
use crate::api::object::{Key, Object};
use crate::apiserver::selection::Labels;
use crate::apiserver::{DeleteOptions, Status, Verb};
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
        if !words.is_empty() {
            return Err(Fault::usage(verb, "cannot specify both a node name and a --selector option"));
        }
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
        let name = node.meta.name.to_string();
        if !context.call.memory.get("over").get(&name).is_null() {
            continue;
        }
        let end = match one(context, node)? {
            Ok(Some(step)) => return Ok(step),
            Ok(None) => {
                context.done(&node.write(), Kind::Node, "drained")?;
                Value::Bool(true)
            }
            Err(errors) => {
                let all = together(&errors);
                context
                    .err(&format!("error: unable to drain node \"{name}\" due to error: {all}, continuing command..."));
                Value::list(errors.into_iter().map(Value::from).collect())
            }
        };
        context.call.memory.at_mut(&["over"]).set(&name, end);
        context.call.memory.remove("pods");
    }
    let over = context.call.memory.get("over").clone();
    let left: Vec<&Rc<Object>> = nodes.iter().filter(|n| over.get(&n.meta.name).as_bool().is_none()).collect();
    if left.is_empty() {
        return OK;
    }
    context.err("There are pending nodes to be drained:");
    left.iter().for_each(|node| context.err(&format!(" {}", node.meta.name)));
    for error in left.iter().flat_map(|node| over.get(&node.meta.name).items()) {
        context.err(error.as_str().unwrap_or_default());
    }
    Err(Fault::Code(1))
}

/// Several errors as one text.
fn together(errors: &[String]) -> String {
    if let [one] = errors { one.clone() } else { format!("[{}]", errors.join(", ")) }
}

/// Why a node is not drained.
type Errors = Vec<String>;

/// Drains a node; no step when it is done.
fn one(context: &mut Context, node: &Rc<Object>) -> Result<Result<Option<Step>, Errors>, Fault> {
    if context.call.memory.get("pods").is_null() {
        let sorted = sort(context, node)?;
        if !sorted.errors.is_empty() {
            return Ok(Err(sorted.errors));
        }
        if !sorted.warnings.is_empty() {
            context.warn(sorted.warnings.join("; "));
        }
        let dry = match context.dry_run() {
            "client" => " (dry run)",
            "server" => " (server dry run)",
            _ => "",
        };
        if !dry.is_empty() {
            for pod in &sorted.evict {
                context.say(format!("evicting pod {}/{}{dry}", pod.meta.namespace, pod.meta.name));
            }
            return Ok(Ok(None));
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
    Ok(match work(context) {
        Err(errors) => {
            let pending = sort(context, node)?.evict;
            if !pending.is_empty() {
                let (host, all) = (&node.meta.name, together(&errors));
                context.err(&format!("There are pending pods in node \"{host}\" when an error occurred: {all}"));
                pending.iter().for_each(|pod| context.err(&format!("pod/{}", pod.meta.name)));
            }
            Err(errors)
        }
        other => other,
    })
}

/// How far it is with one Pod.
enum Way {
    Gone,
    /// It is looked at again at the latest then.
    Waits(Option<Time>),
    Failed(String),
}

/// Evicts what is still there, tries again what was refused, and waits for the rest.
fn work(context: &mut Context) -> Result<Option<Step>, Errors> {
    let mut pods = context.call.memory.get("pods").items().to_vec();
    let (mut next, mut waits, mut errors) = (None::<Time>, false, Vec::new());
    for pod in &mut pods {
        match go_on(context, pod) {
            Way::Gone => {}
            Way::Failed(why) => errors.push((pod.get("at").as_int(), why)),
            Way::Waits(at) => {
                waits = true;
                next = next.into_iter().chain(at).min();
            }
        }
    }
    context.call.memory.set("pods", Value::list(pods));
    match errors.is_empty() {
        _ if waits => Ok(Some(Step::Wait(next))),
        true => Ok(None),
        false => {
            // They are told in the order in which they came.
            errors.sort_by_key(|(at, _)| *at);
            let mut errors: Errors = errors.into_iter().map(|(_, why)| why).collect();
            errors.dedup();
            Err(errors)
        }
    }
}

fn go_on(context: &mut Context, pod: &mut Value) -> Way {
    let text = |key: &str| pod.get(key).as_str().unwrap_or("").to_string();
    let (namespace, name, uid, failed) = (text("namespace"), text("name"), text("uid"), text("failed"));
    let (gone, ordered) = (pod.get("gone").as_bool() == Some(true), pod.get("ordered").as_bool() == Some(true));
    if gone || !failed.is_empty() {
        return if gone { Way::Gone } else { Way::Failed(failed) };
    }
    let direct = context.args.is("disable-eviction");
    if context.cluster.store.find(Kind::Pod, &namespace, &name).is_none_or(|p| *p.meta.uid != *uid) {
        pod.set("gone", Value::Bool(true));
        if ordered {
            context.say(format!("pod/{name} {}", if direct { "deleted" } else { "evicted" }));
        }
        return Way::Gone;
    }
    let timeout = context.args.get("timeout").and_then(time::parse).filter(|t| *t > 0);
    let since = Time(context.call.memory.get("since").as_int().unwrap_or(0) as u64);
    let end = timeout.map(|t| since + Span(t as u64));
    let late = end.is_some_and(|end| context.now() >= end);
    let evicting = format!("error when evicting pods/\"{name}\" -n \"{namespace}\"");
    if ordered && late {
        let why = "context deadline exceeded";
        let waiting = format!("error when waiting for pod \"{name}\" in namespace \"{namespace}\" to terminate: {why}");
        return fail(context, pod, if direct { why.into() } else { waiting });
    }
    if ordered {
        return Way::Waits(end);
    }
    // While it sleeps before the next try it does not see that its time is up.
    let again = Time(pod.get("again").as_int().unwrap_or(0) as u64);
    if context.now() < again {
        return Way::Waits(Some(again));
    }
    if !direct {
        context.err(&format!("evicting pod {namespace}/{name}"));
        if late {
            let limit = time::go(Span(timeout.unwrap_or(0) as u64));
            return fail(context, pod, format!("{evicting}: global timeout reached: {limit}"));
        }
    }
    match order(context, &namespace, &name, direct) {
        Ok(()) => {
            pod.set("ordered", Value::Bool(true));
            Way::Waits(end)
        }
        Err(why) if why.code == 429 => {
            context.err(&format!("{evicting} (will retry after 5s): {why}"));
            let again = context.now() + RETRY;
            pod.set("again", Value::Int(again.0 as i64));
            Way::Waits(Some(again))
        }
        Err(why) => fail(context, pod, if direct { why.to_string() } else { format!("{evicting}: {why}") }),
    }
}

/// There is nothing more to be tried with this Pod.
fn fail(context: &Context, pod: &mut Value, why: String) -> Way {
    pod.set("at", Value::Int(context.now().0 as i64));
    pod.set("failed", why.as_str().into());
    Way::Failed(why)
}

/// Asks for an eviction, which a disruption budget may refuse; or deletes.
fn order(context: &mut Context, namespace: &str, name: &str, direct: bool) -> Result<(), Status> {
    let key = Key::new(namespace, name);
    let grace = context.args.get("grace-period").and_then(|t| t.parse::<i64>().ok()).filter(|n| *n >= 0);
    let options = DeleteOptions { grace, ..DeleteOptions::default() };
    let verb = if direct { Verb::Delete(options) } else { Verb::Evict(options) };
    context.request(Kind::Pod, key, verb).map(|_| ())
}
