//! Not of Kubernetes: an implementation of Gateway API, where the cluster has one. It says of each GatewayClass, Gateway and HTTPRoute
//! that is its own whether it is accepted and where it is reached; where requests then go, `matches` tells. Not simulated: that it is
//! itself a Deployment, and the Service that it makes for each Gateway.

use super::status::Conditions;
use super::{GROUP, Listener, attached, controller_of, list, listeners, owner, parent, references, unsupported_field};
use crate::api::Kind;
use crate::api::object::{Key, Object};
use crate::apiserver::Request;
use crate::cluster::Cluster;
use crate::outcome::Outcome;
use crate::value::Value;
use std::collections::BTreeSet;
use std::rc::Rc;

const BY: &str = "gateway-controller";
/// Gateways get addresses of this range for documentation.
const ADDRESSES: &str = "192.0.2.";

/// Looks at an object of one of [`super::KINDS`].
pub fn wake(cluster: &Cluster, kind: Kind, key: &Key) -> Outcome {
    let mut out = Outcome::nothing();
    let Some(object) = cluster.store.get(kind, key) else { return out };
    if !cluster.plane.gateway_controller || object.meta.deleting() {
        return out;
    }
    let status = match kind.name() {
        "GatewayClass" => class(cluster, object),
        "Gateway" => gateway(cluster, object),
        _ => route(cluster, object),
    };
    if let Some(status) = status.filter(|status| *status != object.status()) {
        let mut new = (**object).clone();
        new.set_status(status);
        out.request(Request::put_status(BY, new));
    }
    out
}

fn conditions<'a>(cluster: &Cluster, object: &Object, before: &'a Value) -> Conditions<'a> {
    Conditions { before, generation: object.meta.generation, now: cluster.stamp() }
}

/// With the fields of a status that are said anew.
fn with<const N: usize>(mut status: Value, fields: [(&str, Value); N]) -> Option<Value> {
    for (field, value) in fields {
        status.set(field, value);
    }
    Some(status)
}

fn class(cluster: &Cluster, object: &Object) -> Option<Value> {
    controller_of(object)?;
    let status = object.status();
    let say = conditions(cluster, object, status.get("conditions"));
    let accepted = say.of("Accepted", true, "Accepted", "The GatewayClass is accepted");
    with(status.clone(), [("conditions", Value::list(vec![accepted]))])
}

fn gateway(cluster: &Cluster, object: &Rc<Object>) -> Option<Value> {
    owner(cluster, object)?;
    let status = object.status();
    let say = conditions(cluster, object, status.get("conditions"));
    let all: Vec<Listener> = listeners(object).collect();
    let working = all.iter().filter(|listener| listener.works(cluster)).count();
    let address = address(cluster, object, &status);
    let (accepted, programmed) = match working {
        0 => {
            let text = "The Gateway has no valid listeners";
            (say.of("Accepted", false, "ListenersNotValid", text), say.of("Programmed", false, "Invalid", text))
        }
        n => {
            let (reason, text) = match n == all.len() {
                true => ("Accepted", "The Gateway is accepted"),
                false => ("ListenersNotValid", "The Gateway has at least one valid listener"),
            };
            let programmed = match &address {
                Some(_) => say.of("Programmed", true, "Programmed", "The Gateway is programmed"),
                None => say.of("Programmed", false, "AddressNotUsable", "The address of the Gateway cannot be used"),
            };
            (say.of("Accepted", true, reason, text), programmed)
        }
    };
    let given = address
        .filter(|_| working > 0)
        .map(|ip| Value::map([("type", "IPAddress".into()), ("value", Value::from(ip))]));
    let told = all.iter().map(|listener| told(cluster, *listener, &status)).collect();
    let fields = [
        ("addresses", Value::list(given.into_iter().collect())),
        ("conditions", Value::list(vec![accepted, programmed])),
        ("listeners", Value::list(told)),
    ];
    with(status.clone(), fields)
}

/// The address that a Gateway has, wishes, or gets; `None` if it is another's or of another type.
fn address(cluster: &Cluster, gateway: &Object, status: &Value) -> Option<String> {
    let others = list(cluster, "Gateway").filter(|other| other.meta.uid != gateway.meta.uid);
    let addresses = others.flat_map(|other| {
        let status = other.status();
        let given = status.get("addresses").items().iter().filter_map(|a| a.get("value").as_str());
        given.map(String::from).collect::<Vec<_>>()
    });
    let taken: BTreeSet<String> = addresses.collect();
    let own = status.get("addresses").items().first().and_then(|own| own.get("value").as_str());
    let asked = gateway.raw().at(&["spec", "addresses"]).items().first();
    match asked {
        Some(asked) if asked.get("type").as_str().unwrap_or("IPAddress") != "IPAddress" => None,
        Some(asked) => asked.get("value").as_str().map(String::from).filter(|ip| !taken.contains(ip)),
        None => own
            .map(String::from)
            .or_else(|| (1..=254).map(|n| format!("{ADDRESSES}{n}")).find(|ip| !taken.contains(ip))),
    }
}

/// What is said of a listener.
fn told(cluster: &Cluster, listener: Listener, status: &Value) -> Value {
    let name = listener.spec.get("name");
    let before = status.get("listeners").items().iter().find(|old| old.get("name") == name);
    let before = before.map_or(&Value::Null, |old| old.get("conditions"));
    let say = conditions(cluster, listener.gateway, before);
    let accepted = listener.accepted().and_then(|()| listener.distinct());
    let conflict = match listener.distinct() {
        Ok(()) => say.of("Conflicted", false, "NoConflicts", "No conflicts"),
        Err((reason, text)) => say.of("Conflicted", true, reason, &text),
    };
    let programmed = listener.programmed(cluster).map_err(|(_, text)| ("Invalid", text));
    let resolved = listener.resolved(cluster);
    let conditions = vec![
        say.judged("Programmed", &programmed, "Programmed", "The Listener is programmed"),
        say.judged("ResolvedRefs", &resolved, "ResolvedRefs", "All references are resolved"),
        say.judged("Accepted", &accepted, "Accepted", "The Listener is accepted"),
        conflict,
    ];
    let kind = Value::map([("group", Value::from(GROUP)), ("kind", "HTTPRoute".into())]);
    let kinds = if accepted.is_ok() { vec![kind] } else { Vec::new() };
    Value::map([
        ("attachedRoutes", Value::Int(count(cluster, listener))),
        ("conditions", Value::list(conditions)),
        ("name", name.clone()),
        ("supportedKinds", Value::list(kinds)),
    ])
}

/// How many routes are attached to a listener.
fn count(cluster: &Cluster, listener: Listener) -> i64 {
    let joined = |route: &&Rc<Object>| super::matches::joins(cluster, route, listener);
    list(cluster, "HTTPRoute").filter(joined).count() as i64
}

fn route(cluster: &Cluster, object: &Object) -> Option<Value> {
    let status = object.status();
    let known = status.get("parents").items();
    let mut said: Vec<Value> = Vec::new();
    for reference in object.raw().at(&["spec", "parentRefs"]).items() {
        let Some((gateway, by)) = parent(cluster, object, reference) else { continue };
        let before = known.iter().find(|old| old.get("parentRef") == reference);
        let before = before.map_or(&Value::Null, |old| old.get("conditions"));
        let say = conditions(cluster, object, before);
        let accepted = match (attached(cluster, object, gateway, reference), unsupported_field(object)) {
            (Err(fault), _) => say.judged("Accepted", &Err(fault), "", ""),
            (Ok(_), Some(text)) => say.of("Accepted", true, "UnsupportedField", &text),
            (Ok(_), None) => say.of("Accepted", true, "Accepted", "The Route is accepted"),
        };
        let backends = references::all_backends(cluster, object);
        let resolved = say.judged("ResolvedRefs", &backends, "ResolvedRefs", "All references are resolved");
        said.push(Value::map([
            ("conditions", Value::list(vec![accepted, resolved])),
            ("controllerName", by.into()),
            ("parentRef", reference.clone()),
        ]));
    }
    // What other implementations said stays theirs.
    let own = |old: &Value| old.get("controllerName").as_str().is_some_and(|by| super::CONTROLLERS.contains(&by));
    let others: Vec<Value> = known.iter().filter(|old| !own(old)).cloned().collect();
    if said.is_empty() && others.len() == known.len() {
        return None;
    }
    said.extend(others);
    with(status.clone(), [("parents", Value::list(said))])
}
