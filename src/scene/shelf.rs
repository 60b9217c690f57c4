//! The storage shelf: a drum for each PersistentVolume, a dashed one for a claim that waits. A bound one stands directly
//! below its Pod if that place is free; the cable goes up to the Pods that mount it.

use super::frame::Frame;
use super::glyph::{brackets, kind, sign};
use super::hit::Key;
use super::measure::Face;
use super::model::{Model, State, Volume, VolumePhase};
use super::pen::Pen;
use super::pipe::rounded;
use super::shape::{Id, Layer, Rect, Tone};
use super::words::{Locale, Word};

const DRUM: f32 = 34.0;
const HIGH: f32 = 46.0;

/// Where each volume stands: index, and the area of drum and label.
pub type Drums = Vec<(usize, Rect)>;

/// The least distance between two drums, with and without room for a label.
const WIDE: f32 = DRUM + 70.0;
const TIGHT: f32 = DRUM + 12.0;

/// Gives volumes their places: a bound one directly below its Pod if that is free, the others where there is room, as
/// far apart as can be. `under` tells the x below which a volume's Pod stands.
pub fn place(model: &Model, frame: &Frame, under: &dyn Fn(&Volume) -> Option<f32>) -> Drums {
    let n = model.volumes.len();
    let (from, to) = (frame.shelf.x + 52.0, frame.shelf.right());
    if n == 0 || frame.shelf.h < 40.0 {
        return Drums::new();
    }
    let mut standing: Vec<(f32, usize)> = Vec::new();
    let free =
        |standing: &[(f32, usize)], x: f32, apart: f32| standing.iter().all(|(other, _)| (x - other).abs() >= apart);
    for (i, volume) in model.volumes.iter().enumerate() {
        if let Some(x) = under(volume).map(|x| (x - DRUM / 2.0).clamp(from, to - DRUM))
            && free(&standing, x, WIDE)
        {
            standing.push((x, i));
        }
    }
    let step = ((to - from) / n as f32).clamp(WIDE, 240.0);
    for i in 0..n {
        if standing.iter().any(|(_, other)| *other == i) {
            continue;
        }
        let place = [(step, WIDE), (8.0, WIDE), (8.0, TIGHT)].into_iter().find_map(|(step, apart)| {
            let places = (0..).map(|k| from + k as f32 * step).take_while(|x| x + DRUM <= to);
            places.into_iter().find(|x| free(&standing, *x, apart))
        });
        standing.extend(place.map(|x| (x, i)));
    }
    standing.sort_by(|a, b| a.0.total_cmp(&b.0));
    let ends = standing.iter().skip(1).map(|(x, _)| x - 8.0).chain([to]).collect::<Vec<_>>();
    standing
        .iter()
        .zip(ends)
        .map(|(&(x, i), end)| (i, Rect::new(x, frame.shelf.y, (end - x).clamp(DRUM, 232.0), HIGH)))
        .collect()
}

pub fn draw(pen: &mut Pen, model: &Model, frame: &Frame, drums: &Drums, selected: Option<&Key>, locale: Locale) {
    let shelf = frame.shelf;
    if shelf.h == 0.0 {
        return;
    }
    pen.layer = Layer::Band;
    if shelf.h < 40.0 && !model.volumes.is_empty() {
        return band(pen, model, shelf);
    }
    pen.object(Id::of("shelf", ""));
    pen.rect(shelf.x, shelf.bottom() - 5.0, shelf.w, 5.0, 2.5).fill(Tone::Line2);
    pen.label(shelf.x, shelf.y + 4.0, Word::Storage.say(locale), Face::ui(10.0, 500), Tone::Ink3);
    let mut taken = shelf.x + 52.0;
    for &(i, at) in drums {
        let label = Label::of(at, at.x - taken);
        taken = at.right();
        drum(pen, &model.volumes[i], at, label, locale);
        if Some(&model.volumes[i].key) == selected {
            pen.part(60);
            brackets(pen, at.x - 6.0, at.y - 6.0, at.w + 8.0, at.h + 10.0, 8.0);
        }
    }
    if drums.len() < model.volumes.len() {
        pen.object(Id::of("shelf", "more"));
        let more = format!("+{}", model.volumes.len() - drums.len());
        pen.label(shelf.x, shelf.y + 20.0, &more, Face::ui(10.0, 500), Tone::Ink3);
    }
}

/// Where a drum's label stands.
struct Label {
    x: f32,
    room: f32,
    /// It ends at `x`.
    before: bool,
}

impl Label {
    /// To the right of the drum; to the left where only there is room.
    fn of(drum: Rect, free: f32) -> Label {
        const LEAST: f32 = 90.0;
        let room = drum.w - DRUM - 9.0;
        match room < LEAST && free - 9.0 >= LEAST {
            true => Label { x: drum.x - 9.0, room: (free - 9.0).min(232.0), before: true },
            false => Label { x: drum.x + DRUM + 9.0, room, before: false },
        }
    }
}

fn drum(pen: &mut Pen, volume: &Volume, at: Rect, label: Label, locale: Locale) {
    let Rect { x, y, w, h } = at;
    let pending = volume.phase == VolumePhase::Pending;
    pen.object(volume.id);
    pen.hit(volume.key.clone(), x, y, w, h);
    let r = DRUM / 2.0;
    let wall = pen.path(x, y + 6.0, format!("M0 0 V{} a{r} 5.5 0 0 0 {DRUM} 0 V0", h - 12.0));
    wall.fill(if pending { Tone::Canvas } else { Tone::Raised }).line(Tone::Cable, 1.4);
    if pending {
        wall.dash(3.0, 3.0);
    } else {
        let (ri, wide, deep) = (r - 0.7, DRUM - 1.4, h * 0.5 - 6.0);
        pen.path(x + 0.7, y + h * 0.5, format!("M0 0 V{deep} a{ri} 5.5 0 0 0 {wide} 0 V0 a{r} 4.5 0 0 1 -{wide} 0"))
            .fill(Tone::Water2);
    }
    let head = pen.path(x, y + 6.0, format!("M0 0 a{r} 5.5 0 0 1 {DRUM} 0 a{r} 5.5 0 0 1 -{DRUM} 0 Z"));
    head.fill(Tone::Raised).line(Tone::Cable, 1.4);
    if pending {
        head.dash(3.0, 3.0);
    }
    pen.part(1);
    mark(pen, volume.phase, x + r, y + h - 11.0);
    let mut line = |part: u64, dy: f32, text: &str, face: Face, tone: Tone| {
        pen.part(part);
        if let Some(text) = face.fit(pen.measure, text, label.room) {
            let write = if label.before { Pen::label_end } else { Pen::label };
            write(pen, label.x, y + dy, &text, face, tone);
        }
    };
    match &volume.claim {
        Some(claim) => line(2, 11.0, claim, Face::mono(10.5, 600), Tone::Ink1),
        None => line(2, 11.0, Word::NoClaim.say(locale), Face::mono(10.5, 400), Tone::Ink3),
    }
    line(3, 25.0, volume.name.as_deref().unwrap_or(Word::NoVolume.say(locale)), Face::mono(9.5, 400), Tone::Ink2);
    let details = format!("{} {} {}", volume.size, volume.modes, volume.class);
    line(4, 39.0, details.trim(), Face::ui(9.5, 400), Tone::Ink3);
}

fn mark(pen: &mut Pen, phase: VolumePhase, x: f32, y: f32) {
    let state = match phase {
        VolumePhase::Bound => State::Ready,
        VolumePhase::Released => State::Terminating,
        VolumePhase::Failed => State::Crash,
        VolumePhase::Pending => State::Pending,
        VolumePhase::Available => {
            pen.disc(x, y, 5.5).fill(Tone::Raised).line(Tone::Finished, 1.4);
            return;
        }
    };
    sign(pen, state, x, y, 5.8);
}

/// On small and dense screens: a mark a volume.
fn band(pen: &mut Pen, model: &Model, at: Rect) {
    pen.object(Id::of("shelf", "band"));
    pen.hit(Key::part("volumes", ""), at.x, at.y, at.w, at.h);
    pen.rect(at.x, at.bottom() - 5.0, at.w, 5.0, 2.5).fill(Tone::Line2);
    kind(pen, "PersistentVolume", at.x + 10.0, at.y + 9.0, 0.8, Tone::Ink2);
    let title = model.volumes.len().to_string();
    const TITLE: Face = Face::ui(11.0, 600);
    pen.label(at.x + 21.0, at.y + 13.0, &title, TITLE, Tone::Ink1);
    let from = at.x + 21.0 + pen.width(&title, TITLE) + 14.0;
    let pitch = ((at.right() - from) / model.volumes.len() as f32).min(16.0);
    for (i, volume) in model.volumes.iter().enumerate() {
        pen.object(volume.id);
        pen.part(1);
        let (x, y) = (from + i as f32 * pitch, at.y + 9.0);
        pen.within(x, y, (pitch / 16.0).max(0.2), |pen| mark(pen, volume.phase, 0.0, 0.0));
        if pitch >= 8.0 {
            pen.hit(volume.key.clone(), x - pitch / 2.0, at.y, pitch, 20.0);
        }
    }
}

/// A cable from the lower edge of a Pod through the bottom of its tank to the drum.
pub fn cable(pen: &mut Pen, id: Id, pod: Rect, tank: Rect, drum: Rect, last_row: bool) {
    let window = pen.window;
    let (x, from) = (pod.x + pod.w / 2.0, pod.bottom() + 4.0);
    if from > window.bottom() + 60.0 || x < window.x || x > window.right() {
        return;
    }
    pen.object(id);
    let drum_x = drum.x + DRUM / 2.0;
    let aisle = (window.bottom() + 4.0).min(drum.y - 6.0);
    let mut points = vec![(x, from)];
    if !last_row {
        points.extend([(x, tank.bottom() + 5.0), (tank.x - 6.0, tank.bottom() + 5.0)]);
    }
    let down = points[points.len() - 1].0;
    pen.layer = Layer::Cable;
    let mut inner = points.clone();
    inner.push((down, window.bottom().max(from)));
    strand(pen, &inner);
    pen.rect(x - 6.0, from - 0.5, 12.0, 8.0, 2.5).fill(Tone::Cable);
    pen.disc(x, tank.bottom(), 5.0).fill(Tone::Raised).line(Tone::Cable, 1.6);
    pen.disc(x, tank.bottom(), 2.0).fill(Tone::Cable);
    pen.layer = Layer::Bridge;
    pen.part(1);
    let start = (down, window.bottom());
    if (drum_x - down).abs() < 1.0 {
        strand(pen, &[start, (down, drum.y + 6.0)]);
    } else {
        strand(pen, &[start, (down, aisle), (drum_x, aisle), (drum_x, drum.y + 6.0)]);
    }
}

fn strand(pen: &mut Pen, points: &[(f32, f32)]) {
    let path = rounded(points, 5.0);
    let (x, y) = points[0];
    pen.path(x, y, path.clone()).line(Tone::Canvas, 5.0);
    pen.path(x, y, path).line(Tone::Cable, 2.4);
}
