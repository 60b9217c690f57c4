//! Which parts of a canvas are to be drawn anew, by squares of it: rows of bits.

use crate::scene::shape::Rect;

/// As many as a row has bits.
const ACROSS: f32 = 64.0;
/// The least side of a square, in pixels of the screen.
const LEAST: f32 = 32.0;

#[derive(Debug)]
pub struct Squares {
    side: f32,
    across: u32,
    rows: Vec<u64>,
}

impl Squares {
    /// None of a canvas of so many pixels is to be drawn yet.
    pub fn new(width: f32, height: f32) -> Squares {
        let side = (width / ACROSS).ceil().max(LEAST);
        let count = |length: f32| (length / side).ceil().max(1.0);
        Squares { side, across: count(width) as u32, rows: vec![0; count(height) as usize] }
    }

    pub fn mark(&mut self, area: Rect) {
        let (rows, bits) = self.those_of(area);
        self.rows[rows].iter_mut().for_each(|row| *row |= bits);
    }

    pub fn mark_all(&mut self) {
        let bits = self.bits(0, self.across - 1);
        self.rows.fill(bits);
    }

    /// How much of the whole is to be drawn, of 1.
    pub fn share(&self) -> f32 {
        let marked: u32 = self.rows.iter().map(|row| row.count_ones()).sum();
        marked as f32 / (self.across as usize * self.rows.len()) as f32
    }

    /// What is to be drawn, in at most so many rectangles; they may overlap, and hold more than was marked.
    pub fn areas(&self, most: usize) -> Vec<Rect> {
        let mut areas = Vec::new();
        let mut top = 0;
        for rows in self.rows.chunk_by(|a, b| a == b) {
            let (y, h) = (top as f32 * self.side, rows.len() as f32 * self.side);
            top += rows.len();
            let mut left = rows[0];
            while left != 0 {
                let from = left.trailing_zeros();
                let run = (left >> from).trailing_ones();
                areas.push(Rect::new(from as f32 * self.side, y, run as f32 * self.side, h));
                left &= !self.bits(from, from + run - 1);
            }
        }
        let size = |area: Rect| area.w * area.h;
        while areas.len() > most {
            let grows = |n: &usize| size(areas[*n].around(areas[n + 1])) - size(areas[*n]) - size(areas[n + 1]);
            let Some(n) = (0..areas.len() - 1).min_by(|a, b| grows(a).total_cmp(&grows(b))) else { break };
            areas[n] = areas[n].around(areas.remove(n + 1));
        }
        areas
    }

    /// The same in rectangles of no more than a share of the whole each, as far as that can be had by dividing them into rows.
    pub fn pieces(&self, most: usize, share: f32) -> Vec<Rect> {
        let squares = share * (self.across as usize * self.rows.len()) as f32;
        let divided = |area: Rect| {
            let height = (squares / (area.w / self.side)).floor().max(1.0) * self.side;
            let count = (area.h / height).ceil() as usize;
            (0..count).map(move |n| {
                let top = area.y + n as f32 * height;
                Rect::new(area.x, top, area.w, height.min(area.bottom() - top))
            })
        };
        self.areas(most).into_iter().flat_map(divided).collect()
    }

    fn those_of(&self, area: Rect) -> (std::ops::Range<usize>, u64) {
        let (w, h) = (self.across as f32 * self.side, self.rows.len() as f32 * self.side);
        let area = area.common(Rect::new(0.0, 0.0, w, h));
        if area.w <= 0.0 || area.h <= 0.0 {
            return (0..0, 0);
        }
        let at = |length: f32, most: usize| ((length / self.side) as usize).min(most);
        let (low, last) = (self.rows.len() - 1, self.across as usize - 1);
        let bits = self.bits(at(area.x, last) as u32, at(area.right(), last) as u32);
        (at(area.y, low)..at(area.bottom(), low) + 1, bits)
    }

    /// The bits from one to another, both included.
    fn bits(&self, from: u32, to: u32) -> u64 {
        (u64::MAX >> (63 - (to - from))) << from
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_marked_is_told() {
        let mut squares = Squares::new(200.0, 100.0);
        assert!(squares.areas(8).is_empty());
        squares.mark(Rect::new(40.0, 10.0, 30.0, 60.0));
        assert_eq!(squares.areas(8), [Rect::new(32.0, 0.0, 64.0, 96.0)]);
        squares.mark(Rect::new(-50.0, -50.0, 60.0, 60.0));
        assert_eq!(squares.areas(8), [Rect::new(0.0, 0.0, 96.0, 32.0), Rect::new(32.0, 32.0, 64.0, 64.0)]);
        squares.mark(Rect::new(500.0, 0.0, 10.0, 10.0));
        assert_eq!(squares.areas(8).len(), 2, "what lies beside it marks nothing");
        assert_eq!(squares.areas(1), [Rect::new(0.0, 0.0, 96.0, 96.0)]);
    }

    #[test]
    fn few_areas_hold_all_that_is_marked() {
        let mut squares = Squares::new(900.0, 700.0);
        let marked: Vec<Rect> =
            (0..40).map(|n| Rect::new(n as f32 * 22.0, (n * 17 % 40) as f32 * 17.0, 5.0, 5.0)).collect();
        marked.iter().for_each(|area| squares.mark(*area));
        let areas = squares.areas(8);
        assert!(areas.len() <= 8);
        assert!(marked.iter().all(|spot| areas.iter().any(|area| area.common(*spot) == *spot)));
    }

    #[test]
    fn pieces_are_small_and_together_the_areas() {
        let mut squares = Squares::new(640.0, 640.0);
        squares.mark(Rect::new(0.0, 0.0, 600.0, 300.0));
        squares.mark(Rect::new(70.0, 500.0, 10.0, 10.0));
        let pieces = squares.pieces(8, 0.25);
        assert_eq!(pieces[..2], [Rect::new(0.0, 0.0, 608.0, 160.0), Rect::new(0.0, 160.0, 608.0, 160.0)]);
        assert_eq!(pieces[2..], [Rect::new(64.0, 480.0, 32.0, 32.0)]);
        squares.mark_all();
        let (pieces, whole) = (squares.pieces(8, 0.01), squares.areas(8)[0]);
        assert_eq!(pieces.len(), 20, "a row is the least");
        assert_eq!(pieces.iter().fold(pieces[0], |all, piece| all.around(*piece)), whole);
    }

    #[test]
    fn all_is_all_however_wide() {
        for width in [10.0, 2048.0, 2049.0, 11_520.0] {
            let mut squares = Squares::new(width, 70.0);
            squares.mark_all();
            let areas = squares.areas(8);
            assert!(areas.len() == 1 && areas[0].w >= width && areas[0].h >= 70.0, "{width}: {areas:?}");
        }
    }
}
