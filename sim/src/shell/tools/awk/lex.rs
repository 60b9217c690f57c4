//! awk's tokens.

use super::super::print;
use super::parse::Parsed;
use super::{Number, ONE};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Number(Number),
    Text(String),
    Regex(String),
    Name(String),
    Op(&'static str),
    Newline,
    End,
}

const OPS: [&str; 43] = [
    "&&", "||", "==", "!=", "<=", ">=", "++", "--", "+=", "-=", "*=", "/=", "%=", "^=", "!~", ">>", "**", "{", "}",
    "(", ")", "[", "]", ";", ",", "+", "-", "*", "/", "%", "^", "!", "<", ">", "|", "?", ":", "~", "$", "=", "&", "@",
    "\\",
];

pub(super) fn tokens(text: &str) -> Parsed<Vec<Token>> {
    let chars: Vec<char> = text.chars().collect();
    let mut tokens: Vec<Token> = Vec::new();
    let mut i = 0;
    while i < chars.len() {
        let c = chars[i];
        let until = |from: usize, end: char| -> Parsed<(String, usize)> {
            let mut j = from;
            let mut bracket = false;
            while let Some(&c) = chars.get(j) {
                match c {
                    '\\' => j += 1,
                    '[' if end == '/' => bracket = true,
                    ']' if end == '/' => bracket = false,
                    c if c == end && !bracket => return Ok((chars[from..j].iter().collect(), j + 1)),
                    _ => {}
                }
                j += 1;
            }
            Err("cmd. line:1: Unexpected end of string".into())
        };
        // A slash divides after a value, and begins a regular expression elsewhere.
        let after_value = matches!(
            tokens.last(),
            Some(Token::Number(_) | Token::Text(_) | Token::Name(_) | Token::Op(")" | "]" | "++" | "--" | "$"))
        );
        if c == '\n' {
            tokens.push(Token::Newline);
            i += 1;
        } else if c.is_whitespace() {
            i += 1;
        } else if c == '\\' && chars.get(i + 1) == Some(&'\n') {
            i += 2;
        } else if c == '#' {
            while i < chars.len() && chars[i] != '\n' {
                i += 1;
            }
        } else if c == '"' {
            let (body, next) = until(i + 1, '"')?;
            tokens.push(Token::Text(print::unescape(&body, false).0));
            i = next;
        } else if c == '/' && !after_value {
            let (body, next) = until(i + 1, '/')?;
            tokens.push(Token::Regex(body.replace("\\/", "/")));
            i = next;
        } else if c.is_ascii_digit() || (c == '.' && chars.get(i + 1).is_some_and(char::is_ascii_digit)) {
            let (value, length) = literal(&chars[i..]);
            tokens.push(Token::Number(value));
            i += length;
        } else if c.is_ascii_alphabetic() || c == '_' {
            let start = i;
            while i < chars.len() && (chars[i].is_ascii_alphanumeric() || chars[i] == '_') {
                i += 1;
            }
            tokens.push(Token::Name(chars[start..i].iter().collect()));
        } else {
            let rest: String = chars[i..chars.len().min(i + 2)].iter().collect();
            let op = OPS.iter().find(|op| rest.starts_with(**op)).ok_or("cmd. line:1: Unexpected token")?;
            tokens.push(Token::Op(op));
            i += op.len();
        }
    }
    tokens.push(Token::End);
    Ok(tokens)
}

/// The number at the beginning, and how many signs it has.
fn literal(chars: &[char]) -> (Number, usize) {
    let end = chars.iter().take_while(|c| c.is_ascii_digit() || **c == '.').count();
    let value = number(&chars[..end].iter().collect::<String>());
    let (scale, length) = exponent(&chars[end..]).unwrap_or_default();
    let factor = (0..scale.unsigned_abs()).fold(1, |ten: Number, _| ten.saturating_mul(10));
    (if scale < 0 { value / factor } else { value.saturating_mul(factor) }, end + length)
}

/// `e6` at the beginning: the exponent, and how many signs it has.
fn exponent(chars: &[char]) -> Option<(i32, usize)> {
    chars.first().filter(|c| matches!(c, 'e' | 'E'))?;
    let sign = usize::from(matches!(chars.get(1), Some('+' | '-')));
    let digits: String = chars[1 + sign..].iter().take_while(|c| c.is_ascii_digit()).take(2).collect();
    let value: i32 = digits.parse().ok()?;
    Some((if chars.get(1) == Some(&'-') { -value } else { value.min(18) }, 1 + sign + digits.len()))
}

/// A text's leading decimal number in millionths; 0 if there is none.
pub fn number(text: &str) -> Number {
    let text = text.trim();
    let (sign, digits) = text.strip_prefix('-').map_or((1, text.strip_prefix('+').unwrap_or(text)), |rest| (-1, rest));
    let end = digits.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(digits.len());
    let (whole, part) = digits[..end].split_once('.').unwrap_or((&digits[..end], ""));
    let part: String = part.chars().take_while(char::is_ascii_digit).chain("000000".chars()).take(6).collect();
    let whole: String = whole.chars().take(20).collect();
    sign * (whole.parse::<Number>().unwrap_or(0) * ONE + part.parse::<Number>().unwrap_or(0))
}
