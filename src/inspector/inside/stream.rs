//! What the containers of a Pod have written.

use super::{Role, in_order, status_of};
use crate::text::Text;
use kubarium_sim::api::object::Object;
use kubarium_sim::api::pod::Pod;
use kubarium_sim::cluster::Cluster;
use kubarium_sim::kubelet::logs;
use kubarium_sim::machine::logs::Logs;
use std::borrow::Cow;
use std::rc::Rc;

/// The annotation by which a Pod says whose log is meant if none is named.
const DEFAULT: &str = "kubectl.kubernetes.io/default-container";

/// The log of one container: of the present one, or of the one before.
#[derive(Clone, Debug, PartialEq)]
pub struct Stream {
    pub container: Rc<str>,
    /// What it is in its Pod, if that is to be said.
    pub role: Option<String>,
    pub previous: bool,
    /// Whether it is what one most likely wants to read first.
    pub first: bool,
    /// What it has written, shared with the container; or why there is nothing to read, as `kubectl logs` says it.
    pub said: Result<Logs, String>,
}

pub fn of(cluster: &Cluster, object: &Object, pod: &Pod, text: Text) -> Vec<Stream> {
    let first = first(object, pod);
    let mut streams = Vec::new();
    for (container, role) in in_order(&pod.spec) {
        let before = status_of(&pod.status, &container.name).and_then(|status| status.last_state.terminated.as_ref());
        for previous in [false, true] {
            if previous && before.is_none_or(|ended| ended.container_id.is_empty()) {
                continue;
            }
            let said = logs::find(cluster, object, &container.name, previous);
            streams.push(Stream {
                container: container.name.clone(),
                role: role.word(text),
                previous,
                first: !previous && Some(&container.name) == first.as_ref(),
                said: said.map(|logs| logs.map(Cow::into_owned).unwrap_or_default()),
            });
        }
    }
    streams
}

/// The container that the Pod names; while it is being initialized the one that does that; else the first ordinary one.
fn first(object: &Object, pod: &Pod) -> Option<Rc<str>> {
    if let Some(named) = object.meta.annotations.get(DEFAULT)
        && let Some((container, _)) = in_order(&pod.spec).find(|(container, _)| container.name == *named)
    {
        return Some(container.name.clone());
    }
    let busy = in_order(&pod.spec).find(|(container, role)| {
        let state = status_of(&pod.status, &container.name).map(|status| &status.state);
        let done = state.and_then(|state| state.terminated.as_ref()).is_some_and(|ended| ended.exit_code == 0);
        matches!(role, Role::Init(..)) && !done
    });
    let first = busy.map(|(container, _)| container).or(pod.spec.containers.first());
    first.map(|container| container.name.clone())
}
