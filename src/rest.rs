//! The parts of the program that are fetched behind the first picture: all that lives once the cluster runs.
//! `xtask/src/split.rs` divides them; here only is it known that there is a first one.

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// Fetches what a cluster at work needs and resolves once it is in place, the rest behind it; the page goes on meanwhile. `boot.js`
    /// tells of a failure.
    #[wasm_bindgen(js_namespace = kubarium, js_name = fetchRest, catch)]
    async fn fetch_rest(first: &JsValue) -> Result<JsValue, JsValue>;

    /// Puts the next part in place before it returns.
    #[wasm_bindgen(js_namespace = kubarium, js_name = loadRest)]
    fn load_rest(first: &JsValue);
}

/// Called in place of a function that is not there yet.
#[wasm_bindgen]
pub fn kubarium_rest() {
    load_rest(&wasm_bindgen::exports());
}

/// Waits for the rest, and then does what is asked.
pub fn once_arrived(then: impl FnOnce() + 'static) {
    wasm_bindgen_futures::spawn_local(async move {
        if fetch_rest(&wasm_bindgen::exports()).await.is_ok() {
            then();
        }
    });
}
