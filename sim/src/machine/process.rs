//! What runs in a container: the program of its image, or the command that the Pod gives instead.
//!
//! A container whose only process is a known server is kept small; a table of processes is made when a shell, a tool or an
//! exec needs one.

use super::asking::{Asking, Look};
use super::files;
use super::inside::Inside;
pub use super::launch::Launch;
use super::launch::explain;
use super::logs::Logs;
use super::meter::Meter;
use super::pages;
use super::serve::{Server, Serving};
use super::shared::{RUNTIME_PIDS, Shared};
use crate::clock::Time;
use crate::shell::{
    Creds, ExecError, Host, HttpAnswer, Input, NetAnswer, NetRequest, Pid, Processes, Signal, Start, Stream, Ticket,
    Tree, Volumes,
};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Bytes of a termination message (Kubernetes: MaxContainerTerminationMessageLength), and what is taken of logs instead.
const MESSAGE_BYTES: usize = 4096;
const MESSAGE_LOG_BYTES: usize = 2048;
const MESSAGE_LOG_LINES: usize = 80;
const CREATE: &str =
    "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: ";
/// A container without a limit has at most what its node has.
const NODE_BYTES: u64 = 4 << 30;
/// What a shell or a tool needs at rest.
pub(super) const SMALL_PROGRAM_BYTES: u64 = 600 * 1024;

/// What the processes of one sandbox share, and what they meet outside of themselves.
pub struct World<'a> {
    pub volumes: &'a mut Volumes,
    pub hostname: &'a str,
    /// What the wall clock showed at time 0: milliseconds since 1970.
    pub epoch: i64,
    /// Network requests that are sent; answers come through [`Process::deliver`].
    pub sent: &'a mut Vec<(Ticket, Rc<NetRequest>)>,
    /// If the containers share their processes: what this one sees of the others.
    pub shared: Option<Shared>,
}

/// A container's processes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Process {
    pub(super) launch: Rc<Launch>,
    pub(super) body: Body,
    pub(super) end: Option<End>,
    /// Of programs that ended before the container did and were not asked for: number, exit code, output.
    pub(super) results: Vec<(u32, i32, Vec<u8>)>,
    pub(super) logs: Logs,
    /// The number of its first process.
    pub(super) pid: Pid,
    pub(super) meter: Meter,
    /// When it goes on by itself.
    pub(super) next: Option<Time>,
    /// The same, as long as nobody but who looks at it can tell whether it did.
    pub(super) unwatched: Option<Time>,
    /// While it stands still: the signals that it has not noticed.
    pub(super) frozen: Option<Vec<u8>>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) enum Body {
    #[default]
    Nothing,
    /// A known server and nothing else.
    Server(Box<Serving>),
    Processes(Box<Running>),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Running {
    pub(super) table: Processes,
    pub(super) inside: Inside,
    pub(super) main: Pid,
    /// What is known of the turns of a loop that asks over the network.
    pub(super) asking: Asking,
    /// Bytes of the volumes in memory: when it was started, and now. What came since is reckoned as its own.
    in_memory: (u64, u64),
}

impl Running {
    /// `in_memory`: bytes that its volumes in memory hold already.
    pub(super) fn new(table: Processes, inside: Inside, main: Pid, in_memory: u64) -> Running {
        Running { table, inside, main, asking: Asking::Unknown, in_memory: (in_memory, in_memory) }
    }
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
#[derive(Clone, Debug, PartialEq, Eq)]
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
    pub fn start(launch: Launch, world: &mut World, now: Time) -> Result<Process, Rc<str>> {
        if !launch.working_dir.is_empty() && !launch.working_dir.starts_with('/') {
            return Err(format!("{CREATE}Cwd must be an absolute path").into());
        }
        let launch = Rc::new(launch);
        let pid = world.shared.as_ref().map_or(1, |shared| shared.last_pid + RUNTIME_PIDS + 1);
        let mut process = Process { launch: launch.clone(), pid, ..Process::default() };
        if let Some((server, argv)) = launch.bare_server() {
            process.start_server(server, argv, world, now);
            world.number(pid);
            return Ok(process);
        }
        let mut inside = process.inside(world, now);
        let in_memory = inside.in_memory();
        let mut table = Processes::new(pid);
        let argv = launch.argv();
        let start = process.start_of(argv.clone(), launch.input(), world);
        let started = table.start(&mut inside, start, now);
        std::mem::swap(&mut inside.volumes, world.volumes);
        world.number(pid);
        match started {
            Ok(main) => {
                process.body = Body::Processes(Box::new(Running::new(table, inside, main, in_memory)));
                process.next = Some(now);
                Ok(process)
            }
            // Nobody knows what programs an unknown image has.
            Err(ExecError::NotFound | ExecError::NoFile) if launch.entry().is_none() && !argv.is_empty() => {
                process.start_server(Server::StandIn, argv, world, now);
                Ok(process)
            }
            Err(error) => Err(format!("{CREATE}unable to start container process: {}", explain(&argv, error)).into()),
        }
    }

    fn start_server(&mut self, server: Server, argv: Vec<String>, world: &mut World, now: Time) {
        let launch = self.launch.clone();
        let mut serving = launch.serving(server, argv, world.hostname, now);
        if server == Server::Nginx {
            let (lower, mut upper) = (files::root(launch.entry()), Tree::new());
            let fs = files::bare(&lower, &mut upper, &launch.mounts, world.volumes);
            serving.listen_on(pages::nginx_sites(&fs).iter().flat_map(|site| site.ports.clone()).collect());
        }
        for (is_err, line) in serving.greeting() {
            let stream = if is_err { Stream::Err } else { Stream::Out };
            self.logs.write(stream, format!("{line}\n").as_bytes(), now);
        }
        self.next = serving.ends.map(|(at, _)| at);
        self.body = Body::Server(Box::new(serving));
    }

    /// The container as its processes see it. Its volumes are the sandbox's while they run: to be swapped back.
    fn inside(&self, world: &mut World, now: Time) -> Inside {
        Inside {
            lower: files::root(self.launch.entry()),
            upper: files::layer(&self.launch, world.hostname, now),
            launch: self.launch.clone(),
            hostname: world.hostname.into(),
            epoch: world.epoch,
            volumes: std::mem::take(world.volumes),
            servers: BTreeMap::new(),
            done: BTreeMap::new(),
            requests: Vec::new(),
            neighbours: Vec::new(),
            signals: Vec::new(),
            fresh: Vec::new(),
        }
    }

    pub(super) fn start_of(&self, argv: Vec<String>, input: Input, world: &World) -> Start {
        let env = self.launch.environment(world.hostname, input);
        Start { argv, env, cwd: self.launch.cwd(), creds: Rc::new(self.launch.creds.clone()), input }
    }

    /// When it goes on by itself.
    pub fn next_wake(&self) -> Option<Time> {
        if self.end.is_some() || self.frozen.is_some() { None } else { self.next }
    }

    /// Lets its processes go on that can.
    pub fn advance(&mut self, world: &mut World, now: Time) {
        if self.end.is_some() || self.frozen.is_some() {
            return;
        }
        match &mut self.body {
            Body::Nothing => {}
            Body::Server(serving) => match serving.ends {
                Some((at, code)) if now >= at => {
                    let leaked = serving.leak > 0 && code == 137;
                    self.finish(at, code, leaked, world);
                }
                ends => self.next = ends.map(|(at, _)| at),
            },
            Body::Processes(_) => self.look(world, now),
        }
    }

    /// Lets a table of processes go on.
    fn look(&mut self, world: &mut World, now: Time) {
        let Body::Processes(running) = &mut self.body else { return };
        let (before, alone, sent) = (running.table.cpu_micros(), world.shared.is_none(), world.sent.len());
        let known = std::mem::take(&mut running.asking);
        // What may become full is watched.
        let ends = running.inside.launch.mounts.iter().any(|m| m.can_fill());
        let in_memory;
        (self.next, self.unwatched, in_memory) = running.with(world, |table, inside| {
            let next = table.step(inside, now);
            let closed = alone && !ends && table.goes_round(inside, now);
            (next, next.filter(|_| closed), if ends { inside.in_memory() } else { 0 })
        });
        running.in_memory.1 = in_memory;
        let micros = running.table.cpu_micros() - before;
        self.meter.charge(micros, now);
        // A terminal has but one stream.
        let stream = |stream| if self.launch.tty { Stream::Out } else { stream };
        let output = running.table.take_output(running.main);
        let said: Vec<(Stream, Vec<u8>)> = output.into_iter().map(|(of, bytes)| (stream(of), bytes)).collect();
        said.iter().for_each(|(stream, bytes)| self.logs.write(*stream, bytes, now));
        let code = running.table.exit_code(running.main);
        let over = self.memory(now) > self.launch.memory_limit.unwrap_or(NODE_BYTES);
        match code {
            _ if over => self.finish(now, 137, true, world),
            Some(code) => self.finish(now, code, false, world),
            None if alone && self.unwatched.is_none() => {
                let look = Look { micros, said, asked: world.sent[sent..].to_vec(), heard: None, next: self.next };
                self.learn(known, look, world, now);
            }
            None => {}
        }
    }

    fn finish(&mut self, at: Time, code: i32, out_of_memory: bool, world: &mut World) {
        let mut message = self.file(&self.launch.message_path.clone(), world).unwrap_or_default();
        message.truncate(MESSAGE_BYTES);
        let mut message = String::from_utf8_lossy(&message).into_owned();
        if message.is_empty() && self.launch.message_from_log && code != 0 {
            message = self.logs.tail(MESSAGE_LOG_LINES, MESSAGE_LOG_BYTES);
        }
        if let Body::Processes(running) = &mut self.body {
            self.results = running.table.results(running.main);
        }
        self.end = Some(End { at, code, out_of_memory, message: message.into() });
        self.body = Body::Nothing;
        self.next = None;
    }

    pub fn ended(&self) -> Option<&End> {
        self.end.as_ref()
    }

    /// A signal for process 1: 15 or 9 mostly. What it does then shows when the process is advanced.
    pub fn signal(&mut self, signal: u8, world: &mut World, now: Time) {
        let signal = Signal(signal);
        if self.misses(signal) {
            return;
        }
        match &mut self.body {
            _ if self.end.is_some() => {}
            Body::Nothing => {}
            Body::Server(_) if signal == Signal::KILL => self.finish(now, 137, false, world),
            Body::Server(serving) => {
                serving.signal(signal, now);
                self.next = serving.ends.map(|(at, _)| at);
            }
            Body::Processes(running) => {
                let main = running.main;
                running.with(world, |table, inside| table.signal(inside, main, signal, now));
                self.next = Some(now);
            }
        }
    }

    /// Asks a port over HTTP.
    pub fn get(
        &mut self,
        port: u16,
        path: &str,
        headers: &[(Rc<str>, Rc<str>)],
        world: &mut World,
        now: Time,
    ) -> Reply {
        let from =
            headers.iter().find(|(name, _)| &**name == "X-Forwarded-For").map_or("10.244.1.1", |(_, value)| &**value);
        if self.is_frozen() && self.listens_at(port, now) {
            return Reply::Silent;
        }
        match self.answer(port, "GET", path, from, world, now) {
            Some((answer, _)) => {
                Reply::Http { status: answer.status, body: String::from_utf8_lossy(&answer.body).into_owned() }
            }
            None => Reply::Refused,
        }
    }

    /// Answers a request over HTTP that came to a port from an address, and says when; `None` if nothing listens there.
    pub fn answer(
        &mut self,
        port: u16,
        method: &str,
        path: &str,
        from: &str,
        world: &mut World,
        now: Time,
    ) -> Option<(HttpAnswer, Time)> {
        if !self.listens_at(port, now) {
            return None;
        }
        let launch = self.launch.clone();
        let (answer, server, cost) = match &mut self.body {
            Body::Nothing => return None,
            Body::Server(serving) => {
                let (lower, mut upper) = (files::root(launch.entry()), Tree::new());
                let fs = files::bare(&lower, &mut upper, &launch.mounts, world.volumes);
                let answered = serving.answer(&fs, port, method, path, from, now);
                self.next = serving.ends.map(|(at, _)| at);
                (answered, serving.server, serving.cost)
            }
            Body::Processes(running) => {
                self.next = Some(now);
                running.with(world, |_, inside| {
                    let (fs, servers) = inside.split();
                    let serving = servers.values_mut().find(|serving| serving.listens(port, now))?;
                    Some((serving.answer(&fs, port, method, path, from, now), serving.server, serving.cost))
                })?
            }
        };
        let unix = world.epoch.saturating_add(now.0 as i64) / 1000;
        if let Some(line) = server.access_line(&answer, method, path, from, unix) {
            self.logs.write(Stream::Out, line.as_bytes(), now);
        }
        let done = self.meter.serve(cost, launch.cpu_limit.unwrap_or(1000), now);
        Some((answer, done))
    }

    /// Whether something listens on a port by now.
    pub fn listens_at(&self, port: u16, now: Time) -> bool {
        self.servers().any(|serving| serving.listens(port, now))
    }

    /// Whether a server at this port may answer health checks over gRPC: one that is known to speak another language
    /// does not.
    pub fn speaks_grpc(&self, port: u16, now: Time) -> bool {
        !self.is_frozen() && self.servers().any(|serving| serving.listens(port, now) && serving.speaks_grpc())
    }

    fn servers(&self) -> impl Iterator<Item = &Serving> {
        let (one, many) = match &self.body {
            _ if self.end.is_some() => (None, None),
            Body::Nothing => (None, None),
            Body::Server(serving) => (Some(&**serving), None),
            Body::Processes(running) => (None, Some(running.inside.servers.values())),
        };
        one.into_iter().chain(many.into_iter().flatten())
    }

    /// Whether something will listen on a port, once it is ready.
    pub fn listens(&self, port: u16) -> bool {
        self.listens_at(port, Time(u64::MAX))
    }

    /// Makes the table of processes where there was only a server.
    pub(super) fn running(&mut self, world: &mut World, now: Time) -> Option<&mut Running> {
        if let Body::Server(serving) = &self.body {
            let (argv, server) = ((*serving.argv).clone(), (**serving).clone());
            let mut inside = self.inside(world, server.started);
            let in_memory = inside.in_memory();
            let mut table = Processes::new(self.pid);
            let start = self.start_of(argv, Input::Empty, world);
            let main = table.adopt(&start, server.started);
            inside.servers.insert(main, server);
            std::mem::swap(&mut inside.volumes, world.volumes);
            self.body = Body::Processes(Box::new(Running::new(table, inside, main, in_memory)));
            self.next = Some(now);
        }
        if let Body::Processes(running) = &mut self.body { Some(running) } else { None }
    }

    /// The answer to a network request, which comes at `at`.
    pub fn deliver(&mut self, ticket: Ticket, answer: NetAnswer, at: Time, world: &mut World) {
        if self.hears(ticket, &answer, at) {
            return;
        }
        self.make_up(world);
        if let Body::Processes(running) = &mut self.body {
            running.asking.hear(ticket, &answer, at);
            running.table.deliver(ticket, answer, at);
            self.next = Some(self.next.map_or(at, |next| next.min(at)));
        }
    }

    /// What process 1 and its children wrote; only the latest is kept.
    pub fn logs(&self) -> &Logs {
        &self.logs
    }

    /// Bytes of memory in use.
    pub fn memory(&self, now: Time) -> u64 {
        match &self.body {
            Body::Nothing => 0,
            Body::Server(serving) => serving.memory(now),
            Body::Processes(running) => {
                let servers = running.inside.servers.values().map(|serving| serving.memory(now));
                let programs = servers.fold(running.table.memory(), u64::saturating_add);
                let (before, volumes) = running.in_memory;
                programs.saturating_add(SMALL_PROGRAM_BYTES).saturating_add(volumes.saturating_sub(before))
            }
        }
    }

    /// CPU time used before one of the latest looks, in microseconds: of scripts and tools, for requests, and at rest.
    pub fn cpu_micros(&self, look: Time) -> u64 {
        self.meter.at_look(look)
            + match &self.body {
                Body::Nothing => 0,
                Body::Server(serving) => serving.idle_micros(look),
                Body::Processes(running) => running.inside.servers.values().map(|s| s.idle_micros(look)).sum(),
            }
    }

    /// Bytes written to the container's own layer.
    pub fn layer_bytes(&self) -> u64 {
        match &self.body {
            Body::Processes(running) => running.inside.upper.bytes(),
            _ => 0,
        }
    }

    /// What a file in the container holds, as its root sees it.
    pub fn file(&mut self, path: &str, world: &mut World) -> Option<Vec<u8>> {
        let Body::Processes(running) = &mut self.body else { return None };
        running.with(world, |_, inside| {
            inside.fs().read("/", path, &Creds::default()).ok().map(|content| content.bytes().to_vec())
        })
    }
}

impl Running {
    /// Acts on the processes while the sandbox's volumes are theirs; what they send goes out.
    pub(super) fn with<T>(&mut self, world: &mut World, act: impl FnOnce(&mut Processes, &mut Inside) -> T) -> T {
        self.asking.forget();
        std::mem::swap(&mut self.inside.volumes, world.volumes);
        if let Some(shared) = &mut world.shared {
            std::mem::swap(&mut self.inside.neighbours, &mut shared.neighbours);
            self.table.number_after(shared.last_pid);
        }
        let result = act(&mut self.table, &mut self.inside);
        std::mem::swap(&mut self.inside.volumes, world.volumes);
        world.sent.append(&mut self.inside.requests);
        if let Some(shared) = &mut world.shared {
            std::mem::swap(&mut self.inside.neighbours, &mut shared.neighbours);
            shared.last_pid = self.table.number_after(0);
            shared.signals.append(&mut self.inside.signals);
        }
        result
    }
}
