//! `create service`, `create ingress`.

use super::make;
use crate::api::Kind;
use crate::kubectl::{Context, Fault};
use crate::value::Value;

fn number_or_text(text: &str) -> Value {
    text.parse().map_or_else(|_| Value::from(text), Value::Int)
}

pub fn service(context: &mut Context, name: &str, what: &str) -> Result<(), Fault> {
    let (kind, noun) = match what {
        "clusterip" => ("ClusterIP", "ClusterIP service"),
        "nodeport" => ("NodePort", "NodePort service"),
        "loadbalancer" => ("LoadBalancer", "LoadBalancer service"),
        _ => ("ExternalName", "ExternalName service"),
    };
    let mut ports = vec![];
    for tcp in context.args.list("tcp") {
        let (port, target) = tcp.split_once(':').unwrap_or((tcp, tcp));
        let number: i64 =
            port.parse().map_err(|_| Fault::text(format!("strconv.ParseUint: parsing \"{port}\": invalid syntax")))?;
        let mut entry = Value::map([
            ("name", Value::from(tcp.replace(':', "-"))),
            ("port", Value::Int(number)),
            ("protocol", "TCP".into()),
            ("targetPort", number_or_text(target)),
        ]);
        if let Some(node) = context.args.get("node-port").and_then(|n| n.parse::<i64>().ok()).filter(|n| *n > 0) {
            entry.set("nodePort", Value::Int(node));
        }
        ports.push(entry);
    }
    let headless = context.args.get("clusterip") == Some("None");
    if ports.is_empty() && kind != "ExternalName" && !headless {
        return Err(Fault::text("at least one tcp port specifier must be provided"));
    }
    let labels = Value::map([("app", Value::from(name))]);
    let mut spec = Value::map([("selector", labels.clone()), ("type", kind.into())]);
    if !ports.is_empty() {
        spec.set("ports", Value::list(ports));
    }
    if let Some(ip) = context.args.get("clusterip") {
        spec.set("clusterIP", Value::from(ip));
    }
    if let Some(external) = context.args.get("external-name") {
        spec.set("externalName", Value::from(external));
    }
    let status = Value::map([("loadBalancer", Value::empty_map())]);
    let value = Value::map([("metadata", Value::map([("labels", labels)])), ("spec", spec), ("status", status)]);
    make(context, Kind::Service, name, value, "created", noun)
}

/// A backend `web:80`.
fn backend(text: &str) -> Result<Value, Fault> {
    let (service, port) =
        text.split_once(':').ok_or_else(|| Fault::text(format!("backend {text} is invalid, must be SERVICE:PORT")))?;
    let port = match port.parse::<i64>() {
        Ok(number) => Value::map([("number", Value::Int(number))]),
        Err(_) => Value::map([("name", Value::from(port))]),
    };
    Ok(Value::map([("service", Value::map([("name", Value::from(service)), ("port", port)]))]))
}

pub fn ingress(context: &mut Context, name: &str) -> Result<(), Fault> {
    let rules: Vec<String> = context.args.all("rule").map(str::to_string).collect();
    let default = context.args.get("default-backend").map(str::to_string);
    if rules.is_empty() && default.is_none() {
        return Err(Fault::text(
            "not enough information provided: every ingress has to either specify a default-backend (which catches all traffic) or a list of rules (which catch specific paths)",
        ));
    }
    let mut spec = Value::empty_map();
    if let Some(class) = context.args.get("class") {
        spec.set("ingressClassName", Value::from(class));
    }
    if let Some(text) = default {
        spec.set("defaultBackend", backend(&text)?);
    }
    let (mut hosts, mut tls): (Vec<(String, Vec<Value>)>, Vec<Value>) = (vec![], vec![]);
    for rule in rules {
        let invalid = || {
            Fault::text(format!(
                "rule {rule} is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]"
            ))
        };
        let (place, rest) = rule.split_once('=').ok_or_else(invalid)?;
        let (host, path) = place.split_once('/').ok_or_else(invalid)?;
        let (target, secured) =
            rest.split_once(",tls").map_or((rest, None), |(t, s)| (t, Some(s.trim_start_matches('='))));
        let prefix = path.ends_with('*');
        let entry = Value::map([
            ("backend", backend(target)?),
            ("path", Value::from(format!("/{}", path.trim_end_matches('*')))),
            ("pathType", if prefix { "Prefix".into() } else { "Exact".into() }),
        ]);
        match hosts.iter_mut().find(|(h, _)| h == host) {
            Some((_, paths)) => paths.push(entry),
            None => hosts.push((host.into(), vec![entry])),
        }
        if let Some(secret) = secured {
            let mut entry = Value::empty_map();
            if !host.is_empty() {
                entry.set("hosts", super::texts([host]));
            }
            if !secret.is_empty() {
                entry.set("secretName", Value::from(secret));
            }
            tls.push(entry);
        }
    }
    let rules = hosts.into_iter().map(|(host, paths)| {
        let mut rule = Value::map([("http", Value::map([("paths", Value::list(paths))]))]);
        if !host.is_empty() {
            rule.set("host", Value::from(host));
        }
        rule
    });
    let rules: Vec<Value> = rules.collect();
    if !rules.is_empty() {
        spec.set("rules", Value::list(rules));
    }
    if !tls.is_empty() {
        spec.set("tls", Value::list(tls));
    }
    let status = Value::map([("loadBalancer", Value::empty_map())]);
    let mut value = Value::map([("spec", spec), ("status", status)]);
    for annotation in context.args.all("annotation") {
        let invalid = || Fault::text(format!("annotation {annotation} is invalid and should be in format key=[value]"));
        let (key, text) = annotation.split_once('=').ok_or_else(invalid)?;
        value.at_mut(&["metadata", "annotations"]).set(key, Value::from(text));
    }
    make(context, Kind::Ingress, name, value, "created", "ingress")
}
