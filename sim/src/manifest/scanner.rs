//! Kubernetes 1.36: sigs.k8s.io/yaml (its YAML 1.1 scanner). Text to tokens.
//!
//! Where an error is noticed decides its line and words, so the scanner follows the same rules as the real one
//! for simple keys and indentation. Comments are dropped.

use super::cursor::{Cursor, Mark};
use std::collections::VecDeque;

/// How many characters after its start a key's `:` may follow.
const MAX_KEY_LENGTH: u32 = 1024;
/// How deep collections may nest. The real reader allows 10,000; no real manifest comes near either.
pub const MAX_DEPTH: usize = 200;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    StreamStart,
    StreamEnd,
    /// `%NAME value`
    Directive(String, String),
    DocumentStart,
    DocumentEnd,
    BlockSequenceStart,
    BlockMappingStart,
    BlockEnd,
    FlowSequenceStart,
    FlowSequenceEnd,
    FlowMappingStart,
    FlowMappingEnd,
    BlockEntry,
    FlowEntry,
    Key,
    Value,
    Alias(String),
    Anchor(String),
    Tag(String),
    Scalar {
        text: String,
        plain: bool,
    },
}

#[derive(Clone, Debug)]
pub(super) struct Spanned {
    pub token: Token,
    pub start: Mark,
    pub end: Mark,
}

/// What is wrong, and where. `line` is the number that the real reader would print; 0 prints none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub text: String,
    pub line: u32,
    pub mark: Mark,
}

pub(super) type Scan<T> = Result<T, Fault>;

#[derive(Clone, Debug)]
struct SimpleKey {
    /// At the column of the block it is in, so that nothing else could stand there.
    required: bool,
    token_number: usize,
    mark: Mark,
}

pub(super) struct Scanner<'a> {
    pub(super) cursor: Cursor<'a>,
    tokens: VecDeque<Spanned>,
    /// Tokens handed out so far.
    taken: usize,
    started: bool,
    ended: bool,
    pub(super) flow_level: usize,
    pub(super) indent: i64,
    indents: Vec<i64>,
    pub(super) key_allowed: bool,
    /// The possible key of each open flow level; the first is the block context's.
    keys: Vec<Option<SimpleKey>>,
}

impl<'a> Scanner<'a> {
    pub fn new(text: &'a str) -> Self {
        Scanner {
            cursor: Cursor::new(text),
            tokens: VecDeque::new(),
            taken: 0,
            started: false,
            ended: false,
            flow_level: 0,
            indent: -1,
            indents: Vec::new(),
            key_allowed: true,
            keys: vec![None],
        }
    }

    pub fn peek(&mut self) -> Scan<&Spanned> {
        self.fetch_more()?;
        Ok(self.tokens.front().expect("a token was fetched; after the stream's end nobody asks"))
    }

    pub fn next(&mut self) -> Scan<Spanned> {
        self.fetch_more()?;
        self.taken += 1;
        Ok(self.tokens.pop_front().expect("a token was fetched; after the stream's end nobody asks"))
    }

    /// Fetches until the first token is certain: a scalar that might turn out to be a key is not.
    fn fetch_more(&mut self) -> Scan<()> {
        loop {
            if !self.tokens.is_empty() {
                let taken = self.taken;
                let Some(level) = self.keys.iter().position(|k| k.as_ref().is_some_and(|k| k.token_number == taken))
                else {
                    return Ok(());
                };
                if !self.key_is_valid(level)? {
                    return Ok(());
                }
            } else if self.ended {
                let mark = self.cursor.mark;
                self.tokens.push_back(Spanned { token: Token::StreamEnd, start: mark, end: mark });
                return Ok(());
            }
            self.fetch_next()?;
        }
    }

    fn fetch_next(&mut self) -> Scan<()> {
        if !self.started {
            self.started = true;
            return self.push_here(Token::StreamStart, 0);
        }
        self.scan_to_next_token();
        self.unroll_indent(i64::from(self.cursor.mark.column));
        let c = &self.cursor;
        if c.is_end(0) {
            return self.fetch_stream_end();
        }
        if c.mark.column == 0 && c.now() == b'%' {
            return self.fetch_directive();
        }
        if c.is_document_indicator() {
            let token = if c.now() == b'-' { Token::DocumentStart } else { Token::DocumentEnd };
            self.unroll_indent(-1);
            self.remove_key()?;
            self.key_allowed = false;
            return self.push_here(token, 3);
        }
        let flow = self.flow_level > 0;
        match c.now() {
            b'[' => self.fetch_flow_start(Token::FlowSequenceStart),
            b'{' => self.fetch_flow_start(Token::FlowMappingStart),
            b']' => self.fetch_flow_end(Token::FlowSequenceEnd),
            b'}' => self.fetch_flow_end(Token::FlowMappingEnd),
            b',' => {
                self.remove_key()?;
                self.key_allowed = true;
                self.push_here(Token::FlowEntry, 1)
            }
            b'-' if c.is_space(1) => self.fetch_block_entry(),
            b'?' if flow || c.is_space(1) => self.fetch_key(),
            b':' if flow || c.is_space(1) => self.fetch_value(),
            b'*' | b'&' => self.fetch_anchor(),
            b'!' => self.fetch_tag(),
            b'|' | b'>' if !flow => {
                self.remove_key()?;
                self.key_allowed = true;
                let scalar = self.scan_block_scalar()?;
                self.push(scalar)
            }
            b'\'' | b'"' => {
                self.save_key()?;
                self.key_allowed = false;
                let scalar = self.scan_quoted_scalar()?;
                self.push(scalar)
            }
            _ if self.starts_plain() => {
                self.save_key()?;
                self.key_allowed = false;
                let scalar = self.scan_plain_scalar()?;
                self.push(scalar)
            }
            _ => Err(self.fault("found character that cannot start any token")),
        }
    }

    fn starts_plain(&self) -> bool {
        let c = &self.cursor;
        !(c.is_space(0) || b"-?:,[]{}#&*!|>'\"%@`".contains(&c.now()))
            || (c.now() == b'-' && !c.is_blank(1))
            || (self.flow_level == 0 && matches!(c.now(), b'?' | b':') && !c.is_space(1))
    }

    fn scan_to_next_token(&mut self) {
        loop {
            if self.cursor.mark.column == 0 && self.cursor.rest().starts_with('\u{FEFF}') {
                self.cursor.skip();
            }
            // A tab may separate, but never indent.
            let tab_allowed = self.flow_level > 0 || !self.key_allowed;
            while self.cursor.now() == b' ' || (tab_allowed && self.cursor.now() == b'\t') {
                self.cursor.skip();
            }
            if self.cursor.now() == b'#' {
                while !self.cursor.is_break_or_end(0) {
                    self.cursor.skip();
                }
            }
            if !self.cursor.is_break(0) {
                return;
            }
            self.cursor.take_break();
            if self.flow_level == 0 {
                self.key_allowed = true;
            }
        }
    }

    // Keys: a scalar becomes a key only when a ':' follows.

    fn key_is_valid(&mut self, level: usize) -> Scan<bool> {
        let Some(key) = &self.keys[level] else { return Ok(false) };
        let now = self.cursor.mark;
        if key.mark.line == now.line && key.mark.offset + MAX_KEY_LENGTH >= now.offset {
            return Ok(true);
        }
        if key.required {
            return Err(self.fault("could not find expected ':'"));
        }
        self.keys[level] = None;
        Ok(false)
    }

    fn save_key(&mut self) -> Scan<()> {
        if !self.key_allowed {
            return Ok(());
        }
        let mark = self.cursor.mark;
        let required = self.flow_level == 0 && self.indent == i64::from(mark.column);
        self.remove_key()?;
        let token_number = self.taken + self.tokens.len();
        *self.current_key() = Some(SimpleKey { required, token_number, mark });
        Ok(())
    }

    fn remove_key(&mut self) -> Scan<()> {
        if self.current_key().take().is_some_and(|key| key.required) {
            return Err(self.fault("could not find expected ':'"));
        }
        Ok(())
    }

    fn current_key(&mut self) -> &mut Option<SimpleKey> {
        self.keys.last_mut().expect("the block context's key is never popped")
    }

    // Indentation opens and closes blocks.

    fn roll_indent(&mut self, column: u32, token: Token, mark: Mark, at: Option<usize>) -> Scan<()> {
        if self.flow_level > 0 || self.indent >= i64::from(column) {
            return Ok(());
        }
        self.indents.push(self.indent);
        self.indent = i64::from(column);
        self.check_depth()?;
        let token = Spanned { token, start: mark, end: mark };
        match at {
            Some(number) => self.tokens.insert(number - self.taken, token),
            None => self.tokens.push_back(token),
        }
        Ok(())
    }

    fn unroll_indent(&mut self, column: i64) {
        if self.flow_level > 0 {
            return;
        }
        while self.indent > column {
            let mark = self.cursor.mark;
            self.tokens.push_back(Spanned { token: Token::BlockEnd, start: mark, end: mark });
            self.indent = self.indents.pop().expect("every indent above -1 was pushed");
        }
    }

    fn check_depth(&self) -> Scan<()> {
        if self.flow_level + self.indents.len() > MAX_DEPTH {
            return Err(self.fault(&format!("exceeded max depth of {MAX_DEPTH}")));
        }
        Ok(())
    }

    // One function a token.

    fn fetch_stream_end(&mut self) -> Scan<()> {
        if self.cursor.mark.column != 0 {
            self.cursor.mark.column = 0;
            self.cursor.mark.line += 1;
        }
        self.unroll_indent(-1);
        self.remove_key()?;
        self.key_allowed = false;
        self.ended = true;
        self.push_here(Token::StreamEnd, 0)
    }

    fn fetch_flow_start(&mut self, token: Token) -> Scan<()> {
        self.save_key()?;
        self.keys.push(None);
        self.flow_level += 1;
        self.check_depth()?;
        self.key_allowed = true;
        self.push_here(token, 1)
    }

    fn fetch_flow_end(&mut self, token: Token) -> Scan<()> {
        self.remove_key()?;
        if self.flow_level > 0 {
            self.flow_level -= 1;
            self.keys.pop();
        }
        self.key_allowed = false;
        self.push_here(token, 1)
    }

    fn fetch_block_entry(&mut self) -> Scan<()> {
        if self.flow_level == 0 {
            if !self.key_allowed {
                return Err(self.fault("block sequence entries are not allowed in this context"));
            }
            let mark = self.cursor.mark;
            self.roll_indent(mark.column, Token::BlockSequenceStart, mark, None)?;
        }
        self.remove_key()?;
        self.key_allowed = true;
        self.push_here(Token::BlockEntry, 1)
    }

    fn fetch_key(&mut self) -> Scan<()> {
        if self.flow_level == 0 {
            if !self.key_allowed {
                return Err(self.fault("mapping keys are not allowed in this context"));
            }
            let mark = self.cursor.mark;
            self.roll_indent(mark.column, Token::BlockMappingStart, mark, None)?;
        }
        self.remove_key()?;
        self.key_allowed = self.flow_level == 0;
        self.push_here(Token::Key, 1)
    }

    fn fetch_value(&mut self) -> Scan<()> {
        let level = self.keys.len() - 1;
        if self.key_is_valid(level)? {
            let key = self.current_key().take().expect("a valid key is there");
            let token = Spanned { token: Token::Key, start: key.mark, end: key.mark };
            self.tokens.insert(key.token_number - self.taken, token);
            let at = Some(key.token_number);
            self.roll_indent(key.mark.column, Token::BlockMappingStart, key.mark, at)?;
            self.key_allowed = false;
        } else {
            if self.flow_level == 0 {
                if !self.key_allowed {
                    return Err(self.fault("mapping values are not allowed in this context"));
                }
                let mark = self.cursor.mark;
                self.roll_indent(mark.column, Token::BlockMappingStart, mark, None)?;
            }
            self.key_allowed = self.flow_level == 0;
        }
        self.push_here(Token::Value, 1)
    }

    fn fetch_directive(&mut self) -> Scan<()> {
        self.unroll_indent(-1);
        self.remove_key()?;
        self.key_allowed = false;
        let start = self.cursor.mark;
        while !self.cursor.is_break_or_end(0) {
            self.cursor.skip();
        }
        let line = self.cursor.since(start)[1..].split(" #").next().unwrap_or("");
        let (name, value) = line.split_once([' ', '\t']).unwrap_or((line, ""));
        if name.is_empty() {
            return Err(self.fault("could not find expected directive name"));
        }
        if name != "YAML" && name != "TAG" {
            return Err(self.fault("found unknown directive name"));
        }
        let token = Token::Directive(name.to_string(), value.trim().to_string());
        self.push(Spanned { token, start, end: self.cursor.mark })
    }

    fn fetch_anchor(&mut self) -> Scan<()> {
        self.save_key()?;
        self.key_allowed = false;
        let start = self.cursor.mark;
        let alias = self.cursor.now() == b'*';
        self.cursor.skip();
        let name_start = self.cursor.mark;
        while self.cursor.now().is_ascii_alphanumeric() || matches!(self.cursor.now(), b'_' | b'-') {
            self.cursor.skip();
        }
        let name = self.cursor.since(name_start).to_string();
        if name.is_empty() || !(self.cursor.is_space(0) || b"?:,]}%@`".contains(&self.cursor.now())) {
            return Err(self.fault("did not find expected alphabetic or numeric character"));
        }
        let token = if alias { Token::Alias(name) } else { Token::Anchor(name) };
        self.push(Spanned { token, start, end: self.cursor.mark })
    }

    /// Keeps a tag as it is written (`!!str`, `!local`, `!<tag:...>`).
    fn fetch_tag(&mut self) -> Scan<()> {
        self.save_key()?;
        self.key_allowed = false;
        let start = self.cursor.mark;
        while !self.cursor.is_space(0) && !(self.flow_level > 0 && b",[]{}".contains(&self.cursor.now())) {
            self.cursor.skip();
        }
        let token = Token::Tag(self.cursor.since(start).to_string());
        self.push(Spanned { token, start, end: self.cursor.mark })
    }

    fn push_here(&mut self, token: Token, length: usize) -> Scan<()> {
        let start = self.cursor.mark;
        self.cursor.skip_many(length);
        self.push(Spanned { token, start, end: self.cursor.mark })
    }

    fn push(&mut self, token: Spanned) -> Scan<()> {
        self.tokens.push_back(token);
        Ok(())
    }

    /// An error noticed at the cursor. The real reader prints no line for the first one.
    pub(super) fn fault(&self, text: &str) -> Fault {
        let mark = self.cursor.mark;
        Fault { text: text.to_string(), line: if mark.line == 0 { 0 } else { mark.line + 1 }, mark }
    }
}
