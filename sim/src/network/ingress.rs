//! Where an ingress controller sends a request: the rules of all Ingresses that are its own, by host and path.
//!
//! Kubernetes 1.36: staging/src/k8s.io/api/networking/v1/types.go says what the rules mean; a controller does it, here one
//! like ingress-nginx: its class is `nginx`, or any class of its controller name. Not simulated: its annotations, the
//! certificate itself (only whether its Secret is there).

use crate::admission::ingress_class::DEFAULT_CLASS;
use crate::api::Kind;
use crate::api::object::{Key, Object};
use crate::api::service::Service;
use crate::cluster::Cluster;
use crate::value::Value;
use std::rc::Rc;

/// The address at which the controller listens, on ports 80 and 443.
pub const ADDRESS: &str = "203.0.113.1";
/// Classes of this controller are its own.
pub const CONTROLLER: &str = "k8s.io/ingress-nginx";
pub const CLASS: &str = "nginx";

/// A rule's choice.
pub struct Choice {
    pub ingress: Key,
    /// `web.example.com/shop`, `*` for the default backend.
    pub rule: String,
    pub service: Key,
    /// The Service's port; unset if it has no such port or is not there.
    pub port: Option<i64>,
}

/// Whether an Ingress is the built-in controller's.
pub fn is_own(cluster: &Cluster, ingress: &Object) -> bool {
    let old = ingress.meta.annotations.get("kubernetes.io/ingress.class");
    let named = ingress.raw().at(&["spec", "ingressClassName"]).as_str().or(old.map(|c| &**c));
    let class = |o: &&Rc<Object>| match named {
        Some(name) => *o.meta.name == *name,
        None => o.meta.annotations.get(DEFAULT_CLASS).is_some_and(|v| &**v == "true"),
    };
    match cluster.store.list(Kind::IngressClass).find(class) {
        Some(class) => class.raw().at(&["spec", "controller"]).as_str() == Some(CONTROLLER),
        None => named == Some(CLASS),
    }
}

/// How well a path fits a rule's: exact before prefixes, longer before shorter. `None`: not at all.
fn fit(rule: &Value, path: &str) -> Option<(usize, bool)> {
    let wanted = rule.get("path").as_str().unwrap_or("/");
    if rule.get("pathType").as_str() == Some("Exact") {
        return (wanted == path).then_some((wanted.len(), true));
    }
    // A prefix is one of whole elements: /a/b and /a/b/c, not /a/bc. The controller takes its own type for the same.
    let trimmed = wanted.trim_end_matches('/');
    let rest = path.strip_prefix(trimmed)?;
    (rest.is_empty() || rest.starts_with('/')).then_some((wanted.len(), false))
}

/// Whether a host fits a rule's, and whether by its full name.
fn host_fits(rule: &str, host: &str) -> Option<u8> {
    if rule.is_empty() {
        return Some(0);
    }
    if rule == host {
        return Some(2);
    }
    let wild = rule.strip_prefix('*')?;
    let label = host.strip_suffix(wild)?;
    (!label.is_empty() && !label.contains('.')).then_some(1)
}

/// The backend for a request; `None`: no rule fits, the controller answers 404 itself.
pub fn choose(cluster: &Cluster, host: &str, path: &str) -> Option<Choice> {
    let host = host.split(':').next().unwrap_or(host).to_ascii_lowercase();
    let path = path.split('?').next().unwrap_or("/");
    let mut best: Option<((u8, usize, bool), Choice)> = None;
    let mut default = None;
    for ingress in cluster.store.list(Kind::Ingress).filter(|i| is_own(cluster, i)) {
        let spec = ingress.raw().get("spec");
        for rule in spec.get("rules").items() {
            let wanted = rule.get("host").as_str().unwrap_or("");
            let Some(by_host) = host_fits(wanted, &host) else { continue };
            for entry in rule.at(&["http", "paths"]).items() {
                let Some((length, exact)) = fit(entry, path) else { continue };
                let rank = (by_host, length, exact);
                let shown = format!("{wanted}{}", entry.get("path").as_str().unwrap_or("/"));
                if best.as_ref().is_none_or(|(present, _)| *present < rank)
                    && let Some(choice) = backend(cluster, ingress, entry.get("backend"), shown)
                {
                    best = Some((rank, choice));
                }
            }
        }
        if default.is_none() {
            default = backend(cluster, ingress, spec.get("defaultBackend"), "*".into());
        }
    }
    best.map(|(_, choice)| choice).or(default)
}

/// The Service that is meant; `None` for a backend of another kind, which this controller passes over.
fn backend(cluster: &Cluster, ingress: &Object, backend: &Value, rule: String) -> Option<Choice> {
    let name = backend.at(&["service", "name"]).as_str()?;
    let service = Key::new(ingress.meta.namespace.clone(), name);
    let wanted = backend.at(&["service", "port"]);
    let found = cluster.store.get(Kind::Service, &service);
    let port = found.and_then(|object| {
        let mut ports = object.expect::<Service>().spec.ports.iter();
        ports.find(|p| Some(p.port) == wanted.get("number").as_int() || Some(&*p.name) == wanted.get("name").as_str())
    });
    Some(Choice { ingress: ingress.key(), rule, service, port: port.map(|p| p.port) })
}

/// Whether a host has a certificate of the user's: plain requests for it are then sent on to TLS.
pub fn secured(cluster: &Cluster, host: &str) -> bool {
    let host = host.split(':').next().unwrap_or(host).to_ascii_lowercase();
    let own = cluster.store.list(Kind::Ingress).filter(|i| is_own(cluster, i));
    own.flat_map(|i| i.raw().at(&["spec", "tls"]).items().iter().map(move |tls| (i, tls))).any(|(i, tls)| {
        let secret = tls.get("secretName").as_str().unwrap_or("");
        cluster.store.find(Kind::Secret, &i.meta.namespace, secret).is_some()
            && tls.get("hosts").items().iter().any(|h| host_fits(h.as_str().unwrap_or(""), &host) > Some(0))
    })
}
