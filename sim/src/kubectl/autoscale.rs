//! `kubectl autoscale`.
//!
//! Kubernetes 1.36: staging/src/k8s.io/kubectl/pkg/cmd/autoscale/autoscale.go

use super::generate::{make, numbers};
use super::{Answer, Context, Fault, OK, resources};
use crate::api::object::Object;
use crate::api::quantity::Quantity;
use crate::api::{Field, Kind};
use crate::apiserver::scale::replicas_path;
use crate::value::Value;

pub fn run(context: &mut Context) -> Answer {
    if context.args.get("max").is_none() {
        return Err(Fault::text("required flag(s) \"max\" not set"));
    }
    let (max, min) = (numbers(context, "max")?.unwrap_or(0), numbers(context, "min")?.unwrap_or(-1));
    if max < 1 {
        return Err(Fault::text(format!("--max=MAXPODS is required and must be at least 1, max: {max}")));
    }
    if max < min {
        return Err(Fault::text(format!(
            "--max=MAXPODS must be larger or equal to --min=MINPODS, max: {max}, min: {min}"
        )));
    }
    let metrics = metrics(context)?;
    let found = resources::find(context)?;
    let mut faults = found.faults;
    for object in found.objects {
        let mut spec = Value::map([("maxReplicas", Value::Int(max))]);
        if min > 0 {
            spec.set("minReplicas", Value::Int(min));
        }
        if !metrics.is_empty() {
            spec.set("metrics", Value::list(metrics.clone()));
        }
        faults.extend(one(context, &object, spec).err());
    }
    Fault::all(faults)?;
    OK
}

/// Makes the autoscaler of one object.
fn one(context: &mut Context, object: &Object, mut spec: Value) -> Result<(), Fault> {
    let (kind, of) = (object.kind.name(), object.kind.resource());
    if replicas_path(&context.cluster.store, object.kind).is_none() {
        return Err(Fault::text(format!(
            "cannot autoscale a {kind}: could not find scale subresource for {}/{}, Resource={} in discovery information",
            of.group, of.version, of.plural
        )));
    }
    let reference = Value::map([
        ("apiVersion", Value::str(object.kind.api_version())),
        ("kind", kind.into()),
        ("name", Value::Str(object.meta.name.clone())),
    ]);
    spec.set("scaleTargetRef", reference);
    let name = context.args.get("name").unwrap_or(&object.meta.name).to_string();
    let mut value = Value::map([("spec", spec)]);
    value.set("status", Value::map([("currentMetrics", Value::Null), ("desiredReplicas", Value::Int(0))]));
    make(context, Kind::HorizontalPodAutoscaler, &name, value, "autoscaled", "").map_err(|fault| second(context, fault))
}

/// What is refused is tried once more in the words of `autoscaling/v1`, where they say it, and refused again.
fn second(context: &Context, fault: Fault) -> Fault {
    let given = |flag: &str| context.args.get(flag).filter(|text| !text.is_empty());
    let why = match given("cpu") {
        None => "empty input",
        Some(cpu) if given("memory").is_none() && cpu.ends_with('%') => return fault,
        Some(_) => "%!w(<nil>)",
    };
    Fault::text(format!(
        "failed to create autoscaling/v2 HPA and the configuration is incompatible with autoscaling/v1: {why}"
    ))
}

/// What the flags say is to be measured.
fn metrics(context: &Context) -> Result<Vec<Value>, Fault> {
    let percent = numbers(context, "cpu-percent")?.filter(|percent| *percent > 0);
    let given = |flag: &str| context.args.get(flag).filter(|text| !text.is_empty());
    if percent.is_some() && given("cpu").is_some() {
        return Err(Fault::text("--cpu-percent and --cpu are mutually exclusive"));
    }
    let mut targets: Vec<(&str, Value)> = percent.map(|percent| ("cpu", utilization(percent))).into_iter().collect();
    for (name, unit) in [("cpu", "m"), ("memory", "Mi")] {
        if let Some(text) = given(name) {
            targets.push((name, target(name, text.trim(), unit)?));
        }
    }
    let metric = |(name, target)| {
        let resource = Value::map([("name", Value::from(name)), ("target", target)]);
        Value::map([("resource", resource), ("type", "Resource".into())])
    };
    Ok(targets.into_iter().map(metric).collect())
}

/// `70%`, an amount, or an amount in the unit of the resource.
fn target(name: &str, text: &str, unit: &str) -> Result<Value, Fault> {
    if let Some(number) = text.strip_suffix('%') {
        let percent = number.parse::<i32>().ok().filter(|percent| *percent >= 0);
        let percent = percent.ok_or_else(|| Fault::text(format!("invalid percentage value: {number}")))?;
        return Ok(utilization(percent.into()));
    }
    let bare = text.chars().all(|c| c.is_ascii_digit() || c == '.');
    let amount = if bare { Quantity::parse(&format!("{text}{unit}")) } else { Quantity::parse(text) };
    let amount = amount.ok_or_else(|| Fault::text(format!("invalid resource {name} value: {text}")))?;
    Ok(Value::map([("averageValue", amount.write()), ("type", "AverageValue".into())]))
}

fn utilization(percent: i64) -> Value {
    Value::map([("averageUtilization", Value::Int(percent)), ("type", "Utilization".into())])
}
