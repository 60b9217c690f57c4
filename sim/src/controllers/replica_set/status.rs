//! Kubernetes 1.36: pkg/controller/replicaset/replica_set_utils.go

use super::{Set, with_status};
use crate::api::Kind;
use crate::api::field::asked_once;
use crate::api::object::Object;
use crate::api::replica_set::ReplicaSetStatus;
use crate::apiserver::{Request, Status};
use crate::cluster::Cluster;
use crate::controllers::{conditions, pods};
use crate::outcome::Outcome;
use std::rc::Rc;

/// The status that follows from the Pods that are there; `failure` is why a Pod could not be made.
pub fn calculate(cluster: &Cluster, set: &Set<'_>, mine: &[Rc<Object>], failure: Option<&Status>) -> ReplicaSetStatus {
    let mut status = set.status.clone();
    let labels = &set_labels(set);
    status.replicas = mine.len() as i64;
    let mut has_all = asked_once(|own| labels.within(own));
    status.fully_labeled = mine.iter().filter(|p| has_all(&p.meta.labels)).count() as i64;
    (status.ready, status.available) = (0, 0);
    for pod in mine.iter().filter(|p| pods::is_ready(p)) {
        status.ready += 1;
        status.available += i64::from(pods::availability(cluster, pod, set.min_ready).is_ok());
    }
    status.observed_generation = set.object.meta.generation;
    if set.object.kind == Kind::ReplicaSet {
        let leaving = pods::controlled_by(cluster, set.object).filter(|p| pods::is_terminating(p));
        status.terminating = Some(leaving.count() as i64);
    }
    const FAILURE: &str = "ReplicaFailure";
    match failure {
        Some(why) if conditions::find(&status.conditions, FAILURE).is_none() => {
            let condition = conditions::new(FAILURE, "True", "FailedCreate", why.to_string(), cluster.stamp());
            conditions::set(&mut status.conditions, condition);
        }
        Some(_) => {}
        None => conditions::remove(&mut status.conditions, FAILURE),
    }
    status
}

fn set_labels(set: &Set<'_>) -> crate::api::Texts {
    crate::api::Field::read(set.template().at(&["metadata", "labels"]))
}

pub fn write(set: &Set<'_>, new: ReplicaSetStatus, out: &mut Outcome) {
    if new != *set.status {
        out.request(Request::put_status(set.by, with_status(set.object, new)));
    }
}

/// Asks to look again when the next ready Pod will have been so for `minReadySeconds`.
pub fn look_again(cluster: &Cluster, set: &Set<'_>, mine: &[Rc<Object>], out: &mut Outcome) {
    if set.min_ready > 0 {
        let next = mine.iter().filter_map(|p| pods::availability(cluster, p, set.min_ready).err().flatten()).min();
        if let Some(time) = next {
            out.again_at(time);
        }
    }
}
