//! The header: where one is, which lens, find or do, namespace, language, theme, share.

use crate::app::{Guest, Lens, Msg, Over};
use crate::icons::{Mark, kind, logo, mark};
use crate::lessons::Act;
use crate::text::Text;
use std::rc::Rc;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

const LENSES: [(Lens, &str); 4] = [
    (Lens::Cluster, "lens-cluster"),
    (Lens::Ownership, "lens-ownership"),
    (Lens::Network, "lens-network"),
    (Lens::List, "list"),
];

#[derive(Properties, PartialEq)]
pub struct Props {
    pub text: Text,
    pub lens: Lens,
    /// The namespace on view; none for all.
    pub namespace: Option<Rc<str>>,
    pub namespaces: Rc<Vec<Rc<str>>>,
    /// What there is, in few words.
    pub about: String,
    /// It is a guest's; one's own waits.
    pub guest: bool,
    pub on: Callback<Msg>,
}

#[component]
pub fn Header(p: &Props) -> Html {
    let t = p.text;
    let say = |make: fn() -> Msg| p.on.reform(move |_: MouseEvent| make());
    let lens = |lens: Lens, name: &'static str| {
        html! { <button type="button" aria-pressed={(p.lens == lens).to_string()} onclick={p.on.reform(move |_: MouseEvent| Msg::Lens(lens))}>{t.get(name)}</button> }
    };
    html! {
        <>
            <a class="btn go skip" href="#picture" onclick={Callback::from(|e: MouseEvent| { e.prevent_default(); crate::browser::focus("picture"); })}>{t.get("to-picture")}</a>
            <h1 class="brand">{logo(22)}<b>{"Kubarium"}</b></h1>
            <button type="button" class="btn quiet learn-go" onclick={say(|| Msg::Lesson(Act::List))}>{mark(Mark::Book, 16)}<span>{t.get("lessons")}</span></button>
            if p.guest {
                <button type="button" class="btn own" title={t.get("guest")} onclick={say(|| Msg::Guest(Guest::Leave))}>{t.get("guest-leave")}</button>
            }
            <span class="scene-name">{&p.about}</span>
            <nav class="lens" aria-label={t.get("lens")}>
                {for LENSES.iter().map(|(l, name)| lens(*l, name))}
            </nav>
            <span class="grow"></span>
            <button type="button" class="field" onclick={say(|| Msg::Over(Some(Over::Find)))} aria-label={t.get("find-or-do")}>
                {mark(Mark::Find, 16)}<span>{t.get("find-or-do")}</span><kbd aria-hidden="true">{"/"}</kbd></button>
            {namespace(p)}
            <button type="button" class="btn quiet" lang={t.0.other().code()} onclick={say(|| Msg::Language)} title={t.get("language")}>{t.get("other-language")}</button>
            <button type="button" class="btn quiet sq" aria-label={t.get("theme")} title={t.get("theme")} onclick={say(|| Msg::Theme)}>{mark(Mark::Theme, 16)}</button>
            <button type="button" class="btn go share" onclick={say(|| Msg::Guest(Guest::Copy))}>{t.get("share")}</button>
        </>
    }
}

fn namespace(p: &Props) -> Html {
    let t = p.text;
    let names = p.namespaces.clone();
    let pick = p.on.reform(move |e: Event| {
        let index = e.target_unchecked_into::<HtmlSelectElement>().selected_index();
        Msg::Namespace(usize::try_from(index - 1).ok().and_then(|i| names.get(i).cloned()))
    });
    let shown = p.namespace.as_deref().unwrap_or(t.get("all-namespaces")).to_string();
    html! {
        <span class="btn ns" title={t.get("namespace")}>
            {kind("Namespace", 14)}<span aria-hidden="true">{shown}</span>
            <select aria-label={t.get("namespace")} onchange={pick}>
                <option selected={p.namespace.is_none()}>{t.get("all-namespaces")}</option>
                {for p.namespaces.iter().map(|n| html! { <option selected={p.namespace.as_ref() == Some(n)}>{n.to_string()}</option> })}
            </select>
        </span>
    }
}
