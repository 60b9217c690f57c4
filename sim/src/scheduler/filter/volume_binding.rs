//! Kubernetes 1.36: pkg/scheduler/framework/plugins/volumebinding. A Pod goes where its volumes can be had.
//!
//! A claim whose class waits for its first consumer is bound (or provisioned) on the node that is chosen.

use super::{Candidate, Verdict};
use crate::api::object::Object;
use crate::api::persistent_volume::PersistentVolume;
use crate::api::persistent_volume_claim::PersistentVolumeClaim;
use crate::api::pod::PodSpec;
use crate::api::storage_class::StorageClass;
use crate::claims::{self, best_match, is_bound};
use crate::scheduler::node_info::NodeInfo;
use crate::store::Store;
use crate::value::Value;
use std::rc::Rc;

pub const RULE: &str = "VolumeBinding";

/// The claims that the Pod uses.
#[derive(Clone, Default)]
pub struct Claims {
    /// The volumes that are bound to claims of the Pod.
    bound: Vec<Rc<Object>>,
    /// Claims that wait for this Pod to be placed.
    waiting: Vec<Rc<Object>>,
    /// Names of claims that only one Pod at a time may use.
    pub exclusive: Vec<Rc<str>>,
}

impl Claims {
    /// # Errors
    /// The reason that shuts the Pod out of every node: a claim is missing, going, or not bound yet.
    pub fn find(pod: &Object, spec: &PodSpec, store: &Store) -> Result<Claims, (&'static str, String)> {
        let mut claims = Claims::default();
        let names: Vec<Rc<str>> =
            spec.volumes.iter().filter_map(|volume| claims::of_volume(&pod.meta.name, volume)).collect();
        let mut unbound = false;
        for name in &names {
            let Some(object) = store.find(crate::api::Kind::PersistentVolumeClaim, &pod.meta.namespace, name) else {
                return Err((RULE, format!("persistentvolumeclaim \"{name}\" not found")));
            };
            if object.meta.deleting() {
                return Err((RULE, format!("persistentvolumeclaim \"{name}\" is being deleted")));
            }
            let claim = object.expect::<PersistentVolumeClaim>();
            if claim.spec.access_modes.iter().any(|m| &**m == "ReadWriteOncePod") {
                claims.exclusive.push(name.clone());
            }
            if is_bound(object) {
                let volume = store.find(crate::api::Kind::PersistentVolume, "", &claim.spec.volume_name);
                claims.bound.extend(volume.cloned());
            } else if waits_for_consumer(store, claim) && claim.spec.volume_name.is_empty() {
                claims.waiting.push(object.clone());
            } else {
                unbound = true;
            }
        }
        if unbound {
            return Err((RULE, "pod has unbound immediate PersistentVolumeClaims".into()));
        }
        Ok(claims)
    }
    /// Whether any node will do.
    pub fn is_empty(&self) -> bool {
        self.bound.is_empty() && self.waiting.is_empty()
    }
    /// Claims that wait for this Pod to be placed.
    pub fn waiting(&self) -> &[Rc<Object>] {
        &self.waiting
    }
}

fn waits_for_consumer(store: &Store, claim: &PersistentVolumeClaim) -> bool {
    let class = claim.spec.class.as_deref().unwrap_or("");
    store.typed::<StorageClass>("", class).is_some_and(|(_, c)| &*c.binding_mode == "WaitForFirstConsumer")
}

pub fn check(pod: &Candidate, info: &NodeInfo) -> Verdict {
    let reachable = |volume: &Rc<Object>| reaches(volume.expect::<PersistentVolume>(), &info.node);
    if !pod.claims.bound.iter().all(reachable) {
        return Verdict::never(RULE, "node(s) didn't match PersistentVolume's node affinity");
    }
    let mut taken: Vec<Rc<str>> = Vec::new();
    for claim in &pod.claims.waiting {
        let spec = &claim.expect::<PersistentVolumeClaim>().spec;
        let volumes = pod.store.list(crate::api::Kind::PersistentVolume).filter(|v| !taken.contains(&v.meta.name));
        let fitting = volumes.filter(|v| reachable(v));
        if let Some(volume) = best_match(claim, fitting) {
            taken.push(volume.meta.name.clone());
            continue;
        }
        let class = spec.class.as_deref().unwrap_or("");
        let class = pod.store.typed::<StorageClass>("", class);
        let provisions = |c: &StorageClass| &*c.provisioner != "kubernetes.io/no-provisioner" && serves(c, &info.node);
        if class.is_none_or(|(_, class)| !provisions(class)) {
            return Verdict::never(RULE, "node(s) didn't find available persistent volumes to bind");
        }
    }
    Verdict::Fits
}

/// Whether a class makes volumes for a node, by its `allowedTopologies`.
fn serves(class: &StorageClass, node: &Object) -> bool {
    let label = |requirement: &Value| {
        let own = node.meta.labels.get(requirement.get("key").as_str().unwrap_or(""));
        own.is_some_and(|own| requirement.get("values").items().iter().any(|value| value.as_str() == Some(own)))
    };
    let terms = class.allowed_topologies.items();
    terms.is_empty() || terms.iter().any(|term| term.get("matchLabelExpressions").items().iter().all(label))
}

/// Whether a volume can be mounted on a node.
pub fn reaches(volume: &PersistentVolume, node: &Object) -> bool {
    let required = volume.spec.node_affinity.as_ref().and_then(|a| a.required.as_ref());
    required.is_none_or(|selector| super::node_affinity::any_term(selector, node))
}
