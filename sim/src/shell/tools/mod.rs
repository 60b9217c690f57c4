//! busybox 1.36 (and GNU coreutils where their words differ): the everyday tools, one file per family.

pub mod awk;
mod columns;
mod disk;
mod dump;
mod expr;
pub mod files;
mod follow;
pub mod grep;
pub mod http;
mod letters;
pub mod list;
pub mod net;
pub mod print;
pub mod printf;
pub mod process;
pub mod resolve;
pub mod run;
pub mod sed;
mod shape;
mod sort;
pub mod system;
mod tar;
pub mod text;
pub mod time;
mod whole;

use std::rc::Rc;

use super::host::{Flavor, Pid};
use super::process::*;
use crate::clock::{Span, Time};

/// A tool at work.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Tool {
    pub program: Rc<str>,
    pub argv: Vec<String>,
    state: State,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum State {
    New,
    Until(Time),
    /// What `dd` has read.
    Dd(Vec<u8>),
    Filter(Box<text::Filter>),
    Follow(Box<follow::Follow>),
    Fetch(Box<net::Fetch>),
    Lookup(Box<net::Lookup>),
    Ping(Box<net::Ping>),
    Connect(Box<net::Connect>),
    Tar(Box<tar::Tar>),
    Limit(Box<run::Limit>),
    Xargs(Box<run::Xargs>),
    /// Passes on the exit code of a child.
    Child(Pid),
    Yes(Rc<str>),
    Stress(Option<Time>),
}

/// Every program that is simulated by a tool.
pub const NAMES: &[&str] = &[
    "[",
    "awk",
    "base64",
    "basename",
    "cat",
    "chgrp",
    "chmod",
    "chown",
    "clear",
    "cmp",
    "cp",
    "curl",
    "cut",
    "date",
    "dd",
    "df",
    "dig",
    "dirname",
    "du",
    "echo",
    "egrep",
    "env",
    "expr",
    "false",
    "fgrep",
    "find",
    "fold",
    "free",
    "grep",
    "groups",
    "head",
    "hexdump",
    "hostname",
    "id",
    "kill",
    "killall",
    "less",
    "ln",
    "ls",
    "md5sum",
    "mkdir",
    "mktemp",
    "more",
    "mount",
    "mv",
    "nc",
    "nice",
    "nl",
    "nohup",
    "nproc",
    "nslookup",
    "od",
    "paste",
    "pgrep",
    "pidof",
    "ping",
    "pkill",
    "printenv",
    "printf",
    "ps",
    "pwd",
    "readlink",
    "realpath",
    "rev",
    "rm",
    "rmdir",
    "sed",
    "seq",
    "setsid",
    "sha256sum",
    "sleep",
    "sort",
    "stat",
    "stress",
    "stty",
    "sync",
    "tac",
    "tail",
    "tar",
    "tee",
    "test",
    "time",
    "timeout",
    "top",
    "touch",
    "tr",
    "true",
    "truncate",
    "tty",
    "uname",
    "uniq",
    "uptime",
    "vi",
    "watch",
    "wc",
    "wget",
    "which",
    "whoami",
    "xargs",
    "yes",
];

/// Whether a program is a shell.
pub fn is_shell(program: &str) -> bool {
    matches!(program, "sh" | "ash" | "bash" | "dash")
}

impl Tool {
    pub fn new(program: &Rc<str>, argv: Vec<String>) -> Tool {
        Tool { program: program.clone(), argv, state: State::New }
    }

    pub(in crate::shell) fn step(&mut self, cx: &mut Context) -> Flow {
        match &mut self.state {
            State::New => self.begin(cx),
            State::Until(at) if cx.now >= *at => Flow::Exit(0),
            State::Until(at) => Flow::Wait(Wait::Until(*at)),
            State::Dd(held) => {
                let (held, argv) = (std::mem::take(held), self.argv.clone());
                files::dd_from(cx, &argv[1..], held, &mut self.state)
            }
            State::Filter(filter) => filter.step(cx),
            State::Follow(follow) => follow.step(cx),
            State::Fetch(fetch) => fetch.step(cx),
            State::Lookup(lookup) => lookup.step(cx),
            State::Ping(ping) => ping.step(cx),
            State::Connect(connect) => connect.step(cx),
            State::Tar(tar) => tar.step(cx),
            State::Limit(limit) => limit.step(cx),
            State::Xargs(xargs) => xargs.step(cx),
            State::Child(child) => match cx.take_child(*child) {
                Some(code) => Flow::Exit(code),
                None => Flow::Wait(Wait::Children(vec![*child])),
            },
            State::Yes(line) => {
                cx.out(&line.repeat(1 + 512 / line.len().max(1)));
                Flow::Go
            }
            State::Stress(until) => {
                cx.charge(STEPS_PER_INSTANT);
                if until.is_some_and(|at| cx.now >= at) { Flow::Exit(0) } else { Flow::Go }
            }
        }
    }

    /// A sleep ends so much later.
    pub(in crate::shell) fn sleep_on(&mut self, span: Span) {
        if let State::Until(at) = &mut self.state {
            *at += span;
        }
    }

    fn begin(&mut self, cx: &mut Context) -> Flow {
        let argv = self.argv.clone();
        let args = &argv[1.min(argv.len())..];
        let code = match &*self.program {
            "true" | "sync" | "stty" | "clear" => 0,
            "false" => 1,
            "echo" => print::echo(cx, args),
            "printf" => printf::printf(cx, args, "printf: "),
            "test" => run::test(cx, args),
            "[" => run::test(cx, &args[..args.len().saturating_sub(1)]),
            "pwd" => say(cx, cx.cwd().to_string()),
            "ls" => list::ls(cx, args),
            "stat" => list::stat(cx, args),
            "find" => return list::find(cx, args, &mut self.state),
            "readlink" | "realpath" => list::readlink(cx, &self.program, args),
            "touch" => files::touch(cx, args),
            "rm" => files::rm(cx, args),
            "rmdir" => files::rmdir(cx, args),
            "mkdir" => files::mkdir(cx, args),
            "mv" | "cp" => files::mv_cp(cx, &self.program, args),
            "ln" => files::ln(cx, args),
            "chmod" | "chown" | "chgrp" => files::change(cx, &self.program, args),
            "mktemp" => files::mktemp(cx, args),
            "truncate" => files::truncate(cx, args),
            "dd" => return files::dd_from(cx, args, Vec::new(), &mut self.state),
            "basename" | "dirname" => print::path_part(cx, &self.program, args),
            "seq" => print::seq(cx, args),
            "expr" => expr::expr(cx, args),
            "date" => time::date(cx, args),
            "uptime" => time::uptime(cx),
            "hostname" => return net::hostname(cx, args, &mut self.state),
            "id" | "whoami" | "groups" => system::id(cx, &self.program, args),
            "uname" | "nproc" | "tty" | "free" => system::about(cx, &self.program, args),
            "df" | "mount" | "du" => disk::about(cx, &self.program, args),
            "ps" => process::ps(cx, args),
            "kill" => process::kill(cx, args),
            "killall" | "pkill" => process::killall(cx, &self.program, args),
            "pidof" | "pgrep" => process::pidof(cx, &self.program, args),
            "which" => run::which(cx, args),
            "printenv" => run::printenv(cx, args),
            "env" => return run::env(cx, args, &mut self.state),
            "nohup" | "setsid" | "nice" | "time" => return run::other(cx, args, &mut self.state),
            "timeout" => return run::timeout(cx, args, &mut self.state),
            "xargs" => return run::xargs(cx, args, &mut self.state),
            "sleep" => return time::sleep(cx, args, &mut self.state),
            "yes" => {
                let line = if args.is_empty() { "y\n".into() } else { format!("{}\n", args.join(" ")) };
                self.state = State::Yes(line.into());
                return Flow::Go;
            }
            "stress" => return system::stress(cx, args, &mut self.state),
            "wget" => return net::wget(cx, args, &mut self.state),
            "curl" => return net::curl(cx, args, &mut self.state),
            "nslookup" | "dig" => return net::nslookup(cx, &self.program, args, &mut self.state),
            "ping" => return net::ping(cx, args, &mut self.state),
            "nc" => return net::nc(cx, args, &mut self.state),
            "tar" => return tar::begin(cx, args, &mut self.state),
            program => match text::begin(cx, program, args, &mut self.state) {
                Some(flow) => return flow,
                None => {
                    cx.complain(format!("{program}: this program is not simulated"));
                    1
                }
            },
        };
        Flow::Exit(code)
    }
}

/// Prints a line; the exit code of success.
pub(in crate::shell) fn say(cx: &mut Context, line: impl std::fmt::Display) -> i32 {
    cx.out(&format!("{line}\n"));
    0
}

/// Splits options from operands: single letters may be joined, those in `with_value` take the rest or the next word.
pub(in crate::shell) struct Options {
    pub flags: Vec<(char, Option<String>)>,
    pub operands: Vec<String>,
}

impl Options {
    pub fn read(args: &[String], with_value: &str) -> Options {
        let mut options = Options { flags: Vec::new(), operands: Vec::new() };
        let mut rest = args.iter();
        let mut over = false;
        while let Some(arg) = rest.next() {
            if over || !arg.starts_with('-') || arg == "-" {
                options.operands.push(arg.clone());
            } else if arg == "--" {
                over = true;
            } else if let Some(long) = arg.strip_prefix("--") {
                let (name, value) = long.split_once('=').map_or((long, None), |(n, v)| (n, Some(v.to_string())));
                if let Some(letter) = long_option(name) {
                    let value =
                        if with_value.contains(letter) && value.is_none() { rest.next().cloned() } else { value };
                    options.flags.push((letter, value));
                }
            } else {
                let letters: Vec<char> = arg.chars().skip(1).collect();
                for (i, letter) in letters.iter().enumerate() {
                    if with_value.contains(*letter) {
                        let joined: String = letters[i + 1..].iter().collect();
                        let value = if joined.is_empty() { rest.next().cloned() } else { Some(joined) };
                        options.flags.push((*letter, value));
                        break;
                    }
                    options.flags.push((*letter, None));
                }
            }
        }
        options
    }
    pub fn has(&self, letter: char) -> bool {
        self.flags.iter().any(|(l, _)| *l == letter)
    }
    pub fn value(&self, letter: char) -> Option<&str> {
        self.flags.iter().rev().find(|(l, _)| *l == letter).and_then(|(_, v)| v.as_deref())
    }
    pub fn values(&self, letter: char) -> impl Iterator<Item = &str> {
        self.flags.iter().filter(move |(l, _)| *l == letter).filter_map(|(_, v)| v.as_deref())
    }
}

/// The letter that a long option stands for.
fn long_option(name: &str) -> Option<char> {
    Some(match name {
        "all" | "almost-all" => 'a',
        "recursive" => 'r',
        "force" => 'f',
        "parents" => 'p',
        "lines" => 'n',
        "bytes" => 'c',
        "count" => 'c',
        "quiet" | "silent" => 'q',
        "ignore-case" => 'i',
        "invert-match" => 'v',
        "only-matching" => 'o',
        "line-number" => 'n',
        "extended-regexp" => 'E',
        "fixed-strings" => 'F',
        "decode" => 'd',
        "numeric-sort" => 'n',
        "reverse" => 'r',
        "unique" => 'u',
        "key" => 'k',
        "field-separator" => 't',
        "delimiter" => 'd',
        "fields" => 'f',
        "follow" => 'f',
        "append" => 'a',
        "signal" => 's',
        "mode" => 'm',
        "human-readable" => 'h',
        "summarize" => 's',
        "wrap" => 'w',
        "utc" => 'u',
        "date" => 'd',
        "null" => '0',
        "max-args" => 'n',
        "no-run-if-empty" => 'r',
        "in-place" => 'i',
        "regexp" => 'e',
        "size" => 's',
        "zero" => 'z',
        _ => return None,
    })
}

/// How a file that cannot be opened is complained about: busybox's words, or GNU's.
pub(in crate::shell) fn cannot_open(cx: &Context, tool: &str, path: &str, error: impl std::fmt::Display) -> String {
    match cx.host.flavor() {
        Flavor::Busybox => format!("{tool}: can't open '{path}': {error}"),
        _ if matches!(tool, "head" | "tail") => format!("{tool}: cannot open '{path}' for reading: {error}"),
        _ => format!("{tool}: {path}: {error}"),
    }
}

impl Context<'_> {
    /// Uses CPU beyond what steps count.
    pub(in crate::shell) fn charge(&mut self, steps: u64) {
        self.table.charge(steps);
    }
    pub(in crate::shell) fn is_gnu(&self) -> bool {
        self.host.flavor() != Flavor::Busybox
    }
}

/// A tree with a program in `/bin` for every tool and for `sh`, and the devices: what a machine needs at least.
pub fn tree() -> super::files::Tree {
    use super::files::{Node, Tree};
    let mut tree = Tree::new();
    for name in NAMES.iter().chain(&["sh"]) {
        tree.put(&format!("bin/{name}"), Node::program(name));
    }
    for name in ["null", "zero", "full", "random", "urandom", "stdin", "stdout", "stderr"] {
        tree.put(&format!("dev/{name}"), Node::device(name));
    }
    tree.put("tmp", Node::folder().with_mode(0o1777));
    tree.put("proc", Node::folder());
    tree
}
