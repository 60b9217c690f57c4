//! What a run consists of: a cluster, and what its user does to it and when.

use super::chance::Chance;
use super::{deeds, manifests};
use kubarium_sim::clock::Span;
use kubarium_sim::command::{Command, Fault};
use kubarium_sim::setup::Setup;

/// A run that has not been played yet.
#[derive(Clone, Debug)]
pub struct Plan {
    pub setup: Setup,
    pub acts: Vec<Act>,
}

/// Something that the user does, after a wait.
#[derive(Clone, Debug)]
pub struct Act {
    pub wait: Span,
    pub command: Command,
}

impl Plan {
    /// The plan of a seed.
    pub fn new(seed: u64) -> Plan {
        let chance = &mut Chance::new(seed);
        let setup = setup(chance, seed);
        let nodes = setup.nodes.len() as u64;
        let mut acts = Vec::new();
        let faults = chance.one_in(2);
        for n in 0..chance.between(4, 24) {
            let wait = wait(chance);
            let command = match chance.below(10) {
                _ if n < 3 => None,
                0..=2 => None,
                3 | 4 if faults => Some(deeds::fault(chance, nodes)),
                _ => Some(Command::Run { line: deeds::line(chance, nodes).into() }),
            };
            match command {
                Some(command) => acts.push(Act { wait, command }),
                None => apply(chance, wait, n, &mut acts),
            }
        }
        acts.extend(mend(nodes));
        Plan { setup, acts }
    }

    /// As a transcript: what reproduces the run, as far as `setup` is the usual one.
    pub fn write(&self) -> String {
        let mut text = format!("{} nodes, seed {}\n\n", self.setup.nodes.len(), self.setup.seed);
        for act in &self.acts {
            if act.wait > Span(50) {
                text += &format!("wait {} ms\n\n", act.wait.0);
            }
            text += &match &act.command {
                Command::Run { line } => format!("$ {line}\n\n"),
                Command::Write { name, text } => format!("== {name}\n{text}==\n\n"),
                Command::Remove { name } => format!("$ rm {name}\n\n"),
                Command::Fault { what, node } => format!("$ fault {} {node}\n\n", what.name()),
                Command::Input { session, text } => format!("({text:?} into {session})\n\n"),
                Command::Interrupt { session } => format!("(ctrl-c in {session})\n\n"),
            };
        }
        text
    }
}

fn setup(chance: &mut Chance, seed: u64) -> Setup {
    let mut nodes = Setup::machines(chance.between(1, 5) as usize);
    for node in &mut nodes {
        node.cpu_milli = [500, 1000, 2000, 4000][chance.below(4) as usize];
        node.pods = [4, 8, 110][chance.below(3) as usize];
    }
    Setup {
        seed,
        nodes,
        namespaces: vec!["shop".into()],
        preloaded: !chance.one_in(4),
        metrics_server: !chance.one_in(4),
        ..Setup::default()
    }
}

fn wait(chance: &mut Chance) -> Span {
    match chance.below(4) {
        0 => Span(chance.below(50)),
        1 => Span(chance.below(3_000)),
        2 => Span(chance.below(20_000)),
        _ => Span(chance.below(90_000)),
    }
}

/// Writes a file and applies it.
fn apply(chance: &mut Chance, wait: Span, n: i64, acts: &mut Vec<Act>) {
    let name = format!("{n}.yaml");
    let text = manifests::manifest(chance);
    let verb = if chance.one_in(6) { "create" } else { "apply" };
    acts.push(Act { wait, command: Command::Write { name: name.as_str().into(), text: text.into() } });
    acts.push(Act { wait: Span(0), command: Command::Run { line: format!("kubectl {verb} -f {name}").into() } });
}

/// All that may have been broken is whole again, so that the cluster can settle.
fn mend(nodes: u64) -> Vec<Act> {
    let mut acts = vec![];
    let mut order = |what: Fault, place: String| {
        acts.push(Act { wait: Span(100), command: Command::Fault { what, node: place.as_str().into() } });
    };
    order(Fault::Mend, "registry".into());
    for part in ["kube-apiserver", "kube-scheduler", "kube-controller-manager"] {
        order(Fault::Start, part.into());
    }
    for n in 1..=nodes {
        for what in [Fault::PowerOn, Fault::Mend, Fault::Start, Fault::FreeDisk, Fault::FreeMemory] {
            order(what, format!("node-{n}"));
        }
    }
    acts
}
