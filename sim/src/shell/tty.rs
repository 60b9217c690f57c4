//! Linux: drivers/tty/n_tty.c: what a program reads, from a pipe or from a terminal that somebody types into.
//!
//! Not done: sizes, and the keys that stop output, suspend jobs or edit a line (who types sends whole lines).

use super::context::Read;
use super::host::*;
use super::process::*;
use crate::clock::Time;

/// Ctrl-C, and Ctrl-D.
pub(super) const INTERRUPT: u8 = 3;
pub(super) const END: u8 = 4;

/// What the standard input of a program is that is started from outside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Input {
    /// Nothing: it ends at once.
    #[default]
    Empty,
    /// A pipe that is fed.
    Pipe,
    /// A terminal, and so are its outputs.
    Terminal,
}

/// Who makes of keys what they mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Mode {
    /// The terminal: it shows what is typed, hands over whole lines, ends the input at Ctrl-D and interrupts at Ctrl-C.
    #[default]
    Lines,
    /// The program's line editor: it shows the line itself when it reads it.
    Edited,
    /// The program, which reads key by key.
    Keys,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Tty {
    pub mode: Mode,
    /// Some program has read from it.
    pub asked: bool,
}

/// Input and output of processes towards whoever started them: a container's logs, an exec, a terminal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Session {
    pub input: Vec<u8>,
    pub input_closed: bool,
    pub output: Vec<(Stream, Vec<u8>)>,
    pub tty: Option<Tty>,
}

impl Session {
    pub(super) fn new(input: Input) -> Session {
        let tty = (input == Input::Terminal).then(Tty::default);
        Session { input_closed: input == Input::Empty, tty, ..Session::default() }
    }

    /// How many bytes the next read would give at most; of a terminal's input a line, unless the program wants every key.
    fn readable(&self) -> usize {
        let end = match self.tty.map(|tty| tty.mode) {
            None | Some(Mode::Keys) => return self.input.len(),
            Some(Mode::Lines) => self.input.iter().position(|b| matches!(*b, b'\n' | END)),
            Some(Mode::Edited) => self.input.iter().position(|b| matches!(*b, b'\n' | END | INTERRUPT)),
        };
        end.map_or(if self.input_closed { self.input.len() } else { 0 }, |at| at + 1)
    }

    pub(super) fn has_bytes(&self) -> bool {
        self.readable() > 0
    }

    /// Takes what a read gives.
    pub(super) fn take(&mut self, limit: usize) -> Read {
        let n = self.readable();
        if n == 0 {
            return if self.input_closed { Read::End } else { Read::Empty };
        }
        let mut bytes: Vec<u8> = self.input.drain(..n.min(limit)).collect();
        if self.tty.is_some_and(|tty| tty.mode == Mode::Lines) {
            // Ctrl-D hands over what was typed before it; if that is nothing, the input is at its end.
            if bytes.last() == Some(&END) {
                bytes.pop();
            } else if bytes.len() == n - 1 && self.input.first() == Some(&END) {
                self.input.remove(0);
            }
            if bytes.is_empty() {
                return Read::End;
            }
        }
        Read::Bytes(bytes)
    }

    pub(super) fn write(&mut self, stream: Stream, bytes: &[u8]) {
        match self.output.last_mut() {
            Some((last, text)) if *last == stream => text.extend_from_slice(bytes),
            _ => self.output.push((stream, bytes.to_vec())),
        }
    }
}

impl Processes {
    /// Somebody types into a session's terminal: a line ends with a newline, U+0003 is Ctrl-C, U+0004 Ctrl-D. What is no
    /// terminal gets the bytes as they are.
    pub fn type_in(&mut self, host: &mut dyn Host, session: Pid, bytes: &[u8], now: Time) {
        for byte in bytes {
            let Some(typed) = self.sessions.get_mut(&session) else { return };
            let lines = typed.tty.is_some_and(|tty| tty.mode == Mode::Lines);
            if lines && *byte == INTERRUPT {
                typed.input.clear();
                typed.write(Stream::Out, b"^C");
                for pid in self.foreground(session) {
                    self.signal(host, pid, Signal::INT, now);
                }
                continue;
            }
            if lines && *byte != END {
                typed.write(Stream::Out, &[*byte]);
            }
            typed.input.push(*byte);
        }
    }

    /// No more input comes; who sits before a terminal that was hung up is told.
    pub fn close(&mut self, host: &mut dyn Host, session: Pid, now: Time) {
        let Some(closed) = self.sessions.get_mut(&session) else { return };
        closed.input_closed = true;
        if closed.tty.is_some() {
            self.signal(host, session, Signal::HUP, now);
        }
    }

    /// Whether some program has read from a session's terminal.
    pub fn asked(&self, session: Pid) -> bool {
        self.sessions.get(&session).and_then(|session| session.tty).is_some_and(|tty| tty.asked)
    }

    /// How a session's terminal is read; `None` if it has none.
    pub fn mode(&self, session: Pid) -> Option<Mode> {
        self.sessions.get(&session)?.tty.map(|tty| tty.mode)
    }

    /// Whom Ctrl-C reaches: a program and what it has started. A shell that somebody talks to hears of it as well, but not
    /// what runs in its background, nor the shell behind another one.
    fn foreground(&self, pid: Pid) -> Vec<Pid> {
        let Some(process) = self.list.get(&pid) else { return Vec::new() };
        let talks = |p: &Process| matches!(&p.program, Program::Shell(shell) if shell.options.interactive);
        let jobs: &[Pid] = match &process.program {
            Program::Shell(shell) if talks(process) => &shell.jobs,
            _ => &[],
        };
        let children = self.list.iter().filter(|(child, p)| p.parent == pid && !jobs.contains(child));
        let below: Vec<Pid> = children.map(|(child, _)| *child).collect();
        let hidden = talks(process) && below.iter().any(|pid| self.list.get(pid).is_some_and(|p| talks(p)));
        let own = (!hidden).then_some(pid);
        own.into_iter().chain(below.into_iter().flat_map(|pid| self.foreground(pid))).collect()
    }
}

impl Context<'_> {
    /// Whether a descriptor is a terminal.
    pub fn is_terminal(&self, fd: u32) -> bool {
        self.table.is_terminal(self.pid, fd)
    }

    /// How the terminal on standard input is to be read from now on, if there is one.
    pub(super) fn set_mode(&mut self, mode: Mode) {
        if let Some(tty) = self.table.tty_of(self.pid) {
            tty.mode = mode;
        }
    }
}

impl Processes {
    pub(super) fn is_terminal(&self, pid: Pid, fd: u32) -> bool {
        match self.list.get(&pid).and_then(|p| p.fds.get(&fd)) {
            Some(Fd::Input(id) | Fd::Output(id, _)) => self.sessions.get(id).is_some_and(|s| s.tty.is_some()),
            _ => false,
        }
    }

    /// The terminal that is a process's standard input.
    pub(super) fn tty_of(&mut self, pid: Pid) -> Option<&mut Tty> {
        let Some(Fd::Input(session)) = self.list.get(&pid)?.fds.get(&0) else { return None };
        self.sessions.get_mut(session)?.tty.as_mut()
    }
}
