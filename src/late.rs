//! The API's descriptions of itself (`kubarium_sim::schema::descriptions`), fetched when somebody first asks for one.

use crate::browser;
use kubarium_sim::schema::descriptions;
use std::cell::Cell;

thread_local! {
    static ASKED: Cell<bool> = const { Cell::new(false) };
}

/// Has them fetched, once.
pub fn fetch_descriptions() {
    if !ASKED.replace(true) {
        wasm_bindgen_futures::spawn_local(descriptions_settled());
    }
}

/// Waits until they are there; without a network there are none until the page is opened again, and that is said in their place.
pub async fn descriptions_settled() {
    if !descriptions::are_settled() {
        descriptions::give(browser::descriptions().await.unwrap_or_default());
    }
}
