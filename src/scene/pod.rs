//! A Pod, at each level of detail. The body says which revision; the ring and the sign say how it is.

use super::glyph::{brackets, dot_mark, history, lamp, sign, volume};
use super::measure::Face;
use super::model::{Container, Inside, Pod, State};
use super::pen::Pen;
use super::shape::{Dot, Hue, Mark, Rect, Tone};

const NAME: Face = Face::mono(9.5, 600);
const SUFFIX: Face = Face::mono(8.8, 400);
const NUMBER: Face = Face::mono(8.5, 600);
const LABEL: Face = Face::mono(9.0, 400);
const NOTE: Face = Face::mono(8.8, 500);

/// Level 1, a Pod with what is in it; at most 30 high it is level 2, the Pod alone. Drawn from the origin.
pub fn draw(pen: &mut Pen, pod: &Pod, w: f32, h: f32) {
    body(pen, pod, w, h);
    pen.part(1);
    ring(pen, pod, w, h);
    header(pen, pod, w, h);
    if h > 30.0 {
        let end = containers(pen, pod, w, h);
        foot(pen, pod, w, h, end);
    }
}

fn body(pen: &mut Pen, pod: &Pod, w: f32, h: f32) {
    let (wash, line) = match pod.hue {
        Some(n) => (Hue::revision(n).wash, Hue::revision(n).line),
        None => (Tone::Raised, Tone::Line2),
    };
    let strength = match pod.state {
        State::Terminating => 0.75,
        State::Finished => 0.9,
        _ => 1.0,
    };
    if strength < 1.0 {
        pen.part(61);
        pen.rect(0.0, 0.0, w, h, 9.0).fill(Tone::Canvas);
    }
    pen.part(0);
    pen.rect(0.0, 0.0, w, h, 9.0).fill(wash).line(line, 1.0).line_alpha(0.75).alpha(strength);
}

/// Readiness; dashed while not ready; a dial while something runs out.
fn ring(pen: &mut Pen, pod: &Pod, w: f32, h: f32) {
    let (w, h) = (w + 7.0, h + 7.0);
    let r = 12.0_f32.min(h / 2.0);
    let path = format!(
        "M{} 0 H{} a{r} {r} 0 0 1 {r} {r} V{} a{r} {r} 0 0 1 -{r} {r} H{r} a{r} {r} 0 0 1 -{r} -{r} V{r} a{r} {r} 0 0 1 {r} -{r} Z",
        w / 2.0,
        w - r,
        h - r
    );
    let tone = pod.state.tone();
    if let Some(left) = pod.dial {
        let around = 2.0 * (w + h) - 8.0 * r + std::f32::consts::TAU * r;
        pen.path(-3.5, -3.5, path.clone()).line(pod.state.fill(), 2.6);
        if left > 0.0 {
            pen.path(-3.5, -3.5, path).line(tone, 2.6).dash(around * left.min(1.0), around);
        }
        return;
    }
    let ring = pen.path(-3.5, -3.5, path);
    match pod.state {
        State::Ready => ring.line(tone, 2.0),
        State::Finished | State::Failed => ring.line(tone, 1.2),
        State::NotReady => ring.line(tone, 2.0).dash(6.0, 4.0),
        State::Unknown => ring.line(tone, 1.4).dash(1.5, 4.0),
        _ => ring.line(tone, 1.8).dash(3.0, 4.0),
    };
}

fn header(pen: &mut Pen, pod: &Pod, w: f32, h: f32) {
    let y = if h <= 30.0 { h / 2.0 } else { 11.5 };
    pen.part(2);
    sign(pen, pod.state, w - 10.5, y, 6.2);
    let mut room = w - 30.0;
    if let (Some(number), true) = (pod.revision, w >= 64.0) {
        pen.part(3);
        room -= tab(pen, number, pod.hue.unwrap_or(0), w - 20.0, y) + 3.0;
    }
    pen.part(4);
    let Some(name) = NAME.fit(pen.measure, &pod.stem, room) else { return };
    pen.label(7.0, y + 3.3, &name, NAME, Tone::Ink1);
    let used = pen.width(&name, NAME) + 3.5;
    if !pod.suffix.is_empty() && pen.width(&pod.suffix, SUFFIX) <= room - used + 2.0 {
        pen.label(7.0 + used, y + 3.3, &pod.suffix, SUFFIX, Tone::Ink3);
    }
}

/// The revision's number, right-aligned at `x`; two notches once the hues have come round. Gives its width.
fn tab(pen: &mut Pen, number: u64, hue: u16, x: f32, y: f32) -> f32 {
    let text = number.to_string();
    let w = 5.6 * text.len() as f32 + 8.0;
    pen.rect(x - w, y - 6.5, w, 13.0, 3.0).fill(Hue::revision(hue).text);
    if hue >= 6 {
        pen.path(x - w, y - 6.5, "M2.5 0 v2.4 M5 0 v2.4").line(Tone::OnState, 1.0);
    }
    pen.label_middle(x - w / 2.0, y + 3.1, &text, NUMBER, Tone::OnState);
    w
}

/// Draws as many containers as there is room for; gives the y where they end.
fn containers(pen: &mut Pen, pod: &Pod, w: f32, h: f32) -> f32 {
    let mut y = 23.0;
    let room = ((h - 23.0 - 12.0) / 19.5).floor().max(0.0) as usize;
    let shown = if pod.containers.len() > room { room.saturating_sub(1) } else { pod.containers.len() };
    for (i, container) in pod.containers.iter().take(shown).enumerate() {
        container_row(pen, container, 100 + 8 * i as u64, w, y);
        y += 19.5;
    }
    if shown < pod.containers.len() {
        pen.part(6);
        pen.label(9.5, y + 9.0, &format!("+{}", pod.containers.len() - shown), LABEL, Tone::Ink3);
        y += 12.0;
    }
    y
}

/// `part` and the seven after it name what is drawn: a label stays the same shape when a lamp beside it changes.
fn container_row(pen: &mut Pen, container: &Container, part: u64, w: f32, y: f32) {
    pen.part(part);
    let wall = pen.rect(5.0, y, w - 10.0, 17.0, 4.0).fill(Tone::Raised).line(Tone::Line2, 1.0);
    if container.sidecar {
        wall.dash(2.5, 2.0);
    }
    pen.part(part + 1);
    match container.inside {
        Inside::Running => pen.rect(9.5, y + 5.5, 6.0, 6.0, 1.6).fill(Tone::Ready),
        Inside::Unready => pen.rect(9.5, y + 5.5, 6.0, 6.0, 1.6).fill(Tone::Waiting),
        Inside::Hung => pen.path(11.0, y + 5.5, "M0 0 v6 M3.6 0 v6").line(Tone::Waiting, 1.8),
        Inside::Waiting => pen.rect(10.0, y + 6.0, 5.0, 5.0, 1.4).line(Tone::Waiting, 1.3),
        Inside::Crashed => pen.path(10.0, y + 6.0, "M0 0 l5 5 m0 -5 l-5 5").line(Tone::Broken, 1.5),
        Inside::Done => pen.path(9.6, y + 8.8, "M0 0 l2 2 l3.8 -4.4").line(Tone::Finished, 1.5),
        Inside::Stopping => {
            pen.path(10.0, y + 9.0, "M0 0 h5 v2.4 h-5 Z").fill(Tone::Terminating).line(Tone::Terminating, 1.0)
        }
    };
    let mut x = w - 11.0;
    let lamps = [("readiness", container.readiness), ("liveness", container.liveness), ("startup", container.startup)];
    for (i, (probe, shown)) in lamps.into_iter().enumerate() {
        pen.part(part + 2 + i as u64);
        if let Some(shown) = shown {
            lamp(pen, probe, shown, x, y + 8.5, 0.95);
            x -= 10.0;
        }
    }
    if let Some(label) = LABEL.fit_image(pen.measure, &container.label, x - 14.0) {
        pen.part(part + 5);
        pen.label(19.0, y + 11.7, &label, LABEL, Tone::Ink2);
    }
}

/// Restarts, volumes, probe results, the countdown. Marks yield to a countdown.
fn foot(pen: &mut Pen, pod: &Pod, w: f32, h: f32, containers_end: f32) {
    pen.part(5);
    let mut end = w - 6.0;
    if let Some(note) = &pod.note
        && let Some(text) = NOTE.fit(pen.measure, &note.text, w - 14.0)
    {
        pen.label_end(w - 6.0, h - 5.3, &text, NOTE, note.tone);
        end -= pen.width(&text, NOTE) + 8.0;
    }
    let results =
        pod.containers.iter().find(|container| !container.history.is_empty() && container.readiness.is_some());
    if let (None, Some(container)) = (&pod.note, results) {
        let last = &container.history[container.history.len().saturating_sub(6)..];
        end -= last.len() as f32 * 3.2 + 6.0;
        history(pen, last, end + 4.0, h - 12.5);
    }
    let mut x = 12.0;
    for &mark in &pod.volumes {
        if x + 6.0 <= end {
            volume(pen, mark, x, h - 8.5, 0.82);
            x += 14.0;
        }
    }
    if pod.restarts > 0 && containers_end + 12.0 <= h - 13.0 {
        pen.part(7);
        pen.label(7.0, containers_end + 9.0, &format!("restarts {}", pod.restarts), LABEL, Tone::Ink2);
    }
}

pub fn select(pen: &mut Pen, w: f32, h: f32) {
    pen.part(60);
    brackets(pen, -8.0, -8.0, w + 16.0, h + 16.0, 8.0);
}

/// Level 3, and level 4 when `shade`: the Pod as one dot. Broken and waiting ones never get smaller than 3 px.
pub fn dot(pod: &Pod, at: Rect, shade: bool, tone: Tone) -> Dot {
    let (x, y) = at.centre();
    let mark = dot_mark(pod.state);
    let least = if matches!(mark, Mark::Diamond | Mark::Hollow) { 1.5 } else { 0.0 };
    let r = (at.w * if shade { 0.5 } else { 0.424 }).max(least);
    Dot { x, y, r, mark: if shade { Mark::Cell } else { mark }, tone }
}
