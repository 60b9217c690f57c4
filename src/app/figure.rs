//! The page as a figure in another page (`?embed`): it hears what the page around it asks, and no one else, and tells it how
//! time goes (docs/figure.md).

use super::{App, Msg};
use crate::browser;
use crate::editor::files::Sent;
use crate::timeline::Act;
use js_sys::Reflect;
use kubarium::saved::Look;
use kubarium_lesson::run::{Next, Run};
use kubarium_lesson::step::Step;
use kubarium_sim::clock::Time;
use kubarium_sim::command::Command;
use std::rc::Rc;
use wasm_bindgen::JsValue;
use web_sys::{MessageEvent, Window};
use yew::prelude::*;

/// Of the messages.
const VERSION: i32 = 1;

/// The page around this one, if this one is a figure.
pub fn around() -> Option<Window> {
    browser::root_attribute("data-embed")?;
    let parent = browser::window().parent().ok().flatten()?;
    (!js_sys::Object::is(&parent, &browser::window())).then_some(parent)
}

fn get(value: &JsValue, name: &str) -> JsValue {
    Reflect::get(value, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

/// Tells the page around.
fn tell(event: &str, with: &[(&str, JsValue)]) {
    let Some(parent) = around() else { return };
    let message = js_sys::Object::new();
    let all = [("kubarium", JsValue::from(VERSION)), ("event", JsValue::from(event))];
    for (name, value) in all.iter().chain(with) {
        let _ = Reflect::set(&message, &JsValue::from(*name), value);
    }
    let _ = parent.post_message(&message, "*");
}

impl App {
    pub(super) fn tell_ready(&self) {
        tell("ready", &[]);
    }

    pub(super) fn tell_time(&self) {
        let now = JsValue::from(self.player.now().0 as f64);
        tell("time", &[("time", now), ("playing", self.player.playing.into())]);
    }

    pub(super) fn hear(&mut self, ctx: &Context<Self>, event: &MessageEvent) {
        let from_around = around().zip(event.source()).is_some_and(|(a, b)| js_sys::Object::is(&a, &b));
        let data = event.data();
        if !from_around || get(&data, "kubarium").as_f64() != Some(f64::from(VERSION)) {
            return;
        }
        let word = |name: &str| get(&data, name).as_string();
        match word("do").as_deref() {
            Some("play") => self.player.playing = true,
            Some("pause") => self.player.playing = false,
            Some("seek") => {
                if let Some(time) = get(&data, "time").as_f64() {
                    self.on_time(Act::Seek(Time(time.clamp(0.0, LATEST_MS) as u64)));
                }
            }
            Some("apply") => {
                if let Some(text) = word("text") {
                    let name = word("name").unwrap_or_else(|| "figure.yaml".into());
                    ctx.link().send_message(Msg::Apply(vec![Sent { name, text }]));
                }
            }
            Some("scene") => self.stage(&word("text").unwrap_or_default(), &get(&data, "files")),
            Some("look") => {
                let lens = word("lens").and_then(|lens| kubarium::saved::lens(&lens)).unwrap_or(self.lens);
                let focus = word("focus").unwrap_or_default();
                let parts: Vec<Rc<str>> = focus.split('/').map(Rc::from).collect();
                let selected = parts.try_into().ok();
                self.look(Look { lens, selected, namespace: self.namespace.clone(), ..Look::default() });
            }
            _ => {}
        }
        self.dirty = true;
    }
}

impl App {
    /// A scene, and the files that its commands read: it is played as time goes.
    fn stage(&mut self, text: &str, files: &JsValue) {
        for file in js_sys::Array::from(files).iter().map(|pair| js_sys::Array::from(&pair)) {
            if let (Some(name), Some(text)) = (file.get(0).as_string(), file.get(1).as_string()) {
                self.command(Command::Write { name: name.into(), text: text.into() });
            }
        }
        let steps: Result<Vec<Option<Step>>, String> = text.lines().map(Step::read).collect();
        match steps {
            Ok(steps) => self.scene = Some(Run::new(&steps.into_iter().flatten().collect::<Vec<_>>())),
            Err(what) => self.toast(true, what),
        }
    }

    /// Does what a scene wants now.
    #[inline(never)]
    pub(super) fn perform(&mut self) {
        if !self.player.playing || self.player.seeking() {
            return;
        }
        match self.scene.as_mut().map(|scene| scene.next(self.player.cluster())) {
            Some(Next::Order(command)) => self.command(command),
            Some(Next::Done) => self.scene = None,
            Some(Next::Wait) | None => {}
        }
    }
}

/// A year.
const LATEST_MS: f64 = 366.0 * 86_400_000.0;
