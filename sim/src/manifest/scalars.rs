//! Kubernetes 1.36: sigs.k8s.io/yaml (its YAML 1.1 scanner). The three ways to write a text: plain, quoted, block.

use super::cursor::Mark;
use super::scanner::{Scan, Scanner, Spanned, Token};

/// White space inside a scalar that spans lines, until it is known what becomes of it.
#[derive(Default)]
struct Gap {
    blanks: String,
    first_break: String,
    more_breaks: String,
    /// A line break was passed, so blanks are indentation.
    broken: bool,
}

impl Gap {
    /// One line break becomes a space; of more, all but the first stay.
    fn fold_into(&mut self, text: &mut String) {
        if !self.broken {
            text.push_str(&self.blanks);
        } else if self.first_break == "\n" {
            text.push_str(if self.more_breaks.is_empty() { " " } else { &self.more_breaks });
        } else {
            text.push_str(&self.first_break);
            text.push_str(&self.more_breaks);
        }
        *self = Gap::default();
    }
}

impl Scanner<'_> {
    fn scalar(&self, text: String, plain: bool, start: Mark, end: Mark) -> Spanned {
        Spanned { token: Token::Scalar { text, plain }, start, end }
    }

    pub(super) fn scan_plain_scalar(&mut self) -> Scan<Spanned> {
        let start = self.cursor.mark;
        let mut end = start;
        let indent = self.indent + 1;
        let mut text = String::new();
        let mut gap = Gap::default();
        loop {
            if self.cursor.is_document_indicator() || self.cursor.now() == b'#' {
                break;
            }
            let word = self.cursor.mark;
            while !self.cursor.is_space(0) && !self.ends_plain() {
                self.cursor.skip();
            }
            if self.cursor.mark != word {
                gap.fold_into(&mut text);
                text.push_str(self.cursor.since(word));
                end = self.cursor.mark;
            }
            if self.cursor.is_end(0) || !self.cursor.is_space(0) {
                break;
            }
            self.scan_gap(&mut gap, Some(indent))?;
            if self.flow_level == 0 && i64::from(self.cursor.mark.column) < indent {
                break;
            }
        }
        if gap.broken {
            self.key_allowed = true;
        }
        Ok(self.scalar(text, true, start, end))
    }

    fn ends_plain(&self) -> bool {
        let c = &self.cursor;
        (c.now() == b':' && c.is_space(1)) || (self.flow_level > 0 && b",?[]{}".contains(&c.now()))
    }

    fn scan_gap(&mut self, gap: &mut Gap, plain_indent: Option<i64>) -> Scan<()> {
        loop {
            if self.cursor.is_blank(0) {
                let column = i64::from(self.cursor.mark.column);
                if gap.broken && self.cursor.now() == b'\t' && plain_indent.is_some_and(|i| column < i) {
                    return Err(self.fault("found a tab character that violates indentation"));
                }
                if !gap.broken {
                    gap.blanks.push(self.cursor.now() as char);
                }
                self.cursor.skip();
            } else if self.cursor.is_break(0) {
                let line_break = self.cursor.take_break();
                if gap.broken {
                    gap.more_breaks.push_str(line_break);
                } else {
                    gap.blanks.clear();
                    gap.first_break.push_str(line_break);
                    gap.broken = true;
                }
            } else {
                return Ok(());
            }
        }
    }

    pub(super) fn scan_quoted_scalar(&mut self) -> Scan<Spanned> {
        let start = self.cursor.mark;
        let quote = self.cursor.now();
        self.cursor.skip();
        let mut text = String::new();
        loop {
            if self.cursor.is_document_indicator() {
                return Err(self.fault("found unexpected document indicator"));
            }
            if self.cursor.is_end(0) {
                return Err(self.fault("found unexpected end of stream"));
            }
            let mut gap = Gap::default();
            while !self.cursor.is_space(0) {
                let c = self.cursor.now();
                if c == quote && quote == b'\'' && self.cursor.at(1) == b'\'' {
                    text.push('\'');
                    self.cursor.skip_many(2);
                } else if c == quote {
                    break;
                } else if c == b'\\' && quote == b'"' {
                    if self.cursor.is_break(1) {
                        self.cursor.skip();
                        self.cursor.take_break();
                        gap.broken = true;
                        break;
                    }
                    self.scan_escape(&mut text)?;
                } else {
                    text.extend(self.cursor.rest().chars().next());
                    self.cursor.skip();
                }
            }
            if self.cursor.now() == quote {
                break;
            }
            self.scan_gap(&mut gap, None)?;
            gap.fold_into(&mut text);
        }
        self.cursor.skip();
        Ok(self.scalar(text, false, start, self.cursor.mark))
    }

    fn scan_escape(&mut self, text: &mut String) -> Scan<()> {
        let digits = match self.cursor.at(1) {
            b'x' => 2,
            b'u' => 4,
            b'U' => 8,
            _ => 0,
        };
        let plain = match self.cursor.at(1) {
            b'0' => '\0',
            b'a' => '\u{07}',
            b'b' => '\u{08}',
            b't' | b'\t' => '\t',
            b'n' => '\n',
            b'v' => '\u{0B}',
            b'f' => '\u{0C}',
            b'r' => '\r',
            b'e' => '\u{1B}',
            b'N' => '\u{85}',
            b'_' => '\u{A0}',
            b'L' => '\u{2028}',
            b'P' => '\u{2029}',
            c @ (b' ' | b'"' | b'\'' | b'\\' | b'/') => c as char,
            _ if digits > 0 => '?',
            _ => return Err(self.fault("found unknown escape character")),
        };
        self.cursor.skip_many(2);
        if digits == 0 {
            text.push(plain);
            return Ok(());
        }
        let mut code = 0;
        for i in 0..digits {
            let Some(digit) = (self.cursor.at(i) as char).to_digit(16) else {
                return Err(self.fault("did not find expected hexdecimal number"));
            };
            code = code << 4 | digit;
        }
        let Some(c) = char::from_u32(code) else {
            return Err(self.fault("found invalid Unicode character escape code"));
        };
        text.push(c);
        self.cursor.skip_many(digits);
        Ok(())
    }

    pub(super) fn scan_block_scalar(&mut self) -> Scan<Spanned> {
        let start = self.cursor.mark;
        let literal = self.cursor.now() == b'|';
        self.cursor.skip();
        let (chomp, increment) = self.scan_block_header()?;
        let mut indent = if increment > 0 { self.indent.max(0) + increment } else { 0 };
        let mut end = self.cursor.mark;
        let mut text = String::new();
        let mut line_break = "";
        let mut more_breaks = self.scan_block_breaks(&mut indent, &mut end)?;
        let mut after_blank = false;
        while i64::from(self.cursor.mark.column) == indent && !self.cursor.is_end(0) {
            let blank = self.cursor.is_blank(0);
            if !literal && !after_blank && !blank && line_break == "\n" {
                if more_breaks.is_empty() {
                    text.push(' ');
                }
            } else {
                text.push_str(line_break);
            }
            text.push_str(&more_breaks);
            after_blank = blank;
            let line = self.cursor.mark;
            while !self.cursor.is_break_or_end(0) {
                self.cursor.skip();
            }
            text.push_str(self.cursor.since(line));
            end = self.cursor.mark;
            line_break = self.cursor.take_break();
            more_breaks = self.scan_block_breaks(&mut indent, &mut end)?;
        }
        if chomp != b'-' {
            text.push_str(line_break);
        }
        if chomp == b'+' {
            text.push_str(&more_breaks);
        }
        Ok(self.scalar(text, false, start, end))
    }

    /// `|` and `>` may be followed by a chomping sign and an indentation digit, in either order.
    fn scan_block_header(&mut self) -> Scan<(u8, i64)> {
        let (mut chomp, mut increment) = (0, 0);
        for _ in 0..2 {
            match self.cursor.now() {
                sign @ (b'+' | b'-') if chomp == 0 => chomp = sign,
                b'0' if increment == 0 => return Err(self.fault("found an indentation indicator equal to 0")),
                digit @ b'1'..=b'9' if increment == 0 => increment = i64::from(digit - b'0'),
                _ => break,
            }
            self.cursor.skip();
        }
        while self.cursor.is_blank(0) {
            self.cursor.skip();
        }
        if self.cursor.now() == b'#' {
            while !self.cursor.is_break_or_end(0) {
                self.cursor.skip();
            }
        }
        if !self.cursor.is_break_or_end(0) {
            return Err(self.fault("did not find expected comment or line break"));
        }
        self.cursor.take_break();
        Ok((chomp, increment))
    }

    /// Passes empty lines and indentation; the first line that is not empty sets an `indent` of 0.
    fn scan_block_breaks(&mut self, indent: &mut i64, end: &mut Mark) -> Scan<String> {
        let mut breaks = String::new();
        let mut deepest = 0;
        loop {
            let inside = |column: u32| *indent == 0 || i64::from(column) < *indent;
            while inside(self.cursor.mark.column) && self.cursor.now() == b' ' {
                self.cursor.skip();
            }
            deepest = deepest.max(i64::from(self.cursor.mark.column));
            if inside(self.cursor.mark.column) && self.cursor.now() == b'\t' {
                return Err(self.fault("found a tab character where an indentation space is expected"));
            }
            if !self.cursor.is_break(0) {
                break;
            }
            breaks.push_str(self.cursor.take_break());
            *end = self.cursor.mark;
        }
        if *indent == 0 {
            *indent = deepest.max(self.indent + 1).max(1);
        }
        Ok(breaks)
    }
}
