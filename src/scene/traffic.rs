//! Requests on their way: drops along the lanes. Where each is follows from the beat alone, so that a moment always
//! shows the same drops.

use super::Lane;
use super::ease::TRAVEL;
use super::glyph::drop;
use super::measure::Table;
use super::pen::Pen;
use super::shape::{Id, Layer, Rect, Shape};

/// So many a second are drawn at most, over all Services.
const SHOWN: f64 = 30.0;
/// How long a refused request is seen: there and back.
const REFUSED: f64 = 240.0;

/// The drops at a beat, which is milliseconds that pass as fast as things are seen to move.
pub fn drops(lanes: &[Lane], beat: f64) -> Vec<Shape> {
    let mut pen = Pen::new(&Table, Rect::default());
    pen.layer = Layer::Journey;
    let services = lanes.chunk_by(|a, b| a.service == b.service).collect::<Vec<_>>();
    for lanes in &services {
        let rate = (lanes[0].rate as f64).min(SHOWN / services.len() as f64).max(0.5);
        let period = 1000.0 / rate;
        let lasts = if lanes[0].answered { TRAVEL } else { REFUSED };
        let newest = (beat / period).floor() as i64;
        let oldest = ((beat - lasts) / period).ceil() as i64;
        for n in oldest.max(0)..=newest {
            // Neighbouring requests do not all take the same turn.
            let lane = &lanes[(n as usize * 7 + n as usize / 3) % lanes.len()];
            let share = ((beat - n as f64 * period) / lasts) as f32;
            pen.object(lane.service.part(n as u64 ^ Id::of("drop", "").0));
            one(&mut pen, lane, share);
        }
    }
    pen.shapes
}

fn one(pen: &mut Pen, lane: &Lane, share: f32) {
    let (share, back) = match lane.answered {
        true => (share, false),
        false => (1.0 - (2.0 * share - 1.0).abs(), share > 0.5),
    };
    let Some((x, y, direction)) = along(&lane.points, share) else { return };
    let direction = if back { (-direction.0, -direction.1) } else { direction };
    drop(pen, x, y, direction, lane.answered || !back, 3.1);
}

/// The point at a share of the whole way, and the direction there.
fn along(points: &[(f32, f32)], share: f32) -> Option<(f32, f32, (f32, f32))> {
    let length = |a: (f32, f32), b: (f32, f32)| (b.0 - a.0).hypot(b.1 - a.1);
    let whole: f32 = points.windows(2).map(|pair| length(pair[0], pair[1])).sum();
    let mut left = whole * share.clamp(0.0, 1.0);
    for pair in points.windows(2) {
        let step = length(pair[0], pair[1]);
        if left <= step && step > 0.0 {
            let unit = ((pair[1].0 - pair[0].0) / step, (pair[1].1 - pair[0].1) / step);
            return Some((pair[0].0 + unit.0 * left, pair[0].1 + unit.1 * left, unit));
        }
        left -= step;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drop_goes_round_the_corner() {
        let way = [(0.0, 0.0), (10.0, 0.0), (10.0, 30.0)];
        assert_eq!(along(&way, 0.0), Some((0.0, 0.0, (1.0, 0.0))));
        assert_eq!(along(&way, 0.5), Some((10.0, 10.0, (0.0, 1.0))));
    }

    #[test]
    fn no_more_are_drawn_than_can_be_seen() {
        let lane = Lane { service: Id(1), rate: 100_000, points: vec![(0.0, 0.0), (100.0, 0.0)], answered: true };
        let shapes = drops(&[lane], 10_000.0);
        assert!(shapes.len() >= 2 && shapes.len() <= 2 * 17, "{}", shapes.len());
    }
}
