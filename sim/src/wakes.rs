//! Who cares about which change: the wiring of Kubernetes on one page.

use crate::api::persistent_volume::PersistentVolume;
use crate::api::persistent_volume_claim::PersistentVolumeClaim;
use crate::api::pod::Pod;
use crate::api::{Key, Kind};
use crate::clock::Span;
use crate::cluster::{Actor, Cluster};
use crate::network::gateway;
use crate::store::Change;
use crate::{controllers, session};

/// How long a change takes to reach a watcher and to be taken from its queue.
const INFORMER: Span = Span(4);
/// The same for the binder of volumes, which is seen to take longer.
const BINDER: Span = Span(10);

/// The same for the guard of claims, which asks the API server for the Pods that use one before it lets that go.
const PROTECTION: Span = Span(12);

/// Wakes everyone who watches this kind of change.
pub fn notice(cluster: &mut Cluster, change: &Change) {
    notice_manager(cluster, change);
    notice_kubelet(cluster, change);
    session::notice(cluster);
    notice_scheduler(cluster, change);
}

/// What the parts of the controller manager watch.
pub fn notice_manager(cluster: &mut Cluster, change: &Change) {
    controllers::notice(cluster, change);
    notice_volumes(cluster, change);
    if cluster.plane.ingress_controller && matches!(change.kind, Kind::Ingress | Kind::IngressClass) {
        let keys: Vec<Key> = cluster.store.list(Kind::Ingress).map(|i| i.key()).collect();
        keys.into_iter().for_each(|key| cluster.wake(Actor::Ingress(key), INFORMER));
    }
    notice_gateways(cluster, change);
}

/// Nearly all that Gateway API has says something of its other objects.
fn notice_gateways(cluster: &mut Cluster, change: &Change) {
    let refers = matches!(change.kind, Kind::Service | Kind::Secret | Kind::Namespace);
    if !cluster.plane.gateway_controller || !refers && change.kind.group() != gateway::GROUP {
        return;
    }
    for name in gateway::KINDS {
        let found: Vec<_> = gateway::list(cluster, name).map(|object| (object.kind, object.key())).collect();
        found.into_iter().for_each(|(kind, key)| cluster.wake(Actor::Gateway(kind, key), INFORMER));
    }
}

/// A kubelet watches the Pods bound to its node; their status it mostly wrote itself.
fn notice_kubelet(cluster: &mut Cluster, change: &Change) {
    if matches!(change.kind, Kind::ConfigMap | Kind::Secret) && change.new.is_some() {
        crate::kubelet::resync::source_changed(cluster, change.kind, &change.key);
    }
    let about_node = match change.kind {
        Kind::Node => change.new.is_some() && change.old.is_some(),
        Kind::Lease => &*change.key.namespace == crate::kubelet::heartbeat::NAMESPACE && change.old.is_some(),
        _ => false,
    };
    if about_node {
        let at = crate::kubelet::heartbeat::next_beat(cluster, &change.key.name);
        cluster.agenda.wake(Actor::Kubelet(change.key.name.clone()), at);
    }
    if change.kind != Kind::Pod {
        return;
    }
    let latest = change.latest();
    let pod = latest.expect::<Pod>();
    if pod.spec.node_name.is_empty() {
        return;
    }
    if change.old.as_ref().is_none_or(|o| o.expect::<Pod>().spec.node_name.is_empty())
        && crate::kubelet::eviction::may_exceed(&pod.spec)
    {
        cluster.wake(Actor::Kubelet(pod.spec.node_name.clone()), FIRST_SIZES);
    }
    if let (Some(old), Some(new)) = (&change.old, &change.new) {
        let before = old.expect::<Pod>();
        let gates = !pod.spec.readiness_gates.is_empty() && before.status.conditions != pod.status.conditions;
        if before.spec.node_name == pod.spec.node_name && old.meta_but_version(new) && !gates {
            return;
        }
    }
    let actor = Actor::PodWorker(pod.spec.node_name.clone(), latest.meta.uid.clone());
    cluster.wake(actor, crate::kubelet::clockwork::WATCH);
}

/// From a Pod's arrival to the first look at what it has written.
const FIRST_SIZES: Span = Span::secs(2);

/// How long an order takes to reach the scheduler's queue.
const SCHEDULER: Span = Span(2);

fn notice_scheduler(cluster: &mut Cluster, change: &Change) {
    if cluster.scheduler.notice(&cluster.store, change, cluster.now) {
        cluster.wake(Actor::Scheduler, SCHEDULER);
    }
}

/// Claims, volumes, and the Pods that use them.
fn notice_volumes(cluster: &mut Cluster, change: &Change) {
    let both = |cluster: &mut Cluster, key: Key| {
        cluster.wake(Actor::VolumeProtection(key.clone()), INFORMER);
        cluster.wake(Actor::VolumeBinder(key), BINDER);
    };
    let object = change.latest().clone();
    match change.kind {
        Kind::PersistentVolumeClaim => {
            both(cluster, change.key.clone());
            let volume = &object.expect::<PersistentVolumeClaim>().spec.volume_name;
            if !volume.is_empty() {
                both(cluster, Key::new("", volume.clone()));
            }
            // A claim that has gone leaves its volume to be reclaimed, or another claim to take it.
            if change.new.is_none() {
                wake_pending_claims(cluster);
            }
        }
        Kind::PersistentVolume => {
            both(cluster, change.key.clone());
            let named = |c: &&std::rc::Rc<crate::api::object::Object>| {
                c.expect::<PersistentVolumeClaim>().spec.volume_name == change.key.name
            };
            let claims: Vec<Key> =
                cluster.store.list(Kind::PersistentVolumeClaim).filter(named).map(|c| c.key()).collect();
            claims.into_iter().for_each(|key| cluster.wake(Actor::VolumeBinder(key), BINDER));
            match &object.expect::<PersistentVolume>().spec.claim {
                Some(claim) => both(cluster, Key::new(claim.namespace.clone(), claim.name.clone())),
                None => wake_pending_claims(cluster),
            }
        }
        Kind::Pod => {
            let ended = change.new.as_ref().is_none_or(|o| o.expect::<Pod>().status.finished());
            for claim in crate::claims::of_pod(&object).filter(|_| ended) {
                let key = Key::new(change.key.namespace.clone(), claim);
                cluster.wake(Actor::VolumeProtection(key), PROTECTION);
            }
        }
        _ => {}
    }
}

/// A free volume is offered to all claims that wait, at the binder's next beat.
fn wake_pending_claims(cluster: &mut Cluster) {
    let claims = cluster.store.list(Kind::PersistentVolumeClaim).filter(|c| !crate::claims::is_bound(c));
    let keys: Vec<Key> = claims.map(|c| c.key()).collect();
    for key in keys {
        let at = crate::storage::binder::next_resync(cluster.now);
        cluster.agenda.wake(Actor::VolumeBinder(key), at);
    }
}
