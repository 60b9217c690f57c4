//! StatefulSets in their order, DaemonSets with one Pod a node.

use super::{Seen, deleted, is_ready, made, owned, says};
use kubarium_sim::api::Kind;
use kubarium_sim::api::daemon_set::DaemonSet;
use kubarium_sim::api::object::Object;
use kubarium_sim::api::pod::Pod;
use kubarium_sim::api::stateful_set::StatefulSet;
use kubarium_sim::store::Change;

const CONTROLLER: &str = "statefulset-controller";

fn ordinal(pod: &Object) -> Option<i64> {
    pod.meta.name.rsplit_once('-')?.1.parse().ok()
}

fn start(set: &StatefulSet) -> i64 {
    set.spec.ordinals.as_ref().map_or(0, |o| o.start)
}

fn is_healthy(pod: &Object) -> bool {
    !pod.meta.deleting() && is_ready(pod) && &*pod.expect::<Pod>().status.phase == "Running"
}

/// No Pod of an ordered set is made before all Pods in front of it are ready; none is made that is not wanted.
pub fn those_before_are_ready(seen: &Seen, change: &Change) -> Option<String> {
    let (pod, _) = made(change).filter(|_| seen.by == CONTROLLER)?;
    let (owner, set) = seen.controller::<StatefulSet>(pod)?;
    let own = ordinal(pod)?;
    if own < start(set) || own >= start(set) + set.spec.replicas {
        return says(&change.key, "nobody wants this Pod");
    }
    let unready = (start(set)..own).find(|n| {
        let name = format!("{}-{n}", owner.meta.name);
        !seen.cluster.store.find(Kind::Pod, &change.key.namespace, &name).is_some_and(|p| is_healthy(p))
    });
    let ordered = &*set.spec.pod_management != "Parallel";
    unready.filter(|_| ordered).map(|n| format!("{}: was made before number {n} was ready", change.key))
}

/// Of the Pods that are too many the highest goes first, and an ordered set lets one go at a time.
pub fn the_highest_goes_first(seen: &Seen, change: &Change) -> Option<String> {
    let pod = deleted(change).filter(|_| seen.by == CONTROLLER)?;
    let (owner, set) = seen.controller::<StatefulSet>(pod)?;
    let (own, end) = (ordinal(pod)?, start(set) + set.spec.replicas);
    let ordered = &*set.spec.pod_management != "Parallel";
    let higher = owned(seen.cluster, owner).filter_map(|p| ordinal(p)).find(|n| *n > own)?;
    (ordered && own >= end).then(|| format!("{}: goes before number {higher}", change.key))
}

/// The node that a DaemonSet's Pod is for.
fn target(pod: &Pod) -> Option<&str> {
    let affinity = pod.spec.affinity.as_ref()?.node.as_ref()?.required.as_ref()?;
    let fields = affinity.terms.iter().flat_map(|t| &t.fields).find(|f| &*f.key == "metadata.name")?;
    fields.values.first().map(|v| &**v)
}

/// A DaemonSet has one Pod on each node, and one more while its update may surge.
pub fn one_pod_a_node(seen: &Seen, change: &Change) -> Option<String> {
    let (pod, body) = made(change).filter(|_| seen.by == "daemonset-controller")?;
    let (owner, set) = seen.controller::<DaemonSet>(pod)?;
    let surge = set.spec.update.rolling.as_ref().and_then(|r| r.max_surge.as_ref()).map_or(0, |s| s.of(100, true));
    let node = target(body)?;
    let count = seen.active(owner).filter(|p| target(p.expect()) == Some(node)).count();
    (count > 1 + usize::from(surge > 0)).then(|| format!("{}: is number {count} on {node}", change.key))
}
