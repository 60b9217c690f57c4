//! Kubernetes 1.36: apiserver/pkg/cel/library/lists.go; cel-go: ext/{sets,lists,math}.go

use super::super::eval::{Failure, Out, within_limits};
use super::super::value::Val;
use super::truth;
use crate::custom::number::Decimal;
use std::cmp::Ordering;

const LONGEST_RANGE: i64 = 100_000;

pub fn call(name: &str, values: &[Val]) -> Option<Out> {
    match (name, values) {
        ("optional.of", [value]) => Some(Ok(Val::some(value.clone()))),
        ("optional.none", []) => Some(Ok(Val::Optional(None))),
        ("optional.ofNonZeroValue", [value]) => {
            Some(Ok(if is_zero(value) { Val::Optional(None) } else { Val::some(value.clone()) }))
        }
        ("hasValue", [Val::Optional(held)]) => truth(held.is_some()),
        ("value", [Val::Optional(held)]) => {
            let empty = || Failure::new("optional.none() dereference");
            Some(held.as_deref().cloned().ok_or_else(empty))
        }
        ("size", [Val::Map(entries)]) => Some(Ok(Val::Int(entries.len() as i64))),
        ("size", [Val::Bytes(bytes)]) => Some(Ok(Val::Int(bytes.len() as i64))),
        ("lists.range", [Val::Int(n)]) if *n <= LONGEST_RANGE => Some(Ok(Val::list((0..*n).map(Val::Int).collect()))),
        ("lists.range", [Val::Int(_)]) => Some(Err(Failure::new("range size exceeds maximum allowed value"))),
        ("@sorted", [Val::List(keys), Val::List(items)]) => {
            let mut both: Vec<(&Val, &Val)> = keys.iter().zip(items.iter()).collect();
            both.sort_by(|(a, _), (b, _)| a.order(b).unwrap_or(Ordering::Equal));
            Some(Ok(Val::list(both.into_iter().map(|(_, item)| item.clone()).collect())))
        }
        (_, [Val::List(a), Val::List(b)]) => sets(name, a, b),
        (_, [Val::List(items), rest @ ..]) => one(name, items, rest),
        _ => None,
    }
}

fn is_zero(value: &Val) -> bool {
    match value {
        Val::Null | Val::Bool(false) | Val::Int(0) | Val::Uint(0) | Val::Duration(0) | Val::Optional(None) => true,
        Val::Double(_) => value.equals(&Val::Int(0)),
        Val::Str(text) => text.is_empty(),
        Val::List(items) => items.is_empty(),
        Val::Map(entries) => entries.is_empty(),
        _ => false,
    }
}

fn one(name: &str, items: &[Val], rest: &[Val]) -> Option<Out> {
    let at = |n: Option<usize>| Some(Ok(Val::Int(n.map_or(-1, |n| n as i64))));
    match (name, rest) {
        ("size", []) => Some(Ok(Val::Int(items.len() as i64))),
        ("isSorted", []) => {
            let orders: Option<Vec<Ordering>> = items.windows(2).map(|pair| pair[0].order(&pair[1])).collect();
            truth(orders?.iter().all(|order| *order != Ordering::Greater))
        }
        ("sum", []) => sum(items),
        ("min" | "max", []) if items.is_empty() => Some(Err(Failure::new(format!("{name} called on empty list")))),
        ("min" | "max", []) => extreme(items, name == "max"),
        ("indexOf", [value]) => at(items.iter().position(|item| item.equals(value))),
        ("lastIndexOf", [value]) => at(items.iter().rposition(|item| item.equals(value))),
        ("distinct", []) => {
            let mut out: Vec<Val> = vec![];
            for item in items {
                if !out.iter().any(|own| own.equals(item)) {
                    out.push(item.clone());
                }
            }
            Some(Ok(Val::list(out)))
        }
        ("reverse", []) => Some(Ok(Val::list(items.iter().rev().cloned().collect()))),
        ("sort", []) => {
            let mut out = items.to_vec();
            out.sort_by(|a, b| a.order(b).unwrap_or(Ordering::Equal));
            Some(Ok(Val::list(out)))
        }
        ("flatten", []) => Some(flat(items, 1)),
        ("flatten", [Val::Int(level)]) => Some(match level {
            0.. => flat(items, *level),
            _ => Err(Failure::new("level must be non-negative")),
        }),
        ("slice", [Val::Int(from), Val::Int(to)]) => {
            let range = usize::try_from(*from).ok().zip(usize::try_from(*to).ok());
            let part = range.and_then(|(from, to)| items.get(from..to));
            let why = match () {
                () if *from < 0 || *to < 0 => "negative indexes not supported".into(),
                () if from > to => "start index must be less than or equal to end index".into(),
                () => format!("list is length {}", items.len()),
            };
            let wrong = || Failure::new(format!("cannot slice({from}, {to}), {why}"));
            Some(part.map(|part| Val::list(part.to_vec())).ok_or_else(wrong))
        }
        _ => None,
    }
}

fn flat(items: &[Val], level: i64) -> Out {
    let mut out = items.to_vec();
    for _ in 0..level {
        let inner = |item: &Val| if let Val::List(inner) = item { inner.len() } else { 1 };
        within_limits(out.iter().map(inner).sum())?;
        if !out.iter().any(|item| matches!(item, Val::List(_))) {
            break;
        }
        let parts = out.iter().flat_map(|item| match item {
            Val::List(inner) => inner.to_vec(),
            other => vec![other.clone()],
        });
        out = parts.collect();
    }
    Ok(Val::list(out))
}

fn sum(items: &[Val]) -> Option<Out> {
    let nothing = match items.first() {
        None | Some(Val::Int(_)) => Val::Int(0),
        Some(Val::Uint(_)) => Val::Uint(0),
        Some(Val::Duration(_)) => Val::Duration(0),
        Some(Val::Double(_)) => Val::Double(Decimal::whole(0)),
        _ => return None,
    };
    Some(items.iter().try_fold(nothing, |total, item| super::call("_+_", &[total, item.clone()])))
}

fn extreme(items: &[Val], largest: bool) -> Option<Out> {
    let (mut best, wanted) = (items.first()?, if largest { Ordering::Greater } else { Ordering::Less });
    for item in &items[1..] {
        if item.order(best)? == wanted {
            best = item;
        }
    }
    Some(Ok(best.clone()))
}

fn sets(name: &str, a: &[Val], b: &[Val]) -> Option<Out> {
    let holds = |list: &[Val], value: &Val| list.iter().any(|own| own.equals(value));
    match name {
        "sets.contains" => truth(b.iter().all(|value| holds(a, value))),
        "sets.equivalent" => truth(b.iter().all(|v| holds(a, v)) && a.iter().all(|v| holds(b, v))),
        "sets.intersects" => truth(b.iter().any(|value| holds(a, value))),
        _ => one(name, a, &[Val::list(b.to_vec())]),
    }
}
