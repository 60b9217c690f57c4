//! What a user can do to a cluster.

use crate::cluster::Cluster;
use crate::session;
use std::rc::Rc;

/// One act of the user. Commands and the instants at which they came are the whole truth about a run.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// Starts a command line (`kubectl get pods | head -n 1`) in the user's terminal.
    Run { line: Rc<str> },
    /// Ends a command line that runs, as Ctrl-C does.
    Interrupt { session: u32 },
    /// Writes a file of the user's folder, where `kubectl apply -f NAME` finds it.
    Write { name: Rc<str>, text: Rc<str> },
    /// Removes a file of the user's folder.
    Remove { name: Rc<str> },
    /// Something befalls a machine or its cable, as [`Fault`] says.
    Fault { what: Fault, node: Rc<str> },
}

/// What can befall a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    PowerOff,
    PowerOn,
    /// Its network cable is out.
    Cut,
    /// The cable is in again.
    Mend,
}

impl Fault {
    /// Every fault by the name that scenes and the page use.
    pub const NAMES: [(&str, Fault); 4] =
        [("power-off", Fault::PowerOff), ("power-on", Fault::PowerOn), ("cut", Fault::Cut), ("mend", Fault::Mend)];

    pub fn named(name: &str) -> Option<Fault> {
        Fault::NAMES.iter().find(|(known, _)| *known == name).map(|(_, fault)| *fault)
    }
}

/// Carries out a command at its instant.
pub fn carry_out(cluster: &mut Cluster, command: &Command) {
    match command {
        Command::Run { line } => session::start(cluster, line),
        Command::Interrupt { session } => session::interrupt(cluster, *session),
        Command::Write { name, text } => cluster.folder.put(name, text),
        Command::Remove { name } => cluster.folder.remove(name),
        Command::Fault { what, node } => befall(cluster, *what, node),
    }
}

/// Changes what is physically so of a node; its kubelet and everyone else find out on their own.
fn befall(cluster: &mut Cluster, fault: Fault, node: &str) {
    let Some(machine) = Rc::make_mut(&mut cluster.machines).get_mut(node).map(Rc::make_mut) else { return };
    match fault {
        Fault::PowerOff => machine.power_off(),
        Fault::PowerOn => machine.off = false,
        Fault::Cut => machine.cut = true,
        Fault::Mend => machine.cut = false,
    }
    if matches!(fault, Fault::PowerOn | Fault::Mend) {
        crate::kubelet::wake_all(cluster, node);
    }
}
