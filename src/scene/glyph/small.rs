//! Small parts: lamps of probes, marks of volumes, people, parcels, drops, brackets.

use crate::scene::model::{Lamp, VolumeMark};
use crate::scene::pen::Pen;
use crate::scene::shape::Tone;

/// A probe's lamp, 9 px: wedge startup, heart liveness, ring readiness.
pub fn lamp(pen: &mut Pen, probe: &str, lamp: Lamp, x: f32, y: f32, k: f32) {
    let tone = match lamp {
        Lamp::Passed => Tone::Ready,
        Lamp::Failed if probe == "readiness" => Tone::Waiting,
        Lamp::Failed => Tone::Broken,
        Lamp::Idle => Tone::Line3,
    };
    let passed = lamp == Lamp::Passed;
    pen.within(x, y, k, |pen| match probe {
        "readiness" => {
            let ring = pen.disc(0.0, 0.0, 3.2).line(tone, 1.5);
            if lamp == Lamp::Failed {
                ring.dash(2.2, 1.6);
            }
            if passed {
                pen.disc(0.0, 0.0, 1.35).fill(tone);
            }
        }
        "liveness" => {
            let heart = pen.path(
                0.0,
                0.0,
                "M0 3.5 C-5.2 .2 -4 -3.4 -1.9 -3.4 C-.9 -3.4 -.2 -2.8 0 -2 C.2 -2.8 .9 -3.4 1.9 -3.4 C4 -3.4 5.2 .2 0 3.5 Z",
            );
            heart.line(tone, 1.1);
            if passed {
                heart.fill(tone);
            }
            if lamp == Lamp::Failed {
                pen.path(0.0, 0.0, "M-.6 -1.9 L.6 -.3 L-.6 .8 L.3 2.2").line(tone, 1.0);
            }
        }
        _ => {
            let wedge = pen.path(0.0, 0.0, "M-3 3.1 L0 -3.3 L3 3.1 Z").line(tone, 1.1);
            if passed {
                wedge.fill(tone);
            }
        }
    });
}

/// Last results of a probe, oldest first: a tall tick passed, a short one at the foot failed.
pub fn history(pen: &mut Pen, results: &[bool], x: f32, y: f32) {
    for (i, passed) in results.iter().enumerate() {
        let x = x + i as f32 * 3.2;
        match passed {
            true => pen.rect(x, y, 2.0, 7.0, 0.6).fill(Tone::Ready),
            false => pen.rect(x, y + 4.2, 2.0, 2.8, 0.6).fill(Tone::Broken),
        };
    }
}

/// A volume as a mark of 12 px.
pub fn volume(pen: &mut Pen, mark: VolumeMark, x: f32, y: f32, k: f32) {
    let tone = Tone::Ink2;
    pen.within(x, y, k, |pen| {
        let mut stroke = |data: &'static str| {
            pen.path(0.0, 0.0, data).line(tone, 1.15);
        };
        match mark {
            VolumeMark::EmptyDir => stroke("M-4.5 -2.2 V4 H4.5 V-2.2 M-4.5 -2.2 L-5.6 -4 M4.5 -2.2 L5.6 -4"),
            VolumeMark::ConfigMap => stroke("M-3.6 -4.6 H1.6 L3.8 -2.4 V4.6 H-3.6 Z M-1.6 -1 H1.8 M-1.6 1.4 H1.8"),
            VolumeMark::Secret => {
                stroke("M0 0 H5 V2.4 M2.9 0 V1.7");
                pen.disc(-2.4, 0.0, 2.4).line(tone, 1.15);
            }
            VolumeMark::Claim => {
                stroke("M-4.2 -2.8 V2.8 C-4.2 5 4.2 5 4.2 2.8 V-2.8 A4.2 1.8 0 0 0 -4.2 -2.8 A4.2 1.8 0 0 0 4.2 -2.8")
            }
            VolumeMark::HostPath => stroke("M-5 1.4 H5 V4.4 H-5 Z M0 -4.8 V-.6 M-1.8 -2.3 L0 -.6 L1.8 -2.3"),
            VolumeMark::Downward => stroke("M0 -4.6 V2 M-2.6 -.4 L0 2 L2.6 -.4 M-4.4 4.6 H4.4"),
            VolumeMark::Projected => stroke("M-4.6 -1.6 L0 -4.4 L4.6 -1.6 L0 1.2 Z M-4.6 1.6 L0 4.4 L4.6 1.6"),
        }
    });
}

/// A lamp of the control plane: filled with a halo where something acts.
pub fn lamp_dot(pen: &mut Pen, x: f32, y: f32, lit: bool) {
    if lit {
        pen.disc(x, y, 6.0).fill(Tone::Ink1).alpha(0.12);
        pen.disc(x, y, 3.2).fill(Tone::Ink1);
    } else {
        pen.disc(x, y, 2.8).line(Tone::Line3, 1.2);
    }
}

pub fn person(pen: &mut Pen, x: f32, y: f32, k: f32) {
    pen.within(x, y, k, |pen| {
        pen.disc(0.0, -5.0, 3.4).line(Tone::Ink2, 1.4);
        pen.path(0.0, 0.0, "M-6.4 6.4 C-6.4 -.6 6.4 -.6 6.4 6.4").line(Tone::Ink2, 1.4);
    });
}

/// An order, or what a controller writes.
pub fn parcel(pen: &mut Pen, x: f32, y: f32, k: f32) {
    pen.within(x, y, k, |pen| {
        pen.rect(-5.5, -4.2, 11.0, 8.4, 1.8).fill(Tone::Ink1);
        pen.path(0.0, 0.0, "M-5.2 -3.4 L0 .6 L5.2 -3.4").line(Tone::InkInverse, 1.2);
    });
}

/// A request: a drop whose tail points back to where it came from; `(dx, dy)` is its unit direction.
pub fn drop(pen: &mut Pen, x: f32, y: f32, (dx, dy): (f32, f32), answered: bool, r: f32) {
    let tone = if answered { Tone::Flow } else { Tone::Broken };
    let tail = match (dx != 0.0, dx + dy > 0.0) {
        (true, true) => "M-13 0 L0 0",
        (true, false) => "M13 0 L0 0",
        (false, true) => "M0 -13 L0 0",
        (false, false) => "M0 13 L0 0",
    };
    pen.path(x, y, tail).line(tone, 2.0).line_alpha(0.35);
    pen.disc(x, y, r).fill(tone);
}

/// A closed valve in a pipe.
pub fn valve(pen: &mut Pen, x: f32, y: f32) {
    pen.disc(x, y, 5.0).fill(Tone::Raised).line(Tone::Waiting, 1.4);
    pen.path(x, y, "M-2.4 0 H2.4").line(Tone::Waiting, 1.6);
}

/// Selection: four corner brackets in ink, so that it can never be read as a state.
pub fn brackets(pen: &mut Pen, x: f32, y: f32, w: f32, h: f32, a: f32) {
    let r = (a * 0.625).min(5.0);
    for (cx, cy, sx, sy) in [(x, y, 1, 1), (x + w, y, -1, 1), (x, y + h, 1, -1), (x + w, y + h, -1, -1)] {
        let (ax, ay, rx, ry) = (a * sx as f32, a * sy as f32, r * sx as f32, r * sy as f32);
        pen.path(cx, cy, format!("M0 {ay} V{ry} Q0 0 {rx} 0 H{ax}")).line(Tone::Ink1, 2.0);
    }
}
