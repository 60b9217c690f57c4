//! Further programs in a container, what they are given and what they say.

use super::launch::explain;
use super::process::{Body, Process, World};
use crate::clock::Time;
use crate::shell::{Input, Mode, Signal, Stream};
use std::rc::Rc;

impl Process {
    /// Starts a further program in the container; its result is asked for with [`Process::exec_result`]. `input` is
    /// given to it with [`Process::feed`].
    ///
    /// # Errors
    /// The runtime's words if it cannot be started.
    pub fn exec(&mut self, argv: &[Rc<str>], input: Input, world: &mut World, now: Time) -> Result<u32, Rc<str>> {
        let argv: Vec<String> = argv.iter().map(|arg| arg.to_string()).collect();
        let start = self.start_of(argv.clone(), input, world);
        let Some(running) = self.running(world, now).filter(|_| !argv.is_empty()) else {
            return Err("container not running".into());
        };
        let started = running.with(world, |table, inside| table.start(inside, start, now));
        self.next = Some(now);
        started.map_err(|error| {
            let why = explain(&argv, error);
            format!("OCI runtime exec failed: exec failed: unable to start container process: {why}").into()
        })
    }

    /// Input for a program; `closes`: no more comes from there. The first program may get more from others.
    pub fn feed(&mut self, exec: u32, bytes: &[u8], closes: bool, world: &mut World, now: Time) {
        let lasts = exec == self.pid && (self.launch.tty || !self.launch.stdin_once);
        if let Body::Processes(running) = &mut self.body {
            running.with(world, |table, inside| {
                table.type_in(inside, exec, bytes, now);
                if closes && !lasts {
                    table.close(inside, exec, now);
                }
            });
            self.next = Some(now);
        }
    }

    /// Whether its first program edits what is typed into its terminal: then it shows its prompt again to whoever comes.
    pub fn edits(&self) -> bool {
        matches!(&self.body, Body::Processes(running) if running.table.mode(running.main) == Some(Mode::Edited))
    }

    /// What such a program has written since the last call, by stream.
    fn exec_streams(&mut self, exec: u32) -> Vec<(Stream, Vec<u8>)> {
        match &mut self.body {
            Body::Processes(running) => running.table.take_output(exec),
            _ => Vec::new(),
        }
    }

    /// The same, and its exit code if it has ended; it is then forgotten.
    pub fn exec_look(&mut self, exec: u32) -> (Vec<(Stream, Vec<u8>)>, Option<i32>) {
        let mut output = self.exec_streams(exec);
        let ended = self.exec_result(exec).map(|(code, rest)| {
            output.extend((!rest.is_empty()).then_some((Stream::Out, rest)));
            code
        });
        (output, ended)
    }

    /// Exit code and output of an ended program; it is then forgotten. When the container has ended, so have its programs.
    pub fn exec_result(&mut self, exec: u32) -> Option<(i32, Vec<u8>)> {
        let Body::Processes(running) = &mut self.body else {
            let kept = self.results.iter().position(|(number, ..)| *number == exec);
            let kept = kept.map(|at| self.results.remove(at));
            return Some(kept.map_or((137, Vec::new()), |(_, code, output)| (code, output)));
        };
        let code = running.table.exit_code(exec)?;
        running.asking.forget();
        let output = running.table.reap(exec).into_iter().flat_map(|(_, bytes)| bytes).collect();
        Some((code, output))
    }

    /// Ends a program that was started with [`Process::exec`].
    pub fn exec_kill(&mut self, exec: u32) {
        if let Body::Processes(running) = &mut self.body {
            running.asking.forget();
            running.table.signal(&mut running.inside, exec, Signal::KILL, Time(0));
            running.table.reap(exec);
        }
    }
}
