//! Kubernetes 1.36: pkg/controller/clusterroleaggregation/clusterroleaggregation_controller.go
//!
//! A ClusterRole with an aggregation rule has the rules of the ClusterRoles that it selects.

use crate::api::Kind;
use crate::api::object::Key;
use crate::apiserver::Request;
use crate::cluster::Cluster;
use crate::outcome::Outcome;
use crate::rbac;

const BY: &str = "clusterrole-aggregation-controller";

/// Looks at a ClusterRole.
pub fn wake(cluster: &Cluster, key: &Key) -> Outcome {
    let Some(role) = cluster.store.get(Kind::ClusterRole, key).filter(|r| !r.meta.deleting()) else {
        return Outcome::nothing();
    };
    match rbac::aggregated(cluster, role) {
        Some(rules) if rules != *role.raw().get("rules") => {
            let mut new = (**role).clone();
            new.edit(|raw| raw.set("rules", rules));
            Request::put(BY, new).into()
        }
        _ => Outcome::nothing(),
    }
}
