//! The page in the browser: see `app`.

mod app;
mod browser;
mod builder;
mod chronicle;
mod clusters;
mod desk;
mod editor;
mod find;
mod header;
mod how;
mod icons;
mod inspector;
mod journal;
mod keys;
mod late;
mod ledger;
mod lessons;
#[cfg(target_arch = "wasm32")]
mod memory;
mod player;
mod rehearsal;
mod rest;
mod samples;
mod terminal;
mod text;
mod timeline;

use kubarium::clock_text;

fn main() {
    // What has broken tells of itself from outside: nothing in here can be trusted any more.
    std::panic::set_hook(Box::new(|info| browser::broke(&info.to_string())));
    let place = browser::document().get_element_by_id("app").expect("index.html has a place for the page");
    yew::Renderer::<app::App>::with_root(place).render();
}
