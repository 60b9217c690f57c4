//! Between the machines: requests that containers send are carried to where the network leads, and answers back.
//!
//! Not of Kubernetes: what wires and kernels do. An exchange takes [`TRIP`] beside the time that the answer takes to be
//! reckoned; bandwidth is not counted.

use crate::clock::{Span, Time};
use crate::cluster::{Actor, Cluster};
use crate::machine::Heard;
use crate::network::dns::{self, Failure, Question};
use crate::network::traffic::{Journey, Sender};
use crate::network::{End, Source, Walk, affinity, connect};
use crate::shell::{Answer, HttpAnswer, HttpRequest, NetAnswer, NetRequest, Rcode, Record, Ticket};
use std::rc::Rc;

mod doors;
pub mod names;

/// From a request to its answer.
const TRIP: Span = Span(1);

/// Carries what the containers of a Pod have sent, and wakes those who get something by it.
pub fn carry(cluster: &mut Cluster, node: &Rc<str>, uid: &Rc<str>) {
    let waiting = cluster.machines.get(node).and_then(|m| m.sandbox(uid)).is_some_and(|s| !s.sent.is_empty());
    if !waiting {
        return;
    }
    let sandbox = Rc::make_mut(&mut cluster.machines).get_mut(node).and_then(|m| Rc::make_mut(m).sandbox_mut(uid));
    let Some(sandbox) = sandbox else { return };
    let (sent, address) = (std::mem::take(&mut sandbox.sent), sandbox.address.clone());
    let from = Source { address, node: Some(node.clone()) };
    for (id, ticket, request) in sent {
        let (answer, walk, ready) = answer(cluster, &from, uid, &id, ticket, &request);
        if let Some(walk) = walk {
            note(cluster, node, uid, &request, walk, answer.as_ref());
        }
        if let Some(answer) = answer {
            let machine = Rc::make_mut(&mut cluster.machines).get_mut(node).map(Rc::make_mut);
            if let Some(sandbox) = machine.and_then(|m| m.sandbox_mut(uid)) {
                sandbox.deliver(&id, ticket, answer, ready + TRIP);
            }
            cluster.agenda.wake(Actor::PodWorker(node.clone(), uid.clone()), ready + TRIP);
        }
    }
}

/// Notes a request and its walk for the picture.
fn note(
    cluster: &mut Cluster,
    node: &Rc<str>,
    uid: &Rc<str>,
    request: &NetRequest,
    walk: Walk,
    answer: Option<&NetAnswer>,
) {
    let Some(worker) = cluster.machines.get(node).and_then(|m| m.agent.workers.get(uid)) else { return };
    let from = Sender::Pod(worker.key.clone());
    journey(cluster, from, request, walk, answer);
}

fn journey(cluster: &mut Cluster, from: Sender, request: &NetRequest, walk: Walk, answer: Option<&NetAnswer>) {
    let what = match request {
        NetRequest::Http(http) => {
            let host = http.headers.first().map_or(&http.address, |(_, value)| value);
            format!("{} http://{host}{}", http.method, http.path)
        }
        NetRequest::Tcp { address, port, .. } => format!("TCP {address}:{port}"),
        NetRequest::Udp { address, port, .. } => format!("UDP {address}:{port}"),
        NetRequest::Ping { address } => format!("ping {address}"),
        NetRequest::Dns { name, .. } => name.clone(),
    };
    let (said, ok) = match answer {
        Some(NetAnswer::Http(http)) => (http.status.to_string(), http.status < 400),
        Some(NetAnswer::Connected(_) | NetAnswer::Pong { .. } | NetAnswer::Dns(_)) => ("ok".into(), true),
        Some(NetAnswer::Refused) => ("connection refused".into(), false),
        Some(NetAnswer::Unreachable) => ("no route to host".into(), false),
        Some(NetAnswer::Reset) => ("connection reset".into(), false),
        None => ("no answer".into(), false),
    };
    let time = cluster.now;
    cluster.traffic.record(Journey { serial: 0, time, from, what: what.into(), walk, answer: said.into(), ok });
}

/// What comes back to `from`, by which walk, and when it sets out; `None`: nothing ever does. `id` and `ticket` tell one
/// connection from another.
fn answer(
    cluster: &mut Cluster,
    from: &Source,
    uid: &Rc<str>,
    id: &str,
    ticket: Ticket,
    request: &NetRequest,
) -> (Option<NetAnswer>, Option<Walk>, Time) {
    let mut ready = cluster.now;
    let flow = format!("{id}/{ticket}/{}", cluster.now.0);
    let (address, port, protocol) = match request {
        NetRequest::Dns { server, name, record } => {
            let cut = from.node.as_ref().is_some_and(|node| lost(cluster, node));
            // Only the cluster's own name server answers.
            let asked = (!cut && server == dns::SERVER).then(|| connect(cluster, from, server, 53, "UDP", &flow));
            let heard = asked.as_ref().is_some_and(|walk| walk.end == End::NameServer);
            let shut = asked.filter(|walk| !heard && !walk.hops.is_empty());
            return (heard.then(|| NetAnswer::Dns(resolve(cluster, name, *record))), shut, ready);
        }
        NetRequest::Http(http) if doors::is_at(cluster, &http.address) => {
            let (answer, walk) = doors::pass(cluster, http, &flow, &mut ready);
            return (Some(answer), Some(walk), ready);
        }
        NetRequest::Ping { address } => (address, 0, "ICMP"),
        NetRequest::Http(http) => (&http.address, http.port, "TCP"),
        NetRequest::Tcp { address, port, .. } => (address, *port, "TCP"),
        NetRequest::Udp { address, port, .. } => (address, *port, "UDP"),
    };
    let walk = match (&from.node, address.starts_with("127.") || address == "::1") {
        // The Pod itself: nothing leaves it.
        (Some(node), true) => Walk { hops: vec![], end: End::Pod { node: node.clone(), uid: uid.clone(), port } },
        _ => connect(cluster, from, address, port, protocol, &flow),
    };
    affinity::remember(cluster, from, &walk);
    let end = walk.end.clone();
    let answer = match request {
        NetRequest::Ping { .. } => match end {
            End::Pod { .. } => Some(NetAnswer::Pong { micros: 150 }),
            End::Unreachable => Some(NetAnswer::Unreachable),
            _ => None,
        },
        NetRequest::Http(http) => arrive_http(cluster, from, end, http, &mut ready),
        // Nothing is known of what speaks over bare connections: it takes what is sent and says nothing.
        _ => arrive(cluster, from, end, |sandbox, port, now| match sandbox.listens_at(port, now) {
            true => Some(NetAnswer::Connected(Vec::new())),
            false => Some(NetAnswer::Refused),
        }),
    };
    // What stays in the Pod shows nowhere.
    let shown = !walk.hops.is_empty() || !matches!(walk.end, End::Pod { .. });
    (answer, shown.then_some(walk), ready)
}

/// What somebody outside the cluster gets: nodes and what the cluster shows to the world answer, nothing else does.
pub fn from_outside(cluster: &mut Cluster, id: &str, ticket: Ticket, request: &NetRequest) -> Option<NetAnswer> {
    let address = match request {
        NetRequest::Dns { .. } => return Some(NetAnswer::Dns(Err(Rcode::ServFail))),
        NetRequest::Http(http) => &http.address,
        NetRequest::Tcp { address, .. } | NetRequest::Udp { address, .. } | NetRequest::Ping { address } => address,
    };
    if address.starts_with("10.96.") || address.starts_with("10.244.") {
        return Some(NetAnswer::Unreachable);
    }
    let from = Source { address: OUTSIDE.into(), node: None };
    let (answer, walk, _) = answer(cluster, &from, &crate::api::field::empty_text(), id, ticket, request);
    // There is no internet.
    if answer.is_none() && walk.as_ref().is_none_or(|walk| walk.hops.is_empty()) && !address.starts_with("10.200.") {
        return Some(NetAnswer::Unreachable);
    }
    if let Some(walk) = walk.filter(|walk| !walk.hops.is_empty()) {
        journey(cluster, Sender::Outside("you".into()), request, walk, answer.as_ref());
    }
    answer
}

/// The address of those outside.
const OUTSIDE: &str = "198.51.100.7";

/// A request over HTTP arrives; `ready` is when its answer sets out.
fn arrive_http(
    cluster: &mut Cluster,
    from: &Source,
    end: End,
    http: &HttpRequest,
    ready: &mut Time,
) -> Option<NetAnswer> {
    arrive(cluster, from, end, |sandbox, port, now| match sandbox.answer(port, http, &from.address, now) {
        Heard::Answer(answer, done) => {
            *ready = done;
            Some(NetAnswer::Http(answer))
        }
        Heard::Refused => Some(NetAnswer::Refused),
        Heard::Silent => None,
    })
}

/// Whether nothing goes to or from a node.
fn lost(cluster: &Cluster, node: &str) -> bool {
    cluster.machines.get(node).is_none_or(|m| m.off || m.cut)
}

/// The request is at the end of its walk.
fn arrive(
    cluster: &mut Cluster,
    from: &Source,
    end: End,
    ask: impl FnOnce(&mut crate::machine::Sandbox, u16, Time) -> Option<NetAnswer>,
) -> Option<NetAnswer> {
    let now = cluster.now;
    match end {
        End::Pod { node, uid, port } => {
            let away = from.node.as_ref() != Some(&node);
            if away && (lost(cluster, &node) || from.node.as_ref().is_some_and(|n| lost(cluster, n))) {
                return None;
            }
            let machine = Rc::make_mut(Rc::make_mut(&mut cluster.machines).get_mut(&node)?);
            machine.enter(&uid, now);
            let answer = machine.sandbox_mut(&uid).map_or(Some(NetAnswer::Refused), |sandbox| ask(sandbox, port, now));
            machine.leave(&uid);
            // Mostly the answer was all that there was to do.
            if let Some(due) = machine.sandbox(&uid).and_then(|sandbox| sandbox.next_wake()) {
                cluster.agenda.wake(Actor::PodWorker(node, uid), due.max(now + TRIP));
            }
            answer
        }
        End::ApiServer => Some(NetAnswer::Http(HttpAnswer::text(403, FORBIDDEN))),
        End::NameServer | End::Refused => Some(NetAnswer::Refused),
        End::Unreachable => Some(NetAnswer::Unreachable),
        End::Dropped => None,
    }
}

/// What the API server says to those it does not know.
const FORBIDDEN: &str = "{\n  \"kind\": \"Status\",\n  \"apiVersion\": \"v1\",\n  \"metadata\": {},\n  \"status\": \"Failure\",\n  \"message\": \"forbidden: User \\\"system:anonymous\\\" cannot get path \\\"/\\\"\",\n  \"reason\": \"Forbidden\",\n  \"details\": {},\n  \"code\": 403\n}\n";

fn resolve(cluster: &Cluster, name: &str, record: Record) -> Result<Vec<Answer>, Rcode> {
    let question = match record {
        Record::Aaaa => Question::Aaaa,
        Record::Srv => Question::Srv,
        Record::Ptr => Question::Ptr,
        Record::A | Record::Cname | Record::Txt => Question::A,
    };
    let records = dns::lookup(cluster, name, question).map_err(|failure| match failure {
        Failure::NxDomain | Failure::Unknown => Rcode::NxDomain,
    })?;
    let answer = |found: dns::Record| match found {
        dns::Record::A(name, value) => Answer { name, record: Record::A, value: value.to_string() },
        dns::Record::Cname(name, value) => Answer { name, record: Record::Cname, value: value.to_string() },
        dns::Record::Srv(name, port, target) => {
            Answer { name, record: Record::Srv, value: format!("0 100 {port} {target}") }
        }
        dns::Record::Ptr(name, value) => Answer { name, record: Record::Ptr, value },
    };
    Ok(records.into_iter().map(answer).collect())
}
