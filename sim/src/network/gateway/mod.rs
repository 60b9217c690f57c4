//! Gateway API 1.x, where its CustomResourceDefinitions are: which Gateways are the built-in implementation's own, which of
//! their listeners work, and which HTTPRoutes are attached to them.
//!
//! Gateway API: apis/v1/gateway_types.go, httproute_types.go say what the fields mean; an implementation does it, here one like
//! NGINX Gateway Fabric. Not simulated: GRPCRoute, TLSRoute, TCPRoute, UDPRoute, ListenerSet, BackendTLSPolicy; of an HTTPRoute its
//! timeouts, retry, sessionPersistence, and the filters RequestMirror, CORS, ExternalAuth, ExtensionRef; the certificate itself
//! (only whether its Secret is there). Routes that ask for these are told so in their conditions.

pub mod controller;
pub mod filters;
pub mod matches;
mod references;
mod status;

use crate::api::Kind;
use crate::api::field::Field;
use crate::api::object::{Key, Object};
use crate::api::selector::LabelSelector;
use crate::cluster::Cluster;
use crate::value::Value;
use std::rc::Rc;

pub const GROUP: &str = "gateway.networking.k8s.io";
/// The kinds that the implementation looks at.
pub const KINDS: [&str; 3] = ["GatewayClass", "Gateway", "HTTPRoute"];
/// Classes of these controllers are its own; the second is what the documentation's examples name.
const CONTROLLERS: [&str; 2] = ["gateway.nginx.org/nginx-gateway-controller", "example.com/gateway-controller"];
const FILTERS: [&str; 4] = ["RequestHeaderModifier", "ResponseHeaderModifier", "RequestRedirect", "URLRewrite"];

/// Why something is not as it should be: a condition's reason and its message.
type Fault = (&'static str, String);

/// All objects of one of the API's kinds; none while its definition is not there.
pub fn list<'a>(cluster: &'a Cluster, name: &str) -> impl Iterator<Item = &'a Rc<Object>> {
    let kind = cluster.store.custom_kinds().find(|kind| kind.group() == GROUP && kind.name() == name);
    kind.into_iter().flat_map(|kind| cluster.store.list(kind))
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value.get(field).as_str().unwrap_or("")
}

/// The controller of a class, if it is the built-in one.
fn controller_of(class: &Object) -> Option<&'static str> {
    let named = class.raw().at(&["spec", "controllerName"]).as_str();
    CONTROLLERS.into_iter().find(|own| Some(*own) == named)
}

/// The controller that a Gateway is left to, if it is the built-in one.
fn owner(cluster: &Cluster, gateway: &Object) -> Option<&'static str> {
    let name = text(gateway.raw().get("spec"), "gatewayClassName");
    list(cluster, "GatewayClass").find(|class| *class.meta.name == *name).and_then(|class| controller_of(class))
}

/// A Gateway's listener.
#[derive(Clone, Copy)]
pub struct Listener<'a> {
    pub gateway: &'a Rc<Object>,
    pub spec: &'a Value,
}

pub fn listeners(gateway: &Rc<Object>) -> impl Iterator<Item = Listener<'_>> {
    gateway.raw().at(&["spec", "listeners"]).items().iter().map(move |spec| Listener { gateway, spec })
}

impl<'a> Listener<'a> {
    pub fn port(self) -> i64 {
        self.spec.get("port").as_int().unwrap_or(0)
    }
    pub fn protocol(self) -> &'a str {
        text(self.spec, "protocol")
    }
    /// Empty for all hosts.
    pub fn hostname(self) -> &'a str {
        text(self.spec, "hostname")
    }

    fn accepted(self) -> Result<(), Fault> {
        match self.protocol() {
            "HTTP" | "HTTPS" => Ok(()),
            other => {
                let text = format!("protocol: Unsupported value: \"{other}\": supported values: \"HTTP\", \"HTTPS\"");
                Err(("UnsupportedProtocol", text))
            }
        }
    }

    /// Two that share a port are told apart by their host names.
    fn distinct(self) -> Result<(), Fault> {
        let others = listeners(self.gateway).filter(|other| !std::ptr::eq(other.spec, self.spec));
        for other in others.filter(|other| other.port() == self.port()) {
            if other.protocol() != self.protocol() {
                return Err((
                    "ProtocolConflict",
                    format!(
                        "Multiple listeners for the same port {} specify incompatible protocols; ensure only one protocol per port",
                        self.port()
                    ),
                ));
            }
            if other.hostname() == self.hostname() {
                return Err((
                    "HostnameConflict",
                    format!("Multiple listeners for the same port {} specify the same hostname", self.port()),
                ));
            }
        }
        Ok(())
    }

    fn resolved(self, cluster: &Cluster) -> Result<(), Fault> {
        for kind in self.spec.at(&["allowedRoutes", "kinds"]).items() {
            if text(kind, "kind") != "HTTPRoute" {
                let text = format!(
                    "Unsupported route kind \"{}/{}\"",
                    kind.get("group").as_str().unwrap_or(GROUP),
                    text(kind, "kind")
                );
                return Err(("InvalidRouteKinds", text));
            }
        }
        if self.protocol() != "HTTPS" {
            return Ok(());
        }
        let Some(certificate) = self.spec.at(&["tls", "certificateRefs"]).items().first() else {
            return Err((
                "InvalidCertificateRef",
                "tls.certificateRefs: Required value: certificateRefs must be defined for TLS mode terminate".into(),
            ));
        };
        references::certificate(cluster, self.gateway, certificate)
    }

    fn programmed(self, cluster: &Cluster) -> Result<(), Fault> {
        self.accepted().and_then(|()| self.distinct()).and_then(|()| self.resolved(cluster))
    }

    /// Whether it can be reached.
    pub fn works(self, cluster: &Cluster) -> bool {
        self.programmed(cluster).is_ok()
    }

    /// Whether it takes routes of such a namespace.
    fn allows(self, cluster: &Cluster, route: &Object) -> bool {
        let allowed = self.spec.at(&["allowedRoutes", "namespaces"]);
        match allowed.get("from").as_str().unwrap_or("Same") {
            "All" => true,
            "Selector" => {
                let namespace = cluster.store.find(Kind::Namespace, "", &route.meta.namespace);
                namespace.is_some_and(|n| LabelSelector::read(allowed.get("selector")).matches(&n.meta.labels))
            }
            _ => route.meta.namespace == self.gateway.meta.namespace,
        }
    }
}

/// Whether a name that may begin with `*.` has a host in it, or such names. Unlike an Ingress', the star stands for any number of labels.
pub fn covers(pattern: &str, host: &str) -> bool {
    pattern.is_empty() || pattern == host || pattern.strip_prefix('*').is_some_and(|tail| host.ends_with(tail))
}

/// The host names of a route: one empty one if it is for all.
pub fn hosts(route: &Object) -> Vec<&str> {
    let named: Vec<&str> = route.raw().at(&["spec", "hostnames"]).items().iter().filter_map(Value::as_str).collect();
    if named.is_empty() { vec![""] } else { named }
}

/// The Gateway that a parentRef means and whose it is; `None` for others' Gateways and other kinds.
fn parent<'a>(cluster: &'a Cluster, route: &Object, reference: &Value) -> Option<(&'a Rc<Object>, &'static str)> {
    let of = |field: &str, default: &str| reference.get(field).as_str().unwrap_or(default) == default;
    if !of("group", GROUP) || !of("kind", "Gateway") {
        return None;
    }
    let namespace = reference.get("namespace").as_str().unwrap_or(&route.meta.namespace);
    let key = Key::new(namespace, text(reference, "name"));
    let gateway = list(cluster, "Gateway").find(|gateway| gateway.key() == key)?;
    Some((gateway, owner(cluster, gateway)?))
}

/// The listeners of a Gateway that a route is attached to by a parentRef, or why it is to none.
pub fn attached<'a>(
    cluster: &Cluster,
    route: &Object,
    gateway: &'a Rc<Object>,
    reference: &Value,
) -> Result<Vec<Listener<'a>>, Fault> {
    unsupported_filter(route)?;
    let fits = |field: &str, wanted: &Value, own: &Value| wanted.get(field).is_null() || *wanted.get(field) == *own;
    let meant = |l: &Listener| {
        fits("sectionName", reference, l.spec.get("name")) && fits("port", reference, l.spec.get("port"))
    };
    let mut found: Vec<Listener> = listeners(gateway).filter(meant).collect();
    let mut narrow = |keep: &dyn Fn(&Listener) -> bool, reason, text: &str| {
        found.retain(|listener| keep(listener));
        if found.is_empty() { Err((reason, text.to_string())) } else { Ok(()) }
    };
    narrow(&|_| true, "NoMatchingParent", "The Listener is not found for this parent ref")?;
    narrow(&|l| l.allows(cluster, route), "NotAllowedByListeners", "The Route is not allowed by any listener")?;
    let meets = |own: &str| hosts(route).into_iter().any(|host| covers(own, host) || covers(host, own));
    let text = "The Listener hostname does not match the Route hostnames";
    narrow(&|l| meets(l.hostname()), "NoMatchingListenerHostname", text)?;
    narrow(&|l| l.works(cluster), "InvalidListener", "The Listener is invalid for this parent ref")?;
    Ok(found)
}

fn rules(route: &Object) -> impl Iterator<Item = (usize, &Value)> {
    route.raw().at(&["spec", "rules"]).items().iter().enumerate()
}

/// A route with a filter that nobody here carries out is not taken: its requests must not go on without it.
fn unsupported_filter(route: &Object) -> Result<(), Fault> {
    for (i, rule) in rules(route) {
        let of_backends = rule.get("backendRefs").items().iter().flat_map(|b| b.get("filters").items());
        for filter in rule.get("filters").items().iter().chain(of_backends) {
            let kind = text(filter, "type");
            if !FILTERS.contains(&kind) {
                let known = FILTERS.map(|f| format!("\"{f}\"")).join(", ");
                let text =
                    format!("spec.rules[{i}].filters.type: Unsupported value: \"{kind}\": supported values: {known}");
                return Err(("UnsupportedValue", text));
            }
        }
    }
    Ok(())
}

/// What of a route is accepted and then left undone.
fn unsupported_field(route: &Object) -> Option<String> {
    let fields = ["timeouts", "retry", "sessionPersistence"];
    let of_rule = |(i, rule): (usize, &Value)| {
        let present = fields.into_iter().filter(|field| !rule.get(field).is_null());
        present.map(move |f| format!("spec.rules[{i}].{f}: Forbidden: {f} is not supported")).collect::<Vec<_>>()
    };
    let found: Vec<String> = rules(route).flat_map(of_rule).collect();
    (!found.is_empty()).then(|| found.join(", "))
}

#[cfg(test)]
mod tests;
