//! POSIX.1-2024, Shell Command Language, 2.7.4: here-documents; and bash's operand of `=~`.

use super::ast::{Part, Word};
use super::lex::{Lexer, Stop};
use super::parse::Parsed;

impl Lexer<'_> {
    /// The operand of `=~`: up to a blank, whatever brackets it holds.
    pub fn regex_word(&mut self) -> Parsed<Word> {
        while self.rest().starts_with([' ', '\t']) {
            self.at += 1;
        }
        let mut depth = 0_usize;
        let start = self.at;
        while let Some(c) = self.char() {
            match c {
                '(' => depth += 1,
                ')' => depth = depth.saturating_sub(1),
                ' ' | '\t' if depth == 0 => break,
                '\n' => break,
                _ => {}
            }
            self.at += c.len_utf8();
        }
        let text = &self.text[start..self.at];
        let mut inner = Lexer::new(text, self.depth);
        let mut word = Word::default();
        // Quotes and parameters work as in any word; brackets and bars stand for themselves.
        while inner.char().is_some() {
            word.parts.extend(inner.parts(Stop::Blank, false)?.parts);
            if let Some(c) = inner.bump() {
                word.parts.push(Part::Text(c.to_string().into()));
            }
        }
        Ok(word)
    }

    /// The text of the here-document that `delimiter` ends. It begins on the next line.
    pub fn here_document(&mut self, delimiter: &Word, strip_tabs: bool) -> Parsed<Word> {
        let literal = delimiter.parts.iter().any(|part| matches!(part, Part::Quoted(_)));
        let wanted: String = delimiter
            .parts
            .iter()
            .map(|part| match part {
                Part::Text(text) | Part::Quoted(text) => &**text,
                _ => "",
            })
            .collect();
        let mut start = self.here_end.unwrap_or_else(|| self.at + line_end(self.rest()));
        let mut body = String::new();
        loop {
            if start >= self.text.len() {
                self.here_open = true;
                break;
            }
            let line = self.text[start..].split_inclusive('\n').next().unwrap_or_default();
            start += line.len();
            let line = if strip_tabs { line.trim_start_matches('\t') } else { line };
            if line.trim_end_matches('\n') == wanted {
                break;
            }
            body.push_str(line);
        }
        self.here_end = Some(start);
        if literal {
            return Ok(Word::quoted(&body));
        }
        let mut inner = Lexer::new(&body, self.depth);
        inner.parts(Stop::End, true)
    }
}

/// Up to and with the newline that ends this line, quotes being heeded.
fn line_end(text: &str) -> usize {
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (None, '\n') => return at + 1,
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            _ => {}
        }
    }
    text.len()
}
