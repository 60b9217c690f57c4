//! POSIX.1-2024, Shell Command Language, 2.9: the shell's state and its evaluator, whose stack is data.
//!
//! A step takes the topmost frame and either finishes it or puts it back with the next thing to do above it.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::ast::*;
use super::command::Saved;
use super::expand::{Expansion, Mode};
use super::host::*;
pub use super::options::Options;
use super::parse::parse;
use super::process::*;

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
    Restore(Saved),
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
    /// The same from somebody who is asked for them, and whether he was.
    Prompt {
        text: String,
        shown: bool,
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
        // busybox and dash pass on only what could be a variable of theirs.
        let named = |key: &str| {
            let plain = key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            plain && !key.starts_with(|c: char| c.is_ascii_digit())
        };
        for (key, value) in env.iter().filter(|(key, _)| shell.options.bash || named(key)) {
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

    /// A shell tells the programs that it starts where it is and, but for dash, how many shells deep they are.
    pub fn export_place(&mut self, cwd: &str, flavor: Flavor) {
        let depth = self.vars.get("SHLVL").and_then(|v| v.value.parse::<u32>().ok()).unwrap_or(0).saturating_add(1);
        let told = [("PWD", cwd.to_string()), ("SHLVL", depth.to_string())];
        let silent = flavor == Flavor::Debian && !self.options.bash;
        for (name, value) in told.into_iter().take(if silent { 1 } else { 2 }) {
            let variable = Variable { value: value.into(), exported: true, ..Variable::default() };
            Rc::make_mut(&mut self.vars).insert(name.into(), variable);
        }
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
        let (list, wrong) = parse(text);
        match wrong {
            Some((error, line)) if list.items.is_empty() => drop(self.misread(cx, &error.0, line)),
            Some((error, line)) => {
                let argv = vec!["\0misread".into(), error.0, line.to_string()];
                self.stack.push(Frame::Builtin { argv });
                self.push_list(list);
            }
            None => self.push_list(list),
        }
    }

    /// What is wrong with a text at this line ends the shell.
    pub(super) fn misread(&mut self, cx: &mut Context, error: &str, line: u32) -> Flow {
        self.line = line;
        self.complain(cx, self.worded(cx, error));
        self.fail(cx, 2);
        Flow::Go
    }

    /// A mistake of a script, of which the parser speaks in busybox' words, in the words of this shell.
    pub(super) fn worded(&self, cx: &Context, error: &str) -> String {
        let dash = self.is_dash(cx);
        match error.strip_prefix("syntax error: ") {
            Some("bad substitution") if dash => "Bad substitution".into(),
            Some(error) if dash => match error.strip_prefix("unexpected ") {
                Some(what) => {
                    let (token, wanted) = what.split_once(" (").map_or((what, None), |(t, w)| (t, Some(w)));
                    let wanted = wanted.map(|wanted| format!(" ({wanted}")).unwrap_or_default();
                    format!("Syntax error: {token} unexpected{wanted}")
                }
                None => format!("Syntax error: {}{}", error[..1].to_uppercase(), &error[1..]),
            },
            _ => error.into(),
        }
    }

    /// Called `sh` where that is dash.
    pub(super) fn is_dash(&self, cx: &Context) -> bool {
        cx.host.flavor() == Flavor::Debian && !self.options.bash
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
        child.options.interactive = false;
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
        // What a foreground command makes of Ctrl-C is seen when it has ended.
        let awaits = self.options.interactive && matches!(self.stack.last(), Some(Frame::Children { .. }));
        if !cx.me().pending.is_empty() && !awaits {
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
            if signal == Signal::INT {
                self.interrupted(cx);
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
            self.fail(cx, 2);
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
            Frame::Loop { command, in_body, status } => self.loop_turn(cx, command, in_body, status),
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
            Frame::Prompt { text, shown } => self.prompt(cx, text, shown),
        }
    }

    /// Undoes what a frame set up.
    pub(super) fn leave(&mut self, cx: &mut Context, frame: Frame) {
        match frame {
            Frame::Restore(saved) => {
                for (fd, aside) in saved.into_iter().rev() {
                    let fds = &mut cx.me_mut().fds;
                    let closed = match aside.and_then(|aside| fds.remove(&aside)) {
                        Some(before) => fds.insert(fd, before),
                        None => fds.remove(&fd),
                    };
                    cx.let_go(closed);
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
                self.fail(cx, if self.options.bash { 1 } else { 2 });
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
                self.fail(cx, if self.options.bash { 1 } else { 2 });
            }
        }
        Flow::Go
    }
}
