//! JSONPath templates as kubectl reads them: `{.items[*].metadata.name}`, `{range .items[?(@.x=="y")]}...{end}`.
//!
//! Kubernetes 1.36: staging/src/k8s.io/client-go/util/jsonpath. Not done: regular expressions, `in`.

use crate::manifest::write::json;
use crate::value::Value;
use std::cell::Cell;
use std::cmp::Ordering;

/// A template: texts and paths, some of them repeated.
#[derive(Debug)]
pub struct Template(Vec<Piece>);

#[derive(Debug)]
enum Piece {
    Text(String),
    Path(Path),
    Range(Path, Vec<Piece>),
}

type Path = Vec<Step>;

#[derive(Debug, PartialEq)]
enum Step {
    Field(String),
    Wild,
    /// From, to (exclusive), each if given, and the step; and whether it was one index.
    Slice(Option<i64>, Option<i64>, i64, bool),
    Union(Vec<Path>),
    Filter(Path, Option<(&'static str, Path)>),
    Recursive,
    Literal(Value),
    Root,
}

/// Deeper than this no value is followed.
const DEEPEST: usize = 200;
/// How deep conditions may stand in each other.
const NESTING: usize = 32;
/// So many values may be gone through for a template, and so many bytes filled: each `..` and each condition multiplies.
const VALUES: usize = 1_000_000;
const LONGEST: usize = 4 << 20;

impl Template {
    /// # Errors
    /// What is wrong with the template (`unclosed action`).
    pub fn parse(text: &str) -> Result<Template, String> {
        let mut stack: Vec<(Option<Path>, Vec<Piece>)> = vec![(None, vec![])];
        let mut rest = text;
        while let Some(open) = rest.find('{') {
            if open > 0 {
                last(&mut stack).push(Piece::Text(rest[..open].into()));
            }
            let close = end_of_action(&rest[open + 1..]).ok_or("unclosed action")?;
            let action = rest[open + 1..open + 1 + close].trim();
            rest = &rest[open + close + 2..];
            if let Some(path) = action.strip_prefix("range ") {
                stack.push((Some(path_of(path, 0)?), vec![]));
            } else if action == "end" {
                if let Some((Some(path), body)) = (stack.len() > 1).then(|| stack.pop()).flatten() {
                    last(&mut stack).push(Piece::Range(path, body));
                }
            } else {
                last(&mut stack).push(Piece::Path(path_of(action, 0)?));
            }
        }
        if !rest.is_empty() {
            last(&mut stack).push(Piece::Text(rest.into()));
        }
        while stack.len() > 1 {
            if let Some((Some(path), body)) = stack.pop() {
                last(&mut stack).push(Piece::Range(path, body));
            }
        }
        Ok(Template(stack.pop().map(|(_, p)| p).unwrap_or_default()))
    }

    /// A bare path such as `.metadata.name`, with or without braces, as columns and sorting take it.
    pub fn relaxed(text: &str) -> Result<Template, String> {
        let inner = text.strip_prefix('{').and_then(|t| t.strip_suffix('}')).unwrap_or(text);
        let inner = if inner.starts_with(['.', '[', '$']) { inner.to_string() } else { format!(".{inner}") };
        Ok(Template(vec![Piece::Path(path_of(&inner, 0)?)]))
    }

    /// The text for an object.
    pub fn fill(&self, object: &Value) -> Result<String, String> {
        let mut out = String::new();
        fill(&self.0, object, &Ground::new(object), &mut out)?;
        Ok(out)
    }

    /// The values that the paths find.
    pub fn values(&self, object: &Value) -> Result<Vec<Value>, String> {
        let (mut out, ground) = (vec![], Ground::new(object));
        for piece in &self.0 {
            if let Piece::Path(path) = piece {
                out.extend(walk(path, vec![object.clone()], &ground)?);
            }
        }
        Ok(out)
    }
}

/// The object that `$` stands for, and how much of it has been gone through.
struct Ground<'a> {
    root: &'a Value,
    work: Cell<usize>,
}

impl Ground<'_> {
    fn new(root: &Value) -> Ground<'_> {
        Ground { root, work: Cell::new(0) }
    }
    fn spend(&self, values: usize) -> Result<(), String> {
        self.work.set(self.work.get() + values);
        if self.work.get() > VALUES { Err(format!("the paths go through more than {VALUES} values")) } else { Ok(()) }
    }
}

fn last(stack: &mut [(Option<Path>, Vec<Piece>)]) -> &mut Vec<Piece> {
    &mut stack.last_mut().expect("the outermost block is never closed").1
}

fn fill(pieces: &[Piece], object: &Value, ground: &Ground, out: &mut String) -> Result<(), String> {
    for piece in pieces {
        if out.len() > LONGEST {
            return Err(format!("the template fills more than {LONGEST} bytes"));
        }
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Path(path) => {
                let found = walk(path, vec![object.clone()], ground)?;
                out.push_str(&found.iter().map(text_of).collect::<Vec<_>>().join(" "));
            }
            Piece::Range(path, body) => {
                for item in walk(path, vec![object.clone()], ground)? {
                    fill(body, &item, ground, out)?;
                }
            }
        }
    }
    Ok(())
}

/// A value as it is printed.
pub fn text_of(value: &Value) -> String {
    match value {
        Value::Map(_) | Value::List(_) => json(value, 0),
        Value::Null => "null".into(),
        _ => super::table::plain(value),
    }
}

/// Where the action that has just been opened closes.
fn end_of_action(text: &str) -> Option<usize> {
    let (mut quote, mut escaped) = (None, false);
    for (i, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '\'' | '"' if quote.is_none() => quote = Some(c),
            c if quote == Some(c) => quote = None,
            '}' if quote.is_none() => return Some(i),
            _ => {}
        }
    }
    None
}

fn path_of(text: &str, depth: usize) -> Result<Path, String> {
    if depth > NESTING {
        return Err(format!("more than {NESTING} conditions in each other"));
    }
    let (mut steps, mut rest) = (vec![], text.trim());
    while !rest.is_empty() {
        let first = rest.chars().next().unwrap_or(' ');
        match first {
            '$' => {
                steps.push(Step::Root);
                rest = &rest[1..];
            }
            '@' | ' ' => rest = &rest[1..],
            '.' if rest.starts_with("..") => {
                steps.push(Step::Recursive);
                rest = if rest[2..].starts_with(['[', '.']) { &rest[2..] } else { &rest[1..] };
            }
            '.' => rest = field(&rest[1..], &mut steps),
            '[' => {
                let close = end_of_bracket(rest).ok_or("unterminated array")?;
                steps.push(bracket(rest[1..close].trim(), depth)?);
                rest = &rest[close + 1..];
            }
            '"' | '\'' => {
                let close = rest[1..].find(first).ok_or("unterminated quoted string")? + 1;
                steps.push(Step::Literal(Value::from(unescaped(&rest[1..close]))));
                rest = &rest[close + 1..];
            }
            '-' | '0'..='9' => {
                let end = rest[1..].find(|c: char| !c.is_ascii_digit() && c != '.').map_or(rest.len(), |e| e + 1);
                let number = &rest[..end];
                steps.push(Step::Literal(number.parse().map_or(Value::Number(number.into()), Value::Int)));
                rest = &rest[end..];
            }
            _ => {
                let end = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
                steps.push(match &rest[..end] {
                    "true" => Step::Literal(Value::Bool(true)),
                    "false" => Step::Literal(Value::Bool(false)),
                    "" => return Err(format!("unrecognized character in action: U+{:04X} '{first}'", first as u32)),
                    word => return Err(format!("unrecognized identifier {word}")),
                });
                rest = &rest[end..];
            }
        }
    }
    Ok(steps)
}

/// Reads a field's name, and gives what comes after it.
fn field<'a>(text: &'a str, steps: &mut Path) -> &'a str {
    let (mut name, mut chars) = (String::new(), text.char_indices());
    let mut end = text.len();
    while let Some((i, c)) = chars.next() {
        match c {
            '\\' => name.extend(chars.next().map(|(_, c)| c)),
            '.' | '[' | ']' | ' ' | '|' | ',' | '=' | '<' | '>' | '!' | ')' | '$' | '@' => {
                end = i;
                break;
            }
            c => name.push(c),
        }
    }
    if name == "*" {
        steps.push(Step::Wild);
    } else if !name.is_empty() {
        steps.push(Step::Field(name));
    }
    &text[end..]
}

fn unescaped(text: &str) -> String {
    let (mut out, mut chars) = (String::new(), text.chars());
    while let Some(c) = chars.next() {
        match (c, c == '\\') {
            (_, true) => match chars.next() {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some('r') => out.push('\r'),
                Some(other) => out.push(other),
                None => out.push('\\'),
            },
            (c, _) => out.push(c),
        }
    }
    out
}

fn end_of_bracket(text: &str) -> Option<usize> {
    let (mut quote, mut depth) = (None, 0);
    for (i, c) in text.char_indices() {
        match c {
            '\'' | '"' if quote.is_none() => quote = Some(c),
            c if quote == Some(c) => quote = None,
            '[' if quote.is_none() => depth += 1,
            ']' if quote.is_none() => {
                depth -= 1;
                if depth == 0 {
                    return Some(i);
                }
            }
            _ => {}
        }
    }
    None
}

/// What stands in brackets.
fn bracket(text: &str, depth: usize) -> Result<Step, String> {
    if text == "*" {
        return Ok(Step::Wild);
    }
    if let Some(condition) = text.strip_prefix("?(").and_then(|t| t.strip_suffix(')')) {
        return filter(condition, depth + 1);
    }
    if text.starts_with(['\'', '"']) || text.contains(',') {
        let mut paths = vec![];
        for part in text.split(',').map(str::trim) {
            let name = part.trim_matches(['\'', '"']);
            let step = match name.parse::<i64>() {
                Ok(n) if name == part => Step::Slice(Some(n), None, 1, true),
                _ => Step::Field(name.into()),
            };
            paths.push(vec![step]);
        }
        return Ok(if paths.len() == 1 { paths.remove(0).remove(0) } else { Step::Union(paths) });
    }
    let invalid = || format!("invalid array index {text}");
    let number = |t: &str| if t.is_empty() { Ok(None) } else { t.parse::<i64>().map(Some).map_err(|_| invalid()) };
    let parts: Vec<&str> = text.split(':').map(str::trim).collect();
    match parts.as_slice() {
        [one] => Ok(Step::Slice(Some(number(one)?.ok_or_else(invalid)?), None, 1, true)),
        [from, to] => Ok(Step::Slice(number(from)?, number(to)?, 1, false)),
        [from, to, by] => Ok(Step::Slice(number(from)?, number(to)?, number(by)?.unwrap_or(1).max(1), false)),
        _ => Err(invalid()),
    }
}

fn filter(condition: &str, depth: usize) -> Result<Step, String> {
    let mut quote = None;
    for (i, c) in condition.char_indices() {
        match c {
            '\'' | '"' if quote.is_none() => quote = Some(c),
            c if quote == Some(c) => quote = None,
            _ if quote.is_none() => {
                let sign = ["==", "!=", "<=", ">=", "<", ">"].into_iter().find(|s| condition[i..].starts_with(s));
                if let Some(sign) = sign {
                    let (left, right) =
                        (path_of(&condition[..i], depth)?, path_of(&condition[i + sign.len()..], depth)?);
                    return Ok(Step::Filter(left, Some((sign, right))));
                }
            }
            _ => {}
        }
    }
    Ok(Step::Filter(path_of(condition, depth)?, None))
}

fn walk(path: &[Step], mut values: Vec<Value>, ground: &Ground) -> Result<Vec<Value>, String> {
    for step in path {
        let mut out = vec![];
        if let Step::Literal(value) = step {
            values = vec![value.clone()];
            continue;
        }
        for value in &values {
            let before = out.len();
            follow(step, value, ground, &mut out)?;
            ground.spend(out.len() - before + 1)?;
        }
        values = out;
    }
    Ok(values)
}

fn follow(step: &Step, value: &Value, ground: &Ground, out: &mut Vec<Value>) -> Result<(), String> {
    match step {
        Step::Root => out.push(ground.root.clone()),
        Step::Field(name) => out.extend(value.as_map().and_then(|m| m.get(name)).cloned()),
        Step::Wild => out.extend(children(value)),
        Step::Recursive => descend(value, out, 0),
        Step::Union(paths) => {
            for path in paths {
                out.extend(walk(path, vec![value.clone()], ground)?);
            }
        }
        Step::Filter(left, right) => {
            for item in value.items() {
                if passes(item, left, right.as_ref(), ground)? {
                    out.push(item.clone());
                }
            }
        }
        Step::Slice(from, to, by, one) => {
            let Some(list) = value.as_list() else {
                return if value.is_null() { Ok(()) } else { Err(format!("{} is not array or slice", go(value))) };
            };
            let length = list.len() as i64;
            let wrap = |n: i64| if n < 0 { n.saturating_add(length) } else { n };
            let start = wrap(from.unwrap_or(0));
            let end = if *one { start.saturating_add(1) } else { to.map_or(length, wrap) };
            let beyond = |n: i64| Err(format!("array index out of bounds: index {n}, length {length}"));
            if start != end {
                if start >= length || start < 0 {
                    return beyond(start);
                }
                if end > length || end < 0 {
                    return beyond(end.saturating_sub(1));
                }
                if start > end {
                    return Err(format!("starting index {start} is greater than ending index {end}"));
                }
                out.extend(
                    list[start as usize..end as usize]
                        .iter()
                        .step_by(usize::try_from(*by).unwrap_or(usize::MAX))
                        .cloned(),
                );
            }
        }
        Step::Literal(_) => {}
    }
    Ok(())
}

fn children(value: &Value) -> Vec<Value> {
    match value {
        Value::List(items) => items.to_vec(),
        Value::Map(map) => map.iter().map(|(_, v)| v.clone()).collect(),
        _ => vec![],
    }
}

fn descend(value: &Value, out: &mut Vec<Value>, depth: usize) {
    out.push(value.clone());
    if depth < DEEPEST {
        for child in children(value) {
            if matches!(child, Value::List(_) | Value::Map(_)) {
                descend(&child, out, depth + 1);
            }
        }
    }
}

fn passes(item: &Value, left: &Path, right: Option<&(&'static str, Path)>, ground: &Ground) -> Result<bool, String> {
    let a = walk(left, vec![item.clone()], ground)?;
    let Some((sign, right)) = right else { return Ok(!a.is_empty()) };
    let b = walk(right, vec![item.clone()], ground)?;
    if a.len() > 1 || b.len() > 1 {
        return Err("can only compare one element at a time".into());
    }
    let (Some(a), Some(b)) = (a.first(), b.first()) else { return Ok(false) };
    let order = compare(a, b);
    Ok(match *sign {
        "==" => a == b,
        "!=" => a != b,
        "<" => order == Ordering::Less,
        ">" => order == Ordering::Greater,
        "<=" => order != Ordering::Greater,
        _ => order != Ordering::Less,
    })
}

/// Numbers by size, all else by text.
pub fn compare(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => a.cmp(b),
        _ => text_of(a).cmp(&text_of(b)),
    }
}

/// A value as Go prints it (`map[a:1]`).
pub fn go(value: &Value) -> String {
    match value {
        Value::Map(m) => {
            format!("map[{}]", m.iter().map(|(k, v)| format!("{k}:{}", go(v))).collect::<Vec<_>>().join(" "))
        }
        Value::List(l) => format!("[{}]", l.iter().map(go).collect::<Vec<_>>().join(" ")),
        Value::Null => "<nil>".into(),
        _ => super::table::plain(value),
    }
}

/// A value in Go's own notation.
pub fn go_syntax(value: &Value) -> String {
    match value {
        Value::Map(m) => {
            let entries = m.iter().map(|(k, v)| format!("{}:{}", go_syntax(&Value::Str(k.clone())), go_syntax(v)));
            format!("map[string]interface {{}}{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        Value::List(l) => format!("[]interface {{}}{{{}}}", l.iter().map(go_syntax).collect::<Vec<_>>().join(", ")),
        Value::Null => "interface {}(nil)".into(),
        Value::Str(s) => format!("{s:?}"),
        _ => super::table::plain(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_find_what_kubectl_finds() {
        let object = crate::manifest::read(
            r#"{"a":{"b.c":"dot","list":[{"n":"x","p":80},{"n":"y","p":90},{"n":"z"}]},"m":{"k":"v"}}"#,
        );
        let object = &object.documents[0].value;
        let check = |template: &str, expect: &str| {
            let text = Template::parse(template).and_then(|t| t.fill(object));
            assert_eq!(text.unwrap_or_else(|e| format!("error: {e}")), expect, "{template}");
        };
        check(r"{.a.b\.c}", "dot");
        check(r#"{.a.list[*].n}{"\n"}"#, "x y z\n");
        check("{.a.list[0].p} {.a.list[-1].n}", "80 z");
        check(r#"{range .a.list[*]}{.n}={.p};{end}!"#, "x=80;y=90;z=;!");
        check(r#"{.a.list[?(@.p>80)].n}"#, "y");
        check(r#"{.a.list[?(@.n=="z")]}"#, r#"{"n":"z"}"#);
        check("{.a.list[0:2].n}", "x y");
        check("{.m['k','none']}", "v");
        check("{..n}", "x y z");
        check("{.none.more}", "");
        check("{.a.list[7].n}", "error: array index out of bounds: index 7, length 3");
        check("{.a", "error: unclosed action");
        check("{.m}", r#"{"k":"v"}"#);
    }
}
