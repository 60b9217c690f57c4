//! What has not come to its end says why.

use super::Complaints;
use kubarium_sim::api::Kind;
use kubarium_sim::api::node::Node;
use kubarium_sim::api::object::Object;
use kubarium_sim::api::persistent_volume_claim::PersistentVolumeClaim;
use kubarium_sim::api::pod::Pod;
use kubarium_sim::cluster::Cluster;

pub fn check(cluster: &Cluster, found: &mut Complaints) {
    for object in cluster.store.list(Kind::Pod) {
        if let Some(what) = pod(cluster, object) {
            found.insert(format!("Pod {}: {what}", object.key()));
        }
    }
    for object in cluster.store.list(Kind::PersistentVolumeClaim) {
        let pending = &*object.expect::<PersistentVolumeClaim>().status.phase == "Pending";
        if pending && cluster.store.events_about(&object.meta.uid).count() == 0 {
            found.insert(format!("PersistentVolumeClaim {}: pends and does not say why", object.key()));
        }
    }
    for object in cluster.store.list(Kind::Node) {
        let ready = object.expect::<Node>().status.condition("Ready").is_some_and(|c| &*c.status == "True");
        if !ready {
            found.insert(format!("Node {}: is not ready", object.key()));
        }
    }
    for object in cluster.store.list(Kind::Namespace).filter(|o| o.meta.deleting()) {
        let reasons = object.status().get("conditions").as_list().is_some_and(|c| !c.is_empty());
        if !reasons {
            found.insert(format!("Namespace {}: does not go and does not say why", object.key()));
        }
    }
    for session in cluster.sessions.values().filter(|s| s.ended.is_none()) {
        found.insert(format!("`{}` does not end", session.line));
    }
}

/// What a Pod leaves unsaid.
fn pod(cluster: &Cluster, object: &Object) -> Option<&'static str> {
    let Pod { spec, status } = object.expect();
    if object.meta.deleting() {
        return object.meta.finalizers.is_empty().then_some("does not go");
    }
    if spec.node_name.is_empty() {
        let told = status.condition("PodScheduled").is_some_and(|c| !c.message.is_empty());
        return (!told && &*status.phase == "Pending").then_some("is not scheduled and does not say why");
    }
    if cluster.store.find(Kind::Node, "", &spec.node_name).is_none() {
        return Some("is on a node that is not there");
    }
    if status.finished() {
        let left = cluster.machines.get(&spec.node_name).and_then(|m| m.sandbox(&object.meta.uid));
        return left.is_some_and(|s| s.containers.iter().any(|c| c.is_running())).then_some("has ended, but runs");
    }
    let named = |c: &kubarium_sim::api::pod_status::ContainerStatus| {
        let waits = c.state.waiting.as_ref().is_some_and(|w| !w.reason.is_empty());
        waits || c.state.running.is_some() || c.state.terminated.is_some()
    };
    let all = status.container_statuses.iter().chain(&status.init_container_statuses);
    if status.container_statuses.is_empty() || !all.into_iter().all(named) {
        return Some("does not say what its containers wait for");
    }
    let unready = |kind| status.condition(kind).is_none_or(|c| &*c.status != "True" && c.reason.is_empty());
    unready("Ready").then_some("is not ready and does not say why")
}
