//! The dialog in which they are kept, opened, renamed, duplicated and deleted.

use super::{Act, Clusters, Entry};
use crate::icons::{Mark, mark};
use crate::text::Text;
use std::rc::Rc;
use wasm_bindgen::JsValue;
use web_sys::{HtmlInputElement, KeyboardEvent};
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct Props {
    pub text: Text,
    pub clusters: Rc<Clusters>,
    /// The one that is on view.
    pub open: Option<u32>,
    /// What the one on view could be called.
    pub suggestion: Rc<str>,
    pub on: Callback<Act>,
    pub on_shut: Callback<()>,
}

#[component]
pub fn List(p: &Props) -> Html {
    let t = p.text;
    let name = use_node_ref();
    // What is typed is kept here: the page tells this dialog of itself ten times a second.
    let written = use_state(|| None::<String>);
    let renaming = use_state(|| None::<(u32, String)>);
    let field = use_node_ref();
    {
        // The name that is changed has the focus; at first that of the one on view.
        let name = name.clone();
        let field = field.clone();
        use_effect_with(renaming.as_ref().map(|(id, _)| *id), move |renaming| {
            let input = if renaming.is_some() { field } else { name };
            if let Some(input) = input.cast::<HtmlInputElement>() {
                let _ = input.focus();
                input.select();
            }
        });
    }
    let keep = {
        let (name, written, on) = (name.clone(), written.clone(), p.on.clone());
        Callback::from(move |()| {
            if let Some(input) = name.cast::<HtmlInputElement>() {
                on.emit(Act::Keep(input.value()));
                written.set(None);
            }
        })
    };
    let typed = {
        let keep = keep.clone();
        Callback::from(move |e: KeyboardEvent| {
            if e.key() == "Enter" && !e.is_composing() {
                keep.emit(());
            }
        })
    };
    let value = written.as_deref().unwrap_or(&p.suggestion).to_string();
    let write = Callback::from(move |e: InputEvent| {
        written.set(Some(e.target_unchecked_into::<HtmlInputElement>().value()));
    });
    let deleted = p.clusters.deleted.as_ref().map(|(entry, _)| {
        let restore = p.on.reform(|_: MouseEvent| Act::Restore);
        html! { <p class="gone" role="status"><span>{t.fill("clusters-deleted", &[("name", &entry.name)])}</span><button type="button" class="btn quiet" onclick={restore}>{t.get("undo")}</button></p> }
    });
    html! {
        <div class="card wide" role="dialog" aria-modal="true" aria-label={t.get("clusters")}>
            <div class="title-row">
                <h2>{t.get("clusters")}</h2>
                <button type="button" class="btn quiet sq" aria-label={t.get("shut")} onclick={p.on_shut.reform(|_: MouseEvent| ())}>{mark(Mark::Shut, 12)}</button>
            </div>
            <div class="gallery clusters">
                <p class="lead">{t.get(if p.clusters.passing { "clusters-passing" } else { "clusters-about" })}</p>
                <div class="keep">
                    <input ref={name} type="text" {value} oninput={write} maxlength="60" aria-label={t.get("clusters-name")} spellcheck="false" autocomplete="off" onkeydown={typed}/>
                    <button type="button" class="btn go" onclick={keep.reform(|_: MouseEvent| ())}>{t.get("clusters-keep")}</button>
                </div>
                {deleted}
                if p.clusters.entries.is_empty() { <p class="lead">{t.get("clusters-none")}</p> }
                <ul aria-label={t.get("clusters")}>{for p.clusters.entries.iter().map(|entry| row(p, entry, &renaming, &field))}</ul>
            </div>
        </div>
    }
}

fn row(p: &Props, entry: &Entry, renaming: &UseStateHandle<Option<(u32, String)>>, field: &NodeRef) -> Html {
    let field = field.clone();
    let t = p.text;
    let id = entry.id;
    let act = |make: fn(u32) -> Act| p.on.reform(move |_: MouseEvent| make(id));
    let label = |key: &'static str| t.fill(key, &[("name", &entry.name)]);
    let begin = {
        let (renaming, name) = (renaming.clone(), entry.name.to_string());
        Callback::from(move |_: MouseEvent| renaming.set(Some((id, name.clone()))))
    };
    let write = {
        let renaming = renaming.clone();
        Callback::from(move |e: InputEvent| {
            renaming.set(Some((id, e.target_unchecked_into::<HtmlInputElement>().value())));
        })
    };
    let done = {
        let (renaming, on) = (renaming.clone(), p.on.clone());
        Callback::from(move |e: KeyboardEvent| match e.key().as_str() {
            "Enter" if !e.is_composing() => {
                on.emit(Act::Rename(id, e.target_unchecked_into::<HtmlInputElement>().value()));
                renaming.set(None);
            }
            "Escape" => {
                e.stop_propagation();
                renaming.set(None);
            }
            _ => {}
        })
    };
    let left = {
        let (renaming, on) = (renaming.clone(), p.on.clone());
        Callback::from(move |e: FocusEvent| {
            on.emit(Act::Rename(id, e.target_unchecked_into::<HtmlInputElement>().value()));
            renaming.set(None);
        })
    };
    html! {
        <li key={id} class={(p.open == Some(id)).then_some("now")}>
            if let Some((_, name)) = renaming.as_ref().filter(|(of, _)| *of == id) {
                <input type="text" value={name.clone()} oninput={write} maxlength="60" ref={field} aria-label={label("clusters-rename")} spellcheck="false" autocomplete="off" onkeydown={done} onblur={left}/>
            } else {
                <button type="button" class="name" aria-current={(p.open == Some(id)).then_some("true")} onclick={act(Act::Open)}><span class="told">{t.get("open")}{" "}</span><b>{&*entry.name}</b>{" "}<span>{when(entry.kept_at, t)}</span></button>
                <button type="button" class="btn quiet" aria-label={label("clusters-rename")} onclick={begin}>{t.get("rename")}</button>
                <button type="button" class="btn quiet" aria-label={label("clusters-duplicate")} onclick={act(Act::Duplicate)}>{t.get("duplicate")}</button>
                <button type="button" class="btn quiet" aria-label={label("clusters-delete")} onclick={act(Act::Delete)}>{t.get("delete")}</button>
            }
        </li>
    }
}

/// Day and time of the reader's own clock.
fn when(ms: u64, text: Text) -> String {
    let date = js_sys::Date::new(&JsValue::from(ms as f64));
    date.to_locale_string(text.0.code(), &JsValue::UNDEFINED).into()
}
