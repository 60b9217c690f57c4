//! What functions and operators cost, and how large what comes of them may be.
//!
//! cel-go 0.26: checker/cost.go, ext/{lists,sets}.go; Kubernetes 1.36: apiserver/pkg/cel/library/cost.go

use super::super::double::{Double, FIFTH, QUARTER, TENTH, TWO, TWO_AND_TENTH};
use super::{Entry, Estimate, Found, NEW_LIST, Path, Size, UNKNOWN, exactly, is_scalar};
use crate::custom::cel::parse::Kind;
use crate::custom::cel::types::{Ty, Typed};
use crate::custom::cel::value::Val;

/// A cost, and a size if the function itself tells of one.
type Cost = (u64, Option<Size>);

/// What is called on, or with.
struct Given<'a> {
    node: &'a Typed<'a>,
    found: Found,
    size: Size,
    /// Whether the size is known.
    is_sized: bool,
}

impl Given<'_> {
    fn int(&self) -> Option<u64> {
        match self.node.expr.kind {
            Kind::Const(Val::Int(n)) => Some(u64::try_from(n).unwrap_or(0)),
            _ => None,
        }
    }
}

/// A new list made by a function.
fn new_list(by: Double, size: Size) -> Cost {
    (by.of(size.most).saturating_add(1 + NEW_LIST), Some(size))
}

/// A list of this size, sorted by keys of a type.
pub fn sorted(size: Size, key: &Ty) -> (u64, Size) {
    // Where the type of the keys is open, it may be the costliest.
    let is_plain = is_scalar(key);
    let all = size.times(size);
    (new_list(if is_plain { TWO } else { TWO_AND_TENTH }, all).0, all)
}

impl Estimate<'_> {
    pub(super) fn call(&mut self, node: &Typed) -> Found {
        let is_method = node.forms.first().is_some_and(|form| form.contains('.'));
        let (target, arguments) = node.parts.split_at(usize::from(is_method).min(node.parts.len()));
        let arguments: Vec<Given> = arguments.iter().map(|part| self.given_to(part)).collect();
        let before = arguments.iter().fold(0, |sum: u64, given| sum.saturating_add(given.found.cost));
        if let ("dyn", [argument]) = (&*node.called, &arguments[..]) {
            let size = Some(argument.size);
            return Found { cost: before.saturating_add(1), path: Path::default(), size, ..argument.found.clone() };
        }
        let target: Option<Given> = target.first().map(|part| self.given_to(part));
        let mut out = Found::default();
        let (mut cost, mut size) = (0, None::<Size>);
        for form in &node.forms {
            let (own, made) = self.form(node, form, target.as_ref(), &arguments, &mut out);
            cost = cost.max(own);
            size = match (size, made) {
                (Some(one), Some(other)) => Some(one.or(other)),
                (one, other) => one.or(other),
            };
            if let ("_[_]", "LAi:A" | "MABA:B", Some(of)) = (&*node.called, *form, arguments.first()) {
                let step = if *form == "LAi:A" { "@items" } else { "@values" };
                out.path = of.found.path.then(step);
                size = of.found.entry.map(|entry| entry.item);
            }
            size = size.or_else(|| self.size(&mut out, &node.ty));
        }
        let joins = matches!(&*node.called, "_&&_" | "_||_" | "_?_:_");
        let sum = if joins { cost } else { cost.saturating_add(before) };
        out.cost = sum.saturating_add(target.map_or(0, |given| given.found.cost));
        out.size = size;
        out
    }

    fn given_to<'a>(&mut self, node: &'a Typed<'a>) -> Given<'a> {
        let mut found = self.of(node);
        let size = self.size(&mut found, &node.ty);
        Given { node, found, size: size.unwrap_or(UNKNOWN), is_sized: size.is_some() }
    }

    fn form(&self, node: &Typed, form: &str, target: Option<&Given>, given: &[Given], out: &mut Found) -> Cost {
        let own = of_lists(&node.called, form, target, given);
        let own = own.or_else(|| self.of_server(&node.called, form, target, given));
        own.unwrap_or_else(|| of_language(&node.called, form, target, given, out))
    }

    /// The size of the items of a list; `None` if it is none.
    fn items(&self, list: &Given) -> Option<(Size, bool)> {
        let Ty::List(of) = &list.node.ty else { return None };
        let size = self.described(&list.found.path.apart().then("@items"));
        let size = size.filter(|_| !list.found.path.is_empty()).unwrap_or(UNKNOWN);
        Some((size, matches!(**of, Ty::Named("string" | "bytes"))))
    }

    /// What the server adds to the language.
    fn of_server(&self, name: &str, form: &str, target: Option<&Given>, given: &[Given]) -> Option<Cost> {
        let first = given.first().map(|given| given.size);
        let on = target.map(|target| target.size);
        let through = |size: Size, by: Double| (by.of(size.most), None);
        Some(match name {
            "isSorted" | "sum" | "max" | "min" | "indexOf" | "lastIndexOf" => match self.items(target?) {
                Some((item, is_text)) => {
                    let one = if is_text { TENTH.of(item.most).saturating_add(1) } else { 1 };
                    (on?.most.saturating_mul(one), None)
                }
                None => through(on?, TENTH),
            },
            "url" => (TENTH.of(first?.most), first),
            "lowerAscii" | "upperAscii" | "substring" | "trim" => (TENTH.of(on?.most), on),
            "replace" => (FIFTH.of(on?.most), Some(replaced(on?, first?, given.get(1)?.size))),
            "split" => {
                let most = given.get(1).and_then(Given::int).unwrap_or(on?.most);
                (FIFTH.of(on?.most), Some(Size { least: 0, most }))
            }
            "join" => {
                let item = self.items(target?).map(|(item, _)| item.times(on.unwrap_or(UNKNOWN)));
                let between = Size { least: on?.least.saturating_sub(1), most: on?.most.saturating_sub(1) };
                let size = item.unwrap_or(exactly(0)).plus(first.map_or(exactly(0), |own| own.times(between)));
                (TENTH.of(size.most), Some(size))
            }
            "find" | "findAll" => {
                let size = Size { least: 0, most: on?.most };
                (pattern(on?, first?), Some(size))
            }
            "ip" if form == "c.:n" => (1, None),
            "cidr" | "isIP" | "isCIDR" | "ip" | "quantity" | "isQuantity" | "semver" | "isSemver" => {
                through(first?, TENTH)
            }
            "ip.isCanonical" => through(first?, FIFTH),
            // Addresses have 16 bytes at most, and are compared with as many.
            "containsIP" | "containsCIDR" => {
                let own = if name == "containsIP" { 4 } else { 4 + 2 + 1 };
                let read = if form == "c.s:b" { TENTH.of(first?.most) } else { 0 };
                (read.saturating_add(own), None)
            }
            "validate" => (TENTH.of(first?.most).saturating_mul(32), None),
            "_==_" => (self.equal(given)?, None),
            _ => return None,
        })
    }

    /// Values of some types are compared at once.
    fn equal(&self, given: &[Given]) -> Option<u64> {
        let [a, b] = given else { return None };
        match (&a.node.ty, &b.node.ty) {
            (Ty::Named(a), Ty::Named(b)) if a != b => None,
            (Ty::Named("net.IP" | "net.CIDR" | "kubernetes.Quantity" | "kubernetes.Semver"), Ty::Named(_)) => Some(1),
            (Ty::Named("kubernetes.NamedFormat"), Ty::Named(_)) => Some(TENTH.of(64)),
            (Ty::Named("kubernetes.URL"), Ty::Named(_)) => Some(TENTH.of(if b.is_sized { b.size.most } else { 1 })),
            _ => None,
        }
    }
}

/// A text searched by a pattern.
fn pattern(text: Size, pattern: Size) -> u64 {
    TENTH.of(text.most.saturating_add(1)).saturating_mul(QUARTER.of(pattern.most))
}

/// A text with every `what` in it made `with`.
fn replaced(text: Size, what: Size, with: Size) -> Size {
    let parts = |whole: u64, part: u64| Double::ratio(whole, part).of(1);
    let (count, kept) = match what.least {
        0 => (text.most.saturating_add(1), text.most),
        least if with.most <= least => (0, text.most),
        least => (parts(text.most, least), 0),
    };
    let most = count.saturating_mul(with.most).saturating_add(kept);
    let (count, kept) = match what.most {
        0 => (text.least.saturating_add(1), text.least),
        most if most <= with.least => (0, text.least),
        most => (parts(text.least, most), 0),
    };
    Size { least: count.saturating_mul(with.least).saturating_add(kept), most }
}

/// The libraries of lists and sets.
fn of_lists(name: &str, form: &str, target: Option<&Given>, given: &[Given]) -> Option<Cost> {
    let once = Double::ratio(1, 1);
    let on = target.map(|target| target.size);
    Some(match (name, form) {
        ("sets.contains" | "sets.intersects" | "sets.equivalent", _) => {
            let all = given.first()?.size.times(given.get(1)?.size).most;
            let by = if name == "sets.equivalent" { TWO } else { once };
            (by.of(all).saturating_add(1), None)
        }
        ("slice", _) => {
            let (start, end) = (given.first()?.int().unwrap_or(0), given.get(1)?.int().unwrap_or(on?.most));
            new_list(once, exactly(end.wrapping_sub(start)))
        }
        ("lists.range", _) => new_list(once, exactly(given.first()?.int().unwrap_or(u64::MAX))),
        ("reverse", "LA.:LA") => new_list(once, on?),
        ("flatten", _) => {
            let depth = given.first().map_or(1, |depth| depth.int().unwrap_or(u64::MAX));
            (on?.most.saturating_mul(depth).saturating_add(1 + NEW_LIST), on)
        }
        ("distinct", _) => new_list(TWO, on?.times(on?)),
        ("sort", _) => {
            let Ty::List(of) = &target?.node.ty else { return None };
            let (cost, size) = sorted(on?, of);
            (cost, Some(size))
        }
        _ => return None,
    })
}

fn of_language(name: &str, form: &str, target: Option<&Given>, given: &[Given], out: &mut Found) -> Cost {
    let sizes: Vec<Size> = given.iter().map(|given| given.size).collect();
    let costs: Vec<u64> = given.iter().map(|given| given.found.cost).collect();
    let entries = |one: usize, other: usize| -> Option<Entry> {
        Some(given.get(one)?.found.entry?.or(given.get(other)?.found.entry?))
    };
    match (name, form, &sizes[..]) {
        ("format", ..) => (target.map_or(0, |target| TENTH.of(target.size.most)), None),
        ("bytes", "s:y", [text]) => (TENTH.of(text.most), Some(Size { most: text.most.wrapping_mul(4), ..*text })),
        ("string", "y:s", [bytes]) => (TENTH.of(bytes.most), Some(Size { least: bytes.least / 4, ..*bytes })),
        ("strings.quote", _, [text]) => {
            let most = text.most.wrapping_mul(2).wrapping_add(2);
            (TENTH.of(text.most), Some(Size { least: text.least.wrapping_add(2), most }))
        }
        ("startsWith" | "endsWith", _, [part]) => (TENTH.of(part.most), None),
        ("@in", "ALA:b", [_, list]) => (Double::ratio(1, 1).of(list.most), None),
        ("matches", "s.s:b", [own]) => (target.map_or(1, |target| pattern(target.size, *own)), None),
        ("contains", _, [part]) => {
            let whole = target.map_or(0, |target| TENTH.of(target.size.most));
            (whole.saturating_mul(TENTH.of(part.most)), None)
        }
        ("_&&_" | "_||_", ..) => (costs.iter().fold(0, |sum: u64, cost| sum.saturating_add(*cost)), None),
        ("_?_:_", _, [_, yes, no]) => {
            out.entry = entries(1, 2);
            (costs[0].saturating_add(costs[1].max(costs[2])), Some(yes.or(*no)))
        }
        ("_+_", "ss:s" | "yy:y" | "LALA:LA", [a, b]) => {
            out.entry = entries(0, 1).or(out.entry);
            let size = a.plus(*b);
            (if form == "LALA:LA" { 1 } else { TENTH.of(size.most) }, Some(size))
        }
        ("_==_" | "_!=_", _, [a, b]) | ("_<_" | "_<=_" | "_>_" | "_>=_", "ss:b" | "yy:b", [a, b]) => {
            (TENTH.of(a.most.min(b.most)), None)
        }
        _ => (1, None),
    }
}
