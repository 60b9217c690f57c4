//! Not of Kubernetes: kubernetes/autoscaler, cluster-autoscaler/core/scaleup/orchestrator, as a model.
//!
//! Pods that the scheduler could place nowhere are put, in thought, on new nodes; those that are needed are ordered.

use super::BY;
use crate::api::Kind;
use crate::api::object::Object;
use crate::api::pod::Pod;
use crate::apiserver::events::{self, Note};
use crate::clock::Span;
use crate::cluster::Cluster;
use crate::hardware;
use crate::plane::Recruit;
use crate::pool::{GROUP, LABEL, LARGEST};
use crate::scheduler::filter::{Candidate, Verdict};
use crate::scheduler::node_info::NodeInfo;
use std::rc::Rc;

/// From a machine's order to its node's first word.
const DELIVERY: Span = Span::secs(45);

/// Orders machines for Pods that wait; answers whether any were ordered.
pub fn look(cluster: &mut Cluster) -> bool {
    let Some(model) = model(cluster) else { return false };
    let size = members(cluster) + cluster.pool.ordered.len();
    let mut coming: Vec<NodeInfo> = cluster.pool.ordered.keys().map(|_| blank(cluster, &model)).collect();
    let ordered = coming.len();
    let (mut helped, mut left) = (vec![], vec![]);
    for pod in waiting(cluster) {
        let spec = &pod.expect::<Pod>().spec;
        let candidate = match Candidate::new(&pod, &cluster.store, &cluster.scheduler.nodes) {
            Ok(candidate) => candidate,
            Err((_, reason)) => {
                left.push((pod.clone(), reason));
                continue;
            }
        };
        if cluster.scheduler.nodes.by_name.values().any(|info| candidate.check(info) == Verdict::Fits) {
            continue;
        }
        if let Some(at) = coming.iter().position(|info| candidate.check(info) == Verdict::Fits) {
            coming[at].count(spec, 1);
            if at >= ordered {
                helped.push(pod.clone());
            }
            continue;
        }
        let mut info = blank(cluster, &model);
        match candidate.check(&info) {
            Verdict::Fits if size + coming.len() - ordered < LARGEST => {
                info.count(spec, 1);
                coming.push(info);
                helped.push(pod.clone());
            }
            Verdict::Fits => left.push((pod.clone(), "max node group size reached".into())),
            Verdict::Full(_, reasons) | Verdict::Never(_, reasons) => {
                left.push((pod.clone(), reasons.first().map_or(String::new(), |r| r.to_string())));
            }
        }
    }
    let more = coming.len() - ordered;
    for pod in helped {
        let text = format!("pod triggered scale-up: [{{{GROUP} {size}->{} (max: {LARGEST})}}]", size + more);
        events::record(cluster, Note::normal(&pod, BY, "TriggeredScaleUp", text));
    }
    for (pod, reason) in left {
        let text = format!("pod didn't trigger scale-up: 1 {reason}");
        events::record(cluster, Note::normal(&pod, BY, "NotTriggerScaleUp", text));
    }
    for _ in 0..more {
        order(cluster);
    }
    more > 0
}

/// How many nodes the group has.
fn members(cluster: &Cluster) -> usize {
    cluster.store.list(Kind::Node).filter(|node| node.meta.labels.get(LABEL).is_some()).count()
}

/// The node that new ones are like: the first that is none of the group.
fn model(cluster: &Cluster) -> Option<Rc<Object>> {
    cluster.store.list(Kind::Node).find(|node| node.meta.labels.get(LABEL).is_none()).cloned()
}

/// Pods that the scheduler has tried in vain, the oldest first.
fn waiting(cluster: &Cluster) -> Vec<Rc<Object>> {
    let found = cluster.scheduler.waiting().values().filter_map(|w| cluster.store.get(Kind::Pod, &w.key)).cloned();
    let vain = |object: &Rc<Object>| {
        let status = &object.expect::<Pod>().status;
        let condition = status.condition("PodScheduled");
        !object.meta.deleting() && condition.is_some_and(|c| &*c.reason == "Unschedulable")
    };
    let mut pods: Vec<Rc<Object>> = found.filter(vain).collect();
    pods.sort_by_key(|pod| (pod.meta.creation, pod.key()));
    pods
}

/// A new node before any Pod came, but for those of DaemonSets.
fn blank(cluster: &Cluster, model: &Rc<Object>) -> NodeInfo {
    let mut node = (**model).clone();
    node.meta.name = format!("{GROUP}-new").into();
    node.meta.labels.insert(LABEL, GROUP);
    node.meta.labels.insert("kubernetes.io/hostname", node.meta.name.clone());
    node.edit(|raw| ["taints", "unschedulable"].iter().for_each(|field| _ = raw.at_mut(&["spec"]).remove(field)));
    let mut info = NodeInfo::new(Rc::new(node));
    for pod in cluster.store.pods_on(&model.meta.name) {
        if pod.meta.controller().is_some_and(|owner| &*owner.kind == "DaemonSet") {
            info.count(&pod.expect::<Pod>().spec, 1);
        }
    }
    info
}

fn order(cluster: &mut Cluster) {
    let count = cluster.pool.count;
    let name = format!("{GROUP}-{}", cluster.dice.letters(5, &count.to_string(), "node"));
    let at = cluster.now + DELIVERY;
    let pool = Rc::make_mut(&mut cluster.pool);
    pool.count += 1;
    pool.ordered.insert(name.into(), at);
}

/// Machines that have come join the cluster; answers whether any have.
pub fn join(cluster: &mut Cluster) -> bool {
    let now = cluster.now;
    let due: Vec<Rc<str>> =
        cluster.pool.ordered.iter().filter(|(_, at)| **at <= now).map(|(name, _)| name.clone()).collect();
    for name in &due {
        let Some(model) = model(cluster) else { return false };
        let pool = Rc::make_mut(&mut cluster.pool);
        pool.ordered.remove(name);
        pool.grew = Some(now);
        let recruit = Recruit {
            name: name.clone(),
            like: model.meta.name.clone(),
            labels: vec![(LABEL.into(), GROUP.into())],
            ..Recruit::default()
        };
        hardware::join(cluster, &recruit);
    }
    !due.is_empty()
}
