//! Kubernetes 1.36: pkg/controller/replicaset/replica_set.go
//!
//! ReplicaSets, and ReplicationControllers, which the same code looks after: as many Pods as are wanted. Nothing is
//! lost between a request and its effect here, so there is no keeping of expectations: it never makes too many.

mod ranking;
mod status;

use crate::api::object::{Key, Object};
use crate::api::replica_set::{ReplicaSet, ReplicaSetStatus};
use crate::api::replication_controller::ReplicationController;
use crate::api::selector::LabelSelector;
use crate::api::{Field, Kind};
use crate::apiserver::events::Note;
use crate::apiserver::{Request, Status};
use crate::cluster::Cluster;
use crate::controllers::{claim, pods};
use crate::outcome::{Making, Outcome};
use crate::value::Value;
pub use ranking::rank;
use std::rc::Rc;

/// At most so many Pods are made or deleted in one pass.
const BURST: usize = 500;

/// One object of either kind, as this controller sees it.
struct Set<'a> {
    object: &'a Object,
    by: &'static str,
    replicas: i64,
    min_ready: i64,
    selector: LabelSelector,
    status: &'a ReplicaSetStatus,
}

impl<'a> Set<'a> {
    fn of(object: &'a Object) -> Set<'a> {
        if let Some(set) = object.get::<ReplicaSet>() {
            let (spec, status) = (&set.spec, &set.status);
            let (replicas, min_ready, selector) = (spec.replicas, spec.min_ready, spec.selector.clone());
            return Set { object, by: "replicaset-controller", replicas, min_ready, selector, status };
        }
        let ReplicationController { spec, status } = object.expect();
        let selector = LabelSelector { match_labels: spec.selector.clone(), ..Default::default() };
        let (replicas, min_ready) = (spec.replicas, spec.min_ready);
        Set { object, by: "replication-controller", replicas, min_ready, selector, status }
    }
    fn template(&self) -> &Value {
        self.object.raw().at(&["spec", "template"])
    }
}

/// Looks at a ReplicaSet or ReplicationController.
pub fn wake(cluster: &Cluster, kind: Kind, key: &Key) -> Outcome {
    let mut out = Outcome::nothing();
    let Some(object) = cluster.store.get(kind, key) else { return out };
    let set = Set::of(object);
    let mine = claim::claim(cluster, set.by, object, &set.selector, Kind::Pod, pods::is_active, &mut out);
    if !object.meta.deleting() {
        manage(cluster, &set, &mine, &mut out);
    }
    let new = status::calculate(cluster, &set, &mine, None);
    status::write(&set, new, &mut out);
    status::look_again(cluster, &set, &mine, &mut out);
    out
}

/// Makes the Pods that are missing, or deletes those that are too many.
fn manage(cluster: &Cluster, set: &Set<'_>, mine: &[Rc<Object>], out: &mut Outcome) {
    let missing = set.replicas - mine.len() as i64;
    if missing > 0 {
        create(set, (missing as usize).min(BURST), out);
    } else if missing < 0 {
        let surplus = (-missing) as usize;
        let mut ranked = mine.to_vec();
        if surplus < mine.len() {
            ranked = ranking::rank(cluster, set.object, ranked);
        }
        for pod in ranked.into_iter().take(surplus.min(BURST)) {
            out.request(pods::delete(set.by, &pod));
            let message = format!("Deleted pod: {}", pod.meta.name);
            out.event(Note::normal(set.object, set.by, "SuccessfulDelete", message));
        }
    }
}

/// Makes Pods in batches of 1, 2, 4, 8 ...: if the first are refused, the rest need not be tried.
fn create(set: &Set<'_>, count: usize, out: &mut Outcome) {
    let pod = pods::from_template(set.object, set.template());
    let mut remaining = count;
    let mut size = 1;
    while remaining > 0 {
        let batch = (0..size.min(remaining)).map(|_| Making {
            request: Request::create(set.by, Kind::Pod, pod.clone()),
            note: Some(Note::normal(set.object, set.by, "SuccessfulCreate", "Created pod: ")),
        });
        out.batch(batch.collect());
        remaining -= size.min(remaining);
        size *= 2;
    }
}

/// A Pod could not be made: says so in an event and, once, in a condition.
pub fn refused(cluster: &Cluster, kind: Kind, key: &Key, request: &Request, status: &Status) -> Outcome {
    let mut out = Outcome::nothing();
    let Some(object) = cluster.store.get(kind, key) else { return out };
    if request.kind != Kind::Pod {
        return out;
    }
    let set = Set::of(object);
    // In a namespace that is going, being refused is no failure.
    let failure = (!status.is_of_going_namespace()).then_some(status);
    if failure.is_some() {
        out.event(Note::warning(object, set.by, "FailedCreate", format!("Error creating: {status}")));
    }
    let mine =
        claim::claim(cluster, set.by, object, &set.selector, Kind::Pod, pods::is_active, &mut Outcome::nothing());
    let new = status::calculate(cluster, &set, &mine, failure);
    status::write(&set, new, &mut out);
    out
}

/// The status as JSON, for a kind that reads it as [`ReplicaSetStatus`].
fn with_status(object: &Object, status: ReplicaSetStatus) -> Object {
    let mut new = object.clone();
    new.set_status(status.write());
    new
}
