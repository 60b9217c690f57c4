//! The inspector: what is selected, why it is so, its events, its YAML, its history.

pub mod acts;
mod facts;
mod fit;
pub mod inside;
pub mod overview;
pub mod portrait;
mod related;
mod why;
mod yaml;

use crate::clock_text;
use crate::icons::{Mark, Sign, kind, mark, shut_out, sign};
use crate::text::Text;
use inside::{cards, files, logs};
use kubarium_sim::api::Kind;
use overview::{Overview, SIGNS, Trouble};
use portrait::{Chosen, Link, Portrait};
use std::rc::Rc;
use web_sys::{KeyboardEvent, PointerEvent};
use yew::prelude::*;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    #[default]
    Why,
    Events,
    Yaml,
    History,
    Logs,
    Files,
}

const TABS: [(Tab, &str); 6] = [
    (Tab::Why, "why"),
    (Tab::Events, "events"),
    (Tab::Yaml, "yaml"),
    (Tab::History, "history"),
    (Tab::Logs, "logs"),
    (Tab::Files, "files"),
];

impl Tab {
    /// This tab, or the first where objects of the kind have none such.
    pub fn of(self, kind: Kind) -> Tab {
        let has = match self {
            Tab::Logs => kind == Kind::Pod,
            Tab::Files => matches!(kind, Kind::Pod | Kind::PersistentVolumeClaim | Kind::PersistentVolume),
            _ => true,
        };
        if has { self } else { Tab::Why }
    }
}

/// How far a phone's sheet is drawn up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sheet {
    Low,
    #[default]
    Half,
    High,
}

impl Sheet {
    pub fn name(self) -> &'static str {
        match self {
            Sheet::Low => "low",
            Sheet::Half => "half",
            Sheet::High => "high",
        }
    }

    pub fn moved(self, up: bool) -> Sheet {
        match (self, up) {
            (Sheet::Low, true) | (Sheet::High, false) => Sheet::Half,
            (_, true) => Sheet::High,
            (_, false) => Sheet::Low,
        }
    }
}

#[derive(Properties, PartialEq)]
pub struct Props {
    pub text: Text,
    pub portrait: Option<Rc<Portrait>>,
    pub overview: Rc<Overview>,
    pub tab: Tab,
    pub sheet: Sheet,
    pub on_tab: Callback<Tab>,
    pub on_pick: Callback<Option<Chosen>>,
    pub on_run: Callback<String>,
    /// The beginning of a line, to be gone on with in the terminal.
    pub on_enter: Callback<String>,
    pub on_sheet: Callback<Sheet>,
}

#[component]
pub fn Inspector(p: &Props) -> Html {
    let Some(portrait) = &p.portrait else { return overview(p) };
    let kind = portrait.chosen.kind;
    let tab = p.tab.of(kind);
    // What scrolls by itself fills the place.
    let whole = matches!(tab, Tab::Logs) && !portrait.gone;
    html! {
        <>
            <Grab label={p.text.get("sheet")} sheet={p.sheet} on_sheet={p.on_sheet.clone()}/>
            {head(p, portrait)}
            <div class="tabs" role="tablist" aria-label={p.text.get("inspector")}>
                {for TABS.iter().filter(|(tab, _)| tab.of(kind) == *tab).map(|(tab, name)| tab_button(p, portrait, *tab, name))}
            </div>
            <div class={classes!("body", whole.then_some("whole"))} role="tabpanel" tabindex={if whole { "-1" } else { "0" }} id="inspector" aria-label={portrait.chosen.key.name.to_string()}>
                {match tab {
                    _ if portrait.gone && tab != Tab::History && tab != Tab::Events => gone(p),
                    Tab::Why => why(p, portrait),
                    Tab::Events => events(p, portrait),
                    Tab::Yaml => html! { <yaml::Yaml text={p.text} chosen={portrait.chosen.clone()} yaml={portrait.yaml.clone()}/> },
                    Tab::History => life(p, portrait),
                    Tab::Logs => logs_of(p, portrait),
                    Tab::Files => files_of(p, portrait),
                }}
            </div>
        </>
    }
}

#[derive(Properties, PartialEq)]
struct GrabProps {
    label: &'static str,
    sheet: Sheet,
    on_sheet: Callback<Sheet>,
}

/// How far a finger moves before it drags, in CSS pixels.
const DRAG: i32 = 20;

/// The handle of a phone's sheet: dragged up or down, or pressed.
#[component]
fn Grab(p: &GrabProps) -> Html {
    let start = use_mut_ref(|| None::<i32>);
    let (sheet, on_sheet) = (p.sheet, p.on_sheet.clone());
    let down = {
        let start = start.clone();
        Callback::from(move |e: PointerEvent| *start.borrow_mut() = Some(e.client_y()))
    };
    let up = Callback::from(move |e: PointerEvent| {
        let Some(from) = start.borrow_mut().take() else { return };
        let far = e.client_y() - from;
        let pressed = if sheet == Sheet::High { Sheet::Half } else { Sheet::High };
        on_sheet.emit(if far.abs() < DRAG { pressed } else { sheet.moved(far < 0) });
    });
    let keys = {
        let (sheet, on_sheet) = (p.sheet, p.on_sheet.clone());
        Callback::from(move |e: KeyboardEvent| match e.key().as_str() {
            "ArrowUp" => on_sheet.emit(sheet.moved(true)),
            "ArrowDown" => on_sheet.emit(sheet.moved(false)),
            _ => {}
        })
    };
    html! { <button type="button" class="grab" aria-label={p.label} onpointerdown={down} onpointerup={up} onkeydown={keys}></button> }
}

fn tab_button(p: &Props, portrait: &Portrait, tab: Tab, name: &'static str) -> Html {
    let count = portrait.events.len();
    html! {
        <button type="button" role="tab" aria-selected={(p.tab.of(portrait.chosen.kind) == tab).to_string()} onclick={p.on_tab.reform(move |_: MouseEvent| tab)}>
            {p.text.get(name)}if tab == Tab::Events && count > 0 { <em>{count}</em> }
        </button>
    }
}

fn head(p: &Props, portrait: &Portrait) -> Html {
    let chosen = &portrait.chosen;
    let from = portrait.owner.clone().map(|o| {
        let name = o.key.name.to_string();
        let kind = o.kind.name();
        html! { <>{", "}{p.text.get("made-by")}{" "}{kind}{" "}<button type="button" class="link" onclick={p.on_pick.reform(move |_: MouseEvent| Some(o.clone()))}>{name}</button></> }
    });
    html! {
        <div class="who">
            {kind(chosen.kind.name(), 18)}
            <div><h2 class="m">{chosen.key.name.to_string()}</h2>
                <p>{chosen.kind.name()}if !chosen.key.namespace.is_empty() && &*chosen.key.namespace != "default" { {format!(" · {}", chosen.key.namespace)} }{from}</p></div>
            if let Some(how) = &portrait.how { <span class={classes!("chip", how.sign.tone())}>{sign(how.sign, 14)}{&how.word}</span> }
            <button type="button" class="shut" aria-label={p.text.get("shut")} onclick={p.on_pick.reform(|_: MouseEvent| None)}>{mark(Mark::Shut, 12)}</button>
        </div>
    }
}

fn gone(p: &Props) -> Html {
    html! { <><h3>{p.text.get("gone")}</h3><p class="lead">{p.text.get("gone-lead")}</p></> }
}

fn why(p: &Props, portrait: &Portrait) -> Html {
    let Some(why) = &portrait.why else { return html! {} };
    html! {
        <>
            <h3>{&why.title}</h3>
            <p class="lead">{&why.lead}</p>
            if let Some(quote) = &why.quote { <blockquote class="m">{quote}</blockquote> }
            if !why.see.is_empty() { {seen(p, &why.see)} }
            if let Some(line) = &why.mend { {acts(p, std::slice::from_ref(line))} }
            if !why.needs.is_empty() { <ul class="needs">{for why.needs.iter().map(need)}</ul> }
            if !portrait.ways.is_empty() {
                <h4>{p.text.get("what-lets-in")}</h4>
                <div class="acts">{for portrait.ways.iter().map(|w| way(p, w))}</div>
            }
            {for why.also.iter().map(|also| html! {
                <><h4>{&also.title}</h4><p class="lead">{&also.lead}</p>if let Some(quote) = &also.quote { <blockquote class="m">{quote}</blockquote> }</>
            })}
            {cards::section(p.text, &portrait.inside.cards, &p.on_enter)}
            if !portrait.facts.is_empty() {
                <h4>{p.text.get("in-short")}</h4>
                <dl class="facts">{for portrait.facts.iter().map(|f| fact(p, f))}</dl>
            }
            if let Some(table) = &portrait.table { {rules(p, table)} }
            if !portrait.related.is_empty() {
                <h4>{p.text.get("related")}</h4>
                {for portrait.related.iter().map(|group| related(p, group))}
            }
            <h4>{p.text.get("who-made-it")}</h4>
            <ol class="chain">{for portrait.chain.iter().map(|l| link(p, portrait, l))}</ol>
            if !portrait.acts.is_empty() {
                <h4>{p.text.get("what-to-do")}</h4>
                {acts(p, &portrait.acts)}
            }
        </>
    }
}

/// Objects to look at next, each with how it is.
fn seen(p: &Props, objects: &[why::Seen]) -> Html {
    html! { <div class="acts">{for objects.iter().map(|(chosen, how)| {
        let to = chosen.clone();
        html! { <button type="button" class="act" onclick={p.on_pick.reform(move |_: MouseEvent| Some(to.clone()))}>
            {sign(how.sign, 14)}<span class="m">{chosen.key.name.to_string()}</span><em>{&how.word}</em></button> }
    })}</div> }
}

fn related(p: &Props, group: &related::Group) -> Html {
    html! {
        <div class="kin"><span>{kind(group.kind.name(), 14)}<span>{humps(group.kind.name())}</span></span>
            <div>{for group.seen.iter().map(|(chosen, how)| {
                let to = chosen.clone();
                html! { <button type="button" class="link m" onclick={p.on_pick.reform(move |_: MouseEvent| Some(to.clone()))}>
                    if how.sign != Sign::Ready { {sign(how.sign, 12)} }{breakable(&chosen.key.name)}</button> }
            })}if group.more > 0 { <em>{p.text.fill("and-so-many", &[("n", &group.more.to_string())])}</em> }</div></div>
    }
}

/// What would let a Pod in: a line that does it, or what must be changed in its manifest.
fn way(p: &Props, way: &fit::Way) -> Html {
    match way.line.clone() {
        Some(line) => html! {
            <button type="button" class="act" onclick={p.on_run.reform({ let line = line.clone(); move |_: MouseEvent| line.clone() })}>
                <span class="m">{line}</span></button>
        },
        None => html! { <p class="act still"><span>{&way.what}</span><em class="m">{way.node.to_string()}</em></p> },
    }
}

/// The scheduler's table, node by node: points by rule, or the rules that shut the Pod out.
fn rules(p: &Props, table: &fit::Table) -> Html {
    html! {
        <details class="rules">
            <summary>{p.text.get("by-the-rules")}</summary>
            <p class="lead">{p.text.get("by-the-rules-lead")}</p>
            <ul>{for table.rows.iter().map(|row| html! {
                <li>
                    <div class="nd">if row.points.is_some() { {sign(Sign::Ready, 14)} } else { {shut_out(14)} }
                        <b class="m">{row.node.to_string()}</b>if row.here { <em>{p.text.get("it-is-here")}</em> }
                        if let Some((_, total)) = &row.points { <span class="m">{total.to_string()}</span> }</div>
                    <dl>{for row.points.iter().flat_map(|(points, _)| points).map(|(rule, points)| html! {
                        <><dt>{*rule}</dt><dd class="m">{points.to_string()}</dd></>
                    })}{for row.shut_out.iter().map(|(rule, said)| html! { <><dt>{*rule}</dt><dd class="shut">{said}</dd></> })}</dl>
                </li>
            })}</ul>
            if table.more > 0 { <p class="lead">{p.text.fill("and-so-many", &[("n", &table.more.to_string())])}</p> }
        </details>
    }
}

/// A Pod's logs; another Pod's begin anew.
fn logs_of(p: &Props, portrait: &Portrait) -> Html {
    let key = format!("{:?}", portrait.chosen.key);
    html! { <logs::Logs {key} text={p.text} streams={portrait.inside.streams.clone()}/> }
}

fn files_of(p: &Props, portrait: &Portrait) -> Html {
    let key = format!("{:?}", portrait.chosen.key);
    html! { <files::Files {key} text={p.text} places={portrait.inside.places.clone()} on_pick={p.on_pick.clone()}/> }
}

/// Command lines, each a button that runs it.
fn acts(p: &Props, lines: &[String]) -> Html {
    html! { <div class="acts">{for lines.iter().map(|line| {
        let run = line.clone();
        html! { <button type="button" class="act" onclick={p.on_run.reform(move |_: MouseEvent| run.clone())}><span class="m">{line}</span></button> }
    })}</div> }
}

/// How long a reason may be to stand beside a name, in bytes.
const MOST_BESIDE: usize = 28;

/// What a node answered; where something is scarce, how much is taken and how far over the rim the Pod would reach.
fn need(need: &why::Need) -> Html {
    let bar = need.scarce.map(|(asks, taken, total)| {
        let scale = |n: i64| (n as f64 / total.max(1) as f64 * 100.0).clamp(0.0, 140.0);
        let (taken, asks) = (scale(taken), scale(asks));
        let over = asks.min(140.0 - taken).max(4.0);
        html! {
            <svg class="need" viewBox="0 0 140 10" preserveAspectRatio="none" aria-hidden="true">
                <rect y="2" width="100" height="6" fill="var(--pipe-wall)"/>
                <rect y="2" width={taken.to_string()} height="6" fill="var(--ink-3)"/>
                <rect x={taken.to_string()} y="1" width={over.to_string()} height="8" fill="var(--waiting-fill)" stroke="var(--waiting)" stroke-dasharray="3 2" vector-effect="non-scaling-stroke"/>
                <path d="M100 0V10" stroke="var(--ink-1)" stroke-width="1.5" vector-effect="non-scaling-stroke"/>
            </svg>
        }
    });
    let long = need.reason.len() > MOST_BESIDE;
    html! {
        <li><div class="nd">{shut_out(14)}<b class="m">{&need.node}</b>if !long { <span>{&need.reason}</span> }</div>
            if long { <p>{&need.reason}</p> }{bar}</li>
    }
}

fn fact(p: &Props, fact: &facts::Fact) -> Html {
    let value = match fact.to.clone() {
        Some(to) => {
            let pick = p.on_pick.reform(move |_: MouseEvent| Some(to.clone()));
            html! { <button type="button" class="link m" onclick={pick}>{&fact.value}</button> }
        }
        // Several of a kind, such as labels, each on a line of its own.
        None => html! { {for fact.value.split(", ").map(|v| html! { <span class="one-of">{breakable(v)}</span> })} },
    };
    html! { <><dt>{fact.name}</dt><dd class="m">{value}</dd></> }
}

/// A long word such as a label breaks where its parts meet, before it breaks anywhere.
fn breakable(word: &str) -> Html {
    html! { {for word.split_inclusive(['/', '=']).map(|part| html! { <>{part}<wbr /></> })} }
}

/// A kind's name breaks before its capitals.
fn humps(name: &'static str) -> Html {
    let starts = name.char_indices().filter(|(_, c)| c.is_uppercase()).map(|(i, _)| i);
    let ends = starts.clone().skip(1).chain(std::iter::once(name.len()));
    html! { {for starts.zip(ends).map(|(start, end)| html! { <>{&name[start..end]}<wbr /></> })} }
}

fn link(p: &Props, portrait: &Portrait, link: &Link) -> Html {
    let time = html! { <em>{clock_text::moment(link.time)}</em> };
    match (&link.chosen, &link.line) {
        (Some(c), _) if *c == portrait.chosen => {
            html! { <li>{kind(c.kind.name(), 16)}<span>{c.kind.name()}{" "}<span class="m">{c.key.name.to_string()}</span></span>{time}</li> }
        }
        (Some(c), _) => {
            let to = c.clone();
            html! { <li>{kind(c.kind.name(), 16)}<button type="button" class="link m" onclick={p.on_pick.reform(move |_: MouseEvent| Some(to.clone()))}>
            {format!("{} {}", c.kind.name(), c.key.name)}</button>{time}</li> }
        }
        (None, Some(line)) => {
            html! { <li>{kind("user", 16)}<span title={line.clone()}>{p.text.get("you")}{" "}<span class="m">{line}</span></span>{time}</li> }
        }
        (None, None) => html! {},
    }
}

fn events(p: &Props, portrait: &Portrait) -> Html {
    if portrait.events.is_empty() {
        return html! { <p class="lead">{p.text.get("no-events")}</p> };
    }
    html! { <div>{for portrait.events.iter().rev().map(|e| html! {
        <div class={classes!("event", e.warning.then_some("bad"))}>
            if e.warning { {sign(Sign::Broken, 14)} } else { <span></span> }
            <b>{&*e.reason}{if e.count > 1 { format!(" × {}", e.count) } else { String::new() }}</b><em>{clock_text::minutes(e.time)}</em>
            <p>{&*e.message}</p><p class="from">{&*e.from}</p>
        </div>
    })}</div> }
}

fn life(p: &Props, portrait: &Portrait) -> Html {
    if portrait.life.is_empty() {
        return html! { <p class="lead">{p.text.get("no-history")}</p> };
    }
    html! { <ol class="chain">{for portrait.life.iter().map(|turn| {
        let (mark, word) = match &turn.how {
            Some(how) => (sign(how.sign, 16), how.word.clone()),
            None => (mark(Mark::Shut, 16), p.text.get("deleted").to_string()),
        };
        html! { <li>{mark}<span>{word}</span><em>{clock_text::moment(turn.time)}</em></li> }
    })}</ol> }
}

/// One thing by its name, several as so many.
fn named(t: Text, trouble: &Trouble) -> Html {
    let pods = t.count("pods", "pods-one", trouble.count);
    match (trouble.count, &*trouble.of) {
        (1, _) => html! { <span class="m">{trouble.chosen.key.name.to_string()}</span> },
        (_, "") => html! { <span>{pods}</span> },
        (_, of) => html! { <span>{t.fill("pods-of", &[("pods", &pods), ("of", of)])}</span> },
    }
}

fn overview(p: &Props) -> Html {
    let o = &p.overview;
    let t = p.text;
    let title = t.fill(
        "overview",
        &[("pods", &t.count("pods", "pods-one", o.pods)), ("nodes", &t.count("nodes", "nodes-one", o.nodes))],
    );
    html! {
        <div class="body overview" id="inspector" tabindex="0" aria-label={t.get("inspector")}>
            <h2 class="title">{title}</h2>
            if o.pods == 0 && o.first.is_empty() {
                <div class="empty"><p>{t.get("nothing-runs")}</p></div>
            } else {
                <ul class="tally">{for SIGNS.iter().zip(o.tally).map(|((s, name), n)| html! {
                    <li class={(n == 0).then_some("zero")}>{sign(*s, 15)}<b>{crate::text::grouped(n)}</b><span>{t.get(name)}</span></li>
                })}</ul>
            }
            if !o.first.is_empty() {
                <h3 class="small">{t.get("look-here")}</h3>
                <div class="acts look">{for o.first.iter().map(|trouble| {
                    let to = trouble.chosen.clone();
                    let Trouble { chosen, how, of, .. } = trouble;
                    let key = format!("{} {} {of} {}", chosen.kind.name(), chosen.key.namespace, how.word);
                    html! { <button key={key} type="button" class="act" onclick={p.on_pick.reform(move |_: MouseEvent| Some(to.clone()))}>
                        {sign(trouble.how.sign, 14)}{named(t, trouble)}<em>{&trouble.how.word}</em></button> }
                })}</div>
            }
            // The rest stands at the foot of the panel: what comes and goes above moves nothing that one is about to press.
            <span class="grow"></span>
            if !o.faults.is_empty() {
                <h3 class="small">{t.get("change-cluster")}</h3>
                {acts(p, &o.faults)}
            }
            <h3 class="small">{t.get("good-to-know")}</h3>
            <p class="lead">{t.get("pick-something")}</p>
        </div>
    }
}
