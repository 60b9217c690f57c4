//! Lessons on the page: a lesson's cluster is a guest (`guest`), its steps are carried out from frame to frame, its goals are
//! looked at as time goes.
//!
//! What is called from places that the first picture needs is never inlined there: it comes with the rest of the program.

use super::{App, Guest, Msg, Panel};
use crate::browser;
use crate::desk;
use crate::editor::files::{Offer, Sent};
use crate::journal;
use crate::lessons::place::{self, Place};
use crate::lessons::{Act, Begun, Course, Fetched, Open};
use crate::player::Player;
use kubarium_lesson::play::{Move, Play, Progress};
use kubarium_lesson::run::{Next, Run};
use kubarium_sim::clock::Time;
use kubarium_sim::command::Command;
use kubarium_sim::history::Entry;
use kubarium_sim::setup::Setup;
use std::rc::Rc;
use yew::prelude::*;

/// Under which name it is kept, for as long as the tab, which part is on view and where it began.
const KEPT: &str = "part";

impl App {
    #[inline(never)]
    pub(super) fn lesson(&mut self, ctx: &Context<Self>, act: Act) {
        match act {
            Act::List => self.list_lessons(ctx),
            Act::Listed(Ok(index)) => self.course().index = Some(Rc::new(index)),
            Act::Listed(Err(what)) | Act::Failed(what) => self.lesson_failed(what),
            Act::Open(name) => self.fetch_lesson(ctx, name, 0),
            Act::Opened(fetched) => self.open_lesson(*fetched),
            Act::Front(front) => self.course().front = front,
            Act::Part(part) => self.turn_to(ctx, part),
            Act::Show => self.show_steps(),
            Act::Undo => self.undo_part(),
            Act::Tip => {
                if let Some(open) = &mut self.course().open {
                    open.tips += 1;
                }
            }
            Act::File(name) => {
                if let Some(file) = self.course().open.as_ref().and_then(|open| open.file(&name)) {
                    self.offered = Rc::new(Offer { files: vec![file], anew: false });
                    self.course().front = false;
                    if self.panel != Panel::Picture {
                        self.set_panel(Panel::Yaml);
                    }
                }
            }
            Act::Restart => self.restart_lesson(),
            Act::Close => self.close_lessons(ctx),
        }
        self.paint += 1;
        self.dirty = true;
    }

    fn course(&mut self) -> &mut Course {
        self.course.get_or_insert_with(|| Box::new(Course::new()))
    }

    fn list_lessons(&mut self, ctx: &Context<Self>) {
        if self.course.as_ref().is_some_and(|course| course.open.is_some()) {
            browser::set_fragment(None);
            self.leave();
        }
        let course = self.course();
        course.front = true;
        course.flaw = None;
        let (place, lang) = (course.place.clone(), self.text.0);
        self.lesson_panel();
        let on = ctx.link().callback(Msg::Lesson);
        wasm_bindgen_futures::spawn_local(async move { on.emit(Act::Listed(place.index(lang).await)) });
    }

    /// Fetches a lesson by its name, in the reader's language; the list says where it is.
    fn fetch_lesson(&mut self, ctx: &Context<Self>, name: Rc<str>, part: usize) {
        let lang = self.text.0;
        let place = self.course().place.clone();
        let on = ctx.link().callback(Msg::Lesson);
        wasm_bindgen_futures::spawn_local(async move {
            on.emit(match fetched(&place, lang, name, part, &on).await {
                Ok(fetched) => Act::Opened(Box::new(fetched)),
                Err(what) => Act::Failed(what),
            });
        });
    }

    fn lesson_failed(&mut self, what: String) {
        let course = self.course();
        course.flaw = Some(what.into());
        // The address leads nowhere. Somebody else's cluster stays.
        if course.open.is_none() && place::is_lesson(&browser::fragment()) {
            browser::set_fragment(None);
            self.leave();
        }
    }

    fn open_lesson(&mut self, fetched: Fetched) {
        let Fetched { name, part, lesson, files } = fetched;
        let part = part.min(lesson.parts.len() - 1);
        self.course().flaw = None;
        // The same in another language goes on where it is.
        let same =
            |open: &&mut Open| open.name == name && open.part == part && open.lesson.parts.len() == lesson.parts.len();
        if let Some(open) = self.course().open.as_mut().filter(same) {
            open.lesson = lesson;
            return;
        }
        desk::welcome(&format!("lesson {} {name}", self.course().place.folder));
        let again = kept_part().filter(|(kept, ..)| *kept == part).zip(journal::kept());
        let (player, rush, standing) = match again {
            Some(((_, begun, since), (entries, end, moment))) => {
                let standing = standing(&lesson, part, begun, since);
                (Player::resume(&Setup::default(), entries, end, moment), None, standing)
            }
            None => (Player::new(), Some(Play::new(lesson.clone(), &files, part)), vec![]),
        };
        self.part_from_mine();
        let before = self.begin(player);
        if self.brought.is_none() {
            self.own = Some(before);
        }
        // An empty guest: the files come to the editor as they are needed.
        self.brought = Some(Rc::default());
        let course = self.course();
        course.open = Some(Open { name, lesson, files, part, standing, run: None, rush, tips: 0 });
        course.front = true;
        self.lesson_panel();
        self.offer_files(true);
        self.tell_address();
    }

    /// On a narrow screen the lesson has a panel of its own.
    fn lesson_panel(&mut self) {
        if browser::media("(max-width: 959px)") {
            self.set_panel(Panel::Lesson);
        }
    }

    fn tell_address(&mut self) {
        if let Some(open) = self.course().open.as_ref() {
            // The browser writes some letters of a name in its own way.
            if place::named(&browser::fragment()) != Some((open.name.clone(), open.part)) {
                browser::set_fragment(Some(&place::fragment(&open.name, open.part)));
            }
        }
    }

    /// The files that a part is the first to name are put into the editor; those of the parts before as well, where a lesson
    /// is opened in its middle.
    fn offer_files(&mut self, earlier: bool) {
        let Some(open) = self.course.as_ref().and_then(|course| course.open.as_ref()) else { return };
        let journal = self.player.history().journal();
        let from = if earlier { 0 } else { open.part };
        let named = open.lesson.parts[from..=open.part].iter().flat_map(|part| &part.files);
        let files: Vec<Sent> = named.filter_map(|name| written(journal, name).or_else(|| open.file(name))).collect();
        // The last is shown.
        self.offered = Rc::new(Offer { files, anew: false });
    }

    /// Another part is on view: the next one begins, one that was before is only read again.
    fn turn_to(&mut self, ctx: &Context<Self>, part: usize) {
        let Some(open) = self.course().open.as_mut().filter(|open| part < open.lesson.parts.len()) else { return };
        if part > open.standing.len() || open.rush.is_some() {
            // Neither begun nor the next one: it is led there.
            let name = open.name.clone();
            self.course().open = None;
            desk::forget(KEPT);
            self.fetch_lesson(ctx, name, part);
            return;
        }
        (open.part, open.run, open.tips) = (part, None, 0);
        if part == open.standing.len() {
            self.begin_part();
        }
        self.offer_files(false);
        self.tell_address();
    }

    /// The part on view begins now.
    fn begin_part(&mut self) {
        let (entries, since) = (self.player.history().journal().len(), self.player.now());
        let Some(course) = self.course.as_mut() else { return };
        let Some(open) = course.open.as_mut() else { return };
        open.standing.truncate(open.part);
        let known = open.standing.len();
        open.standing.extend(standing(&open.lesson, open.part, entries, since).into_iter().skip(known));
        let last = open.part + 1 == open.lesson.parts.len();
        let done = open.part + usize::from(last && open.part().goals.is_empty());
        course.done.note(&course.place, &open.name, done, open.lesson.parts.len());
        desk::keep(KEPT, &format!("{} {entries} {}", open.part, since.0));
        journal::keep(self.player.history());
    }

    fn show_steps(&mut self) {
        let Some(open) = self.course().open.as_mut() else { return };
        open.run = Some(Run::new(&open.part().steps));
        self.player.playing = true;
    }

    /// The cluster as it was when the part on view began.
    fn undo_part(&mut self) {
        let Some(open) = self.course().open.as_mut() else { return };
        let Some((known, since)) = open.standing.get(open.part).map(|begun| (begun.entries, begun.progress.since))
        else {
            return;
        };
        open.run = None;
        open.standing.truncate(open.part);
        open.standing.push(Begun::new(known, Progress::new(open.part(), since)));
        let mut entries: Vec<Entry> = self.player.history().journal().to_vec();
        entries.truncate(known);
        let speed = self.player.speed();
        let player = Player::resume(&Setup::default(), entries, since, since);
        self.begin(player);
        self.player.set_speed(speed);
        self.cleared += 1;
        journal::keep(self.player.history());
    }

    pub(super) fn restart_lesson(&mut self) {
        let Some(open) = self.course().open.take() else { return };
        desk::forget(KEPT);
        self.cleared += 1;
        self.open_lesson(Fetched { name: open.name, part: 0, lesson: open.lesson, files: open.files });
    }

    fn close_lessons(&mut self, ctx: &Context<Self>) {
        if self.course().open.is_some() {
            self.guest(ctx, Guest::Leave);
        }
        self.course = None;
        if self.panel == Panel::Lesson {
            self.set_panel(Panel::Picture);
        }
    }

    /// What an address names is a lesson: it is opened, or its part is turned to.
    #[inline(never)]
    pub(super) fn visit_lesson(&mut self, ctx: &Context<Self>, fragment: &str) {
        let Some((name, part)) = place::named(fragment) else {
            self.leave();
            return;
        };
        match self.course().open.as_ref().filter(|open| open.name == name) {
            Some(open) if open.part == part => {}
            Some(_) => self.turn_to(ctx, part),
            None => self.fetch_lesson(ctx, name, part),
        }
    }

    /// Somebody's own lessons are named in the address: their list is there at once.
    #[inline(never)]
    pub(super) fn greet_with_lessons(&mut self, ctx: &Context<Self>) {
        if Place::is_asked() && self.brought.is_none() {
            self.list_lessons(ctx);
        }
    }

    /// The texts of another language are fetched.
    #[inline(never)]
    pub(super) fn translate_lessons(&mut self, ctx: &Context<Self>) {
        let Some(course) = &mut self.course else { return };
        match course.open.as_ref().map(|open| (open.name.clone(), open.part)) {
            Some((name, part)) => self.fetch_lesson(ctx, name, part),
            None => self.list_lessons(ctx),
        }
    }

    /// From frame to frame: plays what was before, does what is to be shown, looks at the goals. Whether time has been lived.
    #[inline(never)]
    pub(super) fn attend(&mut self) -> bool {
        let Some(open) = self.course.as_mut().and_then(|course| course.open.as_mut()) else { return false };
        if let Some(rush) = &mut open.rush {
            if let Some(end) = self.player.rush(rush) {
                if let Move::Stuck(part) = end {
                    open.part = part;
                }
                open.rush = None;
                self.player.playing = true;
                self.begin_part();
                self.tell_address();
            }
            self.dirty = true;
            return true;
        }
        if self.player.seeking() {
            return false;
        }
        let order = open.run.as_mut().map(|run| run.next(self.player.cluster()));
        match order {
            Some(Next::Order(command)) => {
                self.command(command);
                journal::keep(self.player.history());
            }
            Some(Next::Done) => open.run = None,
            Some(Next::Wait) | None => {}
        }
        if let Some(course) = &mut self.course {
            self.dirty |= course.look(self.player.history());
        }
        false
    }
}

/// The parts before one, done, and it itself begun.
fn standing(lesson: &kubarium_lesson::Lesson, part: usize, entries: usize, since: Time) -> Vec<Begun> {
    let one = |(n, p): (usize, &kubarium_lesson::Part)| {
        let progress = Progress { since, met: vec![n < part; p.goals.len()] };
        Begun::new(entries, progress)
    };
    lesson.parts.iter().enumerate().take(part + 1).map(one).collect()
}

/// A file as it was last handed to the cluster.
fn written(journal: &[Entry], name: &str) -> Option<Sent> {
    journal.iter().rev().find_map(|entry| match &entry.command {
        Command::Write { name: n, text } if **n == *name => Some(Sent { name: name.into(), text: text.to_string() }),
        _ => None,
    })
}

/// Which part was on view when the tab was last here, how many entries the journal had as it began, and when that was.
fn kept_part() -> Option<(usize, usize, Time)> {
    let kept = desk::kept(KEPT)?;
    let mut words = kept.split(' ').map(|word| word.parse::<u64>().ok());
    let (part, entries, since) = (words.next()??, words.next()??, words.next()??);
    Some((part as usize, entries as usize, Time(since)))
}

async fn fetched(
    place: &Place,
    lang: crate::text::Lang,
    name: Rc<str>,
    part: usize,
    on: &Callback<Act>,
) -> Result<Fetched, String> {
    let index = place.index(lang).await?;
    let path = index.find(&name).map(|listed| listed.path.clone()).ok_or_else(|| name.to_string())?;
    on.emit(Act::Listed(Ok(index)));
    let (lesson, files) = place.lesson(&path).await?;
    Ok(Fetched { name, part, lesson, files })
}
