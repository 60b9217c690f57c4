//! Kubernetes 1.36: pkg/apis/networking/validation/validation.go

use super::kit::{At, Errors, quoted};
use super::{meta, names};
use crate::value::Value;

pub fn ingress(at: &At, errors: &mut Errors) {
    let spec = at.field("spec");
    let (rules, backend) = (spec.field("rules"), spec.field("defaultBackend"));
    if !rules.is_filled() && !backend.is_set() {
        errors.invalid_as(&spec, "null", "either `defaultBackend` or `rules` must be specified");
    }
    if backend.is_set() {
        ingress_backend(&backend, errors);
    }
    for rule in rules.items() {
        let host = rule.field("host");
        if !host.text().is_empty() {
            if names::ip(host.text()).is_some() {
                errors.invalid(&host, "must be a DNS name, not an IP address");
            }
            if host.text().contains('*') {
                errors.invalid_all(&host, names::wildcard_subdomain(host.text()));
            } else {
                errors.invalid_all(&host, names::subdomain(host.text()));
            }
        }
        let http = rule.field("http");
        if http.is_set() {
            paths(&http.field("paths"), errors);
        }
    }
    for tls in spec.field("tls").items() {
        for host in tls.field("hosts").items() {
            let wrong = if host.text().contains('*') {
                names::wildcard_subdomain(host.text())
            } else {
                names::subdomain(host.text())
            };
            errors.invalid_all(&host, wrong);
        }
        let secret = tls.field("secretName");
        if !secret.text().is_empty() {
            errors.invalid_all(&secret, names::subdomain(secret.text()));
        }
    }
    let class = spec.field("ingressClassName");
    if class.is_set() {
        errors.invalid_all(&class, names::subdomain(class.text()));
    }
}

fn paths(at: &At, errors: &mut Errors) {
    if !at.is_filled() {
        return errors.required(at, "");
    }
    for one in at.items() {
        let (path, kind) = (one.field("path"), one.field("pathType"));
        match kind.text() {
            _ if !kind.is_set() => {
                errors.required(&kind, "pathType must be specified");
                continue;
            }
            "Exact" | "Prefix" => {
                if !path.text().starts_with('/') {
                    errors.invalid_as(&path, &quoted(path.text()), "must be an absolute path");
                }
                for bad in ["//", "/./", "/../", "%2f", "%2F"].iter().filter(|b| path.text().contains(**b)) {
                    errors.invalid(&path, format!("must not contain '{bad}'"));
                }
                for bad in ["/..", "/."].iter().filter(|b| path.text().ends_with(**b)) {
                    errors.invalid(&path, format!("cannot end with '{bad}'"));
                }
            }
            "ImplementationSpecific" => {
                if !path.text().is_empty() && !path.text().starts_with('/') {
                    errors.invalid(&path, "must be an absolute path");
                }
            }
            _ => errors.unsupported(&kind, &["Exact", "ImplementationSpecific", "Prefix"]),
        }
        ingress_backend(&one.field("backend"), errors);
    }
}

fn ingress_backend(at: &At, errors: &mut Errors) {
    let (service, resource) = (at.field("service"), at.field("resource"));
    if service.is_set() && resource.is_set() {
        return errors.invalid_as(at, "\"\"", "cannot set both resource and service backends");
    }
    if resource.is_set() {
        return reference(&resource, errors);
    }
    if !service.is_set() {
        return errors.invalid_as(at, "\"\"", "resource or service backend is required");
    }
    let name = service.field("name");
    if errors.needs_text(&name) {
        errors.invalid_all(&name, names::label(name.text()));
    }
    let port = service.field("port");
    let (by_name, by_number) = (port.field("name"), port.field("number"));
    if by_name.text().is_empty() && by_number.int() == 0 {
        errors.required(at, "port name or number is required");
    } else if !by_name.text().is_empty() && by_number.int() != 0 {
        errors.invalid_as(at, "\"\"", "cannot set both port name & port number");
    } else if by_number.int() != 0 {
        errors.in_range(&by_number, 1, 65_535);
    } else {
        errors.invalid_all(&by_name, names::port_name(by_name.text()));
    }
}

pub fn ingress_class(at: &At, errors: &mut Errors) {
    let spec = at.field("spec");
    let controller = spec.field("controller");
    if controller.text().is_empty() {
        errors.required(&controller, "");
    } else if !names::is_domain_path(controller.text()) {
        errors.invalid(&controller, "must be a domain-prefixed path (such as \"acme.io/foo\")");
    }
    let parameters = spec.field("parameters");
    if parameters.is_set() {
        reference(&parameters, errors);
        let (scope, namespace) = (parameters.field("scope"), parameters.field("namespace"));
        match scope.text() {
            _ if !scope.is_set() => errors.required(&scope, ""),
            "Namespace" if !namespace.is_set() => {
                errors.required(&namespace, "`parameters.scope` is set to 'Namespace'");
            }
            "Namespace" => errors.invalid_all(&namespace, names::label(namespace.text())),
            "Cluster" if namespace.is_set() => {
                errors.forbidden(&namespace, "`parameters.scope` is set to 'Cluster'");
            }
            "Cluster" => {}
            _ => errors.unsupported(&scope, &["Cluster", "Namespace"]),
        }
    }
}

/// An object by its group, kind and name.
fn reference(at: &At, errors: &mut Errors) {
    let group = at.field("apiGroup");
    if group.is_set() {
        errors.invalid_all(&group, names::subdomain(group.text()));
    }
    for field in ["kind", "name"] {
        let field = at.field(field);
        if errors.needs_text(&field) {
            errors.invalid_all(&field, names::path_segment(field.text()));
        }
    }
}

pub fn policy(at: &At, errors: &mut Errors) {
    let spec = at.field("spec");
    meta::selector(&spec.field("podSelector"), errors);
    for (direction, peers) in [("ingress", "from"), ("egress", "to")] {
        for rule in spec.field(direction).items() {
            for port in rule.field("ports").items() {
                policy_port(&port, errors);
            }
            for peer in rule.field(peers).items() {
                policy_peer(&peer, errors);
            }
        }
    }
    let types = spec.field("policyTypes");
    if types.items().count() > 2 {
        return errors.invalid(&types, "may not specify more than two policyTypes");
    }
    for kind in types.items().filter(|kind| !["Ingress", "Egress"].contains(&kind.text())) {
        errors.unsupported_as(&kind, &quoted(kind.text()), &["Ingress", "Egress"]);
    }
}

fn policy_port(at: &At, errors: &mut Errors) {
    errors.one_of(&at.field("protocol"), &["TCP", "UDP", "SCTP"], true);
    let (port, end) = (at.field("port"), at.field("endPort"));
    match port.value {
        Value::Null if end.is_set() => errors.invalid(&end, "may not be specified when `port` is not specified"),
        Value::Null => {}
        Value::Str(name) => {
            if end.is_set() {
                errors.invalid(&end, "may not be specified when `port` is non-numeric");
            }
            errors.invalid_all(&port, names::port_name(name));
        }
        _ => {
            errors.in_range(&port, 1, 65_535);
            if end.is_set() {
                // The server shows the port here, not the end.
                if end.int() < port.int() {
                    errors.invalid_as(&end, &port.int().to_string(), "must be greater than or equal to `port`");
                }
                if !(1..=65_535).contains(&end.int()) {
                    errors.in_range(&end, 1, 65_535);
                }
            }
        }
    }
}

fn policy_peer(at: &At, errors: &mut Errors) {
    let given = ["podSelector", "namespaceSelector", "ipBlock"].iter().filter(|f| !at.value.get(f).is_null()).count();
    for selector in ["podSelector", "namespaceSelector"] {
        meta::selector(&at.field(selector), errors);
    }
    let block = at.field("ipBlock");
    if block.is_set() {
        ip_block(&block, errors);
    }
    if given == 0 {
        errors.required(at, "must specify a peer");
    } else if given > 1 && block.is_set() {
        errors.forbidden(at, "may not specify both ipBlock and another peer");
    }
}

fn ip_block(at: &At, errors: &mut Errors) {
    let cidr = at.field("cidr");
    if cidr.text().is_empty() {
        return errors.required(&cidr, "");
    }
    let Some((v4, network, bits)) = names::cidr(cidr.text()) else {
        return errors.invalid(&cidr, names::CIDR);
    };
    for except in at.field("except").items() {
        let Some((other_v4, address, other_bits)) = names::cidr(except.text()) else {
            errors.invalid(&except, names::CIDR);
            continue;
        };
        let differs = if bits == 0 { 0 } else { (network ^ address) >> (128 - bits) };
        if v4 != other_v4 || differs != 0 || other_bits <= bits {
            errors.invalid(&except, "must be a strict subset of `cidr`");
        }
    }
}
