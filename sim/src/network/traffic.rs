//! The latest requests and their walks: what the picture shows travelling. It has no part in what happens.
//!
//! Not of Kubernetes: a real cluster remembers no requests.

use super::route::Walk;
use crate::api::object::Key;
use crate::clock::Time;
use std::collections::VecDeque;
use std::rc::Rc;

/// How many requests are remembered.
const CAPACITY: usize = 256;

/// A request and what became of it.
#[derive(Clone, Debug)]
pub struct Journey {
    pub serial: u64,
    pub time: Time,
    pub from: Sender,
    /// What was asked: `GET http://web/`, `A web.default.svc.cluster.local`.
    pub what: Rc<str>,
    pub walk: Walk,
    /// What came back: `200`, `connection refused`, `timed out`, an address.
    pub answer: Rc<str>,
    /// Whether the sender got what it wanted.
    pub ok: bool,
}

/// Who asked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Sender {
    Pod(Key),
    /// Somebody outside the cluster.
    Outside(Rc<str>),
}

/// The latest journeys, the oldest first; serial numbers tell a viewer which it has seen.
#[derive(Clone, Debug, Default)]
pub struct Traffic {
    journeys: VecDeque<Rc<Journey>>,
    next: u64,
}

impl Traffic {
    pub fn record(&mut self, mut journey: Journey) {
        if self.journeys.len() == CAPACITY {
            self.journeys.pop_front();
        }
        journey.serial = self.next;
        self.next += 1;
        self.journeys.push_back(Rc::new(journey));
    }
    /// The journeys from a serial number on.
    pub fn since(&self, serial: u64) -> impl Iterator<Item = &Rc<Journey>> {
        let skip = self.journeys.partition_point(|j| j.serial < serial);
        self.journeys.iter().skip(skip)
    }
    /// The serial number of the next journey: how many there were.
    pub fn next(&self) -> u64 {
        self.next
    }
}
