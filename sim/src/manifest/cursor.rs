//! A place in a YAML text, moving forward one character at a time.

/// A place in a text. Lines and columns count from 0 here and characters, not bytes, make a column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    pub line: u32,
    pub column: u32,
    /// In bytes from the text's start.
    pub offset: u32,
}

/// Reads `text` from its start to its end. The end reads as byte 0, which the reader lets through nowhere else.
#[derive(Clone, Debug)]
pub(super) struct Cursor<'a> {
    text: &'a str,
    pub mark: Mark,
}

impl<'a> Cursor<'a> {
    pub fn new(text: &'a str) -> Self {
        Cursor { text, mark: Mark::default() }
    }
    pub fn at(&self, ahead: usize) -> u8 {
        self.text.as_bytes().get(self.mark.offset as usize + ahead).copied().unwrap_or(0)
    }
    pub fn now(&self) -> u8 {
        self.at(0)
    }
    pub fn rest(&self) -> &'a str {
        &self.text[self.mark.offset as usize..]
    }
    pub fn since(&self, start: Mark) -> &'a str {
        &self.text[start.offset as usize..self.mark.offset as usize]
    }
    pub fn is_end(&self, ahead: usize) -> bool {
        self.at(ahead) == 0
    }
    pub fn is_blank(&self, ahead: usize) -> bool {
        matches!(self.at(ahead), b' ' | b'\t')
    }
    pub fn is_break(&self, ahead: usize) -> bool {
        self.break_bytes(ahead) > 0
    }
    pub fn is_break_or_end(&self, ahead: usize) -> bool {
        self.is_end(ahead) || self.is_break(ahead)
    }
    /// Blank, line break or end.
    pub fn is_space(&self, ahead: usize) -> bool {
        self.is_blank(ahead) || self.is_break_or_end(ahead)
    }
    /// `---` or `...` at the start of a line, as a word of its own.
    pub fn is_document_indicator(&self) -> bool {
        self.mark.column == 0 && (self.rest().starts_with("---") || self.rest().starts_with("...")) && self.is_space(3)
    }
    fn break_bytes(&self, ahead: usize) -> usize {
        match self.at(ahead) {
            b'\r' if self.at(ahead + 1) == b'\n' => 2,
            b'\r' | b'\n' => 1,
            0xC2 if self.at(ahead + 1) == 0x85 => 2,
            0xE2 if self.at(ahead + 1) == 0x80 && matches!(self.at(ahead + 2), 0xA8 | 0xA9) => 3,
            _ => 0,
        }
    }
    /// Passes one character, which is no line break.
    pub fn skip(&mut self) {
        let Some(c) = self.rest().chars().next() else { return };
        self.mark.offset += c.len_utf8() as u32;
        self.mark.column += 1;
    }
    pub fn skip_many(&mut self, count: usize) {
        for _ in 0..count {
            self.skip();
        }
    }
    /// Passes one line break and gives it as YAML keeps it: `\r\n`, `\r` and NEL become `\n`.
    pub fn take_break(&mut self) -> &'a str {
        let bytes = self.break_bytes(0);
        if bytes == 0 {
            return "";
        }
        let text = &self.rest()[..bytes];
        self.mark = Mark { line: self.mark.line + 1, column: 0, offset: self.mark.offset + bytes as u32 };
        if bytes == 3 { text } else { "\n" }
    }
}
