//! From frame to frame: time goes on, the picture is drawn, now and then the panels are told.

use super::figure;
use super::pointing::{self, Touch};
use super::refresh;
use super::{App, FIT_MS, Guest, KEEP_MS, Msg, REFRESH_MS, TOAST_MS, Tone};
use crate::browser;
use crate::journal;
use crate::late;
use crate::player::{Played, SPEEDS};
use crate::rehearsal::Rehearsal;
use crate::text::Lang;
use kubarium::picture::{Room, ViewState};
use kubarium::scene::words::Locale;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use yew::prelude::*;

/// What a frame may take of the page's time, in milliseconds: what the browser itself does with it is not in this.
const FRAME_MS: f64 = 4.0;
/// Of that, by when the picture leaves the rest to others.
const PICTURE_MS: f64 = 2.0;
/// What the cluster gets of a frame at least and at most.
const LIVE_MS: std::ops::RangeInclusive<f64> = 0.8..=3.0;
/// So many times as long as usual may wait what finds no time.
const LATEST: f64 = 4.0;

impl App {
    pub(super) fn on_frame(&mut self, wall_ms: f64) -> bool {
        self.ask_for_frame();
        let start = browser::wall_ms();
        let spent = || browser::wall_ms() - start;
        // Until the whole program is there the cluster stands at its first moment.
        let waits = self.arrived && self.player.waits();
        if waits {
            late::fetch_descriptions();
        }
        let attended = waits || (self.course.is_some() && self.attend());
        if self.scene.is_some() {
            self.perform();
        }
        if self.intro.is_some() {
            self.go_on_with_intro();
        }
        // The panels are told bit by bit, and drawn in a frame in which the cluster stands still.
        let since = wall_ms - self.last_refresh;
        let patience = if self.full { LATEST * REFRESH_MS } else { REFRESH_MS };
        let begun = self.told.turn > 0 || self.told.counting;
        let tells = begun || self.dirty && since >= patience;
        let shows = tells && self.told.turn + 1 == refresh::TURNS;
        // Before anything on the page is changed: the browser need not lay it out anew to tell.
        if wall_ms >= self.fit_at {
            self.fit_at = wall_ms + FIT_MS;
            self.fit_canvas();
        }
        self.take_aim();
        // The picture comes first: how long it takes is not to be chosen, what it leaves goes to the others.
        self.draw(wall_ms, &|| shows || spent() > PICTURE_MS);
        if tells && !begun {
            self.last_refresh = wall_ms;
            self.dirty = false;
        }
        let told = tells && self.refresh_a_bit();
        // Two frames in a row the cluster does not stand still.
        self.waited = !self.waited && spent() > FRAME_MS;
        let lives = self.arrived && !attended && !shows && !self.waited;
        let budget = (FRAME_MS - spent()).clamp(*LIVE_MS.start(), *LIVE_MS.end());
        let played = if lives { self.live(wall_ms, budget) } else { Played::default() };
        self.dirty |= played.moved || self.sights() != self.told.sights;
        self.leapt |= played.leapt;
        let toasts = self.toasts.len();
        self.toasts.retain(|toast| toast.tone == Tone::Bad || wall_ms - toast.since < TOAST_MS);
        let less = self.toasts.len() != toasts;
        let patience = if spent() > PICTURE_MS { LATEST * KEEP_MS } else { KEEP_MS };
        if wall_ms - self.last_keep > patience && played.moved && self.intro.is_none() {
            self.last_keep = wall_ms;
            journal::keep_moment(self.player.history());
            if self.mine.is_some() {
                self.keep_mine();
            }
        }
        self.full = spent() > FRAME_MS;
        if !self.full && !tells {
            self.go_on_rehearsing(spent());
        }
        if shows {
            self.tell_time();
        }
        told || less
    }

    /// Lives what this frame may; a lesson's goals are looked at on the way.
    fn live(&mut self, wall_ms: f64, budget_ms: f64) -> Played {
        let App { player, course, dirty, .. } = self;
        match course.as_mut().filter(|course| course.open.is_some()) {
            Some(course) => player.frame(wall_ms, budget_ms, Some(&mut |history| *dirty |= course.look(history))),
            None => player.frame(wall_ms, budget_ms, None),
        }
    }

    /// Begins the rehearsal, where somebody is about to do something for the first time.
    pub(super) fn rehearse(&mut self) {
        let untouched = self.player.history().journal().is_empty() && self.own.is_none();
        self.rehearsal = (untouched && figure::around().is_none()).then(|| Box::new(Rehearsal::new()));
    }

    /// Until it is over, or no longer one. To let go of it takes half a frame.
    #[inline(never)]
    fn go_on_rehearsing(&mut self, spent: f64) {
        let Some(rehearsal) = &mut self.rehearsal else { return };
        let over = !self.player.history().journal().is_empty() || !rehearsal.go_on();
        if over && spent < PICTURE_MS {
            self.rehearsal = None;
            self.greet();
        }
    }

    /// `full`: the frame has had its time, what can wait is left for the next.
    pub(super) fn draw(&mut self, wall_ms: f64, full: &dyn Fn() -> bool) {
        // What is to be large is drawn once it can be: not small first.
        if !self.arrived && browser::root_attribute("data-big").is_some() {
            return;
        }
        let view = ViewState {
            lens: self.lens,
            locale: if self.text.0 == Lang::Ko { Locale::Korean } else { Locale::English },
            namespace: self.namespace.as_deref().map(str::to_string),
            selected: self.chosen.as_ref().map(pointing::key_of),
            hovered: self.hand.hovered.clone(),
            speed: f64::from(SPEEDS[self.player.speed()]) / 1000.0,
            playing: self.player.playing,
            reduced: self.reduced,
            to_look_at: figure::around().is_some(),
            ..ViewState::default()
        };
        if let Some(picture) = &mut self.picture {
            let room = Room { leapt: std::mem::take(&mut self.leapt), full };
            picture.frame(wall_ms, self.player.cluster(), &view, room);
        }
    }

    /// The canvas has the size that the page gives it.
    pub(super) fn fit_canvas(&mut self) {
        let Some(canvas) = self.canvas.cast::<web_sys::Element>() else { return };
        let rect = canvas.get_bounding_client_rect();
        // Where all is large, each pixel that the picture is laid out in takes more of those of the screen.
        let k = self.growth();
        let size = (rect.width() / k, rect.height() / k, browser::window().device_pixel_ratio() * k);
        if let Some(picture) = &mut self.picture
            && size != self.canvas_size
        {
            self.canvas_size = size;
            picture.resize(size.0, size.1, size.2);
        }
    }

    pub(super) fn ask_for_frame(&self) {
        if let Some(frame) = &self.frame {
            let _ = browser::window().request_animation_frame(frame.as_ref().unchecked_ref());
        }
    }

    pub(super) fn listen(&mut self, ctx: &Context<Self>) {
        let link = ctx.link().clone();
        let mut on = |target: Option<web_sys::EventTarget>, name: &str, act: Box<dyn FnMut(web_sys::Event)>| {
            let closure = Closure::wrap(act);
            let eager = web_sys::AddEventListenerOptions::new();
            eager.set_passive(false);
            if let Some(target) = target {
                let _ = target.add_event_listener_with_callback_and_add_event_listener_options(
                    name,
                    closure.as_ref().unchecked_ref(),
                    &eager,
                );
            }
            self.listeners.push(closure);
        };
        let window = || Some(browser::window().into());
        let (keys, resized, themed, addressed) = (link.clone(), link.clone(), link.clone(), link.clone());
        for (name, begins) in [("beforeprint", true), ("afterprint", false)] {
            let printed = link.clone();
            on(window(), name, Box::new(move |_| printed.send_message(Msg::Print(begins))));
        }
        on(window(), "keydown", Box::new(move |e| keys.send_message(Msg::Key(e.unchecked_into()))));
        for name in ["keydown", "pointerdown"] {
            let stirred = link.clone();
            on(window(), name, Box::new(move |e| stirred.send_message(Msg::Stir(e))));
        }
        on(window(), "resize", Box::new(move |_| resized.send_message(Msg::Resized)));
        if figure::around().is_some() {
            let heard = link.clone();
            on(window(), "message", Box::new(move |e| heard.send_message(Msg::Heard(e.unchecked_into()))));
        }
        on(window(), "hashchange", Box::new(move |_| addressed.send_message(Msg::Guest(Guest::Address))));
        let dark = browser::window().match_media("(prefers-color-scheme: dark)").ok().flatten();
        on(dark.map(Into::into), "change", Box::new(move |_| themed.send_message(Msg::Retheme)));
        // A wheel over the picture is for the camera, never for the browser's own zoom: so it must be heard eagerly.
        on(
            self.canvas.cast::<web_sys::Element>().map(Into::into),
            "wheel",
            Box::new(move |e| link.send_message(Msg::Touch(Touch::Wheel(e.unchecked_into())))),
        );
    }
}
