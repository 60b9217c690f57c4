//! What an object uses up of a ResourceQuota, and which quotas it falls under: the quota admission and the quota
//! controller reckon alike.
//!
//! Kubernetes 1.36: pkg/quota/v1/evaluator/core, generic. Not simulated: device claims, volume attributes classes as a
//! scope.

use crate::api::field::{Amounts, Field};
use crate::api::object::Object;
use crate::api::persistent_volume_claim::PersistentVolumeClaim;
use crate::api::pod::{Pod, PodSpec};
use crate::api::quantity::Quantity;
use crate::api::selector::Requirement;
use crate::api::service::Service;
use crate::api::{Kind, Texts};
use crate::resources;
use crate::value::Value;
use std::rc::Rc;

/// Kinds that can be limited by their plain plural as well as by `count/...`.
const BY_PLURAL: [Kind; 7] = [
    Kind::ConfigMap,
    Kind::PersistentVolumeClaim,
    Kind::ReplicationController,
    Kind::ResourceQuota,
    Kind::Secret,
    Kind::Service,
    Kind::Pod,
];

/// What one object uses, by the names that quotas use.
pub fn usage(object: &Object) -> Amounts {
    let mut used = Amounts::default();
    let one = Quantity::millis(1000);
    resources::add(&mut used, &format!("count/{}", object.kind.plural_dot_group()).into(), one);
    if object.kind != Kind::Pod && BY_PLURAL.contains(&object.kind) {
        resources::add(&mut used, &object.kind.plural().into(), one);
    }
    if let Some(pod) = object.get::<Pod>() {
        pod_usage(pod, &mut used);
    } else if let Some(service) = object.get::<Service>() {
        service_usage(service, &mut used);
    } else if let Some(claim) = object.get::<PersistentVolumeClaim>() {
        claim_usage(claim, &mut used);
    }
    used
}

fn pod_usage(pod: &Pod, used: &mut Amounts) {
    // What has ended uses nothing any more.
    if pod.status.finished() {
        return;
    }
    resources::add(used, &"pods".into(), Quantity::millis(1000));
    for (name, amount) in resources::requests(&pod.spec).iter() {
        if matches!(&**name, "cpu" | "memory" | "ephemeral-storage") {
            resources::add(used, name, *amount);
        }
        resources::add(used, &format!("requests.{name}").into(), *amount);
    }
    for (name, amount) in resources::limits(&pod.spec).iter() {
        resources::add(used, &format!("limits.{name}").into(), *amount);
    }
}

fn service_usage(service: &Service, used: &mut Amounts) {
    let spec = &service.spec;
    let ports = spec.ports.iter().filter(|p| p.node_port != 0).count() as i64;
    let (nodes, balancers) = match &*spec.kind {
        "NodePort" => (spec.ports.len() as i64, 0),
        "LoadBalancer" => (ports, 1),
        _ => (0, 0),
    };
    resources::add(used, &"services.nodeports".into(), Quantity::millis(nodes * 1000));
    resources::add(used, &"services.loadbalancers".into(), Quantity::millis(balancers * 1000));
}

fn claim_usage(claim: &PersistentVolumeClaim, used: &mut Amounts) {
    let asked = claim.spec.resources.requests.get("storage").copied().unwrap_or_default();
    resources::add(used, &"requests.storage".into(), asked);
    let class = claim.spec.class.as_deref().unwrap_or("");
    if !class.is_empty() {
        let of_class = |what: &str| Rc::from(format!("{class}.storageclass.storage.k8s.io/{what}"));
        resources::add(used, &of_class("persistentvolumeclaims"), Quantity::millis(1000));
        resources::add(used, &of_class("requests.storage"), asked);
    }
}

/// The hard limits that a quota asks for.
pub fn hard(quota: &Object) -> Amounts {
    Amounts::read(quota.raw().at(&["spec", "hard"]))
}

/// Whether an object falls under a quota's scopes. Only Pods have any.
pub fn in_scope(quota: &Object, object: &Object) -> bool {
    let spec = quota.raw().get("spec");
    let scopes = spec.get("scopes").items().iter().filter_map(Value::as_str).map(|s| (s, "Exists", Vec::new()));
    let expressions = spec.at(&["scopeSelector", "matchExpressions"]).items().iter().map(|e| {
        let values: Vec<Rc<str>> = Field::read(e.get("values"));
        (e.get("scopeName").as_str().unwrap_or(""), e.get("operator").as_str().unwrap_or(""), values)
    });
    let all: Vec<_> = scopes.chain(expressions).collect();
    match object.get::<Pod>() {
        Some(pod) => all.iter().all(|(scope, operator, values)| pod_in_scope(&pod.spec, scope, operator, values)),
        None => all.is_empty(),
    }
}

fn pod_in_scope(spec: &PodSpec, scope: &str, operator: &str, values: &[Rc<str>]) -> bool {
    let best_effort = || crate::admission::qos::class_of(spec) == "BestEffort";
    match scope {
        "Terminating" => spec.active_deadline.is_some(),
        "NotTerminating" => spec.active_deadline.is_none(),
        "BestEffort" => best_effort(),
        "NotBestEffort" => !best_effort(),
        "PriorityClass" => {
            let requirement = Requirement { key: "class".into(), operator: operator.into(), values: values.to_vec() };
            let has = !spec.priority_class.is_empty();
            let class: Texts = has.then(|| ("class", spec.priority_class.clone())).into_iter().collect();
            requirement.matches(&class)
        }
        "CrossNamespacePodAffinity" => spec.affinity.as_ref().is_some_and(|a| {
            let terms = [&a.pod, &a.anti].into_iter().flatten();
            let mut all = terms.flat_map(|p| p.required.iter().chain(p.preferred.iter().map(|w| &w.term)));
            all.any(|t| !t.namespaces.is_empty() || t.namespace_selector.is_some())
        }),
        _ => true,
    }
}

/// Whether a quota may name this resource for objects of this kind: what it names for others is not its affair.
pub fn concerns(kind: Kind, name: &str) -> bool {
    if name == format!("count/{}", kind.plural_dot_group()) || BY_PLURAL.contains(&kind) && name == kind.plural() {
        return true;
    }
    let of_claims = name == "requests.storage" || name.contains(".storageclass.storage.k8s.io/");
    match kind {
        Kind::Pod => {
            !of_claims
                && (matches!(name, "cpu" | "memory" | "ephemeral-storage")
                    || name.starts_with("requests.")
                    || name.starts_with("limits."))
        }
        Kind::Service => name.starts_with("services."),
        Kind::PersistentVolumeClaim => of_claims,
        _ => false,
    }
}
