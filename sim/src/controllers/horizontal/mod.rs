//! Kubernetes 1.36: pkg/controller/podautoscaler/horizontal.go
//!
//! HorizontalPodAutoscalers: every 15 s as many Pods as the metrics ask for, within the rules of the autoscaler. Of metrics
//! the cluster has those of a metrics-server (`Resource`, `ContainerResource`); adapters for `Pods`, `Object` and `External`
//! are not simulated, and such metrics fail as they do in a cluster without one.

pub mod limits;
mod metric;
mod ratio;
mod replicas;
mod target;

use crate::api::object::{Key, Object};
use crate::api::{Condition, Field, Kind, Stamp};
use crate::apiserver::events::Note;
use crate::apiserver::{Part, Patch, Request, Status, Verb};
use crate::clock::Span;
use crate::cluster::Cluster;
use crate::controllers::memory::Memory;
use crate::outcome::Outcome;
use crate::value::Value;
use limits::{Attempt, Past, Wish};
use std::rc::Rc;
use target::Target;

const BY: &str = "horizontal-pod-autoscaler";

/// From one look at an autoscaler to the next: the controller's period, and what a look takes.
pub const PERIOD: Span = Span(15_012);

/// The status that is being made.
#[derive(Clone)]
struct Report {
    conditions: Vec<Condition>,
    current: i64,
    desired: i64,
    /// A list, or null.
    metrics: Value,
    last_scale: Value,
    now: Stamp,
}

impl Report {
    fn read(status: &Value, now: Stamp) -> Report {
        let int = |name: &str| status.get(name).as_int().unwrap_or(0);
        Report {
            conditions: Field::read(status.get("conditions")),
            current: int("currentReplicas"),
            desired: int("desiredReplicas"),
            metrics: status.get("currentMetrics").clone(),
            last_scale: status.get("lastScaleTime").clone(),
            now,
        }
    }

    fn say(&mut self, kind: &str, status: bool, reason: &str, message: impl Into<Rc<str>>) {
        let status = if status { "True" } else { "False" };
        let at = self.conditions.iter().position(|c| &*c.kind == kind).unwrap_or_else(|| {
            self.conditions.push(Condition { kind: kind.into(), ..Default::default() });
            self.conditions.len() - 1
        });
        let condition = &mut self.conditions[at];
        if &*condition.status != status {
            condition.last_transition = Some(self.now);
        }
        condition.status = status.into();
        condition.reason = reason.into();
        condition.message = message.into();
    }

    /// The status as it is written.
    fn status(self) -> Value {
        let mut status = Value::map([("currentMetrics", self.metrics), ("desiredReplicas", Value::Int(self.desired))]);
        if !self.conditions.is_empty() {
            status.set("conditions", self.conditions.write());
        }
        if self.current != 0 {
            status.set("currentReplicas", Value::Int(self.current));
        }
        if !self.last_scale.is_null() {
            status.set("lastScaleTime", self.last_scale);
        }
        status
    }

    /// Asks for the status to be written if it has changed.
    fn write(self, object: &Object, out: &mut Outcome) {
        let status = self.status();
        if status != object.status() {
            let mut new = object.clone();
            new.set_status(status);
            out.request(Request::put_status(BY, new));
        }
    }
}

/// Looks at an autoscaler.
pub fn wake(cluster: &Cluster, memory: &mut Memory, key: &Key) -> Outcome {
    let mut out = Outcome::nothing();
    let Some(object) = cluster.store.get(Kind::HorizontalPodAutoscaler, key) else {
        memory.autoscalers.remove(key);
        return out;
    };
    out.again_at(cluster.now + PERIOD);
    let mut report = Report::read(&object.status(), cluster.stamp());
    let target = match target::find(cluster, object) {
        Ok(target) => target,
        Err(why) => {
            out.event(Note::warning(object, BY, "FailedGetScale", why.clone()));
            let text = format!("the HPA controller was unable to get the target's current scale: {why}");
            report.say("AbleToScale", false, "FailedGetScale", text);
            report.write(object, &mut out);
            return out;
        }
    };
    let text = "the HPA controller was able to get the target's current scale";
    report.say("AbleToScale", true, "SucceededGetScale", text);
    let mut past = memory.autoscalers.get(key).map(|past| (**past).clone()).unwrap_or_default();
    if past.proposals.is_empty() {
        past.proposals.push((cluster.now, target.replicas));
    }
    reconcile(cluster, memory, object, &target, (report, past), &mut out);
    out
}

fn reconcile(
    cluster: &Cluster,
    memory: &mut Memory,
    object: &Object,
    target: &Target,
    (mut report, mut past): (Report, Past),
    out: &mut Outcome,
) {
    let spec = object.raw().get("spec");
    let int = |name: &str, otherwise: i64| spec.get(name).as_int().unwrap_or(otherwise);
    let (current, min, max) = (target.replicas, int("minReplicas", 1), int("maxReplicas", 1));
    report.current = current;
    let mut metrics = Value::Null;
    let (desired, why) = match current {
        0 if min != 0 => {
            let text = "scaling is disabled since the replica count of the target is zero";
            report.say("ScalingActive", false, "ScalingDisabled", text);
            (0, String::new())
        }
        n if n > max => (max, "Current number of replicas above Spec.MaxReplicas".to_string()),
        n if n < min => (min, "Current number of replicas below Spec.MinReplicas".to_string()),
        _ => {
            past.selector = target.unfit.is_none().then(|| target.selector.clone());
            memory.autoscalers.insert(object.key(), Rc::new(past.clone()));
            let found = metric::compute(cluster, memory, object, target, &mut report, out);
            metrics = Value::list(found.statuses);
            let Some((proposed, name)) = found.proposal else {
                report.metrics = if metrics.items().is_empty() { Value::Null } else { metrics };
                report.write(object, out);
                out.event(Note::warning(object, BY, "FailedComputeMetricsReplicas", found.error));
                return;
            };
            let why = match proposed {
                n if n > current => format!("{name} above target"),
                n if n < current => "All metrics below target".to_string(),
                _ => String::new(),
            };
            let wish = Wish { now: cluster.now, min, max, current, proposed };
            let decision = limits::decide(spec.get("behavior"), &mut past, wish);
            report.say("AbleToScale", true, decision.able.0, decision.able.1);
            let (limited, reason, message) = decision.limited;
            report.say("ScalingLimited", limited, reason, message);
            (decision.replicas, why)
        }
    };
    report.metrics = metrics;
    if desired != current {
        past.attempt = Some(Attempt { wanted: desired, why: why.clone(), status: report.clone().status() });
        let mut patch = Value::empty_map();
        *patch.at_mut(&target.path.iter().map(String::as_str).collect::<Vec<_>>()) = Value::Int(desired);
        let verb = Verb::Patch(Patch::Merge(patch), Part::Scale);
        out.request(Request::new(BY, target.kind, target.key.clone(), verb));
        let text = format!("the HPA controller was able to update the target scale to {desired}");
        report.say("AbleToScale", true, "SucceededRescale", text);
        report.last_scale = cluster.stamp().write();
        out.event(Note::normal(object, BY, "SuccessfulRescale", format!("New size: {desired}; reason: {why}")));
        limits::remember(spec.get("behavior"), &mut past, cluster.now, current, desired);
    }
    report.desired = desired;
    memory.autoscalers.insert(object.key(), Rc::new(past));
    report.write(object, out);
}

/// The target could not be scaled.
pub fn refused(cluster: &Cluster, key: &Key, request: &Request, status: &Status) -> Outcome {
    let mut out = Outcome::nothing();
    let Some(object) = cluster.store.get(Kind::HorizontalPodAutoscaler, key) else { return out };
    if !matches!(request.verb, Verb::Patch(_, Part::Scale)) {
        return out;
    }
    let Some(Attempt { wanted, why, status: before }) =
        cluster.manager.autoscalers.get(key).and_then(|past| past.attempt.as_ref())
    else {
        return out;
    };
    let mut report = Report::read(before, cluster.stamp());
    let text = format!("the HPA controller was unable to update the target scale: {status}");
    report.say("AbleToScale", false, "FailedUpdateScale", text);
    report.write(object, &mut out);
    let text = format!("New size: {wanted}; reason: {why}; error: {status}");
    out.event(Note::warning(object, BY, "FailedRescale", text));
    out
}
