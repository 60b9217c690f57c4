//! What can be done to the selected thing, side by side in one bar, where the thing itself has no room for its handles: a small tank,
//! a dot, a phone, or something that this lens does not show.

use super::handle::{self, Mark};
use super::hit::Key;
use super::measure::{Face, Measure};
use super::model::Model;
use super::pen::Pen;
use super::shape::{Id, Layer, Rect, Tone};
use super::{Options, Scene, frame};

const NAME: Face = Face::mono(11.0, 600);
const NUMBER: Face = Face::mono(11.0, 500);
/// The longest name that is not cut.
const NAME_MOST: f32 = 170.0;
const PADDING: f32 = 6.0;
/// A finger needs more room than a mouse.
const FINGER: f32 = 1.35;

/// A part of the bar.
enum Part {
    Order(Mark, String),
    /// How much of it there is now.
    Says(String),
}

/// Lays the bar over a scene, unless the handles are at the thing itself.
pub fn draw(scene: &mut Scene, model: &Model, options: Options, measure: &dyn Measure) {
    let Some(key) = options.selected.filter(|_| options.handles) else { return };
    let parts = parts(model, key);
    let is_there = |part: &Part| match part {
        Part::Order(_, line) => scene.hits.iter().any(|hit| hit.key.kind == handle::ORDER && *hit.key.name == **line),
        Part::Says(_) => false,
    };
    if parts.is_empty() || parts.iter().any(is_there) {
        return;
    }
    let mut pen = Pen::new(measure, scene.window);
    (pen.shapes, pen.hits) = (std::mem::take(&mut scene.shapes), std::mem::take(&mut scene.hits));
    let phone = scene.width < frame::SMALL;
    let k = if phone { FINGER } else { 1.0 };
    let wide = |part: &Part| match part {
        Part::Order(..) => handle::CHIP.0 + handle::GAP,
        Part::Says(text) => NUMBER.width(measure, text).max(20.0) + 8.0,
    };
    let tools: f32 = parts.iter().map(wide).sum();
    let room = (scene.width / k - 24.0 - tools - 3.0 * PADDING).min(NAME_MOST);
    let name = NAME.fit(measure, &key.name, room).unwrap_or_default();
    let name_w = if name.is_empty() { 0.0 } else { NAME.width(measure, &name) + 2.0 * PADDING };
    let (w, h) = (name_w + tools + 2.0 * PADDING - handle::GAP, handle::CHIP.1 + 2.0 * PADDING);
    let x = (scene.window.x + (scene.window.w - w * k) / 2.0).max(4.0);
    // The lower part of a phone is where the sheet comes up.
    let y = if phone { scene.window.y + 4.0 } else { scene.window.bottom() - h * k - 10.0 };
    pen.cover(Rect::new(x, y, w * k, h * k).grown(2.0));
    pen.object(Id::of("toolbar", ""));
    pen.layer = Layer::Over;
    pen.within(x, y, k, |pen| {
        pen.rect(-1.0, 2.0, w + 2.0, h + 1.0, 12.0).fill(Tone::Shade);
        pen.rect(0.0, 0.0, w, h, 11.0).fill(Tone::Raised).line(Tone::Line2, 1.0);
        pen.label(2.0 * PADDING, h / 2.0 + 3.8, &name, NAME, Tone::Ink1);
        let mut x = name_w + PADDING;
        for (n, part) in parts.iter().enumerate() {
            match part {
                Part::Order(mark, line) => handle::give(pen, key, line, *mark, (x, PADDING), 70 + 2 * n as u64),
                Part::Says(text) => {
                    let middle = x + (wide(part) - handle::GAP) / 2.0;
                    _ = pen.label_middle(middle, h / 2.0 + 3.8, text, NUMBER, Tone::Ink1);
                }
            }
            x += wide(part);
        }
    });
    (scene.shapes, scene.hits) = (pen.shapes, pen.hits);
}

fn parts(model: &Model, key: &Key) -> Vec<Part> {
    let orders = |orders: Vec<(Mark, String)>| orders.into_iter().map(|(mark, line)| Part::Order(mark, line)).collect();
    match key.kind {
        "Node" => {
            let node = model.nodes.iter().find(|node| node.key == *key);
            node.map(|node| orders(handle::orders_of_node(node, model.nodes.len() > 1))).unwrap_or_default()
        }
        "Pod" => {
            let pod = model.pods.iter().find(|pod| pod.key == *key);
            pod.map(|pod| orders(handle::orders_of_pod(pod))).unwrap_or_default()
        }
        "Service" => {
            let asked =
                model.services.iter().find(|service| service.key == *key).and_then(|service| service.asked.as_ref());
            let Some(asked) = asked else { return Vec::new() };
            let (more, fewer) = handle::traffic(key, asked);
            let fewer = fewer.map(|fewer| Part::Order(Mark::Fewer, fewer));
            fewer.into_iter().chain([Part::Says(handle::rate(asked)), Part::Order(Mark::More, more)]).collect()
        }
        _ => {
            let workload = model.workloads.iter().find(|workload| workload.key == *key);
            let Some(now) = workload.and_then(|workload| workload.replicas) else { return Vec::new() };
            let scale = |mark: Mark, to: u32| Part::Order(mark, handle::scale(key, to));
            vec![
                scale(Mark::Fewer, now.saturating_sub(1)),
                Part::Says(now.to_string()),
                scale(Mark::More, now.saturating_add(1)),
            ]
        }
    }
}
