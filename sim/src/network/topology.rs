//! Kubernetes 1.36: pkg/proxy/topology.go
//!
//! Which endpoints are for a node, by the hints that the slices give.

use crate::api::Kind;
use crate::api::endpoint_slice::{Endpoint, EndpointHints, EndpointSlice};
use crate::cluster::Cluster;
use std::rc::Rc;

/// Which endpoints a node may send to.
pub enum Near {
    All,
    /// Those on a node; none where the client is on none.
    Here(Option<Rc<str>>),
    /// Those that are hinted for a node.
    Node(Rc<str>),
    /// Those that are hinted for a zone.
    Zone(Rc<str>),
}

impl Near {
    /// Those on the client's own node.
    pub fn here(node: Option<&str>) -> Near {
        Near::Here(node.map(Rc::from))
    }
    pub fn takes(&self, endpoint: &Endpoint) -> bool {
        let hinted = |fits: &dyn Fn(&EndpointHints) -> bool| endpoint.hints.as_ref().is_some_and(fits);
        match self {
            Near::All => true,
            Near::Here(node) => node.is_some() && endpoint.node_name == *node,
            Near::Node(own) => hinted(&|hints| by_node(own, hints)),
            Near::Zone(own) => hinted(&|hints| by_zone(own, hints)),
        }
    }
}

fn by_node(own: &str, hints: &EndpointHints) -> bool {
    hints.for_nodes.iter().any(|hint| *hint.name == *own)
}

fn by_zone(own: &str, hints: &EndpointHints) -> bool {
    hints.for_zones.iter().any(|hint| *hint.name == *own)
}

/// The endpoints that a node may send to: those hinted for it, else those hinted for its zone, else all. Hints count only if every
/// ready endpoint has one and any is for this node or its zone.
pub fn near(cluster: &Cluster, slices: &[&EndpointSlice], node: Option<&str>) -> Near {
    let ready = || slices.iter().flat_map(|s| s.endpoints.iter()).filter(|e| e.conditions.ready != Some(false));
    let hints = |all: &dyn Fn(&EndpointHints) -> bool| ready().all(|e| e.hints.as_ref().is_some_and(all));
    let Some(own) = node.filter(|_| ready().next().is_some_and(|e| e.hints.is_some())) else { return Near::All };
    let any = |near: &Near| ready().any(|endpoint| near.takes(endpoint));
    let same_node = Near::Node(own.into());
    if hints(&|hints| !hints.for_nodes.is_empty()) && any(&same_node) {
        return same_node;
    }
    let zone = cluster.store.find(Kind::Node, "", own);
    let zone = zone.and_then(|node| node.meta.labels.get("topology.kubernetes.io/zone").cloned());
    let same_zone = zone.map(Near::Zone).filter(|zone| hints(&|hints| !hints.for_zones.is_empty()) && any(zone));
    same_zone.unwrap_or(Near::All)
}
