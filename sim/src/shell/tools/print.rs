//! echo, printf, seq, expr, basename, dirname.

use super::super::process::Context;
use super::say;

/// So many numbers at most does `seq` print.
const NUMBERS: i64 = 100_000;
/// A field is at most so wide.
const WIDTH: usize = 4096;

pub fn echo(cx: &mut Context, args: &[String]) -> i32 {
    cx.out(&echoed(args));
    0
}

/// What `echo` writes.
pub fn echoed(args: &[String]) -> String {
    let (mut newline, mut escapes) = (true, false);
    let mut rest = args;
    while let Some((first, more)) = rest.split_first() {
        let letters = first.strip_prefix('-').unwrap_or_default();
        if letters.is_empty() || !letters.chars().all(|c| "neE".contains(c)) {
            break;
        }
        newline &= !letters.contains('n');
        escapes |= letters.contains('e');
        rest = more;
    }
    let mut text = rest.join(" ");
    if escapes {
        let (unescaped, stopped) = unescape(&text, true);
        text = unescaped;
        newline &= !stopped;
    }
    if newline {
        text.push('\n');
    }
    text
}

/// Replaces backslash sequences; whether `\c` ended the output.
pub fn unescape(text: &str, zero_octal: bool) -> (String, bool) {
    let mut out = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('a') => out.push('\u{7}'),
            Some('b') => out.push('\u{8}'),
            Some('f') => out.push('\u{c}'),
            Some('v') => out.push('\u{b}'),
            Some('e') => out.push('\u{1b}'),
            Some('\\') => out.push('\\'),
            Some('"') if !zero_octal => out.push('"'),
            Some('c') => return (out, true),
            Some(first @ '0'..='7') => {
                let mut n = if zero_octal && first == '0' { 0 } else { first.to_digit(8).unwrap_or(0) };
                for _ in 0..if zero_octal { 3 } else { 2 } {
                    match chars.peek().and_then(|c| c.to_digit(8)) {
                        Some(digit) => n = n * 8 + digit,
                        None => break,
                    }
                    chars.next();
                }
                out.push(char::from((n & 0xff) as u8));
            }
            Some('x') => {
                let mut n = 0;
                for _ in 0..2 {
                    match chars.peek().and_then(|c| c.to_digit(16)) {
                        Some(digit) => n = n * 16 + digit,
                        None => break,
                    }
                    chars.next();
                }
                out.push(char::from(n as u8));
            }
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    (out, false)
}

pub fn printf(cx: &mut Context, args: &[String]) -> i32 {
    let Some((format, args)) = args.split_first() else {
        let line = if cx.is_gnu() {
            "printf: usage: printf [-v var] format [arguments]"
        } else {
            "printf: usage: printf FORMAT [ARG...]"
        };
        cx.complain(line);
        return 2;
    };
    let (mut out, mut used, mut status) = (String::new(), 0, 0);
    loop {
        let before = used;
        let (text, stopped, bad) = format_once(format, args, &mut used);
        out.push_str(&text);
        if let Some(bad) = bad {
            cx.complain(format!("printf: {bad}: invalid number"));
            status = 1;
        }
        if stopped || used >= args.len() || used == before {
            break;
        }
    }
    cx.out(&out);
    status
}

/// Formats once; whether `\c` ended it, and an argument that is no number.
pub fn format_once(format: &str, args: &[String], used: &mut usize) -> (String, bool, Option<String>) {
    let mut out = String::new();
    let mut bad = None;
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        let (text, stopped) = unescape(&rest[..at], false);
        out.push_str(&text);
        if stopped {
            return (out, true, bad);
        }
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('%') {
            out.push('%');
            rest = after;
            continue;
        }
        let end = rest.find(|c: char| !"-+ 0#.*123456789".contains(c)).unwrap_or(rest.len());
        let mut spec = rest[..end].to_string();
        while spec.contains('*') {
            let width = args.get(*used).cloned().unwrap_or_default();
            *used += 1;
            spec = spec.replacen('*', &width, 1);
        }
        let Some(conversion) = rest[end..].chars().next() else { break };
        rest = &rest[end + conversion.len_utf8()..];
        let argument = args.get(*used).cloned();
        *used += 1;
        let value = match conversion {
            's' => argument.unwrap_or_default(),
            'b' => unescape(&argument.unwrap_or_default(), true).0,
            'c' => argument.unwrap_or_default().chars().take(1).collect(),
            'd' | 'i' | 'u' | 'x' | 'X' | 'o' | 'f' | 'g' | 'e' => {
                let text = argument.unwrap_or_else(|| "0".into());
                match number(&text, conversion, &spec) {
                    Some(value) => value,
                    None => {
                        bad = Some(text);
                        "0".into()
                    }
                }
            }
            other => format!("%{spec}{other}"),
        };
        out.push_str(&pad(&value, &spec, conversion));
    }
    let (text, stopped) = unescape(rest, false);
    out.push_str(&text);
    (out, stopped, bad)
}

fn number(text: &str, conversion: char, spec: &str) -> Option<String> {
    let trimmed = text.trim();
    if let Some(quoted) = trimmed.strip_prefix(['"', '\'']) {
        return Some((quoted.chars().next().unwrap_or('\0') as u32).to_string());
    }
    if matches!(conversion, 'f' | 'g' | 'e') {
        let digits = spec.split_once('.').map_or(6, |(_, n)| n.parse().unwrap_or(0));
        return decimal(trimmed, digits);
    }
    let (sign, digits) = trimmed.strip_prefix('-').map_or((1, trimmed), |rest| (-1, rest));
    let value = if trimmed.is_empty() {
        0
    } else if let Some(hex) = digits.strip_prefix("0x") {
        i64::from_str_radix(hex, 16).ok()?
    } else if digits.len() > 1 && digits.starts_with('0') {
        i64::from_str_radix(digits, 8).ok()?
    } else {
        digits.parse::<i64>().ok()?
    };
    let value = value.wrapping_mul(sign);
    Some(match conversion {
        'x' => format!("{value:x}"),
        'X' => format!("{value:X}"),
        'o' => format!("{value:o}"),
        _ if spec.contains('+') && value >= 0 => format!("+{value}"),
        _ => value.to_string(),
    })
}

/// A decimal number written with so many digits after the point, rounded half up.
pub fn decimal(text: &str, digits: usize) -> Option<String> {
    let (sign, rest) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (whole, part) = rest.split_once('.').unwrap_or((rest, ""));
    if !whole.chars().chain(part.chars()).all(|c| c.is_ascii_digit()) || whole.len() > 18 {
        return None;
    }
    let digits = digits.min(18);
    let mut all: Vec<u8> = format!("{}{part:0<digits$}", if whole.is_empty() { "0" } else { whole }).into_bytes();
    let keep = whole.len().max(1) + digits;
    let up = all.get(keep).is_some_and(|d| *d >= b'5');
    all.truncate(keep);
    let mut i = keep;
    let mut carry = up;
    while carry && i > 0 {
        i -= 1;
        carry = all[i] == b'9';
        all[i] = if carry { b'0' } else { all[i] + 1 };
    }
    if carry {
        all.insert(0, b'1');
    }
    let text = String::from_utf8(all).ok()?;
    let point = text.len() - digits;
    Some(if digits == 0 { format!("{sign}{text}") } else { format!("{sign}{}.{}", &text[..point], &text[point..]) })
}

fn pad(value: &str, spec: &str, conversion: char) -> String {
    let left = spec.contains('-');
    let body = spec.trim_start_matches(['-', '+', ' ', '#']);
    let zero = body.starts_with('0') && !left && conversion != 's';
    let (width, precision) = body.split_once('.').map_or((body, None), |(w, p)| (w, Some(p)));
    let width = width.parse::<usize>().unwrap_or(0).min(WIDTH);
    let value: String = match precision {
        Some(n) if matches!(conversion, 's' | 'b') => value.chars().take(n.parse().unwrap_or(0)).collect(),
        _ => value.to_string(),
    };
    let missing = width.saturating_sub(value.chars().count());
    if left {
        format!("{value}{}", " ".repeat(missing))
    } else if zero {
        let (sign, digits) = value.strip_prefix('-').map_or(("", value.as_str()), |d| ("-", d));
        format!("{sign}{}{digits}", "0".repeat(missing))
    } else {
        format!("{}{value}", " ".repeat(missing))
    }
}

pub fn path_part(cx: &mut Context, tool: &str, args: &[String]) -> i32 {
    let Some(path) = args.first() else {
        cx.complain(format!("{tool}: missing operand"));
        return 1;
    };
    let trimmed = path.trim_end_matches('/');
    let (folder, name) = match trimmed.rfind('/') {
        Some(0) => ("/", &trimmed[1..]),
        Some(at) => (trimmed[..at].trim_end_matches('/'), &trimmed[at + 1..]),
        None if trimmed.is_empty() && path.starts_with('/') => ("/", "/"),
        None => (".", trimmed),
    };
    if tool == "dirname" {
        return say(cx, folder);
    }
    let suffix = args.get(1).filter(|suffix| *suffix != name);
    say(cx, suffix.and_then(|suffix| name.strip_suffix(suffix.as_str())).unwrap_or(name))
}

pub fn seq(cx: &mut Context, args: &[String]) -> i32 {
    let mut separator = "\n".to_string();
    let mut equal_width = false;
    let mut rest = args;
    while let Some((first, more)) = rest.split_first() {
        if first == "-w" {
            equal_width = true;
            rest = more;
        } else if first == "-s" && !more.is_empty() {
            separator = more[0].clone();
            rest = &more[1..];
        } else if let Some(joined) = first.strip_prefix("-s") {
            separator = joined.to_string();
            rest = more;
        } else {
            break;
        }
    }
    let numbers: Option<Vec<i64>> = rest.iter().map(|n| n.parse().ok()).collect();
    let (first, step, last) = match numbers.as_deref() {
        Some([last]) => (1, 1, *last),
        Some([first, last]) => (*first, 1, *last),
        Some([first, step, last]) if *step != 0 => (*first, *step, *last),
        _ => {
            let wrong = rest.iter().find(|n| n.parse::<i64>().is_err()).cloned().unwrap_or_default();
            cx.complain(format!("seq: invalid number '{wrong}'"));
            return 1;
        }
    };
    let count = if (step > 0) == (first <= last) || first == last {
        (i128::from(last) - i128::from(first)) / i128::from(step) + 1
    } else {
        0
    };
    let count = count.clamp(0, i128::from(NUMBERS)) as i64;
    let width = if equal_width { first.to_string().len().max(last.to_string().len()) } else { 0 };
    let all: Vec<String> = (0..count).map(|i| format!("{:0width$}", first + i * step)).collect();
    if !all.is_empty() {
        cx.out(&(all.join(&separator) + "\n"));
    }
    0
}

/// `expr`: arithmetic and comparisons of two operands, chained from the left, `*` before `+`; `length`, `:` not.
pub fn expr(cx: &mut Context, args: &[String]) -> i32 {
    match expr_value(args) {
        Some(value) => {
            say(cx, &value);
            i32::from(value.is_empty() || value == "0")
        }
        None => {
            cx.complain("expr: syntax error");
            2
        }
    }
}

fn expr_value(args: &[String]) -> Option<String> {
    const LEVELS: [&[&str]; 5] =
        [&["|"], &["&"], &["=", "==", "!=", "<", "<=", ">", ">="], &["+", "-"], &["*", "/", "%"]];
    if let [one] = args {
        return Some(one.clone());
    }
    if let [word, text] = args
        && word == "length"
    {
        return Some(text.chars().count().to_string());
    }
    for level in LEVELS {
        let Some(at) = (1..args.len().saturating_sub(1)).rev().find(|i| level.contains(&args[*i].as_str())) else {
            continue;
        };
        let (left, right) = (expr_value(&args[..at])?, expr_value(&args[at + 1..])?);
        let numbers = left.parse::<i64>().ok().zip(right.parse::<i64>().ok());
        let order = numbers.map_or_else(|| left.cmp(&right), |(a, b)| a.cmp(&b));
        let truth = |value: bool| i64::from(value).to_string();
        return Some(match args[at].as_str() {
            "|" => {
                if left.is_empty() || left == "0" {
                    right
                } else {
                    left
                }
            }
            "&" => {
                if left.is_empty() || left == "0" || right.is_empty() || right == "0" {
                    "0".into()
                } else {
                    left
                }
            }
            "=" | "==" => truth(order.is_eq()),
            "!=" => truth(order.is_ne()),
            "<" => truth(order.is_lt()),
            "<=" => truth(order.is_le()),
            ">" => truth(order.is_gt()),
            ">=" => truth(order.is_ge()),
            op => {
                let (a, b) = numbers?;
                match op {
                    "+" => a.wrapping_add(b),
                    "-" => a.wrapping_sub(b),
                    "*" => a.wrapping_mul(b),
                    "/" => a.checked_div(b)?,
                    _ => a.checked_rem(b)?,
                }
                .to_string()
            }
        });
    }
    None
}
