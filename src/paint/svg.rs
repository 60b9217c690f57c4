//! A scene as SVG text. Colours stay tokens, so that one text serves both themes of the page it is put into.

use super::water;
use crate::scene::Scene;
use crate::scene::shape::{Anchor, Dot, Fill, Form, Layer, Mark, Rect, Shape, Text, Tone};
use std::collections::BTreeSet;
use std::fmt::Write;

/// Writes the whole picture. `label` is what a screen reader says of it.
pub fn document(scene: &Scene, label: &str) -> String {
    let (w, h) = (number(scene.width), number(scene.height));
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {w} {h}\" width=\"{w}\" height=\"{h}\" \
         role=\"graphics-document\" aria-label=\"{}\">\n{DEFINITIONS}\n",
        escape(label)
    );
    let Rect { x, y, w, h } = scene.window;
    let _ = writeln!(
        out,
        "<clipPath id=\"window\"><rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/></clipPath>",
        number(x),
        number(y),
        number(w),
        number(h)
    );
    let mut clipped = false;
    for shape in scene.shapes.iter().filter(|shape| shape.layer != Layer::Map) {
        if shape.layer.in_window() != clipped {
            clipped = !clipped;
            out += if clipped { "<g clip-path=\"url(#window)\">\n" } else { "</g>\n" };
        }
        write_shape(&mut out, shape);
    }
    out + if clipped { "</g>\n</svg>\n" } else { "</svg>\n" }
}

/// The names of the tokens that a document takes its colours and faces from.
fn tokens(document: &str) -> BTreeSet<&str> {
    let names = document.split("var(--").skip(1).filter_map(|rest| rest.split_once(')'));
    names.map(|(name, _)| name).chain(["canvas"]).collect()
}

/// A document that can stand alone, as a picture in another page: it holds the values of its tokens, in light and in dark.
/// `value` knows them by name, and whether it is to be the dark one.
pub fn alone(document: &str, value: &mut dyn FnMut(&str, bool) -> String) -> String {
    let mut values = |dark: bool| {
        let names = tokens(document);
        names.iter().map(|name| format!("--{name}:{};", value(name, dark))).collect::<String>()
    };
    let (light, dark) = (values(false), values(true));
    let (head, body) = document.split_once('\n').unwrap_or((document, ""));
    format!(
        "{head}\n<style>:root{{{light}background:var(--canvas)}}@media(prefers-color-scheme:dark){{:root{{{dark}}}}}</style>\n{body}"
    )
}

const DEFINITIONS: &str = "<defs>\
<linearGradient id=\"water\" x1=\"0\" y1=\"0\" x2=\"0\" y2=\"1\"><stop offset=\"0\" stop-color=\"var(--water-1)\"/>\
<stop offset=\"1\" stop-color=\"var(--water-2)\"/></linearGradient>\
<pattern id=\"hatch\" width=\"7\" height=\"7\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">\
<rect width=\"7\" height=\"7\" fill=\"var(--waiting-fill)\" opacity=\".55\"/>\
<rect width=\"1.6\" height=\"7\" fill=\"var(--waiting)\" opacity=\".38\"/></pattern>\
<pattern id=\"lid\" width=\"7\" height=\"7\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">\
<rect width=\"7\" height=\"7\" fill=\"var(--raised)\"/><rect width=\"2\" height=\"7\" fill=\"var(--ink-3)\" opacity=\".55\"/></pattern>\
<pattern id=\"tape\" width=\"12\" height=\"12\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(-45)\">\
<rect width=\"12\" height=\"12\" fill=\"var(--raised)\"/><rect width=\"6\" height=\"12\" fill=\"var(--waiting)\"/></pattern>\
</defs>";

/// At most two decimals, none where they are zero.
fn number(value: f32) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".into() } else { text.into() }
}

/// A text that can stand within an element or between double quotes.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn write_shape(out: &mut String, shape: &Shape) {
    match &shape.form {
        Form::Rect { w, h, r } => {
            let r = if *r > 0.0 { format!(" rx=\"{}\"", number(*r)) } else { String::new() };
            let size = format!("width=\"{}\" height=\"{}\"{r}", number(*w), number(*h));
            if shape.k == 1.0 {
                let _ = write!(out, "<rect x=\"{}\" y=\"{}\" {size}", number(shape.x), number(shape.y));
            } else {
                let _ = write!(out, "<rect {size}{}", transform(shape));
            }
        }
        Form::Disc { r } if shape.k == 1.0 => {
            let _ = write!(out, "<circle cx=\"{}\" cy=\"{}\" r=\"{}\"", number(shape.x), number(shape.y), number(*r));
        }
        Form::Disc { r } => {
            let _ = write!(out, "<circle r=\"{}\"{}", number(*r), transform(shape));
        }
        Form::Path(data) => {
            let _ = write!(out, "<path d=\"{data}\"{}", transform(shape));
        }
        Form::Water { w, h, r } => {
            let _ = write!(out, "<path d=\"{}\"{}", water::path(*w, *h, *r), transform(shape));
        }
        Form::Text(text) => return write_text(out, shape, text),
        Form::Dots(dots) => return write_dots(out, shape, dots),
    }
    *out += &paint(shape);
    *out += "/>\n";
}

fn transform(shape: &Shape) -> String {
    let scale = if shape.k == 1.0 { String::new() } else { format!(" scale({})", number(shape.k)) };
    format!(" transform=\"translate({} {}){scale}\"", number(shape.x), number(shape.y))
}

fn paint(shape: &Shape) -> String {
    let mut out = match shape.fill {
        Fill::None => " fill=\"none\"".into(),
        Fill::Tone(tone) => format!(" fill=\"{}\"", colour(tone)),
        Fill::Water => " fill=\"url(#water)\"".into(),
        Fill::Hatch => " fill=\"url(#hatch)\"".into(),
        Fill::Lid => " fill=\"url(#lid)\"".into(),
        Fill::Tape => " fill=\"url(#tape)\"".into(),
    };
    if let Some(line) = shape.line {
        let _ = write!(out, " stroke=\"{}\" stroke-width=\"{}\"", colour(line.tone), number(line.width));
        if matches!(shape.form, Form::Path(_)) {
            out += " stroke-linecap=\"round\" stroke-linejoin=\"round\"";
        }
        if let Some((on, off)) = line.dash {
            let _ = write!(out, " stroke-dasharray=\"{} {}\"", number(on), number(off));
        }
        if line.alpha != 1.0 {
            let _ = write!(out, " stroke-opacity=\"{}\"", number(line.alpha));
        }
    }
    if shape.alpha != 1.0 {
        let _ = write!(out, " opacity=\"{}\"", number(shape.alpha));
    }
    out
}

fn colour(tone: Tone) -> String {
    format!("var(--{})", tone.token())
}

fn write_text(out: &mut String, shape: &Shape, text: &Text) {
    let anchor = match text.anchor {
        Anchor::Start => "",
        Anchor::Middle => " text-anchor=\"middle\"",
        Anchor::End => " text-anchor=\"end\"",
    };
    let family = if text.mono { "var(--font-mono)" } else { "var(--font-ui)" };
    let weight = if text.weight == 400 { String::new() } else { format!(" font-weight=\"{}\"", text.weight) };
    let _ = writeln!(
        out,
        "<text x=\"{}\" y=\"{}\" font-family=\"{family}\" font-size=\"{}\"{weight}{anchor}{}>{}</text>",
        number(shape.x),
        number(shape.y),
        number(text.size * shape.k),
        paint(shape),
        escape(&text.text)
    );
}

/// One path for all dots that are drawn alike.
fn write_dots(out: &mut String, shape: &Shape, dots: &[Dot]) {
    let _ = writeln!(out, "<g{}>", transform(shape));
    let mut rest = dots;
    while let Some(first) = rest.first() {
        let alike = rest.iter().take_while(|dot| (dot.mark, dot.tone) == (first.mark, first.tone)).count();
        let (run, tail) = rest.split_at(alike);
        let data: String = run.iter().map(outline).collect();
        let _ = writeln!(out, "<path d=\"{data}\"{}/>", dot_paint(first));
        if first.mark == Mark::Half {
            let half: String = run.iter().map(half).collect();
            let _ = writeln!(out, "<path d=\"{half}\" fill=\"{}\"/>", colour(first.tone));
        }
        rest = tail;
    }
    *out += "</g>\n";
}

fn dot_paint(dot: &Dot) -> String {
    let colour = colour(dot.tone);
    match dot.mark {
        Mark::Disc => format!(" fill=\"{colour}\" opacity=\".78\""),
        Mark::Cell if dot.tone == Tone::Ready => format!(" fill=\"{colour}\" opacity=\".55\""),
        Mark::Cell | Mark::Square | Mark::Diamond => format!(" fill=\"{colour}\""),
        Mark::Hollow => format!(" fill=\"var(--tank)\" stroke=\"{colour}\" stroke-width=\"1.5\""),
        Mark::Half => format!(" fill=\"var(--tank)\" stroke=\"{colour}\" stroke-width=\"1.4\""),
        Mark::Dashed => {
            format!(" fill=\"var(--tank)\" stroke=\"{colour}\" stroke-width=\"1.3\" stroke-dasharray=\"1.5 1.5\"")
        }
    }
}

fn outline(dot: &Dot) -> String {
    let n = number;
    let Dot { x, y, r, .. } = *dot;
    match dot.mark {
        Mark::Cell => format!("M{} {}h{s}v{s}h-{s}Z", n(x - r), n(y - r), s = n(2.0 * r)),
        Mark::Square => format!("M{} {}h{s}v{s}h-{s}Z", n(x - r * 0.85), n(y - r * 0.85), s = n(1.7 * r)),
        Mark::Diamond => {
            let k = r * 1.3;
            format!("M{} {}L{} {}L{} {}L{} {}Z", n(x), n(y - k), n(x + k), n(y), n(x), n(y + k), n(x - k), n(y))
        }
        mark => {
            let r = if mark == Mark::Disc { r } else { (r - 0.6).max(0.6) };
            format!("M{} {}a{r} {r} 0 1 0 {d} 0a{r} {r} 0 1 0 -{d} 0", n(x - r), n(y), r = n(r), d = n(2.0 * r))
        }
    }
}

fn half(dot: &Dot) -> String {
    let (r, n) = (dot.r, number);
    format!("M{} {}a{r} {r} 0 0 0 {} 0Z", n(dot.x - r), n(dot.y), n(2.0 * r), r = n(r))
}
