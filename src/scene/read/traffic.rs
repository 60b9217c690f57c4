//! Requests of the last second, who sends them, and the last one hop by hop.

use super::Source;
use crate::scene::model::{Client, Hop, Service};
use crate::scene::shape::Id;
use kubarium_sim::api::object::Key;
use kubarium_sim::network::route::{End, Hop as Step};
use kubarium_sim::network::traffic::{Journey, Sender};
use std::rc::Rc;

/// What counts as now.
const LATELY_MS: u64 = 1000;

fn lately<'a>(source: &Source<'a>) -> impl Iterator<Item = &'a Rc<Journey>> + use<'a> {
    let now = source.cluster.now;
    source.cluster.traffic.since(0).filter(move |journey| now.since(journey.time).0 < LATELY_MS && journey.time <= now)
}

fn calls(journey: &Journey, service: &Key) -> bool {
    journey.walk.hops.iter().any(|hop| matches!(hop, Step::Service { key, .. } if key == service))
}

/// Requests to a Service in a second.
pub fn rate(source: &Source, service: &Key) -> u32 {
    lately(source).filter(|journey| calls(journey, service)).count() as u32
}

/// Those outside who call a Service.
pub fn clients(source: &Source, services: &[Service]) -> Vec<Client> {
    let from_outside: Vec<&Rc<Journey>> = lately(source).filter(|j| matches!(j.from, Sender::Outside(_))).collect();
    let mut clients = Vec::new();
    for (s, service) in services.iter().enumerate() {
        let key = Key::new(service.key.namespace.clone(), service.key.name.clone());
        let own: Vec<&&Rc<Journey>> = from_outside.iter().filter(|journey| calls(journey, &key)).collect();
        let Some(last) = own.last() else { continue };
        let answered = own.iter().any(|journey| journey.answer.is_ok());
        let label = if answered { format!("{} / s", own.len()) } else { last.answer.to_string() };
        let id = Id::of("client", &format!("{}/{}", key.namespace, key.name));
        clients.push(Client { id, service: s, label, many: own.len() > 10, answered });
    }
    clients
}

/// The way of the last request that reached a Service or a Pod.
pub fn route(source: &Source) -> Vec<Hop> {
    let Some(journey) = source.cluster.traffic.since(0).filter(|journey| !journey.walk.hops.is_empty()).last() else {
        return Vec::new();
    };
    let hop = |kind, title: &str, decision: String, result: String| Hop {
        kind,
        title: title.into(),
        decision,
        result,
        passed: true,
    };
    let from = match &journey.from {
        Sender::Pod(key) => key.name.to_string(),
        Sender::Outside(name) => name.to_string(),
    };
    let mut hops = vec![hop("client", &from, journey.what(), String::new())];
    for step in &journey.walk.hops {
        hops.push(match step {
            Step::NodePort { node, port } => hop("NodePort", &format!(":{port}"), node.to_string(), String::new()),
            Step::Service { key, port, choice } => {
                hop("Service", &key.name, format!("{}:{port}", key.namespace), choice_text(choice))
            }
            Step::Ingress { key, rule } => hop("Ingress", &key.name, rule.to_string(), String::new()),
            Step::Gateway { key, route, rule } => {
                let route = route.as_ref().map_or("no route".into(), |route| format!("HTTPRoute {}", route.name));
                hop("Gateway", &key.name, rule.to_string(), route)
            }
            Step::Policy(gate) => Hop {
                passed: gate.allowed,
                ..hop(
                    "NetworkPolicy",
                    &gate.policies.join(", "),
                    format!("{} {}", if gate.egress { "egress" } else { "ingress" }, gate.pod.name),
                    if gate.allowed { "allowed" } else { "denied" }.into(),
                )
            },
            Step::Pod { key, node } => hop("Pod", &key.name, node.to_string(), String::new()),
        });
    }
    match (&journey.walk.end, hops.last_mut()) {
        (End::Pod { .. } | End::ApiServer | End::NameServer, Some(last)) => {
            last.result = journey.answer.to_string();
            last.passed = journey.answer.is_ok();
        }
        (_, Some(last)) => {
            last.result = journey.answer.to_string();
            last.passed = false;
        }
        _ => {}
    }
    hops
}

fn choice_text(choice: &kubarium_sim::network::proxy::Choice) -> String {
    use kubarium_sim::network::proxy::Choice;
    match choice {
        Choice::Endpoint { address, port, .. } => format!("{address}:{port}"),
        Choice::Refused => "no endpoints".into(),
        Choice::Dropped => "dropped".into(),
        Choice::Filtered => "not for this address".into(),
    }
}
