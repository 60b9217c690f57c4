//! What an object has to do with: those it names, those that name it, those it stands before, guards or scales.

use super::portrait::Chosen;
use super::why::{Seen, network, storage};
use crate::how;
use kubarium_sim::api::object::Object;
use kubarium_sim::api::pod::{Pod, PodSpec};
use kubarium_sim::api::pod_disruption_budget::PodDisruptionBudget;
use kubarium_sim::api::service::Service;
use kubarium_sim::api::{Key, Kind, Texts};
use kubarium_sim::claims;
use kubarium_sim::cluster::Cluster;
use kubarium_sim::network::gateway;
use kubarium_sim::store::Store;
use kubarium_sim::value::Value;
use std::collections::BTreeSet;
use std::rc::Rc;

/// The most of one kind that are named.
const MOST: usize = 6;

/// With more Pods than this nobody looks for those that name an object.
const MOST_READ: usize = 2_000;

/// Those of one kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    pub kind: Kind,
    pub seen: Vec<Seen>,
    /// How many more there are.
    pub more: usize,
}

/// All that is related to an object and no link of the chain of its causes, by kind.
pub fn of(cluster: &Cluster, object: &Rc<Object>) -> Vec<Group> {
    let mut found: BTreeSet<(Kind, Key)> = BTreeSet::new();
    let store = &cluster.store;
    let mut add = |objects: &mut dyn Iterator<Item = &Rc<Object>>| found.extend(objects.map(|o| (o.kind, o.key())));
    add(&mut store.owned_by(&object.meta.uid));
    match object.kind {
        Kind::Pod => of_pod(cluster, object, &mut add),
        Kind::Service => of_service(store, object, &mut add),
        Kind::Node => add(&mut store.pods_on(&object.meta.name)),
        Kind::ConfigMap | Kind::Secret | Kind::ServiceAccount => add(&mut users(store, object)),
        Kind::PersistentVolumeClaim => {
            add(&mut storage::users(cluster, object));
            add(&mut named(store, Kind::PersistentVolume, "", object.raw().at(&["spec", "volumeName"]).as_str()));
            add(&mut named(store, Kind::StorageClass, "", object.raw().at(&["spec", "storageClassName"]).as_str()));
        }
        Kind::PersistentVolume => {
            let claim = object.raw().at(&["spec", "claimRef"]);
            let namespace = claim.get("namespace").as_str().unwrap_or("");
            add(&mut named(store, Kind::PersistentVolumeClaim, namespace, claim.get("name").as_str()));
            add(&mut named(store, Kind::StorageClass, "", object.raw().at(&["spec", "storageClassName"]).as_str()));
        }
        Kind::StorageClass => {
            let own = |o: &&Rc<Object>| o.raw().at(&["spec", "storageClassName"]).as_str() == Some(&object.meta.name);
            add(&mut store.list(Kind::PersistentVolumeClaim).filter(own));
        }
        Kind::NetworkPolicy => add(&mut network::selected_by_policy(cluster, object)),
        Kind::PodDisruptionBudget => add(&mut pods(store, object).filter(|pod| guards(object, &pod.meta.labels))),
        Kind::Ingress => {
            for (chosen, _) in network::services_of(cluster, object) {
                add(&mut named(store, chosen.kind, &chosen.key.namespace, Some(&chosen.key.name)));
            }
            add(&mut named(store, Kind::IngressClass, "", object.raw().at(&["spec", "ingressClassName"]).as_str()));
        }
        Kind::HorizontalPodAutoscaler => {
            let target = object.raw().at(&["spec", "scaleTargetRef"]);
            if let Some(kind) = target.get("kind").as_str().and_then(|kind| store.kind_named(kind)) {
                add(&mut named(store, kind, &object.meta.namespace, target.get("name").as_str()));
            }
        }
        Kind::Namespace => {
            for kind in [Kind::ResourceQuota, Kind::LimitRange, Kind::NetworkPolicy] {
                add(&mut store.list_in(kind, &object.meta.name));
            }
        }
        Kind::Deployment | Kind::ReplicaSet | Kind::StatefulSet | Kind::ReplicationController => {
            add(&mut store
                .list_in(Kind::HorizontalPodAutoscaler, &object.meta.namespace)
                .filter(|o| scales(o, object)));
            of_template(store, object, &mut add);
        }
        Kind::DaemonSet => of_template(store, object, &mut add),
        kind if kind.group() == gateway::GROUP => of_gateway_api(cluster, object, &mut add),
        _ => {}
    }
    // A Deployment's ReplicaSets of old are its history, told elsewhere.
    let rests = |o: &Object| o.kind == Kind::ReplicaSet && o.raw().at(&["spec", "replicas"]).as_int() == Some(0);
    grouped(store, found.into_iter().filter(|(kind, key)| !store.get(*kind, key).is_some_and(|o| rests(o))))
}

fn grouped(store: &Store, found: impl Iterator<Item = (Kind, Key)>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (kind, key) in found.filter(|(kind, _)| !matches!(kind, Kind::Event | Kind::Lease)) {
        if groups.last().is_none_or(|group| group.kind != kind) {
            groups.push(Group { kind, seen: Vec::new(), more: 0 });
        }
        let group = groups.last_mut().expect("one was pushed");
        match store.get(kind, &key) {
            Some(object) if group.seen.len() < MOST => group.seen.push((Chosen { kind, key }, how::of(object))),
            _ => group.more += 1,
        }
    }
    groups
}

type Add<'a> = dyn FnMut(&mut dyn Iterator<Item = &Rc<Object>>) + 'a;

fn pods<'a>(store: &'a Store, beside: &'a Object) -> impl Iterator<Item = &'a Rc<Object>> {
    store.list_in(Kind::Pod, &beside.meta.namespace)
}

fn named<'a>(
    store: &'a Store,
    kind: Kind,
    namespace: &str,
    name: Option<&str>,
) -> impl Iterator<Item = &'a Rc<Object>> + use<'a> {
    name.and_then(|name| store.find(kind, namespace, name)).into_iter()
}

fn selects(selector: &Texts, labels: &Texts) -> bool {
    !selector.is_empty() && selector.iter().all(|(key, value)| labels.get(key) == Some(value))
}

fn guards(budget: &Object, labels: &Texts) -> bool {
    let budget = budget.expect::<PodDisruptionBudget>();
    budget.spec.selector.as_ref().is_some_and(|selector| selector.matches(labels))
}

fn scales(autoscaler: &Object, object: &Object) -> bool {
    let target = autoscaler.raw().at(&["spec", "scaleTargetRef"]);
    target.get("kind").as_str() == Some(object.kind.name()) && target.get("name").as_str() == Some(&object.meta.name)
}

/// Who stands before Pods with these labels, or guards them.
fn around(store: &Store, namespace: &str, labels: &Texts, add: &mut Add) {
    let before = |o: &&Rc<Object>| o.get::<Service>().is_some_and(|s| selects(&s.spec.selector, labels));
    add(&mut store.list_in(Kind::Service, namespace).filter(before));
    add(&mut store.list_in(Kind::PodDisruptionBudget, namespace).filter(|o| guards(o, labels)));
}

fn of_template(store: &Store, object: &Object, add: &mut Add) {
    use kubarium_sim::api::Field;
    let labels = Texts::read(object.raw().at(&["spec", "template", "metadata", "labels"]));
    around(store, &object.meta.namespace, &labels, add);
}

fn of_service(store: &Store, object: &Object, add: &mut Add) {
    let selector = &object.expect::<Service>().spec.selector;
    add(&mut pods(store, object).filter(|pod| selects(selector, &pod.meta.labels)));
    let leads = |ingress: &&Rc<Object>| network::backends(ingress).iter().any(|name| **name == *object.meta.name);
    add(&mut store.list_in(Kind::Ingress, &object.meta.namespace).filter(leads));
}

fn of_pod(cluster: &Cluster, object: &Object, add: &mut Add) {
    let store = &cluster.store;
    let (namespace, spec) = (&*object.meta.namespace, &*object.expect::<Pod>().spec);
    around(store, namespace, &object.meta.labels, add);
    let policies = store.list_in(Kind::NetworkPolicy, namespace);
    add(&mut policies.filter(|policy| network::selects_pod(policy, &object.meta.labels)));
    for (kind, name) in names(spec) {
        add(&mut named(store, kind, namespace, Some(&name)));
    }
    for claim in claims::of_pod(object) {
        add(&mut named(store, Kind::PersistentVolumeClaim, namespace, Some(&claim)));
    }
    add(&mut named(store, Kind::Node, "", Some(&spec.node_name)));
}

/// The Gateways and Services that a route names, a Gateway's class and its routes, a class' Gateways.
fn of_gateway_api(cluster: &Cluster, object: &Object, add: &mut Add) {
    let named_in = |value: &Value| value.get("name").as_str().map(str::to_string);
    let parents = |route: &Object| -> Vec<String> {
        route.raw().at(&["spec", "parentRefs"]).items().iter().filter_map(named_in).collect()
    };
    let class = |o: &Object| o.raw().at(&["spec", "gatewayClassName"]).as_str().unwrap_or("").to_string();
    let mine = |name: &str| *name == *object.meta.name;
    let all = |kind| gateway::list(cluster, kind);
    match object.kind.name() {
        "GatewayClass" => add(&mut all("Gateway").filter(|o| mine(&class(o)))),
        "Gateway" => {
            let own = class(object);
            add(&mut all("GatewayClass").filter(|o| *o.meta.name == *own));
            add(&mut all("HTTPRoute").filter(|o| parents(o).iter().any(|name| mine(name))));
        }
        _ => {
            let above = parents(object);
            add(&mut all("Gateway").filter(|o| above.iter().any(|name| **name == *o.meta.name)));
            let rules = object.raw().at(&["spec", "rules"]).items().iter();
            for name in rules.flat_map(|rule| rule.get("backendRefs").items()).filter_map(named_in) {
                add(&mut named(&cluster.store, Kind::Service, &object.meta.namespace, Some(&name)));
            }
        }
    }
}

/// The Pods that name a ConfigMap, a Secret or a ServiceAccount.
fn users<'a>(store: &'a Store, object: &'a Object) -> impl Iterator<Item = &'a Rc<Object>> {
    // Each Pod must be read for it: in a large cluster that takes too long for a look.
    let all = if store.count(Kind::Pod) > MOST_READ { 0 } else { MOST_READ };
    let is = move |(kind, name): (Kind, Rc<str>)| kind == object.kind && name == object.meta.name;
    pods(store, object).take(all).filter(move |pod| names(&pod.expect::<Pod>().spec).into_iter().any(is))
}

/// The ConfigMaps, Secrets and the ServiceAccount that a Pod names.
fn names(spec: &PodSpec) -> Vec<(Kind, Rc<str>)> {
    let mut names = vec![(Kind::ServiceAccount, spec.service_account.clone())];
    for volume in &spec.volumes {
        names.extend(volume.config_map.iter().map(|source| (Kind::ConfigMap, source.name.clone())));
        names.extend(volume.secret.iter().map(|source| (Kind::Secret, source.name.clone())));
        for source in volume.projected.iter().flat_map(|projected| &projected.sources) {
            names.extend(source.config_map.iter().map(|source| (Kind::ConfigMap, source.name.clone())));
            names.extend(source.secret.iter().map(|source| (Kind::Secret, source.name.clone())));
        }
    }
    for container in spec.all_containers() {
        for from in &container.env_from {
            names.extend(from.config_map.iter().map(|source| (Kind::ConfigMap, source.name.clone())));
            names.extend(from.secret.iter().map(|source| (Kind::Secret, source.name.clone())));
        }
        for source in container.env.iter().filter_map(|variable| variable.value_from.as_ref()) {
            names.extend(source.config_map.iter().map(|source| (Kind::ConfigMap, source.name.clone())));
            names.extend(source.secret.iter().map(|source| (Kind::Secret, source.name.clone())));
        }
    }
    names
}
