//! Why an object is as it is: a sentence in the reader's language, and the real message it rests on.

mod pod;

use super::portrait::Sitting;
use crate::how;
use crate::icons::Sign;
use crate::terminal::EventRow;
use crate::text::Text;
use kubarium_sim::api::deployment::Deployment;
use kubarium_sim::api::endpoint_slice::EndpointSlice;
use kubarium_sim::api::node::Node;
use kubarium_sim::api::object::Object;
use kubarium_sim::api::persistent_volume_claim::PersistentVolumeClaim;
use kubarium_sim::api::pod::Pod;
use kubarium_sim::api::service::Service;
use kubarium_sim::api::{Body, Kind};
use kubarium_sim::cluster::Cluster;
use std::rc::Rc;

/// The most nodes that are told one by one.
const MOST_NEEDS: usize = 12;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Why {
    pub title: String,
    pub lead: String,
    /// The message that says so, verbatim.
    pub quote: Option<String>,
    /// What every node answered, if it was asked in vain.
    pub needs: Vec<Need>,
    /// What else one asks of it, and the answers.
    pub also: Vec<Why>,
}

/// Why a node does not take a Pod.
#[derive(Clone, Debug, PartialEq)]
pub struct Need {
    pub node: String,
    /// The scheduler's own words.
    pub reason: String,
    /// Of what is scarce there: asked for, taken, there at all; in thousandths of the unit.
    pub scarce: Option<(i64, i64, i64)>,
}

impl Why {
    fn say(text: Text, title: &'static str, lead: &'static str, with: &[(&str, &str)]) -> Why {
        Why { title: text.fill(title, with), lead: text.fill(lead, with), ..Why::default() }
    }

    fn quoting(mut self, message: impl Into<Option<String>>) -> Why {
        self.quote = message.into().filter(|m| !m.is_empty());
        self
    }
}

pub fn of(sitting: &Sitting, object: &Object, events: &[EventRow]) -> Why {
    let (cluster, text) = (sitting.cluster, sitting.text);
    match &object.body {
        Body::Pod(pod) => pod::of(&pod::Asked { text, cluster, object, pod, events }),
        Body::Service(service) => of_service(text, cluster, object, service),
        Body::Deployment(deployment) => of_deployment(text, cluster, object, deployment, events),
        Body::PersistentVolumeClaim(claim) => of_claim(text, object, claim, events),
        Body::Node(node) => of_node(text, cluster, object, node),
        Body::Plain => Why::say(text, "why-plain", "why-plain-lead", &[("kind", object.kind.name())]),
        _ => of_other(text, object, events),
    }
}

/// The last message that a warning of this reason, or any of these reasons, brought.
fn last_said(events: &[EventRow], reasons: &[&str]) -> Option<String> {
    events.iter().rev().find(|e| reasons.contains(&&*e.reason)).map(|e| e.message.to_string())
}

/// What the scheduler's rules said of each node when it last looked.
fn needs(cluster: &Cluster, object: &Object, pod: &Pod) -> Vec<Need> {
    let Some(waiting) = cluster.scheduler.waiting().get(&object.meta.uid) else { return vec![] };
    let one = |(node, reasons): &(Rc<str>, Vec<Rc<str>>)| {
        let resource = reasons.iter().find_map(|r| r.strip_prefix("Insufficient "));
        let scarce = resource.and_then(|r| {
            let total = cluster.store.typed::<Node>("", node)?.1.status.allocatable.get(r)?.milli_units();
            let taken = super::facts::asked(cluster, node, r).milli_units();
            let asks =
                pod.spec.containers.iter().filter_map(|c| c.resources.requests.get(r)).map(|q| q.milli_units()).sum();
            Some((asks, taken, total))
        });
        let reason = reasons.iter().map(|r| &**r).collect::<Vec<_>>().join(", ");
        Need { node: node.to_string(), reason, scarce }
    };
    waiting.verdicts.iter().take(MOST_NEEDS).map(one).collect()
}

/// What a Pod asks of a node, as one would say it: `1 CPU, 256Mi`.
fn asks(pod: &Pod) -> String {
    let sum = |name: &str| {
        let of = |c: &kubarium_sim::api::pod::Container| c.resources.requests.get(name).map_or(0, |q| q.milli_units());
        pod.spec.containers.iter().map(of).sum::<i64>()
    };
    let cpu = match sum("cpu") {
        0 => None,
        n if n % 1000 == 0 => Some(format!("cpu {}", n / 1000)),
        n => Some(format!("cpu {n}m")),
    };
    let memory = match sum("memory") / 1000 {
        0 => None,
        n => Some(format!("memory {}Mi", n / (1 << 20))),
    };
    let all: Vec<String> = cpu.into_iter().chain(memory).collect();
    if all.is_empty() { "—".into() } else { all.join(", ") }
}

/// How many of a Service's endpoints may get requests, and how many there are.
pub fn endpoints(cluster: &Cluster, service: &Object) -> (usize, usize) {
    let slices = cluster.store.list_in(Kind::EndpointSlice, &service.meta.namespace);
    let own =
        slices.filter(|s| s.meta.labels.get("kubernetes.io/service-name").is_some_and(|n| *n == service.meta.name));
    let all = own.filter_map(|s| s.get::<EndpointSlice>()).flat_map(|s| s.endpoints.iter());
    all.fold((0, 0), |(ready, total), e| (ready + usize::from(e.conditions.ready != Some(false)), total + 1))
}

fn of_service(text: Text, cluster: &Cluster, object: &Object, service: &Service) -> Why {
    if &*service.spec.kind == "ExternalName" {
        return Why::say(text, "why-external", "why-external-lead", &[("name", &service.spec.external_name)]);
    }
    let (ready, total) = endpoints(cluster, object);
    let (r, t) = (ready.to_string(), total.to_string());
    let with = [("ready", &*r), ("total", &*t)];
    match (ready, total) {
        (_, 0) if service.spec.selector.is_empty() => Why::say(text, "why-no-selector", "why-no-selector-lead", &with),
        (_, 0) => Why::say(text, "why-no-pods", "why-no-pods-lead", &with),
        (0, _) => Why::say(text, "why-none-ready", "why-none-ready-lead", &with),
        (r, t) if r == t => Why::say(text, "why-all-answer", "why-all-answer-lead", &with),
        _ => Why::say(text, "why-some-answer", "why-some-answer-lead", &with),
    }
}

fn of_deployment(text: Text, cluster: &Cluster, object: &Object, deployment: &Deployment, events: &[EventRow]) -> Why {
    let (status, spec) = (&deployment.status, &deployment.spec);
    let wanted = spec.replicas;
    let counts = [wanted, status.updated, status.ready, status.available].map(|n| n.to_string());
    let with = [("wanted", &*counts[0]), ("updated", &*counts[1]), ("ready", &*counts[2]), ("available", &*counts[3])];
    let condition = |kind: &str| status.conditions.iter().find(|c| &*c.kind == kind);
    if spec.paused {
        return Why::say(text, "why-paused", "why-paused-lead", &with);
    }
    if let Some(c) = condition("ReplicaFailure").filter(|c| &*c.status == "True") {
        return Why::say(text, "why-no-replicas", "why-no-replicas-lead", &with).quoting(c.message.to_string());
    }
    if let Some(c) = condition("Progressing").filter(|c| &*c.status == "False") {
        return Why::say(text, "why-stuck", "why-stuck-lead", &with).quoting(c.message.to_string());
    }
    if status.replicas == wanted && status.updated == wanted && status.available == wanted {
        return Why::say(text, "why-complete", "why-complete-lead", &with)
            .quoting(condition("Progressing").map(|c| c.message.to_string()));
    }
    let rolling = status.replicas > status.updated && cluster.store.owned_by(&object.meta.uid).count() > 1;
    let key = if rolling { ("why-rolling", "why-rolling-lead") } else { ("why-growing", "why-growing-lead") };
    Why::say(text, key.0, key.1, &with).quoting(last_said(events, &["ScalingReplicaSet"]))
}

fn of_claim(text: Text, object: &Object, claim: &PersistentVolumeClaim, events: &[EventRow]) -> Why {
    match &*claim.status.phase {
        "Bound" => Why::say(text, "why-bound", "why-bound-lead", &[("volume", &claim.spec.volume_name)]),
        "Lost" => Why::say(text, "why-lost", "why-lost-lead", &[("volume", &claim.spec.volume_name)]),
        _ => {
            let said = events.last().map(|e| e.message.to_string());
            Why::say(text, "why-claim-waits", "why-claim-waits-lead", &[("name", &object.meta.name)]).quoting(said)
        }
    }
}

fn of_node(text: Text, cluster: &Cluster, object: &Object, node: &Node) -> Why {
    let pods = cluster.store.pods_on(&object.meta.name).count();
    let word = text.count("pods", "pods-one", pods);
    let with = [("pods", &*word)];
    let ready = node.status.condition("Ready");
    let said = ready.map(|c| c.message.to_string());
    match ready.map_or("Unknown", |c| &*c.status) {
        "True" if node.spec.unschedulable => Why::say(text, "why-cordoned", "why-cordoned-lead", &with),
        "True" => Why::say(text, "why-node-ready", "why-node-ready-lead", &with),
        "False" => Why::say(text, "why-node-broken", "why-node-broken-lead", &with).quoting(said),
        _ => Why::say(text, "why-node-silent", "why-node-silent-lead", &with).quoting(said),
    }
}

fn of_other(text: Text, object: &Object, events: &[EventRow]) -> Why {
    let how = how::of(object);
    let with = [("word", &*how.word), ("kind", object.kind.name())];
    let warned = events.iter().rev().find(|e| e.warning).map(|e| e.message.to_string());
    match how.sign {
        Sign::NotReady => Why::say(text, "why-counted", "why-counted-lead", &with)
            .quoting(warned.or(events.last().map(|e| e.message.to_string()))),
        Sign::Terminating => Why::say(text, "why-going", "why-going-lead", &with),
        _ => Why::say(text, "why-there", "why-there-lead", &with).quoting(warned),
    }
}
