//! A scene on a canvas, in the colours of the theme that is on.

mod brush;
mod dots;
mod fonts;
mod theme;

pub use fonts::Fonts;
pub use theme::Theme;

use super::squares::Squares;
use crate::scene::shape::{ById, Form, Rect, Shape, Tone};
use brush::Brush;
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

/// The most pixels of a screen for each CSS pixel.
const FINEST: f64 = 8.0;

/// A canvas that is drawn anew only where what is on it has changed.
pub struct Canvas {
    element: HtmlCanvasElement,
    brush: Brush,
    /// What is on it, from below to above: the scene, and over it what moves.
    scene: Vec<Shown>,
    moving: Vec<Shown>,
    window: Rect,
    /// The scene on it is the one to be shown.
    is_true: bool,
    /// All of it is to be drawn anew.
    blank: bool,
    /// Parts that were left for the next frame, or something in them was.
    owed: Vec<Rect>,
    /// How far down the first of those parts begins that there was no time for, and since when there are such.
    turn: f32,
    late: Option<f64>,
    ratio: f64,
}

/// A shape, and the part of the screen that it can reach.
struct Shown(Shape, Rect);

/// So many rectangles hold what is to be drawn at most, one after another: browsers are quick within one, and slow within many at once.
const AREAS_MOST: usize = 8;
/// Beyond such a share of its squares all of a canvas is drawn.
const MOST_ANEW: f32 = 0.7;
/// Those are divided into parts of about such a share of the canvas; after each it is asked whether there is time for more.
const PIECE: f32 = 0.05;
/// In about so many frames what waits is drawn, or once it has waited so many milliseconds, however long it takes: Pods of which
/// a half is there are worse than a late frame.
const LATEST: usize = 4;
const LATEST_MS: f64 = 50.0;

impl Canvas {
    pub fn new(element: HtmlCanvasElement) -> Canvas {
        let brush = Brush::new(context(&element), Theme::read());
        let (scene, moving, owed) = (Vec::new(), Vec::new(), Vec::new());
        Canvas {
            element,
            brush,
            scene,
            moving,
            window: Rect::default(),
            is_true: false,
            blank: true,
            owed,
            turn: 0.0,
            late: None,
            ratio: 1.0,
        }
    }

    /// CSS pixels, and how many pixels of the screen each has.
    pub fn resize(&mut self, width: f64, height: f64, ratio: f64) {
        self.ratio = ratio.clamp(0.5, FINEST);
        let (w, h) = ((width * self.ratio).round() as u32, (height * self.ratio).round() as u32);
        if (self.element.width(), self.element.height()) != (w, h) {
            self.element.set_width(w);
            self.element.set_height(h);
        }
        self.spoil_all();
    }

    /// Reads the colours anew.
    pub fn retheme(&mut self) {
        self.brush.theme = Theme::read();
        self.spoil_all();
    }

    fn spoil_all(&mut self) {
        (self.blank, self.is_true) = (true, false);
        self.brush.forget();
    }

    /// Says that the scene has changed.
    pub fn spoil(&mut self) {
        self.is_true = false;
    }

    /// Whether the scene is the one that was given last, with nothing changed since.
    pub fn is_true(&self) -> bool {
        self.is_true && !self.blank
    }

    /// Whether something was left for the next frame.
    pub fn owes(&self) -> bool {
        !self.owed.is_empty()
    }

    /// Draws the scene, if one is given, and what moves over it. `settled`: the scene is to stay as it is. What there is no
    /// time for is left for the next frames: each part has its turn, and none waits longer than [`LATEST_MS`].
    pub fn draw<'a>(
        &mut self,
        scene: Option<impl Iterator<Item = &'a Shape>>,
        window: Rect,
        settled: bool,
        moving: &[Shape],
        (wall, full): (f64, &dyn Fn() -> bool),
    ) {
        let ratio = self.ratio as f32;
        let (w, h) = (self.element.width() as f32 / ratio, self.element.height() as f32 / ratio);
        let mut anew = Squares::new(w, h);
        let owed = std::mem::take(&mut self.owed);
        owed.iter().for_each(|area| anew.mark(*area));
        if let Some(scene) = scene {
            self.blank |= self.window != window;
            self.window = window;
            compare(&mut self.scene, scene, window, &mut self.brush, &mut anew);
            self.is_true = settled;
        }
        compare(&mut self.moving, moving.iter(), window, &mut self.brush, &mut anew);
        let blank = std::mem::take(&mut self.blank);
        if blank || anew.share() > MOST_ANEW {
            anew.mark_all();
        }
        let mut areas = if blank { anew.areas(AREAS_MOST) } else { anew.pieces(AREAS_MOST, PIECE) };
        // Each has its turn, so that none waits for ever where others change all the time.
        let next = areas.iter().position(|area| area.y >= self.turn).unwrap_or(0);
        areas.rotate_left(next);
        let all = blank || self.late.is_some_and(|since| wall - since > LATEST_MS);
        let least = match owed.is_empty() {
            _ if all => areas.len(),
            true => 0,
            false => areas.len().div_ceil(LATEST),
        };
        let done = self.paint(areas, least, full);
        self.late = if done { None } else { self.late.or(Some(wall)) };
    }

    /// Draws whatever reaches into the areas, and nothing beside them: in at least so many of them, and in more as long as there
    /// is time. Whether there was time for all.
    fn paint(&mut self, areas: Vec<Rect>, least: usize, full: &dyn Fn() -> bool) -> bool {
        self.turn = 0.0;
        if areas.is_empty() {
            return true;
        }
        let brush = &mut self.brush;
        brush.begin();
        let mut areas = areas.into_iter().enumerate();
        while let Some((n, area)) = areas.next() {
            if n >= least && full() {
                self.turn = area.y;
                self.owed.push(area);
                self.owed.extend(areas.map(|(_, area)| area));
                return false;
            }
            brush.clip_to(area, self.ratio);
            let shown = self.scene.iter().chain(&self.moving).filter(|Shown(_, reach)| reach.meets(area));
            let left = paint(brush, shown.map(|Shown(shape, _)| shape), area, self.window, self.ratio);
            self.owed.extend(left.into_iter().filter_map(Shape::text_box));
            brush.unclip();
        }
        true
    }
}

/// Puts what is to be shown in the place of what is, and marks where the two differ.
fn compare<'a>(
    shown: &mut Vec<Shown>,
    shapes: impl Iterator<Item = &'a Shape>,
    window: Rect,
    brush: &mut Brush,
    anew: &mut Squares,
) {
    let mut before: Vec<Option<Shown>> = std::mem::take(shown).into_iter().map(Some).collect();
    let mut places: Option<ById<usize>> = None;
    let mut next = 0;
    for shape in shapes {
        let is_it = |place: &Option<Shown>| place.as_ref().is_some_and(|Shown(old, _)| old.id == shape.id);
        let place = match before.get(next).is_some_and(is_it) {
            true => Some(next),
            false => {
                let index = |(n, old): (usize, &Option<Shown>)| Some((old.as_ref()?.0.id, n));
                let places = places.get_or_insert_with(|| before.iter().enumerate().filter_map(index).collect());
                places.get(&shape.id).copied()
            }
        };
        let old = place.and_then(|place| before[place].take());
        // What lay over others and now lies under them looks different though it is the same.
        let overtakes = place.is_some_and(|place| place < next);
        next = place.map_or(next, |place| next.max(place + 1));
        match old {
            Some(old) if old.0 == *shape => {
                if overtakes {
                    anew.mark(old.1);
                }
                shown.push(old);
            }
            old => {
                let reach = brush.reach(shape, window);
                old.iter().for_each(|old| anew.mark(old.1));
                anew.mark(reach);
                shown.push(Shown(shape.clone(), reach));
            }
        }
    }
    before.into_iter().flatten().for_each(|gone| anew.mark(gone.1));
}

/// Shapes on a canvas of their own, on the ground that the page gives them, so many pixels for each CSS pixel.
pub fn pixels<'a>(
    shapes: impl Iterator<Item = &'a Shape> + Clone,
    window: Rect,
    (width, height): (f64, f64),
    ratio: f64,
) -> HtmlCanvasElement {
    let element = sheet();
    element.set_width((width * ratio).round() as u32);
    element.set_height((height * ratio).round() as u32);
    let mut brush = Brush::new(context(&element), Theme::read());
    // Of texts that it has not drawn yet a brush takes on only so many at a time.
    loop {
        brush.begin();
        let _ = brush.context.set_transform(1.0, 0.0, 0.0, 1.0, 0.0, 0.0);
        brush.context.set_fill_style_str(brush.theme.colour(Tone::Canvas));
        brush.context.fill_rect(0.0, 0.0, f64::from(element.width()), f64::from(element.height()));
        brush.forget();
        let all = Rect::new(0.0, 0.0, width as f32, height as f32);
        if paint(&mut brush, shapes.clone(), all, window, ratio).is_empty() {
            return element;
        }
    }
}

/// A canvas that nobody sees.
fn sheet() -> HtmlCanvasElement {
    let document = web_sys::window().and_then(|window| window.document()).expect("the page has a document");
    document.create_element("canvas").expect("a canvas can be made").unchecked_into()
}

fn context(element: &HtmlCanvasElement) -> CanvasRenderingContext2d {
    let context = element.get_context("2d").ok().flatten().expect("every browser has a 2d context");
    context.unchecked_into()
}

/// Gives the texts that were left for the next frame.
fn paint<'a>(
    brush: &mut Brush,
    shapes: impl Iterator<Item = &'a Shape>,
    area: Rect,
    window: Rect,
    ratio: f64,
) -> Vec<&'a Shape> {
    let mut clipped = false;
    let mut left = Vec::new();
    let mut dots = Vec::new();
    for shape in shapes {
        let (turns, is_dots) = (shape.layer.in_window() != clipped, matches!(shape.form, Form::Dots(_)));
        if (turns || !is_dots) && !dots.is_empty() {
            brush.dots(&dots, area, ratio);
            dots.clear();
        }
        if turns {
            clipped = !clipped;
            if clipped {
                brush.clip(window, ratio);
            } else {
                brush.unclip();
            }
        }
        if is_dots {
            dots.push(shape);
        } else if !brush.shape(shape, ratio) {
            left.push(shape);
        }
    }
    if !dots.is_empty() {
        brush.dots(&dots, area, ratio);
    }
    if clipped {
        brush.unclip();
    }
    left
}
