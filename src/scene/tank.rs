//! A node: an open glass tank. Water is what its Pods have asked for, of the scarcer resource. What covers the rim
//! decides who may come in; what happens to the glass is the machine.

use super::glyph::{sign, volume};
use super::measure::Face;
use super::model::{Glass, Node, Pod, Pressure, State, Verdict, VolumeMark};
use super::pen::Pen;
use super::shape::{Fill, Layer, Rect, Tone};

/// A tank's inner measures, in its own pixels.
#[derive(Clone, Copy, Debug)]
pub struct Body {
    pub w: f32,
    pub h: f32,
    /// The height of the disk at the bottom.
    pub disk: f32,
    /// The radius of the lower corners.
    pub r: f32,
    /// Whether it has sticks and numbers.
    pub furnished: bool,
}

impl Body {
    fn floor(self) -> f32 {
        self.h - self.disk
    }

    /// The height of the surface at so large a share.
    fn level(self, share: f32) -> f32 {
        self.floor() - share.clamp(0.0, 1.0) * self.floor()
    }

    /// The outline of glass, open at the top.
    fn outline(self) -> String {
        let Body { w, h, r, .. } = self;
        format!("M0 0 V{} a{r} {r} 0 0 0 {r} {r} H{} a{r} {r} 0 0 0 {r} -{r} V0", h - r, w - r)
    }
}

const LABEL: Face = Face::ui(9.5, 400);
const NUMBER: Face = Face::ui(9.5, 500);

/// Glass, water, disk, sticks, and what lies over the rim; from the origin at the left end of the rim.
pub fn draw(pen: &mut Pen, node: &Node, body: Body) {
    let off = node.glass == Glass::Off;
    pen.layer = Layer::Tank;
    pen.part(0);
    let glass = pen.path(0.0, 0.0, body.outline() + " Z");
    glass.fill(if off { Tone::Sunken } else { Tone::Tank });
    let share = node.cpu.max(node.memory);
    if !off {
        pen.part(1);
        water(pen, body, share);
        if let Some(ghost) = node.verdict.as_ref().and_then(|verdict| verdict.ghost) {
            pen.part(2);
            spill(pen, body, share, (node.cpu + ghost.0).max(node.memory + ghost.1));
        }
    }
    if body.disk > 0.0 {
        pen.part(3);
        disk(pen, body);
    }
    if body.furnished && !off {
        pen.part(4);
        sticks(pen, node, body);
    }
    pen.part(5);
    walls(pen, node, body);
    pen.part(6);
    if off {
        power(pen, body);
    }
    covers(pen, node, body);
}

fn water(pen: &mut Pen, body: Body, share: f32) {
    if share <= 0.0 {
        return;
    }
    let level = body.level(share);
    pen.water(0.0, level, body.w, body.h - level, body.r);
    let swell = if body.w > 120.0 { 2.6 } else { 1.6 };
    let (half, whole) = (body.w / 12.0, body.w / 6.0);
    let wave: String =
        (0..6).map(|i| format!("q{half:.2} {} {whole:.2} 0 ", if i % 2 == 0 { swell } else { -swell })).collect();
    pen.path(0.0, level, format!("M0 0 {}", wave.trim_end())).line(Tone::WaterLine, 1.2);
}

/// What the selected Pod would add; what would not fit runs over the rim.
fn spill(pen: &mut Pen, body: Body, share: f32, with: f32) {
    let (level, ghost) = (body.level(share).min(body.h - body.r), body.level(with));
    if ghost >= level {
        return;
    }
    pen.rect(0.0, ghost, body.w, level - ghost, 0.0).pattern(Fill::Hatch);
    pen.path(0.0, ghost + 1.0, format!("M0 0 H{}", body.w)).line(Tone::Waiting, 1.6).dash(5.0, 4.0);
    if with > 1.0 {
        let drop = "M0 -1.9 q1.15 1.5 .9 2.2 a.95 .95 0 1 1 -1.8 0 q-.25 -.7 .9 -2.2 Z";
        for (x, y, r) in [(-3.0, 9.0, 2.3), (body.w + 3.0, 13.0, 2.3), (body.w + 4.5, 23.0, 1.6)] {
            pen.glyph(x, y, r, drop).fill(Tone::Waiting);
        }
    }
}

fn disk(pen: &mut Pen, body: Body) {
    let Body { w, disk, r, .. } = body;
    // A disk lower than the corner is round keeps within it.
    let inset = if disk < r { r - (r * r - (r - disk) * (r - disk)).sqrt() } else { 0.0 };
    let side = (disk - r).max(0.0);
    let path = format!(
        "M{inset:.2} 0 H{:.2} V{side:.2} A{r} {r} 0 0 1 {:.2} {disk} H{r} A{r} {r} 0 0 1 {inset:.2} {side:.2} Z",
        w - inset,
        w - r
    );
    pen.path(0.0, body.floor(), path).fill(Tone::Sunken);
    pen.path(0.0, body.floor(), format!("M{inset:.2} 0 H{:.2}", w - inset)).line(Tone::Line2, 1.0);
}

fn sticks(pen: &mut Pen, node: &Node, body: Body) {
    let top = 16.0_f32.min(body.floor() * 0.16);
    let high = (body.floor() - top - 8.0).max(4.0);
    for (i, share) in [node.cpu, node.memory].into_iter().enumerate() {
        let x = 5.0 + i as f32 * 6.0;
        let share = share.clamp(0.0, 1.0);
        pen.rect(x, top, 3.6, high, 1.8).fill(Tone::PipeWall);
        pen.rect(x, top + high * (1.0 - share), 3.6, high * share, 1.8).fill(Tone::Ink3);
        if let Some(ghost) = node.verdict.as_ref().and_then(|verdict| verdict.ghost) {
            let ghost = if i == 0 { ghost.0 } else { ghost.1 };
            let more = (high * (1.0 - share)).min(high * ghost);
            pen.rect(x, top + high * (1.0 - share) - more, 3.6, more, 1.8).fill(Tone::Waiting);
        }
    }
}

fn walls(pen: &mut Pen, node: &Node, body: Body) {
    let (tone, width) = match node.glass {
        Glass::Ready => (Tone::Line3, 1.5),
        Glass::Off => (Tone::Line2, 1.5),
        Glass::NotReady => (Tone::Broken, 1.8),
        Glass::Unknown => (Tone::Unknown, 1.6),
    };
    let thin = if body.w < 120.0 { 0.75 } else { 1.0 };
    let glass = pen.path(0.0, 0.0, body.outline()).line(tone, width * thin);
    if matches!(node.glass, Glass::Off | Glass::Unknown) {
        glass.dash(5.0, 4.0);
    }
    let lip = if body.w < 120.0 { 2.0 } else { 4.0 };
    let rim = format!("M-{lip} 0 H{} M{} 0 H{}", lip - 1.0, body.w - lip + 1.0, body.w + lip);
    pen.path(0.0, 0.0, rim).line(tone, 2.4 * thin);
    if body.w >= 120.0 {
        let shine = format!("M{} 10 V{:.1}", body.w - 5.0, body.h * 0.34);
        pen.path(0.0, 0.0, shine).line(Tone::Raised, 2.0).alpha(0.8);
    }
    if node.glass == Glass::Unknown && body.furnished {
        let (x, y) = (body.w / 2.0, body.h + 8.0);
        pen.path(x, y, "M-27 0 H-9 M9 0 H27 M-7 -5 l4 10 M3 -5 l4 10").line(Tone::Unknown, 1.6);
    }
}

fn power(pen: &mut Pen, body: Body) {
    let y = if body.furnished { body.h - body.disk - 16.0 } else { body.h / 2.0 };
    pen.disc(body.w / 2.0, y, 8.0).fill(Tone::Raised).line(Tone::Line3, 1.4);
    pen.path(body.w / 2.0, y, "M0 -4.4 V.4 M-3 -2.4 A4 4 0 1 0 3 -2.4").line(Tone::Ink2, 1.5);
}

fn covers(pen: &mut Pen, node: &Node, body: Body) {
    let over = if body.w < 120.0 { 3.0 } else { 5.0 };
    pen.part(7);
    if !node.taints.is_empty() {
        let h = if body.w < 120.0 { 5.0 } else { 9.0 };
        pen.rect(-over, 2.0 - h, body.w + 2.0 * over, h, 3.0_f32.min(h / 2.0)).pattern(Fill::Lid).line(Tone::Ink2, 1.2);
    }
    if node.cordoned {
        let h = if body.w < 120.0 { 5.0 } else { 8.0 };
        pen.rect(-over, 2.0 - h, body.w + 2.0 * over, h, 1.5).pattern(Fill::Tape).line(Tone::Line3, 1.0);
    }
}

/// What is asked for and used, in numbers, at the left above and on the disk.
pub fn numbers(pen: &mut Pen, node: &Node, body: Body) {
    pen.layer = Layer::Tank;
    pen.part(8);
    if node.glass == Glass::Off {
        return;
    }
    let percent = |share: f32| format!("{}%", (share * 100.0).round());
    let rows = [("cpu", percent(node.cpu)), ("mem", percent(node.memory))];
    // Where a reader's fonts are wide the numbers stand farther to the right: none may give way to its own name.
    let width = |(name, share): &(&str, String)| pen.width(name, LABEL) + 4.0 + pen.width(share, NUMBER);
    let end = rows.iter().map(|row| 24.0 + width(row)).fold(69.0, f32::max);
    for (i, (name, share)) in rows.iter().enumerate() {
        let y = body.floor() - 28.0 + i as f32 * 13.0;
        let strained = i == 1 && node.pressure == Some(Pressure::Memory);
        let tones = if strained { (Tone::WaitingText, Tone::WaitingText) } else { (Tone::Ink3, Tone::Ink2) };
        pen.label(24.0, y, name, LABEL, tones.0);
        pen.label_end(end, y, share, NUMBER, tones.1);
    }
    let Some(used) = node.disk.filter(|_| body.disk >= 30.0) else { return };
    let strained = node.pressure == Some(Pressure::Disk);
    pen.part(9);
    if strained {
        volume(pen, VolumeMark::HostPath, 14.0, body.floor() + 18.0, 0.7);
    }
    let y = body.floor();
    let (ink, bar) = if strained { (Tone::WaitingText, Tone::Waiting) } else { (Tone::Ink2, Tone::Ink3) };
    pen.label(24.0, y + 17.0, "disk", LABEL, Tone::Ink3);
    pen.label_end(69.0, y + 17.0, &percent(used), NUMBER, ink);
    pen.rect(24.0, y + 22.0, 45.0, 4.0, 2.0).fill(Tone::Line2);
    pen.rect(24.0, y + 22.0, 45.0 * used.clamp(0.0, 1.0), 4.0, 2.0).fill(bar);
}

/// Slots in the node's disk under the Pods that use it. `seated`: the node's Pods and their places on the screen; `at`: the
/// tank's, `k` times as large as it is drawn here.
pub fn host_paths<'m>(
    pen: &mut Pen,
    node: &Node,
    seated: impl Iterator<Item = (&'m Pod, Rect)>,
    at: Rect,
    body: Body,
    k: f32,
) {
    const PATH: Face = Face::mono(9.5, 400);
    let floor = body.floor();
    let mut taken: Vec<(f32, f32)> = vec![(0.0, 76.0)];
    for (pod, seat) in seated {
        let Some(path) = pod.host_paths.first() else { continue };
        let x = (seat.x + seat.w / 2.0 - at.x) / k;
        let (from, to) = (x - 37.0, x + 37.0);
        if taken.iter().any(|&(a, b)| from < b + 4.0 && a < to + 4.0) {
            continue;
        }
        taken.push((from, to));
        let bottom = (seat.bottom() - at.y) / k + 4.0;
        pen.object(pod.id);
        pen.part(50);
        // Over the cables of volumes that pass behind.
        pen.layer = Layer::Pipe;
        pen.path(x, bottom, format!("M0 0 V{:.1}", floor + 7.0 - bottom)).line(Tone::Cable, 1.6);
        pen.rect(from, floor + 7.0, 74.0, 20.0, 4.0).fill(Tone::Raised).line(Tone::Line2, 1.0);
        if let Some(path) = PATH.fit(pen.measure, path, 68.0) {
            pen.label_middle(x, floor + 20.6, &path, PATH, Tone::Ink2);
        }
        pen.disc(x, bottom, 2.2).fill(Tone::Cable);
    }
    pen.object(node.id);
}

/// The parts of the row over the rim that nothing crosses yet.
pub struct Free(Vec<(f32, f32)>);

impl Free {
    /// The row from `from` to `to`, without the places where pipes cross it.
    pub fn new(from: f32, to: f32, crossings: &[f32]) -> Free {
        let mut free = Free(vec![(from, to)]);
        for &x in crossings {
            free.block(x - 6.0, x + 6.0);
        }
        free
    }

    fn block(&mut self, from: f32, to: f32) {
        let cut = |&(a, b): &(f32, f32)| [(a, b.min(from)), (a.max(to), b)].into_iter().filter(|(a, b)| b > a);
        self.0 = self.0.iter().flat_map(cut).collect();
    }

    /// The leftmost place of so much width.
    fn left(&mut self, w: f32) -> Option<f32> {
        let x = self.0.iter().find(|(a, b)| b - a >= w)?.0;
        self.block(x - 2.0, x + w + 6.0);
        Some(x)
    }

    /// The rightmost; gives its right end.
    fn right(&mut self, w: f32) -> Option<f32> {
        let x = self.0.iter().rev().find(|(a, b)| b - a >= w)?.1;
        self.block(x - w - 6.0, x + 2.0);
        Some(x)
    }

    /// The widest part that is left, if a tag has room in it.
    pub fn take_widest(&mut self) -> Option<(f32, f32)> {
        let widest = self.widest().filter(|(from, to)| to - from >= 60.0)?;
        self.block(widest.0, widest.1);
        Some(widest)
    }

    fn widest(&self) -> Option<(f32, f32)> {
        self.0.iter().copied().max_by(|a, b| (a.1 - a.0).total_cmp(&(b.1 - b.0)))
    }
}

/// Name and state over the rim, as far as they fit between the pipes. `y` is the baseline.
pub fn name(pen: &mut Pen, node: &Node, free: &mut Free, y: f32) {
    const NAME: Face = Face::mono(11.2, 600);
    const WORD: Face = Face::ui(10.5, 500);
    pen.layer = Layer::Tag;
    pen.part(10);
    let widest = free.widest().map_or(0.0, |(from, to)| to - from);
    let Some(name) = NAME.fit(pen.measure, &node.key.name, widest) else { return };
    if let Some(x) = free.left(pen.width(&name, NAME)) {
        pen.label(x, y, &name, NAME, Tone::Ink1);
        // Nothing stands before the name.
        free.block(f32::MIN, x);
    }
    pen.part(11);
    let (state, tone) = match (node.glass, node.pressure) {
        (Glass::Ready, None) => (Some(State::Ready), Tone::ReadyText),
        (Glass::Ready, Some(_)) => (Some(State::NotReady), Tone::WaitingText),
        (Glass::NotReady, _) => (Some(State::Crash), Tone::BrokenText),
        (Glass::Unknown, _) => (Some(State::Unknown), Tone::UnknownText),
        (Glass::Off, _) => (None, Tone::Ink2),
    };
    let w = pen.width(node.word, WORD);
    if let Some(x) = free.right(w + 15.5) {
        pen.label_end(x, y, node.word, WORD, tone);
        if let Some(state) = state {
            sign(pen, state, x - w - 10.0, y - 3.7, 5.2);
        }
    } else if let (Some(state), Some(x)) = (state, free.right(12.0)) {
        sign(pen, state, x - 6.0, y - 3.7, 5.2);
    }
}

/// The zone, in what is left of the row.
pub fn zone(pen: &mut Pen, node: &Node, free: &mut Free, y: f32) {
    const ZONE: Face = Face::ui(10.0, 400);
    pen.layer = Layer::Tag;
    pen.part(12);
    if let Some(zone) = &node.zone
        && let Some(x) = free.left(pen.width(zone, ZONE))
    {
        pen.label(x, y, zone, ZONE, Tone::Ink3);
    }
}

/// A verdict hung on the rim: why this node is shut for the selected Pod, or that it is open; `x` is the middle.
pub fn verdict(pen: &mut Pen, verdict: &Verdict, x: f32, y: f32, room: f32) -> Option<Rect> {
    let (fill, line, text) = match verdict.fits {
        true => (Tone::ReadyFill, Tone::Ready, Tone::ReadyText),
        false => (Tone::WaitingFill, Tone::Waiting, Tone::WaitingText),
    };
    tag(pen, &verdict.text, verdict.fits, (fill, line, text), x, y, room)
}

/// A taint's own words on the lid. Where it hangs; none if it found no room.
pub fn taint(pen: &mut Pen, text: &str, x: f32, y: f32, room: f32) -> Option<Rect> {
    tag(pen, text, false, (Tone::FinishedFill, Tone::Finished, Tone::FinishedText), x, y, room)
}

fn tag(
    pen: &mut Pen,
    text: &str,
    open: bool,
    (fill, line, ink): (Tone, Tone, Tone),
    x: f32,
    y: f32,
    room: f32,
) -> Option<Rect> {
    const FACE: Face = Face::ui(9.5, 500);
    pen.layer = Layer::Tag;
    pen.part(13);
    let text = FACE.fit(pen.measure, text, room - 30.0)?;
    let w = pen.width(&text, FACE) + 30.0;
    let left = x - w / 2.0;
    pen.rect(left, y, w, 19.0, 9.5).fill(fill).line(line, 1.1);
    if open {
        pen.path(left + 11.0, y + 9.5, "M-3.4 .2 L-1 2.8 L3.6 -2.6").line(line, 1.8);
    } else {
        pen.disc(left + 11.0, y + 9.5, 4.2).line(line, 1.5);
        pen.path(left + 11.0, y + 9.5, "M-2.8 2.8 L2.8 -2.8").line(line, 1.5);
    }
    pen.label(left + 19.5, y + 12.9, &text, FACE, ink);
    Some(Rect::new(left, y, w, 19.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_stand_between_the_pipes() {
        let mut free = Free::new(0.0, 240.0, &[77.0, 189.0]);
        assert_eq!(free.left(50.0), Some(0.0));
        assert_eq!(free.right(40.0), Some(240.0));
        assert_eq!(free.left(80.0), Some(83.0));
        assert_eq!(free.left(80.0), None);
    }
}
