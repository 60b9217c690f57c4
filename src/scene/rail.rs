//! A Service: a rail with its stable address. What feeds it from outside is the arrow at its left.

use super::Options;
use super::frame::{Frame, RAILS_MOST};
use super::glyph::{brackets, kind, sign};
use super::handle;
use super::hit::Key;
use super::measure::Face;
use super::model::{Model, Service, State};
use super::pen::Pen;
use super::shape::{Id, Layer, Rect, Tone};
use super::words::{self, Locale};

/// Which Services have a rail of their own, in order; whether the others are folded into a band above them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rails {
    pub own: Vec<usize>,
    pub folded: bool,
}

impl Rails {
    /// Up to five have a rail each; of more, the selected and the broken ones come out of the band.
    pub fn of(model: &Model, dense: bool, selected: Option<&Key>) -> Rails {
        let all = model.services.len();
        if all <= RAILS_MOST && !(dense && all > 0) {
            return Rails { own: (0..all).collect(), folded: false };
        }
        let is_selected = |n: usize| Some(&model.services[n].key) == selected;
        let mut own: Vec<usize> = (0..all).filter(|&n| is_selected(n)).collect();
        if !dense {
            let broken = |service: &Service| service.ready == 0 && !service.external && service.total > 0;
            own.extend((0..all).filter(|&n| broken(&model.services[n]) && !is_selected(n)).take(3 - own.len()));
            own.sort_unstable();
        }
        Rails { own, folded: true }
    }

    /// How many rows the rails take.
    pub fn rows(&self) -> usize {
        self.own.len() + usize::from(self.folded)
    }

    /// The row of a Service that has its own.
    pub fn row(&self, service: usize) -> Option<usize> {
        self.own.iter().position(|&own| own == service).map(|row| row + usize::from(self.folded))
    }
}

const NAME: Face = Face::mono(11.5, 600);
const ADDRESS: Face = Face::mono(10.0, 400);
const ENTRY: Face = Face::mono(10.0, 500);
const READY: Face = Face::ui(10.0, 500);
const NOTE: Face = Face::ui(10.0, 400);

pub fn draw_all(pen: &mut Pen, model: &Model, frame: &Frame, rails: &Rails, options: Options) {
    let Options { selected, locale, .. } = options;
    pen.layer = Layer::Band;
    if rails.folded {
        band(pen, model, frame.rail_at(0), locale);
    }
    for &n in &rails.own {
        let service = &model.services[n];
        let at = frame.rail_at(rails.row(n).expect("it has a row"));
        pen.object(service.id);
        pen.hit(service.key.clone(), at.x, at.y, at.w, at.h);
        let end = draw(pen, service, at, options);
        if Some(&service.key) == selected {
            pen.part(60);
            brackets(pen, at.x - 4.0, at.y - 4.0, at.w + 8.0, at.h + 8.0, 8.0);
            if options.handles {
                handle::of_service(pen, service, at, end);
            }
        }
    }
}

/// Where the requests run, from the upper edge of a rail.
pub fn lane(h: f32) -> f32 {
    h - 4.3
}

/// Gives where its left part ends.
fn draw(pen: &mut Pen, service: &Service, at: Rect, options: Options) -> f32 {
    let Rect { x, y, w, h } = at;
    let open = service.headless || service.external;
    let tube = pen.rect(x, y, w, h, h / 2.0).fill(if open { Tone::Canvas } else { Tone::Raised });
    tube.line(Tone::Line3, 1.2);
    match (service.external, service.headless) {
        (true, _) => drop(tube.dash(1.5, 3.5)),
        (_, true) => drop(tube.dash(5.0, 3.5)),
        _ => drop(pen.rect(x + 5.0, y + h - 5.5, w - 10.0, 2.4, 1.2).fill(Tone::FlowSoft)),
    }
    pen.part(1);
    let ready_w = ready(pen, service, at, options.locale);
    let mut end = x + w - ready_w - 20.0;
    if options.reduced && service.rate > 0 {
        let count = format!("{} / s", service.rate);
        pen.label_end(end - 8.0, y + h / 2.0 + 3.5, &count, READY, Tone::FlowText);
        end -= pen.width(&count, READY) + 18.0;
    }
    pen.part(2);
    let mut cx = x + 15.0;
    if let Some(entry) = &service.entry {
        let room = ((end - x) * 0.5 - 24.0).max(0.0);
        if let Some(text) = ENTRY.fit(pen.measure, &entry.text, room) {
            cx = x + arrow(pen, entry.kind, &text, at) + 26.0;
        }
    }
    pen.part(3);
    let mark = if service.external { "ExternalName" } else { "Service" };
    kind(pen, mark, cx, y + h / 2.0 - 0.3, 0.74, Tone::Ink2);
    cx += 11.0;
    let base = y + h / 2.0 + 2.8;
    for (text, face, tone) in [
        (&*service.key.name, NAME, Tone::Ink1),
        (&*service.address, ADDRESS, Tone::Ink3),
        (&*service.note, NOTE, Tone::Ink3),
    ] {
        // An address or a note is whole or left out.
        let whole = pen.width(text, face) <= end - cx;
        let Some(text) = face.fit(pen.measure, text, end - cx).filter(|_| whole || face.weight == NAME.weight) else {
            continue;
        };
        pen.label(cx, base, &text, face, tone);
        cx += pen.width(&text, face) + 8.0;
    }
    end
}

/// The arrow that leads in; gives its width.
fn arrow(pen: &mut Pen, entry: &'static str, text: &str, Rect { x, y, h, .. }: Rect) -> f32 {
    let w = 24.0 + pen.width(text, ENTRY);
    let (half, to) = (h / 2.0, w + 4.0);
    let path = format!("M{half} 0 H{to:.1} l8 {half} l-8 {half} H{half} a{half} {half} 0 0 1 0 -{h} Z");
    pen.path(x, y, path).fill(Tone::FlowSoft).line(Tone::Line3, 1.2);
    kind(pen, entry, x + 15.0, y + half, 0.78, Tone::FlowText);
    pen.label(x + 25.0, y + half + 3.5, text, ENTRY, Tone::FlowText);
    w
}

/// "3 of 5 ready" at the right; gives its width.
fn ready(pen: &mut Pen, service: &Service, Rect { x, y, w, h }: Rect, locale: Locale) -> f32 {
    if service.external {
        pen.label_end(x + w - 12.0, y + h / 2.0 + 3.5, "ExternalName", READY, Tone::Ink2);
        return pen.width("ExternalName", READY);
    }
    let text = words::ready_of(service.ready, service.total, locale);
    let text_w = pen.width(&text, READY);
    let state = if service.ready == 0 { State::NotReady } else { State::Ready };
    sign(pen, state, x + w - text_w - 22.0, y + h / 2.0, 5.2);
    pen.label_end(x + w - 12.0, y + h / 2.0 + 3.5, &text, READY, Tone::Ink2);
    text_w + 16.0
}

/// Many Services in one band: a tick each.
fn band(pen: &mut Pen, model: &Model, Rect { x, y, w, h }: Rect, locale: Locale) {
    pen.object(Id::of("band", "services"));
    pen.hit(Key::part("services", ""), x, y, w, h);
    pen.rect(x, y, w, h, h / 2.0).fill(Tone::Raised).line(Tone::Line3, 1.2);
    pen.rect(x + 8.0, y + h - 6.0, w - 16.0, 2.4, 1.2).fill(Tone::FlowSoft);
    kind(pen, "Service", x + 18.0, y + h / 2.0 - 0.5, 0.85, Tone::Ink2);
    let title = format!("{} Services", model.services.len());
    const TITLE: Face = Face::ui(12.0, 600);
    pen.label(x + 31.0, y + h / 2.0 + 4.0, &title, TITLE, Tone::Ink1);
    let mut from = x + 31.0 + pen.width(&title, TITLE) + 12.0;
    let rate: u32 = model.services.iter().map(|service| service.rate).sum();
    if rate > 0 {
        let text = match locale {
            Locale::English => format!("{rate} requests / s"),
            Locale::Korean => format!("초당 요청 {rate}"),
        };
        pen.label(from, y + h / 2.0 + 4.0, &text, Face::ui(11.0, 400), Tone::Ink3);
        from += pen.width(&text, Face::ui(11.0, 400)) + 14.0;
    }
    let room = x + w - 18.0 - from;
    let pitch = (room / model.services.len() as f32).min(13.6);
    for (n, service) in model.services.iter().enumerate() {
        let tick_x = from + n as f32 * pitch;
        pen.object(service.id);
        let side = (pitch * 0.6).min(8.0);
        let middle = y + h / 2.0 - 2.0;
        if service.ready == 0 && service.total > 0 {
            sign(pen, State::NotReady, tick_x + side / 2.0, middle, side * 0.58);
        } else {
            let tone = if service.ready < service.total { Tone::Waiting } else { Tone::Pipe };
            pen.rect(tick_x, middle - side / 2.0, side, side, side * 0.3).fill(tone);
        }
        if pitch >= 8.0 {
            pen.hit(service.key.clone(), tick_x, y + 3.0, pitch, h - 6.0);
        }
    }
}
