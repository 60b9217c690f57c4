//! Times and durations.
//!
//! cel-spec: doc/langdef.md (Timestamps and Durations)

use super::super::eval::{Failure, Out};
use super::super::value::{Val, duration, time};
use crate::clock::{Date, offset};

const SECOND: i64 = 1_000_000_000;

pub fn plain(value: &Val) -> String {
    match value {
        Val::Time(nanos) => {
            let date = date(*nanos).to_string();
            let (point, fraction) = fraction(nanos.rem_euclid(SECOND.into()) as i64);
            format!("{}{point}{fraction}Z", date.trim_end_matches('Z'))
        }
        Val::Duration(nanos) => {
            let (point, fraction) = fraction((nanos % SECOND).abs());
            let sign = if *nanos < 0 && nanos / SECOND == 0 { "-" } else { "" };
            format!("{sign}{}{point}{fraction}s", nanos / SECOND)
        }
        _ => String::new(),
    }
}

fn date(nanos: i128) -> Date {
    Date::from_unix(nanos.div_euclid(SECOND.into()) as i64)
}

/// The point and what follows it.
fn fraction(nanos: i64) -> (&'static str, String) {
    let text = format!("{nanos:09}").trim_end_matches('0').to_string();
    (if text.is_empty() { "" } else { "." }, text)
}

pub fn arithmetic(name: &str, a: &Val, b: &Val) -> Option<Out> {
    let at = |nanos: i128| Some(Ok(Val::Time(nanos)));
    let long = |nanos: Option<i64>| Some(nanos.map(Val::Duration).ok_or_else(|| Failure::new("integer overflow")));
    match (name, a, b) {
        ("_+_", Val::Time(t), Val::Duration(d)) | ("_+_", Val::Duration(d), Val::Time(t)) => at(t + i128::from(*d)),
        ("_-_", Val::Time(t), Val::Duration(d)) => at(t - i128::from(*d)),
        ("_-_", Val::Time(a), Val::Time(b)) => long(i64::try_from(a - b).ok()),
        ("_+_", Val::Duration(a), Val::Duration(b)) => long(a.checked_add(*b)),
        ("_-_", Val::Duration(a), Val::Duration(b)) => long(a.checked_sub(*b)),
        _ => None,
    }
}

pub fn call(name: &str, values: &[Val]) -> Option<Out> {
    let number = |n: i64| Some(Ok(Val::Int(n)));
    match (name, values) {
        ("timestamp", [Val::Time(_)]) | ("duration", [Val::Duration(_)]) => Some(Ok(values[0].clone())),
        ("timestamp", [Val::Int(seconds)]) => Some(Ok(Val::Time(i128::from(*seconds) * i128::from(SECOND)))),
        ("timestamp", [Val::Str(text)]) => {
            let wrong = || Failure::new(format!("parsing time {text:?}: cannot parse as RFC 3339"));
            Some(time(text).ok_or_else(wrong))
        }
        ("duration", [Val::Str(text)]) => {
            let wrong = || Failure::new(format!("time: invalid duration {text:?}"));
            Some(duration(text).ok_or_else(wrong))
        }
        ("getHours", [Val::Duration(nanos)]) => number(nanos / SECOND / 3600),
        ("getMinutes", [Val::Duration(nanos)]) => number(nanos / SECOND / 60),
        ("getSeconds", [Val::Duration(nanos)]) => number(nanos / SECOND),
        ("getMilliseconds", [Val::Duration(nanos)]) => number(nanos / 1_000_000),
        (_, [Val::Time(nanos)]) => of_date(name, *nanos),
        (_, [Val::Time(nanos), Val::Str(zone)]) => {
            let Some(offset) = (if &**zone == "UTC" { Some(0) } else { offset(zone) }) else {
                return Some(Err(Failure::not_simulated(&format!("the time zone {zone}"))));
            };
            of_date(name, nanos + i128::from(offset) * i128::from(SECOND))
        }
        _ => None,
    }
}

fn of_date(name: &str, nanos: i128) -> Option<Out> {
    let date = date(nanos);
    let first = Date { month: 1, day: 1, ..date };
    Some(Ok(Val::Int(match name {
        "getFullYear" => date.year,
        "getMonth" => i64::from(date.month) - 1,
        "getDate" => date.day.into(),
        "getDayOfMonth" => i64::from(date.day) - 1,
        "getDayOfWeek" => date.weekday.into(),
        "getDayOfYear" => (date.to_unix() - first.to_unix()) / 86_400,
        "getHours" => date.hour.into(),
        "getMinutes" => date.minute.into(),
        "getSeconds" => date.second.into(),
        "getMilliseconds" => (nanos.rem_euclid(SECOND.into()) / 1_000_000) as i64,
        _ => return None,
    })))
}
