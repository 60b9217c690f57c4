//! What the user orders of the cluster, and of the page as a whole.

use super::{App, Panel, Told, refresh};
use crate::editor::files::Sent;
use crate::journal;
use crate::player::Player;
use kubarium_sim::clock::Time;
use kubarium_sim::command::Command;
use std::rc::Rc;

impl App {
    pub(super) fn command(&mut self, command: Command) {
        self.player.command(command);
        self.dirty = true;
    }

    /// Hands the files over and applies them, as `kubectl apply` does.
    pub(super) fn apply(&mut self, sent: Vec<Sent>) {
        let mut line = String::from("kubectl apply");
        for file in sent {
            line.push_str(" -f ");
            line.push_str(&file.name);
            self.command(Command::Write { name: file.name.into(), text: file.text.into() });
        }
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

    pub(super) fn order(&mut self, line: &str, applies: bool) {
        self.command(Command::Run { line: line.into() });
        let since = self.player.history().journal().last().map_or(Time(0), |e| e.time);
        self.awaited.push(refresh::Awaited { line: line.into(), since, applies });
        journal::keep(self.player.history());
    }

    pub(super) fn interrupt(&mut self) {
        if let Some(session) = refresh::open_session(self.player.cluster()) {
            self.command(Command::Interrupt { session });
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
