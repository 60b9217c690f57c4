//! The cluster's name server: Services, headless Services' Pods, Pods by address.
//!
//! CoreDNS: plugin/kubernetes (the specification: github.com/kubernetes/dns docs/specification.md). Names of the
//! world outside are not known here. Answers are not cached.

use crate::api::Kind;
use crate::api::endpoint_slice::{Endpoint, EndpointSlice};
use crate::api::object::Object;
use crate::api::service::Service;
use crate::cluster::Cluster;
use std::rc::Rc;

/// The cluster's domain.
pub const DOMAIN: &str = "cluster.local";
/// Where the name server listens.
pub const SERVER: &str = "10.96.0.10";

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Question {
    A,
    Aaaa,
    Srv,
    Ptr,
}

/// One record.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Record {
    /// Owner name, address.
    A(String, Rc<str>),
    /// Owner name, the name it stands for.
    Cname(String, Rc<str>),
    /// Owner name, port, target name.
    Srv(String, i64, String),
    /// Owner name, name.
    Ptr(String, String),
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Failure {
    /// The name does not exist.
    NxDomain,
    /// Nobody here knows: the name is of the world outside.
    Unknown,
}

/// So many names may stand for one another.
const LONGEST_CHAIN: usize = 8;

/// Answers a question about a full name, without a dot at its end. A name that exists, but not with such records, has
/// an empty answer. Where a name stands for another of the cluster's, the answer tells what that leads to as well.
///
/// # Errors
/// The name does not exist, or is none of the cluster's.
pub fn lookup(cluster: &Cluster, name: &str, question: Question) -> Result<Vec<Record>, Failure> {
    let mut records = answer(cluster, name, question)?;
    while let Some(Record::Cname(_, target)) = records.last().filter(|_| records.len() < LONGEST_CHAIN) {
        match answer(cluster, target, question) {
            Ok(more) if !more.is_empty() => records.extend(more),
            _ => break,
        }
    }
    Ok(records)
}

fn answer(cluster: &Cluster, name: &str, question: Question) -> Result<Vec<Record>, Failure> {
    let lower = name.trim_end_matches('.').to_ascii_lowercase();
    if let Some(reversed) = lower.strip_suffix(".in-addr.arpa") {
        return reverse(cluster, &lower, reversed);
    }
    let Some(rest) = lower.strip_suffix(DOMAIN).and_then(|r| r.strip_suffix('.')) else {
        return Err(Failure::Unknown);
    };
    let labels: Vec<&str> = rest.split('.').collect();
    match labels.as_slice() {
        [.., namespace, "svc"] => service(cluster, &lower, &labels[..labels.len() - 2], namespace, question),
        [address, namespace, "pod"] => pod(cluster, &lower, address, namespace, question),
        _ => Err(Failure::NxDomain),
    }
}

/// `[_port._protocol.|host.]service` in a namespace.
fn service(
    cluster: &Cluster,
    name: &str,
    labels: &[&str],
    namespace: &str,
    question: Question,
) -> Result<Vec<Record>, Failure> {
    let (host, wanted) = match labels {
        [] => return Err(Failure::NxDomain),
        [service] => (None, *service),
        [host, service] => (Some(Host::Named(host)), *service),
        [port, protocol, service] => {
            let port = port.strip_prefix('_').ok_or(Failure::NxDomain)?;
            let protocol = protocol.strip_prefix('_').ok_or(Failure::NxDomain)?;
            (Some(Host::Port(port, protocol)), *service)
        }
        _ => return Err(Failure::NxDomain),
    };
    let object = cluster.store.find(Kind::Service, namespace, wanted).ok_or(Failure::NxDomain)?;
    let spec = &object.expect::<Service>().spec;
    if &*spec.kind == "ExternalName" {
        return match host {
            None => Ok(vec![Record::Cname(name.into(), spec.external_name.clone())]),
            Some(_) => Err(Failure::NxDomain),
        };
    }
    let base = format!("{wanted}.{namespace}.svc.{DOMAIN}");
    if spec.is_headless() {
        headless(cluster, object, name, &base, host, question)
    } else {
        plain(object, name, &base, host, question)
    }
}

enum Host<'a> {
    /// A Pod's own name below the Service's.
    Named(&'a str),
    /// A port's name and its protocol.
    Port(&'a str, &'a str),
}

/// A Service with an address of its own.
fn plain(
    object: &Object,
    name: &str,
    base: &str,
    host: Option<Host>,
    question: Question,
) -> Result<Vec<Record>, Failure> {
    let spec = &object.expect::<Service>().spec;
    match (host, question) {
        (None, Question::A) => Ok(vec![Record::A(name.into(), spec.cluster_ip.clone())]),
        (None, _) => Ok(Vec::new()),
        (Some(Host::Named(_)), _) => Err(Failure::NxDomain),
        (Some(Host::Port(port, protocol)), question) => {
            let found = spec.ports.iter().filter(|p| *p.name == *port && p.protocol.eq_ignore_ascii_case(protocol));
            let records: Vec<Record> = found.map(|p| Record::Srv(name.into(), p.port, base.into())).collect();
            match (records.is_empty(), question) {
                (true, _) => Err(Failure::NxDomain),
                (false, Question::Srv) => Ok(records),
                (false, _) => Ok(Vec::new()),
            }
        }
    }
}

/// The first label of an endpoint's own name: its hostname, or its address with dashes.
fn endpoint_name(endpoint: &Endpoint, address: &str) -> String {
    match &endpoint.hostname {
        Some(hostname) => hostname.to_string(),
        None => address.replace('.', "-"),
    }
}

/// A Service without an address: its name leads to the Pods.
fn headless(
    cluster: &Cluster,
    object: &Object,
    name: &str,
    base: &str,
    host: Option<Host>,
    question: Question,
) -> Result<Vec<Record>, Failure> {
    let slices: Vec<&EndpointSlice> = slices(cluster, object).collect();
    let answering = |e: &&Endpoint| e.conditions.ready != Some(false);
    let all = || slices.iter().flat_map(|s| s.endpoints.iter().map(|e| &**e).filter(answering).map(move |e| (*s, e)));
    let mut records = Vec::new();
    match host {
        None => records.extend(all().flat_map(|(_, e)| &e.addresses).map(|ip| Record::A(name.into(), ip.clone()))),
        Some(Host::Named(host)) => {
            let here = all().flat_map(|(_, e)| e.addresses.iter().map(move |ip| (e, ip)));
            let named = here.filter(|(e, ip)| endpoint_name(e, ip).eq_ignore_ascii_case(host));
            records.extend(named.map(|(_, ip)| Record::A(name.into(), ip.clone())));
        }
        Some(Host::Port(port, protocol)) => {
            for (slice, endpoint) in all() {
                let ports = slice.ports.iter().filter(|p| {
                    p.name.as_deref() == Some(port)
                        && p.protocol.as_deref().unwrap_or("TCP").eq_ignore_ascii_case(protocol)
                });
                for number in ports.filter_map(|p| p.port) {
                    let target = |ip: &Rc<str>| format!("{}.{base}", endpoint_name(endpoint, ip));
                    records.extend(endpoint.addresses.iter().map(|ip| Record::Srv(name.into(), number, target(ip))));
                }
            }
        }
    }
    if records.is_empty() {
        return Err(Failure::NxDomain);
    }
    let fits = |r: &Record| match question {
        Question::A => matches!(r, Record::A(..)),
        Question::Srv => matches!(r, Record::Srv(..)),
        Question::Aaaa | Question::Ptr => false,
    };
    records.retain(fits);
    Ok(records)
}

/// The slices of a Service.
pub fn slices<'a>(cluster: &'a Cluster, service: &'a Object) -> impl Iterator<Item = &'a EndpointSlice> {
    slice_objects(cluster, service).map(|s| s.expect::<EndpointSlice>())
}

pub(super) fn slice_objects<'a>(cluster: &'a Cluster, service: &'a Object) -> impl Iterator<Item = &'a Rc<Object>> {
    let all = cluster.store.list_in(Kind::EndpointSlice, &service.meta.namespace);
    all.filter(|s| s.meta.labels.get("kubernetes.io/service-name").is_some_and(|name| *name == service.meta.name))
}

/// `10-244-1-7.namespace.pod`: any address, whether such a Pod exists or not.
fn pod(
    cluster: &Cluster,
    name: &str,
    address: &str,
    namespace: &str,
    question: Question,
) -> Result<Vec<Record>, Failure> {
    let ip = address.replace('-', ".");
    let valid = ip.split('.').count() == 4 && ip.split('.').all(|part| part.parse::<u8>().is_ok());
    if !valid || cluster.store.find(Kind::Namespace, "", namespace).is_none() {
        return Err(Failure::NxDomain);
    }
    Ok(if question == Question::A { vec![Record::A(name.into(), ip.into())] } else { Vec::new() })
}

/// The names of an address.
fn reverse(cluster: &Cluster, name: &str, reversed: &str) -> Result<Vec<Record>, Failure> {
    let ip = reversed.split('.').rev().collect::<Vec<_>>().join(".");
    let mut found = Vec::new();
    for object in cluster.store.list(Kind::Service) {
        let base = format!("{}.{}.svc.{DOMAIN}", object.meta.name, object.meta.namespace);
        let spec = &object.expect::<Service>().spec;
        if *spec.cluster_ip == *ip {
            found.push(Record::Ptr(name.into(), base));
        } else if spec.is_headless() {
            let endpoints = slices(cluster, object).flat_map(|s| s.endpoints.iter());
            let here = endpoints.filter(|e| e.addresses.iter().any(|a| **a == *ip));
            found.extend(here.map(|e| Record::Ptr(name.into(), format!("{}.{base}", endpoint_name(e, &ip)))));
        }
    }
    if found.is_empty() { Err(Failure::NxDomain) } else { Ok(found) }
}
