//! awk's grammar.

use super::super::super::regex::Regex;
use super::lex::{Token, tokens};
use super::{Expr, ONE, Pattern, Statement};

/// Expressions and blocks may be nested so deep.
const DEPTH: usize = 60;

pub(super) type Parsed<T> = Result<T, String>;

pub fn parse(text: &str) -> Parsed<Vec<(Pattern, Option<Statement>)>> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0, depth: 0, no_in: false };
    let mut rules = Vec::new();
    loop {
        while parser.eat(";") || parser.newline() {}
        if *parser.peek() == Token::End {
            return Ok(rules);
        }
        let pattern = match parser.peek().clone() {
            Token::Name(name) if name == "BEGIN" => parser.skip(Pattern::Begin),
            Token::Name(name) if name == "END" => parser.skip(Pattern::End),
            Token::Op("{") => Pattern::Always,
            _ => {
                let first = parser.expr()?;
                if parser.eat(",") { Pattern::Range(first, parser.expr()?) } else { Pattern::When(first) }
            }
        };
        let action = if *parser.peek() == Token::Op("{") { Some(parser.statement()?) } else { None };
        rules.push((pattern, action));
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    /// In the head of a `for`: there `in` does not test for membership.
    no_in: bool,
}

impl Parser {
    fn peek(&self) -> &Token {
        &self.tokens[self.at.min(self.tokens.len() - 1)]
    }
    fn skip<T>(&mut self, value: T) -> T {
        self.at += 1;
        value
    }
    fn eat(&mut self, op: &str) -> bool {
        let found = matches!(self.peek(), Token::Op(o) if *o == op);
        self.at += usize::from(found);
        found
    }
    fn word(&mut self, name: &str) -> bool {
        let found = matches!(self.peek(), Token::Name(n) if n == name);
        self.at += usize::from(found);
        found
    }
    fn newline(&mut self) -> bool {
        let found = *self.peek() == Token::Newline;
        self.at += usize::from(found);
        found
    }
    fn expect(&mut self, op: &str) -> Parsed<()> {
        if self.eat(op) { Ok(()) } else { Err("cmd. line:1: Unexpected token".into()) }
    }
    fn deeper(&mut self) -> Parsed<()> {
        self.depth += 1;
        if self.depth > DEPTH { Err("cmd. line:1: nested too deeply".into()) } else { Ok(()) }
    }
    fn at_end(&self) -> bool {
        matches!(self.peek(), Token::Op(";" | "}" | ">" | ">>" | "|") | Token::Newline | Token::End)
    }

    fn statement(&mut self) -> Parsed<Statement> {
        self.deeper()?;
        let statement = self.statement_inside()?;
        self.depth -= 1;
        Ok(statement)
    }

    fn statement_inside(&mut self) -> Parsed<Statement> {
        while self.newline() {}
        if self.eat("{") {
            let mut block = Vec::new();
            loop {
                while self.eat(";") || self.newline() {}
                if self.eat("}") {
                    return Ok(Statement::Block(block));
                }
                if *self.peek() == Token::End {
                    return Err("cmd. line:1: Unexpected end of string".into());
                }
                block.push(self.statement()?);
            }
        }
        let name = if let Token::Name(name) = self.peek() { name.clone() } else { String::new() };
        match name.as_str() {
            "if" => {
                self.at += 1;
                self.expect("(")?;
                let condition = self.expr()?;
                self.expect(")")?;
                let then = Box::new(self.statement()?);
                let before = self.at;
                while self.eat(";") || self.newline() {}
                if self.word("else") {
                    return Ok(Statement::If(condition, then, Some(Box::new(self.statement()?))));
                }
                self.at = before;
                Ok(Statement::If(condition, then, None))
            }
            "while" => {
                self.at += 1;
                self.expect("(")?;
                let condition = self.expr()?;
                self.expect(")")?;
                Ok(Statement::While(condition, Box::new(self.statement()?)))
            }
            "do" => {
                self.at += 1;
                let body = Box::new(self.statement()?);
                while self.eat(";") || self.newline() {}
                if !self.word("while") {
                    return Err("cmd. line:1: Unexpected token".into());
                }
                Ok(Statement::DoWhile(body, self.expr()?))
            }
            "for" => self.for_statement(),
            _ => self.simple(),
        }
    }

    fn for_statement(&mut self) -> Parsed<Statement> {
        self.at += 1;
        self.expect("(")?;
        if let [Token::Name(key), Token::Name(word), Token::Name(array), Token::Op(")"), ..] = &self.tokens[self.at..]
            && word == "in"
        {
            let (key, array) = (key.clone(), array.clone());
            self.at += 4;
            return Ok(Statement::ForIn(key, array, Box::new(self.statement()?)));
        }
        let first = if self.eat(";") {
            None
        } else {
            let first = self.simple()?;
            self.expect(";")?;
            Some(Box::new(first))
        };
        let condition = if self.eat(";") {
            None
        } else {
            let condition = self.expr()?;
            self.expect(";")?;
            Some(condition)
        };
        let next = if self.eat(")") {
            None
        } else {
            let next = self.simple()?;
            self.expect(")")?;
            Some(Box::new(next))
        };
        Ok(Statement::For(first, condition, next, Box::new(self.statement()?)))
    }

    fn simple(&mut self) -> Parsed<Statement> {
        let name = if let Token::Name(name) = self.peek() { name.clone() } else { String::new() };
        match name.as_str() {
            "print" | "printf" => {
                self.at += 1;
                // `print (a, b)` and `print (a) b`: brackets are tried as those of the list first.
                let before = self.at;
                let mut list = Vec::new();
                if self.eat("(") {
                    list.push(self.expr()?);
                    while self.eat(",") {
                        list.push(self.expr()?);
                    }
                    if !(self.eat(")") && self.at_end()) {
                        self.at = before;
                        list.clear();
                    }
                }
                if list.is_empty() && !self.at_end() {
                    list.push(self.no_greater()?);
                    while self.eat(",") {
                        list.push(self.no_greater()?);
                    }
                }
                if self.eat(">") || self.eat(">>") || self.eat("|") {
                    let target = self.primary()?;
                    if target != Expr::Text("/dev/stdout".into()) {
                        list.clear();
                        return Ok(Statement::Block(Vec::new()));
                    }
                }
                Ok(if name == "print" { Statement::Print(list) } else { Statement::Printf(list) })
            }
            "next" => Ok(self.skip(Statement::Next)),
            "break" => Ok(self.skip(Statement::Break)),
            "continue" => Ok(self.skip(Statement::Continue)),
            "exit" => {
                self.at += 1;
                Ok(Statement::Exit(if self.at_end() { None } else { Some(self.expr()?) }))
            }
            "delete" => {
                self.at += 1;
                let Token::Name(array) = self.peek().clone() else {
                    return Err("cmd. line:1: Unexpected token".into());
                };
                self.at += 1;
                let index = if self.eat("[") { Some(self.list("]")?) } else { None };
                Ok(Statement::Delete(array, index))
            }
            _ => Ok(Statement::Expr(self.expr()?)),
        }
    }

    fn list(&mut self, end: &str) -> Parsed<Vec<Expr>> {
        let mut list = Vec::new();
        if self.eat(end) {
            return Ok(list);
        }
        loop {
            while self.newline() {}
            list.push(self.expr()?);
            if !self.eat(",") {
                self.expect(end)?;
                return Ok(list);
            }
        }
    }

    /// An expression in which `>` does not compare: of `print`.
    fn no_greater(&mut self) -> Parsed<Expr> {
        let before = std::mem::replace(&mut self.no_in, false);
        let expr = self.choice(true);
        self.no_in = before;
        expr
    }

    fn expr(&mut self) -> Parsed<Expr> {
        self.choice(false)
    }

    fn choice(&mut self, printing: bool) -> Parsed<Expr> {
        self.deeper()?;
        let left = self.binary(0, printing)?;
        let made = if self.eat("?") {
            let yes = self.choice(printing)?;
            self.expect(":")?;
            let no = self.choice(printing)?;
            Expr::Choice(Box::new(left), Box::new(yes), Box::new(no))
        } else if matches!(left, Expr::Var(_) | Expr::Field(_) | Expr::Element(..)) {
            let ops = ["=", "+=", "-=", "*=", "/=", "%=", "^="];
            match ops.into_iter().find(|op| *self.peek() == Token::Op(op)) {
                Some(op) => {
                    self.at += 1;
                    Expr::Assign(Box::new(left), op, Box::new(self.choice(printing)?))
                }
                None => left,
            }
        } else {
            left
        };
        self.depth -= 1;
        Ok(made)
    }

    /// Levels: `||`, `&&`, `in`, match, compare, concatenation, sum, product.
    fn binary(&mut self, level: usize, printing: bool) -> Parsed<Expr> {
        const LEVELS: [&[&str]; 8] = [
            &["||"],
            &["&&"],
            &[],
            &["~", "!~"],
            &["<", "<=", "==", "!=", ">", ">="],
            &[],
            &["+", "-"],
            &["*", "/", "%"],
        ];
        if level == LEVELS.len() {
            return self.unary();
        }
        let mut left = self.binary(level + 1, printing)?;
        loop {
            match level {
                2 => {
                    if self.no_in || !self.word("in") {
                        return Ok(left);
                    }
                    let Token::Name(array) = self.peek().clone() else {
                        return Err("cmd. line:1: Unexpected token".into());
                    };
                    self.at += 1;
                    left = Expr::In(vec![left], array);
                }
                5 => {
                    let begins = match self.peek() {
                        Token::Number(_) | Token::Text(_) => true,
                        Token::Name(name) => name != "in",
                        Token::Op(op) => matches!(*op, "(" | "$" | "!" | "++" | "--" | "-"),
                        _ => false,
                    };
                    if !begins || matches!(self.peek(), Token::Op("-")) {
                        return Ok(left);
                    }
                    left = Expr::Binary("", Box::new(left), Box::new(self.binary(level + 1, printing)?));
                }
                _ => {
                    let found =
                        LEVELS[level].iter().find(|op| *self.peek() == Token::Op(op) && !(printing && **op == ">"));
                    let Some(op) = found else { return Ok(left) };
                    self.at += 1;
                    while self.newline() {}
                    left = Expr::Binary(op, Box::new(left), Box::new(self.binary(level + 1, printing)?));
                }
            }
        }
    }

    fn unary(&mut self) -> Parsed<Expr> {
        self.deeper()?;
        let made = if self.eat("!") {
            Expr::Unary('!', Box::new(self.unary()?))
        } else if self.eat("-") {
            Expr::Unary('-', Box::new(self.unary()?))
        } else if self.eat("+") {
            Expr::Unary('+', Box::new(self.unary()?))
        } else {
            let base = self.postfix()?;
            if self.eat("^") || self.eat("**") {
                Expr::Binary("^", Box::new(base), Box::new(self.unary()?))
            } else {
                base
            }
        };
        self.depth -= 1;
        Ok(made)
    }

    fn postfix(&mut self) -> Parsed<Expr> {
        for (op, by) in [("++", ONE), ("--", -ONE)] {
            if self.eat(op) {
                return Ok(Expr::Step(Box::new(self.primary()?), true, by));
            }
        }
        let base = self.primary()?;
        if matches!(base, Expr::Var(_) | Expr::Field(_) | Expr::Element(..)) {
            for (op, by) in [("++", ONE), ("--", -ONE)] {
                if self.eat(op) {
                    return Ok(Expr::Step(Box::new(base), false, by));
                }
            }
        }
        Ok(base)
    }

    fn primary(&mut self) -> Parsed<Expr> {
        self.deeper()?;
        let token = self.peek().clone();
        self.at += 1;
        let made = match token {
            Token::Number(n) => Expr::Number(n),
            Token::Text(text) => Expr::Text(text),
            Token::Regex(pattern) => Expr::Regex(Regex::new(&pattern, true, false)?),
            Token::Op("$") => {
                let stepped = self.postfix_of_field()?;
                Expr::Field(Box::new(stepped))
            }
            Token::Op("(") => {
                let mut list = self.list(")")?;
                if self.word("in") {
                    let Token::Name(array) = self.peek().clone() else {
                        return Err("cmd. line:1: Unexpected token".into());
                    };
                    self.at += 1;
                    Expr::In(list, array)
                } else if list.len() == 1 {
                    // Brackets keep an expression from being assigned to or joined further.
                    Expr::Binary("()", Box::new(list.remove(0)), Box::new(Expr::Number(0)))
                } else {
                    return Err("cmd. line:1: Unexpected token".into());
                }
            }
            Token::Name(name) => {
                if self.eat("[") {
                    Expr::Element(name, self.list("]")?)
                } else if self.eat("(") {
                    Expr::Call(name, self.list(")")?)
                } else if name == "length" {
                    Expr::Call(name, Vec::new())
                } else {
                    Expr::Var(name)
                }
            }
            _ => return Err("cmd. line:1: Unexpected token".into()),
        };
        self.depth -= 1;
        Ok(made)
    }

    /// What follows a `$`: `$NF`, `$1`, `$(i+1)`, `$++i`.
    fn postfix_of_field(&mut self) -> Parsed<Expr> {
        for (op, by) in [("++", ONE), ("--", -ONE)] {
            if self.eat(op) {
                return Ok(Expr::Step(Box::new(self.primary()?), true, by));
            }
        }
        if self.eat("-") {
            return Ok(Expr::Unary('-', Box::new(self.primary()?)));
        }
        self.primary()
    }
}
