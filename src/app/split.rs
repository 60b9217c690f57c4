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

    /// The panel's size as it stands, in CSS pixels.
    pub fn size(self) -> f64 {
        let panel = match self {
            Edge::Left => ".left",
            Edge::Right => ".right",
            Edge::Terminal => ".term",
        };
        let found = browser::document().query_selector(panel).ok().flatten();
        let rect = found.map(|e| e.get_bounding_client_rect());
        rect.map_or(0.0, |r| if self == Edge::Terminal { r.height() } else { r.width() })
    }
}

/// Sets a panel's size. The picture keeps at least half of the window's width, and room above the terminal.
pub fn set(app: &NodeRef, edge: Edge, to: f64) {
    let Some(app) = app.cast::<Element>() else { return };
    let rect = app.get_bounding_client_rect();
    let most = match edge {
        Edge::Left => rect.width() / 2.0 - Edge::Right.size(),
        Edge::Right => rect.width() / 2.0 - Edge::Left.size(),
        Edge::Terminal => rect.height() * 0.5,
    };
    let least = if edge == Edge::Terminal { 60.0 } else { 200.0 };
    let px = format!("{}px", to.min(most).max(least).round());
    browser::set_property(&app, edge.property(), &px);
    browser::keep(Shelf::Long, edge.property(), &px);
}

/// Sizes as they were left.
pub fn restore(app: &NodeRef) {
    let Some(app) = app.cast::<Element>() else { return };
    for edge in Edge::ALL {
        if let Some(px) = browser::kept(Shelf::Long, edge.property()) {
            browser::set_property(&app, edge.property(), &px);
        }
    }
}
