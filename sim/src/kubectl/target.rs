//! Which Pod and container `logs`, `exec` and `attach` mean.
//!
//! Kubernetes 1.36: staging/src/k8s.io/kubectl/pkg/polymorphichelpers, pkg/cmd/util/podcmd

use super::resources;
use super::table::plain;
use super::{Context, Fault};
use crate::api::Kind;
use crate::api::object::Object;
use crate::value::Value;
use std::rc::Rc;

/// The Pods that an object stands for: itself, or what its selector picks, those that run and are ready first.
pub fn pods_of(context: &Context, object: &Rc<Object>) -> Result<Vec<Rc<Object>>, Fault> {
    if object.kind == Kind::Pod {
        return Ok(vec![object.clone()]);
    }
    let selector = object.raw().at(&["spec", "selector"]);
    let labels = match object.kind {
        Kind::Service | Kind::ReplicationController => Value::map([("matchLabels", selector.clone())]),
        Kind::Deployment | Kind::ReplicaSet | Kind::StatefulSet | Kind::DaemonSet | Kind::Job => selector.clone(),
        kind => {
            return Err(Fault::text(format!(
                "cannot get the logs from *v1.{}: selector for *v1.{} not implemented",
                kind.name(),
                kind.name()
            )));
        }
    };
    let selector = <crate::api::selector::LabelSelector as crate::api::Field>::read(&labels);
    let all = context.cluster.store.list_in(Kind::Pod, &object.meta.namespace);
    let mut pods: Vec<Rc<Object>> = all.filter(|p| selector.matches(&p.meta.labels)).cloned().collect();
    pods.sort_by_key(|p| {
        let status = p.status();
        let ready = status
            .get("conditions")
            .items()
            .iter()
            .any(|c| c.get("type").as_str() == Some("Ready") && c.get("status").as_str() == Some("True"));
        let phase = ["Running", "Pending"].iter().position(|x| status.get("phase").as_str() == Some(x)).unwrap_or(2);
        (plain(p.raw().at(&["spec", "nodeName"])).is_empty(), phase, !ready, p.meta.deleting(), p.meta.creation)
    });
    Ok(pods)
}

/// The object of a word such as `web` (a Pod) or `deploy/web`.
pub fn object(context: &Context, word: &str) -> Result<Rc<Object>, Fault> {
    let (kind, name) = match word.split_once('/') {
        Some((kind, name)) => (resources::kind(&context.cluster.store, kind)?, name),
        None => (Kind::Pod, word),
    };
    Ok(context.find(kind, name)?)
}

/// Names of a Pod's containers as error texts list them: ordinary ones, then `(init)` and `(ephem)`.
fn listed(pod: &Object) -> String {
    let raw = pod.raw();
    let names = |list: &str, mark: &str| {
        let of = raw.at(&["spec", list]).items().iter();
        of.map(|c| format!("{}{mark}", plain(c.get("name")))).collect::<Vec<_>>()
    };
    [names("containers", ""), names("ephemeralContainers", " (ephem)"), names("initContainers", " (init)")]
        .concat()
        .join(", ")
}

/// The container that is meant. If none is said and there are several, the first is, and that is said.
pub fn container(context: &mut Context, pod: &Object, asked: Option<&str>) -> Result<String, Fault> {
    let raw = pod.raw();
    let lists = ["containers", "initContainers", "ephemeralContainers"];
    let all: Vec<String> =
        lists.iter().flat_map(|l| raw.at(&["spec", l]).items()).map(|c| plain(c.get("name"))).collect();
    if let Some(name) = asked.filter(|n| !n.is_empty()) {
        if !all.iter().any(|n| n == name) {
            return Err(Fault::text(format!(
                "container {name} is not valid for pod {} out of: {}",
                pod.meta.name,
                listed(pod)
            )));
        }
        return Ok(name.into());
    }
    if let Some(name) = pod.meta.annotations.get("kubectl.kubernetes.io/default-container")
        && all.iter().any(|n| **n == **name)
    {
        return Ok(name.to_string());
    }
    let first = all.first().cloned().unwrap_or_default();
    if all.len() > 1 && !context.args.is("quiet") {
        context.err(&format!("Defaulted container \"{first}\" out of: {}", listed(pod)));
    }
    Ok(first)
}

/// The status of a container.
pub fn status(pod: &Object, name: &str) -> Value {
    let status = pod.status();
    let lists = ["containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"];
    let found = lists.iter().flat_map(|l| status.get(l).items()).find(|c| c.get("name").as_str() == Some(name));
    found.cloned().unwrap_or_default()
}
