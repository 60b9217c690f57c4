//! Which place in its tank each Pod has. Pods fill from the top left, by creation, and keep their place until they are
//! gone; a gap closes only when a new Pod takes it, so neighbours never jump.

use super::arrange::{Inside, Style, columns, inside};
use super::model::{Model, Pod};
use super::shape::{ById, Id, Rect};

/// How much of a Pod is shown.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Level {
    Containers = 1,
    Pod = 2,
    Dot = 3,
    Shade = 4,
}

impl Level {
    /// By the size that a Pod gets on the screen. `held` is the level shown so far: it is left only 10 % beyond its border.
    pub fn of(w: f32, h: f32, held: Option<Level>) -> Level {
        let strict = |w: f32, h: f32| match () {
            () if w >= 84.0 && h >= 52.0 => Level::Containers,
            () if w >= 28.0 && h >= 15.0 => Level::Pod,
            () if w >= 6.0 => Level::Dot,
            () => Level::Shade,
        };
        let now = strict(w, h);
        match held {
            Some(held) if held < now && strict(w * 1.1, h * 1.1) <= held => held,
            Some(held) if held > now && strict(w / 1.1, h / 1.1) >= held => held,
            _ => now,
        }
    }
}

/// Memory of who stands where, by node. Empty, it gives places by creation alone.
#[derive(Clone, Debug, Default)]
pub struct Places(ById<Vec<Option<Id>>>);

impl Places {
    /// Takes note of Pods that came and went.
    pub fn settle(&mut self, model: &Model, pods: &[Vec<usize>]) {
        for (node, pods) in model.nodes.iter().zip(pods) {
            let slots = self.0.entry(node.id).or_default();
            if stand_so(slots, model, pods) {
                continue;
            }
            let mut newcomers: ById<()> = pods.iter().map(|&pod| (model.pods[pod].id, ())).collect();
            for slot in slots.iter_mut() {
                if slot.is_some_and(|id| newcomers.remove(&id).is_none()) {
                    *slot = None;
                }
            }
            let mut gap = 0;
            for id in pods.iter().map(|&pod| model.pods[pod].id).filter(|id| newcomers.contains_key(id)) {
                while slots.get(gap).is_some_and(Option::is_some) {
                    gap += 1;
                }
                match slots.get_mut(gap) {
                    Some(slot) => *slot = Some(id),
                    None => slots.push(Some(id)),
                }
            }
            while slots.last() == Some(&None) {
                slots.pop();
            }
        }
        if self.0.len() > model.nodes.len() {
            self.0.retain(|id, _| model.nodes.iter().any(|node| node.id == *id));
        }
    }

    /// The Pods of a node by place; a gap is `None`.
    pub fn of(&self, model: &Model, node: usize, pods: &[usize]) -> Vec<Option<usize>> {
        let slots = self.0.get(&model.nodes[node].id);
        let Some(slots) = slots.filter(|slots| !stand_so(slots, model, pods)) else {
            return pods.iter().copied().map(Some).collect();
        };
        let mut left: ById<usize> = pods.iter().map(|&pod| (model.pods[pod].id, pod)).collect();
        let mut placed: Vec<Option<usize>> = slots.iter().map(|slot| slot.and_then(|id| left.remove(&id))).collect();
        // Whoever was never settled stands behind the others.
        placed.extend(pods.iter().filter(|&&pod| left.contains_key(&model.pods[pod].id)).map(|&pod| Some(pod)));
        placed
    }
}

/// Whether the Pods stand by creation, without gaps: so they do until the first one goes.
fn stand_so(slots: &[Option<Id>], model: &Model, pods: &[usize]) -> bool {
    slots.len() == pods.len() && slots.iter().zip(pods).all(|(slot, &pod)| *slot == Some(model.pods[pod].id))
}

/// A Pod's place, in pixels of the world, from the upper left corner of its tank.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slot {
    pub pod: usize,
    pub rect: Rect,
}

// ------------------------------------------------------------------------------------------------ furnished tanks

/// Places Pods in a full or compact tank. If not all can be shown at its level, healthy old ones drop one first;
/// selected, broken, waiting and terminating ones drop last.
pub fn furnish(
    model: &Model,
    style: Style,
    w: f32,
    h: f32,
    places: &[Option<usize>],
    kept: impl Fn(&Pod) -> bool,
) -> Vec<Slot> {
    let room = inside(style);
    let across = columns(&room, w);
    let gaps = room.gap.0 * (across as f32 - 1.0);
    let pod_w = ((w - room.left - room.right - gaps) / across as f32).min(124.0);
    let mut slots = Vec::new();
    let mut flow = places.to_vec();
    if style == Style::Full && across > 1 {
        let y = h - room.disk - 41.0;
        let mut column = across - 1;
        flow.retain(|place| {
            let daemon = place.filter(|&pod| model.pods[pod].daemon && column > 0);
            if let Some(pod) = daemon {
                let x = room.left + column as f32 * (pod_w + room.gap.0);
                slots.push(Slot { pod, rect: Rect::new(x, y, pod_w, 24.0) });
                column -= 1;
            }
            daemon.is_none()
        });
    }
    let mut ranks: Vec<usize> = (0..flow.len()).collect();
    ranks.sort_by_key(|&i| flow[i].map_or((0, 0), |pod| (weight(&model.pods[pod], &kept), model.pods[pod].created_ms)));
    let stack = Stack { room: &room, across, pod_w, bottom: h - room.disk - room.reserve, style };
    let levels = |small: usize, dots: usize| {
        let mut levels = vec![if style == Style::Full { Level::Containers } else { Level::Pod }; flow.len()];
        for (rank, &i) in ranks.iter().enumerate() {
            if rank < dots {
                levels[i] = Level::Dot;
            } else if rank < small {
                levels[i] = Level::Pod;
            }
        }
        levels
    };
    let n = flow.len();
    let fewest = |fits: &dyn Fn(usize) -> bool| (0..=n).collect::<Vec<_>>().partition_point(|&count| !fits(count));
    let small = if style == Style::Full { fewest(&|count| stack.place(&levels(count, 0)).1) } else { n };
    let dots =
        if small > n || !stack.place(&levels(n, 0)).1 { fewest(&|count| stack.place(&levels(n, count)).1) } else { 0 };
    let (rects, _) = stack.place(&levels(small.min(n), dots.min(n)));
    slots.extend(flow.iter().zip(rects).filter_map(|(pod, rect)| pod.map(|pod| Slot { pod, rect })));
    slots
}

fn weight(pod: &Pod, kept: &impl Fn(&Pod) -> bool) -> u8 {
    if kept(pod) { 9 } else { pod.state.weight() }
}

struct Stack<'a> {
    room: &'a Inside,
    across: usize,
    pod_w: f32,
    bottom: f32,
    style: Style,
}

impl Stack<'_> {
    /// Each Pod goes under the shortest column; dots stand in rows below. Tells whether all fit.
    fn place(&self, levels: &[Level]) -> (Vec<Rect>, bool) {
        let gap = self.room.gap;
        let mut ends = vec![self.room.top; self.across];
        let dots = levels.iter().filter(|&&level| level == Level::Dot).count();
        let inner = self.across as f32 * (self.pod_w + gap.0) - gap.0;
        let mut rects: Vec<Rect> = levels
            .iter()
            .map(|&level| {
                if level == Level::Dot {
                    return Rect::default();
                }
                let high = if level == Level::Containers { 74.0 } else { 24.0 };
                let column = (0..self.across).min_by(|&a, &b| ends[a].total_cmp(&ends[b])).expect("a column");
                let rect =
                    Rect::new(self.room.left + column as f32 * (self.pod_w + gap.0), ends[column], self.pod_w, high);
                ends[column] += high + gap.1;
                rect
            })
            .collect();
        let end = ends.iter().copied().fold(self.room.top, f32::max);
        let pods_end = if end > self.room.top { end - gap.1 } else { end };
        let free = self.bottom - end + 4.0;
        let mut pitch: f32 = 14.0;
        while pitch > 3.0 && dots > 0 && (inner / pitch).floor() * (free / pitch).floor().max(0.0) < dots as f32 {
            pitch -= 0.5;
        }
        let per_row = ((inner / pitch).floor() as usize).max(1);
        let places = rects.iter_mut().zip(levels).filter(|(_, level)| **level == Level::Dot);
        for (n, (rect, _)) in places.enumerate() {
            let (x, y) =
                (self.room.left - 2.0 + (n % per_row) as f32 * pitch, end - 4.0 + (n / per_row) as f32 * pitch);
            *rect = Rect::new(x, y, pitch * 0.72, pitch * 0.72);
        }
        let slack = if self.style == Style::Full { 0.5 } else { 4.0 };
        (rects, pods_end <= self.bottom + slack && (dots == 0 || pitch >= 9.0))
    }
}

// ------------------------------------------------------------------------------------------------ small tanks

/// At a smaller pitch dots are squares: they are less than 6 px wide.
const SQUARES: f32 = 6.0 / 0.84;

/// The pitch at which so many dots fit into a tank: at most 16 px.
pub fn pitch(w: f32, h: f32, most: usize) -> f32 {
    let mut pitch = 16.0_f32.min(w / 2.4);
    let margin = (w * 0.07).min(3.5);
    let fits = |pitch: f32| ((w - 2.0 * margin) / pitch).floor() * ((h * 0.94 - margin) / pitch).floor() >= most as f32;
    while pitch > 0.05 && !fits(pitch) {
        pitch *= 0.97;
    }
    // Squares stand on whole pixels, so that all gaps look alike.
    if (2.0..SQUARES).contains(&pitch) { pitch.floor() } else { pitch }
}

/// Places Pods in rows from the bottom of a small tank.
pub fn heap(w: f32, h: f32, pitch: f32, places: &[Option<usize>]) -> Vec<Slot> {
    let margin = (w * 0.07).min(3.5);
    let across = (((w - 2.0 * margin) / pitch).floor() as usize).max(1);
    let left = (w - across as f32 * pitch) / 2.0;
    let side = pitch * 0.84;
    places
        .iter()
        .enumerate()
        .filter_map(|(i, place)| {
            let x = left + (i % across) as f32 * pitch + (pitch - side) / 2.0;
            let y = h - margin - pitch * ((i / across) as f32 + 1.0);
            place.map(|pod| Slot { pod, rect: Rect::new(x, y, side, side) })
        })
        .collect()
}
