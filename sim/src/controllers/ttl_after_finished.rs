//! Kubernetes 1.36: pkg/controller/ttlafterfinished/ttlafterfinished_controller.go
//!
//! Deletes a finished Job, with its Pods, when its time to live is over.

use super::job;
use crate::api::job::Job;
use crate::api::object::Key;
use crate::api::{Kind, Stamp};
use crate::apiserver::{DeleteOptions, Propagation, Request};
use crate::cluster::Cluster;
use crate::outcome::Outcome;

/// Looks at a Job.
pub fn wake(cluster: &Cluster, key: &Key) -> Outcome {
    let mut out = Outcome::nothing();
    let Some(object) = cluster.store.get(Kind::Job, key).filter(|j| !j.meta.deleting()) else { return out };
    let (Some(ttl), Some(since)) = (object.expect::<Job>().spec.ttl, job::finished_since(object)) else { return out };
    let end = cluster.time_of(Stamp(since.0 + ttl * 1000));
    if cluster.now < end {
        out.again_at(end);
        return out;
    }
    let propagation = Propagation::Foreground;
    let options = DeleteOptions { propagation, uid: Some(object.meta.uid.clone()), ..Default::default() };
    out.request(Request::delete("ttl-after-finished-controller", Kind::Job, key.clone(), options));
    out
}
