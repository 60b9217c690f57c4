//! Why an object is as it is: a sentence in the reader's language, the real message it rests on, and where to look next.

mod bounds;
mod job;
pub mod network;
mod pod;
pub mod storage;
mod workload;

use super::portrait::{Chosen, Sitting};
use crate::how::{self, How};
use crate::icons::Sign;
use crate::terminal::EventRow;
use crate::text::Text;
use kubarium_sim::api::object::Object;
use kubarium_sim::api::{Body, Kind};
use kubarium_sim::cluster::Cluster;
use kubarium_sim::schema::ledger;
use std::rc::Rc;

/// The most objects that are named as what something waits for.
const MOST_SEEN: usize = 5;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Why {
    pub title: String,
    pub lead: String,
    /// The message that says so, verbatim.
    pub quote: Option<String>,
    /// What every node answered, if it was asked in vain; or every volume, or who was refused.
    pub needs: Vec<Need>,
    /// What it waits for.
    pub see: Vec<Seen>,
    /// A command line that would mend it.
    pub mend: Option<String>,
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

    /// The objects to look at next.
    fn seeing(mut self, objects: Vec<Seen>) -> Why {
        self.see = objects;
        self
    }

    /// A command line that would mend it.
    fn doing(mut self, line: &str) -> Why {
        self.mend = Some(line.to_string());
        self
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
        Body::Node(node) => bounds::of_node(sitting, object, node, events),
        Body::Namespace(namespace) => bounds::of_namespace(sitting, object, namespace),
        Body::PersistentVolumeClaim(claim) => storage::of_claim(sitting, object, claim, events),
        Body::PersistentVolume(volume) => storage::of_volume(sitting, object, volume, events),
        // What is being deleted explains nothing else any more.
        _ if object.meta.deleting() => of_other(text, object, events),
        Body::Service(service) => network::of_service(text, cluster, object, service),
        Body::Deployment(deployment) => workload::of_deployment(sitting, object, deployment, events),
        Body::ReplicaSet(set) => workload::of_replica_set(sitting, object, set, events),
        Body::StatefulSet(set) => workload::of_stateful_set(sitting, object, set, events),
        Body::DaemonSet(set) => workload::of_daemon_set(sitting, object, set, events),
        Body::Job(one) => job::of_job(sitting, object, one, events),
        Body::CronJob(one) => job::of_cron_job(sitting, object, one, events),
        Body::PodDisruptionBudget(budget) => bounds::of_budget(sitting, budget),
        _ => match object.kind {
            Kind::Ingress => network::of_ingress(sitting, object),
            Kind::NetworkPolicy => network::of_policy(sitting, object),
            Kind::ResourceQuota => bounds::of_quota(sitting, object),
            Kind::HorizontalPodAutoscaler => bounds::of_autoscaler(sitting, object),
            _ => network::of_gateway_api(sitting, object).unwrap_or_else(|| of_other(text, object, events)),
        },
    }
}

/// The last message that a warning of this reason, or any of these reasons, brought.
fn last_said(events: &[EventRow], reasons: &[&str]) -> Option<String> {
    events.iter().rev().find(|e| reasons.contains(&&*e.reason)).map(|e| e.message.to_string())
}

fn of_other(text: Text, object: &Object, events: &[EventRow]) -> Why {
    let how = how::of(object);
    let with = [("word", &*how.word), ("kind", object.kind.name())];
    let warned = events.iter().rev().find(|e| e.warning).map(|e| e.message.to_string());
    if how.sign == Sign::Terminating {
        return Why::say(text, "why-going", "why-going-lead", &with);
    }
    if !ledger::is_simulated(object.kind) {
        let key = if object.kind.is_custom() { "why-custom-lead" } else { "why-plain-lead" };
        return Why::say(text, "why-plain", key, &with);
    }
    let (title, lead) = match object.kind {
        Kind::ConfigMap | Kind::Secret => ("why-there", "why-data-lead"),
        Kind::ServiceAccount => ("why-there", "why-account-lead"),
        Kind::Role | Kind::ClusterRole => ("why-there", "why-role-lead"),
        Kind::RoleBinding | Kind::ClusterRoleBinding => ("why-there", "why-binding-lead"),
        Kind::StorageClass => ("why-there", "why-class-lead"),
        Kind::PriorityClass => ("why-there", "why-priority-lead"),
        Kind::LimitRange => ("why-there", "why-limits-lead"),
        Kind::EndpointSlice | Kind::Endpoints => ("why-there", "why-slice-lead"),
        Kind::CustomResourceDefinition => ("why-there", "why-definition-lead"),
        Kind::Lease => ("why-there", "why-lease-lead"),
        Kind::ControllerRevision => ("why-there", "why-revision-lead"),
        _ => ("why-there", "why-there-lead"),
    };
    Why::say(text, title, lead, &with).quoting(warned)
}

/// How an object is, and which it is.
pub type Seen = (Chosen, How);

fn all<'a>(objects: impl Iterator<Item = &'a Rc<Object>>) -> Vec<Seen> {
    let seen = objects.map(|o| (Chosen { kind: o.kind, key: o.key() }, how::of(o)));
    seen.take(MOST_SEEN).collect()
}

/// Of some Pods those that are not as they should be; what is broken comes first.
fn in_the_way<'a>(pods: impl Iterator<Item = &'a Rc<Object>>) -> Vec<Seen> {
    let well = |how: &How| matches!(how.sign, Sign::Ready | Sign::Finished);
    let mut seen: Vec<Seen> = pods
        .map(|pod| (Chosen { kind: pod.kind, key: pod.key() }, how::of(pod)))
        .filter(|(_, how)| !well(how))
        .collect();
    seen.sort_by_key(|(_, how)| !matches!(how.sign, Sign::Broken | Sign::Failed));
    seen.truncate(MOST_SEEN);
    seen
}

/// The Pods that an owner waits for.
fn pods_in_the_way(cluster: &Cluster, owner: &str) -> Vec<Seen> {
    in_the_way(cluster.store.owned_by(owner).filter(|o| o.kind == Kind::Pod))
}

#[cfg(test)]
mod tests;
