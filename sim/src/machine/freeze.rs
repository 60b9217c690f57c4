//! Processes that stand still, as under SIGSTOP, and go on.
//!
//! The kernel takes connections for them, but nothing answers; of signals only SIGKILL is noticed, the others are when they go on.

use super::process::{Process, World};
use super::sandbox::Sandbox;
use crate::clock::Time;
use crate::shell::{HttpAnswer, Signal};

/// What a port of a Pod says to a request over HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Nothing listens there.
    Refused,
    /// The request is taken, and that is all.
    Silent,
    /// The answer, and when it sets out.
    Answer(HttpAnswer, Time),
}

impl Process {
    pub fn is_frozen(&self) -> bool {
        self.frozen.is_some()
    }
    fn freeze(&mut self) {
        self.frozen.get_or_insert_default();
    }
    fn thaw(&mut self, world: &mut World, now: Time) {
        let Some(missed) = self.frozen.take() else { return };
        // What was due meanwhile is done now.
        self.next = self.next.map(|at| at.max(now));
        missed.into_iter().for_each(|signal| self.signal(signal, world, now));
    }
    /// Whether a signal goes unnoticed for now; what kills also wakes.
    pub(super) fn misses(&mut self, signal: Signal) -> bool {
        if signal == Signal::KILL {
            self.frozen = None;
        } else if let Some(missed) = &mut self.frozen {
            missed.push(signal.0);
        }
        self.is_frozen()
    }
}

impl Sandbox {
    /// Kills a container's processes. Its kubelet finds them ended.
    pub fn strike(&mut self, name: &str, now: Time) {
        self.while_running(name, |process, world| process.signal(Signal::KILL.0, world, now));
    }
    /// Lets a container's processes stand still.
    pub fn freeze(&mut self, name: &str) {
        self.while_running(name, |process, _| process.freeze());
    }
    /// Lets them go on.
    pub fn thaw(&mut self, name: &str, now: Time) {
        self.while_running(name, |process, world| process.thaw(world, now));
    }
    fn while_running(&mut self, name: &str, act: impl FnOnce(&mut Process, &mut World)) {
        self.with_newest(name, |c, world| {
            if c.is_running() {
                act(&mut c.process, world);
            }
        });
    }
}
