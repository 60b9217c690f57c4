//! Where each key and value of a document stands in its text.

use super::cursor::Mark;
use std::rc::Rc;

/// A stretch of text, from `start` up to but not including `end`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    pub start: Mark,
    pub end: Mark,
}

/// The spans of a value and of all that is in it, shaped as the value is.
#[derive(Clone, Debug, Default)]
pub struct Spans {
    pub span: Span,
    pub inside: Inside,
}

#[derive(Clone, Debug, Default)]
pub enum Inside {
    #[default]
    Nothing,
    List(Vec<Rc<Spans>>),
    /// Key, the key's span, the value's spans; in the order of the text.
    Map(Vec<(Rc<str>, Span, Rc<Spans>)>),
}

impl Spans {
    /// The place that a path of an error text names (`spec.containers[0].image`, `metadata.labels[app]`): the
    /// whole entry's key if the path ends at one, else the value. A path that leads out of the text ends at the
    /// last part of it that is there.
    pub fn find(&self, path: &str) -> Span {
        let (mut here, mut span, mut rest) = (self, self.span, path);
        while !rest.is_empty() {
            let Some((next, next_span, left)) = here.step(rest) else { break };
            (here, span, rest) = (next, next_span, left);
        }
        span
    }

    /// One step along a path. Keys may hold dots, so the longest key that fits is taken.
    fn step<'a, 'p>(&'a self, path: &'p str) -> Option<(&'a Spans, Span, &'p str)> {
        let bracketed = path.strip_prefix('[').and_then(|inner| inner.split_once(']'));
        match &self.inside {
            Inside::Nothing => None,
            Inside::List(items) => {
                let (index, rest) = bracketed?;
                let item = items.get(index.parse::<usize>().ok()?)?;
                Some((item, item.span, rest.strip_prefix('.').unwrap_or(rest)))
            }
            Inside::Map(entries) => {
                if let Some((name, rest)) = bracketed
                    && let Some((_, span, value)) = entries.iter().rev().find(|(key, ..)| **key == *name)
                {
                    return Some((value, *span, rest.strip_prefix('.').unwrap_or(rest)));
                }
                let fits = |key: &str| {
                    let rest = path.strip_prefix(key)?;
                    (rest.is_empty() || rest.starts_with(['.', '['])).then_some(rest)
                };
                let (_, span, value) =
                    entries.iter().filter(|(key, ..)| fits(key).is_some()).max_by_key(|(key, ..)| key.len())?;
                let rest = entries.iter().filter_map(|(key, ..)| fits(key)).min_by_key(|r| r.len())?;
                Some((value, *span, rest.strip_prefix('.').unwrap_or(rest)))
            }
        }
    }
}
