//! The four ways in which things speed up and slow down, as `tokens.css` has them.

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ease {
    Linear,
    Out,
    InOut,
    /// Falls past its place a little, and settles.
    Drop,
    In,
}

impl Ease {
    /// How far along the way at a share of the time, both of 1.
    pub fn at(self, time: f32) -> f32 {
        let time = time.clamp(0.0, 1.0);
        let (x1, y1, x2, y2) = match self {
            Ease::Linear => return time,
            Ease::Out => (0.2, 0.7, 0.2, 1.0),
            Ease::InOut => (0.6, 0.0, 0.2, 1.0),
            Ease::Drop => (0.3, 1.3, 0.5, 1.0),
            Ease::In => (0.5, 0.0, 0.9, 0.4),
        };
        let bezier = |a: f32, b: f32, t: f32| {
            let rest = 1.0 - t;
            3.0 * rest * rest * t * a + 3.0 * rest * t * t * b + t * t * t
        };
        let (mut low, mut high) = (0.0_f32, 1.0_f32);
        for _ in 0..18 {
            let middle = (low + high) / 2.0;
            if bezier(x1, x2, middle) < time { low = middle } else { high = middle }
        }
        bezier(y1, y2, (low + high) / 2.0)
    }
}

/// Durations at real time, in milliseconds of the wall.
pub const STEP: f64 = 240.0;
pub const TRAVEL: f64 = 520.0;
pub const LENS: f64 = 640.0;
pub const FADE: f64 = 160.0;
/// How long a target is outlined where nothing may travel.
pub const GLOW: f64 = 600.0;

/// What the durations are divided by at a speed.
pub fn pace(speed: f64) -> f64 {
    speed.clamp(0.25, 4.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_begin_and_end_in_place() {
        for ease in [Ease::Linear, Ease::Out, Ease::InOut, Ease::Drop, Ease::In] {
            assert!(ease.at(0.0).abs() < 0.01 && (ease.at(1.0) - 1.0).abs() < 0.01, "{ease:?}");
        }
        assert!(Ease::Out.at(0.5) > 0.8 && Ease::In.at(0.5) < 0.4);
        assert!((0..100).any(|i| Ease::Drop.at(i as f32 / 100.0) > 1.0), "a drop goes past its place");
    }
}
