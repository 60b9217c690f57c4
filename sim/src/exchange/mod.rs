//! Between the machines: requests that containers send are carried to where the network leads, and answers back.
//!
//! Not of Kubernetes: what wires and kernels do. An exchange takes [`TRIP`] beside the time that the answer takes to be
//! reckoned; bandwidth is not counted.

use crate::api::object::Key;
use crate::clock::{Span, Time};
use crate::cluster::{Actor, Cluster};
use crate::machine::{Heard, Machine, Sandbox};
use crate::network::dns::{self, Failure, Question};
use crate::network::traffic::{Journey, Said, Sender};
use crate::network::{End, Source, Walk, affinity, connect};
use crate::shell::{Answer, HttpAnswer, HttpRequest, NetAnswer, NetRequest, Rcode, Record, Ticket};
use std::rc::Rc;

mod doors;
pub mod names;

/// From a request to its answer.
const TRIP: Span = Span(1);

/// What the containers of a Pod have sent.
pub struct Sent {
    from: Source,
    /// Unset if its kubelet knows nothing of the Pod.
    sender: Option<Key>,
    /// By the ids of the containers.
    requests: Vec<(Rc<str>, Ticket, Rc<NetRequest>)>,
}

/// Takes it from where it waits; `None` if there is nothing.
pub fn take(machine: &mut Machine, node: &Rc<str>, uid: &str) -> Option<Sent> {
    let sandbox = machine.sandboxes.get_mut(uid).filter(|sandbox| !sandbox.sent.is_empty())?;
    let from = Source { address: sandbox.address.clone(), node: Some(node.clone()) };
    let requests = std::mem::take(&mut Rc::make_mut(sandbox).sent);
    let sender = machine.agent.workers.get(uid).map(|worker| worker.key.clone());
    Some(Sent { from, sender, requests })
}

/// Carries it, and wakes those who get something by it.
pub fn carry(cluster: &mut Cluster, sent: Sent, uid: &Rc<str>) {
    let Sent { from, sender, requests } = sent;
    for (id, ticket, request) in requests {
        let (answer, walk, ready) = answer(cluster, &from, uid, &id, ticket, &request);
        if let (Some(walk), Some(sender)) = (walk, &sender) {
            note(cluster, Sender::Pod(sender.clone()), request, walk, answer.as_ref());
        }
        if let (Some(answer), Some(node)) = (answer, &from.node) {
            let machine = cluster.machines.get_mut(node).map(Rc::make_mut);
            if let Some(sandbox) = machine.and_then(|m| m.sandbox_mut(uid)) {
                sandbox.deliver(&id, ticket, answer, ready + TRIP);
            }
            cluster.agenda.wake(Actor::PodWorker(node.clone(), uid.clone()), ready + TRIP);
        }
    }
}

/// Notes a request and its walk for the picture.
fn note(cluster: &mut Cluster, from: Sender, request: Rc<NetRequest>, walk: Walk, answer: Option<&NetAnswer>) {
    let answer = match answer {
        Some(NetAnswer::Http(http)) => Said::Status(http.status),
        Some(NetAnswer::Connected(_) | NetAnswer::Pong { .. } | NetAnswer::Dns(_)) => Said::Ok,
        Some(NetAnswer::Refused) => Said::Refused,
        Some(NetAnswer::Unreachable) => Said::Unreachable,
        Some(NetAnswer::Reset) => Said::Reset,
        None => Said::Nothing,
    };
    cluster.traffic.record(Journey { serial: 0, time: cluster.now, from, request, walk, answer });
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
        note(cluster, Sender::Outside("you".into()), Rc::new(request.clone()), walk, answer.as_ref());
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
    ask: impl FnOnce(&mut Sandbox, u16, Time) -> Option<NetAnswer>,
) -> Option<NetAnswer> {
    let now = cluster.now;
    match end {
        End::Pod { node, uid, port } => {
            let away = from.node.as_ref() != Some(&node);
            if away && from.node.as_ref().is_some_and(|n| lost(cluster, n)) {
                return None;
            }
            let machine = cluster.machines.get_mut(&node)?;
            if away && (machine.off || machine.cut) {
                return None;
            }
            let asked = |sandbox: &mut Sandbox| (ask(sandbox, port, now), sandbox.next_wake());
            let asked = Rc::make_mut(machine).inside(&uid, now, asked);
            let (answer, due) = asked.unwrap_or((Some(NetAnswer::Refused), None));
            // Mostly the answer was all that there was to do.
            if let Some(due) = due {
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
