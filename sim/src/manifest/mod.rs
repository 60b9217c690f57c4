//! Kubernetes 1.36: apimachinery/pkg/util/yaml, sigs.k8s.io/yaml. Manifests: text to values with spans, and back.
//!
//! `read` never fails and never panics: what is wrong is a `Problem` with its place. What kubectl would say is
//! said in its words.

pub mod base64;
mod compose;
mod cursor;
pub mod json;
pub mod objects;
mod parser;
mod resolve;
mod scalars;
mod scanner;
mod spans;
pub mod write;

pub use compose::{MAX_ALIASES, MAX_NODES};
pub use cursor::Mark;
pub use scanner::MAX_DEPTH;
pub use spans::{Inside, Span, Spans};

use crate::value::Value;
use std::borrow::Cow;
use std::rc::Rc;

/// The longest text that is read. The real API server refuses requests over 3 MiB.
pub const MAX_BYTES: usize = 3 << 20;
/// The most documents that one text may hold.
pub const MAX_DOCUMENTS: usize = 20_000;

/// One document of a text. Spans count from the start of the whole text.
#[derive(Clone, Debug)]
pub struct Document {
    pub value: Value,
    pub spans: Rc<Spans>,
    /// Where the document begins in the text; add it to the marks of `spans`.
    pub start: Mark,
}

impl Document {
    /// The span of a path such as `spec.containers[0].image`, counted from the start of the whole text.
    pub fn find(&self, path: &str) -> Span {
        self.placed(self.spans.find(path))
    }
    /// A span of `spans`, counted from the start of the whole text.
    pub fn placed(&self, span: Span) -> Span {
        Span { start: shift(span.start, self.start), end: shift(span.end, self.start) }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// kubectl would not go on.
    Error,
    /// Our own advice; kubectl says nothing.
    Warning,
}

/// Something wrong with a text, and where. Lines and columns count from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub severity: Severity,
    /// What kubectl would print after `error parsing FILE: `, or our own words.
    pub text: String,
    pub span: Span,
}

/// All that a text holds: the documents up to the first error, and the problems.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    pub documents: Vec<Document>,
    pub problems: Vec<Problem>,
}

impl Reading {
    pub fn error(&self) -> Option<&Problem> {
        self.problems.iter().find(|p| p.severity == Severity::Error)
    }
}

/// Reads a file of manifests as kubectl does: JSON if it begins with `{`, else YAML documents between lines of `---`.
pub fn read(text: &str) -> Reading {
    let mut reading = Reading::default();
    if text.len() > MAX_BYTES {
        let text = format!("Request entity too large: limit is {MAX_BYTES}");
        reading.fail(text, Span::default());
    } else if text.trim_start().starts_with('{') {
        read_json(text, &mut reading);
    } else {
        read_yaml(text, &mut reading);
    }
    reading
}

impl Reading {
    fn fail(&mut self, text: String, span: Span) {
        self.problems.push(Problem { severity: Severity::Error, text, span });
    }
    fn warn(&mut self, text: String, span: Span) {
        self.problems.push(Problem { severity: Severity::Warning, text, span });
    }
}

fn read_json(text: &str, reading: &mut Reading) {
    let mut reader = json::JsonReader::new(text);
    loop {
        reader.skip_space();
        if reader.cursor.rest().is_empty() {
            return;
        }
        // A stream may go on as YAML after its first JSON documents.
        if reader.cursor.is_document_indicator() {
            let start = reader.cursor.mark;
            return read_yaml_at(reader.cursor.rest(), start, reading);
        }
        let begin = reader.cursor.mark;
        match reader.value() {
            Ok((value, spans)) => reading.documents.push(Document { value, spans, start: Mark::default() }),
            Err(fault) => {
                // What is no JSON may yet be YAML in braces.
                let mut as_yaml = Reading::default();
                read_yaml_at(&format!("{}\n", &text[begin.offset as usize..]), begin, &mut as_yaml);
                if as_yaml.error().is_none() {
                    reading.documents.extend(as_yaml.documents);
                    return reading.problems.extend(as_yaml.problems);
                }
                let text = if fault.early_end {
                    "unexpected EOF".to_string()
                } else {
                    format!("json: offset {}: {}", fault.mark.offset + 1, fault.text)
                };
                return reading.fail(text, Span { start: fault.mark, end: fault.mark });
            }
        }
    }
}

fn read_yaml(text: &str, reading: &mut Reading) {
    // kubectl ends the last line, which a block scalar there shows.
    let ended = if text.ends_with('\n') { Cow::Borrowed(text) } else { Cow::Owned(format!("{text}\n")) };
    read_yaml_at(&ended, Mark::default(), reading);
}

fn read_yaml_at(text: &str, start: Mark, reading: &mut Reading) {
    for chunk in split(text, start) {
        let place = |mark: Mark| shift(mark, chunk.start);
        match chunk.text {
            Err(text) => return reading.fail(text, Span { start: chunk.start, end: chunk.start }),
            Ok(text) => match read_document(text) {
                Err(fault) => {
                    let line = if fault.line > 0 { format!("line {}: ", fault.line) } else { String::new() };
                    let text = format!("error converting YAML to JSON: yaml: {line}{}", fault.text);
                    let mark = place(fault.mark);
                    return reading.fail(text, Span { start: mark, end: mark });
                }
                Ok(composed) => {
                    for (key, span) in &composed.duplicates {
                        let span = Span { start: place(span.start), end: place(span.end) };
                        reading.warn(format!("key {key:?} is there twice; the last one counts"), span);
                    }
                    let compose::Composed { value, spans, .. } = composed;
                    // An empty document is none.
                    if !value.is_null() {
                        reading.documents.push(Document { value, spans, start: chunk.start });
                    }
                }
            },
        }
        if reading.documents.len() > MAX_DOCUMENTS {
            return reading.fail(format!("more than {MAX_DOCUMENTS} documents"), Span::default());
        }
    }
}

fn read_document(text: &str) -> Result<compose::Composed, scanner::Fault> {
    let allowed = |c: char| {
        matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{7E}' | '\u{85}' | '\u{A0}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}')
            || c > '\u{FFFF}'
    };
    if let Some(offset) = text.find(|c| !allowed(c)) {
        let before = &text[..offset];
        let line_start = before.rfind('\n').map_or(0, |i| i + 1);
        let mark = Mark {
            line: before.matches('\n').count() as u32,
            column: before[line_start..].chars().count() as u32,
            offset: offset as u32,
        };
        return Err(scanner::Fault { text: "control characters are not allowed".into(), line: 0, mark });
    }
    compose::compose(text)
}

struct Chunk<'a> {
    /// The document's text, or the words of an error.
    text: Result<&'a str, String>,
    start: Mark,
}

/// Cuts a text at its lines that begin with `---`, as kubectl does before any YAML is read.
fn split(text: &str, origin: Mark) -> Vec<Chunk<'_>> {
    let mut chunks = Vec::new();
    let mut start = origin;
    let (mut begin, mut at) = (0, 0);
    let mark = |line: u32, at: usize| Mark { line, column: 0, offset: origin.offset + at as u32 };
    for (line, full) in (origin.line..).zip(text.split_inclusive('\n')) {
        if let Some(after) = full.strip_prefix("---") {
            let after = after.trim();
            if !after.is_empty() && !after.starts_with('#') {
                let text = Err(format!("invalid Yaml document separator: {after}"));
                chunks.push(Chunk { text, start: mark(line, at) });
                return chunks;
            }
            if at > begin {
                chunks.push(Chunk { text: Ok(&text[begin..at]), start });
                begin = at + full.len();
                start = mark(line + 1, begin);
            }
            // A separator with nothing before it belongs to the document that it opens.
        }
        at += full.len();
    }
    if at > begin {
        chunks.push(Chunk { text: Ok(&text[begin..at]), start });
    }
    chunks
}

fn shift(mark: Mark, start: Mark) -> Mark {
    let column = if mark.line == 0 { start.column + mark.column } else { mark.column };
    Mark { line: mark.line + start.line, column, offset: mark.offset + start.offset }
}

#[cfg(test)]
mod tests;
