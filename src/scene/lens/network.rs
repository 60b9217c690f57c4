//! The network lens: one request, hop by hop, each with what decided it.

use crate::scene::camera::Camera;
use crate::scene::glyph::{kind, person};
use crate::scene::hit::Key;
use crate::scene::measure::{Face, Measure};
use crate::scene::model::{Hop, Model};
use crate::scene::pen::Pen;
use crate::scene::shape::{Id, Layer, Rect, Tone};
use crate::scene::slots::Level;
use crate::scene::words::Word;
use crate::scene::{Lane, Options, Scene};

const STEP: f32 = 52.0;

pub fn layout(model: &Model, size: (f32, f32), camera: Camera, options: Options, measure: &dyn Measure) -> Scene {
    let window = Rect::new(0.0, 8.0, size.0, size.1 - 16.0);
    let mut pen = Pen::new(measure, window);
    let world = (window.w, (model.route.len() as f32 * STEP + 40.0).max(window.h));
    let w = (size.0 - 32.0).min(560.0);
    let left = (size.0 - w) / 2.0;
    let at = |i: usize| camera.place(window, Rect::new(left, 36.0 + i as f32 * STEP, w, 0.0));
    if model.route.is_empty() {
        pen.layer = Layer::Band;
        pen.object(Id::of("empty", ""));
        let text = Word::NoRoute.say(options.locale);
        pen.label_middle(size.0 / 2.0, size.1 * 0.45, text, Face::ui(13.0, 500), Tone::Ink3);
        return Scene::new(pen, size, world, Level::Pod);
    }
    let zoom = camera.zoom;
    let (first, last) = (at(0), at(model.route.len() - 1));
    let answered = model.route.iter().all(|hop| hop.passed);
    pen.layer = Layer::Tank;
    pen.object(Id::of("route", ""));
    let tone = if answered { Tone::Flow } else { Tone::Broken };
    pen.path(first.x + 18.0 * zoom, first.y, format!("M0 0 V{:.1}", last.y - first.y)).line(tone, 2.0);
    for (i, hop) in model.route.iter().enumerate() {
        let place = at(i);
        pen.layer = Layer::Pod;
        pen.object(Id::of("hop", &i.to_string()));
        pen.within(place.x, place.y, zoom, |pen| draw(pen, hop, i, w));
    }
    let mut scene = Scene::new(pen, size, world, Level::Pod);
    let x = first.x + 18.0 * zoom;
    scene.lanes.push(Lane { service: Id::of("route", ""), rate: 2, points: vec![(x, first.y), (x, last.y)], answered });
    scene
}

fn draw(pen: &mut Pen, hop: &Hop, i: usize, w: f32) {
    const KIND: Face = Face::ui(11.5, 600);
    const DECISION: Face = Face::ui(10.5, 400);
    const RESULT: Face = Face::ui(10.5, 500);
    pen.hit(Key::part("hop", &i.to_string()), 0.0, -STEP / 2.0 + 4.0, w, STEP - 8.0);
    let ring = if hop.passed { Tone::Flow } else { Tone::Broken };
    pen.disc(18.0, 0.0, 13.0).fill(Tone::Raised).line(ring, 1.5);
    match hop.kind {
        "client" => person(pen, 18.0, 0.0, 0.95),
        "DNS" => kind(pen, "ExternalName", 18.0, 0.0, 0.9, Tone::Ink2),
        other => kind(pen, other, 18.0, 0.0, 0.9, Tone::Ink2),
    }
    pen.part(1);
    let tone = if hop.passed { Tone::Ink2 } else { Tone::BrokenText };
    let mut room = w - 46.0;
    if let Some(result) = RESULT.fit(pen.measure, &hop.result, w * 0.45) {
        pen.label_end(w, 4.0, &result, RESULT, tone);
        room -= pen.width(&result, RESULT) + 10.0;
    }
    pen.part(2);
    let title = if hop.title.is_empty() { hop.kind.to_string() } else { format!("{} {}", hop.kind, hop.title) };
    if let Some(title) = KIND.fit(pen.measure, &title, room) {
        pen.label(42.0, -1.5, &title, KIND, Tone::Ink1);
    }
    if let Some(decision) = DECISION.fit(pen.measure, &hop.decision, room) {
        pen.label(42.0, 12.5, &decision, DECISION, Tone::Ink2);
    }
}
