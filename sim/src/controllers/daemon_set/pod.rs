//! Kubernetes 1.36: pkg/controller/daemon/util/daemonset_util.go
//!
//! A DaemonSet's Pod is bound by the scheduler like any other, but takes one node only and tolerates its troubles.

use super::HASH;
use crate::api::Field;
use crate::api::daemon_set::DaemonSetSpec;
use crate::api::object::Object;
use crate::api::pod::{Pod, PodSpec, Toleration};
use crate::apiserver::strategy::TEMPLATE_GENERATION;
use crate::controllers::pods;
use crate::value::Value;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The taints that a DaemonSet's Pod tolerates on its own: key, effect.
const TOLERATED: [(&str, &str); 6] = [
    ("node.kubernetes.io/not-ready", "NoExecute"),
    ("node.kubernetes.io/unreachable", "NoExecute"),
    ("node.kubernetes.io/disk-pressure", "NoSchedule"),
    ("node.kubernetes.io/memory-pressure", "NoSchedule"),
    ("node.kubernetes.io/pid-pressure", "NoSchedule"),
    ("node.kubernetes.io/unschedulable", "NoSchedule"),
];
/// And where it uses the node's own network.
const TOLERATED_BY_HOST: (&str, &str) = ("node.kubernetes.io/network-unavailable", "NoSchedule");

fn tolerations(host_network: bool) -> Vec<Toleration> {
    let host = host_network.then_some(TOLERATED_BY_HOST);
    let all = TOLERATED.into_iter().chain(host);
    all.map(|(key, effect)| Toleration {
        key: key.into(),
        effect: effect.into(),
        operator: "Exists".into(),
        ..Default::default()
    })
    .collect()
}

/// The template's spec as its Pods have it, but for the node.
pub fn spec_with_tolerations(spec: &DaemonSetSpec) -> PodSpec {
    let mut spec = spec.template.spec.clone();
    spec.tolerations.extend(tolerations(spec.host_network));
    spec
}

/// Asks for a Pod on a node.
pub fn new(set: &Object, node: &str, hash: &Rc<str>) -> Value {
    let mut pod = pods::from_template(set, set.raw().at(&["spec", "template"]));
    let labels = pod.at_mut(&["metadata", "labels"]);
    labels.set(HASH, Value::Str(hash.clone()));
    if let Some(generation) = set.meta.annotations.get(TEMPLATE_GENERATION) {
        labels.set("pod-template-generation", Value::Str(generation.clone()));
    }
    let spec = pod.at_mut(&["spec"]);
    let named = Value::map([
        ("key", Value::from("metadata.name")),
        ("operator", "In".into()),
        ("values", Value::list(vec![node.into()])),
    ]);
    let term = Value::map([("matchFields", Value::list(vec![named]))]);
    let required = ["affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution"];
    spec.at_mut(&required).set("nodeSelectorTerms", Value::list(vec![term]));
    let host_network = spec.get("hostNetwork").as_bool() == Some(true);
    let all = spec.at_mut(&["tolerations"]).list_mut();
    for toleration in tolerations(host_network) {
        let same = |v: &Value| Toleration::read(v) == toleration;
        if !all.iter().any(same) {
            all.push(toleration.write());
        }
    }
    pod
}

/// The node that a Pod runs on or is meant for.
fn target(pod: &Object) -> Option<Rc<str>> {
    let spec = &pod.expect::<Pod>().spec;
    if !spec.node_name.is_empty() {
        return Some(spec.node_name.clone());
    }
    let required = spec.affinity.as_ref()?.node.as_ref()?.required.as_ref()?;
    let fields = required.terms.iter().flat_map(|t| &t.fields);
    fields.filter(|f| &*f.key == "metadata.name" && &*f.operator == "In").find_map(|f| f.values.first().cloned())
}

/// Pods by their nodes, the oldest of a node first.
pub fn by_node(mine: Vec<Rc<Object>>) -> BTreeMap<Rc<str>, Vec<Rc<Object>>> {
    let mut by_node: BTreeMap<Rc<str>, Vec<Rc<Object>>> = BTreeMap::new();
    for pod in mine {
        if let Some(node) = target(&pod) {
            by_node.entry(node).or_default().push(pod);
        }
    }
    for here in by_node.values_mut() {
        here.sort_by_key(|p| (p.meta.creation, p.meta.name.clone()));
    }
    by_node
}
