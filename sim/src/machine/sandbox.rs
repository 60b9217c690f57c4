//! A Pod's sandbox and the containers in it.

use super::freeze::Heard;
use super::process::{Launch, Process, Reply, World};
use super::shared::Shared;
use crate::clock::{Span, Time};
use crate::shell::{HttpRequest, Input, Neighbour, NetAnswer, NetRequest, Pid, Stream, Ticket, Volumes};
use std::rc::Rc;

/// The key of the node's disk among the volumes of a sandbox.
pub const DISK: &str = "/";

/// What the containers of one Pod share: an address, and while it runs the namespaces.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Sandbox {
    pub running: bool,
    pub address: Rc<str>,
    /// How often the Pod got a sandbox before this one.
    pub attempt: u32,
    /// In the order of their creation. Of each name at most the last two.
    pub containers: Vec<Container>,
    /// The files of the Pod's volumes, by the volume's name; while its processes run also the node's disk, under `/`.
    pub volumes: Volumes,
    /// Whether the Pod mounts any of the node's disk.
    pub on_disk: bool,
    pub hostname: Rc<str>,
    /// What the wall clock showed at time 0: milliseconds since 1970.
    pub epoch: i64,
    /// If the containers share their processes: the last process number that was given.
    pub shared_pid: Option<Pid>,
    /// Network requests of containers (by id) that nobody has carried yet.
    pub sent: Vec<(Rc<str>, Ticket, Rc<NetRequest>)>,
}

/// One life of a container.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Container {
    pub name: Rc<str>,
    /// 64 hexadecimal digits.
    pub id: Rc<str>,
    /// How many containers of this name the Pod had before.
    pub attempt: u32,
    /// The image's full name (`docker.io/library/nginx:1.25`).
    pub image: Rc<str>,
    /// The image as the kubelet wrote it into the container's specification.
    pub wanted_image: Rc<str>,
    pub created: Time,
    pub state: ContainerState,
    pub process: Process,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ContainerState {
    Created,
    Running { since: Time },
    Exited(Box<Exit>),
}

/// How a container ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Exit {
    /// Unset if its program could not even be started.
    pub started: Option<Time>,
    pub finished: Time,
    pub code: i32,
    /// `Completed`, `Error`, `OOMKilled`, `StartError`, `ContainerStatusUnknown`.
    pub reason: &'static str,
    /// The termination message.
    pub message: Rc<str>,
}

impl Sandbox {
    /// The newest container of a name.
    pub fn newest(&self, name: &str) -> Option<&Container> {
        self.containers.iter().rev().find(|c| &*c.name == name)
    }
    /// The container of a name that ended before the newest one was made.
    pub fn previous(&self, name: &str) -> Option<&Container> {
        self.containers.iter().rev().filter(|c| &*c.name == name).nth(1)
    }
    /// Adds a container; of the dead ones of its name only the latest is kept.
    pub fn add(&mut self, container: Container) {
        let old = self.containers.iter().filter(|c| c.name == container.name).count();
        if old > 1 {
            let oldest = self.containers.iter().position(|c| c.name == container.name).expect("counted above");
            self.containers.remove(oldest);
        }
        // Most Pods have one container and keep it.
        self.containers.reserve_exact(1);
        self.containers.push(container);
    }
    /// When somebody has to look because a process of the Pod goes on by itself.
    pub fn next_wake(&self) -> Option<Time> {
        self.containers.iter().filter_map(Container::due).min()
    }
    /// The machine went off: nothing runs any more, and nobody saw it end.
    pub fn lose_power(&mut self) {
        self.running = false;
        self.sent.clear();
        for container in self.containers.iter_mut().filter(|c| c.exit().is_none()) {
            let started = if let ContainerState::Running { since } = container.state { Some(since) } else { None };
            let at = started.unwrap_or(container.created);
            let lost = Exit { started, finished: at, code: 255, reason: LOST, message: "".into() };
            container.state = ContainerState::Exited(Box::new(lost));
            container.process = Process::default();
        }
    }
    /// Power is back: what was lost ended by now, as far as anyone knows.
    pub fn find_lost(&mut self, now: Time) {
        for container in &mut self.containers {
            match &mut container.state {
                ContainerState::Exited(exit)
                    if exit.reason == LOST && exit.finished == exit.started.unwrap_or(container.created) =>
                {
                    exit.finished = now;
                }
                _ => {}
            }
        }
    }
    /// Whether a container's process 1 has ended and nobody has noticed yet.
    pub fn has_ended_process(&self) -> bool {
        self.containers.iter().any(|c| c.is_running() && c.process.ended().is_some())
    }
    /// Answers a request over HTTP that came to a port of the Pod.
    pub fn answer(&mut self, port: u16, request: &HttpRequest, from: &str, now: Time) -> Heard {
        let Some(i) = self.containers.iter().position(|c| c.is_running() && c.process.listens_at(port, now)) else {
            return Heard::Refused;
        };
        if self.containers[i].process.is_frozen() {
            return Heard::Silent;
        }
        let answered =
            self.with(i, |c, world| c.process.answer(port, &request.method, &request.path, from, world, now));
        answered.map_or(Heard::Refused, |(answer, at)| Heard::Answer(answer, at))
    }
    /// Gives a container (by id) the answer to its network request, which comes at `at`.
    pub fn deliver(&mut self, id: &str, ticket: Ticket, answer: NetAnswer, at: Time) {
        if let Some(i) = self.containers.iter().position(|c| *c.id == *id && c.is_running()) {
            self.around(i, |c, world| c.process.deliver(ticket, answer, at, world));
        }
    }
    /// Lets all processes go on that can. Gives when the first of those that ended did so.
    pub fn advance(&mut self, now: Time) -> Option<Time> {
        self.go_on(now);
        let due = |c: &Container| c.process.ended().is_some() || c.next_wake().is_some_and(|at| at <= now);
        let due: Vec<usize> = (0..self.containers.len()).filter(|i| due(&self.containers[*i])).collect();
        due.into_iter().filter_map(|i| self.with(i, |c, world| c.advance(world, now))).min()
    }
    /// Starts the newest container of a name.
    ///
    /// # Errors
    /// The runtime's words if its program cannot be started; it has then ended with code 128.
    pub fn start(&mut self, name: &str, launch: Launch, now: Time) -> Result<(), Rc<str>> {
        self.with_newest(name, |c, world| c.start(launch, world, now)).expect("a container that was created")
    }
    /// Sends a signal to process 1 and lets it react. Gives the time of its end if it ends.
    pub fn signal(&mut self, name: &str, signal: u8, now: Time) -> Option<Time> {
        self.with_newest(name, |c, world| {
            if c.is_running() {
                c.process.signal(signal, world, now);
            }
            c.advance(world, now)
        })?
    }
    /// Asks a port of the Pod over HTTP.
    pub fn get(&mut self, name: &str, port: u16, path: &str, headers: &[(Rc<str>, Rc<str>)], now: Time) -> Reply {
        // All containers of a Pod share its ports.
        let listens = |c: &Container| c.is_running() && c.process.listens(port);
        let other = self.containers.iter().find(|c| listens(c)).map(|c| c.name.clone());
        let name = other.as_deref().unwrap_or(name);
        self.with_newest(name, |c, world| c.process.get(port, path, headers, world, now)).unwrap_or(Reply::Refused)
    }
    pub fn listens(&self, port: u16) -> bool {
        self.containers.iter().any(|c| c.is_running() && c.process.listens(port))
    }
    /// Whether what listens at a port by now may answer health checks over gRPC.
    pub fn speaks_grpc(&self, port: u16, now: Time) -> bool {
        self.containers.iter().any(|c| c.is_running() && c.process.speaks_grpc(port, now))
    }
    /// Whether something listens at a port by now.
    pub fn listens_at(&self, port: u16, now: Time) -> bool {
        self.containers.iter().any(|c| c.is_running() && c.process.listens_at(port, now))
    }
    /// Starts a further program in a running container.
    ///
    /// # Errors
    /// The runtime's words if it cannot be started.
    pub fn exec(&mut self, name: &str, argv: &[Rc<str>], input: Input, now: Time) -> Result<u32, Rc<str>> {
        let gone = || Err("container not running".into());
        self.with_newest(name, |c, world| c.process.exec(argv, input, world, now)).unwrap_or_else(gone)
    }
    /// Gives input to such a program, or to the first one; `closes`: no more comes.
    pub fn feed(&mut self, name: &str, number: Option<u32>, bytes: &[u8], closes: bool, now: Time) {
        self.with_newest(name, |c, world| {
            let number = number.unwrap_or(c.process.main());
            c.process.feed(number, bytes, closes, world, now);
        });
    }
    /// Exit code and output of such a program, if it has ended.
    pub fn exec_result(&mut self, name: &str, number: u32, now: Time) -> Option<(i32, Vec<u8>)> {
        self.with_newest(name, |c, world| {
            c.process.advance(world, now);
            c.process.exec_result(number)
        })?
    }

    /// What such a program has written since the last call, by stream, and its exit code if it has ended.
    pub fn exec_look(&mut self, name: &str, number: u32) -> Option<(Vec<(Stream, Vec<u8>)>, Option<i32>)> {
        self.with_newest(name, |c, _| c.process.exec_look(number))
    }
    /// Ends such a program.
    pub fn exec_kill(&mut self, name: &str, number: u32) {
        self.with_newest(name, |c, _| c.process.exec_kill(number));
    }
    /// From now on a container may use so much memory (bytes) and CPU (thousandths).
    pub fn limit(&mut self, name: &str, memory: Option<u64>, cpu: Option<u64>) {
        self.with_newest(name, |c, _| c.process.limit(memory, cpu));
    }
    pub(super) fn with_newest<T>(
        &mut self,
        name: &str,
        act: impl FnOnce(&mut Container, &mut World) -> T,
    ) -> Option<T> {
        let i = self.containers.iter().rposition(|c| &*c.name == name)?;
        Some(self.with(i, act))
    }
    /// Acts on a container and what its processes see around them. All who touch processes come this way: they find them
    /// where they are.
    pub(super) fn with<T>(&mut self, i: usize, act: impl FnOnce(&mut Container, &mut World) -> T) -> T {
        self.around(i, |container, world| {
            container.process.make_up(world);
            act(container, world)
        })
    }
    /// The same for those who know that processes may be elsewhere.
    pub(super) fn around<T>(&mut self, i: usize, act: impl FnOnce(&mut Container, &mut World) -> T) -> T {
        let mut sent = Vec::new();
        let shared = self.shared_pid.map(|last_pid| {
            let others = self.containers.iter().enumerate().filter(|(n, _)| *n != i);
            let pause = Neighbour { pid: 1, name: "pause".into(), command: "/pause".into() };
            let neighbours = std::iter::once(pause).chain(others.flat_map(|(_, c)| c.process.seen())).collect();
            Shared { last_pid, neighbours, signals: vec![] }
        });
        let mut world =
            World { volumes: &mut self.volumes, hostname: &self.hostname, epoch: self.epoch, sent: &mut sent, shared };
        let container = &mut self.containers[i];
        let result = act(container, &mut world);
        let id = container.id.clone();
        if let Some(shared) = &mut world.shared {
            for (pid, signal) in std::mem::take(&mut shared.signals) {
                let mut others = self.containers.iter_mut().enumerate().filter(|(n, _)| *n != i);
                others.any(|(_, c)| c.process.signal_one(pid, signal, &mut world, Time(0)));
            }
        }
        self.shared_pid = world.shared.map(|shared| shared.last_pid);
        self.sent.extend(sent.into_iter().map(|(ticket, request)| (id.clone(), ticket, request)));
        result
    }
}

/// How a container ended that was running when the power went.
const LOST: &str = "Unknown";

/// From a program's start to its first own step: loading it takes a while.
const LOADING: Span = Span(15);

impl Container {
    /// When a process of the container goes on by itself.
    pub fn next_wake(&self) -> Option<Time> {
        let ContainerState::Running { since } = self.state else { return None };
        self.process.next_wake().map(|at| at.max(since + LOADING))
    }
    pub fn is_running(&self) -> bool {
        matches!(self.state, ContainerState::Running { .. })
    }
    pub fn exit(&self) -> Option<&Exit> {
        if let ContainerState::Exited(exit) = &self.state { Some(exit) } else { None }
    }
    fn start(&mut self, launch: Launch, world: &mut World, now: Time) -> Result<(), Rc<str>> {
        match Process::start(launch, world, now) {
            Ok(process) => {
                self.process = process;
                self.state = ContainerState::Running { since: now };
                Ok(())
            }
            Err(why) => {
                self.state = ContainerState::Exited(Box::new(Exit {
                    started: None,
                    finished: now,
                    code: 128,
                    reason: "StartError",
                    message: why.clone(),
                }));
                Err(why)
            }
        }
    }
    /// Lets the process go on if it can; notes its end, and gives its time.
    fn advance(&mut self, world: &mut World, now: Time) -> Option<Time> {
        let ContainerState::Running { since } = self.state else { return None };
        self.process.advance(world, now);
        let end = self.process.ended()?;
        let at = end.at;
        let reason = match end.code {
            _ if end.out_of_memory => "OOMKilled",
            0 => "Completed",
            _ => "Error",
        };
        self.state = ContainerState::Exited(Box::new(Exit {
            started: Some(since),
            finished: end.at,
            code: end.code,
            reason,
            message: end.message.clone(),
        }));
        Some(at)
    }
}
