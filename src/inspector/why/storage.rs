//! Claims and volumes: why the one waits, whose the other is, and what becomes of the data.

use super::{Need, Why, in_the_way, last_said};
use crate::inspector::portrait::Sitting;
use crate::terminal::EventRow;
use kubarium_sim::api::Kind;
use kubarium_sim::api::object::Object;
use kubarium_sim::api::persistent_volume::PersistentVolume;
use kubarium_sim::api::persistent_volume_claim::PersistentVolumeClaim;
use kubarium_sim::claims;
use kubarium_sim::cluster::Cluster;
use std::rc::Rc;

/// The most volumes that are told one by one.
const MOST_VOLUMES: usize = 12;

/// The Pods that use a claim and have not ended.
pub fn users<'a>(cluster: &'a Cluster, claim: &'a Object) -> impl Iterator<Item = &'a Rc<Object>> {
    let pods = cluster.store.list_in(Kind::Pod, &claim.meta.namespace);
    pods.filter(move |pod| claims::of_pod(pod).any(|name| *name == *claim.meta.name))
}

pub fn of_claim(sitting: &Sitting, object: &Object, claim: &PersistentVolumeClaim, events: &[EventRow]) -> Why {
    let (cluster, text) = (sitting.cluster, sitting.text);
    let class_name = claim.spec.class.as_deref().unwrap_or("");
    let with = [("name", &*object.meta.name), ("volume", &*claim.spec.volume_name), ("class", class_name)];
    let say = |title, lead| Why::say(text, title, lead, &with);
    if object.meta.deleting() {
        let used: Vec<&Rc<Object>> = users(cluster, object).collect();
        let lead = if used.is_empty() { "why-going-lead" } else { "why-claim-used-lead" };
        return say("why-going", lead).seeing(super::all(used.into_iter()));
    }
    match &*claim.status.phase {
        "Bound" => return say("why-bound", "why-bound-lead"),
        "Lost" => return say("why-lost", "why-lost-lead"),
        _ => {}
    }
    let said = last_said(
        events,
        &["ProvisioningFailed", "ExternalProvisioning", "WaitForFirstConsumer", "FailedBinding", "WaitForPodScheduled"],
    );
    let class = cluster.store.find(Kind::StorageClass, "", class_name);
    let waits = class.is_some_and(|c| c.raw().get("volumeBindingMode").as_str() == Some("WaitForFirstConsumer"));
    let used = users(cluster, object).next().is_some();
    let lead = match (class, waits) {
        _ if !claim.spec.volume_name.is_empty() => "why-claim-named-lead",
        (Some(_), true) if !used => "why-claim-unused-lead",
        (Some(_), true) => "why-claim-placed-lead",
        (Some(_), false) => "why-claim-made-lead",
        (None, _) if class_name.is_empty() => "why-claim-fits-lead",
        (None, _) => "why-claim-no-class-lead",
    };
    let why = say("why-claim-waits", lead).quoting(said).seeing(in_the_way(users(cluster, object)));
    // A volume of another class that somebody has is nobody's hope.
    let hope = |o: &&Rc<Object>| {
        o.get::<PersistentVolume>().is_some_and(|v| v.spec.claim.is_none() || *v.spec.class == *class_name)
    };
    let volumes = cluster.store.list(Kind::PersistentVolume).filter(hope).take(MOST_VOLUMES);
    let needs = volumes.filter_map(|volume| {
        let taken = || {
            let claim = volume.get::<PersistentVolume>()?.spec.claim.as_ref()?;
            Some(format!("{} {}", text.get("why-taken-by"), claim.name))
        };
        let reason = taken().or_else(|| claims::mismatch(object, volume))?;
        Some(Need { node: volume.meta.name.to_string(), reason, scarce: None })
    });
    Why { needs: if class.is_none() { needs.collect() } else { Vec::new() }, ..why }
}

pub fn of_volume(sitting: &Sitting, object: &Object, volume: &PersistentVolume, events: &[EventRow]) -> Why {
    let claim =
        volume.spec.claim.as_ref().map_or_else(String::new, |claim| format!("{}/{}", claim.namespace, claim.name));
    let with = [("claim", &*claim), ("name", &*object.meta.name)];
    let say = |title, lead| Why::say(sitting.text, title, lead, &with);
    let message = Some(volume.status.message.to_string()).filter(|m| !m.is_empty());
    let said = message.or_else(|| last_said(events, &["VolumeFailedDelete", "VolumeFailedRecycle"]));
    match &*volume.status.phase {
        _ if object.meta.deleting() => say("why-going", "why-volume-going-lead"),
        "Bound" => say("why-volume-bound", "why-volume-bound-lead"),
        "Released" if &*volume.spec.reclaim_policy == "Retain" => say("why-released", "why-retained-lead"),
        "Released" => say("why-released", "why-released-lead").quoting(said),
        "Failed" => say("why-volume-failed", "why-volume-failed-lead").quoting(said),
        _ if !claim.is_empty() => say("why-reserved", "why-reserved-lead"),
        _ => say("why-volume-free", "why-volume-free-lead"),
    }
}
