//! Kubernetes 1.36: pkg/controller/volume/ephemeral/controller.go
//!
//! A Pod's ephemeral volumes are claims of its own: made for it, owned by it, and gone with it.

use crate::api::object::{Key, Object};
use crate::api::pod::{Pod, Volume};
use crate::api::{Field, Kind};
use crate::apiserver::events::Note;
use crate::apiserver::{Request, Status};
use crate::claims;
use crate::cluster::Cluster;
use crate::outcome::Outcome;
use crate::value::Value;
use std::rc::Rc;

const BY: &str = "ephemeral_volume";

/// Looks at a Pod.
pub fn wake(cluster: &Cluster, key: &Key) -> Outcome {
    let mut out = Outcome::nothing();
    let Some(object) = cluster.store.get(Kind::Pod, key).filter(|o| !o.meta.deleting()) else { return out };
    for (volume, name) in of_pod(object) {
        let Some(claim) = cluster.store.find(Kind::PersistentVolumeClaim, &key.namespace, &name) else {
            out.request(Request::create(BY, Kind::PersistentVolumeClaim, claim_of(object, volume, &name)));
            continue;
        };
        if !claim.is_controlled_by(object) {
            let (namespace, pod) = (&key.namespace, &key.name);
            let why = format!("PVC {namespace}/{name} was not created for pod {namespace}/{pod} (pod is not owner)");
            out.event(failed(object, volume, &why));
            break;
        }
    }
    out
}

/// Says in an event that a claim was refused.
pub fn refused(cluster: &Cluster, key: &Key, request: &Request, status: &Status) -> Outcome {
    let mut out = Outcome::nothing();
    let Some(object) = cluster.store.get(Kind::Pod, key) else { return out };
    if let Some((volume, name)) = of_pod(object).find(|(_, name)| *name == request.key.name) {
        out.event(failed(object, volume, &format!("create PVC {name}: {status}")));
    }
    out
}

/// A Pod's ephemeral volumes, with the names of their claims.
pub fn of_pod(object: &Object) -> impl Iterator<Item = (&Volume, Rc<str>)> {
    let volumes = object.expect::<Pod>().spec.volumes.iter().filter(|volume| !volume.ephemeral.is_null());
    volumes.filter_map(|volume| Some((volume, claims::of_volume(&object.meta.name, volume)?)))
}

fn failed(object: &Rc<Object>, volume: &Volume, why: &str) -> Note {
    Note::warning(object, BY, "FailedBinding", format!("ephemeral volume {}: {why}", volume.name))
}

fn claim_of(object: &Object, volume: &Volume, name: &str) -> Value {
    let template = volume.ephemeral.get("volumeClaimTemplate");
    let mut meta = Value::map([
        ("name", Value::from(name)),
        ("namespace", Value::Str(object.meta.namespace.clone())),
        ("ownerReferences", Value::list(vec![object.controller_reference().write()])),
    ]);
    for field in ["annotations", "labels"] {
        let given = template.at(&["metadata", field]);
        if !given.is_null() {
            meta.set(field, given.clone());
        }
    }
    Value::map([("metadata", meta), ("spec", template.get("spec").clone())])
}
