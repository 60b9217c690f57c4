//! What an expression costs at most, reckoned before it is ever run.
//!
//! cel-go 0.26: checker/cost.go, and how parser/macro.go, cel/library.go and ext/ write macros out. What functions cost is in
//! `calls`.

mod calls;

use super::parse::{Each, Expr, Kind};
use super::sizes::Part;
use super::types::{Ty, Typed};
use super::value::Val;
use std::cell::RefCell;
use std::rc::Rc;

/// So large a text, list or map may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Size {
    least: u64,
    most: u64,
}

const UNKNOWN: Size = Size { least: 0, most: u64::MAX };
const NEW_LIST: u64 = 10;
const NEW_MAP: u64 = 30;

fn exactly(n: u64) -> Size {
    Size { least: n, most: n }
}

impl Size {
    fn plus(self, other: Size) -> Size {
        Size { least: self.least.saturating_add(other.least), most: self.most.saturating_add(other.most) }
    }
    fn times(self, other: Size) -> Size {
        Size { least: self.least.saturating_mul(other.least), most: self.most.saturating_mul(other.most) }
    }
    fn or(self, other: Size) -> Size {
        Size { least: self.least.min(other.least), most: self.most.max(other.most) }
    }
}

/// How large keys and items of a list or a map may be that an expression makes.
#[derive(Clone, Copy, Debug)]
struct Entry {
    is_list: bool,
    key: Size,
    item: Size,
}

impl Entry {
    fn of_list(item: Size) -> Entry {
        Entry { is_list: true, key: exactly(1), item }
    }
    fn or(self, other: Entry) -> Entry {
        Entry { key: self.key.or(other.key), item: self.item.or(other.item), ..self }
    }
}

/// Where in what is described a value stands, from a name on; empty if that is not known.
///
/// The server keeps paths in slices of Go and appends to them, so that two that go on from one may share their last step: what was
/// appended later is what both then hold. It reckons with that, and so do we.
#[derive(Clone, Debug, Default)]
struct Path {
    steps: Rc<RefCell<Vec<Rc<str>>>>,
    len: usize,
}

impl Path {
    fn from(name: &str) -> Path {
        Path::default().then(name)
    }
    fn then(&self, step: &str) -> Path {
        let has_room = self.len < self.len.next_power_of_two() && self.len > 0;
        let steps = if has_room { self.steps.clone() } else { Rc::new(RefCell::new(self.steps())) };
        let mut held = steps.borrow_mut();
        match held.get_mut(self.len) {
            Some(place) => *place = step.into(),
            None => held.push(step.into()),
        }
        drop(held);
        Path { steps, len: self.len + 1 }
    }
    /// The same, which nothing else can change.
    fn apart(&self) -> Path {
        Path { steps: Rc::new(RefCell::new(self.steps())), len: self.len }
    }
    fn is_empty(&self) -> bool {
        self.len == 0
    }
    fn steps(&self) -> Vec<Rc<str>> {
        self.steps.borrow()[..self.len].to_vec()
    }
}

/// What is known of a part of an expression.
#[derive(Clone, Debug, Default)]
struct Found {
    cost: u64,
    path: Path,
    size: Option<Size>,
    entry: Option<Entry>,
    /// The size, if nothing else tells of it.
    otherwise: Option<Size>,
}

fn costs(cost: u64) -> Found {
    Found { cost, ..Found::default() }
}

/// What an expression costs at most, if what `names` begin with is so described; any name if there is none.
pub fn most(expr: &Typed, described: &Part, name: Option<&str>) -> u64 {
    Estimate { described, name, local: vec![] }.of(expr).cost
}

struct Estimate<'a> {
    described: &'a Part,
    name: Option<&'a str>,
    local: Vec<(Rc<str>, Found)>,
}

impl Estimate<'_> {
    fn described(&self, path: &Path) -> Option<Size> {
        let steps = path.steps();
        let (first, rest) = steps.split_first()?;
        if self.name.is_some_and(|name| name != &**first) {
            return None;
        }
        Some(Size { least: 0, most: self.described.at(rest)?.most })
    }

    /// The size of a part, which is settled by this.
    fn size(&self, found: &mut Found, ty: &Ty) -> Option<Size> {
        found.size = found.size.or_else(|| self.described(&found.path));
        found.size.or_else(|| is_scalar(ty).then_some(exactly(1))).or(found.otherwise)
    }
    fn size_or_any(&self, found: &mut Found, ty: &Ty) -> Size {
        self.size(found, ty).unwrap_or(UNKNOWN)
    }

    fn of(&mut self, node: &Typed) -> Found {
        match &node.expr.kind {
            Kind::Const(value) => Found { size: of_constant(value), ..Found::default() },
            Kind::Name(name) => self.name(name),
            Kind::Select(_, field, optional) => match (&node.parts[..], optional) {
                ([], _) => Found { path: Path::from(&node.expr.dotted().unwrap_or_default()), ..costs(1) },
                ([of], true) => costs(self.of(of).cost.saturating_add(1)),
                ([of, ..], false) => {
                    let found = self.of(of);
                    let own = u64::from(matches!(of.ty, Ty::Map(..) | Ty::Object(..)));
                    Found { path: found.path.then(field), ..costs(found.cost.saturating_add(own)) }
                }
                _ => Found::default(),
            },
            Kind::Has(..) => costs(node.parts.iter().map(|of| self.of(of).cost).sum()),
            Kind::List(items) => {
                let mut found = self.aggregate(NEW_LIST, items.len(), &node.parts, 1);
                found.entry = found.entry.map(|entry| Entry::of_list(entry.item));
                found
            }
            Kind::Map(entries) => {
                // Keys were looked at before values.
                let (keys, values) = node.parts.split_at(node.parts.len() / 2);
                let pairs: Vec<Typed> = keys.iter().zip(values).flat_map(|(k, v)| [k.clone(), v.clone()]).collect();
                self.aggregate(NEW_MAP, entries.len(), &pairs, 2)
            }
            Kind::Each(each, _, names, _) => self.each(*each, names, node),
            Kind::Bind(name, ..) => match &node.parts[..] {
                [value, inside] => {
                    let held = self.of(value);
                    self.bind(name, held, &value.ty, inside)
                }
                _ => Found::default(),
            },
            Kind::Call(name, _, arguments) => match &**name {
                "optMap" | "optFlatMap" if node.parts.len() == 2 => self.optional_map(name, arguments, node),
                _ => self.call(node),
            },
        }
    }

    fn name(&self, name: &str) -> Found {
        match self.local.iter().rev().find(|(own, _)| **own == *name) {
            Some((_, held)) => Found { cost: 1, size: None, ..held.clone() },
            None => Found { path: Path::from(name), ..costs(1) },
        }
    }

    /// A list, or a map with keys and values by turns.
    fn aggregate(&mut self, cost: u64, count: usize, parts: &[Typed], step: usize) -> Found {
        let mut out = Found { size: Some(exactly(count as u64)), ..costs(cost) };
        let none = Size { least: if parts.is_empty() { 0 } else { u64::MAX }, most: 0 };
        let mut entry = Entry { is_list: false, key: none, item: none };
        for (i, part) in parts.iter().enumerate() {
            let mut found = self.of(part);
            let size = self.size_or_any(&mut found, &part.ty);
            out.cost = out.cost.saturating_add(found.cost);
            if step == 2 && i % 2 == 0 {
                entry.key = entry.key.or(size);
            } else {
                entry.item = entry.item.or(size);
            }
        }
        out.entry = Some(entry);
        out
    }

    /// With a name for a value.
    fn bind(&mut self, name: &Rc<str>, mut held: Found, ty: &Ty, inside: &Typed) -> Found {
        let before = NEW_LIST.saturating_add(held.cost);
        held.otherwise = self.size(&mut held, ty);
        self.local.push((name.clone(), held));
        let mut out = self.of(inside);
        self.local.pop();
        out.size = self.size(&mut out, &inside.ty);
        Found { cost: out.cost.saturating_add(before), path: Path::default(), otherwise: None, ..out }
    }

    /// `o.optMap(v, e)` is `o.hasValue() ? optional.of(cel.bind(v, o.value(), e)) : optional.none()`.
    fn optional_map(&mut self, name: &str, arguments: &[Expr], node: &Typed) -> Found {
        let ([target, inside], Some(Kind::Name(variable))) = (&node.parts[..], arguments.first().map(|a| &a.kind))
        else {
            return Found::default();
        };
        let asked = self.of(target).cost.saturating_add(1);
        let held = costs(self.of(target).cost.saturating_add(1));
        let ty = match &target.ty {
            Ty::Optional(held) => (**held).clone(),
            _ => Ty::Any,
        };
        let made = self.bind(variable, held, &ty, inside).cost.saturating_add(u64::from(name == "optMap"));
        let size = if is_scalar(&node.ty) { exactly(1) } else { UNKNOWN };
        Found { size: Some(size), ..costs(asked.saturating_add(made.max(1))) }
    }

    /// What a macro gives a name to, item by item or key by key.
    fn given(&self, range: &Found, ty: &Ty, is_value: bool, is_alone: bool) -> Found {
        let is_list = range.entry.map_or(matches!(ty, Ty::List(_)), |entry| entry.is_list);
        let of_item = if is_alone { is_list } else { is_value };
        let step = match (of_item, is_list) {
            (true, true) => "@items",
            (true, false) => "@values",
            (false, true) => "@indices",
            (false, false) => "@keys",
        };
        let otherwise = range.entry.map(|entry| if of_item { entry.item } else { entry.key });
        Found { path: range.path.then(step), otherwise, ..Found::default() }
    }

    fn each(&mut self, each: Each, names: &[Rc<str>], node: &Typed) -> Found {
        let Some((over, inside)) = node.parts.split_first() else { return Found::default() };
        let mut range = self.of(over);
        if each == Each::SortBy {
            return self.sort_by(range, over, names, inside);
        }
        let before = self.local.len();
        match names {
            [one] => self.local.push((one.clone(), self.given(&range, &over.ty, true, true))),
            _ => {
                let pair = [false, true].map(|is_value| self.given(&range, &over.ty, is_value, false));
                self.local.extend(names.iter().cloned().zip(pair));
            }
        }
        let mut made: Vec<Found> = inside.iter().map(|part| self.of(part)).collect();
        let sizes: Vec<Size> = made.iter_mut().zip(inside).map(|(f, part)| self.size_or_any(f, &part.ty)).collect();
        // With a condition the item itself is taken.
        let mut item = names.first().map_or_else(Found::default, |name| self.name(name));
        let item_ty = if let Ty::List(of) = &node.ty { (**of).clone() } else { Ty::Any };
        let item_size = self.size_or_any(&mut item, &item_ty);
        self.local.truncate(before);
        let first = made.first().map_or(0, |found| found.cost);
        let last = made.last().map_or(0, |found| found.cost);
        // A list with one item, appended to what there is; or a key with a value put into it.
        let step = |own: u64| if made.len() > 1 { first.saturating_add(own.max(1)) } else { own };
        let grown = |cost: u64| cost.saturating_add(1 + 1 + NEW_LIST);
        let (start, each_time, end) = match each {
            Each::All => (0, first.saturating_add(2 + 1), 1),
            Each::Exists => (0, first.saturating_add(3 + 1), 1),
            Each::ExistsOne => (0, first.saturating_add(2), 2),
            Each::Map => (NEW_LIST, step(grown(last)), 1),
            Each::Filter => (NEW_LIST, first.saturating_add(grown(1)), 1),
            Each::Merged => (NEW_MAP, step(last.saturating_add(2)), 1),
            Each::Entries | Each::SortBy => (NEW_MAP, step(last.saturating_add(3)), 1),
        };
        let count = self.size_or_any(&mut range, &over.ty);
        let loops = count.most.saturating_mul(each_time);
        let cost = [range.cost, start, end, loops].into_iter().fold(0u64, u64::saturating_add);
        let grows = |item: Size| Some(Entry::of_list(item.or(exactly(0))));
        let (size, entry) = match each {
            Each::All | Each::Exists | Each::ExistsOne => (exactly(1), None),
            Each::Map => (count, sizes.last().copied().and_then(grows)),
            Each::Filter => (count, grows(item_size)),
            Each::Entries | Each::Merged | Each::SortBy => (count, None),
        };
        Found { size: Some(size), entry, ..costs(cost) }
    }

    /// `l.sortBy(v, e)` is `cel.bind(i, l, i.@sortByAssociatedKeys(i.map(v, e)))`.
    fn sort_by(&mut self, mut range: Found, over: &Typed, names: &[Rc<str>], inside: &[Typed]) -> Found {
        let (Some(name), Some(key)) = (names.first(), inside.first()) else { return Found::default() };
        let before = self.size_or_any(&mut range, &over.ty);
        self.local.push((name.clone(), self.given(&range, &over.ty, true, true)));
        let made = self.of(key).cost;
        self.local.pop();
        let count = self.described(&range.path).unwrap_or(before);
        let mapped = count.most.saturating_mul(made.saturating_add(2 + NEW_LIST)).saturating_add(2 + NEW_LIST);
        let (cost, size) = calls::sorted(count, &key.ty);
        let parts = [range.cost, NEW_LIST, 1, mapped, cost];
        Found { size: Some(size), ..costs(parts.into_iter().fold(0u64, u64::saturating_add)) }
    }
}

fn of_constant(value: &Val) -> Option<Size> {
    Some(exactly(match value {
        Val::Str(text) => text.chars().count() as u64,
        Val::Bytes(bytes) => bytes.len() as u64,
        Val::Bool(_) | Val::Int(_) | Val::Uint(_) | Val::Double(_) | Val::Null => 1,
        _ => return None,
    }))
}

/// Whether all values of a type are of one size.
fn is_scalar(ty: &Ty) -> bool {
    match ty {
        Ty::Named(name) => ["bool", "double", "duration", "int", "timestamp", "uint"].contains(name),
        Ty::Optional(held) => is_scalar(held),
        _ => false,
    }
}
