//! Lets a claim or volume that is to be deleted go once nobody uses it any more.
//!
//! Kubernetes 1.36: pkg/controller/volume/pvcprotection, pvprotection

use crate::admission::in_use::{CLAIM_FINALIZER, VOLUME_FINALIZER};
use crate::api::Kind;
use crate::api::object::{Key, Object};
use crate::api::persistent_volume::PersistentVolume;
use crate::api::pod::Pod;
use crate::apiserver::Request;
use crate::claims;
use crate::cluster::Cluster;
use crate::outcome::Outcome;

/// Looks at a claim (its key has a namespace) or a volume.
pub fn wake(cluster: &Cluster, key: &Key) -> Outcome {
    let volume = key.namespace.is_empty();
    let kind = if volume { Kind::PersistentVolume } else { Kind::PersistentVolumeClaim };
    let Some(object) = cluster.store.get(kind, key).filter(|o| o.meta.deleting()) else { return Outcome::nothing() };
    let (finalizer, used, name) = if volume {
        let bound = &*object.expect::<PersistentVolume>().status.phase == "Bound";
        (VOLUME_FINALIZER, bound, "pv-protection-controller")
    } else {
        (CLAIM_FINALIZER, is_used(cluster, object), "pvc-protection-controller")
    };
    if used || !object.meta.has_finalizer(finalizer) {
        return Outcome::nothing();
    }
    let mut new = (**object).clone();
    new.meta.finalizers.make_mut().retain(|f| &**f != finalizer);
    Request::put(name, new).into()
}

/// Whether a Pod that is bound uses the claim, also one that has ended. A Pod that its kubelet has done with lets its own
/// claims go.
fn is_used(cluster: &Cluster, claim: &Object) -> bool {
    cluster.store.list_in(Kind::Pod, &claim.meta.namespace).any(|object| {
        let pod = object.expect::<Pod>();
        let shut_down = object.meta.deleting() && object.meta.deletion_grace == Some(0);
        let volumes = pod.spec.volumes.iter().filter(|volume| volume.claim.is_some() || !shut_down);
        let mut names = volumes.filter_map(|volume| claims::of_volume(&object.meta.name, volume));
        !pod.spec.node_name.is_empty() && names.any(|name| name == claim.meta.name)
    })
}
