//! echo, seq, expr, basename, dirname.

use super::super::process::Context;
use super::say;

/// So many numbers at most does `seq` print.
const NUMBERS: i64 = 100_000;

pub fn echo(cx: &mut Context, args: &[String]) -> i32 {
    cx.out(&echoed(args));
    0
}

/// What the `echo` of dash writes: backslash sequences always count, and `-n` is its only option.
pub fn dash_echoed(args: &[String]) -> String {
    let (words, end) = match args.split_first() {
        Some((first, rest)) if first == "-n" => (rest, ""),
        _ => (args, "\n"),
    };
    let (text, stopped) = unescape(&words.join(" ").replace("\\x", "\\\\x").replace("\\e", "\\\\e"), true);
    if stopped { text } else { text + end }
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
            Some('x') if chars.peek().is_some_and(char::is_ascii_hexdigit) => {
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
