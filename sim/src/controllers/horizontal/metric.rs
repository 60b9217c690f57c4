//! Kubernetes 1.36: pkg/controller/podautoscaler/horizontal.go (computeReplicasForMetrics)
//!
//! All metrics of an autoscaler: the one that asks for most Pods counts. If some fail, what the others say holds only if it
//! is not less than what there is.

use super::replicas::{Proposal, Question};
use super::target::Target;
use super::{BY, Report};
use crate::api::Field;
use crate::api::Kind;
use crate::api::object::Object;
use crate::api::quantity::{Notation, Quantity};
use crate::api::selector::LabelSelector;
use crate::apiserver::events::Note;
use crate::cluster::Cluster;
use crate::controllers::memory::Memory;
use crate::outcome::Outcome;
use crate::value::Value;

/// How far from its target a metric may be, in thousandths, before anything is done.
const TOLERANCE: i64 = 100;

/// What the metrics say together.
pub struct Found {
    /// A number of Pods, and the metric that asks for it; `None` if none can be told.
    pub proposal: Option<(i64, String)>,
    pub statuses: Vec<Value>,
    /// What is wrong, if there is no proposal.
    pub error: String,
}

/// A metric that gives no number.
struct Failure {
    reason: &'static str,
    /// What the condition and an event say.
    text: String,
    /// What is said of it as the first of all failures.
    outer: String,
}

pub fn compute(
    cluster: &Cluster,
    memory: &Memory,
    object: &Object,
    target: &Target,
    report: &mut Report,
    out: &mut Outcome,
) -> Found {
    let mut found = Found { proposal: None, statuses: vec![], error: String::new() };
    if let Some(unfit) = &target.unfit {
        out.event(Note::warning(object, BY, unfit.reason, unfit.text.clone()));
        report.say("ScalingActive", false, "InvalidSelector", unfit.condition.clone());
        found.error = unfit.text.clone();
        return found;
    }
    if let Some(text) = ambiguous(cluster, memory, object, target) {
        out.event(Note::warning(object, BY, "AmbiguousSelector", text.clone()));
        report.say("ScalingActive", false, "AmbiguousSelector", text.clone());
        found.error = text;
        return found;
    }
    let metrics = object.raw().at(&["spec", "metrics"]).items();
    let mut failures = vec![];
    for metric in metrics {
        match one(cluster, object, target, metric) {
            Ok((proposal, name, status)) => {
                found.statuses.push(status);
                let best = found.proposal.as_ref().map_or(0, |(n, _)| *n);
                if best == 0 || proposal > best {
                    found.proposal = Some((proposal, name));
                }
            }
            Err(failure) => {
                out.event(Note::warning(object, BY, failure.reason, failure.text.clone()));
                found.statuses.push(Value::map([("type", "".into())]));
                failures.push(failure);
            }
        }
    }
    if let Some(first) = failures.first() {
        let (bad, all) = (failures.len(), metrics.len());
        found.error = format!("invalid metrics ({bad} invalid out of {all}), first error is: {}", first.outer);
        let best = found.proposal.as_ref().map_or(0, |(n, _)| *n);
        if bad >= all || best < target.replicas {
            let text = format!("the HPA was unable to compute the replica count: {}", first.text);
            report.say("ScalingActive", false, first.reason, text);
            found.proposal = None;
            return found;
        }
    }
    let name = found.proposal.as_ref().map_or("", |(_, name)| name);
    let text = format!("the HPA was able to successfully calculate a replica count from {name}");
    report.say("ScalingActive", true, "ValidMetricFound", text);
    found
}

/// Says so if other autoscalers look after the same Pods, as far as they have looked.
fn ambiguous(cluster: &Cluster, memory: &Memory, object: &Object, target: &Target) -> Option<String> {
    let pods: Vec<_> = cluster
        .store
        .list_in(Kind::Pod, &object.meta.namespace)
        .filter(|pod| target.selector.matches(&pod.meta.labels))
        .collect();
    let others = cluster.store.list_in(Kind::HorizontalPodAutoscaler, &object.meta.namespace);
    let picks = |other: &&std::rc::Rc<Object>| {
        let selector = memory.autoscalers.get(&other.key()).and_then(|past| past.selector.as_ref());
        selector.is_some_and(|s| pods.iter().any(|pod| s.matches(&pod.meta.labels)))
    };
    let names: Vec<String> = others.filter(picks).map(|other| other.key().to_string()).collect();
    (names.len() > 1)
        .then(|| format!("pods by selector {} are controlled by multiple HPAs: [{}]", target.selector, names.join(" ")))
}

/// Within how many thousandths of the target nothing is done, below and above.
fn tolerance(object: &Object) -> (i64, i64) {
    let of = |direction: &str| {
        let value = object.raw().at(&["spec", "behavior", direction, "tolerance"]);
        if value.is_null() { TOLERANCE } else { Quantity::read(value).milli_units() }
    };
    (of("scaleDown"), of("scaleUp"))
}

/// One metric: the number of Pods, its name, its status.
fn one(cluster: &Cluster, object: &Object, target: &Target, metric: &Value) -> Result<(i64, String, Value), Failure> {
    let namespace = &*object.meta.namespace;
    let kind = metric.get("type").as_str().unwrap_or("");
    match kind {
        "Resource" => resource(cluster, object, target, metric, ("resource", "FailedGetResourceMetric")),
        "ContainerResource" => {
            resource(cluster, object, target, metric, ("containerResource", "FailedGetContainerResourceMetric"))
        }
        "Pods" => {
            let name = text(metric, &["pods", "metric", "name"]);
            let why = format!("unable to get metric {name}: {NO_CUSTOM}");
            Err(Failure {
                reason: "FailedGetPodsMetric",
                outer: format!("failed to get pods metric value: {why}"),
                text: why,
            })
        }
        "Object" => {
            let name = text(metric, &["object", "metric", "name"]);
            let described = metric.at(&["object", "describedObject"]);
            let (of, whose) = (text(described, &["kind"]), text(described, &["name"]));
            let why = format!("unable to get metric {name}: {of} on {namespace} {whose}/{NO_CUSTOM}");
            let average = text(metric, &["object", "target", "type"]) == "AverageValue";
            let inner = if average { format!("failed to get {name} object metric: {why}") } else { why.clone() };
            let outer = format!("failed to get object metric value: {inner}");
            Err(Failure { reason: "FailedGetObjectMetric", text: why, outer })
        }
        "External" => {
            let name = text(metric, &["external", "metric", "name"]);
            let selector = go(metric.at(&["external", "metric", "selector"]));
            let why = format!(
                "unable to get external metric {namespace}/{name}/{selector}: unable to fetch metrics from external metrics API: the server could not find the requested resource (get {name}.external.metrics.k8s.io)"
            );
            let inner = match metric.at(&["external", "target", "averageValue"]).is_null() {
                true => format!("failed to get external metric {name}: {why}"),
                false => format!("failed to get {name} external metric: {why}"),
            };
            let outer = format!("failed to get {name} external metric value: {inner}");
            Err(Failure { reason: "FailedGetExternalMetric", text: why, outer })
        }
        other => {
            let why = format!("unknown metric source type \"{other}\"");
            Err(Failure { reason: "InvalidMetricSourceType", outer: why.clone(), text: why })
        }
    }
}

/// Without an adapter nobody serves this API.
const NO_CUSTOM: &str =
    "unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered";

fn text<'a>(value: &'a Value, path: &[&str]) -> &'a str {
    value.at(path).as_str().unwrap_or("")
}

/// A label selector as Go prints it.
fn go(value: &Value) -> String {
    if value.is_null() {
        return "nil".into();
    }
    let selector = LabelSelector::read(value);
    let labels: String = selector.match_labels.iter().map(|(k, v)| format!("{k}: {v},")).collect();
    let rules: String = selector
        .match_expressions
        .iter()
        .map(|r| {
            let values: Vec<&str> = r.values.iter().map(|v| &**v).collect();
            format!("LabelSelectorRequirement{{Key:{},Operator:{},Values:[{}],}},", r.key, r.operator, values.join(" "))
        })
        .collect();
    format!(
        "&LabelSelector{{MatchLabels:map[string]string{{{labels}}},MatchExpressions:[]LabelSelectorRequirement{{{rules}}},}}"
    )
}

/// A metric that the metrics-server knows.
fn resource(
    cluster: &Cluster,
    object: &Object,
    target: &Target,
    metric: &Value,
    (source, reason): (&'static str, &'static str),
) -> Result<(i64, String, Value), Failure> {
    let (name, container) = (text(metric, &[source, "name"]), text(metric, &[source, "container"]));
    let question = Question {
        cluster,
        namespace: &object.meta.namespace,
        selector: &target.selector,
        resource: name,
        container,
        replicas: target.replicas,
        tolerance: tolerance(object),
    };
    let wanted = metric.at(&[source, "target"]);
    let (sought, answer) = match wanted.get("averageValue") {
        Value::Null => ("utilization", question.by_utilization(wanted.get("averageUtilization").as_int().unwrap_or(0))),
        value => ("usage", question.by_average(Quantity::read(value).milli_units())),
    };
    let Proposal { replicas, utilization, average } = answer.map_err(|why| {
        let why = format!("failed to get {name} {sought}: {why}");
        let of = if container.is_empty() { format!("{name} resource") } else { format!("{container} container") };
        Failure { reason, outer: format!("failed to get {of} metric value: {why}"), text: why }
    })?;
    let notation = if name == "memory" { Notation::Binary } else { Notation::Decimal };
    let average = Quantity { milli: average.into(), notation };
    let mut current = Value::map([("averageValue", average.write())]);
    let mut whole = format!("{name} resource");
    if let Some(percent) = utilization {
        current.set("averageUtilization", Value::Int(percent));
        let of = if container.is_empty() { "resource" } else { "container resource" };
        whole = format!("{name} {of} utilization (percentage of request)");
    }
    let mut status = Value::map([("current", current), ("name", name.into())]);
    if !container.is_empty() {
        status.set("container", container.into());
    }
    let kind = text(metric, &["type"]);
    Ok((replicas, whole, Value::map([("type", kind.into()), (source, status)])))
}
