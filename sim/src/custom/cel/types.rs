//! Finds without any object what cannot be right in an expression: names, fields and functions that are not, operands of
//! types that do not go together.
//!
//! cel-spec: doc/langdef.md (Gradual Type Checking); cel-go: checker

use super::parse::{Each, Expr, Kind};
use super::value::{Val, duration, named, time};
use super::{Fault, functions, signatures};
use crate::custom::{of_field, pattern};
use crate::value::Value;
use std::fmt;
use std::rc::Rc;

#[derive(Clone, Debug)]
pub enum Ty {
    Any,
    Null,
    Named(&'static str),
    List(Rc<Ty>),
    Map(Rc<Ty>, Rc<Ty>),
    Optional(Rc<Ty>),
    /// An object by its schema; whether it has a kind and metadata, and what it is called.
    Object(Value, bool, Rc<str>),
    /// In signatures: one type throughout.
    Stands(usize),
}

impl fmt::Display for Ty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ty::Any | Ty::Stands(_) => f.write_str("dyn"),
            Ty::Null => f.write_str("null"),
            Ty::Named("timestamp") => f.write_str("google.protobuf.Timestamp"),
            Ty::Named("duration") => f.write_str("google.protobuf.Duration"),
            Ty::Named(name) => f.write_str(name),
            Ty::List(of) => write!(f, "list({of})"),
            Ty::Map(key, of) => write!(f, "map({key}, {of})"),
            Ty::Optional(of) => write!(f, "optional_type({of})"),
            Ty::Object(_, _, name) => f.write_str(name),
        }
    }
}

impl Ty {
    /// The type of what has a schema; `None` if rules do not see it.
    pub fn of(schema: &Value, is_object: bool, name: &str) -> Option<Ty> {
        if schema.get("x-kubernetes-int-or-string").as_bool() == Some(true) {
            return Some(Ty::Any);
        }
        let is_object = is_object || schema.get("x-kubernetes-embedded-resource").as_bool() == Some(true);
        Some(match (schema.get("type").as_str()?, schema.get("format").as_str().unwrap_or("")) {
            ("boolean", _) => Ty::Named("bool"),
            ("integer", _) => Ty::Named("int"),
            ("number", _) => Ty::Named("double"),
            ("string", "byte") => Ty::Named("bytes"),
            ("string", "date" | "date-time") => Ty::Named("timestamp"),
            ("string", "duration") => Ty::Named("duration"),
            ("string", _) => Ty::Named("string"),
            // No schema that is written says that: it is what a device may have.
            ("quantity", _) => Ty::Named("kubernetes.Quantity"),
            ("array", _) => Ty::List(Ty::of(schema.get("items"), false, &format!("{name}.@idx"))?.into()),
            ("object", _) if schema.get("additionalProperties").as_map().is_some() => {
                let of = Ty::of(schema.get("additionalProperties"), false, &format!("{name}.@elem"))?;
                Ty::Map(Ty::Named("string").into(), of.into())
            }
            ("object", _) => Ty::Object(schema.clone(), is_object, name.into()),
            _ => return None,
        })
    }

    fn field(&self, name: &str) -> Option<Ty> {
        let Ty::Object(schema, is_object, own) = self else { return None };
        let text = || Some(Ty::Named("string"));
        match name {
            "apiVersion" | "kind" if *is_object => return text(),
            "metadata" if *is_object => {
                let schema = named(schema.at(&["properties", "metadata"]));
                return Ty::of(&schema, false, &format!("{own}.metadata"));
            }
            _ => {}
        }
        Ty::of(of_field(schema, name)?, false, &format!("{own}.{name}"))
    }

    /// Whether a value of another type may stand where this one is wanted; learns what stands for what.
    fn takes(&self, other: &Ty, known: &mut [Option<Ty>; 2]) -> bool {
        match (self, other) {
            (Ty::Stands(n), _) => match known[*n].clone() {
                None => {
                    known[*n] = Some(other.clone());
                    true
                }
                Some(own) => {
                    known[*n] = Some(own.or_wider(other));
                    own.takes(other, known)
                }
            },
            (Ty::Any, _) | (_, Ty::Any) | (Ty::Null, Ty::Null) => true,
            (Ty::Null, own) | (own, Ty::Null) => own.may_be_null(),
            (Ty::Named(a), Ty::Named(b)) => a == b,
            (Ty::List(a), Ty::List(b)) | (Ty::Optional(a), Ty::Optional(b)) => a.takes(b, known),
            (Ty::Map(a, x), Ty::Map(b, y)) => a.takes(b, known) && x.takes(y, known),
            (Ty::Object(_, _, a), Ty::Object(_, _, b)) => a == b,
            _ => false,
        }
    }

    /// Of two types that go together the one that lets in more.
    fn or_wider(&self, other: &Ty) -> Ty {
        match (self, other) {
            (Ty::Null, _) => other.clone(),
            (_, Ty::Any) => Ty::Any,
            (Ty::List(a), Ty::List(b)) => Ty::List(a.or_wider(b).into()),
            _ => self.clone(),
        }
    }

    fn may_be_null(&self) -> bool {
        match self {
            Ty::Named(name) => name.contains('.') || matches!(*name, "timestamp" | "duration"),
            Ty::Object(..) | Ty::Optional(_) => true,
            _ => false,
        }
    }

    fn filled(&self, known: &[Option<Ty>; 2]) -> Ty {
        match self {
            Ty::Stands(n) => known[*n].clone().unwrap_or(Ty::Any),
            Ty::List(of) => Ty::List(of.filled(known).into()),
            Ty::Optional(of) => Ty::Optional(of.filled(known).into()),
            Ty::Map(key, of) => Ty::Map(key.filled(known).into(), of.filled(known).into()),
            other => other.clone(),
        }
    }
}

/// A part of an expression of which the type is known.
#[derive(Clone, Debug)]
pub struct Typed<'a> {
    pub expr: &'a Expr,
    pub ty: Ty,
    /// The function that is called, with its namespace, and its forms that fit.
    pub called: String,
    pub forms: Vec<&'static str>,
    /// What it is made of, as it was looked at; without names of functions and what macros name.
    pub parts: Vec<Typed<'a>>,
}

/// Looks through an expression with these names in it, and finds its type and all that is wrong.
pub fn check(expr: &Expr, names: Vec<(Rc<str>, Ty)>) -> (Typed<'_>, Vec<Fault>) {
    let mut checker = Checker { names, faults: vec![], mixed: false, done: vec![], called: Default::default() };
    let ty = checker.ty(expr);
    let none = Typed { expr, ty, called: String::new(), forms: vec![], parts: vec![] };
    (checker.done.pop().unwrap_or(none), checker.faults)
}

struct Checker<'a> {
    names: Vec<(Rc<str>, Ty)>,
    faults: Vec<Fault>,
    /// Parts that were looked at and belong to what is being looked at.
    done: Vec<Typed<'a>>,
    /// What the part that was just looked at calls.
    called: (String, Vec<&'static str>),
    /// Whether the next list may hold values of several types.
    mixed: bool,
}

impl<'a> Checker<'a> {
    /// What is wrong is noted, and may then be anything.
    fn wrong(&mut self, at: usize, text: String) -> Ty {
        self.faults.push(Fault::new(at, text));
        Ty::Any
    }

    fn name(&self, name: &str) -> Option<Ty> {
        self.names.iter().rev().find(|(own, _)| **own == *name).map(|(_, ty)| ty.clone())
    }

    fn ty(&mut self, expr: &'a Expr) -> Ty {
        let before = self.done.len();
        let ty = self.of(expr);
        let parts = self.done.split_off(before);
        let (called, forms) = std::mem::take(&mut self.called);
        self.done.push(Typed { expr, ty: ty.clone(), called, forms, parts });
        ty
    }

    fn of(&mut self, expr: &'a Expr) -> Ty {
        match &expr.kind {
            Kind::Const(value) => of_constant(value),
            Kind::Name(name) => match self.name(name) {
                Some(ty) => ty,
                None if functions::type_named(name).is_some() => Ty::Named("type"),
                None if super::RESERVED.contains(&&**name) => {
                    self.wrong(expr.at, format!("reserved identifier: {name}"))
                }
                None => self.wrong(expr.at, format!("undeclared reference to '{name}' (in container '')")),
            },
            Kind::Select(of, field, optional) => {
                if expr.dotted().is_some_and(|name| functions::type_named(&name).is_some()) {
                    return Ty::Named("type");
                }
                let of = self.ty(of);
                let found = self.selected(expr.at, &of, field);
                if *optional && !matches!(found, Ty::Optional(_)) { Ty::Optional(found.into()) } else { found }
            }
            Kind::Has(of, field) => {
                let of = self.ty(of);
                self.selected(expr.at, &of, field);
                Ty::Named("bool")
            }
            Kind::List(items) if std::mem::take(&mut self.mixed) => {
                items.iter().for_each(|item| drop(self.ty(item)));
                Ty::List(Ty::Any.into())
            }
            Kind::List(items) => Ty::List(self.common(items.iter(), true).into()),
            Kind::Map(entries) => {
                let key = self.common(entries.iter().map(|(key, _)| key), false);
                Ty::Map(key.into(), self.common(entries.iter().map(|(_, value)| value), false).into())
            }
            Kind::Each(each, over, names, arguments) => self.each(*each, over, names, arguments),
            Kind::Bind(name, value, inside) => {
                let ty = self.ty(value);
                self.within(name, ty, inside)
            }
            Kind::Call(name, target, arguments) => self.call(expr.at, name, target.as_deref(), arguments),
        }
    }

    /// The type of the first; what does not go with it is told of, with `once` for the first such only.
    fn common(&mut self, items: impl Iterator<Item = &'a Expr>, once: bool) -> Ty {
        let (mut common, mut told): (Option<Ty>, bool) = (None, false);
        for item in items {
            let ty = self.ty(item);
            let own = common.get_or_insert_with(|| ty.clone()).clone();
            if !own.takes(&ty, &mut [None, None]) && !(once && told) {
                told = true;
                self.wrong(item.at, format!("expected type '{own}' but found '{ty}'"));
            }
        }
        common.unwrap_or(Ty::Any)
    }

    fn within(&mut self, name: &Rc<str>, ty: Ty, inside: &'a Expr) -> Ty {
        self.names.push((name.clone(), ty));
        let out = self.ty(inside);
        self.names.pop();
        out
    }

    fn selected(&mut self, at: usize, of: &Ty, field: &str) -> Ty {
        match of {
            Ty::Object(..) => match of.field(field) {
                Some(ty) => ty,
                None => self.wrong(at, format!("undefined field '{field}'")),
            },
            Ty::Map(_, of) => (**of).clone(),
            Ty::Optional(inner) => Ty::Optional(self.selected(at, inner, field).into()),
            Ty::Any | Ty::Stands(_) => Ty::Any,
            other => self.wrong(at, format!("type '{other}' does not support field selection")),
        }
    }

    fn each(&mut self, each: Each, over: &'a Expr, names: &[Rc<str>], arguments: &'a [Expr]) -> Ty {
        let range = self.ty(over);
        let any = || Rc::new(Ty::Any);
        let (key, value) = match &range {
            Ty::List(of) => (Rc::new(Ty::Named("int")), of.clone()),
            Ty::Map(key, of) => (key.clone(), of.clone()),
            Ty::Any => (any(), any()),
            other => {
                let why = "cannot be range of a comprehension (must be list, map, or dynamic)";
                self.wrong(over.at, format!("expression of type '{other}' {why}"));
                (any(), any())
            }
        };
        let item = if matches!(range, Ty::List(_)) { value.clone() } else { key.clone() };
        let before = self.names.len();
        match names {
            [one] => self.names.push((one.clone(), (*item).clone())),
            _ => self.names.extend(names.iter().cloned().zip([(*key).clone(), (*value).clone()])),
        }
        let types: Vec<Ty> = arguments.iter().map(|argument| self.ty(argument)).collect();
        self.names.truncate(before);
        let makes = matches!(each, Each::Map | Each::Entries | Each::Merged | Each::SortBy);
        let made = types.last().cloned().filter(|_| makes).unwrap_or(Ty::Any);
        if !(makes && types.len() == 1) && !Ty::Named("bool").takes(&types[0], &mut [None, None]) {
            self.wrong(arguments[0].at, format!("expected type 'bool' but found '{}'", types[0]));
        }
        match each {
            Each::Filter | Each::SortBy => Ty::List(item),
            Each::Map => Ty::List(made.into()),
            Each::Entries => Ty::Map(key, made.into()),
            Each::Merged => made,
            Each::All | Each::Exists | Each::ExistsOne => Ty::Named("bool"),
        }
    }

    /// Patterns, durations and times that are written out are read at once.
    fn literal(&mut self, name: &str, argument: &Expr) {
        let Kind::Const(Val::Str(text)) = &argument.kind else { return };
        let wrong = match name {
            "matches" => pattern::is_broken(text),
            "duration" => duration(text).is_none(),
            "timestamp" => time(text).is_none(),
            _ => false,
        };
        if wrong {
            self.wrong(argument.at, format!("invalid {name} argument"));
        }
    }

    /// Each operand of `&&` and `||` is looked at by itself.
    fn truths(&mut self, operands: &[Expr], given: &[Ty]) {
        for (operand, ty) in
            operands.iter().zip(given).filter(|(_, ty)| !Ty::Named("bool").takes(ty, &mut [None, None]))
        {
            self.wrong(operand.at, format!("expected type 'bool' but found '{ty}'"));
        }
    }

    fn call(&mut self, at: usize, name: &str, target: Option<&'a Expr>, arguments: &'a [Expr]) -> Ty {
        if let ("optMap" | "optFlatMap", Some(target), [variable, inside]) = (name, target, arguments)
            && let Kind::Name(variable) = &variable.kind
        {
            let held = match self.ty(target) {
                Ty::Optional(held) => (*held).clone(),
                _ => Ty::Any,
            };
            let out = self.within(variable, held, inside);
            return if name == "optMap" { Ty::Optional(out.into()) } else { out };
        }
        let space = match target.map(|t| &t.kind) {
            Some(Kind::Name(space)) if functions::is_space(space) && self.name(space).is_none() => Some(space.clone()),
            _ => None,
        };
        let full = space.as_ref().map_or(name.to_string(), |space| format!("{space}.{name}"));
        let target = target.filter(|_| space.is_none());
        let mut given: Vec<Ty> = target.into_iter().map(|e| self.ty(e)).collect();
        for argument in arguments {
            self.mixed = name == "format" && matches!(argument.kind, Kind::List(_));
            given.push(self.ty(argument));
        }
        let forms = signatures::forms(&full);
        if forms.is_empty() {
            return self.wrong(at, format!("undeclared reference to '{full}' (in container '')"));
        }
        if let "_||_" | "_&&_" = &*full {
            self.truths(arguments, &given);
            self.called = (full, vec!["bb:b"]);
            return Ty::Named("bool");
        }
        let fits = forms.iter().filter(|f| f.is_method == target.is_some() && f.takes.len() == given.len());
        let fits = fits.filter_map(|form| {
            let mut known = [None, None];
            let fits = form.takes.iter().zip(&given).all(|(wanted, own)| wanted.takes(own, &mut known));
            fits.then(|| (form, form.gives.filled(&known)))
        });
        let fits: Vec<_> = fits.collect();
        if let Some((form, out)) = fits.first() {
            self.called = (full, fits.iter().map(|(form, _)| form.text).collect());
            if let Some(argument) = arguments.last().filter(|_| form.is_method == (name == "matches")) {
                self.literal(name, argument);
            }
            // Where several forms fit, what comes of it is only known if that is the same of all.
            let sure = fits.iter().all(|(_, other)| other.to_string() == out.to_string());
            return if sure { out.clone() } else { Ty::Any };
        }
        let mut shown: Vec<String> = given.iter().map(ToString::to_string).collect();
        let on = target.map_or(String::new(), |_| format!("{}.", shown.remove(0)));
        self.wrong(at, format!("found no matching overload for '{full}' applied to '{on}({})'", shown.join(", ")))
    }
}

fn of_constant(value: &Val) -> Ty {
    match value {
        Val::Null => Ty::Null,
        Val::Bool(_) => Ty::Named("bool"),
        Val::Int(_) => Ty::Named("int"),
        Val::Uint(_) => Ty::Named("uint"),
        Val::Double(_) => Ty::Named("double"),
        Val::Str(_) => Ty::Named("string"),
        Val::Bytes(_) => Ty::Named("bytes"),
        _ => Ty::Any,
    }
}
