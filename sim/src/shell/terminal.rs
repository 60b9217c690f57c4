//! The user's terminal, and the lines of a scene: one shell that runs one command line.

use std::rc::Rc;

use super::files::Creds;
use super::host::*;
use super::process::{Input, Mode, Processes, Start};
use crate::clock::Time;

/// A command line being run. Plain data: it may be cloned and resumed at any point.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Shell {
    processes: Processes,
    pid: Pid,
    failed: bool,
}

impl Shell {
    /// A shell that will run `script` in the folder `cwd`. The host must have a program `sh` (or `bash`) at one of the
    /// folders of the PATH.
    pub fn new(
        host: &mut dyn Host,
        program: &str,
        script: &str,
        env: Env,
        cwd: &str,
        input: Input,
        now: Time,
    ) -> Shell {
        let mut processes = Processes::new(1000);
        let start = Start {
            argv: vec![program.into(), "-c".into(), script.into()],
            env,
            cwd: cwd.into(),
            creds: Rc::new(Creds::default()),
            input,
        };
        match processes.start(host, start, now) {
            Ok(pid) => Shell { processes, pid, failed: false },
            Err(_) => Shell { processes, pid: 0, failed: true },
        }
    }

    /// Goes on as far as it can at this instant.
    pub fn step(&mut self, host: &mut dyn Host, now: Time) -> Progress {
        if self.failed {
            return Progress::Ended(127);
        }
        let next = self.processes.step(host, now);
        match (self.processes.exit_code(self.pid), next) {
            (Some(code), _) => Progress::Ended(code),
            (None, Some(at)) => Progress::Sleeping(at),
            (None, None) => Progress::Blocked,
        }
    }

    /// Somebody types: see [`Processes::type_in`].
    pub fn type_in(&mut self, host: &mut dyn Host, text: &str, now: Time) {
        self.processes.type_in(host, self.pid, text.as_bytes(), now);
    }

    /// Whether one of its programs has asked for input.
    pub fn asked(&self) -> bool {
        self.processes.asked(self.pid)
    }

    /// Whether a program gets every key, Ctrl-C as well.
    pub fn gets_keys(&self) -> bool {
        self.processes.mode(self.pid) == Some(Mode::Keys)
    }

    /// Lets the host's programs that wait look again.
    pub fn nudge(&mut self) {
        self.processes.nudge();
    }

    /// What was written since the last call, in order.
    pub fn take_output(&mut self) -> Vec<(Stream, Vec<u8>)> {
        self.processes.take_output(self.pid)
    }

    /// A signal for everything that runs, as Ctrl-C sends it.
    pub fn signal(&mut self, host: &mut dyn Host, signal: Signal, now: Time) {
        let pids: Vec<Pid> = self.processes.alive().map(|(pid, _)| pid).collect();
        for pid in pids {
            self.processes.signal(host, pid, signal, now);
        }
    }

    /// The answer to a network request that one of its programs sent.
    pub fn deliver(&mut self, ticket: Ticket, answer: NetAnswer) {
        self.processes.deliver(ticket, answer, Time(0));
    }
}
