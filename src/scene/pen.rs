//! The hand that draws: collects shapes, names them, and refuses a label that would lie on another.

use super::hit::{Hit, Key};
use super::measure::{Face, Measure};
use super::shape::{Anchor, Dot, Fill, Form, Id, Layer, Rect, Shape, Text, Tone};
use std::borrow::Cow;
use std::collections::HashMap;
use std::rc::Rc;

pub struct Pen<'a> {
    pub measure: &'a dyn Measure,
    pub shapes: Vec<Shape>,
    pub hits: Vec<Hit>,
    pub layer: Layer,
    /// Where layers of the window are cut off.
    pub window: Rect,
    /// Everything drawn until the end of a group is this much weaker.
    pub alpha: f32,
    origin: (f32, f32),
    k: f32,
    object: Id,
    next: u64,
    boxes: Boxes,
}

impl<'a> Pen<'a> {
    pub fn new(measure: &'a dyn Measure, window: Rect) -> Pen<'a> {
        Pen {
            measure,
            shapes: Vec::new(),
            hits: Vec::new(),
            layer: Layer::Ground,
            window,
            alpha: 1.0,
            origin: (0.0, 0.0),
            k: 1.0,
            object: Id::default(),
            next: 0,
            boxes: Boxes::default(),
        }
    }

    /// What is drawn from here on belongs to this object.
    pub fn object(&mut self, id: Id) {
        self.object = id;
        self.next = 0;
    }

    /// ... and to this part of it, so that a part that comes or goes does not rename those after it.
    pub fn part(&mut self, n: u64) {
        self.next = (n + 1) << 10;
    }

    /// Draws with the origin moved and everything scaled.
    pub fn within(&mut self, x: f32, y: f32, k: f32, draw: impl FnOnce(&mut Pen<'a>)) {
        let before = (self.origin, self.k);
        self.origin = self.to_screen(x, y);
        self.k *= k;
        draw(self);
        (self.origin, self.k) = before;
    }

    pub fn to_screen(&self, x: f32, y: f32) -> (f32, f32) {
        (self.origin.0 + x * self.k, self.origin.1 + y * self.k)
    }

    fn push(&mut self, x: f32, y: f32, form: Form) -> &mut Shape {
        let (x, y) = self.to_screen(x, y);
        let id = self.object.part(self.next);
        self.next += 1;
        self.shapes.push(Shape {
            id,
            layer: self.layer,
            x,
            y,
            k: self.k,
            alpha: self.alpha,
            form,
            fill: Fill::None,
            line: None,
        });
        self.shapes.last_mut().expect("just pushed")
    }

    pub fn rect(&mut self, x: f32, y: f32, w: f32, h: f32, r: f32) -> &mut Shape {
        self.push(x, y, Form::Rect { w, h, r })
    }

    pub fn disc(&mut self, x: f32, y: f32, r: f32) -> &mut Shape {
        self.push(x, y, Form::Disc { r })
    }

    /// Path data measured from `(x, y)`.
    pub fn path(&mut self, x: f32, y: f32, data: impl Into<Cow<'static, str>>) -> &mut Shape {
        self.push(x, y, Form::Path(data.into()))
    }

    /// Path data drawn at its own scale.
    pub fn glyph(&mut self, x: f32, y: f32, k: f32, data: &'static str) -> &mut Shape {
        let shape = self.push(x, y, Form::Path(Cow::Borrowed(data)));
        shape.k *= k;
        shape
    }

    pub fn water(&mut self, x: f32, y: f32, w: f32, h: f32, r: f32) -> &mut Shape {
        let shape = self.push(x, y, Form::Water { w, h, r });
        shape.fill = Fill::Water;
        shape
    }

    pub fn dots(&mut self, x: f32, y: f32, dots: Vec<Dot>) -> &mut Shape {
        self.push(x, y, Form::Dots(Rc::from(dots)))
    }

    pub fn width(&self, text: &str, face: Face) -> f32 {
        face.width(self.measure, text)
    }

    /// Sets a text, unless another one is there already; tells whether it did.
    pub fn text(&mut self, x: f32, y: f32, text: &str, face: Face, tone: Tone, anchor: Anchor) -> bool {
        if text.is_empty() {
            return false;
        }
        let width = self.width(text, face);
        let form = Form::Text(Text {
            text: Rc::from(text),
            size: face.size,
            weight: face.weight,
            mono: face.mono,
            anchor,
            width,
        });
        let window = self.window;
        let shape = self.push(x, y, form);
        shape.fill(tone);
        let mut covered = shape.text_box().expect("a text has a box");
        if shape.layer.in_window() {
            covered = covered.common(window);
        }
        if self.boxes.take(covered) {
            return true;
        }
        self.shapes.pop();
        false
    }

    pub fn label(&mut self, x: f32, y: f32, text: &str, face: Face, tone: Tone) -> bool {
        self.text(x, y, text, face, tone, Anchor::Start)
    }

    pub fn label_end(&mut self, x: f32, y: f32, text: &str, face: Face, tone: Tone) -> bool {
        self.text(x, y, text, face, tone, Anchor::End)
    }

    pub fn label_middle(&mut self, x: f32, y: f32, text: &str, face: Face, tone: Tone) -> bool {
        self.text(x, y, text, face, tone, Anchor::Middle)
    }

    /// From here on this area of the screen is covered: texts that reach into it go, new ones may come.
    pub fn cover(&mut self, area: Rect) {
        self.shapes.retain(|shape| !shape.text_box().is_some_and(|text| text.meets(area)));
        self.boxes.clear(area);
    }

    /// The area belongs to an object: it can be pointed at, focused and travelled to.
    pub fn hit(&mut self, key: Key, x: f32, y: f32, w: f32, h: f32) {
        let (left, top) = self.to_screen(x, y);
        let mut rect = Rect::new(left, top, w * self.k, h * self.k);
        if self.layer.in_window() {
            rect = rect.common(self.window);
        }
        if rect.w > 0.0 && rect.h > 0.0 {
            self.hits.push(Hit { key, id: self.object, rect });
        }
    }
}

/// Which parts of the screen texts have taken, by squares of 64 pixels.
#[derive(Default)]
struct Boxes(HashMap<(i32, i32), Vec<Rect>>);

impl Boxes {
    fn clear(&mut self, area: Rect) {
        for taken in self.0.values_mut() {
            taken.retain(|rect| !rect.meets(area));
        }
    }

    fn take(&mut self, rect: Rect) -> bool {
        if rect.w <= 0.0 || rect.h <= 0.0 {
            return true;
        }
        let squares = || {
            let at = |v: f32| (v / 64.0).floor() as i32;
            (at(rect.y)..=at(rect.bottom()))
                .flat_map(move |row| (at(rect.x)..=at(rect.right())).map(move |column| (column, row)))
        };
        if squares().any(|square| self.0.get(&square).is_some_and(|taken| taken.iter().any(|other| other.meets(rect))))
        {
            return false;
        }
        for square in squares() {
            self.0.entry(square).or_default().push(rect);
        }
        true
    }
}
