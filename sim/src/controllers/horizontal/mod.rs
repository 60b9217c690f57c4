//! Kubernetes 1.36: pkg/controller/podautoscaler/horizontal.go
//!
//! HorizontalPodAutoscalers: every 15 s as many Pods as the metrics ask for, within the rules of the autoscaler. Of metrics
//! the cluster has those of a metrics-server (`Resource`, `ContainerResource`); adapters for `Pods`, `Object` and `External`
//! are not simulated, and such metrics fail as they do in a cluster without one.

pub mod limits;
mod metric;
mod ratio;
mod replicas;

use crate::api::deployment::Deployment;
use crate::api::object::{Key, Object};
use crate::api::replica_set::ReplicaSet;
use crate::api::replication_controller::ReplicationController;
use crate::api::selector::LabelSelector;
use crate::api::stateful_set::StatefulSet;
use crate::api::{Condition, Field, Kind, Stamp};
use crate::apiserver::events::Note;
use crate::apiserver::{Part, Patch, Request, Status, Verb};
use crate::clock::Span;
use crate::cluster::Cluster;
use crate::controllers::memory::Memory;
use crate::outcome::Outcome;
use crate::value::Value;
use limits::{Past, Wish};
use std::rc::Rc;

const BY: &str = "horizontal-pod-autoscaler";

/// From one look at an autoscaler to the next: the controller's period, and what a look takes.
pub const PERIOD: Span = Span(15_012);

/// The status that is being made.
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
    fn of(cluster: &Cluster, object: &Object) -> Report {
        let status = object.status();
        let int = |name: &str| status.get(name).as_int().unwrap_or(0);
        Report {
            conditions: Field::read(status.get("conditions")),
            current: int("currentReplicas"),
            desired: int("desiredReplicas"),
            metrics: status.get("currentMetrics").clone(),
            last_scale: status.get("lastScaleTime").clone(),
            now: cluster.stamp(),
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

    /// Asks for the status to be written if it has changed.
    fn write(self, object: &Object, out: &mut Outcome) {
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
        if status != object.status() {
            let mut new = object.clone();
            new.set_status(status);
            out.request(Request::put_status(BY, new));
        }
    }
}

/// What is to be scaled.
struct Target {
    kind: Kind,
    key: Key,
    /// As its specification says.
    replicas: i64,
    selector: LabelSelector,
}

/// Looks at an autoscaler.
pub fn wake(cluster: &Cluster, memory: &mut Memory, key: &Key) -> Outcome {
    let mut out = Outcome::nothing();
    let Some(object) = cluster.store.get(Kind::HorizontalPodAutoscaler, key) else {
        memory.autoscalers.remove(key);
        return out;
    };
    out.again_at(cluster.now + PERIOD);
    let mut report = Report::of(cluster, object);
    let target = match target(cluster, object) {
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

/// The target as its `scale` tells of it.
fn target(cluster: &Cluster, object: &Object) -> Result<Target, String> {
    let reference = object.raw().at(&["spec", "scaleTargetRef"]);
    let text = |field: &str| reference.get(field).as_str().unwrap_or("");
    let (version, name) = (text("apiVersion"), text("kind"));
    let group = version.split_once('/').map_or("", |(group, _)| group);
    let kind = Kind::ALL.iter().copied().find(|k| k.name() == name && k.group() == group);
    let Some(kind) = kind else {
        return Err(format!("no matches for kind {name:?} in group {group:?}"));
    };
    let key = Key::new(object.meta.namespace.clone(), text("name"));
    let scales = matches!(kind, Kind::Deployment | Kind::ReplicaSet | Kind::StatefulSet | Kind::ReplicationController);
    if !scales {
        return Err("the server could not find the requested resource".into());
    }
    let found = cluster.store.get(kind, &key).ok_or_else(|| Status::not_found(kind, &key.name).to_string())?;
    let selector = match kind {
        Kind::Deployment => found.expect::<Deployment>().spec.selector.clone(),
        Kind::ReplicaSet => found.expect::<ReplicaSet>().spec.selector.clone(),
        Kind::StatefulSet => found.expect::<StatefulSet>().spec.selector.clone(),
        _ => {
            let labels = found.expect::<ReplicationController>().spec.selector.clone();
            LabelSelector { match_labels: labels, ..Default::default() }
        }
    };
    let replicas = found.raw().at(&["spec", "replicas"]).as_int().unwrap_or(1);
    Ok(Target { kind, key, replicas, selector })
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
            past.selector = Some(target.selector.clone());
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
    report.desired = desired;
    if desired != current {
        let patch = Value::map([("spec", Value::map([("replicas", Value::Int(desired))]))]);
        let verb = Verb::Patch(Patch::Merge(patch), Part::Scale);
        out.request(Request::new(BY, target.kind, target.key.clone(), verb));
        let text = format!("the HPA controller was able to update the target scale to {desired}");
        report.say("AbleToScale", true, "SucceededRescale", text);
        report.last_scale = cluster.stamp().write();
        out.event(Note::normal(object, BY, "SuccessfulRescale", format!("New size: {desired}; reason: {why}")));
        limits::remember(spec.get("behavior"), &mut past, cluster.now, current, desired);
    }
    memory.autoscalers.insert(object.key(), Rc::new(past));
    report.write(object, out);
}

/// The target could not be scaled.
pub fn refused(cluster: &Cluster, key: &Key, request: &Request, status: &Status) -> Outcome {
    let mut out = Outcome::nothing();
    let Some(object) = cluster.store.get(Kind::HorizontalPodAutoscaler, key) else { return out };
    let Verb::Patch(Patch::Merge(patch), Part::Scale) = &request.verb else { return out };
    let wanted = patch.at(&["spec", "replicas"]).as_int().unwrap_or(0);
    let mut report = Report::of(cluster, object);
    let text = format!("the HPA controller was unable to update the target scale: {status}");
    report.say("AbleToScale", false, "FailedUpdateScale", text);
    report.write(object, &mut out);
    out.event(Note::warning(object, BY, "FailedRescale", format!("New size: {wanted}; reason: ; error: {status}")));
    out
}
