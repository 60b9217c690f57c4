//! The scheduler's memory: which Pods wait, since when, for what, and what it knows of the nodes.
//!
//! Kubernetes 1.36: pkg/scheduler/backend/queue/scheduling_queue.go. A Pod in back-off is taken at once when no other
//! Pod is active, as since 1.33; the back-off is only seen when many Pods compete.

use super::hints::{Shut, may_help};
use super::node_info::Nodes;
use crate::api::Kind;
use crate::api::object::{Key, Object};
use crate::api::pod::{Pod, PodSpec};
use crate::clock::{Span, Time};
use crate::sorted::Sorted;
use crate::store::{Change, Store};
use std::cmp::Reverse;
use std::rc::Rc;

/// How long a Pod rests when nothing changes that might help it, and how often that is looked at.
const LONGEST_REST: Span = Span::minutes(5);
const FLUSH_MS: u64 = 30_000;

/// The Pods that are not bound yet, and the nodes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Queue {
    /// By uid.
    waiting: Sorted<Rc<str>, Waiting>,
    /// Those that are to be looked at, in their turn.
    turns: Sorted<Turn, ()>,
    /// The uids of those that wait for a change.
    resting: Sorted<Rc<str>, ()>,
    /// When those that wait are looked at again whatever happens.
    timers: Sorted<(Time, Rc<str>), ()>,
    /// The uids of those for whom room is being made.
    nominated: Sorted<Rc<str>, ()>,
    pub nodes: Nodes,
    /// Where the search for a node goes on from, so that all nodes have their turn.
    pub next_node: usize,
}

/// Whose turn it is: the highest priority, then whoever waits longest; key and uid tell the others apart.
type Turn = (Reverse<i64>, Time, Key, Rc<str>);

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
    /// When it is looked at again whatever happens.
    pub again: Option<Time>,
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
    /// The Pods that wait, by uid.
    pub fn waiting(&self) -> &Sorted<Rc<str>, Waiting> {
        &self.waiting
    }

    /// The uid and the key of the Pod whose turn it is.
    pub fn next(&self) -> Option<(Rc<str>, Key)> {
        self.turns.first().map(|((_, _, key, uid), _)| (uid.clone(), key.clone()))
    }

    /// Whether a Pod is to be looked at.
    pub fn is_busy(&self) -> bool {
        !self.turns.is_empty()
    }

    /// When the next of the Pods that wait is to be looked at although nothing has changed.
    pub fn next_timer(&self) -> Option<Time> {
        self.timers.first().map(|((time, _), _)| *time)
    }

    /// Makes those Pods active whose time to be looked at again has come.
    pub fn look_again(&mut self, now: Time) {
        while let Some(uid) = self.timers.first().filter(|((time, _), _)| *time <= now).map(|((_, uid), _)| uid.clone())
        {
            self.change(&uid, |waiting| waiting.active = true);
        }
    }

    /// The other Pods, no less important than this one, for whom room is being made somewhere, and those that have a node.
    pub fn nominated(&self, object: &Object) -> Vec<&Waiting> {
        let priority = object.expect::<Pod>().spec.priority.unwrap_or(0);
        let others = self.nominated.keys().filter(|uid| **uid != object.meta.uid).map(|uid| &self.waiting[uid]);
        others.filter(|w| w.priority >= priority || !w.assumed.is_empty()).collect()
    }

    /// The Pods of a lower priority for whom room is being made on a node.
    pub fn nominated_below(&self, priority: i64, node: &str) -> Vec<(Rc<str>, Key)> {
        let all = self.nominated.keys().map(|uid| (uid, &self.waiting[uid]));
        let here = all.filter(|(_, w)| w.priority < priority && *w.nominated == *node && w.assumed.is_empty());
        here.map(|(uid, waiting)| (uid.clone(), waiting.key.clone())).collect()
    }

    /// A Pod waits no more.
    pub fn remove(&mut self, uid: &Rc<str>) {
        if let Some(waiting) = self.waiting.remove(uid) {
            self.strike(uid, &waiting);
        }
    }

    /// Changes what is known of a Pod that waits; nothing happens if it does not.
    pub fn change(&mut self, uid: &Rc<str>, change: impl FnOnce(&mut Waiting)) {
        if let Some(mut waiting) = self.waiting.remove(uid) {
            self.strike(uid, &waiting);
            change(&mut waiting);
            self.put(uid.clone(), waiting);
        }
    }

    fn put(&mut self, uid: Rc<str>, waiting: Waiting) {
        if waiting.is_up() {
            self.turns.insert(waiting.turn(&uid), ());
        } else if !waiting.gated {
            self.resting.insert(uid.clone(), ());
            if let Some(time) = waiting.again {
                self.timers.insert((time, uid.clone()), ());
            }
        }
        if !waiting.nominated.is_empty() {
            self.nominated.insert(uid.clone(), ());
        }
        self.waiting.insert(uid, waiting);
    }

    /// Takes a Pod out of the orders that follow from what is known of it.
    fn strike(&mut self, uid: &Rc<str>, waiting: &Waiting) {
        self.turns.remove(&waiting.turn(uid));
        self.resting.remove(uid);
        waiting.again.map(|time| self.timers.remove(&(time, uid.clone())));
        self.nominated.remove(uid);
    }

    /// Takes note of a change. Answers whether a Pod became active.
    pub fn notice(&mut self, store: &Store, change: &Change, now: Time) -> bool {
        self.nodes.notice(change);
        let woken = if change.kind == Kind::Pod { self.notice_pod(store, change, now) } else { false };
        self.move_on(store, change) || woken
    }

    fn notice_pod(&mut self, store: &Store, change: &Change, now: Time) -> bool {
        let uid = &change.latest().meta.uid;
        let Some(object) = change.new.as_ref().filter(|o| is_ours(o)) else {
            self.remove(&uid.clone());
            return false;
        };
        let pod = object.expect::<Pod>();
        let gated = !pod.spec.scheduling_gates.is_empty();
        let old = change.old.as_ref();
        if !self.waiting.contains_key(uid) {
            self.put(uid.clone(), Waiting::new(object, pod, now));
            return !gated;
        }
        let mut awake = false;
        self.change(uid, |waiting| {
            let opened = waiting.gated && !gated;
            waiting.gated = gated;
            waiting.nominated = pod.status.nominated_node_name.clone();
            // A change of the Pod itself may be what it waited for.
            let shut = Shut { pod: object, by: &waiting.blocked_by, store };
            let rests = !waiting.active && waiting.assumed.is_empty();
            let changed = rests && old.is_some_and(|old| shut.is_helped_by_itself(old));
            waiting.spec = pod.spec.clone();
            awake = opened || changed;
            waiting.active |= awake;
        });
        awake
    }

    /// Makes those Pods active again whom the change may help.
    fn move_on(&mut self, store: &Store, change: &Change) -> bool {
        if self.resting.is_empty() || !may_help(change) {
            return false;
        }
        let helped = |uid: &&Rc<str>| {
            let waiting = &self.waiting[*uid];
            let itself = change.kind == Kind::Pod && waiting.key == change.key;
            let rests = !itself && waiting.assumed.is_empty();
            let pod = store.get(Kind::Pod, &waiting.key).filter(|_| rests);
            pod.is_some_and(|pod| Shut { pod, by: &waiting.blocked_by, store }.is_helped_by(change))
        };
        let moved: Vec<Rc<str>> = self.resting.keys().filter(helped).cloned().collect();
        moved.iter().for_each(|uid| self.change(uid, |waiting| waiting.active = true));
        !moved.is_empty()
    }
}

impl Waiting {
    fn new(object: &Object, pod: &Pod, now: Time) -> Waiting {
        Waiting {
            key: object.key(),
            priority: pod.spec.priority.unwrap_or(0),
            since: now,
            attempts: 0,
            blocked_by: Vec::new(),
            verdicts: Rc::default(),
            active: true,
            again: None,
            gated: !pod.spec.scheduling_gates.is_empty(),
            nominated: pod.status.nominated_node_name.clone(),
            assumed: crate::api::field::empty_text(),
            spec: pod.spec.clone(),
        }
    }
    /// Whether it has its turn when all before it have had theirs.
    fn is_up(&self) -> bool {
        self.active && !self.gated
    }
    fn turn(&self, uid: &Rc<str>) -> Turn {
        (Reverse(self.priority), self.since, self.key.clone(), uid.clone())
    }
}

#[cfg(test)]
impl Queue {
    /// The same, with its orders made from nothing.
    pub fn ordered_anew(&self) -> Queue {
        let mut new = Queue { nodes: self.nodes.clone(), next_node: self.next_node, ..Default::default() };
        self.waiting.iter().for_each(|(uid, waiting)| new.put(uid.clone(), waiting.clone()));
        new
    }
}

/// When a Pod that was looked at in vain is looked at again whatever happens.
pub fn flushed_at(now: Time) -> Time {
    Time(((now + LONGEST_REST).0 / FLUSH_MS + 1) * FLUSH_MS)
}

/// Whether the default scheduler is to find this Pod a node.
pub fn is_ours(object: &Object) -> bool {
    let pod = object.expect::<Pod>();
    pod.spec.node_name.is_empty()
        && !object.meta.deleting()
        && !pod.status.finished()
        && matches!(&*pod.spec.scheduler_name, "default-scheduler" | "")
}
