//! The code editor's JavaScript side, as Rust sees it: a bundle of its own, loaded when first used.

use super::check::{Problem, Weight};
use js_sys::{Array, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
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
    pub fn label(this: &CodeView, text: &str);
    #[wasm_bindgen(method)]
    pub fn focus(this: &CodeView);
}

/// A mounted editor with the closures that it calls.
pub struct Code {
    pub view: CodeView,
    _change: Closure<dyn Fn(String)>,
    _apply: Closure<dyn Fn()>,
    _leave: Closure<dyn Fn()>,
}

/// What the editor tells.
pub struct Tells {
    pub change: Box<dyn Fn(String)>,
    pub apply: Box<dyn Fn()>,
    pub leave: Box<dyn Fn()>,
}

impl Code {
    /// Loads the bundle (once; the browser keeps it) and mounts an editor. The error is for the console of a developer.
    pub async fn mount(host: Element, text: String, label: String, tells: Tells) -> Result<Code, JsValue> {
        let bundle: Bundle = JsFuture::from(load()?).await?.unchecked_into();
        let change = Closure::new(tells.change);
        let apply = Closure::new(tells.apply);
        let leave = Closure::new(tells.leave);
        let on = Object::new();
        set(&on, "change", change.as_ref());
        set(&on, "apply", apply.as_ref());
        set(&on, "leave", leave.as_ref());
        let view = bundle.mount(&host, &text, &label, &on);
        Ok(Code { view, _change: change, _apply: apply, _leave: leave })
    }

    pub fn problems(&self, problems: &[Problem]) {
        let list = Array::new();
        for p in problems {
            let one = Object::new();
            set(&one, "line", &p.line.into());
            set(&one, "column", &p.column.into());
            set(&one, "endLine", &p.end.map_or(0, |e| e.0).into());
            set(&one, "endColumn", &p.end.map_or(0, |e| e.1).into());
            set(&one, "message", &p.message.as_str().into());
            set(&one, "severity", &if p.weight == Weight::Error { "error" } else { "warning" }.into());
            list.push(&one);
        }
        self.view.show(&list);
    }
}

fn set(object: &Object, key: &str, value: &JsValue) {
    Reflect::set(object, &key.into(), value).expect("a plain object takes any property");
}
