//! POSIX.1-2024, Shell Command Language, 2.2, 2.3 and 2.7.4: quoting, tokens, here-documents.

use std::cell::Cell;
use std::rc::Rc;

use super::ast::{Op, Parameter, Part, Word};
use super::parse::{NESTING, Parsed, SyntaxError, parse_substitution};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    Word(Word),
    Op(&'static str),
    /// The descriptor before the operator, if one was written.
    Redirect(Option<u32>, &'static str),
    Newline,
    End,
}

const OPERATORS: [&str; 12] = ["&&", "||", ";;", ";&", "|&", "&", "|", ";", "(", ")", "\n", ""];
const REDIRECTS: [&str; 12] = ["&>>", "&>", "<<<", "<<-", "<<", "<&", "<>", "<", ">>", ">&", ">|", ">"];

pub struct Lexer<'a> {
    pub(super) text: &'a str,
    pub at: usize,
    peeked: Option<(Token, usize, usize)>,
    /// Where the text after the here-documents of this line begins.
    pub(super) here_end: Option<usize>,
    /// A here-document has no end.
    pub(super) here_open: bool,
    /// How deep what is read now is nested, in commands and words alike.
    pub(super) depth: usize,
    /// A place, and the newlines before it: the next count goes on from there.
    counted: Cell<(usize, u32)>,
}

/// Where a run of word parts ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// An unquoted blank, newline or operator.
    Blank,
    /// This sign, when not nested in brackets of its kind.
    Sign(char),
    /// `/` or `}`.
    SlashOrBrace,
    /// `:` or `}`.
    ColonOrBrace,
    /// The end of the text: a here-document.
    End,
}

impl<'a> Lexer<'a> {
    pub fn new(text: &'a str, depth: usize) -> Lexer<'a> {
        Lexer { text, at: 0, peeked: None, here_end: None, here_open: false, depth, counted: Cell::default() }
    }

    /// Newlines before the place where it stands.
    pub fn line(&self) -> u32 {
        let at = self.at.min(self.text.len());
        let (from, lines) = self.counted.get();
        let between =
            |from: usize, to: usize| self.text.as_bytes()[from..to].iter().filter(|b| **b == b'\n').count() as u32;
        let lines = if at >= from { lines + between(from, at) } else { lines - between(at, from) };
        self.counted.set((at, lines));
        lines
    }

    pub fn peek(&mut self) -> Parsed<Token> {
        if self.peeked.is_none() {
            let before = self.at;
            let token = self.read()?;
            self.peeked = Some((token, before, self.at));
            self.at = before;
        }
        Ok(self.peeked.as_ref().map_or(Token::End, |(token, ..)| token.clone()))
    }

    pub fn take(&mut self) -> Parsed<Token> {
        match self.peeked.take() {
            Some((token, _, after)) => {
                self.at = after;
                Ok(token)
            }
            None => self.read(),
        }
    }

    /// Where the peeked token ends, less one: of a `)`, its own place.
    pub fn peeked_at(&self) -> usize {
        self.peeked.as_ref().map_or(self.at, |(_, _, after)| after - 1)
    }

    /// Whether `text` follows at once.
    pub fn adjacent(&self, text: &str) -> bool {
        self.rest().starts_with(text)
    }

    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub(super) fn char(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn bump(&mut self) -> Option<char> {
        let c = self.char()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn eat(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        if found {
            self.at += text.len();
        }
        found
    }

    fn read(&mut self) -> Parsed<Token> {
        loop {
            match self.char() {
                Some(' ' | '\t' | '\r') => self.at += 1,
                Some('\\') if self.rest().starts_with("\\\n") => self.at += 2,
                Some('#') => self.at += self.rest().find('\n').unwrap_or(self.rest().len()),
                _ => break,
            }
        }
        let Some(c) = self.char() else { return Ok(Token::End) };
        if c == '\n' {
            self.at += 1;
            if let Some(end) = self.here_end.take() {
                self.at = end;
            }
            return Ok(Token::Newline);
        }
        let digits = self.rest().len() - self.rest().trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let after = &self.rest()[digits..];
        let number = self.rest()[..digits].parse::<u32>().ok();
        if (digits == 0 || (number.is_some() && !after.starts_with('&')))
            && let Some(op) = REDIRECTS.iter().find(|op| after.starts_with(**op))
        {
            self.at += digits + op.len();
            return Ok(Token::Redirect(number, op));
        }
        if let Some(op) = OPERATORS.iter().find(|op| !op.is_empty() && self.rest().starts_with(**op)) {
            self.at += op.len();
            return Ok(Token::Op(op));
        }
        Ok(Token::Word(self.parts(Stop::Blank, false)?))
    }

    fn unterminated(&self) -> SyntaxError {
        SyntaxError("syntax error: unterminated quoted string".into())
    }

    /// Reads parts up to `stop`, which is left standing. `quoted`: inside double quotes or a here-document.
    pub(super) fn parts(&mut self, stop: Stop, quoted: bool) -> Parsed<Word> {
        self.depth += 1;
        if self.depth > NESTING {
            return Err(SyntaxError("syntax error: nested too deeply".into()));
        }
        let mut parts = Vec::new();
        let mut text = String::new();
        let mut nested = 0_usize;
        loop {
            let Some(c) = self.char() else {
                if matches!(stop, Stop::Blank | Stop::End) {
                    break;
                }
                return Err(self.unterminated());
            };
            let ends = match stop {
                Stop::Blank => matches!(c, ' ' | '\t' | '\r' | '\n' | '|' | '&' | ';' | '(' | ')' | '<' | '>'),
                Stop::Sign(sign) => nested == 0 && c == sign,
                Stop::SlashOrBrace => matches!(c, '/' | '}'),
                Stop::ColonOrBrace => matches!(c, ':' | '}'),
                Stop::End => false,
            };
            if ends {
                break;
            }
            match (stop, c) {
                (Stop::Sign(')'), '(') | (Stop::Sign(']'), '[') => nested += 1,
                (Stop::Sign(')'), ')') | (Stop::Sign(']'), ']') => nested = nested.saturating_sub(1),
                _ => {}
            }
            match c {
                '\\' => {
                    self.at += 1;
                    self.backslash(quoted, stop, &mut parts, &mut text);
                }
                '\'' if !quoted => {
                    flush(&mut text, &mut parts, quoted);
                    parts.push(self.single_quoted()?);
                }
                '"' if stop != Stop::End => {
                    flush(&mut text, &mut parts, quoted);
                    parts.extend(self.double_quoted()?);
                }
                '$' => {
                    self.at += 1;
                    match self.dollar(quoted)? {
                        Some(part) => {
                            flush(&mut text, &mut parts, quoted);
                            parts.push(part);
                        }
                        None => text.push('$'),
                    }
                }
                '`' => {
                    self.at += 1;
                    flush(&mut text, &mut parts, quoted);
                    parts.push(self.backquoted(quoted)?);
                }
                _ => {
                    self.at += c.len_utf8();
                    text.push(c);
                }
            }
        }
        flush(&mut text, &mut parts, quoted);
        self.depth -= 1;
        Ok(Word { parts })
    }

    fn single_quoted(&mut self) -> Parsed<Part> {
        self.at += 1;
        let end = self.rest().find('\'').ok_or_else(|| self.unterminated())?;
        let part = Part::Quoted(self.rest()[..end].into());
        self.at += end + 1;
        Ok(part)
    }

    fn double_quoted(&mut self) -> Parsed<Vec<Part>> {
        self.at += 1;
        let inner = self.parts(Stop::Sign('"'), true)?;
        self.at += 1;
        Ok(if inner.parts.is_empty() { vec![Part::Quoted("".into())] } else { inner.parts })
    }

    fn backslash(&mut self, quoted: bool, stop: Stop, parts: &mut Vec<Part>, text: &mut String) {
        let Some(next) = self.bump() else {
            text.push('\\');
            return;
        };
        if next == '\n' {
            return;
        }
        if !quoted {
            flush(text, parts, false);
            parts.push(Part::Quoted(next.to_string().into()));
        } else if matches!(next, '$' | '`' | '\\') || (next == '"' && stop != Stop::End) || stop == Stop::Sign(next) {
            text.push(next);
        } else {
            text.push('\\');
            text.push(next);
        }
    }

    /// What `$` begins; `None` if it stands for itself.
    fn dollar(&mut self, quoted: bool) -> Parsed<Option<Part>> {
        let mut in_vain = 0;
        if self.rest().starts_with("((") {
            if let Some(word) = self.arithmetic_expansion()? {
                return Ok(Some(Part::Arithmetic(word, quoted)));
            }
            // What was read in vain is read again: that must not happen at every level of a deep nesting.
            in_vain = NESTING / 8;
        }
        let Some(c) = self.char() else { return Ok(None) };
        let name_length = self.rest().len() - self.rest().trim_start_matches(is_name).len();
        let length = match c {
            '(' => {
                let (list, close) = parse_substitution(self.text, self.at + 1, self.depth + in_vain)?;
                self.at = close + 1;
                return Ok(Some(Part::Command(list, quoted)));
            }
            '{' => {
                self.at += 1;
                return self.braced(quoted).map(Some);
            }
            '\'' if !quoted => {
                self.at += 1;
                return self.escaped().map(Some);
            }
            '@' | '*' | '#' | '?' | '$' | '!' | '-' | '0'..='9' => 1,
            _ if is_name(c) => name_length,
            _ => return Ok(None),
        };
        let name = &self.rest()[..length];
        self.at += length;
        Ok(Some(Part::Parameter(Box::new(Parameter::named(name)), quoted)))
    }

    /// `((...))`, or `None` if it does not end in `))`: then it is a subshell in a substitution.
    fn arithmetic_expansion(&mut self) -> Parsed<Option<Word>> {
        let before = self.at;
        self.at += 2;
        let word = self.parts(Stop::Sign(')'), true)?;
        if self.eat("))") {
            return Ok(Some(word));
        }
        self.at = before;
        Ok(None)
    }

    /// `$'...'`: the escapes of C.
    fn escaped(&mut self) -> Parsed<Part> {
        let mut text = String::new();
        loop {
            match self.bump().ok_or_else(|| self.unterminated())? {
                '\'' => return Ok(Part::Quoted(text.into())),
                '\\' => match self.bump().ok_or_else(|| self.unterminated())? {
                    'n' => text.push('\n'),
                    't' => text.push('\t'),
                    'r' => text.push('\r'),
                    '0' => text.push('\0'),
                    'e' => text.push('\u{1b}'),
                    other @ ('\\' | '\'' | '"') => text.push(other),
                    other => text.extend(['\\', other]),
                },
                c => text.push(c),
            }
        }
    }

    fn backquoted(&mut self, quoted: bool) -> Parsed<Part> {
        let mut inner = String::new();
        loop {
            match self.bump() {
                None => return Err(SyntaxError("syntax error: EOF in backquote substitution".into())),
                Some('`') => break,
                Some('\\') => match self.bump() {
                    Some(c @ ('`' | '\\' | '$')) => inner.push(c),
                    Some('"') if quoted => inner.push('"'),
                    Some(c) => inner.extend(['\\', c]),
                    None => {}
                },
                Some(c) => inner.push(c),
            }
        }
        inner.push(')');
        let (list, close) = parse_substitution(&inner, 0, self.depth)?;
        if close + 1 != inner.len() {
            return Err(SyntaxError("syntax error: unexpected \")\"".into()));
        }
        Ok(Part::Command(list, quoted))
    }

    /// The inside of `${ }`, its end taken.
    fn braced(&mut self, quoted: bool) -> Parsed<Part> {
        let bad = || SyntaxError("syntax error: bad substitution".into());
        let length = self.rest().starts_with('#') && !self.rest().starts_with("#}") && !self.rest().starts_with("#:");
        let indirect = self.rest().starts_with('!') && !self.rest().starts_with("!}");
        self.at += usize::from(length || indirect);
        let mut end = self.rest().len() - self.rest().trim_start_matches(is_name).len();
        if end == 0 {
            end = usize::from(self.rest().starts_with(['@', '*', '#', '?', '$', '!', '-']));
        }
        if end == 0 {
            return Err(bad());
        }
        let name: Rc<str> = self.rest()[..end].into();
        self.at += end;
        let mut index = None;
        if self.eat("[") {
            index = Some(self.parts(Stop::Sign(']'), quoted)?);
            self.at += 1;
        }
        let op = if length { Op::Length } else { self.operator(quoted).map_err(|_| bad())? };
        if self.eat("}") {
            Ok(Part::Parameter(Box::new(Parameter { name, index, op, indirect }), quoted))
        } else {
            Err(bad())
        }
    }

    fn operator(&mut self, quoted: bool) -> Parsed<Op> {
        let colon = self.rest().starts_with(':');
        let sign = self.rest()[usize::from(colon)..].chars().next();
        if let Some(sign @ ('-' | '=' | '?' | '+')) = sign {
            self.at += usize::from(colon) + 1;
            let word = self.parts(Stop::Sign('}'), quoted)?;
            return Ok(match sign {
                '-' => Op::Default(colon, word),
                '=' => Op::Assign(colon, word),
                '?' => Op::Error(colon, word),
                _ => Op::Alternative(colon, word),
            });
        }
        if colon {
            self.at += 1;
            let offset = self.parts(Stop::ColonOrBrace, quoted)?;
            let length = if self.eat(":") { Some(self.parts(Stop::Sign('}'), quoted)?) } else { None };
            return Ok(Op::Slice(offset, length));
        }
        for (text, longest) in [("##", true), ("#", false)] {
            if self.eat(text) {
                return Ok(Op::CutPrefix(longest, self.parts(Stop::Sign('}'), false)?));
            }
        }
        for (text, longest) in [("%%", true), ("%", false)] {
            if self.eat(text) {
                return Ok(Op::CutSuffix(longest, self.parts(Stop::Sign('}'), false)?));
            }
        }
        for (text, upper, all) in [("^^", true, true), ("^", true, false), (",,", false, true), (",", false, false)] {
            if self.eat(text) {
                return Ok(Op::Case { upper, all });
            }
        }
        if self.eat("/") {
            let all = self.eat("/");
            let pattern = self.parts(Stop::SlashOrBrace, false)?;
            let with = if self.eat("/") { self.parts(Stop::Sign('}'), quoted)? } else { Word::default() };
            return Ok(Op::Replace { all, pattern, with });
        }
        Ok(Op::Value)
    }

    /// If the peeked `(` is the first of `((`, takes both.
    pub fn take_double_paren(&mut self) -> bool {
        let start = self.peeked_at();
        let double = self.text[start..].starts_with("((") && self.text[start..].contains("))");
        if double {
            self.peeked = None;
            self.at = start + 2;
        }
        double
    }

    /// The rest of `(( ... ))` after its opening.
    pub fn arithmetic_word(&mut self) -> Parsed<Word> {
        let word = self.parts(Stop::Sign(')'), true)?;
        if self.eat("))") { Ok(word) } else { Err(SyntaxError("syntax error: unexpected \")\"".into())) }
    }

    /// The rest of `((first; condition; next))` after its opening.
    pub fn arithmetic_triple(&mut self) -> Parsed<[Word; 3]> {
        let first = self.parts(Stop::Sign(';'), true)?;
        self.at += 1;
        let condition = self.parts(Stop::Sign(';'), true)?;
        self.at += 1;
        Ok([first, condition, self.arithmetic_word()?])
    }
}

fn flush(text: &mut String, parts: &mut Vec<Part>, quoted: bool) {
    if !text.is_empty() {
        let text = std::mem::take(text).into();
        parts.push(if quoted { Part::Quoted(text) } else { Part::Text(text) });
    }
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}
