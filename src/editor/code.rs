//! The code editor's JavaScript side, as Rust sees it: a bundle of its own, loaded when first used.

use super::check::{Problem, Weight};
use super::help;
use crate::late;
use crate::text::Text;
use js_sys::{Array, Object, Promise, Reflect};
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use web_sys::Element;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = kubarium, js_name = editor, catch)]
    fn load() -> Result<Promise, JsValue>;

    type Bundle;
    #[wasm_bindgen(method)]
    fn mount(this: &Bundle, host: &Element, text: &str, label: &str, on: &Object) -> CodeView;

    /// One editor on the page. See `codemirror.js` for what each method does.
    pub type CodeView;
    #[wasm_bindgen(method)]
    pub fn open(this: &CodeView, file: &str, text: &str);
    #[wasm_bindgen(method)]
    pub fn replace(this: &CodeView, text: &str);
    #[wasm_bindgen(method, js_name = problems)]
    fn show(this: &CodeView, list: &Array);
    #[wasm_bindgen(method)]
    pub fn goto(this: &CodeView, line: u32, column: u32);
    #[wasm_bindgen(method)]
    fn label(this: &CodeView, text: &str);
    #[wasm_bindgen(method)]
    pub fn focus(this: &CodeView);
}

/// A mounted editor with the closures that it calls.
pub struct Code {
    pub view: CodeView,
    text: Rc<Cell<Text>>,
    _change: Closure<dyn Fn(String)>,
    _apply: Closure<dyn Fn()>,
    _leave: Closure<dyn Fn()>,
    _ways: Closure<dyn Fn(String, usize) -> JsValue>,
    _field: Closure<dyn Fn(String, usize) -> JsValue>,
    _about: Closure<dyn Fn(String) -> Promise>,
}

/// What the editor tells.
pub struct Tells {
    pub change: Box<dyn Fn(String)>,
    pub apply: Box<dyn Fn()>,
    pub leave: Box<dyn Fn()>,
}

impl Code {
    /// Loads the bundle (once; the browser keeps it) and mounts an editor. The error is for the console of a developer.
    pub async fn mount(host: Element, content: String, text: Text, tells: Tells) -> Result<Code, JsValue> {
        let bundle: Bundle = JsFuture::from(load()?).await?.unchecked_into();
        let shared = Rc::new(Cell::new(text));
        let [for_ways, for_field, for_about] = [shared.clone(), shared.clone(), shared.clone()];
        let change = Closure::new(tells.change);
        let apply = Closure::new(tells.apply);
        let leave = Closure::new(tells.leave);
        let ways =
            Closure::new(move |content: String, at: usize| ways(&content, at, for_ways.get()).unwrap_or(JsValue::NULL));
        let field = Closure::new(move |content: String, at: usize| {
            field(&content, at, for_field.get()).unwrap_or(JsValue::NULL)
        });
        let about = Closure::new(move |name: String| about(name, for_about.get()));
        let on = object([
            ("change", change.as_ref().clone()),
            ("apply", apply.as_ref().clone()),
            ("leave", leave.as_ref().clone()),
            ("ways", ways.as_ref().clone()),
            ("field", field.as_ref().clone()),
            ("about", about.as_ref().clone()),
        ]);
        let view = bundle.mount(&host, &content, text.get("editor-text"), &on);
        let (_change, _apply, _leave, _ways, _field, _about) = (change, apply, leave, ways, field, about);
        Ok(Code { view, text: shared, _change, _apply, _leave, _ways, _field, _about })
    }

    /// Another language is read.
    pub fn speak(&self, text: Text) {
        self.text.set(text);
        self.view.label(text.get("editor-text"));
    }

    pub fn problems(&self, problems: &[Problem]) {
        let list = Array::new();
        for p in problems {
            let severity = match p.weight {
                Weight::Error => "error",
                Weight::Warning => "warning",
                Weight::Note => "hint",
            };
            list.push(&object([
                ("line", p.line.into()),
                ("column", p.column.into()),
                ("endLine", p.end.map_or(0, |e| e.0).into()),
                ("endColumn", p.end.map_or(0, |e| e.1).into()),
                ("message", p.message.as_str().into()),
                ("severity", severity.into()),
            ]));
        }
        self.view.show(&list);
    }
}

/// How the word at a place may go on: `{from, options: [{label, detail, text, rank, about}]}`.
fn ways(content: &str, at: usize, text: Text) -> Option<JsValue> {
    let (from, ways) = help::ways(content, bytes(content, at))?;
    let options = Array::new();
    for way in ways {
        let inert = if way.inert { format!("{} {}", way.detail, text.get("inert")) } else { way.detail };
        options.push(&object([
            ("label", way.label.into()),
            ("detail", inert.trim().into()),
            ("text", way.text.into()),
            ("rank", (i32::from(way.required) - i32::from(way.inert)).into()),
            ("about", way.field.map_or(JsValue::NULL, |(of, name)| help::name_of(of, name).into())),
        ]));
    }
    Some(object([("from", units(content, from).into()), ("options", options.into())]).into())
}

/// The field whose key is at a place: `{from, to, name, detail, note, about}`.
fn field(content: &str, at: usize, text: Text) -> Option<JsValue> {
    let found = help::field_at(content, bytes(content, at))?;
    let required = if found.required { format!("{} · {}", found.detail, text.get("required")) } else { found.detail };
    Some(
        object([
            ("from", units(content, found.from).into()),
            ("to", units(content, found.to).into()),
            ("name", found.name.as_str().into()),
            ("detail", required.into()),
            ("note", if found.inert { text.get("field-inert") } else { "" }.into()),
            ("about", help::name_of(found.of, &found.name).into()),
        ])
        .into(),
    )
}

/// What the API says of a field, once that has come.
fn about(name: String, text: Text) -> Promise {
    future_to_promise(async move {
        late::descriptions_settled().await;
        let said = help::about(&name);
        Ok(said
            .as_deref()
            .map_or(text.get("no-descriptions"), |said| if said.is_empty() { text.get("undescribed") } else { said })
            .into())
    })
}

/// JavaScript counts in units of UTF-16.
fn bytes(content: &str, units: usize) -> usize {
    let mut left = units;
    let end = content.char_indices().find(|(_, c)| {
        let is_there = left == 0;
        left = left.saturating_sub(c.len_utf16());
        is_there
    });
    end.map_or(content.len(), |(at, _)| at)
}

fn units(content: &str, bytes: usize) -> u32 {
    content[..bytes].encode_utf16().count() as u32
}

fn object<const N: usize>(entries: [(&str, JsValue); N]) -> Object {
    let object = Object::new();
    for (key, value) in entries {
        Reflect::set(&object, &key.into(), &value).expect("a plain object takes any property");
    }
    object
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_as_javascript_does() {
        let text = "a: 한😀\nb";
        for (at, _) in text.char_indices() {
            assert_eq!(bytes(text, units(text, at) as usize), at);
        }
        assert_eq!((units(text, text.len()), bytes(text, 99)), (8, text.len()));
    }
}
