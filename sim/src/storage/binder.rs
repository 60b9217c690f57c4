//! Binds claims to volumes, and follows both through their phases. One write a pass: its change brings the next pass.
//!
//! Kubernetes 1.36: pkg/controller/volume/persistentvolume/pv_controller.go. Not simulated: recycling, migration from
//! in-tree plug-ins to drivers.

use super::provisioner;
use crate::admission::storage_class::default_class;
use crate::api::Kind;
use crate::api::endpoint_slice::Reference;
use crate::api::object::{Key, Object};
use crate::api::persistent_volume::PersistentVolume;
use crate::api::persistent_volume_claim::PersistentVolumeClaim;
use crate::api::pod::Pod;
use crate::api::storage_class::StorageClass;
use crate::apiserver::events::Note;
use crate::apiserver::{DeleteOptions, Request};
use crate::claims::{self, BIND_COMPLETED, BOUND_BY_CONTROLLER, best_match, is_bound, refer_to_claim};
use crate::clock::Time;
use crate::cluster::Cluster;
use crate::outcome::Outcome;
use crate::value::Value;
use std::rc::Rc;

pub const NAME: &str = "persistentvolume-controller";
/// Claims and volumes are looked at again on a clock of its own, whatever happens.
const RESYNC_MS: u64 = 15_000;

/// Looks at a claim (its key has a namespace) or a volume.
pub fn wake(cluster: &Cluster, key: &Key) -> Outcome {
    let kind = if key.namespace.is_empty() { Kind::PersistentVolume } else { Kind::PersistentVolumeClaim };
    match cluster.store.get(kind, key) {
        Some(object) if kind == Kind::PersistentVolume => sync_volume(cluster, object),
        Some(object) if is_bound(object) => sync_bound_claim(cluster, object),
        Some(object) => sync_unbound_claim(cluster, object),
        None => Outcome::nothing(),
    }
}

/// The next beat of the clock.
pub fn next_resync(now: Time) -> Time {
    Time((now.0 / RESYNC_MS + 1) * RESYNC_MS)
}

fn sync_bound_claim(cluster: &Cluster, object: &Rc<Object>) -> Outcome {
    let claim = object.expect::<PersistentVolumeClaim>();
    let Some(volume) = cluster.store.find(Kind::PersistentVolume, "", &claim.spec.volume_name) else {
        return lose(object, "ClaimLost", "Bound claim has lost its PersistentVolume. Data on the volume is lost!");
    };
    match &volume.expect::<PersistentVolume>().spec.claim {
        // It has come unbound, or is another of that name: it is taken again.
        None => bind(object, volume),
        Some(reference) if reference.uid == object.meta.uid => match bind(object, volume) {
            outcome if outcome.deeds.is_empty() => set_claim_bound(object, volume),
            outcome => outcome,
        },
        Some(_) => {
            let text = "Two claims are bound to the same volume, this one is bound incorrectly";
            lose(object, "ClaimMisbound", text)
        }
    }
}

fn lose(object: &Rc<Object>, reason: &str, text: &str) -> Outcome {
    if &*object.expect::<PersistentVolumeClaim>().status.phase == "Lost" {
        return Outcome::nothing();
    }
    let mut outcome = set_claim_phase(object, "Lost");
    outcome.event(Note::warning(object, NAME, reason, text));
    outcome
}

fn sync_unbound_claim(cluster: &Cluster, object: &Rc<Object>) -> Outcome {
    let claim = object.expect::<PersistentVolumeClaim>();
    if &*claim.spec.volume_name == "" {
        return match find_volume(cluster, object) {
            Some(volume) => bind(object, volume),
            None => take_default(cluster, object).unwrap_or_else(|| wait_or_provision(cluster, object)),
        };
    }
    let Some(volume) = cluster.store.find(Kind::PersistentVolume, "", &claim.spec.volume_name) else {
        return waiting(cluster, set_claim_phase(object, "Pending"));
    };
    match &volume.expect::<PersistentVolume>().spec.claim {
        Some(claim) if !is_of(claim, object) => {
            let mut outcome = set_claim_phase(object, "Pending");
            let text = format!("volume \"{}\" already bound to a different claim.", volume.meta.name);
            outcome.event(Note::warning(object, NAME, "FailedBinding", text));
            waiting(cluster, outcome)
        }
        None => match claims::mismatch(object, volume) {
            Some(why) => {
                let mut outcome = set_claim_phase(object, "Pending");
                let text = format!("Cannot bind to requested volume \"{}\": {why}", volume.meta.name);
                outcome.event(Note::warning(object, NAME, "VolumeMismatch", text));
                waiting(cluster, outcome)
            }
            None => bind(object, volume),
        },
        Some(_) => bind(object, volume),
    }
}

/// A claim that was made when there was no default class gets the one that there is now.
fn take_default(cluster: &Cluster, object: &Rc<Object>) -> Option<Outcome> {
    let named = object.expect::<PersistentVolumeClaim>().spec.class.is_some()
        || object.meta.annotations.get("volume.beta.kubernetes.io/storage-class").is_some();
    let class = default_class(cluster).filter(|_| !named)?;
    let mut new = (**object).clone();
    new.edit(|raw| raw.at_mut(&["spec"]).set("storageClassName", Value::Str(class.meta.name.clone())));
    Some(Request::put(NAME, new).into())
}

/// Asks to look again at the next beat.
fn waiting(cluster: &Cluster, mut outcome: Outcome) -> Outcome {
    outcome.again_at(next_resync(cluster.now));
    outcome
}

/// Whether a volume's reference means this claim.
fn is_of(reference: &Reference, claim: &Object) -> bool {
    reference.name == claim.meta.name
        && reference.namespace == claim.meta.namespace
        && (reference.uid.is_empty() || reference.uid == claim.meta.uid)
}

fn class_of<'a>(cluster: &'a Cluster, claim: &PersistentVolumeClaim) -> Option<&'a StorageClass> {
    cluster.store.typed::<StorageClass>("", claim.spec.class.as_deref().unwrap_or("")).map(|(_, class)| class)
}

fn selected_node(object: &Object) -> Option<&Rc<str>> {
    object.meta.annotations.get("volume.kubernetes.io/selected-node")
}

/// The volume for a claim: one that is set aside for it, or the best that is free. For a claim that waits for its first
/// consumer the scheduler sets one aside that the chosen node reaches.
fn find_volume<'a>(cluster: &'a Cluster, object: &Object) -> Option<&'a Rc<Object>> {
    let claim = object.expect::<PersistentVolumeClaim>();
    let volumes = || cluster.store.list(Kind::PersistentVolume);
    let reserved =
        |v: &&Rc<Object>| v.expect::<PersistentVolume>().spec.claim.as_ref().is_some_and(|c| is_of(c, object));
    let delayed = class_of(cluster, claim).is_some_and(|c| &*c.binding_mode == "WaitForFirstConsumer");
    best_match(object, volumes().filter(|volume| !delayed || reserved(volume)))
}

fn wait_or_provision(cluster: &Cluster, object: &Rc<Object>) -> Outcome {
    let claim = object.expect::<PersistentVolumeClaim>();
    let name = claim.spec.class.as_deref().unwrap_or("");
    let class = class_of(cluster, claim);
    let mut outcome = set_claim_phase(object, "Pending");
    if class.is_some_and(|c| &*c.binding_mode == "WaitForFirstConsumer") && selected_node(object).is_none() {
        let pods = consumers(cluster, object);
        let (reason, text) = match &pods[..] {
            [] => ("WaitForFirstConsumer", "waiting for first consumer to be created before binding".into()),
            [pod] => ("WaitForPodScheduled", format!("waiting for pod {pod} to be scheduled")),
            many => ("WaitForPodScheduled", format!("waiting for pods {} to be scheduled", many.join(","))),
        };
        outcome.event(Note::normal(object, NAME, reason, text));
        return waiting(cluster, outcome);
    }
    if name.is_empty() {
        let text = "no persistent volumes available for this claim and no storage class is set";
        outcome.event(Note::normal(object, NAME, "FailedBinding", text));
        return waiting(cluster, outcome);
    }
    provisioner::provision(cluster, object, name, class, outcome)
}

/// The Pods that use the claim and wait to be scheduled.
fn consumers(cluster: &Cluster, claim: &Object) -> Vec<Rc<str>> {
    let pods = cluster.store.pods_on("").filter(|p| p.meta.namespace == claim.meta.namespace);
    let active = pods.filter(|p| !p.expect::<Pod>().status.finished());
    let users = active.filter(|p| claims::of_pod(p).any(|name| name == claim.meta.name));
    users.map(|p| p.meta.name.clone()).collect()
}

/// One step of binding: the volume's reference, its phase, the claim's reference, the claim's phase.
fn bind(claim: &Rc<Object>, volume: &Rc<Object>) -> Outcome {
    let spec = &volume.expect::<PersistentVolume>().spec;
    let complete = spec.claim.as_ref().is_some_and(|c| is_of(c, claim) && c.uid == claim.meta.uid);
    if !complete {
        return Request::put(NAME, refer_to_claim(claim, volume)).into();
    }
    if &*volume.expect::<PersistentVolume>().status.phase != "Bound" {
        return set_volume_phase(volume, "Bound", "");
    }
    if is_bound(claim) {
        return Outcome::nothing();
    }
    let mut new = (**claim).clone();
    if new.expect::<PersistentVolumeClaim>().spec.volume_name.is_empty() {
        new.meta.annotations.insert(BOUND_BY_CONTROLLER, "yes");
    }
    new.meta.annotations.insert(BIND_COMPLETED, "yes");
    new.edit(|raw| raw.at_mut(&["spec"]).set("volumeName", Value::Str(volume.meta.name.clone())));
    Request::put(NAME, new).into()
}

/// Puts the volume's size and modes into the status of a claim that has it.
fn set_claim_bound(claim: &Rc<Object>, volume: &Rc<Object>) -> Outcome {
    let mut new = (**claim).clone();
    let volume = volume.expect::<PersistentVolume>();
    let status = &mut new.expect_mut::<PersistentVolumeClaim>().status;
    status.phase = "Bound".into();
    status.access_modes = volume.spec.access_modes.clone();
    if status.capacity.is_empty() {
        status.capacity = volume.spec.capacity.clone();
    }
    changed(claim, new)
}

/// The phase of a claim that has no volume.
fn set_claim_phase(claim: &Rc<Object>, phase: &str) -> Outcome {
    let mut new = (**claim).clone();
    let status = &mut new.expect_mut::<PersistentVolumeClaim>().status;
    status.phase = phase.into();
    status.access_modes = Default::default();
    status.capacity = Default::default();
    changed(claim, new)
}

/// Writes the status if it differs.
fn changed(old: &Rc<Object>, new: Object) -> Outcome {
    if new == **old { Outcome::nothing() } else { Request::put_status(NAME, new).into() }
}

fn set_volume_phase(volume: &Rc<Object>, phase: &str, message: &str) -> Outcome {
    let mut new = (**volume).clone();
    let status = &mut new.expect_mut::<PersistentVolume>().status;
    status.phase = phase.into();
    status.message = message.into();
    changed(volume, new)
}

fn sync_volume(cluster: &Cluster, object: &Rc<Object>) -> Outcome {
    let volume = object.expect::<PersistentVolume>();
    let Some(reference) = volume.spec.claim.as_ref().filter(|c| !c.uid.is_empty()) else {
        return set_volume_phase(object, "Available", "");
    };
    let claim = cluster.store.find(Kind::PersistentVolumeClaim, &reference.namespace, &reference.name);
    match claim.filter(|c| c.meta.uid == reference.uid) {
        Some(claim) if claim.expect::<PersistentVolumeClaim>().spec.volume_name == object.meta.name => {
            set_volume_phase(object, "Bound", "")
        }
        Some(_) => Outcome::nothing(),
        None if !matches!(&*volume.status.phase, "Released" | "Failed") => set_volume_phase(object, "Released", ""),
        None if &*volume.spec.reclaim_policy == "Delete" => reclaim(cluster, object, volume),
        None => Outcome::nothing(),
    }
}

/// Deletes a released volume: what it stands for, then itself.
fn reclaim(cluster: &Cluster, object: &Rc<Object>, volume: &PersistentVolume) -> Outcome {
    if object.meta.deleting() {
        return finalize(cluster, object);
    }
    if let Err(text) = provisioner::delete_backing(object, volume) {
        if &*volume.status.phase == "Failed" {
            return Outcome::nothing();
        }
        let mut outcome = set_volume_phase(object, "Failed", &text);
        outcome.event(Note::warning(object, NAME, "VolumeFailedDelete", text));
        return outcome;
    }
    Request::delete(NAME, Kind::PersistentVolume, object.key(), DeleteOptions::default()).into()
}

/// Takes the controller's finalizer off a volume that is going; one time in two the real one, which has just set it anew
/// by a stale copy, does so at its clock's next beat only.
fn finalize(cluster: &Cluster, object: &Rc<Object>) -> Outcome {
    if !object.meta.has_finalizer(provisioner::FINALIZER) {
        return Outcome::nothing();
    }
    let deleted = object.meta.deletion.map_or(cluster.now, |d| cluster.time_of(d));
    let late = cluster.dice.below(2, &object.meta.uid, "volume's finalizer") == 0;
    let beat = if late { next_resync(deleted) } else { deleted };
    if cluster.now < beat {
        let mut outcome = Outcome::nothing();
        outcome.again_at(beat);
        return outcome;
    }
    let mut new = (**object).clone();
    new.meta.finalizers.make_mut().retain(|f| &**f != provisioner::FINALIZER);
    Request::put(NAME, new).into()
}
