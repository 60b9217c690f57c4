//! sed's script.

use super::super::super::regex::Regex;
use super::{Address, Command, Line};

pub(super) struct Reader {
    pub text: Vec<char>,
    pub at: usize,
    pub extended: bool,
}

impl Reader {
    fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    fn skip(&mut self, what: &[char]) {
        while self.peek().is_some_and(|c| what.contains(&c)) {
            self.at += 1;
        }
    }

    /// Commands up to the end, or to the `}` of a block.
    pub fn script(&mut self, depth: usize) -> Result<Vec<Line>, String> {
        let mut lines = Vec::new();
        loop {
            self.skip(&[' ', '\t', '\n', ';']);
            let Some(c) = self.peek() else {
                return if depth == 0 { Ok(lines) } else { Err("unterminated {".into()) };
            };
            if c == '}' {
                self.at += 1;
                return if depth > 0 { Ok(lines) } else { Err("unexpected }".into()) };
            }
            if c == '#' {
                while self.peek().is_some_and(|c| c != '\n') {
                    self.at += 1;
                }
                continue;
            }
            let from = self.address()?;
            let mut to = None;
            self.skip(&[' ']);
            if self.peek() == Some(',') && from.is_some() {
                self.at += 1;
                self.skip(&[' ']);
                to = Some(self.address()?.ok_or("unexpected ','")?);
            }
            self.skip(&[' ']);
            let negated = self.peek() == Some('!');
            if negated {
                self.at += 1;
                self.skip(&[' ']);
            }
            let name = self.peek().ok_or("missing command")?;
            self.at += 1;
            if name == '{' {
                if depth > 20 {
                    return Err("nested too deeply".into());
                }
                let inner = self.script(depth + 1)?;
                let block = inner.len();
                lines.push(Line { from, to, negated, command: Command::Block, active: None, block });
                lines.extend(inner);
                continue;
            }
            let command = self.command(name)?;
            lines.push(Line { from, to, negated, command, active: None, block: 0 });
        }
    }

    fn address(&mut self) -> Result<Option<Address>, String> {
        match self.peek() {
            Some(c) if c.is_ascii_digit() => {
                let first = self.number();
                if self.peek() == Some('~') {
                    self.at += 1;
                    return Ok(Some(Address::Every(first, self.number())));
                }
                Ok(Some(Address::Line(first)))
            }
            Some('+') => {
                self.at += 1;
                Ok(Some(Address::More(self.number())))
            }
            Some('$') => {
                self.at += 1;
                Ok(Some(Address::Last))
            }
            Some(c @ ('/' | '\\')) => {
                self.at += 1;
                let mark = if c == '\\' {
                    self.at += 1;
                    self.text.get(self.at - 1).copied().unwrap_or('/')
                } else {
                    '/'
                };
                let pattern = self.until(mark, true)?;
                let fold = self.peek() == Some('I');
                self.at += usize::from(fold);
                Ok(Some(Address::Match(Regex::new(&pattern, self.extended, fold)?)))
            }
            _ => Ok(None),
        }
    }

    /// The text before one of these signs.
    fn word(&mut self, ends: &[char]) -> String {
        let start = self.at;
        while self.peek().is_some_and(|c| !ends.contains(&c)) {
            self.at += 1;
        }
        self.text[start..self.at].iter().collect()
    }

    fn number(&mut self) -> u64 {
        let start = self.at;
        while self.peek().is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
        }
        self.text[start..self.at].iter().collect::<String>().parse().unwrap_or(0)
    }

    /// The text up to an unescaped `mark`, which is taken.
    fn until(&mut self, mark: char, pattern: bool) -> Result<String, String> {
        let mut out = String::new();
        let mut bracket = false;
        while let Some(c) = self.peek() {
            self.at += 1;
            match c {
                '\\' if self.peek() == Some(mark) => {
                    self.at += 1;
                    out.push(mark);
                }
                '\\' => {
                    out.push(c);
                    out.extend(self.peek());
                    self.at += 1;
                }
                '[' if pattern => {
                    bracket = true;
                    out.push(c);
                }
                ']' if pattern => {
                    bracket = false;
                    out.push(c);
                }
                _ if c == mark && !bracket => return Ok(out),
                _ => out.push(c),
            }
        }
        Err(if pattern { "unterminated address regex" } else { "unterminated `s' command" }.into())
    }

    fn command(&mut self, name: char) -> Result<Command, String> {
        match name {
            's' => {
                let mark = self.peek().ok_or("unterminated `s' command")?;
                self.at += 1;
                let pattern = self.until(mark, true).map_err(|_| "unterminated `s' command")?;
                let with = self.until(mark, false)?;
                let (mut global, mut nth, mut print, mut fold) = (false, 1, false, false);
                while let Some(flag) = self.peek() {
                    match flag {
                        'g' => global = true,
                        'p' => print = true,
                        'i' | 'I' => fold = true,
                        '1'..='9' => {
                            nth = self.number() as usize;
                            continue;
                        }
                        _ => break,
                    }
                    self.at += 1;
                }
                let regex = Regex::new(&pattern, self.extended, fold)?;
                Ok(Command::Substitute { regex, with, global, nth, print })
            }
            'y' => {
                let mark = self.peek().ok_or("unterminated `y' command")?;
                self.at += 1;
                let from: Vec<char> = self.until(mark, false)?.chars().collect();
                let to: Vec<char> = self.until(mark, false)?.chars().collect();
                if from.len() != to.len() {
                    return Err("strings for `y' command are different lengths".into());
                }
                Ok(Command::Translate(from, to))
            }
            'a' | 'i' | 'c' => {
                self.skip(&[' ', '\t']);
                if self.peek() == Some('\\') {
                    self.at += 1;
                    self.skip(&['\n']);
                }
                let mut text = String::new();
                while let Some(c) = self.peek().filter(|c| *c != '\n') {
                    self.at += 1;
                    if c == '\\' && self.peek().is_some() {
                        text.extend(self.peek());
                        self.at += 1;
                    } else {
                        text.push(c);
                    }
                }
                Ok(Command::Text(name, text))
            }
            ':' | 'b' | 't' | 'T' => {
                self.skip(&[' ', '\t']);
                let label = self.word(&['\n', ';', '}', ' ']);
                Ok(if name == ':' { Command::Label(label) } else { Command::Branch(name, label) })
            }
            'r' => {
                self.skip(&[' ', '\t']);
                Ok(Command::Text('r', self.word(&['\n'])))
            }
            'd' | 'p' | 'P' | 'q' | '=' | 'n' | 'N' | 'g' | 'G' | 'h' | 'H' | 'x' | 'D' => Ok(Command::Plain(name)),
            other => Err(format!("unsupported command {other}")),
        }
    }
}
