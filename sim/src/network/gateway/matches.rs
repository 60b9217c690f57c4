//! Which rule of which HTTPRoute a request falls to.
//!
//! Gateway API: apis/v1/httproute_types.go (HTTPRouteMatch, and the order of precedence in HTTPRouteRule.Matches)

use super::{Listener, attached, covers, hosts, list, listeners, owner, parent, text};
use crate::api::object::Object;
use crate::cluster::Cluster;
use crate::custom::pattern;
use crate::shell::HttpRequest;
use crate::value::Value;
use std::rc::Rc;

/// Where a request to a Gateway's address leads.
pub enum Way<'a> {
    /// The Gateway does not listen there.
    Closed,
    /// No route takes the request.
    Unmatched,
    Matched(Match<'a>),
}

/// A rule, and how it came to fit.
pub struct Match<'a> {
    pub route: &'a Rc<Object>,
    pub rule: &'a Value,
    /// Which rule of the route it is, from 0.
    pub number: usize,
    /// The route's host name that fits; empty for all.
    pub host: &'a str,
    /// The path or its prefix that the rule asks for.
    pub prefix: String,
    pub port: i64,
}

/// The Gateway at an address.
pub fn gateway_at<'a>(cluster: &'a Cluster, address: &str) -> Option<&'a Rc<Object>> {
    let here = |gateway: &&Rc<Object>| {
        let status = gateway.raw().at(&["status", "addresses"]);
        status.items().iter().any(|given| text(given, "value") == address)
    };
    list(cluster, "Gateway").find(here).filter(|gateway| owner(cluster, gateway).is_some())
}

/// Whether a route is attached to a listener.
pub fn joins(cluster: &Cluster, route: &Object, listener: Listener) -> bool {
    route.raw().at(&["spec", "parentRefs"]).items().iter().any(|reference| {
        let meant = parent(cluster, route, reference);
        meant.filter(|(gateway, _)| Rc::ptr_eq(gateway, listener.gateway)).is_some_and(|(gateway, _)| {
            let found = attached(cluster, route, gateway, reference).unwrap_or_default();
            found.iter().any(|found| std::ptr::eq(found.spec, listener.spec))
        })
    })
}

/// A full name ranks before one with a star, a longer before a shorter.
fn by_host(pattern: &str) -> (bool, usize) {
    (!pattern.is_empty() && !pattern.starts_with('*'), pattern.len())
}

pub fn find<'a>(cluster: &'a Cluster, gateway: &'a Rc<Object>, http: &HttpRequest) -> Way<'a> {
    let protocol = if http.tls { "HTTPS" } else { "HTTP" };
    let open = |l: &Listener| l.port() == i64::from(http.port) && l.protocol() == protocol && l.works(cluster);
    let open: Vec<Listener> = listeners(gateway).filter(open).collect();
    if open.is_empty() {
        return Way::Closed;
    }
    let host = host(http);
    let fitting = open.into_iter().filter(|l| covers(l.hostname(), &host));
    let Some(listener) = fitting.max_by_key(|l| by_host(l.hostname())) else { return Way::Unmatched };
    let mut routes: Vec<&Rc<Object>> = list(cluster, "HTTPRoute").filter(|r| joins(cluster, r, listener)).collect();
    routes.sort_by_key(|route| (route.meta.creation, route.key()));
    let mut best: Option<(Rank, Match)> = None;
    for route in routes {
        let own = hosts(route).into_iter().filter(|own| covers(own, &host));
        let Some(named) = own.max_by_key(|own| by_host(own)) else { continue };
        for (number, rule) in super::rules(route) {
            let listed = rule.get("matches").items();
            let any = [Value::Null];
            for wanted in if listed.is_empty() { &any } else { listed } {
                let Some(fit) = fit(wanted, http) else { continue };
                let rank = (by_host(named), fit);
                // Of equals the oldest route's first stays.
                if best.as_ref().is_none_or(|(present, _)| *present < rank) {
                    let prefix = path_of(wanted).1.to_string();
                    best = Some((rank, Match { route, rule, number, host: named, prefix, port: listener.port() }));
                }
            }
        }
    }
    best.map_or(Way::Unmatched, |(_, found)| Way::Matched(found))
}

/// The host that a request names, without a port.
pub fn host(http: &HttpRequest) -> String {
    let host = http.headers.first().map_or("", |(_, host)| host.as_str());
    host.split(':').next().unwrap_or(host).to_ascii_lowercase()
}

/// How the host fits, then how the rest does: the greater the nearer.
type Rank = ((bool, usize), Fit);
/// Of the path its type and length, whether a method is asked for, how many headers and parameters are.
type Fit = (u8, usize, bool, usize, usize);

/// The type and value of a match's path.
fn path_of(wanted: &Value) -> (&str, &str) {
    let path = wanted.get("path");
    (path.get("type").as_str().unwrap_or("PathPrefix"), path.get("value").as_str().unwrap_or("/"))
}

/// Whether a text is what is asked for: itself, or by a regular expression for the whole of it.
fn is(wanted: &Value, own: &str) -> bool {
    let value = text(wanted, "value");
    match text(wanted, "type") {
        "RegularExpression" => pattern::fits(&format!("^({value})$"), own) == Some(true),
        _ => value == own,
    }
}

/// How a request fits a match; `None`: not at all.
fn fit(wanted: &Value, http: &HttpRequest) -> Option<Fit> {
    let (path, query) = http.path.split_once('?').unwrap_or((&http.path, ""));
    let (kind, value) = path_of(wanted);
    let (rank, fits) = match kind {
        "Exact" => (2, path == value),
        "RegularExpression" => (1, is(wanted.get("path"), path)),
        // A prefix is one of whole elements: /a/b and /a/b/c, not /a/bc.
        _ => (
            0,
            path.strip_prefix(value.trim_end_matches('/')).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')),
        ),
    };
    let method = wanted.get("method").as_str();
    let header = |h: &Value| {
        let named = |(name, _): &&(String, String)| name.eq_ignore_ascii_case(text(h, "name"));
        http.headers.iter().find(named).is_some_and(|(_, own)| is(h, own))
    };
    let parameter = |q: &Value| {
        let mut pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        pairs.find(|(name, _)| *name == text(q, "name")).is_some_and(|(_, own)| is(q, own))
    };
    let (headers, parameters) = (wanted.get("headers").items(), wanted.get("queryParams").items());
    let fits = fits
        && method.is_none_or(|method| method == http.method)
        && headers.iter().all(header)
        && parameters.iter().all(parameter);
    fits.then_some((rank, value.len(), method.is_some(), headers.len(), parameters.len()))
}
