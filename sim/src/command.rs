//! What a user can do to a cluster.

use crate::cluster::Cluster;
pub use crate::plane::Fault;
use crate::{fault, session};
use std::rc::Rc;

/// One act of the user. Commands and the instants at which they came are the whole truth about a run.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// Starts a command line (`kubectl get pods | head -n 1`) in the user's terminal.
    Run { line: Rc<str> },
    /// Types into a command line that runs: a line ends with a newline, U+0004 is Ctrl-D.
    Input { session: u32, text: Rc<str> },
    /// Ctrl-C: ends a command line that runs, unless a program in a container has its keys.
    Interrupt { session: u32 },
    /// Writes a file of the user's folder, where `kubectl apply -f NAME` finds it.
    Write { name: Rc<str>, text: Rc<str> },
    /// Removes a file of the user's folder.
    Remove { name: Rc<str> },
    /// Something befalls a node or one of [`crate::plane::PARTS`].
    Fault { what: Fault, node: Rc<str> },
}

/// Carries out a command at its instant.
pub fn carry_out(cluster: &mut Cluster, command: &Command) {
    match command {
        Command::Run { line } => session::start(cluster, line),
        Command::Input { session, text } => session::type_in(cluster, *session, text),
        Command::Interrupt { session } => session::interrupt(cluster, *session),
        Command::Write { name, text } => cluster.folder.put(name, text),
        Command::Remove { name } => cluster.folder.remove(name),
        Command::Fault { what, node } => fault::befall(cluster, *what, node),
    }
}
