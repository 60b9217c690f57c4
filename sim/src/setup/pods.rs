//! Pods that are there from the beginning: a large cluster would take long to come to them by itself.

use super::add;
use crate::api::{Field, Kind};
use crate::cluster::Cluster;
use crate::value::Value;

/// The nth Pod of a node, with the defaults of the API server; its kubelet has yet to start it.
#[inline(never)]
pub fn bound(cluster: &mut Cluster, node: &str, n: usize) {
    let name = format!("{node}-pod-{}", n + 1);
    let container = Value::map([
        ("name", Value::from("pause")),
        ("image", super::IMPORTED[0].into()),
        ("imagePullPolicy", "IfNotPresent".into()),
        ("resources", Value::empty_map()),
        ("terminationMessagePath", "/dev/termination-log".into()),
        ("terminationMessagePolicy", "File".into()),
    ]);
    let tolerates = |key: &str| {
        Value::map([
            ("effect", Value::from("NoExecute")),
            ("key", key.into()),
            ("operator", "Exists".into()),
            ("tolerationSeconds", Value::Int(300)),
        ])
    };
    let spec = Value::map([
        ("containers", Value::list(vec![container])),
        ("dnsPolicy", "ClusterFirst".into()),
        ("enableServiceLinks", true.into()),
        ("nodeName", node.into()),
        ("preemptionPolicy", "PreemptLowerPriority".into()),
        ("priority", Value::Int(0)),
        ("restartPolicy", "Always".into()),
        ("schedulerName", "default-scheduler".into()),
        ("securityContext", Value::empty_map()),
        ("serviceAccount", "default".into()),
        ("serviceAccountName", "default".into()),
        ("terminationGracePeriodSeconds", Value::Int(30)),
        (
            "tolerations",
            Value::list(["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"].map(tolerates).to_vec()),
        ),
    ]);
    let since = crate::api::Stamp(cluster.epoch - super::AGE_MS).write();
    let scheduled =
        Value::map([("type", Value::from("PodScheduled")), ("status", "True".into()), ("lastTransitionTime", since)]);
    let status = Value::map([
        ("conditions", Value::list(vec![scheduled])),
        ("phase", "Pending".into()),
        ("qosClass", "BestEffort".into()),
    ]);
    add(cluster, Kind::Pod, "default", &name, Value::map([("spec", spec)]), status, |meta| meta.generation = 1);
}
