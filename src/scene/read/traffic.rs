//! Requests of the last second, who sends them, and the last one hop by hop.

use super::Source;
use crate::clock_text;
use crate::scene::model::{self, Client, Hop};
use crate::scene::shape::Id;
use crate::scene::words::{self, Locale, Word};
use kubarium_sim::api::Kind;
use kubarium_sim::api::object::Key;
use kubarium_sim::api::service::Service;
use kubarium_sim::exchange::names;
use kubarium_sim::network::proxy::Choice;
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
pub fn clients(source: &Source, services: &[model::Service]) -> Vec<Client> {
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

/// The way of the last request that came to a Service or a Pod; of what is selected, if any came to it or from it.
pub fn route(source: &Source) -> Vec<Hop> {
    if source.cluster.traffic.next() == 0 { Vec::new() } else { follow_last(source) }
}

/// Apart, so that it need not come before there is a request.
#[inline(never)]
fn follow_last(source: &Source) -> Vec<Hop> {
    let walked = || source.cluster.traffic.since(0).filter(|journey| !journey.walk.hops.is_empty());
    let selected = source.ask.selected.map(|key| Key::new(key.namespace.clone(), key.name.clone()));
    let of_selected = selected.and_then(|key| walked().filter(|journey| meets(journey, &key)).last());
    of_selected.or_else(|| walked().last()).map_or_else(Vec::new, |journey| follow(source, journey))
}

fn follow(source: &Source, journey: &Journey) -> Vec<Hop> {
    let (from, from_pod) = match &journey.from {
        Sender::Pod(key) => (&key.name, Some(key)),
        Sender::Outside(name) => (name, None),
    };
    let what = journey.what();
    let mut hops = vec![hop("client", from, what.clone(), clock_text::exact(journey.time))];
    hops.extend(from_pod.and_then(|pod| question(source, pod, &what)));
    hops.extend(journey.walk.hops.iter().map(|step| hop_of(source, step)));
    if let Some(last) = hops.last_mut() {
        let arrived = matches!(journey.walk.end, End::Pod { .. } | End::ApiServer | End::NameServer);
        last.result = journey.answer.to_string();
        last.passed = arrived && journey.answer.is_ok();
    }
    hops
}

/// Whether a request came from, to or through something of that name.
fn meets(journey: &Journey, key: &Key) -> bool {
    let through = |step: &Step| match step {
        Step::Service { key: own, .. } | Step::Ingress { key: own, .. } | Step::Gateway { key: own, .. } => own == key,
        Step::Pod { key: own, .. } => own == key,
        Step::NodePort { .. } | Step::Policy(_) => false,
    };
    matches!(&journey.from, Sender::Pod(own) if own == key) || journey.walk.hops.iter().any(through)
}

fn hop(kind: &'static str, title: &str, decision: String, result: String) -> Hop {
    Hop { kind, title: title.into(), decision, result, passed: true }
}

/// What was asked of the name server before a request like `GET http://web/` could set out.
fn question(source: &Source, pod: &Key, what: &str) -> Option<Hop> {
    let rest = what.split_once("://")?.1;
    let name = rest.split(['/', ':']).next()?;
    let (full, address) = names::asked(source.cluster, pod, name)?;
    let said = address.unwrap_or_else(|| Word::NoSuchName.say(source.ask.locale).into());
    Some(hop("DNS", name, full, said))
}

fn hop_of(source: &Source, step: &Step) -> Hop {
    let locale = source.ask.locale;
    match step {
        Step::NodePort { node, port } => {
            hop("NodePort", &format!(":{port}"), words::on_node(node, locale), String::new())
        }
        Step::Service { key, port, choice } => {
            hop("Service", &key.name, how_chosen(source, key, *port, choice), to(choice, locale))
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
                if gate.allowed { Word::Allowed } else { Word::Denied }.say(locale).into(),
            )
        },
        Step::Pod { key, node } => hop("Pod", &key.name, words::on_node(node, locale), String::new()),
    }
}

/// Where a Service's port leads: "port 80 · 1 of 3, at random".
fn how_chosen(source: &Source, service: &Key, port: i64, choice: &Choice) -> String {
    let locale = source.ask.locale;
    let Choice::Endpoint { of, terminating, .. } = choice else { return format!("port {port}") };
    let object = source.cluster.store.get(Kind::Service, service);
    let kept = object.is_some_and(|object| &*object.expect::<Service>().spec.session_affinity == "ClientIP");
    let ending = if *terminating { format!(" · {}", Word::StillEnding.say(locale)) } else { String::new() };
    format!("port {port} · {}{ending}", words::chosen_of(*of, kept, locale))
}

fn to(choice: &Choice, locale: Locale) -> String {
    match choice {
        Choice::Endpoint { address, port, .. } => format!("{address}:{port}"),
        Choice::Refused => Word::NoEndpoints.say(locale).into(),
        Choice::Dropped => Word::NoneHere.say(locale).into(),
        Choice::Filtered => Word::NotForThisAddress.say(locale).into(),
    }
}
