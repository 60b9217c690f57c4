//! sed: s, d, p, q, =, y, a, i, c, n, N, D, P, g, G, h, H, x, with addresses, ranges and blocks.
//!
//! Not done: labels and branches, `r`, `w`, `e`.

use super::super::process::Context;
use super::super::regex::Regex;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sed {
    script: Vec<Line>,
    quiet: bool,
    /// `-i`: what the current file becomes.
    pub edited: Option<String>,
    pub quit: bool,
    number: u64,
    /// The line before the one that came last: it is worked on when it is known whether it is the last.
    waiting: Option<(String, String)>,
    space: String,
    hold: String,
    appended: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Line {
    from: Option<Address>,
    to: Option<Address>,
    negated: bool,
    command: Command,
    /// Within the range; since which line.
    active: Option<u64>,
    /// How many commands the block holds, for `{`.
    block: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Address {
    Line(u64),
    Last,
    Match(Regex),
    /// `+n` lines after the first.
    More(u64),
    /// `first~step`.
    Every(u64, u64),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Command {
    Substitute { regex: Regex, with: String, global: bool, nth: usize, print: bool },
    Translate(Vec<char>, Vec<char>),
    Text(char, String),
    Block,
    Plain(char),
}

impl Sed {
    pub fn new(cx: &mut Context, args: &[String], files: &mut Vec<String>) -> Result<Sed, String> {
        let (mut quiet, mut extended, mut in_place) = (false, false, false);
        let mut script = String::new();
        let mut given = false;
        let mut rest = args.iter();
        let mut operands = Vec::new();
        while let Some(arg) = rest.next() {
            match arg.as_str() {
                "--" => {}
                "--expression" | "-e" => {
                    given = true;
                    script.push_str(rest.next().ok_or("option requires an argument -- 'e'")?);
                    script.push('\n');
                }
                "-f" => {
                    given = true;
                    let path = rest.next().ok_or("option requires an argument -- 'f'")?;
                    let bytes = cx.file(path).map_err(|error| format!("{path}: {error}"))?;
                    script.push_str(&String::from_utf8_lossy(&bytes));
                }
                "--quiet" | "--silent" => quiet = true,
                "--regexp-extended" => extended = true,
                "--in-place" => in_place = true,
                _ if arg.len() > 1 && arg.starts_with('-') => {
                    for letter in arg.chars().skip(1) {
                        match letter {
                            'n' => quiet = true,
                            'E' | 'r' => extended = true,
                            'e' => {
                                given = true;
                                script.push_str(rest.next().ok_or("option requires an argument -- 'e'")?);
                                script.push('\n');
                            }
                            'i' => {
                                in_place = true;
                                break;
                            }
                            's' | 'u' | 'z' => {}
                            other => return Err(format!("unrecognized option: {other}")),
                        }
                    }
                }
                _ => operands.push(arg.clone()),
            }
        }
        if !given {
            if operands.is_empty() {
                return Err("no script".into());
            }
            script = operands.remove(0);
        }
        *files = operands;
        let mut reader = Reader { text: script.chars().collect(), at: 0, extended };
        let script = reader.script(0)?;
        Ok(Sed {
            script,
            quiet,
            edited: in_place.then(String::new),
            quit: false,
            number: 0,
            waiting: None,
            space: String::new(),
            hold: String::new(),
            appended: String::new(),
        })
    }

    pub fn line(&mut self, line: &str, newline: &str, out: &mut String) {
        if let Some((waiting, ended)) = self.waiting.replace((line.to_string(), newline.to_string())) {
            self.work(&waiting, &ended, false, out);
        }
    }

    /// The end of a file; `last`: of the last one.
    pub fn flush(&mut self, last: bool, out: &mut String) {
        if self.quit {
            return;
        }
        if last && let Some((waiting, ended)) = self.waiting.take() {
            self.work(&waiting, &ended, true, out);
        }
    }

    fn work(&mut self, line: &str, newline: &str, last: bool, out: &mut String) {
        if self.quit {
            return;
        }
        self.number += 1;
        if self.space.is_empty() || !self.space.ends_with('\0') {
            self.space = line.to_string();
        } else {
            // `N` had asked for this line.
            self.space.pop();
            self.space.push('\n');
            self.space.push_str(line);
        }
        let mut script = std::mem::take(&mut self.script);
        let mut at = 0;
        let mut keep = !self.quiet;
        while at < script.len() {
            let step = &mut script[at];
            at += 1;
            if step.applies(&self.space, self.number, last) == step.negated {
                at += step.block;
                continue;
            }
            match &step.command {
                Command::Block | Command::Plain('}') => {}
                Command::Substitute { regex, with, global, nth, print } => {
                    if let Some(made) = substitute(regex, &self.space, with, *global, *nth) {
                        self.space = made;
                        if *print {
                            out.push_str(&format!("{}\n", self.space));
                        }
                    }
                }
                Command::Translate(from, to) => {
                    let turn = |c: char| from.iter().position(|f| *f == c).map_or(c, |i| to[i]);
                    self.space = self.space.chars().map(turn).collect();
                }
                Command::Text('a', text) => self.appended.push_str(&format!("{text}\n")),
                Command::Text('i', text) => out.push_str(&format!("{text}\n")),
                Command::Text(_, text) => {
                    out.push_str(&format!("{text}\n"));
                    keep = false;
                    break;
                }
                Command::Plain('d') => {
                    keep = false;
                    break;
                }
                Command::Plain('p') => out.push_str(&format!("{}\n", self.space)),
                Command::Plain('P') => {
                    out.push_str(&format!("{}\n", self.space.split('\n').next().unwrap_or_default()))
                }
                Command::Plain('=') => out.push_str(&format!("{}\n", self.number)),
                Command::Plain('q') => {
                    self.quit = true;
                    break;
                }
                Command::Plain('n') if !last => {
                    if keep {
                        out.push_str(&format!("{}\n", self.space));
                    }
                    keep = false;
                    break;
                }
                Command::Plain('N') if !last => {
                    self.space.push('\0');
                    self.script = script;
                    return;
                }
                Command::Plain('g') => self.space = self.hold.clone(),
                Command::Plain('G') => self.space = format!("{}\n{}", self.space, self.hold),
                Command::Plain('h') => self.hold = self.space.clone(),
                Command::Plain('H') => self.hold = format!("{}\n{}", self.hold, self.space),
                Command::Plain('x') => std::mem::swap(&mut self.hold, &mut self.space),
                Command::Plain(_) => {}
            }
        }
        self.script = script;
        if keep {
            out.push_str(&self.space);
            out.push_str(if self.appended.is_empty() { newline } else { "\n" });
        }
        out.push_str(&std::mem::take(&mut self.appended));
        self.space.clear();
    }
}

impl Line {
    fn applies(&mut self, line: &str, number: u64, last: bool) -> bool {
        let hits = |address: &Address| match address {
            Address::Line(n) => *n == number,
            Address::Last => last,
            Address::Match(regex) => regex.is_match(line),
            Address::More(_) => false,
            Address::Every(first, step) => number >= *first && (number - first) % (*step).max(1) == 0,
        };
        let (Some(from), to) = (&self.from, &self.to) else { return true };
        let Some(to) = to else { return hits(from) };
        if let Some(since) = self.active {
            let over = match to {
                Address::Line(n) => number >= *n,
                Address::More(n) => number >= since + n,
                other => hits(other),
            };
            if over {
                self.active = None;
            }
            // A range whose last line lies behind has only its first line.
            return !matches!(to, Address::Line(n) if number > *n);
        }
        let begins = hits(from);
        if begins && !matches!(to, Address::Line(n) if *n <= number) && !matches!(to, Address::More(0)) {
            self.active = Some(number);
        }
        begins
    }
}

/// Replaces matches; `None` if there is none.
fn substitute(regex: &Regex, text: &str, with: &str, global: bool, nth: usize) -> Option<String> {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::new();
    let (mut from, mut count, mut hit) = (0, 0, false);
    while from <= chars.len() {
        let Some(captures) = regex.find(&chars, from) else { break };
        let Some((start, end)) = captures[0] else { break };
        count += 1;
        out.extend(&chars[from..start]);
        if count >= nth {
            hit = true;
            replacement(with, &chars, &captures, &mut out);
        } else {
            out.extend(&chars[start..end]);
        }
        from = end;
        if end == start {
            out.extend(chars.get(end));
            from = end + 1;
        }
        if count >= nth && !global {
            break;
        }
    }
    out.extend(chars.get(from..).unwrap_or_default());
    hit.then_some(out)
}

fn replacement(with: &str, chars: &[char], captures: &[Option<(usize, usize)>], out: &mut String) {
    let mut rest = with.chars();
    while let Some(c) = rest.next() {
        let group = match c {
            '&' => 0,
            '\\' => match rest.next() {
                Some(digit @ '0'..='9') => digit.to_digit(10).unwrap_or(0) as usize,
                Some('n') => {
                    out.push('\n');
                    continue;
                }
                Some('t') => {
                    out.push('\t');
                    continue;
                }
                Some(other) => {
                    out.push(other);
                    continue;
                }
                None => continue,
            },
            other => {
                out.push(other);
                continue;
            }
        };
        if let Some(Some((start, end))) = captures.get(group) {
            out.extend(&chars[*start..*end]);
        }
    }
}

struct Reader {
    text: Vec<char>,
    at: usize,
    extended: bool,
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
    fn script(&mut self, depth: usize) -> Result<Vec<Line>, String> {
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
            'd' | 'p' | 'P' | 'q' | '=' | 'n' | 'N' | 'g' | 'G' | 'h' | 'H' | 'x' | 'D' => Ok(Command::Plain(name)),
            other => Err(format!("unsupported command {other}")),
        }
    }
}
