//! Kubernetes 1.36: the event handlers of pkg/controller/*
//!
//! Which controller cares about which change.

use crate::api::daemon_set::DaemonSet;
use crate::api::deployment::Deployment;
use crate::api::job::Job;
use crate::api::metadata::OwnerReference;
use crate::api::node::{Node, Taint};
use crate::api::object::{Key, Object};
use crate::api::pod::Pod;
use crate::api::pod_disruption_budget::PodDisruptionBudget;
use crate::api::replica_set::ReplicaSet;
use crate::api::replication_controller::ReplicationController;
use crate::api::service::Service;
use crate::api::stateful_set::StatefulSet;
use crate::api::{Kind, Texts};
use crate::apiserver::events;
use crate::clock::Span;
use crate::cluster::{Actor, Cluster, Controller};
use crate::controllers::{
    daemon_set, disruption, endpoint_slice, ephemeral_volume, horizontal, namespace, pod_gc, root_certificate,
    service_account_token,
};
use crate::store::Change;
use std::rc::Rc;

/// How long a change takes to reach a watcher and to be taken from its queue.
const INFORMER: Span = Span(4);

/// What happens to a ReplicaSet reaches its Deployment's controller after the ReplicaSet's own.
const DEPLOYMENT: Span = Span::millis(14);

/// From a new ReplicaSet to its first Pods (measured: 10 to 50 ms). What is applied right after a Deployment is there
/// before its Pods are.
const FIRST_PODS: Span = Span::millis(13);

/// From a controller's own word about a budget to its next look at it.
const OWN_STATUS: Span = Span::millis(2);

/// A CronJob notes what it has started before the Job's own controller looks at that.
const CRON_JOB: Span = Span::millis(3);

/// From a node's new taint to the eviction of its Pods: a DaemonSet that may not stay has deleted its own by then.
const EVICTION: Span = Span::millis(8);

/// The Job controller gathers changes of Pods and statuses for so long.
const JOB_BATCH: Span = Span::secs(1);

/// Wakes the controllers that watch this kind of change.
pub fn notice(cluster: &mut Cluster, change: &Change) {
    match change.kind {
        Kind::Deployment => {
            // What it wrote itself reaches it after what its ReplicaSets make of it.
            let pause = if changes_wish(change) { INFORMER } else { DEPLOYMENT };
            wake_after(cluster, Controller::Deployment, &change.key, pause);
        }
        Kind::ReplicaSet => {
            let pause = replica_set(cluster, change);
            wake_after(cluster, Controller::ReplicaSet, &change.key, pause);
            owner_of(cluster, change);
        }
        Kind::ReplicationController => wake(cluster, Controller::ReplicationController, &change.key),
        Kind::Pod => pod(cluster, change),
        Kind::Service => service(cluster, &change.key),
        Kind::ClusterRole => gathering_roles(cluster),
        Kind::PersistentVolumeClaim if change.new.is_none() => claim_gone(cluster, &change.key),
        Kind::CustomResourceDefinition => definitions(cluster, change),
        Kind::StatefulSet => wake(cluster, Controller::StatefulSet, &change.key),
        Kind::DaemonSet => wake(cluster, Controller::DaemonSet, &change.key),
        Kind::Node => nodes(cluster, change),
        Kind::Lease if &*change.key.namespace == "kube-node-lease" => {
            wake(cluster, Controller::NodeLifecycle, &Key::new("", change.key.name.clone()));
        }
        Kind::Job => {
            let pause = if changes_wish(change) { INFORMER } else { JOB_BATCH };
            wake_after(cluster, Controller::Job, &change.key, pause);
            wake(cluster, Controller::TtlAfterFinished, &change.key);
            owner_of(cluster, change);
        }
        Kind::PodDisruptionBudget => wake_after(cluster, Controller::Disruption, &change.key, budget(change)),
        Kind::HorizontalPodAutoscaler => {
            wake_after(cluster, Controller::HorizontalPodAutoscaler, &change.key, horizontal::PERIOD);
        }
        Kind::CronJob => wake(cluster, Controller::CronJob, &change.key),
        Kind::ControllerRevision => owner_of(cluster, change),
        Kind::EndpointSlice => owner_of(cluster, change),
        Kind::Endpoints => endpoints(cluster, change),
        Kind::Namespace => {
            for controller in [Controller::ServiceAccount, Controller::RootCertificate] {
                wake(cluster, controller, &change.key);
            }
            wake_after(cluster, Controller::Namespace, &change.key, namespace::GRACE);
        }
        Kind::Secret
            if [&change.old, &change.new].into_iter().flatten().any(|o| service_account_token::concerns(o)) =>
        {
            wake(cluster, Controller::ServiceAccountToken, &change.key);
        }
        Kind::ServiceAccount if change.new.is_none() => account_gone(cluster, &change.key),
        Kind::ConfigMap if &*change.key.name == root_certificate::NAME => {
            wake(cluster, Controller::RootCertificate, &Key::new("", change.key.namespace.clone()));
        }
        _ => {}
    }
    ownership(cluster, change);
    quotas(cluster, change);
}

/// Not needed to open the page.
#[inline(never)]
fn pod(cluster: &mut Cluster, change: &Change) {
    owner_of(cluster, change);
    services(cluster, change);
    budgets(cluster, change);
    placed(cluster, change);
    if change.old.is_none() && ephemeral_volume::of_pod(change.latest()).next().is_some() {
        wake(cluster, Controller::EphemeralVolume, &change.key);
    }
    if change.new.is_none() {
        last_pod_gone(cluster, change.latest());
    }
}

/// A namespace has its default account again, and the tokens of one that has gone go.
fn account_gone(cluster: &mut Cluster, account: &Key) {
    wake(cluster, Controller::ServiceAccount, &Key::new("", account.namespace.clone()));
    let tokens: Vec<Key> = service_account_token::secrets_of(cluster, account).map(|secret| secret.key()).collect();
    tokens.iter().for_each(|secret| wake(cluster, Controller::ServiceAccountToken, secret));
}

/// How soon a ReplicaSet's controller looks at what happened to it.
fn replica_set(cluster: &Cluster, change: &Change) -> Span {
    match changes_wish(change) {
        true if change.old.is_none() => FIRST_PODS,
        true => INFORMER,
        false => look_at(cluster, &change.latest().meta.uid),
    }
}

/// The same of a budget.
fn budget(change: &Change) -> Span {
    if changes_wish(change) { INFORMER } else { OWN_STATUS }
}

fn service(cluster: &mut Cluster, key: &Key) {
    for controller in [Controller::EndpointSlice, Controller::Endpoints, Controller::LoadBalancer] {
        wake(cluster, controller, key);
    }
    if cluster.store.get(Kind::Endpoints, key).is_some() {
        wake(cluster, Controller::EndpointSliceMirroring, key);
    }
}

fn endpoints(cluster: &mut Cluster, change: &Change) {
    wake(cluster, Controller::EndpointSliceMirroring, &change.key);
    if change.new.is_none() {
        wake(cluster, Controller::Endpoints, &change.key);
    }
}

/// A changed ClusterRole may be gathered by any other that gathers.
fn gathering_roles(cluster: &mut Cluster) {
    let gathering = |role: &&Rc<Object>| !role.raw().get("aggregationRule").is_null();
    let roles: Vec<Key> = cluster.store.list(Kind::ClusterRole).filter(gathering).map(|role| role.key()).collect();
    roles.iter().for_each(|role| wake(cluster, Controller::ClusterRoleAggregation, role));
}

/// A definition that changes may free a name for which another of its group waits.
#[cold]
#[inline(never)]
fn definitions(cluster: &mut Cluster, change: &Change) {
    let group = change.latest().raw().at(&["spec", "group"]).clone();
    let all = cluster.store.list(Kind::CustomResourceDefinition);
    let keys: Vec<Key> = all.filter(|d| *d.raw().at(&["spec", "group"]) == group).map(|d| d.key()).collect();
    keys.iter().for_each(|key| wake(cluster, Controller::CustomResourceDefinition, key));
}

/// A quota is counted anew when it is made or changed, and when an object under it has gone or ended.
fn quotas(cluster: &mut Cluster, change: &Change) {
    if change.kind == Kind::ResourceQuota && change.new.is_some() {
        return wake(cluster, Controller::ResourceQuota, &change.key);
    }
    let ended = |o: &Object| o.get::<Pod>().is_some_and(|p| p.status.finished());
    let freed = match &change.new {
        None => true,
        Some(new) => ended(new) && change.old.as_ref().is_some_and(|old| !ended(old)),
    };
    if !freed || change.kind == Kind::Event {
        return;
    }
    let quotas = cluster.store.list_in(Kind::ResourceQuota, &change.key.namespace);
    let keys: Vec<Key> = quotas.map(|q| q.key()).collect();
    keys.iter().for_each(|key| wake(cluster, Controller::ResourceQuota, key));
}

/// The budget that selects a Pod hears of it. Of several one hears, by chance, and the Pod is told so.
fn budgets(cluster: &mut Cluster, change: &Change) {
    let pod = change.latest();
    let selects = |budget: &&Rc<Object>| {
        let selector = budget.expect::<PodDisruptionBudget>().spec.selector.as_ref();
        selector.is_some_and(|selector| selector.matches(&pod.meta.labels))
    };
    let budgets = cluster.store.list_in(Kind::PodDisruptionBudget, &change.key.namespace);
    let keys: Vec<Key> = budgets.filter(selects).map(|b| b.key()).collect();
    let chosen = match keys.as_slice() {
        [] => return,
        [one] => one,
        several => {
            let change = format!("budget {}", pod.meta.resource_version.0);
            &several[cluster.dice.below(several.len() as u64, &pod.meta.uid, &change) as usize]
        }
    };
    wake(cluster, Controller::Disruption, chosen);
    if keys.len() > 1 && cluster.plane.controls() {
        events::record(cluster, disruption::several(pod, chosen));
    }
}

/// A Pod that comes to a node, or leaves it.
fn placed(cluster: &mut Cluster, change: &Change) {
    let node = |o: &Option<Rc<Object>>| o.as_ref().map(|o| o.expect::<Pod>().spec.node_name.clone());
    if let Some(pod) = change.new.as_ref().filter(|p| p.meta.deleting())
        && !change.old.as_ref().is_some_and(|p| p.meta.deleting())
        && pod_gc::is_lost(cluster, pod)
    {
        wake(cluster, Controller::PodGc, &change.key);
    }
    if node(&change.old) == node(&change.new) {
        return;
    }
    let Some(name) = node(&change.new).filter(|n| !n.is_empty()) else { return };
    match cluster.store.find(Kind::Node, "", &name) {
        None => wake(cluster, Controller::PodGc, &change.key),
        Some(node) if !driving(node).is_empty() => wake(cluster, Controller::TaintEviction, &change.key),
        Some(_) => {}
    }
}

/// The taints that drive Pods away.
fn driving(node: &Object) -> Vec<&Taint> {
    node.expect::<Node>().spec.taints.iter().filter(|t| &*t.effect == "NoExecute").collect()
}

/// A node that comes, goes, or changes in what decides who may run there.
fn nodes(cluster: &mut Cluster, change: &Change) {
    wake(cluster, Controller::NodeLifecycle, &change.key);
    let here = |cluster: &Cluster| cluster.store.pods_on(&change.key.name).map(|p| p.key()).collect::<Vec<Key>>();
    let facts = |o: &Option<Rc<Object>>| {
        o.as_ref().map(|o| (o.meta.labels.clone(), is_ready(o), o.expect::<Node>().status.allocatable.clone()))
    };
    if facts(&change.old) != facts(&change.new) {
        let hinted: Vec<Key> = cluster.manager.hinted.iter().cloned().collect();
        hinted.iter().for_each(|key| wake(cluster, Controller::EndpointSlice, key));
    }
    let Some(new) = &change.new else {
        here(cluster).iter().for_each(|key| wake(cluster, Controller::PodGc, key));
        let gone = (change.latest().meta.uid.clone(), None);
        Rc::make_mut(&mut cluster.manager).gone_nodes.insert(change.key.name.clone(), gone);
        return;
    };
    let spec = |o: &Object| o.expect::<Node>().spec.clone();
    let old = change.old.as_ref();
    if old.map(|o| is_ready(o)) != Some(is_ready(new)) {
        // How many are down decides how fast the others are emptied.
        let down: Vec<Key> = cluster.store.nodes_down().map(|name| Key::new("", name.clone())).collect();
        down.iter().for_each(|key| wake(cluster, Controller::NodeLifecycle, key));
    }
    let lost: Vec<Key> =
        cluster.store.pods_on(&change.key.name).filter(|p| pod_gc::is_lost(cluster, p)).map(|p| p.key()).collect();
    lost.iter().for_each(|key| wake(cluster, Controller::PodGc, key));
    if old.map_or(Vec::new(), |o| driving(o)) != driving(new) {
        here(cluster).iter().for_each(|key| wake_after(cluster, Controller::TaintEviction, key, EVICTION));
    }
    if old.is_none_or(|o| o.meta.labels != new.meta.labels || spec(o).taints != spec(new).taints) {
        let sets = cluster.store.list(Kind::DaemonSet).filter(|set| daemon_set::concerns(cluster, set, new));
        let keys: Vec<Key> = sets.map(|set| set.key()).collect();
        keys.iter().for_each(|key| wake(cluster, Controller::DaemonSet, key));
    }
}

fn is_ready(node: &Object) -> bool {
    node.expect::<Node>().status.is("Ready")
}

/// The Services that select a Pod, or did before, hear of what concerns them. Many endpoints take long to write.
fn services(cluster: &mut Cluster, change: &Change) {
    if let (Some(old), Some(new)) = (&change.old, &change.new)
        && !endpoint_slice::is_news(old, new)
    {
        return;
    }
    let selects = |service: &Object| {
        let selector = &service.expect::<Service>().spec.selector;
        let within = |o: &Option<Rc<Object>>| o.as_ref().is_some_and(|o| selector.within(&o.meta.labels));
        !selector.is_empty() && (within(&change.old) || within(&change.new))
    };
    let services = cluster.store.list_in(Kind::Service, &change.key.namespace);
    let keys: Vec<Key> = services.filter(|s| selects(s)).map(|s| s.key()).collect();
    for key in keys {
        let known = cluster.manager.services.get(&key).map_or(0, |seen| seen.count());
        let pause = INFORMER + Span::millis(known as u64 / 20);
        cluster.wake(Actor::Controller(Controller::EndpointSlice, key.clone()), pause);
        cluster.wake(Actor::Controller(Controller::Endpoints, key), pause);
    }
}

fn wake(cluster: &mut Cluster, controller: Controller, key: &Key) {
    wake_after(cluster, controller, key, INFORMER);
}

fn wake_after(cluster: &mut Cluster, controller: Controller, key: &Key, pause: Span) {
    cluster.wake(Actor::Controller(controller, key.clone()), pause);
}

/// Whether something else is wanted of an object than before: it came, goes, or its generation is another.
fn changes_wish(change: &Change) -> bool {
    let generation = |o: &Option<Rc<Object>>| o.as_ref().map(|o| o.meta.generation);
    generation(&change.old) != generation(&change.new)
}

/// The controller that looks after objects of a kind and makes others.
fn controller_of(kind: &str) -> Option<Controller> {
    Some(match kind {
        "Deployment" => Controller::Deployment,
        "ReplicaSet" => Controller::ReplicaSet,
        "ReplicationController" => Controller::ReplicationController,
        "StatefulSet" => Controller::StatefulSet,
        "DaemonSet" => Controller::DaemonSet,
        "Job" => Controller::Job,
        "CronJob" => Controller::CronJob,
        "Service" => Controller::EndpointSlice,
        _ => return None,
    })
}

/// An object's controller hears of each of its changes, and the former one of its loss; of an object that nobody
/// manages all hear who would take it.
fn owner_of(cluster: &mut Cluster, change: &Change) {
    let controller = |o: &Option<Rc<Object>>| o.as_ref().and_then(|o| o.meta.controller().cloned());
    let (old, new) = (controller(&change.old), controller(&change.new));
    if let Some(owner) = old.as_ref().filter(|o| Some(*o) != new.as_ref()) {
        wake_owner(cluster, &change.key, owner);
    }
    match (&new, &change.new) {
        (Some(owner), _) => wake_owner(cluster, &change.key, owner),
        (None, Some(object)) => {
            let before = change.old.as_ref().map(|o| (&o.meta.labels, o.meta.controller()));
            if before != Some((&object.meta.labels, None)) {
                takers(cluster, object);
            }
        }
        _ => {}
    }
}

fn wake_owner(cluster: &mut Cluster, owned: &Key, owner: &OwnerReference) {
    if let Some(controller) = controller_of(&owner.kind) {
        let key = Key { namespace: owned.namespace.clone(), name: owner.name.clone() };
        let pause = match controller {
            Controller::Job => JOB_BATCH,
            Controller::Deployment => DEPLOYMENT,
            Controller::CronJob => CRON_JOB,
            _ => look_at(cluster, &owner.uid),
        };
        cluster.wake(Actor::Controller(controller, key), pause);
    }
}

/// Until a controller has looked at what an owner has: a look at many Pods takes longer.
fn look_at(cluster: &Cluster, owner: &str) -> Span {
    INFORMER + Span::millis(cluster.store.count_owned_by(owner) as u64 / 40)
}

/// Wakes the controllers whose selector an object matches that nobody manages.
fn takers(cluster: &mut Cluster, object: &Object) {
    let kinds: &[Kind] = match object.kind {
        Kind::Pod => &[Kind::ReplicaSet, Kind::ReplicationController, Kind::StatefulSet, Kind::DaemonSet, Kind::Job],
        Kind::ReplicaSet => &[Kind::Deployment],
        Kind::ControllerRevision => &[Kind::StatefulSet, Kind::DaemonSet],
        _ => &[],
    };
    for kind in kinds {
        let takers = cluster.store.list_in(*kind, &object.meta.namespace);
        let keys: Vec<Key> = takers.filter(|t| selects(t, &object.meta.labels)).map(|t| t.key()).collect();
        let controller = controller_of(kind.name()).expect("a kind with a controller");
        keys.into_iter().for_each(|key| cluster.wake(Actor::Controller(controller, key), ADOPTION));
    }
}

/// A Pod whose own claim was deleted gets another.
fn claim_gone(cluster: &mut Cluster, claim: &Key) {
    let pods = cluster.store.list_in(Kind::Pod, &claim.namespace);
    let users = pods.filter(|pod| ephemeral_volume::of_pod(pod).any(|(_, name)| name == claim.name));
    let keys: Vec<Key> = users.map(|pod| pod.key()).collect();
    keys.iter().for_each(|key| wake(cluster, Controller::EphemeralVolume, key));
}

/// Before it adopts, a controller asks the API server whether it is still there itself.
const ADOPTION: Span = Span::millis(60);

/// Whether a workload's selector matches; an empty one matches nothing here.
fn selects(workload: &Object, labels: &Texts) -> bool {
    let selector = match workload.kind {
        Kind::ReplicaSet => &workload.expect::<ReplicaSet>().spec.selector,
        Kind::Deployment => &workload.expect::<Deployment>().spec.selector,
        Kind::StatefulSet => &workload.expect::<StatefulSet>().spec.selector,
        Kind::DaemonSet => &workload.expect::<DaemonSet>().spec.selector,
        Kind::Job => &workload.expect::<Job>().spec.selector,
        Kind::ReplicationController => {
            let selector = &workload.expect::<ReplicationController>().spec.selector;
            return !selector.is_empty() && selector.within(labels);
        }
        _ => return false,
    };
    !selector.is_empty() && selector.matches(labels)
}

/// A Deployment that recreates waits for its last old Pod to be gone.
fn last_pod_gone(cluster: &mut Cluster, pod: &Object) {
    let namespace = &pod.meta.namespace;
    let Some(set) = pod.meta.controller().filter(|o| &*o.kind == "ReplicaSet") else { return };
    let Some((meta, _)) = cluster.store.typed::<ReplicaSet>(namespace, &set.name) else { return };
    let Some(owner) = meta.controller().cloned() else { return };
    let Some((_, deployment)) = cluster.store.typed::<Deployment>(namespace, &owner.name) else { return };
    if &*deployment.spec.strategy.kind == "Recreate" {
        wake(cluster, Controller::Deployment, &Key { namespace: namespace.clone(), name: owner.name });
    }
}

/// The garbage collector hears of new owners, of owners that go, and of what they leave behind.
fn ownership(cluster: &mut Cluster, change: &Change) {
    let collect = |cluster: &mut Cluster, object: &Object| {
        cluster.wake(Actor::Garbage(object.kind, object.key()), INFORMER);
    };
    let Some(new) = &change.new else {
        let gone = change.latest();
        let left: Vec<_> = cluster.store.owned_by(&gone.meta.uid).cloned().collect();
        left.iter().for_each(|o| collect(cluster, o));
        for owner in gone.meta.owners.iter() {
            let kind = cluster.store.find_kind(&owner.api_version, &owner.kind);
            let waiting = kind
                .and_then(|kind| cluster.store.find(kind, owners_namespace(kind, gone), &owner.name))
                .filter(|o| o.meta.uid == owner.uid && o.meta.deleting())
                .cloned();
            waiting.iter().for_each(|o| collect(cluster, o));
        }
        return;
    };
    let owners_changed = change.old.as_ref().map_or(!new.meta.owners.is_empty(), |o| o.meta.owners != new.meta.owners);
    let finalized = new.meta.deleting() && !new.meta.finalizers.is_empty();
    if owners_changed || finalized {
        collect(cluster, new);
    }
}

fn owners_namespace(kind: Kind, owned: &Object) -> &str {
    if kind.namespaced() { &owned.meta.namespace } else { "" }
}
