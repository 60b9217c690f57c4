//! What the user orders of the cluster, and of the page as a whole.

use super::{App, Panel, Told, Tone, refresh};
use crate::browser;
use crate::editor::files::Sent;
use crate::journal;
use crate::player::Player;
use kubarium_sim::clock::Time;
use kubarium_sim::command::Command;
use kubarium_sim::history::Entry;
use std::rc::Rc;

impl App {
    pub(super) fn command(&mut self, command: Command) {
        self.player.command(command);
        self.dirty = true;
    }

    /// Hands the files over and applies them, as `kubectl apply` does.
    pub(super) fn apply(&mut self, sent: Vec<Sent>) {
        let line = self.player.hand_over(sent.into_iter().map(|file| (file.name, file.text)));
        self.dirty = true;
        self.complaints = Rc::default();
        self.order(&line, true);
        if !self.player.playing && self.player.history().now() == Time(0) {
            self.player.playing = true;
        }
        if let Some(course) = &mut self.course {
            course.front = true;
        }
        if self.panel == Panel::Yaml {
            self.set_panel(Panel::Picture);
        }
    }

    pub(super) fn run(&mut self, line: &str) {
        self.order(line, false);
    }

    /// An order given by hand: it is told with the way back.
    #[inline(never)]
    pub(super) fn deed(&mut self, line: &str) {
        self.order(line, false);
        self.tell(Tone::Deed, line.into());
    }

    /// The beginning of a line is put into the terminal, and the caret behind it.
    #[inline(never)]
    pub(super) fn enter(&mut self, line: String) {
        self.set_panel(Panel::Terminal);
        gloo_timers::callback::Timeout::new(0, move || browser::put_into("terminal", &line)).forget();
    }

    /// The cluster as it was before the last order; what came of that is the other future.
    #[inline(never)]
    pub(super) fn undo(&mut self) {
        let journal = self.player.history().journal();
        let now = self.player.now();
        let done = journal.iter().rev().find(|entry| entry.time <= now);
        let since = self.course.as_ref().and_then(|course| course.open.as_ref()?.began());
        let Some(last) = done.filter(|entry| since.is_none_or(|since| entry.time > since)) else {
            self.toast(false, self.text.get("nothing-to-undo").into());
            return;
        };
        let (time, what) = (last.time, journal.iter().filter(|e| e.time == last.time).find_map(line_of));
        if !self.player.take_back() {
            return;
        }
        if self.player.history().other().is_some_and(|o| o.journal.iter().any(|e| e.time == time && is_file(e))) {
            self.cleared += 1;
        }
        self.awaited.retain(|order| order.since < time);
        let what = self.text.fill("undone", &[("what", &what.unwrap_or_default())]);
        self.toast(false, what);
        journal::keep(self.player.history());
        self.dirty = true;
    }

    pub(super) fn order(&mut self, line: &str, applies: bool) {
        self.command(Command::Run { line: line.into() });
        self.toasts.retain(|toast| toast.tone != Tone::Deed);
        let since = self.player.history().journal().last().map_or(Time(0), |e| e.time);
        self.awaited.push(refresh::Awaited { line: line.into(), since, applies });
        journal::keep(self.player.history());
    }

    pub(super) fn interrupt(&mut self) {
        let asking = self.told.foreground.asking().map(|asking| asking.session);
        if let Some(session) = asking.or_else(|| refresh::open_session(self.player.cluster())) {
            self.command(Command::Interrupt { session });
            journal::keep(self.player.history());
        }
    }

    /// What is typed goes to the program that has asked for it.
    #[inline(never)]
    pub(super) fn type_in(&mut self, text: &str) {
        if let Some(asking) = self.told.foreground.asking() {
            let session = asking.session;
            self.command(Command::Input { session, text: text.into() });
            journal::keep(self.player.history());
        }
    }

    /// A new cluster; what is written stays.
    pub(super) fn fresh(&mut self) {
        if self.course.as_ref().is_some_and(|course| course.open.is_some()) {
            self.restart_lesson();
            return;
        }
        journal::forget();
        self.begin(Player::new());
        self.cleared += 1;
    }

    /// Another cluster is on view; the one before it is handed back.
    pub(super) fn begin(&mut self, player: Player) -> Player {
        self.chosen = None;
        self.trail.clear();
        self.trail_at = 0;
        self.awaited.clear();
        self.complaints = Rc::default();
        self.told = Told::default();
        self.dirty = true;
        std::mem::replace(&mut self.player, player)
    }
}

/// What an entry ordered, as it is typed.
fn line_of(entry: &Entry) -> Option<String> {
    match &entry.command {
        Command::Run { line } => Some(line.to_string()),
        Command::Fault { what, node } => Some(format!("fault {} {node}", what.name())),
        Command::Input { text, .. } => Some(keys(text)),
        Command::Interrupt { .. } => Some("^C".into()),
        Command::Write { .. } | Command::Remove { .. } => None,
    }
}

/// What was typed into a program, a key such as Ctrl-D as `^D`.
fn keys(text: &str) -> String {
    let shown = |c: char| if c.is_ascii_control() { format!("^{}", char::from(c as u8 ^ 0x40)) } else { c.into() };
    text.trim_end_matches('\n').chars().map(shown).collect()
}

fn is_file(entry: &Entry) -> bool {
    matches!(entry.command, Command::Write { .. })
}
