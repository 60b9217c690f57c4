//! POSIX.1-2024, Shell Command Language, 2.9: the shell's state and its evaluator, whose stack is data.
//!
//! A step takes the topmost frame and either finishes it or puts it back with the next thing to do above it.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::ast::*;
use super::expand::{Expansion, Mode};
use super::host::*;
use super::parse::parse;
use super::process::*;
use super::{condition, pattern};

/// Functions and loops may be nested so deep.
const FRAMES: usize = 2000;
/// A shell keeps so many bytes of a variable; what is longer is only counted as memory.
pub const VALUE_BYTES: usize = 64 * 1024;

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Variable {
    pub value: Rc<str>,
    /// bash: all elements of an array.
    pub list: Option<Rc<Vec<Rc<str>>>>,
    pub exported: bool,
    pub readonly: bool,
    /// Bytes of the value that are not kept.
    pub counted: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Options {
    pub exit_on_error: bool,
    pub trace: bool,
    pub no_unset: bool,
    pub no_glob: bool,
    pub pipe_fail: bool,
    pub export_all: bool,
    /// Called as bash: braces are expanded, errors are in bash's words.
    pub bash: bool,
    /// The last command of the script replaces the shell.
    pub exec_last: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Interp {
    /// `$0`.
    pub name: Rc<str>,
    /// `$1` and so on.
    pub params: Rc<Vec<Rc<str>>>,
    pub vars: Rc<BTreeMap<Rc<str>, Variable>>,
    pub functions: Rc<BTreeMap<Rc<str>, Rc<Command>>>,
    pub traps: BTreeMap<Signal, Rc<str>>,
    pub options: Options,
    /// `$?`.
    pub status: i32,
    /// Newlines of the script before the command that runs.
    pub line: u32,
    /// `$$`.
    pub pid: Pid,
    /// `$!`.
    pub background: Option<Pid>,
    pub jobs: Vec<Pid>,
    /// How often `$RANDOM` was asked for.
    pub throws: u32,
    /// Bytes of the word expanded last that are not kept.
    pub(super) counted: u64,
    /// The status of the last command substitution in this command.
    pub(super) substituted: Option<i32>,
    pub(super) stack: Vec<Frame>,
    /// What the expansion above gave.
    pub(super) result: Option<Vec<String>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Frame {
    List {
        list: Rc<List>,
        item: usize,
        link: usize,
        ran: bool,
        only: bool,
    },
    Not,
    Children {
        pids: Vec<Pid>,
        codes: Vec<i32>,
        negated: bool,
    },
    Simple(Box<SimpleFrame>),
    Redirected {
        command: Rc<Command>,
        targets: Vec<String>,
    },
    Compound(Rc<Command>),
    If {
        command: Rc<Command>,
        arm: usize,
    },
    Loop {
        command: Rc<Command>,
        in_body: bool,
        status: i32,
    },
    For {
        name: Rc<str>,
        words: Rc<Vec<String>>,
        at: usize,
        body: Rc<List>,
    },
    Count {
        command: Rc<Command>,
        stage: u8,
    },
    Case {
        command: Rc<Command>,
        word: Option<String>,
        arm: usize,
        pattern: usize,
    },
    Expand(Box<Expansion>),
    Builtin {
        argv: Vec<String>,
    },
    /// Puts descriptors back.
    Restore(Vec<(u32, Option<Fd>)>),
    /// Puts variables back: after `VAR=x builtin`, and the locals of a function.
    Variables(Vec<(Rc<str>, Option<Variable>)>),
    /// The end of a function; its caller's parameters.
    Call {
        params: Rc<Vec<Rc<str>>>,
        locals: Vec<(Rc<str>, Option<Variable>)>,
    },
    /// The end of a sourced file.
    Source,
    /// The end of a trap's action.
    Trap {
        status: i32,
    },
    /// Commands come from standard input.
    Stdin {
        text: String,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct SimpleFrame {
    pub command: Rc<Command>,
    pub argv: Option<Vec<String>>,
    pub targets: Vec<String>,
    pub values: Vec<Vec<String>>,
}

impl Interp {
    /// A shell as its command line says: `sh -c SCRIPT [NAME ARG...]`, `sh FILE [ARG...]`, `sh`.
    pub fn from_args(pid: Pid, argv: Vec<String>, env: &Env) -> Interp {
        let mut shell = Interp { pid, ..Interp::default() };
        let name = argv.first().cloned().unwrap_or_default();
        shell.options.bash = name.rsplit('/').next() == Some("bash");
        let vars = Rc::make_mut(&mut shell.vars);
        for (key, value) in env.iter() {
            vars.insert(key.clone(), Variable { value: value.clone(), exported: true, ..Variable::default() });
        }
        let mut rest = argv.into_iter().skip(1).peekable();
        let mut command = false;
        while let Some(arg) = rest.next_if(|arg| arg.len() > 1 && arg.starts_with(['-', '+'])) {
            if arg == "--" {
                break;
            }
            if arg == "-o" || arg == "+o" {
                shell.options.set_named(&rest.next().unwrap_or_default(), arg == "-o");
            } else if !arg.starts_with("--") {
                command |= arg.contains('c');
                shell.options.set(&arg);
            }
        }
        let script = if command { rest.next() } else { None };
        let file = if script.is_none() { rest.next() } else { None };
        shell.name = match (&file, &script) {
            (Some(file), _) => file.as_str().into(),
            (_, Some(_)) => rest.next().unwrap_or(name).into(),
            _ => name.into(),
        };
        shell.params = Rc::new(rest.map(Rc::from).collect());
        shell.options.exec_last = script.is_some();
        match (script, file) {
            (Some(script), _) => shell.stack.push(Frame::Builtin { argv: vec!["eval".into(), script] }),
            (_, Some(file)) => shell.stack.push(Frame::Builtin { argv: vec!["\0script".into(), file] }),
            _ => shell.stack.push(Frame::Stdin { text: String::new() }),
        }
        shell
    }

    /// Bytes that its long variables take.
    pub fn memory(&self) -> u64 {
        let long = self.vars.values().filter(|v| v.counted > 0 || v.value.len() > 4096);
        long.map(|v| (v.value.len() as u64).saturating_add(v.counted)).fold(0, u64::saturating_add)
    }

    /// The shell's name before its messages.
    pub fn prefix(&self, cx: &Context) -> String {
        let line = self.line + 1;
        match cx.host.flavor() {
            _ if self.options.bash => format!("{}: line {line}: ", self.name),
            Flavor::Busybox => format!("{}: ", self.name),
            _ => format!("{}: {line}: ", self.name),
        }
    }

    /// The complaint of a builtin, which busybox gives with its line (counted from 0).
    pub(super) fn builtin_complains(&self, cx: &mut Context, name: &str, text: impl std::fmt::Display) {
        match cx.host.flavor() {
            Flavor::Busybox if !self.options.bash => {
                let line = format!("{}: {name}: line {}: {text}", self.name, self.line);
                cx.complain(line);
            }
            _ => self.complain(cx, format!("{name}: {text}")),
        }
    }

    pub fn complain(&self, cx: &mut Context, text: impl std::fmt::Display) {
        let line = format!("{}{text}", self.prefix(cx));
        cx.complain(line);
    }

    /// Runs a text as commands; what is wrong with it goes to standard error and ends the shell.
    pub(super) fn run_text(&mut self, cx: &mut Context, text: &str) {
        match parse(text) {
            Ok(list) => self.push_list(list),
            Err(error) => {
                self.complain(cx, error.0);
                self.exit(2);
            }
        }
    }

    pub(super) fn push_list(&mut self, list: Rc<List>) {
        self.status = if list.items.is_empty() { 0 } else { self.status };
        self.stack.push(Frame::List { list, item: 0, link: 0, ran: false, only: false });
    }

    /// Ends the shell (after its EXIT trap).
    pub(super) fn exit(&mut self, status: i32) {
        self.status = status & 0xff;
        self.stack.clear();
        self.result = None;
    }

    /// A copy of the shell that runs `frame` alone: a subshell.
    pub(super) fn subshell(&self, frame: Frame) -> Program {
        let mut child = Interp { stack: vec![frame], jobs: Vec::new(), result: None, ..self.clone_without_stack() };
        child.traps.retain(|_, action| action.is_empty());
        child.options.exec_last = true;
        Program::Shell(Box::new(child))
    }

    fn clone_without_stack(&self) -> Interp {
        Interp {
            name: self.name.clone(),
            params: self.params.clone(),
            vars: self.vars.clone(),
            functions: self.functions.clone(),
            traps: self.traps.clone(),
            options: self.options.clone(),
            status: self.status,
            pid: self.pid,
            background: self.background,
            throws: self.throws,
            ..Interp::default()
        }
    }

    /// One step.
    pub(super) fn step(&mut self, cx: &mut Context) -> Flow {
        if !cx.me().pending.is_empty() {
            let signal = cx.me_mut().pending.remove(0);
            if let Some(action) = self.traps.get(&signal).filter(|action| !action.is_empty()).cloned() {
                // A signal ends `wait`.
                if matches!(self.stack.last(), Some(Frame::Builtin { argv }) if argv[0] == "wait") {
                    self.stack.pop();
                    self.status = 128 + i32::from(signal.0);
                }
                self.stack.push(Frame::Trap { status: self.status });
                self.run_text(cx, &action);
                return Flow::Go;
            }
        }
        let Some(frame) = self.stack.pop() else {
            return match self.traps.remove(&Signal::EXIT).filter(|action| !action.is_empty()) {
                Some(action) => {
                    self.stack.push(Frame::Trap { status: self.status });
                    self.run_text(cx, &action);
                    Flow::Go
                }
                None => Flow::Exit(self.status),
            };
        };
        if self.stack.len() > FRAMES {
            self.complain(cx, "nested too deeply");
            self.exit(2);
            return Flow::Go;
        }
        match frame {
            Frame::List { list, item, link, ran, only } => self.list(cx, list, item, link, ran, only),
            Frame::Not => {
                self.status = i32::from(self.status == 0);
                Flow::Go
            }
            Frame::Children { pids, codes, negated } => self.children(cx, pids, codes, negated),
            Frame::Simple(frame) => self.simple(cx, frame),
            Frame::Redirected { command, targets } => self.redirected(cx, command, targets),
            Frame::Compound(command) => self.compound(cx, command),
            Frame::If { command, arm } => self.if_arm(command, arm),
            Frame::Loop { command, in_body, status } => self.loop_turn(command, in_body, status),
            Frame::For { name, words, at, body } => self.for_turn(cx, name, words, at, body),
            Frame::Count { command, stage } => self.count_turn(cx, command, stage),
            Frame::Case { command, word, arm, pattern } => self.case_arm(cx, command, word, arm, pattern),
            Frame::Expand(expansion) => self.go_on_expanding(cx, expansion),
            Frame::Builtin { argv } => self.builtin(cx, argv),
            Frame::Restore(_) | Frame::Variables(_) | Frame::Call { .. } | Frame::Source | Frame::Trap { .. } => {
                self.leave(cx, frame);
                Flow::Go
            }
            Frame::Stdin { text } => self.stdin(cx, text),
        }
    }

    /// Undoes what a frame set up.
    pub(super) fn leave(&mut self, cx: &mut Context, frame: Frame) {
        match frame {
            Frame::Restore(saved) => {
                for (fd, before) in saved.into_iter().rev() {
                    match before {
                        Some(before) => cx.me_mut().fds.insert(fd, before),
                        None => cx.me_mut().fds.remove(&fd),
                    };
                }
            }
            Frame::Variables(saved) => self.put_back(saved),
            Frame::Call { params, locals } => {
                self.params = params;
                self.put_back(locals);
            }
            Frame::Trap { status } => self.status = status,
            _ => {}
        }
    }

    fn put_back(&mut self, saved: Vec<(Rc<str>, Option<Variable>)>) {
        let vars = Rc::make_mut(&mut self.vars);
        for (name, before) in saved.into_iter().rev() {
            match before {
                Some(before) => vars.insert(name, before),
                None => vars.remove(&name),
            };
        }
    }

    fn list(&mut self, cx: &mut Context, list: Rc<List>, item: usize, link: usize, ran: bool, only: bool) -> Flow {
        let Some(now) = list.items.get(item) else { return Flow::Go };
        let failed = ran && self.status != 0 && link == now.links.len() && !now.links[link - 1].1.negated;
        if failed && self.options.exit_on_error && !self.is_tested() {
            self.exit(self.status);
            return Flow::Go;
        }
        if now.background && !only {
            let frame = Frame::List { list: list.clone(), item, link: 0, ran: false, only: true };
            let mut fds = cx.me().fds.clone();
            fds.insert(0, Fd::Device("null".into()));
            self.status = match cx.table.fork(cx.pid, self.subshell(frame), fds, cx.now) {
                Some(pid) => {
                    self.background = Some(pid);
                    self.jobs.push(pid);
                    0
                }
                None => self.no_fork(cx),
            };
            self.stack.push(Frame::List { list, item: item + 1, link: 0, ran: false, only });
            return Flow::Go;
        }
        let Some((join, pipeline)) = now.links.get(link) else {
            if !only {
                self.stack.push(Frame::List { list, item: item + 1, link: 0, ran: false, only });
            }
            return Flow::Go;
        };
        let runs = link == 0 || (*join == Join::And) == (self.status == 0);
        let last = link + 1 == now.links.len() && (only || item + 1 == list.items.len());
        if !last || (!runs && link + 1 < now.links.len()) {
            self.stack.push(Frame::List { list: list.clone(), item, link: link + 1, ran: runs, only });
        }
        if runs { self.pipeline(cx, pipeline) } else { Flow::Go }
    }

    /// Whether a failure here is looked at by a condition, so that `set -e` does not end the shell.
    fn is_tested(&self) -> bool {
        self.stack.iter().any(|frame| match frame {
            Frame::List { list, item, link, .. } => {
                list.items.get(*item).is_some_and(|i| *link < i.links.len() && *link > 0)
            }
            // These stand below a condition only, never below a body.
            Frame::Not | Frame::If { .. } => true,
            Frame::Loop { in_body, .. } => !in_body,
            _ => false,
        })
    }

    fn no_fork(&mut self, cx: &mut Context) -> i32 {
        self.complain(cx, "can't fork: Resource temporarily unavailable");
        2
    }

    fn pipeline(&mut self, cx: &mut Context, pipeline: &Pipeline) -> Flow {
        if let [command] = pipeline.commands.as_slice() {
            if pipeline.negated {
                self.stack.push(Frame::Not);
            }
            self.push_command(command);
            return Flow::Go;
        }
        let mut pids = Vec::new();
        let mut input = cx.me().fds.get(&0).cloned();
        for (i, command) in pipeline.commands.iter().enumerate() {
            let mut fds = cx.me().fds.clone();
            if let Some(input) = input.take() {
                fds.insert(0, input);
            }
            if i + 1 < pipeline.commands.len() {
                let pipe = cx.table.next_id();
                cx.table.pipes.insert(pipe, Vec::new());
                fds.insert(1, Fd::PipeWrite(pipe));
                input = Some(Fd::PipeRead(pipe));
            }
            let list = List { items: vec![Item { links: vec![(Join::And, single(command))], background: false }] };
            let frame = Frame::List { list: Rc::new(list), item: 0, link: 0, ran: false, only: false };
            match cx.table.fork(cx.pid, self.subshell(frame), fds, cx.now) {
                Some(pid) => pids.push(pid),
                None => self.status = self.no_fork(cx),
            }
        }
        self.stack.push(Frame::Children { pids: pids.clone(), codes: Vec::new(), negated: pipeline.negated });
        Flow::Wait(Wait::Foreground(pids))
    }

    fn children(&mut self, cx: &mut Context, pids: Vec<Pid>, mut codes: Vec<i32>, negated: bool) -> Flow {
        for pid in &pids[codes.len()..] {
            match cx.take_child(*pid) {
                Some(code) => codes.push(code),
                None => {
                    let left = pids[codes.len()..].to_vec();
                    self.stack.push(Frame::Children { pids, codes, negated });
                    return Flow::Wait(Wait::Foreground(left));
                }
            }
        }
        let worst = codes.iter().rev().find(|code| **code != 0).copied().unwrap_or(0);
        let last = codes.last().copied().unwrap_or(self.status);
        self.status = if self.options.pipe_fail { worst } else { last };
        if negated {
            self.status = i32::from(self.status == 0);
        }
        Flow::Go
    }

    pub(super) fn push_command(&mut self, command: &Rc<Command>) {
        self.stack.push(match &**command {
            Command::Simple(_) => Frame::Simple(Box::new(SimpleFrame {
                command: command.clone(),
                argv: None,
                targets: Vec::new(),
                values: Vec::new(),
            })),
            Command::Compound(_, redirects) if !redirects.is_empty() => {
                Frame::Redirected { command: command.clone(), targets: Vec::new() }
            }
            Command::Compound(..) => Frame::Compound(command.clone()),
            Command::Function(name, body) => {
                Rc::make_mut(&mut self.functions).insert(name.clone(), body.clone());
                self.status = 0;
                return;
            }
        });
    }

    /// Expands words; `None` if that has to wait for a command: the frame comes back when the result is there.
    pub(super) fn expand(
        &mut self,
        cx: &mut Context,
        words: &Rc<Vec<Word>>,
        mode: Mode,
        back: impl FnOnce() -> Frame,
    ) -> Option<Vec<String>> {
        if let Some(result) = self.result.take() {
            return Some(result);
        }
        let mut expansion = Expansion::new(words.clone(), mode);
        match expansion.advance(self, cx) {
            Ok(Some(result)) => Some(result),
            Ok(None) => {
                self.stack.push(back());
                self.stack.push(Frame::Expand(Box::new(expansion)));
                None
            }
            Err(text) => {
                self.complain(cx, text);
                self.exit(if self.options.bash { 1 } else { 2 });
                None
            }
        }
    }

    fn go_on_expanding(&mut self, cx: &mut Context, mut expansion: Box<Expansion>) -> Flow {
        if let Some(wait) = expansion.collect(self, cx) {
            self.stack.push(Frame::Expand(expansion));
            return Flow::Wait(wait);
        }
        match expansion.advance(self, cx) {
            Ok(Some(result)) => self.result = Some(result),
            Ok(None) => self.stack.push(Frame::Expand(expansion)),
            Err(text) => {
                self.complain(cx, text);
                self.exit(if self.options.bash { 1 } else { 2 });
            }
        }
        Flow::Go
    }

    fn redirected(&mut self, cx: &mut Context, command: Rc<Command>, mut targets: Vec<String>) -> Flow {
        let Command::Compound(_, redirects) = &*command else { return Flow::Go };
        while let Some(redirect) = redirects.get(targets.len()) {
            let words = Rc::new(vec![redirect.target.clone()]);
            let back = || Frame::Redirected { command: command.clone(), targets: targets.clone() };
            match self.expand(cx, &words, Mode::Single, back) {
                Some(result) => targets.push(result.concat()),
                None => return Flow::Go,
            }
        }
        match self.redirect(cx, redirects, &targets) {
            Some(saved) => {
                self.stack.push(Frame::Restore(saved));
                self.stack.push(Frame::Compound(command));
            }
            None => self.status = 1,
        }
        Flow::Go
    }

    fn compound(&mut self, cx: &mut Context, command: Rc<Command>) -> Flow {
        let Command::Compound(compound, _) = &*command else { return Flow::Go };
        match compound {
            Compound::Group(list) => self.push_list(list.clone()),
            Compound::Subshell(list) => {
                let frame = Frame::List { list: list.clone(), item: 0, link: 0, ran: false, only: false };
                let fds = cx.me().fds.clone();
                match cx.table.fork(cx.pid, self.subshell(frame), fds, cx.now) {
                    Some(pid) => {
                        self.stack.push(Frame::Children { pids: vec![pid], codes: Vec::new(), negated: false });
                        return Flow::Wait(Wait::Foreground(vec![pid]));
                    }
                    None => self.status = self.no_fork(cx),
                }
            }
            Compound::If { .. } => self.stack.push(Frame::If { command, arm: 0 }),
            Compound::Loop { condition, .. } => {
                let condition = condition.clone();
                self.stack.push(Frame::Loop { command, in_body: false, status: 0 });
                self.push_list(condition);
            }
            Compound::For { name, words, body } => {
                let words = match words {
                    Some(words) => match self.expand(cx, words, Mode::Fields, || Frame::Compound(command.clone())) {
                        Some(words) => words,
                        None => return Flow::Go,
                    },
                    None => self.params.iter().map(|p| p.to_string()).collect(),
                };
                self.status = 0;
                self.stack.push(Frame::For { name: name.clone(), words: Rc::new(words), at: 0, body: body.clone() });
            }
            Compound::Count { .. } => self.stack.push(Frame::Count { command, stage: 0 }),
            Compound::Case { .. } => self.stack.push(Frame::Case { command, word: None, arm: 0, pattern: 0 }),
            Compound::Arithmetic(word) => {
                let words = Rc::new(vec![word.clone()]);
                let Some(text) = self.expand(cx, &words, Mode::Single, || Frame::Compound(command.clone())) else {
                    return Flow::Go;
                };
                match self.arithmetic(cx, &text.concat()) {
                    Ok(value) => self.status = i32::from(value == 0),
                    Err(text) => {
                        self.complain(cx, text);
                        self.status = 1;
                    }
                }
            }
            Compound::Condition(condition) => {
                let words = condition::words(condition);
                let back = || Frame::Compound(command.clone());
                let Some(words) = self.expand(cx, &Rc::new(words), Mode::Condition, back) else { return Flow::Go };
                self.status = condition::evaluate(self, cx, condition, &words);
            }
        }
        Flow::Go
    }

    /// `arm` counts the conditions that were begun.
    fn if_arm(&mut self, command: Rc<Command>, arm: usize) -> Flow {
        let Command::Compound(Compound::If { arms, otherwise }, _) = &*command else { return Flow::Go };
        if arm > 0 && self.status == 0 {
            self.push_list(arms[arm - 1].1.clone());
        } else if let Some((condition, _)) = arms.get(arm) {
            self.stack.push(Frame::If { command: command.clone(), arm: arm + 1 });
            self.push_list(condition.clone());
        } else if let Some(otherwise) = otherwise {
            self.push_list(otherwise.clone());
        } else {
            self.status = 0;
        }
        Flow::Go
    }

    fn loop_turn(&mut self, command: Rc<Command>, in_body: bool, status: i32) -> Flow {
        let Command::Compound(Compound::Loop { until, condition, body }, _) = &*command else { return Flow::Go };
        let next = if in_body {
            self.stack.push(Frame::Loop { command: command.clone(), in_body: false, status: self.status });
            condition
        } else if (self.status == 0) != *until {
            self.stack.push(Frame::Loop { command: command.clone(), in_body: true, status });
            body
        } else {
            // The status of a loop is that of its last body.
            self.status = status;
            return Flow::Go;
        };
        let next = next.clone();
        self.push_list(next);
        Flow::Go
    }

    fn for_turn(&mut self, cx: &mut Context, name: Rc<str>, words: Rc<Vec<String>>, at: usize, body: Rc<List>) -> Flow {
        let Some(word) = words.get(at) else { return Flow::Go };
        if let Err(text) = self.set(&name, word) {
            self.complain(cx, text);
            self.exit(2);
            return Flow::Go;
        }
        self.stack.push(Frame::For { name, words, at: at + 1, body: body.clone() });
        self.push_list(body);
        Flow::Go
    }

    /// Stage 0: begin; 1: test the condition; 2: after a body.
    fn count_turn(&mut self, cx: &mut Context, command: Rc<Command>, stage: u8) -> Flow {
        let Command::Compound(Compound::Count { first, condition, next, body }, _) = &*command else { return Flow::Go };
        let word = [first, condition, next][usize::from(stage)];
        let words = Rc::new(vec![word.clone()]);
        let Some(text) = self.expand(cx, &words, Mode::Single, || Frame::Count { command: command.clone(), stage })
        else {
            return Flow::Go;
        };
        let text = text.concat();
        let value = if text.trim().is_empty() { Ok(1) } else { self.arithmetic(cx, &text) };
        match value {
            Err(text) => {
                self.complain(cx, text);
                self.status = 1;
            }
            Ok(value) if stage == 1 => {
                if value != 0 {
                    self.stack.push(Frame::Count { command: command.clone(), stage: 2 });
                    self.push_list(body.clone());
                }
            }
            Ok(_) => self.stack.push(Frame::Count { command: command.clone(), stage: 1 }),
        }
        Flow::Go
    }

    fn case_arm(
        &mut self,
        cx: &mut Context,
        command: Rc<Command>,
        word: Option<String>,
        mut arm: usize,
        mut at: usize,
    ) -> Flow {
        let Command::Compound(Compound::Case { word: subject, arms }, _) = &*command else { return Flow::Go };
        let Some(word) = word else {
            let words = Rc::new(vec![subject.clone()]);
            let back = || Frame::Case { command: command.clone(), word: None, arm, pattern: at };
            if let Some(result) = self.expand(cx, &words, Mode::Single, back) {
                self.stack.push(Frame::Case {
                    command: command.clone(),
                    word: Some(result.concat()),
                    arm,
                    pattern: at,
                });
            }
            return Flow::Go;
        };
        while let Some(now) = arms.get(arm) {
            let Some(candidate) = now.patterns.get(at) else {
                (arm, at) = (arm + 1, 0);
                continue;
            };
            let words = Rc::new(vec![candidate.clone()]);
            let back = || Frame::Case { command: command.clone(), word: Some(word.clone()), arm, pattern: at };
            let Some(result) = self.expand(cx, &words, Mode::Pattern, back) else { return Flow::Go };
            if pattern::matches(&result.concat(), &word) {
                let mut bodies = vec![now.body.clone()];
                while arms[arm].falls_through && arm + 1 < arms.len() {
                    arm += 1;
                    bodies.push(arms[arm].body.clone());
                }
                for body in bodies.into_iter().rev() {
                    self.push_list(body);
                }
                return Flow::Go;
            }
            at += 1;
        }
        self.status = 0;
        Flow::Go
    }

    /// Reads the next commands from standard input: as many lines as they take.
    fn stdin(&mut self, cx: &mut Context, mut text: String) -> Flow {
        match cx.read_line(0) {
            None => {
                self.stack.push(Frame::Stdin { text });
                return Flow::Wait(cx.wait_for_line(0));
            }
            Some((line, ended)) => {
                text.push_str(&String::from_utf8_lossy(&line));
                let end = !ended;
                match parse(&text) {
                    Ok(list) => {
                        if !end {
                            self.stack.push(Frame::Stdin { text: String::new() });
                        }
                        self.push_list(list);
                    }
                    Err(error) if end || !error.0.contains("unexpected end") && !error.0.contains("unterminated") => {
                        self.complain(cx, error.0);
                        self.exit(2);
                    }
                    Err(_) => self.stack.push(Frame::Stdin { text }),
                }
            }
        }
        Flow::Go
    }
}

fn single(command: &Rc<Command>) -> Pipeline {
    Pipeline { negated: false, commands: vec![command.clone()] }
}

impl Options {
    /// Reads `-ex`, `+e`; unknown letters are passed over.
    pub fn set(&mut self, flags: &str) {
        let on = flags.starts_with('-');
        for letter in flags.chars().skip(1) {
            match letter {
                'e' => self.exit_on_error = on,
                'x' => self.trace = on,
                'u' => self.no_unset = on,
                'f' => self.no_glob = on,
                'a' => self.export_all = on,
                _ => {}
            }
        }
    }
    /// `set -o NAME`; `false` if there is no such option.
    pub fn set_named(&mut self, name: &str, on: bool) -> bool {
        match name {
            "errexit" => self.exit_on_error = on,
            "xtrace" => self.trace = on,
            "nounset" => self.no_unset = on,
            "noglob" => self.no_glob = on,
            "allexport" => self.export_all = on,
            "pipefail" => self.pipe_fail = on,
            "verbose" | "noclobber" | "monitor" | "notify" | "vi" | "emacs" | "posix" | "ignoreeof" => {}
            _ => return false,
        }
        true
    }
}
