//! Find or do: every object by its name, and every command of the page.

use crate::app::{Guest, Lens, Msg, Over, Turn};
use crate::icons::{Mark, kind, mark};
use crate::inspector::portrait::Chosen;
use crate::lessons;
use crate::samples;
use crate::text::Text;
use crate::timeline::Act;
use kubarium_lesson::index::{Chapter, Index, Listed};
use kubarium_sim::api::Kind;
use kubarium_sim::clock::Time;
use kubarium_sim::cluster::Cluster;
use std::rc::Rc;
use web_sys::{HtmlInputElement, KeyboardEvent};
use yew::prelude::*;

/// The most that is offered at once.
const MOST: usize = 40;
/// Kinds that nobody looks for by name.
const UNSOUGHT: [Kind; 5] = [Kind::Event, Kind::Lease, Kind::Endpoints, Kind::EndpointSlice, Kind::ControllerRevision];
/// Kinds that are sought most, in this order; then all others.
const SOUGHT: [Kind; 4] = [Kind::Deployment, Kind::Service, Kind::Pod, Kind::Node];

#[derive(Properties, PartialEq)]
pub struct Props {
    pub text: Text,
    pub objects: Rc<Vec<Chosen>>,
    /// The gallery, once it is here.
    pub samples: Option<Rc<Index>>,
    pub on: Callback<Msg>,
}

/// Every object that can be looked for.
pub fn objects(cluster: &Cluster) -> Vec<Chosen> {
    let kinds = cluster.store.kinds().filter(|k| !UNSOUGHT.contains(k));
    kinds.flat_map(|k| cluster.store.list(k).map(move |o| Chosen { kind: k, key: o.key() })).collect()
}

#[derive(Clone, Copy)]
enum Deed {
    Lens(Lens),
    Play,
    Start,
    Undo,
    Machine,
    Intro,
    Terminal,
    Theme,
    Language,
    Keys,
    Ledger,
    Copy,
    Figure,
    Still,
    Pixels,
    Print,
    Present,
    Save,
    Open,
    Clusters,
    Own,
    Lessons,
    Samples,
    Fresh,
}

const DEEDS: [(Deed, &str, &str); 27] = [
    (Deed::Play, "do-play", "Space"),
    (Deed::Start, "do-start", "0"),
    (Deed::Undo, "do-undo", "Ctrl Z"),
    (Deed::Machine, "do-machine", ""),
    (Deed::Lens(Lens::Cluster), "do-lens-cluster", "g c"),
    (Deed::Lens(Lens::Ownership), "do-lens-ownership", "g o"),
    (Deed::Lens(Lens::Network), "do-lens-network", "g n"),
    (Deed::Lens(Lens::List), "do-lens-list", "g l"),
    (Deed::Terminal, "do-terminal", "`"),
    (Deed::Present, "do-present", "p"),
    (Deed::Theme, "do-theme", ""),
    (Deed::Language, "do-language", ""),
    (Deed::Keys, "do-keys", "?"),
    (Deed::Ledger, "ledger", ""),
    (Deed::Copy, "do-copy", ""),
    (Deed::Figure, "do-figure", ""),
    (Deed::Still, "do-still", ""),
    (Deed::Pixels, "do-pixels", ""),
    (Deed::Print, "do-print", ""),
    (Deed::Save, "do-save", ""),
    (Deed::Open, "do-open", ""),
    (Deed::Clusters, "do-clusters", ""),
    (Deed::Own, "do-own", ""),
    (Deed::Intro, "do-intro", ""),
    (Deed::Lessons, "do-lessons", ""),
    (Deed::Samples, "do-samples", ""),
    (Deed::Fresh, "do-fresh", ""),
];

impl Deed {
    fn msg(self) -> Msg {
        match self {
            Deed::Lens(lens) => Msg::Lens(lens),
            Deed::Undo => Msg::Undo,
            Deed::Intro => Msg::Intro(Turn::Begin),
            Deed::Machine => Msg::Deed("machine add".into()),
            Deed::Play => Msg::Time(Act::Toggle),
            Deed::Start => Msg::Time(Act::Seek(Time(0))),
            Deed::Terminal => Msg::TerminalKey,
            Deed::Theme => Msg::Theme,
            Deed::Language => Msg::Language,
            Deed::Keys => Msg::Over(Some(Over::Keys)),
            Deed::Ledger => Msg::Over(Some(Over::Ledger)),
            Deed::Copy => Msg::Guest(Guest::Copy),
            Deed::Figure => Msg::Over(Some(Over::Figure)),
            Deed::Still => Msg::Guest(Guest::Still),
            Deed::Pixels => Msg::Guest(Guest::Pixels),
            Deed::Print => Msg::Paper,
            Deed::Present => Msg::Big(true),
            Deed::Save => Msg::Guest(Guest::Save),
            Deed::Open => Msg::Guest(Guest::Choose),
            Deed::Clusters => Msg::Over(Some(Over::Clusters)),
            Deed::Own => Msg::Guest(Guest::Leave),
            Deed::Lessons => Msg::Lesson(lessons::Act::List),
            Deed::Samples => Msg::Over(Some(Over::Samples)),
            Deed::Fresh => Msg::Fresh,
        }
    }
}

pub enum Input {
    Typed(String),
    Move(isize),
    Take,
    TakeAt(usize),
}

pub struct Find {
    typed: String,
    at: usize,
    input: NodeRef,
}

/// One thing that was found.
enum Found<'a> {
    Object(&'a Chosen),
    Deed(Deed, &'static str, &'static str),
    /// What was typed, run in the terminal.
    Line(&'a str),
    Sample(&'a Chapter, &'a Listed),
}

impl Component for Find {
    type Message = Input;
    type Properties = Props;

    fn create(_: &Context<Self>) -> Self {
        Find { typed: String::new(), at: 0, input: NodeRef::default() }
    }

    fn rendered(&mut self, _: &Context<Self>, first: bool) {
        if first && let Some(input) = self.input.cast::<HtmlInputElement>() {
            let _ = input.focus();
        }
    }

    fn update(&mut self, ctx: &Context<Self>, input: Input) -> bool {
        let count = self.found(ctx).len();
        match input {
            Input::Typed(text) => (self.typed, self.at) = (text, 0),
            Input::Move(by) => self.at = (self.at + count).saturating_add_signed(by) % count.max(1),
            Input::Take => self.take(ctx, self.at),
            Input::TakeAt(index) => self.take(ctx, index),
        }
        true
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let t = ctx.props().text;
        let link = ctx.link();
        let keys = link.batch_callback(|e: KeyboardEvent| {
            let input = match e.key().as_str() {
                "ArrowDown" => Input::Move(1),
                "ArrowUp" => Input::Move(-1),
                "Enter" if !e.is_composing() => Input::Take,
                _ => return None,
            };
            e.prevent_default();
            Some(input)
        });
        let found = self.found(ctx);
        html! {
            <div class="card" role="dialog" aria-modal="true" aria-label={t.get("find-or-do")}>
                <input ref={self.input.clone()} type="text" placeholder={t.get("find-hint")} aria-label={t.get("find-or-do")} spellcheck="false" autocomplete="off"
                    role="combobox" aria-expanded="true" aria-controls="found" aria-activedescendant={format!("found-{}", self.at)}
                    oninput={link.callback(|e: InputEvent| Input::Typed(e.target_unchecked_into::<HtmlInputElement>().value()))} onkeydown={keys}/>
                if found.is_empty() { <p class="none">{t.get("found-nothing")}</p> }
                <ul id="found" role="listbox" aria-label={t.get("find-or-do")}>{for found.iter().enumerate().map(|(i, f)| {
                    html! { <li class="found" role="option" id={format!("found-{i}")} aria-selected={(i == self.at).to_string()}
                        onclick={link.callback(move |_| Input::TakeAt(i))}>{show(f, t)}</li> }
                })}</ul>
            </div>
        }
    }
}

/// What is named exactly so comes first, then what is sought most.
fn rank(chosen: &Chosen, sought: &str) -> (bool, usize) {
    let place = SOUGHT.iter().position(|k| *k == chosen.kind).unwrap_or(SOUGHT.len());
    (*chosen.key.name != *sought, place)
}

fn show(found: &Found, t: Text) -> Html {
    match found {
        Found::Object(c) => {
            let place = if c.key.namespace.is_empty() {
                c.kind.name().to_string()
            } else {
                format!("{} · {}", c.kind.name(), c.key.namespace)
            };
            html! { <>{kind(c.kind.name(), 16)}<b class="m">{c.key.name.to_string()}</b><em>{place}</em></> }
        }
        Found::Deed(_, name, key) => html! { <><b>{t.get(name)}</b><em>{key}</em></> },
        Found::Line(line) => {
            html! { <><span class="m">{"$"}</span><b class="m">{line.to_string()}</b><em>{t.get("run-it")}</em></> }
        }
        Found::Sample(chapter, sample) => {
            html! { <>{mark(Mark::File, 16)}<b>{&sample.title}</b><em>{format!("{} · {}", t.get("sample"), chapter.title)}</em></> }
        }
    }
}

impl Find {
    fn found<'a>(&'a self, ctx: &'a Context<Self>) -> Vec<Found<'a>> {
        let sought = self.typed.trim().to_lowercase();
        let t = ctx.props().text;
        let mut found = Vec::new();
        if sought.starts_with("kubectl ") {
            found.push(Found::Line(self.typed.trim()));
        }
        let fits = |text: &str| sought.split_whitespace().all(|w| text.to_lowercase().contains(w));
        let deeds = DEEDS.iter().filter(|(_, name, _)| fits(t.get(name))).map(|(d, n, k)| Found::Deed(*d, n, k));
        let mut objects = ctx
            .props()
            .objects
            .iter()
            .filter(|c| !sought.is_empty() && fits(&format!("{} {} {}", c.kind.name(), c.key.namespace, c.key.name)))
            .collect::<Vec<_>>();
        objects.sort_by_key(|c| rank(c, &sought));
        found.extend(objects.into_iter().map(Found::Object).chain(deeds));
        if !sought.is_empty() {
            found.extend(self.samples(ctx, &sought));
        }
        found.truncate(MOST);
        found
    }

    fn samples<'a>(&self, ctx: &'a Context<Self>, sought: &str) -> impl Iterator<Item = Found<'a>> {
        let chapters = ctx.props().samples.iter().flat_map(|index| &index.chapters);
        let all = chapters.flat_map(|chapter| chapter.lessons.iter().map(move |sample| (chapter, sample)));
        all.filter(move |(chapter, sample)| samples::fits(sought, chapter, sample)).map(|(c, s)| Found::Sample(c, s))
    }

    fn take(&self, ctx: &Context<Self>, index: usize) {
        let found = self.found(ctx);
        let Some(one) = found.get(index) else { return };
        let on = &ctx.props().on;
        on.emit(Msg::Over(None));
        on.emit(match one {
            Found::Object(c) => Msg::Pick(Some((*c).clone())),
            Found::Deed(deed, ..) => deed.msg(),
            Found::Line(line) => Msg::Run(line.to_string()),
            Found::Sample(_, sample) => Msg::Sample(samples::Act::Open(sample.path.as_str().into())),
        });
    }
}
