//! How much CPU a container has used, as it was at the last times when somebody looked.
//!
//! Not of Kubernetes: the counters of Linux' control groups, and the metrics-server's memory of them. Everyone is looked
//! at at the same instants, [`PERIOD`] apart; so nobody need come round: what is charged keeps itself the sum that was
//! there at the beginning of its period.

use crate::clock::{Span, Time};

/// The metrics-server looks so often (its `--metric-resolution`).
pub const PERIOD: Span = Span::secs(15);
/// When it first looks. Its phase is nobody's choice; this is that of the recorded cluster.
const FIRST: Time = Time(4_590);
/// Of so many periods the sums are kept: the two that are compared, and the one that has just begun.
const KEPT: usize = 3;

/// The CPU time that a container has used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Meter {
    /// In all, in microseconds.
    total: u64,
    /// By period in which it used any: the sum before that. The latest last.
    before: Vec<(u64, u64)>,
    /// When all requests are answered that have come so far: microseconds since time 0.
    free: u64,
}

/// The period in which an instant lies; they are counted from 1, and 0 lies before all.
fn period(at: Time) -> u64 {
    if at < FIRST { 0 } else { at.since(FIRST).0 / PERIOD.0 + 1 }
}

/// The latest look that was at `now` or earlier.
pub fn latest_look(now: Time) -> Option<Time> {
    let number = period(now).checked_sub(1)?;
    Some(FIRST + Span(number * PERIOD.0))
}

impl Meter {
    /// Microseconds used in all.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Notes microseconds used at `now`.
    pub fn charge(&mut self, micros: u64, now: Time) {
        if micros == 0 {
            return;
        }
        let period = period(now);
        if self.before.last().is_none_or(|(last, _)| *last < period) {
            if self.before.len() == KEPT {
                self.before.remove(0);
            }
            self.before.push((period, self.total));
        }
        self.total = self.total.saturating_add(micros);
    }

    /// Notes a request that takes `micros` of CPU where `milli` thousandths of a core are to be had, one request after the
    /// other; answers when it is done.
    pub fn serve(&mut self, micros: u64, milli: u64, now: Time) -> Time {
        self.charge(micros, now);
        let begin = self.free.max(now.0 * 1000);
        self.free = begin.saturating_add(micros.saturating_mul(1000) / milli.max(1));
        Time(self.free / 1000)
    }

    /// Microseconds used before one of the latest looks.
    pub fn at_look(&self, look: Time) -> u64 {
        let period = period(look);
        self.before.iter().find(|(p, _)| *p >= period).map_or(self.total, |(_, before)| *before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_sees_what_was_used_before_it() {
        let mut meter = Meter::default();
        let look = |number: u64| FIRST + Span(number * PERIOD.0);
        meter.charge(5, Time(1));
        meter.charge(7, look(0));
        meter.charge(11, look(0) + Span(14_999));
        meter.charge(13, look(3) + Span(1));
        assert_eq!(meter.total(), 36);
        assert_eq!([0, 1, 2, 3, 4].map(|n| meter.at_look(look(n))), [5, 23, 23, 23, 36]);
    }

    #[test]
    fn requests_wait_for_each_other() {
        let mut meter = Meter::default();
        assert_eq!(meter.serve(50_000, 500, Time(10)), Time(110));
        assert_eq!(meter.serve(50_000, 500, Time(20)), Time(210));
        assert_eq!(meter.serve(100, 500, Time(1000)), Time(1000));
        assert_eq!(meter.total(), 100_100);
    }

    #[test]
    fn looks_are_a_period_apart() {
        assert_eq!(latest_look(Time(100)), None);
        assert_eq!(latest_look(FIRST), Some(FIRST));
        assert_eq!(latest_look(FIRST + Span(PERIOD.0 - 1)), Some(FIRST));
        assert_eq!(latest_look(FIRST + PERIOD), Some(FIRST + PERIOD));
    }
}
