//! What was done lately and by whom: the picture's source of journeys. It has no part in what happens.

use crate::api::Kind;
use crate::api::object::Key;
use crate::clock::Time;
use std::collections::VecDeque;

/// How many acts are remembered.
const CAPACITY: usize = 512;

/// The latest acts, the oldest first. Each has a serial number, so that a viewer knows which it has seen.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    acts: VecDeque<Act>,
    next: u64,
}

/// Somebody did something to an object.
#[derive(Clone, Debug)]
pub struct Act {
    pub serial: u64,
    pub time: Time,
    /// A component's name: `kubectl`, `deployment-controller`, `kubelet` ...
    pub by: &'static str,
    /// `create`, `update`, `status`, `patch`, `delete`, `bind`.
    pub what: &'static str,
    pub kind: Kind,
    pub key: Key,
}

impl Trace {
    pub fn record(&mut self, time: Time, by: &'static str, what: &'static str, kind: Kind, key: Key) {
        if self.acts.len() == CAPACITY {
            self.acts.pop_front();
        }
        self.acts.push_back(Act { serial: self.next, time, by, what, kind, key });
        self.next += 1;
    }
    /// The acts from a serial number on.
    pub fn since(&self, serial: u64) -> impl Iterator<Item = &Act> {
        let skip = self.acts.partition_point(|a| a.serial < serial);
        self.acts.iter().skip(skip)
    }
    /// The serial number of the next act.
    pub fn next(&self) -> u64 {
        self.next
    }
}
