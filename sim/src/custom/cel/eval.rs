//! Evaluates expressions.
//!
//! cel-spec: doc/langdef.md (Evaluation). An error in one operand of `&&`, `||` or a macro is no error if another decides.

use super::functions;
use super::parse::{Each, Expr, Kind};
use super::value::Val;
use std::rc::Rc;

/// So much may one evaluation cost.
///
/// Kubernetes 1.36: apiserver/pkg/apis/cel/config.go (PerCallLimit)
const MOST: u64 = 1_000_000;

const MISSING: &str = "not simulated: ";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure(pub String);

impl Failure {
    pub fn new(text: impl Into<String>) -> Failure {
        Failure(text.into())
    }
    pub fn no_overload() -> Failure {
        Failure::new("no such overload")
    }
    /// What is ours to have and is missing.
    pub fn not_simulated(what: &str) -> Failure {
        Failure(format!("{MISSING}{what}"))
    }
    pub fn missing(&self) -> Option<&str> {
        self.0.strip_prefix(MISSING)
    }
    fn spent() -> Failure {
        Failure::new("operation cancelled: actual cost limit exceeded")
    }
    pub fn is_spent(&self) -> bool {
        self.0.starts_with("operation cancelled: actual cost limit exceeded")
    }
}

/// Refuses to make a text or a list of more parts than an evaluation may cost.
pub fn within_limits(size: usize) -> Result<(), Failure> {
    if size as u64 > MOST * 10 { Err(Failure::spent()) } else { Ok(()) }
}

pub type Out = Result<Val, Failure>;

/// One evaluation: what names stand for, and what it has cost.
pub struct Run {
    names: Vec<(Rc<str>, Val)>,
    pub cost: u64,
}

impl Run {
    pub fn new(names: Vec<(Rc<str>, Val)>) -> Run {
        Run { names, cost: 0 }
    }

    fn spend(&mut self, cost: u64) -> Result<(), Failure> {
        self.cost = self.cost.saturating_add(cost);
        if self.cost > MOST {
            return Err(Failure::spent());
        }
        Ok(())
    }

    fn name(&self, name: &str) -> Option<Val> {
        self.names.iter().rev().find(|(own, _)| **own == *name).map(|(_, value)| value.clone())
    }

    /// `net.IP`
    fn type_named(&self, expr: &Expr) -> Option<Val> {
        let name = expr.dotted()?;
        let first = name.split('.').next()?;
        if self.name(first).is_some() { None } else { functions::type_named(&name) }
    }

    pub fn eval(&mut self, expr: &Expr) -> Out {
        match &expr.kind {
            Kind::Const(value) => Ok(value.clone()),
            Kind::Name(name) => {
                self.spend(1)?;
                let known = self.name(name).or_else(|| functions::type_named(name));
                known.ok_or_else(|| Failure::new(format!("no such attribute(s): {name}")))
            }
            Kind::Select(of, field, optional) => {
                if let Some(ty) = self.type_named(expr) {
                    return Ok(ty);
                }
                let target = self.eval(of)?;
                self.spend(1)?;
                selected(&target, &Val::Str(field.clone()), *optional)
            }
            Kind::Has(of, field) => match self.eval(of)? {
                Val::Map(map) => Ok(Val::Bool(Val::Map(map).key(&Val::Str(field.clone())).is_some())),
                Val::Optional(Some(inner)) => Ok(Val::Bool(inner.key(&Val::Str(field.clone())).is_some())),
                Val::Optional(None) => Ok(Val::Bool(false)),
                _ => Err(Failure::no_overload()),
            },
            Kind::List(items) => {
                self.spend(10)?;
                Ok(Val::list(items.iter().map(|item| self.eval(item)).collect::<Result<_, _>>()?))
            }
            Kind::Map(entries) => {
                self.spend(30)?;
                let one = |(key, value): &(Expr, Expr)| Ok((self.eval(key)?, self.eval(value)?));
                Ok(Val::map(entries.iter().map(one).collect::<Result<_, _>>()?))
            }
            Kind::Each(each, over, names, arguments) => self.each(*each, over, names, arguments),
            Kind::Bind(name, value, inside) => {
                let value = self.eval(value)?;
                self.within(name, value, inside)
            }
            Kind::Call(name, target, arguments) => self.call(name, target.as_deref(), arguments),
        }
    }

    fn within(&mut self, name: &Rc<str>, value: Val, inside: &Expr) -> Out {
        self.names.push((name.clone(), value));
        let out = self.eval(inside);
        self.names.pop();
        out
    }

    fn call(&mut self, name: &str, target: Option<&Expr>, arguments: &[Expr]) -> Out {
        match name {
            "_&&_" => return self.junction(arguments, false),
            "_||_" => return self.junction(arguments, true),
            "_?_:_" => {
                let way = match self.eval(&arguments[0])? {
                    Val::Bool(true) => 1,
                    Val::Bool(false) => 2,
                    _ => return Err(Failure::no_overload()),
                };
                return self.eval(&arguments[way]);
            }
            "optMap" | "optFlatMap" => return self.optional_map(name, target, arguments),
            "or" | "orValue" => {
                let target = target.map(|t| self.eval(t)).transpose()?;
                return match (target, arguments) {
                    (Some(Val::Optional(Some(inner))), _) if name == "orValue" => Ok((*inner).clone()),
                    (Some(Val::Optional(Some(inner))), _) => Ok(Val::Optional(Some(inner))),
                    (Some(Val::Optional(None)), [other]) => self.eval(other),
                    _ => Err(Failure::no_overload()),
                };
            }
            _ => {}
        }
        let mut values = vec![];
        let mut full = String::new();
        match target.map(|t| (t, &t.kind)) {
            Some((_, Kind::Name(space))) if functions::is_space(space) && self.name(space).is_none() => {
                full = format!("{space}.{name}");
            }
            Some((target, _)) => values.push(self.eval(target)?),
            None => {}
        }
        for argument in arguments {
            values.push(self.eval(argument)?);
        }
        let size = values.iter().map(functions::weight).sum::<u64>();
        self.spend(1 + size / 10)?;
        functions::call(if full.is_empty() { name } else { &full }, &values)
    }

    /// `||` if `decides` is true, `&&` else.
    fn junction(&mut self, operands: &[Expr], decides: bool) -> Out {
        let mut failed = None;
        for operand in operands {
            match self.eval(operand) {
                Ok(Val::Bool(b)) if b == decides => return Ok(Val::Bool(decides)),
                Ok(Val::Bool(_)) => {}
                Ok(_) => failed = failed.or(Some(Failure::no_overload())),
                Err(failure) if failure.is_spent() => return Err(failure),
                Err(failure) => failed = failed.or(Some(failure)),
            }
        }
        failed.map_or(Ok(Val::Bool(!decides)), Err)
    }

    fn optional_map(&mut self, name: &str, target: Option<&Expr>, arguments: &[Expr]) -> Out {
        let (Some(target), [variable, inside]) = (target, arguments) else { return Err(Failure::no_overload()) };
        let (Val::Optional(held), Kind::Name(variable)) = (self.eval(target)?, &variable.kind) else {
            return Err(Failure::no_overload());
        };
        let Some(held) = held else { return Ok(Val::Optional(None)) };
        let out = self.within(variable, (*held).clone(), inside)?;
        Ok(if name == "optMap" { Val::some(out) } else { out })
    }

    fn each(&mut self, each: Each, over: &Expr, names: &[Rc<str>], arguments: &[Expr]) -> Out {
        let over = self.eval(over)?;
        let numbered = |(i, item): (usize, &Val)| (Val::Int(i as i64), item.clone());
        let pairs: Vec<(Val, Val)> = match &over {
            Val::List(items) => items.iter().enumerate().map(numbered).collect(),
            Val::Map(entries) => entries.to_vec(),
            _ => return Err(Failure::no_overload()),
        };
        let (mut out, mut keys, mut failed, mut count) = (vec![], vec![], None, 0usize);
        for (key, value) in pairs {
            self.spend(2)?;
            let item = if matches!(over, Val::List(_)) { value.clone() } else { key.clone() };
            let before = self.names.len();
            match names {
                [one] => self.names.push((one.clone(), item.clone())),
                _ => self.names.extend(names.iter().cloned().zip([key.clone(), value])),
            }
            let answer = self.step(each, arguments);
            self.names.truncate(before);
            match answer {
                Ok(Step::No) if each == Each::All => return Ok(Val::Bool(false)),
                Ok(Step::Yes) if each == Each::Exists => return Ok(Val::Bool(true)),
                Ok(Step::No) => {}
                Ok(Step::Yes) => {
                    count += 1;
                    out.push(item);
                }
                Ok(Step::Made(made)) => {
                    keys.push(if each == Each::SortBy { item } else { key });
                    out.push(made);
                }
                Err(failure) if matches!(each, Each::All | Each::Exists) && !failure.is_spent() => {
                    failed = failed.or(Some(failure));
                }
                Err(failure) => return Err(failure),
            }
        }
        match (each, failed) {
            (_, Some(failure)) => Err(failure),
            (Each::All, _) => Ok(Val::Bool(true)),
            (Each::Exists, _) => Ok(Val::Bool(false)),
            (Each::ExistsOne, _) => Ok(Val::Bool(count == 1)),
            (Each::Filter | Each::Map, _) => Ok(Val::list(out)),
            (Each::Entries, _) => Ok(Val::map(keys.into_iter().zip(out).collect())),
            (Each::Merged, _) => merged(&out),
            (Each::SortBy, _) => functions::call("@sorted", &[Val::list(out), Val::list(keys)]),
        }
    }

    /// What a macro makes of one item.
    fn step(&mut self, each: Each, arguments: &[Expr]) -> Result<Step, Failure> {
        let makes = matches!(each, Each::Map | Each::Entries | Each::Merged | Each::SortBy);
        match arguments {
            [made] if makes => Ok(Step::Made(self.eval(made)?)),
            [condition, rest @ ..] => match (self.eval(condition)?, rest) {
                (Val::Bool(true), [made]) => Ok(Step::Made(self.eval(made)?)),
                (Val::Bool(true), _) => Ok(Step::Yes),
                (Val::Bool(false), _) => Ok(Step::No),
                _ => Err(Failure::no_overload()),
            },
            [] => Err(Failure::no_overload()),
        }
    }
}

enum Step {
    Yes,
    No,
    Made(Val),
}

/// One map of several, which have no key in common.
fn merged(maps: &[Val]) -> Out {
    let mut entries: Vec<(Val, Val)> = vec![];
    for map in maps {
        let Val::Map(more) = map else { return Err(Failure::no_overload()) };
        for (key, value) in more.iter() {
            if entries.iter().any(|(own, _)| own.equals(key)) {
                return Err(Failure::new(format!("insert failed: key {} already exists", functions::plain(key))));
            }
            entries.push((key.clone(), value.clone()));
        }
    }
    Ok(Val::map(entries))
}

/// `a.b`, `a["b"]`, `a[0]`; with `optional` `a.?b`.
pub fn selected(target: &Val, key: &Val, optional: bool) -> Out {
    let found = match (target, key) {
        (Val::Optional(None), _) => return Ok(Val::Optional(None)),
        (Val::Optional(Some(inner)), _) => return selected(inner, key, true),
        (Val::List(items), Val::Int(n)) => {
            let found = usize::try_from(*n).ok().and_then(|n| items.get(n));
            found.cloned().ok_or_else(|| format!("index out of bounds: {n}"))
        }
        (Val::Map(_), _) => target.key(key).cloned().ok_or_else(|| format!("no such key: {}", functions::plain(key))),
        _ => return Err(Failure::no_overload()),
    };
    match found {
        Ok(value) if optional => Ok(Val::some(value)),
        Err(_) if optional => Ok(Val::Optional(None)),
        found => found.map_err(Failure),
    }
}
