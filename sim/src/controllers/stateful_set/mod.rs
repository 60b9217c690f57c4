//! Kubernetes 1.36: pkg/controller/statefulset/stateful_set.go, stateful_set_control.go
//!
//! StatefulSets: Pods with names and numbers, made from the lowest up and taken away from the highest down. Not
//! simulated: maxUnavailable, whose gate is off.

mod claims;
mod identity;
mod status;
mod steps;

use super::{claim, revisions};
use crate::api::Kind;
use crate::api::object::{Key, Object};
use crate::api::stateful_set::{StatefulSet, StatefulSetSpec, StatefulSetStatus};
use crate::apiserver::events::Note;
use crate::apiserver::{Request, Status, Verb};
use crate::cluster::Cluster;
use crate::outcome::Outcome;
use crate::value::Value;
use revisions::Present;
use std::rc::Rc;

const BY: &str = "statefulset-controller";
/// The label of a Pod with the name of its revision.
const REVISION: &str = "controller-revision-hash";

/// One look at a StatefulSet.
struct Look<'a> {
    cluster: &'a Cluster,
    object: &'a Object,
    spec: &'a StatefulSetSpec,
    status: &'a StatefulSetStatus,
    /// The Pod of each wanted ordinal, from the lowest.
    seats: Vec<Option<Rc<Object>>>,
    /// Pods beyond the wanted ordinals, from the highest.
    condemned: Vec<Rc<Object>>,
    current: Rc<Object>,
    update: Rc<Object>,
    out: Outcome,
}

/// Looks at a StatefulSet.
pub fn wake(cluster: &Cluster, key: &Key) -> Outcome {
    let mut out = Outcome::nothing();
    let Some(object) = cluster.store.get(Kind::StatefulSet, key) else { return out };
    let StatefulSet { spec, status } = object.expect();
    let member = |pod: &Object| identity::ordinal(object, &pod.meta.name).is_some();
    let pods = claim::claim(cluster, BY, object, &spec.selector, Kind::Pod, member, &mut out);
    adopt_revisions(cluster, object, spec, &mut out);
    if !out.deeds.is_empty() {
        return out;
    }
    let history = revisions::list(cluster, object);
    let update = match revisions::present(cluster, BY, object, &history, "controller.kubernetes.io/hash") {
        Present::Is(revision) => revision,
        Present::Changes(request) => return request.into(),
    };
    let current = history.iter().find(|r| r.meta.name == status.current_revision).unwrap_or(&update).clone();
    let mut look = Look { cluster, object, spec, status, seats: vec![], condemned: vec![], current, update, out };
    look.seat(&pods);
    look.decide(&pods);
    let live = |r: &Object| {
        let named = |p: &Rc<Object>| p.meta.labels.get(REVISION) == Some(&r.meta.name);
        r.meta.name == look.current.meta.name || r.meta.name == look.update.meta.name || pods.iter().any(named)
    };
    let limit = spec.revision_history_limit.unwrap_or(10);
    revisions::truncate(BY, &history, limit, live, &mut look.out);
    look.out
}

/// Takes in the revisions that a StatefulSet of this selector left behind.
fn adopt_revisions(cluster: &Cluster, object: &Object, spec: &StatefulSetSpec, out: &mut Outcome) {
    if !object.meta.deleting() && cluster.store.loose(Kind::ControllerRevision, &object.meta.namespace).next().is_some()
    {
        claim::claim(cluster, BY, object, &spec.selector, Kind::ControllerRevision, |_| true, out);
    }
}

impl Look<'_> {
    fn start(&self) -> i64 {
        self.spec.ordinals.as_ref().map_or(0, |o| o.start)
    }
    /// Whether Pods are made and taken away one at a time.
    fn is_ordered(&self) -> bool {
        &*self.spec.pod_management != "Parallel"
    }
    fn ordinal(&self, pod: &Object) -> i64 {
        identity::ordinal(self.object, &pod.meta.name).expect("a member has an ordinal")
    }

    fn seat(&mut self, pods: &[Rc<Object>]) {
        let start = self.start();
        self.seats = vec![None; self.spec.replicas.max(0) as usize];
        for pod in pods {
            let seat = self.ordinal(pod) - start;
            match usize::try_from(seat).ok().and_then(|i| self.seats.get_mut(i)) {
                Some(place) => *place = Some(pod.clone()),
                None => self.condemned.push(pod.clone()),
            }
        }
        let mut condemned = std::mem::take(&mut self.condemned);
        condemned.sort_by_key(|p| std::cmp::Reverse(self.ordinal(p)));
        self.condemned = condemned;
    }

    /// Writes the status, then takes the next step or steps.
    fn decide(&mut self, pods: &[Rc<Object>]) {
        let mut status = self.count(pods);
        let mut steps = std::mem::take(&mut self.out);
        if !self.object.meta.deleting() {
            self.step(&mut status, &mut steps);
        }
        self.write_status(status);
        self.look_again(pods);
        self.out.deeds.extend(steps.deeds);
    }
}

/// A Pod or claim could not be made.
pub fn refused(cluster: &Cluster, key: &Key, request: &Request, status: &Status) -> Outcome {
    let mut out = Outcome::nothing();
    let (Some(object), Verb::Create(_)) = (cluster.store.get(Kind::StatefulSet, key), &request.verb) else {
        return out;
    };
    if status.is_of_going_namespace() {
        return out;
    }
    let (set, name) = (&object.meta.name, &request.key.name);
    let taken = status.reason == "AlreadyExists";
    let message = match request.kind {
        // That somebody else's Pod has the name is said to nobody.
        Kind::Pod if taken => return out,
        Kind::Pod => format!("Create Pod {name} in StatefulSet {set} failed error: {status}"),
        Kind::PersistentVolumeClaim => {
            let pod = claims::pod_of(object, name);
            let text = format!("Create Claim {name} for Pod {pod} in StatefulSet {set} failed error: {status}");
            if !taken {
                out.event(Note::warning(object, BY, "FailedCreate", text));
            }
            format!("Create Pod {pod} in StatefulSet {set} failed error: failed to create PVC {name}: {status}")
        }
        _ => return out,
    };
    out.event(Note::warning(object, BY, "FailedCreate", message));
    out
}

/// The template of a revision.
fn template(revision: &Object) -> Value {
    revisions::template_of(revision)
}
