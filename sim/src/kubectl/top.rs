//! `kubectl top pods` and `kubectl top nodes`: what the metrics-server tells.
//!
//! Kubernetes 1.36: staging/src/k8s.io/kubectl/pkg/cmd/top, pkg/metricsutil/metrics_printer.go

use super::table::layout;
use super::{Answer, Context, Fault, OK, resources};
use crate::api::Kind;
use crate::api::object::Object;
use crate::apiserver::Status;
use crate::clock::Span;
use crate::metrics::{self, PodMetrics, Usage};
use std::cmp::Reverse;
use std::rc::Rc;

/// A Pod without metrics that is older than this is worth an error.
const PATIENCE: Span = Span::minutes(2);

pub fn run(context: &mut Context, what: &str) -> Answer {
    if !context.cluster.metrics_server {
        return Err(Fault::text("Metrics API not available"));
    }
    let by = context.args.get("sort-by").unwrap_or("").to_string();
    if !matches!(by.as_str(), "" | "cpu" | "memory") {
        return Err(Fault::text("--sort-by accepts only cpu or memory"));
    }
    match what {
        "pod" | "pods" | "po" => pods(context, &by),
        "node" | "nodes" | "no" => nodes(context, &by),
        _ => {
            context.say("Display resource (CPU/memory) usage of nodes or pods.");
            OK
        }
    }
}

/// The objects that are meant: the one that is named, or those that the selectors pick.
fn meant(context: &mut Context, kind: Kind) -> Result<(Vec<Rc<Object>>, bool), Fault> {
    match context.args.words.first().cloned() {
        Some(name) => Ok((vec![context.find(kind, &name)?], true)),
        None => Ok((resources::list(context, kind)?, false)),
    }
}

/// Columns that come first in the sort order: what is used most.
fn rank(usage: Usage, by: &str) -> Reverse<u64> {
    Reverse(match by {
        "cpu" => usage.nano,
        "memory" => usage.bytes,
        _ => 0,
    })
}

fn mebibytes(usage: Usage) -> String {
    format!("{}Mi", usage.bytes >> 20)
}

fn pods(context: &mut Context, by: &str) -> Answer {
    let (pods, named) = meant(context, Kind::Pod)?;
    let mut known: Vec<PodMetrics> = pods.iter().filter_map(|pod| metrics::pod(context.cluster, pod)).collect();
    if known.is_empty() {
        return unknown(context, &pods, named);
    }
    known.sort_by_key(|m| (rank(m.total(), by), m.key.clone()));
    let (all, each) = (context.args.is("all-namespaces"), context.args.is("containers"));
    let mut headers = vec!["NAME", "CPU(cores)", "MEMORY(bytes)", ""];
    if each {
        headers.insert(0, "POD");
    }
    if all {
        headers.insert(0, "NAMESPACE");
    }
    let mut rows = vec![];
    for metrics in &mut known {
        let mut before = vec![];
        if all {
            before.push(metrics.key.namespace.to_string());
        }
        if !each {
            before.push(metrics.key.name.to_string());
            rows.push(line(before, metrics.total()));
            continue;
        }
        metrics.containers.sort_by_key(|(name, usage)| (rank(*usage, by), name.clone()));
        before.push(metrics.key.name.to_string());
        for (name, usage) in &metrics.containers {
            rows.push(line([before.clone(), vec![name.to_string()]].concat(), *usage));
        }
    }
    if context.args.is("sum") {
        let blank = vec![String::new(); headers.len() - 3];
        rows.push([blank.clone(), vec!["________".into(), "________".into(), String::new()]].concat());
        rows.push(line(blank, known.iter().fold(Usage::default(), |sum, m| sum.plus(m.total()))));
    }
    print(context, &headers, &rows);
    OK
}

fn line(mut cells: Vec<String>, usage: Usage) -> Vec<String> {
    cells.extend([format!("{}m", usage.milli()), mebibytes(usage), String::new()]);
    cells
}

fn print(context: &mut Context, headers: &[&str], rows: &[Vec<String>]) {
    let headers: Vec<String> = headers.iter().map(|h| h.to_string()).collect();
    let text = layout((!context.args.is("no-headers")).then_some(&headers), rows);
    context.print(text);
}

/// No metrics came: says why, if there is a reason to.
fn unknown(context: &mut Context, pods: &[Rc<Object>], named: bool) -> Answer {
    if named && let Some(pod) = pods.first() {
        let what = format!("podmetrics.metrics.k8s.io \"{}\" not found", pod.key());
        return Err(Status::new(404, "NotFound", what).into());
    }
    let now = context.cluster.stamp().0;
    let age = |pod: &Rc<Object>| now - pod.meta.creation.map_or(now, |at| at.0);
    if let Some(old) = pods.iter().find(|pod| age(pod) > PATIENCE.0 as i64) {
        let text = super::time::go(Span(age(old).unsigned_abs()));
        return Err(Fault::text(format!("Metrics not available for pod {}, age: {text}", old.key())));
    }
    if !pods.is_empty() {
        return Err(Fault::text("metrics not available yet"));
    }
    let namespace = context.namespace();
    context.err(&match context.args.is("all-namespaces") {
        true => "No resources found".to_string(),
        false => format!("No resources found in {namespace} namespace."),
    });
    OK
}

fn nodes(context: &mut Context, by: &str) -> Answer {
    let (nodes, _) = meant(context, Kind::Node)?;
    let mut known: Vec<(Option<Usage>, &Rc<Object>)> =
        nodes.iter().map(|node| (metrics::node(context.cluster, &node.meta.name), node)).collect();
    if known.iter().all(|(usage, _)| usage.is_none()) {
        return Err(Fault::text("metrics not available yet"));
    }
    // Those of which nothing is known come last.
    known.sort_by_key(|(usage, node)| (usage.is_none(), rank(usage.unwrap_or_default(), by), node.meta.name.clone()));
    let whole = context.args.is("show-capacity");
    let rows: Vec<Vec<String>> = known
        .into_iter()
        .map(|(usage, node)| {
            let name = node.meta.name.to_string();
            let Some(usage) = usage else {
                return [vec![name], vec!["<unknown>".into(); 4], vec![String::new()]].concat();
            };
            let (milli, bytes) = if whole { metrics::capacity(node) } else { metrics::allocatable(node) };
            let share = |part: i64, whole: i64| format!("{}%", part * 100 / whole.max(1));
            let cpu = usage.milli();
            vec![
                name,
                format!("{cpu}m"),
                share(cpu, milli),
                mebibytes(usage),
                share(usage.bytes as i64, bytes),
                String::new(),
            ]
        })
        .collect();
    print(context, &["NAME", "CPU(cores)", "CPU(%)", "MEMORY(bytes)", "MEMORY(%)", ""], &rows);
    OK
}
