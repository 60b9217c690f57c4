//! What CEL reckons with, and how values of an object become it.
//!
//! Kubernetes 1.36: apiserver/pkg/cel/common/values.go

use crate::api::quantity::Quantity;
use crate::clock::Date;
use crate::custom::number::Decimal;
use crate::custom::of_field;
use crate::manifest::base64;
use crate::value::Value;
use core::net::IpAddr;
use std::cmp::Ordering;
use std::rc::Rc;

#[derive(Clone, Debug)]
pub enum Val {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(Decimal),
    Str(Rc<str>),
    Bytes(Rc<[u8]>),
    List(Rc<Vec<Val>>),
    Map(Rc<Vec<(Val, Val)>>),
    /// Nanoseconds since 1970.
    Time(i128),
    /// Nanoseconds.
    Duration(i64),
    Quantity(Quantity),
    Url(Rc<str>),
    Ip(IpAddr),
    Cidr(IpAddr, u8),
    Optional(Option<Rc<Val>>),
    Type(Rc<str>),
}

impl Val {
    pub fn text(text: impl Into<Rc<str>>) -> Val {
        Val::Str(text.into())
    }
    pub fn list(items: Vec<Val>) -> Val {
        Val::List(Rc::new(items))
    }
    pub fn map(entries: Vec<(Val, Val)>) -> Val {
        Val::Map(Rc::new(entries))
    }
    pub fn some(value: Val) -> Val {
        Val::Optional(Some(Rc::new(value)))
    }

    /// A value of an object; what its schema does not name is not there.
    pub fn of(value: &Value, schema: &Value, is_object: bool) -> Val {
        match value {
            Value::Null => Val::Null,
            Value::Bool(b) => Val::Bool(*b),
            Value::Int(n) if schema.get("type").as_str() == Some("number") => Val::Double(Decimal::whole((*n).into())),
            Value::Int(n) => Val::Int(*n),
            Value::Number(text) => Decimal::parse(text).map_or(Val::Null, |number| match number.truncated() {
                Some(n) if schema.get("type").as_str() == Some("integer") => Val::Int(n as i64),
                _ => Val::Double(number),
            }),
            Value::Str(text) => Val::of_text(text, schema.get("format").as_str().unwrap_or("")),
            Value::List(items) => {
                Val::list(items.iter().map(|item| Val::of(item, schema.get("items"), false)).collect())
            }
            Value::Map(map) => {
                let is_object = is_object || schema.get("x-kubernetes-embedded-resource").as_bool() == Some(true);
                let names = named(schema.at(&["properties", "metadata"]));
                // A field that is null counts as one that is not there.
                let is_there =
                    |key: &str, inner: &Value| !inner.is_null() || schema.get("properties").get(key).is_null();
                let known = map.iter().filter(|(key, inner)| is_there(key, inner)).filter_map(|(key, inner)| {
                    let schema = match &**key {
                        "apiVersion" | "kind" if is_object => &Value::Null,
                        "metadata" if is_object => &names,
                        _ => of_field(schema, key)?,
                    };
                    Some((Val::Str(key.clone()), Val::of(inner, schema, false)))
                });
                Val::map(known.collect())
            }
        }
    }

    fn of_text(text: &Rc<str>, format: &str) -> Val {
        let typed = match format {
            "date-time" => time(text),
            "date" => time(&format!("{text}T00:00:00Z")),
            "duration" => duration(text),
            "byte" => base64::decode(text).ok().map(|bytes| Val::Bytes(bytes.into())),
            _ => None,
        };
        typed.unwrap_or_else(|| Val::Str(text.clone()))
    }

    /// As the real server calls its type.
    pub fn type_name(&self) -> &'static str {
        match self {
            Val::Null => "null_type",
            Val::Bool(_) => "bool",
            Val::Int(_) => "int",
            Val::Uint(_) => "uint",
            Val::Double(_) => "double",
            Val::Str(_) => "string",
            Val::Bytes(_) => "bytes",
            Val::List(_) => "list",
            Val::Map(_) => "map",
            Val::Time(_) => "google.protobuf.Timestamp",
            Val::Duration(_) => "google.protobuf.Duration",
            Val::Quantity(_) => "kubernetes.Quantity",
            Val::Url(_) => "kubernetes.URL",
            Val::Ip(_) => "net.IP",
            Val::Cidr(..) => "net.CIDR",
            Val::Optional(_) => "optional_type",
            Val::Type(_) => "type",
        }
    }

    fn number(&self) -> Option<Decimal> {
        match self {
            Val::Int(n) => Some(Decimal::whole((*n).into())),
            Val::Uint(n) => Some(Decimal::whole((*n).into())),
            Val::Double(n) => Some(*n),
            _ => None,
        }
    }

    /// `None` if they cannot be compared.
    pub fn order(&self, other: &Val) -> Option<Ordering> {
        if let (Some(a), Some(b)) = (self.number(), other.number()) {
            return Some(a.compare(b));
        }
        match (self, other) {
            (Val::Bool(a), Val::Bool(b)) => Some(a.cmp(b)),
            (Val::Str(a), Val::Str(b)) => Some(a.cmp(b)),
            (Val::Bytes(a), Val::Bytes(b)) => Some(a.cmp(b)),
            (Val::Time(a), Val::Time(b)) => Some(a.cmp(b)),
            (Val::Duration(a), Val::Duration(b)) => Some(a.cmp(b)),
            (Val::Quantity(a), Val::Quantity(b)) => Some(a.milli.cmp(&b.milli)),
            _ => None,
        }
    }

    pub fn equals(&self, other: &Val) -> bool {
        match (self, other) {
            (Val::Null, Val::Null) => true,
            (Val::List(a), Val::List(b)) => a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| a.equals(b)),
            (Val::Map(a), Val::Map(b)) => {
                a.len() == b.len() && a.iter().all(|(key, a)| other.key(key).is_some_and(|b| a.equals(b)))
            }
            (Val::Url(a), Val::Url(b)) | (Val::Type(a), Val::Type(b)) => a == b,
            (Val::Ip(a), Val::Ip(b)) => a == b,
            (Val::Cidr(a, n), Val::Cidr(b, m)) => a == b && n == m,
            (Val::Optional(None), Val::Optional(None)) => true,
            (Val::Optional(Some(a)), Val::Optional(Some(b))) => a.equals(b),
            _ => self.order(other) == Some(Ordering::Equal),
        }
    }

    /// What a map holds under a key.
    pub fn key(&self, key: &Val) -> Option<&Val> {
        let Val::Map(entries) = self else { return None };
        entries.iter().find(|(own, _)| own.equals(key)).map(|(_, value)| value)
    }
}

/// What rules see of an object's metadata: names, and what its schema says itself.
pub fn named(metadata: &Value) -> Value {
    let text = Value::map([("type", Value::from("string"))]);
    let mut properties = Value::map([("name", text.clone()), ("generateName", text)]);
    for (key, own) in metadata.get("properties").as_map().into_iter().flat_map(|map| map.iter()) {
        properties.set(key, own.clone());
    }
    Value::map([("type", Value::from("object")), ("properties", properties)])
}

/// `2011-08-18T19:03:37.010+01:00`
pub fn time(text: &str) -> Option<Val> {
    let seconds = Date::parse_rfc3339(text)?.to_unix();
    let rest = &text["2011-08-18T19:03:37".len()..];
    let fraction = &rest[..rest.find(['Z', '+', '-'])?];
    let nanos = match fraction.strip_prefix('.') {
        Some(digits) => Decimal::parse(&format!("0.{digits}"))?.times(Decimal::whole(SECOND))?.truncated()?,
        None if fraction.is_empty() => 0,
        None => return None,
    };
    Some(Val::Time(i128::from(seconds) * SECOND + nanos))
}

const SECOND: i128 = 1_000_000_000;

/// `1h30m`, as Go reads it.
pub fn duration(text: &str) -> Option<Val> {
    const UNITS: [(&str, i128); 7] = [
        ("ns", 1),
        ("us", 1_000),
        ("µs", 1_000),
        ("ms", 1_000_000),
        ("s", 1_000_000_000),
        ("m", 60_000_000_000),
        ("h", 3_600_000_000_000),
    ];
    let (sign, mut rest) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    if rest == "0" {
        return Some(Val::Duration(0));
    }
    let mut sum = 0i128;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, after) = rest.split_at(end);
        let stop = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let unit = UNITS.iter().find(|(name, _)| *name == &after[..stop])?;
        sum = sum.checked_add(Decimal::parse(number)?.times(Decimal::whole(unit.1))?.truncated()?)?;
        rest = &after[stop..];
    }
    (!text.is_empty()).then_some(Val::Duration(i64::try_from(sum * sign).ok()?))
}
