//! What it costs that many Pods start at once: mounts, sandboxes and containers are made with processors that all share.
//! Measured, not modelled: in the recorded cluster, whose three machines had one host, a Pod that started alone ran
//! after 0.55 s, one of five after 1.1 s, one of fifteen after 2 to 3 s, whatever its node.

use super::{Machine, Machines};
use crate::clock::{Span, Time};
use std::rc::Rc;

/// What each further Pod that starts at the same time costs.
const SHARE: Span = Span(130);
/// What begins within this time begins together.
const TOGETHER: Span = Span::millis(100);
/// So many are counted at the most.
const MOST: u64 = 15;

impl Machine {
    /// Notes that this Pod is being started and needs until `end` if nothing hinders it.
    pub fn begin_start(&mut self, uid: &Rc<str>, now: Time, end: Time) {
        self.agent.starts.retain(|_, (_, end)| *end >= now);
        self.agent.starts.insert(uid.clone(), (now, end));
    }

    /// By how much longer this Pod's start takes than it would alone. Of those that begin together the first waits half as
    /// long as they do on average, the last half as much again; one that began before is half done.
    pub fn delay_start(&self, others: &Machines, uid: &Rc<str>, now: Time) -> Span {
        let Some((began, _)) = self.agent.starts.get(uid).copied() else { return Span::ZERO };
        // In halves of a share.
        let (mut halves, mut count) = (0, 0);
        for machine in std::iter::once(self).chain(others.values().map(|m| &**m)) {
            for (other, (at, _)) in machine.agent.starts.iter().filter(|(other, (_, end))| *end >= now && *other != uid)
            {
                count += 1;
                let together = at.since(began).max(began.since(*at)) < TOGETHER;
                halves += match (together, (*at, other) < (began, uid)) {
                    (true, true) => 3,
                    _ => 1,
                };
            }
            if count >= MOST {
                break;
            }
        }
        Span(SHARE.0 * halves / 2)
    }
}
