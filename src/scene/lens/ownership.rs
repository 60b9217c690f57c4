//! The ownership lens: who made whom, in columns from left to right; revisions one below the other, the oldest on top.

use crate::scene::camera::Camera;
use crate::scene::glyph::kind;
use crate::scene::handle;
use crate::scene::hit::Key;
use crate::scene::measure::{Face, Measure};
use crate::scene::model::{Model, Pod, Workload};
use crate::scene::pen::Pen;
use crate::scene::pod;
use crate::scene::shape::{Hue, Id, Layer, Rect, Tone};
use crate::scene::slots::Level;
use crate::scene::words::Word;
use crate::scene::{Options, Scene};
use std::rc::Rc;

const CARD: (f32, f32) = (156.0, 40.0);
const POD: (f32, f32) = (112.0, 24.0);
const COLUMN: f32 = 200.0;
const GAP: f32 = 10.0;

/// A thing and what it made.
enum Node<'a> {
    Workload(&'a Workload),
    Pod(&'a Pod),
}

struct Tree<'a, 'm> {
    pen: &'a mut Pen<'m>,
    model: &'a Model,
    options: Options<'a>,
    camera: Camera,
    /// Where the next leaf goes, in pixels of the world.
    y: f32,
    right: f32,
    /// Pods beyond what a column holds are told in a number.
    shown: usize,
}

/// At most so many Pods are drawn one by one.
const MOST: usize = 2000;

pub fn layout(model: &Model, size: (f32, f32), camera: Camera, options: Options, measure: &dyn Measure) -> Scene {
    let window = Rect::new(0.0, 8.0, size.0, size.1 - 16.0);
    let mut pen = Pen::new(measure, window);
    let mut tree = Tree { pen: &mut pen, model, options, camera, y: 16.0, right: 0.0, shown: 0 };
    let known = |owner: &Option<Id>| owner.is_some_and(|id| model.workloads.iter().any(|workload| workload.id == id));
    for workload in model.workloads.iter().filter(|workload| !known(&workload.owner)) {
        tree.place(Node::Workload(workload), 0);
        tree.y += 14.0;
    }
    tree.loose(model.pods.iter().filter(|pod| !known(&pod.owner)), window.w);
    let world = (tree.right.max(window.w), tree.y.max(window.h));
    if model.workloads.is_empty() && model.pods.is_empty() {
        pen.layer = Layer::Band;
        pen.object(Id::of("empty", ""));
        let text = Word::NoWorkloads.say(options.locale);
        pen.label_middle(size.0 / 2.0, size.1 * 0.45, text, Face::ui(13.0, 500), Tone::Ink3);
    }
    Scene::new(pen, size, world, Level::Pod)
}

impl Tree<'_, '_> {
    /// Draws a thing after what it made, in the middle beside it; gives the y of its middle in the world.
    fn place(&mut self, node: Node, depth: usize) -> f32 {
        let x = 16.0 + depth as f32 * COLUMN;
        let Node::Workload(workload) = node else {
            let Node::Pod(pod) = node else { unreachable!("two kinds of nodes") };
            return self.leaf(pod, x);
        };
        let start = self.y;
        let model = self.model;
        let mut middles = Vec::new();
        for child in model.workloads.iter().filter(|child| child.owner == Some(workload.id)) {
            middles.push(self.place(Node::Workload(child), depth + 1));
        }
        for pod in model.pods.iter().filter(|pod| pod.owner == Some(workload.id)) {
            if self.shown < MOST {
                middles.push(self.place(Node::Pod(pod), depth + 1));
            }
        }
        let middle = match (middles.first(), middles.last()) {
            (Some(first), Some(last)) => (first + last) / 2.0,
            _ => start + CARD.1 / 2.0,
        };
        self.y = self.y.max(middle + CARD.1 / 2.0 + GAP);
        self.links(workload, x + CARD.0, middle, &middles);
        self.card(workload, Rect::new(x, middle - CARD.1 / 2.0, CARD.0, CARD.1));
        middle
    }

    /// Pods that nobody made stand side by side below the trees.
    fn loose<'p>(&mut self, pods: impl Iterator<Item = &'p Rc<Pod>>, width: f32) {
        let step = POD.0 + 18.0;
        let across = (((width - 32.0) / step).floor() as usize).max(1);
        let top = self.y;
        for (i, pod) in pods.take(MOST).enumerate() {
            self.y = top + (i / across) as f32 * (POD.1 + GAP);
            self.leaf(pod, 16.0 + (i % across) as f32 * step);
        }
    }

    fn leaf(&mut self, pod: &Pod, x: f32) -> f32 {
        let rect = Rect::new(x, self.y, POD.0, POD.1);
        self.shown += 1;
        self.y += POD.1 + GAP;
        self.right = self.right.max(rect.right() + 16.0);
        let selected = self.options.selected == Some(&pod.key);
        self.on_screen(rect, pod.id, &pod.key, |pen| {
            pod::draw(pen, pod, POD.0, POD.1);
            if selected {
                pod::select(pen, POD.0, POD.1);
            }
        });
        rect.y + POD.1 / 2.0
    }

    fn card(&mut self, workload: &Workload, rect: Rect) {
        self.right = self.right.max(rect.right() + 16.0);
        let options = self.options;
        let selected = options.selected == Some(&workload.key);
        self.on_screen(rect, workload.id, &workload.key, |pen| {
            let Rect { w, h, .. } = rect;
            pen.rect(0.0, 0.0, w, h, 8.0).fill(Tone::Raised).line(Tone::Line2, 1.0);
            kind(pen, workload.key.kind, 16.0, h / 2.0, 0.95, Tone::Ink2);
            let mut room = w - 36.0;
            if let Some(number) = workload.revision {
                const NUMBER: Face = Face::mono(9.5, 600);
                let tab = (pen.width(&number.to_string(), NUMBER) + 10.0).max(16.0);
                pen.part(1);
                pen.rect(w - 8.0 - tab, h / 2.0 - 7.5, tab, 15.0, 4.0)
                    .fill(Hue::revision(workload.hue.unwrap_or(0)).text);
                pen.label_middle(w - 8.0 - tab / 2.0, h / 2.0 + 3.6, &number.to_string(), NUMBER, Tone::OnState);
                room -= tab + 4.0;
            }
            const NAME: Face = Face::mono(11.0, 600);
            const NOTE: Face = Face::ui(10.0, 400);
            pen.part(2);
            if let Some(name) = NAME.fit(pen.measure, &workload.key.name, room) {
                pen.label(30.0, h / 2.0 - 1.5, &name, NAME, Tone::Ink1);
            }
            if let Some(note) = NOTE.fit(pen.measure, &workload.note, room) {
                pen.label(30.0, h / 2.0 + 12.0, &note, NOTE, Tone::Ink3);
            }
            if selected {
                pod::select(pen, w, h);
            }
            if options.handles && handle::are_seen(&workload.key, options.selected, options.hovered) {
                handle::of_workload(pen, workload, CARD, options.hovered);
            }
        });
    }

    fn on_screen(&mut self, rect: Rect, id: Id, key: &Key, draw: impl FnOnce(&mut Pen)) {
        let at = self.camera.place(self.pen.window, rect);
        if !at.grown(10.0).meets(self.pen.window) {
            return;
        }
        self.pen.object(id);
        self.pen.layer = Layer::Pod;
        let zoom = self.camera.zoom;
        self.pen.within(at.x, at.y, zoom, |pen| {
            pen.hit(key.clone(), 0.0, 0.0, rect.w, rect.h);
            draw(pen);
        });
    }

    fn links(&mut self, workload: &Workload, x: f32, y: f32, middles: &[f32]) {
        let to = x + COLUMN - CARD.0;
        self.pen.object(workload.id.part(9));
        self.pen.layer = Layer::Tank;
        for &middle in middles {
            let from = self.camera.place(self.pen.window, Rect::new(x, y, to - x, middle - y));
            let (half, dx, dy) = (from.w / 2.0, from.w, from.h);
            self.pen
                .path(from.x, from.y, format!("M0 0 C{half:.1} 0 {half:.1} {dy:.1} {dx:.1} {dy:.1}"))
                .line(Tone::Line3, 1.2);
        }
    }
}
