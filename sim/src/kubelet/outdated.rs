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
        let sources = sources(cluster, &pod.meta.namespace, container);
        for (variable, value) in given.iter().filter(|(variable, _)| !sources.contains_key(variable)) {
            if let Some((kind, name)) = lost(container, variable, value) {
                let (variable, has) = (variable.clone(), Some(value.clone()));
                found.push(Outdated { container: container.name.clone(), variable, kind, name, has, now: None });
            }
        }
        for (variable, (kind, name, now)) in sources {
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

/// Which source a variable came from whose key is not there any more.
fn lost(container: &Container, variable: &str, value: &str) -> Option<(Kind, Rc<str>)> {
    if container.env.iter().any(|own| *own.name == *variable) || is_of_a_service(variable, value) {
        return None;
    }
    // Of several that it may have come from, the one whose prefix says most.
    let all = container.env_from.iter().filter(|from| variable.starts_with(&*from.prefix));
    let from = all.rev().max_by_key(|from| from.prefix.len())?;
    let config = from.config_map.as_ref().map(|of| (Kind::ConfigMap, of.name.clone()));
    config.or_else(|| Some((Kind::Secret, from.secret.as_ref()?.name.clone())))
}

/// Whether a variable tells where a Service is, though it may be gone by now (pkg/kubelet/envvars).
fn is_of_a_service(variable: &str, value: &str) -> bool {
    let links = ["tcp://", "udp://", "sctp://"].iter().any(|scheme| value.starts_with(scheme));
    variable.ends_with("_SERVICE_HOST")
        || variable.contains("_SERVICE_PORT")
        || variable.contains("_PORT")
            && (links || ["_PROTO", "_PORT", "_ADDR"].iter().any(|end| variable.ends_with(end)))
}

fn data(cluster: &Cluster, kind: Kind, namespace: &str, name: &str) -> env::Data {
    let found = match kind {
        Kind::ConfigMap => env::config_map(&cluster.store, namespace, name),
        _ => env::secret(&cluster.store, namespace, name),
    };
    found.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Span;
    use crate::command::Command;
    use crate::history::History;
    use crate::setup::Setup;

    const POD: &str = "apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  containers:
  - {name: c, image: busybox, command: [sleep, 1d], env: [{name: OWN, value: x}], envFrom: [{configMapRef: {name: a}}, {prefix: S_, secretRef: {name: s}}]}
";

    #[test]
    fn keys_that_came_changed_and_went_are_told() {
        let mut history = History::new(Setup::default().cluster());
        history.command(Command::Write { name: "pod.yaml".into(), text: POD.into() });
        for line in [
            "kubectl create configmap a --from-literal=same=1 --from-literal=gone=2 --from-literal=other=3",
            "kubectl create secret generic s --from-literal=gone=4",
            "kubectl create service clusterip web --tcp=80",
            "kubectl apply -f pod.yaml",
            "kubectl delete service web",
            r#"kubectl patch configmap a -p '{"data":{"gone":null,"other":"5","new":"6"}}'"#,
            r#"kubectl patch secret s -p '{"data":{"gone":null}}'"#,
        ] {
            history.command(Command::Run { line: line.into() });
            history.seek(history.now() + Span::secs(10));
        }
        let cluster = history.cluster();
        let pod = cluster.store.find(Kind::Pod, "default", "p").expect("it was applied");
        let told: Vec<String> = outdated(cluster, pod)
            .iter()
            .map(|o| format!("{} {} {:?} {:?}", o.variable, o.kind.name(), o.has.as_deref(), o.now.as_deref()))
            .collect();
        assert_eq!(
            told,
            [
                "gone ConfigMap Some(\"2\") None",
                "S_gone Secret Some(\"4\") None",
                "new ConfigMap None Some(\"6\")",
                "other ConfigMap Some(\"3\") Some(\"5\")",
            ]
        );
    }
}
