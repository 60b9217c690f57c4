//! The first visit: twenty seconds in which a cluster lives, before anybody has to do anything.
//!
//! It is another cluster than the visitor's own. Whoever turns to the editor has his own, which nothing has happened to; whoever
//! turns to the picture, the panels or time has taken a liking to this one and keeps it.

use super::{App, Panel, figure};
use crate::browser::{self, Shelf};
use crate::desk;
use crate::editor::files::Files;
use crate::journal;
use crate::player::{Player, REAL_TIME};
use kubarium_sim::clock::Time;
use kubarium_sim::command::Command;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, KeyboardEvent};
use yew::prelude::*;

/// What is said when, in the cluster's time, and the line that is run; in the first scene the sample is applied. At twice real time all of it takes twenty seconds.
const SCENES: [(Time, &str, &str); 5] = [
    (Time(200), "intro-wish", ""),
    (Time(5_000), "intro-place", ""),
    (Time(13_000), "intro-requests", ""),
    (Time(19_000), "intro-heal", "kubectl delete $(kubectl get pods -l app=web -o name | head -n 1) --wait=false"),
    (Time(27_000), "intro-roll", "kubectl set image deployment/web nginx=nginx:1.29"),
];
const END: Time = Time(42_000);
/// What happens in it is seen at twice real time.
const SPEED: usize = REAL_TIME + 1;

pub struct Intro {
    /// What waits behind it.
    own: Player,
    /// The next scene.
    next: usize,
    /// When it began, by the wall.
    since: f64,
}

/// What becomes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    Begin,
    /// The visitor goes on with his own cluster.
    Leave,
    /// ... with this one.
    Keep,
}

impl App {
    /// Where somebody has come for the first time, wants to see things move, and has touched nothing.
    #[inline(never)]
    pub(super) fn greet(&mut self) {
        let alone = figure::around().is_none() && self.course.is_none() && self.brought.is_none() && !self.big;
        let idle = self.over.is_none() && self.chosen.is_none() && self.panel == Panel::Picture;
        let new = browser::kept(Shelf::Long, "greeted").is_none() && desk::kept_files(false).is_none();
        let unwanted = self.reduced || browser::root_attribute("data-intro").is_some();
        if !alone || !idle || !new || unwanted || !self.player.history().journal().is_empty() {
            return;
        }
        browser::keep(Shelf::Long, "greeted", "yes");
        // Where nothing can be kept, every visit would be the first.
        if browser::kept(Shelf::Long, "greeted").is_some() {
            self.turn(Turn::Begin);
        }
    }

    #[inline(never)]
    pub(super) fn turn(&mut self, turn: Turn) {
        match turn {
            Turn::Begin if self.intro.is_none() && self.own.is_none() => {
                let mut player = Player::new();
                player.set_speed(SPEED);
                let own = self.begin(player);
                self.intro = Some(Box::new(Intro { own, next: 0, since: browser::wall_ms() }));
            }
            Turn::Begin => {}
            Turn::Leave => {
                if let Some(intro) = self.intro.take() {
                    drop(self.begin(intro.own));
                }
            }
            Turn::Keep => {
                if self.intro.take().is_some() {
                    self.player.set_speed(REAL_TIME);
                    journal::keep(self.player.history());
                    self.dirty = true;
                }
            }
        }
    }

    /// A hand or a key has done something while it played.
    #[inline(never)]
    pub(super) fn interrupt_intro(&mut self, event: &Event) {
        // What has begun it does not end it.
        if self.intro.as_ref().is_none_or(|intro| event.time_stamp() < intro.since) || is_silent(event) {
            return;
        }
        let at: Option<Element> = event.target().and_then(|target| target.dyn_into().ok());
        let inside = |what: &str| at.as_ref().and_then(|at| at.closest(what).ok().flatten()).is_some();
        // What stands in it says itself what becomes of it.
        if inside(".intro") {
            return;
        }
        let own =
            |key: &KeyboardEvent| key.key() == "Escape" || key.key() == "Enter" && (key.ctrl_key() || key.meta_key());
        let own = event.dyn_ref::<KeyboardEvent>().is_some_and(own) || inside(".left, .top, .tabbar");
        self.turn(if own { Turn::Leave } else { Turn::Keep });
    }

    /// The next scene, once its time has come.
    #[inline(never)]
    pub(super) fn go_on_with_intro(&mut self) {
        let Some(intro) = &mut self.intro else { return };
        let now = self.player.now();
        if now >= END {
            return self.turn(Turn::Leave);
        }
        let Some((_, _, line)) = SCENES.get(intro.next).filter(|(at, ..)| now >= *at) else { return };
        intro.next += 1;
        self.dirty = true;
        let line = match intro.next {
            1 => self.player.hand_over(Files::sample().list.into_iter().map(|file| (file.name, file.text))),
            _ => (*line).to_string(),
        };
        if !line.is_empty() {
            self.player.command(Command::Run { line: line.into() });
        }
    }

    /// What is said to it, and the ways out.
    #[inline(never)]
    pub(super) fn intro_view(&self, intro: &Intro, on: &Callback<Turn>) -> Html {
        let said = SCENES[..intro.next].last().map_or("", |(_, name, _)| self.text.get(name));
        let share = (self.player.now().0 as f64 / END.0 as f64).min(1.0);
        let (keep, leave) = (on.reform(|_: MouseEvent| Turn::Keep), on.reform(|_: MouseEvent| Turn::Leave));
        html! {
            <section class="intro" aria-label={self.text.get("intro")}>
                <p aria-live="polite">{said}</p>
                <button type="button" class="btn quiet" onclick={keep}>{self.text.get("intro-keep")}</button>
                <button type="button" class="btn go" onclick={leave}>{self.text.get("intro-leave")}</button>
                <progress max="1" value={share.to_string()} aria-label={self.text.get("intro")}></progress>
            </section>
        }
    }
}

/// Keys that only lead on, or do nothing by themselves.
fn is_silent(event: &Event) -> bool {
    let key = event.dyn_ref::<KeyboardEvent>().map(KeyboardEvent::key).unwrap_or_default();
    matches!(&*key, "Tab" | "Shift" | "Control" | "Alt" | "Meta")
}
