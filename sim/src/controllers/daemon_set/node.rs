//! Kubernetes 1.36: pkg/controller/daemon/daemon_controller.go (NodeShouldRunDaemonPod)

use crate::affinity;
use crate::api::node::{Node, Taint};
use crate::api::object::Object;
use crate::api::pod::PodSpec;

/// Whether a node should have a Pod of this spec, and whether one that is there may stay. A taint keeps new Pods away;
/// only one of NoExecute drives those away that are there.
pub fn should_run(spec: &PodSpec, node: &Object) -> (bool, bool) {
    let named = spec.node_name.is_empty() || spec.node_name == node.meta.name;
    if !named || !affinity::matches(spec, node) {
        return (false, false);
    }
    let taints = &node.expect::<Node>().spec.taints;
    let untolerated = |effects: &[&str]| {
        let tolerated = |t: &Taint| spec.tolerations.iter().any(|x| x.tolerates(t));
        taints.iter().any(|t| effects.contains(&&*t.effect) && !tolerated(t))
    };
    if untolerated(&["NoSchedule", "NoExecute"]) {
        return (false, !untolerated(&["NoExecute"]));
    }
    (true, true)
}
