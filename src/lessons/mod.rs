//! Lessons beside the picture: what is open, how far it has come, where its texts are fetched from. What a lesson is and when a
//! goal is met is the business of the crate `kubarium-lesson`; how it looks is in [`panel`].

pub mod panel;
pub mod place;
pub mod progress;
pub mod prose;

use crate::editor::files::Sent;
use kubarium_lesson::index::Index;
use kubarium_lesson::play::{Play, Progress};
use kubarium_lesson::run::Run;
use kubarium_lesson::{Lesson, Part};
use kubarium_sim::clock::Time;
use kubarium_sim::command::Command;
use kubarium_sim::history::{Entry, History};
use place::Place;
use std::rc::Rc;

/// What can happen to lessons.
pub enum Act {
    /// The list is to be shown; fetched first if it is not here.
    List,
    Listed(Result<Index, String>),
    /// A lesson is to be opened at its beginning.
    Open(Rc<str>),
    Opened(Box<Fetched>),
    /// It cannot be, and why.
    Failed(String),
    /// The panel is in front of the editor, or behind it.
    Front(bool),
    Part(usize),
    /// A way to the goals of the part on view is to be shown.
    Show,
    /// Back to how it was when the part began.
    Undo,
    Tip,
    /// A file of the lesson goes to the editor.
    File(Rc<str>),
    Restart,
    Close,
}

/// A lesson and its files, as they came.
pub struct Fetched {
    pub name: Rc<str>,
    pub part: usize,
    pub lesson: Rc<Lesson>,
    pub files: Rc<Vec<(Rc<str>, Rc<str>)>>,
}

/// All that is known of lessons.
pub struct Course {
    pub place: Place,
    pub index: Option<Rc<Index>>,
    pub open: Option<Open>,
    /// Why nothing could be fetched.
    pub flaw: Option<Rc<str>>,
    /// In front of the editor.
    pub front: bool,
    pub done: progress::Done,
}

/// The lesson on view.
pub struct Open {
    pub name: Rc<str>,
    pub lesson: Rc<Lesson>,
    pub files: Rc<Vec<(Rc<str>, Rc<str>)>>,
    /// The part on view.
    pub part: usize,
    /// The parts that have begun.
    pub standing: Vec<Begun>,
    /// Steps that are being shown.
    pub run: Option<Run>,
    /// The parts before are being played, quickly.
    pub rush: Option<Play>,
    /// How many tips of the part were asked for.
    pub tips: usize,
}

/// A part that has begun.
pub struct Begun {
    /// So many entries the journal had then.
    pub entries: usize,
    pub progress: Progress,
    /// With how many commands its goals were reached; none while they are not.
    pub took: Option<usize>,
}

impl Begun {
    pub fn new(entries: usize, progress: Progress) -> Begun {
        Begun { entries, progress, took: None }
    }

    /// How many commands were given since it began: lines that were run, and faults.
    pub fn commands(&self, journal: &[Entry]) -> usize {
        let since = journal.get(self.entries..).unwrap_or_default();
        since.iter().filter(|e| matches!(e.command, Command::Run { .. } | Command::Fault { .. })).count()
    }
}

impl Course {
    pub fn new() -> Course {
        let place = Place::asked();
        let done = progress::Done::kept(&place);
        Course { place, index: None, open: None, flaw: None, front: true, done }
    }

    /// Looks at the goals of the part on view; whether any of them was reached.
    #[inline(never)]
    pub fn look(&mut self, history: &History) -> bool {
        let Some(open) = self.open.as_mut() else { return false };
        let Some(begun) = open.standing.get_mut(open.part) else { return false };
        let part = &open.lesson.parts[open.part];
        if begun.progress.look(part, history.cluster()).is_empty() {
            return false;
        }
        if begun.progress.whole() {
            begun.took = Some(begun.commands(history.journal()));
            self.done.note(&self.place, &open.name, open.part + 1, open.lesson.parts.len());
        }
        true
    }
}

impl Open {
    pub fn part(&self) -> &Part {
        &self.lesson.parts[self.part]
    }

    /// The goals of the part on view; none while the parts before are being played.
    pub fn progress(&self) -> Option<&Progress> {
        self.standing.get(self.part).map(|begun| &begun.progress)
    }

    /// When the part on view began.
    pub fn began(&self) -> Option<Time> {
        self.progress().map(|progress| progress.since)
    }

    /// With how many commands the goals of the part on view were reached, or so many have been given so far.
    pub fn commands(&self, journal: &[Entry]) -> usize {
        self.standing.get(self.part).map_or(0, |begun| begun.took.unwrap_or_else(|| begun.commands(journal)))
    }

    pub fn file(&self, name: &str) -> Option<Sent> {
        let (name, text) = self.files.iter().find(|(n, _)| **n == *name)?;
        Some(Sent { name: name.to_string(), text: text.to_string() })
    }
}
