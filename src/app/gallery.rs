//! Samples come to the editor.

use super::{App, Msg, Over, Panel};
use crate::editor::files::Offer;
use crate::samples::{self, Act};
use std::rc::Rc;
use yew::prelude::*;

impl App {
    #[inline(never)]
    pub(super) fn fetch_samples(&mut self, ctx: &Context<Self>) {
        self.samples.fetch(self.text.0, ctx.link().callback(Msg::Sample));
    }

    #[inline(never)]
    pub(super) fn sample(&mut self, ctx: &Context<Self>, act: Act) {
        match act {
            Act::Listed(lang, index) => self.samples.listed(lang, index),
            Act::Open(path) => {
                self.set_over(None);
                let on = ctx.link().callback(Msg::Sample);
                wasm_bindgen_futures::spawn_local(async move { on.emit(Act::Opened(samples::open(&path).await)) });
            }
            Act::Opened(Ok(sample)) => {
                self.offered = Rc::new(Offer { files: vec![sample], anew: true });
                if let Some(course) = &mut self.course {
                    course.front = false;
                }
                if self.over == Some(Over::Samples) {
                    self.set_over(None);
                }
                self.set_panel(Panel::Yaml);
            }
            Act::Opened(Err(address)) => {
                let what = self.text.fill("lessons-flaw", &[("what", &address)]);
                self.toast(true, what);
            }
        }
    }
}
