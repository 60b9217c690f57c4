//! Services, endpoints, Ingresses, network policies.

use super::page::Page;
use crate::api::Kind;
use crate::kubectl::table::{Row, cluster, labels, plain, selector, three};
use crate::value::Value;

fn or(text: String, otherwise: &str) -> String {
    if text.is_empty() { otherwise.into() } else { text }
}

fn joined(list: &Value) -> String {
    list.items().iter().map(plain).collect::<Vec<_>>().join(",")
}

pub fn service(page: &mut Page) {
    page.names();
    page.labels();
    page.annotations();
    let picks = labels(&page.at("spec.selector"));
    page.field("Selector", picks);
    page.same("Type", "spec.type");
    if !page.str("spec.ipFamilyPolicy").is_empty() {
        page.same("IP Family Policy", "spec.ipFamilyPolicy");
    }
    for (name, path) in [("IP Families", "spec.ipFamilies"), ("IP", ""), ("IPs", "spec.clusterIPs")] {
        let text = if path.is_empty() { page.str("spec.clusterIP") } else { or(joined(&page.at(path)), "<none>") };
        page.field(name, text);
    }
    let external = joined(&page.at("spec.externalIPs"));
    if !external.is_empty() {
        page.field("External IPs", external);
    }
    for (name, path) in [("Desired LoadBalancer IP", "spec.loadBalancerIP"), ("External Name", "spec.externalName")] {
        if !page.str(path).is_empty() {
            page.same(name, path);
        }
    }
    let value = page.value.clone();
    let addresses = cluster::load_balancer(&Row { value: &value, now: 0 });
    if !addresses.is_empty() {
        let mode = plain(value.at(&["status", "loadBalancer"]).get("ingress").items()[0].get("ipMode"));
        let mode = if mode.is_empty() { mode } else { format!(" ({mode})") };
        page.field(
            "LoadBalancer Ingress",
            addresses.iter().map(|a| format!("{a}{mode}")).collect::<Vec<_>>().join(", "),
        );
    }
    for port in page.at("spec.ports").items() {
        let (name, protocol) = (or(plain(port.get("name")), "<unset>"), plain(port.get("protocol")));
        page.field("Port", format!("{name}\t{}/{protocol}", plain(port.get("port"))));
        page.field("TargetPort", format!("{}/{protocol}", plain(port.get("targetPort"))));
        let application = plain(port.get("appProtocol"));
        if !application.is_empty() {
            page.field("AppProtocol", application);
        }
        if let Some(node) = port.get("nodePort").as_int().filter(|n| *n > 0) {
            page.field("NodePort", format!("{name}\t{node}/{protocol}"));
        }
        let addresses = endpoints_of(page, port);
        page.field("Endpoints", addresses);
    }
    page.same("Session Affinity", "spec.sessionAffinity");
    for (name, path) in [
        ("External Traffic Policy", "spec.externalTrafficPolicy"),
        ("Internal Traffic Policy", "spec.internalTrafficPolicy"),
        ("HealthCheck NodePort", "spec.healthCheckNodePort"),
        ("Traffic Distribution", "spec.trafficDistribution"),
    ] {
        if !page.str(path).is_empty() && page.str(path) != "0" {
            page.same(name, path);
        }
    }
    let ranges = joined(&page.at("spec.loadBalancerSourceRanges"));
    if !ranges.is_empty() {
        page.field("LoadBalancer Source Ranges", ranges);
    }
    page.events();
}

/// The ready addresses behind a port: `10.244.1.2:80,... + 1 more...`.
fn endpoints_of(page: &Page, port: &Value) -> String {
    let object = page.object();
    let slices = page.cluster().store.list_in(Kind::EndpointSlice, &object.meta.namespace);
    let own = slices.filter(|s| s.meta.labels.get("kubernetes.io/service-name") == Some(&object.meta.name));
    let (mut any, mut all) = (false, vec![]);
    for slice in own {
        any = true;
        let raw = slice.whole();
        let named = raw.get("ports").items().iter().find(|p| plain(p.get("name")) == plain(port.get("name")));
        let portless = raw.get("ports").items().is_empty();
        let suffix = match named {
            Some(p) => format!(":{}", plain(p.get("port"))),
            None if portless => String::new(),
            None => continue,
        };
        for endpoint in raw.get("endpoints").items() {
            if endpoint.at(&["conditions", "ready"]).as_bool() != Some(false) {
                all.extend(endpoint.get("addresses").items().iter().take(1).map(|a| format!("{}{suffix}", plain(a))));
            }
        }
    }
    if any { three(&all, ",", " + ") } else { "<none>".into() }
}

pub fn ingress_class(page: &mut Page) {
    page.same("Name", "metadata.name");
    page.labels();
    page.annotations();
    page.same("Controller", "spec.controller");
    let parameters = page.at("spec.parameters");
    if !parameters.is_null() {
        page.put(0, "Parameters:");
        for (name, key) in [("APIGroup", "apiGroup"), ("Kind", "kind"), ("Name", "name")] {
            if !parameters.get(key).is_null() {
                page.put(1, format!("{name}:\t{}", plain(parameters.get(key))));
            }
        }
    }
    page.events();
}

pub fn endpoint_slice(page: &mut Page) {
    page.names();
    page.labels();
    page.annotations();
    page.same("AddressType", "addressType");
    let ports = page.at("ports");
    if ports.items().is_empty() {
        page.field("Ports", "<unset>");
    } else {
        page.put(0, "Ports:\n  Name\tPort\tProtocol\n  ----\t----\t--------");
    }
    for port in ports.items() {
        let (name, number) = (or(plain(port.get("name")), "<unset>"), or(plain(port.get("port")), "*"));
        page.put(1, format!("{name}\t{number}\t{}", plain(port.get("protocol"))));
    }
    let endpoints = page.at("endpoints");
    if endpoints.items().is_empty() {
        page.put(0, "Endpoints: <none>");
    } else {
        page.put(0, "Endpoints:");
    }
    for endpoint in endpoints.items() {
        let addresses: Vec<String> = endpoint.get("addresses").items().iter().map(plain).collect();
        page.put(1, format!("- Addresses:\t{}", addresses.join(", ")));
        page.put(2, "Conditions:");
        let ready = endpoint.at(&["conditions", "ready"]).as_bool();
        page.put(3, format!("Ready:\t{}", ready.map_or("<unset>".into(), |r| r.to_string())));
        page.put(2, format!("Hostname:\t{}", or(plain(endpoint.get("hostname")), "<unset>")));
        let target = endpoint.get("targetRef");
        if !target.is_null() {
            page.put(2, format!("TargetRef:\t{}/{}", plain(target.get("kind")), plain(target.get("name"))));
        }
        page.put(2, format!("NodeName:\t{}", or(plain(endpoint.get("nodeName")), "<unset>")));
        page.put(2, format!("Zone:\t{}", or(plain(endpoint.get("zone")), "<unset>")));
    }
    page.events();
}

pub fn endpoints(page: &mut Page) {
    page.names();
    page.labels();
    page.annotations();
    page.put(0, "Subsets:");
    for subset in page.at("subsets").items() {
        let ips = |key: &str| {
            or(subset.get(key).items().iter().map(|a| plain(a.get("ip"))).collect::<Vec<_>>().join(","), "<none>")
        };
        page.put(1, format!("Addresses:\t{}", ips("addresses")));
        page.put(1, format!("NotReadyAddresses:\t{}", ips("notReadyAddresses")));
        if !subset.get("ports").items().is_empty() {
            page.put(1, "Ports:\n    Name\tPort\tProtocol\n    ----\t----\t--------");
            for port in subset.get("ports").items() {
                let name = or(plain(port.get("name")), "<unset>");
                page.put(2, format!("{name}\t{}\t{}", plain(port.get("port")), plain(port.get("protocol"))));
            }
        }
        page.put(0, "");
    }
    page.events();
}

pub fn ingress(page: &mut Page) {
    page.same("Name", "metadata.name");
    page.labels();
    page.same("Namespace", "metadata.namespace");
    let value = page.value.clone();
    page.field("Address", cluster::load_balancer(&Row { value: &value, now: 0 }).join(","));
    let class = or(page.str("spec.ingressClassName"), "<none>");
    page.field("Ingress Class", class);
    let default = page.at("spec.defaultBackend");
    let default = if default.is_null() { "<default>".into() } else { backend(page, &default) };
    page.field("Default backend", default);
    let tls = page.at("spec.tls");
    if !tls.items().is_empty() {
        page.put(0, "TLS:");
        for entry in tls.items() {
            let secret = plain(entry.get("secretName"));
            let hosts: Vec<String> = entry.get("hosts").items().iter().map(plain).collect();
            page.put(
                1,
                if secret.is_empty() {
                    format!("SNI routes {}", hosts.join(","))
                } else {
                    format!("{secret} terminates {}", hosts.join(","))
                },
            );
        }
    }
    page.put(0, "Rules:\n  Host\tPath\tBackends\n  ----\t----\t--------");
    let rules = page.at("spec.rules");
    for rule in rules.items() {
        page.put(1, format!("{}\t", or(plain(rule.get("host")), "*")));
        for path in rule.at(&["http", "paths"]).items() {
            let target = backend(page, path.get("backend"));
            page.put(1, format!("  \t{} \t{target}", plain(path.get("path"))));
        }
    }
    if rules.items().is_empty() {
        let target = page.at("spec.defaultBackend");
        let target = if target.is_null() { "<default>".into() } else { backend(page, &target) };
        page.put(1, format!("*\t*\t{target}"));
    }
    page.annotations();
    page.events();
}

/// `web:80 (10.244.1.2:80)`.
fn backend(page: &Page, backend: &Value) -> String {
    let resource = backend.get("resource");
    if !resource.is_null() {
        return format!(
            "APIGroup: {}, Kind: {}, Name: {}",
            plain(resource.get("apiGroup")),
            plain(resource.get("kind")),
            plain(resource.get("name"))
        );
    }
    let (service, port) = (plain(backend.at(&["service", "name"])), backend.at(&["service", "port"]));
    let wanted = plain(port.get("number")) + &plain(port.get("name"));
    let namespace = &page.object().meta.namespace;
    let found = page.cluster().store.find(Kind::Service, namespace, &service);
    let Some(found) = found else { return format!("{service}:{wanted} (<error: services \"{service}\" not found>)") };
    let ports = found.raw().at(&["spec", "ports"]);
    let matching = ports.items().iter().find(|p| plain(p.get("port")) == wanted || plain(p.get("name")) == wanted);
    let addresses = matching.map_or(String::new(), |p| {
        let of = Page::new(page.cluster(), found);
        endpoints_of(&of, p)
    });
    format!("{service}:{wanted} ({addresses})")
}

pub fn policy(page: &mut Page) {
    page.names();
    let created = page.str("metadata.creationTimestamp").replace('T', " ").replace('Z', " +0000 UTC");
    page.field("Created on", created);
    page.labels();
    page.annotations();
    page.put(0, "Spec:");
    let spec = page.at("spec");
    let pods = spec.get("podSelector");
    let all = pods.as_map().is_none_or(|m| m.is_empty());
    let shown = if all {
        "<none> (Allowing the specific traffic to all pods in this namespace)".into()
    } else {
        selector(pods)
    };
    page.put(1, format!("PodSelector:     {shown}"));
    let types: Vec<String> = spec.get("policyTypes").items().iter().map(plain).collect();
    for (kind, key, peers, way) in [("Ingress", "ingress", "from", "From"), ("Egress", "egress", "to", "To")] {
        if types.iter().any(|t| t == kind) {
            page.put(1, format!("Allowing {key} traffic:"));
            rules(page, spec.get(key), key, peers, way);
        } else {
            page.put(1, format!("Not affecting {key} traffic"));
        }
    }
    page.put(1, format!("Policy Types: {}", types.join(", ")));
}

fn rules(page: &mut Page, rules: &Value, key: &str, peers: &str, way: &str) {
    if rules.items().is_empty() {
        return page.put(2, format!("<none> (Selected pods are isolated for {key} connectivity)"));
    }
    for (i, rule) in rules.items().iter().enumerate() {
        let ports = rule.get("ports").items();
        if ports.is_empty() {
            page.put(2, "To Port: <any> (traffic allowed to all ports)");
        }
        for port in ports {
            let end = plain(port.get("endPort"));
            let end = if end.is_empty() { end } else { format!("-{end}") };
            page.put(
                2,
                format!(
                    "To Port{}: {}{end}/{}",
                    if end.is_empty() { "" } else { " Range" },
                    or(plain(port.get("port")), "<any>"),
                    or(plain(port.get("protocol")), "TCP")
                ),
            );
        }
        if rule.get(peers).items().is_empty() {
            page.put(
                2,
                if way == "From" {
                    "From: <any> (traffic not restricted by source)"
                } else {
                    "To: <any> (traffic not restricted by destination)"
                },
            );
        }
        for peer in rule.get(peers).items() {
            page.put(2, format!("{way}:"));
            for (name, key) in [("NamespaceSelector", "namespaceSelector"), ("PodSelector", "podSelector")] {
                if !peer.get(key).is_null() {
                    page.put(3, format!("{name}: {}", selector(peer.get(key))));
                }
            }
            let block = peer.get("ipBlock");
            if !block.is_null() {
                page.put(3, "IPBlock:");
                page.put(4, format!("CIDR: {}", plain(block.get("cidr"))));
                let except: Vec<String> = block.get("except").items().iter().map(plain).collect();
                page.put(4, format!("Except: {}", except.join(", ")));
            }
        }
        if i + 1 < rules.items().len() {
            page.put(2, "----------");
        }
    }
}
