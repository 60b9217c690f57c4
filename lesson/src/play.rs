//! A lesson played from its beginning by its own steps, without anyone to read it: what tests, teachers and links to a later
//! part do.

use crate::markdown;
use crate::reading::{Lesson, Part};
use crate::run::{Next, Run};
use kubarium_sim::clock::{Span, Time};
use kubarium_sim::cluster::Cluster;
use kubarium_sim::command::Command;
use kubarium_sim::kubectl::time;
use std::rc::Rc;

/// How often goals are looked at while time passes.
pub const GLANCE: Span = Span(100);
/// How long after its last step a part may take to reach its goals.
const LONGEST_GOAL: Span = Span(600_000);

/// Goals being reached: one that was met stays met.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Progress {
    /// When the part began.
    pub since: Time,
    pub met: Vec<bool>,
}

impl Progress {
    pub fn new(part: &Part, since: Time) -> Progress {
        Progress { since, met: vec![false; part.goals.len()] }
    }

    /// Looks at the goals that are not met yet; which of them are now.
    pub fn look(&mut self, part: &Part, cluster: &Cluster) -> Vec<usize> {
        let mut new = vec![];
        for (number, (goal, met)) in part.goals.iter().zip(&mut self.met).enumerate() {
            if !*met && goal.check.met(cluster, self.since) {
                *met = true;
                new.push(number);
            }
        }
        new
    }

    pub fn whole(&self) -> bool {
        self.met.iter().all(|met| *met)
    }
}

/// The way through a lesson up to the beginning of a part.
#[derive(Clone, Debug, PartialEq)]
pub struct Play {
    lesson: Rc<Lesson>,
    /// The part that is being played; none while things are made ready.
    part: Option<usize>,
    /// Plays up to the beginning of this one.
    until: usize,
    run: Run,
    files: Vec<Command>,
    progress: Progress,
    /// What has come to pass, in order.
    notes: Vec<(Time, Note)>,
    /// When the last step was done.
    idle_since: Option<Time>,
}

/// Something that has come to pass in a play.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// A part began.
    Part(usize),
    /// A goal of a part was met.
    Met(usize, usize),
}

/// What a play needs.
#[derive(Clone, Debug, PartialEq)]
pub enum Move {
    Order(Command),
    /// Time has to pass, so much at most before the next look.
    Pass(Span),
    /// It is at the beginning of the part that it was to reach.
    There,
    /// The goals of a part were not met in time.
    Stuck(usize),
}

impl Play {
    /// From the beginning up to part `until`; as many as there are plays the whole lesson.
    pub fn new(lesson: Rc<Lesson>, files: &[(Rc<str>, Rc<str>)], until: usize) -> Play {
        let write = |(name, text): &(Rc<str>, Rc<str>)| Command::Write { name: name.clone(), text: text.clone() };
        Play {
            run: Run::new(&lesson.before),
            until: until.min(lesson.parts.len()),
            files: files.iter().rev().map(write).collect(),
            part: None,
            progress: Progress::default(),
            notes: vec![],
            idle_since: None,
            lesson,
        }
    }

    /// What to do now.
    pub fn next(&mut self, cluster: &Cluster) -> Move {
        if let Some(file) = self.files.pop() {
            return Move::Order(file);
        }
        if let Some(part) = self.part {
            let met = self.progress.look(&self.lesson.parts[part], cluster);
            self.notes.extend(met.into_iter().map(|goal| (cluster.now, Note::Met(part, goal))));
        }
        match self.run.next(cluster) {
            Next::Order(command) => return Move::Order(command),
            Next::Wait => return Move::Pass(GLANCE),
            Next::Done => {}
        }
        let idle = *self.idle_since.get_or_insert(cluster.now);
        if !self.progress.whole() {
            let part = self.part.unwrap_or(0);
            return if cluster.now > idle + LONGEST_GOAL { Move::Stuck(part) } else { Move::Pass(GLANCE) };
        }
        let next = self.part.map_or(0, |part| part + 1);
        if next >= self.until {
            return Move::There;
        }
        let part = &self.lesson.parts[next];
        self.part = Some(next);
        self.notes.push((cluster.now, Note::Part(next)));
        self.progress = Progress::new(part, cluster.now);
        self.run = Run::new(&part.steps);
        self.idle_since = None;
        Move::Pass(Span(1))
    }

    /// The goals of the part that is being played: its number, and which are met.
    pub fn standing(&self) -> Option<(usize, &Progress)> {
        self.part.map(|part| (part, &self.progress))
    }
}

/// What a played lesson says of itself, as text: what was typed, what it printed, which goals were met and when.
pub fn transcript(lesson: &Lesson, play: &Play, cluster: &Cluster) -> String {
    let mut lines: Vec<(Time, String)> = vec![];
    for (time, note) in &play.notes {
        lines.push(match note {
            Note::Part(part) => (*time, format!("## {}", lesson.parts[*part].title)),
            Note::Met(part, goal) => {
                let words = markdown::plain(&lesson.parts[*part].goals[*goal].words);
                (*time, format!("@ {}\n[x] {words}", clock(*time)))
            }
        });
    }
    for session in cluster.sessions.values() {
        let text = format!("@ {}\n$ {}\n{}", clock(session.started), session.line, session.text());
        lines.push((session.started, text.trim_end().into()));
    }
    lines.sort_by_key(|(time, _)| *time);
    lines.iter().fold(format!("# {}\n", lesson.title), |text, (_, line)| text + "\n" + line + "\n")
}

/// Seconds, as transcripts show them.
fn clock(time: Time) -> String {
    format!("{}.{}s", time.0 / 1000, time.0 / 100 % 10)
}

/// For messages: how long goals are waited for.
pub fn patience() -> String {
    time::human(LONGEST_GOAL.0 as i64)
}
