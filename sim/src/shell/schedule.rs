//! Linux: kernel/sched, fs/pipe.c: who can go on, and for how long.

use std::collections::BTreeMap;

use super::files::Errno;
use super::host::*;
use super::process::*;
use crate::clock::{Span, Time};

impl Processes {
    /// Lets every process go on that can, until all wait or the instant's steps are used up. Gives when to come again;
    /// `None`: not before something comes in.
    pub fn step(&mut self, host: &mut dyn Host, now: Time) -> Option<Time> {
        if now < self.resting_until {
            return Some(self.resting_until);
        }
        if self.at != now {
            (self.at, self.left) = (now, STEPS_PER_INSTANT);
        }
        loop {
            let pids: Vec<Pid> = self.list.keys().copied().filter(|pid| self.ready(host, *pid, now)).collect();
            let ran = !pids.is_empty();
            for (i, pid) in pids.iter().enumerate() {
                if self.ready(host, *pid, now) {
                    // Nobody takes the time of those who wait behind.
                    let share = self.left.div_ceil((pids.len() - i) as u64);
                    let others = self.left - share;
                    self.left = share;
                    self.run(host, *pid, now);
                    self.left += others;
                }
                if self.left == 0 {
                    // A full share of CPU takes as long as its steps; a smaller one, longer.
                    let micros = STEPS_PER_INSTANT * MICROS_PER_STEP;
                    let span = Span::millis((micros / host.cpu_milli().max(1)).max(1));
                    self.resting_until = now + span;
                    return Some(self.resting_until);
                }
            }
            self.bury();
            if !ran {
                return self.next_wake(host);
            }
        }
    }

    /// Lets the host's programs that wait look again: something changed around them.
    pub fn nudge(&mut self) {
        for process in self.list.values_mut() {
            if let Wait::Host(until, _) = &mut process.wait {
                *until = Some(Time(0));
            }
        }
    }

    /// When the first process that waits for a time goes on.
    pub(super) fn next_wake(&self, host: &dyn Host) -> Option<Time> {
        let of = |pid: Pid, p: &Process| match p.wait {
            Wait::Until(at) | Wait::ChildUntil(_, at) => Some(at),
            Wait::Answer(ticket, until) => {
                let arrives = self.answers.get(&ticket).map(|(at, _)| *at);
                [arrives, until].into_iter().flatten().min()
            }
            Wait::Host(at, _) => [at, host.due(pid)].into_iter().flatten().min(),
            _ => None,
        };
        self.list.iter().filter(|(_, p)| !p.stopped).filter_map(|(pid, p)| of(*pid, p)).min()
    }

    pub(super) fn ready(&self, host: &dyn Host, pid: Pid, now: Time) -> bool {
        let Some(process) = self.list.get(&pid) else { return false };
        if process.stopped || matches!(process.program, Program::Ended(_)) || self.is_full(process.fds.get(&1)) {
            return false;
        }
        if !process.pending.is_empty() && !matches!(process.wait, Wait::Foreground(_)) {
            return true;
        }
        let gone = |child: &Pid| !self.list.get(child).is_some_and(|p| !matches!(p.program, Program::Ended(_)));
        match &process.wait {
            Wait::No => true,
            Wait::Until(at) => now >= *at,
            Wait::Input(fd) => self.has_input(process.fds.get(fd)),
            Wait::Children(children) => children.iter().any(gone),
            Wait::Foreground(children) => children.iter().all(gone),
            Wait::Answer(ticket, until) => {
                self.answers.get(ticket).is_some_and(|(at, _)| now >= *at) || until.is_some_and(|at| now >= at)
            }
            Wait::ChildUntil(child, at) => gone(child) || now >= *at,
            Wait::Host(until, told) => {
                let input = process.fds.get(&0);
                until.is_some_and(|at| now >= at)
                    || host.due(pid).is_some_and(|at| now >= at)
                    || self.has_bytes(input)
                    || (!told && self.has_input(input))
            }
            Wait::Forever => false,
        }
    }

    /// Whether what is written there is not taken away quickly enough.
    pub(super) fn is_full(&self, fd: Option<&Fd>) -> bool {
        match fd {
            Some(Fd::PipeWrite(id)) => self.pipes.get(id).is_some_and(|p| p.len() >= PIPE_BYTES) && self.is_read(*id),
            Some(Fd::Output(id, _)) => self
                .sessions
                .get(id)
                .is_some_and(|s| s.output.iter().map(|(_, b)| b.len()).sum::<usize>() >= PIPE_BYTES),
            _ => false,
        }
    }

    /// Whether anyone can still read from a pipe.
    pub(super) fn is_read(&self, pipe: u32) -> bool {
        self.list.values().any(|p| p.fds.values().any(|fd| *fd == Fd::PipeRead(pipe)))
    }

    /// Whether anyone can still write into a pipe.
    pub(super) fn is_written(&self, pipe: u32) -> bool {
        self.list.values().any(|p| p.fds.values().any(|fd| *fd == Fd::PipeWrite(pipe)))
    }

    fn has_bytes(&self, fd: Option<&Fd>) -> bool {
        match fd {
            Some(Fd::PipeRead(id)) => self.pipes.get(id).is_some_and(|bytes| !bytes.is_empty()),
            Some(Fd::Input(id)) => self.sessions.get(id).is_some_and(|s| s.has_bytes()),
            _ => false,
        }
    }

    /// Whether a read would not block: bytes are there, or the end is.
    fn has_input(&self, fd: Option<&Fd>) -> bool {
        self.has_bytes(fd)
            || match fd {
                Some(Fd::PipeRead(id)) => !self.is_written(*id),
                Some(Fd::Input(id)) => self.sessions.get(id).is_none_or(|s| s.input_closed),
                _ => true,
            }
    }

    pub(super) fn run(&mut self, host: &mut dyn Host, pid: Pid, now: Time) {
        let process = self.process_mut(pid);
        process.wait = Wait::No;
        let mut program = std::mem::replace(&mut process.program, Program::Away);
        loop {
            self.steps += 1;
            self.left = self.left.saturating_sub(1);
            let mut cx = Context { table: self, host, pid, now };
            let flow = match &mut program {
                Program::Shell(shell) => shell.step(&mut cx),
                Program::Tool(tool) => tool.step(&mut cx),
                Program::Host => cx.run_host(),
                Program::Away | Program::Ended(_) => unreachable!("only living programs are stepped"),
            };
            // It may have died of what it did: written into a broken pipe, killed itself.
            if self.exit_code(pid).is_some() {
                return;
            }
            let flow = match &program {
                Program::Tool(tool) if std::mem::take(&mut self.process_mut(pid).full) => {
                    let text = format!("{}: write error: {}", tool.program, Errno::NoSpace);
                    Context { table: self, host, pid, now }.complain(text);
                    Flow::Exit(1)
                }
                _ => flow,
            };
            match flow {
                Flow::Go if self.left == 0 || self.is_full(self.process(pid).fds.get(&1)) => break,
                Flow::Go => {}
                Flow::Wait(wait) => {
                    if matches!(wait, Wait::Input(0))
                        && let Some(tty) = self.tty_of(pid)
                    {
                        tty.asked = true;
                    }
                    self.process_mut(pid).wait = wait;
                    break;
                }
                Flow::Become(next) => {
                    program = next;
                    if self.left == 0 {
                        break;
                    }
                }
                Flow::Exit(code) => {
                    self.process_mut(pid).program = program;
                    self.end(host, pid, code);
                    return;
                }
            }
        }
        self.process_mut(pid).program = program;
    }

    /// Counts work that is more than a step.
    pub(super) fn charge(&mut self, steps: u64) {
        self.steps += steps;
        self.left = self.left.saturating_sub(steps);
    }

    pub(super) fn fork(&mut self, parent: Pid, program: Program, mut fds: BTreeMap<u32, Fd>, now: Time) -> Option<Pid> {
        if self.alive().count() >= PROCESSES {
            return None;
        }
        self.charge(30);
        fds.retain(|fd, _| *fd < SUBSTITUTIONS);
        let pid = self.next_pid();
        let Process { name, argv, env, cwd, creds, ignored, stopped, .. } = self.process(parent);
        let child = Process {
            parent,
            name: name.clone(),
            argv: argv.clone(),
            fds,
            env: env.clone(),
            cwd: cwd.clone(),
            creds: creds.clone(),
            started: now,
            pending: Vec::new(),
            caught: 0,
            ignored: *ignored,
            stopped: *stopped,
            full: false,
            killed: None,
            wait: Wait::No,
            memory: 0,
            program,
        };
        self.list.insert(pid, Box::new(child));
        Some(pid)
    }
}
