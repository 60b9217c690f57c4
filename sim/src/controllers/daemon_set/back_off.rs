//! Kubernetes 1.36: staging/src/k8s.io/client-go/util/flowcontrol/backoff.go, as the DaemonSet controller uses it
//!
//! A node's kubelet may refuse a DaemonSet's Pod again and again: its failed Pods are replaced ever more seldom.

use crate::clock::{Span, Time};
use std::collections::BTreeMap;
use std::rc::Rc;

const FIRST: Span = Span::secs(1);
const LONGEST: Span = Span::minutes(15);
/// After so long without a failure it begins anew.
const FORGOTTEN: Span = Span::minutes(30);

/// The uid of a DaemonSet, the generation that its controller had last seen, and a node.
pub type Place = (Rc<str>, i64, Rc<str>);

/// When failed Pods were last replaced at each place, and how long there is to be none after that.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Pauses(BTreeMap<Place, (Time, Span)>);

impl Pauses {
    /// Takes note that a failed Pod is replaced now.
    ///
    /// # Errors
    /// It is too early: how long the pause is.
    pub fn replace(&mut self, place: Place, now: Time) -> Result<(), Span> {
        self.0.retain(|_, (last, _)| now.since(*last) <= FORGOTTEN);
        let pause = match self.0.get(&place) {
            Some((last, pause)) if now.since(*last) < *pause => return Err(*pause),
            Some((_, pause)) => (*pause + *pause).min(LONGEST),
            None => FIRST,
        };
        self.0.insert(place, (now, pause));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_quarter_of_an_hour_and_are_forgotten() {
        let (mut pauses, place) = (Pauses::default(), ("uid".into(), 1, "node-1".into()));
        let mut now = Time(0);
        for seconds in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900] {
            assert_eq!(pauses.replace(Place::clone(&place), now), Ok(()));
            let pause = Span::secs(seconds);
            now += pause;
            let early = Time(now.0 - 1);
            assert_eq!(pauses.replace(Place::clone(&place), early), Err(pause));
        }
        assert_eq!(pauses.replace(("uid".into(), 2, "node-1".into()), now), Ok(()), "another generation");
        now += FORGOTTEN;
        assert_eq!(pauses.replace(Place::clone(&place), now), Ok(()));
        assert_eq!(pauses.replace(place, now + FIRST), Ok(()));
    }
}
