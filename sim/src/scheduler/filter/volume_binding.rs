//! Kubernetes 1.36: pkg/scheduler/framework/plugins/volumebinding. A Pod goes where its volumes can be had.
//!
//! A claim whose class waits for its first consumer is bound (or provisioned) on the node that is chosen.

use super::{Candidate, Verdict, volume_limits, volume_zone};
use crate::api::Kind;
use crate::api::object::Object;
use crate::api::persistent_volume::PersistentVolume;
use crate::api::persistent_volume_claim::PersistentVolumeClaim;
use crate::api::pod::{PodSpec, Volume};
use crate::api::storage_class::StorageClass;
use crate::claims::{self, best_match, is_bound};
use crate::scheduler::SELECTED_NODE;
use crate::scheduler::node_info::{NodeInfo, takes_room};
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
    /// The Pods that use claims of which each is for one Pod only.
    pub holders: Vec<Rc<str>>,
    /// The volumes among them that a driver attaches.
    pub attached: Vec<volume_limits::Attached>,
    /// Where those may be used that say it by labels.
    pub zones: Vec<volume_zone::Zones>,
}

impl Claims {
    /// # Errors
    /// The reason that shuts the Pod out of every node: a claim is missing, going, or not bound yet.
    pub fn find(pod: &Object, spec: &PodSpec, store: &Store) -> Result<Claims, (&'static str, String)> {
        let mut claims = Claims::default();
        let (mut unbound, mut exclusive) = (false, Vec::new());
        for volume in spec.volumes.iter() {
            let Some(name) = claims::of_volume(&pod.meta.name, volume) else { continue };
            let object = claim_of(pod, volume, &name, store).map_err(|why| (RULE, why))?;
            let claim = object.expect::<PersistentVolumeClaim>();
            if claim.spec.access_modes.iter().any(|m| &**m == "ReadWriteOncePod") {
                exclusive.push(name);
            }
            claims.attached.extend(volume_limits::of_claim(object, store));
            if is_bound(object) {
                let bound = store.find(Kind::PersistentVolume, "", &claim.spec.volume_name);
                // Of a Pod's own claims nobody asks for the zone.
                let named = bound.filter(|_| volume.claim.is_some());
                claims.zones.extend(named.into_iter().flat_map(|bound| volume_zone::of_volume(bound)));
                claims.bound.extend(bound.cloned());
            } else if waits_for_consumer(store, claim) && claim.spec.volume_name.is_empty() {
                claims.waiting.push(object.clone());
            } else {
                unbound = true;
            }
        }
        if unbound {
            return Err((RULE, "pod has unbound immediate PersistentVolumeClaims".into()));
        }
        if !exclusive.is_empty() {
            let others = store.list_in(Kind::Pod, &pod.meta.namespace).filter(|other| takes_room(other));
            let uses = |other: &&Rc<Object>| claims::of_pod(other).any(|name| exclusive.contains(&name));
            claims.holders = others.filter(uses).map(|other| other.meta.uid.clone()).collect();
        }
        Ok(claims)
    }
    /// The same where these Pods have gone.
    pub fn without(&self, gone: &[Rc<Object>]) -> Claims {
        let mut claims = self.clone();
        claims.holders.retain(|uid| gone.iter().all(|pod| pod.meta.uid != *uid));
        claims
    }
    /// Whether any node will do.
    pub fn is_empty(&self) -> bool {
        self.bound.is_empty() && self.waiting.is_empty() && self.holders.is_empty()
    }
    /// Claims that wait for this Pod to be placed.
    pub fn waiting(&self) -> &[Rc<Object>] {
        &self.waiting
    }
}

/// The claim that a Pod's volume is.
///
/// # Errors
/// Why the Pod cannot have it.
fn claim_of<'a>(pod: &Object, volume: &Volume, name: &str, store: &'a Store) -> Result<&'a Rc<Object>, String> {
    let own = !volume.ephemeral.is_null();
    let Some(object) = store.find(Kind::PersistentVolumeClaim, &pod.meta.namespace, name) else {
        let named = format!("persistentvolumeclaim \"{name}\"");
        return Err(match own {
            true => format!("waiting for ephemeral volume controller to create the {named}"),
            false => format!("{named} not found"),
        });
    };
    let claim = object.expect::<PersistentVolumeClaim>();
    if &*claim.status.phase == "Lost" {
        let volume = &claim.spec.volume_name;
        return Err(format!("persistentvolumeclaim \"{name}\" bound to non-existent persistentvolume \"{volume}\""));
    }
    if object.meta.deleting() {
        return Err(format!("persistentvolumeclaim \"{name}\" is being deleted"));
    }
    if own && !object.is_controlled_by(pod) {
        let (namespace, pod) = (&pod.meta.namespace, &pod.meta.name);
        return Err(format!("PVC {namespace}/{name} was not created for pod {namespace}/{pod} (pod is not owner)"));
    }
    Ok(object)
}

fn waits_for_consumer(store: &Store, claim: &PersistentVolumeClaim) -> bool {
    let class = claim.spec.class.as_deref().unwrap_or("");
    store.typed::<StorageClass>("", class).is_some_and(|(_, c)| &*c.binding_mode == "WaitForFirstConsumer")
}

pub fn check(pod: &Candidate, info: &NodeInfo) -> Verdict {
    if !pod.claims.bound.iter().all(|volume| reaches(volume.expect(), &info.node)) {
        return Verdict::never(RULE, "node(s) didn't match PersistentVolume's node affinity");
    }
    for (claim, volume) in matched(pod, &info.node) {
        if volume.is_some() {
            continue;
        }
        let elsewhere = claim.meta.annotations.get(SELECTED_NODE).is_some_and(|node| *node != info.node.meta.name);
        if elsewhere {
            return Verdict::never(RULE, "node(s) didn't find available persistent volumes to bind");
        }
        let spec = &claim.expect::<PersistentVolumeClaim>().spec;
        let class = spec.class.as_deref().unwrap_or("");
        let class = pod.store.typed::<StorageClass>("", class);
        let provisions = |c: &StorageClass| &*c.provisioner != "kubernetes.io/no-provisioner" && serves(c, &info.node);
        if class.is_none_or(|(_, class)| !provisions(class)) {
            return Verdict::never(RULE, "node(s) didn't find available persistent volumes to bind");
        }
    }
    Verdict::Fits
}

/// The claims that wait for this Pod, the smallest first, each with the volume that it would get on a node. One without
/// is to be provisioned, as is one for which a node was chosen before.
pub fn matched<'a>(pod: &'a Candidate, node: &Object) -> Vec<(&'a Rc<Object>, Option<&'a Rc<Object>>)> {
    let size = |claim: &Object| {
        let requests = &claim.expect::<PersistentVolumeClaim>().spec.resources.requests;
        requests.get("storage").map_or(0, |q| q.units())
    };
    let mut claims: Vec<&Rc<Object>> = pod.claims.waiting.iter().collect();
    claims.sort_by_key(|claim| size(claim));
    let mut taken: Vec<Rc<str>> = Vec::new();
    let volume_of = |claim: &'a Rc<Object>| {
        let free = pod.store.list(Kind::PersistentVolume).filter(|v| !taken.contains(&v.meta.name));
        let chosen = claim.meta.annotations.get(SELECTED_NODE).is_some();
        let found = best_match(claim, free.filter(|v| !chosen && reaches(v.expect(), node)));
        taken.extend(found.map(|volume| volume.meta.name.clone()));
        (claim, found)
    };
    claims.into_iter().map(volume_of).collect()
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
