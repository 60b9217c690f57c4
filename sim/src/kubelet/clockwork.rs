//! The kubelet's inner clocks: when its loops look again, and how long the runtime takes.
//!
//! Kubernetes 1.36: pkg/kubelet/kubelet.go (syncLoop), pkg/kubelet/pleg/generic.go

use crate::clock::{Span, Time};
use crate::dice::Dice;

/// From a change in the API to the worker's first look.
pub const WATCH: Span = Span(9);
/// From power's return to the kubelet's first word, and from there to its first look at its Pods.
pub const BOOT: Span = Span(1500);
pub const BOOTED: Span = Span(900);
/// From the cable's return to the kubelet's first heartbeat, and to its first look at its Pods.
pub const MENDED: Span = Span(9000);
pub const RECONNECT: Span = Span(300);
/// From the end of a sync that did something to the next, which sees it.
pub const AFTER_ACTION: Span = Span(9);
/// Mounting the volumes of a Pod, if nothing is missing.
pub const MOUNT: Span = Span(280);
pub const SANDBOX: Span = Span(140);
pub const STOP_SANDBOX: Span = Span(90);
pub const CREATE: Span = Span(25);
pub const START: Span = Span(75);
/// From the first look at a Pod to its first container's start, if nothing hinders it.
pub const WHOLE_START: Span = Span(MOUNT.0 + SANDBOX.0 + CREATE.0 + START.0);
/// A failed attempt to start a program.
pub const FAILED_START: Span = Span(95);

/// The workers' queue is looked at once a second, at each node's own fraction of it.
pub fn next_tick(dice: Dice, node: &str, from: Time) -> Time {
    next(from, dice.below(1000, node, "sync tick"))
}

/// The runtime is listed once a second.
pub fn next_relist(dice: Dice, node: &str, after: Time) -> Time {
    next(after + Span(1), dice.below(1000, node, "relist"))
}

fn next(from: Time, phase: u64) -> Time {
    Time(from.0 + (phase + 1000 - from.0 % 1000) % 1000)
}

/// `span` and up to half of it more.
pub fn jitter(dice: Dice, span: Span, whom: &str, n: u32) -> Span {
    Span(span.0 + dice.below(span.0 / 2 + 1, whom, &format!("jitter {n}")))
}

/// The same, but never far from the mean: what is usual for a back-off.
pub fn near_jitter(dice: Dice, span: Span, whom: &str, n: u32) -> Span {
    Span(span.0 + span.0 / 8 + dice.below(span.0 / 4 + 1, whom, &format!("jitter {n}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_come_once_a_second() {
        let first = next_tick(Dice(1), "node-1", Time(500));
        assert!(first >= Time(500) && first < Time(1500));
        assert_eq!(next_tick(Dice(1), "node-1", first), first);
        assert_eq!(
            next_relist(Dice(1), "n", next_relist(Dice(1), "n", Time(7))).0 % 1000,
            next_relist(Dice(1), "n", Time(7)).0 % 1000
        );
    }
}
