//! Go templates, the small part that people use with kubectl: fields, `range`, `if`, `with`, variables, a few functions.
//!
//! Go's text/template. Not done: `define`, `block`, `template`, comparison chains, trim of user functions.

use super::jsonpath::go;
use crate::manifest::base64;
use crate::value::Value;
use std::collections::BTreeMap;

#[derive(Debug)]
enum Node {
    Text(String),
    Print(String),
    Set(String, String),
    If(String, Vec<Node>, Vec<Node>),
    With(String, Vec<Node>, Vec<Node>),
    Range(Vec<String>, String, Vec<Node>, Vec<Node>),
}

/// How deep blocks and parentheses may stand in each other.
const NESTING: usize = 64;
/// The longest text that a template may fill, in bytes.
const LONGEST: usize = 4 << 20;
/// So many nodes may be run: blocks in blocks repeat each other.
const STEPS: usize = 1_000_000;

/// The template filled with an object.
///
/// # Errors
/// What is wrong with the template.
pub fn fill(text: &str, object: &Value) -> Result<String, String> {
    let tokens = tokens(text)?;
    let (nodes, rest) = block(&tokens, 0)?;
    if !rest.is_empty() {
        return Err(format!("error parsing template {text}, template: output:1: unexpected {{{{{}}}}}", rest[0].1));
    }
    let mut filling = Filling { root: object, variables: BTreeMap::new(), out: String::new(), steps: 0 };
    filling.run(&nodes, object)?;
    Ok(filling.out)
}

/// Texts and actions (marked `true`) in turn.
fn tokens(text: &str) -> Result<Vec<(bool, String)>, String> {
    let (mut out, mut rest) = (vec![], text);
    while let Some(open) = rest.find("{{") {
        let close = rest[open..]
            .find("}}")
            .ok_or_else(|| format!("error parsing template {text}, template: output:1: unclosed action"))?
            + open;
        let (mut before, mut action) = (&rest[..open], rest[open + 2..close].trim());
        rest = &rest[close + 2..];
        if let Some(trimmed) = action.strip_prefix("- ") {
            (before, action) = (before.trim_end(), trimmed.trim());
        }
        if let Some(trimmed) = action.strip_suffix(" -") {
            (rest, action) = (rest.trim_start(), trimmed.trim());
        }
        out.push((false, before.into()));
        out.push((true, action.into()));
    }
    out.push((false, rest.into()));
    Ok(out)
}

type Tokens<'a> = &'a [(bool, String)];

fn block(mut tokens: Tokens, depth: usize) -> Result<(Vec<Node>, Tokens), String> {
    if depth > NESTING {
        return Err(format!("more than {NESTING} blocks in each other"));
    }
    let mut nodes = vec![];
    while let Some(((is_action, text), rest)) = tokens.split_first() {
        if !is_action {
            nodes.push(Node::Text(text.clone()));
            tokens = rest;
            continue;
        }
        let (word, argument) = text.split_once(' ').unwrap_or((text, ""));
        match word {
            "end" | "else" => return Ok((nodes, tokens)),
            "if" | "with" | "range" => {
                let (body, after) = block(rest, depth + 1)?;
                let (mut other, mut after) = (vec![], after);
                if after.first().is_some_and(|(_, text)| text.starts_with("else")) {
                    (other, after) = block(&after[1..], depth + 1)?;
                }
                after = after.get(1..).ok_or("unexpected EOF")?;
                nodes.push(match word {
                    "if" => Node::If(argument.into(), body, other),
                    "with" => Node::With(argument.into(), body, other),
                    _ => {
                        let (names, of) = argument.split_once(":=").unwrap_or(("", argument));
                        let names = names.split(',').map(|n| n.trim().to_string()).filter(|n| !n.is_empty()).collect();
                        Node::Range(names, of.trim().into(), body, other)
                    }
                });
                tokens = after;
            }
            _ if word.starts_with("/*") => tokens = rest,
            _ => {
                let set = text.split_once(":=").filter(|(n, _)| n.trim_start().starts_with('$'));
                nodes.push(match set {
                    Some((name, of)) => Node::Set(name.trim().into(), of.trim().into()),
                    None => Node::Print(text.clone()),
                });
                tokens = rest;
            }
        }
    }
    Ok((nodes, tokens))
}

type Variables = BTreeMap<String, Value>;

/// A template that is being filled.
struct Filling<'a> {
    root: &'a Value,
    variables: Variables,
    out: String,
    steps: usize,
}

impl Filling<'_> {
    fn run(&mut self, nodes: &[Node], dot: &Value) -> Result<(), String> {
        for node in nodes {
            self.steps += 1;
            if self.steps > STEPS || self.out.len() > LONGEST {
                return Err(format!("the template takes more than {STEPS} steps or {LONGEST} bytes"));
            }
            match node {
                Node::Text(text) => self.out.push_str(text),
                Node::Print(text) => {
                    let value = pipeline(text, dot, self.root, &self.variables, 0)?;
                    self.out.push_str(&value.map_or("<no value>".into(), |v| go(&v)));
                }
                Node::Set(name, of) => {
                    let value = self.value(of, dot)?;
                    self.variables.insert(name.clone(), value);
                }
                Node::If(condition, body, other) => {
                    let yes = truth(&self.value(condition, dot)?);
                    self.run(if yes { body } else { other }, dot)?;
                }
                Node::With(of, body, other) => {
                    let value = self.value(of, dot)?;
                    if truth(&value) { self.run(body, &value)? } else { self.run(other, dot)? }
                }
                Node::Range(names, of, body, other) => {
                    let entries = entries(&self.value(of, dot)?);
                    if entries.is_empty() {
                        self.run(other, dot)?;
                    }
                    for (key, value) in entries {
                        self.name(names, key, &value);
                        self.run(body, &value)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// What a pipeline comes to; "no value" is null.
    fn value(&self, text: &str, dot: &Value) -> Result<Value, String> {
        Ok(pipeline(text, dot, self.root, &self.variables, 0)?.unwrap_or_default())
    }

    /// The variables of a `range` for one of its entries.
    fn name(&mut self, names: &[String], key: Value, value: &Value) {
        match names {
            [one] => _ = self.variables.insert(one.clone(), value.clone()),
            [first, second, ..] => {
                self.variables.insert(first.clone(), key);
                self.variables.insert(second.clone(), value.clone());
            }
            [] => {}
        }
    }
}

/// What `range` goes through.
fn entries(value: &Value) -> Vec<(Value, Value)> {
    match value {
        Value::List(l) => l.iter().enumerate().map(|(i, v)| (Value::Int(i as i64), v.clone())).collect(),
        Value::Map(m) => m.iter().map(|(k, v)| (Value::Str(k.clone()), v.clone())).collect(),
        _ => vec![],
    }
}

fn truth(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(b) => *b,
        Value::Int(n) => *n != 0,
        Value::Number(_) => true,
        Value::Str(s) => !s.is_empty(),
        Value::List(l) => !l.is_empty(),
        Value::Map(m) => !m.is_empty(),
    }
}

/// `a | f | g`; `None` is "no value".
fn pipeline(
    text: &str,
    dot: &Value,
    root: &Value,
    variables: &Variables,
    depth: usize,
) -> Result<Option<Value>, String> {
    if depth > NESTING {
        return Err(format!("more than {NESTING} parentheses in each other"));
    }
    let mut value: Option<Option<Value>> = None;
    for part in split(text, '|') {
        let words = split(part.trim(), ' ');
        let mut arguments = vec![];
        for word in words.iter().skip(1) {
            arguments.push(operand(word, dot, root, variables, depth)?);
        }
        if let Some(before) = value.take() {
            arguments.push(before);
        }
        let first = words.first().map_or("", |w| w.as_str());
        value = Some(
            if first.starts_with(|c: char| c.is_ascii_lowercase()) && !matches!(first, "true" | "false" | "nil") {
                call(first, &arguments)?
            } else {
                operand(first, dot, root, variables, depth)?
            },
        );
    }
    Ok(value.flatten())
}

/// Cuts outside quotes and parentheses.
fn split(text: &str, at: char) -> Vec<String> {
    let (mut out, mut word, mut quote, mut depth) = (vec![], String::new(), None, 0);
    let mut escaped = false;
    for c in text.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quote == Some('"') => escaped = true,
            '"' | '`' if quote.is_none() => quote = Some(c),
            c if quote == Some(c) => quote = None,
            '(' if quote.is_none() => depth += 1,
            ')' if quote.is_none() => depth -= 1,
            c if c == at && quote.is_none() && depth == 0 => {
                if !word.is_empty() {
                    out.push(std::mem::take(&mut word));
                }
                continue;
            }
            _ => {}
        }
        word.push(c);
    }
    if !word.is_empty() {
        out.push(word);
    }
    out
}

fn operand(
    word: &str,
    dot: &Value,
    root: &Value,
    variables: &Variables,
    depth: usize,
) -> Result<Option<Value>, String> {
    if let Some(inner) = word.strip_prefix('(') {
        let (inner, fields) = inner.rsplit_once(')').unwrap_or((inner, ""));
        let value = pipeline(inner, dot, root, variables, depth + 1)?;
        return Ok(value.and_then(|v| fields_of(&v, fields)));
    }
    if word.starts_with('"') {
        let read = crate::manifest::read(&format!("{{\"v\":{word}}}"));
        return Ok(read.documents.first().map(|d| d.value.get("v").clone()));
    }
    if let Some(raw) = word.strip_prefix('`') {
        return Ok(Some(Value::from(raw.trim_end_matches('`'))));
    }
    if let Some(rest) = word.strip_prefix('$') {
        let (name, fields) = rest.find('.').map_or((rest, ""), |i| rest.split_at(i));
        let start = if name.is_empty() { Some(root) } else { variables.get(&format!("${name}")) };
        let start = start.ok_or_else(|| format!("undefined variable \"${name}\""))?;
        return Ok(fields_of(start, fields));
    }
    if word.starts_with('.') {
        return Ok(fields_of(dot, word));
    }
    Ok(match word {
        "true" => Some(Value::Bool(true)),
        "false" => Some(Value::Bool(false)),
        "nil" => None,
        _ => Some(word.parse().map_or_else(|_| Value::from(word), Value::Int)),
    })
}

fn fields_of(value: &Value, fields: &str) -> Option<Value> {
    let mut found = value.clone();
    for name in fields.split('.').filter(|n| !n.is_empty()) {
        found = found.as_map()?.get(name)?.clone();
    }
    Some(found)
}

fn call(name: &str, arguments: &[Option<Value>]) -> Result<Option<Value>, String> {
    let at = |i: usize| arguments.get(i).cloned().flatten().unwrap_or_default();
    let text = |i: usize| go(&at(i));
    let order = || super::jsonpath::compare(&at(0), &at(1));
    let least = match name {
        "eq" | "ne" | "lt" | "le" | "gt" | "ge" => 2,
        "and" | "or" | "not" | "len" | "index" | "printf" | "base64decode" => 1,
        _ => 0,
    };
    if arguments.len() < least {
        return Err(format!("wrong number of args for {name}: want at least {least} got {}", arguments.len()));
    }
    Ok(Some(match name {
        "len" => Value::Int(match at(0) {
            Value::Map(m) => m.len() as i64,
            Value::List(l) => l.len() as i64,
            other => go(&other).len() as i64,
        }),
        "index" => {
            let mut value = at(0);
            for i in 1..arguments.len() {
                value = match (&value, at(i)) {
                    (Value::List(l), Value::Int(n)) => {
                        let item = usize::try_from(n).ok().and_then(|n| l.get(n));
                        item.cloned()
                            .ok_or_else(|| "error calling index: reflect: slice index out of range".to_string())?
                    }
                    (_, key) => value.get(&go(&key)).clone(),
                };
            }
            value
        }
        "eq" => Value::Bool(arguments[1..].contains(&arguments[0])),
        "ne" => Value::Bool(at(0) != at(1)),
        "lt" => Value::Bool(order().is_lt()),
        "le" => Value::Bool(order().is_le()),
        "gt" => Value::Bool(order().is_gt()),
        "ge" => Value::Bool(order().is_ge()),
        "not" => Value::Bool(!truth(&at(0))),
        "and" => arguments.iter().flatten().find(|v| !truth(v)).cloned().unwrap_or_else(|| at(arguments.len() - 1)),
        "or" => arguments.iter().flatten().find(|v| truth(v)).cloned().unwrap_or_else(|| at(arguments.len() - 1)),
        "print" | "println" => {
            let end = if name == "println" { "\n" } else { "" };
            Value::from((0..arguments.len()).map(text).collect::<Vec<_>>().join(" ") + end)
        }
        "printf" => Value::from(formatted(&text(0), &(1..arguments.len()).map(text).collect::<Vec<_>>())),
        "base64decode" => {
            let bytes = base64::decode(&text(0))
                .map_err(|at| format!("error calling base64decode: illegal base64 data at input byte {at}"))?;
            Value::from(String::from_utf8_lossy(&bytes).into_owned())
        }
        _ => return Err(format!("function \"{name}\" not defined")),
    }))
}

fn formatted(format: &str, arguments: &[String]) -> String {
    let (mut out, mut chars, mut next) = (String::new(), format.chars(), arguments.iter());
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let mut spec = String::new();
        let letter = loop {
            match chars.next() {
                Some(c) if c.is_ascii_digit() || "-+. ".contains(c) => spec.push(c),
                other => break other,
            }
        };
        match letter {
            Some('%') => out.push('%'),
            Some(letter) => {
                let value = next.next().cloned().unwrap_or_default();
                let value = if letter == 'q' { format!("{value:?}") } else { value };
                let width: usize = spec.trim_start_matches(['-', '+']).parse().unwrap_or(0).min(1000);
                out.push_str(&if spec.starts_with('-') {
                    format!("{value:<width$}")
                } else {
                    format!("{value:>width$}")
                });
            }
            None => {}
        }
    }
    out
}
