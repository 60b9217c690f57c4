//! The editor: files in tabs, what is wrong at its line, Apply. A plain text area first; CodeMirror takes its place when
//! it is first used.

pub mod check;
mod code;
mod dropped;
pub mod files;
mod help;
mod list;
mod place;
mod tabs;

use crate::browser;
use crate::desk;

use crate::text::Text;
use check::{Problem, Weight};
use code::{Code, Tells};
use files::{Files, Offer, Sent};
use gloo_timers::callback::Timeout;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;
use web_sys::{DragEvent, Element, HtmlTextAreaElement, KeyboardEvent};
use yew::prelude::*;

/// How long after the last key a text is read again.
const CHECK_AFTER_MS: u32 = 250;
/// Longer texts are not kept from visit to visit: browsers give no room for them.
const MOST_KEPT: usize = 2 << 20;

#[derive(Properties, PartialEq)]
pub struct Props {
    pub text: Text,
    /// The whole program is there: texts can be looked at.
    pub ready: bool,
    /// What the last Apply was refused for, one complaint each.
    pub complaints: Rc<Vec<String>>,
    /// Counts up when the cluster was made anew, so that nothing in it comes from here any more.
    pub cleared: u32,
    /// Counts up when Apply is wanted from outside.
    pub applies: u32,
    /// The files that a guest has brought; none if the cluster is one's own.
    pub brought: Option<Rc<Vec<Sent>>>,
    /// Files to be put beside those that are here; the last is shown.
    pub offered: Rc<Offer>,
    pub on_apply: Callback<Vec<Sent>>,
    /// The gallery is wanted.
    pub on_samples: Callback<()>,
    /// A file was dropped that is no manifest but a saved cluster.
    pub on_saved: Callback<String>,
}

pub enum Msg {
    Show(usize),
    New,
    Close(usize),
    Rename(Option<usize>),
    Named(String),
    Typed(String),
    Check,
    WantCode,
    Mounted(Box<Code>),
    Failed,
    Apply,
    Goto(u32, u32),
    Dropped(String, String),
    Dragging(bool),
}

/// What the API server refused of a file; it holds as long as the text is the same.
struct Refusal {
    file: String,
    text: String,
    problem: Problem,
}

pub struct Editor {
    files: Files,
    /// One's own, while a guest's are on view.
    own: Option<Files>,
    /// Whether a guest's are on view.
    guest: bool,
    problems: Vec<Problem>,
    refusals: Vec<Refusal>,
    code: Option<Box<Code>>,
    loading: bool,
    renaming: Option<usize>,
    dragging: bool,
    /// Another tab is to be seen, wherever the row of tabs was left.
    turned: bool,
    /// The text cannot be read at all, so there is nothing to send.
    unreadable: bool,
    pending: Option<Timeout>,
    host: NodeRef,
    area: NodeRef,
}

impl Component for Editor {
    type Message = Msg;
    type Properties = Props;

    fn create(ctx: &Context<Self>) -> Self {
        let guest = ctx.props().brought.is_some();
        let files = if guest { Files::given(&[]) } else { own_files() };
        Editor {
            files,
            own: None,
            guest,
            turned: false,
            unreadable: false,
            problems: vec![],
            refusals: vec![],
            code: None,
            loading: false,
            renaming: None,
            dragging: false,
            pending: None,
            host: NodeRef::default(),
            area: NodeRef::default(),
        }
    }

    fn changed(&mut self, ctx: &Context<Self>, old: &Props) -> bool {
        let props = ctx.props();
        if !old.ready {
            self.take_typed();
            if props.ready {
                self.check(ctx);
            }
        }
        if props.cleared != old.cleared {
            self.files.mark_unsent();
        }
        if props.applies != old.applies {
            self.apply(ctx);
        }
        if props.brought != old.brought {
            self.change_hands(ctx, props.brought.as_ref().map(|sent| &***sent));
        }
        if !Rc::ptr_eq(&props.offered, &old.offered) {
            self.files.offer(&props.offered);
            self.shown(ctx);
        }
        if !Rc::ptr_eq(&props.complaints, &old.complaints) {
            self.show_complaints(ctx, &props.complaints);
        }
        if props.text != old.text {
            self.check(ctx);
            if let Some(code) = &self.code {
                code.speak(props.text);
            }
        }
        true
    }

    fn update(&mut self, ctx: &Context<Self>, msg: Msg) -> bool {
        match msg {
            Msg::Show(index) => {
                self.files.current = index.min(self.files.list.len() - 1);
                self.shown(ctx);
            }
            Msg::New => {
                self.files.add("new.yaml", "");
                self.shown(ctx);
            }
            Msg::Close(index) => {
                self.files.close(index);
                self.shown(ctx);
            }
            Msg::Rename(index) => self.renaming = index,
            Msg::Named(name) => {
                if let Some(index) = self.renaming.take() {
                    self.files.rename(index, &name);
                    self.keep();
                }
            }
            Msg::Typed(text) => {
                let was_unsent = self.files.now().unsent();
                self.files.now_mut().text = text;
                let link = ctx.link().clone();
                self.pending = Some(Timeout::new(CHECK_AFTER_MS, move || link.send_message(Msg::Check)));
                // With CodeMirror the text is not ours to draw again; only the mark of the tab may have changed.
                return self.code.is_none() || was_unsent != self.files.now().unsent();
            }
            Msg::Check => {
                self.keep();
                self.check(ctx);
            }
            Msg::WantCode => return self.want_code(ctx),
            Msg::Mounted(code) => self.mounted(code),
            Msg::Failed => self.loading = false,
            Msg::Apply => self.apply(ctx),
            Msg::Goto(line, column) => {
                if let Some(code) = &self.code {
                    code.view.goto(line, column);
                } else {
                    self.goto_in_area(line, column);
                }
            }
            Msg::Dropped(name, text) => {
                self.dragging = false;
                if kubarium::saved::is_saved(&text) {
                    ctx.props().on_saved.emit(text);
                } else {
                    self.files.add(&name, &text);
                    self.shown(ctx);
                }
            }
            Msg::Dragging(yes) => {
                let changed = self.dragging != yes;
                self.dragging = yes;
                return changed;
            }
        }
        true
    }

    fn rendered(&mut self, _: &Context<Self>, _: bool) {
        if std::mem::take(&mut self.turned) {
            browser::bring_into_row(".files .tabset", "[aria-selected=true]");
        }
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let text = ctx.props().text;
        html! {
            <>
                {self.tabs(ctx)}
                {self.code_area(ctx)}
                {list::view(text, &self.problems, ctx.link().callback(|(line, column)| Msg::Goto(line, column)))}
                <div class="apply">
                    <span role="status">{self.status(text)}</span>
                    <button type="button" class="btn go" disabled={self.unreadable} onclick={ctx.link().callback(|_| Msg::Apply)}>
                        {text.get("apply")}<kbd aria-hidden="true">{if browser::on_a_mac() { "⌘ ⏎" } else { "Ctrl ⏎" }}</kbd>
                    </button>
                </div>
            </>
        }
    }
}

impl Editor {
    fn keep(&self) {
        let size: usize = self.files.list.iter().map(|f| f.text.len()).sum();
        if size <= MOST_KEPT {
            desk::keep_files(self.guest, &self.files.write());
        }
    }

    /// What was typed before this program could hear of it. Later the field may still show what it is to show no more.
    fn take_typed(&mut self) {
        if let Some(area) = self.area.cast::<HtmlTextAreaElement>() {
            self.files.now_mut().text = area.value();
        }
    }

    /// A guest's files come, or one's own come back.
    fn change_hands(&mut self, ctx: &Context<Self>, brought: Option<&[Sent]>) {
        self.pending = None;
        self.files = match brought {
            Some(sent) => {
                if !self.guest {
                    self.keep();
                    self.own = Some(self.files.clone());
                }
                self.guest = true;
                Files::given(sent)
            }
            None => {
                self.guest = false;
                self.own.take().unwrap_or_else(own_files)
            }
        };
        self.refusals.clear();
        self.shown(ctx);
    }

    fn check(&mut self, ctx: &Context<Self>) {
        let text = ctx.props().text;
        self.problems = check::problems(&self.files.now().text);
        self.unreadable = unreadable(&self.problems);
        let now = self.files.now();
        let still = self.refusals.iter().filter(|r| r.file == now.name && r.text == now.text);
        self.problems.extend(still.map(|r| r.problem.clone()));
        let (kind, field) = (
            |name: &str| text.fill("kind-is-inert", &[("kind", name)]),
            |name: &str| text.fill("field-is-inert", &[("field", name)]),
        );
        self.problems.extend(help::inert(&self.files.now().text, &kind, &field));
        self.mark_problems();
    }

    fn mark_problems(&self) {
        if let Some(code) = &self.code {
            code.problems(&self.problems);
        }
    }

    /// Another file is on view.
    fn shown(&mut self, ctx: &Context<Self>) {
        self.turned = true;
        self.keep();
        if let Some(code) = &self.code {
            code.view.open(&self.files.now().name, &self.files.now().text);
        }
        self.check(ctx);
    }

    fn apply(&mut self, ctx: &Context<Self>) {
        // What was typed last may not have been looked at yet; looked at later, it would wipe out the answer.
        self.pending = None;
        self.check(ctx);
        if self.unreadable {
            return;
        }
        let sent = self.files.to_send();
        if sent.iter().all(|s| s.text.trim().is_empty()) {
            return;
        }
        self.files.mark_sent(&sent);
        self.check(ctx);
        self.keep();
        ctx.props().on_apply.emit(sent);
    }

    /// Puts the API server's complaints at their lines, and shows a file that has one.
    fn show_complaints(&mut self, ctx: &Context<Self>, complaints: &[String]) {
        let files: Vec<(&str, &str)> = self.files.list.iter().map(|f| (f.name.as_str(), f.text.as_str())).collect();
        let placed: Vec<(usize, Problem)> = complaints.iter().filter_map(|c| check::place(&files, c)).collect();
        let first = placed.first().map(|(file, _)| *file);
        let here = placed.iter().any(|(file, _)| *file == self.files.current);
        self.refusals = placed
            .into_iter()
            .map(|(file, problem)| {
                let file = &mut self.files.list[file];
                file.applied = None;
                Refusal { file: file.name.clone(), text: file.text.clone(), problem }
            })
            .collect();
        match first {
            Some(first) if !here => {
                self.files.current = first;
                self.shown(ctx);
            }
            _ => self.check(ctx),
        }
    }

    fn want_code(&mut self, ctx: &Context<Self>) -> bool {
        if self.loading || self.code.is_some() {
            return false;
        }
        let Some(host) = self.host.cast::<Element>() else { return false };
        self.loading = true;
        let (content, text) = (self.files.now().text.clone(), ctx.props().text);
        let (change, apply) = (ctx.link().callback(Msg::Typed), ctx.link().callback(|()| Msg::Apply));
        let tells = Tells {
            change: Box::new(move |t| change.emit(t)),
            apply: Box::new(move || apply.emit(())),
            leave: Box::new(|| browser::focus("picture")),
        };
        let link = ctx.link().clone();
        spawn_local(async move {
            match Code::mount(host, content, text, tells).await {
                Ok(code) => link.send_message(Msg::Mounted(Box::new(code))),
                // The text area goes on serving; nothing is lost but the comfort.
                Err(_) => link.send_message(Msg::Failed),
            }
        });
        false
    }

    fn mounted(&mut self, code: Box<Code>) {
        // What was typed while it loaded is in our hands; the caret goes over as well.
        let area = self.area.cast::<HtmlTextAreaElement>();
        let caret = area.as_ref().and_then(|a| a.selection_start().ok().flatten());
        let focused = area.as_ref().is_some_and(|a| browser::document().active_element().as_ref() == Some(a.as_ref()));
        code.view.open(&self.files.now().name, &self.files.now().text);
        if let (true, Some(host)) = (focused, self.host.cast::<Element>()) {
            let utf16: Vec<u16> = self.files.now().text.encode_utf16().take(caret.unwrap_or(0) as usize).collect();
            let line = utf16.iter().filter(|c| **c == u16::from(b'\n')).count() as u32 + 1;
            let column = utf16.iter().rev().take_while(|c| **c != u16::from(b'\n')).count() as u32 + 1;
            // Before the text area is taken away: a key that is pressed meanwhile must find one of them.
            let _ = host.class_list().remove_1("idle");
            code.view.goto(line, column);
        }
        self.code = Some(code);
        self.mark_problems();
    }

    fn goto_in_area(&self, line: u32, column: u32) {
        let Some(area) = self.area.cast::<HtmlTextAreaElement>() else { return };
        let before: usize =
            self.files.now().text.split_inclusive('\n').take(line as usize - 1).map(|l| l.encode_utf16().count()).sum();
        let at = before as u32 + column - 1;
        let _ = area.focus();
        let _ = area.set_selection_range(at, at);
    }

    fn status(&self, text: Text) -> String {
        let errors = self.problems.iter().filter(|p| p.weight == Weight::Error).count();
        let unsent = self.files.list.iter().filter(|f| f.unsent()).count();
        match (errors, unsent) {
            (0, 0) => text.get("editor-all-sent").into(),
            (0, 1) => text.fill(
                "editor-unsent-one",
                &[("file", &self.files.list.iter().find(|f| f.unsent()).map(|f| f.name.clone()).unwrap_or_default())],
            ),
            (0, n) => text.fill("editor-unsent", &[("n", &n.to_string())]),
            (n, _) => text.count("editor-problems", "editor-problems-one", n),
        }
    }

    fn code_area(&self, ctx: &Context<Self>) -> Html {
        let text = ctx.props().text;
        let link = ctx.link();
        let typed = link.callback(|e: InputEvent| Msg::Typed(e.target_unchecked_into::<HtmlTextAreaElement>().value()));
        let keys = link.batch_callback(|e: KeyboardEvent| {
            let apply = e.key() == "Enter" && (e.ctrl_key() || e.meta_key());
            apply.then(|| {
                e.prevent_default();
                Msg::Apply
            })
        });
        let over = link.callback(|e: DragEvent| {
            e.prevent_default();
            Msg::Dragging(true)
        });
        let drop = {
            let link = link.clone();
            Callback::from(move |e: DragEvent| {
                e.prevent_default();
                dropped::read(&e, &link);
                link.send_message(Msg::Dragging(false));
            })
        };
        html! {
            <div class={classes!("code", self.dragging.then_some("dropped"))} ondragover={over} ondrop={drop} ondragleave={link.callback(|_| Msg::Dragging(false))}>
                <div class={classes!("host", self.code.is_none().then_some("idle"))} ref={self.host.clone()}></div>
                if self.code.is_none() {
                    <textarea ref={self.area.clone()} class="m" value={self.files.now().text.clone()} aria-label={text.get("editor-text")}
                        spellcheck="false" autocapitalize="off" autocomplete="off" wrap="off" oninput={typed} onkeydown={keys}
                        onfocus={link.callback(|_| Msg::WantCode)}/>
                }
            </div>
        }
    }
}

/// What was written here before; for a first visitor, a sample.
fn own_files() -> Files {
    let mut files = desk::kept_files(false).and_then(|t| Files::read(&t)).unwrap_or_else(Files::sample);
    // The files outlive the cluster: that ends with the tab.
    if !crate::journal::is_kept() {
        files.mark_unsent();
    }
    files
}

fn unreadable(problems: &[Problem]) -> bool {
    problems.iter().any(|p| p.weight == Weight::Error)
}
