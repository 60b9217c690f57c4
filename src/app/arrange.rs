//! What changes only how the page looks: panels, lenses, theme, what lies over it.

use super::{App, Msg, Over, Panel, split};
use crate::browser::{self, Shelf};
use crate::keys;
use crate::text::Text;
use kubarium::scene::Lens;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::KeyboardEvent;
use yew::prelude::*;

const REDUCED: &str = "(prefers-reduced-motion: reduce)";

/// Whether motion is to be left out.
pub fn reduced() -> bool {
    browser::media(REDUCED)
}

impl App {
    /// What changes only how the page looks.
    pub(super) fn arrange(&mut self, ctx: &Context<Self>, msg: Msg) {
        match msg {
            Msg::Language => {
                self.text = Text(self.text.0.other());
                browser::set_root_attribute("lang", Some(self.text.0.code()));
                browser::keep(Shelf::Long, "lang", self.text.0.code());
                if self.course.is_some() {
                    self.translate_lessons(ctx);
                }
            }
            Msg::Theme => {
                let theme = if browser::dark() { "light" } else { "dark" };
                browser::set_root_attribute("data-theme", Some(theme));
                browser::keep(Shelf::Long, "theme", theme);
                self.retheme();
            }
            Msg::Tab(tab) => self.tab = tab,
            Msg::Sheet(sheet) => self.sheet = sheet,
            Msg::TerminalOpen(open) => self.open_terminal(open),
            Msg::TerminalKey => {
                self.open_terminal(!self.terminal_open);
                if self.terminal_open {
                    gloo_timers::callback::Timeout::new(0, || browser::focus("terminal")).forget();
                }
            }
            Msg::Edge(edge, to) => {
                self.sizes[edge as usize] = split::set(&self.app, edge, to, self.sizes);
                self.paint += 1;
            }
            Msg::Shut(number) => self.toasts.retain(|t| t.number != number),
            Msg::SingleKeys(on) => {
                self.single_keys = on;
                browser::keep(Shelf::Long, "single-keys", if on { "on" } else { "off" });
            }
            Msg::Resized => {
                self.reduced = reduced();
                self.grow();
            }
            Msg::Retheme => self.retheme(),
            Msg::Big(big) => self.present(big && !self.big),
            Msg::Paper => {
                gloo_timers::callback::Timeout::new(0, || _ = browser::window().print()).forget();
            }
            Msg::Print(begins) if self.arrived => self.print(begins),
            Msg::Print(_) => {}
            _ => unreachable!("`update` does all else"),
        }
    }

    pub(super) fn on_key(&mut self, ctx: &Context<Self>, event: &KeyboardEvent) -> bool {
        let after_g = std::mem::take(&mut self.after_g);
        if self.over.is_some() && event.key() != "Escape" {
            return false;
        }
        if self.over.is_some() {
            event.prevent_default();
            return Component::update(self, ctx, Msg::Out);
        }
        match keys::meaning(event, after_g, self.single_keys) {
            Some(msg) => {
                event.prevent_default();
                Component::update(self, ctx, msg)
            }
            None => false,
        }
    }

    pub(super) fn retheme(&mut self) {
        self.paint += 1;
        if let Some(picture) = &mut self.picture {
            picture.retheme();
        }
    }

    pub(super) fn set_lens(&mut self, lens: Lens) {
        self.lens = lens;
        if !matches!(self.panel, Panel::Yaml | Panel::Terminal | Panel::Lesson) {
            self.panel = if lens == Lens::List { Panel::List } else { Panel::Picture };
        }
    }

    pub(super) fn set_panel(&mut self, panel: Panel) {
        self.panel = panel;
        match panel {
            Panel::List => self.lens = Lens::List,
            Panel::Picture if self.lens == Lens::List => self.lens = Lens::Cluster,
            Panel::Terminal => self.terminal_open = true,
            Panel::Lesson | Panel::Yaml => {
                if let Some(course) = &mut self.course {
                    course.front = panel == Panel::Lesson;
                }
            }
            _ => {}
        }
        self.paint += 1;
    }

    pub(super) fn set_over(&mut self, over: Option<Over>) {
        if self.over.is_none() && over.is_some() {
            self.before_over = browser::document().active_element().and_then(|e| e.dyn_into().ok());
        }
        self.over = over;
        match over {
            Some(Over::Figure) => self.snapshot = Rc::new(self.saved()),
            Some(Over::Clusters) => self.look_at_mine(),
            _ => {}
        }
        if over == Some(Over::Find) {
            self.told.objects = Rc::new(crate::find::objects(self.player.cluster()));
        }
    }

    fn open_terminal(&mut self, open: bool) {
        self.terminal_open = open;
        if open && self.panel != Panel::Terminal && browser::media("(max-width: 959px)") {
            self.panel = Panel::Terminal;
        }
        self.paint += 1;
    }
}
