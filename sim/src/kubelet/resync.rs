//! When files of volumes follow their changed ConfigMap or Secret: at the Pod's next regular sync.
//!
//! Kubernetes 1.36: pkg/kubelet/pod_workers.go (resyncInterval), pkg/kubelet/util/manager. A steady Pod is not looked at
//! for nothing: when its regular syncs would have been is worked out once something has changed.

use super::clockwork;
use crate::api::object::Object;
use crate::api::pod::{Pod, Volume};
use crate::api::{Key, Kind};
use crate::clock::Span;
use crate::cluster::{Actor, Cluster};
use std::rc::Rc;

/// From one regular sync to the next, and up to half of it more.
const INTERVAL: Span = Span::secs(60);

/// A ConfigMap or Secret has changed: the Pods that mount it will see it at their next regular sync.
pub fn source_changed(cluster: &mut Cluster, kind: Kind, key: &Key) {
    let mounts = |pod: &&Rc<Object>| {
        let spec = &pod.expect::<Pod>().spec;
        !spec.node_name.is_empty() && spec.volumes.iter().any(|v| shows(v, kind, &key.name))
    };
    let pods: Vec<Rc<Object>> = cluster.store.list_in(Kind::Pod, &key.namespace).filter(mounts).cloned().collect();
    for pod in pods {
        let node = pod.expect::<Pod>().spec.node_name.clone();
        let (now, dice, uid) = (cluster.now, cluster.dice, pod.meta.uid.clone());
        let machine = cluster.machines.get_mut(&node).map(Rc::make_mut);
        let Some(worker) = machine.and_then(|m| m.agent.workers.get_mut(&uid)).map(Rc::make_mut) else { continue };
        let (mut at, mut n) = (worker.since, 0);
        while at <= now {
            n += 1;
            at += clockwork::jitter(dice, INTERVAL, &uid, n);
        }
        let at = clockwork::next_tick(dice, &node, at);
        worker.queued = Some(worker.queued.map_or(at, |t| t.min(at)));
        cluster.agenda.wake(Actor::PodWorker(node, uid), at);
    }
}

fn shows(volume: &Volume, kind: Kind, name: &str) -> bool {
    let projected = volume.projected.iter().flat_map(|p| &p.sources);
    match kind {
        Kind::ConfigMap => {
            let maps = projected.filter_map(|s| s.config_map.as_ref()).chain(&volume.config_map);
            maps.into_iter().any(|m| *m.name == *name)
        }
        Kind::Secret => {
            let own = volume.secret.as_ref().is_some_and(|s| *s.name == *name);
            own || projected.filter_map(|s| s.secret.as_ref()).any(|s| *s.name == *name)
        }
        _ => false,
    }
}
