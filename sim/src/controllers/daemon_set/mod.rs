//! Kubernetes 1.36: pkg/controller/daemon/daemon_controller.go
//!
//! DaemonSets: one Pod on each node that takes it.

pub mod back_off;
mod node;
mod pod;
mod rolling;
mod status;

use super::memory::Memory;
use super::{claim, pods, revisions};
use crate::api::Kind;
use crate::api::daemon_set::{DaemonSet, DaemonSetSpec, DaemonSetStatus};
use crate::api::object::{Key, Object};
use crate::apiserver::events::Note;
use crate::apiserver::{Request, Status, Verb};
use crate::cluster::Cluster;
use crate::outcome::{Making, Outcome};
use back_off::Pauses;
use revisions::Present;
use std::collections::BTreeMap;
use std::rc::Rc;

const BY: &str = "daemonset-controller";
/// The label of Pods and revisions with the hash of the template.
const HASH: &str = "controller-revision-hash";
/// At most so many Pods are made or deleted in one pass.
const BURST: usize = 250;

/// One look at a DaemonSet.
struct Look<'a> {
    cluster: &'a Cluster,
    object: &'a Object,
    spec: &'a DaemonSetSpec,
    status: &'a DaemonSetStatus,
    /// Its Pods by the node that each runs on or is meant for, the oldest first.
    by_node: BTreeMap<Rc<str>, Vec<Rc<Object>>>,
    hash: Rc<str>,
    /// How often failed Pods were replaced.
    pauses: &'a mut Pauses,
    out: Outcome,
}

/// Looks at a DaemonSet.
pub fn wake(cluster: &Cluster, memory: &mut Memory, key: &Key) -> Outcome {
    let mut out = Outcome::nothing();
    let Some(object) = cluster.store.get(Kind::DaemonSet, key) else { return out };
    let DaemonSet { spec, status } = object.expect();
    if spec.selector.is_empty() {
        let message = "This daemon set is selecting all pods. A non-empty selector is required.";
        out.event(Note::warning(object, BY, "SelectingAll", message));
        return out;
    }
    if object.meta.deleting() {
        return out;
    }
    let mine = claim::claim(cluster, BY, object, &spec.selector, Kind::Pod, |_| true, &mut out);
    if cluster.store.loose(Kind::ControllerRevision, &key.namespace).next().is_some() {
        claim::claim(cluster, BY, object, &spec.selector, Kind::ControllerRevision, |_| true, &mut out);
    }
    if !out.deeds.is_empty() {
        return out;
    }
    let history = revisions::list(cluster, object);
    let revision = match revisions::present(cluster, BY, object, &history, HASH) {
        Present::Is(revision) => revision,
        Present::Changes(request) => return request.into(),
    };
    let hash = revision.meta.labels.get(HASH).cloned().unwrap_or_else(crate::api::field::empty_text);
    let by_node = pod::by_node(mine);
    let mut look = Look { cluster, object, spec, status, by_node, hash, pauses: &mut memory.daemons, out };
    let wanted = look.manage();
    if !look.carry_out(wanted) && &*spec.update.kind == "RollingUpdate" {
        let wanted = look.roll();
        look.carry_out(wanted);
    }
    look.truncate(&history);
    look.write_status();
    look.out
}

/// Whether a node that is new, or has other labels or taints, is a reason to look at a DaemonSet: a Pod is to come or to
/// go, or may be in its right place again. That a Pod could not come there any more is noticed later, with something else.
///
/// Kubernetes 1.36: pkg/controller/daemon/daemon_controller.go (syncNodeUpdate)
pub fn concerns(cluster: &Cluster, set: &Object, node: &Object) -> bool {
    let daemon_set = set.expect::<DaemonSet>();
    let spec = pod::spec_with_tolerations(&daemon_set.spec);
    let (run, stay) = node::should_run(&spec, node);
    match cluster.store.pods_on(&node.meta.name).any(|pod| pod.is_controlled_by(set)) {
        true => !stay || daemon_set.status.misscheduled > 0,
        false => run,
    }
}

/// What is to be done: Pods to delete, and nodes that need one.
#[derive(Default)]
struct Wanted {
    delete: Vec<Rc<Object>>,
    create: Vec<Rc<str>>,
}

impl Look<'_> {
    /// One Pod where there should be one, none where there should be none.
    fn manage(&mut self) -> Wanted {
        let mut wanted = Wanted::default();
        let (cluster, spec) = (self.cluster, pod::spec_with_tolerations(self.spec));
        for node in cluster.store.list(Kind::Node) {
            let (run, stay) = node::should_run(&spec, node);
            match (run, stay, self.by_node.get(&node.meta.name).cloned()) {
                (true, _, None) => wanted.create.push(node.meta.name.clone()),
                (_, true, Some(here)) => self.prune(node, run, here, &mut wanted),
                (_, false, Some(here)) => wanted.delete.extend(here.into_iter().filter(|p| !p.meta.deleting())),
                _ => {}
            }
        }
        // A Pod that still waits for a node that is no more.
        let lost = self.by_node.iter().filter(|(node, _)| cluster.store.find(Kind::Node, "", node).is_none());
        let waiting =
            |p: &&Rc<Object>| p.expect::<crate::api::pod::Pod>().spec.node_name.is_empty() && !p.meta.deleting();
        wanted.delete.extend(lost.flat_map(|(_, pods)| pods.iter().filter(waiting).cloned()));
        wanted
    }

    /// Of the Pods of a node that should have one: those that have ended go, and those that are too many.
    fn prune(&mut self, node: &Object, run: bool, here: Vec<Rc<Object>>, wanted: &mut Wanted) {
        let mut running = Vec::new();
        for pod in here.into_iter().filter(|p| !p.meta.deleting()) {
            let phase = &*pod.expect::<crate::api::pod::Pod>().status.phase;
            let (pod_key, node) = (pod.key(), &node.meta.name);
            match phase {
                "Failed" => {
                    let place = (self.object.meta.uid.clone(), self.status.observed_generation, node.clone());
                    if let Err(pause) = self.pauses.replace(place, self.cluster.now) {
                        self.out.again_at(self.cluster.now + pause);
                        continue;
                    }
                    let message = format!("Found failed daemon pod {pod_key} on node {node}, will try to kill it");
                    self.out.event(Note::warning(self.object, BY, "FailedDaemonPod", message));
                    wanted.delete.push(pod);
                }
                "Succeeded" => {
                    let message = format!("Found succeeded daemon pod {pod_key} on node {node}, will try to delete it");
                    self.out.event(Note::normal(self.object, BY, "SucceededDaemonPod", message));
                    wanted.delete.push(pod);
                }
                _ => running.push(pod),
            }
        }
        let surges = self.max_surge(1) > 0;
        if running.len() <= 1 {
            // One that leaves is not waited for.
            if running.is_empty() && surges && run {
                wanted.create.push(node.meta.name.clone());
            }
            return;
        }
        if !surges {
            wanted.delete.extend(running.into_iter().skip(1));
            return;
        }
        self.prune_surge(running, wanted);
    }

    /// With surge an old and a new Pod may stand side by side until the new one is available or the old one is not ready.
    fn prune_surge(&self, running: Vec<Rc<Object>>, wanted: &mut Wanted) {
        let (mut new, mut old) = (None, None);
        for pod in running {
            let place = if self.is_updated(&pod) { &mut new } else { &mut old };
            match place {
                None => *place = Some(pod),
                Some(_) => wanted.delete.push(pod),
            }
        }
        if let (Some(new), Some(old)) = (new, old)
            && (!pods::is_ready(&old) || self.is_available(&new))
        {
            wanted.delete.push(old);
        }
    }

    /// Asks for what is wanted; answers whether that was something.
    fn carry_out(&mut self, wanted: Wanted) -> bool {
        let some = !wanted.delete.is_empty() || !wanted.create.is_empty();
        let made: Vec<_> =
            wanted.create.iter().take(BURST).map(|node| pod::new(self.object, node, &self.hash)).collect();
        let mut made = made.into_iter().peekable();
        let mut size = 1;
        while made.peek().is_some() {
            let batch = made.by_ref().take(size).map(|value| Making {
                request: Request::create(BY, Kind::Pod, value),
                note: Some(Note::normal(self.object, BY, "SuccessfulCreate", "Created pod: ")),
            });
            self.out.batch(batch.collect());
            size *= 2;
        }
        for pod in wanted.delete.into_iter().take(BURST) {
            self.out.request(pods::delete(BY, &pod));
            let message = format!("Deleted pod: {}", pod.meta.name);
            self.out.event(Note::normal(self.object, BY, "SuccessfulDelete", message));
        }
        some
    }

    fn is_updated(&self, pod: &Object) -> bool {
        pod.meta.labels.get(HASH) == Some(&self.hash)
    }
    fn is_available(&self, pod: &Object) -> bool {
        pods::availability(self.cluster, pod, self.spec.min_ready).is_ok()
    }

    fn truncate(&mut self, history: &[Rc<Object>]) {
        let hashes: Vec<_> = self.by_node.values().flatten().filter_map(|p| p.meta.labels.get(HASH).cloned()).collect();
        let present = self.hash.clone();
        let live = |r: &Object| r.meta.labels.get(HASH).is_some_and(|h| *h == present || hashes.contains(h));
        // Old ones that Pods still have count too.
        let used = history.iter().filter(|r| live(r)).count() as i64 - 1;
        let limit = self.spec.revision_history_limit.unwrap_or(10) - used.max(0);
        revisions::truncate(BY, history, limit, live, &mut self.out);
    }
}

/// A Pod could not be made.
pub fn refused(cluster: &Cluster, key: &Key, request: &Request, status: &Status) -> Outcome {
    let mut out = Outcome::nothing();
    let Some(object) = cluster.store.get(Kind::DaemonSet, key) else { return out };
    let terminating = status.is_of_going_namespace();
    if request.kind == Kind::Pod && matches!(request.verb, Verb::Create(_)) && !terminating {
        out.event(Note::warning(object, BY, "FailedCreate", format!("Error creating: {status}")));
    }
    out
}
