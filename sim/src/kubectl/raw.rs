//! `kubectl get --raw PATH`: what the API server answers to a path, as it is.
//!
//! Kubernetes 1.36: staging/src/k8s.io/apiserver/pkg/server/healthz, pkg/endpoints/request/requestinfo.go. Not simulated:
//! discovery (`/api`, `/apis`), `/metrics`, `/openapi`, subresources, parameters behind a `?`.

use super::{Answer, Context, Fault, OK, auth, info};
use crate::apiserver::Status;
use crate::kubelet::heartbeat::shown;
use crate::manifest::write::json;
use crate::value::Value;

pub fn run(context: &mut Context, path: &str) -> Answer {
    let path = path.split('?').next().unwrap_or(path).trim_matches('/');
    let text = match path {
        "healthz" | "livez" | "readyz" => "ok".into(),
        "version" => json(&info::build(), 2),
        _ => json(&resource(context, path)?, 0) + "\n",
    };
    context.print(text);
    OK
}

/// The object or list at a path such as `apis/apps/v1/namespaces/default/deployments/web`.
fn resource(context: &Context, path: &str) -> Result<Value, Fault> {
    let parts: Vec<&str> = path.split('/').collect();
    let (version, rest) = match parts.as_slice() {
        ["api", version, rest @ ..] => (version.to_string(), rest),
        ["apis", group, version, rest @ ..] => (format!("{group}/{version}"), rest),
        _ => return Err(nothing()),
    };
    let store = &context.cluster.store;
    let kind_of = |plural: &str| store.kinds().find(|k| k.plural() == plural && k.api_version() == version);
    let (namespace, plural, name) = match rest {
        ["namespaces", namespace, plural] => (Some(*namespace), *plural, None),
        ["namespaces", namespace, plural, name] => (Some(*namespace), *plural, Some(*name)),
        [plural] => (None, *plural, None),
        [plural, name] => (None, *plural, Some(*name)),
        _ => return Err(nothing()),
    };
    let kind = kind_of(plural).filter(|kind| namespace.is_none() || kind.namespaced()).ok_or_else(nothing)?;
    let space = namespace.unwrap_or("");
    auth::check(context, if name.is_some() { "get" } else { "list" }, kind, name.unwrap_or(""), space)?;
    if let Some(name) = name {
        if kind.namespaced() && namespace.is_none() {
            return Err(nothing());
        }
        let found = store.find(kind, space, name).ok_or_else(|| Status::not_found(kind, name))?;
        return Ok(shown(context.cluster, found).write());
    }
    let items = store.list(kind).filter(|o| namespace.is_none_or(|n| *o.meta.namespace == *n));
    // In a list the server leaves out of each object what all have in common.
    let items = items.map(|o| {
        let mut value = shown(context.cluster, o).write();
        value.remove("apiVersion");
        value.remove("kind");
        value
    });
    Ok(Value::map([
        ("apiVersion", Value::from(version.as_str())),
        ("items", Value::list(items.collect())),
        ("kind", Value::from(format!("{}List", kind.name()))),
        ("metadata", Value::map([("resourceVersion", Value::from(store.revision().to_string()))])),
    ]))
}

fn nothing() -> Fault {
    let text = "the server could not find the requested resource";
    Fault::from(Status::new(404, "NotFound", text))
}
