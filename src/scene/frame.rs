//! Where the four bands are: the outside, the spine, the rails, the window of the tanks, the shelf. They never change
//! place, so that the eye learns them; only what is in the window moves with the camera.

use super::model::Model;
use super::shape::Rect;

/// Narrower pictures are laid out as on a phone.
pub const SMALL: f32 = 720.0;
/// From how many nodes on a tank is water, rim and dots only.
pub const DENSE_FROM: usize = 21;
/// From how many nodes on a node is one cell.
pub const CELLS_FROM: usize = 1000;
/// More rails than this fold into one band.
pub const RAILS_MOST: usize = 5;

#[derive(Clone, Debug)]
pub struct Frame {
    pub width: f32,
    pub height: f32,
    /// A phone: tanks in one column, spine and rails folded.
    pub small: bool,
    /// 21 nodes and more.
    pub dense: bool,
    /// The outside; of no width on small and dense screens.
    pub strip: Rect,
    pub spine: Rect,
    /// The first rail; the others follow at `rail_pitch`.
    pub rail: Rect,
    pub rail_pitch: f32,
    pub window: Rect,
    /// The height of the row of labels over a tank.
    pub labels: f32,
    /// Drums stand with their heads at its upper edge.
    pub shelf: Rect,
}

impl Frame {
    pub fn of(model: &Model, width: f32, height: f32, rails: usize) -> Frame {
        let small = width < SMALL;
        let dense = model.nodes.len() >= DENSE_FROM;
        let strip = if small || dense { 0.0 } else { 82.0 };
        let (left, right) = match (small, dense) {
            (true, _) => (12.0, 12.0),
            (_, true) => (16.0, 16.0),
            _ => (strip + 10.0, 12.0),
        };
        let w = (width - left - right).max(40.0);
        let (top, spine_h, rails_gap) = match (small, dense) {
            (true, _) => (8.0, 38.0, 10.0),
            (_, true) => (14.0, 44.0, 12.0),
            _ => (12.0, 74.0, 16.0),
        };
        let (rail_h, rail_pitch) = match (small, dense) {
            (true, _) => (26.0, 32.0),
            (_, true) => (30.0, 38.0),
            _ => (24.0, 32.0),
        };
        let spine = Rect::new(left, top, w, spine_h);
        let rail = Rect::new(left, spine.bottom() + rails_gap, w, rail_h);
        let rails_end = if rails == 0 { spine.bottom() } else { rail.y + rail_pitch * (rails as f32 - 1.0) + rail_h };
        let shelf = Self::shelf(model, small, dense, left, w, height);
        let window_end = if shelf.h > 0.0 { shelf.y - 14.0 } else { height - 10.0 };
        let window = Rect::new(strip, rails_end + 2.0, width - strip, (window_end - rails_end - 2.0).max(40.0));
        let labels = match (small, dense) {
            (true, _) => 34.0,
            (_, true) => 40.0,
            _ => 42.0,
        };
        Frame {
            width,
            height,
            small,
            dense,
            strip: Rect::new(0.0, 0.0, strip, height),
            spine,
            rail,
            rail_pitch,
            window,
            labels,
            shelf,
        }
    }

    fn shelf(model: &Model, small: bool, dense: bool, left: f32, w: f32, height: f32) -> Rect {
        match (model.volumes.is_empty(), small || dense) {
            (true, true) => Rect::new(left, height, w, 0.0),
            (true, false) => Rect::new(left, height - 36.0, w, 20.0),
            (false, true) => Rect::new(left, height - 36.0, w, 26.0),
            (false, false) => Rect::new(left, height - 84.0, w, 57.0),
        }
    }

    /// The upper edge of the nth rail.
    pub fn rail_at(&self, n: usize) -> Rect {
        Rect { y: self.rail.y + self.rail_pitch * n as f32, ..self.rail }
    }
}
