//! Containers that nobody need watch: what they do can be told from where they are. They are let run when somebody looks.
//!
//! Whoever changes something in a container sets when its process goes on, and so it is watched again.

use super::node::Machine;
use super::process::{Body, Process, World};
use super::sandbox::{Container, Sandbox};
use crate::clock::{Span, Time};
use crate::shell::Stream;
use std::borrow::Cow;
use std::rc::Rc;

/// So much of what was not watched is made up for at the latest, so that no look takes long.
const UNWATCHED: Span = Span::secs(60);

impl Process {
    /// When it goes on by itself, if nobody but who looks at it can tell.
    fn unwatched(&self) -> Option<Time> {
        self.next_wake().filter(|at| self.unwatched == Some(*at))
    }

    /// Lets it do all that is due by `now`.
    pub(super) fn catch_up(&mut self, world: &mut World, now: Time) {
        while let Some(at) = self.unwatched().filter(|at| *at <= now) {
            let before = if let Body::Processes(running) = &self.body { Some(running.table.clone()) } else { None };
            self.advance(world, at);
            let (Some(before), Body::Processes(running)) = (before, &mut self.body) else { return };
            if let Some(turns) = running.with(world, |table, inside| table.go_round(inside, &before, now)) {
                for (at, said) in turns.made {
                    self.meter.charge(turns.micros, at);
                    self.logs.write(Stream::Out, said.as_bytes(), at);
                }
                self.next = Some(turns.next);
                self.unwatched = self.next;
            }
        }
    }
}

impl Container {
    /// When somebody has to look at it because it goes on by itself.
    pub fn due(&self) -> Option<Time> {
        let at = self.next_wake()?;
        Some(if self.process.unwatched().is_some() { at + UNWATCHED } else { at })
    }
    pub(super) fn lags(&self, now: Time) -> bool {
        self.is_running() && (self.process.asks() || self.process.unwatched().is_some_and(|at| at <= now))
    }
}

impl Sandbox {
    fn lags(&self, now: Time) -> bool {
        self.containers.iter().any(|c| c.lags(now))
    }

    /// The sandbox as it is at `now`.
    pub fn at(&self, now: Time) -> Cow<'_, Sandbox> {
        if !self.lags(now) {
            return Cow::Borrowed(self);
        }
        let mut sandbox = self.clone();
        sandbox.catch_up(now);
        Cow::Owned(sandbox)
    }

    /// Lets those that nobody need watch do what is due; who looks at them then still has to ask for them as they are.
    pub(super) fn go_on(&mut self, now: Time) {
        for i in 0..self.containers.len() {
            if self.containers[i].lags(now) {
                self.around(i, |c, world| {
                    if c.process.asks() { c.process.ask_on(world, now) } else { c.process.catch_up(world, now) }
                });
            }
        }
    }

    /// Lets the containers that nobody watched do what is due.
    pub fn catch_up(&mut self, now: Time) {
        for i in 0..self.containers.len() {
            if self.containers[i].lags(now) {
                self.with(i, |c, world| c.process.catch_up(world, now));
            }
        }
    }
}

impl Machine {
    /// The machine as it is at `now`.
    pub fn at(&self, now: Time) -> Cow<'_, Machine> {
        if !self.sandboxes.values().any(|sandbox| sandbox.lags(now)) {
            return Cow::Borrowed(self);
        }
        let mut machine = self.clone();
        for sandbox in machine.sandboxes.values_mut().filter(|sandbox| sandbox.lags(now)) {
            Rc::make_mut(sandbox).catch_up(now);
        }
        Cow::Owned(machine)
    }
    pub(super) fn catch_up(&mut self, uid: &str, now: Time) {
        if let Some(sandbox) = self.sandboxes.get_mut(uid).filter(|sandbox| sandbox.lags(now)) {
            Rc::make_mut(sandbox).catch_up(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::ContainerState;
    use crate::machine::process::Launch;
    use crate::shell::{Input, Mount, Tree, Volumes};
    use proptest::prelude::*;

    /// A container that runs a script, with a folder that is not its own.
    fn sandbox(script: &str) -> Sandbox {
        let mut sandbox =
            Sandbox { running: true, epoch: 1_795_464_334_000, hostname: "web-0".into(), ..Sandbox::default() };
        sandbox.volumes = Volumes::from([("data".into(), Tree::new())]);
        let image: Rc<str> = "docker.io/library/busybox:1.36".into();
        sandbox.add(Container {
            name: "c".into(),
            id: "0".into(),
            attempt: 0,
            image: image.clone(),
            wanted_image: image.clone(),
            created: Time(0),
            state: ContainerState::Created,
            process: Process::default(),
        });
        let mount =
            Mount { path: "/data".into(), volume: "data".into(), sub_path: "".into(), read_only: false, memory: None };
        let command = ["sh", "-c", script].into_iter().map(Rc::from).collect();
        let message_path = "/dev/termination-log".into();
        let launch = Launch { image, command, mounts: vec![mount], message_path, ..Launch::default() };
        sandbox.start("c", launch, Time(0)).expect("a shell is there");
        sandbox
    }

    /// Lets it run as somebody does who watches it all the time.
    fn watch(sandbox: &mut Sandbox, until: Time) {
        while let Some(at) = sandbox.containers[0].next_wake().filter(|at| *at <= until) {
            sandbox.with(0, |c, world| c.process.advance(world, at));
        }
    }

    /// Lets it run as a kubelet does that looks only when it must.
    fn leave(sandbox: &mut Sandbox, until: Time) -> u32 {
        let mut looks = 0;
        while let Some(at) = sandbox.next_wake().filter(|at| *at <= until) {
            sandbox.catch_up(at);
            if sandbox.containers[0].next_wake().is_some_and(|due| due <= at) {
                sandbox.with(0, |c, world| c.process.advance(world, at));
            }
            looks += 1;
        }
        looks
    }

    /// Loops, most of which only write and sleep.
    fn script() -> impl Strategy<Value = String> {
        let command = prop_oneof![
            8 => Just("date"), 4 => Just("date -u +%H:%M:%S.%N"), 8 => Just("echo hi"), 4 => Just("echo -n 'a  b'"), 2 => Just(":"),
            1 => Just("date -d @5"), 1 => Just("echo $HOME"), 1 => Just("i=$((i+1))"), 1 => Just("touch /tmp/c"), 1 => Just("nothing"),
            1 => Just("echo *"), 1 => Just("date | cat"), 1 => Just("[ -s /tmp/a ] && break"), 1 => Just("sleep 0.3"),
        ];
        let to = prop_oneof![
            4 => Just(""), 6 => Just(" >> /tmp/a"), 4 => Just(" > /tmp/b"), 1 => Just(" >> /data/a"), 1 => Just(" >/dev/null"),
            1 => Just(" >> /none/a"), 1 => Just(" 2>> /tmp/a"),
        ];
        let act = (command, to).prop_map(|(command, to)| format!("{command}{to}"));
        let acts = || prop::collection::vec(act.clone(), 0..4);
        let condition = prop_oneof![8 => Just("true"), 4 => Just(":"), 1 => Just("[ -d /tmp ]"), 1 => Just("echo on"), 2 => Just("sleep 1")];
        let head = prop_oneof![8 => Just(""), 1 => Just("set -e; "), 1 => Just("trap 'echo bye' TERM; "), 1 => Just("date() { echo no; }; ")];
        (head, condition, acts(), 1_u32..5, acts()).prop_map(|(head, condition, before, half, after)| {
            let sleep = vec![format!("sleep {}.{}", half / 2, half % 2 * 5)];
            format!("{head}while {condition}; do {}; done", [before, sleep, after].concat().join("; "))
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        /// Whenever somebody looks at a container that nobody watched, and whether he leaves it as he found it or not, it is as it
        /// would be had it been watched all the time; and a program that he starts there does the same.
        #[test]
        fn an_unwatched_container_is_as_a_watched_one(
            script in script(),
            looks in prop::collection::vec((1_u64..40_000, 0_u8..4), 1..6),
        ) {
            let (mut watched, mut left) = (sandbox(&script), sandbox(&script));
            let mut now = Time(0);
            for (after, how) in looks {
                now += Span(after);
                watch(&mut watched, now);
                leave(&mut left, now);
                prop_assert_eq!(&watched, &*left.at(now), "{} at {}", script, now.0);
                if how > 0 {
                    left.catch_up(now);
                    prop_assert_eq!(&watched, &left);
                }
                if how > 1 && watched.containers[0].is_running() {
                    let argv: [Rc<str>; 3] = ["sh".into(), "-c".into(), "ps; cat /tmp/a; sleep 1; kill 7".into()];
                    prop_assert_eq!(watched.exec("c", &argv, Input::Empty, now), left.exec("c", &argv, Input::Empty, now));
                }
                if how == 3 {
                    watched.signal("c", 15, now);
                    left.signal("c", 15, now);
                }
            }
        }
    }

    #[test]
    fn nobody_need_watch_a_loop_that_only_writes_and_sleeps() {
        let looks = |script: &str| leave(&mut sandbox(script), Time(600_000));
        assert!(looks("while true; do date >> /tmp/log; sleep 1; done") < 15);
        assert!(looks("echo up; while :; do echo a; sleep 0.5; date > /tmp/b; done") < 15);
        assert!(looks("while true; do date >> /data/log; sleep 1; done") > 500);
        assert!(looks("while true; do date; [ -e /tmp/x ]; sleep 1; done") > 500);
    }

    #[test]
    fn who_touches_processes_finds_them_where_they_are() {
        let argv: [Rc<str>; 3] = ["sh".into(), "-c".into(), "ps; sleep 9".into()];
        let (mut watched, mut left) =
            (sandbox("while sleep 1; do echo a; done"), sandbox("while sleep 1; do echo a; done"));
        let mut now = Time(10_300);
        watch(&mut watched, now);
        for at in (0..=now.0).map(Time) {
            left.advance(at);
        }
        assert!(left.containers[0].process.asks());
        assert_ne!(watched, left);
        let numbers =
            [&mut watched, &mut left].map(|sandbox| sandbox.exec("c", &argv, Input::Empty, now).expect("a shell"));
        assert_eq!(watched, left);
        now += Span(50);
        watch(&mut watched, now);
        watch(&mut left, now);
        let looks = [&mut watched, &mut left].map(|sandbox| sandbox.exec_look("c", numbers[0]).expect("it is there"));
        assert_eq!(looks[0], looks[1]);
        assert!(String::from_utf8_lossy(&looks[0].0[0].1).contains("sleep 1"), "{looks:?}");
        for sandbox in [&mut watched, &mut left] {
            sandbox.exec_kill("c", numbers[0]);
            sandbox.limit("c", Some(1 << 20), Some(10));
        }
        assert_eq!(watched, left);
    }

    #[test]
    fn what_a_file_can_hold_is_counted_alike() {
        let script = format!("while true; do echo {} >> /tmp/log; sleep 1; done", "x".repeat(3_001));
        let (mut watched, mut left) = (sandbox(&script), sandbox(&script));
        for now in [Time(40_000), Time(95_000), Time(250_000)] {
            watch(&mut watched, now);
            leave(&mut left, now);
            left.catch_up(now);
            assert_eq!(watched, left);
        }
        assert!(left.containers[0].process.layer_bytes() > 250 * 3_000);
    }
}
