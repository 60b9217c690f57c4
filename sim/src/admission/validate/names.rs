//! What texts must look like: each function gives the words for what is wrong, none if all is well.
//!
//! Kubernetes 1.36: apimachinery/pkg/util/validation/validation.go, apimachinery/pkg/api/validation/name.go

use core::net::IpAddr;

const SUBDOMAIN: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const SUBDOMAIN_UNDERSCORE: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*')";
const LABEL: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const LABEL_1035: &str = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const LABEL_VALUE: &str = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const QUALIFIED: &str = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const WILDCARD: &str = "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const CONFIG_KEY: &str = "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
const PERCENT: &str = "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";
pub const IP: &str = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
pub const CIDR: &str = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";

/// The checks of one text.
pub type Check = fn(&str) -> Vec<String>;

fn is_label(text: &str) -> bool {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    !text.is_empty() && !text.starts_with('-') && !text.ends_with('-') && text.bytes().all(inner)
}

fn is_subdomain(text: &str) -> bool {
    text.split('.').all(is_label)
}

/// `[A-Za-z0-9]` at both ends, `-`, `_`, `.` between.
fn is_name(text: &str) -> bool {
    let bytes = text.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else { return false };
    first.is_ascii_alphanumeric()
        && last.is_ascii_alphanumeric()
        && bytes.iter().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(b))
}

fn too_long(text: &str, most: usize, unit: &str) -> Vec<String> {
    if text.len() > most { vec![format!("must be no more than {most} {unit}")] } else { Vec::new() }
}

pub fn subdomain(text: &str) -> Vec<String> {
    let mut wrong = too_long(text, 253, "characters");
    if !is_subdomain(text) {
        wrong.push(SUBDOMAIN.into());
    }
    wrong
}

/// As [`subdomain`], in the words of what is declared at the field.
pub fn declared_subdomain(text: &str) -> Vec<String> {
    let mut wrong = too_long(text, 253, "bytes");
    if !is_subdomain(text) {
        wrong.push(SUBDOMAIN.into());
    }
    wrong
}

/// As [`subdomain`], but `_` is allowed where `-` is, and in front.
pub fn subdomain_with_underscore(text: &str) -> Vec<String> {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let fits = |part: &str| {
        let bytes = part.strip_prefix('_').unwrap_or(part).as_bytes();
        let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else { return false };
        inner(*first) && inner(*last) && bytes.iter().all(|b| inner(*b) || b"-_".contains(b))
    };
    let mut wrong = too_long(text, 253, "characters");
    if !text.split('.').all(fits) {
        wrong.push(SUBDOMAIN_UNDERSCORE.into());
    }
    wrong
}

pub fn label(text: &str) -> Vec<String> {
    let mut wrong = too_long(text, 63, "characters");
    if !is_label(text) {
        wrong.push(if is_subdomain(text) { "must not contain dots".into() } else { LABEL.into() });
    }
    wrong
}

pub fn label_1035(text: &str) -> Vec<String> {
    let mut wrong = too_long(text, 63, "characters");
    if !is_label(text) || text.starts_with(|c: char| c.is_ascii_digit()) {
        wrong.push(LABEL_1035.into());
    }
    wrong
}

/// The name of a CronJob: its Jobs' names are 11 characters longer.
pub fn cron_job_name(text: &str) -> Vec<String> {
    too_long(text, 52, "characters")
}

/// Names that only have to fit into an address.
pub fn path_segment(text: &str) -> Vec<String> {
    if matches!(text, "." | "..") {
        return vec![format!("may not be '{text}'")];
    }
    ['/', '%'].iter().filter(|c| text.contains(**c)).map(|c| format!("may not contain '{c}'")).collect()
}

pub fn wildcard_subdomain(text: &str) -> Vec<String> {
    let mut wrong = too_long(text, 253, "characters");
    if !text.strip_prefix("*.").is_some_and(is_subdomain) {
        wrong.push(WILDCARD.into());
    }
    wrong
}

pub fn label_value(text: &str) -> Vec<String> {
    let mut wrong = too_long(text, 63, "bytes");
    if !text.is_empty() && !is_name(text) {
        wrong.push(LABEL_VALUE.into());
    }
    wrong
}

/// The key of a label or annotation, the name of a resource: `name` or `prefix/name`.
pub fn qualified(text: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let parts: Vec<&str> = text.split('/').collect();
    let name = match parts[..] {
        [name] => name,
        [prefix, name] => {
            if prefix.is_empty() {
                wrong.push("prefix part must be non-empty".into());
            } else {
                wrong.extend(subdomain(prefix).into_iter().map(|m| format!("prefix part {m}")));
            }
            name
        }
        _ => {
            let with = "with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
            return vec![format!("a valid label key {QUALIFIED} {with}")];
        }
    };
    if name.is_empty() {
        wrong.push("name part must be non-empty".into());
    } else if name.len() > 63 {
        wrong.push("name part must be no more than 63 bytes".into());
    }
    if !is_name(name) {
        wrong.push(format!("name part {QUALIFIED}"));
    }
    wrong
}

/// The name of a container's port.
pub fn port_name(text: &str) -> Vec<String> {
    let mut wrong = too_long(text, 15, "characters");
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
        wrong.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)".into());
    }
    if !text.bytes().any(|b| b.is_ascii_lowercase()) {
        wrong.push("must contain at least one letter (a-z)".into());
    }
    if text.contains("--") {
        wrong.push("must not contain consecutive hyphens".into());
    }
    if text.starts_with('-') || text.ends_with('-') {
        wrong.push("must not begin or end with a hyphen".into());
    }
    wrong
}

/// A key of a ConfigMap or Secret.
pub fn config_key(text: &str) -> Vec<String> {
    let mut wrong = too_long(text, 253, "characters");
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b)) {
        wrong.push(CONFIG_KEY.into());
    }
    if text == "." || text == ".." {
        wrong.push(format!("must not be '{text}'"));
    } else if text.starts_with("..") {
        wrong.push("must not start with '..'".into());
    }
    wrong
}

pub fn env_name(text: &str) -> Vec<String> {
    if !text.is_empty() && text.bytes().all(|b| (0x20..0x7F).contains(&b) && b != b'=') {
        return Vec::new();
    }
    vec!["a valid environment variable name must consist only of printable ASCII characters other than '='".into()]
}

pub fn percent(text: &str) -> Vec<String> {
    match text.strip_suffix('%') {
        Some(digits) if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) => Vec::new(),
        _ => vec![PERCENT.into()],
    }
}

pub fn http_header(text: &str) -> Vec<String> {
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        return Vec::new();
    }
    vec!["a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')".into()]
}

/// A name in a program.
pub fn identifier(text: &str) -> Vec<String> {
    let inner = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    if !text.is_empty() && !text.as_bytes()[0].is_ascii_digit() && text.bytes().all(inner) {
        return Vec::new();
    }
    vec!["a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName', regex used for validation is '[A-Za-z_][A-Za-z0-9_]*')".into()]
}

pub fn ip(text: &str) -> Option<IpAddr> {
    text.parse().ok()
}

/// The network's address as a number of 128 bits (v4 at the end), and the bits that count of it.
pub fn cidr(text: &str) -> Option<(bool, u128, u32)> {
    let (address, bits) = text.split_once('/')?;
    let bits: u32 = bits.parse().ok()?;
    match ip(address)? {
        IpAddr::V4(v4) if bits <= 32 => Some((true, u128::from(u32::from(v4)) << 96, bits)),
        IpAddr::V6(v6) if bits <= 128 => Some((false, u128::from(v6), bits)),
        _ => None,
    }
}

/// A domain name and a path (`example.com/runs-jobs`).
pub fn is_domain_path(text: &str) -> bool {
    text.split_once('/').is_some_and(|(domain, path)| is_subdomain(domain) && !path.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_judged() {
        let check = |check: Check, text: &str, expect: &[&str]| {
            let wrong = check(text);
            assert_eq!(wrong.len(), expect.len(), "{text}: {wrong:?}");
            for (w, e) in wrong.iter().zip(expect) {
                assert!(w.starts_with(e), "{text}: {w}");
            }
        };
        check(subdomain, "a.b-c", &[]);
        check(subdomain, "a..b", &["a lowercase RFC 1123 subdomain"]);
        check(label, "a.b", &["must not contain dots"]);
        check(label, "-a", &["a lowercase RFC 1123 label"]);
        check(label_value, "", &[]);
        check(label_value, "x y", &["a valid label must"]);
        check(qualified, "a/b/c", &["a valid label key"]);
        check(qualified, "/b", &["prefix part must be non-empty"]);
        check(qualified, "", &["name part must be non-empty", "name part must consist"]);
        check(port_name, "HTTP", &["must contain only", "must contain at least one letter"]);
        check(port_name, "8080", &["must contain at least one letter"]);
        check(config_key, "..", &["must not be '..'"]);
        check(env_name, "A=B", &["a valid environment"]);
        check(wildcard_subdomain, "*.example.com", &[]);
        check(wildcard_subdomain, "*.*.com", &["a wildcard"]);
        assert_eq!(cidr("10.0.0.0/33"), None);
    }
}
