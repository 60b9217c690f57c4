//! Where the tanks stand, in pixels of the world at zoom 1. Order is by zone, then by name; a cluster of up to 20 nodes
//! gets furnished tanks side by side and then in rows, larger ones small tanks in blocks by zone.

use super::crowd::Crowd;
use super::frame::{CELLS_FROM, Frame};
use super::model::Model;
use super::shape::Rect;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Style {
    /// Sticks, disk, Pods with containers.
    Full,
    /// Sticks and Pods alone.
    Compact,
    /// Water, rim and dots.
    Dense,
    /// One cell a node.
    Cell,
    /// A small tank seen through the loupe.
    Loupe,
}

#[derive(Clone, Debug)]
pub struct Ground {
    pub style: Style,
    /// Index of the node, and its tank.
    pub tanks: Vec<(usize, Rect)>,
    /// Labels over blocks: the zone and where it begins and ends.
    pub zones: Vec<Zone>,
    pub world: (f32, f32),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Zone {
    pub name: String,
    pub x: f32,
    pub y: f32,
    pub w: f32,
    pub nodes: Vec<usize>,
}

const GAP: f32 = 12.0;
/// Narrower screens have their tanks in one column.
const PHONE: f32 = 600.0;

pub fn arrange(model: &Model, frame: &Frame, crowd: &Crowd) -> Ground {
    if frame.dense { blocks(model, frame, &crowd.order) } else { rows(frame, &crowd.order, &crowd.pods) }
}

/// The nodes in the order in which their tanks stand.
pub fn order(model: &Model) -> Vec<usize> {
    let mut order: Vec<usize> = (0..model.nodes.len()).collect();
    order.sort_by_cached_key(|&n| (model.nodes[n].zone.clone(), natural(&model.nodes[n].key.name)));
    order
}

/// Digits count as numbers, so that node-2 stands before node-10.
fn natural(name: &str) -> Vec<(String, u64)> {
    let mut parts: Vec<(String, u64)> = vec![(String::new(), 0)];
    let mut digits = false;
    for c in name.chars() {
        let last = parts.last_mut().expect("never empty");
        match c.to_digit(10) {
            Some(digit) => {
                last.1 = last.1.saturating_mul(10).saturating_add(u64::from(digit));
                digits = true;
            }
            None if digits => {
                parts.push((c.to_string(), 0));
                digits = false;
            }
            None => last.0.push(c),
        }
    }
    parts
}

// ------------------------------------------------------------------------------------------------ furnished tanks

/// Inside a tank, full or compact: where Pods begin and how large they are.
pub struct Inside {
    pub left: f32,
    pub top: f32,
    pub right: f32,
    pub disk: f32,
    /// Kept free above the disk, for DaemonSet Pods and numbers.
    pub reserve: f32,
    pub pod_w: f32,
    pub gap: (f32, f32),
}

pub fn inside(style: Style) -> Inside {
    match style {
        Style::Full => {
            Inside { left: 30.0, top: 20.0, right: 8.0, disk: 36.0, reserve: 56.0, pod_w: 94.0, gap: (18.0, 16.0) }
        }
        Style::Loupe => {
            Inside { left: 22.0, top: 16.0, right: 10.0, disk: 14.0, reserve: 10.0, pod_w: 70.0, gap: (9.0, 14.0) }
        }
        _ => Inside { left: 36.0, top: 15.0, right: 10.0, disk: 6.0, reserve: 6.0, pod_w: 84.0, gap: (14.0, 12.0) },
    }
}

pub fn columns(inside: &Inside, w: f32) -> usize {
    (((w - inside.left - inside.right + inside.gap.0) / (inside.pod_w + inside.gap.0)).floor() as usize).max(1)
}

fn rows(frame: &Frame, order: &[usize], pods: &[Vec<usize>]) -> Ground {
    let left = frame.spine.x - frame.window.x;
    let (w, h) = (frame.spine.w, frame.window.h - 32.0);
    let most = pods.iter().map(Vec::len).max().unwrap_or(0);
    let count = order.len().max(1);
    let widest = if frame.width < PHONE { 1 } else { (((w + GAP) / (132.0 + GAP)).floor() as usize).max(1) };
    let best = (1..=count.min(widest))
        .map(|columns| Plan::of(columns, count, w, h, frame.labels, most))
        .max_by(|a, b| a.worth.total_cmp(&b.worth))
        .expect("at least one column");
    let tanks = order
        .iter()
        .enumerate()
        .map(|(i, &node)| {
            let (row, column) = (i / best.columns, i % best.columns);
            let x = left + column as f32 * (best.tank.0 + GAP);
            let y = frame.labels + row as f32 * (best.tank.1 + frame.labels);
            (node, Rect::new(x, y, best.tank.0, best.tank.1))
        })
        .collect();
    let height = best.rows as f32 * (best.tank.1 + frame.labels) + 32.0;
    Ground { style: best.style, tanks, zones: Vec::new(), world: (frame.window.w, height.max(frame.window.h)) }
}

/// So many tanks in a row, and what that would show.
struct Plan {
    columns: usize,
    rows: usize,
    tank: (f32, f32),
    style: Style,
    worth: f32,
}

impl Plan {
    fn of(columns: usize, count: usize, w: f32, h: f32, labels: f32, pods: usize) -> Plan {
        let rows = count.div_ceil(columns);
        let tank_w = (w - GAP * (columns as f32 - 1.0)) / columns as f32;
        let free = h / rows as f32 - labels;
        let style = if free >= 170.0 { Style::Full } else { Style::Compact };
        let room = inside(style);
        let across = self::columns(&room, tank_w);
        let (small, large) = (24.0 + room.gap.1, 74.0 + room.gap.1);
        let needs = |pitch: f32| room.top + (pods.div_ceil(across).max(1)) as f32 * pitch + room.reserve + room.disk;
        let tank_h = free.max(needs(small).min(if style == Style::Full { 240.0 } else { 190.0 })).max(86.0);
        // How much is shown at what level, then whether all is on view, then two columns of Pods, then few rows.
        let level = match () {
            () if style == Style::Full && needs(large) <= tank_h => 3.0,
            () if needs(small) <= tank_h => 2.0,
            () => 1.0,
        };
        let on_view = (h / (rows as f32 * (tank_h + labels))).min(1.0);
        let roomy = if tank_w >= 244.0 { 0.6 } else { 0.0 };
        let worth = level + 3.0 * on_view + roomy - 0.1 * rows as f32;
        Plan { columns, rows, tank: (tank_w, tank_h), style, worth }
    }
}

// ------------------------------------------------------------------------------------------------ blocks by zone

/// The width of a dense tank over its height.
const SLENDER: f32 = 50.0 / 116.0;

fn blocks(model: &Model, frame: &Frame, order: &[usize]) -> Ground {
    let cells = order.len() >= CELLS_FROM;
    let style = if cells { Style::Cell } else { Style::Dense };
    let mut zones: Vec<(&str, Vec<usize>)> = Vec::new();
    for &node in order {
        let name = model.nodes[node].zone.as_deref().unwrap_or("");
        match zones.last_mut() {
            Some((last, nodes)) if *last == name => nodes.push(node),
            _ => zones.push((name, vec![node])),
        }
    }
    if zones.len() > 8 || frame.small && zones.len() > 3 {
        zones = vec![("", order.to_vec())];
    }
    let left = frame.spine.x - frame.window.x;
    let room = (frame.spine.w, frame.window.h - frame.labels - 8.0);
    let gaps = if cells { Gaps { x: 2.0, y: 2.0, block: 10.0 } } else { Gaps { x: 5.2, y: 10.0, block: 13.4 } };
    let sizes: Vec<usize> = zones.iter().map(|(_, nodes)| nodes.len()).collect();
    let (rows, (mut tank_w, mut tank_h)) = fit(&sizes, room, &gaps, if cells { 1.0 } else { SLENDER });
    if cells && tank_w > 2.0 {
        // On whole pixels all gaps look alike.
        (tank_w, tank_h) = (tank_w.floor(), tank_h.floor());
    }
    let mut ground = Ground { style, tanks: Vec::new(), zones: Vec::new(), world: (frame.window.w, frame.window.h) };
    let mut x0 = left;
    for (name, nodes) in zones {
        let across = nodes.len().div_ceil(rows).max(1);
        for (i, &node) in nodes.iter().enumerate() {
            let (row, column) = (i / across, i % across);
            let x = x0 + column as f32 * (tank_w + gaps.x);
            let y = frame.labels + row as f32 * (tank_h + gaps.y);
            ground.tanks.push((node, Rect::new(x, y, tank_w, tank_h)));
        }
        let w = across as f32 * (tank_w + gaps.x) - gaps.x;
        ground.zones.push(Zone { name: name.to_string(), x: x0, y: frame.labels, w, nodes });
        x0 += w + gaps.block;
    }
    let bottom = ground.tanks.iter().map(|(_, tank)| tank.bottom()).fold(0.0, f32::max);
    ground.world.1 = ground.world.1.max(bottom + 10.0);
    ground
}

/// Between tanks, across and down, and between blocks.
struct Gaps {
    x: f32,
    y: f32,
    block: f32,
}

/// In how many rows blocks of so many tanks give each tank the most of the aspect it should have, and how large that is. A block is as
/// wide as it needs to be: all are equally high.
fn fit(blocks: &[usize], (w, h): (f32, f32), gaps: &Gaps, aspect: f32) -> (usize, (f32, f32)) {
    let size = |rows: usize| {
        let across = blocks.iter().map(|count| count.div_ceil(rows).max(1)).sum::<usize>().max(1) as f32;
        let between = blocks.len().saturating_sub(1) as f32;
        let tank_w = (w - gaps.x * (across - 1.0 - between) - gaps.block * between) / across;
        let tank_h = ((h - gaps.y * (rows as f32 - 1.0)) / rows as f32).min(tank_w / aspect * 1.25);
        (tank_w, tank_h)
    };
    let worth = |rows: usize| {
        let (tank_w, tank_h) = size(rows);
        tank_w.min(tank_h * aspect)
    };
    let most = blocks.iter().copied().max().unwrap_or(0).max(1);
    let rows = (1..=most).max_by(|&a, &b| worth(a).total_cmp(&worth(b))).unwrap_or(1);
    let (tank_w, tank_h) = size(rows);
    (rows, (tank_w, tank_h.max(1.0)))
}
