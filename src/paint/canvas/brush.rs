//! One shape at a time onto the canvas. Setting a style costs a call into the browser, so the brush remembers what is set.

use super::dots::{self, Sheet};
use super::theme::Theme;
use crate::paint::{extent, water};
use crate::scene::shape::{Anchor, Fill, Form, Line, Rect, Shape, Text, Tone};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use wasm_bindgen::JsValue;
use web_sys::{CanvasRenderingContext2d, Path2d};

pub struct Brush {
    pub context: CanvasRenderingContext2d,
    pub theme: Theme,
    /// Each with how far it reaches.
    paths: HashMap<Box<str>, (Path2d, Rect)>,
    set: Set,
    /// The texts that the browser has drawn before, by what they are and how they are set.
    drawn: HashSet<Drawn>,
    /// Those of a while ago: what is still on view finds its way back from here.
    drawn_before: HashSet<Drawn>,
    /// How many others it may still draw in this frame.
    new_texts: u32,
    sheet: Sheet,
}

type Drawn = (Rc<str>, u32, u16, bool);

/// What the context has now; unset where that is not known.
#[derive(Default)]
struct Set {
    fill: Option<Tone>,
    stroke: Option<Tone>,
    width: Option<f32>,
    alpha: Option<f32>,
    dash: Option<Option<(f32, f32)>>,
    round: Option<bool>,
    font: Option<(f32, u16, bool)>,
    anchor: Option<Anchor>,
}

/// So many paths are kept; then keeping begins anew.
const PATHS_MOST: usize = 4000;
/// So many texts are remembered, and as many of a while ago.
const TEXTS_MOST: usize = 10_000;
/// The first time a text costs a browser about ten times as much as later: so many new ones a frame, that it stays one.
const NEW_TEXTS: u32 = 48;

impl Brush {
    pub fn new(context: CanvasRenderingContext2d, theme: Theme) -> Brush {
        let (paths, drawn, drawn_before) = (HashMap::new(), HashSet::new(), HashSet::new());
        Brush {
            context,
            theme,
            paths,
            set: Set::default(),
            drawn,
            drawn_before,
            new_texts: NEW_TEXTS,
            sheet: Sheet::default(),
        }
    }

    /// A frame begins.
    pub fn begin(&mut self) {
        self.new_texts = NEW_TEXTS;
    }

    /// The context was reset, or the colours have changed.
    pub fn forget(&mut self) {
        self.set = Set::default();
    }

    /// From here on only this part can be drawn on, and it is empty. Of pixels that it has in part it gets the whole.
    pub fn clip_to(&mut self, area: Rect, ratio: f64) {
        let (left, top) = ((f64::from(area.x) * ratio).floor(), (f64::from(area.y) * ratio).floor());
        let (right, bottom) = ((f64::from(area.right()) * ratio).ceil(), (f64::from(area.bottom()) * ratio).ceil());
        self.context.save();
        let _ = self.context.set_transform(1.0, 0.0, 0.0, 1.0, 0.0, 0.0);
        self.context.begin_path();
        self.context.rect(left, top, right - left, bottom - top);
        self.context.clip();
        self.context.clear_rect(left, top, right - left, bottom - top);
    }

    /// The part of the screen that a shape can reach.
    pub fn reach(&mut self, shape: &Shape, window: Rect) -> Rect {
        let path = match &shape.form {
            Form::Path(data) => self.path(data).map(|(_, reach)| reach),
            _ => None,
        };
        let reach = extent::of(shape, path);
        if shape.layer.in_window() { reach.common(window) } else { reach }
    }

    pub fn clip(&mut self, window: Rect, ratio: f64) {
        self.context.save();
        let _ = self.context.set_transform(ratio, 0.0, 0.0, ratio, 0.0, 0.0);
        self.context.begin_path();
        self.context.rect(window.x as f64, window.y as f64, window.w as f64, window.h as f64);
        self.context.clip();
    }

    pub fn unclip(&mut self) {
        self.context.restore();
        self.forget();
    }

    /// The dots of several shapes, of which nothing else lies between, within an area.
    pub fn dots(&mut self, shapes: &[&Shape], area: Rect, ratio: f64) {
        self.alpha(1.0);
        dots::draw(&self.context, &self.theme, shapes, area, ratio as f32, &mut self.sheet);
        self.forget();
    }

    /// All but dots. `false` if it was left for the next frame.
    pub fn shape(&mut self, shape: &Shape, ratio: f64) -> bool {
        if shape.alpha <= 0.004 {
            return true;
        }
        let k = shape.k as f64 * ratio;
        let _ = self.context.set_transform(k, 0.0, 0.0, k, shape.x as f64 * ratio, shape.y as f64 * ratio);
        match &shape.form {
            Form::Rect { w, h, r } => {
                self.context.begin_path();
                rounded(&self.context, *w as f64, *h as f64, *r as f64);
                self.outline(shape, Some((*w, *h)));
            }
            Form::Disc { r } => {
                self.context.begin_path();
                let _ = self.context.arc(0.0, 0.0, *r as f64, 0.0, std::f64::consts::TAU);
                self.outline(shape, None);
            }
            Form::Path(data) => {
                if let Some((path, _)) = self.path(data) {
                    self.along(shape, &path, 0.0);
                }
            }
            Form::Water { w, h, r } => {
                if let Some((path, _)) = self.path(&water::path(*w, *h, *r)) {
                    self.along(shape, &path, *h as f64);
                }
            }
            Form::Text(text) => return self.text(shape, text),
            // Drawn many at once.
            Form::Dots(_) => {}
        }
        true
    }

    /// Fills and strokes the present path; patterns are drawn within `size`.
    fn outline(&mut self, shape: &Shape, size: Option<(f32, f32)>) {
        self.alpha(shape.alpha);
        match (shape.fill, size) {
            (Fill::None, _) => {}
            (Fill::Tone(tone), _) => {
                self.fill(tone);
                self.context.fill();
            }
            (pattern, Some((w, h))) => self.pattern(pattern, w as f64, h as f64, shape.alpha),
            (_, None) => {}
        }
        if let Some(line) = shape.line {
            self.line(line, false, shape.alpha);
            self.context.stroke();
        }
    }

    fn along(&mut self, shape: &Shape, path: &Path2d, depth: f64) {
        self.alpha(shape.alpha);
        match shape.fill {
            Fill::Tone(tone) => {
                self.fill(tone);
                self.context.fill_with_path_2d(path);
            }
            Fill::Water => {
                let gradient = self.context.create_linear_gradient(0.0, 0.0, 0.0, depth);
                let _ = gradient.add_color_stop(0.0, self.theme.colour(Tone::Water1));
                let _ = gradient.add_color_stop(1.0, self.theme.colour(Tone::Water2));
                self.context.set_fill_style_canvas_gradient(&gradient);
                self.set.fill = None;
                self.context.fill_with_path_2d(path);
            }
            _ => {}
        }
        if let Some(line) = shape.line {
            self.line(line, true, shape.alpha);
            self.context.stroke_with_path(path);
        }
    }

    /// Slanted stripes within the present path.
    fn pattern(&mut self, pattern: Fill, w: f64, h: f64, alpha: f32) {
        let (ground, ground_alpha, stripe, stripe_alpha, width, step) = match pattern {
            Fill::Hatch => (Tone::WaitingFill, 0.55, Tone::Waiting, 0.38, 1.6, 9.9),
            Fill::Lid => (Tone::Raised, 1.0, Tone::Ink3, 0.55, 2.0, 9.9),
            _ => (Tone::Raised, 1.0, Tone::Waiting, 1.0, 6.0, 17.0),
        };
        self.context.save();
        self.alpha(alpha * ground_alpha);
        self.fill(ground);
        self.context.fill();
        self.context.clip();
        self.alpha(alpha * stripe_alpha);
        let line = Line { tone: stripe, width, dash: None, alpha: 1.0 };
        self.line(line, false, alpha * stripe_alpha);
        self.context.begin_path();
        let lean = if pattern == Fill::Tape { -h } else { h };
        let mut x = -h;
        while x < w + h {
            self.context.move_to(x, 0.0);
            self.context.line_to(x - lean, h);
            x += step;
        }
        self.context.stroke();
        self.context.restore();
        self.forget();
        self.context.begin_path();
        rounded(&self.context, w, h, (h / 2.0).min(3.0));
        self.alpha(alpha);
    }

    /// Whether a text may be drawn in this frame.
    fn affords(&mut self, text: &Text) -> bool {
        let set = (text.text.clone(), text.size.to_bits(), text.weight, text.mono);
        if self.drawn.contains(&set) {
            return true;
        }
        if !self.drawn_before.remove(&set) {
            if self.new_texts == 0 {
                return false;
            }
            self.new_texts -= 1;
        }
        if self.drawn.len() >= TEXTS_MOST {
            self.drawn_before = std::mem::take(&mut self.drawn);
        }
        self.drawn.insert(set)
    }

    fn text(&mut self, shape: &Shape, text: &Text) -> bool {
        if !self.affords(text) {
            return false;
        }
        self.alpha(shape.alpha);
        if let Fill::Tone(tone) = shape.fill {
            self.fill(tone);
        }
        let font = (text.size, text.weight, text.mono);
        if self.set.font != Some(font) {
            self.context.set_font(&self.theme.font(text.size, text.weight, text.mono));
            self.set.font = Some(font);
        }
        if self.set.anchor != Some(text.anchor) {
            self.context.set_text_align(match text.anchor {
                Anchor::Start => "left",
                Anchor::Middle => "center",
                Anchor::End => "right",
            });
            self.set.anchor = Some(text.anchor);
        }
        let _ = self.context.fill_text(&text.text, 0.0, 0.0);
        true
    }

    fn path(&mut self, data: &str) -> Option<(Path2d, Rect)> {
        if let Some(path) = self.paths.get(data) {
            return Some(path.clone());
        }
        if self.paths.len() >= PATHS_MOST {
            self.paths.clear();
        }
        let path = (Path2d::new_with_path_string(data).ok()?, extent::of_path(data));
        self.paths.insert(data.into(), path.clone());
        Some(path)
    }

    fn alpha(&mut self, alpha: f32) {
        if self.set.alpha != Some(alpha) {
            self.context.set_global_alpha(alpha as f64);
            self.set.alpha = Some(alpha);
        }
    }

    fn fill(&mut self, tone: Tone) {
        if self.set.fill != Some(tone) {
            self.context.set_fill_style_str(self.theme.colour(tone));
            self.set.fill = Some(tone);
        }
    }

    fn line(&mut self, line: Line, round: bool, alpha: f32) {
        self.alpha(alpha * line.alpha);
        if self.set.stroke != Some(line.tone) {
            self.context.set_stroke_style_str(self.theme.colour(line.tone));
            self.set.stroke = Some(line.tone);
        }
        if self.set.width != Some(line.width) {
            self.context.set_line_width(line.width as f64);
            self.set.width = Some(line.width);
        }
        if self.set.dash != Some(line.dash) {
            let dash = js_sys::Array::new();
            if let Some((on, off)) = line.dash {
                dash.push(&JsValue::from_f64(on as f64));
                dash.push(&JsValue::from_f64(off as f64));
            }
            let _ = self.context.set_line_dash(&dash);
            self.set.dash = Some(line.dash);
        }
        if self.set.round != Some(round) {
            self.context.set_line_cap(if round { "round" } else { "butt" });
            self.context.set_line_join(if round { "round" } else { "miter" });
            self.set.round = Some(round);
        }
    }
}

fn rounded(context: &CanvasRenderingContext2d, w: f64, h: f64, r: f64) {
    if r <= 0.0 {
        context.rect(0.0, 0.0, w, h);
    } else {
        let _ = context.round_rect_with_f64(0.0, 0.0, w.max(0.0), h.max(0.0), r.min(w / 2.0).min(h / 2.0).max(0.0));
    }
}
