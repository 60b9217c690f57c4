//! The picture for others: large on a wall, as a file, on paper.

use super::App;
use crate::browser;
use crate::text::Text;
use kubarium::saved::figure;
use yew::prelude::*;

/// How wide a window the picture is laid out for where it is shown large, in CSS pixels: whatever the projector has, the last row
/// of a room reads the same.
const WIDE: f64 = 1067.0;
/// The least and the most that everything grows.
const GROWTH: std::ops::RangeInclusive<f64> = 1.35..=5.0;
/// Pixels of a saved picture for each CSS pixel.
const FINE: f64 = 2.0;
/// The keys that the foot of the picture shows, and what they do.
const KEYS: [(&str, &str); 6] = [
    ("Space", "key-play"),
    (", .", "key-step"),
    ("< >", "key-speed"),
    ("g c o n l", "key-lens"),
    ("/", "key-find"),
    ("`", "key-terminal"),
];

impl App {
    /// Begins or ends to show the picture large.
    pub(super) fn present(&mut self, big: bool) {
        self.big = big;
        browser::set_root_attribute("data-big", big.then_some(""));
        if big {
            self.terminal_open = false;
        }
        self.grow();
    }

    /// So many times larger than usual is everything.
    pub(super) fn growth(&self) -> f64 {
        if !self.big {
            return 1.0;
        }
        let width = browser::window().inner_width().ok().and_then(|w| w.as_f64()).unwrap_or(WIDE);
        (width / WIDE).clamp(*GROWTH.start(), *GROWTH.end())
    }

    /// The window has another size, or everything in it.
    pub(super) fn grow(&mut self) {
        if let Some(app) = self.app.cast::<web_sys::Element>() {
            browser::set_property(&app, "--big", &self.growth().to_string());
        }
        self.paint += 1;
    }

    /// The picture becomes a file of pixels.
    pub(super) fn save_pixels(&self) {
        if let Some(sheet) = self.picture.as_ref().and_then(|picture| picture.pixels(FINE)) {
            browser::download_canvas(figure::PIXELS, &sheet);
        }
    }

    /// On paper the picture is light. `begins`, or is over.
    pub(super) fn print(&mut self, begins: bool) {
        let dark = browser::dark();
        if begins && dark {
            self.before_print = Some(browser::root_attribute("data-theme"));
            browser::set_root_attribute("data-theme", Some("light"));
        } else if let Some(theme) = self.before_print.take().filter(|_| !begins) {
            browser::set_root_attribute("data-theme", theme.as_deref());
        } else {
            return;
        }
        self.retheme();
        self.draw(browser::wall_ms(), &|| false);
    }
}

/// What keys do, for those who look on.
#[inline(never)]
pub(super) fn hints(text: Text, end: Callback<MouseEvent>) -> Html {
    html! {
        <section class="hints" aria-label={text.get("keys")}>
            {for KEYS.iter().map(|(key, does)| html! { <span><kbd>{*key}</kbd>{text.get(does)}</span> })}
            <button type="button" class="btn quiet" onclick={end}><kbd aria-hidden="true">{"p"}</kbd>{text.get("present-end")}</button>
        </section>
    }
}
