//! Loops that do nothing but count, or nothing at all: all their turns at once, in the time that a machine takes for them.
//!
//! `while [ $i -lt 20000 ]; do i=$((i+1)); done` has no other effect than its last turn's. What is left to count is
//! reckoned; a turn costs what it costs busybox, not the [`MICROS_PER_STEP`] of everything else.

use std::rc::Rc;

use super::ast::*;
use super::interp::Interp;
use super::process::{Context, MICROS_PER_STEP};

/// Nanoseconds that busybox takes for a command of its own.
const COMMAND_NANOS: u64 = 700;

/// What a turn adds to a variable, and whether its status is that of the number before or after (`((i++))`), or 0.
struct Change {
    name: Rc<str>,
    by: i64,
    status: Option<bool>,
}

/// Two numbers being compared: texts as they stand in the script.
struct Compare {
    left: String,
    /// `-lt` and its like.
    operator: &'static str,
    right: String,
}

const OPERATORS: [(&str, &str); 6] =
    [("<=", "-le"), (">=", "-ge"), ("==", "-eq"), ("!=", "-ne"), ("<", "-lt"), (">", "-gt")];

/// Makes as many turns of a loop at once as time allows; whether it made any. The condition is to be looked at next.
pub fn turn(shell: &mut Interp, cx: &mut Context, until: bool, condition: &List, body: &List) -> bool {
    let (Some(changes), Some(compare)) = (changes(body), compare(condition)) else { return false };
    let strict = shell.options.exit_on_error && changes.iter().any(|change| change.status.is_some());
    let own = |name: &str| shell.functions.contains_key(name);
    if shell.options.trace || strict || !cx.me().pending.is_empty() || ["[", ":", "true", "test"].into_iter().any(own) {
        return false;
    }
    let cost = COMMAND_NANOS * (1 + body.items.len() as u64);
    let most = cx.table.left * MICROS_PER_STEP * 1000 / cost;
    let wanted = match compare {
        None if until => 0,
        None => u64::MAX,
        Some(compare) => match remaining(shell, until, &compare, &changes) {
            Some(turns) => turns,
            None => return false,
        },
    };
    let turns = wanted.min(most);
    let Some(values) = after(shell, &changes, turns).filter(|_| turns > 0) else { return false };
    shell.status = 0;
    for (change, (before, value)) in changes.iter().zip(values) {
        if shell.set(&change.name, &value.to_string()).is_err() {
            return false;
        }
        let told = change.status.map(|late| if late { value } else { before });
        shell.status = i32::from(told == Some(0));
    }
    cx.table.charge((turns * cost).div_ceil(MICROS_PER_STEP * 1000));
    true
}

/// The values after the last turn, each with what it was one turn before.
fn after(shell: &Interp, changes: &[Change], turns: u64) -> Option<Vec<(i64, i64)>> {
    let turns = i64::try_from(turns).ok()?;
    let of = |change: &Change| {
        let value = change.by.checked_mul(turns).and_then(|sum| sum.checked_add(number(shell, &change.name)?))?;
        Some((value - change.by, value))
    };
    changes.iter().map(of).collect()
}

/// A variable's number; an unset one is 0.
fn number(shell: &Interp, name: &str) -> Option<i64> {
    match shell.vars.get(name) {
        None => Some(0),
        Some(variable) if variable.readonly || variable.list.is_some() => None,
        Some(variable) => plain_number(&variable.value),
    }
}

fn plain_number(text: &str) -> Option<i64> {
    let value: i64 = text.parse().ok()?;
    (value.to_string() == text).then_some(value)
}

/// How many turns the loop still makes.
fn remaining(shell: &Interp, until: bool, compare: &Compare, changes: &[Change]) -> Option<u64> {
    let side = |text: &str| -> Option<(i128, i128)> {
        let Some(name) = text.strip_prefix('$') else { return Some((plain_number(text)?.into(), 0)) };
        // An unset one is no number for `[`.
        shell.vars.get(name)?;
        let by = changes.iter().filter(|c| &*c.name == name).map(|c| i128::from(c.by)).sum();
        Some((number(shell, name)?.into(), by))
    };
    let (left, right) = (side(&compare.left)?, side(&compare.right)?);
    let (distance, by) = (left.0 - right.0, left.1 - right.1);
    let goes_on = match (compare.operator, until) {
        ("-lt", false) | ("-ge", true) => below(distance, by),
        ("-le", false) | ("-gt", true) => below(distance - 1, by),
        ("-gt", false) | ("-le", true) => below(-distance, -by),
        ("-ge", false) | ("-lt", true) => below(-distance - 1, -by),
        ("-ne", false) | ("-eq", true) => match (distance, by) {
            (0, _) => Some(0),
            (distance, by) if by != 0 && distance % by == 0 && distance / by < 0 => Some(-distance / by),
            _ => None,
        },
        _ => Some(i128::from(distance == 0)),
    };
    Some(goes_on.map_or(u64::MAX, |turns| u64::try_from(turns).unwrap_or(u64::MAX)))
}

/// How many turns a number that grows by `by` stays below 0; `None`: for ever.
fn below(distance: i128, by: i128) -> Option<i128> {
    match (distance, by) {
        (d, _) if d >= 0 => Some(0),
        (_, by) if by <= 0 => None,
        (d, by) => Some((-d + by - 1) / by),
    }
}

/// The only command of an item.
pub(super) fn only(item: &Item) -> Option<&Command> {
    match item.links.as_slice() {
        [(_, Pipeline { negated: false, commands })] if commands.len() == 1 && !item.background => Some(&commands[0]),
        _ => None,
    }
}

/// The condition: `None` if it is no such loop, `Some(None)` if it is always true.
fn compare(condition: &List) -> Option<Option<Compare>> {
    let [item] = condition.items.as_slice() else { return None };
    match only(item)? {
        Command::Compound(Compound::Arithmetic(word), redirects) if redirects.is_empty() => {
            let text = text(word)?;
            let (sign, operator) = OPERATORS.into_iter().find(|(sign, _)| text.contains(sign))?;
            let (left, right) = text.split_once(sign)?;
            Some(Some(Compare { left: operand(left)?, operator, right: operand(right)? }))
        }
        Command::Simple(simple) if simple.assigns.is_empty() && simple.redirects.is_empty() => {
            let words: Vec<String> = simple.words.iter().map(text).collect::<Option<_>>()?;
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let (left, operator, right) = match words.as_slice() {
                ["true" | ":"] => return Some(None),
                ["[", left, operator, right, "]"] | ["test", left, operator, right] => (left, operator, right),
                _ => return None,
            };
            let (_, operator) = OPERATORS.into_iter().find(|(_, known)| known == operator)?;
            Some(Some(Compare { left: left.to_string(), operator, right: right.to_string() }))
        }
        _ => None,
    }
}

/// A side of a comparison in `(( ))`: a name is a variable there, with or without its sign.
fn operand(text: &str) -> Option<String> {
    let text = text.trim();
    let plain = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') && !text.is_empty();
    match text.strip_prefix('$').unwrap_or(text) {
        number if plain_number(number).is_some() => Some(number.into()),
        name if plain(name) && !name.starts_with(|c: char| c.is_ascii_digit()) => Some(format!("${name}")),
        _ => None,
    }
}

/// What a turn changes, if all that it does is to count; no variable twice.
fn changes(body: &List) -> Option<Vec<Change>> {
    let mut all: Vec<Change> = vec![];
    for item in &body.items {
        let change = match only(item)? {
            Command::Compound(Compound::Arithmetic(word), redirects) if redirects.is_empty() => {
                let text = text(word)?;
                let late = !text.trim_end().ends_with(['+', '-']);
                Some(Change { status: Some(late), ..assigned(&text)? })
            }
            Command::Simple(simple) if simple.redirects.is_empty() => of_simple(simple)?,
            _ => return None,
        };
        if let Some(change) = change {
            if all.iter().any(|known| known.name == change.name) {
                return None;
            }
            all.push(change);
        }
    }
    // Only the last one's status is asked for; another command after it would set it anew.
    if let Some(Command::Simple(_)) = body.items.last().and_then(only) {
        all.iter_mut().for_each(|change| change.status = None);
    }
    Some(all)
}

/// `i=$((i+1))`, `:`, `: $((i+=1))`; `None` if it is something else, `Some(None)` if it does nothing.
fn of_simple(simple: &Simple) -> Option<Option<Change>> {
    let words: Vec<String> = simple.words.iter().map(text).collect::<Option<_>>()?;
    let inner = |text: &str| text.strip_prefix("$((")?.strip_suffix("))").map(str::to_string);
    match (words.as_slice(), simple.assigns.as_slice()) {
        ([word], []) if word == ":" || word == "true" => Some(None),
        ([word, counting], []) if word == ":" => assigned(&inner(counting)?).map(Some),
        ([], [Assign { name, index: None, append: false, value: AssignValue::Word(value) }]) => {
            let text = inner(&text(value)?)?;
            let sign = text.find(['+', '-'])?;
            let (left, right) = (text[..sign].trim(), text[sign + 1..].trim());
            let by = plain_number(right)?;
            let by = if text.as_bytes()[sign] == b'+' { by } else { -by };
            (left.strip_prefix('$').unwrap_or(left) == &**name)
                .then(|| Some(Change { name: name.clone(), by, status: None }))
        }
        _ => None,
    }
}

/// `i++`, `--i`, `i+=2`.
fn assigned(text: &str) -> Option<Change> {
    let text = text.trim();
    let change = |name: &str, by: i64| {
        let name = operand(name)?;
        let name = name.strip_prefix('$')?;
        Some(Change { name: name.into(), by, status: None })
    };
    for (sign, by) in [("++", 1), ("--", -1)] {
        if let Some(name) = text.strip_suffix(sign).or_else(|| text.strip_prefix(sign)) {
            return change(name, by);
        }
    }
    let (name, by) = text
        .split_once("+=")
        .map(|pair| (pair, 1))
        .or_else(|| text.split_once("-=").map(|pair| (pair, -1)))
        .map(|((name, n), sign)| (name, plain_number(n.trim()).map(|n| n * sign)))?;
    change(name, by?)
}

/// A word as it stands in the script, if it holds nothing but text, plain variables and arithmetic.
fn text(word: &Word) -> Option<String> {
    let part = |part: &Part| match part {
        Part::Text(text) | Part::Quoted(text) if !text.contains('$') => Some(text.to_string()),
        Part::Parameter(parameter, _) => match &**parameter {
            Parameter { name, index: None, op: Op::Value, indirect: false } => Some(format!("${name}")),
            _ => None,
        },
        Part::Arithmetic(word, _) => Some(format!("$(({}))", text(word)?)),
        _ => None,
    };
    word.parts.iter().map(part).collect()
}
