//! What runs in a container: the program of its image, or the command that the Pod gives instead.

use crate::clock::{Span, Time};
use crate::shell::{Creds, Mount, NetAnswer, NetRequest, Ticket, Volumes};
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
    /// Thousandths of a core; unset is unlimited.
    pub cpu_limit: Option<u64>,
    /// Volumes of the sandbox, and where the container sees them.
    pub mounts: Vec<Mount>,
    pub creds: Creds,
    pub read_only_root: bool,
    /// Where the termination message is left, and whether the log's end takes its place after an error.
    pub message_path: Rc<str>,
    pub message_from_log: bool,
    /// What is in `/etc/hosts` and `/etc/resolv.conf`.
    pub hosts: Rc<str>,
    pub resolv_conf: Rc<str>,
    /// Whether standard input is kept open for `attach`.
    pub stdin: bool,
    pub annotations: crate::api::Texts,
}

/// What the processes of one sandbox share, and what they meet outside of themselves.
pub struct World<'a> {
    pub volumes: &'a mut Volumes,
    pub hostname: &'a str,
    /// What the wall clock showed at time 0: milliseconds since 1970.
    pub epoch: i64,
    /// Network requests that are sent; answers come through [`Process::deliver`].
    pub sent: &'a mut Vec<(Ticket, NetRequest)>,
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
    pub fn start(launch: Launch, _world: &mut World, now: Time) -> Result<Process, Rc<str>> {
        let sleeps = launch.command.first().is_some_and(|c| &**c == "sleep");
        let seconds = launch.command.get(1).and_then(|s| s.parse().ok()).map(Span::secs);
        let ends = if sleeps { seconds.map(|s| now + s) } else { None };
        Ok(Process { launch: Rc::new(launch), ends, end: None, heeds_term: !sleeps })
    }
    /// When it goes on by itself.
    pub fn next_wake(&self) -> Option<Time> {
        self.ends
    }
    pub fn advance(&mut self, _world: &mut World, now: Time) {
        if let Some(at) = self.ends.filter(|at| *at <= now && self.end.is_none()) {
            self.end = Some(End { at, ..Default::default() });
        }
    }
    pub fn ended(&self) -> Option<&End> {
        self.end.as_ref()
    }
    /// A signal for process 1: 15 or 9 mostly.
    pub fn signal(&mut self, signal: u8, _world: &mut World, now: Time) {
        if self.end.is_none() && (signal == 9 || self.heeds_term) {
            let code = if signal == 9 { 137 } else { 0 };
            self.end = Some(End { at: now, code, ..Default::default() });
        }
    }
    /// Asks a port over HTTP.
    pub fn get(
        &mut self,
        port: u16,
        _path: &str,
        _headers: &[(Rc<str>, Rc<str>)],
        _world: &mut World,
        _now: Time,
    ) -> Reply {
        if self.listens(port) { Reply::Http { status: 200, body: String::new() } } else { Reply::Refused }
    }
    pub fn listens(&self, port: u16) -> bool {
        self.end.is_none() && self.launch.ports.contains(&port)
    }
    /// Starts a further program in the container; its result is asked for with [`Process::exec_result`].
    ///
    /// # Errors
    /// The runtime's words if it cannot be started.
    pub fn exec(&mut self, argv: &[Rc<str>], _input: bool, _world: &mut World, _now: Time) -> Result<u32, Rc<str>> {
        let _ = argv;
        Ok(1)
    }
    /// Input for a program that was started with `input`.
    pub fn feed(&mut self, _exec: u32, _bytes: &[u8], _closes: bool) {}
    /// What such a program has written since the last call.
    pub fn exec_output(&mut self, _exec: u32) -> Vec<u8> {
        Vec::new()
    }
    /// Exit code and output of an ended program; it is then forgotten.
    pub fn exec_result(&mut self, _exec: u32) -> Option<(i32, Vec<u8>)> {
        Some((0, Vec::new()))
    }
    /// The answer to a network request.
    pub fn deliver(&mut self, _ticket: Ticket, _answer: NetAnswer) {}
    /// Everything that process 1 and its children wrote, with the time of each piece; only the latest is kept.
    pub fn log(&self) -> &[(Time, Rc<[u8]>)] {
        &[]
    }
    /// Bytes written to the container's own layer.
    pub fn layer_bytes(&self) -> u64 {
        0
    }
    /// Ends a program that was started with [`Process::exec`].
    pub fn exec_kill(&mut self, _exec: u32) {}
}
