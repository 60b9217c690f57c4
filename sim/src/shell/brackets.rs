//! bash: reading `[[ ]]`.

use super::ast::*;
use super::lex::Token;
use super::parse::{NESTING, Parsed, Parser, SyntaxError, unexpected};

impl Parser<'_> {
    pub(super) fn condition_or(&mut self) -> Parsed<Condition> {
        let mut left = self.condition_and()?;
        while self.lexer.peek()? == Token::Op("||") {
            self.lexer.take()?;
            left = Condition::Or(Box::new(left), Box::new(self.condition_and()?));
        }
        Ok(left)
    }

    pub(super) fn condition_and(&mut self) -> Parsed<Condition> {
        let mut left = self.condition_unit()?;
        while self.lexer.peek()? == Token::Op("&&") {
            self.lexer.take()?;
            left = Condition::And(Box::new(left), Box::new(self.condition_unit()?));
        }
        Ok(left)
    }

    pub(super) fn condition_unit(&mut self) -> Parsed<Condition> {
        self.lexer.depth += 1;
        if self.lexer.depth > NESTING {
            return Err(SyntaxError("syntax error: nested too deeply".into()));
        }
        self.newlines()?;
        let unit = if self.keyword("!")? {
            Condition::Not(Box::new(self.condition_unit()?))
        } else if self.lexer.peek()? == Token::Op("(") {
            self.lexer.take()?;
            let inner = self.condition_or()?;
            match self.lexer.take()? {
                Token::Op(")") => inner,
                token => return Err(unexpected(&token)),
            }
        } else {
            Condition::Words(self.condition_words()?)
        };
        self.newlines()?;
        self.lexer.depth -= 1;
        Ok(unit)
    }

    pub(super) fn condition_words(&mut self) -> Parsed<Vec<Word>> {
        let mut words = Vec::new();
        loop {
            match self.lexer.peek()? {
                Token::Word(word) if word.plain() == Some("]]") => break,
                Token::Word(word) => {
                    self.lexer.take()?;
                    let regex = word.plain() == Some("=~");
                    words.push(word);
                    if regex {
                        words.push(self.lexer.regex_word()?);
                    }
                }
                Token::Redirect(None, op @ ("<" | ">")) => {
                    self.lexer.take()?;
                    words.push(Word { parts: vec![Part::Text(op.into())] });
                }
                _ => break,
            }
        }
        if words.is_empty() { Err(unexpected(&self.lexer.peek()?)) } else { Ok(words) }
    }
}
