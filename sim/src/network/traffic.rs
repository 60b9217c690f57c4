//! The latest requests and their walks: what the picture shows travelling. It has no part in what happens.
//!
//! Not of Kubernetes: a real cluster remembers no requests.

use super::route::Walk;
use crate::api::object::Key;
use crate::clock::Time;
use crate::shell::NetRequest;
use std::collections::VecDeque;
use std::fmt;
use std::rc::Rc;

/// How many requests are remembered.
const CAPACITY: usize = 256;

/// A request and what became of it.
#[derive(Clone, Debug)]
pub struct Journey {
    pub serial: u64,
    pub time: Time,
    pub from: Sender,
    pub request: Rc<NetRequest>,
    pub walk: Walk,
    pub answer: Said,
}

/// What came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Said {
    /// Of an answer over HTTP.
    Status(u16),
    Ok,
    Refused,
    Unreachable,
    Reset,
    /// Nothing ever does.
    Nothing,
}

impl Said {
    /// Whether the sender got what it wanted.
    pub fn is_ok(self) -> bool {
        match self {
            Said::Status(status) => status < 400,
            other => other == Said::Ok,
        }
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Said::Status(status) => status.fmt(f),
            Said::Ok => f.write_str("ok"),
            Said::Refused => f.write_str("connection refused"),
            Said::Unreachable => f.write_str("no route to host"),
            Said::Reset => f.write_str("connection reset"),
            Said::Nothing => f.write_str("no answer"),
        }
    }
}

impl Journey {
    /// What was asked: `GET http://web/`, `TCP 10.96.0.1:443`.
    pub fn what(&self) -> String {
        match &*self.request {
            NetRequest::Http(http) => {
                let host = http.headers.first().map_or(&http.address, |(_, value)| value);
                format!("{} http://{host}{}", http.method, http.path)
            }
            NetRequest::Tcp { address, port, .. } => format!("TCP {address}:{port}"),
            NetRequest::Udp { address, port, .. } => format!("UDP {address}:{port}"),
            NetRequest::Ping { address } => format!("ping {address}"),
            NetRequest::Dns { name, .. } => name.clone(),
        }
    }
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
