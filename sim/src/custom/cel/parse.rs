//! CEL expressions as trees. Macros are written out here, as the real parser does.
//!
//! cel-spec: doc/langdef.md (Syntax, Macros)

use super::Fault;
use super::RESERVED;
use super::lex::{Token, lex};
use super::value::Val;
use crate::custom::number::Decimal;
use std::rc::Rc;

/// So deep may expressions stand in one another, and so deep may the tree be.
const DEEPEST: usize = 50;
const DEEPEST_TREE: usize = 250;
/// Words of one expression.
const LONGEST: usize = 5000;

/// A part of an expression, and where it stands: the place of its operator, in characters.
#[derive(Clone, Debug)]
pub struct Expr {
    pub at: usize,
    pub kind: Kind,
}

#[derive(Clone, Debug)]
pub enum Kind {
    Const(Val),
    Name(Rc<str>),
    /// `a.b`; with `true`, `a.?b`: an optional.
    Select(Box<Expr>, Rc<str>, bool),
    /// `has(a.b)`
    Has(Box<Expr>, Rc<str>),
    /// A function or an operator (`_+_`), and what it is called on.
    Call(Rc<str>, Option<Box<Expr>>, Vec<Expr>),
    List(Vec<Expr>),
    Map(Vec<(Expr, Expr)>),
    /// A macro over the items of a list or the keys of a map, each under a name; under two names keys and values.
    Each(Each, Box<Expr>, Vec<Rc<str>>, Vec<Expr>),
    /// `cel.bind(name, value, in)`
    Bind(Rc<str>, Box<Expr>, Box<Expr>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Each {
    All,
    Exists,
    ExistsOne,
    Filter,
    /// With three arguments what the middle one lets through.
    Map,
    /// A map of the keys with other values.
    Entries,
    /// A map of the entries of maps.
    Merged,
    SortBy,
}

impl Expr {
    pub fn children(&self) -> Vec<&Expr> {
        match &self.kind {
            Kind::Const(_) | Kind::Name(_) => vec![],
            Kind::Select(of, ..) | Kind::Has(of, _) => vec![of],
            Kind::Call(_, target, arguments) => target.as_deref().into_iter().chain(arguments).collect(),
            Kind::List(items) => items.iter().collect(),
            Kind::Map(entries) => entries.iter().flat_map(|(key, value)| [key, value]).collect(),
            Kind::Each(_, over, _, arguments) => [&**over].into_iter().chain(arguments).collect(),
            Kind::Bind(_, value, inside) => vec![value, inside],
        }
    }

    /// Reckoned without recursion, which it guards.
    fn is_too_deep(&self) -> bool {
        let mut waiting = vec![(self, 0)];
        while let Some((expr, depth)) = waiting.pop() {
            if depth > DEEPEST_TREE {
                return true;
            }
            waiting.extend(expr.children().into_iter().map(|child| (child, depth + 1)));
        }
        false
    }

    /// A name with parts (`net.IP`).
    pub fn dotted(&self) -> Option<String> {
        match &self.kind {
            Kind::Name(name) => Some(name.to_string()),
            Kind::Select(of, part, false) => Some(format!("{}.{part}", of.dotted()?)),
            _ => None,
        }
    }
}

const TOO_DEEP: &str = "expression recursion limit exceeded";

/// Reads an expression.
///
/// # Errors
/// What is wrong with it, and where.
pub fn parse(text: &str) -> Result<Expr, Fault> {
    read(text, false)
}

/// Reads an expression about a device: only those know `cel.bind`.
///
/// # Errors
/// As [`parse`].
pub fn parse_of_device(text: &str) -> Result<Expr, Fault> {
    read(text, true)
}

fn read(text: &str, binds: bool) -> Result<Expr, Fault> {
    let tokens = lex(text)?;
    if tokens.len() > LONGEST {
        return Err(Fault::new(0, "expression code point size exceeds limit"));
    }
    let mut parser = Parser { tokens, next: 0, depth: 0, binds };
    let expr = parser.whole()?;
    if expr.is_too_deep() {
        return Err(Fault::new(0, TOO_DEEP));
    }
    match parser.peek() {
        Token::End => Ok(expr),
        other => {
            // One word too many is told as that.
            let last = matches!(parser.tokens.get(parser.next + 1), Some((Token::End, _)));
            let (how, shown) = (if last { "extraneous" } else { "mismatched" }, shown(other));
            Err(parser.fault(format!("Syntax error: {how} input '{shown}' expecting <EOF>")))
        }
    }
}

struct Parser {
    tokens: Vec<(Token, usize)>,
    next: usize,
    depth: usize,
    binds: bool,
}

/// Operators by how closely they bind, the loosest first.
const BINARY: [&[&str]; 5] =
    [&["||"], &["&&"], &["<", "<=", ">=", ">", "==", "!=", "in"], &["+", "-"], &["*", "/", "%"]];

fn shown(token: &Token) -> String {
    match token {
        Token::Name(name) => name.clone(),
        Token::Int(n) => n.to_string(),
        Token::Uint(n) => format!("{n}u"),
        Token::Double(text) => text.clone(),
        Token::Text(text) => format!("'{text}'"),
        Token::Bytes(_) => "b''".into(),
        Token::Sign(sign) => (*sign).into(),
        Token::End => "<EOF>".into(),
    }
}

/// A long chain of one operator as a shallow tree.
fn balanced(name: &str, operands: &mut impl Iterator<Item = Expr>, places: &[usize]) -> Expr {
    let middle = places.len() / 2;
    let Some(at) = places.get(middle) else {
        return operands.next().unwrap_or(Expr { at: 0, kind: Kind::Const(Val::Null) });
    };
    let left = balanced(name, operands, &places[..middle]);
    let right = balanced(name, operands, &places[middle + 1..]);
    call(*at, name, None, vec![left, right])
}

fn call(at: usize, name: &str, target: Option<Expr>, arguments: Vec<Expr>) -> Expr {
    Expr { at, kind: Kind::Call(name.into(), target.map(Box::new), arguments) }
}

impl Parser {
    fn peek(&self) -> &Token {
        &self.tokens[self.next].0
    }
    fn place(&self) -> usize {
        self.tokens[self.next].1
    }
    fn fault(&self, text: impl Into<String>) -> Fault {
        Fault::new(self.place(), text)
    }
    fn take(&mut self) -> Token {
        let token = self.peek().clone();
        self.next += usize::from(token != Token::End);
        token
    }
    fn sign(&mut self, sign: &str) -> bool {
        let fits = matches!(self.peek(), Token::Sign(s) if *s == sign);
        self.next += usize::from(fits);
        fits
    }
    fn needs(&mut self, sign: &str) -> Result<(), Fault> {
        if self.sign(sign) {
            return Ok(());
        }
        let (found, is_end) = (shown(self.peek()), *self.peek() == Token::End);
        if is_end && sign == ")" {
            return Err(self.fault(format!("Syntax error: missing '{sign}' at '{found}'")));
        }
        Err(self.fault(format!("Syntax error: mismatched input '{found}' expecting '{sign}'")))
    }
    fn name(&mut self) -> Result<Rc<str>, Fault> {
        match self.peek() {
            Token::Name(name) if !matches!(name.as_str(), "true" | "false" | "null" | "in") => {
                let name = name.as_str().into();
                self.next += 1;
                Ok(name)
            }
            other => Err(self.fault(format!("Syntax error: no viable alternative at input '.{}'", shown(other)))),
        }
    }

    fn whole(&mut self) -> Result<Expr, Fault> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.fault(TOO_DEEP));
        }
        let condition = self.binary(0)?;
        let at = self.place();
        let expr = if self.sign("?") {
            let yes = self.binary(0)?;
            self.needs(":")?;
            let no = self.whole()?;
            call(at, "_?_:_", None, vec![condition, yes, no])
        } else {
            condition
        };
        self.depth -= 1;
        Ok(expr)
    }

    fn binary(&mut self, level: usize) -> Result<Expr, Fault> {
        let Some(signs) = BINARY.get(level) else { return self.unary() };
        let mut left = self.binary(level + 1)?;
        if let [sign @ ("||" | "&&")] = signs {
            let (mut operands, mut places) = (vec![left], vec![]);
            while let Some(at) = Some(self.place()).filter(|_| self.sign(sign)) {
                places.push(at);
                operands.push(self.binary(level + 1)?);
            }
            return Ok(balanced(&format!("_{sign}_"), &mut operands.into_iter(), &places));
        }
        loop {
            let sign = match self.peek() {
                Token::Sign(sign) if signs.contains(sign) => *sign,
                Token::Name(name) if name == "in" && signs.contains(&"in") => "in",
                _ => return Ok(left),
            };
            let at = self.place();
            self.next += 1;
            let right = self.binary(level + 1)?;
            let name = if sign == "in" { "@in".into() } else { format!("_{sign}_") };
            left = call(at, &name, None, vec![left, right]);
        }
    }

    /// A sign before an operand, as often as it is there: twice is not at all. Whether it is there an odd number of times.
    fn repeated(&mut self, sign: &str) -> Option<bool> {
        let mut count = 0;
        while self.sign(sign) {
            count += 1;
        }
        (count > 0).then_some(count % 2 == 1)
    }

    fn unary(&mut self) -> Result<Expr, Fault> {
        let at = self.place();
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.fault(TOO_DEEP));
        }
        let expr = if let Some(is_odd) = self.repeated("!") {
            let inner = self.unary()?;
            if is_odd { call(at, "!_", None, vec![inner]) } else { inner }
        } else if let Some(is_odd) = self.repeated("-") {
            let inner = self.unary()?;
            match inner.kind {
                _ if !is_odd => inner,
                Kind::Const(Val::Int(n)) => Expr { at, kind: Kind::Const(Val::Int(n.wrapping_neg())) },
                _ => call(at, "-_", None, vec![inner]),
            }
        } else {
            let primary = self.primary()?;
            self.members(primary)?
        };
        self.depth -= 1;
        Ok(expr)
    }

    fn members(&mut self, mut expr: Expr) -> Result<Expr, Fault> {
        loop {
            let at = self.place();
            if self.sign(".") || self.sign(".?") {
                let optional = matches!(self.tokens[self.next - 1].0, Token::Sign(".?"));
                let name = self.name()?;
                let open = self.place();
                expr = if !optional && self.sign("(") {
                    let arguments = self.arguments(")")?;
                    member_call(open, expr, &name, arguments, self.binds)?
                } else {
                    Expr { at, kind: Kind::Select(Box::new(expr), unescaped(&name), optional) }
                };
            } else if self.sign("[") || self.sign("[?") {
                let optional = matches!(self.tokens[self.next - 1].0, Token::Sign("[?"));
                let index = self.whole()?;
                self.needs("]")?;
                expr = call(at, if optional { "_[?_]" } else { "_[_]" }, None, vec![expr, index]);
            } else {
                return Ok(expr);
            }
        }
    }

    fn arguments(&mut self, end: &str) -> Result<Vec<Expr>, Fault> {
        let mut out = vec![];
        while !self.sign(end) {
            if !out.is_empty() {
                self.needs(",")?;
                if self.sign(end) {
                    break;
                }
            }
            out.push(self.whole()?);
        }
        Ok(out)
    }

    fn primary(&mut self) -> Result<Expr, Fault> {
        let at = self.place();
        let constant = |value: Val| Ok(Expr { at, kind: Kind::Const(value) });
        self.sign(".");
        match self.take() {
            Token::Int(n) => constant(Val::Int(n)),
            Token::Uint(n) => constant(Val::Uint(n)),
            Token::Double(text) => match Decimal::parse(&text) {
                Some(number) => constant(Val::Double(number)),
                None => Err(Fault::new(at, "Syntax error: invalid double literal")),
            },
            Token::Text(text) => constant(Val::Str(text.into())),
            Token::Bytes(bytes) => constant(Val::Bytes(bytes.into())),
            Token::Sign("(") => {
                let inner = self.whole()?;
                self.needs(")")?;
                Ok(inner)
            }
            Token::Sign("[") => Ok(Expr { at, kind: Kind::List(self.arguments("]")?) }),
            Token::Sign("{") => {
                let mut entries = vec![];
                while !self.sign("}") {
                    if !entries.is_empty() {
                        self.needs(",")?;
                    }
                    let key = self.whole()?;
                    self.needs(":")?;
                    entries.push((key, self.whole()?));
                }
                Ok(Expr { at, kind: Kind::Map(entries) })
            }
            Token::Name(name) if name != "in" => match name.as_str() {
                "true" => constant(Val::Bool(true)),
                "false" => constant(Val::Bool(false)),
                "null" => constant(Val::Null),
                _ => {
                    let open = self.place();
                    if self.sign("(") {
                        let arguments = self.arguments(")")?;
                        return global_call(open, &name, arguments);
                    }
                    Ok(Expr { at, kind: Kind::Name(name.into()) })
                }
            },
            other => {
                const FIRST: &str = "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";
                // One word too many is told as that.
                let how = if begins(self.peek()) && other != Token::End { "extraneous" } else { "mismatched" };
                let text = format!("Syntax error: {how} input '{}' expecting {FIRST}", shown(&other));
                Err(Fault::new(at, text))
            }
        }
    }
}

/// Whether an expression may begin with a word.
fn begins(token: &Token) -> bool {
    match token {
        Token::End => false,
        Token::Name(name) => name != "in",
        Token::Sign(sign) => ["[", "{", "(", ".", "-", "!"].contains(sign),
        _ => true,
    }
}

fn global_call(at: usize, name: &str, mut arguments: Vec<Expr>) -> Result<Expr, Fault> {
    if name != "has" || arguments.len() != 1 {
        return Ok(call(at, name, None, arguments));
    }
    let argument = arguments.remove(0);
    match argument.kind {
        Kind::Select(of, field, false) => Ok(Expr { at, kind: Kind::Has(of, field) }),
        _ => Err(Fault::new(argument.at, "invalid argument to has() macro")),
    }
}

fn member_call(at: usize, target: Expr, name: &str, mut arguments: Vec<Expr>, may_bind: bool) -> Result<Expr, Fault> {
    // A macro with the names that it gives.
    let each = match (name, arguments.len()) {
        ("all", n @ (2 | 3)) => Some((Each::All, n - 1)),
        ("exists", n @ (2 | 3)) => Some((Each::Exists, n - 1)),
        ("exists_one" | "existsOne", n @ (2 | 3)) => Some((Each::ExistsOne, n - 1)),
        ("filter", 2) => Some((Each::Filter, 1)),
        ("map", 2 | 3) => Some((Each::Map, 1)),
        ("transformList", 3 | 4) => Some((Each::Map, 2)),
        ("transformMap", 3 | 4) => Some((Each::Entries, 2)),
        ("transformMapEntry", 3 | 4) => Some((Each::Merged, 2)),
        ("sortBy", 2) => Some((Each::SortBy, 1)),
        _ => None,
    };
    let is_bind = name == "bind" && arguments.len() == 3;
    let binds = may_bind && is_bind && matches!(&target.kind, Kind::Name(name) if &**name == "cel");
    if each.is_none() && !binds {
        return Ok(call(at, name, Some(target), arguments));
    }
    let inside = arguments.split_off(each.map_or(1, |(_, names)| names));
    let mut names = vec![];
    for argument in arguments {
        let Kind::Name(name) = argument.kind else {
            return Err(Fault::new(argument.at, "argument must be a simple name"));
        };
        names.push(name);
    }
    let mut inside = inside.into_iter();
    let kind = match (each, inside.next(), names.first()) {
        (Some((each, _)), first, _) => {
            Kind::Each(each, Box::new(target), names, first.into_iter().chain(inside).collect())
        }
        (None, Some(value), Some(name)) => {
            let name = name.clone();
            inside.next().map_or(Kind::List(vec![]), |rest| Kind::Bind(name, Box::new(value), Box::new(rest)))
        }
        _ => Kind::List(vec![]),
    };
    Ok(Expr { at, kind })
}

/// Names of fields that CEL could not write otherwise: `a__dash__b`.
///
/// Kubernetes 1.36: apiserver/pkg/cel/escaping.go
fn unescaped(name: &str) -> Rc<str> {
    if let Some(word) = name.strip_prefix("__").and_then(|n| n.strip_suffix("__"))
        && (RESERVED.contains(&word) || word == "_")
    {
        return word.into();
    }
    if !name.contains("__") {
        return name.into();
    }
    name.replace("__dot__", ".")
        .replace("__dash__", "-")
        .replace("__slash__", "/")
        .replace("__underscores__", "__")
        .into()
}
