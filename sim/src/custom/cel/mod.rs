//! Rules in CEL (`x-kubernetes-validations`), the Common Expression Language.
//!
//! cel-spec: doc/langdef.md; Kubernetes 1.36: apiserver/pkg/cel. Not simulated: what a rule
//! really takes while it runs (it is counted, roughly); lists that are sets or maps are compared as plain lists; entries that are optional (`[?a]`). Of functions that are missing (named formats, versions) a rule is not
//! checked, which a warning says.

mod cost;
pub mod double;
mod eval;
pub mod expression;
mod functions;
mod lex;
mod parse;
mod rules;
mod signatures;
mod sizes;
mod types;
mod value;

/// Words that are no identifiers of CEL's.
pub const RESERVED: [&str; 21] = [
    "true",
    "false",
    "null",
    "in",
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
];

pub use rules::{check, compile};

/// What is wrong with an expression, and where: a number of characters from its start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    at: usize,
    text: String,
}

impl Fault {
    fn new(at: usize, text: impl Into<String>) -> Fault {
        Fault { at, text: text.into() }
    }
    /// As cel-go tells of it: the line, and a mark below the place.
    fn told(&self, source: &str) -> String {
        let before: String = source.chars().take(self.at).collect();
        let line = before.matches('\n').count();
        let column = before.rsplit('\n').next().map_or(0, |last| last.chars().count());
        let shown = source.lines().nth(line).unwrap_or("");
        let dots = ".".repeat(column);
        format!("ERROR: <input>:{}:{}: {}\n | {shown}\n | {dots}^", line + 1, column + 1, self.text)
    }
}
