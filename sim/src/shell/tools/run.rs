//! env, timeout, xargs, nohup, which, test: what starts other programs, or asks for them.

use std::rc::Rc;

use super::super::condition;
use super::super::context::Read;
use super::super::host::{Pid, Signal};
use super::super::process::*;
use super::{Options, State, say, time};
use crate::clock::{Span, Time};

/// Arguments that `xargs` gives to one run.
const ARGUMENTS: usize = 5000;

pub fn test(cx: &mut Context, args: &[String]) -> i32 {
    match condition::test(cx, args) {
        Ok(value) => i32::from(!value),
        Err(text) => {
            cx.complain(format!("test: {text}"));
            2
        }
    }
}

pub fn which(cx: &mut Context, args: &[String]) -> i32 {
    let mut code = 0;
    for name in args.iter().filter(|arg| !arg.starts_with('-')) {
        match cx.find_program(name) {
            Ok((path, _)) => drop(say(cx, path)),
            Err(_) => code = 1,
        }
    }
    code
}

pub fn printenv(cx: &mut Context, args: &[String]) -> i32 {
    if args.is_empty() {
        let lines: String = cx.me().env.iter().map(|(name, value)| format!("{name}={value}\n")).collect();
        cx.out(&lines);
        return 0;
    }
    let mut code = 0;
    for name in args {
        match cx.env(name) {
            Some(value) => drop(say(cx, value)),
            None => code = 1,
        }
    }
    code
}

/// Becomes another program; says so if that cannot be.
fn become_program(cx: &mut Context, tool: &str, argv: Vec<String>) -> Flow {
    match cx.load(cx.pid, argv.clone()) {
        Ok(program) => Flow::Become(program),
        Err(error) => {
            let name = &argv[0];
            let (text, code) = explain(error);
            let line = match (tool, cx.is_gnu()) {
                (_, true) => format!("{tool}: '{name}': {text}"),
                ("env" | "nohup" | "nice" | "setsid" | "timeout", false) => {
                    format!("{tool}: can't execute '{name}': {text}")
                }
                _ => format!("{tool}: {name}: {text}"),
            };
            cx.complain(line);
            Flow::Exit(code)
        }
    }
}

fn explain(error: ExecError) -> (&'static str, i32) {
    match error {
        ExecError::NotFound | ExecError::NoFile => ("No such file or directory", 127),
        ExecError::Denied | ExecError::IsFolder => ("Permission denied", 126),
        ExecError::Format => ("Exec format error", 126),
    }
}

pub(in crate::shell) fn env(cx: &mut Context, args: &[String], _state: &mut State) -> Flow {
    let mut env = (*cx.me().env).clone();
    let mut rest = args;
    while let Some((first, more)) = rest.split_first() {
        match first.as_str() {
            "-i" | "-" => env.clear(),
            "-u" => {
                if let Some(name) = more.first() {
                    env.remove(name.as_str());
                }
                rest = more.get(1..).unwrap_or_default();
                continue;
            }
            "--" => {}
            assign if !assign.starts_with('=') && assign.contains('=') => {
                let (name, value) = assign.split_once('=').unwrap_or((assign, ""));
                env.insert(name.into(), value.into());
            }
            _ => break,
        }
        rest = more;
    }
    cx.me_mut().env = Rc::new(env);
    if rest.is_empty() {
        return Flow::Exit(printenv(cx, &[]));
    }
    become_program(cx, "env", rest.to_vec())
}

/// nohup, setsid, nice, time: the program runs as it would without.
pub(in crate::shell) fn other(cx: &mut Context, args: &[String], _state: &mut State) -> Flow {
    let name = cx.me().name.to_string();
    if name == "nohup" {
        cx.me_mut().ignored |= 1 << Signal::HUP.0;
    }
    let mut rest = args;
    while let Some((first, more)) = rest.split_first().filter(|(first, _)| first.starts_with('-')) {
        rest = if first == "-n" { more.get(1..).unwrap_or_default() } else { more };
    }
    if rest.is_empty() {
        return Flow::Exit(0);
    }
    become_program(cx, &name, rest.to_vec())
}

/// `timeout`: a child, and a limit on its time.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Limit {
    child: Pid,
    until: Time,
    signal: Signal,
    kill_after: Option<Span>,
    expired: bool,
}

pub(in crate::shell) fn timeout(cx: &mut Context, args: &[String], state: &mut State) -> Flow {
    let (mut signal, mut kill_after) = (Signal::TERM, None);
    let mut rest = args;
    while let Some((first, more)) = rest.split_first().filter(|(first, _)| first.starts_with('-')) {
        let (name, joined) = first.split_at(2.min(first.len()));
        let value = if joined.is_empty() {
            more.first().cloned().unwrap_or_default()
        } else {
            joined.trim_start_matches('=').to_string()
        };
        match name {
            "-s" => signal = Signal::parse(&value).unwrap_or(Signal::TERM),
            "-k" => kill_after = time::duration(&value),
            // busybox of old: `timeout -t 3 PROGRAM`.
            "-t" => {
                rest = more;
                break;
            }
            _ => {
                rest = more;
                continue;
            }
        }
        rest = if joined.is_empty() { more.get(1..).unwrap_or_default() } else { more };
    }
    let Some((span, command)) =
        rest.split_first().and_then(|(n, c)| Some((time::duration(n)?, c))).filter(|(_, c)| !c.is_empty())
    else {
        cx.complain("timeout: invalid time interval");
        return Flow::Exit(if cx.is_gnu() { 125 } else { 1 });
    };
    match cx.spawn(command.to_vec()) {
        Ok(child) => {
            // A limit of 0 is none.
            let until = if span == Span::ZERO { Time(u64::MAX) } else { cx.now + span };
            *state = State::Limit(Box::new(Limit { child, until, signal, kill_after, expired: false }));
            Flow::Wait(Wait::ChildUntil(child, until))
        }
        Err(_) => become_program(cx, "timeout", command.to_vec()),
    }
}

impl Limit {
    pub(in crate::shell) fn step(&mut self, cx: &mut Context) -> Flow {
        let killed = cx.table.killed(self.child);
        if let Some(code) = cx.take_child(self.child) {
            // GNU tells of a time-out with 124, if it was not to kill; busybox' is itself the program that is ended.
            let told = self.expired && cx.is_gnu() && killed != Some(Signal::KILL);
            cx.me_mut().killed = killed.filter(|_| !told);
            return Flow::Exit(if told { 124 } else { code });
        }
        if cx.now >= self.until {
            let signal = if self.expired { Signal::KILL } else { self.signal };
            self.expired = true;
            cx.signal(self.child, signal);
            self.until = self.kill_after.map_or(Time(u64::MAX), |span| cx.now + span);
        }
        Flow::Wait(Wait::ChildUntil(self.child, self.until))
    }
}

/// `xargs`: reads its words, then runs the program as often as needed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Xargs {
    /// `xargs`, or `find`, which does not look at how its commands end.
    tool: &'static str,
    command: Vec<String>,
    /// `-I{}`: what a line is put in place of.
    placeholder: Option<String>,
    at_a_time: usize,
    nul: bool,
    trace: bool,
    skip_empty: bool,
    read: Vec<u8>,
    runs: Option<Vec<Vec<String>>>,
    child: Option<Pid>,
    code: i32,
}

pub(in crate::shell) fn xargs(_cx: &mut Context, args: &[String], state: &mut State) -> Flow {
    // What follows the program's name is the program's.
    let mut end = 0;
    while let Some(arg) = args.get(end).filter(|arg| arg.starts_with('-') && arg.len() > 1) {
        end += if matches!(arg.as_str(), "-n" | "-I" | "-L" | "-P" | "-s" | "-d" | "-E") { 2 } else { 1 };
    }
    let (own, command) = args.split_at(end.min(args.len()));
    let options = Options::read(own, "nILPsdE");
    let mut command = command.to_vec();
    if command.is_empty() {
        command.push("echo".into());
    }
    let bare = options.has('i').then(|| "{}".to_string());
    let placeholder = options.value('I').map(str::to_string).or(bare);
    let number = |letter: char| options.value(letter).and_then(|n| n.parse::<usize>().ok()).filter(|n| *n > 0);
    *state = State::Xargs(Box::new(Xargs {
        tool: "xargs",
        command,
        at_a_time: number('n').or(number('L')).unwrap_or(ARGUMENTS).min(ARGUMENTS),
        placeholder,
        nul: options.has('0'),
        trace: options.has('t'),
        skip_empty: options.has('r'),
        read: Vec::new(),
        runs: None,
        child: None,
        code: 0,
    }));
    Flow::Go
}

impl Xargs {
    /// Runs these, one after the other.
    pub fn planned(tool: &'static str, runs: Vec<Vec<String>>, code: i32) -> Xargs {
        Xargs {
            tool,
            command: Vec::new(),
            placeholder: None,
            at_a_time: 0,
            nul: false,
            trace: false,
            skip_empty: false,
            read: Vec::new(),
            runs: Some(runs),
            child: None,
            code,
        }
    }

    pub(in crate::shell) fn step(&mut self, cx: &mut Context) -> Flow {
        if self.runs.is_none() {
            match cx.read(0, PIPE_BYTES) {
                Read::Bytes(bytes) => {
                    self.read.extend(bytes);
                    return Flow::Go;
                }
                Read::Empty => return Flow::Wait(Wait::Input(0)),
                Read::End => self.plan(cx),
            }
        }
        if let Some(child) = self.child.take() {
            match cx.take_child(child) {
                Some(0) => {}
                Some(_) if self.tool == "find" => {}
                Some(255) => return Flow::Exit(124),
                Some(code) if code > 125 => return Flow::Exit(code.min(127)),
                Some(_) => self.code = 123,
                None => {
                    self.child = Some(child);
                    return Flow::Wait(Wait::Children(vec![child]));
                }
            }
        }
        let runs = self.runs.get_or_insert_default();
        if runs.is_empty() {
            return Flow::Exit(self.code);
        }
        let argv = runs.remove(0);
        if self.trace {
            cx.complain(argv.join(" "));
        }
        match cx.spawn(argv.clone()) {
            Ok(child) => {
                cx.table.process_mut(child).fds.insert(0, Fd::Device("null".into()));
                self.child = Some(child);
                Flow::Wait(Wait::Children(vec![child]))
            }
            Err(error) => {
                let (text, code) = explain(error);
                let name = if cx.is_gnu() && self.tool == "find" { format!("'{}'", argv[0]) } else { argv[0].clone() };
                cx.complain(format!("{}: {name}: {text}", self.tool));
                if self.tool == "find" { Flow::Go } else { Flow::Exit(code) }
            }
        }
    }

    fn plan(&mut self, _cx: &mut Context) {
        let text = String::from_utf8_lossy(&self.read).into_owned();
        let words: Vec<String> = if self.nul {
            text.split_terminator('\0').map(str::to_string).collect()
        } else if self.placeholder.is_some() {
            text.lines().map(|line| line.trim_start().to_string()).filter(|line| !line.is_empty()).collect()
        } else {
            split_words(&text)
        };
        let runs = match &self.placeholder {
            Some(mark) => words
                .iter()
                .map(|word| self.command.iter().map(|part| part.replace(mark.as_str(), word)).collect())
                .collect(),
            None if words.is_empty() && !self.skip_empty => vec![self.command.clone()],
            None => words.chunks(self.at_a_time).map(|chunk| [self.command.clone(), chunk.to_vec()].concat()).collect(),
        };
        self.runs = Some(runs);
    }
}

/// Words as `xargs` reads them: blanks part them, quotes and backslashes join.
fn split_words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (Some(_), _) => word.get_or_insert_default().push(c),
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, '\\') => word.get_or_insert_default().extend(chars.next()),
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (None, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}
