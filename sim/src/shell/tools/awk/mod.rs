//! awk: patterns, fields, variables, arrays, control flow and the usual functions.
//!
//! Not done: user functions, `getline`, output to files and pipes. Numbers have six places after the point.

mod lex;
mod parse;
mod run;
mod split;

use std::collections::BTreeMap;
use std::rc::Rc;

use super::super::process::Context;
use super::super::regex::Regex;

/// A number in millionths.
pub(super) type Number = i128;
pub(super) const ONE: Number = 1_000_000;
/// One line may take so many steps.
const STEPS: u32 = 100_000;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Pattern {
    Begin,
    End,
    Always,
    When(Expr),
    Range(Expr, Expr),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Statement {
    Expr(Expr),
    /// What is printed, and whether to standard error, where it is dropped.
    Print(Vec<Expr>),
    Printf(Vec<Expr>),
    If(Expr, Box<Statement>, Option<Box<Statement>>),
    While(Expr, Box<Statement>),
    DoWhile(Box<Statement>, Expr),
    For(Option<Box<Statement>>, Option<Expr>, Option<Box<Statement>>, Box<Statement>),
    ForIn(String, String, Box<Statement>),
    Block(Vec<Statement>),
    Delete(String, Option<Vec<Expr>>),
    Next,
    Exit(Option<Expr>),
    Break,
    Continue,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Expr {
    Number(Number),
    Text(String),
    Regex(Regex),
    Var(String),
    Element(String, Vec<Expr>),
    Field(Box<Expr>),
    Assign(Box<Expr>, &'static str, Box<Expr>),
    /// `++` and `--`: before or after, and by how much.
    Step(Box<Expr>, bool, Number),
    Unary(char, Box<Expr>),
    Binary(&'static str, Box<Expr>, Box<Expr>),
    Choice(Box<Expr>, Box<Expr>, Box<Expr>),
    In(Vec<Expr>, String),
    Call(String, Vec<Expr>),
}

/// A value: a number, a text, or a text from outside that may look like a number.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Value {
    Number(Number),
    Text(String),
    Input(String),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Awk {
    rules: Rc<Vec<(Pattern, Option<Statement>)>>,
    active: Vec<bool>,
    vars: BTreeMap<String, Value>,
    arrays: BTreeMap<String, BTreeMap<String, Value>>,
    line: String,
    fields: Vec<String>,
    exit: Option<i32>,
    ended: bool,
    steps: u32,
}

pub(super) enum Flow {
    Go,
    Break,
    Continue,
    Next,
    Exit,
}

impl Awk {
    pub fn new(cx: &mut Context, args: &[String], files: &mut Vec<String>) -> Result<Awk, String> {
        let mut vars = BTreeMap::from([
            ("FS".to_string(), Value::Text(" ".into())),
            ("OFS".into(), Value::Text(" ".into())),
            ("ORS".into(), Value::Text("\n".into())),
            ("SUBSEP".into(), Value::Text("\u{1c}".into())),
            ("NR".into(), Value::Number(0)),
            ("NF".into(), Value::Number(0)),
        ]);
        let (mut script, mut operands) = (None, Vec::new());
        let mut rest = args.iter();
        while let Some(arg) = rest.next() {
            let mut value = |flag: &str| -> Option<String> {
                let joined = arg.strip_prefix(flag)?;
                if joined.is_empty() { rest.next().cloned() } else { Some(joined.to_string()) }
            };
            if script.is_none() && operands.is_empty() && arg.starts_with('-') && arg.len() > 1 {
                if let Some(separator) = value("-F") {
                    let separator =
                        if separator == "t" { "\t".into() } else { super::print::unescape(&separator, false).0 };
                    vars.insert("FS".into(), Value::Text(separator));
                } else if let Some(assign) = value("-v") {
                    let (name, text) = assign.split_once('=').ok_or("bad -v")?;
                    vars.insert(name.into(), Value::Input(super::print::unescape(text, false).0));
                } else if let Some(path) = value("-f") {
                    let bytes = cx.file(&path).map_err(|error| format!("can't open '{path}': {error}"))?;
                    script = Some(String::from_utf8_lossy(&bytes).into_owned());
                } else if arg != "--" {
                    return Err(format!("unrecognized option: {}", arg.trim_start_matches('-')));
                }
            } else if script.is_none() {
                script = Some(arg.clone());
            } else {
                operands.push(arg.clone());
            }
        }
        *files = operands.into_iter().filter(|file| !file.contains('=')).collect();
        let environment = cx.me().env.iter().map(|(k, v)| (k.to_string(), Value::Input(v.to_string()))).collect();
        let rules = parse::parse(&script.ok_or("no program text")?)?;
        Ok(Awk {
            active: vec![false; rules.len()],
            rules: Rc::new(rules),
            vars,
            arrays: BTreeMap::from([("ENVIRON".to_string(), environment)]),
            line: String::new(),
            fields: Vec::new(),
            exit: None,
            ended: false,
            steps: 0,
        })
    }

    /// The exit code, once `exit` was reached.
    pub fn exited(&self) -> Option<i32> {
        self.exit
    }

    pub fn begin(&mut self, out: &mut String) {
        self.steps = STEPS;
        self.run_rules(|pattern| *pattern == Pattern::Begin, out);
        // With nothing but BEGIN, no input is read.
        if self.exit.is_none() && self.rules.iter().all(|(pattern, _)| *pattern == Pattern::Begin) {
            self.exit = Some(0);
        }
    }

    pub fn line(&mut self, line: &str, out: &mut String) {
        if self.exit.is_some() {
            return;
        }
        self.steps = STEPS;
        self.set_line(line.to_string());
        let number = self.number_of("NR") + ONE;
        self.vars.insert("NR".into(), Value::Number(number));
        self.vars.insert("FNR".into(), Value::Number(number));
        self.run_rules(|pattern| !matches!(pattern, Pattern::Begin | Pattern::End), out);
    }

    /// The end of all input; gives the exit code.
    pub fn end(&mut self, out: &mut String) -> i32 {
        if !self.ended {
            self.ended = true;
            self.steps = STEPS;
            let before = self.exit.take();
            self.run_rules(|pattern| *pattern == Pattern::End, out);
            self.exit = self.exit.or(before);
        }
        self.exit.unwrap_or(0)
    }
}
