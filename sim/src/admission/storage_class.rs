//! Gives a claim that names no class the default one: of several, the newest.
//!
//! Kubernetes 1.36: plugin/pkg/admission/storage/storageclass/setdefault/admission.go

use crate::api::Kind;
use crate::api::object::Object;
use crate::api::storage_class::DEFAULT_CLASS;
use crate::cluster::Cluster;
use crate::value::Value;
use std::rc::Rc;

pub fn mutate(cluster: &Cluster, claim: &mut Value) {
    if !claim.at(&["spec", "storageClassName"]).is_null() {
        return;
    }
    let annotation = "volume.beta.kubernetes.io/storage-class";
    if !claim.at(&["metadata", "annotations", annotation]).is_null() {
        return;
    }
    if let Some(class) = default_class(cluster) {
        claim.at_mut(&["spec"]).set("storageClassName", Value::Str(class.meta.name.clone()));
    }
}

/// The class for claims that name none.
pub fn default_class(cluster: &Cluster) -> Option<&Rc<Object>> {
    let classes = cluster.store.list(Kind::StorageClass);
    let defaults = classes.filter(|c| c.meta.annotations.get(DEFAULT_CLASS).is_some_and(|v| &**v == "true"));
    defaults.max_by_key(|c| (c.meta.creation, std::cmp::Reverse(c.meta.name.clone())))
}
