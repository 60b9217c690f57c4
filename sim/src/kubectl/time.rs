//! Ages and lengths of time as kubectl writes them, and as a user does.
//!
//! Kubernetes 1.36: staging/src/k8s.io/apimachinery/pkg/util/duration/duration.go

use crate::api::{Field, Stamp};
use crate::clock::Span;
use crate::value::Value;

/// How long before `now` (milliseconds since 1970) a timestamp was; `<unknown>` if there is none.
pub fn since(stamp: &Value, now: i64) -> String {
    if stamp.as_str().is_none() {
        return "<unknown>".into();
    }
    human(now - Stamp::read(stamp).0)
}

/// Milliseconds as `5s`, `3m20s`, `12m`, `5h3m`, `2d4h`, `90d`, `3y45d`.
pub fn human(millis: i64) -> String {
    let seconds = millis / 1000;
    let two = |a: i64, unit: &str, b: i64, small: &str| {
        if b == 0 { format!("{a}{unit}") } else { format!("{a}{unit}{b}{small}") }
    };
    let (minutes, hours) = (seconds / 60, seconds / 3600);
    match () {
        () if seconds < -1 => "<invalid>".into(),
        () if seconds < 0 => "0s".into(),
        () if seconds < 120 => format!("{seconds}s"),
        () if minutes < 10 => two(minutes, "m", seconds % 60, "s"),
        () if minutes < 180 => format!("{minutes}m"),
        () if hours < 8 => two(hours, "h", minutes % 60, "m"),
        () if hours < 48 => format!("{hours}h"),
        () if hours < 192 => two(hours / 24, "d", hours % 24, "h"),
        () if hours < 24 * 365 * 2 => format!("{}d", hours / 24),
        () if hours < 24 * 365 * 8 => two(hours / 24 / 365, "y", hours / 24 % 365, "d"),
        () => format!("{}y", hours / 24 / 365),
    }
}

/// Reads a length of time as Go does: `90s`, `1h30m`, `1.5s`, `300ms`; `None` for anything else. Negative ones
/// count as such: -1 ms.
pub fn parse(text: &str) -> Option<i64> {
    if text == "0" {
        return Some(0);
    }
    let (sign, mut rest) = text.strip_prefix('-').map_or((1, text), |r| (-1, r));
    let mut total = 0i64;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, tail) = rest.split_at(end);
        let unit_end = tail.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(tail.len());
        let (unit, next) = tail.split_at(unit_end);
        let scale = match unit {
            "h" => 3_600_000,
            "m" => 60_000,
            "s" => 1000,
            "ms" => 1,
            "us" | "µs" | "ns" => 0,
            _ => return None,
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let mut millis = if whole.is_empty() { 0 } else { whole.parse::<i64>().ok()?.checked_mul(scale)? };
        let mut place = scale;
        for digit in fraction.bytes() {
            place /= 10;
            millis += i64::from(digit - b'0') * place;
        }
        total = total.checked_add(millis)?;
        rest = next;
    }
    Some(sign * total)
}

/// A length as Go prints it: `1m30s`, `10s`, `1.5s`, `500ms`.
pub fn go(span: Span) -> String {
    let millis = span.0;
    if millis == 0 {
        return "0s".into();
    }
    if millis < 1000 {
        return format!("{millis}ms");
    }
    let (h, m, s) = (millis / 3_600_000, millis / 60_000 % 60, millis / 1000 % 60);
    let fraction = format!(".{:03}", millis % 1000);
    let fraction = if millis.is_multiple_of(1000) { "" } else { fraction.trim_end_matches('0') };
    match (h, m) {
        (0, 0) => format!("{s}{fraction}s"),
        (0, m) => format!("{m}m{s}{fraction}s"),
        (h, m) => format!("{h}h{m}m{s}{fraction}s"),
    }
}
