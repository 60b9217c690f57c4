//! The doors of the cluster: its ingress controller and its Gateways take requests, and ask backends on their own.
//!
//! Not of Kubernetes: both answer as nginx does where a backend does not.

use super::arrive_http;
use crate::api::Kind;
use crate::api::object::Key;
use crate::clock::Time;
use crate::cluster::Cluster;
use crate::network::gateway::filters::{self, Deed};
use crate::network::gateway::matches::{self, Way};
use crate::network::{End, Hop, Source, Walk, affinity, ingress, to_service};
use crate::shell::{HttpAnswer, HttpRequest, NetAnswer};
use std::rc::Rc;

/// Whether there is a door at an address.
pub fn is_at(cluster: &Cluster, address: &str) -> bool {
    is_ingress(cluster, address) || cluster.plane.gateway_controller && matches::gateway_at(cluster, address).is_some()
}

fn is_ingress(cluster: &Cluster, address: &str) -> bool {
    cluster.plane.ingress_controller && address == ingress::ADDRESS
}

/// What a door makes of a request; `ready` is when its answer sets out.
pub fn pass(cluster: &mut Cluster, http: &HttpRequest, flow: &str, ready: &mut Time) -> (NetAnswer, Walk) {
    let mut walk = Walk { hops: vec![], end: End::Refused };
    let answer = match is_ingress(cluster, &http.address) {
        true => Some(through_ingress(cluster, http, flow, ready, &mut walk)),
        false => through_gateway(cluster, http, flow, ready, &mut walk),
    };
    (answer.map_or(NetAnswer::Refused, NetAnswer::Http), walk)
}

fn page(status: u16, text: &str) -> HttpAnswer {
    let title = format!("{status} {text}");
    let body = format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    );
    HttpAnswer::text(status, body)
}

fn through_ingress(
    cluster: &mut Cluster,
    http: &HttpRequest,
    flow: &str,
    ready: &mut Time,
    walk: &mut Walk,
) -> HttpAnswer {
    let host = http.headers.first().map_or("", |(_, host)| host.as_str()).to_string();
    let Some(choice) = ingress::choose(cluster, &host, &http.path) else { return page(404, "Not Found") };
    if !http.tls && ingress::secured(cluster, &host) {
        let mut answer = page(308, "Permanent Redirect");
        Rc::make_mut(&mut answer.headers).push(("Location".into(), format!("https://{host}{}", http.path)));
        return answer;
    }
    walk.hops.push(Hop::Ingress { key: choice.ingress, rule: choice.rule.as_str().into() });
    match choice.port {
        Some(port) => forward(cluster, (ingress::ADDRESS, &choice.service, port), http, flow, ready, walk),
        None => page(503, "Service Temporarily Unavailable"),
    }
}

/// `None`: the Gateway does not listen there.
fn through_gateway(
    cluster: &mut Cluster,
    http: &HttpRequest,
    flow: &str,
    ready: &mut Time,
    walk: &mut Walk,
) -> Option<HttpAnswer> {
    let gateway = matches::gateway_at(cluster, &http.address)?;
    let found = match matches::find(cluster, gateway, http) {
        Way::Closed => return None,
        Way::Unmatched => {
            walk.hops.push(Hop::Gateway { key: gateway.key(), route: None, rule: "".into() });
            return Some(page(404, "Not Found"));
        }
        Way::Matched(found) => found,
    };
    let host = if found.host.is_empty() { "*" } else { found.host };
    let rule = format!("{host}{}", found.prefix).into();
    walk.hops.push(Hop::Gateway { key: gateway.key(), route: Some(found.route.key()), rule });
    match filters::pass(cluster, &found, http, flow) {
        Deed::Answer(answer) if answer.status == 500 => Some(page(500, "Internal Server Error")),
        Deed::Answer(answer) => Some(answer),
        Deed::Forward { request, service, port, after } => {
            let mut answer = forward(cluster, (&http.address, &service, port), &request, flow, ready, walk);
            filters::give_back(&mut answer, &after);
            Some(answer)
        }
    }
}

/// Asks a port of a Service from an address.
fn forward(
    cluster: &mut Cluster,
    (address, service, port): (&str, &Key, i64),
    http: &HttpRequest,
    flow: &str,
    ready: &mut Time,
    walk: &mut Walk,
) -> HttpAnswer {
    let from = Source { address: address.into(), node: None };
    let Some(service) = cluster.store.get(Kind::Service, service).cloned() else {
        return page(503, "Service Temporarily Unavailable");
    };
    let onward = to_service(cluster, &from, &service, port, flow);
    affinity::remember(cluster, &from, &onward);
    walk.hops.extend(onward.hops);
    walk.end = onward.end;
    let none = walk.end == End::Refused;
    match arrive_http(cluster, &from, walk.end.clone(), http, ready) {
        Some(NetAnswer::Http(answer)) => answer,
        Some(_) if none => page(503, "Service Temporarily Unavailable"),
        Some(_) => page(502, "Bad Gateway"),
        None => page(504, "Gateway Time-out"),
    }
}
