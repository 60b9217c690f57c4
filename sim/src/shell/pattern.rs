//! POSIX.1-2024, Shell Command Language, 2.14: pattern matching, for `case`, `${x#y}` and file names.

/// Whether `pattern` (with `*`, `?`, `[...]` and `\` before what stands for itself) matches all of `text`.
pub fn matches(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    let (mut p, mut t) = (0, 0);
    // Where to go on when the signs after the last star do not fit: the star then takes one more.
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        if pattern.get(p) == Some(&'*') {
            star = Some((p + 1, t));
            p += 1;
        } else if let Some(after) = one(&pattern, p, text[t]) {
            (p, t) = (after, t + 1);
        } else if let Some((after_star, from)) = star {
            star = Some((after_star, from + 1));
            (p, t) = (after_star, from + 1);
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

/// Matches one sign; gives where the pattern goes on.
fn one(pattern: &[char], p: usize, c: char) -> Option<usize> {
    match *pattern.get(p)? {
        '?' => Some(p + 1),
        '\\' if p + 1 < pattern.len() => (pattern[p + 1] == c).then_some(p + 2),
        '[' => match bracket(pattern, p, c) {
            Some((true, after)) => Some(after),
            Some((false, _)) => None,
            None => (c == '[').then_some(p + 1),
        },
        literal => (literal == c).then_some(p + 1),
    }
}

/// Matches a bracket expression at `p`; `None` if it has no end. Shared with regular expressions.
pub fn bracket(pattern: &[char], p: usize, c: char) -> Option<(bool, usize)> {
    let mut i = p + 1;
    let negated = matches!(pattern.get(i), Some('!' | '^'));
    i += usize::from(negated);
    let first = i;
    let mut hit = false;
    loop {
        match *pattern.get(i)? {
            ']' if i > first => return Some((hit != negated, i + 1)),
            '[' if pattern.get(i + 1) == Some(&':') => {
                let end = (i + 2..pattern.len()).find(|&j| pattern[j] == ':' && pattern.get(j + 1) == Some(&']'))?;
                let name: String = pattern[i + 2..end].iter().collect();
                hit |= in_class(&name, c);
                i = end + 2;
            }
            low => {
                let low = if low == '\\' && pattern.get(i + 1).is_some() {
                    i += 1;
                    pattern[i]
                } else {
                    low
                };
                if pattern.get(i + 1) == Some(&'-') && pattern.get(i + 2).is_some_and(|high| *high != ']') {
                    hit |= (low..=pattern[i + 2]).contains(&c);
                    i += 3;
                } else {
                    hit |= low == c;
                    i += 1;
                }
            }
        }
    }
}

/// Whether a sign is in a POSIX class such as `alpha`.
pub fn in_class(name: &str, c: char) -> bool {
    match name {
        "alpha" => c.is_alphabetic(),
        "digit" => c.is_ascii_digit(),
        "alnum" => c.is_alphanumeric(),
        "upper" => c.is_uppercase(),
        "lower" => c.is_lowercase(),
        "space" => c.is_whitespace(),
        "blank" => matches!(c, ' ' | '\t'),
        "punct" => c.is_ascii_punctuation(),
        "xdigit" => c.is_ascii_hexdigit(),
        "cntrl" => c.is_control(),
        "print" => !c.is_control(),
        "graph" => !c.is_control() && c != ' ',
        _ => false,
    }
}

/// Whether a pattern holds anything but signs that stand for themselves.
pub fn is_pattern(pattern: &str) -> bool {
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                chars.next();
            }
            '*' | '?' => return true,
            // Without its end a bracket is but a sign; it is what most tests are written with.
            '[' if chars.clone().any(|c| c == ']') => return true,
            _ => {}
        }
    }
    false
}

/// Writes text so that it stands for itself in a pattern.
pub fn escape(text: &str, into: &mut String) {
    for c in text.chars() {
        if matches!(c, '*' | '?' | '[' | ']' | '\\' | '-' | '!' | '^') {
            into.push('\\');
        }
        into.push(c);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, text: &str, expected: bool) {
        assert_eq!(matches(pattern, text), expected, "{pattern} on {text}");
    }

    #[test]
    fn patterns() {
        check("*", "", true);
        check("a*c*e", "abcde", true);
        check("a*c*e", "abcdef", false);
        check("?[0-9]*", "x7yz", true);
        check("[!a]b", "ab", false);
        check("[[:digit:]]", "7", true);
        check("\\*", "*", true);
        check("\\*", "x", false);
        check("[", "[", true);
        check("..?*", "...", true);
        check("[]x]", "]", true);
    }
}
