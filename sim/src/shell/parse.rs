//! POSIX.1-2024, Shell Command Language, 2.10.2: text to commands, as busybox ash and bash read it.
//!
//! Not done: aliases, `select`, `coproc`, process substitution, extended globs.

use std::rc::Rc;

use super::ast::*;
use super::lex::{Lexer, Token};

/// How deep commands and words may be nested in one another, counted together: each takes its part of the stack.
pub const NESTING: usize = 128;
/// How long a script may be, in bytes.
pub const SCRIPT_BYTES: usize = 256 * 1024;

/// What is wrong with a script, in busybox ash's words (without the shell's name before them).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError(pub String);

pub type Parsed<T> = Result<T, SyntaxError>;

/// Reads a whole script: the commands of the lines before the first one that is wrong, and what is wrong with that, with
/// the newlines before it. Shells read line by line: what stands before a mistake runs.
pub fn parse(script: &str) -> (Rc<List>, Option<(SyntaxError, u32)>) {
    let mut items = Vec::new();
    let mut parser = Parser { lexer: Lexer::new(script, 0) };
    let result = if script.len() > SCRIPT_BYTES { Err(too_long()) } else { parser.script(&mut items) };
    let wrong = result.err().map(|error| (error, parser.lexer.line()));
    (Rc::new(List { items }), wrong)
}

fn too_long() -> SyntaxError {
    SyntaxError(format!("script is longer than {SCRIPT_BYTES} bytes"))
}

/// Reads a text that is right as a whole, and whether a here-document in it has no end.
fn read(script: &str) -> Parsed<(Rc<List>, bool)> {
    if script.len() > SCRIPT_BYTES {
        return Err(too_long());
    }
    let mut parser = Parser { lexer: Lexer::new(script, 0) };
    let list = parser.list()?;
    match parser.lexer.peek()? {
        Token::End => Ok((Rc::new(list), parser.lexer.here_open)),
        token => Err(unexpected(&token)),
    }
}

/// What the beginning of a text is.
pub enum Beginning {
    Whole(Rc<List>),
    /// More lines belong to it.
    Part(SyntaxError),
    Wrong(SyntaxError),
}

/// Reads commands of which there may be more lines.
pub fn parse_lines(text: &str) -> Beginning {
    let unfinished = |error: &SyntaxError| error.0.contains("unexpected end") || error.0.contains("unterminated");
    let continued =
        text.strip_suffix('\n').is_some_and(|line| line.chars().rev().take_while(|c| *c == '\\').count() % 2 == 1);
    match read(text) {
        Ok((_, true)) => Beginning::Part(unexpected(&Token::End)),
        Ok(_) if continued => Beginning::Part(unexpected(&Token::End)),
        Ok((list, _)) => Beginning::Whole(list),
        Err(error) if unfinished(&error) => Beginning::Part(error),
        Err(error) => Beginning::Wrong(error),
    }
}

/// Reads the inside of `$( ... )` that begins at `from`; gives the list and where the `)` was.
pub fn parse_substitution(text: &str, from: usize, depth: usize) -> Parsed<(Rc<List>, usize)> {
    let mut lexer = Lexer::new(text, depth);
    lexer.at = from;
    let mut parser = Parser { lexer };
    let list = parser.list()?;
    match parser.lexer.peek()? {
        Token::Op(")") => Ok((Rc::new(list), parser.lexer.peeked_at())),
        token => Err(unexpected(&token)),
    }
}

pub fn unexpected(token: &Token) -> SyntaxError {
    SyntaxError(match token {
        Token::End => "syntax error: unexpected end of file".into(),
        Token::Newline => "syntax error: unexpected newline".into(),
        Token::Op(op) => format!("syntax error: unexpected \"{op}\""),
        Token::Redirect(..) => "syntax error: unexpected redirection".into(),
        Token::Word(word) => match word.plain() {
            Some(text) if KEYWORDS.contains(&text) => format!("syntax error: unexpected \"{text}\""),
            _ => "syntax error: unexpected word".into(),
        },
    })
}

pub const KEYWORDS: [&str; 19] = [
    "if", "then", "else", "elif", "fi", "do", "done", "case", "esac", "while", "until", "for", "in", "{", "}", "!",
    "[[", "]]", "function",
];
/// Words that end a list, where a command could begin.
const ENDERS: [&str; 8] = ["then", "else", "elif", "fi", "do", "done", "esac", "}"];

pub(super) struct Parser<'a> {
    pub(super) lexer: Lexer<'a>,
}

impl Parser<'_> {
    /// All lines of a script.
    fn script(&mut self, items: &mut Vec<Item>) -> Parsed<()> {
        self.lexer.depth += 1;
        loop {
            self.newlines()?;
            let mut line = Vec::new();
            while !matches!(self.lexer.peek()?, Token::End | Token::Newline) {
                let (item, end) = self.item()?;
                line.push(item);
                match end {
                    Token::Op("&" | ";") => {}
                    Token::End | Token::Newline => break,
                    other => return Err(unexpected(&other)),
                }
            }
            items.append(&mut line);
            if self.lexer.peek()? == Token::End {
                return Ok(());
            }
        }
    }

    pub(super) fn list(&mut self) -> Parsed<List> {
        self.lexer.depth += 1;
        if self.lexer.depth > NESTING {
            return Err(SyntaxError("syntax error: nested too deeply".into()));
        }
        let mut items = Vec::new();
        loop {
            self.newlines()?;
            match self.lexer.peek()? {
                Token::End | Token::Op(")" | ";;" | ";&") => break,
                Token::Word(word) if word.plain().is_some_and(|text| ENDERS.contains(&text)) => break,
                _ => {}
            }
            let (item, end) = self.item()?;
            items.push(item);
            if !matches!(end, Token::Op("&" | ";") | Token::Newline) {
                break;
            }
        }
        self.lexer.depth -= 1;
        Ok(List { items })
    }

    /// Pipelines joined by `&&` and `||`, and what ends them, which is taken if it is a separator.
    fn item(&mut self) -> Parsed<(Item, Token)> {
        let mut item = Item { links: vec![(Join::And, self.pipeline()?)], background: false };
        loop {
            let join = match self.lexer.peek()? {
                Token::Op("&&") => Join::And,
                Token::Op("||") => Join::Or,
                _ => break,
            };
            self.lexer.take()?;
            self.newlines()?;
            item.links.push((join, self.pipeline()?));
        }
        let end = self.lexer.peek()?;
        if matches!(end, Token::Op("&" | ";") | Token::Newline) {
            self.lexer.take()?;
        }
        item.background = end == Token::Op("&");
        Ok((item, end))
    }

    /// A list that may not be empty, up to one of `ends`, which is taken.
    pub(super) fn body(&mut self, ends: &[&'static str]) -> Parsed<(Rc<List>, &'static str)> {
        let list = self.list()?;
        let token = self.lexer.take()?;
        let end = match &token {
            Token::Word(word) => word.plain().and_then(|text| ends.iter().find(|end| **end == text)),
            Token::Op(op) => ends.iter().find(|end| *end == op),
            _ => None,
        };
        match end {
            Some(end) if !list.items.is_empty() => Ok((Rc::new(list), end)),
            Some(_) => Err(unexpected(&token)),
            None => Err(SyntaxError(format!("{} (expecting \"{}\")", unexpected(&token).0, ends[ends.len() - 1]))),
        }
    }

    pub(super) fn newlines(&mut self) -> Parsed<()> {
        while self.lexer.peek()? == Token::Newline {
            self.lexer.take()?;
        }
        Ok(())
    }

    pub(super) fn keyword(&mut self, wanted: &str) -> Parsed<bool> {
        let found = matches!(self.lexer.peek()?, Token::Word(word) if word.plain() == Some(wanted));
        if found {
            self.lexer.take()?;
        }
        Ok(found)
    }

    pub(super) fn expect(&mut self, wanted: &str) -> Parsed<()> {
        if self.keyword(wanted)? { Ok(()) } else { Err(unexpected(&self.lexer.peek()?)) }
    }

    fn pipeline(&mut self) -> Parsed<Pipeline> {
        let mut negated = false;
        while self.keyword("!")? {
            negated = !negated;
        }
        let mut commands = vec![Rc::new(self.command()?)];
        while let Token::Op("|" | "|&") = self.lexer.peek()? {
            self.lexer.take()?;
            self.newlines()?;
            commands.push(Rc::new(self.command()?));
        }
        Ok(Pipeline { negated, commands })
    }

    fn command(&mut self) -> Parsed<Command> {
        self.lexer.depth += 1;
        if self.lexer.depth > NESTING {
            return Err(SyntaxError("syntax error: nested too deeply".into()));
        }
        let command = self.command_inside()?;
        self.lexer.depth -= 1;
        Ok(command)
    }

    fn command_inside(&mut self) -> Parsed<Command> {
        let token = self.lexer.peek()?;
        let compound = match &token {
            Token::Op("(") => {
                if self.lexer.take_double_paren() {
                    Compound::Arithmetic(self.lexer.arithmetic_word()?)
                } else {
                    self.lexer.take()?;
                    Compound::Subshell(self.body(&[")"])?.0)
                }
            }
            Token::Word(word) => match word.plain() {
                Some("{") => self.after(|p| Ok(Compound::Group(p.body(&["}"])?.0)))?,
                Some("if") => self.after(Parser::if_command)?,
                Some("while") => self.after(|p| p.loop_command(false))?,
                Some("until") => self.after(|p| p.loop_command(true))?,
                Some("for") => self.after(Parser::for_command)?,
                Some("case") => self.after(Parser::case_command)?,
                Some("[[") => self.after(|p| {
                    let condition = p.condition_or()?;
                    p.expect("]]")?;
                    Ok(Compound::Condition(condition))
                })?,
                Some("function") => {
                    self.lexer.take()?;
                    let name = self.name()?;
                    if self.lexer.peek()? == Token::Op("(") {
                        self.lexer.take()?;
                        self.lexer.take()?;
                    }
                    self.newlines()?;
                    return Ok(Command::Function(name, Rc::new(self.command()?)));
                }
                Some(text) if KEYWORDS.contains(&text) && text != "in" => return Err(unexpected(&token)),
                _ => return self.simple(),
            },
            Token::Redirect(..) => return self.simple(),
            _ => return Err(unexpected(&token)),
        };
        let mut redirects = Vec::new();
        while let Token::Redirect(..) = self.lexer.peek()? {
            redirects.push(self.redirect()?);
        }
        Ok(Command::Compound(compound, redirects))
    }

    fn after<T>(&mut self, read: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        self.lexer.take()?;
        read(self)
    }

    pub(super) fn name(&mut self) -> Parsed<Rc<str>> {
        match self.lexer.take()? {
            Token::Word(word) if word.plain().is_some() => Ok(word.plain().unwrap_or_default().into()),
            token => Err(unexpected(&token)),
        }
    }

    fn simple(&mut self) -> Parsed<Command> {
        let mut simple = Simple { line: self.lexer.line(), ..Simple::default() };
        loop {
            match self.lexer.peek()? {
                Token::Redirect(..) => simple.redirects.push(self.redirect()?),
                Token::Word(word) => {
                    self.lexer.take()?;
                    if simple.words.is_empty()
                        && let Some(assign) = self.assignment(&word)?
                    {
                        simple.assigns.push(assign);
                    } else {
                        Rc::make_mut(&mut simple.words).push(word);
                    }
                }
                Token::Op("(") if simple.assigns.is_empty() && simple.words.len() == 1 => {
                    let Some(name) = simple.words[0].plain() else { return Err(unexpected(&Token::Op("("))) };
                    let name: Rc<str> = name.into();
                    self.lexer.take()?;
                    let close = self.lexer.take()?;
                    if close != Token::Op(")") {
                        return Err(unexpected(&close));
                    }
                    self.newlines()?;
                    return Ok(Command::Function(name, Rc::new(self.command()?)));
                }
                token if simple.words.is_empty() && simple.assigns.is_empty() && simple.redirects.is_empty() => {
                    return Err(unexpected(&token));
                }
                _ => return Ok(Command::Simple(simple)),
            }
        }
    }

    /// Reads `word` as `name=value`, `name+=value`, `name[index]=value` or `name=(...)`.
    fn assignment(&mut self, word: &Word) -> Parsed<Option<Assign>> {
        let Some(Part::Text(first)) = word.parts.first() else { return Ok(None) };
        let name_end = first.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(first.len());
        let (name, rest) = first.split_at(name_end);
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
            return Ok(None);
        }
        let mut parts = word.parts[1..].to_vec();
        let mut index = None;
        if let Some(rest) = rest.strip_prefix('[') {
            // The index may itself have parts: `a[$i]=x` is Text("a["), Parameter, Text("]=x").
            let mut inside = Word::default();
            let mut text: Rc<str> = rest.into();
            loop {
                if let Some(at) = text.find(']') {
                    inside.parts.push(Part::Text(text[..at].into()));
                    parts.insert(0, Part::Text(text[at + 1..].into()));
                    break;
                }
                inside.parts.push(Part::Text(text));
                while matches!(parts.first(), Some(part) if !matches!(part, Part::Text(_))) {
                    inside.parts.push(parts.remove(0));
                }
                let Some(Part::Text(next)) = parts.first().cloned() else { return Ok(None) };
                parts.remove(0);
                text = next;
            }
            index = Some(inside);
        } else {
            parts.insert(0, Part::Text(rest.into()));
        }
        let Some(Part::Text(head)) = parts.first().cloned() else { return Ok(None) };
        let (append, value) = match (head.strip_prefix("+="), head.strip_prefix('=')) {
            (Some(value), _) => (true, value),
            (None, Some(value)) => (false, value),
            _ => return Ok(None),
        };
        if value.is_empty() {
            parts.remove(0);
        } else {
            parts[0] = Part::Text(value.into());
        }
        let name: Rc<str> = name.into();
        if parts.is_empty() && index.is_none() && self.lexer.adjacent("(") {
            self.lexer.take()?;
            let mut words = Vec::new();
            loop {
                match self.lexer.take()? {
                    Token::Word(word) => words.push(word),
                    Token::Newline => {}
                    Token::Op(")") => break,
                    token => return Err(unexpected(&token)),
                }
            }
            return Ok(Some(Assign { name, index, append, value: AssignValue::Array(Rc::new(words)) }));
        }
        Ok(Some(Assign { name, index, append, value: AssignValue::Word(Word { parts }) }))
    }

    fn redirect(&mut self) -> Parsed<Redirect> {
        let Token::Redirect(fd, op) = self.lexer.take()? else { return Err(unexpected(&Token::End)) };
        let kind = match op {
            "<" => RedirectKind::Read,
            ">" => RedirectKind::Write,
            ">|" => RedirectKind::Clobber,
            ">>" => RedirectKind::Append,
            "<>" => RedirectKind::ReadWrite,
            "<&" => RedirectKind::CopyIn,
            ">&" => RedirectKind::CopyOut,
            "&>" => RedirectKind::BothWrite,
            "&>>" => RedirectKind::BothAppend,
            _ => RedirectKind::Here,
        };
        let target = match self.lexer.take()? {
            Token::Word(word) => word,
            token => return Err(unexpected(&token)),
        };
        let target = match op {
            "<<" | "<<-" => self.lexer.here_document(&target, op == "<<-")?,
            "<<<" => {
                let mut target = target;
                target.parts.push(Part::Quoted("\n".into()));
                target
            }
            _ => target,
        };
        Ok(Redirect { fd, kind, target })
    }
}
