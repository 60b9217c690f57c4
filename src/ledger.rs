//! What is simulated: every kind and field of the API, searched by name. The page's view of `docs/fidelity.md`.

use crate::app::Msg as AppMsg;
use crate::icons::{Mark, kind as kind_icon, mark};
use crate::late;
use crate::text::{Text, grouped};
use kubarium_sim::api::Kind;
use kubarium_sim::schema::{Type, descriptions, ledger};
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// The most fields that a search shows.
const MOST: usize = 60;

#[derive(Properties, PartialEq)]
pub struct Props {
    pub text: Text,
    pub on: Callback<AppMsg>,
}

pub enum Msg {
    Typed(String),
    Open(Kind),
    /// What is this field?
    Ask(Type, &'static str),
    Said,
}

/// A kind with the types below it that are met there first.
struct Section {
    kind: Kind,
    types: Vec<Type>,
    inert: usize,
}

pub struct Ledger {
    sections: Vec<Section>,
    typed: String,
    open: Option<Kind>,
    asked: Option<(Type, &'static str)>,
    input: NodeRef,
}

impl Component for Ledger {
    type Message = Msg;
    type Properties = Props;

    fn create(_: &Context<Self>) -> Self {
        Ledger { sections: sections(), typed: String::new(), open: None, asked: None, input: NodeRef::default() }
    }

    fn rendered(&mut self, _: &Context<Self>, first: bool) {
        if first && let Some(input) = self.input.cast::<HtmlInputElement>() {
            let _ = input.focus();
        }
    }

    fn update(&mut self, ctx: &Context<Self>, msg: Msg) -> bool {
        match msg {
            Msg::Typed(text) => (self.typed, self.asked) = (text, None),
            Msg::Open(kind) => self.open = (self.open != Some(kind)).then_some(kind),
            Msg::Ask(of, field) => {
                self.asked = (self.asked != Some((of, field))).then_some((of, field));
                let link = ctx.link().clone();
                wasm_bindgen_futures::spawn_local(async move {
                    late::descriptions_settled().await;
                    link.send_message(Msg::Said);
                });
            }
            Msg::Said => {}
        }
        true
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let t = ctx.props().text;
        let shut = ctx.props().on.reform(|_: MouseEvent| AppMsg::Over(None));
        let typed =
            ctx.link().callback(|e: InputEvent| Msg::Typed(e.target_unchecked_into::<HtmlInputElement>().value()));
        let (acted, inert): (Vec<&Section>, Vec<&Section>) =
            self.sections.iter().partition(|s| ledger::is_simulated(s.kind));
        html! {
            <div class="card ledger" role="dialog" aria-modal="true" aria-label={t.get("ledger")}>
                <div class="head">
                    <h2>{t.get("ledger")}<button type="button" class="btn quiet sq" aria-label={t.get("shut")} onclick={shut}>{mark(Mark::Shut, 12)}</button></h2>
                    <p>{t.get("ledger-lead")}</p>
                    <ul class="key"><li>{dot(true)}{t.get("simulated")}</li><li>{dot(false)}{t.get("inert")}</li></ul>
                </div>
                <input ref={self.input.clone()} type="search" placeholder={t.get("ledger-hint")} aria-label={t.get("ledger-hint")} spellcheck="false" autocomplete="off" oninput={typed}/>
                <div class="rows" tabindex="0" role="region" aria-label={t.get("ledger")}>
                    if self.typed.trim().is_empty() {
                        <h3>{t.fill("kinds-simulated", &[("n", &grouped(acted.len()))])}</h3>
                        {for acted.iter().map(|s| self.section(ctx, s))}
                        <h3>{t.fill("kinds-inert", &[("n", &grouped(inert.len()))])}</h3>
                        <p class="names">{for inert.iter().map(|s| html! { <span>{dot(false)}{s.kind.name()}</span> })}</p>
                        <p>{t.get("kinds-custom")}</p>
                    } else {
                        {self.found(ctx)}
                    }
                </div>
            </div>
        }
    }
}

impl Ledger {
    fn section(&self, ctx: &Context<Self>, section: &Section) -> Html {
        let (t, kind) = (ctx.props().text, section.kind);
        let open = self.open == Some(kind);
        let some = (section.inert > 0).then(|| t.count("fields-inert", "fields-inert-one", section.inert));
        html! {
            <>
                <button type="button" class="kind" aria-expanded={open.to_string()} onclick={ctx.link().callback(move |_| Msg::Open(kind))}>
                    {kind_icon(kind.name(), 16)}<b>{kind.name()}</b><span class="m">{kind.api_version()}</span><em>{some}</em>
                </button>
                if open {
                    {for section.types.iter().map(|of| html! {
                        <div class="type"><div class="of">{of.name()}</div><p>{for of.fields().map(|field| self.field(ctx, *of, field.name))}</p>{self.answer(ctx, *of)}</div>
                    })}
                }
            </>
        }
    }

    fn field(&self, ctx: &Context<Self>, of: Type, name: &'static str) -> Html {
        let t = ctx.props().text;
        let acts = of.simulates(name);
        let asked = self.asked == Some((of, name));
        let about = format!("{name}, {}", t.get(if acts { "simulated" } else { "inert" }));
        html! {
            <button type="button" class={classes!("m", (!acts).then_some("inert"))} aria-label={about} aria-expanded={asked.to_string()}
                onclick={ctx.link().callback(move |_| Msg::Ask(of, name))}>{dot(acts)}{name}</button>
        }
    }

    /// What the API says of the field that was asked for, if it is one of this type.
    fn answer(&self, ctx: &Context<Self>, of: Type) -> Html {
        let t = ctx.props().text;
        let Some((_, name)) = self.asked.filter(|(asked, _)| *asked == of) else { return html! {} };
        let said = descriptions::of_field(of, name);
        let said = match &*said {
            _ if !descriptions::are_settled() => "…",
            "" if !descriptions::are_here() => t.get("no-descriptions"),
            "" => t.get("undescribed"),
            said => said,
        };
        html! { <div class="said" role="status"><b class="m">{name}</b>{" "}<span class="m">{of.field(name).map(|f| f.type_name())}</span><p>{said}</p></div> }
    }

    /// The fields whose name, or whose type's name, holds what was typed.
    fn found(&self, ctx: &Context<Self>) -> Html {
        let t = ctx.props().text;
        let sought = self.typed.trim().to_lowercase();
        let parts: Vec<&str> = sought.split(['.', ' ']).filter(|part| !part.is_empty()).collect();
        let fits = |of: Type, name: &str| {
            let (of, name) = (of.name().to_lowercase(), name.to_lowercase());
            parts.last().is_some_and(|last| name.contains(last))
                && parts[..parts.len() - 1].iter().all(|part| of.contains(part))
                || parts.len() == 1 && of.contains(parts[0])
        };
        let types = self.sections.iter().flat_map(|s| &s.types);
        let mut found: Vec<(Type, Vec<&'static str>)> = vec![];
        for of in types {
            let names: Vec<&str> = of.fields().map(|f| f.name).filter(|name| fits(*of, name)).collect();
            if !names.is_empty() && found.iter().map(|(_, names)| names.len()).sum::<usize>() < MOST {
                found.push((*of, names));
            }
        }
        let kinds = self
            .sections
            .iter()
            .filter(|s| !ledger::is_simulated(s.kind) && s.kind.name().to_lowercase().contains(&sought));
        let kinds: Vec<&Section> = kinds.collect();
        html! {
            <>
                if found.is_empty() && kinds.is_empty() { <p class="none">{t.get("found-nothing")}</p> }
                {for kinds.iter().map(|s| html! { <p class="names"><span>{dot(false)}{s.kind.name()}</span></p> })}
                {for found.iter().map(|(of, names)| html! {
                    <div class="type"><div class="of">{of.name()}</div><p>{for names.iter().map(|name| self.field(ctx, *of, name))}</p>{self.answer(ctx, *of)}</div>
                })}
            </>
        }
    }
}

/// Full: simulated; hollow: inert.
fn dot(acts: bool) -> Html {
    html! { <i class={classes!("dot", (!acts).then_some("hollow"))} aria-hidden="true"></i> }
}

fn sections() -> Vec<Section> {
    let mut told: Vec<Type> = vec![];
    let section = |kind: &Kind| {
        let mut types = vec![];
        gather(Type::of_kind(*kind)?, &mut told, &mut types);
        let inert = types.iter().map(|of| of.fields().filter(|field| !of.simulates(field.name)).count()).sum();
        Some(Section { kind: *kind, types, inert })
    };
    // Pods first: what all kinds share is looked for there.
    let first = [Kind::Pod, Kind::Deployment, Kind::Service];
    first.iter().chain(Kind::ALL.iter().filter(|kind| !first.contains(kind))).filter_map(section).collect()
}

/// A type, and those of its simulated fields, where nobody has told of them.
fn gather(of: Type, told: &mut Vec<Type>, types: &mut Vec<Type>) {
    if told.contains(&of) || !of.is_simulated() {
        return;
    }
    told.push(of);
    types.push(of);
    for field in of.fields().filter(|field| of.simulates(field.name)) {
        if let Some(element) = field.element() {
            gather(element, told, types);
        }
    }
}
