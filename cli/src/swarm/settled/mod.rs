//! What must hold when the user has done nothing for a while: the state is settled, or names its reason. Loops and probes
//! go on, so a complaint counts only if it stays.

mod counts;
mod network;
mod ownership;
mod reasons;

use kubarium_sim::cluster::Cluster;
use std::collections::BTreeSet;

/// What is wrong, object by object.
pub type Complaints = BTreeSet<String>;

pub fn complaints(cluster: &Cluster) -> Complaints {
    let mut found = Complaints::new();
    counts::check(cluster, &mut found);
    network::check(cluster, &mut found);
    ownership::check(cluster, &mut found);
    reasons::check(cluster, &mut found);
    found
}
