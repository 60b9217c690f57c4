//! `kubectl get --raw PATH` and `create --raw PATH -f FILE`: what the API server answers to a path, as it is.
//!
//! Kubernetes 1.36: staging/src/k8s.io/apiserver/pkg/server/healthz, pkg/endpoints/request/requestinfo.go. Not simulated:
//! discovery (`/api`, `/apis`), `/metrics`, `/openapi`, subresources, parameters behind a `?`.

use super::{Answer, Context, Fault, OK, auth, info};
use crate::api::{Key, Kind};
use crate::apiserver::{DeleteOptions, Status, Verb};
use crate::kubelet::heartbeat::shown;
use crate::manifest::{json, write};
use crate::value::Value;

pub fn run(context: &mut Context, path: &str) -> Answer {
    let path = path.split('?').next().unwrap_or(path).trim_matches('/');
    let text = match path {
        "healthz" | "livez" | "readyz" => "ok".into(),
        "version" => write::json(&info::build(), 2),
        _ => write::json(&resource(context, path)?, 0) + "\n",
    };
    context.print(text);
    OK
}

/// Sends a file's object to a path: a collection, or a Pod's `eviction`.
pub fn post(context: &mut Context, path: &str) -> Answer {
    let files = context.args.list("filename");
    let [file] = files[..] else {
        return Err(Fault::text("--raw can only use a single local file or stdin"));
    };
    let text = match file {
        "-" => Some(context.call.stdin.clone()),
        name => context.file(name).map(|text| text.to_string()),
    };
    let text = text.ok_or_else(|| Fault::text(format!("open {file}: no such file or directory")))?;
    let bad = |why: String| Fault::from(Status::new(400, "BadRequest", why));
    let body = json::parse(&text).map_err(|_| bad("the object provided is unrecognized".into()))?;
    let path = path.split('?').next().unwrap_or(path).trim_matches('/');
    if let ["api", "v1", "namespaces", namespace, "pods", name, "eviction"] = path.split('/').collect::<Vec<_>>()[..] {
        if body.at(&["metadata", "name"]).as_str() != Some(name) {
            return Err(bad("name in URL does not match name in Eviction object".into()));
        }
        let options = eviction_options(body.get("deleteOptions"));
        context.request(Kind::Pod, Key::new(namespace, name), Verb::Evict(options))?;
        context.print(
            "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Success\",\"code\":201}\n".into(),
        );
        return OK;
    }
    let (kind, namespace, name) = place(context, path)?;
    if name.is_some() {
        let text = "the server does not allow this method on the requested resource";
        return Err(Fault::from(Status::new(405, "MethodNotAllowed", text)));
    }
    let own = body.at(&["metadata", "name"]).as_str().unwrap_or("").to_string();
    let made = context.request(kind, Key::new(namespace.unwrap_or_default(), own), Verb::Create(body))?;
    let answer = shown(context.cluster, &made).write();
    context.print(write::json(&answer, 0) + "\n");
    OK
}

/// What an Eviction says of how its Pod is to be deleted.
fn eviction_options(value: &Value) -> DeleteOptions {
    let precondition = |field: &str| value.at(&["preconditions", field]).as_str();
    DeleteOptions {
        grace: value.get("gracePeriodSeconds").as_int(),
        uid: precondition("uid").map(Into::into),
        resource_version: precondition("resourceVersion").and_then(|version| version.parse().ok()),
        dry_run: !value.get("dryRun").items().is_empty(),
        ..DeleteOptions::default()
    }
}

/// What lies at a path: kind, namespace, name.
fn place(context: &Context, path: &str) -> Result<(Kind, Option<String>, Option<String>), Fault> {
    let parts: Vec<&str> = path.split('/').collect();
    let (version, rest) = match parts.as_slice() {
        ["api", version, rest @ ..] => (version.to_string(), rest),
        ["apis", group, version, rest @ ..] => (format!("{group}/{version}"), rest),
        _ => return Err(nothing()),
    };
    let (namespace, plural, name) = match rest {
        ["namespaces", namespace, plural] => (Some(*namespace), *plural, None),
        ["namespaces", namespace, plural, name] => (Some(*namespace), *plural, Some(*name)),
        [plural] => (None, *plural, None),
        [plural, name] => (None, *plural, Some(*name)),
        _ => return Err(nothing()),
    };
    let mut kinds = context.cluster.store.kinds();
    let kind = kinds.find(|k| k.plural() == plural && k.api_version() == version);
    let kind = kind.filter(|kind| namespace.is_none() || kind.namespaced()).ok_or_else(nothing)?;
    Ok((kind, namespace.map(str::to_string), name.map(str::to_string)))
}

/// The object or list at a path such as `apis/apps/v1/namespaces/default/deployments/web`.
fn resource(context: &Context, path: &str) -> Result<Value, Fault> {
    let (kind, namespace, name) = place(context, path)?;
    let (namespace, name) = (namespace.as_deref(), name.as_deref());
    let store = &context.cluster.store;
    let space = namespace.unwrap_or("");
    auth::check(context, if name.is_some() { "get" } else { "list" }, kind, name.unwrap_or(""), space)?;
    if let Some(name) = name {
        if kind.namespaced() && namespace.is_none() {
            return Err(nothing());
        }
        let found = store.find(kind, space, name).ok_or_else(|| Status::not_found(kind, name))?;
        return Ok(shown(context.cluster, found).write());
    }
    Ok(listed(context, kind, namespace))
}

/// The objects of a kind, of one namespace or of all, as the server lists them.
///
/// # Errors
/// The user may not list them.
pub fn list(context: &Context, kind: Kind, namespace: Option<&str>) -> Result<Value, Fault> {
    auth::check(context, "list", kind, "", namespace.unwrap_or(""))?;
    Ok(listed(context, kind, namespace))
}

fn listed(context: &Context, kind: Kind, namespace: Option<&str>) -> Value {
    let store = &context.cluster.store;
    let items = store.list(kind).filter(|o| namespace.is_none_or(|n| *o.meta.namespace == *n));
    // In a list the server leaves out of each object what all have in common.
    let items = items.map(|o| {
        let mut value = shown(context.cluster, o).write();
        value.remove("apiVersion");
        value.remove("kind");
        value
    });
    Value::map([
        ("apiVersion", Value::str(kind.api_version())),
        ("items", Value::list(items.collect())),
        ("kind", Value::from(format!("{}List", kind.name()))),
        ("metadata", Value::map([("resourceVersion", Value::from(store.revision().to_string()))])),
    ])
}

fn nothing() -> Fault {
    let text = "the server could not find the requested resource";
    Fault::from(Status::new(404, "NotFound", text))
}
