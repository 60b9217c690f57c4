//! The scheduler's memory: which Pods wait, since when, for what, and what it knows of the nodes.
//!
//! Kubernetes 1.36: pkg/scheduler/backend/queue/scheduling_queue.go. A Pod in back-off is taken at once when no other
//! Pod is active, as since 1.33; the back-off is only seen when many Pods compete.

use super::node_info::Nodes;
use crate::api::Kind;
use crate::api::object::{Key, Object};
use crate::api::pod::{Pod, PodSpec};
use crate::clock::Time;
use crate::store::{Change, Store};
use std::collections::BTreeMap;
use std::rc::Rc;

/// The Pods that are not bound yet, and the nodes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Queue {
    /// By uid.
    pub waiting: BTreeMap<Rc<str>, Waiting>,
    pub nodes: Nodes,
    /// Where the search for a node goes on from, so that all nodes have their turn.
    pub next_node: usize,
}

/// A Pod that waits to be scheduled.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Waiting {
    pub key: Key,
    pub priority: i64,
    pub since: Time,
    /// How often it was looked at in vain.
    pub attempts: u32,
    /// The rules that shut it out at the last look; empty while it is active.
    pub blocked_by: Vec<&'static str>,
    /// What the rules said, node by node, at the last look.
    pub verdicts: Rc<Vec<(Rc<str>, Vec<Rc<str>>)>>,
    /// Whether it has a place in the active queue.
    pub active: bool,
    /// Whether a scheduling gate keeps it out.
    pub gated: bool,
    /// The node where room is being made for it.
    pub nominated: Rc<str>,
    /// The node that was chosen, while claims are bound there; empty otherwise.
    pub assumed: Rc<str>,
    /// What it asks for: it counts on the node where room is being made.
    pub spec: Rc<PodSpec>,
}

impl Queue {
    /// The Pod whose turn it is: the highest priority, then the one that waits longest.
    pub fn next(&self) -> Option<(&Rc<str>, &Waiting)> {
        let active = self.waiting.iter().filter(|(_, w)| w.active && !w.gated);
        active.min_by(|(a_uid, a), (b_uid, b)| {
            (b.priority, a.since, &a.key, a_uid).cmp(&(a.priority, b.since, &b.key, b_uid))
        })
    }

    /// Whether a Pod is to be looked at.
    pub fn is_busy(&self) -> bool {
        self.waiting.values().any(|w| w.active && !w.gated)
    }

    /// The other Pods, no less important than this one, for whom room is being made somewhere.
    pub fn nominated(&self, object: &Object) -> Vec<&Waiting> {
        let priority = object.expect::<Pod>().spec.priority.unwrap_or(0);
        let others = self.waiting.iter().filter(|(uid, _)| **uid != object.meta.uid).map(|(_, w)| w);
        others.filter(|w| !w.nominated.is_empty() && w.priority >= priority).collect()
    }

    /// Takes note of a change. Answers whether a Pod became active.
    pub fn notice(&mut self, store: &Store, change: &Change, now: Time) -> bool {
        self.nodes.notice(store, change);
        let woken = if change.kind == Kind::Pod { self.notice_pod(change, now) } else { false };
        self.move_on(change) || woken
    }

    fn notice_pod(&mut self, change: &Change, now: Time) -> bool {
        let uid = &change.latest().meta.uid;
        let Some(object) = change.new.as_ref().filter(|o| is_ours(o)) else {
            self.waiting.remove(uid);
            return false;
        };
        let pod = object.expect::<Pod>();
        let gated = !pod.spec.scheduling_gates.is_empty();
        let old = change.old.as_ref();
        match self.waiting.get_mut(uid) {
            Some(waiting) => {
                let opened = waiting.gated && !gated;
                waiting.gated = gated;
                waiting.nominated = pod.status.nominated_node_name.clone();
                // A change of the Pod itself may be what it waited for.
                let changed =
                    old.is_some_and(|o| o.expect::<Pod>().spec != pod.spec || o.meta.labels != object.meta.labels);
                waiting.spec = pod.spec.clone();
                waiting.active |= opened || changed;
                opened || changed
            }
            None => {
                let waiting = Waiting {
                    key: object.key(),
                    priority: pod.spec.priority.unwrap_or(0),
                    since: now,
                    attempts: 0,
                    blocked_by: Vec::new(),
                    verdicts: Rc::default(),
                    active: true,
                    gated,
                    nominated: pod.status.nominated_node_name.clone(),
                    assumed: crate::api::field::empty_text(),
                    spec: pod.spec.clone(),
                };
                self.waiting.insert(uid.clone(), waiting);
                !gated
            }
        }
    }

    /// Makes those Pods active again whom the change may help.
    fn move_on(&mut self, change: &Change) -> bool {
        let mut moved = false;
        if !may_help(change) {
            return false;
        }
        for waiting in self.waiting.values_mut().filter(|w| !w.active && !w.gated) {
            let itself = change.kind == Kind::Pod && waiting.key == change.key;
            if !itself && helps(change, waiting) {
                waiting.active = true;
                moved = true;
            }
        }
        moved
    }
}

/// Whether the default scheduler is to find this Pod a node.
pub fn is_ours(object: &Object) -> bool {
    let pod = object.expect::<Pod>();
    pod.spec.node_name.is_empty()
        && !object.meta.deleting()
        && !pod.status.finished()
        && matches!(&*pod.spec.scheduler_name, "default-scheduler" | "")
}

/// What a change means for those who wait for room: whether it frees, takes, or relabels a place.
fn moves(change: &Change) -> (bool, bool, bool) {
    let room = |o: &Option<Rc<Object>>| o.as_ref().is_some_and(|o| super::node_info::takes_room(o));
    let (had, has) = (room(&change.old), room(&change.new));
    let labels = |o: &Option<Rc<Object>>| o.as_ref().map(|o| o.meta.labels.clone());
    (had && !has, !had && has, had && has && labels(&change.old) != labels(&change.new))
}

/// Whether a change may help any Pod at all: most do not.
fn may_help(change: &Change) -> bool {
    match change.kind {
        Kind::Pod => moves(change) != (false, false, false),
        Kind::Node | Kind::PersistentVolumeClaim | Kind::PersistentVolume | Kind::StorageClass => true,
        _ => false,
    }
}

/// Whether a change may make a Pod schedulable that these rules shut out: the rules' own hints.
fn helps(change: &Change, waiting: &Waiting) -> bool {
    let blocked = |rules: &[&str]| waiting.blocked_by.iter().any(|b| rules.contains(b));
    match change.kind {
        Kind::Pod => {
            let (freed, taken, relabelled) = moves(change);
            (freed
                && blocked(&[
                    "NodeResourcesFit",
                    "NodePorts",
                    "InterPodAffinity",
                    "PodTopologySpread",
                    "VolumeRestrictions",
                ]))
                || ((taken || relabelled) && blocked(&["InterPodAffinity", "PodTopologySpread"]))
        }
        Kind::Node => {
            let (Some(old), Some(new)) = (&change.old, &change.new) else { return change.new.is_some() };
            let (a, b) = (old.expect::<crate::api::node::Node>(), new.expect::<crate::api::node::Node>());
            (old.meta.labels != new.meta.labels
                && blocked(&["NodeAffinity", "PodTopologySpread", "InterPodAffinity", "VolumeBinding"]))
                || (a.spec != b.spec && blocked(&["TaintToleration", "NodeUnschedulable", "PodTopologySpread"]))
                || (a.status.allocatable != b.status.allocatable && blocked(&["NodeResourcesFit"]))
        }
        Kind::PersistentVolumeClaim | Kind::PersistentVolume | Kind::StorageClass => {
            blocked(&["VolumeBinding", "VolumeRestrictions", "VolumeZone"])
        }
        _ => false,
    }
}
