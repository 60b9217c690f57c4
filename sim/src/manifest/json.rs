//! Go's encoding/json, as kubectl reads JSON: one value of a text, with spans and with Go's error texts.
//!
//! No recursion: what is open stands on a stack.

use super::cursor::{Cursor, Mark};
use super::scanner::MAX_DEPTH;
use super::spans::{Inside, Span, Spans};
use crate::value::Value;
use std::rc::Rc;

/// What is wrong, at which byte (counted from 0), and where that is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonFault {
    pub text: String,
    pub mark: Mark,
    /// The text ended too early, which is no syntax error to Go's stream reader.
    pub early_end: bool,
}

/// A key read and its span, while its value is being read.
type Key = Option<(Rc<str>, Span)>;

enum Open {
    List(Mark, Vec<(Value, Rc<Spans>)>),
    Map(Mark, Vec<(Rc<str>, Span, Value, Rc<Spans>)>, Key),
}

pub(super) struct JsonReader<'a> {
    pub cursor: Cursor<'a>,
    open: Vec<Open>,
}

/// Reads a text that is one JSON value, such as a patch.
pub fn parse(text: &str) -> Result<Value, JsonFault> {
    let mut reader = JsonReader::new(text);
    let (value, _) = reader.value()?;
    reader.skip_space();
    if reader.cursor.is_end(0) && reader.cursor.rest().is_empty() {
        return Ok(value);
    }
    Err(reader.unexpected("after top-level value"))
}

impl<'a> JsonReader<'a> {
    pub fn new(text: &'a str) -> Self {
        JsonReader { cursor: Cursor::new(text), open: Vec::new() }
    }

    pub fn skip_space(&mut self) {
        loop {
            match self.cursor.now() {
                b'\n' | b'\r' => _ = self.cursor.take_break(),
                b' ' | b'\t' => self.cursor.skip(),
                _ => return,
            }
        }
    }

    /// The next value of the text.
    pub fn value(&mut self) -> Result<(Value, Rc<Spans>), JsonFault> {
        loop {
            self.skip_space();
            let start = self.cursor.mark;
            let opened = match self.cursor.now() {
                b'[' => Some(Open::List(start, Vec::new())),
                b'{' => Some(Open::Map(start, Vec::new(), None)),
                _ => None,
            };
            let mut done = None;
            if let Some(open) = opened {
                if self.open.len() == MAX_DEPTH {
                    return Err(self.fault("exceeded max depth".into()));
                }
                self.cursor.skip();
                self.skip_space();
                self.open.push(open);
                if matches!(self.cursor.now(), b']' | b'}') {
                    done = Some(self.close()?);
                } else {
                    self.begin_entry()?;
                    continue;
                }
            }
            let mut part = match done {
                Some(part) => part,
                None => {
                    let value = self.scalar()?;
                    let span = Span { start, end: self.cursor.mark };
                    (value, Rc::new(Spans { span, inside: Inside::Nothing }))
                }
            };
            // A value is complete: it may complete what it is in.
            loop {
                match self.open.last_mut() {
                    None => return Ok(part),
                    Some(Open::List(_, items)) => items.push(part),
                    Some(Open::Map(_, entries, key)) => {
                        let (key, span) = key.take().expect("a value in a map follows its key");
                        entries.push((key, span, part.0, part.1));
                    }
                }
                self.skip_space();
                if self.cursor.now() == b',' {
                    self.cursor.skip();
                    self.skip_space();
                    self.begin_entry()?;
                    break;
                }
                part = self.close()?;
            }
        }
    }

    /// In a map, reads the key and the colon.
    fn begin_entry(&mut self) -> Result<(), JsonFault> {
        if matches!(self.open.last(), Some(Open::List(..))) {
            return Ok(());
        }
        if self.cursor.now() != b'"' {
            return Err(self.unexpected("looking for beginning of object key string"));
        }
        let start = self.cursor.mark;
        let text = self.string()?;
        let span = Span { start, end: self.cursor.mark };
        self.skip_space();
        if self.cursor.now() != b':' {
            return Err(self.unexpected("after object key"));
        }
        self.cursor.skip();
        if let Some(Open::Map(_, _, key)) = self.open.last_mut() {
            *key = Some((text.into(), span));
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(Value, Rc<Spans>), JsonFault> {
        let (closer, context) = match self.open.last() {
            Some(Open::List(..)) => (b']', "after array element"),
            _ => (b'}', "after object key:value pair"),
        };
        if self.cursor.now() != closer {
            return Err(self.unexpected(context));
        }
        self.cursor.skip();
        let end = self.cursor.mark;
        match self.open.pop().expect("something is open") {
            Open::List(start, items) => {
                let (values, spans) = items.into_iter().unzip();
                let spans = Spans { span: Span { start, end }, inside: Inside::List(spans) };
                Ok((Value::list(values), Rc::new(spans)))
            }
            Open::Map(start, entries, _) => {
                let mut all: Vec<_> = entries.iter().map(|(k, _, v, _)| (k.clone(), v.clone())).collect();
                all.sort_by(|a, b| a.0.cmp(&b.0));
                let inside = Inside::Map(entries.into_iter().map(|(k, span, _, s)| (k, span, s)).collect());
                Ok((Value::map(all), Rc::new(Spans { span: Span { start, end }, inside })))
            }
        }
    }

    fn scalar(&mut self) -> Result<Value, JsonFault> {
        match self.cursor.now() {
            b'"' => self.string().map(Value::from),
            b't' => self.literal("true", Value::Bool(true)),
            b'f' => self.literal("false", Value::Bool(false)),
            b'n' => self.literal("null", Value::Null),
            b'-' | b'0'..=b'9' => self.number(),
            _ => Err(self.unexpected("looking for beginning of value")),
        }
    }

    fn literal(&mut self, word: &str, value: Value) -> Result<Value, JsonFault> {
        for expected in word.chars() {
            if self.cursor.now() != expected as u8 {
                return Err(self.unexpected(&format!("in literal {word} (expecting '{expected}')")));
            }
            self.cursor.skip();
        }
        Ok(value)
    }

    fn number(&mut self) -> Result<Value, JsonFault> {
        let start = self.cursor.mark;
        if self.cursor.now() == b'-' {
            self.cursor.skip();
        }
        if !self.cursor.now().is_ascii_digit() {
            return Err(self.unexpected("in numeric literal"));
        }
        if self.cursor.now() == b'0' {
            self.cursor.skip();
        } else {
            self.digits();
        }
        if self.cursor.now() == b'.' {
            self.cursor.skip();
            if !self.cursor.now().is_ascii_digit() {
                return Err(self.unexpected("after decimal point in numeric literal"));
            }
            self.digits();
        }
        if matches!(self.cursor.now(), b'e' | b'E') {
            self.cursor.skip();
            if matches!(self.cursor.now(), b'+' | b'-') {
                self.cursor.skip();
            }
            if !self.cursor.now().is_ascii_digit() {
                return Err(self.unexpected("in exponent of numeric literal"));
            }
            self.digits();
        }
        let text = self.cursor.since(start);
        if let Ok(n) = text.parse::<i64>() {
            return Ok(Value::Int(n));
        }
        Ok(super::resolve::decimal(text).unwrap_or_else(|| Value::Number(text.into())))
    }

    fn digits(&mut self) {
        while self.cursor.now().is_ascii_digit() {
            self.cursor.skip();
        }
    }

    fn string(&mut self) -> Result<String, JsonFault> {
        let mut text = String::new();
        self.cursor.skip();
        loop {
            match self.cursor.now() {
                b'"' => break,
                b'\\' => self.escape(&mut text)?,
                0..=0x1F => return Err(self.unexpected("in string literal")),
                _ => {
                    text.extend(self.cursor.rest().chars().next());
                    self.cursor.skip();
                }
            }
        }
        self.cursor.skip();
        Ok(text)
    }

    fn escape(&mut self, text: &mut String) -> Result<(), JsonFault> {
        self.cursor.skip();
        let plain = match self.cursor.now() {
            c @ (b'"' | b'\\' | b'/') => c as char,
            b'b' => '\u{08}',
            b'f' => '\u{0C}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                self.cursor.skip();
                let code = self.hex()?;
                let mut c = char::from_u32(code);
                // A pair of surrogates is one character; half a pair is none.
                if (0xD800..0xDC00).contains(&code) && self.cursor.rest().starts_with("\\u") {
                    self.cursor.skip_many(2);
                    let low = self.hex()?;
                    c = (0xDC00..0xE000)
                        .contains(&low)
                        .then(|| 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00))
                        .and_then(char::from_u32);
                }
                text.push(c.unwrap_or('\u{FFFD}'));
                return Ok(());
            }
            _ => return Err(self.unexpected("in string escape code")),
        };
        text.push(plain);
        self.cursor.skip();
        Ok(())
    }

    fn hex(&mut self) -> Result<u32, JsonFault> {
        let mut code = 0;
        for _ in 0..4 {
            let Some(digit) = (self.cursor.now() as char).to_digit(16) else {
                return Err(self.unexpected("in \\u hexadecimal character escape"));
            };
            code = code << 4 | digit;
            self.cursor.skip();
        }
        Ok(code)
    }

    fn unexpected(&self, context: &str) -> JsonFault {
        let Some(c) = self.cursor.rest().chars().next() else {
            let text = "unexpected end of JSON input".to_string();
            return JsonFault { text, mark: self.cursor.mark, early_end: true };
        };
        let quoted = match c {
            '\'' => r"'\''".to_string(),
            '"' => "'\"'".to_string(),
            '\n' => r"'\n'".to_string(),
            '\r' => r"'\r'".to_string(),
            '\t' => r"'\t'".to_string(),
            // Go looks at single bytes.
            c if !c.is_ascii() => format!("'{}'", self.cursor.now() as char),
            c => format!("'{c}'"),
        };
        self.fault(format!("invalid character {quoted} {context}"))
    }

    fn fault(&self, text: String) -> JsonFault {
        JsonFault { text, mark: self.cursor.mark, early_end: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::write;

    fn check(text: &str, expect: &str) {
        let got = parse(text).map(|v| write::json(&v, 0)).unwrap_or_else(|e| e.text);
        assert_eq!(got, expect, "{text}");
    }

    #[test]
    fn reads_as_go_does() {
        check(
            r#" {"b":[1,2.50,true,null,"x\u0041\ud83d\ude00\n"],"a":{}} "#,
            "{\"a\":{},\"b\":[1,2.5,true,null,\"xA\u{1F600}\\n\"]}",
        );
        check("[]", "[]");
        check(r#"{"a":1,"a":2}"#, r#"{"a":2}"#);
        check("{% x", "invalid character '%' looking for beginning of object key string");
        check("REDACTED", "invalid character 'R' looking for beginning of value");
        check("{\"a\" 1}", "invalid character '1' after object key");
        check("{\"a\":1 2}", "invalid character '2' after object key:value pair");
        check("[1 2]", "invalid character '2' after array element");
        check("[1]]", "invalid character ']' after top-level value");
        check("tru", "unexpected end of JSON input");
        check("trux", "invalid character 'x' in literal true (expecting 'e')");
        check("", "unexpected end of JSON input");
        check("01", "invalid character '1' after top-level value");
        check("{\"a\":1,}", "invalid character '}' looking for beginning of object key string");
        check(&"[".repeat(100_000), "exceeded max depth");
    }
}
