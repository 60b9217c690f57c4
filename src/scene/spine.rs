//! The control plane along the top: the API server with etcd, controllers, the scheduler with its queue. It lights
//! where it acts.

use super::frame::Frame;
use super::glyph::{brackets, kind, lamp_dot, sign};
use super::hit::Key;
use super::measure::Face;
use super::model::{Plane, QueuePlace, Queued, State};
use super::pen::Pen;
use super::shape::{Id, Layer, Rect, Tone};
use super::words::{self, Locale};

const TITLE: Face = Face::ui(11.5, 600);
const SMALL: Face = Face::ui(9.5, 400);
const CHIP: Face = Face::ui(10.0, 500);
const MONO: Face = Face::mono(10.0, 400);
const NAME: Face = Face::mono(10.0, 600);

pub fn draw(pen: &mut Pen, plane: &Plane, frame: &Frame, selected: Option<&Key>, locale: Locale) {
    pen.layer = Layer::Band;
    pen.object(Id::of("spine", ""));
    let at = frame.spine;
    pen.rect(at.x, at.y, at.w, at.h, 10.0).fill(Tone::Raised).line(Tone::Line2, 1.0);
    if frame.small {
        return folded_small(pen, plane, at, selected);
    }
    let (first, second) = (at.x + at.w * 0.2355, at.x + at.w * 0.6138);
    for x in [first, second] {
        pen.path(x, at.y + 10.0, format!("M0 0 V{}", at.h - 20.0)).line(Tone::Line1, 1.0);
    }
    let api = Rect { w: first - at.x, ..at };
    let controllers = Rect { x: first, w: second - first, ..at };
    let scheduler = Rect { x: second, w: at.right() - second, ..at };
    if frame.dense {
        folded_dense(pen, plane, [api, controllers, scheduler], locale);
    } else {
        api_server(pen, plane, api);
        controller_manager(pen, plane, controllers, locale);
        scheduler_queue(pen, plane, scheduler, selected);
    }
}

/// A title with its lamp; gives where the title ends.
fn title(pen: &mut Pen, part: &'static str, text: &str, lit: bool, at: Rect, y: f32) -> f32 {
    pen.object(Id::of(part, ""));
    pen.hit(Key::part(part, ""), at.x, at.y, at.w, at.h);
    lamp_dot(pen, at.x + 16.0, y, lit);
    pen.part(1);
    pen.label(at.x + 27.0, y + 4.0, text, TITLE, Tone::Ink1);
    at.x + 27.0 + pen.width(text, TITLE)
}

/// A note at the right of a title, if it fits.
fn note(pen: &mut Pen, text: &str, from: f32, right: f32, y: f32) {
    if let Some(text) = SMALL.fit(pen.measure, text, right - from - 10.0) {
        pen.label_end(right, y + 4.0, &text, SMALL, Tone::Ink3);
    }
}

fn api_server(pen: &mut Pen, plane: &Plane, at: Rect) {
    let end = title(pen, "apiserver", "API server", plane.api_lit, at, at.y + 18.0);
    note(pen, &plane.api_note, end, at.right() - 12.0, at.y + 18.0);
    pen.object(Id::of("etcd", ""));
    let (x, y, w) = (at.x + 12.0, at.y + 33.0, at.w - 24.0);
    pen.rect(x, y, w, 30.0, 6.0).fill(Tone::Sunken);
    kind(pen, "PersistentVolume", x + 14.0, y + 15.0, 0.72, Tone::Ink2);
    pen.part(1);
    pen.label(x + 26.0, y + 18.8, "etcd", Face::mono(10.5, 600), Tone::Ink1);
    pen.part(2);
    for text in [format!("revision {}", plane.revision), plane.revision.to_string()] {
        if pen.width(&text, MONO) <= w - 66.0 {
            pen.label_end(x + w - 8.0, y + 18.8, &text, MONO, Tone::Ink3);
            break;
        }
    }
}

fn controller_manager(pen: &mut Pen, plane: &Plane, at: Rect, locale: Locale) {
    let end = title(pen, "controllers", "Controllers", plane.controllers.iter().any(|c| c.lit), at, at.y + 18.0);
    let lit = plane.controllers.iter().filter(|c| c.lit).count();
    if lit > 0 {
        note(pen, &words::acting(lit, locale), end, at.right() - 12.0, at.y + 18.0);
    }
    let mut row = 0;
    let mut x = at.x + 12.0;
    let mut shown = 0;
    for controller in &plane.controllers {
        let w = pen.width(controller.name, CHIP) + 12.0;
        let left = plane.controllers.len() - shown;
        let room = at.right() - 12.0 - if row == 1 && left > 1 { 24.0 } else { 0.0 };
        if x + w > room {
            if row == 1 {
                break;
            }
            (row, x) = (1, at.x + 12.0);
        }
        chip(pen, controller.name, controller.lit, x, at.y + 30.0 + row as f32 * 20.0, w);
        x += w + 5.0;
        shown += 1;
    }
    if shown < plane.controllers.len() {
        pen.object(Id::of("controllers", "more"));
        let more = format!("+{}", plane.controllers.len() - shown);
        pen.label(x + 3.0, at.y + 42.0 + row as f32 * 20.0, &more, Face::ui(10.0, 400), Tone::Ink3);
    }
}

fn chip(pen: &mut Pen, name: &'static str, lit: bool, x: f32, y: f32, w: f32) {
    pen.object(Id::of("controller", name));
    pen.hit(Key::part("controller", name), x, y, w, 17.0);
    pen.rect(x, y, w, 17.0, 5.0).fill(if lit { Tone::Ink1 } else { Tone::Sunken });
    pen.label_middle(x + w / 2.0, y + 12.0, name, CHIP, if lit { Tone::InkInverse } else { Tone::Ink3 });
}

fn scheduler_queue(pen: &mut Pen, plane: &Plane, at: Rect, selected: Option<&Key>) {
    let end = title(pen, "scheduler", "Scheduler", plane.scheduler_lit, at, at.y + 18.0);
    note(pen, &plane.scheduler_note, end, at.right() - 12.0, at.y + 18.0);
    let count = |place: QueuePlace| plane.queue.iter().filter(|queued| queued.place == place).count();
    let y = at.y + 32.0;
    let mut x = at.x + 12.0;
    for (name, place) in [("active", QueuePlace::Active), ("back-off", QueuePlace::BackOff)] {
        let text = format!("{name} {}", count(place));
        let w = pen.width(&text, SMALL) + 14.0;
        pen.object(Id::of("queue", name));
        let bay = pen.rect(x, y, w, 32.0, 6.0);
        match count(place) {
            0 => bay.line(Tone::Line2, 1.0).dash(3.0, 3.0),
            _ => bay.fill(Tone::WaitingFill).line(Tone::Waiting, 1.0),
        };
        let tone = if count(place) == 0 { Tone::Ink3 } else { Tone::WaitingText };
        pen.label_middle(x + w / 2.0, y + 19.5, &text, SMALL, tone);
        x += w + 6.0;
    }
    cards(pen, plane, Rect::new(x + 2.0, y, at.right() - 10.0 - x - 2.0, 32.0), selected);
}

/// As many of those who wait as there is room for: the selected one first, then those that no node would take.
fn cards(pen: &mut Pen, plane: &Plane, at: Rect, selected: Option<&Key>) {
    let mut order: Vec<&Queued> = plane.queue.iter().collect();
    order.sort_by_key(|queued| (Some(&queued.key) != selected, std::cmp::Reverse(queued.place)));
    if order.is_empty() {
        pen.object(Id::of("queue", "unschedulable"));
        pen.rect(at.x, at.y, at.w, at.h, 6.0).line(Tone::Line2, 1.0).dash(3.0, 3.0);
        pen.label_middle(at.x + at.w / 2.0, at.y + 19.5, "unschedulable 0", SMALL, Tone::Ink3);
        return;
    }
    let more_w = if order.len() > 1 { 26.0 } else { 0.0 };
    let room = ((at.w - more_w + 6.0) / 116.0).floor().max(1.0) as usize;
    let shown = if order.len() <= ((at.w + 6.0) / 116.0).floor().max(1.0) as usize { order.len() } else { room };
    let tail = if shown < order.len() { more_w } else { 0.0 };
    let w = (at.w - tail - 6.0 * (shown as f32 - 1.0)) / shown as f32;
    for (i, queued) in order.iter().take(shown).enumerate() {
        card(pen, queued, Rect::new(at.x + i as f32 * (w + 6.0), at.y, w, at.h), Some(&queued.key) == selected);
    }
    if shown < order.len() {
        pen.object(Id::of("queue", "more"));
        let more = format!("+{}", order.len() - shown);
        pen.label_end(at.right(), at.y + 19.5, &more, CHIP, Tone::WaitingText);
    }
}

fn card(pen: &mut Pen, queued: &Queued, at: Rect, selected: bool) {
    pen.object(queued.id);
    pen.part(0);
    pen.hit(queued.key.clone(), at.x, at.y, at.w, at.h);
    pen.rect(at.x, at.y, at.w, at.h, 6.0).fill(Tone::WaitingFill).line(Tone::Waiting, 1.0);
    pen.part(2);
    sign(pen, State::Pending, at.x + 14.0, at.y + at.h / 2.0, 6.5);
    pen.part(4);
    if let Some(name) = NAME.fit(pen.measure, &queued.key.name, at.w - 34.0) {
        pen.label(at.x + 26.0, at.y + 13.5, &name, NAME, Tone::Ink1);
    }
    let place = match queued.place {
        QueuePlace::Active => "active",
        QueuePlace::BackOff => "back-off",
        QueuePlace::Unschedulable => "unschedulable",
        QueuePlace::Gated => "gated",
    };
    const WAITS: Face = Face::ui(9.0, 500);
    pen.part(5);
    let full = format!("{place} · {}", words::span(queued.waited_ms));
    let fits = |text: &str| pen.width(text, WAITS) <= at.w - 32.0;
    if let Some(text) = [&*full, place].into_iter().find(|text| fits(text)) {
        pen.label(at.x + 26.0, at.y + 26.0, text, WAITS, Tone::WaitingText);
    }
    if selected {
        pen.part(60);
        brackets(pen, at.x - 5.0, at.y - 5.0, at.w + 10.0, at.h + 10.0, 8.0);
    }
}

fn folded_dense(pen: &mut Pen, plane: &Plane, [api, controllers, scheduler]: [Rect; 3], locale: Locale) {
    let y = api.y + api.h / 2.0;
    let end = title(pen, "apiserver", "API server", plane.api_lit, api, y);
    pen.part(2);
    let revision = format!("revision {}", plane.revision);
    if pen.width(&revision, MONO) < api.right() - 14.0 - end - 8.0 {
        pen.label_end(api.right() - 14.0, y + 4.0, &revision, MONO, Tone::Ink3);
    }
    let mut x =
        title(pen, "controllers", "Controllers", plane.controllers.iter().any(|c| c.lit), controllers, y) + 12.0;
    for controller in plane.controllers.iter().filter(|controller| controller.lit) {
        let w = pen.width(controller.name, CHIP) + 11.0;
        if x + w > controllers.right() - 6.0 {
            break;
        }
        chip(pen, controller.name, true, x, y - 8.5, w);
        x += w + 5.0;
    }
    let mut x = title(pen, "scheduler", "Scheduler", plane.scheduler_lit, scheduler, y) + 10.0;
    if plane.queue.is_empty() {
        return;
    }
    let text = words::in_queue(plane.queue.len(), locale);
    if pen.width(&text, CHIP) < scheduler.right() - x - 20.0 {
        pen.label(x, y + 3.6, &text, CHIP, Tone::WaitingText);
        x += pen.width(&text, CHIP) + 14.0;
    }
    let room = ((scheduler.right() - 14.0 - x) / 7.7).max(0.0) as usize;
    for (i, queued) in plane.queue.iter().take(room).enumerate() {
        pen.object(queued.id);
        let mark = pen.disc(x + i as f32 * 7.7, y, 2.6).line(Tone::Waiting, 1.3);
        if queued.place == QueuePlace::Active {
            mark.fill(Tone::Waiting);
        }
    }
}

/// One line: three lamps, and who waits.
fn folded_small(pen: &mut Pen, plane: &Plane, at: Rect, selected: Option<&Key>) {
    const WORD: Face = Face::ui(12.0, 500);
    let y = at.y + at.h / 2.0;
    let mut x = at.x + 14.0;
    let lit = plane.controllers.iter().any(|controller| controller.lit);
    for (part, word, lit) in [
        ("apiserver", "API", plane.api_lit),
        ("controllers", "Controllers", lit),
        ("scheduler", "Scheduler", plane.scheduler_lit),
    ] {
        let w = pen.width(word, WORD) + 9.0;
        pen.object(Id::of(part, ""));
        pen.hit(Key::part(part, ""), x - 7.0, at.y, w + 10.0, at.h);
        lamp_dot(pen, x, y, lit);
        pen.part(1);
        pen.label(x + 9.0, y + 4.0, word, WORD, Tone::Ink1);
        x += w + 12.0;
    }
    let room = (at.right() - 8.0 - x).min(240.0);
    x = at.right() - 8.0 - room;
    let Some(queued) = plane
        .queue
        .iter()
        .find(|queued| Some(&queued.key) == selected)
        .or_else(|| plane.queue.last())
        .filter(|_| room >= 60.0)
    else {
        return;
    };
    pen.object(queued.id);
    pen.part(0);
    pen.hit(queued.key.clone(), x, at.y + 5.0, room, 28.0);
    pen.rect(x, at.y + 5.0, room, 28.0, 7.0).fill(Tone::WaitingFill).line(Tone::Waiting, 1.0);
    pen.part(2);
    sign(pen, State::Pending, x + 14.0, y, 6.0);
    pen.part(4);
    let more = if plane.queue.len() > 1 { format!("+{}", plane.queue.len() - 1) } else { String::new() };
    let more_w = if more.is_empty() { 0.0 } else { pen.width(&more, CHIP) + 6.0 };
    if let Some(name) = Face::mono(11.0, 600).fit(pen.measure, &queued.key.name, room - 34.0 - more_w) {
        pen.label(x + 26.0, y + 4.0, &name, Face::mono(11.0, 600), Tone::Ink1);
    }
    pen.label_end(x + room - 6.0, y + 4.0, &more, CHIP, Tone::WaitingText);
    if Some(&queued.key) == selected {
        pen.part(60);
        brackets(pen, x - 4.0, at.y + 1.0, room + 8.0, 36.0, 7.0);
    }
}
