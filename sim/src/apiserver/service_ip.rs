//! Cluster IPs and node ports of Services.
//!
//! Kubernetes 1.36: pkg/registry/core/service/storage/alloc.go, ipallocator, portallocator

use super::status::{Status, StatusCause};
use crate::api::Kind;
use crate::api::object::Key;
use crate::api::service::Service;
use crate::cluster::Cluster;
use crate::value::Value;
use std::collections::BTreeSet;
use std::rc::Rc;

/// The Services' addresses: 10.96.0.0/16. Addresses that are not asked for are taken above the first 256.
const NETWORK: [u8; 2] = [10, 96];
const FIRST_DYNAMIC: u32 = 257;
const LAST: u32 = 65_534;
/// Node ports; those that are not asked for are taken above the first 86.
const NODE_PORTS: std::ops::RangeInclusive<i64> = 30_000..=32_767;
const FIRST_DYNAMIC_PORT: i64 = 30_086;

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
    assign_ip(cluster, &me, value, old, dry_run)?;
    if service_type == "ClusterIP" {
        return Ok(());
    }
    assign_node_ports(cluster, &me, value, dry_run)
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
    families(spec);
    Ok(())
}

/// A headless Service without a selector may be of both families, in a cluster that has only one.
fn families(spec: &mut Value) {
    let free =
        spec.get("clusterIP").as_str() == Some("None") && spec.get("selector").as_map().is_none_or(|s| s.is_empty());
    spec.set_default("ipFamilyPolicy", || if free { "RequireDualStack" } else { "SingleStack" }.into());
    let both = free && spec.get("ipFamilyPolicy").as_str() != Some("SingleStack");
    spec.set_default("ipFamilies", || Value::list(vec!["IPv4".into()]));
    if let (true, [one]) = (both, spec.get("ipFamilies").items()) {
        let other = if one.as_str() == Some("IPv6") { "IPv4" } else { "IPv6" };
        spec.at_mut(&["ipFamilies"]).list_mut().push(other.into());
    }
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

fn assign_node_ports(cluster: &Cluster, me: &Key, value: &mut Value, dry_run: bool) -> Result<(), Status> {
    let refused = value.at(&["spec", "allocateLoadBalancerNodePorts"]).as_bool() == Some(false);
    let mut taken: BTreeSet<i64> = BTreeSet::new();
    for service in cluster.store.list(Kind::Service).filter(|s| s.key() != *me) {
        taken.extend(service.expect::<Service>().spec.ports.iter().map(|p| p.node_port).filter(|p| *p != 0));
    }
    if value.at(&["spec", "ports"]).as_list().is_none() {
        return Ok(());
    }
    for (i, port) in value.at_mut(&["spec", "ports"]).list_mut().iter_mut().enumerate() {
        let asked = port.get("nodePort").as_int().unwrap_or(0);
        if asked == 0 && refused {
            continue;
        }
        let number = if asked == 0 { free_port(cluster, me, i, &taken) } else { asked };
        // What is only tried asks no allocator whether the port is one of its own.
        if !(dry_run && !NODE_PORTS.contains(&number)) {
            check_port(me, i, number, &taken)?;
        }
        taken.insert(number);
        port.set("nodePort", Value::Int(number));
    }
    Ok(())
}

fn free_port(cluster: &Cluster, me: &Key, index: usize, taken: &BTreeSet<i64>) -> i64 {
    let size = NODE_PORTS.end() - FIRST_DYNAMIC_PORT + 1;
    let whom = format!("{me}/{index}/{}", cluster.store.revision());
    let start = cluster.dice.below(size as u64, &whom, "node port") as i64;
    (0..size).map(|i| FIRST_DYNAMIC_PORT + (start + i) % size).find(|p| !taken.contains(p)).unwrap_or(*NODE_PORTS.end())
}

fn check_port(me: &Key, index: usize, port: i64, taken: &BTreeSet<i64>) -> Result<(), Status> {
    let why = if !NODE_PORTS.contains(&port) {
        format!(
            "provided port is not in the valid range. The range of valid ports is {}-{}",
            NODE_PORTS.start(),
            NODE_PORTS.end()
        )
    } else if taken.contains(&port) {
        "provided port is already allocated".into()
    } else {
        return Ok(());
    };
    let cause = StatusCause {
        reason: "FieldValueInvalid",
        field: format!("spec.ports[{index}].nodePort"),
        message: format!("Invalid value: {port}: {why}"),
    };
    Err(Status::invalid(Kind::Service, &me.name, vec![cause]))
}
