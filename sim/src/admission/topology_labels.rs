//! A Pod that is made for a node bears the node's zone and region.
//!
//! Kubernetes 1.36: plugin/pkg/admission/podtopologylabels/admission.go

use crate::api::Kind;
use crate::cluster::Cluster;
use crate::value::Value;

const LABELS: [&str; 2] = ["topology.kubernetes.io/zone", "topology.kubernetes.io/region"];

pub fn mutate(cluster: &Cluster, pod: &mut Value) {
    let node = pod.at(&["spec", "nodeName"]).as_str().unwrap_or("");
    let Some(node) = cluster.store.find(Kind::Node, "", node) else { return };
    for label in LABELS {
        if let Some(value) = node.meta.labels.get(label) {
            pod.at_mut(&["metadata", "labels"]).set(label, Value::Str(value.clone()));
        }
    }
}
