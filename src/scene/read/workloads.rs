//! Who made whom, and which revision each is.

use super::{Source, by_creation, id_of, key_of};
use crate::scene::model::{Pod, State, Workload};
use crate::scene::shape::{ById, Id};
use crate::scene::words;
use kubarium_sim::api::Kind;
use kubarium_sim::api::cron_job::CronJob;
use kubarium_sim::api::object::Object;
use kubarium_sim::cluster::Cluster;
use kubarium_sim::controllers::cron_job;
use std::collections::HashMap;
use std::rc::Rc;

/// A revision of a workload.
#[derive(Clone, Copy, Debug)]
pub struct Revision {
    /// By first appearance of its template, from 0.
    pub hue: u16,
    /// As the workload counts.
    pub number: Option<u64>,
}

/// By the uid of a ReplicaSet, or by "uid of the workload/hash" of a ControllerRevision.
pub fn revisions(cluster: &Cluster) -> HashMap<Rc<str>, Revision> {
    let mut revisions = HashMap::new();
    let mut families: HashMap<Rc<str>, Vec<&Rc<Object>>> = HashMap::new();
    for object in cluster.store.list(Kind::ReplicaSet).chain(cluster.store.list(Kind::ControllerRevision)) {
        match object.meta.controller() {
            Some(owner) => families.entry(owner.uid.clone()).or_default().push(object),
            None => {
                revisions.insert(object.meta.uid.clone(), Revision { hue: 0, number: None });
            }
        }
    }
    for (owner, mut members) in families {
        members.sort_by_key(|object| (object.meta.creation, object.meta.resource_version, object.meta.name.clone()));
        for (hue, object) in members.into_iter().enumerate() {
            let hue = hue as u16;
            if object.kind == Kind::ReplicaSet {
                let number =
                    object.meta.annotations.get("deployment.kubernetes.io/revision").and_then(|n| n.parse().ok());
                revisions.insert(object.meta.uid.clone(), Revision { hue, number });
            } else {
                let number = object.raw().get("revision").as_int().map(|n| n as u64);
                let hash = object.meta.labels.get("controller-revision-hash").map_or("", |hash| hash);
                revisions.insert(Rc::from(format!("{owner}/{hash}")), Revision { hue, number });
            }
        }
    }
    for object in cluster.store.list(Kind::ReplicationController) {
        revisions.insert(object.meta.uid.clone(), Revision { hue: 0, number: None });
    }
    revisions
}

const KINDS: [Kind; 7] = [
    Kind::CronJob,
    Kind::Deployment,
    Kind::ReplicationController,
    Kind::ReplicaSet,
    Kind::StatefulSet,
    Kind::DaemonSet,
    Kind::Job,
];

pub fn read(source: &Source, pods: &[Rc<Pod>]) -> Vec<Workload> {
    let mut counts: ById<(usize, usize)> = ById::default();
    for pod in pods {
        if let Some(owner) = pod.owner {
            let count = counts.entry(owner).or_default();
            count.0 += usize::from(matches!(pod.state, State::Ready));
            count.1 += 1;
        }
    }
    let mut workloads = Vec::new();
    for kind in KINDS {
        for object in by_creation(source, kind) {
            let (ready, present) = counts.get(&id_of(object)).copied().unwrap_or_default();
            let wanted = object.raw().at(&["spec", "replicas"]).as_int();
            // A revision that was scaled down and has no Pods left is history.
            if kind == Kind::ReplicaSet && wanted == Some(0) && present == 0 && object.meta.controller().is_some() {
                continue;
            }
            workloads.push(workload(source, object, ready, present, wanted));
        }
    }
    workloads
}

/// The schedule, and how long it is until the next start.
fn cron(source: &Source, job: &CronJob) -> String {
    let next = cron_job::next_start(source.cluster, &job.spec).filter(|_| !job.spec.suspend);
    let left = next.map(|next| next.since(source.cluster.stamp()).max(0) as u64);
    words::next_start(&job.spec.schedule, left, source.ask.locale)
}

fn workload(source: &Source, object: &Rc<Object>, ready: usize, present: usize, wanted: Option<i64>) -> Workload {
    let status = object.status();
    let count = |field: &str| status.get(field).as_int().unwrap_or(0).max(0) as usize;
    let note = match object.kind {
        Kind::CronJob => cron(source, object.expect()),
        Kind::Job => {
            let wanted = object.raw().at(&["spec", "completions"]).as_int().unwrap_or(1);
            format!("{} / {wanted}", count("succeeded"))
        }
        Kind::DaemonSet => words::ready_of(count("numberReady"), count("desiredNumberScheduled"), source.ask.locale),
        Kind::ReplicaSet => words::ready_of(ready, wanted.map_or(present, |n| n.max(0) as usize), source.ask.locale),
        _ => words::ready_of(count("readyReplicas"), wanted.unwrap_or(1).max(0) as usize, source.ask.locale),
    };
    let revision = source.index.revisions.get(&object.meta.uid).filter(|_| object.kind == Kind::ReplicaSet);
    // What a Deployment made is scaled by it alone.
    let scales =
        matches!(object.kind, Kind::Deployment | Kind::ReplicaSet | Kind::StatefulSet | Kind::ReplicationController)
            && object.meta.controller().is_none();
    Workload {
        id: id_of(object),
        key: key_of(object),
        note,
        replicas: scales.then(|| wanted.unwrap_or(1).max(0) as u32),
        hue: revision.map(|revision| revision.hue),
        revision: revision.and_then(|revision| revision.number),
        owner: object.meta.controller().map(|owner| Id::of(&owner.kind, &owner.uid)),
    }
}
