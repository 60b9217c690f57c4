//! Kubernetes 1.36: sigs.k8s.io/yaml (its YAML 1.1 parser). Tokens to events.
//!
//! What is open is a stack of states, so the depth of a text costs no call stack. Reads one document; the
//! splitting of a file into documents is not YAML's here but kubectl's own (see `super::split`).

use super::cursor::Mark;
use super::scanner::{Fault, Scan, Scanner, Spanned, Token};

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Event {
    Alias(String),
    Scalar {
        text: String,
        plain: bool,
    },
    SequenceStart,
    MappingStart,
    /// Of a sequence or a mapping.
    End,
    DocumentEnd,
}

#[derive(Clone, Debug)]
pub(super) struct Node {
    pub event: Event,
    pub anchor: Option<String>,
    pub tag: Option<String>,
    pub start: Mark,
    pub end: Mark,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    DocumentStart,
    DocumentEnd,
    BlockSequenceEntry,
    IndentlessSequenceEntry,
    BlockMappingKey,
    BlockMappingValue,
    FlowSequenceFirst,
    FlowSequenceEntry,
    FlowPairKey,
    FlowPairValue,
    FlowPairEnd,
    FlowMappingFirst,
    FlowMappingKey,
    FlowMappingValue,
    FlowMappingNoValue,
}

pub(super) struct Parser<'a> {
    scanner: Scanner<'a>,
    state: State,
    stack: Vec<State>,
    handles: Vec<(String, String)>,
}

impl<'a> Parser<'a> {
    pub fn new(text: &'a str) -> Self {
        Parser {
            scanner: Scanner::new(text),
            state: State::DocumentStart,
            stack: Vec::new(),
            handles: vec![("!".into(), "!".into()), ("!!".into(), "tag:yaml.org,2002:".into())],
        }
    }

    /// The next event; `DocumentEnd` is the last.
    pub fn next(&mut self) -> Scan<Node> {
        match self.state {
            State::DocumentStart => self.document_start(),
            State::DocumentEnd => {
                let token = self.scanner.peek()?.clone();
                Ok(self.node(Event::DocumentEnd, token.start, token.end))
            }
            State::BlockSequenceEntry => self.block_sequence_entry(),
            State::IndentlessSequenceEntry => self.indentless_sequence_entry(),
            State::BlockMappingKey => self.block_mapping_key(),
            State::BlockMappingValue => self.block_mapping_value(),
            State::FlowSequenceFirst => self.flow_sequence_entry(true),
            State::FlowSequenceEntry => self.flow_sequence_entry(false),
            State::FlowPairKey => self.flow_pair_key(),
            State::FlowPairValue => self.flow_pair_value(),
            State::FlowPairEnd => {
                self.state = State::FlowSequenceEntry;
                let mark = self.scanner.peek()?.start;
                Ok(self.node(Event::End, mark, mark))
            }
            State::FlowMappingFirst => self.flow_mapping_key(true),
            State::FlowMappingKey => self.flow_mapping_key(false),
            State::FlowMappingValue => self.flow_mapping_value(),
            State::FlowMappingNoValue => self.empty_then(State::FlowMappingKey),
        }
    }

    fn document_start(&mut self) -> Scan<Node> {
        self.scanner.next()?; // the stream's start
        while self.scanner.peek()?.token == Token::DocumentEnd {
            self.scanner.next()?;
        }
        let mut directives = false;
        while let Token::Directive(name, value) = &self.scanner.peek()?.token {
            if name == "TAG" {
                let (handle, prefix) = value.split_once(' ').unwrap_or((value, ""));
                let entry = (handle.to_string(), prefix.trim().to_string());
                self.handles.push(entry);
            }
            directives = true;
            self.scanner.next()?;
        }
        let token = self.scanner.peek()?.clone();
        let explicit = token.token == Token::DocumentStart;
        if directives && !explicit {
            return Err(fault("did not find expected <document start>", &token));
        }
        self.stack.push(State::DocumentEnd);
        if explicit {
            self.scanner.next()?;
        }
        match self.scanner.peek()?.token {
            Token::Directive(..) | Token::DocumentStart | Token::DocumentEnd | Token::StreamEnd => {
                let after = self.pop();
                self.empty_then(after)
            }
            _ => self.parse_node(true, false),
        }
    }

    fn parse_node(&mut self, block: bool, indentless: bool) -> Scan<Node> {
        let first = self.scanner.peek()?.clone();
        if let Token::Alias(name) = first.token {
            self.scanner.next()?;
            self.state = self.pop();
            return Ok(self.node(Event::Alias(name), first.start, first.end));
        }
        let (mut anchor, mut tag) = (None, None);
        let mut end = first.start;
        loop {
            let token = self.scanner.peek()?;
            match &token.token {
                Token::Anchor(name) if anchor.is_none() => anchor = Some(name.clone()),
                Token::Tag(name) if tag.is_none() => tag = Some((name.clone(), token.clone())),
                _ => break,
            }
            end = self.scanner.next()?.end;
        }
        let tag = tag.map(|(name, token)| self.resolve_tag(&name, &token)).transpose()?;
        let token = self.scanner.peek()?.clone();
        let keep_token = token.token == Token::BlockEntry;
        let (event, state) = match token.token {
            Token::BlockEntry if indentless => (Event::SequenceStart, State::IndentlessSequenceEntry),
            Token::Scalar { text, plain } => (Event::Scalar { text, plain }, self.pop()),
            Token::FlowSequenceStart => (Event::SequenceStart, State::FlowSequenceFirst),
            Token::FlowMappingStart => (Event::MappingStart, State::FlowMappingFirst),
            Token::BlockSequenceStart if block => (Event::SequenceStart, State::BlockSequenceEntry),
            Token::BlockMappingStart if block => (Event::MappingStart, State::BlockMappingKey),
            _ if anchor.is_some() || tag.is_some() => {
                self.state = self.pop();
                let event = Event::Scalar { text: String::new(), plain: tag.is_none() };
                return Ok(Node { event, anchor, tag, start: first.start, end });
            }
            _ => return Err(fault("did not find expected node content", &token)),
        };
        if !keep_token {
            self.scanner.next()?;
        }
        self.state = state;
        Ok(Node { event, anchor, tag, start: first.start, end: token.end })
    }

    fn resolve_tag(&self, written: &str, token: &Spanned) -> Scan<String> {
        if let Some(verbatim) = written.strip_prefix("!<") {
            return Ok(verbatim.trim_end_matches('>').to_string());
        }
        let split = written[1..].find('!').map_or(1, |i| i + 2);
        let (handle, suffix) = written.split_at(split);
        match self.handles.iter().rev().find(|(h, _)| h == handle) {
            Some((_, prefix)) => Ok(format!("{prefix}{suffix}")),
            None => Err(fault("found undefined tag handle", token)),
        }
    }

    // Block collections.

    fn block_sequence_entry(&mut self) -> Scan<Node> {
        let token = self.scanner.peek()?.clone();
        match token.token {
            Token::BlockEntry => {
                self.scanner.next()?;
                match self.scanner.peek()?.token {
                    Token::BlockEntry | Token::BlockEnd => self.empty_then(State::BlockSequenceEntry),
                    _ => self.node_then(State::BlockSequenceEntry, true, false),
                }
            }
            Token::BlockEnd => self.end(),
            _ => Err(fault("did not find expected '-' indicator", &token)),
        }
    }

    /// The items of a list that stands at its key's column, as kubectl writes it.
    fn indentless_sequence_entry(&mut self) -> Scan<Node> {
        let token = self.scanner.peek()?.clone();
        if token.token != Token::BlockEntry {
            self.state = self.pop();
            return Ok(self.node(Event::End, token.start, token.start));
        }
        self.scanner.next()?;
        match self.scanner.peek()?.token {
            Token::BlockEntry | Token::Key | Token::Value | Token::BlockEnd => {
                self.empty_then(State::IndentlessSequenceEntry)
            }
            _ => self.node_then(State::IndentlessSequenceEntry, true, false),
        }
    }

    fn block_mapping_key(&mut self) -> Scan<Node> {
        let token = self.scanner.peek()?.clone();
        match token.token {
            Token::Key => {
                self.scanner.next()?;
                self.block_node_or_empty(State::BlockMappingValue)
            }
            Token::BlockEnd => self.end(),
            _ => Err(fault("did not find expected key", &token)),
        }
    }

    fn block_mapping_value(&mut self) -> Scan<Node> {
        if self.scanner.peek()?.token != Token::Value {
            return self.empty_then(State::BlockMappingKey);
        }
        self.scanner.next()?;
        self.block_node_or_empty(State::BlockMappingKey)
    }

    fn block_node_or_empty(&mut self, then: State) -> Scan<Node> {
        match self.scanner.peek()?.token {
            Token::Key | Token::Value | Token::BlockEnd => self.empty_then(then),
            _ => self.node_then(then, true, true),
        }
    }

    // Flow collections.

    fn flow_sequence_entry(&mut self, first: bool) -> Scan<Node> {
        if self.scanner.peek()?.token != Token::FlowSequenceEnd {
            if !first {
                self.flow_comma("did not find expected ',' or ']'")?;
            }
            let token = self.scanner.peek()?.clone();
            if token.token == Token::Key {
                self.scanner.next()?;
                self.state = State::FlowPairKey;
                return Ok(self.node(Event::MappingStart, token.start, token.end));
            }
            if token.token != Token::FlowSequenceEnd {
                return self.node_then(State::FlowSequenceEntry, false, false);
            }
        }
        self.end()
    }

    fn flow_comma(&mut self, otherwise: &str) -> Scan<()> {
        let token = self.scanner.peek()?.clone();
        if token.token != Token::FlowEntry {
            return Err(fault(otherwise, &token));
        }
        self.scanner.next().map(|_| ())
    }

    fn flow_pair_key(&mut self) -> Scan<Node> {
        match self.scanner.peek()?.token {
            Token::Value | Token::FlowEntry | Token::FlowSequenceEnd => self.empty_then(State::FlowPairValue),
            _ => self.node_then(State::FlowPairValue, false, false),
        }
    }

    fn flow_pair_value(&mut self) -> Scan<Node> {
        if self.scanner.peek()?.token == Token::Value {
            self.scanner.next()?;
            if !matches!(self.scanner.peek()?.token, Token::FlowEntry | Token::FlowSequenceEnd) {
                return self.node_then(State::FlowPairEnd, false, false);
            }
        }
        self.empty_then(State::FlowPairEnd)
    }

    fn flow_mapping_key(&mut self, first: bool) -> Scan<Node> {
        if self.scanner.peek()?.token != Token::FlowMappingEnd {
            if !first {
                self.flow_comma("did not find expected ',' or '}'")?;
            }
            if self.scanner.peek()?.token == Token::Key {
                self.scanner.next()?;
                return self.flow_node_or_empty(State::FlowMappingValue);
            }
            if self.scanner.peek()?.token != Token::FlowMappingEnd {
                return self.node_then(State::FlowMappingNoValue, false, false);
            }
        }
        self.end()
    }

    fn flow_mapping_value(&mut self) -> Scan<Node> {
        if self.scanner.peek()?.token == Token::Value {
            self.scanner.next()?;
            return self.flow_node_or_empty(State::FlowMappingKey);
        }
        self.empty_then(State::FlowMappingKey)
    }

    fn flow_node_or_empty(&mut self, then: State) -> Scan<Node> {
        match self.scanner.peek()?.token {
            Token::Value | Token::FlowEntry | Token::FlowMappingEnd => self.empty_then(then),
            _ => self.node_then(then, false, false),
        }
    }

    // What all of them do.

    fn node(&self, event: Event, start: Mark, end: Mark) -> Node {
        Node { event, anchor: None, tag: None, start, end }
    }

    fn node_then(&mut self, then: State, block: bool, indentless: bool) -> Scan<Node> {
        self.stack.push(then);
        self.parse_node(block, indentless)
    }

    fn empty_then(&mut self, then: State) -> Scan<Node> {
        self.state = then;
        let mark = self.scanner.peek()?.start;
        Ok(self.node(Event::Scalar { text: String::new(), plain: true }, mark, mark))
    }

    fn end(&mut self) -> Scan<Node> {
        let token = self.scanner.next()?;
        self.state = self.pop();
        Ok(self.node(Event::End, token.start, token.end))
    }

    fn pop(&mut self) -> State {
        self.stack.pop().expect("each node was pushed with what follows it")
    }
}

/// An error noticed at a token. Here the real reader prints the line before: its marks count from 0.
fn fault(text: &str, token: &Spanned) -> Fault {
    Fault { text: text.to_string(), line: token.start.line, mark: token.start }
}
