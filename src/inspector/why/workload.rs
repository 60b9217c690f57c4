//! Deployments, ReplicaSets, StatefulSets, DaemonSets: which Pods are wanted, and for which they wait.

use super::{Why, last_said, pods_in_the_way};
use crate::inspector::portrait::Sitting;
use crate::terminal::EventRow;
use kubarium_sim::api::daemon_set::DaemonSet;
use kubarium_sim::api::deployment::Deployment;
use kubarium_sim::api::object::Object;
use kubarium_sim::api::replica_set::ReplicaSet;
use kubarium_sim::api::stateful_set::StatefulSet;
use kubarium_sim::api::{Kind, Texts};
use kubarium_sim::cluster::Cluster;
use kubarium_sim::controllers::deployment;
use std::rc::Rc;

/// The annotation in which a Deployment counts its revisions on its ReplicaSets.
const REVISION: &str = "deployment.kubernetes.io/revision";

fn revision(marks: &Texts) -> i64 {
    marks.get(REVISION).and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// A Deployment's ReplicaSets, the newest first.
fn sets(cluster: &Cluster, object: &Object) -> Vec<Rc<Object>> {
    let owned = cluster.store.owned_by(&object.meta.uid).filter(|o| o.kind == Kind::ReplicaSet);
    let mut sets: Vec<Rc<Object>> = owned.cloned().collect();
    sets.sort_by_key(|set| std::cmp::Reverse(revision(&set.meta.annotations)));
    sets
}

pub fn of_deployment(sitting: &Sitting, object: &Object, deployment: &Deployment, events: &[EventRow]) -> Why {
    let (cluster, text) = (sitting.cluster, sitting.text);
    let (status, spec) = (&deployment.status, &deployment.spec);
    let wanted = spec.replicas;
    let least = (wanted - deployment::fenceposts(spec).1).max(0);
    let counts = [wanted, status.updated, status.ready, status.available, least].map(|n| n.to_string());
    let with = [
        ("wanted", &*counts[0]),
        ("updated", &*counts[1]),
        ("ready", &*counts[2]),
        ("available", &*counts[3]),
        ("least", &*counts[4]),
    ];
    let say = |title, lead| Why::say(text, title, lead, &with);
    let condition = |kind: &str| status.conditions.iter().find(|c| &*c.kind == kind);
    let sets = sets(cluster, object);
    let newest = sets.first().map(|set| set.meta.uid.clone());
    let blocking = || newest.map(|uid| pods_in_the_way(cluster, &uid)).unwrap_or_default();
    if spec.paused {
        return say("why-paused", "why-paused-lead");
    }
    if let Some(c) = condition("ReplicaFailure").filter(|c| &*c.status == "True") {
        return say("why-no-replicas", "why-no-replicas-lead").quoting(c.message.to_string());
    }
    if let Some(c) = condition("Progressing").filter(|c| &*c.status == "False") {
        return say("why-stuck", "why-stuck-lead").quoting(c.message.to_string()).seeing(blocking());
    }
    if status.replicas == wanted && status.updated == wanted && status.available == wanted {
        return say("why-complete", "why-complete-lead")
            .quoting(condition("Progressing").map(|c| c.message.to_string()));
    }
    let rolling = status.replicas > status.updated && sets.len() > 1;
    let said = last_said(events, &["ScalingReplicaSet"]);
    if !rolling {
        return say("why-growing", "why-growing-lead").quoting(said).seeing(blocking());
    }
    let lead = match &*spec.strategy.kind {
        "Recreate" => "why-recreating-lead",
        // As many as there must be: no old Pod may go before a new one is available.
        _ if status.available <= least => "why-rolling-waits-lead",
        _ => "why-rolling-lead",
    };
    say("why-rolling", lead).quoting(said).seeing(blocking())
}

/// A ReplicaSet or a ReplicationController, whose fields are the same.
pub fn of_replica_set(sitting: &Sitting, object: &Object, set: &ReplicaSet, events: &[EventRow]) -> Why {
    let (cluster, text) = (sitting.cluster, sitting.text);
    let (spec, status) = (&set.spec, &set.status);
    let counts = [spec.replicas, status.replicas, status.ready, status.available].map(|n| n.to_string());
    let with = [("wanted", &*counts[0]), ("now", &*counts[1]), ("ready", &*counts[2]), ("available", &*counts[3])];
    let say = |title, lead| Why::say(text, title, lead, &with);
    if let Some(c) = status.conditions.iter().find(|c| &*c.kind == "ReplicaFailure" && &*c.status == "True") {
        return say("why-no-replicas", "why-no-replicas-lead").quoting(c.message.to_string());
    }
    if spec.replicas == 0 && status.replicas == 0 {
        let owned = object.meta.controller().is_some();
        return say("why-empty", if owned { "why-empty-lead" } else { "why-empty-plain-lead" });
    }
    if status.replicas == spec.replicas && status.ready == spec.replicas {
        return say("why-has-all", "why-has-all-lead");
    }
    let said = last_said(events, &["FailedCreate", "FailedDelete"]);
    let lead = if status.replicas > spec.replicas { "why-shrinking-lead" } else { "why-set-waits-lead" };
    say("why-set-waits", lead).quoting(said).seeing(pods_in_the_way(cluster, &object.meta.uid))
}

pub fn of_stateful_set(sitting: &Sitting, object: &Object, set: &StatefulSet, events: &[EventRow]) -> Why {
    let (cluster, text) = (sitting.cluster, sitting.text);
    let (spec, status) = (&set.spec, &set.status);
    let ordered = &*spec.pod_management != "Parallel";
    let blocking = pods_in_the_way(cluster, &object.meta.uid);
    let first = blocking.first().map_or_else(String::new, |(chosen, _)| chosen.key.name.to_string());
    let partition = spec.update.rolling.as_ref().map_or(0, |rolling| rolling.partition);
    let counts = [spec.replicas, status.updated, status.ready, partition].map(|n| n.to_string());
    let with = [
        ("wanted", &*counts[0]),
        ("updated", &*counts[1]),
        ("ready", &*counts[2]),
        ("partition", &*counts[3]),
        ("pod", &*first),
    ];
    let say = |title, lead| Why::say(text, title, lead, &with);
    let refused = last_said(events, &["FailedCreate"]);
    let updating = status.update_revision != status.current_revision && !status.current_revision.is_empty();
    if status.replicas < spec.replicas && blocking.is_empty() && refused.is_some() {
        return say("why-no-replicas", "why-no-replicas-lead").quoting(refused);
    }
    if updating && &*spec.update.kind == "OnDelete" {
        return say("why-set-updates", "why-on-delete-lead").seeing(blocking);
    }
    if updating && status.updated >= (spec.replicas - partition).max(0) && partition > 0 && blocking.is_empty() {
        return say("why-partitioned", "why-partitioned-lead");
    }
    if updating {
        let lead = if blocking.is_empty() { "why-set-updates-lead" } else { "why-set-update-waits-lead" };
        return say("why-set-updates", lead).seeing(blocking);
    }
    if status.ready == spec.replicas && status.replicas == spec.replicas {
        return say("why-has-all", "why-stateful-lead");
    }
    let lead = match (ordered, blocking.is_empty()) {
        (true, false) => "why-in-order-lead",
        _ => "why-set-waits-lead",
    };
    say("why-set-waits", lead).quoting(refused).seeing(blocking)
}

pub fn of_daemon_set(sitting: &Sitting, object: &Object, set: &DaemonSet, events: &[EventRow]) -> Why {
    let (cluster, text) = (sitting.cluster, sitting.text);
    let status = &set.status;
    let nodes = cluster.store.count(Kind::Node) as i64;
    let counts = [status.desired, status.ready, status.updated, nodes, nodes - status.desired].map(|n| n.to_string());
    let with = [
        ("wanted", &*counts[0]),
        ("ready", &*counts[1]),
        ("updated", &*counts[2]),
        ("nodes", &*counts[3]),
        ("without", &*counts[4]),
    ];
    let say = |title, lead| Why::say(text, title, lead, &with);
    let blocking = || pods_in_the_way(cluster, &object.meta.uid);
    if status.desired == 0 {
        return say("why-nowhere", "why-nowhere-lead");
    }
    if status.updated < status.desired {
        let lead = if &*set.spec.update.kind == "OnDelete" { "why-on-delete-lead" } else { "why-daemon-updates-lead" };
        return say("why-set-updates", lead).seeing(blocking());
    }
    if status.ready < status.desired {
        let said = last_said(events, &["FailedCreate", "FailedPlacement", "FailedDaemonPod"]);
        return say("why-set-waits", "why-daemon-waits-lead").quoting(said).seeing(blocking());
    }
    let lead = if status.desired < nodes { "why-daemon-some-lead" } else { "why-daemon-lead" };
    say("why-daemon", lead)
}
