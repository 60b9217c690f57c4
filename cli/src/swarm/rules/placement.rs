//! Where Pods go, and when they may be driven away.

use super::{Seen, is_ready, says};
use kubarium_sim::api::Kind;
use kubarium_sim::api::node::Node;
use kubarium_sim::api::object::Object;
use kubarium_sim::api::pod::Pod;
use kubarium_sim::api::pod_disruption_budget::PodDisruptionBudget;
use kubarium_sim::resources;
use kubarium_sim::store::Change;
use std::rc::Rc;

pub fn a_pod_stays_on_its_node(_: &Seen, change: &Change) -> Option<String> {
    let (old, new) = (change.old.as_ref()?.get::<Pod>()?, change.new.as_ref()?.get::<Pod>()?);
    let (a, b) = (&old.spec.node_name, &new.spec.node_name);
    (!a.is_empty() && a != b).then(|| format!("{}: went from {a} to {b}", change.key))
}

/// A Pod that the scheduler has just bound, and the node.
fn bound<'a>(seen: &Seen<'a>, change: &'a Change) -> Option<(&'a Rc<Object>, &'a Pod, &'a Rc<Object>)> {
    let old = change.old.as_ref()?.get::<Pod>()?;
    let object = change.new.as_ref()?;
    let pod = object.get::<Pod>()?;
    let fresh = old.spec.node_name.is_empty() && !pod.spec.node_name.is_empty() && seen.by == "default-scheduler";
    let node = seen.cluster.store.find(Kind::Node, "", &pod.spec.node_name).filter(|_| fresh)?;
    Some((object, pod, node))
}

/// The Pods on a node that have not ended.
fn there<'a>(seen: &Seen<'a>, node: &str) -> Vec<&'a Pod> {
    let pods = seen.cluster.store.pods_on(node).map(|p| p.expect::<Pod>());
    pods.filter(|p| !p.status.finished()).collect()
}

/// The scheduler fills no node over what it can hold.
pub fn within_allocatable(seen: &Seen, change: &Change) -> Option<String> {
    let (_, pod, node) = bound(seen, change)?;
    let allocatable = &node.expect::<Node>().status.allocatable;
    let there = there(seen, &node.meta.name);
    let most = allocatable.get("pods").map_or(0, |q| q.units());
    if there.len() as i64 > most {
        return says(&change.key, format!("is number {} on {}", there.len(), node.meta.name));
    }
    for (name, own) in resources::requests(&pod.spec).iter() {
        let asked = there.iter().filter_map(|p| resources::requests(&p.spec).get(name).copied());
        let sum: i64 = asked.map(|q| q.milli_units()).sum();
        let most = allocatable.get(name).map_or(0, |q| q.milli_units());
        if sum > most && !own.is_zero() {
            return says(&change.key, format!("{name} on {}: {sum} of {most} thousandths", node.meta.name));
        }
    }
    None
}

/// The scheduler binds no Pod to a node whose taints it does not tolerate, or whose labels it does not want.
pub fn open_nodes_only(seen: &Seen, change: &Change) -> Option<String> {
    let (_, pod, node) = bound(seen, change)?;
    let spec = &node.expect::<Node>().spec;
    let tolerated = |taint: &&kubarium_sim::api::node::Taint| {
        pod.spec.tolerations.iter().any(|t| {
            let effect = t.effect.is_empty() || t.effect == taint.effect;
            let value = &*t.operator == "Exists" || t.value == taint.value;
            effect && value && (t.key.is_empty() || t.key == taint.key)
        })
    };
    let closed = spec.taints.iter().filter(|t| &*t.effect != "PreferNoSchedule").find(|t| !tolerated(t));
    if let Some(taint) = closed {
        return says(&change.key, format!("was bound to {} despite {}", node.meta.name, taint.key));
    }
    (!pod.spec.node_selector.within(&node.meta.labels))
        .then(|| format!("{}: does not want {}", change.key, node.meta.name))
}

pub fn host_ports_are_free(seen: &Seen, change: &Change) -> Option<String> {
    let (_, pod, node) = bound(seen, change)?;
    let ports = |pod: &Pod| -> Vec<i64> {
        let all = pod.spec.containers.iter().flat_map(|c| &c.ports).map(|p| p.host_port);
        all.filter(|p| *p > 0).collect()
    };
    let all: Vec<i64> = there(seen, &node.meta.name).into_iter().flat_map(ports).collect();
    let twice = ports(pod).into_iter().find(|own| all.iter().filter(|p| *p == own).count() > 1)?;
    says(&change.key, format!("host port {twice} was taken"))
}

/// An eviction leaves as many Pods as the budget wants.
pub fn budgets_are_kept(seen: &Seen, change: &Change) -> Option<String> {
    let evicted = |o: &Object| {
        o.expect::<Pod>().status.condition("DisruptionTarget").is_some_and(|c| &*c.reason == "EvictionByEvictionAPI")
    };
    let (old, new) = (change.old.as_ref()?, change.new.as_ref()?);
    if change.kind != Kind::Pod || evicted(old) || !evicted(new) || !is_ready(old) {
        return None;
    }
    let pods = || seen.cluster.store.list_in(Kind::Pod, &change.key.namespace).filter(|p| p.meta.uid != new.meta.uid);
    for budget in seen.cluster.store.list_in(Kind::PodDisruptionBudget, &change.key.namespace) {
        let PodDisruptionBudget { spec, status } = budget.expect();
        let selects = |o: &Object| spec.selector.as_ref().is_some_and(|s| s.matches(&o.meta.labels));
        let left = pods().filter(|p| selects(p) && is_ready(p) && !p.meta.deleting() && !evicted(p)).count() as i64;
        if selects(new) && left < status.wanted {
            return says(&change.key, format!("was evicted: {left} of {} are left", status.wanted));
        }
    }
    None
}
