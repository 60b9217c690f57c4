//! What has been seen to happen, for the timeline and for the history of an object. Everything here can be had again by
//! living the same time again; nothing here decides anything.

use crate::how::{self, How};
use kubarium_sim::api::event::Event;
use kubarium_sim::api::{Key, Kind};
use kubarium_sim::clock::Time;
use kubarium_sim::store::Change;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The width of a bucket of changes at first; it doubles when there are too many.
const FIRST_BUCKET_MS: u64 = 250;
const MOST_BUCKETS: usize = 4096;
/// The most entries that are remembered of all lives, and the most warnings.
const MOST_TURNS: usize = 50_000;
const MOST_WARNINGS: usize = 5_000;

/// The annotation in which a Deployment counts its revisions on its ReplicaSets.
const REVISION: &str = "deployment.kubernetes.io/revision";

/// A turn in an object's life: from here on it was so.
#[derive(Clone, Debug, PartialEq)]
pub struct Turn {
    pub time: Time,
    pub kind: Kind,
    pub key: Key,
    /// None when it is gone.
    pub how: Option<How>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Warning {
    pub time: Time,
    pub reason: Rc<str>,
    pub about: Rc<str>,
}

/// From here on a Deployment rolled out this revision.
#[derive(Clone, Debug, PartialEq)]
pub struct Rollout {
    pub time: Time,
    pub deployment: Key,
    pub revision: u64,
    /// Order of first appearance within its Deployment, from 0.
    pub hue: usize,
}

#[derive(Clone, Debug, Default)]
pub struct Chronicle {
    bucket_ms: u64,
    buckets: Vec<u32>,
    turns: Vec<Turn>,
    warnings: Vec<Warning>,
    rollouts: Vec<Rollout>,
    /// ReplicaSets of a Deployment by first appearance.
    hues: BTreeMap<Key, Vec<Rc<str>>>,
    /// How each object was last seen to be.
    last: BTreeMap<(Kind, Key), How>,
    /// Up to here all has been written down; living it again adds nothing.
    until: Time,
}

impl Chronicle {
    /// Writes down a commit, unless this time has been lived before.
    pub fn note(&mut self, time: Time, change: &Change) {
        if time <= self.until {
            return;
        }
        self.count(time);
        match change.kind {
            Kind::Event => self.note_event(time, change),
            Kind::Lease | Kind::EndpointSlice => {}
            _ => {
                self.note_turn(time, change);
                if change.kind == Kind::ReplicaSet {
                    self.note_rollout(time, change);
                }
            }
        }
    }

    /// All up to `time` has been told.
    pub fn reached(&mut self, time: Time) {
        self.until = self.until.max(time);
    }

    /// What comes after `time` has not happened: another future begins there.
    pub fn forget_after(&mut self, time: Time) {
        if time >= self.until {
            return;
        }
        self.until = time;
        self.turns.retain(|t| t.time <= time);
        self.warnings.retain(|w| w.time <= time);
        self.rollouts.retain(|r| r.time <= time);
        if let Some(last) = time.0.checked_div(self.bucket_ms) {
            self.buckets.truncate(last as usize + 1);
        }
        self.last.clear();
        for turn in &self.turns {
            match &turn.how {
                Some(how) => _ = self.last.insert((turn.kind, turn.key.clone()), how.clone()),
                None => _ = self.last.remove(&(turn.kind, turn.key.clone())),
            }
        }
    }

    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    pub fn rollouts(&self) -> &[Rollout] {
        &self.rollouts
    }

    /// The turns in the life of one object, up to `now`.
    pub fn life(&self, kind: Kind, key: &Key, now: Time) -> Vec<Turn> {
        self.turns.iter().filter(|t| t.time <= now && t.kind == kind && t.key == *key).cloned().collect()
    }

    /// When an object was first seen, from an instant on.
    pub fn first_turn(&self, kind: Kind, key: &Key, from: Time) -> Option<Time> {
        let start = self.turns.partition_point(|t| t.time < from);
        self.turns[start..].iter().find(|t| t.kind == kind && t.key == *key).map(|t| t.time)
    }

    /// The turns after `since` and up to `now`, for those who want to be told.
    pub fn turns_between(&self, since: Time, now: Time) -> &[Turn] {
        let from = self.turns.partition_point(|t| t.time <= since);
        let to = self.turns.partition_point(|t| t.time <= now);
        &self.turns[from.min(to)..to]
    }

    /// How many changes there were in each of `columns` equal parts of the time from 0 to `span_ms`.
    pub fn density(&self, span_ms: u64, columns: usize) -> Vec<u32> {
        let mut out = vec![0; columns];
        if span_ms == 0 || self.bucket_ms == 0 || columns == 0 {
            return out;
        }
        for (i, n) in self.buckets.iter().enumerate() {
            let middle = i as u64 * self.bucket_ms + self.bucket_ms / 2;
            let column = (middle * columns as u64 / span_ms) as usize;
            if let Some(slot) = out.get_mut(column) {
                *slot += n;
            }
        }
        out
    }

    fn count(&mut self, time: Time) {
        self.bucket_ms = self.bucket_ms.max(FIRST_BUCKET_MS);
        while (time.0 / self.bucket_ms) as usize >= MOST_BUCKETS {
            self.buckets = self.buckets.chunks(2).map(|pair| pair.iter().sum()).collect();
            self.bucket_ms *= 2;
        }
        let bucket = (time.0 / self.bucket_ms) as usize;
        if self.buckets.len() <= bucket {
            self.buckets.resize(bucket + 1, 0);
        }
        self.buckets[bucket] += 1;
    }

    fn note_event(&mut self, time: Time, change: &Change) {
        let Some(event) = change.new.as_ref().and_then(|o| o.get::<Event>()) else { return };
        if &*event.kind == "Warning" && self.warnings.len() < MOST_WARNINGS {
            self.warnings.push(Warning { time, reason: event.reason.clone(), about: event.about.name.clone() });
        }
    }

    fn note_turn(&mut self, time: Time, change: &Change) {
        let how = change.new.as_ref().map(|o| how::of(o));
        let place = (change.kind, change.key.clone());
        if self.last.get(&place) == how.as_ref() || self.turns.len() >= MOST_TURNS {
            return;
        }
        match &how {
            Some(h) => _ = self.last.insert(place, h.clone()),
            None => _ = self.last.remove(&place),
        }
        self.turns.push(Turn { time, kind: change.kind, key: change.key.clone(), how });
    }

    fn note_rollout(&mut self, time: Time, change: &Change) {
        let Some(set) = &change.new else { return };
        let Some(owner) = set.meta.controller().filter(|c| &*c.kind == "Deployment") else { return };
        let Some(revision) = set.meta.annotations.get(REVISION).and_then(|r| r.parse().ok()) else { return };
        let deployment = Key { namespace: set.meta.namespace.clone(), name: owner.name.clone() };
        let newest = self.rollouts.iter().rev().find(|r| r.deployment == deployment).map_or(0, |r| r.revision);
        let hues = self.hues.entry(deployment.clone()).or_default();
        let hue = hues.iter().position(|n| *n == set.meta.name).unwrap_or_else(|| {
            hues.push(set.meta.name.clone());
            hues.len() - 1
        });
        if revision > newest {
            self.rollouts.push(Rollout { time, deployment, revision, hue });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_grow_coarser_and_keep_their_sum() {
        let mut chronicle = Chronicle::default();
        for second in 1..=4000_u64 {
            chronicle.count(Time(second * 1000));
        }
        assert!(chronicle.buckets.len() <= MOST_BUCKETS);
        assert_eq!(chronicle.density(4_100_000, 100).iter().sum::<u32>(), 4000);
        chronicle.until = Time(4_000_000);
        chronicle.forget_after(Time(1_000_000));
        assert!(chronicle.density(4_100_000, 100).iter().sum::<u32>() <= 1001);
    }
}
