//! The machine of the tests: all tools, some files, a network of one web server, and a program `say` of the host's own.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::super::tools;
use super::super::*;
use crate::clock::{Span, Time};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desk {
    tree: Tree,
    volumes: Volumes,
    requests: Vec<(Ticket, NetRequest)>,
    flavor: Flavor,
    /// `slow N TEXT`: speaks after N seconds.
    slow: BTreeMap<Pid, (Time, String)>,
}

impl Desk {
    pub fn new() -> Desk {
        let mut tree = tools::tree();
        tree.put("bin/slow", Node::program("slow"));
        tree.put("bin/upper", Node::program("upper"));
        tree.put("bin/bash", Node::program("bash"));
        tree.put("etc/passwd", Node::file("root:x:0:0:root:/root:/bin/sh\nwww:x:33:33:www:/:/bin/false\n"));
        tree.put("etc/group", Node::file("root:x:0:\nwheel:x:10:root\n"));
        tree.put(
            "etc/resolv.conf",
            Node::file("search default.svc.cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n"),
        );
        tree.put(
            "etc/hosts",
            Node::file("127.0.0.1\tlocalhost\n10.244.1.7\tdesk.sub.default.svc.cluster.local\tdesk\n"),
        );
        tree.put("root/t", Node::folder());
        tree.put("tmp/t", Node::folder());
        Desk { tree, volumes: Volumes::new(), requests: Vec::new(), flavor: Flavor::Busybox, slow: BTreeMap::new() }
    }

    /// The answers that the network gives at once.
    pub fn answers(&mut self) -> Vec<(Ticket, NetAnswer)> {
        let requests = std::mem::take(&mut self.requests);
        requests.into_iter().filter_map(|(ticket, request)| Some((ticket, answer(request)?))).collect()
    }
}

fn answer(request: NetRequest) -> Option<NetAnswer> {
    Some(match request {
        NetRequest::Dns { name, record, .. } => NetAnswer::Dns(match name.as_str() {
            "web.default.svc.cluster.local" => Ok((record == Record::A)
                .then(|| Answer { name, record, value: "10.96.77.111".into() })
                .into_iter()
                .collect()),
            _ => Err(Rcode::NxDomain),
        }),
        NetRequest::Http(request) if request.address == "10.96.77.111" && request.port == 80 => {
            NetAnswer::Http(match request.path.as_str() {
                "/hostname" => HttpAnswer::text(200, "web-1"),
                "/" => HttpAnswer::text(200, "hello\n"),
                _ => HttpAnswer::text(404, "no"),
            })
        }
        NetRequest::Http(request) if request.address == "192.0.2.1" => return None,
        NetRequest::Ping { .. } => NetAnswer::Pong { micros: 296 },
        _ => NetAnswer::Refused,
    })
}

impl Host for Desk {
    fn fs(&mut self) -> Fs<'_> {
        Fs { lower: None, upper: &mut self.tree, mounts: &[], volumes: &mut self.volumes, read_only: false }
    }
    fn unix_millis(&self, now: Time) -> u64 {
        1_795_464_334_000 + now.0
    }
    fn hostname(&self) -> String {
        "desk".into()
    }
    fn flavor(&self) -> Flavor {
        self.flavor
    }
    fn knows(&self, program: &str) -> bool {
        matches!(program, "slow" | "upper")
    }
    fn start(&mut self, call: &Call, now: Time) {
        if &*call.program == "slow" {
            let seconds = call.argv[1].parse().unwrap_or(0);
            self.slow.insert(call.pid, (now + Span::secs(seconds), call.argv[2..].join(" ")));
        }
    }
    fn run(&mut self, pid: Pid, io: &mut Io, now: Time) -> Progress {
        match self.slow.get(&pid) {
            Some((at, _)) if now < *at => Progress::Sleeping(*at),
            Some((_, text)) => {
                io.output.push((Stream::Out, format!("{text}\n").into_bytes()));
                Progress::Ended(text.is_empty().into())
            }
            None => {
                io.output.push((Stream::Out, io.input.to_ascii_uppercase()));
                if io.closed { Progress::Ended(0) } else { Progress::Blocked }
            }
        }
    }
    fn send(&mut self, ticket: Ticket, request: NetRequest, _now: Time) {
        self.requests.push((ticket, request));
    }
}

/// What a script came to.
#[derive(Debug, PartialEq, Eq)]
pub struct Ran {
    pub out: String,
    pub err: String,
    pub code: i32,
    pub millis: u64,
}

/// Runs a script to its end, but at most for a day, calling `between` before each step.
pub fn run_with(program: &str, script: &str, mut between: impl FnMut(&mut Shell, &mut Desk, Time)) -> Ran {
    play(program, script, Input::Empty, |shell, desk, now| {
        between(shell, desk, now);
        None
    })
}

/// The same where `sh` and the tools are another's.
pub fn run_as(flavor: Flavor, script: &str) -> Ran {
    play_on(Desk { flavor, ..Desk::new() }, "sh", script, Input::Empty, |_, _, _| None)
}

/// The same with some input; `between` says when it wants to be called at the latest.
pub fn play(
    program: &str,
    script: &str,
    input: Input,
    between: impl FnMut(&mut Shell, &mut Desk, Time) -> Option<Time>,
) -> Ran {
    play_on(Desk::new(), program, script, input, between)
}

fn play_on(
    mut desk: Desk,
    program: &str,
    script: &str,
    input: Input,
    mut between: impl FnMut(&mut Shell, &mut Desk, Time) -> Option<Time>,
) -> Ran {
    let env: Env = Rc::new(BTreeMap::from([("PATH".into(), "/bin".into()), ("HOME".into(), "/root".into())]));
    let mut now = Time(0);
    let mut shell = Shell::new(&mut desk, program, script, env, "/root", input, now);
    let mut ran = Ran { out: String::new(), err: String::new(), code: -1, millis: 0 };
    while now < Time(86_400_000) {
        let wanted = between(&mut shell, &mut desk, now);
        let progress = shell.step(&mut desk, now);
        for (stream, bytes) in shell.take_output() {
            let to = if stream == Stream::Out { &mut ran.out } else { &mut ran.err };
            to.push_str(&String::from_utf8_lossy(&bytes));
        }
        let answers = desk.answers();
        let answered = !answers.is_empty();
        for (ticket, answer) in answers {
            shell.deliver(ticket, answer);
        }
        ran.millis = now.0;
        match progress {
            Progress::Ended(code) => {
                ran.code = code;
                break;
            }
            _ if answered || progress == Progress::Ran => now += Span(1),
            Progress::Sleeping(at) => now = wanted.map_or(at, |wanted| at.min(wanted)),
            _ => match wanted {
                Some(at) => now = at,
                None => break,
            },
        }
    }
    ran
}

pub fn run(script: &str) -> Ran {
    run_with("sh", script, |_, _, _| {})
}
