//! Clusters that come and go: as a link, as a file. One that comes is a guest: one's own cluster and files wait for its leave
//! (`desk`), in memory and, where the browser keeps things, in the places where they always are.

use super::{App, Msg, pointing};
use crate::browser::{self, Shelf};
use crate::clusters;
use crate::desk;
use crate::editor::files::Sent;
use crate::inspector::portrait::Chosen;
use crate::journal;
use crate::lessons::place;
use crate::player::Player;
use crate::text::{Lang, Text};
use kubarium::paint::svg;
use kubarium::saved::{Flaw, Look, Opened, Saved, figure, link};
use std::rc::Rc;
use yew::prelude::*;

pub enum Guest {
    /// The link to what is on view goes to the clipboard.
    Copy,
    Copied(bool),
    /// Lines for an article go to the clipboard.
    Lines(String),
    LinesCopied(bool),
    /// The picture becomes a file.
    Still,
    /// ... of pixels.
    Pixels,
    Save,
    Choose,
    /// The text of a file.
    File(String),
    /// The address has a fragment, or another one, or none.
    Address,
    Leave,
}

/// A guest that the address bar names as the page opens: its place is made, it comes once the program is whole.
pub fn announced() -> bool {
    let fragment = browser::fragment();
    let announced = link::is_link(&fragment) || place::is_lesson(&fragment) || clusters::named(&fragment).is_some();
    if announced {
        desk::welcome(&fragment);
    }
    announced
}

impl App {
    pub(super) fn guest(&mut self, ctx: &Context<Self>, guest: Guest) {
        match guest {
            Guest::Copy => self.copy_link(ctx),
            Guest::Copied(true) => self.toast(false, self.text.get("link-copied").into()),
            Guest::Copied(false) => {
                browser::set_fragment(link::write(&self.saved()).as_deref());
                self.toast(true, self.text.get("link-in-address").into());
            }
            Guest::Lines(lines) => {
                let on = ctx.link().callback(|well| Msg::Guest(Guest::LinesCopied(well)));
                wasm_bindgen_futures::spawn_local(async move { on.emit(browser::copy_to_clipboard(lines).await) });
            }
            Guest::LinesCopied(true) => self.toast(false, self.text.get("figure-copied").into()),
            // They stand there to be marked by hand.
            Guest::LinesCopied(false) => self.toast(true, self.text.get("lines-by-hand").into()),
            Guest::Still => {
                if let Some(still) = self.picture.as_ref().and_then(|picture| picture.svg()) {
                    browser::download(figure::STILL, &svg::alone(&still, &mut browser::token));
                    self.retheme();
                }
            }
            Guest::Pixels => self.save_pixels(),
            Guest::Save => browser::download("cluster.kubarium", &self.saved().write()),
            Guest::Choose => {
                let on = ctx.link().callback(Msg::Guest);
                browser::choose_file(move |text| on.emit(Guest::File(text)));
            }
            Guest::File(text) => {
                let opened = Saved::read(&text);
                let address = opened.saved.as_ref().and_then(link::write);
                let known_by = address.clone().unwrap_or(text);
                self.open(opened, &known_by, false);
                if self.brought.is_some() {
                    browser::set_fragment(address.as_deref());
                }
            }
            Guest::Address => {
                let fragment = browser::fragment();
                let first = std::mem::take(&mut self.announced);
                match link::is_link(&fragment) {
                    true => self.open(link::read(&fragment), &fragment, first),
                    false if place::is_lesson(&fragment) => self.visit_lesson(ctx, &fragment),
                    false => match clusters::named(&fragment) {
                        Some(id) => self.visit_mine(id, first),
                        None => self.leave(),
                    },
                }
            }
            Guest::Leave => {
                browser::set_fragment(None);
                self.leave();
            }
        }
    }

    fn copy_link(&mut self, ctx: &Context<Self>) {
        let Some(fragment) = link::write(&self.saved()) else {
            self.toast(true, self.text.get("link-too-long").into());
            return;
        };
        let on = ctx.link().callback(|well| Msg::Guest(Guest::Copied(well)));
        wasm_bindgen_futures::spawn_local(async move {
            on.emit(browser::copy_to_clipboard(browser::address(Some(&fragment))).await);
        });
    }

    pub(super) fn saved(&self) -> Saved {
        let word = |c: &Chosen| [c.kind.name().into(), c.key.namespace.clone(), c.key.name.clone()];
        let look = Look {
            lens: self.lens,
            namespace: self.namespace.clone(),
            selected: self.chosen.as_ref().map(word),
            aim: self.picture.as_ref().and_then(|p| p.aim()),
            lang: Some(self.text.0.code().into()),
        };
        Saved::of(self.player.history(), self.player.now(), look)
    }

    /// A guest comes. `known_by` names it for as long as the tab; what was done with it before is taken up `again` where the
    /// page itself opens.
    pub(super) fn open(&mut self, opened: Opened, known_by: &str, again: bool) {
        if let Some(flaw) = opened.flaw {
            let whole = opened.saved.is_some();
            self.toast(true, self.text.get(complaint(flaw, whole)).into());
        }
        let Some(saved) = opened.saved else {
            if again {
                browser::set_fragment(None);
                self.leave();
            }
            return;
        };
        self.part_from_mine();
        let (setup, files) = (saved.setup.clone(), saved.files());
        desk::welcome(known_by);
        let (entries, end, moment) =
            again.then(journal::kept).flatten().unwrap_or((saved.journal, saved.end, saved.now));
        let player = Player::resume(&setup, entries, end, moment);
        let before = self.begin(player);
        if self.brought.is_none() {
            self.own = Some(before);
        }
        self.shut_lesson();
        let sent = |(name, text): (Rc<str>, Rc<str>)| Sent { name: name.to_string(), text: text.to_string() };
        self.brought = Some(Rc::new(files.into_iter().map(sent).collect()));
        self.player.playing = false;
        journal::keep(self.player.history());
        self.look(saved.look);
    }

    /// The guest leaves; what was there before it is there again.
    pub(super) fn leave(&mut self) {
        if self.brought.take().is_none() {
            return;
        }
        self.part_from_mine();
        self.shut_lesson();
        desk::alone();
        let own = self.own.take().unwrap_or_else(Player::kept);
        self.begin(own);
        self.namespace = None;
    }

    /// Another cluster than one of those with names comes on view.
    pub(super) fn part_from_mine(&mut self) {
        if self.mine.is_some() {
            self.keep_mine();
            self.mine = None;
        }
    }

    /// Another cluster than a lesson's is on view.
    fn shut_lesson(&mut self) {
        if let Some(course) = &mut self.course {
            course.open = None;
        }
    }

    pub(super) fn look(&mut self, look: Look) {
        self.set_lens(look.lens);
        self.namespace = look.namespace;
        self.chosen = look.selected.as_ref().and_then(|[kind, ns, name]| Chosen::named(kind, ns, name));
        self.wanted = look.selected.filter(|_| self.chosen.is_none());
        self.hand.focus = self.chosen.as_ref().map(pointing::key_of);
        self.aim = look.aim;
        // Who has chosen a language keeps it.
        let asked = browser::window().location().search().is_ok_and(|s| s.contains("lang="));
        if let Some(lang) = look.lang.filter(|_| !asked && browser::kept(Shelf::Long, "lang").is_none()) {
            self.text = Text(Lang::from_code(&lang));
            browser::set_root_attribute("lang", Some(self.text.0.code()));
        }
    }

    /// Selects what is of a kind that the cluster has learned.
    #[inline(never)]
    fn choose_wanted(&mut self, [kind, namespace, name]: &[Rc<str>; 3]) {
        let store = &self.player.cluster().store;
        let kind = store.kinds().find(|k| k.name() == &**kind && store.find(*k, namespace, name).is_some());
        self.chosen = kind.map(|kind| Chosen::new(kind, namespace, name));
    }

    /// The camera goes where a guest wants it, once its moment is there.
    pub(super) fn take_aim(&mut self) {
        if self.player.seeking() {
            return;
        }
        if let Some(wanted) = self.wanted.take() {
            self.choose_wanted(&wanted);
        }
        if let Some(aim) = self.aim.take()
            && let Some(picture) = &mut self.picture
        {
            picture.take_aim(aim);
        }
    }
}

fn complaint(flaw: Flaw, some: bool) -> &'static str {
    match (flaw, some) {
        (Flaw::TooLong, _) => "saved-too-long",
        (Flaw::TooNew, true) => "saved-too-new",
        (Flaw::TooNew, false) => "saved-too-new-all",
        (Flaw::Broken, true) => "saved-broken",
        (Flaw::Broken, false) => "saved-broken-all",
    }
}
