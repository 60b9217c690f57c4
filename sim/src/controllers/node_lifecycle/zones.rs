//! Kubernetes 1.36: pkg/controller/nodelifecycle/node_lifecycle_controller.go (handleDisruption, ComputeZoneState)
//!
//! How fast nodes may be emptied. If all zones are down it is rather this controller that is cut off, and nothing is
//! driven away; if much of a zone is down, its large clusters slow down and small ones stop.

use super::{next_look, ready};
use crate::api::Kind;
use crate::api::node::Node;
use crate::api::object::Object;
use crate::clock::Span;
use crate::cluster::Cluster;
use crate::controllers::memory::Memory;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Between two nodes of a zone: `--node-eviction-rate` 0.1 a second.
const USUAL: Span = Span::secs(10);
/// `--secondary-node-eviction-rate` 0.01 a second.
const SLOW: Span = Span::secs(100);
/// `--large-cluster-size-threshold`
const LARGE: usize = 50;
/// `--unhealthy-zone-threshold`, in percent.
const MUCH_PERCENT: usize = 55;

#[derive(Clone, Copy, Default)]
struct Count {
    ready: usize,
    down: usize,
}

/// A node's zone: region and zone.
pub(super) fn of(node: &Object) -> Rc<str> {
    let label = |name: &str| node.meta.labels.get(name).map_or("", |l| &**l);
    format!("{}:{}", label("topology.kubernetes.io/region"), label("topology.kubernetes.io/zone")).into()
}

/// Whether no zone has a node that is ready.
pub(super) fn all_down(cluster: &Cluster) -> bool {
    cluster.store.list(Kind::Node).all(|n| ready(n.expect::<Node>()) != "True")
}

/// Some node is ready after none was: from the look that sees it, each zone begins with a pause.
pub(super) fn resume(cluster: &Cluster, memory: &mut Memory) {
    let free = next_look(cluster, cluster.now) + USUAL;
    memory.zones.extend(cluster.store.list(Kind::Node).map(|node| (of(node), free)));
}

/// The pause after a node of this zone was given over to eviction; `None`: none may be.
pub(super) fn pause(cluster: &Cluster, zone: &str) -> Option<Span> {
    let mut zones: BTreeMap<Rc<str>, Count> = BTreeMap::new();
    for node in cluster.store.list(Kind::Node) {
        let count = zones.entry(of(node)).or_default();
        *if ready(node.expect::<Node>()) == "True" { &mut count.ready } else { &mut count.down } += 1;
    }
    pace(zones.get(zone).copied().unwrap_or_default())
}

fn pace(Count { ready, down }: Count) -> Option<Span> {
    let much = down > 2 && down * 100 >= (ready + down) * MUCH_PERCENT;
    match ready + down > LARGE {
        _ if ready == 0 || !much => Some(USUAL),
        true => Some(SLOW),
        false => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_zone_that_is_mostly_down_is_left_alone() {
        let check = |ready, down, pause| assert_eq!(pace(Count { ready, down }), pause, "{ready} {down}");
        check(2, 1, Some(USUAL));
        check(1, 2, Some(USUAL));
        check(2, 3, None);
        check(3, 3, Some(USUAL));
        check(0, 3, Some(USUAL));
        check(20, 40, Some(SLOW));
    }
}
