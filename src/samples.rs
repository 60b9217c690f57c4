//! The gallery: short manifests by topic, beside the page in the folder `samples`, fetched when somebody asks for them.

use crate::browser;
use crate::editor::files::Sent;
use crate::icons::{Mark, mark};
use crate::text::{Lang, Text};
use kubarium_lesson::index::{Chapter, Index, Listed};
use kubarium_lesson::markdown;
use std::rc::Rc;
use web_sys::HtmlInputElement;
use yew::prelude::*;

const FOLDER: &str = "samples";

/// What can happen to samples.
pub enum Act {
    /// The list has come; in which language it was asked for.
    Listed(Lang, Option<Index>),
    /// One is to be put beside what is in the editor.
    Open(Rc<str>),
    /// It has come, or its address when it has not.
    Opened(Result<Sent, String>),
}

/// What is known of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Samples {
    pub index: Option<Rc<Index>>,
    lang: Option<Lang>,
}

impl Samples {
    /// Fetches the list where it is not here in this language, and hands it on.
    pub fn fetch(&mut self, lang: Lang, on: Callback<Act>) {
        if self.lang.replace(lang) == Some(lang) {
            return;
        }
        wasm_bindgen_futures::spawn_local(async move {
            let text = browser::fetch_text(&format!("{FOLDER}/samples.{}.md", lang.code())).await;
            on.emit(Act::Listed(lang, text.map(|text| Index::read(&text))));
        });
    }

    pub fn listed(&mut self, lang: Lang, index: Option<Index>) {
        match index {
            Some(index) => self.index = Some(Rc::new(index)),
            // Asked for again, it may come.
            None if self.lang == Some(lang) => self.lang = None,
            None => {}
        }
    }
}

/// A sample by its path in the list.
///
/// # Errors
/// The address that could not be read.
pub async fn open(path: &str) -> Result<Sent, String> {
    let address = format!("{FOLDER}/{path}");
    let text = browser::fetch_text(&address).await.ok_or(address)?;
    let name = path.rsplit('/').next().unwrap_or(path);
    Ok(Sent { name: name.into(), text })
}

/// Whether all that is sought stands in what is said of a sample.
pub fn fits(sought: &str, chapter: &Chapter, sample: &Listed) -> bool {
    let text = format!("{} {} {} {}", chapter.title, sample.title, sample.path, markdown::plain(&sample.about));
    let text = text.to_lowercase();
    sought.split_whitespace().all(|word| text.contains(word))
}

#[derive(Properties, PartialEq)]
pub struct Props {
    pub text: Text,
    pub index: Option<Rc<Index>>,
    pub on_open: Callback<Rc<str>>,
    pub on_shut: Callback<()>,
}

#[component]
pub fn Gallery(p: &Props) -> Html {
    let t = p.text;
    let typed = use_state(String::new);
    let field = use_node_ref();
    {
        let field = field.clone();
        use_effect_with((), move |()| {
            if let Some(input) = field.cast::<HtmlInputElement>() {
                let _ = input.focus();
            }
        });
    }
    let input = {
        let typed = typed.clone();
        Callback::from(move |e: InputEvent| typed.set(e.target_unchecked_into::<HtmlInputElement>().value()))
    };
    let sought = typed.trim().to_lowercase();
    let shown: Vec<(&Chapter, Vec<&Listed>)> = p
        .index
        .iter()
        .flat_map(|index| &index.chapters)
        .map(|chapter| (chapter, chapter.lessons.iter().filter(|sample| fits(&sought, chapter, sample)).collect()))
        .filter(|(_, samples): &(_, Vec<_>)| !samples.is_empty())
        .collect();
    html! {
        <div class="card wide" role="dialog" aria-modal="true" aria-label={t.get("samples")}>
            <div class="title-row">
                <h2>{t.get("samples")}</h2>
                <input ref={field} type="search" class="sift" placeholder={t.get("samples-sift")} aria-label={t.get("samples-sift")} spellcheck="false" autocomplete="off" oninput={input}/>
                <button type="button" class="btn quiet sq" aria-label={t.get("shut")} onclick={p.on_shut.reform(|_: MouseEvent| ())}>{mark(Mark::Shut, 12)}</button>
            </div>
            <div class="gallery" tabindex="0">
                if let Some(index) = &p.index { <p class="lead">{markdown::plain(&index.about)}</p> }
                if p.index.is_none() { <p class="lead">{t.get("lessons-come")}</p> } else if shown.is_empty() { <p class="lead" role="status">{t.get("found-nothing")}</p> }
                <div class="topics">{for shown.into_iter().map(|(chapter, samples)| topic(p, chapter, &samples))}</div>
            </div>
        </div>
    }
}

fn topic(p: &Props, chapter: &Chapter, samples: &[&Listed]) -> Html {
    let one = |sample: &&Listed| {
        let path: Rc<str> = sample.path.as_str().into();
        let open = p.on_open.reform(move |_: MouseEvent| path.clone());
        html! { <li><button type="button" onclick={open}><b>{&sample.title}</b><span>{markdown::plain(&sample.about)}</span></button></li> }
    };
    html! {
        <section aria-label={chapter.title.clone()}>
            <h3>{&chapter.title}</h3>
            <ul class="course">{for samples.iter().map(one)}</ul>
        </section>
    }
}
