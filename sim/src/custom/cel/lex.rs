//! The words of a CEL expression.
//!
//! cel-spec: doc/langdef.md (Syntax)

use super::Fault;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    Name(String),
    Int(i64),
    Uint(u64),
    /// Its text: numbers are reckoned as decimals.
    Double(String),
    Text(String),
    Bytes(Vec<u8>),
    Sign(&'static str),
    End,
}

/// Longer ones first.
const SIGNS: [&str; 25] = [
    "&&", "||", "==", "!=", "<=", ">=", ".?", "[?", "(", ")", "[", "]", "{", "}", ",", ".", "?", ":", "<", ">", "+",
    "-", "*", "/", "%",
];

/// All words with the places where they begin, in characters; the last is [`Token::End`].
///
/// # Errors
/// A character that begins no word, a text that does not end, a number too large.
pub fn lex(text: &str) -> Result<Vec<(Token, usize)>, Fault> {
    let chars: Vec<char> = text.chars().collect();
    let (mut out, mut at) = (vec![], 0);
    while at < chars.len() {
        let begin = at;
        let c = chars[at];
        if c.is_whitespace() {
            at += 1;
            continue;
        }
        if chars[at..].starts_with(&['/', '/']) {
            at = chars[at..].iter().position(|c| *c == '\n').map_or(chars.len(), |end| at + end);
            continue;
        }
        let token = if let Some(open) = quoted_at(&chars, at) {
            quoted(&chars, &mut at, open)?
        } else if c.is_ascii_digit() || c == '.' && chars.get(at + 1).is_some_and(char::is_ascii_digit) {
            number(&chars, &mut at)?
        } else if c.is_ascii_alphabetic() || c == '_' {
            let end = chars[at..].iter().position(|c| !c.is_ascii_alphanumeric() && *c != '_');
            at = end.map_or(chars.len(), |end| at + end);
            Token::Name(chars[begin..at].iter().collect())
        } else if c == '!' && chars.get(at + 1) != Some(&'=') {
            at += 1;
            Token::Sign("!")
        } else {
            let fits = |sign: &&str| sign.chars().enumerate().all(|(i, c)| chars.get(at + i) == Some(&c));
            let sign = SIGNS.into_iter().find(|sign| fits(sign));
            let unknown = || {
                let more: String = chars[at..].iter().take(2).collect();
                Fault::new(at, format!("Syntax error: token recognition error at: '{more}'"))
            };
            let sign = sign.ok_or_else(unknown)?;
            at += sign.len();
            Token::Sign(sign)
        };
        out.push((token, begin));
    }
    out.push((Token::End, chars.len()));
    Ok(out)
}

fn rest_of_line(chars: &[char], from: usize) -> String {
    chars[from..].iter().take_while(|c| **c != '\n').collect()
}

/// How a text begins: whether it is raw, whether it is bytes, its quote, and whether there are three of it.
#[derive(Clone, Copy)]
struct Open {
    prefix: usize,
    raw: bool,
    bytes: bool,
    quote: char,
    triple: bool,
}

fn quoted_at(chars: &[char], at: usize) -> Option<Open> {
    let prefix = chars[at..].iter().take(2).take_while(|c| "rRbB".contains(**c)).count();
    let marks = &chars[at..at + prefix];
    let quote = *chars.get(at + prefix).filter(|c| matches!(c, '"' | '\''))?;
    let has = |letter: char| marks.iter().any(|c| c.to_ascii_lowercase() == letter);
    let triple = chars[at + prefix..].starts_with(&[quote; 3]);
    Some(Open { prefix, raw: has('r'), bytes: has('b'), quote, triple })
}

fn quoted(chars: &[char], at: &mut usize, open: Open) -> Result<Token, Fault> {
    let begin = *at;
    let unended =
        || Fault::new(begin, format!("Syntax error: token recognition error at: '{}'", rest_of_line(chars, begin)));
    let close = if open.triple { 3 } else { 1 };
    *at += open.prefix + close;
    let (mut text, mut bytes) = (String::new(), vec![]);
    while !chars[(*at).min(chars.len())..].starts_with(&[open.quote; 3][..close]) {
        let mut c = *chars.get(*at).filter(|c| open.triple || **c != '\n').ok_or_else(unended)?;
        *at += 1;
        let mut byte = None;
        if c == '\\' && !open.raw {
            (c, byte) = escaped(chars, at).ok_or_else(|| Fault::new(begin, "Syntax error: invalid escape"))?;
        }
        text.push(c);
        match byte {
            Some(byte) => bytes.push(byte),
            None => bytes.extend(c.to_string().bytes()),
        }
    }
    *at += close;
    Ok(if open.bytes { Token::Bytes(bytes) } else { Token::Text(text) })
}

/// What stands behind a backslash: a character, and the byte that it is in bytes.
fn escaped(chars: &[char], at: &mut usize) -> Option<(char, Option<u8>)> {
    let letter = *chars.get(*at)?;
    *at += 1;
    let mut digits = |count: usize, radix: u32| {
        let text: String = chars.get(*at..*at + count)?.iter().collect();
        *at += count;
        u32::from_str_radix(&text, radix).ok()
    };
    let code = match letter {
        'n' => 10,
        't' => 9,
        'r' => 13,
        'a' => 7,
        'b' => 8,
        'f' => 12,
        'v' => 11,
        '\\' | '\'' | '"' | '`' | '?' => letter as u32,
        'x' | 'X' => {
            let code = digits(2, 16)?;
            return Some((char::from_u32(code)?, u8::try_from(code).ok()));
        }
        'u' => digits(4, 16)?,
        'U' => digits(8, 16)?,
        '0'..='3' => {
            *at -= 1;
            let text: String = chars.get(*at..*at + 3)?.iter().collect();
            *at += 3;
            let code = u32::from_str_radix(&text, 8).ok()?;
            return Some((char::from_u32(code)?, u8::try_from(code).ok()));
        }
        _ => return None,
    };
    Some((char::from_u32(code)?, None))
}

fn number(chars: &[char], at: &mut usize) -> Result<Token, Fault> {
    let begin = *at;
    let take = |at: &mut usize, fits: fn(&char) -> bool| {
        let from = *at;
        while chars.get(*at).is_some_and(fits) {
            *at += 1;
        }
        chars[from..*at].iter().collect::<String>()
    };
    let bad = |what: &str| Fault::new(begin, format!("Syntax error: invalid {what} literal"));
    let hex = chars[begin..].starts_with(&['0', 'x']) || chars[begin..].starts_with(&['0', 'X']);
    if hex {
        *at += 2;
    }
    let whole = take(at, if hex { char::is_ascii_hexdigit } else { char::is_ascii_digit });
    let mut text = whole.clone();
    if !hex && chars.get(*at) == Some(&'.') && chars.get(*at + 1).is_some_and(char::is_ascii_digit) {
        *at += 1;
        text += &format!(".{}", take(at, char::is_ascii_digit));
    }
    if !hex && chars.get(*at).is_some_and(|c| matches!(c, 'e' | 'E')) {
        *at += 1;
        let sign = chars.get(*at).filter(|c| matches!(c, '+' | '-')).copied();
        *at += usize::from(sign.is_some());
        text += &format!("e{}{}", sign.map_or(String::new(), String::from), take(at, char::is_ascii_digit));
    }
    let radix = if hex { 16 } else { 10 };
    if text != whole {
        return Ok(Token::Double(text));
    }
    if chars.get(*at).is_some_and(|c| matches!(c, 'u' | 'U')) {
        *at += 1;
        return u64::from_str_radix(&whole, radix).map(Token::Uint).map_err(|_| bad("uint"));
    }
    i64::from_str_radix(&whole, radix).map(Token::Int).map_err(|_| bad("int"))
}
