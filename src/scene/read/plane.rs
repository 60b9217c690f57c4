//! The control plane: who acted lately, what waits in the scheduler's queue.

use super::Source;
use crate::scene::hit::Key;
use crate::scene::model::{By, Controller, Deed, Plane, QueuePlace, Queued};
use crate::scene::shape::Id;
use crate::scene::words::Locale;
use kubarium_sim::api::Kind;
use kubarium_sim::api::pod::Pod;
use kubarium_sim::cluster::Cluster;
use kubarium_sim::scheduler::queue::Waiting;
use kubarium_sim::trace::Act;
use std::collections::BTreeSet;
use std::rc::Rc;

/// For so long after an act its chip is lit, in shown time.
const LIT_MS: u64 = 400;
/// For so long an order of the user is told.
const ORDER_MS: u64 = 2000;

/// The controllers' chips: what they are called in the API server's log, and on the chip.
const CONTROLLERS: [(&str, &str); 27] = [
    ("deployment-controller", "Deployment"),
    ("replicaset-controller", "ReplicaSet"),
    ("statefulset-controller", "StatefulSet"),
    ("daemonset-controller", "DaemonSet"),
    ("job-controller", "Job"),
    ("cronjob-controller", "CronJob"),
    ("endpointslice-controller", "EndpointSlice"),
    ("replication-controller", "Replication"),
    ("garbage-collector", "Garbage"),
    ("node-lifecycle-controller", "NodeLifecycle"),
    ("taint-eviction-controller", "TaintEviction"),
    ("horizontal-pod-autoscaler", "HPA"),
    ("disruption-controller", "Disruption"),
    ("persistentvolume-controller", "Volumes"),
    ("attachdetach-controller", "AttachDetach"),
    ("namespace-controller", "Namespace"),
    ("resourcequota-controller", "Quota"),
    ("service-controller", "Service"),
    ("endpoints-controller", "Endpoints"),
    ("ttl-after-finished-controller", "TTL"),
    ("serviceaccount-controller", "ServiceAccount"),
    ("root-ca-certificate-publisher-controller", "RootCA"),
    ("pv-protection-controller", "PVProtection"),
    ("pvc-protection-controller", "PVCProtection"),
    ("ingress-controller", "Ingress"),
    ("gateway-controller", "Gateway"),
    ("pod-garbage-collector-controller", "PodGC"),
];

fn chip_of(by: &'static str) -> Option<&'static str> {
    // Asked very often, so no text is made for it.
    let plain = |name: &'static str| name.strip_suffix("-controller").unwrap_or(name).bytes().filter(|b| *b != b'-');
    let known = CONTROLLERS.iter().find(|(name, _)| *name == by || plain(name).eq(plain(by)));
    known.map(|(_, chip)| *chip)
}

/// The acts of the last moments, as seen from now: after a rewind the later ones have not happened.
fn lately(cluster: &Cluster, ms: u64) -> impl Iterator<Item = &Act> {
    let now = cluster.now;
    cluster.trace.since(0).filter(move |act| act.time <= now && now.since(act.time).0 < ms)
}

pub fn read(source: &Source) -> Plane {
    let cluster = source.cluster;
    let acts: Vec<&Act> = lately(cluster, LIT_MS).collect();
    let who: BTreeSet<&str> = acts.iter().map(|act| act.by).collect();
    let lit: Vec<&str> = who.into_iter().filter_map(chip_of).collect();
    let mut controllers: Vec<Controller> =
        CONTROLLERS.iter().map(|(_, name)| Controller { name, lit: lit.contains(name) }).collect();
    controllers.sort_by_key(|controller| !controller.lit);
    Plane {
        api_lit: !acts.is_empty(),
        api_note: acts.iter().rev().find(|act| act.what != "status").map_or(String::new(), |act| told(act)),
        revision: cluster.store.revision(),
        controllers,
        scheduler_lit: acts.iter().any(|act| act.by == "default-scheduler"),
        scheduler_note: scheduler_note(cluster, source.ask.locale),
        queue: queue(source),
        order: lately(cluster, ORDER_MS)
            .filter(|act| is_user(act.by))
            .last()
            .map(|act| format!("{} {}", act.what, act.key.name)),
    }
}

fn is_user(by: &str) -> bool {
    by.starts_with("kubectl")
}

/// "web patched"
fn told(act: &Act) -> String {
    let done = match act.what {
        "create" => "created",
        "delete" => "deleted",
        "patch" => "patched",
        "bind" => "bound",
        _ => "updated",
    };
    format!("{} {done}", act.key.name)
}

fn scheduler_note(cluster: &Cluster, locale: Locale) -> String {
    let stuck = cluster.scheduler.waiting().values().any(|waiting| !waiting.active && !waiting.gated);
    match (stuck, locale) {
        (false, _) => String::new(),
        (true, Locale::English) => "next look: when a node or Pod changes".into(),
        (true, Locale::Korean) => "node나 Pod가 바뀌면 다시 봄".into(),
    }
}

fn queue(source: &Source) -> Vec<Queued> {
    let cluster = source.cluster;
    let shown = |waiting: &&(&Rc<str>, &Waiting)| {
        cluster.store.get(Kind::Pod, &waiting.1.key).is_some_and(|object| source.shows(object))
    };
    let mut waiting: Vec<(&Rc<str>, &Waiting)> = cluster.scheduler.waiting().iter().collect();
    waiting.retain(|entry| shown(&entry));
    waiting.sort_by_key(|(uid, waiting)| (waiting.since, (*uid).clone()));
    waiting.into_iter().map(|(uid, waiting)| queued(cluster, uid, waiting)).collect()
}

fn queued(cluster: &Cluster, uid: &str, waiting: &Waiting) -> Queued {
    let object = cluster.store.get(Kind::Pod, &waiting.key);
    let condition = object.and_then(|object| object.expect::<Pod>().status.condition("PodScheduled"));
    let since = object.and_then(|object| object.meta.creation).map_or(waiting.since, |stamp| cluster.time_of(stamp));
    Queued {
        id: Id::of("Pod", uid),
        key: Key { kind: "Pod", namespace: waiting.key.namespace.clone(), name: waiting.key.name.clone() },
        place: match (waiting.gated, waiting.active) {
            (true, _) => QueuePlace::Gated,
            (_, true) => QueuePlace::Active,
            _ => QueuePlace::Unschedulable,
        },
        waited_ms: cluster.now.since(since).0,
        until_ms: None::<u64>,
        reason: condition.map_or(String::new(), |condition| condition.message.to_string()),
    }
}

/// What was done from a serial number on, for the journeys.
pub fn deeds(cluster: &Cluster, since: u64) -> Vec<Deed> {
    let deed = |act: &Act| {
        let by = match act.by {
            "default-scheduler" => By::Scheduler,
            "kubelet" => By::Kubelet,
            user if is_user(user) => By::User,
            other => chip_of(other).map_or(By::Other, By::Controller),
        };
        let object = cluster.store.get(act.kind, &act.key);
        let target = object.map_or(Id::default(), |object| Id::of(act.kind.name(), &object.meta.uid));
        Deed { by, what: act.what, target, is_pod: act.kind == Kind::Pod }
    };
    cluster.trace.since(since).filter(|act| act.time <= cluster.now).map(deed).collect()
}
