//! Many small Pods at once: dots that look alike go into one path, cells are written as pixels.

use super::theme::Theme;
use crate::scene::shape::{Dot, Form, Mark, Rect, Shape, Tone};
use std::f64::consts::{PI, TAU};
use std::ops::Range;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

/// What cells are written into before it is laid over the canvas.
#[derive(Default)]
pub struct Sheet {
    bytes: Vec<u8>,
    canvas: Option<(HtmlCanvasElement, CanvasRenderingContext2d)>,
}

/// Draws the dots of several shapes: the cells of all of them, and over those what else there is. `area` is all that is drawn on,
/// and `ratio` how many pixels of the screen each pixel has.
pub fn draw(
    context: &CanvasRenderingContext2d,
    theme: &Theme,
    shapes: &[&Shape],
    area: Rect,
    ratio: f32,
    sheet: &mut Sheet,
) {
    let _ = context.set_transform(1.0, 0.0, 0.0, 1.0, 0.0, 0.0);
    sheet.lay(context, theme, shapes, area, ratio);
    for shape in shapes {
        let k = f64::from(shape.k * ratio);
        let _ = context.set_transform(k, 0.0, 0.0, k, f64::from(shape.x * ratio), f64::from(shape.y * ratio));
        for run in dots_of(shape).chunk_by(|a, b| (a.mark, a.tone) == (b.mark, b.tone)) {
            if run[0].mark != Mark::Cell {
                run_of(context, theme, run, &run[0], f64::from(shape.alpha));
            }
        }
    }
}

fn dots_of(shape: &Shape) -> &[Dot] {
    match &shape.form {
        Form::Dots(dots) => dots,
        _ => &[],
    }
}

fn run_of(context: &CanvasRenderingContext2d, theme: &Theme, run: &[Dot], first: &Dot, alpha: f64) {
    let colour = theme.colour(first.tone);
    context.begin_path();
    for dot in run {
        outline(context, dot);
    }
    let filled = matches!(first.mark, Mark::Disc | Mark::Square | Mark::Diamond);
    context.set_global_alpha(alpha * if first.mark == Mark::Disc { 0.78 } else { 1.0 });
    context.set_fill_style_str(if filled { colour } else { theme.colour(Tone::Tank) });
    context.fill();
    if filled {
        return;
    }
    let dash = js_sys::Array::new();
    if first.mark == Mark::Dashed {
        dash.push(&1.5.into());
        dash.push(&1.5.into());
    }
    let _ = context.set_line_dash(&dash);
    context.set_stroke_style_str(colour);
    context.set_line_width(1.4);
    context.stroke();
    if first.mark == Mark::Half {
        context.set_fill_style_str(colour);
        context.begin_path();
        for dot in run {
            context.move_to((dot.x - dot.r) as f64, dot.y as f64);
            let _ = context.arc_with_anticlockwise(dot.x as f64, dot.y as f64, dot.r as f64, PI, 0.0, true);
        }
        context.fill();
    }
}

fn outline(context: &CanvasRenderingContext2d, dot: &Dot) {
    let (x, y, r) = (dot.x as f64, dot.y as f64, dot.r as f64);
    match dot.mark {
        Mark::Square => context.rect(x - r * 0.85, y - r * 0.85, r * 1.7, r * 1.7),
        Mark::Diamond => {
            let k = r * 1.3;
            context.move_to(x, y - k);
            context.line_to(x + k, y);
            context.line_to(x, y + k);
            context.line_to(x - k, y);
            context.close_path();
        }
        mark => {
            let r = if mark == Mark::Disc { r } else { (r - 0.6).max(0.6) };
            context.move_to(x + r, y);
            let _ = context.arc(x, y, r, 0.0, TAU);
        }
    }
}

/// Pixels of the screen, from and to.
type Span = Range<i32>;

/// Which pixels a cell covers, across and down.
fn pixels(shape: &Shape, dot: &Dot, ratio: f32) -> (Span, Span) {
    let span = |origin: f32, centre: f32| {
        let at = |edge: f32| ((origin + (centre + edge) * shape.k) * ratio).round() as i32;
        at(-dot.r)..at(dot.r)
    };
    (span(shape.x, dot.x), span(shape.y, dot.y))
}

/// The cells of a shape: the pixels of each, its tone, and how much of it is seen.
fn cells_of(shape: &Shape, ratio: f32) -> impl Iterator<Item = (Span, Span, Tone, f32)> {
    dots_of(shape).iter().filter(|dot| dot.mark == Mark::Cell).map(move |dot| {
        let (x, y) = pixels(shape, dot, ratio);
        (x, y, dot.tone, shape.alpha)
    })
}

fn common(a: &Span, b: &Span) -> Span {
    a.start.max(b.start)..a.end.min(b.end)
}

impl Sheet {
    /// Writes the cells into one picture and lays that over the canvas: few calls for many thousands.
    fn lay(&mut self, context: &CanvasRenderingContext2d, theme: &Theme, shapes: &[&Shape], area: Rect, ratio: f32) {
        let edge = |v: f32| (v * ratio).ceil() as i32;
        let area = ((area.x * ratio) as i32..edge(area.right()), (area.y * ratio) as i32..edge(area.bottom()));
        let cells = || {
            shapes.iter().flat_map(|&shape| cells_of(shape, ratio)).filter_map(|(x, y, tone, alpha)| {
                let (x, y) = (common(&x, &area.0), common(&y, &area.1));
                (!x.is_empty() && !y.is_empty()).then_some((x, y, tone, alpha))
            })
        };
        let around = |a: Span, b: &Span| a.start.min(b.start)..a.end.max(b.end);
        let reach = cells().fold(None, |reach: Option<(Span, Span)>, (x, y, ..)| match reach {
            Some((across, down)) => Some((around(across, &x), around(down, &y))),
            None => Some((x, y)),
        });
        let Some((across, down)) = reach else { return };
        let (w, h) = (across.len(), down.len());
        self.bytes.clear();
        self.bytes.resize(w * h * 4, 0);
        for (x, y, tone, alpha) in cells() {
            let [red, green, blue] = theme.bytes(tone);
            let strength = if tone == Tone::Ready { 140.0 } else { 235.0 };
            let colour = [red, green, blue, (strength * alpha) as u8];
            for y in y {
                let at = |x: i32| ((y - down.start) as usize * w + (x - across.start) as usize) * 4;
                self.bytes[at(x.start)..at(x.end)].chunks_exact_mut(4).for_each(|pixel| pixel.copy_from_slice(&colour));
            }
        }
        self.put(context, (across.start, down.start), (w, h));
    }

    fn put(&mut self, context: &CanvasRenderingContext2d, (x, y): (i32, i32), (w, h): (usize, usize)) {
        let (canvas, own) = self.canvas.get_or_insert_with(|| {
            let canvas = super::sheet();
            let own = super::context(&canvas);
            (canvas, own)
        });
        // As large as the picture at once: to grow costs a browser more than all that is drawn.
        if let Some(picture) = context.canvas() {
            let (most_w, most_h) = (picture.width().max(w as u32), picture.height().max(h as u32));
            if canvas.width() < most_w || canvas.height() < most_h {
                canvas.set_width(most_w);
                canvas.set_height(most_h);
            }
        }
        let bytes = wasm_bindgen::Clamped(&self.bytes[..]);
        let Ok(image) = web_sys::ImageData::new_with_u8_clamped_array_and_sh(bytes, w as u32, h as u32) else { return };
        let _ = own.put_image_data(&image, 0.0, 0.0);
        let (x, y, w, h) = (f64::from(x), f64::from(y), w as f64, h as f64);
        let _ = context.draw_image_with_html_canvas_element_and_sw_and_sh_and_dx_and_dy_and_dw_and_dh(
            canvas, 0.0, 0.0, w, h, x, y, w, h,
        );
    }
}
