//! Linux, as far as scripts notice it: a table of processes with descriptors, pipes, signals and exit codes.
//!
//! Everything is plain data: cut at any instant, cloned and resumed, it goes on alike. Not done: process groups,
//! priorities, threads, file locks.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::files::Creds;
use super::host::*;
use super::interp::Interp;
use super::tools::Tool;
pub use super::tty::{Input, Mode, Session};
use crate::clock::Time;

/// Processes of one table may do so many steps at one instant; then time passes. One step stands for 50 µs of CPU.
pub const STEPS_PER_INSTANT: u64 = 1000;
pub(super) const MICROS_PER_STEP: u64 = 50;
/// A pipe holds so much before its writer waits (Linux: 64 KiB).
pub const PIPE_BYTES: usize = 64 * 1024;
/// Numbers that runc takes for itself when it starts a further program in a container.
const RUNTIME_PIDS: Pid = 5;
/// Descriptors from here on are the shell's own: no other program gets them. From these it reads what its command
/// substitutions write; above them it puts aside what redirections replace.
pub(super) const SUBSTITUTIONS: u32 = 1000;
pub(super) const ASIDE: u32 = 2000;
/// The parent of processes whose parent has ended: their end is not waited for.
const NOBODY: Pid = Pid::MAX;
/// So many processes may run in one table; more cannot be forked.
pub const PROCESSES: usize = 200;

/// What a descriptor stands for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Fd {
    /// `/dev/null`, `zero`, `full`, `random` ...
    Device(Rc<str>),
    /// What the machine's side of a session gives and takes.
    Input(u32),
    Output(u32, Stream),
    PipeRead(u32),
    PipeWrite(u32),
    /// An open file, shared by those who inherited it.
    File(u32),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OpenFile {
    pub path: Rc<str>,
    pub offset: u64,
    pub append: bool,
    pub writable: bool,
}

/// What a process waits for. A signal always ends the wait, except that a shell first lets its child end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Wait {
    #[default]
    No,
    Until(Time),
    /// Bytes (or the end) on a descriptor.
    Input(u32),
    /// The end of one of these.
    Children(Vec<Pid>),
    /// Like `Children`, but until then no trap runs.
    Foreground(Vec<Pid>),
    /// The answer to a request, or the time.
    Answer(Ticket, Option<Time>),
    /// The end of a child, or the time.
    ChildUntil(Pid, Time),
    /// The host's program: asked again when the time has come or something came in. Whether it was told that no more
    /// input comes.
    Host(Option<Time>, bool),
    /// A signal.
    Forever,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Program {
    Shell(Box<Interp>),
    Tool(Box<Tool>),
    /// The host's own.
    Host,
    /// Being stepped just now.
    Away,
    Ended(i32),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Process {
    pub parent: Pid,
    /// The program's name, as `ps` shows it in the column COMMAND of `-o comm`.
    pub name: Rc<str>,
    pub argv: Rc<Vec<String>>,
    pub fds: BTreeMap<u32, Fd>,
    pub env: Env,
    pub cwd: Rc<str>,
    pub creds: Rc<Creds>,
    pub started: Time,
    /// Signals that came and wait for a trap.
    pub pending: Vec<Signal>,
    /// Signals with a trap, and those that are ignored: a bit each.
    pub caught: u64,
    pub ignored: u64,
    pub stopped: bool,
    /// There was no room for what it wrote last.
    pub full: bool,
    /// The signal that ended it, if one did.
    pub killed: Option<Signal>,
    pub wait: Wait,
    /// Bytes that it holds beside what every process of its kind does.
    pub memory: u64,
    pub program: Program,
}

/// A table of processes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Processes {
    /// Boxed, as are the sessions: a map's nodes have room for eleven, and mostly there is one.
    pub(super) list: BTreeMap<Pid, Box<Process>>,
    pub(super) pipes: BTreeMap<u32, Vec<u8>>,
    pub(super) files: BTreeMap<u32, OpenFile>,
    pub(super) sessions: BTreeMap<u32, Box<Session>>,
    /// Answers on their way, and when they arrive.
    pub(super) answers: BTreeMap<Ticket, (Time, NetAnswer)>,
    pub(super) last_pid: Pid,
    pub(super) last_id: u32,
    /// Steps done so far in all: CPU time.
    pub(super) steps: u64,
    /// Steps left at the instant `at`.
    pub(super) at: Time,
    pub(super) left: u64,
    /// The processes used up their time: nothing runs before.
    pub(super) resting_until: Time,
}

/// Why a program cannot be started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExecError {
    /// No such program on the PATH.
    NotFound,
    /// The path leads nowhere.
    NoFile,
    Denied,
    IsFolder,
    /// Neither a program nor a script.
    Format,
}

/// What a process is started with.
pub struct Start {
    pub argv: Vec<String>,
    pub env: Env,
    pub cwd: Rc<str>,
    pub creds: Rc<Creds>,
    pub input: Input,
}

/// One process being stepped, with all around it.
pub struct Context<'a> {
    pub table: &'a mut Processes,
    pub host: &'a mut dyn Host,
    pub pid: Pid,
    pub now: Time,
}

/// What a step of a process came to.
pub enum Flow {
    Go,
    Wait(Wait),
    /// Becomes another program.
    Become(Program),
    Exit(i32),
}

impl Processes {
    /// A table whose first process gets the number `first`.
    pub fn new(first: Pid) -> Processes {
        Processes { last_pid: first.saturating_sub(1), left: STEPS_PER_INSTANT, ..Processes::default() }
    }

    /// Starts a process with streams of its own, as `execve` from outside does. Gives its number; its streams have
    /// the same one.
    pub fn start(&mut self, host: &mut dyn Host, start: Start, now: Time) -> Result<Pid, ExecError> {
        // The runtime's own threads take numbers before the program does.
        if self.last_pid > 0 && !self.list.is_empty() {
            self.last_pid += RUNTIME_PIDS;
        }
        let pid = self.next_pid();
        self.sessions.insert(pid, Box::new(Session::new(start.input)));
        let fds = [(0, Fd::Input(pid)), (1, Fd::Output(pid, Stream::Out)), (2, Fd::Output(pid, Stream::Err))];
        let process = Process {
            parent: 0,
            name: "".into(),
            argv: Rc::new(start.argv.clone()),
            fds: fds.into(),
            env: start.env,
            cwd: start.cwd,
            creds: start.creds,
            started: now,
            pending: Vec::new(),
            caught: 0,
            ignored: 0,
            stopped: false,
            full: false,
            killed: None,
            wait: Wait::No,
            memory: 0,
            program: Program::Away,
        };
        self.list.insert(pid, Box::new(process));
        let mut cx = Context { table: self, host, pid, now };
        match cx.load(pid, start.argv) {
            Ok(program) => {
                self.process_mut(pid).program = program;
                Ok(pid)
            }
            Err(error) => {
                self.list.remove(&pid);
                self.sessions.remove(&pid);
                self.last_pid = pid - 1;
                Err(error)
            }
        }
    }

    /// Puts a process into the table that the host runs and that no file stands for. Gives its number.
    pub fn adopt(&mut self, start: &Start, now: Time) -> Pid {
        let pid = self.next_pid();
        let name = start.argv.first().map(String::as_str).unwrap_or_default();
        let fds = [(1, Fd::Output(pid, Stream::Out)), (2, Fd::Output(pid, Stream::Err))];
        let process = Process {
            parent: 0,
            name: name.rsplit('/').next().unwrap_or_default().into(),
            argv: Rc::new(start.argv.clone()),
            fds: fds.into(),
            env: start.env.clone(),
            cwd: start.cwd.clone(),
            creds: start.creds.clone(),
            started: now,
            pending: Vec::new(),
            caught: 0,
            ignored: 0,
            stopped: false,
            full: false,
            killed: None,
            wait: Wait::No,
            memory: 0,
            program: Program::Host,
        };
        self.list.insert(pid, Box::new(process));
        self.sessions.insert(pid, Box::new(Session::new(Input::Empty)));
        pid
    }

    /// Gives no number up to this one any more; answers the last that was given.
    pub fn number_after(&mut self, pid: Pid) -> Pid {
        self.last_pid = self.last_pid.max(pid);
        self.last_pid
    }

    pub(super) fn next_pid(&mut self) -> Pid {
        self.last_pid += 1;
        self.last_pid
    }

    pub(super) fn next_id(&mut self) -> u32 {
        self.last_id += 1;
        self.last_id
    }

    /// The process numbered `pid`, which must be in the table.
    pub(super) fn process(&self, pid: Pid) -> &Process {
        &self.list[&pid]
    }
    pub(super) fn process_mut(&mut self, pid: Pid) -> &mut Process {
        self.list.get_mut(&pid).expect("a process that is stepped is in the table")
    }

    /// Those that have not ended, in the order of their numbers.
    pub fn alive(&self) -> impl Iterator<Item = (Pid, &Process)> {
        self.list.iter().filter(|(_, p)| !matches!(p.program, Program::Ended(_))).map(|(pid, p)| (*pid, &**p))
    }

    /// The exit code of a process that has ended and was not yet waited for.
    pub fn exit_code(&self, pid: Pid) -> Option<i32> {
        match self.list.get(&pid)?.program {
            Program::Ended(code) => Some(code),
            _ => None,
        }
    }

    /// Forgets an ended process and its streams; gives what it had still written.
    pub fn reap(&mut self, pid: Pid) -> Vec<(Stream, Vec<u8>)> {
        self.list.remove(&pid);
        self.sessions.remove(&pid).map(|session| session.output).unwrap_or_default()
    }

    /// Number, exit code and output of the processes with streams of their own that have ended, but for one.
    pub fn results(&mut self, but: Pid) -> Vec<(Pid, i32, Vec<u8>)> {
        let ended: Vec<Pid> = self.sessions.keys().copied().filter(|pid| *pid != but).collect();
        let of = |pid: Pid| {
            let code = self.exit_code(pid)?;
            let output = self.reap(pid).into_iter().flat_map(|(_, bytes)| bytes).collect();
            Some((pid, code, output))
        };
        ended.into_iter().filter_map(of).collect()
    }

    /// What the processes of a session have written since the last call.
    pub fn take_output(&mut self, session: Pid) -> Vec<(Stream, Vec<u8>)> {
        self.sessions.get_mut(&session).map(|s| std::mem::take(&mut s.output)).unwrap_or_default()
    }

    /// The answer to a request that the host was given; it arrives at `at`.
    pub fn deliver(&mut self, ticket: Ticket, answer: NetAnswer, at: Time) {
        let awaited = |list: &BTreeMap<Pid, Box<Process>>, ticket: Ticket| {
            list.values().any(|p| matches!(p.wait, Wait::Answer(t, _) if t == ticket))
        };
        self.answers.retain(|ticket, _| awaited(&self.list, *ticket));
        if awaited(&self.list, ticket) {
            self.answers.insert(ticket, (at, answer));
        }
    }

    /// A signal from outside or from another process.
    pub fn signal(&mut self, host: &mut dyn Host, pid: Pid, signal: Signal, now: Time) {
        let Some(process) = self.list.get_mut(&pid) else { return };
        // Process 1 of a namespace gets only signals for which it has a handler.
        let init = pid == 1 && host.owns_init();
        let bit = 1 << (signal.0 & 63);
        match process.program {
            Program::Ended(_) => {}
            _ if signal == Signal::KILL => self.kill(host, pid, signal),
            _ if signal == Signal::CONT => process.stopped = false,
            _ if signal == Signal::STOP && !init => process.stopped = true,
            Program::Host if host.signal(pid, signal, now) => {
                process.wait = Wait::No;
            }
            _ if process.caught & bit != 0 && process.pending.len() < 32 => {
                process.pending.push(signal);
            }
            _ if process.ignored & bit != 0 => {}
            _ if signal.ends() && !init => self.kill(host, pid, signal),
            _ => {}
        }
    }

    /// The signal that ended a process, if one did.
    pub(super) fn killed(&self, pid: Pid) -> Option<Signal> {
        self.list.get(&pid).and_then(|process| process.killed)
    }

    fn kill(&mut self, host: &mut dyn Host, pid: Pid, signal: Signal) {
        self.process_mut(pid).killed = Some(signal);
        self.end(host, pid, 128 + i32::from(signal.0));
    }

    /// Ends a process: its descriptors are closed, its children get process 1 as parent.
    pub(super) fn end(&mut self, host: &mut dyn Host, pid: Pid, code: i32) {
        let Some(process) = self.list.get_mut(&pid) else { return };
        if process.program == Program::Host {
            host.forget(pid);
        }
        process.program = Program::Ended(code);
        process.fds.clear();
        process.memory = 0;
        process.wait = Wait::Forever;
        for child in self.list.values_mut().filter(|p| p.parent == pid) {
            child.parent = NOBODY;
        }
        self.sweep();
    }

    /// Ends everything at once, as when a container's process 1 is gone.
    pub fn kill_all(&mut self, host: &mut dyn Host) {
        let pids: Vec<Pid> = self.alive().map(|(pid, _)| pid).collect();
        for pid in pids {
            self.end(host, pid, 128 + 9);
        }
    }

    /// Forgets ended processes for which nobody waits.
    pub(super) fn bury(&mut self) {
        self.list.retain(|_, p| p.parent != NOBODY || !matches!(p.program, Program::Ended(_)));
    }

    /// Forgets an open file that was closed, if no other descriptor names it.
    fn let_go(&mut self, file: u32) {
        if !self.list.values().any(|p| p.fds.values().any(|fd| *fd == Fd::File(file))) {
            self.files.remove(&file);
        }
    }

    /// Forgets pipes and open files that no descriptor names any more.
    fn sweep(&mut self) {
        let held: Vec<&Fd> = self.list.values().flat_map(|p| p.fds.values()).collect();
        self.pipes.retain(|id, _| held.iter().any(|fd| matches!(fd, Fd::PipeRead(i) | Fd::PipeWrite(i) if i == id)));
        self.files.retain(|id, _| held.iter().any(|fd| matches!(fd, Fd::File(i) if i == id)));
    }

    /// CPU time used so far, in microseconds.
    pub fn cpu_micros(&self) -> u64 {
        self.steps * MICROS_PER_STEP
    }

    /// Bytes that the processes hold, beside what each needs at rest.
    pub fn memory(&self) -> u64 {
        self.list.values().map(|p| p.bytes()).fold(0, u64::saturating_add)
    }
}

impl Context<'_> {
    /// A descriptor does not stand for this any more.
    pub(super) fn let_go(&mut self, closed: Option<Fd>) {
        if let Some(Fd::File(file)) = closed {
            self.table.let_go(file);
        }
    }
}

impl Process {
    pub(super) fn bytes(&self) -> u64 {
        match &self.program {
            Program::Shell(shell) => self.memory.saturating_add(shell.memory()),
            _ => self.memory,
        }
    }
}
