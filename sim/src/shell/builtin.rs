//! POSIX.1-2024, Shell Command Language, 2.15: the commands that are the shell's own.
//!
//! Not done: `alias`, `bg`, `fg`, `ulimit` (accepted, without effect).

use std::rc::Rc;

use super::condition;
use super::files::{Errno, Links};
use super::host::{Flavor, Signal};
use super::interactive::ALWAYS;
use super::interp::{Frame, Interp};
use super::process::*;
use super::tools::{print, printf};

const SPECIAL: [&str; 15] = [
    ":", ".", "break", "continue", "eval", "exec", "exit", "export", "readonly", "return", "set", "shift", "times",
    "trap", "unset",
];
const OTHER: [&str; 29] = [
    "true", "false", "echo", "printf", "test", "[", "cd", "pwd", "local", "source", "wait", "kill", "read", "umask",
    "type", "command", "jobs", "getopts", "alias", "unalias", "let", "hash", "ulimit", "declare", "typeset", "bg",
    "fg", "disown", "shopt",
];

/// What the other shells have and dash has not.
const NOT_OF_DASH: [&str; 7] = ["source", "let", "declare", "typeset", "disown", "shopt", "function"];

pub fn is_special(name: &str) -> bool {
    SPECIAL.contains(&name)
}
pub fn is_builtin(name: &str) -> bool {
    is_special(name) || OTHER.contains(&name)
}

const WRITE_ERROR: &str = "write error: Bad file descriptor";

/// A word as `set -x` of busybox shows it (`maybe_single_quote` there): an empty one is not seen at all.
pub fn traced(text: &str) -> String {
    let plain = |c: char| matches!(c, '+'..=':' | '@'..='Z' | ']'..='_' | 'a'..='z');
    if text.chars().all(plain) && !super::parse::KEYWORDS.contains(&text) {
        return text.to_string();
    }
    format!("'{}'", text.replace('\'', "'\"'\"'"))
}

/// Writes a word so that the shell would read it as it is.
pub fn quote(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=,+@%]".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_string();
    }
    format!("'{}'", text.replace('\'', "'\"'\"'"))
}

fn say_folder(cx: &mut Context) -> i32 {
    let line = format!("{}\n", cx.cwd());
    cx.out(&line);
    0
}

impl Interp {
    /// Runs a builtin, whose redirections are in place.
    pub(super) fn builtin(&mut self, cx: &mut Context, argv: Vec<String>) -> Flow {
        let name = argv[0].clone();
        let args = &argv[1..];
        let first = args.first().map(String::as_str);
        if self.is_dash(cx) && NOT_OF_DASH.contains(&name.as_str()) {
            self.status = self.not_started(cx, &name, ExecError::NotFound);
            return Flow::Go;
        }
        self.status = match name.as_str() {
            "bg" | "fg" | "jobs" if self.options.interactive => self.no_job_control(cx, &name),
            ":" | "true" | "alias" | "hash" | "ulimit" | "bg" | "fg" | "jobs" | "disown" | "shopt" | "times" => 0,
            "false" => 1,
            "echo" | "printf" => self.print(cx, &name, args),
            "test" => self.test(cx, &name, args),
            "[" => match args.split_last() {
                Some((last, rest)) if last == "]" => self.test(cx, &name, rest),
                _ => self.untestable(cx, &name, "missing ]"),
            },
            "cd" => self.cd(cx, first),
            "pwd" => say_folder(cx),
            "export" | "readonly" | "declare" | "typeset" | "local" => self.declare(cx, &name, args),
            "unset" => self.unset(cx, args),
            "set" => self.set_options(cx, args),
            "shift" => self.shift(cx, first),
            "exit" | "return" => return self.leave_with(cx, &name, first),
            "break" | "continue" => return self.break_loop(cx, &name, first),
            "eval" => {
                let text = args.join(" ");
                self.status = 0;
                self.run_text(cx, &text);
                return Flow::Go;
            }
            "." | "source" => return self.source(cx, &name, args),
            "\0script" => return self.script(cx, args),
            "\0misread" => return self.misread(cx, &args[0], args[1].parse().unwrap_or(0)),
            "exec" => return self.exec(cx, args),
            "trap" => self.trap(cx, args),
            "wait" => return self.wait(cx, argv),
            "kill" => super::tools::process::kill(cx, args),
            "read" => return self.read(cx, argv),
            "unalias" => self.unalias(cx, first),
            "umask" => {
                if first.is_none() {
                    cx.out("0022\n");
                }
                0
            }
            "type" => self.kind_of(cx, args, false),
            "command" => match first {
                Some("-v" | "-V") => self.kind_of(cx, &args[1..], first == Some("-v")),
                Some(_) => return self.command_as_is(cx, args),
                None => 0,
            },
            "getopts" => self.getopts(cx, args),
            "let" => self.let_all(cx, args),
            other => unreachable!("{other} is no builtin"),
        };
        Flow::Go
    }

    /// There are no aliases.
    fn unalias(&self, cx: &mut Context, name: Option<&str>) -> i32 {
        let Some(name) = name.filter(|name| *name != "-a") else { return 0 };
        cx.complain(format!("unalias: {name} not found"));
        1
    }

    /// `exit` and `return`.
    fn leave_with(&mut self, cx: &mut Context, name: &str, status: Option<&str>) -> Flow {
        let status = match status {
            Some(text) => self.number_of(cx, name, text),
            None if name == "exit" => Some(self.trapped_status()),
            None => Some(self.status),
        };
        let Some(status) = status else { return Flow::Go };
        if name == "exit" {
            self.say_exit(cx);
            self.exit(status);
            return Flow::Go;
        }
        self.status = if self.is_dash(cx) { status } else { status & 0xff };
        self.give_back(cx)
    }

    /// `exit` in a trap leaves with the status from before it.
    fn trapped_status(&self) -> i32 {
        let trap = self.stack.iter().rev().find_map(|frame| match frame {
            Frame::Trap { status } => Some(*status),
            _ => None,
        });
        trap.unwrap_or(self.status)
    }

    fn test(&mut self, cx: &mut Context, name: &str, args: &[String]) -> i32 {
        match condition::test(cx, args) {
            Ok(value) => i32::from(!value),
            Err(text) => self.untestable(cx, name, &text),
        }
    }

    fn untestable(&self, cx: &mut Context, name: &str, text: &str) -> i32 {
        let by = if self.is_dash(cx) || self.options.bash { format!("{name}: ") } else { String::new() };
        self.complain(cx, format!("{by}{text}"));
        2
    }

    /// `echo` and `printf`, which find out if nobody can read them.
    fn print(&mut self, cx: &mut Context, name: &str, args: &[String]) -> i32 {
        if !cx.me().fds.contains_key(&1) {
            let text = if self.is_dash(cx) { format!("{name}: {name}: I/O error") } else { WRITE_ERROR.into() };
            self.complain(cx, text);
            return 1;
        }
        // What was written before is another's concern.
        cx.me_mut().full = false;
        let code = match name {
            "echo" => {
                let text = if self.is_dash(cx) { print::dash_echoed(args) } else { print::echoed(args) };
                cx.out(&text);
                0
            }
            _ => {
                let by = self.prefix(cx);
                printf::printf(cx, args, &by)
            }
        };
        if !std::mem::take(&mut cx.me_mut().full) {
            return code;
        }
        let text = match () {
            () if self.is_dash(cx) => format!("{name}: {name}: I/O error"),
            () if self.options.bash => format!("{name}: write error: {}", Errno::NoSpace),
            () => format!("write error: {}", Errno::NoSpace),
        };
        self.complain(cx, text);
        1
    }

    /// The number that `exit`, `return` and their like are given; `None` after a complaint.
    fn number_of(&mut self, cx: &mut Context, name: &str, text: &str) -> Option<i32> {
        let number = text.trim().parse().ok().filter(|n| *n >= 0 || self.options.bash);
        if number.is_none() {
            self.builtin_complains(cx, name, format!("Illegal number: {text}"));
            self.fail(cx, 2);
        }
        number
    }

    fn cd(&mut self, cx: &mut Context, to: Option<&str>) -> i32 {
        let old = cx.cwd();
        let back = to == Some("-");
        let to = match to {
            None => self.get("HOME").unwrap_or_else(|| "/root".into()).to_string(),
            Some("-") => self.get("OLDPWD").unwrap_or_else(|| old.clone()).to_string(),
            Some(to) => to.to_string(),
        };
        let fs = cx.fs();
        let found = fs.stat(&old, &to, Links::Follow).map(|node| node.is_folder());
        let place = fs.resolve(&old, &to, Links::Follow);
        let error = match (found, place) {
            (Ok(true), Ok(place)) => {
                let path: Rc<str> = if place.path.is_empty() { "/".into() } else { place.path.into() };
                // Neither can fail but for a read-only PWD, which leaves it as it is.
                let _ = self.set("OLDPWD", &old);
                let _ = self.set("PWD", &path);
                if back {
                    cx.out(&format!("{path}\n"));
                }
                cx.me_mut().cwd = path;
                return 0;
            }
            (Ok(false), _) => Errno::NotFolder,
            (Err(error), _) | (_, Err(error)) => error,
        };
        let text = match cx.host.flavor() {
            _ if self.options.bash => format!("{to}: {error}"),
            Flavor::Busybox => format!("can't cd to {to}: {error}"),
            _ => format!("can't cd to {to}"),
        };
        self.builtin_complains(cx, "cd", text);
        if self.options.bash { 1 } else { 2 }
    }

    /// Leaves the function or sourced file; outside of both, the shell.
    fn give_back(&mut self, cx: &mut Context) -> Flow {
        let status = self.status;
        if !self.stack.iter().any(|frame| matches!(frame, Frame::Call { .. } | Frame::Source)) {
            self.exit(status);
            return Flow::Go;
        }
        while let Some(frame) = self.stack.pop() {
            let end = matches!(frame, Frame::Call { .. } | Frame::Source);
            self.leave(cx, frame);
            if end {
                break;
            }
        }
        self.status = status;
        Flow::Go
    }

    fn break_loop(&mut self, cx: &mut Context, name: &str, count: Option<&str>) -> Flow {
        let mut left: usize = count.map_or(1, |n| n.parse().unwrap_or(1)).max(1);
        let is_loop = |frame: &Frame| matches!(frame, Frame::Loop { .. } | Frame::For { .. } | Frame::Count { .. });
        let floor = self.stack.iter().rposition(|frame| matches!(frame, Frame::Call { .. })).map_or(0, |i| i + 1);
        left = left.min(self.stack[floor..].iter().filter(|frame| is_loop(frame)).count());
        self.status = 0;
        while left > 0 {
            let Some(mut frame) = self.stack.pop() else { break };
            if !is_loop(&frame) {
                self.leave(cx, frame);
                continue;
            }
            left -= 1;
            if left == 0 && name == "continue" {
                if let Frame::Loop { in_body, .. } = &mut frame {
                    *in_body = true;
                }
                self.stack.push(frame);
            }
        }
        Flow::Go
    }

    fn source(&mut self, cx: &mut Context, name: &str, args: &[String]) -> Flow {
        let Some(path) = args.first() else {
            self.status = 2;
            return Flow::Go;
        };
        match cx.file(path) {
            Ok(bytes) => {
                self.stack.push(Frame::Source);
                self.run_text(cx, &String::from_utf8_lossy(&bytes));
            }
            Err(error) => {
                match self.options.bash {
                    true => self.complain(cx, format!("{path}: {error}")),
                    false => self.builtin_complains(cx, name, format!("can't open '{path}': {error}")),
                }
                if self.options.bash { self.status = 1 } else { self.fail(cx, 2) }
            }
        }
        Flow::Go
    }

    /// Runs a file as the shell's script.
    fn script(&mut self, cx: &mut Context, args: &[String]) -> Flow {
        let Some(path) = args.first() else { return Flow::Go };
        self.name = path.as_str().into();
        if args.len() > 1 {
            self.params = Rc::new(args[1..].iter().map(|p| Rc::from(p.as_str())).collect());
        }
        match cx.file(path) {
            Ok(bytes) => self.run_text(cx, &String::from_utf8_lossy(&bytes)),
            Err(error) => {
                let name = cx.me().argv.first().cloned().unwrap_or_default();
                let name = name.rsplit('/').next().unwrap_or_default().to_string();
                let line = match self.options.bash {
                    true => format!("{name}: {path}: {error}"),
                    false => format!("{name}: can't open '{path}': {error}"),
                };
                cx.complain(line);
                self.exit(if self.options.bash { 127 } else { 2 });
            }
        }
        Flow::Go
    }

    fn exec(&mut self, cx: &mut Context, args: &[String]) -> Flow {
        if args.is_empty() {
            self.status = 0;
            return Flow::Go;
        }
        // What was redirected for `exec` stays: the frame that would undo it is dropped with the shell.
        cx.me_mut().env = self.environment(&cx.me().env, &[]);
        match cx.load(cx.pid, args.to_vec()) {
            Ok(program) => Flow::Become(program),
            Err(ExecError::Format) => {
                self.stack.clear();
                self.script(cx, args)
            }
            Err(error) => {
                let code = match error {
                    ExecError::NotFound | ExecError::NoFile if !self.options.bash => {
                        self.builtin_complains(cx, "exec", format!("{}: not found", args[0]));
                        127
                    }
                    error => self.not_started(cx, &args[0], error),
                };
                self.fail(cx, code);
                Flow::Go
            }
        }
    }

    fn trap(&mut self, cx: &mut Context, args: &[String]) -> i32 {
        let args: Vec<&String> = args.iter().filter(|arg| *arg != "--").collect();
        let Some((action, names)) = args.split_first() else {
            let lines: String =
                self.traps.iter().map(|(signal, action)| format!("trap -- '{action}' {signal}\n")).collect();
            cx.out(&lines);
            return 0;
        };
        let names = if names.is_empty() { &args[..] } else { names };
        let resets = action.as_str() == "-" || names.len() == args.len();
        for name in names {
            let Some(signal) = Signal::parse(name) else {
                match self.is_dash(cx) {
                    true => cx.complain(format!("trap: {name}: bad trap")),
                    false => self.builtin_complains(cx, "trap", format!("{name}: invalid signal specification")),
                }
                return 1;
            };
            if resets {
                self.traps.remove(&signal);
            } else {
                self.traps.insert(signal, action.as_str().into());
            }
        }
        let mask = |empty: bool| {
            let of_kind = self.traps.iter().filter(|(_, action)| action.is_empty() == empty);
            of_kind.fold(0, |mask: u64, (signal, _)| mask | 1 << (signal.0 & 63))
        };
        let (caught, ignored) = (mask(false), mask(true));
        let always = if self.options.interactive { ALWAYS } else { 0 };
        let process = cx.me_mut();
        (process.caught, process.ignored) = (caught | always & !ignored, ignored);
        0
    }

    fn wait(&mut self, cx: &mut Context, argv: Vec<String>) -> Flow {
        let wanted: Vec<u32> = argv[1..].iter().filter_map(|arg| arg.parse().ok()).collect();
        let pids = if wanted.is_empty() { self.jobs.clone() } else { wanted.clone() };
        let left: Vec<u32> = pids.iter().copied().filter(|pid| self.running_jobs(cx).contains(pid)).collect();
        if left.is_empty() {
            self.status = 0;
            for pid in pids {
                let ours = self.jobs.contains(&pid);
                let quiet = self.options.bash || wanted.is_empty();
                let ended = if quiet { cx.take_child(pid) } else { cx.bury_child(pid) };
                let code = ended.unwrap_or(127);
                self.jobs.retain(|job| *job != pid);
                if !wanted.is_empty() {
                    self.status = if ours { code } else { 127 };
                }
            }
            return Flow::Go;
        }
        self.stack.push(Frame::Builtin { argv });
        Flow::Wait(Wait::Children(left))
    }

    fn kind_of(&mut self, cx: &mut Context, args: &[String], brief: bool) -> i32 {
        let mut status = 0;
        for name in args {
            let own = is_builtin(name) && !(self.is_dash(cx) && NOT_OF_DASH.contains(&name.as_str()));
            let line = if super::parse::KEYWORDS.contains(&name.as_str()) {
                if brief { name.clone() } else { format!("{name} is a shell keyword") }
            } else if own {
                if brief { name.clone() } else { format!("{name} is a shell builtin") }
            } else if self.functions.contains_key(name.as_str()) {
                if brief {
                    name.clone()
                } else {
                    format!("{name} is a {}function", if self.is_dash(cx) { "shell " } else { "" })
                }
            } else {
                match cx.find_program(name) {
                    Ok((path, _)) if brief => path,
                    Ok((path, _)) => format!("{name} is {path}"),
                    Err(_) => {
                        match brief {
                            true => {}
                            false if self.options.bash => self.complain(cx, format!("type: {name}: not found")),
                            false => cx.out(&format!("{name}: not found\n")),
                        }
                        status = if self.options.bash { 1 } else { 127 };
                        continue;
                    }
                }
            };
            cx.out(&format!("{line}\n"));
        }
        status
    }

    /// `command NAME`: no functions. A program runs as a child.
    fn command_as_is(&mut self, cx: &mut Context, args: &[String]) -> Flow {
        if is_builtin(&args[0]) {
            self.stack.push(Frame::Builtin { argv: args.to_vec() });
            return Flow::Go;
        }
        match cx.spawn(args.to_vec()) {
            Ok(child) => {
                self.stack.push(Frame::Children { pids: vec![child], codes: Vec::new(), negated: false });
                Flow::Wait(Wait::Foreground(vec![child]))
            }
            Err(error) => {
                self.status = self.not_started(cx, &args[0], error);
                Flow::Go
            }
        }
    }
}
