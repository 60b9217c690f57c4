//! `kubectl expose`: a Service for what is there.
//!
//! Kubernetes 1.36: staging/src/k8s.io/kubectl/pkg/cmd/expose

use super::generate::make;
use super::table::plain;
use super::{Answer, Context, Fault, OK, resources};
use crate::api::Kind;
use crate::api::object::Object;
use crate::value::Value;

/// What can be exposed.
const EXPOSED: [Kind; 5] = [Kind::Pod, Kind::Service, Kind::ReplicationController, Kind::Deployment, Kind::ReplicaSet];

pub fn run(context: &mut Context) -> Answer {
    resources::some(context)?;
    let found = resources::find(context)?;
    Fault::all(found.faults)?;
    if found.objects.is_empty() {
        return Err(Fault::text("resource(s) were provided, but no name was specified"));
    }
    for object in found.objects {
        if !EXPOSED.contains(&object.kind) {
            let group = object.kind.group();
            let dot = if group.is_empty() { "" } else { "." };
            return Err(Fault::text(format!("cannot expose a {}{dot}{group}", object.kind.name())));
        }
        let value = service(context, &object)?;
        let name = context.args.get("name").unwrap_or(&object.meta.name).to_string();
        make(context, Kind::Service, &name, value, "exposed", "")?;
    }
    OK
}

/// What is said where no selector can be found, with the reason.
fn no_selector(why: impl std::fmt::Display) -> Fault {
    Fault::text(format!("couldn't retrieve selectors via --selector flag or introspection: {why}"))
}

/// The labels by which a Service finds what `object` runs.
fn selector(object: &Object) -> Result<Value, Fault> {
    let raw = object.raw();
    let (found, none) = match object.kind {
        Kind::Pod => (crate::api::Field::write(&object.meta.labels), "the pod has no labels and cannot be exposed"),
        Kind::Service => (raw.at(&["spec", "selector"]).clone(), "the service has no pod selector set"),
        Kind::ReplicationController => (raw.at(&["spec", "selector"]).clone(), "invalid label selector"),
        _ => {
            let expressions = raw.at(&["spec", "selector", "matchExpressions"]).items();
            if !expressions.is_empty() {
                let shown: Vec<String> = expressions.iter().map(go_requirement).collect();
                return Err(no_selector(format!(
                    "couldn't convert expressions - \"[{}]\" to map-based selector format",
                    shown.join(" ")
                )));
            }
            (
                raw.at(&["spec", "selector", "matchLabels"]).clone(),
                "invalid deployment: no selectors, therefore cannot be exposed",
            )
        }
    };
    if found.as_map().is_none_or(|m| m.is_empty()) {
        return Err(no_selector(none));
    }
    Ok(found)
}

/// A requirement of a selector as Go prints its struct.
fn go_requirement(of: &Value) -> String {
    let values: Vec<String> = of.get("values").items().iter().map(plain).collect();
    format!("{{Key:{} Operator:{} Values:[{}]}}", plain(of.get("key")), plain(of.get("operator")), values.join(" "))
}

fn service(context: &Context, object: &Object) -> Result<Value, Fault> {
    let args = &context.args;
    let selector = match args.get("selector") {
        Some(text) => Value::map(text.split(',').filter_map(|p| p.split_once('=')).map(|(k, v)| (k, Value::from(v)))),
        None => selector(object)?,
    };
    let raw = object.raw();
    let spec = if object.kind == Kind::Pod { raw.get("spec") } else { raw.at(&["spec", "template", "spec"]) };
    let containers = spec.get("containers").items();
    let declared: Vec<&Value> = if object.kind == Kind::Service {
        raw.at(&["spec", "ports"]).items().iter().collect()
    } else {
        containers.iter().flat_map(|c| c.get("ports").items()).collect()
    };
    let number =
        |p: &Value| if object.kind == Kind::Service { plain(p.get("port")) } else { plain(p.get("containerPort")) };
    let wanted: Vec<String> = match args.get("port") {
        Some(text) => text.split(',').map(str::to_string).collect(),
        None if declared.is_empty() => {
            return Err(Fault::text("couldn't find port via --port flag or introspection"));
        }
        None => declared.iter().map(|p| number(p)).collect(),
    };
    let several = wanted.len() > 1;
    let mut ports = vec![];
    for (i, port) in wanted.iter().enumerate() {
        let parsed: i64 = port.parse().map_err(|_| Fault::text(format!("invalid port {port}")))?;
        let own =
            declared.iter().find(|p| number(p) == *port).map(|p| plain(p.get("protocol"))).filter(|p| !p.is_empty());
        let protocol = args.get("protocol").map(str::to_string).or(own).unwrap_or("TCP".into());
        let target = args.get("target-port").unwrap_or(port);
        let target = target.parse().map_or_else(|_| Value::from(target), Value::Int);
        let mut entry =
            Value::map([("port", Value::Int(parsed)), ("protocol", Value::from(protocol)), ("targetPort", target)]);
        if several {
            entry.set("name", Value::from(format!("port-{}", i + 1)));
        }
        ports.push(entry);
    }
    let mut spec = Value::map([("ports", Value::list(ports)), ("selector", selector)]);
    for (flag, field) in [
        ("type", "type"),
        ("cluster-ip", "clusterIP"),
        ("session-affinity", "sessionAffinity"),
        ("load-balancer-ip", "loadBalancerIP"),
    ] {
        if let Some(text) = args.get(flag) {
            spec.set(field, Value::from(text));
        }
    }
    if let Some(ip) = args.get("external-ip") {
        spec.set("externalIPs", Value::list(vec![ip.into()]));
    }
    let labels = match args.get("labels") {
        Some(text) => Value::map(text.split(',').filter_map(|p| p.split_once('=')).map(|(k, v)| (k, Value::from(v)))),
        None => crate::api::Field::write(&object.meta.labels),
    };
    let mut value = Value::map([("spec", spec), ("status", Value::map([("loadBalancer", Value::empty_map())]))]);
    if labels.as_map().is_some_and(|m| !m.is_empty()) {
        value.set("metadata", Value::map([("labels", labels)]));
    }
    Ok(value)
}
