//! What runs in a container: the program of its image, or the command that the Pod gives instead.

use crate::clock::{Span, Time};
use std::rc::Rc;

/// What a container's first process is started with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Launch {
    /// The image's full name.
    pub image: Rc<str>,
    /// `command` and `args` of the specification, expanded.
    pub command: Vec<Rc<str>>,
    pub args: Vec<Rc<str>>,
    pub env: Rc<Vec<(Rc<str>, Rc<str>)>>,
    pub working_dir: Rc<str>,
    /// Ports that the specification declares.
    pub ports: Vec<u16>,
    /// Bytes; unset is unlimited.
    pub memory_limit: Option<u64>,
}

/// A container's processes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Process {
    launch: Rc<Launch>,
    ends: Option<Time>,
    end: Option<End>,
    heeds_term: bool,
}

/// How a container's first process ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct End {
    pub at: Time,
    pub code: i32,
    pub out_of_memory: bool,
    /// What it left as its termination message.
    pub message: Rc<str>,
}

/// What comes back from a port.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Reply {
    Http {
        status: u16,
        body: String,
    },
    /// Nothing listens there.
    Refused,
    /// It does not answer in time.
    Silent,
}

impl Process {
    /// # Errors
    /// The runtime's words if the program cannot be started.
    pub fn start(launch: Launch, now: Time) -> Result<Process, Rc<str>> {
        let sleeps = launch.command.first().is_some_and(|c| &**c == "sleep");
        let seconds = launch.command.get(1).and_then(|s| s.parse().ok()).map(Span::secs);
        let ends = if sleeps { seconds.map(|s| now + s) } else { None };
        Ok(Process { launch: Rc::new(launch), ends, end: None, heeds_term: !sleeps })
    }
    /// When it goes on by itself.
    pub fn next_wake(&self) -> Option<Time> {
        self.ends
    }
    pub fn advance(&mut self, now: Time) {
        if let Some(at) = self.ends.filter(|at| *at <= now && self.end.is_none()) {
            self.end = Some(End { at, ..Default::default() });
        }
    }
    pub fn ended(&self) -> Option<&End> {
        self.end.as_ref()
    }
    /// A signal for process 1: 15 or 9 mostly.
    pub fn signal(&mut self, signal: u8, now: Time) {
        if self.end.is_none() && (signal == 9 || self.heeds_term) {
            let code = if signal == 9 { 137 } else { 0 };
            self.end = Some(End { at: now, code, ..Default::default() });
        }
    }
    /// Asks a port over HTTP.
    pub fn get(&mut self, port: u16, _path: &str, _headers: &[(Rc<str>, Rc<str>)], _now: Time) -> Reply {
        if self.listens(port) { Reply::Http { status: 200, body: String::new() } } else { Reply::Refused }
    }
    pub fn listens(&self, port: u16) -> bool {
        self.end.is_none() && self.launch.ports.contains(&port)
    }
    /// Starts a further program in the container; its result is asked for with [`Process::exec_result`].
    ///
    /// # Errors
    /// The runtime's words if it cannot be started.
    pub fn exec(&mut self, argv: &[Rc<str>], _now: Time) -> Result<u32, Rc<str>> {
        let _ = argv;
        Ok(1)
    }
    /// Exit code and output of an ended program; it is then forgotten.
    pub fn exec_result(&mut self, _exec: u32) -> Option<(i32, Vec<u8>)> {
        Some((0, Vec::new()))
    }
    /// Ends a program that was started with [`Process::exec`].
    pub fn exec_kill(&mut self, _exec: u32) {}
}
