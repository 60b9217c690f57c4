//! Kubernetes 1.36: pkg/controller/deployment/sync.go (getNewReplicaSet), util/deployment_util.go
//! (SetNewReplicaSetAnnotations)
//!
//! Each template is a revision: its ReplicaSet, made when it is first wanted, renumbered when it is wanted again.

use super::condition::{self, PROGRESSING};
use super::{BY, Look};
use crate::api::deployment::Deployment;
use crate::api::field::Texts;
use crate::api::metadata::LAST_APPLIED;
use crate::api::object::Object;
use crate::api::replica_set::ReplicaSet;
use crate::api::{Field, Kind};
use crate::apiserver::events::Note;
use crate::apiserver::{Request, Status};
use crate::cluster::Cluster;
use crate::controllers::{conditions, template};
use crate::outcome::Outcome;
use crate::value::Value;
use std::rc::Rc;

pub const REVISION: &str = "deployment.kubernetes.io/revision";
const HISTORY: &str = "deployment.kubernetes.io/revision-history";
pub const DESIRED: &str = "deployment.kubernetes.io/desired-replicas";
pub const MAX: &str = "deployment.kubernetes.io/max-replicas";
/// Annotations of a Deployment that its ReplicaSets do not get.
const NOT_COPIED: [&str; 6] = [LAST_APPLIED, REVISION, HISTORY, DESIRED, MAX, "deprecated.deployment.rollback.to"];
/// The longest text that former revisions may fill.
const LONGEST_HISTORY: usize = 2000;

/// The revision that a Deployment or ReplicaSet notes; 0 if none.
pub fn number(object: &Object) -> i64 {
    object.meta.annotations.get(REVISION).and_then(|n| n.parse().ok()).unwrap_or(0)
}

impl Look<'_> {
    /// Keeps the newest ReplicaSet's annotations, the Deployment's revision and its first condition right. Answers
    /// whether something had to be changed, which ends this pass.
    pub(super) fn sync_revision(&mut self) -> bool {
        let Some(newest) = self.newest() else { return false };
        let old = newest.object.clone();
        let mut new = (*old).clone();
        new.meta.annotations = self.annotations(&old.meta.annotations, self.next_revision());
        if old.expect::<ReplicaSet>().spec.min_ready != self.spec.min_ready {
            let seconds = self.spec.min_ready;
            new.edit(|raw| match seconds {
                0 => drop(raw.at_mut(&["spec"]).remove("minReadySeconds")),
                _ => raw.at_mut(&["spec"]).set("minReadySeconds", Value::Int(seconds)),
            });
        }
        if new != *old {
            self.out.request(Request::put(BY, new));
            return true;
        }
        let name = old.meta.name.clone();
        self.note_newest(number(&old), condition::FOUND, |unsaid| unsaid, format!("Found new replica set \"{name}\""))
    }

    /// Notes on the Deployment the revision and, if `say` holds of "nothing is said of progress", how it came about.
    fn note_newest(&mut self, revision: i64, reason: &str, say: fn(bool) -> bool, message: String) -> bool {
        let unsaid = conditions::find(&self.status.conditions, PROGRESSING).is_none();
        let mut object = self.object.clone();
        object.meta.annotations.insert(REVISION, revision.to_string());
        if self.deadline().is_some() && say(unsaid) {
            let news = condition::new(PROGRESSING, "True", reason, message, self.cluster.stamp());
            conditions::set(&mut object.expect_mut::<Deployment>().status.conditions, news);
        }
        let changed = object != *self.object;
        if changed {
            self.out.request(Request::put_status(BY, object));
        }
        changed
    }

    /// One more than the highest revision of the old ReplicaSets.
    fn next_revision(&self) -> i64 {
        self.sets.iter().filter(|s| !s.newest).map(|s| number(&s.object)).max().unwrap_or(0) + 1
    }

    /// The annotations of the newest ReplicaSet: the Deployment's own, and the revision if it is higher than before.
    fn annotations(&self, before: &Texts, revision: i64) -> Texts {
        let mut out = before.clone();
        let own = self.object.meta.annotations.iter().filter(|(k, _)| !NOT_COPIED.contains(&&***k));
        own.for_each(|(k, v)| out.insert(k.clone(), v.clone()));
        let was = before.get(REVISION).and_then(|n| n.parse::<i64>().ok());
        if was.unwrap_or(0) < revision {
            out.insert(REVISION, revision.to_string());
            if let Some(was) = was {
                let earlier = before.get(HISTORY).map_or("", |h| &**h);
                out.insert(HISTORY, history(earlier, was));
            }
        }
        out
    }

    /// Makes the ReplicaSet of the present template, as big as it may be at once.
    pub(super) fn create_newest(&mut self) {
        let collisions = self.status.collisions;
        let raw = self.object.raw();
        let hash = template::hash(raw.at(&["spec", "template"]), collisions);
        let size = self.newest_size(0, self.total_size());
        let revision = self.next_revision();
        let name = format!("{}-{hash}", self.object.meta.name);
        let wanted = self.new_set(&name, &hash, size, revision);
        let taken = self.cluster.store.find(Kind::ReplicaSet, &self.object.meta.namespace, &name);
        if taken.is_some() {
            // Another's template has the same hash: the next attempt salts it.
            let mut status = self.status.clone();
            status.collisions = Some(collisions.unwrap_or(0) + 1);
            return self.write_status(status);
        }
        self.out.request(Request::create(BY, Kind::ReplicaSet, wanted));
        if size > 0 {
            let message = format!("Scaled up replica set {name} from 0 to {size}");
            self.out.event(Note::normal(self.object, BY, "ScalingReplicaSet", message));
        }
        let message = format!("Created new replica set \"{name}\"");
        self.note_newest(revision, condition::CREATED, |_| true, message);
    }

    fn new_set(&self, name: &str, hash: &str, size: i64, revision: i64) -> Value {
        let raw = self.object.raw();
        let mut template = raw.at(&["spec", "template"]).clone();
        template.at_mut(&["metadata", "labels"]).set(template::HASH_LABEL, hash.into());
        let mut selector = raw.at(&["spec", "selector"]).clone();
        selector.at_mut(&["matchLabels"]).set(template::HASH_LABEL, hash.into());
        let mut annotations = self.annotations(&Texts::default(), revision);
        self.size_notes().iter().for_each(|(k, v)| annotations.insert(k.clone(), v.clone()));
        let meta = Value::map([
            ("name", Value::from(name)),
            ("namespace", Value::Str(self.object.meta.namespace.clone())),
            ("labels", template.at(&["metadata", "labels"]).clone()),
            ("annotations", annotations.write()),
            ("ownerReferences", Value::list(vec![self.object.controller_reference().write()])),
        ]);
        let mut spec = Value::map([("replicas", Value::Int(size)), ("selector", selector), ("template", template)]);
        if self.spec.min_ready > 0 {
            spec.set("minReadySeconds", Value::Int(self.spec.min_ready));
        }
        Value::map([("metadata", meta), ("spec", spec)])
    }
}

/// Former revisions as a list, the oldest dropped where it grows too long.
fn history(earlier: &str, was: i64) -> String {
    let mut all: Vec<String> = earlier.split(',').filter(|r| !r.is_empty()).map(Into::into).collect();
    all.push(was.to_string());
    while all.len() > 1 && all.iter().map(|r| r.len() + 1).sum::<usize>() > LONGEST_HISTORY {
        all.remove(0);
    }
    all.join(",")
}

/// The new ReplicaSet was refused.
pub fn refused(cluster: &Cluster, object: &Rc<Object>, request: &Request, status: &Status) -> Outcome {
    let mut out = Outcome::nothing();
    if status.is_of_going_namespace() {
        return out;
    }
    let message = format!("Failed to create new replica set \"{}\": {status}", request.key.name);
    out.event(Note::warning(object, BY, condition::CREATE_ERROR, message.clone()));
    let mut new = (**object).clone();
    let deployment = new.expect_mut::<Deployment>();
    if deployment.spec.progress_deadline.is_some() {
        let news = condition::new(PROGRESSING, "False", condition::CREATE_ERROR, message, cluster.stamp());
        conditions::set(&mut deployment.status.conditions, news);
        out.request(Request::put_status(BY, new));
    }
    out
}
