//! Kubernetes 1.36: pkg/controller/deployment/deployment_controller.go, sync.go
//!
//! Deployments: one ReplicaSet a template, and a rollout from the old ones to the newest. Not simulated: the
//! annotation of the old `rollbackTo`; `kubectl rollout undo` needs none.

mod cleanup;
mod condition;
mod progress;
mod recreate;
mod revision;
mod rolling;
mod scale;

use crate::api::Kind;
use crate::api::deployment::{Deployment, DeploymentSpec, DeploymentStatus};
use crate::api::field::IntOrText;
use crate::api::object::{Key, Object};
use crate::api::replica_set::ReplicaSet;
use crate::apiserver::events::Note;
use crate::apiserver::{Request, Status, Verb};
use crate::cluster::Cluster;
use crate::controllers::{claim, template};
use crate::outcome::Outcome;
use std::rc::Rc;

const BY: &str = "deployment-controller";

/// One look at a Deployment: what is there, and what is wanted so far.
struct Look<'a> {
    cluster: &'a Cluster,
    object: &'a Object,
    spec: &'a DeploymentSpec,
    status: &'a DeploymentStatus,
    /// Its ReplicaSets, the oldest first, as they are after what was asked for so far.
    sets: Vec<Set>,
    out: Outcome,
}

/// A ReplicaSet of the Deployment.
struct Set {
    object: Rc<Object>,
    /// `spec.replicas`, after what was asked for so far.
    size: i64,
    /// Whether its template is the Deployment's present one (of several such sets the oldest).
    newest: bool,
}

impl Set {
    fn body(&self) -> &ReplicaSet {
        self.object.expect()
    }
    fn annotation(&self, name: &str) -> Option<&Rc<str>> {
        self.object.meta.annotations.get(name)
    }
}

/// How many Pods above and below the wanted number a rolling update may have. If both round to 0, one may be missing.
pub fn fenceposts(spec: &DeploymentSpec) -> (i64, i64) {
    let rolling = spec.strategy.rolling.clone().unwrap_or_default();
    let of = |x: Option<IntOrText>, up| x.map_or(0, |x| x.of(spec.replicas, up));
    match (of(rolling.max_surge, true), of(rolling.max_unavailable, false)) {
        (0, 0) => (0, 1),
        both => both,
    }
}

/// Looks at a Deployment.
pub fn wake(cluster: &Cluster, key: &Key) -> Outcome {
    let Some(object) = cluster.store.get(Kind::Deployment, key) else { return Outcome::nothing() };
    let Deployment { spec, status } = object.expect();
    let mut look = Look { cluster, object, spec, status, sets: Vec::new(), out: Outcome::nothing() };
    if spec.selector.is_empty() {
        let message = "This deployment is selecting all pods. A non-empty selector is required.";
        look.out.event(Note::warning(object, BY, "SelectingAll", message));
        return look.out;
    }
    look.find_sets();
    if !look.out.deeds.is_empty() {
        return look.out;
    }
    if object.meta.deleting() {
        look.write_plain_status();
    } else if !look.note_pause() && !look.sync_revision() {
        look.decide();
    }
    look.out
}

/// Tells of a ReplicaSet that could not be made.
pub fn refused(cluster: &Cluster, key: &Key, request: &Request, status: &Status) -> Outcome {
    match cluster.store.get(Kind::Deployment, key) {
        Some(object) if matches!(request.verb, Verb::Create(_)) => revision::refused(cluster, object, request, status),
        _ => Outcome::nothing(),
    }
}

impl Look<'_> {
    fn find_sets(&mut self) {
        let (object, spec) = (self.object, self.spec);
        let mut sets =
            claim::claim(self.cluster, BY, object, &spec.selector, Kind::ReplicaSet, |_| true, &mut self.out);
        sets.sort_by(|a, b| (a.meta.creation, &a.meta.name).cmp(&(b.meta.creation, &b.meta.name)));
        let wanted = object.raw().at(&["spec", "template"]);
        let newest = sets.iter().position(|s| template::same(s.raw().at(&["spec", "template"]), wanted));
        let numbered = sets.into_iter().enumerate();
        self.sets = numbered
            .map(|(i, object)| Set {
                size: object.expect::<ReplicaSet>().spec.replicas,
                newest: Some(i) == newest,
                object,
            })
            .collect();
    }

    /// The one decision of this pass.
    fn decide(&mut self) {
        if self.spec.paused || self.is_scaling() {
            self.scale();
            if self.spec.paused {
                self.clean_up();
            }
            self.write_plain_status();
        } else if self.is_rolling() {
            self.roll();
        } else {
            self.recreate();
        }
    }

    fn newest(&self) -> Option<&Set> {
        self.sets.iter().find(|s| s.newest)
    }
    /// The places of the ReplicaSets that are not the newest, the oldest first.
    fn old(&self) -> Vec<usize> {
        (0..self.sets.len()).filter(|i| !self.sets[*i].newest).collect()
    }
    fn total_size(&self) -> i64 {
        self.sets.iter().map(|s| s.size).sum()
    }
    fn total_available(&self) -> i64 {
        self.sets.iter().map(|s| s.body().status.available).sum()
    }
    fn is_rolling(&self) -> bool {
        &*self.spec.strategy.kind != "Recreate"
    }
    fn max_surge(&self) -> i64 {
        if self.is_rolling() { fenceposts(self.spec).0 } else { 0 }
    }
    fn max_unavailable(&self) -> i64 {
        if !self.is_rolling() || self.spec.replicas == 0 {
            return 0;
        }
        fenceposts(self.spec).1.min(self.spec.replicas)
    }
    /// Seconds without progress until the rollout counts as stuck; `None` for ever.
    fn deadline(&self) -> Option<i64> {
        self.spec.progress_deadline.filter(|d| *d != i64::from(i32::MAX))
    }
    /// Writes the status if it differs.
    fn write_status(&mut self, status: DeploymentStatus) {
        let mut object = self.object.clone();
        object.expect_mut::<Deployment>().status = status;
        if object != *self.object {
            self.out.request(Request::put_status(BY, object));
        }
    }
}
