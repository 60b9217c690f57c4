//! Containers of one Pod that share their processes: they see and signal each other's.

use super::process::{Body, Process, World};
use crate::clock::Time;
use crate::shell::{Neighbour, Pid, Signal};

/// Numbers that the runtime's own processes take before a container's first one.
pub const RUNTIME_PIDS: Pid = 5;

/// A process namespace that several containers are in.
#[derive(Clone, Debug, Default)]
pub struct Shared {
    /// The last process number that was given.
    pub last_pid: Pid,
    pub neighbours: Vec<Neighbour>,
    /// Signals for those.
    pub signals: Vec<(Pid, Signal)>,
}

impl World<'_> {
    /// Process numbers up to this are taken.
    pub(super) fn number(&mut self, pid: Pid) {
        if let Some(shared) = &mut self.shared {
            shared.last_pid = shared.last_pid.max(pid);
        }
    }
}

impl Process {
    /// A signal for one of its processes, from another container. Answers whether it has that.
    pub fn signal_one(&mut self, pid: Pid, signal: Signal, world: &mut World, now: Time) -> bool {
        let known = match &self.body {
            Body::Processes(running) => running.table.alive().any(|(known, _)| known == pid),
            Body::Server(_) => pid == self.pid,
            Body::Nothing => false,
        };
        match &mut self.body {
            Body::Processes(running) if known => {
                running.with(world, |table, inside| table.signal(inside, pid, signal, now));
                self.next = Some(now);
            }
            _ if known => self.signal(signal.0, world, now),
            _ => {}
        }
        known
    }

    /// From now on it may use so much memory (bytes) and CPU (thousandths).
    pub fn limit(&mut self, memory: Option<u64>, cpu: Option<u64>) {
        let launch = std::rc::Rc::make_mut(&mut self.launch);
        (launch.memory_limit, launch.cpu_limit) = (memory, cpu);
        if let Body::Processes(running) = &mut self.body {
            running.asking.forget();
            running.inside.launch = self.launch.clone();
        }
    }

    /// The number of its first process.
    pub fn main(&self) -> Pid {
        self.pid
    }

    /// Its processes, as those of other containers in the same namespace see them.
    pub fn seen(&self) -> Vec<Neighbour> {
        let seen = |pid: Pid, name: &str, argv: &[String]| Neighbour {
            pid,
            name: name.rsplit('/').next().unwrap_or_default().into(),
            command: argv.join(" ").into(),
        };
        match &self.body {
            Body::Nothing => vec![],
            Body::Server(_) => {
                let argv = self.launch.argv();
                vec![seen(self.pid, argv.first().map_or("", |a| a), &argv)]
            }
            Body::Processes(running) => running.table.alive().map(|(pid, p)| seen(pid, &p.name, &p.argv)).collect(),
        }
    }
}
