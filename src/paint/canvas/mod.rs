//! A scene on a canvas, in the colours of the theme that is on.

mod brush;
mod dots;
mod fonts;
mod theme;

pub use fonts::Fonts;
pub use theme::Theme;

use crate::scene::shape::{Layer, Rect, Shape, Tone};
use brush::Brush;
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

/// The most pixels of a screen for each CSS pixel.
const FINEST: f64 = 8.0;

/// A canvas and what is needed to draw on it quickly.
pub struct Canvas {
    element: HtmlCanvasElement,
    brush: Brush,
    /// A copy of what stands still, laid under what moves.
    still: Option<(HtmlCanvasElement, CanvasRenderingContext2d)>,
    still_is_true: bool,
    ratio: f64,
}

impl Canvas {
    pub fn new(element: HtmlCanvasElement) -> Canvas {
        let brush = Brush::new(context(&element), Theme::read());
        Canvas { element, brush, still: None, still_is_true: false, ratio: 1.0 }
    }

    /// CSS pixels, and how many pixels of the screen each has.
    pub fn resize(&mut self, width: f64, height: f64, ratio: f64) {
        self.ratio = ratio.clamp(0.5, FINEST);
        let (w, h) = ((width * self.ratio).round() as u32, (height * self.ratio).round() as u32);
        for canvas in std::iter::once(&self.element).chain(self.still.as_ref().map(|(canvas, _)| canvas)) {
            if (canvas.width(), canvas.height()) != (w, h) {
                canvas.set_width(w);
                canvas.set_height(h);
            }
        }
        self.still_is_true = false;
        self.brush.forget();
    }

    /// Reads the colours anew.
    pub fn retheme(&mut self) {
        self.brush.theme = Theme::read();
        self.still_is_true = false;
        self.brush.forget();
    }

    /// Says that what stands still has changed.
    pub fn spoil(&mut self) {
        self.still_is_true = false;
    }

    /// Whether what is on view is what was drawn last, with nothing changed since.
    pub fn is_true(&self) -> bool {
        self.still_is_true
    }

    /// Draws what stands still, from the copy if it is true, then what moves.
    pub fn draw<'a>(&mut self, shapes: impl Iterator<Item = &'a Shape>, window: Rect, settled: bool, moving: &[Shape]) {
        let Self { element, brush, .. } = self;
        let (w, h) = (element.width() as f64, element.height() as f64);
        brush.begin();
        let _ = brush.context.set_transform(1.0, 0.0, 0.0, 1.0, 0.0, 0.0);
        brush.context.clear_rect(0.0, 0.0, w, h);
        if settled && self.still_is_true {
            if let Some((copy, _)) = &self.still {
                brush.lay(copy);
            }
        } else {
            paint(brush, shapes, window, self.ratio);
            if settled && !brush.owes {
                self.keep();
            }
        }
        paint(&mut self.brush, moving.iter(), window, self.ratio);
    }

    fn keep(&mut self) {
        let (w, h) = (self.element.width(), self.element.height());
        let (copy, context) = self.still.get_or_insert_with(|| {
            let copy = sheet();
            let context = context(&copy);
            (copy, context)
        });
        if (copy.width(), copy.height()) != (w, h) {
            copy.set_width(w);
            copy.set_height(h);
        }
        context.clear_rect(0.0, 0.0, w as f64, h as f64);
        self.still_is_true = context.draw_image_with_html_canvas_element(&self.element, 0.0, 0.0).is_ok();
    }
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
        paint(&mut brush, shapes.clone(), window, ratio);
        if !brush.owes {
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

fn paint<'a>(brush: &mut Brush, shapes: impl Iterator<Item = &'a Shape>, window: Rect, ratio: f64) {
    let mut clipped = false;
    for shape in shapes {
        if clips(shape.layer) != clipped {
            clipped = !clipped;
            if clipped {
                brush.clip(window, ratio);
            } else {
                brush.unclip();
            }
        }
        brush.shape(shape, ratio);
    }
    if clipped {
        brush.unclip();
    }
}

fn clips(layer: Layer) -> bool {
    layer.in_window()
}
