//! POSIX.1-2024, `test`; bash, `[[ ]]`.

use std::rc::Rc;

use super::ast::{Condition, Word};
use super::files::{Kind, Links, Node, allowed};
use super::host::Flavor;
use super::interp::{Interp, Variable};
use super::pattern;
use super::process::Context;
use super::regex::Regex;

/// `test` and `[` (without the closing bracket): the exit code, and what is wrong with the expression.
pub fn test(cx: &mut Context, args: &[String]) -> Result<bool, String> {
    let mut reader = Test { cx, args, at: 0, depth: 0 };
    if args.is_empty() {
        return Ok(false);
    }
    let value = reader.or()?;
    match args.get(reader.at) {
        Some(_) if reader.cx.host.flavor() == Flavor::Debian && args.len() > reader.at + 1 => {
            Err(format!("{}: unexpected operator", args[reader.at.max(1) - 1 + usize::from(reader.at > 1)]))
        }
        Some(rest) => Err(format!("{rest}: unknown operand")),
        None => Ok(value),
    }
}

struct Test<'a, 'c> {
    cx: &'a mut Context<'c>,
    args: &'a [String],
    at: usize,
    depth: usize,
}

impl Test<'_, '_> {
    fn peek(&self, ahead: usize) -> Option<&str> {
        self.args.get(self.at + ahead).map(String::as_str)
    }

    fn or(&mut self) -> Result<bool, String> {
        let mut value = self.and()?;
        while self.peek(0) == Some("-o") {
            self.at += 1;
            value |= self.and()?;
        }
        Ok(value)
    }

    fn and(&mut self) -> Result<bool, String> {
        let mut value = self.not()?;
        while self.peek(0) == Some("-a") {
            self.at += 1;
            value &= self.not()?;
        }
        Ok(value)
    }

    fn not(&mut self) -> Result<bool, String> {
        let mut negated = false;
        while self.peek(0) == Some("!") && self.peek(1).is_some() && !self.peek(1).is_some_and(is_binary) {
            negated = !negated;
            self.at += 1;
        }
        Ok(self.primary()? != negated)
    }

    fn primary(&mut self) -> Result<bool, String> {
        let Some(first) = self.peek(0).map(str::to_string) else { return Err("argument expected".into()) };
        if let (Some(op), Some(right)) = (self.peek(1).map(str::to_string), self.peek(2).map(str::to_string))
            && is_binary(&op)
        {
            self.at += 3;
            return binary(self.cx, &first, &op, &right);
        }
        if first == "(" && self.peek(1).is_some() {
            self.depth += 1;
            if self.depth > 50 {
                return Err("too many arguments".into());
            }
            self.at += 1;
            let value = self.or()?;
            if self.peek(0) != Some(")") {
                return Err("closing paren expected".into());
            }
            self.at += 1;
            return Ok(value);
        }
        if is_unary(&first)
            && let Some(operand) = self.peek(1).map(str::to_string)
        {
            self.at += 2;
            return unary(self.cx, &first, &operand);
        }
        if let Some(op) = self.peek(1).filter(|op| is_binary(op)) {
            return Err(format!("{op}: argument expected"));
        }
        self.at += 1;
        Ok(!first.is_empty())
    }
}

fn is_binary(op: &str) -> bool {
    matches!(
        op,
        "=" | "==" | "!=" | "<" | ">" | "=~" | "-eq" | "-ne" | "-lt" | "-le" | "-gt" | "-ge" | "-nt" | "-ot" | "-ef"
    )
}

fn is_unary(op: &str) -> bool {
    op.len() == 2 && op.starts_with('-') && "bcdefghkLnOGprsStuwxzv".contains(&op[1..])
}

fn integer(cx: &Context, text: &str) -> Result<i64, String> {
    text.trim().parse().map_err(|_| match cx.host.flavor() {
        Flavor::Busybox if text.is_empty() => "bad number".into(),
        Flavor::Busybox => format!("{text}: bad number"),
        Flavor::Debian => format!("Illegal number: {text}"),
        Flavor::Bash => format!("{text}: integer expression expected"),
    })
}

fn binary(cx: &mut Context, left: &str, op: &str, right: &str) -> Result<bool, String> {
    Ok(match op {
        "=" | "==" => left == right,
        "!=" => left != right,
        "<" => left < right,
        ">" => left > right,
        "-eq" => integer(cx, left)? == integer(cx, right)?,
        "-ne" => integer(cx, left)? != integer(cx, right)?,
        "-lt" => integer(cx, left)? < integer(cx, right)?,
        "-le" => integer(cx, left)? <= integer(cx, right)?,
        "-gt" => integer(cx, left)? > integer(cx, right)?,
        "-ge" => integer(cx, left)? >= integer(cx, right)?,
        _ => {
            // For bash a file is newer than one that is not there.
            let lone = cx.host.flavor() == Flavor::Bash;
            let cwd = cx.cwd();
            let fs = cx.fs();
            let time = |path: &str| fs.stat(&cwd, path, Links::Follow).ok().map(|node| node.changed);
            let place = |path: &str| fs.resolve(&cwd, path, Links::Follow).ok();
            match op {
                "-nt" if lone => time(left) > time(right),
                "-ot" if lone => time(left) < time(right),
                "-nt" | "-ot" if time(left).is_none() || time(right).is_none() => false,
                "-nt" => time(left) > time(right),
                "-ot" => time(left) < time(right),
                _ => time(left).is_some() && place(left) == place(right),
            }
        }
    })
}

fn unary(cx: &mut Context, op: &str, operand: &str) -> Result<bool, String> {
    match op {
        "-n" => return Ok(!operand.is_empty()),
        "-z" => return Ok(operand.is_empty()),
        "-t" => return Ok(operand.parse().is_ok_and(|fd| cx.is_terminal(fd))),
        _ => {}
    }
    let links = if matches!(op, "-h" | "-L") { Links::Keep } else { Links::Follow };
    let (cwd, creds) = (cx.cwd(), cx.creds());
    let fs = cx.fs();
    let Ok(node) = fs.stat(&cwd, operand, links) else { return Ok(false) };
    let node: &Node = node;
    Ok(match op {
        "-d" => node.is_folder(),
        "-f" => matches!(node.kind, Kind::File(_) | Kind::Program(_)),
        "-h" | "-L" => matches!(node.kind, Kind::Link(_)),
        "-c" => matches!(node.kind, Kind::Device(_)),
        "-s" => node.size() > 0,
        "-r" => allowed(node, &creds, 4),
        "-w" => allowed(node, &creds, 2),
        "-x" => allowed(node, &creds, 1),
        "-O" => node.uid == creds.uid,
        "-G" => node.gid == creds.gid,
        "-k" => node.mode & 0o1000 != 0,
        "-g" => node.mode & 0o2000 != 0,
        "-u" => node.mode & 0o4000 != 0,
        "-b" | "-p" | "-S" => false,
        _ => true,
    })
}

/// All words of a `[[ ]]`, in the order in which they are expanded.
pub fn words(condition: &Condition) -> Vec<Word> {
    match condition {
        Condition::Words(words) => words.clone(),
        Condition::Not(inner) => words(inner),
        Condition::And(left, right) | Condition::Or(left, right) => [words(left), words(right)].concat(),
    }
}

/// Evaluates a `[[ ]]` whose words were expanded, two texts each: as they are and as patterns. Gives the exit code.
pub fn evaluate(shell: &mut Interp, cx: &mut Context, condition: &Condition, expanded: &[String]) -> i32 {
    let mut at = 0;
    match value(shell, cx, condition, expanded, &mut at) {
        Ok(value) => i32::from(!value),
        Err(text) => {
            shell.complain(cx, text);
            2
        }
    }
}

fn value(
    shell: &mut Interp,
    cx: &mut Context,
    condition: &Condition,
    expanded: &[String],
    at: &mut usize,
) -> Result<bool, String> {
    match condition {
        Condition::Not(inner) => Ok(!value(shell, cx, inner, expanded, at)?),
        Condition::And(left, right) => {
            let left = value(shell, cx, left, expanded, at)?;
            Ok(value(shell, cx, right, expanded, at)? && left)
        }
        Condition::Or(left, right) => {
            let left = value(shell, cx, left, expanded, at)?;
            Ok(value(shell, cx, right, expanded, at)? || left)
        }
        Condition::Words(words) => {
            let pairs = &expanded[*at..*at + 2 * words.len()];
            *at += 2 * words.len();
            let text = |i: usize| pairs[2 * i].as_str();
            match words.len() {
                1 => Ok(!text(0).is_empty()),
                2 if text(0) == "-v" => Ok(shell.vars.contains_key(text(1))),
                2 if is_unary(text(0)) => unary(cx, text(0), text(1)),
                3 => match text(1) {
                    "=" | "==" => Ok(pattern::matches(&pairs[5], text(0))),
                    "!=" => Ok(!pattern::matches(&pairs[5], text(0))),
                    "=~" => regex(shell, text(0), text(2)),
                    "-eq" | "-ne" | "-lt" | "-le" | "-gt" | "-ge" => {
                        let (left, right) = (shell.arithmetic(cx, text(0))?, shell.arithmetic(cx, text(2))?);
                        binary(cx, &left.to_string(), text(1), &right.to_string())
                    }
                    op if is_binary(op) => binary(cx, text(0), op, text(2)),
                    op => Err(format!("conditional binary operator expected near `{op}'")),
                },
                _ => Err("syntax error in conditional expression".into()),
            }
        }
    }
}

fn regex(shell: &mut Interp, text: &str, pattern: &str) -> Result<bool, String> {
    let regex = Regex::new(pattern, true, false)?;
    let chars: Vec<char> = text.chars().collect();
    let Some(captures) = regex.find(&chars, 0) else { return Ok(false) };
    let list: Vec<Rc<str>> = captures
        .iter()
        .map(|c| c.map_or(String::new(), |(from, to)| chars[from..to].iter().collect()).into())
        .collect();
    let variable = Variable { value: list[0].clone(), list: Some(Rc::new(list)), ..Variable::default() };
    Rc::make_mut(&mut shell.vars).insert("BASH_REMATCH".into(), variable);
    Ok(true)
}
