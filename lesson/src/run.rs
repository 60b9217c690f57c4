//! Steps being carried out, one after another: a line is typed when the one before it has ended. A scene's start is that of the
//! cluster.

use crate::step::Step;
use kubarium_sim::clock::{Span, Time};
use kubarium_sim::cluster::Cluster;
use kubarium_sim::command::Command;
use std::collections::VecDeque;
use std::rc::Rc;

/// A line that has not ended after this is not waited for any longer: it may be one that follows something.
const LONGEST_LINE: Span = Span(600_000);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Run {
    left: VecDeque<Step>,
    /// Nothing is done before that.
    not_before: Time,
    /// The line that was typed last, and when.
    typed: Option<(Rc<str>, Time)>,
}

/// What comes next.
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    Order(Command),
    /// Time has to pass.
    Wait,
    Done,
}

impl Run {
    pub fn new(steps: &[Step]) -> Run {
        Run { left: steps.iter().cloned().collect(), ..Run::default() }
    }

    /// What to do now. An order counts as given.
    pub fn next(&mut self, cluster: &Cluster) -> Next {
        if cluster.now < self.not_before || self.runs(cluster) {
            return Next::Wait;
        }
        self.typed = None;
        while let Some(step) = self.left.pop_front() {
            if let Step::Type(line) = &step {
                self.typed = Some((line.clone(), cluster.now));
            }
            if let Some(command) = step.command() {
                // It is carried out a moment later: what comes next must see it.
                self.not_before = cluster.now + Span(2);
                return Next::Order(command);
            }
            match step {
                Step::Wait(span) => self.not_before = cluster.now + span,
                Step::Until(span) => self.not_before = Time(0) + span,
                Step::Type(_) | Step::Befall { .. } => {}
            }
            if cluster.now < self.not_before {
                return Next::Wait;
            }
        }
        Next::Done
    }

    /// Whether the line that was typed last runs still.
    fn runs(&self, cluster: &Cluster) -> bool {
        let Some((line, since)) = &self.typed else { return false };
        let session = cluster.sessions.values().rev().find(|s| s.line == *line && s.started >= *since);
        session.is_none_or(|session| session.ended.is_none()) && cluster.now < *since + LONGEST_LINE
    }
}
