//! The edges between panels, dragged or moved by keys, and remembered.

use crate::browser::{self, Shelf};
use web_sys::Element;
use yew::prelude::*;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    Left,
    Right,
    Terminal,
}

impl Edge {
    pub const ALL: [Edge; 3] = [Edge::Left, Edge::Right, Edge::Terminal];

    fn property(self) -> &'static str {
        match self {
            Edge::Left => "--w-left",
            Edge::Right => "--w-right",
            Edge::Terminal => "--h-term",
        }
    }

    /// As designed, in CSS pixels.
    fn usual(self) -> f64 {
        match self {
            Edge::Left => 296.0,
            Edge::Right => 284.0,
            Edge::Terminal => 148.0,
        }
    }
}

/// Sets a panel's size and returns what it has become. The picture keeps at least half of the window's width, and room
/// above the terminal.
pub fn set(app: &NodeRef, edge: Edge, to: f64, sizes: [f64; 3]) -> f64 {
    let Some(app) = app.cast::<Element>() else { return to };
    let rect = app.get_bounding_client_rect();
    let most = match edge {
        Edge::Left => rect.width() / 2.0 - sizes[Edge::Right as usize],
        Edge::Right => rect.width() / 2.0 - sizes[Edge::Left as usize],
        Edge::Terminal => rect.height() * 0.5,
    };
    let least = if edge == Edge::Terminal { 60.0 } else { 200.0 };
    let size = to.min(most).max(least).round();
    browser::set_property(&app, edge.property(), &format!("{size}px"));
    browser::keep(Shelf::Long, edge.property(), &size.to_string());
    size
}

/// Sizes as they were left.
pub fn kept() -> [f64; 3] {
    Edge::ALL.map(|e| browser::kept(Shelf::Long, e.property()).and_then(|s| s.parse().ok()).unwrap_or(e.usual()))
}

pub fn restore(app: &NodeRef, sizes: [f64; 3]) {
    let Some(app) = app.cast::<Element>() else { return };
    for (edge, size) in Edge::ALL.into_iter().zip(sizes) {
        if size != edge.usual() {
            browser::set_property(&app, edge.property(), &format!("{size}px"));
        }
    }
}
