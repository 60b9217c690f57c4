//! What the page asks of the browser, each in one line: nothing here knows of Kubernetes.

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, Document, Element, HtmlAnchorElement, HtmlCanvasElement, HtmlElement, HtmlInputElement, Storage, Url, Window,
};

#[wasm_bindgen]
extern "C" {
    /// Tells the reader that the program has stopped; it lives in `start.js`, outside what broke.
    #[wasm_bindgen(js_namespace = kubarium)]
    pub fn broke(report: &str);

    #[wasm_bindgen(js_namespace = kubarium, js_name = fetchText, catch)]
    async fn fetch_text_of(address: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_namespace = kubarium, js_name = descriptions, catch)]
    async fn descriptions_text() -> Result<JsValue, JsValue>;

    /// Adds the style of lessons and dialogs.
    #[wasm_bindgen(js_namespace = kubarium, js_name = dressLater)]
    pub fn dress_later();
}

pub fn window() -> Window {
    web_sys::window().expect("the page runs in a window")
}

pub fn document() -> Document {
    window().document().expect("a window has a document")
}

fn root() -> HtmlElement {
    document().document_element().expect("a document has a root").unchecked_into()
}

/// Milliseconds since the page was opened; only for pacing, never for the cluster.
pub fn wall_ms() -> f64 {
    window().performance().map_or(0.0, |p| p.now())
}

/// Does something once, when the next frame is made.
pub fn next_frame(act: impl FnOnce() + 'static) {
    let _ = window().request_animation_frame(Closure::once_into_js(act).unchecked_ref());
}

/// Sets a CSS custom property: inline style attributes are refused by the page's policy, this is not.
pub fn set_property(element: &Element, name: &str, value: &str) {
    if let Some(e) = element.dyn_ref::<HtmlElement>() {
        let _ = e.style().set_property(name, value);
    }
}

pub fn set_root_attribute(name: &str, value: Option<&str>) {
    let _ = match value {
        Some(v) => root().set_attribute(name, v),
        None => root().remove_attribute(name),
    };
}

pub fn root_attribute(name: &str) -> Option<String> {
    root().get_attribute(name)
}

pub fn media(query: &str) -> bool {
    window().match_media(query).ok().flatten().is_some_and(|m| m.matches())
}

pub fn dark() -> bool {
    match root_attribute("data-theme").as_deref() {
        Some("dark") => true,
        Some("light") => false,
        _ => media("(prefers-color-scheme: dark)"),
    }
}

/// The value of a design token, in the light theme or the dark one.
pub fn token(name: &str, in_dark: bool) -> String {
    let was = root_attribute("data-theme");
    set_root_attribute("data-theme", Some(if in_dark { "dark" } else { "light" }));
    let style = window().get_computed_style(&root()).ok().flatten();
    let value = style.and_then(|style| style.get_property_value(&format!("--{name}")).ok()).unwrap_or_default();
    set_root_attribute("data-theme", was.as_deref());
    value.trim().into()
}

pub fn focus(id: &str) {
    if let Some(e) = document().get_element_by_id(id).and_then(|e| e.dyn_into::<HtmlElement>().ok()) {
        let _ = e.focus();
    }
}

/// Puts a text into a field, and the caret behind it.
pub fn put_into(id: &str, text: &str) {
    if let Some(input) = document().get_element_by_id(id).and_then(|e| e.dyn_into::<HtmlInputElement>().ok()) {
        input.set_value(text);
        let _ = input.focus();
        let end = text.encode_utf16().count() as u32;
        let _ = input.set_selection_range(end, end);
    }
}

/// Moves a row that is longer than its place so that one thing in it is seen.
pub fn bring_into_row(row: &str, thing: &str) {
    let found = |inside: Option<Element>, what: &str| inside.and_then(|e| e.query_selector(what).ok().flatten());
    let row = found(document().document_element(), row);
    if let (Some(thing), Some(row)) = (found(row.clone(), thing), row) {
        let (place, own) = (row.get_bounding_client_rect(), thing.get_bounding_client_rect());
        let past = (own.right() - place.right()).max(0.0) - (place.left() - own.left()).max(0.0);
        row.set_scroll_left(row.scroll_left() + past.round() as i32);
    }
}

pub fn on_a_mac() -> bool {
    window().navigator().user_agent().is_ok_and(|a| a.contains("Mac OS") || a.contains("iPhone"))
}

/// The text at an address beside the page; none if it cannot be had.
pub async fn fetch_text(address: &str) -> Option<String> {
    fetch_text_of(address).await.ok()?.as_string()
}

/// The API's descriptions; none if they cannot be had.
pub async fn descriptions() -> Option<String> {
    descriptions_text().await.ok()?.as_string()
}

/// Copies a text; `false` if the browser refuses, or has no clipboard for pages like this one.
pub async fn copy_to_clipboard(text: String) -> bool {
    let navigator = window().navigator();
    let there = js_sys::Reflect::get(&navigator, &"clipboard".into()).is_ok_and(|c| c.is_object());
    there && JsFuture::from(navigator.clipboard().write_text(&text)).await.is_ok()
}

/// What stands behind the `#` of the address.
pub fn fragment() -> String {
    window().location().hash().unwrap_or_default().trim_start_matches('#').into()
}

/// The address of this page, with another fragment or none.
pub fn address(fragment: Option<&str>) -> String {
    let href = window().location().href().unwrap_or_default();
    let plain = href.split('#').next().unwrap_or_default();
    fragment.map_or(plain.into(), |f| format!("{plain}#{f}"))
}

/// The address of the folder that this page lies in.
pub fn home() -> String {
    let address = address(None);
    let plain = address.split('?').next().unwrap_or_default();
    plain[..=plain.rfind('/').unwrap_or(0)].into()
}

/// Shows another fragment in the address bar, or none, without going there.
pub fn set_fragment(fragment: Option<&str>) {
    let history = window().history();
    let _ = history.and_then(|h| h.push_state_with_url(&JsValue::NULL, "", Some(&address(fragment))));
}

/// Hands the user a file.
pub fn download(name: &str, text: &str) {
    if let Ok(blob) = Blob::new_with_str_sequence(&js_sys::Array::of1(&text.into())) {
        hand_over(name, &blob);
    }
}

/// ... with what is on a canvas.
pub fn download_canvas(name: &'static str, canvas: &HtmlCanvasElement) {
    let done = Closure::once_into_js(move |blob: Option<Blob>| {
        if let Some(blob) = blob {
            hand_over(name, &blob);
        }
    });
    let _ = canvas.to_blob(done.unchecked_ref());
}

fn hand_over(name: &str, blob: &Blob) {
    let Ok(url) = Url::create_object_url_with_blob(blob) else { return };
    if let Ok(anchor) = document().create_element("a").map(|a| a.unchecked_into::<HtmlAnchorElement>()) {
        anchor.set_href(&url);
        anchor.set_download(name);
        anchor.click();
    }
    // The download has its own hold of it only some time after the click.
    let free = move || _ = Url::revoke_object_url(&url);
    gloo_timers::callback::Timeout::new(10_000, free).forget();
}

/// Lets the user choose a file, and hands on its text.
pub fn choose_file(then: impl FnOnce(String) + 'static) {
    let Ok(input) = document().create_element("input").map(|i| i.unchecked_into::<HtmlInputElement>()) else { return };
    input.set_type("file");
    let chosen = input.clone();
    let changed = Closure::once_into_js(move || {
        let Some(file) = chosen.files().and_then(|files| files.get(0)) else { return };
        let blob: Blob = file.unchecked_into();
        wasm_bindgen_futures::spawn_local(async move {
            if let Some(text) = JsFuture::from(blob.text()).await.ok().and_then(|t| t.as_string()) {
                then(text);
            }
        });
    });
    input.set_onchange(Some(changed.unchecked_ref()));
    input.click();
}

/// Where something is kept: `Long` outlives the tab, `Tab` ends with it.
#[derive(Clone, Copy)]
pub enum Shelf {
    Long,
    Tab,
}

fn shelf(which: Shelf) -> Option<Storage> {
    match which {
        Shelf::Long => window().local_storage().ok().flatten(),
        Shelf::Tab => window().session_storage().ok().flatten(),
    }
}

/// Keeps a text; a browser that refuses (private window, full) costs the memory of it, nothing else.
pub fn keep(which: Shelf, key: &str, value: &str) {
    try_keep(which, key, value);
}

/// ... and tells whether it did.
pub fn try_keep(which: Shelf, key: &str, value: &str) -> bool {
    shelf(which).is_some_and(|s| s.set_item(&format!("kubarium.{key}"), value).is_ok())
}

pub fn kept(which: Shelf, key: &str) -> Option<String> {
    shelf(which)?.get_item(&format!("kubarium.{key}")).ok().flatten()
}

pub fn forget(which: Shelf, key: &str) {
    if let Some(s) = shelf(which) {
        let _ = s.remove_item(&format!("kubarium.{key}"));
    }
}
