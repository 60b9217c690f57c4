//! Kubernetes 1.36: pkg/controller/podautoscaler/horizontal.go (scaleForResourceMappings, validateAndParseSelector),
//! staging/src/k8s.io/apiextensions-apiserver/pkg/registry/customresource/etcd.go (scaleFromCustomResource)
//!
//! What an autoscaler scales, as its `scale` tells of it.

use crate::api::deployment::Deployment;
use crate::api::object::{Key, Object};
use crate::api::replica_set::ReplicaSet;
use crate::api::replication_controller::ReplicationController;
use crate::api::selector::LabelSelector;
use crate::api::stateful_set::StatefulSet;
use crate::api::{Kind, Texts};
use crate::apiserver::selection::Labels;
use crate::apiserver::{Status, scale};
use crate::cluster::Cluster;
use std::rc::Rc;

/// What is to be scaled.
pub struct Target {
    pub kind: Kind,
    pub key: Key,
    /// Where it says how many replicas it wants.
    pub path: Vec<String>,
    /// As its specification says.
    pub replicas: i64,
    pub selector: LabelSelector,
    /// Why the selector is none.
    pub unfit: Option<Unfit>,
}

/// What is wrong with the selector of a `scale`.
pub struct Unfit {
    /// The reason of the event.
    pub reason: &'static str,
    pub text: String,
    /// What the condition says.
    pub condition: String,
}

/// The target of an autoscaler.
///
/// # Errors
/// Why there is none that can be scaled.
pub fn find(cluster: &Cluster, autoscaler: &Object) -> Result<Target, String> {
    let reference = autoscaler.raw().at(&["spec", "scaleTargetRef"]);
    let text = |field: &str| reference.get(field).as_str().unwrap_or("");
    let (version, name) = (text("apiVersion"), text("kind"));
    let group = version.split_once('/').map_or("", |(group, _)| group);
    let kind = cluster.store.kinds().find(|k| k.name() == name && k.group() == group);
    let Some(kind) = kind else {
        return Err(format!("no matches for kind {name:?} in group {group:?}"));
    };
    let key = Key::new(autoscaler.meta.namespace.clone(), text("name"));
    let Some(path) = scale::replicas_path(&cluster.store, kind) else {
        return Err("the server could not find the requested resource".into());
    };
    let found = cluster.store.get(kind, &key).ok_or_else(|| Status::not_found(kind, &key.name).to_string())?;
    let keys: Vec<&str> = path.iter().map(String::as_str).collect();
    let replicas = found.raw().at(&keys).as_int();
    if kind.is_custom() && replicas.is_none() {
        let why = format!("the spec replicas field \".{}\" does not exist", path.join("."));
        return Err(format!("Internal error occurred: {why}"));
    }
    let (selector, unfit) = match selector(cluster, kind, found) {
        Ok(selector) => (selector, None),
        Err(unfit) => (LabelSelector::default(), Some(unfit)),
    };
    Ok(Target { kind, key, path, replicas: replicas.unwrap_or(1), selector, unfit })
}

/// The Pods that a target is made of.
fn selector(cluster: &Cluster, kind: Kind, object: &Rc<Object>) -> Result<LabelSelector, Unfit> {
    Ok(match kind {
        Kind::Deployment => object.expect::<Deployment>().spec.selector.clone(),
        Kind::ReplicaSet => object.expect::<ReplicaSet>().spec.selector.clone(),
        Kind::StatefulSet => object.expect::<StatefulSet>().spec.selector.clone(),
        Kind::ReplicationController => {
            let labels: Texts = object.expect::<ReplicationController>().spec.selector.clone();
            LabelSelector { match_labels: labels, ..Default::default() }
        }
        _ => {
            let path = scale::selector_path(&cluster.store, kind).unwrap_or_default();
            let keys: Vec<&str> = path.iter().map(String::as_str).collect();
            read(path.first().and_then(|_| object.raw().at(&keys).as_str()).unwrap_or(""))?
        }
    })
}

/// A selector in its text form.
fn read(text: &str) -> Result<LabelSelector, Unfit> {
    if text.is_empty() {
        return Err(Unfit {
            reason: "SelectorRequired",
            text: "selector is required".into(),
            condition: "the HPA target's scale is missing a selector".into(),
        });
    }
    let labels = Labels::parse(text).map_err(|why| {
        let text = format!("couldn't convert selector into a corresponding internal selector object: {why}");
        Unfit { reason: "InvalidSelector", condition: text.clone(), text }
    })?;
    Ok(LabelSelector { match_expressions: labels.0, ..Default::default() })
}
