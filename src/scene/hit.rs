//! What can be pointed at, and where the arrow keys go from there.

use super::handle;
use super::shape::{Id, Rect};
use std::rc::Rc;

/// Names an object as a user does. Things that are no API objects have kinds of their own (see [`Key::part`]).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Key {
    /// `Pod`, `Node`, `Service`, `PersistentVolume` ..., or `controller`, `apiserver`, `scheduler`, `camera`, `client`.
    pub kind: &'static str,
    /// Empty for what belongs to the whole cluster.
    pub namespace: Rc<str>,
    pub name: Rc<str>,
}

impl Key {
    pub fn new(kind: &'static str, namespace: &str, name: &str) -> Key {
        Key { kind, namespace: Rc::from(namespace), name: Rc::from(name) }
    }

    /// A part of the picture that is no API object.
    pub fn part(kind: &'static str, name: &str) -> Key {
        Key::new(kind, "", name)
    }

    /// Whether the API knows an object of this name.
    pub fn is_object(&self) -> bool {
        self.kind.starts_with(|c: char| c.is_ascii_uppercase())
    }
}

#[derive(Clone, PartialEq, Debug)]
pub struct Hit {
    pub key: Key,
    pub id: Id,
    pub rect: Rect,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    Left,
    Right,
    Up,
    Down,
}

/// The smallest thing under a point; targets narrower than 24 px may be missed by as much as that.
pub fn at(hits: &[Hit], x: f32, y: f32) -> Option<&Hit> {
    // The map, its buttons and handles lie over everything else.
    if let Some(tool) = hits.iter().rev().find(|hit| is_tool(&hit.key) && hit.rect.contains(x, y)) {
        return Some(tool);
    }
    let reach = |hit: &Hit| {
        let slack = |length: f32| ((24.0 - length) / 2.0).max(0.0);
        let (dx, dy) = (slack(hit.rect.w), slack(hit.rect.h));
        Rect::new(hit.rect.x - dx, hit.rect.y - dy, hit.rect.w + 2.0 * dx, hit.rect.h + 2.0 * dy)
    };
    hits.iter()
        .filter(|hit| reach(hit).contains(x, y))
        .min_by(|a, b| (a.rect.w * a.rect.h).total_cmp(&(b.rect.w * b.rect.h)))
}

/// What helps to look and what gives orders is no place to go to with the arrow keys.
fn is_tool(key: &Key) -> bool {
    matches!(key.kind, "camera" | handle::ORDER | handle::GRIP)
}

/// The next thing in a direction: near along the way counts, far beside it counts twice.
pub fn neighbour<'a>(hits: &'a [Hit], from: &Key, direction: Direction) -> Option<&'a Hit> {
    let here = hits.iter().find(|hit| hit.key == *from)?;
    let (x, y) = here.rect.centre();
    let away = |hit: &Hit| {
        let (hx, hy) = hit.rect.centre();
        let (dx, dy) = (hx - x, hy - y);
        let (along, beside) = match direction {
            Direction::Left => (-dx, dy.abs()),
            Direction::Right => (dx, dy.abs()),
            Direction::Up => (-dy, dx.abs()),
            Direction::Down => (dy, dx.abs()),
        };
        (along > 1.0 && along >= beside * 0.5).then_some(along + 2.0 * beside)
    };
    // What encloses or is enclosed is reached with Enter and Esc, not sideways.
    let nested = |hit: &Hit| hit.rect.contains(x, y) || here.rect.contains(hit.rect.centre().0, hit.rect.centre().1);
    hits.iter()
        .filter(|hit| hit.key != here.key && !is_tool(&hit.key) && !nested(hit))
        .filter_map(|hit| away(hit).map(|cost| (cost, hit)))
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, hit)| hit)
}

/// The nearest thing around the one given (a Pod's tank).
pub fn enclosing<'a>(hits: &'a [Hit], of: &Key) -> Option<&'a Hit> {
    let here = hits.iter().find(|hit| hit.key == *of)?;
    let (x, y) = here.rect.centre();
    hits.iter()
        .filter(|hit| {
            hit.key != here.key && hit.rect.contains(x, y) && hit.rect.w * hit.rect.h > here.rect.w * here.rect.h
        })
        .min_by(|a, b| (a.rect.w * a.rect.h).total_cmp(&(b.rect.w * b.rect.h)))
}

/// The first thing within the one given, in reading order.
pub fn enclosed<'a>(hits: &'a [Hit], of: &Key) -> Option<&'a Hit> {
    let here = hits.iter().find(|hit| hit.key == *of)?;
    hits.iter()
        .filter(|hit| hit.key != here.key && !is_tool(&hit.key) && hit.rect.w * hit.rect.h < here.rect.w * here.rect.h)
        .filter(|hit| here.rect.contains(hit.rect.centre().0, hit.rect.centre().1))
        .min_by(|a, b| (a.rect.y, a.rect.x).partial_cmp(&(b.rect.y, b.rect.x)).expect("no NaN in a layout"))
}
