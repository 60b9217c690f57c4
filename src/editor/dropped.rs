//! Files that are dropped on the editor.

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::DragEvent;

/// Reads the files that were dropped on the editor, each as a text.
pub fn read(event: &DragEvent, link: &yew::html::Scope<super::Editor>) {
    let Some(list) = event.data_transfer().and_then(|d| d.files()) else { return };
    for file in (0..list.length()).filter_map(|i| list.get(i)) {
        let (link, name) = (link.clone(), file.name());
        let blob: web_sys::Blob = file.unchecked_into();
        spawn_local(async move {
            if let Some(text) = JsFuture::from(blob.text()).await.ok().and_then(|t| t.as_string()) {
                link.send_message(super::Msg::Dropped(name, text));
            }
        });
    }
}
