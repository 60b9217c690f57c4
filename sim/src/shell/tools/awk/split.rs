//! How awk parts a text into fields.

use super::super::super::regex::Regex;

pub(super) fn split(text: &str, separator: &str) -> Vec<String> {
    if separator == " " {
        return text.split_whitespace().map(str::to_string).collect();
    }
    if text.is_empty() {
        return Vec::new();
    }
    let plain = separator.chars().count() == 1 && !separator.contains('\\');
    match Regex::new(separator, true, false) {
        Ok(regex) if !plain => split_by(text, &regex),
        _ => text.split(separator).map(str::to_string).collect(),
    }
}

pub(super) fn split_by(text: &str, regex: &Regex) -> Vec<String> {
    if text.is_empty() {
        return Vec::new();
    }
    let chars: Vec<char> = text.chars().collect();
    let (mut parts, mut from, mut at) = (Vec::new(), 0, 0);
    while let Some((start, end)) = regex.find(&chars, at).and_then(|captures| captures[0]) {
        if end == start {
            at = end + 1;
            if at > chars.len() {
                break;
            }
            continue;
        }
        parts.push(chars[from..start].iter().collect());
        (from, at) = (end, end);
    }
    parts.push(chars[from..].iter().collect());
    parts
}
