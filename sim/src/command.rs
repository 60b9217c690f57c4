//! What a user can do to a cluster.

use crate::cluster::Cluster;
use std::rc::Rc;

/// One act of the user. Commands and the instants at which they came are the whole truth about a run.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// Starts a command line (`kubectl get pods | head -n 1`) in the user's terminal.
    Run { line: Rc<str> },
    /// Writes a file of the user's folder, where `kubectl apply -f NAME` finds it.
    Write { name: Rc<str>, text: Rc<str> },
}

/// Carries out a command at its instant.
pub fn carry_out(cluster: &mut Cluster, command: &Command) {
    let _ = (cluster, command);
}
