//! A number that two equal clusters share and two different ones do not: how replays are compared, natively and in
//! wasm alike.

use crate::cluster::Cluster;
use crate::dice::Fingerprint;
use std::hash::{Hash, Hasher};

/// A hash of everything that has a bearing on what happens next.
pub fn of(cluster: &Cluster) -> u64 {
    let mut hasher = Fingerprint::default();
    cluster.now.hash(&mut hasher);
    cluster.epoch.hash(&mut hasher);
    cluster.dice.hash(&mut hasher);
    cluster.store.hash(&mut hasher);
    for (name, machine) in cluster.machines.iter() {
        (name, &*machine.at(cluster.now)).hash(&mut hasher);
    }
    cluster.plane.hash(&mut hasher);
    cluster.agenda.hash(&mut hasher);
    cluster.metrics_server.hash(&mut hasher);
    cluster.failures.hash(&mut hasher);
    cluster.manager.hash(&mut hasher);
    cluster.scheduler.hash(&mut hasher);
    cluster.folder.hash(&mut hasher);
    cluster.pool.hash(&mut hasher);
    cluster.kubeconfig.hash(&mut hasher);
    cluster.sessions.hash(&mut hasher);
    cluster.affinity.hash(&mut hasher);
    // Between two instants nobody is busy.
    if cluster.is_busy() {
        format!("{:?}", (&cluster.errand, &cluster.changes)).hash(&mut hasher);
    }
    hasher.finish()
}
