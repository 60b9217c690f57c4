//! The keyboard: which key does what, in one table that is also what `?` shows.

use crate::app::{Lens, Msg, Over};
use crate::inspector::Tab;
use crate::timeline::Act;
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};

/// The map as it is shown: keys, and what they do.
pub const MAP: [(&[&str], &str); 21] = [
    (&["Tab"], "key-tab"),
    (&["←", "→", "↑", "↓"], "key-arrows"),
    (&["Shift ←"], "key-move"),
    (&["Enter", "Esc"], "key-in-out"),
    (&["[", "]"], "key-selected"),
    (&["w", "e", "y", "h", "l", "v"], "key-tabs"),
    (&["o"], "key-owner"),
    (&["Space"], "key-play"),
    (&[",", "."], "key-step"),
    (&["<", ">"], "key-speed"),
    (&["m", "M"], "key-mark"),
    (&["0", "–", "9"], "key-tenths"),
    (&["+", "-", "f"], "key-zoom"),
    (&["g c", "g o", "g n", "g l"], "key-lens"),
    (&["/", "Ctrl K"], "key-find"),
    (&["`"], "key-terminal"),
    (&["p"], "key-present"),
    (&["Ctrl Enter"], "key-apply"),
    (&["Ctrl Space", "F1"], "key-help"),
    (&["Ctrl Z"], "key-undo"),
    (&["?"], "key-keys"),
];

/// What a key means to the page as a whole; none if it means nothing, or belongs to what is being typed.
/// `after_g` says that the key before was `g`.
pub fn meaning(event: &KeyboardEvent, after_g: bool, single: bool) -> Option<Msg> {
    if event.is_composing() {
        return None;
    }
    let key = event.key();
    if (event.ctrl_key() || event.meta_key()) && key.eq_ignore_ascii_case("k") {
        return Some(Msg::Over(Some(Over::Find)));
    }
    let target = event.composed_path().get(0).dyn_into::<Element>().ok();
    let in_text = target.as_ref().is_some_and(types);
    let chord = (event.ctrl_key() || event.meta_key()) && !in_text;
    if chord && key == "Enter" {
        return Some(Msg::ApplyKey);
    }
    if chord && !event.shift_key() && key.eq_ignore_ascii_case("z") {
        return Some(Msg::Undo);
    }
    if event.ctrl_key() || event.meta_key() || event.alt_key() || in_text || !single {
        return None;
    }
    let pressed_button = target.as_ref().is_some_and(|t| matches!(t.tag_name().as_str(), "BUTTON" | "SELECT" | "A"));
    if after_g {
        return lens(&key).map(Msg::Lens);
    }
    let act = |a: Act| Some(Msg::Time(a));
    match key.as_str() {
        " " if !pressed_button => act(Act::Toggle),
        "," => act(Act::Step(false)),
        "." => act(Act::Step(true)),
        "<" => Some(Msg::Faster(-1)),
        ">" => Some(Msg::Faster(1)),
        "m" => act(Act::Mark(true)),
        "M" => act(Act::Mark(false)),
        "w" => Some(Msg::Tab(Tab::Why)),
        "e" => Some(Msg::Tab(Tab::Events)),
        "y" => Some(Msg::Tab(Tab::Yaml)),
        "h" => Some(Msg::Tab(Tab::History)),
        "l" => Some(Msg::Tab(Tab::Logs)),
        "v" => Some(Msg::Tab(Tab::Files)),
        "o" => Some(Msg::Owner),
        "[" => Some(Msg::Again(-1)),
        "]" => Some(Msg::Again(1)),
        "g" => Some(Msg::AfterG),
        "/" => Some(Msg::Over(Some(Over::Find))),
        "?" => Some(Msg::Over(Some(Over::Keys))),
        "`" => Some(Msg::TerminalKey),
        "p" => Some(Msg::Big(true)),
        "Escape" => Some(Msg::Out),
        _ => None,
    }
}

/// The lens of the key after `g`.
fn lens(key: &str) -> Option<Lens> {
    match key {
        "c" => Some(Lens::Cluster),
        "o" => Some(Lens::Ownership),
        "n" => Some(Lens::Network),
        "l" => Some(Lens::List),
        _ => None,
    }
}

/// Whether keys typed into this element are text.
fn types(element: &Element) -> bool {
    let tag = element.tag_name();
    let input =
        tag == "INPUT" && !matches!(element.get_attribute("type").as_deref(), Some("checkbox" | "radio" | "button"));
    input || tag == "TEXTAREA" || tag == "SELECT" || element.has_attribute("contenteditable")
}
