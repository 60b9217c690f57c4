//! Gives an Ingress that names no class the default one: of several, the newest.
//!
//! Kubernetes 1.36: plugin/pkg/admission/network/defaultingressclass/admission.go

use crate::api::Kind;
use crate::cluster::Cluster;
use crate::value::Value;

pub const DEFAULT_CLASS: &str = "ingressclass.kubernetes.io/is-default-class";

pub fn mutate(cluster: &Cluster, ingress: &mut Value) {
    let old_way = ingress.at(&["metadata", "annotations", "kubernetes.io/ingress.class"]);
    if !ingress.at(&["spec", "ingressClassName"]).is_null() || !old_way.is_null() {
        return;
    }
    let classes = cluster.store.list(Kind::IngressClass);
    let defaults = classes.filter(|c| c.meta.annotations.get(DEFAULT_CLASS).is_some_and(|v| &**v == "true"));
    if let Some(class) = defaults.max_by_key(|c| (c.meta.creation, std::cmp::Reverse(c.meta.name.clone()))) {
        ingress.at_mut(&["spec"]).set("ingressClassName", Value::Str(class.meta.name.clone()));
    }
}
