//! The loupe shows one tank two levels nearer, beside where it stands.

use super::arrange::{Style, inside};
use super::measure::Face;
use super::model::{Model, Pod};
use super::pen::Pen;
use super::pod;
use super::shape::{Dot, Id, Layer, Rect, Tone};
use super::slots::{Level, furnish};
use super::tank::{self, Body, Free};

const W: f32 = 290.0;
const H: f32 = 262.0;
const NUMBERS: Face = Face::ui(10.5, 400);

/// Draws the loupe for the nth node, whose tank is at `at` on the screen; `says` are its numbers.
pub fn draw(
    pen: &mut Pen,
    model: &Model,
    (n, at): (usize, Rect),
    places: &[Option<usize>],
    says: &str,
    kept: impl Fn(&Pod) -> bool,
    colour: impl Fn(&Pod) -> Tone,
) {
    let window = pen.window;
    let right = at.right() + 40.0 + W <= window.right();
    let x = if right { at.right() + 40.0 } else { at.x - 40.0 - W }.clamp(4.0, (window.right() - W - 4.0).max(4.0));
    let y = (at.y + at.h / 2.0 - H / 2.0).clamp(window.y, (window.bottom() - H).max(window.y));
    pen.cover(Rect::new(x, y, W, H).grown(2.0));
    pen.object(Id::of("loupe", ""));
    pen.layer = Layer::Over;
    let (from, to) = if right { (at.right() + 4.0, x) } else { (at.x - 4.0, x + W) };
    for (a, b) in [(at.y + 8.0, y + 18.0), (at.bottom() - 4.0, y + H - 18.0)] {
        pen.path(from, a, format!("M0 0 L{:.1} {:.1}", to - from, b - a)).line(Tone::Ink1, 1.1).line_alpha(0.45);
    }
    pen.rect(x - 1.0, y + 3.0, W + 2.0, H + 2.0, 15.0).fill(Tone::Shade);
    pen.rect(x, y, W, H, 14.0).fill(Tone::Raised).line(Tone::Line2, 1.0);
    let node = &model.nodes[n];
    // The ids of what the loupe shows differ from those of the things themselves.
    pen.object(node.id.part(7));
    let room = inside(Style::Loupe);
    let body = Body { w: W - 28.0, h: H - 72.0, disk: room.disk, r: 18.0, furnished: true };
    pen.within(x + 14.0, y + 42.0, 1.0, |pen| {
        tank::draw(pen, node, body);
        let mut free = Free::new(2.0, body.w - 4.0, &[]);
        tank::name(pen, node, &mut free, -17.0);
        tank::zone(pen, node, &mut free, -17.0);
        let mut dots: Vec<(u8, Dot)> = Vec::new();
        for slot in furnish(model, Style::Loupe, body.w, body.h, places, kept) {
            let (pod, rect) = (&model.pods[slot.pod], slot.rect);
            if Level::of(rect.w, rect.h, None) >= Level::Dot {
                dots.push((pod.state.weight(), pod::dot(pod, rect, false, colour(pod))));
                continue;
            }
            pen.object(pod.id.part(7));
            pen.layer = Layer::Over;
            pen.within(rect.x, rect.y, 1.0, |pen| pod::draw(pen, pod, rect.w, rect.h.min(24.0)));
        }
        dots.sort_by_key(|(weight, _)| *weight);
        pen.object(node.id.part(9));
        pen.label_middle(body.w / 2.0, body.h + 18.0, says, NUMBERS, Tone::Ink2);
        pen.object(node.id.part(8));
        pen.layer = Layer::Over;
        pen.dots(0.0, 0.0, dots.into_iter().map(|(_, dot)| dot).collect());
    });
    for shape in pen.shapes.iter_mut().rev().take_while(|shape| shape.layer != Layer::Band) {
        shape.layer = Layer::Over;
    }
}
