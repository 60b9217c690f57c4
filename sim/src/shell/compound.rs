//! POSIX.1-2024, Shell Command Language, 2.9.4: the compound commands behind their first words.

use std::rc::Rc;

use super::ast::*;
use super::lex::Token;
use super::parse::{Parsed, Parser, SyntaxError, unexpected};

impl Parser<'_> {
    pub(super) fn if_command(&mut self) -> Parsed<Compound> {
        let mut arms = Vec::new();
        loop {
            let (condition, _) = self.body(&["then"])?;
            let (body, end) = self.body(&["elif", "else", "fi"])?;
            arms.push((condition, body));
            match end {
                "elif" => {}
                "else" => {
                    let otherwise = Some(self.body(&["fi"])?.0);
                    return Ok(Compound::If { arms, otherwise });
                }
                _ => return Ok(Compound::If { arms, otherwise: None }),
            }
        }
    }

    pub(super) fn loop_command(&mut self, until: bool) -> Parsed<Compound> {
        let (condition, _) = self.body(&["do"])?;
        let (body, _) = self.body(&["done"])?;
        Ok(Compound::Loop { until, condition, body })
    }

    pub(super) fn for_command(&mut self) -> Parsed<Compound> {
        if self.lexer.peek()? == Token::Op("(") && self.lexer.take_double_paren() {
            let [first, condition, next] = self.lexer.arithmetic_triple()?;
            if self.lexer.peek()? == Token::Op(";") {
                self.lexer.take()?;
            }
            self.newlines()?;
            self.expect("do")?;
            let (body, _) = self.body(&["done"])?;
            return Ok(Compound::Count { first, condition, next, body });
        }
        let name = self.name().map_err(|_| SyntaxError("syntax error: bad for loop variable".into()))?;
        self.newlines()?;
        let mut words = None;
        if self.keyword("in")? {
            let mut list = Vec::new();
            while let Token::Word(word) = self.lexer.peek()? {
                self.lexer.take()?;
                list.push(word);
            }
            words = Some(Rc::new(list));
        }
        match self.lexer.peek()? {
            Token::Op(";") | Token::Newline => {
                self.lexer.take()?;
            }
            Token::Word(_) => {}
            token => return Err(unexpected(&token)),
        }
        self.newlines()?;
        self.expect("do")?;
        let (body, _) = self.body(&["done"])?;
        Ok(Compound::For { name, words, body })
    }

    pub(super) fn case_command(&mut self) -> Parsed<Compound> {
        let word = match self.lexer.take()? {
            Token::Word(word) => word,
            token => return Err(unexpected(&token)),
        };
        self.newlines()?;
        self.expect("in")?;
        let mut arms = Vec::new();
        loop {
            self.newlines()?;
            if self.keyword("esac")? {
                return Ok(Compound::Case { word, arms });
            }
            if self.lexer.peek()? == Token::Op("(") {
                self.lexer.take()?;
            }
            let mut patterns = Vec::new();
            loop {
                match self.lexer.take()? {
                    Token::Word(pattern) => patterns.push(pattern),
                    token => return Err(unexpected(&token)),
                }
                match self.lexer.take()? {
                    Token::Op("|") => {}
                    Token::Op(")") => break,
                    token => return Err(unexpected(&token)),
                }
            }
            let body = Rc::new(self.list()?);
            let end = self.lexer.peek()?;
            if let Token::Op(";;" | ";&") = end {
                self.lexer.take()?;
            }
            arms.push(CaseArm { patterns, body, falls_through: end == Token::Op(";&") });
            if !matches!(end, Token::Op(";;" | ";&")) {
                self.newlines()?;
                self.expect("esac")?;
                return Ok(Compound::Case { word, arms });
            }
        }
    }
}
