//! Kubernetes 1.36: sigs.k8s.io/yaml (decode, convertToJSONableObject). Events to a value and its spans.
//!
//! No recursion: what is open stands on a stack. Aliases share what they point to, and count as if they did not,
//! so that later readers of the value cannot be led into an explosion.

use super::cursor::Mark;
use super::parser::{Event, Node, Parser};
use super::resolve::resolve;
use super::scanner::Fault;
use super::spans::{Inside, Span, Spans};
use crate::value::Value;
use std::collections::BTreeMap;
use std::rc::Rc;

/// How many values a text may hold once its aliases are written out.
pub const MAX_NODES: usize = 500_000;
/// How many times a text may use an alias.
pub const MAX_ALIASES: usize = 10_000;

/// A whole value, where it stands, and how many values it is made of.
#[derive(Clone)]
pub(super) struct Part {
    pub value: Value,
    pub spans: Rc<Spans>,
    nodes: usize,
}

pub(super) struct Composed {
    pub value: Value,
    pub spans: Rc<Spans>,
    /// Keys that stand in their map a second time: the key and where.
    pub duplicates: Vec<(Rc<str>, Span)>,
}

struct Key {
    text: Rc<str>,
    span: Span,
    merge: bool,
}

enum Content {
    List(Vec<Part>),
    Map { entries: Vec<(Key, Part)>, key: Option<Key> },
}

struct Open {
    content: Content,
    anchor: Option<String>,
    start: Mark,
}

struct Composer {
    open: Vec<Open>,
    anchors: BTreeMap<String, Option<Part>>,
    duplicates: Vec<(Rc<str>, Span)>,
    nodes: usize,
    aliases: usize,
}

pub(super) fn compose(text: &str) -> Result<Composed, Fault> {
    let mut parser = Parser::new(text);
    let mut composer =
        Composer { open: Vec::new(), anchors: BTreeMap::new(), duplicates: Vec::new(), nodes: 0, aliases: 0 };
    let mut root: Option<Part> = None;
    loop {
        let node = parser.next()?;
        let start = node.start;
        if node.event == Event::DocumentEnd {
            break;
        }
        let done = composer.accept(node).map_err(|text| Fault { text, line: 0, mark: start })?;
        root = done.or(root);
    }
    let root = root.expect("a document has a root, if only an empty one");
    Ok(Composed { value: root.value, spans: root.spans, duplicates: composer.duplicates })
}

impl Composer {
    /// Takes one event; gives the root once it is complete.
    fn accept(&mut self, node: Node) -> Result<Option<Part>, String> {
        self.nodes += 1;
        let span = Span { start: node.start, end: node.end };
        match node.event {
            Event::MappingStart => {
                self.begin(Content::Map { entries: Vec::new(), key: None }, node.anchor, node.start);
                Ok(None)
            }
            Event::SequenceStart => {
                self.begin(Content::List(Vec::new()), node.anchor, node.start);
                Ok(None)
            }
            Event::Scalar { text, plain } => {
                let merge = plain && text == "<<";
                let value = resolve(&text, plain, node.tag.as_deref())?;
                let part = Part { value, spans: Rc::new(Spans { span, inside: Inside::Nothing }), nodes: 1 };
                self.place(part, node.anchor, merge)
            }
            Event::Alias(name) => {
                self.aliases += 1;
                let part = match self.anchors.get(&name) {
                    None => return Err(format!("unknown anchor '{name}' referenced")),
                    Some(None) => return Err(format!("anchor '{name}' value contains itself")),
                    Some(Some(part)) => part.clone(),
                };
                self.nodes += part.nodes;
                if self.aliases > MAX_ALIASES || self.nodes > MAX_NODES {
                    return Err("document contains excessive aliasing".into());
                }
                self.place(part, None, false)
            }
            Event::End => {
                let open = self.open.pop().expect("the parser closes only what it opened");
                let part = self.close(open.content, Span { start: open.start, end: node.end })?;
                self.place(part, open.anchor, false)
            }
            Event::DocumentEnd => unreachable!("handled by the caller"),
        }
    }

    fn begin(&mut self, content: Content, anchor: Option<String>, start: Mark) {
        if let Some(name) = &anchor {
            self.anchors.insert(name.clone(), None);
        }
        self.open.push(Open { content, anchor, start });
    }

    fn place(&mut self, part: Part, anchor: Option<String>, merge: bool) -> Result<Option<Part>, String> {
        if self.nodes > MAX_NODES {
            return Err(format!("more than {MAX_NODES} values"));
        }
        if let Some(name) = anchor {
            self.anchors.insert(name, Some(part.clone()));
        }
        let Some(open) = self.open.last_mut() else { return Ok(Some(part)) };
        match &mut open.content {
            Content::List(items) => items.push(part),
            Content::Map { entries, key } => match key.take() {
                Some(key) => entries.push((key, part)),
                None => *key = Some(Key { text: key_text(&part.value)?, span: part.spans.span, merge }),
            },
        }
        Ok(None)
    }

    fn close(&mut self, content: Content, span: Span) -> Result<Part, String> {
        match content {
            Content::List(items) => {
                let nodes = 1 + items.iter().map(|p| p.nodes).sum::<usize>();
                let (values, spans) = items.into_iter().map(|p| (p.value, p.spans)).unzip();
                let spans = Rc::new(Spans { span, inside: Inside::List(spans) });
                Ok(Part { value: Value::list(values), spans, nodes })
            }
            Content::Map { entries, .. } => self.close_map(entries, span),
        }
    }

    /// Later keys win over earlier ones, and a merge counts where it stands, as in the real reader.
    fn close_map(&mut self, entries: Vec<(Key, Part)>, span: Span) -> Result<Part, String> {
        let mut all: Vec<(Rc<str>, Value)> = Vec::with_capacity(entries.len());
        let mut spans = Vec::with_capacity(entries.len());
        let mut nodes = 1;
        let mut seen: Vec<(Rc<str>, Span)> = Vec::new();
        for (key, part) in entries {
            nodes += part.nodes;
            if key.merge {
                merge_into(&mut all, &mut spans, &part)?;
                continue;
            }
            seen.push((key.text.clone(), key.span));
            all.push((key.text.clone(), part.value));
            spans.push((key.text, key.span, part.spans));
        }
        seen.sort_by(|a, b| (&a.0, a.1.start.offset).cmp(&(&b.0, b.1.start.offset)));
        for pair in seen.windows(2) {
            if pair[0].0 == pair[1].0 {
                self.duplicates.push(pair[1].clone());
            }
        }
        // Sorted first, so that each insertion is at the end.
        all.sort_by(|a, b| a.0.cmp(&b.0));
        let spans = Rc::new(Spans { span, inside: Inside::Map(spans) });
        Ok(Part { value: Value::map(all), spans, nodes })
    }
}

type SpanEntry = (Rc<str>, Span, Rc<Spans>);

fn merge_into(all: &mut Vec<(Rc<str>, Value)>, spans: &mut Vec<SpanEntry>, part: &Part) -> Result<(), String> {
    let mut merge_one = |value: &Value, inside: &Inside| {
        let map = value.as_map().ok_or("map merge requires map or sequence of maps as the value")?;
        all.extend(map.iter().map(|(k, v)| (k.clone(), v.clone())));
        if let Inside::Map(entries) = inside {
            spans.extend(entries.iter().cloned());
        }
        Ok::<(), String>(())
    };
    match (&part.value, &part.spans.inside) {
        (Value::List(items), Inside::List(inside)) => {
            // The first of several takes precedence, so it comes last.
            for (value, spans) in items.iter().zip(inside).rev() {
                merge_one(value, &spans.inside)?;
            }
            Ok(())
        }
        (value, inside) => merge_one(value, inside),
    }
}

fn key_text(value: &Value) -> Result<Rc<str>, String> {
    match value {
        Value::Str(text) => Ok(text.clone()),
        Value::Int(n) => Ok(n.to_string().into()),
        Value::Number(text) => Ok(text.clone()),
        Value::Bool(b) => Ok(b.to_string().into()),
        Value::Null => Err("unsupported map key of type: %!s(<nil>), key: <nil>".into()),
        Value::List(_) | Value::Map(_) => Err(format!("invalid map key: {}", go_syntax(value))),
    }
}

/// A value as Go prints it with `%#v`.
fn go_syntax(value: &Value) -> String {
    match value {
        Value::Null => "interface {}(nil)".into(),
        Value::Bool(b) => b.to_string(),
        Value::Int(n) => n.to_string(),
        Value::Number(text) => text.to_string(),
        Value::Str(text) => format!("{text:?}"),
        Value::List(items) => {
            let items: Vec<_> = items.iter().map(go_syntax).collect();
            format!("[]interface {{}}{{{}}}", items.join(", "))
        }
        Value::Map(map) => {
            let entries: Vec<_> = map.iter().map(|(k, v)| format!("{k:?}:{}", go_syntax(v))).collect();
            format!("map[interface {{}}]interface {{}}{{{}}}", entries.join(", "))
        }
    }
}
