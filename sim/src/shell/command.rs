//! POSIX.1-2024, Shell Command Language, 2.9.1 and 2.7: simple commands and redirections.

use std::rc::Rc;

use super::ast::*;
use super::builtin;
use super::context::OpenFor;
use super::expand::Mode;
use super::files::{Errno, Kind, Links};
use super::host::{Env, Flavor, Pid};
use super::interp::{Frame, Interp, SimpleFrame, Variable};
use super::process::*;

/// Descriptors that a redirection has replaced, and the numbers under which what they stood for is put aside, if anything.
pub(super) type Saved = Vec<(u32, Option<u32>)>;

impl Interp {
    /// Expands what a simple command consists of, piece by piece, then runs it.
    pub(super) fn simple(&mut self, cx: &mut Context, mut frame: Box<SimpleFrame>) -> Flow {
        let command = frame.command.clone();
        let Command::Simple(simple) = &*command else { return Flow::Go };
        self.line = simple.line;
        if frame.argv.is_none() {
            if self.result.is_none() {
                self.substituted = None;
            }
            match self.expand(cx, &simple.words, Mode::Fields, || Frame::Simple(frame.clone())) {
                Some(argv) => frame.argv = Some(argv),
                None => return Flow::Go,
            }
        }
        while let Some(redirect) = simple.redirects.get(frame.targets.len()) {
            let words = Rc::new(vec![redirect.target.clone()]);
            match self.expand(cx, &words, Mode::Single, || Frame::Simple(frame.clone())) {
                Some(result) => frame.targets.push(result.concat()),
                None => return Flow::Go,
            }
        }
        let argv = frame.argv.clone().unwrap_or_default();
        let mut before = Vec::new();
        while let Some(assign) = simple.assigns.get(frame.values.len()) {
            let (words, mode) = match &assign.value {
                AssignValue::Word(word) => (Rc::new(vec![word.clone()]), Mode::Single),
                AssignValue::Array(words) => (words.clone(), Mode::Fields),
            };
            let Some(value) = self.expand(cx, &words, mode, || Frame::Simple(frame.clone())) else { return Flow::Go };
            frame.values.push(value.clone());
            before.push((assign.name.clone(), self.vars.get(&assign.name).cloned()));
            if let Err(text) = self.assign(cx, assign, value) {
                self.complain(cx, text);
                self.fail(cx, 2);
                return Flow::Go;
            }
            if self.options.trace && argv.is_empty() {
                let value = frame.values.last().map(|v| v.concat()).unwrap_or_default();
                let line = format!("+ {}={}", assign.name, self.traced(cx, &value));
                cx.complain(line);
            }
        }
        self.execute(cx, simple, argv, &frame.targets, before)
    }

    /// A word as `set -x` shows it.
    fn traced(&self, cx: &Context, word: &str) -> String {
        match cx.host.flavor() {
            _ if self.options.bash => builtin::quote(word),
            Flavor::Busybox => builtin::traced(word),
            _ => word.into(),
        }
    }

    fn assign(&mut self, cx: &mut Context, assign: &Assign, value: Vec<String>) -> Result<(), String> {
        let counted = self.counted;
        match (&assign.value, &assign.index) {
            (AssignValue::Array(_), _) => {
                let old = self.vars.get(&assign.name).and_then(|v| v.list.clone()).filter(|_| assign.append);
                let mut list: Vec<Rc<str>> = old.map(|old| (*old).clone()).unwrap_or_default();
                list.extend(value.iter().map(|v| Rc::from(v.as_str())));
                let variable = Variable {
                    value: list.first().cloned().unwrap_or_default(),
                    list: Some(Rc::new(list)),
                    ..Variable::default()
                };
                Rc::make_mut(&mut self.vars).insert(assign.name.clone(), variable);
                Ok(())
            }
            (AssignValue::Word(_), Some(index)) => {
                let text: String = index.parts.iter().map(|part| self.index_text(part)).collect();
                let n = self.arithmetic(cx, &text)?;
                let n = usize::try_from(n).ok().filter(|n| *n < 10_000).ok_or("bad array subscript")?;
                let variable = Rc::make_mut(&mut self.vars).entry(assign.name.clone()).or_default();
                let mut list = variable.list.as_ref().map(|l| (**l).clone()).unwrap_or_default();
                list.resize(list.len().max(n + 1), "".into());
                list[n] = value.concat().into();
                variable.value = list[0].clone();
                variable.list = Some(Rc::new(list));
                Ok(())
            }
            (AssignValue::Word(_), None) if assign.append => {
                let old = self.vars.get(&assign.name);
                let (text, more) = old.map_or((String::new(), 0), |v| (v.value.to_string(), v.counted));
                self.set_long(&assign.name, &(text + &value.concat()), counted.saturating_add(more))
            }
            (AssignValue::Word(_), None) => self.set_long(&assign.name, &value.concat(), counted),
        }
    }

    /// An array's index as text: only plain words and variables, as scripts write them.
    fn index_text(&self, part: &Part) -> String {
        match part {
            Part::Text(text) | Part::Quoted(text) => text.to_string(),
            Part::Parameter(parameter, _) => self.get(&parameter.name).unwrap_or_default().to_string(),
            Part::Command(..) | Part::Arithmetic(..) => "0".into(),
        }
    }

    fn execute(
        &mut self,
        cx: &mut Context,
        simple: &Simple,
        argv: Vec<String>,
        targets: &[String],
        before: Vec<(Rc<str>, Option<Variable>)>,
    ) -> Flow {
        let Some(name) = argv.first() else {
            self.status = self.substituted.unwrap_or(0);
            match self.redirect(cx, &simple.redirects, targets) {
                Some(saved) => self.leave(cx, Frame::Restore(saved)),
                None => self.status = 1,
            }
            return Flow::Go;
        };
        if self.options.trace {
            let line: Vec<String> = argv.iter().map(|arg| self.traced(cx, arg)).collect();
            cx.complain(format!("+ {}", line.join(" ")));
        }
        if let Some(body) = self.functions.get(name.as_str()).cloned() {
            let Some(saved) = self.redirect(cx, &simple.redirects, targets) else {
                self.status = self.not_redirected(cx);
                return Flow::Go;
            };
            self.stack.push(Frame::Restore(saved));
            if !before.is_empty() {
                self.stack.push(Frame::Variables(before));
            }
            let params = Rc::new(argv[1..].iter().map(|arg| Rc::from(arg.as_str())).collect());
            self.stack.push(Frame::Call { params: std::mem::replace(&mut self.params, params), locals: Vec::new() });
            self.push_command(&body);
            return Flow::Go;
        }
        if builtin::is_builtin(name) {
            let lasting = builtin::is_special(name);
            let Some(saved) = self.redirect(cx, &simple.redirects, targets) else {
                self.status = self.not_redirected(cx);
                if lasting {
                    self.fail(cx, self.status);
                }
                return Flow::Go;
            };
            // `exec` without a command makes its redirections last.
            if name == "exec" && argv.len() == 1 {
                for aside in saved.into_iter().filter_map(|(_, aside)| aside) {
                    let before = cx.me_mut().fds.remove(&aside);
                    cx.let_go(before);
                }
            } else if !saved.is_empty() {
                self.stack.push(Frame::Restore(saved));
            }
            if !lasting && !before.is_empty() {
                self.stack.push(Frame::Variables(before));
            }
            self.stack.push(Frame::Builtin { argv });
            return Flow::Go;
        }
        let flow = self.run_program(cx, simple, argv, targets, &before);
        self.leave(cx, Frame::Variables(before));
        flow
    }

    /// The variables that a program gets; `own` are those that the shell got itself, mostly the same.
    pub(super) fn environment(&self, own: &Env, temporary: &[(Rc<str>, Option<Variable>)]) -> Env {
        let exported = |(name, variable): (&'_ Rc<str>, &'_ Variable)| {
            variable.exported || temporary.iter().any(|(n, _)| n == name)
        };
        let passed = || self.vars.iter().filter(|(name, variable)| exported((name, variable)));
        let same = |(a, b): ((&Rc<str>, &Variable), (&Rc<str>, &Rc<str>))| a.0 == b.0 && a.1.value == *b.1;
        if passed().count() == own.len() && passed().zip(own.iter()).all(same) {
            return own.clone();
        }
        Rc::new(passed().map(|(name, variable)| (name.clone(), variable.value.clone())).collect())
    }

    /// An environment with what every shell adds to it. Only those who show it get it, so that all others may share theirs
    /// with the container.
    fn with_own(&self, cx: &Context, env: Env) -> Env {
        let mut env = (*env).clone();
        env.insert("PWD".into(), cx.cwd());
        if let Some(before) = self.get("OLDPWD") {
            env.insert("OLDPWD".into(), before);
        }
        if self.options.bash || cx.host.flavor() == Flavor::Busybox {
            env.entry("SHLVL".into()).or_insert("1".into());
        }
        if self.options.bash {
            env.entry("_".into()).or_insert("/usr/bin/env".into());
        }
        Rc::new(env)
    }

    fn run_program(
        &mut self,
        cx: &mut Context,
        simple: &Simple,
        argv: Vec<String>,
        targets: &[String],
        temporary: &[(Rc<str>, Option<Variable>)],
    ) -> Flow {
        let mut env = self.environment(&cx.me().env, temporary);
        if matches!(argv[0].rsplit('/').next(), Some("env" | "printenv")) {
            env = self.with_own(cx, env);
        }
        let replaces = self.options.exec_last && self.stack.is_empty() && self.traps.is_empty() && self.jobs.is_empty();
        if replaces {
            if self.redirect(cx, &simple.redirects, targets).is_none() {
                self.status = self.not_redirected(cx);
                return Flow::Go;
            }
            cx.me_mut().env = env;
            return match cx.load(cx.pid, argv.clone()) {
                Ok(program) => Flow::Become(program),
                Err(error) => {
                    self.status = self.not_started(cx, &argv[0], error);
                    self.script_or_status(cx, argv, error)
                }
            };
        }
        let fds = cx.me().fds.clone();
        let Some(child) = cx.table.fork(cx.pid, Program::Away, fds, cx.now) else {
            self.complain(cx, "can't fork: Resource temporarily unavailable");
            self.status = 2;
            return Flow::Go;
        };
        cx.table.process_mut(child).env = env;
        let mut inner = Context { table: cx.table, host: cx.host, pid: child, now: cx.now };
        let program = match self.redirect(&mut inner, &simple.redirects, targets) {
            None => Program::Ended(self.not_redirected(&inner)),
            Some(_) => match inner.load(child, argv.clone()) {
                Ok(program) => program,
                Err(ExecError::Format) => {
                    let mut shell = self.clone();
                    shell.stack = vec![Frame::Builtin { argv: [vec!["\0script".to_string()], argv].concat() }];
                    shell.traps.clear();
                    shell.options.interactive = false;
                    Program::Shell(Box::new(shell))
                }
                Err(error) => Program::Ended(self.not_started(&mut inner, &argv[0], error)),
            },
        };
        match program {
            Program::Ended(code) => cx.table.end(cx.host, child, code),
            program => cx.table.process_mut(child).program = program,
        }
        self.stack.push(Frame::Children { pids: vec![child], codes: Vec::new(), negated: false });
        Flow::Wait(Wait::Foreground(vec![child]))
    }

    fn script_or_status(&mut self, _cx: &mut Context, argv: Vec<String>, error: ExecError) -> Flow {
        if error == ExecError::Format {
            self.stack.push(Frame::Builtin { argv: [vec!["\0script".to_string()], argv].concat() });
        }
        Flow::Go
    }

    /// Says why a program cannot be started; gives the exit code.
    pub(super) fn not_started(&self, cx: &mut Context, name: &str, error: ExecError) -> i32 {
        let bash = self.options.bash;
        let (text, code) = match error {
            ExecError::NotFound if bash => ("command not found", 127),
            ExecError::NoFile if bash => ("No such file or directory", 127),
            ExecError::NotFound | ExecError::NoFile => ("not found", 127),
            ExecError::IsFolder if bash => ("Is a directory", 126),
            ExecError::Denied | ExecError::IsFolder => ("Permission denied", 126),
            ExecError::Format => return 126,
        };
        self.complain(cx, format!("{name}: {text}"));
        code
    }

    /// Opens what the redirections say; gives what was there before. `None`: one failed, and all were undone.
    pub(super) fn redirect(&mut self, cx: &mut Context, redirects: &[Redirect], targets: &[String]) -> Option<Saved> {
        let mut saved: Saved = Vec::new();
        for (redirect, target) in redirects.iter().zip(targets) {
            let done = self.redirect_one(cx, redirect, target, &mut saved);
            if let Err(text) = done {
                self.leave(cx, Frame::Restore(saved));
                self.complain(cx, text);
                return None;
            }
        }
        Some(saved)
    }

    fn redirect_one(
        &self,
        cx: &mut Context,
        redirect: &Redirect,
        target: &str,
        saved: &mut Saved,
    ) -> Result<(), String> {
        let (how, fd) = match redirect.kind {
            RedirectKind::Read => (OpenFor::Read, redirect.fd.unwrap_or(0)),
            RedirectKind::Write if self.options.no_clobber && self.is_file(cx, target) => {
                return Err(self.not_opened(cx, target, OpenFor::Write, Errno::Exists));
            }
            RedirectKind::Write | RedirectKind::BothWrite | RedirectKind::Clobber => {
                (OpenFor::Write, redirect.fd.unwrap_or(1))
            }
            RedirectKind::Append | RedirectKind::BothAppend => (OpenFor::Append, redirect.fd.unwrap_or(1)),
            RedirectKind::ReadWrite => (OpenFor::Both, redirect.fd.unwrap_or(0)),
            RedirectKind::CopyIn | RedirectKind::CopyOut => {
                let fd = redirect.fd.unwrap_or(u32::from(redirect.kind == RedirectKind::CopyOut));
                return self.copy_descriptor(cx, fd, target, saved);
            }
            RedirectKind::Here => {
                let pipe = cx.table.next_id();
                cx.table.pipes.insert(pipe, target.as_bytes().to_vec());
                put(cx, redirect.fd.unwrap_or(0), Some(Fd::PipeRead(pipe)), saved);
                return Ok(());
            }
        };
        match cx.open(target, how) {
            Ok(open) => {
                put(cx, fd, Some(open.clone()), saved);
                if matches!(redirect.kind, RedirectKind::BothWrite | RedirectKind::BothAppend) {
                    put(cx, 2, Some(open), saved);
                }
                Ok(())
            }
            Err(error) => Err(self.not_opened(cx, target, how, error)),
        }
    }

    /// The status of a command whose redirection failed.
    pub(super) fn not_redirected(&self, cx: &Context) -> i32 {
        if self.is_dash(cx) { 2 } else { 1 }
    }

    /// Whether `set -C` protects what stands there.
    fn is_file(&self, cx: &mut Context, path: &str) -> bool {
        let cwd = cx.cwd();
        cx.fs().stat(&cwd, path, Links::Follow).is_ok_and(|node| matches!(node.kind, Kind::File(_)))
    }

    fn copy_descriptor(&self, cx: &mut Context, fd: u32, target: &str, saved: &mut Saved) -> Result<(), String> {
        if target == "-" {
            put(cx, fd, None, saved);
            return Ok(());
        }
        let Ok(from) = target.parse::<u32>() else {
            // bash: `>& file` takes both outputs.
            let open = cx.open(target, OpenFor::Write).map_err(|e| self.not_opened(cx, target, OpenFor::Write, e))?;
            put(cx, 1, Some(open.clone()), saved);
            put(cx, 2, Some(open), saved);
            return Ok(());
        };
        match cx.me().fds.get(&from).cloned() {
            Some(open) => {
                put(cx, fd, Some(open), saved);
                Ok(())
            }
            None => Err(format!("{from}: Bad file descriptor")),
        }
    }

    fn not_opened(&self, cx: &Context, path: &str, how: OpenFor, error: Errno) -> String {
        let writes = how != OpenFor::Read;
        if self.options.bash {
            return format!("{path}: {error}");
        }
        let debian = cx.host.flavor() == Flavor::Debian;
        let text = match error {
            Errno::Absent if debian => if writes { "Directory nonexistent" } else { "No such file" }.to_string(),
            Errno::Absent => if writes { "nonexistent directory" } else { "no such file" }.to_string(),
            other => other.to_string(),
        };
        match (debian, writes) {
            (true, true) => format!("cannot create {path}: {text}"),
            (true, false) => format!("cannot open {path}: {text}"),
            (false, true) => format!("can't create {path}: {text}"),
            (false, false) => format!("can't open {path}: {text}"),
        }
    }

    /// The jobs that still run.
    pub(super) fn running_jobs(&self, cx: &Context) -> Vec<Pid> {
        self.jobs.iter().copied().filter(|pid| cx.table.alive().any(|(p, _)| p == *pid)).collect()
    }
}

fn put(cx: &mut Context, fd: u32, open: Option<Fd>, saved: &mut Saved) {
    let fds = &mut cx.me_mut().fds;
    let before = match open {
        Some(open) => fds.insert(fd, open),
        None => fds.remove(&fd),
    };
    let aside = before.map(|before| {
        let free = fds.keys().next_back().map_or(ASIDE, |last| (last + 1).max(ASIDE));
        fds.insert(free, before);
        free
    });
    saved.push((fd, aside));
}
