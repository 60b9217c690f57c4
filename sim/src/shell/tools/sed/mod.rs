//! sed: s, d, p, q, =, y, a, i, c, r, n, N, D, P, g, G, h, H, x, b, t, T, with addresses, ranges, blocks and labels.
//!
//! Not done: `w`, `l`, `e`.

mod parse;

use super::super::process::Context;
use super::super::regex::Regex;
use parse::Reader;

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
    /// Where the script goes on with the next line, and whether that is joined to this one: after `n` and `N`.
    resumes: Option<(usize, bool)>,
    /// Something was replaced since the last line came, or the last `t`.
    replaced: bool,
}

/// Branches that one line may take.
const BRANCHES: u32 = 10_000;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Line {
    pub from: Option<Address>,
    pub to: Option<Address>,
    pub negated: bool,
    pub command: Command,
    /// Within the range; since which line.
    pub active: Option<u64>,
    /// How many commands the block holds, for `{`.
    pub block: usize,
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
    Substitute {
        regex: Regex,
        with: String,
        global: bool,
        nth: usize,
        print: bool,
    },
    Translate(Vec<char>, Vec<char>),
    Text(char, String),
    Block,
    Label(String),
    /// `b`, `t` or `T`, and to which label; to the end if it is empty.
    Branch(char, String),
    Plain(char),
}

const NO_SCRIPT: &str = "option requires an argument -- 'e'";

/// Adds lines to a script.
fn add(script: &mut Option<String>, text: &str) {
    let script = script.get_or_insert_default();
    script.push_str(text);
    script.push('\n');
}

/// Reads the files of `r`, and looks whether there are the labels of the branches.
fn settle(cx: &mut Context, script: &mut [Line]) -> Result<(), String> {
    let label = |line: &Line| if let Command::Label(label) = &line.command { Some(label.clone()) } else { None };
    let labels: Vec<String> = script.iter().filter_map(label).collect();
    for line in script {
        match &mut line.command {
            Command::Text('r', text) => {
                *text = cx.file(text).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
            }
            Command::Branch(_, label) if !label.is_empty() && !labels.contains(label) => {
                return Err(format!("can't find label for jump to '{label}'"));
            }
            _ => {}
        }
    }
    Ok(())
}

impl Sed {
    pub fn new(cx: &mut Context, args: &[String], files: &mut Vec<String>) -> Result<Sed, String> {
        let (mut quiet, mut extended, mut in_place) = (false, false, false);
        let mut script = None;
        let mut rest = args.iter();
        let mut operands = Vec::new();
        while let Some(arg) = rest.next() {
            match arg.as_str() {
                "--" => {}
                "--expression" => add(&mut script, rest.next().ok_or(NO_SCRIPT)?),
                "-f" => {
                    let path = rest.next().ok_or("option requires an argument -- 'f'")?;
                    let bytes = cx.file(path).map_err(|error| format!("{path}: {error}"))?;
                    add(&mut script, &String::from_utf8_lossy(&bytes));
                }
                _ if arg.starts_with("--expression=") => add(&mut script, &arg["--expression=".len()..]),
                "--quiet" | "--silent" => quiet = true,
                "--regexp-extended" => extended = true,
                "--in-place" => in_place = true,
                _ if arg.len() > 1 && arg.starts_with('-') => {
                    for letter in arg.chars().skip(1) {
                        match letter {
                            'n' => quiet = true,
                            'E' | 'r' => extended = true,
                            'e' => add(&mut script, rest.next().ok_or(NO_SCRIPT)?),
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
        if script.is_none() && operands.is_empty() {
            return Err("no script".into());
        }
        let script = script.unwrap_or_else(|| operands.remove(0));
        *files = operands;
        let mut reader = Reader { text: script.chars().collect(), at: 0, extended };
        let mut script = reader.script(0)?;
        settle(cx, &mut script)?;
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
            resumes: None,
            replaced: false,
        })
    }

    pub fn line(&mut self, line: &str, newline: &str, out: &mut String) {
        let before = self.waiting.replace((line.to_string(), newline.to_string()));
        if let Some((waiting, ended)) = before.filter(|_| !self.quit) {
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
        self.number += 1;
        let (mut at, joined) = self.resumes.take().unwrap_or_default();
        self.space = if joined { format!("{}\n{line}", self.space) } else { line.to_string() };
        self.replaced &= at > 0;
        let mut script = std::mem::take(&mut self.script);
        let mut keep = !self.quiet;
        let mut left = BRANCHES;
        while at < script.len() {
            let step = &mut script[at];
            at += 1;
            if step.applies(&self.space, self.number, last) == step.negated {
                at += step.block;
                continue;
            }
            match &step.command {
                Command::Block | Command::Label(_) => {}
                Command::Branch(kind, label) if self.branches(*kind) => {
                    left -= 1;
                    let label = Command::Label(label.clone());
                    let place = script.iter().position(|line| line.command == label);
                    at = place.filter(|_| left > 0).unwrap_or(script.len());
                }
                Command::Branch(..) => {}
                Command::Substitute { regex, with, global, nth, print } => {
                    let made = substitute(regex, &self.space, with, *global, *nth);
                    if *print && let Some(made) = &made {
                        out.push_str(&format!("{made}\n"));
                    }
                    self.replaced |= made.is_some();
                    self.space = made.unwrap_or(std::mem::take(&mut self.space));
                }
                Command::Translate(from, to) => self.space = translate(&self.space, from, to),
                Command::Text('a', text) => self.appended.push_str(&format!("{text}\n")),
                Command::Text('r', text) => self.appended.push_str(text),
                Command::Text('i', text) => out.push_str(&format!("{text}\n")),
                Command::Plain('D') if self.space.contains('\n') => {
                    self.space = self.space.split_once('\n').map(|(_, rest)| rest.to_string()).unwrap_or_default();
                    at = 0;
                }
                Command::Plain('d' | 'D') | Command::Text(..) => {
                    if let Command::Text(_, text) = &step.command {
                        out.push_str(&format!("{text}\n"));
                    }
                    keep = false;
                    break;
                }
                Command::Plain(name @ ('p' | 'P' | '=')) => self.show(*name, out),
                Command::Plain(name @ ('n' | 'N')) if !last => {
                    out.push_str(&if *name == 'n' && keep { format!("{}\n", self.space) } else { String::new() });
                    self.resumes = Some((at, *name == 'N'));
                    self.script = script;
                    return;
                }
                // Without a next line, `n` and `N` end it all.
                Command::Plain('q' | 'n' | 'N') => {
                    self.quit = true;
                    break;
                }
                Command::Plain(name) => self.exchange(*name),
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

impl Sed {
    /// Whether a branch is taken: `b` always, `t` after a replacement, `T` without one.
    fn branches(&mut self, kind: char) -> bool {
        match kind {
            'b' => true,
            't' => std::mem::take(&mut self.replaced),
            _ => !std::mem::take(&mut self.replaced),
        }
    }

    /// The commands that print.
    fn show(&self, name: char, out: &mut String) {
        match name {
            'p' => out.push_str(&self.space),
            'P' => out.push_str(self.space.split('\n').next().unwrap_or_default()),
            _ => out.push_str(&self.number.to_string()),
        }
        out.push('\n');
    }

    /// The commands that move text between the two spaces.
    fn exchange(&mut self, name: char) {
        match name {
            'g' => self.space = self.hold.clone(),
            'G' => self.space = format!("{}\n{}", self.space, self.hold),
            'h' => self.hold = self.space.clone(),
            'H' => self.hold = format!("{}\n{}", self.hold, self.space),
            'x' => std::mem::swap(&mut self.hold, &mut self.space),
            _ => {}
        }
    }
}

impl Line {
    fn applies(&mut self, line: &str, number: u64, last: bool) -> bool {
        let hits = |address: &Address| match address {
            Address::Line(n) => *n == number,
            Address::Last => last,
            Address::Match(regex) => regex.is_match(line),
            Address::More(_) => false,
            Address::Every(first, step) => number >= *first && (number - first).is_multiple_of((*step).max(1)),
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

fn translate(text: &str, from: &[char], to: &[char]) -> String {
    text.chars().map(|c| from.iter().position(|f| *f == c).map_or(c, |i| to[i])).collect()
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
