//! echo, seq, basename, dirname.

use super::super::process::Context;
use super::{Options, say};

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
    let options = Options::read(args, if tool == "basename" { "s" } else { "" });
    let (args, suffix) = (&options.operands, options.value('s'));
    let Some(path) = args.first() else {
        cx.complain(format!("{tool}: missing operand"));
        return 1;
    };
    if suffix.is_some() || options.has('a') || (tool == "dirname" && args.len() > 1 && cx.is_gnu()) {
        for path in args {
            say(cx, part(tool, path, suffix));
        }
        return 0;
    }
    say(cx, part(tool, path, args.get(1).map(String::as_str)))
}

/// The folder of a path, or its last part without a suffix.
fn part<'p>(tool: &str, path: &'p str, suffix: Option<&str>) -> &'p str {
    let trimmed = path.trim_end_matches('/');
    let (folder, name) = match trimmed.rfind('/') {
        Some(0) => ("/", &trimmed[1..]),
        Some(at) => (trimmed[..at].trim_end_matches('/'), &trimmed[at + 1..]),
        None if trimmed.is_empty() && path.starts_with('/') => ("/", "/"),
        None => (".", trimmed),
    };
    if tool == "dirname" {
        return folder;
    }
    suffix.filter(|suffix| *suffix != name).and_then(|suffix| name.strip_suffix(suffix)).unwrap_or(name)
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
