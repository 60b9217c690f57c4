//! Kubernetes 1.36: pkg/apis/core/validation/validation.go (ValidateService, ValidateEndpoints), pkg/apis/discovery/validation

use super::kit::{At, Errors, quoted, shown};
use super::{meta, names};
use crate::value::Value;
use core::net::IpAddr;

pub fn service(at: &At, errors: &mut Errors) {
    let spec = at.field("spec");
    let kind = spec.field("type");
    let headless = spec.field("clusterIP").text() == "None";
    let external = kind.text() == "ExternalName";
    let ports = spec.field("ports");
    if !ports.is_filled() && !headless && !external {
        errors.required(&ports, "");
    }
    match kind.text() {
        "LoadBalancer" | "NodePort" if headless => {
            let ips = spec.field("clusterIPs");
            errors.invalid(&ips.index(0), format!("may not be set to 'None' for {} services", kind.text()));
        }
        "ExternalName" => external_name(&spec, errors),
        _ => {}
    }
    service_ports(&ports, errors);
    if spec.field("selector").is_set() {
        meta::labels(&spec.field("selector"), errors);
    }
    affinity(&spec, errors);
    for ip in spec.field("externalIPs").items() {
        external_ip(&ip, errors);
    }
    errors.one_of(&kind, &["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"], false);
    if kind.text() == "ClusterIP" {
        for port in ports.items() {
            let node = port.field("nodePort");
            if node.int() != 0 {
                errors.forbidden(&node, "may not be used when `type` is 'ClusterIP'");
            }
        }
    }
    node_ports_once(&ports, errors);
    duplicates(&ports, errors);
    balancer(&spec, kind.text(), errors);
    traffic(&spec, kind.text(), errors);
}

/// A node port stands once for each protocol.
fn node_ports_once(ports: &At, errors: &mut Errors) {
    let mut seen: Vec<(i64, &str)> = Vec::new();
    for (i, port) in ports.items().enumerate() {
        let (node, value) = (port.field("nodePort"), &ports.value.items()[i]);
        let id = (node.int(), value.get("protocol").as_str().unwrap_or(""));
        if id.0 != 0 && seen.contains(&id) {
            errors.duplicate(&node);
        }
        seen.push(id);
    }
}

/// What only load balancers have.
fn balancer(spec: &At, kind: &str, errors: &mut Errors) {
    let only = "may only be used when `type` is 'LoadBalancer'";
    // Its path is written as Go's field is.
    let ranges = spec.field_with("LoadBalancerSourceRanges", spec.value.get("loadBalancerSourceRanges"));
    if ranges.is_filled() && kind != "LoadBalancer" {
        errors.forbidden(&ranges, only);
    }
    for range in ranges.items().filter(|r| names::cidr(r.text().trim()).is_none()) {
        errors.invalid_as(&range, &quoted(range.text().trim()), names::CIDR);
    }
    let ports = spec.field("allocateLoadBalancerNodePorts");
    if ports.is_set() && kind != "LoadBalancer" {
        errors.forbidden(&ports, only);
    }
    let class = spec.field("loadBalancerClass");
    if class.is_set() && kind != "LoadBalancer" {
        errors.forbidden(&class, only);
    } else if class.is_set() {
        errors.invalid_all(&class, names::qualified(class.text()));
    }
}

fn external_name(spec: &At, errors: &mut Errors) {
    const WHY: &str = "may not be set for ExternalName services";
    // One IP alone is taken for a list of one.
    if spec.field("clusterIPs").is_filled() || spec.field("clusterIP").is_filled() {
        errors.forbidden(&spec.field("clusterIPs"), WHY);
    }
    for field in ["ipFamilies", "ipFamilyPolicy"].map(|name| spec.field(name)) {
        if field.is_set() {
            errors.forbidden(&field, WHY);
        }
    }
    let name = spec.field("externalName");
    if errors.needs_text(&name) {
        errors.invalid_all(&name, names::subdomain(name.text().trim_end_matches('.')));
    }
}

fn service_ports(ports: &At, errors: &mut Errors) {
    let several = ports.items().count() > 1;
    let mut used: Vec<&str> = Vec::new();
    for (i, port) in ports.items().enumerate() {
        let name = port.field("name");
        if name.text().is_empty() {
            if several {
                errors.required(&name, "");
            }
        } else {
            errors.invalid_all(&name, names::label(name.text()));
            let text = ports.value.items()[i].get("name").as_str().unwrap_or("");
            if used.contains(&text) {
                errors.duplicate(&name);
            }
            used.push(text);
        }
        errors.in_range(&port.field("port"), 1, 65_535);
        errors.one_of(&port.field("protocol"), &["SCTP", "TCP", "UDP"], false);
        let target = port.field("targetPort");
        match target.value {
            Value::Str(text) => errors.invalid_all(&target, names::port_name(text)),
            _ => errors.in_range(&target, 1, 65_535),
        }
        let application = port.field("appProtocol");
        if application.is_set() {
            errors.invalid_all(&application, names::qualified(application.text()));
        }
    }
}

fn affinity(spec: &At, errors: &mut Errors) {
    let affinity = spec.field("sessionAffinity");
    errors.one_of(&affinity, &["ClientIP", "None"], false);
    let config = spec.field("sessionAffinityConfig");
    if affinity.text() == "ClientIP" {
        let client = config.field("clientIP");
        let seconds = client.field("timeoutSeconds");
        if seconds.int() <= 0 || seconds.int() > 86_400 {
            errors.invalid(&seconds, "must be greater than 0 and less than 86400");
        }
    } else if affinity.text() == "None" && config.is_set() {
        let why = "must not be set when session affinity is None";
        errors.forbidden(&config, why);
    }
}

/// An address that is of some machine of its own.
fn external_ip(at: &At, errors: &mut Errors) {
    match names::ip(at.text()) {
        Some(ip) => not_special(at, ip, errors),
        None => errors.invalid(at, names::IP),
    }
}

/// Addresses that mean nothing elsewhere, or each node's own.
fn not_special(at: &At, ip: IpAddr, errors: &mut Errors) {
    if ip.is_unspecified() {
        errors.invalid(at, format!("may not be unspecified ({ip})"));
    }
    if ip.is_loopback() {
        errors.invalid(at, "may not be in the loopback range (127.0.0.0/8, ::1/128)");
    }
    let local = match ip {
        IpAddr::V4(v4) => v4.is_link_local(),
        IpAddr::V6(v6) => v6.segments()[0] & 0xffc0 == 0xfe80,
    };
    if local {
        errors.invalid(at, "may not be in the link-local range (169.254.0.0/16, fe80::/10)");
    }
    let local = match ip {
        IpAddr::V4(v4) => v4.octets()[..3] == [224, 0, 0],
        IpAddr::V6(v6) => v6.segments()[0] & 0xff0f == 0xff02,
    };
    if local {
        errors.invalid(at, "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)");
    }
}

/// Each port stands once for each protocol; what is told of the second is Go's own struct.
fn duplicates(ports: &At, errors: &mut Errors) {
    let mut seen: Vec<(i64, &str)> = Vec::new();
    for (i, port) in ports.items().enumerate() {
        let value = &ports.value.items()[i];
        let id = (value.get("port").as_int().unwrap_or(0), value.get("protocol").as_str().unwrap_or(""));
        if seen.contains(&id) {
            let go = format!(
                "{{\"Name\":\"\",\"Protocol\":\"{}\",\"AppProtocol\":null,\"Port\":{},\"TargetPort\":0,\"NodePort\":0}}",
                id.1, id.0
            );
            errors.duplicate_as(&port, &go);
        }
        seen.push(id);
    }
}

fn traffic(spec: &At, kind: &str, errors: &mut Errors) {
    let policy = spec.field("externalTrafficPolicy");
    let reachable =
        matches!(kind, "NodePort" | "LoadBalancer") || kind == "ClusterIP" && spec.field("externalIPs").is_filled();
    if !policy.text().is_empty() && !reachable {
        errors.invalid(&policy, "may only be set for externally-accessible services");
    } else if reachable {
        errors.one_of(&policy, &["Cluster", "Local"], false);
    }
    let check = spec.field("healthCheckNodePort");
    if check.int() != 0 && (kind != "LoadBalancer" || policy.text() != "Local") {
        errors.invalid(&check, "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'");
    }
    errors.one_of(&spec.field("internalTrafficPolicy"), &["Cluster", "Local"], true);
    errors.one_of(&spec.field("trafficDistribution"), &["PreferClose", "PreferSameZone", "PreferSameNode"], true);
}

/// The name of an endpoint and of its node.
fn named(endpoint: &At, errors: &mut Errors) {
    let (host, node) = (endpoint.field("hostname"), endpoint.field("nodeName"));
    if host.is_set() {
        errors.invalid_all(&host, names::label(host.text()));
    }
    if node.is_set() {
        errors.invalid_all(&node, names::subdomain(node.text()));
    }
}

pub fn endpoints(at: &At, errors: &mut Errors) {
    for subset in at.field("subsets").items() {
        let (ready, not_ready) = (subset.field("addresses"), subset.field("notReadyAddresses"));
        if !ready.is_filled() && !not_ready.is_filled() {
            errors.required(&subset, "must specify `addresses` or `notReadyAddresses`");
        }
        for address in ready.items().chain(not_ready.items()) {
            let ip = address.field("ip");
            let parsed = names::ip(ip.text());
            if parsed.is_none() {
                errors.invalid_as(&ip, &quoted(ip.text()), names::IP);
            }
            named(&address, errors);
            match parsed {
                Some(parsed) => not_special(&ip, parsed, errors),
                None => errors.invalid_as(&ip, &quoted(ip.text()), "must be a valid IP address"),
            }
        }
        let ports = subset.field("ports");
        let several = ports.items().count() > 1;
        for port in ports.items() {
            let name = port.field("name");
            if name.text().is_empty() {
                if several {
                    errors.required(&name, "");
                }
            } else {
                errors.invalid_all(&name, names::label(name.text()));
            }
            errors.in_range(&port.field("port"), 1, 65_535);
            errors.one_of(&port.field("protocol"), &["SCTP", "TCP", "UDP"], false);
            let application = port.field("appProtocol");
            if application.is_set() {
                errors.invalid_all(&application, names::qualified(application.text()));
            }
        }
    }
}

pub fn endpoint_slice(at: &At, errors: &mut Errors) {
    let kind = at.field("addressType");
    if kind.text().is_empty() {
        errors.required(&kind, "");
    } else if !["IPv4", "IPv6", "FQDN"].contains(&kind.text()) {
        errors.unsupported(&kind, &["FQDN", "IPv4", "IPv6"]);
    }
    let ports = at.field("ports");
    let mut used: Vec<String> = Vec::new();
    for port in ports.items() {
        let name = port.field("name");
        if !name.text().is_empty() {
            errors.invalid_all(&name, names::label(name.text()));
        }
        if used.contains(&shown(name.value)) {
            errors.duplicate(&name);
        }
        used.push(shown(name.value));
        errors.known(&port.field("protocol"), &["SCTP", "TCP", "UDP"]);
        let application = port.field("appProtocol");
        if application.is_set() {
            errors.invalid_all(&application, names::qualified(application.text()));
        }
    }
    for endpoint in at.field("endpoints").items() {
        slice_endpoint(&endpoint, kind.text(), errors);
    }
}

/// Endpoints of one sort of addresses.
fn slice_endpoint(endpoint: &At, kind: &str, errors: &mut Errors) {
    let addresses = endpoint.field("addresses");
    if !addresses.is_filled() {
        errors.required(&addresses, "must contain at least 1 address");
    }
    for address in addresses.items() {
        match kind {
            "FQDN" => errors.invalid_all(&address, names::subdomain(address.text())),
            "IPv4" | "IPv6" if names::ip(address.text()).is_none() => errors.invalid(&address, names::IP),
            "IPv4" | "IPv6" => {
                let ip = names::ip(address.text()).expect("just looked at");
                if ip.is_ipv4() != (kind == "IPv4") {
                    // The server's path is that of all addresses.
                    errors.invalid_as(&addresses, &quoted(address.text()), format!("must be an {kind} address"));
                }
                not_special(&address, ip, errors);
            }
            _ => {}
        }
    }
    named(endpoint, errors);
    let hints = endpoint.field("hints");
    for (list, check) in [("forZones", names::label_value as names::Check), ("forNodes", names::subdomain)] {
        for wanted in hints.field(list).items() {
            let name = wanted.field("name");
            check(name.text()).iter().for_each(|w| errors.invalid_as(&name, &quoted(name.text()), w));
        }
    }
}
