//! Formats of texts.
//!
//! Kubernetes 1.36: kube-openapi/pkg/validation/strfmt, apiextensions-apiserver/pkg/apiserver/validation/formats.go. Not
//! simulated: numbers of books, cards and the like, colours; they are accepted whatever they are.

use crate::clock::Date;
use crate::manifest::base64;
use core::net::{Ipv4Addr, Ipv6Addr};

/// Formats that are known to schemas, of texts; without dashes.
const KNOWN: [&str; 26] = [
    "bsonobjectid",
    "uri",
    "email",
    "hostname",
    "ipv4",
    "ipv6",
    "cidr",
    "mac",
    "uuid",
    "uuid3",
    "uuid4",
    "uuid5",
    "isbn",
    "isbn10",
    "isbn13",
    "creditcard",
    "ssn",
    "hexcolor",
    "rgbcolor",
    "byte",
    "password",
    "date",
    "duration",
    "datetime",
    "k8sshortname",
    "k8slongname",
];

/// Whether a format means anything for a type.
pub fn is_known(format: &str, kind: &str) -> bool {
    match kind {
        "" | "string" => KNOWN.contains(&format.replace('-', "").as_str()),
        "integer" => matches!(format, "int32" | "int64"),
        "number" => matches!(format, "float" | "double"),
        _ => false,
    }
}

/// Whether a text has a format.
pub fn fits(format: &str, text: &str) -> bool {
    let hex = |part: &str, length: usize| part.len() == length && part.bytes().all(|b| b.is_ascii_hexdigit());
    match format.replace('-', "").as_str() {
        "ipv4" => text.parse::<Ipv4Addr>().is_ok(),
        "ipv6" => text.parse::<Ipv6Addr>().is_ok(),
        "cidr" => text.split_once('/').is_some_and(|(ip, bits)| {
            let most = if ip.parse::<Ipv4Addr>().is_ok() { 32 } else { 128 };
            let known = most == 32 || ip.parse::<Ipv6Addr>().is_ok();
            known && bits.parse::<u8>().is_ok_and(|bits| bits <= most)
        }),
        "mac" => text.split([':', '-']).count() == 6 && text.split([':', '-']).all(|part| hex(part, 2)),
        "uuid" | "uuid3" | "uuid4" | "uuid5" => {
            let bare = text.replace('-', "");
            let version = format.as_bytes().last().filter(|b| b.is_ascii_digit());
            hex(&bare, 32) && version.is_none_or(|v| bare.as_bytes()[12] == *v)
        }
        "byte" => base64::decode(text).is_ok(),
        "date" => is_date(text),
        "datetime" => is_date_time(text),
        "duration" => is_duration(text),
        "email" => text.split_once('@').is_some_and(|(a, b)| !a.is_empty() && !b.is_empty() && !b.contains('@')),
        "uri" => text.starts_with('/') || text.split_once(':').is_some_and(|(scheme, _)| is_scheme(scheme)),
        "hostname" => is_name(text, true) && text.len() <= 255,
        "k8sshortname" => is_name(text, false) && !text.contains('.') && text.len() <= 63,
        "k8slongname" => is_name(text, false) && text.len() <= 253,
        _ => true,
    }
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
}

/// Labels apart by dots, each of letters, digits and dashes, no dash at its ends.
fn is_name(text: &str, capitals: bool) -> bool {
    text.split('.').all(|label| {
        let letter = |c: char| c.is_ascii_digit() || c.is_ascii_lowercase() || (capitals && c.is_ascii_uppercase());
        !label.is_empty()
            && label.chars().all(|c| letter(c) || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    })
}

fn is_date(text: &str) -> bool {
    // A day that its month does not have is read as one of the next month.
    Date::parse_rfc3339(&format!("{text}T00:00:00Z"))
        .is_some_and(|date| date.to_string().split('T').next() == Some(text))
}

fn is_date_time(text: &str) -> bool {
    let Some((date, time)) = text.split_once(['T', 't']) else { return false };
    let split = time.find(['Z', 'z', '+', '-']).unwrap_or(time.len());
    let (clock, zone) = time.split_at(split);
    let clock = clock.split_once('.').map_or(clock, |(whole, _)| whole);
    let in_range = |part: &str, most: u8| part.len() == 2 && part.parse::<u8>().is_ok_and(|n| n <= most);
    let mut parts = clock.split(':');
    let read = [23, 59, 60].iter().all(|most| parts.next().is_some_and(|part| in_range(part, *most)));
    let offset = zone.get(1..).and_then(|z| z.split_once(':')).is_some_and(|(h, m)| in_range(h, 23) && in_range(m, 59));
    is_date(date) && read && parts.next().is_none() && (matches!(zone, "Z" | "z") || offset)
}

/// `1h30m`, or a number and a unit as Scala writes them (`22 ns`, `3 days`).
fn is_duration(text: &str) -> bool {
    const UNITS: [&str; 22] = [
        "ns",
        "us",
        "µs",
        "ms",
        "s",
        "m",
        "h",
        "d",
        "w",
        "nano",
        "nanos",
        "nanosecond",
        "nanoseconds",
        "micros",
        "millis",
        "sec",
        "secs",
        "second",
        "seconds",
        "min",
        "hour",
        "days",
    ];
    let mut rest = text.trim_start_matches(['+', '-']);
    if rest == "0" {
        return true;
    }
    while !rest.is_empty() {
        let number = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        let unit = number.trim_start();
        let end = unit.find(|c: char| !c.is_alphabetic()).unwrap_or(unit.len());
        if number.len() == rest.len() || !UNITS.contains(&&unit[..end]) {
            return false;
        }
        rest = &unit[end..];
    }
    !text.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_have_formats_or_not() {
        let check = |format: &str, good: &[&str], bad: &[&str]| {
            good.iter().for_each(|text| assert!(fits(format, text), "{format} {text}"));
            bad.iter().for_each(|text| assert!(!fits(format, text), "{format} {text}"));
        };
        check(
            "date-time",
            &["2014-12-15T19:30:20.000Z", "2014-12-15T19:30:20+01:00"],
            &["2014-12-15", "2014-12-15T25:00:00Z", "x"],
        );
        check("date", &["2014-12-15"], &["2014-13-15", "2014-02-31", "2014-12-15T00:00:00Z"]);
        check("ipv4", &["10.0.0.1"], &["10.0.0.256", "::1"]);
        check("cidr", &["10.0.0.0/8", "fd00::/64"], &["10.0.0.0/33", "10.0.0.0"]);
        check("duration", &["1h30m", "22 ns", "0"], &["", "1x", "h"]);
        check("uuid", &["123E4567-e89b-12d3-a456-426614174000"], &["123"]);
        check("hostname", &["a.B-c"], &["-a", "a..b"]);
        check("k8s-short-name", &["a-1"], &["A", "a.b"]);
        check("password", &["whatever"], &[]);
        assert!(
            is_known("date-time", "string") && !is_known("int-or-string", "string") && is_known("int32", "integer")
        );
    }
}
