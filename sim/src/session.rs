//! A command line that runs in the user's terminal: a shell whose files are the user's and whose kubectl is ours.
//!
//! The user's machine is outside the cluster's network: nodes answer it, and what the cluster shows to the world. Not
//! simulated: a name server there, and the rest of the internet.

use crate::api::pod::Pod;
use crate::clock::{Span, Time};
use crate::cluster::{Actor, Cluster};
use crate::exchange;
use crate::hardware;
use crate::kubectl::{self, Step};
use crate::outcome::{Deed, Outcome};
use crate::plane::{Fault, PARTS};
use crate::shell::{
    self, Env, Flavor, Fs, Host, Input, Io, NetRequest, Node, Pid, Progress, Shell, Stream, Ticket, Tree, Volumes,
};
use crate::terminal::{Call, Chunk, HOME, Session};
use std::collections::BTreeMap;
use std::rc::Rc;

/// The programs of the user's terminal beside the shell's tools.
const PROGRAMS: [&str; 3] = ["kubectl", "fault", "machine"];
/// How soon a command that waits looks at a change.
const WATCH: Span = Span(5);
/// Ended sessions beyond these are forgotten, the oldest first.
const KEPT: usize = 50;

/// The user's machine while one of its command lines runs.
struct Desk<'a> {
    cluster: &'a mut Cluster,
    calls: &'a mut BTreeMap<Pid, Call>,
    programs: Tree,
    volumes: Volumes,
    unanswered: Vec<(Ticket, NetRequest)>,
    /// What befalls the cluster by the user's order.
    deeds: Vec<Deed>,
}

/// `fault power-off node-2`: what befalls a node, a part of the cluster or a container.
fn fault(cluster: &Cluster, argv: &[String]) -> Result<Deed, String> {
    let [what, place] = argv else {
        let names: Vec<&str> = Fault::NAMES.iter().map(|(name, _)| *name).collect();
        let (names, parts) = (names.join(" "), PARTS.join(" "));
        return Err(format!(
            "usage: fault WHAT WHERE\n\nWHAT: {names}\nWHERE: a node, [[NAMESPACE/]POD/]CONTAINER or POD, or {parts}\n"
        ));
    };
    let fault = Fault::named(what).ok_or_else(|| format!("fault: no such fault: {what}\n"))?;
    let found = place_of(cluster, place).filter(|found| fault.befalls(found));
    let found = found.ok_or_else(|| format!("fault: {what} cannot befall {place}\n"))?;
    Ok(Deed::Befall(fault, found))
}

/// A node, a part of the cluster, or a container as `NAMESPACE/POD/CONTAINER`: of a Pod alone the first, and in the namespace
/// that kubectl takes where none is said.
fn place_of(cluster: &Cluster, place: &str) -> Option<Rc<str>> {
    if PARTS.contains(&place) || cluster.machines.contains_key(place) {
        return Some(place.into());
    }
    let parts: Vec<&str> = place.split('/').collect();
    let here = kubectl::namespace(cluster);
    let (namespace, pod, container) = match parts[..] {
        [pod] => (here.as_str(), pod, None),
        [pod, container] => (here.as_str(), pod, Some(container)),
        [namespace, pod, container] => (namespace, pod, Some(container)),
        _ => return None,
    };
    let spec = &cluster.store.typed::<Pod>(namespace, pod)?.1.spec;
    let named = |name: &str| spec.all_containers().find(|c| *c.name == *name);
    let container = container.map_or_else(|| spec.containers.first(), named)?;
    Some(format!("{namespace}/{pod}/{}", container.name).into())
}

impl Host for Desk<'_> {
    fn fs(&mut self) -> Fs<'_> {
        Fs {
            lower: Some(&self.programs),
            upper: &mut self.cluster.folder.tree,
            mounts: &[],
            volumes: &mut self.volumes,
            read_only: false,
        }
    }
    fn unix_millis(&self, now: Time) -> u64 {
        self.cluster.stamp_of(now).0.max(0) as u64
    }
    fn hostname(&self) -> String {
        "kubarium".into()
    }
    fn flavor(&self) -> Flavor {
        Flavor::Bash
    }
    fn knows(&self, program: &str) -> bool {
        PROGRAMS.contains(&program)
    }
    fn start(&mut self, call: &shell::Call, now: Time) {
        let argv = call.argv.iter().skip(1).cloned().collect();
        let program = call.program.clone();
        let (cwd, terminal) = (call.cwd.clone(), call.terminal);
        self.calls.insert(call.pid, Call { program, argv, started: now, cwd, terminal, ..Call::default() });
    }
    fn run(&mut self, pid: Pid, io: &mut Io, _: Time) -> Progress {
        let Some(call) = self.calls.get_mut(&pid) else { return Progress::Ended(127) };
        call.stdin.push_str(&String::from_utf8_lossy(&io.input));
        call.closed |= io.closed;
        let (step, output) = match &*call.program {
            "kubectl" => kubectl::step(self.cluster, call),
            other => {
                let deed = match other {
                    "fault" => fault(self.cluster, &call.argv),
                    _ => hardware::order(self.cluster, &call.argv).map(Deed::Machinery),
                };
                let failed = |text| (Step::Done(1), vec![(Stream::Err, text)]);
                deed.map_or_else(failed, |deed| {
                    self.deeds.push(deed);
                    (Step::Done(0), vec![])
                })
            }
        };
        io.reads = call.reads;
        io.output.extend(output.into_iter().map(|(stream, text)| (stream, text.into_bytes())));
        match step {
            Step::Done(code) => {
                self.calls.remove(&pid);
                Progress::Ended(code)
            }
            Step::Wait(Some(until)) => Progress::Sleeping(until),
            Step::Wait(None) => Progress::Blocked,
        }
    }
    fn forget(&mut self, pid: Pid) {
        self.calls.remove(&pid);
    }
    fn send(&mut self, ticket: Ticket, request: NetRequest, _: Time) {
        self.unanswered.push((ticket, request));
    }
}

impl<'a> Desk<'a> {
    fn new(cluster: &'a mut Cluster, calls: &'a mut BTreeMap<Pid, Call>) -> Desk<'a> {
        thread_local!(static TREE: Tree = programs());
        Desk {
            cluster,
            calls,
            programs: TREE.with(Tree::clone),
            volumes: Volumes::new(),
            unanswered: vec![],
            deeds: vec![],
        }
    }
}

/// What can be called at the desk.
fn programs() -> Tree {
    let mut programs = shell::tools::tree();
    for name in PROGRAMS.iter().chain(&["bash"]) {
        programs.put(&format!("bin/{name}"), Node::program(name));
    }
    programs
}

/// Starts a command line.
pub fn start(cluster: &mut Cluster, line: &Rc<str>) {
    let number = cluster.sessions.keys().next_back().map_or(1, |n| n + 1);
    let (now, mut calls) = (cluster.now, BTreeMap::new());
    let namespace: Rc<str> = kubectl::namespace(cluster).into();
    let pairs = [("HOME", HOME.into()), ("KUBECTL_NS", namespace), ("PATH", shell::PATH.into()), ("PWD", HOME.into())];
    let env: Env = Rc::new(pairs.into_iter().map(|(k, v)| (k.into(), v)).collect());
    let shell = Shell::new(&mut Desk::new(cluster, &mut calls), "bash", line, env, HOME, Input::Terminal, now);
    let session = Session { line: line.clone(), started: now, ended: None, output: vec![], shell: Some(shell), calls };
    let sessions = Rc::make_mut(&mut cluster.sessions);
    sessions.insert(number, Rc::new(session));
    while sessions.len() > KEPT {
        let Some(oldest) = sessions.iter().find(|(_, s)| s.ended.is_some()).map(|(n, _)| *n) else { break };
        sessions.remove(&oldest);
    }
    cluster.wake(Actor::Session(number), Span::ZERO);
}

/// Ctrl-C.
pub fn interrupt(cluster: &mut Cluster, number: u32) {
    let Some(session) = cluster.sessions.get(&number).filter(|session| session.ended.is_none()) else { return };
    if session.shell.as_ref().is_some_and(Shell::gets_keys) {
        return type_in(cluster, number, "\u{3}");
    }
    let mut session = take(cluster, number);
    for call in std::mem::take(&mut session.calls).values() {
        kubectl::hang_up(cluster, call);
    }
    session.ended = Some((cluster.now, 130));
    session.shell = None;
    Rc::make_mut(&mut cluster.sessions).insert(number, Rc::new(session));
}

/// Somebody types.
pub fn type_in(cluster: &mut Cluster, number: u32, text: &str) {
    if cluster.sessions.get(&number).is_none_or(|session| session.shell.is_none()) {
        return;
    }
    let mut session = take(cluster, number);
    let time = cluster.now;
    if let Some(shell) = &mut session.shell {
        shell.type_in(&mut Desk::new(cluster, &mut session.calls), text, time);
        session.print(time);
    }
    Rc::make_mut(&mut cluster.sessions).insert(number, Rc::new(session));
    cluster.wake(Actor::Session(number), Span::ZERO);
}

/// A session leaves its place while it runs: its kubectl changes the cluster.
fn take(cluster: &mut Cluster, number: u32) -> Session {
    Rc::unwrap_or_clone(Rc::make_mut(&mut cluster.sessions).remove(&number).expect("a session that was looked at"))
}

/// Lets a session go on.
pub fn wake(cluster: &mut Cluster, number: u32) -> Outcome {
    let mut outcome = Outcome::nothing();
    if cluster.sessions.get(&number).is_none_or(|session| session.shell.is_none()) {
        return outcome;
    }
    let mut session = take(cluster, number);
    let mut shell = session.shell.take().expect("just looked at");
    let time = cluster.now;
    let mut desk = Desk::new(cluster, &mut session.calls);
    shell.nudge();
    let mut progress = shell.step(&mut desk, time);
    while !desk.unanswered.is_empty() {
        for (ticket, request) in std::mem::take(&mut desk.unanswered) {
            if let Some(answer) = exchange::from_outside(desk.cluster, "terminal", ticket, &request) {
                shell.deliver(ticket, answer);
            }
        }
        progress = shell.step(&mut desk, time);
    }
    outcome.deeds.append(&mut desk.deeds);
    session.shell = Some(shell);
    session.print(time);
    match progress {
        Progress::Ended(code) => {
            session.ended = Some((time, code));
            session.shell = None;
        }
        Progress::Ran => outcome.again_at(time + Span(1)),
        Progress::Sleeping(until) => outcome.again_at(until),
        Progress::Blocked => {}
    }
    Rc::make_mut(&mut cluster.sessions).insert(number, Rc::new(session));
    outcome
}

impl Session {
    /// Takes over what its programs have written.
    fn print(&mut self, time: Time) {
        for (stream, bytes) in self.shell.iter_mut().flat_map(Shell::take_output) {
            let text = String::from_utf8_lossy(&bytes).into();
            self.output.push(Chunk { time, stream, text });
        }
    }
}

/// The processes of a Pod have done something: kubectls that are connected to one look.
pub fn stirred(cluster: &mut Cluster, uid: &str) {
    let connected = |session: &Session| session.calls.values().any(|call| kubectl::is_connected(call, uid));
    let found: Vec<u32> = cluster.sessions.iter().filter(|(_, s)| connected(s)).map(|(n, _)| *n).collect();
    found.into_iter().for_each(|number| cluster.wake(Actor::Session(number), Span::ZERO));
}

/// Something changed: sessions that wait look.
pub fn notice(cluster: &mut Cluster) {
    let waiting: Vec<u32> = cluster.sessions.iter().filter(|(_, s)| s.ended.is_none()).map(|(n, _)| *n).collect();
    for number in waiting {
        cluster.wake(Actor::Session(number), WATCH);
    }
}
