//! POSIX.1-2024, Shell Command Language, 2.14.3: file names by pattern; and bash's braces.

use super::ast::{Part, Word};
use super::files::Links;
use super::pattern;
use super::process::Context;

/// A pattern expands to at most so many names, a pair of braces to as many words.
const NAMES: usize = 4096;

/// The files whose names fit, sorted.
pub fn expand(cx: &mut Context, wanted: &str) -> Vec<String> {
    let absolute = wanted.starts_with('/');
    let mut found = vec![if absolute { "/".to_string() } else { String::new() }];
    let parts: Vec<&str> = wanted.split('/').filter(|part| !part.is_empty()).collect();
    for (i, part) in parts.iter().enumerate() {
        let last = i + 1 == parts.len();
        let mut next = Vec::new();
        for base in &found {
            if pattern::is_pattern(part) {
                let (cwd, creds) = (cx.cwd(), cx.creds());
                let folder = if base.is_empty() { "." } else { base };
                let mut names: Vec<String> =
                    cx.fs().list(&cwd, folder, &creds).unwrap_or_default().into_iter().map(|(name, _)| name).collect();
                if part.starts_with('.') {
                    names.extend([".".to_string(), "..".to_string()]);
                    names.sort();
                }
                let fits =
                    |name: &String| (part.starts_with('.') || !name.starts_with('.')) && pattern::matches(part, name);
                next.extend(names.iter().filter(|name| fits(name)).map(|name| format!("{base}{name}")));
            } else {
                let name: String = unescape(part);
                next.push(format!("{base}{name}"));
            }
        }
        let cwd = cx.cwd();
        let fs = cx.fs();
        next.retain(|path| match fs.stat(&cwd, path, if last { Links::Keep } else { Links::Follow }) {
            Ok(node) => last || node.is_folder(),
            Err(_) => false,
        });
        next.truncate(NAMES);
        if !last {
            next.iter_mut().for_each(|path| path.push('/'));
        }
        found = next;
    }
    if wanted.ends_with('/') {
        found.iter_mut().for_each(|path| path.push('/'));
    }
    found
}

fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        out.push(if c == '\\' { chars.next().unwrap_or(c) } else { c });
    }
    out
}

/// bash: `a{b,c}d` and `{1..5}`, where they stand in one unquoted part; empty if there is nothing to do.
pub fn braces(word: &Word) -> Vec<Word> {
    for (i, part) in word.parts.iter().enumerate() {
        let Part::Text(text) = part else { continue };
        let Some((before, choices, after)) = split_braces(text) else { continue };
        let mut out = Vec::new();
        for choice in choices {
            let mut parts = word.parts.clone();
            parts[i] = Part::Text(format!("{before}{choice}{after}").into());
            let made = Word { parts };
            let more = braces(&made);
            if more.is_empty() {
                out.push(made)
            } else {
                out.extend(more)
            }
            if out.len() > NAMES {
                return Vec::new();
            }
        }
        return out;
    }
    Vec::new()
}

fn split_braces(text: &str) -> Option<(&str, Vec<String>, &str)> {
    let open = text.find('{')?;
    let mut depth = 0_usize;
    let mut cuts = vec![open];
    for (at, c) in text.char_indices().skip_while(|(at, _)| *at < open) {
        match c {
            '{' => depth += 1,
            ',' if depth == 1 => cuts.push(at),
            '}' => {
                depth -= 1;
                if depth == 0 {
                    cuts.push(at);
                    let inside = &text[open + 1..at];
                    let choices: Vec<String> = if cuts.len() > 2 {
                        cuts.windows(2).map(|pair| text[pair[0] + 1..pair[1]].to_string()).collect()
                    } else {
                        range(inside)?
                    };
                    return Some((&text[..open], choices, &text[at + 1..]));
                }
            }
            _ => {}
        }
    }
    None
}

fn range(inside: &str) -> Option<Vec<String>> {
    let mut ends = inside.split("..");
    let (low, high, step) = (ends.next()?, ends.next()?, ends.next().unwrap_or("1"));
    let step: i64 = step.parse().ok().filter(|n: &i64| *n != 0 && n.unsigned_abs() < 1_000_000)?;
    if let (Ok(low), Ok(high)) = (low.parse::<i64>(), high.parse::<i64>()) {
        let count = low.abs_diff(high) / step.unsigned_abs() + 1;
        let step = if low <= high { step.abs() } else { -step.abs() };
        return (count <= NAMES as u64).then(|| (0..count as i64).map(|i| (low + i * step).to_string()).collect());
    }
    let one = |text: &str| text.chars().next().filter(|c| text.len() == 1 && c.is_ascii_alphabetic());
    let (low, high) = (one(low)?, one(high)?);
    let letters: Vec<String> = if low <= high {
        (low..=high).map(String::from).collect()
    } else {
        (high..=low).rev().map(String::from).collect()
    };
    Some(letters)
}
