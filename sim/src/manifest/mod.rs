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

/// How far a text is read: at first not at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    pub mark: Mark,
    /// How many documents came before.
    pub documents: usize,
}

/// Reads a file of manifests as kubectl does: JSON if it begins with `{`, else YAML documents between lines of `---`.
pub fn read(text: &str) -> Reading {
    let (mut reading, mut next) = read_from(text, Place::default());
    while let Some(place) = next {
        let more;
        (more, next) = read_from(text, place);
        reading.documents.extend(more.documents);
        reading.problems.extend(more.problems);
    }
    reading
}

/// [`read`], one document of YAML at a time: what is read from a place on, and where the next one begins, unless that was all.
pub fn read_from(text: &str, place: Place) -> (Reading, Option<Place>) {
    let mut reading = Reading::default();
    if place == Place::default() && text.len() > MAX_BYTES {
        reading.fail(format!("Request entity too large: limit is {MAX_BYTES}"), Span::default());
        return (reading, None);
    }
    if place == Place::default() && text.trim_start().starts_with('{') {
        read_json(text, &mut reading);
        return (reading, None);
    }
    let mut chunks = Chunks { rest: &text[place.mark.offset as usize..], start: place.mark };
    let Some(chunk) = chunks.next() else { return (reading, None) };
    let well = read_chunk(chunk, &mut reading);
    let documents = place.documents + reading.documents.len();
    let well = well && reading.counts(documents);
    let more = well && !chunks.rest.is_empty();
    (reading, more.then_some(Place { mark: chunks.start, documents }))
}

impl Reading {
    fn fail(&mut self, text: String, span: Span) {
        self.problems.push(Problem { severity: Severity::Error, text, span });
    }
    fn warn(&mut self, text: String, span: Span) {
        self.problems.push(Problem { severity: Severity::Warning, text, span });
    }
    /// Whether a text may hold so many documents.
    fn counts(&mut self, documents: usize) -> bool {
        let well = documents <= MAX_DOCUMENTS;
        if !well {
            self.fail(format!("more than {MAX_DOCUMENTS} documents"), Span::default());
        }
        well
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

fn read_yaml_at(text: &str, start: Mark, reading: &mut Reading) {
    let mut chunks = Chunks { rest: text, start };
    while let Some(chunk) = chunks.next()
        && read_chunk(chunk, reading)
        && reading.counts(reading.documents.len())
    {}
}

/// Reads one document; answers whether nothing was wrong.
fn read_chunk(Chunk { text, start }: Chunk, reading: &mut Reading) -> bool {
    let place = |mark: Mark| shift(mark, start);
    let text = match text {
        // kubectl ends the last line, which a block scalar there shows.
        Ok(text) if !text.ends_with('\n') => Cow::Owned(format!("{text}\n")),
        Ok(text) => Cow::Borrowed(text),
        Err(text) => {
            reading.fail(text, Span { start, end: start });
            return false;
        }
    };
    match read_document(&text) {
        Err(fault) => {
            let line = if fault.line > 0 { format!("line {}: ", fault.line) } else { String::new() };
            let text = format!("error converting YAML to JSON: yaml: {line}{}", fault.text);
            let mark = place(fault.mark);
            reading.fail(text, Span { start: mark, end: mark });
            false
        }
        Ok(compose::Composed { value, spans, duplicates }) => {
            for (key, span) in &duplicates {
                let span = Span { start: place(span.start), end: place(span.end) };
                reading.warn(format!("key {key:?} is there twice; the last one counts"), span);
            }
            // An empty document is none.
            if !value.is_null() {
                reading.documents.push(Document { value, spans, start });
            }
            true
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

/// What is left of a text, which is cut at its lines that begin with `---`, as kubectl does before any YAML is read.
struct Chunks<'a> {
    rest: &'a str,
    /// Where that begins.
    start: Mark,
}

impl<'a> Iterator for Chunks<'a> {
    type Item = Chunk<'a>;
    fn next(&mut self) -> Option<Chunk<'a>> {
        let (rest, start) = (self.rest, self.start);
        let mark = |line: u32, at: usize| Mark { line, column: 0, offset: start.offset + at as u32 };
        let mut at = 0;
        for (line, full) in (start.line..).zip(rest.split_inclusive('\n')) {
            if let Some(after) = full.strip_prefix("---") {
                let after = after.trim();
                if !after.is_empty() && !after.starts_with('#') {
                    self.rest = "";
                    let text = Err(format!("invalid Yaml document separator: {after}"));
                    return Some(Chunk { text, start: mark(line, at) });
                }
                // A separator with nothing before it belongs to the document that it opens.
                if at > 0 {
                    let next = at + full.len();
                    (self.rest, self.start) = (&rest[next..], mark(line + 1, next));
                    return Some(Chunk { text: Ok(&rest[..at]), start });
                }
            }
            at += full.len();
        }
        self.rest = "";
        (at > 0).then_some(Chunk { text: Ok(rest), start })
    }
}

fn shift(mark: Mark, start: Mark) -> Mark {
    let column = if mark.line == 0 { start.column + mark.column } else { mark.column };
    Mark { line: mark.line + start.line, column, offset: mark.offset + start.offset }
}

#[cfg(test)]
mod tests;
