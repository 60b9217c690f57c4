//! Kubernetes 1.36: pkg/scheduler/framework/plugins/imagelocality. Nodes that have the Pod's images are better, the more so the
//! larger these are and the more nodes have them. Names are compared as they are written: nodes report
//! `docker.io/library/nginx:1.27`, and a Pod that asks for `nginx:1.27` is not found to mean it.

use super::MOST;
use crate::scheduler::filter::Candidate;
use crate::scheduler::images::Image;
use crate::scheduler::node_info::{NodeInfo, Nodes};
use std::borrow::Cow;
use std::rc::Rc;

const MB: i64 = 1024 * 1024;
/// So many bytes that are there are not worth a point.
const NOTHING: i64 = 23 * MB;
/// So many for each container are worth all.
const ALL: i64 = 1000 * MB;

pub fn score(pod: &Candidate, nodes: &Nodes, fitting: &[Rc<NodeInfo>]) -> Vec<i64> {
    let spec = pod.spec;
    let containers = || spec.init_containers.iter().chain(spec.containers.iter()).map(|container| &*container.image);
    let volumes = spec.volumes.iter().filter_map(|volume| volume.image.as_ref()).map(|image| &*image.reference);
    let known: Vec<&Image> = containers().chain(volumes).filter_map(|name| nodes.images.get(&tagged(name))).collect();
    if known.is_empty() {
        return vec![0; fitting.len()];
    }
    let all = ALL * containers().count() as i64;
    let total = nodes.by_name.len() as i64;
    let of = |info: &Rc<NodeInfo>| {
        let there = known.iter().filter(|image| image.nodes.contains(&info.seat));
        let bytes: i64 = there.map(|image| image.bytes * image.nodes.len() as i64 / total).sum();
        MOST * (bytes.clamp(NOTHING, all) - NOTHING) / (all - NOTHING)
    };
    fitting.iter().map(of).collect()
}

/// The name with a tag.
fn tagged(name: &str) -> Cow<'_, str> {
    match name.rfind(':') > name.rfind('/') {
        true => name.into(),
        false => format!("{name}:latest").into(),
    }
}
