//! Linux: the system calls that a process makes while it is stepped: open, read, write, exec.

use std::rc::Rc;

use super::files::{Creds, Errno, Fs, Kind, Links, Node, allowed};
use super::host::*;
use super::interp::Interp;
use super::process::*;
use super::tools::{self, Tool};
use crate::clock::Time;
use crate::dice::Dice;

/// Where programs are looked for if PATH is not set.
pub const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// How often a script's interpreter may again be a script.
const INTERPRETERS: usize = 4;

/// What a read gave.
#[derive(Debug, PartialEq, Eq)]
pub enum Read {
    Bytes(Vec<u8>),
    End,
    /// Nothing yet: it would block.
    Empty,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenFor {
    Read,
    Write,
    Append,
    Both,
}

impl Context<'_> {
    pub fn me(&self) -> &Process {
        self.table.process(self.pid)
    }
    pub fn me_mut(&mut self) -> &mut Process {
        self.table.process_mut(self.pid)
    }
    pub fn fs(&mut self) -> Fs<'_> {
        self.host.fs()
    }
    pub fn cwd(&self) -> Rc<str> {
        self.me().cwd.clone()
    }
    pub fn creds(&self) -> Rc<Creds> {
        self.me().creds.clone()
    }
    pub fn env(&self, name: &str) -> Option<Rc<str>> {
        self.me().env.get(name).cloned()
    }

    /// Writes to a descriptor. A pipe that nobody reads kills the writer.
    pub fn write(&mut self, fd: u32, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        let now = self.now;
        match self.me().fds.get(&fd).cloned() {
            Some(Fd::Output(session, stream)) => {
                if let Some(session) = self.table.sessions.get_mut(&session) {
                    session.write(stream, bytes);
                }
            }
            Some(Fd::PipeWrite(pipe)) => {
                if self.table.is_read(pipe) {
                    self.table.pipes.entry(pipe).or_default().extend_from_slice(bytes);
                } else {
                    self.table.end(self.host, self.pid, 128 + i32::from(Signal::PIPE.0));
                }
            }
            Some(Fd::File(id)) => {
                let Some(file) = self.table.files.get(&id).filter(|f| f.writable) else { return };
                let (path, offset) = (file.path.clone(), (!file.append).then_some(file.offset));
                let written = self.host.fs().write(&path, offset, bytes, now);
                self.me_mut().full |= written == Err(Errno::NoSpace);
                if let (Ok(end), Some(file)) = (written, self.table.files.get_mut(&id)) {
                    file.offset = end;
                }
            }
            Some(Fd::Device(_) | Fd::Input(_) | Fd::PipeRead(_)) | None => {}
        }
    }

    pub fn out(&mut self, text: &str) {
        self.write(1, text.as_bytes());
    }
    /// Writes a line on standard error.
    pub fn complain(&mut self, text: impl std::fmt::Display) {
        self.write(2, format!("{text}\n").as_bytes());
    }

    /// Takes what can be read from a descriptor, at most `limit` bytes.
    pub fn read(&mut self, fd: u32, limit: usize) -> Read {
        match self.me().fds.get(&fd).cloned() {
            Some(Fd::Input(session)) => self.table.sessions.get_mut(&session).map_or(Read::End, |s| s.take(limit)),
            Some(Fd::PipeRead(pipe)) => match self.table.pipes.get_mut(&pipe) {
                Some(bytes) if !bytes.is_empty() => {
                    let n = bytes.len().min(limit);
                    Read::Bytes(bytes.drain(..n).collect())
                }
                _ => match self.table.is_written(pipe) {
                    true => Read::Empty,
                    false => Read::End,
                },
            },
            Some(Fd::File(id)) => {
                let Some(file) = self.table.files.get(&id) else { return Read::End };
                let (path, offset) = (file.path.clone(), file.offset as usize);
                let Ok(content) = self.host.fs().read("/", &path, &Creds::default()) else { return Read::End };
                let content = content.bytes();
                let rest = content.get(offset..).unwrap_or_default();
                if rest.is_empty() {
                    return Read::End;
                }
                let bytes = rest[..rest.len().min(limit)].to_vec();
                if let Some(file) = self.table.files.get_mut(&id) {
                    file.offset += bytes.len() as u64;
                }
                Read::Bytes(bytes)
            }
            Some(Fd::Device(name)) => self.endless(&name, limit).map_or(Read::End, Read::Bytes),
            _ => Read::End,
        }
    }

    /// As many bytes as wanted of a device that never ends, if it is one: zeros, or some of chance.
    pub fn endless(&mut self, device: &str, limit: usize) -> Option<Vec<u8>> {
        match device {
            "zero" | "full" => Some(vec![0; limit]),
            "random" | "urandom" => {
                let started = Dice(self.host.unix_millis(self.now));
                let whom = format!("{}/{}", self.host.hostname(), self.table.next_id());
                let words = (0..limit.div_ceil(8)).flat_map(|i| started.throw(&whom, &i.to_string()).to_le_bytes());
                Some(words.take(limit).collect())
            }
            _ => None,
        }
    }

    /// Puts bytes back that were read too many.
    pub fn unread(&mut self, fd: u32, bytes: &[u8]) {
        match self.me().fds.get(&fd).cloned() {
            Some(Fd::Input(session)) => {
                if let Some(session) = self.table.sessions.get_mut(&session) {
                    session.input.splice(0..0, bytes.iter().copied());
                }
            }
            Some(Fd::PipeRead(pipe)) => {
                if let Some(pipe) = self.table.pipes.get_mut(&pipe) {
                    pipe.splice(0..0, bytes.iter().copied());
                }
            }
            Some(Fd::File(id)) => {
                if let Some(file) = self.table.files.get_mut(&id) {
                    file.offset = file.offset.saturating_sub(bytes.len() as u64);
                }
            }
            _ => {}
        }
    }

    /// Opens a file; gives what a descriptor for it stands for.
    pub fn open(&mut self, path: &str, how: OpenFor) -> Result<Fd, Errno> {
        let (cwd, creds, now) = (self.cwd(), self.creds(), self.now);
        if let Some((pid, fd)) = self.descriptor_path(path) {
            return self.table.list.get(&pid).and_then(|p| p.fds.get(&fd)).cloned().ok_or(Errno::Absent);
        }
        let mut fs = self.host.fs();
        let place = match how {
            OpenFor::Read => {
                let place = fs.resolve(&cwd, path, Links::Follow)?;
                let node = fs.stat(&cwd, path, Links::Follow)?;
                if !allowed(node, &creds, 4) {
                    return Err(Errno::Denied);
                }
                place
            }
            _ => fs.open_write(&cwd, path, how == OpenFor::Write, &creds, now)?,
        };
        if let Ok(Node { kind: Kind::Device(name), .. }) = fs.stat("/", &place.path, Links::Follow) {
            let name = name.clone();
            return Ok(match &*name {
                "stdin" => self.me().fds.get(&0).cloned().unwrap_or(Fd::Device(name)),
                "stdout" => self.me().fds.get(&1).cloned().unwrap_or(Fd::Device(name)),
                "stderr" => self.me().fds.get(&2).cloned().unwrap_or(Fd::Device(name)),
                _ => Fd::Device(name),
            });
        }
        let id = self.table.next_id();
        let file = OpenFile {
            path: place.path.into(),
            offset: 0,
            append: how == OpenFor::Append,
            writable: how != OpenFor::Read,
        };
        self.table.files.insert(id, file);
        Ok(Fd::File(id))
    }

    /// Reads `/proc/1/fd/2`, `/proc/self/fd/1` and `/dev/fd/1`.
    fn descriptor_path(&self, path: &str) -> Option<(Pid, u32)> {
        if let Some(fd) = path.strip_prefix("/dev/fd/") {
            return Some((self.pid, fd.parse().ok()?));
        }
        let (pid, fd) = path.strip_prefix("/proc/")?.split_once("/fd/")?;
        let pid = if pid == "self" { self.pid } else { pid.parse().ok()? };
        Some((pid, fd.parse().ok()?))
    }

    /// Reads a file, or standard input for `-`; only for files that are there whole.
    pub fn file(&mut self, path: &str) -> Result<Vec<u8>, Errno> {
        let (cwd, creds) = (self.cwd(), self.creds());
        if let Some(text) = self.proc_file(path) {
            return Ok(text.into_bytes());
        }
        self.host.fs().read(&cwd, path, &creds).map(|content| content.bytes().to_vec())
    }

    /// The few files of `/proc` that scripts read.
    fn proc_file(&self, path: &str) -> Option<String> {
        let (pid, file) = path.strip_prefix("/proc/")?.split_once('/')?;
        let pid = if pid == "self" { self.pid } else { pid.parse().ok()? };
        let process = self.table.list.get(&pid)?;
        match file {
            "comm" => Some(format!("{}\n", process.name)),
            "cmdline" => Some(process.argv.iter().map(|arg| format!("{arg}\0")).collect()),
            "environ" => Some(process.env.iter().map(|(k, v)| format!("{k}={v}\0")).collect()),
            _ => None,
        }
    }

    /// Finds a program as `execvp` does; gives its path and what is there.
    pub fn find_program(&mut self, name: &str) -> Result<(String, Node), ExecError> {
        let (cwd, creds) = (self.cwd(), self.creds());
        let path = self.env("PATH").unwrap_or_else(|| PATH.into());
        let fs = self.host.fs();
        let mut denied = false;
        let folders = if name.contains('/') { "" } else { &*path };
        for folder in folders.split(':').filter(|_| !name.is_empty()) {
            let candidate = match folder {
                _ if name.contains('/') => name.to_string(),
                "" => ["./", name].concat(),
                folder => [folder, "/", name].concat(),
            };
            match fs.stat(&cwd, &candidate, Links::Follow) {
                Ok(node) if node.is_folder() => {
                    if name.contains('/') {
                        return Err(ExecError::IsFolder);
                    }
                }
                Ok(node) if allowed(node, &creds, 1) => return Ok((candidate, node.clone())),
                Ok(_) | Err(Errno::Denied | Errno::NotFolder) if name.contains('/') => return Err(ExecError::Denied),
                Ok(_) => denied = true,
                Err(_) => {}
            }
        }
        Err(match denied {
            true => ExecError::Denied,
            false if name.contains('/') => ExecError::NoFile,
            false => ExecError::NotFound,
        })
    }

    /// Makes the process `pid` ready to be the program that `argv` names; gives that program.
    pub fn load(&mut self, pid: Pid, argv: Vec<String>) -> Result<Program, ExecError> {
        let mut argv = argv;
        let mut name: Option<String> = None;
        for _ in 0..INTERPRETERS {
            let wanted = argv.first().cloned().unwrap_or_default();
            let (path, node) = self.find_program(&wanted)?;
            let base = path.rsplit('/').next().unwrap_or_default().to_string();
            let name = name.get_or_insert(base).clone();
            match node.kind {
                Kind::Program(program) => {
                    let process = self.table.process_mut(pid);
                    process.name = name.chars().take(15).collect::<String>().into();
                    process.argv = Rc::new(argv.clone());
                    process.fds.retain(|fd, _| *fd < SUBSTITUTIONS);
                    process.caught = 0;
                    return self.program(pid, &program, argv).ok_or(ExecError::Format);
                }
                Kind::File(content) => {
                    let content = content.bytes();
                    let line = content.split(|b| *b == b'\n').next().unwrap_or_default();
                    let line = String::from_utf8_lossy(line).into_owned();
                    let Some(interpreter) = line.strip_prefix("#!") else { return Err(ExecError::Format) };
                    let mut words: Vec<String> = interpreter.split_whitespace().map(str::to_string).collect();
                    if words.first().is_some_and(|first| first.ends_with("/env")) && words.len() > 1 {
                        words.remove(0);
                    }
                    if words.is_empty() {
                        return Err(ExecError::Format);
                    }
                    words.push(path);
                    words.extend(argv.drain(..).skip(1));
                    argv = words;
                }
                _ => return Err(ExecError::Denied),
            }
        }
        Err(ExecError::Format)
    }

    fn program(&mut self, pid: Pid, program: &Rc<str>, argv: Vec<String>) -> Option<Program> {
        if self.host.knows(program) {
            let process = self.table.process(pid);
            let (env, cwd) = (process.env.clone(), process.cwd.clone());
            let terminal = self.table.is_terminal(pid, 0);
            self.host.start(&Call { pid, program: program.clone(), argv, env, cwd, terminal }, self.now);
            return Some(Program::Host);
        }
        if tools::is_shell(program) {
            let process = self.table.process(pid);
            let (env, cwd) = (process.env.clone(), process.cwd.clone());
            let mut shell = Interp::from_args(pid, argv, &env);
            shell.export_place(&cwd, self.host.flavor());
            if self.table.is_terminal(pid, 0) && self.table.is_terminal(pid, 2) {
                shell.options.interactive = true;
            }
            self.begin_talk(pid, &mut shell);
            return Some(Program::Shell(Box::new(shell)));
        }
        Some(Program::Tool(Box::new(Tool::new(program, argv))))
    }

    /// Lets the host's program of this process go on.
    pub(super) fn run_host(&mut self) -> Flow {
        let mut io = Io::default();
        match self.read(0, PIPE_BYTES) {
            Read::Bytes(bytes) => io.input = bytes,
            Read::End => io.closed = true,
            Read::Empty => {}
        }
        let progress = self.host.run(self.pid, &mut io, self.now);
        if let Some(tty) = self.table.tty_of(self.pid) {
            tty.asked |= io.reads.is_some();
            tty.mode = io.reads.filter(|_| !matches!(progress, Progress::Ended(_))).unwrap_or_default();
        }
        for (stream, bytes) in std::mem::take(&mut io.output) {
            self.write(if stream == Stream::Out { 1 } else { 2 }, &bytes);
        }
        match progress {
            Progress::Ran => Flow::Go,
            Progress::Sleeping(until) => Flow::Wait(Wait::Host(Some(until), io.closed)),
            Progress::Blocked => Flow::Wait(Wait::Host(None, io.closed)),
            Progress::Ended(code) => Flow::Exit(code),
        }
    }

    /// Sends a request; its answer is waited for with [`Wait::Answer`].
    pub fn request(&mut self, request: NetRequest) -> Ticket {
        let ticket = self.table.next_id();
        self.host.send(ticket, request, self.now);
        ticket
    }

    pub fn answer(&mut self, ticket: Ticket) -> Option<NetAnswer> {
        let here = self.table.answers.get(&ticket).is_some_and(|(at, _)| *at <= self.now);
        if here { self.table.answers.remove(&ticket).map(|(_, answer)| answer) } else { None }
    }

    /// Starts a child with this process's environment and descriptors; waits are up to the caller.
    pub fn spawn(&mut self, argv: Vec<String>) -> Result<Pid, ExecError> {
        let fds = self.me().fds.clone();
        let Some(child) = self.table.fork(self.pid, Program::Away, fds, self.now) else {
            return Err(ExecError::Format);
        };
        match self.load(child, argv) {
            Ok(program) => {
                self.table.process_mut(child).program = program;
                Ok(child)
            }
            Err(error) => {
                self.table.list.remove(&child);
                Err(error)
            }
        }
    }

    /// Takes the exit code of a child for which a shell waits, and says what killed it: all but Ctrl-C and a broken pipe.
    pub fn bury_child(&mut self, child: Pid) -> Option<i32> {
        let killed = self.table.killed(child);
        let code = self.take_child(child)?;
        if let Some(text) = killed.and_then(Signal::described) {
            self.complain(text);
        }
        Some(code)
    }

    /// Takes the exit code of a child that has ended.
    pub fn take_child(&mut self, child: Pid) -> Option<i32> {
        let code = match self.table.list.get(&child) {
            Some(_) => self.table.exit_code(child)?,
            None => 127,
        };
        self.table.list.remove(&child);
        Some(code)
    }

    /// Seconds since 1970.
    pub fn unix(&self) -> i64 {
        (self.host.unix_millis(self.now) / 1000) as i64
    }
    /// When a file's time of change was, in seconds since 1970.
    pub fn unix_at(&self, time: Time) -> i64 {
        (self.host.unix_millis(time) / 1000) as i64
    }
}
