//! What it costs that many Pods start at once: mounts, sandboxes and containers are made with processors that all share.
//! Measured, not modelled: in the recorded cluster, whose three machines had one host, a Pod that started alone ran
//! after 0.55 s, one of five after 1.1 s, one of fifteen after 2 to 3 s, whatever its node.

use super::{Machine, Machines};
use crate::clock::{Span, Time};
use std::rc::Rc;

/// What each further Pod that starts at the same time costs.
const SHARE: Span = Span(130);
/// So many are counted at the most.
const MOST: u64 = 15;

impl Machine {
    /// Notes that this Pod is being started and needs until `end` if nothing hinders it.
    pub fn begin_start(&mut self, uid: &Rc<str>, now: Time, end: Time) {
        self.agent.starts.retain(|_, (_, end)| *end >= now);
        self.agent.starts.insert(uid.clone(), (now, end));
    }

    /// By how much longer this Pod's start takes than it would alone. Those that came first are through first: the first
    /// waits half as long as they do on average, the last half as much again.
    pub fn delay_start(&mut self, others: &Machines, uid: &Rc<str>, now: Time) -> Span {
        let Some((began, end)) = self.agent.starts.get(uid).copied() else { return Span::ZERO };
        let (mut all, mut before) = (0, 0);
        for machine in std::iter::once(&*self).chain(others.values().map(|m| &**m)) {
            for (other, (at, _)) in machine.agent.starts.iter().filter(|(_, (_, end))| *end >= now) {
                all += u64::from(other != uid);
                before += u64::from((*at, other) < (began, uid));
            }
            if all >= MOST {
                break;
            }
        }
        let delay = Span(SHARE.0 * (all.min(MOST) + 2 * before.min(MOST)) / 2);
        self.agent.starts.insert(uid.clone(), (began, end + delay));
        delay
    }
}
