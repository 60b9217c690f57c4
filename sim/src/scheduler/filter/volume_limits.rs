//! Kubernetes 1.36: pkg/scheduler/framework/plugins/nodevolumelimits/csi.go. A driver attaches only so many volumes to a node: what
//! the node's CSINode says. Not simulated: volumes of in-tree plug-ins that a driver stands in for.

use super::{Candidate, Verdict};
use crate::api::Kind;
use crate::api::object::Object;
use crate::api::persistent_volume_claim::PersistentVolumeClaim;
use crate::api::storage_class::StorageClass;
use crate::claims;
use crate::scheduler::node_info::{NodeInfo, takes_room};
use crate::store::Store;
use std::collections::BTreeSet;
use std::rc::Rc;

pub const RULE: &str = "NodeVolumeLimits";

/// The name of the driver, and what it calls the volume.
pub type Attached = (Rc<str>, Rc<str>);

/// What plug-ins in the tree call themselves that a driver stands in for.
const IN_TREE: &str = "kubernetes.io/";

/// The volume that a claim is, or will be, if a driver attaches it.
pub fn of_claim(claim: &Object, store: &Store) -> Option<Attached> {
    let spec = &claim.expect::<PersistentVolumeClaim>().spec;
    let bound = Some(&spec.volume_name).filter(|name| !name.is_empty());
    match bound.and_then(|name| store.find(Kind::PersistentVolume, "", name)) {
        Some(volume) => of_volume(volume),
        None => {
            let class = spec.class.as_deref().filter(|class| !class.is_empty())?;
            let (_, class) = store.typed::<StorageClass>("", class)?;
            // As long as it has no name, it is told apart by its claim.
            let named = || format!("{}/{}", claim.meta.namespace, claim.meta.name).into();
            (!class.provisioner.starts_with(IN_TREE)).then(|| (class.provisioner.clone(), named()))
        }
    }
}

fn of_volume(volume: &Object) -> Option<Attached> {
    let text = |key| volume.raw().at(&["spec", "csi", key]).as_str();
    Some((text("driver")?.into(), text("volumeHandle")?.into()))
}

/// The volumes that a Pod's claims are.
fn of_pod<'a>(pod: &'a Object, store: &'a Store) -> impl Iterator<Item = Attached> {
    let claims = claims::of_pod(pod);
    let found = claims.filter_map(move |name| store.find(Kind::PersistentVolumeClaim, &pod.meta.namespace, &name));
    found.filter_map(move |claim| of_claim(claim, store))
}

/// How many volumes a driver attaches to a node; `None`: no limit.
pub fn limit(csi_node: &Object, driver: &str) -> Option<i64> {
    let drivers = csi_node.raw().at(&["spec", "drivers"]).items();
    let own = drivers.iter().find(|own| own.get("name").as_str() == Some(driver))?;
    own.at(&["allocatable", "count"]).as_int()
}

/// Whether a driver attaches more than before.
pub fn rises(old: &Object, new: &Object) -> bool {
    let mut drivers = new.raw().at(&["spec", "drivers"]).items().iter().filter_map(|own| own.get("name").as_str());
    drivers.any(|driver| limit(new, driver).unwrap_or(0) > limit(old, driver).unwrap_or(0))
}

pub fn check(pod: &Candidate, info: &NodeInfo) -> Verdict {
    let (store, node) = (pod.store, &info.node.meta.name);
    let Some(csi_node) = store.find(Kind::CSINode, "", node) else { return Verdict::Fits };
    let limited = pod.claims.attached.iter().filter(|(driver, _)| limit(csi_node, driver).is_some());
    let wanted: BTreeSet<&Attached> = limited.collect();
    if wanted.is_empty() {
        return Verdict::Fits;
    }
    let stays = |other: &&Rc<Object>| takes_room(other) && pod.gone.iter().all(|gone| gone.meta.uid != other.meta.uid);
    let mut there: BTreeSet<Attached> = store.pods_on(node).filter(stays).flat_map(|pod| of_pod(pod, store)).collect();
    let new: Vec<&Attached> = wanted.into_iter().filter(|volume| !there.contains(*volume)).collect();
    there.extend(store.list(Kind::VolumeAttachment).filter_map(|attachment| attached(attachment, node, store)));
    let exceeded = |driver: &str| {
        let used = there.iter().map(|(own, _)| own).chain(new.iter().map(|(own, _)| own));
        limit(csi_node, driver).is_some_and(|most| used.filter(|own| ***own == *driver).count() as i64 > most)
    };
    match new.iter().any(|(driver, _)| exceeded(driver)) {
        true => Verdict::full(RULE, "node(s) exceed max volume count"),
        false => Verdict::Fits,
    }
}

/// What a VolumeAttachment says to be attached to a node.
fn attached(attachment: &Object, node: &str, store: &Store) -> Option<Attached> {
    let spec = attachment.raw().get("spec");
    if spec.get("nodeName").as_str() != Some(node) {
        return None;
    }
    let driver = spec.get("attacher").as_str().filter(|driver| !driver.is_empty())?;
    let volume = store.find(Kind::PersistentVolume, "", spec.at(&["source", "persistentVolumeName"]).as_str()?)?;
    Some((driver.into(), of_volume(volume)?.1))
}
