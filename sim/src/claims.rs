//! Which volume serves a claim: what the volume binder and the scheduler both ask.
//!
//! Kubernetes 1.36: pkg/controller/volume/persistentvolume/index.go, staging/src/k8s.io/component-helpers/storage/volume

use crate::api::Field;
use crate::api::endpoint_slice::Reference;
use crate::api::object::Object;
use crate::api::persistent_volume::PersistentVolume;
use crate::api::persistent_volume_claim::PersistentVolumeClaim;
use crate::api::pod::{Pod, Volume};
use std::rc::Rc;

/// Says that a claim's binding is complete on both sides.
pub const BIND_COMPLETED: &str = "pv.kubernetes.io/bind-completed";
/// Says that the controller bound it, not a user.
pub const BOUND_BY_CONTROLLER: &str = "pv.kubernetes.io/bound-by-controller";

/// The name of the claim that a Pod's volume is: one that it names, or its own if it is ephemeral.
pub fn of_volume(pod: &str, volume: &Volume) -> Option<Rc<str>> {
    match &volume.claim {
        Some(claim) => Some(claim.name.clone()),
        None if !volume.ephemeral.is_null() => Some(format!("{pod}-{}", volume.name).into()),
        None => None,
    }
}

/// The names of the claims that a Pod's volumes are.
pub fn of_pod(pod: &Object) -> impl Iterator<Item = Rc<str>> {
    pod.expect::<Pod>().spec.volumes.iter().filter_map(|volume| of_volume(&pod.meta.name, volume))
}

/// Whether a claim has its volume.
pub fn is_bound(claim: &Object) -> bool {
    !claim.expect::<PersistentVolumeClaim>().spec.volume_name.is_empty()
        && claim.meta.annotations.get(BIND_COMPLETED).is_some()
}

/// A volume that is a claim's.
pub fn refer_to_claim(claim: &Object, volume: &Object) -> Object {
    let mut new = volume.clone();
    if volume.expect::<PersistentVolume>().spec.claim.is_none() {
        new.meta.annotations.insert(BOUND_BY_CONTROLLER, "yes");
    }
    let reference = claim_reference(claim);
    new.edit(|raw| raw.at_mut(&["spec"]).set("claimRef", Field::write(&reference)));
    new
}

/// How a volume refers to its claim.
pub fn claim_reference(claim: &Object) -> Reference {
    Reference {
        api_version: "v1".into(),
        kind: "PersistentVolumeClaim".into(),
        name: claim.meta.name.clone(),
        namespace: claim.meta.namespace.clone(),
        resource_version: claim.meta.resource_version.0.to_string().into(),
        uid: claim.meta.uid.clone(),
        ..Default::default()
    }
}

/// The smallest free volume that serves a claim; one that was set aside for it comes first. Of equal ones the first by
/// name.
pub fn best_match<'a>(claim: &Object, volumes: impl Iterator<Item = &'a Rc<Object>>) -> Option<&'a Rc<Object>> {
    let mut best: Option<(&'a Rc<Object>, Rank)> = None;
    for volume in volumes {
        let Some(rank) = rank(claim, volume) else { continue };
        if best.as_ref().is_none_or(|(_, b)| rank < *b) {
            best = Some((volume, rank));
        }
    }
    best.map(|(volume, _)| volume)
}

/// Why a volume that a claim asks for by name cannot serve it.
pub fn mismatch(claim: &Object, object: &Object) -> Option<String> {
    let wanted = &claim.expect::<PersistentVolumeClaim>().spec;
    let volume = &object.expect::<PersistentVolume>().spec;
    let storage = |list: &crate::api::Amounts| list.get("storage").map_or(0, |q| q.units());
    if object.meta.deleting() {
        return Some(format!("the volume is marked for deletion \"{}\"", object.meta.name));
    }
    let why = if storage(&volume.capacity) < storage(&wanted.resources.requests) {
        "requested PV is too small"
    } else if *volume.class != *wanted.class.as_deref().unwrap_or("") {
        "storageClassName does not match"
    } else if volume.volume_mode != wanted.volume_mode {
        "incompatible volumeMode"
    } else if !wanted.access_modes.iter().all(|mode| volume.access_modes.contains(mode)) {
        "incompatible accessMode"
    } else {
        return None;
    };
    Some(why.into())
}

/// Lower is better: set aside for the claim, as few further access modes as can be, small, first by name.
type Rank = (bool, usize, i64, Rc<str>);

fn rank(claim: &Object, object: &Object) -> Option<Rank> {
    let wanted = &claim.expect::<PersistentVolumeClaim>().spec;
    let volume = object.expect::<PersistentVolume>();
    if object.meta.deleting() {
        return None;
    }
    let reserved = match &volume.spec.claim {
        Some(r) if r.name == claim.meta.name && r.namespace == claim.meta.namespace => {
            if !r.uid.is_empty() && r.uid != claim.meta.uid {
                return None;
            }
            true
        }
        Some(_) => return None,
        None => false,
    };
    let enough = |name: &str| {
        let (has, asks) = (volume.spec.capacity.get(name), wanted.resources.requests.get(name));
        has.map_or(0, |q| q.units()) >= asks.map_or(0, |q| q.units())
    };
    let class = wanted.class.as_deref().unwrap_or("");
    let fits = enough("storage")
        && volume.spec.volume_mode == wanted.volume_mode
        && wanted.access_modes.iter().all(|m| volume.spec.access_modes.contains(m));
    // What was set aside by hand is not asked for its class or labels again.
    let selected = reserved
        || (*volume.spec.class == *class
            && wanted.selector.as_ref().is_none_or(|s| s.matches(&object.meta.labels))
            && matches!(&*volume.status.phase, "Available" | "Pending" | ""));
    let size = volume.spec.capacity.get("storage").map_or(0, |q| q.units());
    let rank = (!reserved, volume.spec.access_modes.len(), size, object.meta.name.clone());
    (fits && selected).then_some(rank)
}
