//! What can be done to a thing right where it stands: a node's switch, its cable, its tape and lid, the number of a workload.
//! Each carries the command line that it stands for, and nothing else; the same lines are to be had in the inspector.

use super::hit::Key;
use super::measure::Face;
use super::model::{Glass, Node, Workload};
use super::pen::Pen;
use super::shape::{Fill, Layer, Rect, Tone};
use super::tank::Body;

/// The kind of a hit that gives an order, and of one whose number, at its end, is changed by dragging.
pub const ORDER: &str = "order";
pub const GRIP: &str = "grip";

const CHIP: (f32, f32) = (28.0, 24.0);
const GAP: f32 = 4.0;

/// The order that stands in a handle of a thing.
fn order(kind: &'static str, of: &Key, line: &str) -> Key {
    Key::new(kind, &of.name, line)
}

/// Whether the handles of a thing are to be seen: it is selected, or the pointer rests on it or on one of them.
pub fn are_seen(of: &Key, selected: Option<&Key>, hovered: Option<&Key>) -> bool {
    let on_handle = |key: &Key| matches!(key.kind, ORDER | GRIP) && key.namespace == of.name;
    selected == Some(of) || hovered.is_some_and(|key| key == of || on_handle(key))
}

/// Power, network and tape of a node, at the right end of its disk.
pub fn of_node(pen: &mut Pen, node: &Node, body: Body) {
    let name = &node.key.name;
    let off = node.glass == Glass::Off;
    let lines = [
        format!("fault {} {name}", if off { "power-on" } else { "power-off" }),
        format!("fault {} {name}", if node.cut { "mend" } else { "cut" }),
        format!("kubectl {} {name}", if node.cordoned { "uncordon" } else { "cordon" }),
    ];
    let y = body.h - body.disk / 2.0 - CHIP.1 / 2.0;
    pen.layer = Layer::Tag;
    for (i, line) in lines.iter().enumerate() {
        let x = body.w - 12.0 - (i + 1) as f32 * (CHIP.0 + GAP);
        if x < 76.0 {
            break;
        }
        chip(pen, order(ORDER, &node.key, line), Rect::new(x, y, CHIP.0, CHIP.1), 70 + 2 * i as u64);
        let (cx, cy) = (x + CHIP.0 / 2.0, y + CHIP.1 / 2.0);
        match i {
            0 => switch(pen, cx, cy, !off),
            1 => cable(pen, cx, cy, !node.cut),
            _ => _ = pen.rect(cx - 8.0, cy - 4.0, 16.0, 8.0, 1.5).pattern(Fill::Tape).line(Tone::Ink2, 1.0),
        }
    }
}

/// A knob at the right of its slot where it is on, at the left where it is off.
fn switch(pen: &mut Pen, x: f32, y: f32, on: bool) {
    let slot = pen.rect(x - 9.0, y - 5.5, 18.0, 11.0, 5.5);
    slot.fill(if on { Tone::Ink2 } else { Tone::Sunken }).line(Tone::Ink2, 1.2);
    pen.disc(x + if on { 3.5 } else { -3.5 }, y, 3.4).fill(if on { Tone::Raised } else { Tone::Ink2 });
}

/// Plug and socket, together or apart.
fn cable(pen: &mut Pen, x: f32, y: f32, whole: bool) {
    let apart = if whole { 0.0 } else { 2.6 };
    pen.path(x - apart, y, "M-9 0 H-5 M-5 -3.6 H-1 V3.6 H-5 Z").line(Tone::Ink2, 1.3);
    pen.path(x + apart, y, "M9 0 H5 M5 -3.6 H2 V3.6 H5 Z M2 -1.8 H-1 M2 1.8 H-1").line(Tone::Ink2, 1.3);
}

/// The taint that is told on the lid can be taken off by its tag.
pub fn of_taint(pen: &mut Pen, node: &Node, taint: &str, tag: Rect) {
    pen.part(78);
    let line = format!("kubectl taint nodes {} {taint}-", node.key.name);
    pen.hit(order(ORDER, &node.key, &line), tag.x, tag.y - 2.5, tag.w, 24.0);
    let (x, y) = (tag.x + 11.0, tag.y + tag.h / 2.0);
    pen.disc(x, y, 5.6).fill(Tone::FinishedFill);
    pen.path(x, y, "M-3 -3 L3 3 M3 -3 L-3 3").line(Tone::FinishedText, 1.7);
}

/// Fewer, so many, more: below a workload's card. What is dragged shows where it would come to rest.
pub fn of_workload(pen: &mut Pen, workload: &Workload, card: (f32, f32), hovered: Option<&Key>) {
    let Some(now) = workload.replicas else { return };
    let line = |replicas: u32| scale(&workload.key, replicas);
    let dragged = hovered.filter(|key| key.kind == GRIP && key.namespace == workload.key.name);
    let shown = dragged.and_then(|key| number(&key.name)).unwrap_or(now);
    let high = 24.0;
    let (x, y) = (card.0 - 8.0 - 3.0 * CHIP.0, card.1 - 7.0);
    pen.layer = Layer::Tag;
    let parts = [
        (ORDER, line(now.saturating_sub(1)), "M-4 0 H4"),
        (GRIP, line(now), ""),
        (ORDER, line(now.saturating_add(1)), "M-4 0 H4 M0 -4 V4"),
    ];
    for (i, (kind, line, mark)) in parts.into_iter().enumerate() {
        let left = x + i as f32 * CHIP.0;
        let at = Rect::new(left, y, CHIP.0, high);
        chip(pen, order(kind, &workload.key, &line), at, 70 + 2 * i as u64);
        if !mark.is_empty() {
            pen.path(left + CHIP.0 / 2.0, y + high / 2.0, mark).line(Tone::Ink2, 1.4);
            continue;
        }
        const NUMBER: Face = Face::mono(11.0, 600);
        pen.label_middle(left + CHIP.0 / 2.0, y + 16.0, &shown.to_string(), NUMBER, Tone::Ink1);
    }
}

fn chip(pen: &mut Pen, key: Key, at: Rect, part: u64) {
    let (x, y) = pen.to_screen(at.x, at.y);
    let (right, bottom) = pen.to_screen(at.right(), at.bottom());
    pen.cover(Rect::new(x, y, right - x, bottom - y));
    pen.part(part);
    pen.hit(key, at.x, at.y, at.w, at.h);
    pen.rect(at.x, at.y, at.w, at.h, 6.0).fill(Tone::Raised).line(Tone::Line2, 1.0);
}

/// The line that scales a workload.
pub fn scale(of: &Key, replicas: u32) -> String {
    let namespace = if &*of.namespace == "default" { String::new() } else { format!(" -n {}", of.namespace) };
    format!("kubectl scale {} {}{namespace} --replicas={replicas}", of.kind.to_lowercase(), of.name)
}

/// The number that a line ends with.
pub fn number(line: &str) -> Option<u32> {
    line.rsplit('=').next()?.parse().ok()
}

/// The line of a grip that was dragged so far: a step for each width of a chip, never below none.
pub fn dragged(line: &str, far: f32) -> Option<String> {
    let to = i64::from(number(line)?) + (far / CHIP.0).round() as i64;
    let (before, _) = line.rsplit_once('=')?;
    Some(format!("{before}={}", to.max(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grip_counts_by_steps() {
        let key = Key::new("StatefulSet", "shop", "db");
        let line = scale(&key, 3);
        assert_eq!(line, "kubectl scale statefulset db -n shop --replicas=3");
        let check = |far, expect| assert_eq!(dragged(&line, far).as_deref().and_then(number), Some(expect));
        check(0.0, 3);
        check(13.0, 3);
        check(60.0, 5);
        check(-400.0, 0);
        assert_eq!(dragged("kubectl cordon node-1", 60.0), None);
    }

    #[test]
    fn handles_stay_while_the_pointer_is_on_one() {
        let node = Key::new("Node", "", "node-1");
        let on = order(ORDER, &node, "fault cut node-1");
        assert!(are_seen(&node, None, Some(&on)) && are_seen(&node, Some(&node), None));
        assert!(!are_seen(&Key::new("Node", "", "node-2"), Some(&node), Some(&on)));
    }
}
