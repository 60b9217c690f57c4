//! The pipe of a Service to a Pod. It runs in gutters: to the first row from above, to later rows down the left gutter
//! of the column and into the header. No pipe, no requests.

use super::glyph::{kind, valve};
use super::model::Endpoint;
use super::pen::Pen;
use super::shape::{Id, Layer, Rect, Tone};

/// One Service's way to one Pod, on the screen, from the rail to the Pod.
#[derive(Clone, Debug, PartialEq)]
pub struct Pipe {
    pub id: Id,
    pub service: usize,
    pub endpoint: Endpoint,
    pub points: Vec<(f32, f32)>,
    /// Where it crosses the row of labels: x, and the rim's y.
    pub crossing: (f32, f32),
}

/// Where a Pod and its tank are on the screen.
pub struct Target {
    pub pod: Rect,
    pub tank: Rect,
    /// Its Pods' upper edge is the highest in the tank.
    pub first_row: bool,
    /// Its tank stands in the upper row, so that pipes come straight from above.
    pub upper: bool,
    /// Scale of the tank.
    pub k: f32,
}

/// The way from the lower edge of a rail. `lane` tells apart the Services that lead into one tank.
pub fn route(rail_bottom: f32, target: &Target, lane: usize) -> Vec<(f32, f32)> {
    let k = target.k;
    let aside = [0.0, 7.0, -7.0, 14.0, -14.0][lane % 5] * k.min(1.5);
    let pod = target.pod;
    if target.upper && target.first_row {
        let x = (pod.x + pod.w / 2.0 + aside * 2.0).clamp(pod.x + 8.0, pod.right() - 8.0);
        return vec![(x, rail_bottom), (x, pod.y - 3.5)];
    }
    let header = pod.y + 11.0_f32.min(pod.h / 2.0) * k;
    let gutter = pod.x - 9.0 * k + aside * 0.4;
    if target.upper {
        return vec![(gutter, rail_bottom), (gutter, header), (pod.x - 3.0, header)];
    }
    let gap = target.tank.x - 6.0 * k + aside * 0.3;
    let over = target.tank.y - 5.0 * k;
    vec![(gap, rail_bottom), (gap, over), (gutter, over), (gutter, header), (pod.x - 3.0, header)]
}

/// Rounds the corners of right-angled points.
pub fn rounded(points: &[(f32, f32)], radius: f32) -> String {
    let (x0, y0) = points[0];
    let mut path = String::from("M0 0");
    for i in 1..points.len() - 1 {
        let ((px, py), (cx, cy), (nx, ny)) = (points[i - 1], points[i], points[i + 1]);
        let (ux, uy, vx, vy) = (cx - px, cy - py, nx - cx, ny - cy);
        let (lu, lv) = (ux.abs().max(uy.abs()).max(0.01), vx.abs().max(vy.abs()).max(0.01));
        let r = radius.min(lu / 2.0).min(lv / 2.0);
        path += &format!(
            " L{:.1} {:.1} Q{:.1} {:.1} {:.1} {:.1}",
            cx - ux / lu * r - x0,
            cy - uy / lu * r - y0,
            cx - x0,
            cy - y0,
            cx + vx / lv * r - x0,
            cy + vy / lv * r - y0
        );
    }
    let (x, y) = points[points.len() - 1];
    path + &format!(" L{:.1} {:.1}", x - x0, y - y0)
}

/// Draws what is between the rails, then what is in the window. `low` puts the valve below the rim.
pub fn draw(pen: &mut Pen, pipe: &Pipe, k: f32, low: bool) {
    let window = pen.window;
    let points = &pipe.points;
    let (x, top) = points[0];
    // A Pod that was scrolled out of the window has no pipe on view.
    if x < window.x || x > window.right() || points[points.len() - 1].1 < window.y {
        return;
    }
    pen.object(pipe.id);
    let mut inner = points.clone();
    inner[0].1 = top.max(window.y);
    pen.layer = Layer::Bridge;
    if window.y > top {
        tube(pen, &[(x, top), (x, window.y)], pipe.endpoint.open);
    }
    let nub = pen.rect(x - 5.0, top - 3.0, 10.0, 5.0, 2.0);
    nub.fill(if pipe.endpoint.open { Tone::Pipe } else { Tone::Line2 });
    pen.layer = Layer::Pipe;
    pen.part(1);
    tube(pen, &inner, pipe.endpoint.open);
    pen.layer = Layer::Tag;
    pen.part(2);
    let (vx, rim) = pipe.crossing;
    let vy = if low { rim + 3.0 } else { rim - 14.0 * k };
    if pipe.endpoint.shielded {
        pen.disc(vx, vy, 7.0).fill(Tone::Raised).line(Tone::Ink2, 1.4);
        kind(pen, "NetworkPolicy", vx, vy, 0.62, Tone::Ink2);
    } else if !pipe.endpoint.open {
        valve(pen, vx, vy);
    }
}

fn tube(pen: &mut Pen, points: &[(f32, f32)], open: bool) {
    let (x, y) = points[0];
    let path = rounded(points, 6.0);
    if open {
        pen.path(x, y, path.clone()).line(Tone::Canvas, 7.5);
        pen.path(x, y, path.clone()).line(Tone::Pipe, 5.0);
        pen.path(x, y, path).line(Tone::PipeWall, 3.0);
    } else {
        pen.path(x, y, path.clone()).line(Tone::Canvas, 6.0).line_alpha(0.5);
        pen.path(x, y, path).line(Tone::Line3, 1.2).dash(2.0, 4.0);
    }
}
