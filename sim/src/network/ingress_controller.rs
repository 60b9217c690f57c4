//! Not of Kubernetes: an ingress controller like ingress-nginx, where the cluster has one. It says of each Ingress that is its
//! own where it is reached; where requests then go, `ingress` tells. Not simulated: that it is itself a Deployment.

use super::ingress::{ADDRESS, is_own};
use crate::api::Kind;
use crate::api::object::Key;
use crate::apiserver::Request;
use crate::apiserver::events::Note;
use crate::cluster::Cluster;
use crate::outcome::Outcome;
use crate::value::Value;

const BY: &str = "nginx-ingress-controller";

/// Looks at an Ingress.
pub fn wake(cluster: &Cluster, key: &Key) -> Outcome {
    let mut out = Outcome::nothing();
    let Some(object) = cluster.store.get(Kind::Ingress, key) else { return out };
    if !cluster.plane.ingress_controller || object.meta.deleting() || !is_own(cluster, object) {
        return out;
    }
    let status = Value::map([("ingress", Value::list(vec![Value::map([("ip", Value::from(ADDRESS))])]))]);
    if *object.status().get("loadBalancer") != status {
        let mut new = (**object).clone();
        new.set_status(Value::map([("loadBalancer", status)]));
        out.event(Note::normal(object, BY, "Sync", "Scheduled for sync"));
        out.request(Request::put_status(BY, new));
    }
    out
}
