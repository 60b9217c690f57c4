//! POSIX.1-2024, Shell Command Language, 2.6.2: parameter expansion, with bash's slices, replacements and arrays.

use std::rc::Rc;

use super::ast::{Op, Parameter, Word};
use super::expand::{Expander, Stop};
use super::pattern;

/// What a parameter gives.
pub enum Value {
    Unset,
    One(String),
    /// `$@` and arrays: a field each.
    Many(Vec<String>),
    /// The word of `${x:-word}`, still to be expanded.
    Word(Word),
}

pub fn expand(ex: &mut Expander, parameter: &Parameter) -> Result<Value, Stop> {
    if !is_known(ex, parameter) {
        return Err(Stop::Error(ex.shell.worded(ex.cx, "syntax error: bad substitution")));
    }
    let name: Rc<str> = if parameter.indirect {
        match lookup(ex, &parameter.name) {
            Value::One(name) => name.into(),
            _ => return Ok(Value::Unset),
        }
    } else {
        parameter.name.clone()
    };
    let value = match &parameter.index {
        Some(index) => element(ex, &name, index)?,
        None => lookup(ex, &name),
    };
    operate(ex, &name, value, &parameter.op)
}

/// Whether the shell has such an expansion: some are bash's alone, and dash has none but POSIX'.
fn is_known(ex: &Expander, parameter: &Parameter) -> bool {
    let own = parameter.indirect || parameter.index.is_some() || matches!(parameter.op, Op::Case { .. });
    let more = matches!(parameter.op, Op::Slice(..) | Op::Replace { .. });
    ex.shell.options.bash || !own && !(more && ex.shell.is_dash(ex.cx))
}

/// What an operator makes of a value.
fn operate(ex: &mut Expander, name: &Rc<str>, value: Value, op: &Op) -> Result<Value, Stop> {
    match op {
        Op::Value => match value {
            Value::Unset if ex.shell.options.no_unset && !matches!(&**name, "@" | "*") => Err(unset(ex, name)),
            value => Ok(value),
        },
        Op::Length => Ok(Value::One(match value {
            Value::Unset if ex.shell.options.no_unset => return Err(unset(ex, name)),
            Value::Unset => "0".into(),
            Value::One(text) => {
                let counted = ex.shell.vars.get(&**name).map_or(0, |v| v.counted);
                (text.chars().count() as u64).saturating_add(counted).to_string()
            }
            Value::Many(values) => values.len().to_string(),
            Value::Word(_) => String::new(),
        })),
        Op::Default(colon, word) => Ok(if stands(&value, *colon) { value } else { Value::Word(word.clone()) }),
        Op::Alternative(colon, word) => {
            Ok(if stands(&value, *colon) { Value::Word(word.clone()) } else { Value::Unset })
        }
        Op::Assign(colon, word) => {
            if stands(&value, *colon) {
                return Ok(value);
            }
            let text = ex.text(word)?;
            ex.shell.set(name, &text).map_err(Stop::Error)?;
            Ok(Value::One(text))
        }
        Op::Error(colon, word) => {
            if stands(&value, *colon) {
                return Ok(value);
            }
            let text = ex.text(word)?;
            let text = match (text.is_empty(), *colon) {
                (false, _) => text,
                (true, true) if ex.shell.options.bash => "parameter null or not set".into(),
                (true, true) => "parameter not set or null".into(),
                (true, false) => "parameter not set".into(),
            };
            Err(Stop::Error(format!("{name}: {text}")))
        }
        Op::CutPrefix(longest, word) => {
            let pattern = ex.pattern(word)?;
            Ok(map(value, |text| cut_prefix(text, &pattern, *longest)))
        }
        Op::CutSuffix(longest, word) => {
            let pattern = ex.pattern(word)?;
            Ok(map(value, |text| cut_suffix(text, &pattern, *longest)))
        }
        Op::Slice(offset, length) => slice(ex, value, offset, length.as_ref()),
        Op::Replace { all, pattern, with } => {
            let (pattern, with) = (ex.pattern(pattern)?, ex.text(with)?);
            Ok(map(value, |text| replace(text, &pattern, &with, *all, !ex.shell.options.bash)))
        }
        Op::Case { upper, all } => Ok(map(value, |text| {
            let turn = |c: char| if *upper { c.to_uppercase().to_string() } else { c.to_lowercase().to_string() };
            let turned = |(i, c): (usize, char)| if *all || i == 0 { turn(c) } else { c.to_string() };
            text.chars().enumerate().map(turned).collect()
        })),
    }
}

/// What `set -u` says.
fn unset(ex: &Expander, name: &str) -> Stop {
    let what = if ex.shell.options.bash { "unbound variable" } else { "parameter not set" };
    Stop::Error(format!("{name}: {what}"))
}

fn stands(value: &Value, not_empty: bool) -> bool {
    match value {
        Value::Unset => false,
        Value::One(text) => !not_empty || !text.is_empty(),
        Value::Many(values) => !values.is_empty(),
        Value::Word(_) => true,
    }
}

fn map(value: Value, change: impl Fn(&str) -> String) -> Value {
    match value {
        Value::One(text) => Value::One(change(&text)),
        Value::Many(values) => Value::Many(values.iter().map(|text| change(text)).collect()),
        other => other,
    }
}

fn lookup(ex: &mut Expander, name: &str) -> Value {
    let dash = ex.shell.is_dash(ex.cx);
    let shell = &mut *ex.shell;
    Value::One(match name {
        "?" => shell.status.to_string(),
        "$" => shell.pid.to_string(),
        "#" => shell.params.len().to_string(),
        "0" => shell.name.to_string(),
        "-" => {
            let options = &shell.options;
            let flags =
                [('e', options.exit_on_error), ('u', options.no_unset), ('x', options.trace), ('f', options.no_glob)];
            flags.into_iter().chain([('c', !dash)]).filter(|(_, on)| *on).map(|(letter, _)| letter).collect()
        }
        "!" => match shell.background {
            Some(pid) => pid.to_string(),
            None => return Value::Unset,
        },
        "@" => return Value::Many(shell.params.iter().map(|p| p.to_string()).collect()),
        "*" => {
            let separator = shell.vars.get("IFS").map_or(Some(' '), |ifs| ifs.value.chars().next());
            let between = separator.map(String::from).unwrap_or_default();
            shell.params.join(&between)
        }
        _ if name.starts_with(|c: char| c.is_ascii_digit()) => {
            let n: usize = name.parse().unwrap_or(0);
            match n.checked_sub(1).and_then(|i| shell.params.get(i)) {
                Some(param) => param.to_string(),
                None => return Value::Unset,
            }
        }
        "RANDOM" if !shell.vars.contains_key("RANDOM") => {
            shell.throws += 1;
            let started = ex.cx.host.unix_millis(ex.cx.now);
            let whom = format!("{}/{}", ex.cx.host.hostname(), shell.pid);
            (crate::dice::Dice(started).throw(&whom, &shell.throws.to_string()) % 32768).to_string()
        }
        "SECONDS" if shell.options.bash => (ex.cx.now.since(ex.cx.me().started).as_secs()).to_string(),
        "PWD" if !shell.vars.contains_key("PWD") => ex.cx.cwd().to_string(),
        "PPID" if !shell.vars.contains_key("PPID") => ex.cx.me().parent.to_string(),
        "HOSTNAME" if shell.options.bash && !shell.vars.contains_key("HOSTNAME") => ex.cx.host.hostname(),
        "LINENO" if !shell.vars.contains_key("LINENO") && !dash => {
            (shell.line + u32::from(shell.options.bash)).to_string()
        }
        _ => match shell.vars.get(name) {
            Some(variable) => {
                ex.counted = ex.counted.saturating_add(variable.counted);
                variable.value.to_string()
            }
            None => return Value::Unset,
        },
    })
}

fn element(ex: &mut Expander, name: &str, index: &Word) -> Result<Value, Stop> {
    let list = match ex.shell.vars.get(name) {
        Some(variable) => variable.list.clone().unwrap_or_else(|| Rc::new(vec![variable.value.clone()])),
        None => return Ok(Value::Unset),
    };
    if matches!(index.plain(), Some("@" | "*")) || *index == Word::quoted("@") || *index == Word::quoted("*") {
        return Ok(Value::Many(list.iter().map(|v| v.to_string()).collect()));
    }
    let text = ex.text(index)?;
    let n = ex.shell.arithmetic(ex.cx, &text).map_err(Stop::Error)?;
    let n = if n < 0 { n + list.len() as i64 } else { n };
    Ok(match usize::try_from(n).ok().and_then(|n| list.get(n)) {
        Some(value) => Value::One(value.to_string()),
        None => Value::Unset,
    })
}

fn slice(ex: &mut Expander, value: Value, offset: &Word, length: Option<&Word>) -> Result<Value, Stop> {
    let number = |ex: &mut Expander, word: &Word| -> Result<i64, Stop> {
        let text = ex.text(word)?;
        if text.trim().is_empty() { Ok(0) } else { ex.shell.arithmetic(ex.cx, &text).map_err(Stop::Error) }
    };
    let offset = number(ex, offset)?;
    let length = length.map(|word| number(ex, word)).transpose()?;
    let range = |count: usize| {
        let count = count as i64;
        let start = if offset < 0 { (count + offset).max(0) } else { offset.min(count) };
        let end = match length {
            Some(n) if n < 0 => (count + n).max(start),
            Some(n) => start.saturating_add(n).min(count),
            None => count,
        };
        start as usize..end as usize
    };
    Ok(match value {
        Value::One(text) => {
            let chars: Vec<char> = text.chars().collect();
            Value::One(chars[range(chars.len())].iter().collect())
        }
        Value::Many(values) => Value::Many(values[range(values.len())].to_vec()),
        other => other,
    })
}

/// The places between the signs of a text.
fn cuts(text: &str) -> Vec<usize> {
    text.char_indices().map(|(i, _)| i).chain([text.len()]).collect()
}

fn cut_prefix(text: &str, pattern: &str, longest: bool) -> String {
    let mut cuts = cuts(text);
    if longest {
        cuts.reverse();
    }
    match cuts.into_iter().find(|cut| pattern::matches(pattern, &text[..*cut])) {
        Some(cut) => text[cut..].to_string(),
        None => text.to_string(),
    }
}

fn cut_suffix(text: &str, pattern: &str, longest: bool) -> String {
    let mut cuts = cuts(text);
    if !longest {
        cuts.reverse();
    }
    match cuts.into_iter().find(|cut| pattern::matches(pattern, &text[*cut..])) {
        Some(cut) => text[..cut].to_string(),
        None => text.to_string(),
    }
}

/// `plain`: busybox knows no `#` and `%` that hold a pattern to an end.
fn replace(text: &str, pattern: &str, with: &str, all: bool, plain: bool) -> String {
    let whole = pattern;
    let (anchored_start, anchored_end, pattern) = match (pattern.strip_prefix('#'), pattern.strip_prefix('%')) {
        (Some(rest), _) => (true, false, rest),
        (_, Some(rest)) => (false, true, rest),
        _ => (false, false, pattern),
    };
    let (anchored_start, anchored_end, pattern) =
        if plain { (false, false, whole) } else { (anchored_start, anchored_end, pattern) };
    // A long text is left as it is: each place of it would have to be tried against each end.
    if pattern.is_empty() || text.len() > 4096 {
        return text.to_string();
    }
    let cuts = cuts(text);
    let mut out = String::new();
    let mut i = 0;
    let mut replaced = false;
    while i < cuts.len() {
        let at = cuts[i];
        let may = (all || !replaced) && (!anchored_start || at == 0);
        let end = cuts[i..].iter().rev().find(|end| {
            may && (!anchored_end || **end == text.len()) && **end > at && pattern::matches(pattern, &text[at..**end])
        });
        if let Some(end) = end {
            out.push_str(with);
            replaced = true;
            i = cuts.iter().position(|cut| cut == end).unwrap_or(cuts.len());
            continue;
        }
        if let Some(next) = cuts.get(i + 1) {
            out.push_str(&text[at..*next]);
        }
        i += 1;
    }
    out
}
