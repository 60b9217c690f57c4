//! Kubernetes 1.36: sigs.k8s.io/yaml (its YAML 1.1 emitter). Values to YAML text as `kubectl -o yaml` prints it.
//!
//! Lists stand at their key's column; a text is plain where it stays a text, quoted where it would not, and a block
//! where it has lines. Long texts are folded at the first space past column 80.

use crate::manifest::resolve::resolve;
use crate::value::{Map, Value};
use std::cmp::Ordering;
use std::fmt::Write;

/// The column after which the next single space becomes a line break.
const BEST_WIDTH: usize = 80;
/// A longer key is written in the `? key` form.
const MAX_SIMPLE_KEY: usize = 128;

/// `value` as a YAML document that ends with a line break.
pub fn yaml(value: &Value) -> String {
    let mut writer = Writer { out: String::new(), line_start: 0 };
    match value {
        Value::Map(map) if !map.is_empty() => writer.map(map, 0),
        Value::List(items) if !items.is_empty() => writer.list(items, 0),
        other => writer.scalar(other, 2, false),
    }
    if !writer.out.ends_with(is_break) {
        writer.out.push('\n');
    }
    writer.out
}

struct Writer {
    out: String,
    line_start: usize,
}

impl Writer {
    /// The entries of a map; the first one begins where the line already is.
    fn map(&mut self, map: &Map, indent: usize) {
        let mut entries: Vec<_> = map.iter().collect();
        entries.sort_by(|a, b| natural_order(a.0, b.0));
        for (i, (key, value)) in entries.into_iter().enumerate() {
            if i > 0 {
                self.new_line(indent);
            }
            if key.len() > MAX_SIMPLE_KEY {
                self.out.push_str("? ");
                self.text(key, indent + 2, true);
                self.new_line(indent);
            } else {
                self.text(key, indent + 2, true);
            }
            self.out.push(':');
            match value {
                Value::Map(map) if !map.is_empty() => {
                    self.new_line(indent + 2);
                    self.map(map, indent + 2);
                }
                Value::List(items) if !items.is_empty() => {
                    self.new_line(indent);
                    self.list(items, indent);
                }
                other => {
                    self.out.push(' ');
                    self.scalar(other, indent + 2, false);
                }
            }
        }
    }

    fn list(&mut self, items: &[Value], indent: usize) {
        for (i, item) in items.iter().enumerate() {
            if i > 0 {
                self.new_line(indent);
            }
            self.out.push_str("- ");
            match item {
                Value::Map(map) if !map.is_empty() => self.map(map, indent + 2),
                Value::List(items) if !items.is_empty() => self.list(items, indent + 2),
                other => self.scalar(other, indent + 2, false),
            }
        }
    }

    fn scalar(&mut self, value: &Value, indent: usize, key: bool) {
        match value {
            Value::Null => self.out.push_str("null"),
            Value::Bool(b) => self.out.push_str(if *b { "true" } else { "false" }),
            Value::Int(n) => _ = write!(self.out, "{n}"),
            Value::Number(text) => self.out.push_str(text),
            Value::Str(text) => self.text(text, indent, key),
            Value::List(_) => self.out.push_str("[]"),
            Value::Map(_) => self.out.push_str("{}"),
        }
    }

    fn text(&mut self, text: &str, indent: usize, key: bool) {
        let look = Look::at(text);
        let stays_text = matches!(resolve(text, true, None), Ok(Value::Str(_)))
            && !is_base_60(text)
            && !is_timestamp(text)
            && text != "<<";
        if text.contains('\n') && look.block_allowed && !key {
            self.literal(text, indent);
        } else if text.contains(is_break) || !stays_text {
            self.double_quoted(text, indent, key);
        } else if look.plain_allowed {
            self.folded(text, indent, key, |out, c| out.push(c));
        } else if look.single_allowed {
            self.out.push('\'');
            self.folded(text, indent, key, |out, c| {
                if c == '\'' {
                    out.push('\'');
                }
                out.push(c);
            });
            self.out.push('\'');
        } else {
            self.double_quoted(text, indent, key);
        }
    }

    fn folded(&mut self, text: &str, indent: usize, key: bool, put: impl Fn(&mut String, char)) {
        let mut after_space = false;
        let mut chars = text.chars().peekable();
        let mut first = true;
        while let Some(c) = chars.next() {
            let last = chars.peek().is_none();
            let fold = c == ' ' && !key && !after_space && !first && !last && chars.peek() != Some(&' ');
            if fold && self.column() > BEST_WIDTH {
                self.new_line(indent);
            } else {
                put(&mut self.out, c);
            }
            after_space = c == ' ';
            first = false;
        }
    }

    fn double_quoted(&mut self, text: &str, indent: usize, key: bool) {
        self.out.push('"');
        let mut after_space = false;
        let mut chars = text.chars().peekable();
        let mut first = true;
        while let Some(c) = chars.next() {
            let fold = c == ' ' && !key && !after_space && !first && chars.peek().is_some();
            if fold && self.column() > BEST_WIDTH {
                self.new_line(indent);
                if chars.peek() == Some(&' ') {
                    self.out.push('\\');
                }
            } else {
                self.escaped(c);
            }
            after_space = c == ' ';
            first = false;
        }
        self.out.push('"');
    }

    fn escaped(&mut self, c: char) {
        let short = match c {
            '\0' => '0',
            '\u{07}' => 'a',
            '\u{08}' => 'b',
            '\t' => 't',
            '\n' => 'n',
            '\u{0B}' => 'v',
            '\u{0C}' => 'f',
            '\r' => 'r',
            '\u{1B}' => 'e',
            '"' => '"',
            '\\' => '\\',
            '\u{85}' => 'N',
            '\u{A0}' => '_',
            '\u{2028}' => 'L',
            '\u{2029}' => 'P',
            c if is_printable(c) && c != '\u{FEFF}' => return self.out.push(c),
            c => {
                let code = c as u32;
                _ = match code {
                    0..=0xFF => write!(self.out, "\\x{code:02X}"),
                    0x100..=0xFFFF => write!(self.out, "\\u{code:04X}"),
                    _ => write!(self.out, "\\U{code:08X}"),
                };
                return;
            }
        };
        self.out.push('\\');
        self.out.push(short);
    }

    fn literal(&mut self, text: &str, indent: usize) {
        self.out.push('|');
        if text.starts_with(|c| c == ' ' || is_break(c)) {
            self.out.push('2');
        }
        let mut end = text.chars().rev();
        match (end.next().is_some_and(is_break), end.next()) {
            (false, _) => self.out.push('-'),
            (true, None) => self.out.push('+'),
            (true, Some(before)) if is_break(before) => self.out.push('+'),
            _ => {}
        }
        self.out.push('\n');
        for line in text.split_inclusive(is_break) {
            self.line_start = self.out.len();
            if !line.starts_with(is_break) {
                self.out.extend(std::iter::repeat_n(' ', indent));
            }
            self.out.push_str(line);
        }
        if text.ends_with(is_break) {
            self.line_start = self.out.len();
        }
    }

    fn column(&self) -> usize {
        self.out[self.line_start..].chars().count()
    }

    fn new_line(&mut self, indent: usize) {
        if !self.out.ends_with(is_break) {
            self.out.push('\n');
        }
        self.line_start = self.out.len();
        self.out.extend(std::iter::repeat_n(' ', indent));
    }
}

/// Which styles would keep a text as it is.
struct Look {
    plain_allowed: bool,
    single_allowed: bool,
    block_allowed: bool,
}

impl Look {
    fn at(text: &str) -> Look {
        let mut plain = !text.starts_with("---") && !text.starts_with("...");
        let (mut single, mut block) = (true, true);
        let mut previous: Option<char> = None;
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            let next = chars.peek().copied();
            let space_follows = next.is_none_or(|n| matches!(n, ' ' | '\t') || is_break(n));
            let space_precedes = previous.is_none_or(|p| matches!(p, ' ' | '\t') || is_break(p));
            let first = previous.is_none();
            plain &= !match c {
                '#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`'
                    if first =>
                {
                    true
                }
                '?' | '-' if first => space_follows,
                ':' => space_follows,
                '#' => space_precedes,
                _ => false,
            };
            if !is_printable(c) {
                (plain, single, block) = (false, false, false);
            }
            if c == ' ' {
                plain &= !first && next.is_some();
                block &= next.is_some();
                if previous.is_some_and(is_break) {
                    (plain, single) = (false, false);
                }
            } else if is_break(c) {
                plain = false;
                if previous == Some(' ') {
                    (single, block) = (false, false);
                }
            }
            previous = Some(c);
        }
        Look { plain_allowed: plain, single_allowed: single, block_allowed: block }
    }
}

/// What ends a line in YAML 1.1.
fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn is_printable(c: char) -> bool {
    matches!(c, '\n' | '\u{20}'..='\u{7E}' | '\u{A0}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
        && c != '\u{FEFF}'
}

/// `1:30` was a number in YAML 1.1; other readers still take it for one.
fn is_base_60(text: &str) -> bool {
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (text, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut parts = text.split(':');
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit() || b == b'_');
    let first = parts.next().unwrap_or("");
    let rest: Vec<_> = parts.collect();
    first.starts_with(|c: char| c.is_ascii_digit())
        && digits(first)
        && digits(fraction)
        && !rest.is_empty()
        && rest.iter().all(|p| match p.as_bytes() {
            [a] => a.is_ascii_digit(),
            [a, b] => (b'0'..=b'5').contains(a) && b.is_ascii_digit(),
            _ => false,
        })
}

/// A date, or a date and time, as YAML 1.1 knows them.
fn is_timestamp(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() < 8 || !bytes[..4].iter().all(u8::is_ascii_digit) || bytes[4] != b'-' {
        return false;
    }
    let (date, time) = match text.find(['T', 't', ' ']) {
        Some(i) => (&text[..i], Some(&text[i + 1..])),
        None => (text, None),
    };
    let number = |s: &str, low: u32, high: u32| {
        (1..=2).contains(&s.len())
            && s.bytes().all(|b| b.is_ascii_digit())
            && s.parse::<u32>().is_ok_and(|n| (low..=high).contains(&n))
    };
    let parts: Vec<_> = date.split('-').collect();
    if !matches!(parts[..], [_, month, day] if number(month, 1, 12) && number(day, 1, 31)) {
        return false;
    }
    let Some(time) = time else { return true };
    let spaced = text.as_bytes()[date.len()] == b' ';
    let (clock, zone) = match time.find(['Z', '+', '-']) {
        Some(i) => (&time[..i], &time[i..]),
        None => (time, ""),
    };
    let zone_fits = match zone.as_bytes() {
        [] => spaced,
        [b'Z'] => !spaced,
        [_, a, b, b':', c, d] => !spaced && [a, b, c, d].iter().all(|x| x.is_ascii_digit()),
        _ => false,
    };
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let parts: Vec<_> = clock.split(':').collect();
    zone_fits
        && fraction.bytes().all(|b| b.is_ascii_digit())
        && matches!(parts[..], [h, m, s] if number(h, 0, 23) && number(m, 0, 59) && number(s, 0, 59))
}

/// The order in which kubectl prints keys: letters as they are, numbers in a text by size.
fn natural_order(a: &str, b: &str) -> Ordering {
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    let mut in_digits = false;
    for i in 0..a.len().min(b.len()) {
        if a[i] == b[i] {
            in_digits = a[i].is_numeric();
            continue;
        }
        let (a_letter, b_letter) = (a[i].is_alphabetic(), b[i].is_alphabetic());
        if a_letter && b_letter {
            return a[i].cmp(&b[i]);
        }
        if a_letter || b_letter {
            return if a_letter == in_digits { Ordering::Less } else { Ordering::Greater };
        }
        let nonzero_before = a[..i].iter().rev().take_while(|c| c.is_ascii_digit()).any(|c| *c != '0');
        let start = i128::from(nonzero_before && (a[i] == '0' || b[i] == '0'));
        let run = |text: &[char]| {
            let digits = text[i..].iter().take(18).map_while(|c| c.to_digit(10));
            digits.fold((start, 0), |(n, count), d| (n * 10 + i128::from(d), count + 1))
        };
        return run(&a).cmp(&run(&b)).then(a[i].cmp(&b[i]));
    }
    a.len().cmp(&b.len())
}
