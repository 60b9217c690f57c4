//! One's own clusters by name: each is a guest that the browser keeps, and what is done to it is kept as it is done.

use super::{App, Msg, Over};
use crate::browser;
use crate::clusters::{self, Act};
use kubarium_sim::api::Kind;
use kubarium_sim::history::Entry;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;
use yew::prelude::*;

/// The named cluster on view, and what its journal was when it was last kept: undone and done otherwise, it is as long as before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mine {
    pub id: u32,
    journal: u64,
}

fn now() -> u64 {
    js_sys::Date::now() as u64
}

fn fingerprint(journal: &[Entry]) -> u64 {
    let mut hasher = DefaultHasher::new();
    journal.hash(&mut hasher);
    hasher.finish()
}

impl App {
    #[inline(never)]
    pub(super) fn cluster(&mut self, ctx: &Context<Self>, act: Act) {
        match act {
            Act::Keep(name) => {
                let name = if name.trim().is_empty() { self.suggestion().to_string() } else { name };
                let text = clusters::text(&self.saved());
                Rc::make_mut(&mut self.clusters).add(&name, text, now());
                let kept = self.text.fill("clusters-kept", &[("name", &self.clusters.entries[0].name)]);
                self.toast(false, kept);
            }
            Act::Open(id) => {
                self.set_over(None);
                browser::set_fragment(Some(&clusters::fragment(id)));
                ctx.link().send_message(Msg::Guest(super::Guest::Address));
            }
            Act::Rename(id, name) => Rc::make_mut(&mut self.clusters).rename(id, &name),
            Act::Duplicate(id) => {
                self.keep_mine();
                Rc::make_mut(&mut self.clusters).duplicate(id, now());
            }
            Act::Delete(id) => {
                self.keep_mine();
                Rc::make_mut(&mut self.clusters).delete(id);
            }
            Act::Restore => Rc::make_mut(&mut self.clusters).restore(),
        }
    }

    /// The list, as it is now.
    #[inline(never)]
    pub(super) fn look_at_mine(&mut self) {
        self.keep_mine();
        let clusters = Rc::make_mut(&mut self.clusters);
        clusters.deleted = None;
        clusters.read();
    }

    /// The address names one of them; `first` as the page opens.
    #[inline(never)]
    pub(super) fn visit_mine(&mut self, id: u32, first: bool) {
        if self.mine.is_some_and(|mine| mine.id == id) {
            return;
        }
        self.keep_mine();
        let clusters = Rc::make_mut(&mut self.clusters);
        clusters.read();
        let Some(opened) = clusters.open(id) else {
            self.toast(true, self.text.get("clusters-missing").into());
            browser::set_fragment(None);
            self.leave();
            return;
        };
        self.open(opened, &clusters::fragment(id), first);
        self.mine = Some(Mine { id, journal: fingerprint(self.player.history().journal()) });
    }

    /// What was done to the one on view is kept, if anything was.
    #[inline(never)]
    pub(super) fn keep_mine(&mut self) {
        let journal = fingerprint(self.player.history().journal());
        let Some(mine) = self.mine.as_mut().filter(|mine| mine.journal != journal) else { return };
        mine.journal = journal;
        let id = mine.id;
        let text = clusters::text(&self.saved());
        Rc::make_mut(&mut self.clusters).update(id, text, now());
    }

    /// What the cluster on view could be called: after what is in it.
    pub(super) fn suggestion(&self) -> Rc<str> {
        let store = &self.player.cluster().store;
        let first =
            [Kind::Deployment, Kind::StatefulSet, Kind::Pod].into_iter().find_map(|kind| store.list(kind).next());
        first.map_or_else(|| self.text.get("clusters-suggestion").into(), |object| object.meta.name.clone())
    }

    #[inline(never)]
    pub(super) fn mine_view(&self, ctx: &Context<Self>) -> Html {
        html! {
            <clusters::list::List text={self.text} clusters={self.clusters.clone()} open={self.mine.map(|mine| mine.id)} suggestion={self.suggestion()}
                on={ctx.link().callback(Msg::Cluster)} on_shut={ctx.link().callback(|()| Msg::Over(None::<Over>))}/>
        }
    }
}
