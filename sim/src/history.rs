//! Time as a dimension: a journal of what the user did is the truth, checkpoints of the cluster are only a cache.

use crate::clock::{Span, Time};
use crate::cluster::Cluster;
use crate::command::{self, Command};
use crate::run;
use crate::store::Change;
use std::rc::Rc;

/// How many checkpoints are kept at most; beyond that every second one is dropped.
pub const CHECKPOINTS: usize = 64;
/// How much the checkpoints may hold together, reckoned as what changed between them: each step changes one thing, and none
/// is held twice. With a thousand actors they are as many as may be; with more they stand further apart.
const HELD: usize = 64 * 1024;
/// However large the cluster is, so many are kept.
const FEWEST: usize = 2;
/// What a checkpoint has in common with the cluster is copied when that changes: it pays once the cluster has made a step for
/// every so many of its actors.
const ACTORS_A_STEP: usize = 4;
/// The shortest time between two checkpoints at first; it doubles with each thinning.
const FIRST_INTERVAL: Span = Span(1_000);

/// A command and when it came.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Entry {
    pub time: Time,
    pub command: Command,
}

/// A run of a cluster: where it began, what the user did, where it is now.
#[derive(Clone, Debug)]
pub struct History {
    start: Rc<Cluster>,
    journal: Vec<Entry>,
    /// How many journal entries have been carried out at `live`'s instant.
    done: usize,
    live: Cluster,
    /// The latest instant that was reached in this future.
    end: Time,
    checkpoints: Vec<Checkpoint>,
    /// Steps since the last checkpoint.
    steps: usize,
    interval: Span,
    /// Checkpoints that were dropped and are not given back yet.
    waste: Vec<Cluster>,
    /// The future that was left when the user last changed the past.
    other: Option<Future>,
}

#[derive(Clone, Debug)]
struct Checkpoint {
    done: usize,
    /// Steps since the one before.
    steps: usize,
    cluster: Cluster,
}

/// A future that was left: its journal and how far it had come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Future {
    pub journal: Vec<Entry>,
    pub end: Time,
}

impl History {
    /// A run that begins with this cluster.
    pub fn new(start: Cluster) -> History {
        let live = start.clone();
        let (end, start) = (live.now, Rc::new(start));
        History {
            start,
            journal: vec![],
            done: 0,
            live,
            end,
            checkpoints: vec![],
            steps: 0,
            interval: FIRST_INTERVAL,
            waste: vec![],
            other: None,
        }
    }
    /// A run with this journal, at its beginning.
    pub fn replay(start: Cluster, journal: Vec<Entry>, end: Time) -> History {
        let mut history = History::new(start);
        history.journal = journal;
        history.end = end;
        history
    }
    /// The cluster as it was before anything was done to it.
    pub fn start(&self) -> &Cluster {
        &self.start
    }
    /// The cluster at the present instant.
    pub fn cluster(&self) -> &Cluster {
        &self.live
    }
    pub fn now(&self) -> Time {
        self.live.now
    }
    /// The latest instant that was reached.
    pub fn end(&self) -> Time {
        self.end
    }
    pub fn journal(&self) -> &[Entry] {
        &self.journal
    }
    /// The future that was left when the user last changed the past, if one was.
    pub fn other(&self) -> Option<&Future> {
        self.other.as_ref()
    }

    /// The user acts now: the command comes 1 ms ahead, or right after one that is there already. If this is the
    /// past, the old future is left, and kept as the other one.
    pub fn command(&mut self, command: Command) {
        let time = self.journal[..self.done].last().map_or(Time(0), |e| e.time).max(self.live.now) + Span(1);
        let time = self.journal[self.done..].iter().take_while(|e| e.time <= time).last().map_or(time, |e| e.time);
        let kept = self.journal.partition_point(|e| e.time <= time);
        if self.end > time || self.journal.len() > kept {
            self.other = Some(Future { journal: self.journal.clone(), end: self.end });
        }
        self.journal.truncate(kept);
        self.journal.push(Entry { time, command });
        self.drop_from(time);
        self.end = time;
    }

    /// Takes back the last thing that the user did up to now, with all that came in the same instant, and goes to the instant
    /// before it. What was is the other future. `false` if nothing was done.
    pub fn take_back(&mut self) -> bool {
        let Some(time) = self.journal[..self.done].last().map(|e| e.time) else { return false };
        let kept = self.journal.partition_point(|e| e.time < time);
        self.other = Some(Future { journal: self.journal.clone(), end: self.end });
        self.journal.truncate(kept);
        self.drop_from(time);
        self.end = time - Span(1);
        self.begin_at(self.end);
        true
    }

    /// Goes back to the future that was left, which then is the other one; `false` if there is none.
    pub fn swap(&mut self) -> bool {
        let Some(other) = self.other.take() else { return false };
        let same = self.journal.iter().zip(&other.journal).take_while(|(a, b)| a == b).count();
        let parted = |journal: &[Entry]| journal.get(same).map(|e| e.time);
        let fork =
            [parted(&self.journal), parted(&other.journal)].into_iter().flatten().min().unwrap_or(Time(u64::MAX));
        let left = std::mem::replace(&mut self.journal, other.journal);
        self.other = Some(Future { journal: left, end: self.end });
        self.drop_from(fork);
        self.end = other.end;
        if self.live.now >= fork {
            let then = self.live.now.min(self.end);
            self.begin_at(then.min(fork - Span(1)));
            self.seek(then);
        }
        true
    }

    /// Lets time pass up to `until`, but takes at most `budget` steps. Answers whether `until` was reached.
    pub fn run(&mut self, until: Time, budget: u32) -> bool {
        self.run_watched(until, budget, &mut |_, _| {})
    }

    /// [`History::run`], showing every commit on the way.
    pub fn run_watched(&mut self, until: Time, budget: u32, watch: &mut dyn FnMut(Time, &Change)) -> bool {
        for _ in 0..budget {
            if self.live.now >= until && self.journal.get(self.done).is_none_or(|e| e.time > self.live.now) {
                let due = self.live.next().is_some_and(|t| t <= until);
                if !due {
                    return true;
                }
            }
            let next = self.journal.get(self.done).map(|e| e.time).filter(|t| *t <= until);
            // A command runs first at its instant.
            let limit = next.map_or(until, |t| t - Span(1));
            if !run::step(&mut self.live, limit, watch) {
                match next {
                    Some(time) => {
                        self.live.now = time;
                        command::carry_out(&mut self.live, &self.journal[self.done].command);
                        self.done += 1;
                    }
                    None => {
                        self.end = self.end.max(self.live.now);
                        return true;
                    }
                }
            }
            self.end = self.end.max(self.live.now);
            self.keep_checkpoint();
        }
        false
    }

    /// Goes to an instant, forward or back, whatever it costs.
    pub fn seek(&mut self, time: Time) {
        self.jump(time);
        while !self.run(time, u32::MAX) {}
    }

    /// Goes to the nearest known instant at or before `time`; [`History::run`] leads on from there. For those who
    /// must not block.
    pub fn jump(&mut self, time: Time) {
        let ahead = time >= self.live.now;
        let near = self.checkpoints.iter().rev().find(|c| c.cluster.now <= time);
        if ahead && near.is_none_or(|c| c.cluster.now <= self.live.now) {
            return;
        }
        self.begin_at(time);
    }

    fn begin_at(&mut self, time: Time) {
        match self.checkpoints.iter().rev().find(|c| c.cluster.now <= time) {
            Some(c) => (self.live, self.done) = (c.cluster.clone(), c.done),
            None => (self.live, self.done) = ((*self.start).clone(), 0),
        }
    }

    /// Forgets all checkpoints: nothing changes but the speed of [`History::seek`].
    pub fn forget_checkpoints(&mut self) {
        self.checkpoints.clear();
    }

    /// Keeps a checkpoint between two instants: everyone due at the present one has acted.
    fn keep_checkpoint(&mut self) {
        self.steps += 1;
        self.sweep();
        let now = self.live.now;
        let settled =
            self.live.next().is_none_or(|t| t > now) && self.journal.get(self.done).is_none_or(|e| e.time > now);
        let last = self.checkpoints.last().map_or(self.start.now, |c| c.cluster.now);
        if !settled || now < last + self.interval || self.steps < self.live.agenda.len() / ACTORS_A_STEP {
            return;
        }
        let steps = std::mem::take(&mut self.steps);
        self.checkpoints.push(Checkpoint { done: self.done, steps, cluster: self.live.clone() });
        let held = |c: &Checkpoint| c.steps.min(c.cluster.agenda.len());
        while self.checkpoints.len() > CHECKPOINTS
            || self.checkpoints.len() > FEWEST && self.checkpoints.iter().map(held).sum::<usize>() > HELD
        {
            self.thin();
        }
    }

    /// Drops every second checkpoint, and keeps further ones only half as often.
    fn thin(&mut self) {
        let mut left = 0;
        for (n, mut checkpoint) in std::mem::take(&mut self.checkpoints).into_iter().enumerate() {
            checkpoint.steps += std::mem::take(&mut left);
            if n % 2 == 0 {
                left = checkpoint.steps;
                self.waste.push(checkpoint.cluster);
            } else {
                self.checkpoints.push(checkpoint);
            }
        }
        self.steps += left;
        self.interval = self.interval + self.interval;
    }

    /// Drops the checkpoints from an instant on.
    fn drop_from(&mut self, time: Time) {
        let kept = self.checkpoints.partition_point(|c| c.cluster.now < time);
        self.waste.extend(self.checkpoints.drain(kept..).map(|c| c.cluster));
    }

    /// Gives a piece of a dropped checkpoint back: all of a large cluster would take long.
    fn sweep(&mut self) {
        if let Some(cluster) = self.waste.last_mut()
            && cluster.machines.pop_first().is_none()
        {
            self.waste.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fingerprint;
    use crate::setup::Setup;

    #[test]
    fn a_command_in_the_past_leaves_a_future_that_can_be_had_back() {
        let mut history = History::new(Setup::default().cluster());
        let line = |text: &str| Command::Run { line: text.into() };
        history.command(line("a"));
        history.seek(Time(5_000));
        history.command(line("b"));
        history.seek(Time(9_000));
        let (journal, print) = (history.journal().to_vec(), fingerprint::of(history.cluster()));
        history.seek(Time(3_000));
        history.command(line("c"));
        history.seek(Time(9_000));
        assert_eq!(history.journal().len(), 2);
        assert!(history.swap());
        assert_eq!(history.journal(), journal);
        assert_eq!(fingerprint::of(history.cluster()), print);
        assert!(history.swap());
        assert_eq!(history.journal().len(), 2);
    }

    #[test]
    fn what_was_done_last_is_taken_back_and_can_be_had_again() {
        let mut history = History::new(Setup::default().cluster());
        assert!(!history.take_back(), "nothing was done yet");
        history.command(Command::Write { name: "a".into(), text: "x".into() });
        history.command(Command::Run { line: "a".into() });
        history.seek(Time(4_000));
        let before = fingerprint::of(history.cluster());
        history.command(Command::Write { name: "b".into(), text: "y".into() });
        history.command(Command::Run { line: "b".into() });
        let same = history.journal().iter().filter(|e| e.time == history.journal()[3].time).count();
        assert_eq!(same, 2, "a file and the line that needs it come together");
        history.seek(Time(9_000));
        let print = fingerprint::of(history.cluster());
        assert!(history.take_back());
        assert_eq!((history.journal().len(), history.end()), (2, Time(4_000)));
        history.seek(Time(4_000));
        assert_eq!(fingerprint::of(history.cluster()), before);
        assert!(history.swap());
        history.seek(Time(9_000));
        assert_eq!(fingerprint::of(history.cluster()), print);
    }
}
