//! Binding a Pod to a node.
//!
//! Kubernetes 1.36: pkg/registry/core/pod/storage/storage.go (BindingREST), plugin/pkg/admission/podtopologylabels

use super::status::Status;
use crate::api::Kind;
use crate::api::field::word;
use crate::api::object::{Key, Object};
use crate::api::pod::Pod;
use crate::api::pod_status::PodCondition;
use crate::cluster::Cluster;
use crate::value::Value;
use std::rc::Rc;

/// Node labels that a Pod gets when it is bound.
const COPIED_LABELS: [&str; 2] = ["topology.kubernetes.io/zone", "topology.kubernetes.io/region"];

/// A user's own Binding. It is not kept; the answer is the Pod.
pub(super) fn create(cluster: &mut Cluster, key: &Key, value: &Value, dry_run: bool) -> Result<Rc<Object>, Status> {
    let target = |field: &str| value.at(&["target", field]).as_str().unwrap_or("");
    let mut wrong = Vec::new();
    if !matches!(target("kind"), "" | "Node") {
        wrong.push(format!(
            "target.kind: Unsupported value: {:?}: supported values: \"<empty>\", \"Node\"",
            target("kind")
        ));
    }
    if target("name").is_empty() {
        wrong.push("target.name: Required value".into());
    }
    match wrong.as_slice() {
        [] if dry_run => Ok(Rc::new(Object::read(Kind::Binding, value))),
        [] => bind(cluster, key, &target("name").into()),
        [one] => Err(Status::new(500, "", one.as_str())),
        many => Err(Status::new(500, "", format!("[{}]", many.join(", ")))),
    }
}

pub(super) fn bind(cluster: &mut Cluster, key: &Key, node: &Rc<str>) -> Result<Rc<Object>, Status> {
    let old = cluster.store.get(Kind::Pod, key).cloned().ok_or_else(|| Status::not_found(Kind::Pod, &key.name))?;
    let refuse = |why: String| {
        let what = format!("Operation cannot be fulfilled on pods/binding \"{}\"", key.name);
        Err(Status::new(409, "Conflict", format!("{what}: {why}")))
    };
    if old.meta.deleting() {
        return refuse(format!("pod {} is being deleted, cannot be assigned to a host", key.name));
    }
    let bound = &old.expect::<Pod>().spec.node_name;
    if !bound.is_empty() {
        return refuse(format!("pod {} is already assigned to node \"{bound}\"", key.name));
    }
    if !old.expect::<Pod>().spec.scheduling_gates.is_empty() {
        return refuse(format!("pod {} has non-empty .spec.schedulingGates", key.name));
    }
    let mut new = (*old).clone();
    new.set_node(node);
    if let Some(node) = cluster.store.find(Kind::Node, "", node) {
        for label in COPIED_LABELS {
            if let Some(value) = node.meta.labels.get(label) {
                new.meta.labels.insert(label, value.clone());
            }
        }
    }
    let condition = PodCondition {
        kind: word("PodScheduled"),
        status: word("True"),
        last_transition: Some(cluster.stamp()),
        ..Default::default()
    };
    let status = &mut new.expect_mut::<Pod>().status;
    status.nominated_node_name = crate::api::field::empty_text();
    let conditions = &mut status.conditions;
    conditions.retain(|c| &*c.kind != "PodScheduled");
    conditions.push(condition);
    Ok(cluster.commit(new))
}
