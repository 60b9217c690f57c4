//! POSIX.1-2024, Shell Command Language, 2.15: the commands that are the shell's own.
//!
//! Not done: `alias`, `bg`, `fg`, `ulimit` (accepted, without effect).

use std::rc::Rc;

use super::condition;
use super::context::Read;
use super::files::{Errno, Links};
use super::host::Signal;
use super::interp::{Frame, Interp, Variable};
use super::process::*;
use super::tools::print;

const SPECIAL: [&str; 15] = [
    ":", ".", "break", "continue", "eval", "exec", "exit", "export", "readonly", "return", "set", "shift", "times",
    "trap", "unset",
];
const OTHER: [&str; 29] = [
    "true", "false", "echo", "printf", "test", "[", "cd", "pwd", "local", "source", "wait", "kill", "read", "umask",
    "type", "command", "jobs", "getopts", "alias", "unalias", "let", "hash", "ulimit", "declare", "typeset", "bg",
    "fg", "disown", "shopt",
];

pub fn is_special(name: &str) -> bool {
    SPECIAL.contains(&name)
}
pub fn is_builtin(name: &str) -> bool {
    is_special(name) || OTHER.contains(&name)
}

/// Writes a word so that the shell would read it as it is.
pub fn quote(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=,+@%]".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_string();
    }
    format!("'{}'", text.replace('\'', "'\"'\"'"))
}

impl Interp {
    /// Runs a builtin, whose redirections are in place.
    pub(super) fn builtin(&mut self, cx: &mut Context, argv: Vec<String>) -> Flow {
        let name = argv[0].clone();
        let args = &argv[1..];
        let first = args.first().map(String::as_str);
        self.status = match name.as_str() {
            ":" | "true" | "alias" | "unalias" | "hash" | "ulimit" | "bg" | "fg" | "disown" | "shopt" | "times" => 0,
            "false" => 1,
            "echo" => print::echo(cx, args),
            "printf" => print::printf(cx, args),
            "test" => self.test(cx, args),
            "[" => match args.split_last() {
                Some((last, rest)) if last == "]" => self.test(cx, rest),
                _ => {
                    self.complain(cx, "missing ]");
                    2
                }
            },
            "cd" => self.cd(cx, first),
            "pwd" => {
                let line = format!("{}\n", cx.cwd());
                cx.out(&line);
                0
            }
            "export" | "readonly" | "declare" | "typeset" | "local" => self.declare(cx, &name, args),
            "unset" => self.unset(args),
            "set" => self.set_options(cx, args),
            "shift" => self.shift(cx, first),
            "exit" => {
                let status = first.map_or(self.trapped_status(), |n| n.parse().unwrap_or(2));
                self.exit(status);
                return Flow::Go;
            }
            "return" => {
                self.status = first.map_or(self.status, |n| n.parse().unwrap_or(2));
                return self.give_back(cx);
            }
            "break" | "continue" => return self.break_loop(cx, &name, first),
            "eval" => {
                let text = args.join(" ");
                self.status = 0;
                self.run_text(cx, &text);
                return Flow::Go;
            }
            "." | "source" => return self.source(cx, &name, args),
            "\0script" => return self.script(cx, args),
            "exec" => return self.exec(cx, args),
            "trap" => self.trap(cx, args),
            "wait" => return self.wait(cx, argv),
            "kill" => super::tools::process::kill(cx, args),
            "read" => return self.read(cx, argv),
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
            "jobs" => 0,
            "getopts" => self.getopts(cx, args),
            "let" => self.let_all(cx, args),
            other => unreachable!("{other} is no builtin"),
        };
        Flow::Go
    }

    /// `exit` in a trap leaves with the status from before it.
    fn trapped_status(&self) -> i32 {
        let trap = self.stack.iter().rev().find_map(|frame| match frame {
            Frame::Trap { status } => Some(*status),
            _ => None,
        });
        trap.unwrap_or(self.status)
    }

    fn test(&mut self, cx: &mut Context, args: &[String]) -> i32 {
        match condition::test(cx, args) {
            Ok(value) => i32::from(!value),
            Err(text) => {
                self.complain(cx, text);
                2
            }
        }
    }

    fn cd(&mut self, cx: &mut Context, to: Option<&str>) -> i32 {
        let old = cx.cwd();
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
                cx.me_mut().cwd = path;
                return 0;
            }
            (Ok(false), _) => Errno::NotFolder,
            (Err(error), _) | (_, Err(error)) => error,
        };
        let text = if self.options.bash { format!("{to}: {error}") } else { format!("can't cd to {to}: {error}") };
        self.builtin_complains(cx, "cd", text);
        if self.options.bash { 1 } else { 2 }
    }

    fn declare(&mut self, cx: &mut Context, how: &str, args: &[String]) -> i32 {
        let mut flags = String::new();
        let mut names = Vec::new();
        for arg in args {
            match arg.strip_prefix('-') {
                Some(letters) if names.is_empty() => flags.push_str(letters),
                _ => names.push(arg),
            }
        }
        if names.is_empty() || flags.contains('p') {
            let word = if how == "readonly" { "readonly" } else { "export" };
            let shown = |v: &Variable| if how == "readonly" { v.readonly } else { v.exported };
            let lines: String = self
                .vars
                .iter()
                .filter(|(_, v)| shown(v))
                .map(|(name, v)| match self.options.bash {
                    true => format!("declare -x {name}=\"{}\"\n", v.value),
                    false => format!("{word} {name}='{}'\n", v.value.replace('\'', "'\"'\"'")),
                })
                .collect();
            cx.out(&lines);
            return 0;
        }
        for arg in names {
            let (name, value) = match arg.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (arg.as_str(), None),
            };
            if how == "local" || (how != "export" && how != "readonly" && !flags.contains('g')) {
                let before = self.vars.get(name).cloned();
                let call = self.stack.iter_mut().rev().find_map(|frame| match frame {
                    Frame::Call { locals, .. } => Some(locals),
                    _ => None,
                });
                if let Some(locals) = call {
                    locals.push((name.into(), before));
                    Rc::make_mut(&mut self.vars).remove(name);
                }
            }
            if let Some(value) = value
                && let Err(text) = self.set(name, value)
            {
                self.complain(cx, format!("{how}: {text}"));
                return 2;
            }
            let variable = Rc::make_mut(&mut self.vars).entry(name.into()).or_default();
            variable.exported |= how == "export" || flags.contains('x');
            variable.readonly |= how == "readonly" || flags.contains('r');
        }
        0
    }

    fn unset(&mut self, args: &[String]) -> i32 {
        for name in args.iter().filter(|arg| !arg.starts_with('-')) {
            if args[0] != "-f" && Rc::make_mut(&mut self.vars).remove(name.as_str()).is_some() {
                continue;
            }
            Rc::make_mut(&mut self.functions).remove(name.as_str());
        }
        0
    }

    fn set_options(&mut self, cx: &mut Context, args: &[String]) -> i32 {
        if args.is_empty() {
            let lines: String =
                self.vars.iter().map(|(name, v)| format!("{name}='{}'\n", v.value.replace('\'', "'\"'\"'"))).collect();
            cx.out(&lines);
            return 0;
        }
        let mut rest = args;
        while let Some((arg, more)) = rest.split_first() {
            if arg == "--" {
                self.params = Rc::new(more.iter().map(|p| Rc::from(p.as_str())).collect());
                return 0;
            }
            if !arg.starts_with(['-', '+']) || arg.len() < 2 {
                self.params = Rc::new(rest.iter().map(|p| Rc::from(p.as_str())).collect());
                return 0;
            }
            self.options.set(arg);
            rest = more;
            if arg.ends_with('o') {
                let Some((name, more)) = rest.split_first() else { return 0 };
                if !self.options.set_named(name, arg.starts_with('-')) {
                    self.complain(cx, format!("set: illegal option {arg} {name}"));
                    return 2;
                }
                rest = more;
            }
        }
        0
    }

    fn shift(&mut self, cx: &mut Context, by: Option<&str>) -> i32 {
        let by: usize = by.map_or(1, |n| n.parse().unwrap_or(1));
        if by > self.params.len() {
            if !self.options.bash {
                self.complain(cx, "shift: can't shift that many");
            }
            return 1;
        }
        Rc::make_mut(&mut self.params).drain(..by);
        0
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
                if self.options.bash { self.status = 1 } else { self.exit(2) }
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
        cx.me_mut().env = self.environment(&[]);
        match cx.load(cx.pid, args.to_vec()) {
            Ok(program) => Flow::Become(program),
            Err(ExecError::Format) => {
                self.stack.clear();
                self.script(cx, args)
            }
            Err(error) => {
                let code = self.not_started(cx, &args[0], error);
                self.exit(code);
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
                self.complain(cx, format!("trap: {name}: invalid signal specification"));
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
        let process = cx.me_mut();
        (process.caught, process.ignored) = (caught, ignored);
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
                let code = cx.take_child(pid).unwrap_or(127);
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

    fn read(&mut self, cx: &mut Context, argv: Vec<String>) -> Flow {
        let mut raw = false;
        let mut names = Vec::new();
        let mut rest = argv[1..].iter();
        while let Some(arg) = rest.next() {
            match arg.strip_prefix('-') {
                Some(letters) if names.is_empty() && !letters.is_empty() => {
                    raw |= letters.contains('r');
                    if letters.ends_with(['p', 't', 'n', 'd', 'u', 'a']) {
                        rest.next();
                    }
                }
                _ => names.push(arg.clone()),
            }
        }
        let Some((bytes, ended)) = cx.read_line(0) else {
            self.stack.push(Frame::Builtin { argv });
            return Flow::Wait(cx.wait_for_line(0));
        };
        let mut line = String::from_utf8_lossy(&bytes).trim_end_matches('\n').to_string();
        if !raw {
            line = line.replace("\\\\", "\0").replace('\\', "").replace('\0', "\\");
        }
        if names.is_empty() {
            names.push("REPLY".into());
        }
        let separators = self.get("IFS").unwrap_or_else(|| " \t\n".into());
        let is_blank = |c: char| separators.contains(c) && c.is_whitespace();
        let mut rest = line.trim_matches(is_blank);
        self.status = i32::from(!ended);
        for (i, name) in names.iter().enumerate() {
            let value = if i + 1 == names.len() {
                std::mem::take(&mut rest)
            } else {
                let end = rest.find(|c| separators.contains(c)).unwrap_or(rest.len());
                let (value, more) = rest.split_at(end);
                let skip = more.chars().next().map_or(0, char::len_utf8);
                rest = more[skip..].trim_start_matches(is_blank);
                value
            };
            if let Err(text) = self.set(name, value) {
                self.complain(cx, format!("read: {text}"));
                self.status = 2;
            }
        }
        Flow::Go
    }

    fn kind_of(&mut self, cx: &mut Context, args: &[String], brief: bool) -> i32 {
        let mut status = 0;
        for name in args {
            let line = if is_builtin(name) {
                if brief { name.clone() } else { format!("{name} is a shell builtin") }
            } else if self.functions.contains_key(name.as_str()) {
                if brief { name.clone() } else { format!("{name} is a function") }
            } else {
                match cx.find_program(name) {
                    Ok((path, _)) if brief => path,
                    Ok((path, _)) => format!("{name} is {path}"),
                    Err(_) => {
                        if !brief {
                            cx.complain(format!("{name}: not found"));
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

    fn getopts(&mut self, cx: &mut Context, args: &[String]) -> i32 {
        let [spec, name, ..] = args else { return 2 };
        let params: Vec<Rc<str>> = match args.len() {
            2 => self.params.to_vec(),
            _ => args[2..].iter().map(|a| Rc::from(a.as_str())).collect(),
        };
        // OPTIND says which word is next, and our own variable where in that word.
        let index: usize = self.get("OPTIND").and_then(|v| v.parse().ok()).unwrap_or(1);
        let within: usize = self.get("_OPTPOS").and_then(|v| v.parse().ok()).unwrap_or(1);
        let word = params.get(index - 1).cloned().unwrap_or_default();
        let letter = word.chars().nth(within).filter(|_| word.starts_with('-') && &*word != "--");
        let Some(letter) = letter else {
            let _ = self.set(name, "?");
            return 1;
        };
        let more = word.chars().nth(within + 1).is_some();
        let (mut next, mut position) = if more { (index, within + 1) } else { (index + 1, 1) };
        let known = spec.trim_start_matches(':').find(letter);
        let takes = known.is_some() && spec.contains(&format!("{letter}:"));
        let mut result = if known.is_some() { letter.to_string() } else { "?".to_string() };
        if takes {
            let value = match more {
                true => Some(word.chars().skip(within + 1).collect::<String>()),
                false => params.get(index).map(|v| v.to_string()),
            };
            (next, position) = (if more { index + 1 } else { index + 2 }, 1);
            match value {
                Some(value) => drop(self.set("OPTARG", &value)),
                None => result = "?".into(),
            }
        }
        if result == "?" && !spec.starts_with(':') {
            self.complain(cx, format!("illegal option -{letter}"));
        }
        let _ = self.set(name, &result);
        let _ = self.set("OPTIND", &next.to_string());
        let _ = self.set("_OPTPOS", &position.to_string());
        0
    }

    fn let_all(&mut self, cx: &mut Context, args: &[String]) -> i32 {
        let mut last = 0;
        for arg in args {
            match self.arithmetic(cx, arg) {
                Ok(value) => last = value,
                Err(text) => {
                    self.complain(cx, text);
                    return 1;
                }
            }
        }
        i32::from(last == 0)
    }
}

impl Context<'_> {
    /// Takes a line with its newline, and whether it has one. `None`: it is not there yet.
    pub fn read_line(&mut self, fd: u32) -> Option<(Vec<u8>, bool)> {
        match self.read(fd, PIPE_BYTES) {
            Read::Bytes(mut bytes) => match bytes.iter().position(|b| *b == b'\n') {
                Some(at) => {
                    let rest = bytes.split_off(at + 1);
                    self.unread(fd, &rest);
                    Some((bytes, true))
                }
                None if bytes.len() >= PIPE_BYTES || self.at_end(fd) => Some((bytes, false)),
                None => {
                    self.unread(fd, &bytes);
                    None
                }
            },
            Read::End => Some((Vec::new(), false)),
            Read::Empty => None,
        }
    }

    /// What to wait for when a line is not yet whole: there may be bytes already, so that no wait for bytes would do.
    pub fn wait_for_line(&mut self, fd: u32) -> Wait {
        match self.read(fd, 1) {
            Read::Bytes(bytes) => {
                self.unread(fd, &bytes);
                Wait::Until(self.now + crate::clock::Span::millis(100))
            }
            _ => Wait::Input(fd),
        }
    }

    /// Whether nothing can come any more (the bytes at hand were taken).
    fn at_end(&mut self, fd: u32) -> bool {
        match self.read(fd, 1) {
            Read::End => true,
            Read::Empty => false,
            Read::Bytes(bytes) => {
                self.unread(fd, &bytes);
                false
            }
        }
    }
}
