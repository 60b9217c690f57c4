//! Many small Pods at once: dots that look alike go into one path, cells are written as pixels.

use super::theme::Theme;
use crate::scene::shape::{Dot, Mark, Tone};
use std::f64::consts::{PI, TAU};
use web_sys::CanvasRenderingContext2d;

/// Draws with the origin and scale of the context; `k` is that scale in pixels of the screen.
pub fn draw(context: &CanvasRenderingContext2d, theme: &Theme, dots: &[Dot], alpha: f64, k: f64) {
    let cells: Vec<&Dot> = dots.iter().filter(|dot| dot.mark == Mark::Cell).collect();
    if !cells.is_empty() {
        pixels(context, theme, &cells, k);
    }
    let mut rest = dots;
    while let Some(first) = rest.first() {
        let alike = rest.iter().take_while(|dot| (dot.mark, dot.tone) == (first.mark, first.tone)).count();
        let (run, tail) = rest.split_at(alike);
        if first.mark != Mark::Cell {
            run_of(context, theme, run, first, alpha);
        }
        rest = tail;
    }
    context.set_global_alpha(alpha);
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

/// Writes cells into a picture of their own and lays that over the canvas: one call for thousands.
fn pixels(context: &CanvasRenderingContext2d, theme: &Theme, cells: &[&Dot], k: f64) {
    let (mut left, mut top, mut right, mut bottom) = (f64::MAX, f64::MAX, f64::MIN, f64::MIN);
    for dot in cells {
        left = left.min(((dot.x - dot.r) as f64 * k).floor());
        top = top.min(((dot.y - dot.r) as f64 * k).floor());
        right = right.max(((dot.x + dot.r) as f64 * k).ceil());
        bottom = bottom.max(((dot.y + dot.r) as f64 * k).ceil());
    }
    let (w, h) = ((right - left) as usize, (bottom - top) as usize);
    if w == 0 || h == 0 || w * h > 1 << 26 {
        return;
    }
    let mut bytes = vec![0_u8; w * h * 4];
    for dot in cells {
        let [red, green, blue] = theme.bytes(dot.tone);
        let strength = if dot.tone == Tone::Ready { 140 } else { 235 };
        let span = |centre: f32, from: f64, most: usize| {
            let at = |edge: f32| (((centre + edge) as f64 * k - from).round().max(0.0) as usize).min(most);
            at(-dot.r)..at(dot.r)
        };
        let across = span(dot.x, left, w);
        for y in span(dot.y, top, h) {
            let row = &mut bytes[(y * w + across.start) * 4..(y * w + across.end) * 4];
            for pixel in row.chunks_exact_mut(4) {
                pixel.copy_from_slice(&[red, green, blue, strength]);
            }
        }
    }
    lay(context, &bytes, (w, h), (left / k, top / k), k);
}

fn lay(context: &CanvasRenderingContext2d, bytes: &[u8], (w, h): (usize, usize), (x, y): (f64, f64), k: f64) {
    let sheet = super::sheet();
    sheet.set_width(w as u32);
    sheet.set_height(h as u32);
    let own = super::context(&sheet);
    let clamped = wasm_bindgen::Clamped(bytes);
    if let Ok(image) = web_sys::ImageData::new_with_u8_clamped_array_and_sh(clamped, w as u32, h as u32) {
        let _ = own.put_image_data(&image, 0.0, 0.0);
        let (dw, dh) = (w as f64 / k, h as f64 / k);
        let _ = context.draw_image_with_html_canvas_element_and_dw_and_dh(&sheet, x, y, dw, dh);
    }
}
