//! What can be done to a thing right where it stands, or in the bar (see [`super::toolbar`]): a node's switch, its cable, its tape and lid, another one like it; what
//! befalls a Pod's program; the traffic to a Service; the number of a workload.
//! Each carries the command line that it stands for, and nothing else; the same lines are to be had in the inspector.

use super::hit::Key;
use super::measure::Face;
use super::model::{Asked, Container, Glass, Inside, Node, Pod, Service, Workload};
use super::pen::Pen;
use super::shape::{Fill, Layer, Rect, Tone};
use super::tank::Body;

/// The kind of a hit that gives an order, and of one whose number, at its end, is changed by dragging.
pub const ORDER: &str = "order";
pub const GRIP: &str = "grip";

pub const CHIP: (f32, f32) = (28.0, 24.0);
pub const GAP: f32 = 4.0;

/// The order that stands in a handle of a thing.
fn order(kind: &'static str, of: &Key, line: &str) -> Key {
    Key::new(kind, &of.name, line)
}

/// Whether the handles of a thing are to be seen: it is selected, or the pointer rests on it or on one of them.
pub fn are_seen(of: &Key, selected: Option<&Key>, hovered: Option<&Key>) -> bool {
    let on_handle = |key: &Key| matches!(key.kind, ORDER | GRIP) && key.namespace == of.name;
    selected == Some(of) || hovered.is_some_and(|key| key == of || on_handle(key))
}

/// What a handle shows of what it does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mark {
    /// A switch that is on.
    Switch(bool),
    /// A cable that is whole.
    Cable(bool),
    Tape,
    Joins,
    Leaves,
    Hang,
    GoOn,
    Kill,
    Fewer,
    More,
}

/// Power, network and tape of a node, one more like it and none of it.
pub fn orders_of_node(node: &Node, may_go: bool) -> Vec<(Mark, String)> {
    let name = &node.key.name;
    let on = node.glass != Glass::Off;
    let mut orders = vec![
        (Mark::Switch(on), format!("fault {} {name}", if on { "power-off" } else { "power-on" })),
        (Mark::Cable(!node.cut), format!("fault {} {name}", if node.cut { "mend" } else { "cut" })),
        (Mark::Tape, format!("kubectl {} {name}", if node.cordoned { "uncordon" } else { "cordon" })),
        (Mark::Joins, format!("machine add --like {name}")),
    ];
    if may_go {
        orders.push((Mark::Leaves, format!("machine remove {name}")));
    }
    orders
}

/// All of them at the right end of its disk, or none where there is no room for all.
pub fn of_node(pen: &mut Pen, node: &Node, body: Body, may_go: bool) {
    let orders = orders_of_node(node, may_go);
    let end = body.w - 12.0;
    if end - orders.len() as f32 * (CHIP.0 + GAP) < 56.0 {
        return;
    }
    let y = body.h - body.disk / 2.0 - CHIP.1 / 2.0;
    pen.layer = Layer::Tag;
    for (i, (mark, line)) in orders.iter().enumerate() {
        give(pen, &node.key, line, *mark, (end - (i + 1) as f32 * (CHIP.0 + GAP), y), 70 + 2 * i as u64);
    }
}

/// A handle of a thing that stands for a line.
pub fn give(pen: &mut Pen, of: &Key, line: &str, mark: Mark, (x, y): (f32, f32), part: u64) {
    chip(pen, order(ORDER, of, line), Rect::new(x, y, CHIP.0, CHIP.1), part);
    draw(pen, mark, x + CHIP.0 / 2.0, y + CHIP.1 / 2.0);
}

fn draw(pen: &mut Pen, mark: Mark, x: f32, y: f32) {
    match mark {
        Mark::Switch(on) => switch(pen, x, y, on),
        Mark::Cable(whole) => cable(pen, x, y, whole),
        Mark::Tape => _ = pen.rect(x - 8.0, y - 4.0, 16.0, 8.0, 1.5).pattern(Fill::Tape).line(Tone::Ink2, 1.0),
        Mark::Joins => _ = pen.path(x, y, format!("{TANK} {MORE}")).line(Tone::Ink2, 1.3),
        Mark::Leaves => _ = pen.path(x, y, format!("{TANK} {AWAY}")).line(Tone::Ink2, 1.3),
        Mark::Hang => _ = pen.path(x, y, "M-2.6 -4.4 V4.4 M2.6 -4.4 V4.4").line(Tone::Ink2, 2.0),
        Mark::GoOn => _ = pen.path(x, y, "M-3 -4.6 L4.4 0 L-3 4.6 Z").fill(Tone::Ink2),
        Mark::Kill => _ = pen.path(x, y, "M-4 -4 L4 4 M4 -4 L-4 4").line(Tone::Broken, 1.8),
        Mark::Fewer => _ = pen.path(x, y, "M-4 0 H4").line(Tone::Ink2, 1.4),
        Mark::More => _ = pen.path(x, y, "M-4 0 H4 M0 -4 V4").line(Tone::Ink2, 1.4),
    }
}

/// A little tank, and what stands in it.
const TANK: &str = "M-7 -6.5 V3.5 a3 3 0 0 0 3 3 H4 a3 3 0 0 0 3 -3 V-6.5";
const MORE: &str = "M-3.4 -1 H3.4 M0 -4.4 V2.4";
const AWAY: &str = "M-2.6 -3.6 L2.6 1.6 M2.6 -3.6 L-2.6 1.6";

/// What befalls the program of a Pod's first container: it hangs or goes on, and it is killed.
pub fn orders_of_pod(pod: &Pod) -> Vec<(Mark, String)> {
    let runs = |container: &&Container| {
        matches!(container.inside, Inside::Running | Inside::Unready | Inside::Hung | Inside::Stopping)
    };
    let Some(container) = pod.containers.iter().find(runs) else { return Vec::new() };
    let Key { namespace, name, .. } = &pod.key;
    let line = |what: &str| format!("fault {what} {namespace}/{name}/{}", container.name);
    let stands = container.inside == Inside::Hung;
    let hang = if stands { (Mark::GoOn, line("mend")) } else { (Mark::Hang, line("hang")) };
    vec![hang, (Mark::Kill, line("kill"))]
}

/// Below the Pod.
pub fn of_pod(pen: &mut Pen, pod: &Pod, (w, h): (f32, f32)) {
    pen.layer = Layer::Tag;
    for (i, (mark, line)) in orders_of_pod(pod).iter().enumerate() {
        let x = w - 2.0 * (CHIP.0 + GAP) + i as f32 * (CHIP.0 + GAP);
        give(pen, &pod.key, line, *mark, (x, h - 4.0), 70 + 2 * i as u64);
    }
}

/// The Deployment of clients that send traffic to a Service.
pub fn clients_of(service: &str) -> String {
    format!("ask-{service}")
}

/// How often each client asks, in a second.
const ASKS: u32 = 10;

/// How much all of them ask.
pub fn rate(asked: &Asked) -> String {
    format!("{} / s", asked.clients.unwrap_or(0).saturating_mul(ASKS))
}

/// The lines for more and for less traffic to a Service.
pub fn traffic(service: &Key, asked: &Asked) -> (String, Option<String>) {
    let clients = Key::new("Deployment", &service.namespace, &clients_of(&service.name));
    let scope = scope_of(&service.namespace);
    let ask = format!("while sleep 0.1; do wget -qO /dev/null {}; done", asked.url);
    let more = match asked.clients {
        None => {
            format!("kubectl create deployment {}{scope} --image=busybox:1.37 -- sh -c '{ask}'", clients.name)
        }
        Some(n) => scale(&clients, n.saturating_add(1)),
    };
    let fewer = asked.clients.map(|n| match n {
        0 | 1 => format!("kubectl delete deployment {}{scope}", clients.name),
        n => scale(&clients, n - 1),
    });
    (more, fewer)
}

/// Traffic to a Service: fewer clients, what they send, more. In its rail, before what is told at the right.
pub fn of_service(pen: &mut Pen, service: &Service, at: Rect, end: f32) {
    let Some(asked) = &service.asked else { return };
    let (more, fewer) = traffic(&service.key, asked);
    const RATE: Face = Face::ui(10.0, 500);
    let rate = rate(asked);
    let wide = pen.width(&rate, RATE).max(32.0) + 14.0;
    let (right, y) = (end - 4.0, at.y + (at.h - CHIP.1) / 2.0);
    let left = right - 2.0 * CHIP.0 - wide;
    chip(pen, order(ORDER, &service.key, &more), Rect::new(right - CHIP.0, y, CHIP.0, CHIP.1), 70);
    pen.path(right - CHIP.0 / 2.0, y + CHIP.1 / 2.0, "M-4 0 H4 M0 -4 V4").line(Tone::FlowText, 1.4);
    pen.part(72);
    pen.rect(left + CHIP.0, y, wide, CHIP.1, 6.0).fill(Tone::Raised).line(Tone::Line2, 1.0);
    pen.label_middle(left + CHIP.0 + wide / 2.0, y + 15.5, &rate, RATE, Tone::FlowText);
    if let Some(fewer) = fewer {
        chip(pen, order(ORDER, &service.key, &fewer), Rect::new(left, y, CHIP.0, CHIP.1), 74);
        pen.path(left + CHIP.0 / 2.0, y + CHIP.1 / 2.0, "M-4 0 H4").line(Tone::FlowText, 1.4);
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
    format!("kubectl scale {} {}{} --replicas={replicas}", of.kind.to_lowercase(), of.name, scope_of(&of.namespace))
}

/// How kubectl is told of a namespace that it does not take by itself.
pub fn scope_of(namespace: &str) -> String {
    if namespace == "default" { String::new() } else { format!(" -n {namespace}") }
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
    fn traffic_grows_and_goes_by_clients() {
        let service = Key::new("Service", "shop", "web");
        let lines = |clients| traffic(&service, &Asked { url: "http://web:8080".into(), clients });
        let ask = "'while sleep 0.1; do wget -qO /dev/null http://web:8080; done'";
        let create = format!("kubectl create deployment ask-web -n shop --image=busybox:1.37 -- sh -c {ask}");
        assert_eq!(lines(None), (create, None));
        let scale = |n| format!("kubectl scale deployment ask-web -n shop --replicas={n}");
        assert_eq!(lines(Some(1)), (scale(2), Some("kubectl delete deployment ask-web -n shop".into())));
        assert_eq!(lines(Some(3)), (scale(4), Some(scale(2))));
    }

    #[test]
    fn handles_stay_while_the_pointer_is_on_one() {
        let node = Key::new("Node", "", "node-1");
        let on = order(ORDER, &node, "fault cut node-1");
        assert!(are_seen(&node, None, Some(&on)) && are_seen(&node, Some(&node), None));
        assert!(!are_seen(&Key::new("Node", "", "node-2"), Some(&node), Some(&on)));
    }
}
