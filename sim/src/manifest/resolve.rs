//! Kubernetes 1.36: sigs.k8s.io/yaml (its YAML 1.1 resolver). What a scalar means.
//!
//! `0644` is 420, `yes` and `y` are booleans, `1_000` is a number, `0x10` and `0b11` are numbers, dates stay texts.

use crate::value::Value;

/// A scalar's value, or the words of an error. `tag` is the full tag, where one was written.
pub(super) fn resolve(text: &str, plain: bool, tag: Option<&str>) -> Result<Value, String> {
    let tag = tag.map(|t| t.strip_prefix("tag:yaml.org,2002:").unwrap_or(t));
    match tag {
        Some("str" | "!") => Ok(Value::str(text)),
        Some("binary") => binary(text),
        Some(want @ ("int" | "float" | "bool" | "null")) => {
            let value = guess(text)?;
            let fits = match want {
                "int" => matches!(value, Value::Int(_)),
                "float" => matches!(value, Value::Int(_) | Value::Number(_)),
                "bool" => matches!(value, Value::Bool(_)),
                _ => value.is_null(),
            };
            if fits { Ok(value) } else { Err(format!("cannot decode !!str `{}` as a !!{want}", clip(text))) }
        }
        _ if plain => guess(text),
        _ => Ok(Value::str(text)),
    }
}

fn clip(text: &str) -> String {
    if text.chars().count() > 10 { text.chars().take(7).chain("...".chars()).collect() } else { text.to_string() }
}

fn binary(text: &str) -> Result<Value, String> {
    let compact: String = text.split_ascii_whitespace().collect();
    let bytes = crate::manifest::base64::decode(&compact)
        .map_err(|_| "!!binary value contains invalid base64 data".to_string())?;
    Ok(Value::str(String::from_utf8_lossy(&bytes).into_owned()))
}

fn guess(text: &str) -> Result<Value, String> {
    let Some(first) = text.bytes().next() else { return Ok(Value::Null) };
    match first {
        b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~' => Ok(word(text)),
        b'.' => match text {
            ".inf" | ".Inf" | ".INF" => Err("json: unsupported value: +Inf".into()),
            ".nan" | ".NaN" | ".NAN" => Err("json: unsupported value: NaN".into()),
            _ => Ok(decimal(text).unwrap_or_else(|| Value::str(text))),
        },
        b'+' | b'-' | b'0'..=b'9' => number(text),
        _ => Ok(Value::str(text)),
    }
}

fn word(text: &str) -> Value {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Value::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Value::Bool(false),
        "~" | "null" | "Null" | "NULL" => Value::Null,
        _ => Value::str(text),
    }
}

fn number(text: &str) -> Result<Value, String> {
    match text {
        "+.inf" | "+.Inf" | "+.INF" => return Err("json: unsupported value: +Inf".into()),
        "-.inf" | "-.Inf" | "-.INF" => return Err("json: unsupported value: -Inf".into()),
        _ => {}
    }
    let plain: String = text.chars().filter(|c| *c != '_').collect();
    let (sign, digits) = match plain.as_bytes().first() {
        Some(b'-') => ("-", &plain[1..]),
        Some(b'+') => ("", &plain[1..]),
        _ => ("", &plain[..]),
    };
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &digits[2..]),
        [b'0', b'o' | b'O', ..] => (8, &digits[2..]),
        [b'0', b'b' | b'B', ..] => (2, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, digits),
    };
    let all_digits = !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
    if all_digits {
        if let Ok(n) = i64::from_str_radix(&format!("{sign}{digits}"), radix) {
            return Ok(Value::Int(n));
        }
        if sign.is_empty()
            && let Ok(n) = u64::from_str_radix(digits, radix)
        {
            return Ok(Value::Number(n.to_string().into()));
        }
    }
    Ok(decimal(&plain).unwrap_or_else(|| Value::str(text)))
}

/// The digits of the largest float64.
const LARGEST: &str = "17976931348623157";

/// A decimal fraction as Go's JSON encoder prints it; none if `text` is no such number.
pub(super) fn decimal(text: &str) -> Option<Value> {
    let (negative, rest) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let (mantissa, exponent) = match rest.find(['e', 'E']) {
        Some(i) => (&rest[..i], rest[i + 1..].parse::<i64>().ok().filter(|e| e.abs() < 1_000_000)?),
        None => (rest, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() || !mantissa.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return None;
    }
    if fraction.contains('.') {
        return None;
    }
    let all = format!("{whole}{fraction}");
    let digits = all.trim_start_matches('0').trim_end_matches('0');
    if digits.is_empty() {
        return Some(Value::Int(0));
    }
    // The number is 0.DIGITS x 10^point.
    let leading = (all.len() - all.trim_start_matches('0').len()) as i64;
    let point = whole.len() as i64 - leading + exponent;
    // What Go's float64 cannot hold is no number; what is nearer to 0 than it can tell is 0.
    if point > 309 || point == 309 && digits > LARGEST {
        return None;
    }
    if point < -323 {
        return Some(Value::Int(0));
    }
    let sign = if negative { "-" } else { "" };
    let count = digits.len() as i64;
    let printed = if !(-5..=21).contains(&point) {
        let (head, tail) = digits.split_at(1);
        let dot = if tail.is_empty() { "" } else { "." };
        let power = point - 1;
        format!("{sign}{head}{dot}{tail}e{}{:02}", if power < 0 { '-' } else { '+' }, power.abs()).replace("e-0", "e-")
    } else if point <= 0 {
        format!("{sign}0.{}{digits}", "0".repeat(-point as usize))
    } else if count <= point {
        format!("{sign}{digits}{}", "0".repeat((point - count) as usize))
    } else {
        format!("{sign}{}.{}", &digits[..point as usize], &digits[point as usize..])
    };
    Some(match printed.parse::<i64>() {
        Ok(n) => Value::Int(n),
        Err(_) => Value::Number(printed.into()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, json: &str) {
        let value = resolve(text, true, None).map(|v| crate::manifest::write::json(&v, 0));
        assert_eq!(value.as_deref().unwrap_or_else(|e| e), json, "{text}");
    }

    #[test]
    fn reads_scalars_as_kubernetes_does() {
        for (text, json) in [
            ("0644", "420"),
            ("0o644", "420"),
            ("08", "8"),
            ("1_000", "1000"),
            ("0x1F", "31"),
            ("0b101", "5"),
            ("-0b11", "-3"),
            ("yes", "true"),
            ("y", "true"),
            ("Off", "false"),
            ("yEs", "\"yEs\""),
            ("~", "null"),
            ("", "null"),
            ("null", "null"),
            ("1.50", "1.5"),
            ("1e3", "1000"),
            ("1.0", "1"),
            (".5", "0.5"),
            ("0.00000012", "1.2e-7"),
            ("1e21", "1e+21"),
            ("1e22", "1e+22"),
            ("100e18", "100000000000000000000"),
            ("9223372036854775807", "9223372036854775807"),
            ("9223372036854775808", "9223372036854775808"),
            ("2001-01-01", "\"2001-01-01\""),
            ("1.2.3", "\"1.2.3\""),
            ("12:30:45", "\"12:30:45\""),
            ("100m", "\"100m\""),
            ("1Gi", "\"1Gi\""),
            ("-", "\"-\""),
            (".", "\".\""),
            ("1e", "\"1e\""),
            ("+5", "5"),
            ("0x", "\"0x\""),
            (".inf", "json: unsupported value: +Inf"),
            ("0", "0"),
            ("-0", "0"),
            ("1e309", "\"1e309\""),
            ("1e308", "1e+308"),
            ("1e-400", "0"),
        ] {
            check(text, json);
        }
    }

    #[test]
    fn tags_decide() {
        assert_eq!(resolve("12", true, Some("tag:yaml.org,2002:str")), Ok(Value::str("12")));
        assert_eq!(resolve("aGk=", false, Some("tag:yaml.org,2002:binary")), Ok(Value::str("hi")));
        assert!(resolve("x", true, Some("tag:yaml.org,2002:int")).is_err());
    }
}
