//! Kubernetes 1.36: pkg/scheduler/framework/plugins/volumezone. A volume whose labels say its zone or region is for nodes there.

use super::{Candidate, Verdict};
use crate::api::object::Object;
use crate::scheduler::node_info::NodeInfo;
use std::rc::Rc;

pub const RULE: &str = "VolumeZone";

/// The labels that say where a volume and a node are, each with the one that a node may have instead.
const LABELS: [(&str, &str); 4] = [
    ("failure-domain.beta.kubernetes.io/zone", "topology.kubernetes.io/zone"),
    ("failure-domain.beta.kubernetes.io/region", "topology.kubernetes.io/region"),
    ("topology.kubernetes.io/zone", "topology.kubernetes.io/zone"),
    ("topology.kubernetes.io/region", "topology.kubernetes.io/region"),
];
/// Between the zones of a volume that is in several.
const AND: &str = "__";

/// One of a volume's labels: its place in [`LABELS`], and where the volume may be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zones {
    label: usize,
    values: Vec<Rc<str>>,
}

/// Where a volume is, as its labels say.
pub fn of_volume(volume: &Object) -> Vec<Zones> {
    let zones = |(label, (key, _)): (usize, &(&str, &str))| {
        let values: Vec<&str> = volume.meta.labels.get(key)?.split(AND).map(str::trim).collect();
        // A label that names an empty zone says nothing.
        let whole = values.iter().all(|value| !value.is_empty());
        whole.then(|| Zones { label, values: values.into_iter().map(Rc::from).collect() })
    };
    LABELS.iter().enumerate().filter_map(zones).collect()
}

pub fn check(pod: &Candidate, info: &NodeInfo) -> Verdict {
    let label = |key: &str| info.node.meta.labels.get(key);
    let somewhere = LABELS.iter().any(|(key, _)| label(key).is_some());
    let within = |zones: &Zones| {
        let (key, instead) = LABELS[zones.label];
        label(key).or_else(|| label(instead)).is_some_and(|value| zones.values.contains(value))
    };
    if !somewhere || pod.claims.zones.iter().all(within) {
        return Verdict::Fits;
    }
    Verdict::never(RULE, "node(s) had no available volume zone")
}
