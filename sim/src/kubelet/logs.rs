//! What a container has written: what `kubectl logs` asks of a node.
//!
//! Kubernetes 1.36: pkg/kubelet/kubelet_pods.go (validateContainerLogStatus, GetKubeletContainerLogs)

use crate::api::object::Object;
use crate::api::pod::Pod;
use crate::cluster::Cluster;
use crate::machine::logs::{Line, Logs};
use crate::machine::sandbox::Container;
use std::borrow::Cow;

/// The lines of a container's log, the oldest first; none for a Pod that is on no node yet. `previous` asks for the
/// container that ended before the present one.
///
/// # Errors
/// What the server answers with BadRequest.
pub fn logs(cluster: &Cluster, pod: &Object, container: &str, previous: bool) -> Result<Vec<Line>, String> {
    Ok(find(cluster, pod, container, previous)?.map_or(vec![], |logs| logs.lines().cloned().collect()))
}

/// The log itself, as [`logs`] finds it.
///
/// # Errors
/// What the server answers with BadRequest.
pub fn find<'a>(
    cluster: &'a Cluster,
    pod: &Object,
    container: &str,
    previous: bool,
) -> Result<Option<Cow<'a, Logs>>, String> {
    let body = pod.expect::<Pod>();
    let name = &pod.meta.name;
    if body.spec.node_name.is_empty() {
        return Ok(None);
    }
    let all = &body.status;
    let statuses = all.init_container_statuses.iter().chain(&all.container_statuses);
    let Some(status) = statuses.chain(&all.ephemeral_container_statuses).find(|s| &*s.name == container) else {
        return Err(format!("container \"{container}\" in pod \"{name}\" is not available"));
    };
    let last = status.last_state.terminated.as_ref();
    let id = if previous {
        match last.filter(|t| !t.container_id.is_empty()) {
            Some(ended) => ended.container_id.clone(),
            None => return Err(format!("previous terminated container \"{container}\" in pod \"{name}\" not found")),
        }
    } else if let Some(ended) = status.state.terminated.as_ref() {
        if ended.container_id.is_empty() {
            last.map(|t| t.container_id.clone()).unwrap_or_default()
        } else {
            ended.container_id.clone()
        }
    } else if status.state.running.is_some() {
        status.container_id.clone()
    } else if let Some(ended) = last {
        ended.container_id.clone()
    } else {
        let reason = status.state.waiting.as_ref().map_or("", |w| &*w.reason);
        let why = match reason {
            "ErrImagePull" => "image can't be pulled",
            "ImagePullBackOff" => "trying and failing to pull image",
            "" => return Err(format!("container \"{container}\" in pod \"{name}\" is waiting to start - no logs yet")),
            other => other,
        };
        return Err(format!("container \"{container}\" in pod \"{name}\" is waiting to start: {why}"));
    };
    let sandbox = cluster.machines.get(&body.spec.node_name).and_then(|m| m.sandbox(&pod.meta.uid));
    let short = id.trim_start_matches("containerd://");
    let written = |c: &&Container| *c.id == *short;
    let found = sandbox.and_then(|sandbox| match sandbox.at(cluster.now) {
        Cow::Borrowed(now) => now.containers.iter().find(written).map(|c| Cow::Borrowed(c.process.logs())),
        Cow::Owned(now) => now.containers.iter().find(written).map(|c| Cow::Owned(c.process.logs().clone())),
    });
    found.map(Some).ok_or_else(|| format!("unable to retrieve container logs for {id}"))
}
