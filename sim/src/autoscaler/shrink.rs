//! Not of Kubernetes: kubernetes/autoscaler, cluster-autoscaler/core/scaledown, as a model.
//!
//! A node of the group that is asked for less than half of what it has, and whose Pods find room elsewhere, goes after ten
//! minutes: at once if nothing but DaemonSets' Pods is on it, else when its Pods have been evicted.

use super::BY;
use crate::api::Kind;
use crate::api::node::Node;
use crate::api::object::Object;
use crate::api::pod::Pod;
use crate::api::pod_disruption_budget::PodDisruptionBudget;
use crate::apiserver::events::{self, Note};
use crate::apiserver::{self, DeleteOptions, Part, Patch, Request, Verb};
use crate::clock::Span;
use crate::cluster::Cluster;
use crate::hardware;
use crate::pool::LABEL;
use crate::scheduler::filter::{Candidate, Verdict};
use crate::value::Value;
use std::rc::Rc;

/// `--scale-down-unneeded-time`, `--scale-down-delay-after-add`.
const PATIENCE: Span = Span::minutes(10);
/// `--scale-down-utilization-threshold`, in percent.
const BUSY_PERCENT: i64 = 50;
const TAINT: &str = "ToBeDeletedByClusterAutoscaler";
const SAFE: &str = "cluster-autoscaler.kubernetes.io/safe-to-evict";

pub fn look(cluster: &mut Cluster) {
    finish(cluster);
    let now = cluster.now;
    let nodes: Vec<Rc<Object>> =
        cluster.store.list(Kind::Node).filter(|node| node.meta.labels.get(LABEL).is_some()).cloned().collect();
    let idle: Vec<Rc<Object>> = nodes.into_iter().filter(|node| is_idle(cluster, node)).collect();
    let pool = Rc::make_mut(&mut cluster.pool);
    pool.idle.retain(|name, _| idle.iter().any(|node| node.meta.name == *name));
    for node in &idle {
        pool.idle.entry(node.meta.name.clone()).or_insert(now);
    }
    if pool.grew.is_some_and(|at| now < at + PATIENCE) || !pool.leaving.is_empty() {
        return;
    }
    let due = |pool: &crate::pool::Pool, node: &Object| {
        pool.idle.get(&node.meta.name).is_some_and(|at| now >= *at + PATIENCE)
    };
    let due: Vec<Rc<Object>> = idle.into_iter().filter(|node| due(&cluster.pool, node)).collect();
    let (empty, used): (Vec<_>, Vec<_>) = due.into_iter().partition(|node| movable(cluster, node).is_empty());
    // All empty nodes go together, of the others one at a time.
    for node in if empty.is_empty() { used.into_iter().take(1).collect() } else { empty } {
        let text = "marked the node as toBeDeleted/unschedulable";
        events::record(cluster, Note::normal(&node, BY, "ScaleDown", text));
        let taint = Value::map([
            ("key", TAINT.into()),
            ("value", Value::str((cluster.stamp().0 / 1000).to_string())),
            ("effect", "NoSchedule".into()),
        ]);
        let mut taints = node.raw().at(&["spec", "taints"]).items().to_vec();
        taints.push(taint);
        let patch = Value::map([("spec", Value::map([("taints", Value::list(taints))]))]);
        let verb = Verb::Patch(Patch::Merge(patch), Part::Main);
        if apiserver::handle(cluster, Request::new(BY, Kind::Node, node.key(), verb)).is_ok() {
            Rc::make_mut(&mut cluster.pool).leaving.push(node.meta.name.clone());
        }
    }
    finish(cluster);
}

/// Pods on a node that would have to move: all but those of DaemonSets and those that have ended.
fn movable(cluster: &Cluster, node: &Object) -> Vec<Rc<Object>> {
    let stays = |pod: &&Rc<Object>| {
        let daemon = pod.meta.controller().is_some_and(|owner| &*owner.kind == "DaemonSet");
        !daemon && !pod.expect::<Pod>().status.finished()
    };
    cluster.store.pods_on(&node.meta.name).filter(stays).cloned().collect()
}

/// Whether a node is hardly used, and nothing on it has to stay.
fn is_idle(cluster: &Cluster, node: &Rc<Object>) -> bool {
    let status = &node.expect::<Node>().status;
    let ready = status.conditions.iter().any(|c| &*c.kind == "Ready" && &*c.status == "True");
    let Some(info) = cluster.scheduler.nodes.by_name.get(&node.meta.name).filter(|_| ready) else { return false };
    let (milli, bytes) = crate::metrics::allocatable(node);
    let busy = |part: i64, whole: i64| part * 100 >= whole.max(1) * BUSY_PERCENT;
    if busy(info.requested.cpu_milli, milli) || busy(info.requested.memory_bytes, bytes) {
        return false;
    }
    let mut others: Vec<_> =
        cluster.scheduler.nodes.by_name.values().filter(|i| i.node.meta.name != node.meta.name).cloned().collect();
    movable(cluster, node).iter().all(|pod| {
        let Ok(candidate) = Candidate::new(pod, &cluster.store, &cluster.scheduler.nodes) else { return false };
        let place = others.iter().position(|info| {
            let leaves = cluster.pool.leaving.contains(&info.node.meta.name);
            !leaves && candidate.check(info) == Verdict::Fits
        });
        let Some(at) = place.filter(|_| may_move(cluster, pod)) else { return false };
        Rc::make_mut(&mut others[at]).count(&pod.expect::<Pod>().spec, 1);
        true
    })
}

/// Whether a Pod may be evicted so that its node can go.
fn may_move(cluster: &Cluster, pod: &Object) -> bool {
    match pod.meta.annotations.get(SAFE).map(|v| &**v) {
        Some("true") => return true,
        Some("false") => return false,
        _ => {}
    }
    let volumes = pod.raw().at(&["spec", "volumes"]).items();
    let local = volumes.iter().any(|v| !v.get("hostPath").is_null() || v.get("emptyDir").as_map().is_some());
    let budgets = cluster.store.list_in(Kind::PodDisruptionBudget, &pod.meta.namespace);
    let allowed = budgets.map(|b| b.expect::<PodDisruptionBudget>()).all(|budget| {
        let selects = budget.spec.selector.as_ref().is_some_and(|s| s.matches(&pod.meta.labels));
        !selects || budget.status.allowed > 0
    });
    pod.meta.controller().is_some() && !local && allowed && &*pod.meta.namespace != "kube-system"
}

/// Empties the nodes that are to go, and takes away those that are empty.
fn finish(cluster: &mut Cluster) {
    for name in cluster.pool.leaving.clone() {
        let node = cluster.store.find(Kind::Node, "", &name).cloned();
        let pods = node.as_ref().map_or(vec![], |node| movable(cluster, node));
        for pod in pods.iter().filter(|pod| !pod.meta.deleting()) {
            let verb = Verb::Evict(DeleteOptions::default());
            if apiserver::handle(cluster, Request::new(BY, Kind::Pod, pod.key(), verb)).is_ok() {
                events::record(cluster, Note::normal(pod, BY, "ScaleDown", "deleting pod for node scale down"));
            }
        }
        if !pods.is_empty() {
            continue;
        }
        if let Some(node) = node {
            events::record(cluster, Note::normal(&node, BY, "ScaleDown", "node removed by cluster autoscaler"));
        }
        hardware::leave(cluster, &name);
    }
}
