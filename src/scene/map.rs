//! The map: the whole world in a corner, and which part of it is on view. It is there only while much of it is not.

use super::arrange::Ground;
use super::camera::Camera;
use super::hit::Key;
use super::model::{Glass, Model};
use super::pen::Pen;
use super::shape::{Dot, Id, Layer, Mark, Rect, Tone};

/// The most of the window that it takes, across and down, and the most in pixels.
const SHARE: f32 = 0.3;
const WIDEST: f32 = 176.0;
const MARGIN: f32 = 10.0;
/// So many times as high as the window the world may be without a map, where one is no nearer than usual.
const PLAIN: f32 = 2.0;
const PADDING: f32 = 6.0;

/// Where the map shows the world, on the screen; none while one sees well enough without. `strip`: the outside has buttons of the camera;
/// `worst` is the gravest tone of a node's Pods.
pub fn draw(
    pen: &mut Pen,
    model: &Model,
    ground: &Ground,
    camera: Camera,
    strip: bool,
    worst: impl Fn(usize) -> Option<Tone>,
) -> Option<Rect> {
    let (window, world) = (pen.window, ground.world);
    if camera.zoom <= 1.0 && world.1 <= window.h * PLAIN {
        return None;
    }
    let k = (WIDEST.min(window.w * SHARE) / world.0).min(window.h * SHARE / world.1);
    let (w, h) = (world.0 * k, world.1 * k);
    let map = Rect::new(window.right() - MARGIN - PADDING - w, window.bottom() - MARGIN - PADDING - h, w, h);
    let card = map.grown(PADDING);
    pen.cover(card.grown(2.0));
    pen.object(Id::of("map", ""));
    pen.layer = Layer::Map;
    pen.hit(Key::part("camera", "map"), card.x, card.y, card.w, card.h);
    pen.rect(card.x - 1.0, card.y + 2.0, card.w + 2.0, card.h + 1.0, 10.0).fill(Tone::Shade);
    pen.rect(card.x, card.y, card.w, card.h, 9.0).fill(Tone::Raised).line(Tone::Line2, 1.0);
    let placed = |r: Rect| Rect::new(map.x + r.x * k, map.y + r.y * k, r.w * k, r.h * k);
    let mut marks = Vec::new();
    let mut cells = Vec::new();
    pen.part(1);
    for &(n, tank) in &ground.tanks {
        let at = placed(tank);
        let tone = match model.nodes[n].glass {
            Glass::Ready => Tone::WaterLine,
            Glass::NotReady => Tone::Broken,
            Glass::Unknown => Tone::Unknown,
            Glass::Off => Tone::Line2,
        };
        let (x, y) = at.centre();
        if at.w < 5.0 {
            cells.push(Dot { x, y, r: (at.w.min(at.h) / 2.0).max(0.5), mark: Mark::Cell, tone });
        } else {
            pen.rect(at.x, at.y, at.w, at.h, 2.0).fill(tone).alpha(0.55);
        }
        if let Some(tone) = worst(n) {
            let mark = if tone == Tone::Broken { Mark::Diamond } else { Mark::Hollow };
            marks.push(Dot { x, y, r: (at.w * 0.3).clamp(1.3, 3.0), mark, tone });
        }
    }
    pen.part(2);
    cells.append(&mut marks);
    if !cells.is_empty() {
        pen.dots(0.0, 0.0, cells);
    }
    tools(pen, card, strip);
    pen.object(Id::of("map", "view"));
    let seen = Rect::new(camera.x, camera.y, window.w / camera.zoom, window.h / camera.zoom);
    let seen = placed(seen).common(map.grown(2.0));
    pen.rect(seen.x, seen.y, seen.w.max(3.0), seen.h.max(3.0), 3.0).line(Tone::Ink1, 1.6);
    Some(map)
}

/// Nearer, farther, everything.
fn tools(pen: &mut Pen, card: Rect, strip: bool) {
    const SIDE: f32 = 28.0;
    let all = [
        ("fit", "M-5 -2 V-5 H-2 M2 -5 H5 V-2 M5 2 V5 H2 M-2 5 H-5 V2"),
        ("out", "M-4.5 0 H4.5"),
        ("in", "M-4.5 0 H4.5 M0 -4.5 V4.5"),
    ];
    for (i, (name, mark)) in all.into_iter().take(if strip { 1 } else { 3 }).enumerate() {
        let (x, y) = (card.x - SIDE - 6.0, card.bottom() - SIDE - i as f32 * (SIDE + 4.0));
        pen.cover(Rect::new(x, y, SIDE, SIDE));
        pen.object(Id::of("map", name));
        pen.hit(Key::part("camera", name), x, y, SIDE, SIDE);
        pen.rect(x, y, SIDE, SIDE, 7.0).fill(Tone::Raised).line(Tone::Line2, 1.0);
        pen.path(x + SIDE / 2.0, y + SIDE / 2.0, mark).line(Tone::Ink2, 1.4);
    }
}
