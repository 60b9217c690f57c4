//! The last results of a probe, for whoever looks on. Results alike that come at even distances are kept as one: a probe that
//! always passes takes no more room than one that was asked once.

use crate::clock::{Span, Time};
use std::rc::Rc;

/// Of each probe so many results are kept.
pub const KEPT: usize = 20;

/// What a probe came to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Said {
    Passed,
    /// What was wrong, in the words of the event.
    Failed(Rc<str>),
    /// Why it could not be run; that counts for nothing.
    Unknown(Rc<str>),
}

/// Results alike, the first at `first`, each `every` after the one before.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Run {
    said: Said,
    first: Time,
    every: Span,
    count: u64,
}

impl Run {
    fn at(&self, n: u64) -> Time {
        self.first + Span(self.every.0 * n)
    }
}

/// The results of one probe, of all lives of its container.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Results(Vec<Run>);

impl Results {
    /// Adds a result; the oldest goes if there are too many.
    pub fn note(&mut self, said: Said, now: Time) {
        match self.0.last_mut().filter(|run| run.said == said) {
            Some(run) if run.count == 1 => (run.every, run.count) = (now.since(run.first), 2),
            Some(run) if run.at(run.count) == now => run.count += 1,
            _ => {
                // Of most probes all results are alike.
                self.0.reserve_exact(1);
                self.0.push(Run { said, first: now, every: Span::ZERO, count: 1 });
            }
        }
        if self.0.iter().map(|run| run.count).sum::<u64>() > KEPT as u64 {
            let oldest = &mut self.0[0];
            (oldest.first, oldest.count) = (oldest.at(1), oldest.count - 1);
            if oldest.count == 0 {
                self.0.remove(0);
            }
        }
    }

    /// When and what, the oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (Time, &Said)> {
        self.0.iter().flat_map(|run| (0..run.count).map(|n| (run.at(n), &run.said)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_results_are_kept_each_with_its_time() {
        let mut results = Results::default();
        let failed = || Said::Failed("connection refused".into());
        let mut all = Vec::new();
        // Even and uneven distances, alike and not.
        for n in 0..60_u64 {
            let at = Time(n * 10_000 + if n % 7 == 0 { 3 } else { 0 });
            let said = if n % 11 < 3 { failed() } else { Said::Passed };
            results.note(said.clone(), at);
            all.push((at, said));
            let kept: Vec<(Time, Said)> = results.iter().map(|(at, said)| (at, said.clone())).collect();
            assert_eq!(kept, all[all.len().saturating_sub(KEPT)..]);
        }
    }

    #[test]
    fn what_always_passes_is_kept_as_one() {
        let mut results = Results::default();
        (0..1000).for_each(|n| results.note(Said::Passed, Time(n * 10_000)));
        assert_eq!((results.0.len(), results.iter().count()), (1, KEPT));
        assert_eq!(results.iter().next_back(), Some((Time(9_990_000), &Said::Passed)));
    }
}
