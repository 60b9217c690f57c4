//! The builder: what is on screen as lines for an article, with a live preview of what they will show.

use crate::browser;
use crate::icons::{Mark, mark};
use crate::inspector::portrait::Chosen;
use crate::text::{Lang, Text};
use kubarium::saved::figure::Figure;
use kubarium::saved::{LENSES, Look, Saved, link};
use std::rc::Rc;
use web_sys::{HtmlElement, HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

/// As high as a figure may be, in CSS pixels.
const LOW: u32 = 160;
const HIGH: u32 = 1200;
const USUAL: u32 = 420;
const THEMES: [(&str, Option<&str>); 3] =
    [("builder-theirs", None), ("builder-light", Some("light")), ("builder-dark", Some("dark"))];
const LENS_NAMES: [&str; 4] = ["lens-cluster", "lens-ownership", "lens-network", "list"];

#[derive(Properties, PartialEq)]
pub struct Props {
    pub text: Text,
    /// The cluster on view, and how one looks at it.
    pub saved: Rc<Saved>,
    pub selected: Option<Chosen>,
    /// What is on view, in words.
    pub label: Rc<str>,
    pub on_copy: Callback<String>,
    /// The still picture that belongs within.
    pub on_still: Callback<()>,
    pub on_shut: Callback<()>,
}

#[derive(Clone, PartialEq, Eq)]
pub enum Choice {
    Lens(usize),
    Focus(bool),
    /// As it is typed.
    Height(String),
    Lang(Lang),
    Theme(usize),
    Controls(bool),
    Autoplay(bool),
    /// As a frame, without a script.
    Frame(bool),
}

pub struct Builder {
    lens: usize,
    focus: bool,
    height: String,
    lang: Lang,
    theme: usize,
    controls: bool,
    autoplay: bool,
    frame: bool,
    figure: Option<Figure>,
    shut: NodeRef,
}

impl Component for Builder {
    type Message = Choice;
    type Properties = Props;

    fn create(ctx: &Context<Self>) -> Self {
        let p = ctx.props();
        let lens = LENSES.iter().position(|(lens, _)| *lens == p.saved.look.lens).unwrap_or(0);
        let mut builder = Builder {
            lens,
            focus: p.selected.is_some(),
            height: USUAL.to_string(),
            lang: p.text.0,
            theme: 0,
            controls: true,
            autoplay: false,
            frame: false,
            figure: None,
            shut: NodeRef::default(),
        };
        builder.figure = builder.made(p);
        builder
    }

    fn update(&mut self, ctx: &Context<Self>, choice: Choice) -> bool {
        match choice {
            Choice::Lens(lens) => self.lens = lens,
            Choice::Focus(focus) => self.focus = focus,
            Choice::Height(height) => self.height = height,
            Choice::Lang(lang) => self.lang = lang,
            Choice::Theme(theme) => self.theme = theme,
            Choice::Controls(controls) => self.controls = controls,
            Choice::Autoplay(autoplay) => self.autoplay = autoplay,
            Choice::Frame(frame) => self.frame = frame,
        }
        self.figure = self.made(ctx.props());
        true
    }

    fn rendered(&mut self, _: &Context<Self>, first: bool) {
        if first && let Some(button) = self.shut.cast::<HtmlElement>() {
            let _ = button.focus();
        }
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let p = ctx.props();
        let t = p.text;
        html! {
            <div class="card wide" role="dialog" aria-modal="true" aria-label={t.get("builder")}>
                <div class="title-row">
                    <h2>{t.get("builder")}</h2>
                    <button ref={self.shut.clone()} type="button" class="btn quiet sq" aria-label={t.get("shut")} onclick={p.on_shut.reform(|_: MouseEvent| ())}>{mark(Mark::Shut, 12)}</button>
                </div>
                <div class="gallery builder">
                    {self.choices(ctx)}
                    {match &self.figure {
                        Some(figure) => self.outcome(ctx, figure),
                        None => html! { <p class="lead" role="status">{t.get("link-too-long")}</p> },
                    }}
                </div>
            </div>
        }
    }
}

impl Builder {
    /// None if the cluster is too large for a link.
    fn made(&self, p: &Props) -> Option<Figure> {
        let (lens, name) = LENSES[self.lens];
        let chosen = p.selected.as_ref().filter(|_| self.focus);
        let words: Option<[Rc<str>; 3]> =
            chosen.map(|c| [c.kind.name().into(), c.key.namespace.clone(), c.key.name.clone()]);
        // A lens of its own has a camera of its own.
        let aim = p.saved.look.aim.filter(|_| lens == p.saved.look.lens);
        let look =
            Look { lens, selected: words.clone(), aim, lang: Some(self.lang.code().into()), ..p.saved.look.clone() };
        let link = link::write(&Saved { look, ..(*p.saved).clone() })?;
        Some(Figure {
            link,
            height: self.height.parse().unwrap_or(USUAL).clamp(LOW, HIGH),
            lang: self.lang.code(),
            theme: THEMES[self.theme].1,
            controls: self.controls,
            autoplay: self.autoplay,
            lens: name,
            focus: words.map_or_else(String::new, |words| words.join("/")),
            label: p.label.to_string(),
        })
    }

    fn choices(&self, ctx: &Context<Self>) -> Html {
        let p = ctx.props();
        let t = p.text;
        let link = ctx.link();
        let index = |e: Event| e.target_unchecked_into::<HtmlSelectElement>().selected_index().max(0) as usize;
        let option = |name: &str, chosen: bool| html! { <option selected={chosen}>{name.to_string()}</option> };
        let tick = |name: &'static str, on: bool, choice: fn(bool) -> Choice| {
            let change = link.callback(move |e: Event| choice(e.target_unchecked_into::<HtmlInputElement>().checked()));
            html! { <label><input type="checkbox" checked={on} onchange={change}/><span>{t.get(name)}</span></label> }
        };
        let height =
            link.callback(|e: InputEvent| Choice::Height(e.target_unchecked_into::<HtmlInputElement>().value()));
        html! {
            <div class="choices" role="group" aria-label={t.get("builder-choices")}>
                <label><span>{t.get("lens")}</span><select onchange={link.callback(move |e| Choice::Lens(index(e)))}>
                    {for LENS_NAMES.iter().enumerate().map(|(i, name)| option(t.get(name), i == self.lens))}</select></label>
                <label><span>{t.get("builder-height")}</span><input type="number" min={LOW.to_string()} max={HIGH.to_string()} step="20" value={self.height.clone()} oninput={height}/></label>
                <label><span>{t.get("builder-language")}</span><select onchange={link.callback(move |e| Choice::Lang(if index(e) == 0 { Lang::En } else { Lang::Ko }))}>
                    {option("English", self.lang == Lang::En)}{option("한국어", self.lang == Lang::Ko)}</select></label>
                <label><span>{t.get("builder-theme")}</span><select onchange={link.callback(move |e| Choice::Theme(index(e)))}>
                    {for THEMES.iter().enumerate().map(|(i, (name, _))| option(t.get(name), i == self.theme))}</select></label>
                <label><span>{t.get("builder-form")}</span><select onchange={link.callback(move |e| Choice::Frame(index(e) == 1))}>
                    {option("<kubarium-figure>", !self.frame)}{option("<iframe>", self.frame)}</select></label>
                if let Some(chosen) = &p.selected {
                    <label><input type="checkbox" checked={self.focus} onchange={link.callback(|e: Event| Choice::Focus(e.target_unchecked_into::<HtmlInputElement>().checked()))}/>
                        <span>{t.fill("builder-focus", &[("what", &format!("{} {}", chosen.kind.name(), chosen.key.name))])}</span></label>
                }
                {tick("builder-controls", self.controls, Choice::Controls)}
                if !self.frame { {tick("builder-autoplay", self.autoplay, Choice::Autoplay)} }
            </div>
        }
    }

    fn outcome(&self, ctx: &Context<Self>, figure: &Figure) -> Html {
        let p = ctx.props();
        let t = p.text;
        let home = browser::home();
        let lines = if self.frame { figure.frame(&home) } else { figure.element(&home) };
        let address = figure.address(&home);
        let copied = lines.clone();
        html! {
            <>
                <iframe key={address.clone()} class="preview" src={address} title={t.get("builder-preview")} height={figure.height.to_string()}></iframe>
                <pre class="m snippet" tabindex="0" role="region" aria-label={t.get("builder-lines")}>{lines}</pre>
                <div class="row">
                    <button type="button" class="btn go" onclick={p.on_copy.reform(move |_: MouseEvent| copied.clone())}>{t.get("copy")}</button>
                    if !self.frame { <button type="button" class="btn" onclick={p.on_still.reform(|_: MouseEvent| ())}>{t.get("do-still")}</button> }
                    <span class="grow"></span>
                    <p class="count">{t.get(if self.frame { "builder-frame-hint" } else { "builder-element-hint" })}</p>
                </div>
            </>
        }
    }
}
