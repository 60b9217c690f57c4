//! What the page asks of the browser, each in one line: nothing here knows of Kubernetes.

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::{Document, Element, HtmlElement, Storage, Window};

#[wasm_bindgen]
extern "C" {
    /// Tells the reader that the program has stopped; it lives in `start.js`, outside what broke.
    #[wasm_bindgen(js_namespace = kubarium)]
    pub fn broke(report: &str);
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

pub fn focus(id: &str) {
    if let Some(e) = document().get_element_by_id(id).and_then(|e| e.dyn_into::<HtmlElement>().ok()) {
        let _ = e.focus();
    }
}

pub fn on_a_mac() -> bool {
    window().navigator().user_agent().is_ok_and(|a| a.contains("Mac OS") || a.contains("iPhone"))
}

pub fn copy_to_clipboard(text: &str) {
    let _ = window().navigator().clipboard().write_text(text);
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
    if let Some(s) = shelf(which) {
        let _ = s.set_item(&format!("kubarium.{key}"), value);
    }
}

pub fn kept(which: Shelf, key: &str) -> Option<String> {
    shelf(which)?.get_item(&format!("kubarium.{key}")).ok().flatten()
}

pub fn forget(which: Shelf, key: &str) {
    if let Some(s) = shelf(which) {
        let _ = s.remove_item(&format!("kubarium.{key}"));
    }
}
