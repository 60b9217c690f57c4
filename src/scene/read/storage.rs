//! Volumes on the shelf: PersistentVolumes, and claims that wait for one.

use super::{Source, id_of, key_of};
use crate::scene::model::{Volume, VolumePhase};
use kubarium_sim::api::Kind;
use kubarium_sim::api::object::{Key, Object};
use kubarium_sim::api::persistent_volume::PersistentVolume;
use kubarium_sim::api::persistent_volume_claim::PersistentVolumeClaim;
use std::collections::BTreeMap;
use std::rc::Rc;

pub fn read(source: &Source) -> Vec<Volume> {
    let users = &source.index.users;
    let store = &source.cluster.store;
    let mut objects: Vec<&Rc<Object>> = store.list(Kind::PersistentVolume).collect();
    objects.extend(
        store.list(Kind::PersistentVolumeClaim).filter(|object| {
            source.shows(object) && object.expect::<PersistentVolumeClaim>().spec.volume_name.is_empty()
        }),
    );
    objects.sort_by_key(|object| (object.meta.creation, object.meta.uid.clone()));
    objects
        .into_iter()
        .map(|object| match object.kind {
            Kind::PersistentVolume => volume(object, users),
            _ => claim(object, users),
        })
        .collect()
}

fn volume(object: &Rc<Object>, users: &BTreeMap<Key, Vec<usize>>) -> Volume {
    let body = object.expect::<PersistentVolume>();
    let phase = match &*body.status.phase {
        "Bound" => VolumePhase::Bound,
        "Released" => VolumePhase::Released,
        "Failed" => VolumePhase::Failed,
        _ => VolumePhase::Available,
    };
    let claim = body.spec.claim.as_ref();
    let pods = claim
        .filter(|_| phase == VolumePhase::Bound)
        .and_then(|claim| users.get(&Key::new(claim.namespace.clone(), claim.name.clone())));
    Volume {
        id: id_of(object),
        key: key_of(object),
        name: Some(object.meta.name.clone()),
        claim: claim.map(|claim| claim.name.clone()),
        size: body.spec.capacity.get("storage").map_or(String::new(), |amount| amount.to_string()),
        modes: modes(&body.spec.access_modes),
        class: body.spec.class.to_string(),
        phase,
        pods: pods.cloned().unwrap_or_default(),
    }
}

fn claim(object: &Rc<Object>, users: &BTreeMap<Key, Vec<usize>>) -> Volume {
    let body = object.expect::<PersistentVolumeClaim>();
    Volume {
        id: id_of(object),
        key: key_of(object),
        name: None,
        claim: Some(object.meta.name.clone()),
        size: body.spec.resources.requests.get("storage").map_or(String::new(), |amount| amount.to_string()),
        modes: modes(&body.spec.access_modes),
        class: body.spec.class.as_deref().unwrap_or("").to_string(),
        phase: VolumePhase::Pending,
        pods: users.get(&object.key()).cloned().unwrap_or_default(),
    }
}

/// `RWO,ROX`
fn modes(modes: &[Rc<str>]) -> String {
    let short = |mode: &Rc<str>| match &**mode {
        "ReadWriteOnce" => "RWO",
        "ReadOnlyMany" => "ROX",
        "ReadWriteMany" => "RWX",
        "ReadWriteOncePod" => "RWOP",
        _ => "?",
    };
    modes.iter().map(short).collect::<Vec<_>>().join(",")
}
