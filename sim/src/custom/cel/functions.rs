//! Functions and operators of CEL, by name; a method is called with what it is called on first.
//!
//! cel-spec: doc/langdef.md (Standard Definitions); Kubernetes 1.36: apiserver/pkg/cel/library

mod kubernetes;
mod lists;
mod strings;
mod times;

use super::eval::{Failure, Out, selected};
use super::value::Val;
use crate::custom::number::Decimal;
use std::cmp::Ordering;

/// Names before a dot that are no values.
pub fn is_space(name: &str) -> bool {
    matches!(name, "optional" | "sets" | "strings" | "ip" | "cidr" | "lists" | "format")
}

/// A type by its name, which may have parts (`net.IP`).
pub fn type_named(name: &str) -> Option<Val> {
    const KNOWN: [&str; 16] = [
        "bool",
        "int",
        "uint",
        "double",
        "string",
        "bytes",
        "list",
        "map",
        "null_type",
        "type",
        "google.protobuf.Timestamp",
        "google.protobuf.Duration",
        "kubernetes.Quantity",
        "kubernetes.URL",
        "net.IP",
        "net.CIDR",
    ];
    KNOWN.contains(&name).then(|| Val::Type(name.into()))
}

/// Functions that the server has and we have not.
pub fn is_missing(name: &str) -> bool {
    const OTHERS: [&str; 6] = ["validate", "semver", "isSemver", "major", "minor", "patch"];
    name.starts_with("format.") || OTHERS.contains(&name)
}

/// How much there is of a value to go through.
pub fn weight(value: &Val) -> u64 {
    match value {
        Val::Str(text) => text.len() as u64,
        Val::Bytes(bytes) => bytes.len() as u64,
        Val::List(items) => items.len() as u64,
        Val::Map(entries) => entries.len() as u64,
        _ => 0,
    }
}

/// A value as text, as far as it has one.
pub fn plain(value: &Val) -> String {
    match value {
        Val::Str(text) | Val::Url(text) | Val::Type(text) => text.to_string(),
        Val::Bool(b) => b.to_string(),
        Val::Int(n) => n.to_string(),
        Val::Uint(n) => n.to_string(),
        Val::Double(n) => n.to_string(),
        Val::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Val::Time(_) | Val::Duration(_) => times::plain(value),
        Val::Quantity(quantity) => quantity.to_string(),
        Val::Ip(ip) => ip.to_string(),
        Val::Cidr(ip, bits) => format!("{ip}/{bits}"),
        Val::Null => "null".into(),
        Val::List(_) | Val::Map(_) | Val::Optional(_) => String::new(),
    }
}

/// # Errors
/// What cel-go says of arguments that do not fit.
pub fn call(name: &str, values: &[Val]) -> Out {
    let families = [operator, conversion, strings::call, lists::call, times::call, kubernetes::call];
    let answer = families.iter().find_map(|family| family(name, values));
    match answer {
        Some(answer) => answer,
        None if is_missing(name) => Err(Failure::not_simulated(&format!("the function {name}"))),
        None => Err(Failure::no_overload()),
    }
}

fn truth(b: bool) -> Option<Out> {
    Some(Ok(Val::Bool(b)))
}

fn operator(name: &str, values: &[Val]) -> Option<Out> {
    match (name, values) {
        ("_==_", [a, b]) => truth(a.equals(b)),
        ("_!=_", [a, b]) => truth(!a.equals(b)),
        ("_<_", [a, b]) => truth(a.order(b)? == Ordering::Less),
        ("_<=_", [a, b]) => truth(a.order(b)? != Ordering::Greater),
        ("_>_", [a, b]) => truth(a.order(b)? == Ordering::Greater),
        ("_>=_", [a, b]) => truth(a.order(b)? != Ordering::Less),
        ("!_", [Val::Bool(b)]) => truth(!b),
        ("-_", [Val::Int(n)]) => Some(n.checked_neg().map(Val::Int).ok_or_else(overflow)),
        ("-_", [Val::Double(n)]) => Some(Ok(Val::Double(n.negated()))),
        ("@in", [value, Val::List(items)]) => truth(items.iter().any(|item| item.equals(value))),
        ("@in", [value, map @ Val::Map(_)]) => truth(map.key(value).is_some()),
        ("_[_]", [of, key]) => Some(selected(of, key, false)),
        ("_[?_]", [of, key]) => Some(selected(of, key, true)),
        ("_+_", [Val::Str(a), Val::Str(b)]) => Some(Ok(Val::text(format!("{a}{b}")))),
        ("_+_", [Val::Bytes(a), Val::Bytes(b)]) => Some(Ok(Val::Bytes([&a[..], &b[..]].concat().into()))),
        ("_+_", [Val::List(a), Val::List(b)]) => Some(Ok(Val::list(a.iter().chain(b.iter()).cloned().collect()))),
        (_, [a, b]) => arithmetic(name, a, b).or_else(|| times::arithmetic(name, a, b)),
        _ => None,
    }
}

fn overflow() -> Failure {
    Failure::new("integer overflow")
}

fn arithmetic(name: &str, a: &Val, b: &Val) -> Option<Out> {
    let by_nothing = |is_zero: bool| -> Result<(), Failure> {
        match name {
            "_/_" if is_zero => Err(Failure::new("division by zero")),
            "_%_" if is_zero => Err(Failure::new("modulus by zero")),
            _ => Ok(()),
        }
    };
    let whole = |a: i128, b: i128| -> Option<Result<i128, Failure>> {
        if let Err(failure) = by_nothing(b == 0) {
            return Some(Err(failure));
        }
        Some(Ok(match name {
            "_+_" => a + b,
            "_-_" => a - b,
            "_*_" => a.checked_mul(b)?,
            "_/_" => a / b,
            "_%_" => a % b,
            _ => return None,
        }))
    };
    match (a, b) {
        (Val::Int(a), Val::Int(b)) => {
            let out = whole((*a).into(), (*b).into())?;
            Some(out.and_then(|n| i64::try_from(n).map(Val::Int).map_err(|_| overflow())))
        }
        (Val::Uint(a), Val::Uint(b)) => {
            let out = whole((*a).into(), (*b).into())?;
            let overflow = |_| Failure::new("unsigned integer overflow");
            Some(out.and_then(|n| u64::try_from(n).map(Val::Uint).map_err(overflow)))
        }
        (Val::Double(a), Val::Double(b)) => {
            let out = match name {
                "_+_" => a.plus(*b),
                "_-_" => a.plus(b.negated()),
                "_*_" => a.times(*b),
                "_/_" => a.over(*b),
                _ => return None,
            };
            Some(out.map(Val::Double).ok_or_else(|| Failure::new("number out of range")))
        }
        _ => None,
    }
}

fn conversion(name: &str, values: &[Val]) -> Option<Out> {
    let [value] = values else { return None };
    let range = || Failure::new("integer overflow");
    Some(match (name, value) {
        ("dyn", _) => Ok(value.clone()),
        ("type", _) => Ok(Val::Type(value.type_name().into())),
        ("int", Val::Int(_)) | ("uint", Val::Uint(_)) | ("double", Val::Double(_)) => Ok(value.clone()),
        ("bool", Val::Bool(_)) | ("bytes", Val::Bytes(_)) => Ok(value.clone()),
        ("int", Val::Uint(n)) => i64::try_from(*n).map(Val::Int).map_err(|_| range()),
        ("int", Val::Double(n)) => n.truncated().and_then(|n| i64::try_from(n).ok()).map(Val::Int).ok_or_else(range),
        ("int", Val::Time(nanos)) => Ok(Val::Int(nanos.div_euclid(1_000_000_000) as i64)),
        ("int", Val::Str(text)) => text.parse().map(Val::Int).map_err(|_| unread(text, "ParseInt")),
        ("uint", Val::Int(n)) => {
            u64::try_from(*n).map(Val::Uint).map_err(|_| Failure::new("unsigned integer overflow"))
        }
        ("uint", Val::Str(text)) => text.parse().map(Val::Uint).map_err(|_| unread(text, "ParseUint")),
        ("double", Val::Int(n)) => Ok(Val::Double(Decimal::whole((*n).into()))),
        ("double", Val::Uint(n)) => Ok(Val::Double(Decimal::whole((*n).into()))),
        ("double", Val::Str(text)) => Decimal::parse(text).map(Val::Double).ok_or_else(|| unread(text, "ParseFloat")),
        ("bool", Val::Str(text)) => match &**text {
            "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(Val::Bool(true)),
            "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(Val::Bool(false)),
            _ => Err(unread(text, "ParseBool")),
        },
        ("bytes", Val::Str(text)) => Ok(Val::Bytes(text.as_bytes().into())),
        ("string", Val::List(_) | Val::Map(_) | Val::Null | Val::Optional(_)) => return None,
        ("string", _) => Ok(Val::text(plain(value))),
        _ => return None,
    })
}

fn unread(text: &str, function: &str) -> Failure {
    Failure::new(format!("strconv.{function}: parsing {text:?}: invalid syntax"))
}
