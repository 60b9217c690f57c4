//! Patterns of schemas, written for Go's package regexp, as our own reader of extended expressions takes them.
//!
//! Not done: classes by Unicode property, and what the dot leaves out.

use crate::shell::regex::Regex;

/// Whether a text fits; `None` if the pattern is none, or one that cannot be read here.
pub fn fits(pattern: &str, text: &str) -> Option<bool> {
    Some(compiled(pattern)?.is_match(text))
}

/// All that fits within a text, one behind the other.
pub fn all(pattern: &str, text: &str) -> Option<Vec<String>> {
    let regex = compiled(pattern)?;
    let chars: Vec<char> = text.chars().collect();
    let (mut out, mut from) = (vec![], 0);
    while let Some((begin, end)) = regex.find(&chars, from).and_then(|found| found.first().copied().flatten()) {
        out.push(chars[begin..end].iter().collect());
        from = if end == begin { end + 1 } else { end };
        if from > chars.len() {
            break;
        }
    }
    Some(out)
}

/// Whether a pattern is surely none.
pub fn is_broken(pattern: &str) -> bool {
    let regex = translated(pattern).map(|pattern| Regex::new(&pattern, true, false));
    matches!(regex, Some(Err(why)) if why.starts_with("Unmatched"))
}

fn compiled(pattern: &str) -> Option<Regex> {
    let (pattern, ignore_case) = pattern.strip_prefix("(?i)").map_or((pattern, false), |rest| (rest, true));
    Regex::new(&translated(pattern)?, true, ignore_case).ok()
}

/// The pattern with Go's own classes and groups spelled out.
fn translated(pattern: &str) -> Option<String> {
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("(?:") {
            out.push('(');
            rest = after;
        } else if rest.starts_with("(?") || rest.starts_with("\\p") || rest.starts_with("\\P") {
            return None;
        } else if c == '[' {
            rest = bracket(rest, &mut out)?;
        } else if c == '\\' {
            let next = rest[1..].chars().next()?;
            match next {
                'd' => out.push_str("[0-9]"),
                'D' => out.push_str("[^0-9]"),
                'w' => out.push_str("[0-9A-Za-z_]"),
                'W' => out.push_str("[^0-9A-Za-z_]"),
                's' => out.push_str("[ \t\n\r]"),
                'S' => out.push_str("[^ \t\n\r]"),
                'A' => out.push('^'),
                'z' => out.push('$'),
                't' => out.push('\t'),
                'n' => out.push('\n'),
                _ => out.extend(['\\', next]),
            }
            rest = &rest[1 + next.len_utf8()..];
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    Some(out)
}

/// A bracket expression: there a backslash is Go's alone. Signs that mean something stand where they mean themselves:
/// `]` first, `-` last.
fn bracket<'a>(text: &'a str, out: &mut String) -> Option<&'a str> {
    let mut inner = String::new();
    let (mut closing, mut dash) = (false, false);
    let mut rest = &text[1..];
    let negated = rest.starts_with('^');
    rest = rest.strip_prefix('^').unwrap_or(rest);
    let mut first = true;
    loop {
        let c = rest.chars().next()?;
        rest = &rest[c.len_utf8()..];
        match c {
            ']' if !first => break,
            ']' => closing = true,
            '[' if rest.starts_with(':') => {
                let end = rest.find(":]")? + 2;
                inner.push('[');
                inner.push_str(&rest[..end]);
                rest = &rest[end..];
            }
            '\\' => {
                let next = rest.chars().next()?;
                rest = &rest[next.len_utf8()..];
                match next {
                    'd' => inner.push_str("0-9"),
                    'w' => inner.push_str("0-9A-Za-z_"),
                    's' => inner.push_str(" \t\n\r"),
                    't' => inner.push('\t'),
                    'n' => inner.push('\n'),
                    ']' => closing = true,
                    '-' => dash = true,
                    'D' | 'W' | 'S' | 'p' | 'P' => return None,
                    other => inner.push(other),
                }
            }
            '-' if first || rest.starts_with(']') => dash = true,
            c => inner.push(c),
        }
        first = false;
    }
    out.push('[');
    if negated {
        out.push('^');
    }
    if closing {
        out.push(']');
    }
    // A circumflex means itself anywhere but first.
    if inner.starts_with('^') && !closing && !negated {
        inner = format!("{}^", &inner[1..]);
    }
    out.push_str(&inner);
    if dash {
        out.push('-');
    }
    out.push(']');
    Some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_go_are_understood() {
        let check = |pattern: &str, text: &str, expect: Option<bool>| {
            assert_eq!(fits(pattern, text), expect, "{pattern} {text}")
        };
        let cron = r"^(\d+|\*)(/\d+)?(\s+(\d+|\*)(/\d+)?){4}$";
        check(cron, "* * * * */5", Some(true));
        check(cron, "* * * *", Some(false));
        check(r"^(?:a|b)+$", "abba", Some(true));
        check(r"^[\w.\-]+$", "a-b.c_1", Some(true));
        check(r"^[^\]a-]$", "]", Some(false));
        check(r"^[^\]a-]$", "b", Some(true));
        check(r"(?i)^yes$", "YES", Some(true));
        check(r"^[a-z]{2,3}$", "abcd", Some(false));
        check(r"^\p{L}$", "a", None);
    }
}
