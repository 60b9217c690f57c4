//! The list lens: Pods in the columns of `kubectl get pods -o wide`, each row with its sign.

use crate::scene::camera::Camera;
use crate::scene::glyph::{brackets, sign};
use crate::scene::measure::{Face, Measure};
use crate::scene::model::{Model, Pod};
use crate::scene::pen::Pen;
use crate::scene::shape::{Id, Layer, Rect, Tone};
use crate::scene::slots::Level;
use crate::scene::words;
use crate::scene::words::Word;
use crate::scene::{Options, Scene};

const ROW: f32 = 28.0;
const HEAD: Face = Face::mono(10.5, 500);
const NAME: Face = Face::mono(11.0, 600);
const CELL: Face = Face::mono(11.0, 400);

/// Title and the share of the width at which a column begins.
const COLUMNS: [(&str, f32); 6] =
    [("NAME", 0.0), ("READY", 0.44), ("STATUS", 0.53), ("RESTARTS", 0.7), ("AGE", 0.8), ("NODE", 0.88)];

pub fn layout(model: &Model, size: (f32, f32), camera: Camera, options: Options, measure: &dyn Measure) -> Scene {
    let window = Rect::new(0.0, 36.0, size.0, size.1 - 44.0);
    let mut pen = Pen::new(measure, window);
    let (left, w) = (30.0, size.0 - 42.0);
    pen.layer = Layer::Band;
    pen.object(Id::of("list", ""));
    let columns: Vec<(&str, f32, f32)> = columns(w).collect();
    for &(title, x, room) in &columns {
        if let Some(title) = HEAD.fit(pen.measure, title, room) {
            pen.label(left + x, 25.0, &title, HEAD, Tone::Ink3);
        }
    }
    for (i, pod) in model.pods.iter().enumerate() {
        let at = camera.place(window, Rect::new(left, i as f32 * ROW, w, ROW));
        if at.bottom() < window.y || at.y > window.bottom() {
            continue;
        }
        pen.object(pod.id);
        pen.layer = Layer::Pod;
        let selected = options.selected == Some(&pod.key);
        pen.within(at.x, at.y, camera.zoom, |pen| row(pen, model, pod, &columns, w, selected));
    }
    if model.pods.is_empty() {
        pen.layer = Layer::Band;
        let text = Word::NothingYet.say(options.locale);
        pen.label_middle(size.0 / 2.0, size.1 * 0.45, text, Face::ui(13.0, 500), Tone::Ink3);
    }
    let world = (window.w, (model.pods.len() as f32 * ROW + 8.0).max(window.h));
    Scene::new(pen, size, world, Level::Pod)
}

/// Columns that have room, with what they may take; narrow screens keep name and status.
fn columns(w: f32) -> impl Iterator<Item = (&'static str, f32, f32)> {
    let narrow = w < 520.0;
    let kept: Vec<(&str, f32)> = match narrow {
        true => vec![("NAME", 0.0), ("STATUS", 0.62)],
        false => COLUMNS.to_vec(),
    };
    let ends: Vec<f32> = kept.iter().skip(1).map(|(_, at)| *at).chain([1.0]).collect();
    kept.into_iter().zip(ends).map(move |((title, at), end)| (title, at * w, (end - at) * w - 8.0))
}

fn row(pen: &mut Pen, model: &Model, pod: &Pod, columns: &[(&str, f32, f32)], w: f32, selected: bool) {
    pen.hit(pod.key.clone(), -18.0, 2.0, w + 18.0, ROW - 4.0);
    pen.part(2);
    sign(pen, pod.state, -10.0, ROW / 2.0, 6.2);
    pen.part(20);
    pen.path(-18.0, ROW, format!("M0 0 H{:.0}", w + 18.0)).line(Tone::Line1, 1.0);
    for (i, &(title, x, room)) in columns.iter().enumerate() {
        pen.part(30 + i as u64);
        let (text, face, tone) = match title {
            "NAME" => (pod.key.name.to_string(), NAME, Tone::Ink1),
            "READY" => (format!("{}/{}", pod.ready.0, pod.ready.1), CELL, Tone::Ink2),
            "STATUS" => (pod.status.clone(), CELL, pod.state.text()),
            "RESTARTS" => (pod.restarts.to_string(), CELL, Tone::Ink2),
            "AGE" => (words::span(model.now_ms.saturating_sub(pod.created_ms)).replace(' ', ""), CELL, Tone::Ink2),
            _ => (pod.node.map_or("<none>".into(), |n| model.nodes[n].key.name.to_string()), CELL, Tone::Ink2),
        };
        if let Some(text) = face.fit(pen.measure, &text, room) {
            pen.label(x, ROW / 2.0 + 3.8, &text, face, tone);
        }
    }
    if selected {
        pen.part(60);
        brackets(pen, -20.0, 1.0, w + 22.0, ROW - 2.0, 7.0);
    }
}
