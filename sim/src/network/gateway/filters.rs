//! What the filters of a rule make of a request, and which of its backends gets it.
//!
//! Gateway API: apis/v1/httproute_types.go (HTTPRouteFilter, HTTPBackendRef)

use super::matches::Match;
use super::{references, text};
use crate::api::object::Key;
use crate::cluster::Cluster;
use crate::shell::{HttpAnswer, HttpRequest};
use crate::value::Value;
use std::rc::Rc;

type Headers = Vec<(String, String)>;

/// What becomes of a request that a rule takes.
pub enum Deed {
    /// It is answered at once.
    Answer(HttpAnswer),
    /// It goes on, changed, to a port of a Service. The filters are those that change its answer.
    Forward { request: HttpRequest, service: Key, port: i64, after: Vec<Value> },
}

/// Sends a request on its way; `flow` tells it from others.
pub fn pass(cluster: &Cluster, found: &Match, http: &HttpRequest, flow: &str) -> Deed {
    let mut filters = found.rule.get("filters").items().to_vec();
    if let Some(redirect) = filters.iter().find(|f| text(f, "type") == "RequestRedirect") {
        return Deed::Answer(redirected(found, redirect.get("requestRedirect"), http));
    }
    let Some((number, backend)) = backend(cluster, found, flow) else { return Deed::Answer(broken()) };
    filters.extend_from_slice(backend.get("filters").items());
    let at = format!("spec.rules[{}].backendRefs[{number}]", found.number);
    let Ok((service, port)) = references::backend(cluster, found.route, backend, &at) else {
        return Deed::Answer(broken());
    };
    let mut request = http.clone();
    for filter in &filters {
        match text(filter, "type") {
            "RequestHeaderModifier" => modify(&mut request.headers, filter.get("requestHeaderModifier")),
            "URLRewrite" => rewrite(&mut request, filter.get("urlRewrite"), &found.prefix),
            _ => {}
        }
    }
    filters.retain(|filter| text(filter, "type") == "ResponseHeaderModifier");
    Deed::Forward { request, service, port, after: filters }
}

/// Changes an answer on its way back.
pub fn give_back(answer: &mut HttpAnswer, after: &[Value]) {
    after.iter().for_each(|filter| modify(Rc::make_mut(&mut answer.headers), filter.get("responseHeaderModifier")));
}

/// The share of requests for a backend that there is none of gets this.
fn broken() -> HttpAnswer {
    HttpAnswer::text(500, "")
}

/// One of the backends by their weights.
fn backend<'a>(cluster: &Cluster, found: &Match<'a>, flow: &str) -> Option<(usize, &'a Value)> {
    let backends = found.rule.get("backendRefs").items();
    let weight = |backend: &Value| backend.get("weight").as_int().unwrap_or(1).max(0) as u64;
    let total: u64 = backends.iter().map(weight).sum();
    if total == 0 {
        return None;
    }
    let mut left = cluster.dice.below(total, flow, &found.route.meta.uid);
    backends.iter().enumerate().find(|(_, backend)| {
        let own = weight(backend);
        let here = left < own;
        left = left.saturating_sub(own);
        here
    })
}

pub(super) fn modify(headers: &mut Headers, filter: &Value) {
    let is = |header: &(String, String), name: &str| header.0.eq_ignore_ascii_case(name);
    for header in filter.get("set").items() {
        let (name, value) = (text(header, "name"), text(header, "value"));
        match headers.iter().position(|header| is(header, name)) {
            Some(at) => {
                headers[at].1 = value.into();
                let rest = headers.split_off(at + 1);
                headers.extend(rest.into_iter().filter(|header| !is(header, name)));
            }
            None => headers.push((name.into(), value.into())),
        }
    }
    for header in filter.get("add").items() {
        headers.push((text(header, "name").into(), text(header, "value").into()));
    }
    for name in filter.get("remove").items().iter().filter_map(Value::as_str) {
        headers.retain(|header| !is(header, name));
    }
}

fn rewrite(request: &mut HttpRequest, filter: &Value, prefix: &str) {
    if let (Some(name), Some(host)) = (filter.get("hostname").as_str(), request.headers.first_mut()) {
        host.1 = name.into();
    }
    request.path = with_path(&request.path, filter.get("path"), prefix);
}

/// A path and its query, the path replaced as a filter wants.
pub(super) fn with_path(path: &str, filter: &Value, prefix: &str) -> String {
    let (path, query) = path.find('?').map_or((path, ""), |at| path.split_at(at));
    let path = match text(filter, "type") {
        "ReplaceFullPath" => text(filter, "replaceFullPath").to_string(),
        "ReplacePrefixMatch" => {
            let rest = path.strip_prefix(prefix.trim_end_matches('/')).unwrap_or(path);
            let new = format!("{}{rest}", text(filter, "replacePrefixMatch").trim_end_matches('/'));
            if new.starts_with('/') { new } else { format!("/{new}") }
        }
        _ => path.to_string(),
    };
    path + query
}

fn redirected(found: &Match, filter: &Value, http: &HttpRequest) -> HttpAnswer {
    let own = if http.tls { "https" } else { "http" };
    let scheme = filter.get("scheme").as_str();
    let usual = |scheme: &str| if scheme == "https" { 443 } else { 80 };
    // Without a wish, the port is the usual one of a scheme that is wished for, else the listener's.
    let port = filter.get("port").as_int().unwrap_or_else(|| scheme.map_or(found.port, usual));
    let scheme = scheme.unwrap_or(own);
    let host = filter.get("hostname").as_str().map_or_else(|| super::matches::host(http), String::from);
    let port = if port == usual(scheme) { String::new() } else { format!(":{port}") };
    let path = with_path(&http.path, filter.get("path"), &found.prefix);
    let mut answer = HttpAnswer::text(filter.get("statusCode").as_int().unwrap_or(302) as u16, "");
    Rc::make_mut(&mut answer.headers).push(("Location".into(), format!("{scheme}://{host}{port}{path}")));
    answer
}
