//! Binding a Pod to a node.
//!
//! Kubernetes 1.36: pkg/registry/core/pod/storage/storage.go (BindingREST), plugin/pkg/admission/podtopologylabels

use super::status::Status;
use crate::api::Kind;
use crate::api::object::{Key, Object};
use crate::api::pod::Pod;
use crate::api::pod_status::PodCondition;
use crate::cluster::Cluster;
use std::rc::Rc;

/// Node labels that a Pod gets when it is bound.
const COPIED_LABELS: [&str; 2] = ["topology.kubernetes.io/zone", "topology.kubernetes.io/region"];

pub(super) fn bind(cluster: &mut Cluster, key: &Key, node: &str) -> Result<Rc<Object>, Status> {
    let old = cluster.store.get(Kind::Pod, key).cloned().ok_or_else(|| Status::not_found(Kind::Pod, &key.name))?;
    let refuse = |why: String| Err(Status::conflict(Kind::Pod, &key.name, &why));
    if old.meta.deleting() {
        return refuse(format!("pod {} is being deleted, cannot be assigned to a host", key.name));
    }
    let bound = &old.expect::<Pod>().spec.node_name;
    if !bound.is_empty() {
        return refuse(format!("pod {} is already assigned to node \"{bound}\"", key.name));
    }
    let mut new = (*old).clone();
    new.edit(|raw| raw.at_mut(&["spec"]).set("nodeName", node.into()));
    if let Some(node) = cluster.store.find(Kind::Node, "", node) {
        for label in COPIED_LABELS {
            if let Some(value) = node.meta.labels.get(label) {
                new.meta.labels.insert(label, value.clone());
            }
        }
    }
    let condition = PodCondition {
        kind: "PodScheduled".into(),
        status: "True".into(),
        last_transition: Some(cluster.stamp()),
        ..Default::default()
    };
    let conditions = &mut new.expect_mut::<Pod>().status.conditions;
    conditions.retain(|c| &*c.kind != "PodScheduled");
    conditions.push(condition);
    Ok(cluster.commit(new))
}
