//! A volume belongs to one claim.

use super::{Seen, says};
use kubarium_sim::api::Kind;
use kubarium_sim::api::persistent_volume::PersistentVolume;
use kubarium_sim::api::persistent_volume_claim::PersistentVolumeClaim;
use kubarium_sim::store::Change;

pub fn no_volume_for_two(seen: &Seen, change: &Change) -> Option<String> {
    let new = change.new.as_ref()?;
    let claim = new.get::<PersistentVolumeClaim>()?;
    let volume = &claim.spec.volume_name;
    if volume.is_empty() || &*claim.status.phase != "Bound" {
        return None;
    }
    let store = &seen.cluster.store;
    let same = |o: &&std::rc::Rc<_>| {
        let other: &kubarium_sim::api::Object = o;
        let body = other.expect::<PersistentVolumeClaim>();
        other.meta.uid != new.meta.uid && body.spec.volume_name == *volume && &*body.status.phase == "Bound"
    };
    if let Some(other) = store.list(Kind::PersistentVolumeClaim).find(same) {
        return says(&change.key, format!("shares {volume} with {}", other.key()));
    }
    let (_, body) = store.typed::<PersistentVolume>("", volume)?;
    let owner = body.spec.claim.as_ref().map(|c| c.uid.clone());
    (owner.as_ref() != Some(&new.meta.uid))
        .then(|| format!("{}: is bound to {volume}, which is not its own", change.key))
}
