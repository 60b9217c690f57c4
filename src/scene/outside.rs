//! The outside: who orders, who calls, what the signs mean, and the camera.

use super::frame::Frame;
use super::glyph::{parcel, person, sign};
use super::hit::Key;
use super::measure::Face;
use super::model::{Model, State};
use super::pen::Pen;
use super::rail::Rails;
use super::shape::{Id, Layer, Tone};
use super::words::{Locale, Word};

const WORD: Face = Face::ui(10.0, 500);

pub fn draw(pen: &mut Pen, model: &Model, frame: &Frame, rails: &Rails, locale: Locale) {
    let strip = frame.strip;
    if strip.w == 0.0 {
        return;
    }
    pen.object(Id::of("outside", ""));
    pen.layer = Layer::Ground;
    pen.rect(0.0, 0.0, strip.w, strip.h, 0.0).fill(Tone::Panel);
    pen.path(strip.w, 0.0, format!("M0 0 V{}", strip.h)).line(Tone::Line1, 1.0);
    pen.layer = Layer::Band;
    you(pen, model, frame, locale);
    for client in &model.clients {
        if let Some(row) = rails.row(client.service) {
            caller(pen, model, frame, client, row);
        }
    }
    let rails_end = frame.window.y;
    pen.object(Id::of("outside", "words"));
    pen.label(12.0, rails_end + 20.0, Word::Outside.say(locale), WORD, Tone::Ink3);
    let camera_y = strip.h - 48.0;
    legend(pen, strip.w, rails_end + 40.0, camera_y, locale);
    camera(pen, strip.w, camera_y);
}

fn you(pen: &mut Pen, model: &Model, frame: &Frame, locale: Locale) {
    let (x, w) = (frame.strip.w / 2.0, frame.strip.w);
    pen.object(Id::of("you", ""));
    pen.hit(Key::part("you", ""), 0.0, 8.0, w, 62.0);
    pen.label_middle(x, 22.0, Word::You.say(locale), WORD, Tone::Ink2);
    person(pen, x, 40.0, 1.05);
    pen.path(x + 13.0, 49.0, format!("M0 0 H{}", w + 2.0 - x - 13.0)).line(Tone::Line3, 1.2).dash(2.0, 3.0);
    pen.path(w + 4.5, 45.8, "M0 0 L4.5 3.2 L0 6.4").line(Tone::Line3, 1.2);
    if let Some(order) = &model.plane.order {
        pen.part(1);
        parcel(pen, x + 28.0, 49.0, 0.95);
        const ORDER: Face = Face::mono(9.5, 400);
        if let Some(text) = ORDER.fit(pen.measure, order, w - 8.0) {
            pen.label_middle(x, 66.0, &text, ORDER, Tone::Ink3);
        }
    }
}

fn caller(pen: &mut Pen, model: &Model, frame: &Frame, client: &super::model::Client, row: usize) {
    let at = frame.rail_at(row);
    let y = at.y + at.h / 2.0;
    let x = 34.0;
    pen.object(client.id);
    pen.hit(Key::part("client", &model.services[client.service].key.name), 4.0, at.y - 4.0, frame.strip.w - 8.0, 32.0);
    if client.many {
        person(pen, x - 10.0, y - 5.0, 1.0);
        person(pen, x + 6.0, y - 1.0, 1.0);
    } else {
        person(pen, x, y - 1.0, 1.0);
    }
    let tone = if client.answered { Tone::Flow } else { Tone::Broken };
    let from = 54.0;
    pen.path(from, y, format!("M0 0 H{}", at.x - 2.0 - from)).line(tone, 1.3).line_alpha(0.35);
    let (face, ink) = match client.answered {
        true => (Face::ui(9.5, 500), Tone::Ink2),
        false => (Face::mono(9.5, 500), Tone::BrokenText),
    };
    if let Some(text) = face.fit(pen.measure, &client.label, frame.strip.w - 8.0) {
        pen.label_middle(x + 1.0, y + 16.0, &text, face, ink);
    }
}

fn legend(pen: &mut Pen, w: f32, from: f32, to: f32, locale: Locale) {
    let rows = [
        (State::Ready, Word::Ready),
        (State::Starting, Word::Waiting),
        (State::NotReady, Word::NotReady),
        (State::Crash, Word::Broken),
        (State::Terminating, Word::Terminating),
        (State::Finished, Word::Finished),
        (State::Unknown, Word::Unknown),
    ];
    let high = rows.len() as f32 * 19.0 + 16.0;
    if to - from < high + 12.0 {
        return;
    }
    let top = to - high - 10.0;
    const NAME: Face = Face::ui(9.5, 400);
    pen.object(Id::of("legend", ""));
    pen.label(12.0, top, Word::Key.say(locale), WORD, Tone::Ink3);
    for (i, (state, word)) in rows.into_iter().enumerate() {
        let y = top + 16.0 + i as f32 * 19.0;
        pen.part(i as u64);
        sign(pen, state, 17.0, y, 5.6);
        if let Some(text) = NAME.fit(pen.measure, word.say(locale), w - 29.0) {
            pen.label(27.0, y + 3.4, &text, NAME, Tone::Ink2);
        }
    }
}

fn camera(pen: &mut Pen, w: f32, y: f32) {
    let side = 26.0;
    for (i, (name, mark)) in [("out", "M-4 0 H4"), ("in", "M-4 0 H4 M0 -4 V4")].into_iter().enumerate() {
        let x = (w - 2.0 * side - 4.0) / 2.0 + i as f32 * (side + 4.0);
        pen.object(Id::of("camera", name));
        pen.hit(Key::part("camera", name), x, y, side, side);
        pen.rect(x, y, side, side, 6.0).fill(Tone::Raised).line(Tone::Line2, 1.0);
        pen.path(x + side / 2.0, y + side / 2.0, mark).line(Tone::Ink2, 1.3);
    }
}
