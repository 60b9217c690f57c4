//! From one scene to the next: shapes of equal ids move, new ones appear, those that have gone fade.

use super::ease::{Ease, FADE, LENS, STEP};
use super::shape::{ById, Form, Shape};
use std::borrow::Cow;

/// Why a scene follows another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Change {
    /// Time went on.
    Step,
    /// The lens was changed: everything slides.
    Lens,
    /// Time was set, or the level of detail has changed: the old picture fades, nothing travels.
    Fade,
    /// The camera or the window moved: everything is at its place at once.
    Cut,
}

/// More shapes than this do not move one by one.
const MOST: usize = 8000;

#[derive(Default)]
pub struct Tween {
    shown: ById<Track>,
    leaving: Vec<(Shape, f64, f64)>,
    end: f64,
}

struct Track {
    from: Pose,
    to: Pose,
    start: f64,
    ms: f64,
    ease: Ease,
    /// The shape as it was drawn last, to take leave of.
    last: Option<Shape>,
}

/// What of a shape can move.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Pose {
    x: f32,
    y: f32,
    k: f32,
    alpha: f32,
    size: (f32, f32),
}

impl Pose {
    fn of(shape: &Shape) -> Pose {
        let size = match &shape.form {
            Form::Rect { w, h, .. } | Form::Water { w, h, .. } => (*w, *h),
            Form::Disc { r } => (*r, *r),
            Form::Path(_) | Form::Text(_) | Form::Dots(_) => (0.0, 0.0),
        };
        Pose { x: shape.x, y: shape.y, k: shape.k, alpha: shape.alpha, size }
    }

    fn towards(self, to: Pose, share: f32) -> Pose {
        let mix = |a: f32, b: f32| a + (b - a) * share;
        Pose {
            x: mix(self.x, to.x),
            y: mix(self.y, to.y),
            k: mix(self.k, to.k),
            alpha: mix(self.alpha, to.alpha).clamp(0.0, 1.0),
            size: (mix(self.size.0, to.size.0).max(0.0), mix(self.size.1, to.size.1).max(0.0)),
        }
    }

    fn put_on(self, shape: &mut Shape) {
        (shape.x, shape.y, shape.k, shape.alpha) = (self.x, self.y, self.k, self.alpha);
        match &mut shape.form {
            Form::Rect { w, h, .. } | Form::Water { w, h, .. } => (*w, *h) = self.size,
            Form::Disc { r } => *r = self.size.0,
            Form::Path(_) | Form::Text(_) | Form::Dots(_) => {}
        }
    }
}

impl Track {
    fn still(shape: &Shape) -> Track {
        let pose = Pose::of(shape);
        Track { from: pose, to: pose, start: 0.0, ms: 0.0, ease: Ease::Out, last: None }
    }

    fn at(&self, now: f64) -> Pose {
        if now >= self.start + self.ms {
            return self.to;
        }
        let share = ((now - self.start) / self.ms.max(0.001)) as f32;
        self.from.towards(self.to, self.ease.at(share))
    }
}

impl Tween {
    /// Takes a new scene as the aim. `pace` divides the durations.
    pub fn retarget(&mut self, old: &[Shape], new: &[Shape], change: Change, now: f64, pace: f64) {
        if change == Change::Cut || new.len() > MOST || old.len() > MOST {
            self.shown = new.iter().map(|shape| (shape.id, Track::still(shape))).collect();
            self.leaving.clear();
            self.end = now;
            return;
        }
        let (ms, ease) = match change {
            Change::Lens => (LENS, Ease::InOut),
            Change::Fade => (FADE, Ease::Out),
            _ => (STEP / pace, Ease::Out),
        };
        let mut before = std::mem::take(&mut self.shown);
        // An empty picture just appears.
        let first = before.is_empty();
        for shape in old {
            if let Some(track) = before.get_mut(&shape.id) {
                track.last = Some(shape.clone());
            }
        }
        for shape in new {
            let track = match before.remove(&shape.id) {
                Some(track) if change == Change::Fade && track.to != Pose::of(shape) => {
                    self.leave(track, now, FADE);
                    Track { start: now, ms, ..appearing(shape) }
                }
                Some(track) => follow(track, shape, now, ms, ease),
                None if first => Track::still(shape),
                None => Track { start: now, ms, ..appearing(shape) },
            };
            self.end = self.end.max(track.start + track.ms);
            self.shown.insert(shape.id, track);
        }
        for (_, track) in before {
            self.leave(track, now, if change == Change::Lens { STEP } else { FADE / pace });
        }
    }

    fn leave(&mut self, track: Track, now: f64, ms: f64) {
        let pose = track.at(now);
        if let Some(mut shape) = track.last {
            pose.put_on(&mut shape);
            self.leaving.push((shape, now, now + ms));
            self.end = self.end.max(now + ms);
        }
    }

    /// Whether nothing moves any more.
    pub fn settled(&self, now: f64) -> bool {
        now >= self.end
    }

    /// When everything will be where it belongs.
    pub fn end(&self) -> f64 {
        self.end
    }

    /// The shapes as they are at an instant, those that are leaving below those of their layer that stay.
    pub fn frame<'a>(&mut self, scene: &'a [Shape], now: f64) -> Vec<Cow<'a, Shape>> {
        self.leaving.retain(|(_, _, end)| now < *end);
        let mut shapes: Vec<Cow<Shape>> = Vec::with_capacity(scene.len() + self.leaving.len());
        for (shape, start, end) in &self.leaving {
            let mut shape = shape.clone();
            shape.alpha *= 1.0 - ((now - start) / (end - start)) as f32;
            shapes.push(Cow::Owned(shape));
        }
        for shape in scene {
            match self.shown.get(&shape.id).filter(|track| now < track.start + track.ms) {
                Some(track) => {
                    let mut moved = shape.clone();
                    track.at(now).put_on(&mut moved);
                    shapes.push(Cow::Owned(moved));
                }
                None => shapes.push(Cow::Borrowed(shape)),
            }
        }
        if !self.leaving.is_empty() {
            shapes.sort_by_key(|shape| shape.layer);
        }
        shapes
    }
}

fn appearing(shape: &Shape) -> Track {
    let to = Pose::of(shape);
    Track { from: Pose { alpha: 0.0, ..to }, ..Track::still(shape) }
}

/// Goes on to a new aim from where the shape is now. A text that says something else is there at once: numbers that
/// count must not swim.
fn follow(track: Track, shape: &Shape, now: f64, ms: f64, ease: Ease) -> Track {
    let to = Pose::of(shape);
    let same_kind = track.last.as_ref().is_none_or(|last| match (&last.form, &shape.form) {
        (Form::Text(a), Form::Text(b)) => a.text == b.text,
        (a, b) => std::mem::discriminant(a) == std::mem::discriminant(b),
    });
    if !same_kind {
        return Track::still(shape);
    }
    if track.to == to {
        return Track { last: None, ..track };
    }
    Track { from: track.at(now), to, start: now, ms, ease, last: None }
}

#[cfg(test)]
mod tests {
    use super::super::shape::{Fill, Id, Layer};
    use super::*;

    fn disc(id: u64, x: f32) -> Shape {
        Shape {
            id: Id(id),
            layer: Layer::Pod,
            x,
            y: 0.0,
            k: 1.0,
            alpha: 1.0,
            form: Form::Disc { r: 4.0 },
            fill: Fill::None,
            line: None,
        }
    }

    #[test]
    fn what_stays_moves_what_comes_appears_what_goes_fades() {
        let (before, after) = ([disc(1, 0.0), disc(2, 50.0)], [disc(1, 100.0), disc(3, 70.0)]);
        let mut tween = Tween::default();
        tween.retarget(&[], &before, Change::Step, 0.0, 1.0);
        assert!(tween.settled(0.0), "the first picture is simply there");
        tween.retarget(&before, &after, Change::Step, 1000.0, 1.0);
        let middle = tween.frame(&after, 1080.0);
        let find = |id: u64| middle.iter().find(|shape| shape.id == Id(id)).expect("it is on view");
        assert!(find(1).x > 10.0 && find(1).x < 100.0);
        assert!(find(2).alpha > 0.1 && find(2).alpha < 0.9);
        assert!(find(3).alpha > 0.1 && find(3).alpha < 1.0);
        assert!(!tween.settled(1080.0) && tween.settled(1240.0));
        assert_eq!(tween.frame(&after, 1300.0).len(), 2);
    }

    #[test]
    fn a_new_aim_starts_from_where_the_shape_is() {
        let scenes = [[disc(1, 0.0)], [disc(1, 100.0)], [disc(1, 0.0)]];
        let mut tween = Tween::default();
        tween.retarget(&[], &scenes[0], Change::Step, 0.0, 1.0);
        tween.retarget(&scenes[0], &scenes[1], Change::Step, 0.0, 1.0);
        let there = tween.frame(&scenes[1], 60.0)[0].x;
        tween.retarget(&scenes[1], &scenes[2], Change::Step, 60.0, 1.0);
        assert!((tween.frame(&scenes[2], 60.0)[0].x - there).abs() < 0.01);
    }

    #[test]
    fn a_seek_moves_nothing() {
        let (before, after) = ([disc(1, 0.0)], [disc(1, 100.0)]);
        let mut tween = Tween::default();
        tween.retarget(&[], &before, Change::Step, 0.0, 1.0);
        tween.retarget(&before, &after, Change::Fade, 10.0, 1.0);
        let middle = tween.frame(&after, 90.0);
        assert!(middle.iter().all(|shape| shape.x == 0.0 || shape.x == 100.0));
        assert_eq!(middle.len(), 2);
    }
}
