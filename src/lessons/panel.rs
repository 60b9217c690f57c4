//! The panel: the list of lessons, or a part of one with its goals and what helps to reach them.

use super::progress::Done;
use super::prose::{Deeds, blocks, spans};
use super::{Act, Course};
use crate::icons::{Mark, Sign, mark, sign};
use crate::text::Text;
use kubarium_lesson::index::{Index, Listed};
use kubarium_lesson::{Lesson, Part};
use kubarium_sim::history::Entry;
use std::rc::Rc;
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct Props {
    pub text: Text,
    pub index: Option<Rc<Index>>,
    pub flaw: Option<Rc<str>>,
    pub done: Done,
    /// The lesson that is open.
    pub lesson: Option<Rc<Lesson>>,
    pub part: usize,
    /// Which goals of the part are met.
    pub met: Vec<bool>,
    /// How many commands were given since the part began, until its goals were reached.
    pub commands: usize,
    pub tips: usize,
    /// Steps are being shown.
    pub shows: bool,
    /// The parts before are being played.
    pub rushes: bool,
    pub on: Callback<Act>,
    pub on_line: Callback<String>,
}

impl Course {
    pub fn props(&self, text: Text, journal: &[Entry], on: Callback<Act>, on_line: Callback<String>) -> Props {
        let open = self.open.as_ref();
        Props {
            text,
            index: self.index.clone(),
            flaw: self.flaw.clone(),
            done: self.done.clone(),
            lesson: open.map(|o| o.lesson.clone()),
            part: open.map_or(0, |o| o.part),
            met: open.and_then(|o| o.progress()).map_or(vec![], |p| p.met.clone()),
            commands: open.map_or(0, |o| o.commands(journal)),
            tips: open.map_or(0, |o| o.tips),
            shows: open.is_some_and(|o| o.run.is_some()),
            rushes: open.is_some_and(|o| o.rush.is_some()),
            on,
            on_line,
        }
    }
}

#[component]
pub fn Panel(p: &Props) -> Html {
    match &p.lesson {
        Some(lesson) => part(p, lesson),
        None => list(p),
    }
}

/// The two pages of the left panel.
pub fn pages(text: Text, course: &Course, on: &Callback<Act>) -> Html {
    let front = course.front;
    let name = match &course.open {
        Some(open) => {
            let (n, of) = ((open.part + 1).to_string(), open.lesson.parts.len().to_string());
            text.fill("lesson-at", &[("n", &n), ("of", &of)])
        }
        None => text.get("lessons").into(),
    };
    let page = |to: bool, name: String| {
        html! { <button type="button" role="tab" aria-selected={(front == to).to_string()} onclick={on.reform(move |_: MouseEvent| Act::Front(to))}>{name}</button> }
    };
    html! {
        <div class="pages tabs">
            <div class="tabset" role="tablist" aria-label={text.get("editor-or-lesson")}>{page(false, text.get("yaml").into())}{page(true, name)}</div>
            <span class="grow"></span>
            <button type="button" class="btn quiet sq" aria-label={text.get("lessons-close")} title={text.get("lessons-close")} onclick={on.reform(|_: MouseEvent| Act::Close)}>{mark(Mark::Shut, 12)}</button>
        </div>
    }
}

fn list(p: &Props) -> Html {
    let t = p.text;
    let body = match (&p.index, &p.flaw) {
        (_, Some(flaw)) => html! { <p class="flaw">{t.fill("lessons-flaw", &[("what", flaw)])}</p> },
        (None, None) => html! { <p>{t.get("lessons-come")}</p> },
        (Some(index), None) => html! {
            <>
                <h2>{&index.title}</h2>
                <p>{spans(&index.about, &deeds(p))}</p>
                {for index.chapters.iter().map(|c| html! {
                    <>
                        if !c.title.is_empty() { <h3>{&c.title}</h3> }
                        <ul class="course">{for c.lessons.iter().map(|l| entry(p, l))}</ul>
                    </>
                })}
            </>
        },
    };
    html! { <div class="learn"><div class="read" tabindex="0">{body}</div></div> }
}

fn entry(p: &Props, listed: &Listed) -> Html {
    let t = p.text;
    let (title, name): (_, Rc<str>) = (listed.title.clone(), listed.name().into());
    let state = match p.done.of(&name) {
        Some((done, of)) if done >= of => {
            html! { <em>{sign(Sign::Ready, 14)}<span class="told">{t.get("lesson-done")}</span></em> }
        }
        Some((done, of)) if done > 0 => html! { <em>{format!("{done}/{of}")}</em> },
        _ => html! {},
    };
    let open = p.on.reform(move |_: MouseEvent| Act::Open(name.clone()));
    html! { <li><button type="button" onclick={open}><b>{title}</b>{state}<span>{spans(&listed.about, &deeds(p))}</span></button></li> }
}

fn deeds(p: &Props) -> Deeds {
    Deeds { on_line: p.on_line.clone(), on_file: p.on.reform(Act::File), run: p.text.get("run-line") }
}

fn part(p: &Props, lesson: &Lesson) -> Html {
    let t = p.text;
    let part = &lesson.parts[p.part];
    let deeds = deeds(p);
    let tips = part.tips.iter().take(p.tips);
    let met = p.met.iter().filter(|met| **met).count();
    let goals = part.goals.iter().enumerate().map(|(i, goal)| {
        let met = p.met.get(i).copied().unwrap_or(false);
        let state = t.get(if met { "goal-met" } else { "goal-open" });
        html! { <li class={met.then_some("met")}>if met { {sign(Sign::Ready, 16)} } else { <i></i> }<span class="told">{state}</span><span>{spans(&goal.words, &deeds)}</span></li> }
    });
    html! {
        <div class="learn">
            <div class="read" tabindex="0" key={p.part}>
                <button type="button" class="link up" onclick={p.on.reform(|_: MouseEvent| Act::List)}>{t.get("lessons-all")}</button>
                <h2>{&lesson.title}</h2>
                if p.part == 0 { {blocks(&lesson.intro, &deeds)} }
                <h3><i>{p.part + 1}</i>{&part.title}</h3>
                {blocks(&part.blocks, &deeds)}
                if p.rushes {
                    <p class="flaw" role="status">{t.get("lesson-rushes")}</p>
                } else if !part.goals.is_empty() {
                    <ul class="goals">{for goals}</ul>
                    {counted(p, part)}
                }
                {for tips.map(|tip| html! { <blockquote>{spans(tip, &deeds)}</blockquote> })}
            </div>
            <p class="told" role="status">{if p.met.is_empty() { String::new() } else { t.fill("goals-met", &[("n", &met.to_string()), ("of", &p.met.len().to_string())]) }}</p>
            {foot(p, lesson)}
        </div>
    }
}

/// How many commands it took, quietly; once the goals are reached, beside what the shown way takes.
fn counted(p: &Props, part: &Part) -> Html {
    let t = p.text;
    if p.commands == 0 {
        return html! {};
    }
    let shown = part.steps.iter().filter(|step| step.command().is_some()).count();
    let took = t.count("commands", "commands-one", p.commands);
    let whole = !p.met.is_empty() && p.met.iter().all(|met| *met);
    let way = (whole && shown > 0).then(|| t.fill("commands-shown", &[("n", &shown.to_string())]));
    html! { <p class="count">{took}{way}</p> }
}

/// Where one is, and what one can do.
fn foot(p: &Props, lesson: &Lesson) -> Html {
    let t = p.text;
    let part = &lesson.parts[p.part];
    let whole = p.met.iter().all(|met| *met) && p.met.len() == part.goals.len();
    let last = p.part + 1 == lesson.parts.len();
    let say = |make: fn() -> Act| p.on.reform(move |_: MouseEvent| make());
    let bar = lesson.parts.iter().enumerate().map(|(i, part)| {
        let class = (i < p.part || i == p.part && whole).then_some("done");
        let label = format!("{}: {}", i + 1, part.title);
        html! { <li><button type="button" {class} aria-current={(i == p.part).then_some("step")} title={label.clone()} aria-label={label} onclick={p.on.reform(move |_: MouseEvent| Act::Part(i))}></button></li> }
    });
    let next = p.part + 1;
    html! {
        <div class="foot">
            <ol class="way">{for bar}</ol>
            <div class="row">
                if !part.steps.is_empty() {
                    <button type="button" class="btn" disabled={p.shows || p.rushes} onclick={say(|| Act::Show)}>{t.get("lesson-show")}</button>
                    <button type="button" class="btn quiet" disabled={p.rushes} onclick={say(|| Act::Undo)} title={t.get("lesson-undo-hint")}>{t.get("lesson-undo")}</button>
                }
                if p.tips < part.tips.len() { <button type="button" class="btn quiet" onclick={say(|| Act::Tip)}>{t.get("lesson-tip")}</button> }
                <span class="grow"></span>
                if last {
                    <button type="button" class="btn" onclick={say(|| Act::Restart)}>{t.get("lesson-again")}</button>
                    <button type="button" class="btn go" onclick={say(|| Act::List)}>{t.get("lessons-all")}</button>
                } else {
                    <button type="button" class={classes!("btn", whole.then_some("go"))} disabled={p.rushes} onclick={p.on.reform(move |_: MouseEvent| Act::Part(next))}>{t.get("lesson-next")}</button>
                }
            </div>
        </div>
    }
}
