//! Kubernetes 1.36: pkg/proxy/topology.go
//!
//! Which endpoints are for a node, by the hints that the slices give.

use crate::api::Kind;
use crate::api::endpoint_slice::{Endpoint, EndpointHints, EndpointSlice};
use crate::cluster::Cluster;

type Placed<'a> = (&'a EndpointSlice, &'a Endpoint);

/// The endpoints that a node may send to: those hinted for it, else those hinted for its zone, else all. Hints count only if every
/// ready endpoint has one and any is for this node or its zone.
pub fn near<'a>(cluster: &Cluster, all: &[Placed<'a>], node: Option<&str>) -> Vec<Placed<'a>> {
    let zone = || {
        let node = cluster.store.find(Kind::Node, "", node?)?;
        node.meta.labels.get("topology.kubernetes.io/zone").cloned()
    };
    let by_node = |own: &str, hints: &EndpointHints| hints.for_nodes.iter().any(|hint| *hint.name == *own);
    let by_zone = |own: &str, hints: &EndpointHints| hints.for_zones.iter().any(|hint| *hint.name == *own);
    let same_node = || hinted(all, node?, |hints| hints.for_nodes.is_empty(), by_node);
    let same_zone = || hinted(all, &zone()?, |hints| hints.for_zones.is_empty(), by_zone);
    same_node().or_else(same_zone).unwrap_or_else(|| all.to_vec())
}

/// Those ready endpoints that a hint has for `own`; `None` if there is none, or if any ready endpoint is without such a hint.
fn hinted<'a>(
    all: &[Placed<'a>],
    own: &str,
    none: impl Fn(&EndpointHints) -> bool,
    fits: impl Fn(&str, &EndpointHints) -> bool,
) -> Option<Vec<Placed<'a>>> {
    let mut found = vec![];
    for (slice, endpoint) in all.iter().filter(|(_, e)| e.conditions.ready != Some(false)) {
        let hints = endpoint.hints.as_ref().filter(|hints| !none(hints))?;
        if fits(own, hints) {
            found.push((*slice, *endpoint));
        }
    }
    (!found.is_empty()).then_some(found)
}
