//! Services, their slices, their names, and what clients get.

use super::Complaints;
use crate::swarm::rules::is_ready;
use kubarium_sim::api::Kind;
use kubarium_sim::api::object::Object;
use kubarium_sim::api::pod::Pod;
use kubarium_sim::api::service::Service;
use kubarium_sim::clock::Span;
use kubarium_sim::cluster::Cluster;
use kubarium_sim::network::dns::{self, Question, Record};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

pub fn check(cluster: &Cluster, found: &mut Complaints) {
    for service in cluster.store.list(Kind::Service) {
        if !service.expect::<Service>().spec.selector.is_empty() {
            endpoints(cluster, service, found);
        }
        names(cluster, service, found);
    }
    addresses(cluster, found);
    requests(cluster, found);
}

/// The addresses that the slices of a Service say to be ready.
fn ready(cluster: &Cluster, service: &Object) -> BTreeSet<Rc<str>> {
    let endpoints = dns::slices(cluster, service).flat_map(|slice| slice.endpoints.iter());
    endpoints.filter(|e| e.conditions.ready == Some(true)).flat_map(|e| e.addresses.clone()).collect()
}

/// Slices have the Pods that match and are ready, no others, each once.
fn endpoints(cluster: &Cluster, service: &Object, found: &mut Complaints) {
    let spec = &service.expect::<Service>().spec;
    let pods = cluster.store.list_in(Kind::Pod, &service.meta.namespace);
    let fits = |p: &&Rc<Object>| {
        let status = &p.expect::<Pod>().status;
        let open = spec.publish_not_ready || is_ready(p) && !p.meta.deleting();
        spec.selector.within(&p.meta.labels) && open && !status.finished() && !status.pod_ip.is_empty()
    };
    let expected: BTreeSet<Rc<str>> = pods.filter(fits).map(|p| p.expect::<Pod>().status.pod_ip.clone()).collect();
    let said = ready(cluster, service);
    if said != expected {
        found.insert(format!("Service {}: leads to {said:?}, ready are {expected:?}", service.key()));
    }
    let all = dns::slices(cluster, service).flat_map(|s| s.endpoints.iter()).filter_map(|e| e.target.as_ref());
    let mut seen = BTreeSet::new();
    if let Some(twice) = all.map(|t| &t.uid).find(|uid| !seen.insert((*uid).clone())) {
        found.insert(format!("Service {}: has the Pod {twice} twice", service.key()));
    }
}

/// A Service's name leads to its address, or to what its slices say.
fn names(cluster: &Cluster, service: &Object, found: &mut Complaints) {
    let spec = &service.expect::<Service>().spec;
    let name = format!("{}.{}.svc.{}", service.meta.name, service.meta.namespace, dns::DOMAIN);
    let records = dns::lookup(cluster, &name, Question::A).unwrap_or_default();
    let said: BTreeSet<Rc<str>> =
        records.into_iter().filter_map(|r| if let Record::A(_, address) = r { Some(address) } else { None }).collect();
    let expected = match spec.is_headless() {
        true => ready(cluster, service),
        false if spec.cluster_ip.is_empty() => BTreeSet::new(),
        false => BTreeSet::from([spec.cluster_ip.clone()]),
    };
    if said != expected {
        found.insert(format!("{name}: is {said:?} and should be {expected:?}"));
    }
}

/// No two Pods that run have one address, no two Services either.
fn addresses(cluster: &Cluster, found: &mut Complaints) {
    let mut owners: BTreeMap<Rc<str>, String> = BTreeMap::new();
    let pods = cluster.store.list(Kind::Pod).filter_map(|p| {
        let Pod { spec, status } = p.expect();
        let own = !spec.host_network && !status.finished() && !p.meta.deleting();
        own.then(|| (status.pod_ip.clone(), format!("Pod {}", p.key())))
    });
    let services = cluster.store.list(Kind::Service);
    let services = services.map(|s| (s.expect::<Service>().spec.cluster_ip.clone(), format!("Service {}", s.key())));
    for (address, who) in pods.chain(services).filter(|(a, _)| !a.is_empty() && &**a != "None") {
        if let Some(other) = owners.insert(address.clone(), who.clone()) {
            found.insert(format!("{who} and {other} share {address}"));
        }
    }
}

/// How long a client's request may take: two seconds of waiting, and its name server's.
const PATIENCE: Span = Span::secs(60);

/// Every request ends in exactly one way: clients note when one begins and how it ended.
fn requests(cluster: &Cluster, found: &mut Complaints) {
    for (node, machine) in cluster.machines.iter() {
        let machine = machine.at(cluster.now);
        let containers = machine.sandboxes.values().flat_map(|s| &s.containers);
        for container in containers {
            let lines = container.process.logs().lines();
            let (mut open, mut last) = (false, None);
            for line in lines {
                let wrong = match line.text.trim_end() {
                    "try" => std::mem::replace(&mut open, true),
                    "ok" | "failed" => last.is_some() && !std::mem::replace(&mut open, false),
                    _ => continue,
                };
                last = Some(line.at);
                if wrong {
                    found.insert(format!("{} on {node}: a request did not end in exactly one way", container.id));
                }
            }
            let hangs = open && container.is_running() && last.is_some_and(|at| cluster.now.since(at) > PATIENCE);
            if hangs {
                found.insert(format!("{} on {node}: a request never ends", container.id));
            }
        }
    }
}
