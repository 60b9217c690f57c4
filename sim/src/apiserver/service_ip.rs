//! Cluster IPs and node ports of Services.
//!
//! Kubernetes 1.36: pkg/registry/core/service/storage/alloc.go, ipallocator, portallocator

use super::service_families;
use super::status::{Status, StatusCause};
use crate::api::Kind;
use crate::api::object::{Key, Object};
use crate::api::service::Service;
use crate::cluster::Cluster;
use crate::value::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// The Services' addresses: 10.96.0.0/16. Addresses that are not asked for are taken above the first 256.
const NETWORK: [u8; 2] = [10, 96];
const FIRST_DYNAMIC: u32 = 257;
const LAST: u32 = 65_534;
/// Node ports; those that are not asked for are taken above the first 86.
const NODE_PORTS: std::ops::RangeInclusive<i64> = 30_000..=32_767;
const FIRST_DYNAMIC_PORT: i64 = 30_086;
/// Stands for the port of health checks among a Service's ports.
const HEALTH_CHECK: usize = usize::MAX;

/// Gives a Service the addresses and ports that its type needs; on a change, `service_type` has said what it keeps.
pub(super) fn assign(
    cluster: &Cluster,
    kind: Kind,
    namespace: &str,
    value: &mut Value,
    old: Option<&Value>,
    dry_run: bool,
) -> Result<(), Status> {
    if kind != Kind::Service {
        return Ok(());
    }
    let name: Rc<str> = value.at(&["metadata", "name"]).as_str().unwrap_or("").into();
    let me = Key::new(namespace, name);
    let service_type = value.at(&["spec", "type"]).as_str().unwrap_or("ClusterIP").to_string();
    if service_type == "ExternalName" {
        return Ok(());
    }
    service_families::complete(value, old)?;
    assign_ip(cluster, &me, value, old, dry_run)?;
    if service_type == "ClusterIP" {
        return Ok(());
    }
    let mut taken = taken_ports(cluster, &me);
    assign_node_ports(cluster, &me, value, old, &mut taken, dry_run)?;
    assign_health_check(cluster, &me, value, old, &taken)
}

fn assign_ip(cluster: &Cluster, me: &Key, value: &mut Value, old: Option<&Value>, dry_run: bool) -> Result<(), Status> {
    let had = old.map(|o| o.at(&["spec", "clusterIP"]).as_str().unwrap_or("").to_string()).unwrap_or_default();
    let asked = value.at(&["spec", "clusterIP"]).as_str().unwrap_or("").to_string();
    let ip = if asked.is_empty() && !had.is_empty() { had.clone() } else { asked.clone() };
    let ip = if ip.is_empty() {
        free_ip(cluster, me)
    } else {
        if ip != "None" && ip != had {
            check_ip(cluster, me, &ip, dry_run)?;
        }
        ip
    };
    let spec = value.at_mut(&["spec"]);
    spec.set("clusterIP", Value::str(ip.clone()));
    if spec.get("clusterIPs").items().first().and_then(Value::as_str) != Some(&ip)
        && (asked.is_empty() || spec.get("clusterIPs").is_null())
    {
        spec.set("clusterIPs", Value::list(vec![Value::str(ip)]));
    }
    Ok(())
}

/// The addresses that other Services have.
fn taken_ips(cluster: &Cluster, me: &Key) -> BTreeSet<Rc<str>> {
    let others = cluster.store.list(Kind::Service).filter(|s| s.key() != *me);
    others.map(|s| s.expect::<Service>().spec.cluster_ip.clone()).collect()
}

fn free_ip(cluster: &Cluster, me: &Key) -> String {
    let taken = taken_ips(cluster, me);
    let whom = format!("{me}/{}", cluster.store.revision());
    let start = cluster.dice.below(u64::from(LAST - FIRST_DYNAMIC), &whom, "cluster ip") as u32;
    let size = LAST - FIRST_DYNAMIC;
    (0..size)
        .map(|i| FIRST_DYNAMIC + (start + i) % size)
        .map(|n| format!("{}.{}.{}.{}", NETWORK[0], NETWORK[1], n >> 8, n & 255))
        .find(|ip| !taken.contains(ip.as_str()))
        .expect("65,000 Services are refused before the addresses run out")
}

/// A dry run asks another allocator, which words it otherwise.
fn check_ip(cluster: &Cluster, me: &Key, ip: &str, dry_run: bool) -> Result<(), Status> {
    let invalid = |detail: String| {
        let cause = StatusCause {
            reason: "FieldValueInvalid",
            field: "spec.clusterIPs".into(),
            message: format!("Invalid value: [\"{ip}\"]: failed to allocate IP {ip}: {detail}"),
        };
        Status::invalid(Kind::Service, &me.name, vec![cause])
    };
    let parts: Vec<u8> = ip.split('.').filter_map(|p| p.parse().ok()).collect();
    let [a, b, c, d] = parts[..] else { return Ok(()) };
    let n = u32::from(c) << 8 | u32::from(d);
    if [a, b] != NETWORK || n == 0 || n > LAST {
        let range = format!("{}.{}.0.0/16", NETWORK[0], NETWORK[1]);
        return Err(invalid(if dry_run {
            format!("the provided IP ({ip}) is not in the valid range. The range of valid IPs is {range}")
        } else {
            "the provided network does not match the current range".into()
        }));
    }
    if taken_ips(cluster, me).contains(ip) {
        return Err(invalid("provided IP is already allocated".into()));
    }
    Ok(())
}

/// The ports of other Services.
fn taken_ports(cluster: &Cluster, me: &Key) -> BTreeSet<i64> {
    let check = |s: &Object| s.raw().at(&["spec", "healthCheckNodePort"]).as_int().unwrap_or(0);
    let others = cluster.store.list(Kind::Service).filter(|s| s.key() != *me);
    let ports = others.flat_map(|s| s.expect::<Service>().spec.ports.iter().map(|p| p.node_port).chain([check(s)]));
    ports.filter(|port| *port != 0).collect()
}

/// On creation ports of one number get one node port, whatever their protocols; later each that has none gets its own.
fn assign_node_ports(
    cluster: &Cluster,
    me: &Key,
    value: &mut Value,
    old: Option<&Value>,
    taken: &mut BTreeSet<i64>,
    dry_run: bool,
) -> Result<(), Status> {
    let refused = value.at(&["spec", "allocateLoadBalancerNodePorts"]).as_bool() == Some(false);
    let number = |port: &Value, field: &str| port.get(field).as_int().unwrap_or(0);
    let ports = value.at(&["spec", "ports"]).items().to_vec();
    if ports.is_empty() {
        return Ok(());
    }
    // What it had it keeps.
    let own = old.map(|old| old.at(&["spec", "ports"]).items()).unwrap_or_default();
    let mut given: BTreeSet<i64> = own.iter().map(|port| number(port, "nodePort")).collect();
    let mut by_number: BTreeMap<i64, i64> = BTreeMap::new();
    for (i, port) in value.at_mut(&["spec", "ports"]).list_mut().iter_mut().enumerate() {
        let (asked, service_port) = (number(port, "nodePort"), number(port, "port"));
        if asked == 0 && refused {
            continue;
        }
        let alike = || ports.iter().filter(|p| number(p, "port") == service_port).map(|p| number(p, "nodePort"));
        let shared = by_number.get(&service_port).copied().filter(|_| old.is_none());
        let wish = match shared {
            Some(shared) if asked == 0 => shared,
            None if asked == 0 && old.is_none() => alike().find(|n| *n != 0).unwrap_or(0),
            _ => asked,
        };
        let number = if wish == 0 { free_port(cluster, me, i, taken) } else { wish };
        // What is only tried asks no allocator whether the port is one of its own.
        let unknown = dry_run && !NODE_PORTS.contains(&number);
        if shared != Some(number) && !given.contains(&number) && !unknown {
            check_port(me, i, number, taken)?;
        }
        if old.is_some() {
            given.insert(number);
        }
        by_number.entry(service_port).or_insert(number);
        taken.insert(number);
        port.set("nodePort", Value::Int(number));
    }
    Ok(())
}

/// Where a load balancer asks a node whether it has endpoints of its own.
fn assign_health_check(
    cluster: &Cluster,
    me: &Key,
    value: &mut Value,
    old: Option<&Value>,
    taken: &BTreeSet<i64>,
) -> Result<(), Status> {
    let needed = |value: &Value| {
        let spec = value.get("spec");
        let is = |field: &str, wanted: &str| spec.get(field).as_str() == Some(wanted);
        is("type", "LoadBalancer") && is("externalTrafficPolicy", "Local")
    };
    if !needed(value) {
        return Ok(());
    }
    let number = |value: &Value| value.at(&["spec", "healthCheckNodePort"]).as_int().unwrap_or(0);
    let asked = number(value);
    let given = match old.filter(|old| needed(old)) {
        Some(old) if asked == 0 => number(old),
        Some(_) => asked,
        None if asked == 0 => free_port(cluster, me, HEALTH_CHECK, taken),
        None => match refusal(asked, taken) {
            Some(why) => {
                let text = format!("failed to allocate requested HealthCheck NodePort {asked}: {why}");
                return Err(Status::new(500, "InternalError", format!("Internal error occurred: {text}")));
            }
            None => asked,
        },
    };
    value.at_mut(&["spec"]).set("healthCheckNodePort", Value::Int(given));
    Ok(())
}

fn free_port(cluster: &Cluster, me: &Key, index: usize, taken: &BTreeSet<i64>) -> i64 {
    let size = NODE_PORTS.end() - FIRST_DYNAMIC_PORT + 1;
    let whom = format!("{me}/{index}/{}", cluster.store.revision());
    let start = cluster.dice.below(size as u64, &whom, "node port") as i64;
    (0..size).map(|i| FIRST_DYNAMIC_PORT + (start + i) % size).find(|p| !taken.contains(p)).unwrap_or(*NODE_PORTS.end())
}

/// Why a node port cannot be had.
fn refusal(port: i64, taken: &BTreeSet<i64>) -> Option<String> {
    let (first, last) = (NODE_PORTS.start(), NODE_PORTS.end());
    if !NODE_PORTS.contains(&port) {
        return Some(format!("provided port is not in the valid range. The range of valid ports is {first}-{last}"));
    }
    taken.contains(&port).then(|| "provided port is already allocated".into())
}

fn check_port(me: &Key, index: usize, port: i64, taken: &BTreeSet<i64>) -> Result<(), Status> {
    let Some(why) = refusal(port, taken) else { return Ok(()) };
    let cause = StatusCause {
        reason: "FieldValueInvalid",
        field: format!("spec.ports[{index}].nodePort"),
        message: format!("Invalid value: {port}: {why}"),
    };
    Err(Status::invalid(Kind::Service, &me.name, vec![cause]))
}
