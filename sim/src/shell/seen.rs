//! A table of processes as one sees it from outside.

use super::host::{Pid, Signal};
use super::process::{Process, Processes, Program, Wait};
use crate::clock::Time;

/// A process, as `ps` or `top` on its node would show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub pid: Pid,
    /// 0 if it was started from outside.
    pub parent: Pid,
    pub command: String,
    /// Linux' letter: runs, sleeps, stands still (`T`), has ended and was not waited for (`Z`).
    pub state: char,
    /// Bytes that it holds beside what every program needs at rest.
    pub bytes: u64,
    pub since: Time,
}

impl Processes {
    /// All of them, in the order of their numbers.
    pub fn seen(&self) -> Vec<Seen> {
        let of = |(pid, process): (&Pid, &Process)| Seen {
            pid: *pid,
            parent: if self.list.contains_key(&process.parent) { process.parent } else { 0 },
            command: process.argv.join(" "),
            state: state(process),
            bytes: process.bytes(),
            since: process.started,
        };
        self.list.iter().map(|(pid, process)| of((pid, process))).collect()
    }

    /// Whether a process does anything when it gets this signal. Process 1 of a namespace gets only those for which it has a
    /// handler.
    pub fn heeds(&self, pid: Pid, signal: Signal) -> bool {
        let bit = 1 << (signal.0 & 63);
        self.list.get(&pid).is_some_and(|p| p.caught & bit != 0 || pid != 1 && p.ignored & bit == 0 && signal.ends())
    }
}

fn state(process: &Process) -> char {
    match (&process.program, &process.wait) {
        (Program::Ended(_), _) => 'Z',
        _ if process.stopped => 'T',
        (_, Wait::No) => 'R',
        _ => 'S',
    }
}
