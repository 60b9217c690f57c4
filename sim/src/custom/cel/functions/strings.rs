//! Kubernetes 1.36: apiserver/pkg/cel/library/regex.go; cel-go: ext/strings.go

use super::super::eval::{Failure, Out, within_limits};
use super::super::value::Val;
use super::{plain, truth};
use crate::custom::pattern;
use std::rc::Rc;

pub fn call(name: &str, values: &[Val]) -> Option<Out> {
    let [Val::Str(text), arguments @ ..] = values else { return joined(name, values) };
    match (name, arguments) {
        ("size", []) => Some(Ok(Val::Int(text.chars().count() as i64))),
        ("contains", [Val::Str(part)]) => truth(text.contains(&**part)),
        ("startsWith", [Val::Str(part)]) => truth(text.starts_with(&**part)),
        ("endsWith", [Val::Str(part)]) => truth(text.ends_with(&**part)),
        ("matches", [Val::Str(wanted)]) => {
            Some(pattern::fits(wanted, text).map(Val::Bool).ok_or_else(|| unread(wanted)))
        }
        ("find", [Val::Str(wanted)]) => Some(found(wanted, text).map(|all| first(&all))),
        ("findAll", [Val::Str(wanted)]) => Some(found(wanted, text).map(|all| texts(all.into_iter()))),
        ("findAll", [Val::Str(wanted), Val::Int(most)]) => {
            let most = usize::try_from(*most).unwrap_or(usize::MAX);
            Some(found(wanted, text).map(|all| texts(all.into_iter().take(most))))
        }
        ("charAt", [Val::Int(n)]) => Some(char_at(text, *n)),
        ("indexOf", [Val::Str(part)]) => Some(index(text, part, false)),
        ("lastIndexOf", [Val::Str(part)]) => Some(index(text, part, true)),
        ("indexOf", [Val::Str(part), Val::Int(from)]) => {
            let rest: String = text.chars().skip((*from).max(0) as usize).collect();
            Some(match index(&rest, part, false) {
                Ok(Val::Int(n)) if n >= 0 => Ok(Val::Int(n + from)),
                other => other,
            })
        }
        ("lowerAscii", []) => Some(Ok(Val::text(text.to_ascii_lowercase()))),
        ("upperAscii", []) => Some(Ok(Val::text(text.to_ascii_uppercase()))),
        ("trim", []) => Some(Ok(Val::text(text.trim()))),
        ("reverse", []) => Some(Ok(Val::text(text.chars().rev().collect::<String>()))),
        ("replace", [Val::Str(from), Val::Str(to)]) => Some(replaced(text, from, to, usize::MAX)),
        ("replace", [Val::Str(from), Val::Str(to), Val::Int(most)]) => {
            Some(replaced(text, from, to, usize::try_from(*most).unwrap_or(usize::MAX)))
        }
        ("split", [Val::Str(by)]) => Some(Ok(split(text, by, usize::MAX))),
        ("split", [Val::Str(by), Val::Int(most)]) => {
            Some(Ok(split(text, by, usize::try_from(*most).unwrap_or(usize::MAX))))
        }
        ("substring", [Val::Int(from)]) => Some(substring(text, *from, text.chars().count() as i64)),
        ("substring", [Val::Int(from), Val::Int(to)]) => Some(substring(text, *from, *to)),
        ("format", [Val::List(items)]) => Some(formatted(text, items)),
        ("strings.quote", []) => Some(Ok(Val::text(format!("{text:?}")))),
        _ => None,
    }
}

fn joined(name: &str, values: &[Val]) -> Option<Out> {
    let ("join", [Val::List(items), rest @ ..]) = (name, values) else { return None };
    let between = match rest {
        [] => "",
        [Val::Str(between)] => between,
        _ => return None,
    };
    let text = |item: &Val| if let Val::Str(text) = item { Some(text.clone()) } else { None };
    let parts: Option<Vec<Rc<str>>> = items.iter().map(text).collect();
    let parts = parts?;
    let size = parts.iter().map(|part| part.len() + between.len()).sum();
    Some(within_limits(size).map(|()| Val::text(parts.join(between))))
}

fn texts(all: impl Iterator<Item = String>) -> Val {
    Val::list(all.map(Val::text).collect())
}

fn first(all: &[String]) -> Val {
    Val::text(all.first().map_or("", String::as_str))
}

fn found(wanted: &str, text: &str) -> Result<Vec<String>, Failure> {
    pattern::all(wanted, text).ok_or_else(|| unread(wanted))
}

fn unread(pattern: &str) -> Failure {
    Failure::not_simulated(&format!("the pattern {pattern:?}"))
}

fn replaced(text: &str, from: &str, to: &str, most: usize) -> Out {
    let times = text.matches(from).count().min(most);
    within_limits(text.len() + times.saturating_mul(to.len()))?;
    Ok(Val::text(text.replacen(from, to, most)))
}

fn char_at(text: &str, n: i64) -> Out {
    let length = text.chars().count() as i64;
    if n < 0 || n > length {
        return Err(Failure::new(format!("index out of range: {n}")));
    }
    Ok(Val::text(text.chars().nth(n as usize).map_or(String::new(), String::from)))
}

fn index(text: &str, part: &str, last: bool) -> Out {
    let at = if last { text.rfind(part) } else { text.find(part) };
    Ok(Val::Int(at.map_or(-1, |at| text[..at].chars().count() as i64)))
}

fn split(text: &str, by: &str, most: usize) -> Val {
    if most == 0 {
        return Val::list(vec![]);
    }
    if by.is_empty() {
        return texts(text.chars().map(String::from));
    }
    texts(text.splitn(most, by).map(String::from))
}

fn substring(text: &str, from: i64, to: i64) -> Out {
    let length = text.chars().count() as i64;
    if from > to {
        return Err(Failure::new(format!("invalid substring range. start: {from}, end: {to}")));
    }
    if let Some(n) = [from, to].into_iter().find(|n| *n < 0 || *n > length) {
        return Err(Failure::new(format!("index out of range: {n}")));
    }
    Ok(Val::text(text.chars().skip(from as usize).take((to - from) as usize).collect::<String>()))
}

/// `"%s is %d".format([a, b])`
fn formatted(text: &str, items: &[Val]) -> Out {
    let (mut out, mut items, mut rest) = (String::new(), items.iter(), text.chars());
    while let Some(c) = rest.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let mut verb = rest.next();
        let mut places = None;
        if verb == Some('.') {
            let digits: String = rest.clone().take_while(char::is_ascii_digit).collect();
            places = digits.parse::<usize>().ok();
            verb = rest.nth(digits.len());
        }
        if verb == Some('%') {
            out.push('%');
            continue;
        }
        within_limits(out.len())?;
        let Some(item) = items.next() else { return Err(Failure::new("index 0 out of range")) };
        match (verb, item) {
            (Some('s'), _) => out += &shown(item),
            (Some('d'), Val::Int(_) | Val::Uint(_)) => out += &plain(item),
            (Some('x'), Val::Int(n)) => out += &format!("{n:x}"),
            (Some('X'), Val::Int(n)) => out += &format!("{n:X}"),
            (Some('o'), Val::Int(n)) => out += &format!("{n:o}"),
            (Some('b'), Val::Int(n)) => out += &format!("{n:b}"),
            (Some('f'), Val::Double(n)) => out += &n.fixed(places.unwrap_or(6)),
            (verb, _) => {
                let verb = verb.map_or(String::new(), String::from);
                return Err(Failure::new(format!("unrecognized formatting clause \"{verb}\"")));
            }
        }
    }
    Ok(Val::text(out))
}

fn shown(value: &Val) -> String {
    match value {
        Val::List(items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", ")),
        Val::Map(entries) => {
            let pairs = entries.iter().map(|(key, value)| format!("{}: {}", shown(key), shown(value)));
            format!("{{{}}}", pairs.collect::<Vec<_>>().join(", "))
        }
        other => plain(other),
    }
}
