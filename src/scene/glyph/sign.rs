//! The sign of a state. Shape says the class: a disc lives, a diamond is broken and will be tried again, a square will
//! not change any more, a half disc drains, a dashed disc is not known.

use crate::scene::model::State;
use crate::scene::pen::Pen;
use crate::scene::shape::{Mark, Tone};

/// Draws the sign of `state` around a centre; `r` is the radius of its disc.
pub fn sign(pen: &mut Pen, state: State, x: f32, y: f32, r: f32) {
    pen.within(x, y, r / 7.0, |pen| match state {
        State::Ready => {
            pen.disc(0.0, 0.0, 7.0).fill(Tone::Ready);
            stroke(pen, "M-3.1 .2 L-.9 2.4 L3.2 -2.2", Tone::OnState);
        }
        State::Pending | State::Starting => {
            soft_disc(pen, state);
            stroke(pen, "M0 -3.4 V.3 L2.3 1.7", state.tone());
        }
        State::Init => {
            soft_disc(pen, state);
            for x in [-2.9, 0.0, 2.9] {
                pen.disc(x, 0.0, 1.05).fill(state.tone());
            }
        }
        State::NotReady => {
            pen.disc(0.0, 0.0, 6.2).fill(state.fill()).line(state.tone(), 1.6).dash(3.1, 2.1);
            pen.disc(0.0, 0.0, 2.3).fill(state.tone());
        }
        State::Crash | State::Image => {
            pen.path(0.0, 0.0, "M0 -7.98 L7.98 0 L0 7.98 L-7.98 0 Z").fill(Tone::Broken).line(Tone::Broken, 1.4);
            stroke(pen, "M-2.3 -2.3 L2.3 2.3 M2.3 -2.3 L-2.3 2.3", Tone::OnState);
        }
        State::Failed => {
            pen.rect(-6.4, -6.4, 12.8, 12.8, 2.2).fill(Tone::Broken);
            stroke(pen, "M-2.4 -2.4 L2.4 2.4 M2.4 -2.4 L-2.4 2.4", Tone::OnState);
        }
        State::Finished => {
            pen.rect(-6.4, -6.4, 12.8, 12.8, 2.2).fill(Tone::Finished);
            stroke(pen, "M-2.9 .2 L-.8 2.2 L3 -2", Tone::OnState);
        }
        State::Terminating => {
            soft_disc(pen, state);
            pen.path(0.0, 0.0, "M-6.2 .6 A6.2 6.2 0 0 0 6.2 .6 Z").fill(Tone::Terminating);
            stroke(pen, "M-1.9 -2.6 H1.9", Tone::Terminating);
        }
        State::Unknown => {
            pen.disc(0.0, 0.0, 6.2).fill(Tone::Raised).line(Tone::Unknown, 1.6).dash(1.6, 2.2);
            stroke(pen, "M-1.9 -1.7 C-1.9 -4.3 2.1 -4.3 2.1 -1.7 C2.1 -.3 0 -.3 0 1.3 M0 3.3 V3.35", Tone::Unknown);
        }
    });
}

fn soft_disc(pen: &mut Pen, state: State) {
    pen.disc(0.0, 0.0, 6.2).fill(state.fill()).line(state.tone(), 1.6);
}

fn stroke(pen: &mut Pen, data: &'static str, tone: Tone) {
    pen.path(0.0, 0.0, data).line(tone, 1.6);
}

/// What remains of the sign at level 3.
pub fn dot_mark(state: State) -> Mark {
    match state {
        State::Ready => Mark::Disc,
        State::Pending | State::Starting | State::Init | State::NotReady => Mark::Hollow,
        State::Crash | State::Image => Mark::Diamond,
        State::Failed | State::Finished => Mark::Square,
        State::Terminating => Mark::Half,
        State::Unknown => Mark::Dashed,
    }
}
