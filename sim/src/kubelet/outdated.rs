//! Environments that no longer say what their ConfigMaps and Secrets say: they are read once, before a container starts.
//!
//! Kubernetes 1.36: pkg/kubelet/kubelet_pods.go (makeEnvironmentVariables)

use super::env;
use crate::api::Kind;
use crate::api::object::Object;
use crate::api::pod::{Container, Pod};
use crate::cluster::Cluster;
use std::collections::BTreeMap;
use std::rc::Rc;

/// A variable of a running container that would be another if the container started now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outdated {
    pub container: Rc<str>,
    pub variable: Rc<str>,
    /// ConfigMap or Secret.
    pub kind: Kind,
    pub name: Rc<str>,
    /// What the container has; unset if the key has come since.
    pub has: Option<Rc<str>>,
    /// What a new start would find; unset if it is gone.
    pub now: Option<Rc<str>>,
}

/// Where a variable comes from, and what it would be.
type Source = (Kind, Rc<str>, Option<Rc<str>>);

/// The outdated variables of a Pod's running containers, in the order of the containers, then by name.
pub fn outdated(cluster: &Cluster, pod: &Object) -> Vec<Outdated> {
    let spec = &pod.expect::<Pod>().spec;
    let machine = cluster.machines.get(&spec.node_name);
    let Some(sandbox) = machine.and_then(|machine| machine.sandbox(&pod.meta.uid)) else { return vec![] };
    let mut found = Vec::new();
    for container in spec.all_containers() {
        let Some(running) = sandbox.newest(&container.name).filter(|running| running.is_running()) else { continue };
        let given = running.environment();
        for (variable, (kind, name, now)) in sources(cluster, &pod.meta.namespace, container) {
            let has = given.iter().find(|(known, _)| *known == variable).map(|(_, value)| value.clone());
            if has != now {
                found.push(Outdated { container: container.name.clone(), variable, kind, name, has, now });
            }
        }
    }
    found
}

/// The variables that ConfigMaps and Secrets give a container as they are now.
fn sources(cluster: &Cluster, namespace: &str, container: &Container) -> BTreeMap<Rc<str>, Source> {
    let mut all = BTreeMap::new();
    for from in &container.env_from {
        let (kind, name) = match (&from.config_map, &from.secret) {
            (Some(of), _) => (Kind::ConfigMap, &of.name),
            (_, Some(of)) => (Kind::Secret, &of.name),
            _ => continue,
        };
        for (key, value) in data(cluster, kind, namespace, name) {
            all.insert(format!("{}{key}", from.prefix).into(), (kind, name.clone(), Some(value.into())));
        }
    }
    for variable in &container.env {
        let source = variable.value_from.as_ref();
        let of = source.and_then(|source| match (&source.config_map, &source.secret) {
            (Some(of), _) => Some((Kind::ConfigMap, of)),
            (_, Some(of)) => Some((Kind::Secret, of)),
            _ => None,
        });
        match of {
            Some((kind, of)) => {
                let value = data(cluster, kind, namespace, &of.name).into_iter().find(|(key, _)| *key == of.key);
                all.insert(variable.name.clone(), (kind, of.name.clone(), value.map(|(_, value)| value.into())));
            }
            // Something else gives it its value.
            None => drop(all.remove(&variable.name)),
        }
    }
    all
}

fn data(cluster: &Cluster, kind: Kind, namespace: &str, name: &str) -> env::Data {
    let found = match kind {
        Kind::ConfigMap => env::config_map(&cluster.store, namespace, name),
        _ => env::secret(&cluster.store, namespace, name),
    };
    found.unwrap_or_default()
}
