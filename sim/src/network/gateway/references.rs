//! What Gateways and routes refer to: Secrets with certificates, Services; across namespaces only where a ReferenceGrant allows it.
//!
//! Gateway API: apis/v1/referencegrant_types.go, object_reference_types.go

use super::{Fault, GROUP, list, rules, text};
use crate::api::Kind;
use crate::api::object::{Key, Object};
use crate::api::service::Service;
use crate::cluster::Cluster;
use crate::value::Value;

/// Whether `from` may refer to a core object of another namespace.
fn granted(cluster: &Cluster, from: &Object, kind: &str, to: &Key) -> bool {
    let mut grants = list(cluster, "ReferenceGrant").filter(|grant| grant.meta.namespace == to.namespace);
    from.meta.namespace == to.namespace
        || grants.any(|grant| {
            let spec = grant.raw().get("spec");
            let from_it = |f: &Value| {
                (text(f, "group"), text(f, "kind"), text(f, "namespace"))
                    == (GROUP, from.kind.name(), &*from.meta.namespace)
            };
            let to_it = |t: &Value| {
                text(t, "group").is_empty()
                    && text(t, "kind") == kind
                    && t.get("name").as_str().is_none_or(|name| name.is_empty() || *name == *to.name)
            };
            spec.get("from").items().iter().any(from_it) && spec.get("to").items().iter().any(to_it)
        })
}

fn key(from: &Object, reference: &Value) -> Key {
    let namespace = reference.get("namespace").as_str().unwrap_or(&from.meta.namespace);
    Key::new(namespace, text(reference, "name"))
}

pub fn certificate(cluster: &Cluster, gateway: &Object, reference: &Value) -> Result<(), Fault> {
    let key = key(gateway, reference);
    if reference.get("kind").as_str().unwrap_or("Secret") != "Secret" {
        return Err((
            "InvalidCertificateRef",
            "tls.certificateRefs[0].kind: Unsupported value: supported values: \"Secret\"".into(),
        ));
    }
    if !granted(cluster, gateway, "Secret", &key) {
        return Err((
            "RefNotPermitted",
            format!("Certificate ref to secret {key} not permitted by any ReferenceGrant"),
        ));
    }
    let found = cluster.store.get(Kind::Secret, &key);
    let problem = match found.map(|secret| secret.raw().get("type").as_str() == Some("kubernetes.io/tls")) {
        Some(true) => return Ok(()),
        Some(false) => "secret type must be \"kubernetes.io/tls\"",
        None => "secret does not exist",
    };
    Err(("InvalidCertificateRef", format!("tls.certificateRefs[0]: Invalid value: \"{key}\": {problem}")))
}

/// The Service and port that a backendRef means; `at` is where it stands.
pub fn backend(cluster: &Cluster, route: &Object, reference: &Value, at: &str) -> Result<(Key, i64), Fault> {
    let kind = reference.get("kind").as_str().unwrap_or("Service");
    if !text(reference, "group").is_empty() || kind != "Service" {
        let text = format!("{at}.kind: Unsupported value: \"{kind}\": supported values: \"Service\"");
        return Err(("InvalidKind", text));
    }
    let key = key(route, reference);
    if !granted(cluster, route, "Service", &key) {
        let text = format!("Backend ref to Service {key} not permitted by any ReferenceGrant");
        return Err(("RefNotPermitted", text));
    }
    let Some(service) = cluster.store.get(Kind::Service, &key) else {
        return Err(("BackendNotFound", format!("{at}.name: Not found: \"{}\"", key.name)));
    };
    let port = reference.get("port").as_int().unwrap_or(0);
    match service.expect::<Service>().spec.ports.iter().any(|own| own.port == port) {
        true => Ok((key, port)),
        false => Err(("BackendNotFound", format!("{at}.port: Not found: {port}"))),
    }
}

/// The first backend of a route that there is none of.
pub fn all_backends(cluster: &Cluster, route: &Object) -> Result<(), Fault> {
    for (i, rule) in rules(route) {
        for (j, reference) in rule.get("backendRefs").items().iter().enumerate() {
            backend(cluster, route, reference, &format!("spec.rules[{i}].backendRefs[{j}]"))?;
        }
    }
    Ok(())
}
