//! The terminal under the picture: a command line that speaks kubectl, the events of the cluster, the requests in it.

mod events;
mod ink;

pub use events::{EventRow, Events, Log, last_seen, row};

use crate::clock_text;
use crate::icons::{Sign, sign};
use crate::text::Text;
use kubarium_sim::clock::Time;
use kubarium_sim::kubectl::complete::Completion;
use std::rc::Rc;
use web_sys::{HtmlElement, HtmlInputElement, KeyboardEvent};
use yew::prelude::*;

/// The most lines that are on view.
const MOST_LINES: usize = 1_000;
const MOST_REMEMBERED: usize = 200;
/// Ctrl-D, and Ctrl-P Ctrl-Q.
const END: &str = "\u{4}";
const DETACH: &str = "\u{10}\u{11}";

#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    pub text: Rc<str>,
    /// What the user typed, as against what came of it.
    pub typed: bool,
}

/// A request as the log shows it: who asked what, by which way, and what came back.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestRow {
    pub time: Time,
    pub from: String,
    pub what: Rc<str>,
    /// Hop by hop.
    pub way: String,
    pub answer: Rc<str>,
    pub ok: bool,
    /// The Service that it went to.
    pub service: Option<(Rc<str>, Rc<str>)>,
}

/// A command line that wants input.
#[derive(Clone, Debug, PartialEq)]
pub struct Asking {
    pub session: u32,
    /// What its program has written since the last newline.
    pub prompt: Rc<str>,
    /// Ctrl-P Ctrl-Q leaves it.
    pub can_detach: bool,
}

/// Who has the terminal.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Foreground {
    /// What is typed is a command.
    #[default]
    Shell,
    /// The same, but the last command has not ended yet.
    Busy,
    /// What is typed goes to this one.
    Asks(Asking),
}

impl Foreground {
    pub fn asking(&self) -> Option<&Asking> {
        if let Foreground::Asks(asking) = self { Some(asking) } else { None }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    #[default]
    Lines,
    Requests,
    Events,
}

#[derive(Properties, PartialEq)]
pub struct Props {
    pub text: Text,
    pub open: bool,
    pub lines: Rc<Vec<Line>>,
    pub foreground: Foreground,
    pub events: Events,
    pub requests: Rc<Vec<RequestRow>>,
    pub on_line: Callback<String>,
    /// A line that has been begun, and whom to tell how it may go on.
    pub on_complete: Callback<(String, Callback<Completion>)>,
    pub on_interrupt: Callback<()>,
    /// Something is typed into the program that asks.
    pub on_input: Callback<String>,
    pub on_open: Callback<bool>,
    /// Kind, namespace and name of what was picked.
    pub on_pick: Callback<(Rc<str>, Rc<str>, Rc<str>)>,
}

pub enum Msg {
    Tab(Tab),
    Sent(String),
    /// A key for the program that asks, such as Ctrl-D.
    Key(&'static str),
    Interrupt,
    Recall(isize),
    Clear,
    Complete(String),
    Completed(String, Completion),
}

pub struct Terminal {
    tab: Tab,
    /// What was typed before, the oldest first, and where in it the arrows are.
    typed: Vec<String>,
    recall: usize,
    /// Lines before this one were cleared away.
    cleared: usize,
    /// How the line may go on, where there are several ways.
    ways: Vec<String>,
    /// The line that went on in no way: the next Tab leaves it.
    stuck: String,
    input: NodeRef,
    out: NodeRef,
    /// What was on view when it last scrolled down: how much, and who asked.
    shown: (usize, Foreground),
}

impl Component for Terminal {
    type Message = Msg;
    type Properties = Props;

    fn create(_: &Context<Self>) -> Self {
        Terminal {
            tab: Tab::Lines,
            typed: vec![],
            recall: 0,
            cleared: 0,
            ways: vec![],
            stuck: String::new(),
            input: NodeRef::default(),
            out: NodeRef::default(),
            shown: (0, Foreground::Shell),
        }
    }

    fn changed(&mut self, ctx: &Context<Self>, _: &Props) -> bool {
        if ctx.props().lines.len() < self.cleared {
            self.cleared = 0;
        }
        true
    }

    fn update(&mut self, ctx: &Context<Self>, msg: Msg) -> bool {
        self.ways.clear();
        match msg {
            Msg::Tab(tab) => {
                self.tab = tab;
                ctx.props().on_open.emit(true);
            }
            Msg::Key(key) => ctx.props().on_input.emit(key.into()),
            Msg::Interrupt => {
                ctx.props().on_interrupt.emit(());
                if ctx.props().foreground.asking().is_some() {
                    self.set_input("");
                }
            }
            Msg::Sent(line) if ctx.props().foreground.asking().is_some() => {
                ctx.props().on_input.emit(format!("{line}\n"));
                self.remember(line);
            }
            Msg::Sent(line) => {
                let line = line.trim().to_string();
                if line == "clear" {
                    self.cleared = ctx.props().lines.len();
                    self.remember(String::new());
                    return true;
                } else if !line.is_empty() {
                    ctx.props().on_line.emit(line.clone());
                }
                self.remember(line);
            }
            Msg::Recall(by) => {
                self.recall = self.recall.saturating_add_signed(by).min(self.typed.len());
                self.set_input(&self.typed.get(self.recall).cloned().unwrap_or_default());
            }
            Msg::Clear => self.cleared = ctx.props().lines.len(),
            Msg::Complete(line) => {
                let asked = line.clone();
                let answer = ctx.link().callback(move |completion| Msg::Completed(asked.clone(), completion));
                ctx.props().on_complete.emit((line, answer));
            }
            Msg::Completed(line, completion) => self.go_on(line, completion),
        }
        true
    }

    fn rendered(&mut self, ctx: &Context<Self>, _: bool) {
        let amount = (ctx.props().lines.len(), ctx.props().foreground.clone());
        if amount != self.shown && self.tab == Tab::Lines {
            self.shown = amount;
            // In the next frame: in this one the browser would have to lay out the page only for that.
            if let Some(out) = self.out.cast::<HtmlElement>() {
                crate::browser::next_frame(move || out.set_scroll_top(out.scroll_height()));
            }
        }
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let p = ctx.props();
        let t = p.text;
        let tab = |tab: Tab, name: &'static str, count: Option<usize>| {
            let chosen = self.tab == tab;
            html! {
                <button type="button" role="tab" aria-selected={chosen.to_string()} onclick={ctx.link().callback(move |_| Msg::Tab(tab))}>
                    {t.get(name)}
                    // Its place is kept while there is nothing to count.
                    if let Some(count) = count { <em>if count > 0 { {crate::text::grouped(count)} }</em> }
                </button>
            }
        };
        let open = p.open;
        html! {
            <>
                <div class="tabs">
                    <div class="tabset" role="tablist" aria-label={t.get("below")}>
                    {tab(Tab::Lines, "terminal", None)}
                    {tab(Tab::Requests, "requests", Some(p.requests.len()))}
                    {tab(Tab::Events, "events", Some(p.events.len()))}
                    </div>
                    <span class="grow"></span>
                    <button type="button" class="hint" aria-expanded={open.to_string()} onclick={p.on_open.reform(move |_: MouseEvent| !open)}>
                        <kbd>{"`"}</kbd>{t.get(if open { "shuts" } else { "opens" })}
                    </button>
                </div>
                {match self.tab {
                    _ if !open => html! {},
                    Tab::Lines => self.lines(ctx),
                    Tab::Requests => requests(p),
                    Tab::Events => events(p),
                }}
            </>
        }
    }
}

impl Terminal {
    /// Writes on what all ways share; of several that share no more, they are shown.
    fn go_on(&mut self, line: String, completion: Completion) {
        // Whoever has typed on meanwhile keeps that.
        if self.input.cast::<HtmlInputElement>().is_none_or(|input| input.value() != line) {
            return;
        }
        let shared = format!("{}{}", &line[..completion.from], completion.common());
        match completion.words.len() {
            0 => self.stuck = line,
            1 if shared.ends_with(['/', '=']) => self.set_input(&shared),
            1 => self.set_input(&(shared + " ")),
            _ if shared.len() > line.len() => self.set_input(&shared),
            _ => self.ways = completion.words,
        }
    }

    /// A line was sent: the arrows bring it back.
    fn remember(&mut self, line: String) {
        if !line.is_empty() && self.typed.last() != Some(&line) {
            self.typed.push(line);
        }
        let over = self.typed.len().saturating_sub(MOST_REMEMBERED);
        self.typed.drain(..over);
        self.recall = self.typed.len();
        self.set_input("");
    }

    fn set_input(&self, text: &str) {
        if let Some(input) = self.input.cast::<HtmlInputElement>() {
            input.set_value(text);
            let end = text.encode_utf16().count() as u32;
            let _ = input.set_selection_range(end, end);
        }
    }

    fn lines(&self, ctx: &Context<Self>) -> Html {
        let p = ctx.props();
        let keys = {
            let (link, stuck, asks) = (ctx.link().clone(), self.stuck.clone(), p.foreground.asking().is_some());
            Callback::from(move |e: KeyboardEvent| {
                let input: HtmlInputElement = e.target_unchecked_into();
                let marked = input.selection_start().ok() != input.selection_end().ok();
                match (e.key().as_str(), e.ctrl_key()) {
                    // While a syllable is being put together, Enter ends the syllable.
                    ("Enter", _) if !e.is_composing() => link.send_message(Msg::Sent(input.value())),
                    ("ArrowUp", _) => link.send_message(Msg::Recall(-1)),
                    ("ArrowDown", _) => link.send_message(Msg::Recall(1)),
                    ("l", true) => link.send_message(Msg::Clear),
                    // In the midst of a line it would mean nothing to the program.
                    ("d", true) if asks && !input.value().is_empty() => {}
                    ("d", true) if asks => link.send_message(Msg::Key(END)),
                    ("Tab", false) if asks => return,
                    ("Tab", false) if !e.shift_key() && !input.value().is_empty() && input.value() != stuck => {
                        link.send_message(Msg::Complete(input.value()));
                    }
                    ("c", true) if !marked => link.send_message(Msg::Interrupt),
                    _ => return,
                }
                e.prevent_default();
            })
        };
        let to_input = {
            let input = self.input.clone();
            Callback::from(move |_: MouseEvent| {
                let selecting =
                    crate::browser::window().get_selection().ok().flatten().is_some_and(|s| !s.is_collapsed());
                if let (false, Some(input)) = (selecting, input.cast::<HtmlElement>()) {
                    let _ = input.focus();
                }
            })
        };
        let from = self.cleared.max(p.lines.len().saturating_sub(MOST_LINES)).min(p.lines.len());
        html! {
            <div class="out" ref={self.out.clone()} onclick={to_input}>
                <div role="log" aria-label={p.text.get("terminal-output")}>
                    if p.lines.is_empty() { <div class="none">{p.text.get("terminal-hint")}</div> }
                    {for (from..).zip(&p.lines[from..]).map(|(n, said)| line(n, said))}
                </div>
                if !self.ways.is_empty() { <div class="none" role="status">{self.ways.join("  ")}</div> }
                <div class="ask">
                    if let Some(asking) = p.foreground.asking() {
                        <span class="pr" id="prompt">{&*asking.prompt}</span>
                    } else {
                        <span class="pr" aria-hidden="true">{if p.foreground == Foreground::Busy { " " } else { "$" }}</span>
                    }
                    <input id="terminal" ref={self.input.clone()} type="text" aria-label={p.text.get("terminal-input")} aria-describedby={p.foreground.asking().map(|_| "prompt keys")}
                        spellcheck="false" autocapitalize="off" autocomplete="off" enterkeyhint="send" onkeydown={keys}/>
                </div>
                if let Some(asking) = p.foreground.asking() { {keys_of(ctx, asking)} }
            </div>
        }
    }
}

/// The keys that a line does not end with, for fingers and for those who do not know them. The first picture does without.
#[inline(never)]
fn keys_of(ctx: &Context<Terminal>, asking: &Asking) -> Html {
    let t = ctx.props().text;
    let key = |name: &'static str, does: &'static str, msg: fn() -> Msg| {
        let onclick = ctx.link().callback(move |_: MouseEvent| msg());
        html! { <button type="button" {onclick}><kbd>{name}</kbd>{t.get(does)}</button> }
    };
    html! {
        <div class="keys" id="keys" role="group" aria-label={t.get("typed-goes-there")}>
            {key("Ctrl-C", "key-interrupts", || Msg::Interrupt)}
            {key("Ctrl-D", "key-ends-input", || Msg::Key(END))}
            if asking.can_detach { {key("Ctrl-P Ctrl-Q", "key-detaches", || Msg::Key(DETACH))} }
        </div>
    }
}

/// The `n`th of all: lines that come leave the others as they are.
fn line(n: usize, line: &Line) -> Html {
    if line.typed {
        return html! { <div key={n}><span class="pr">{"$ "}</span><span class="sent">{&*line.text}</span></div> };
    }
    html! {
        <div key={n}>{for ink::pieces(&line.text).into_iter().map(|(class, text)| match class {
            "" => html! { {text.to_string()} },
            class => html! { <span {class}>{text.to_string()}</span> },
        })}</div>
    }
}

fn requests(p: &Props) -> Html {
    let one = |r: &RequestRow| {
        let place = r.service.clone().map(|(namespace, name)| (Rc::from("Service"), namespace, name));
        let pick = p.on_pick.clone();
        let go = Callback::from(move |_: MouseEvent| place.iter().for_each(|p| pick.emit(p.clone())));
        html! {
            <button type="button" class={(!r.ok).then_some("bad")} onclick={go}>
                <span>{clock_text::moment(r.time)}</span><span>{&r.from}</span><span>{&*r.what}</span>
                <span title={r.way.clone()}>{format!("{} {}", r.way, r.answer)}</span>
            </button>
        }
    };
    html! {
        <div class="log" tabindex="0" aria-label={p.text.get("requests")}>
            if p.requests.is_empty() { <p class="none">{p.text.get("no-requests")}</p> }
            {for p.requests.iter().rev().map(one)}
        </div>
    }
}

fn events(p: &Props) -> Html {
    let one = |e: EventRow| {
        let place = (e.kind.clone(), e.namespace.clone(), e.name.clone());
        let class = e.warning.then_some("bad");
        html! {
            <button type="button" class={class} onclick={p.on_pick.reform(move |_: MouseEvent| place.clone())}>
                <span>{if e.warning { sign(Sign::Broken, 11) } else { html! {} }}{clock_text::minutes(e.time)}</span>
                <span>{&e.about}</span><span>{&*e.reason}{if e.count > 1 { format!(" ×{}", e.count) } else { String::new() }}</span>
                <span title={e.message.to_string()}>{&*e.message}</span>
            </button>
        }
    };
    html! {
        <div class="log" tabindex="0" aria-label={p.text.get("events")}>
            if p.events.is_empty() { <p class="none">{p.text.get("no-events")}</p> }
            {for p.events.latest().map(one)}
        </div>
    }
}
