//! Kubernetes 1.36: staging/src/k8s.io/endpointslice/reconciler.go (reconcileByPortMapping, finalize)
//!
//! How endpoints are put into slices: those that are there stay where they are, new ones go to a slice that is written
//! anyway, and a slice that is to go is rather given another content.

use super::body;
use super::desired::{Ports, Wanted};
use crate::api::Texts;
use crate::api::endpoint_slice::Endpoint;
use crate::api::object::Object;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

/// The most endpoints of one slice.
const FULL: usize = 100;

/// What is to be done with one slice.
pub enum Plan {
    Create { ports: Ports, endpoints: Vec<Rc<Endpoint>> },
    Update { slice: Rc<Object>, ports: Ports, endpoints: Vec<Rc<Endpoint>> },
    Delete { slice: Rc<Object> },
}

type Content = (Ports, Vec<Rc<Endpoint>>);

#[derive(Default)]
struct Changes {
    create: VecDeque<Content>,
    update: Vec<(Rc<Object>, Content)>,
    delete: Vec<Rc<Object>>,
}

pub fn plan(slices: &[Rc<Object>], wanted: Wanted, labels: &Texts) -> Vec<Plan> {
    let mut changes = Changes::default();
    for slice in slices.iter().filter(|s| wanted.iter().all(|(ports, _)| *ports != body(s).ports)) {
        changes.delete.push(slice.clone());
    }
    if wanted.is_empty() {
        // One empty slice stays, to say that there is nothing.
        let empty = changes.delete.iter().position(|s| body(s).endpoints.is_empty() && body(s).ports.is_empty());
        match empty {
            Some(i) if changes.delete[i].meta.labels == *labels => drop(changes.delete.remove(i)),
            _ => changes.create.push_back(Content::default()),
        }
    }
    for (ports, endpoints) in wanted {
        let own: Vec<_> = slices.iter().filter(|s| body(s).ports == ports).collect();
        by_ports(&own, ports, endpoints, labels, &mut changes);
    }
    finish(changes)
}

fn by_ports(own: &[&Rc<Object>], ports: Ports, wanted: Vec<Rc<Endpoint>>, labels: &Texts, out: &mut Changes) {
    let (found, mut rest) = find(own, &wanted);
    let first_update = out.update.len();
    let mut unchanged = Vec::new();
    for (slice, found) in own.iter().zip(found) {
        let old = &body(slice).endpoints;
        let places = old.iter().zip(found).filter_map(|(e, place)| place.or_else(|| rest.remove(uid(e))));
        let kept: Vec<Rc<Endpoint>> = places.map(|i| wanted[i].clone()).collect();
        if kept.is_empty() {
            out.delete.push(Rc::clone(slice));
        } else if *kept != **old || slice.meta.labels != *labels {
            out.update.push((Rc::clone(slice), (ports.clone(), kept)));
        } else {
            unchanged.push(Rc::clone(slice));
        }
    }
    let mut left: Vec<usize> = rest.into_values().collect();
    left.sort_unstable();
    let mut left: VecDeque<Rc<Endpoint>> = left.into_iter().map(|i| wanted[i].clone()).collect();
    for (_, (_, endpoints)) in &mut out.update[first_update..] {
        let room = FULL - endpoints.len().min(FULL);
        endpoints.extend(left.drain(..room.min(left.len())));
    }
    while !left.is_empty() {
        let count = left.len().min(FULL);
        let fits = |s: &&Rc<Object>| body(s).endpoints.len() + count <= FULL;
        let fullest = unchanged.iter().filter(fits).max_by_key(|s| body(s).endpoints.len()).cloned();
        let new = left.drain(..count);
        match fullest {
            Some(slice) => {
                let endpoints = body(&slice).endpoints.iter().cloned().chain(new).collect();
                unchanged.retain(|s| s.meta.uid != slice.meta.uid);
                out.update.push((slice, (ports.clone(), endpoints)));
            }
            None => out.create.push_back((ports.clone(), new.collect())),
        }
    }
}

/// Where the endpoints of each slice are among those wanted, if they are the very same, and the others by their uid.
fn find<'a>(own: &[&Rc<Object>], wanted: &'a [Rc<Endpoint>]) -> (Vec<Vec<Option<usize>>>, BTreeMap<&'a str, usize>) {
    let mut places: Vec<(*const Endpoint, usize)> =
        wanted.iter().enumerate().map(|(i, e)| (Rc::as_ptr(e), i)).collect();
    places.sort_unstable();
    let mut taken = vec![false; wanted.len()];
    let mut place = |e: &Rc<Endpoint>| {
        let k = places.binary_search_by_key(&Rc::as_ptr(e), |(pointer, _)| *pointer).ok()?;
        let i = places[k].1;
        (!std::mem::replace(&mut taken[i], true)).then_some(i)
    };
    let found = own.iter().map(|slice| body(slice).endpoints.iter().map(&mut place).collect()).collect();
    let rest = wanted.iter().enumerate().filter(|(i, _)| !taken[*i]).map(|(i, e)| (uid(e), i)).collect();
    (found, rest)
}

/// Which Pod an endpoint is of.
fn uid(endpoint: &Endpoint) -> &str {
    endpoint.target.as_ref().map_or("", |t| &t.uid)
}

fn finish(mut changes: Changes) -> Vec<Plan> {
    changes.delete.retain(|slice| match changes.create.pop_front() {
        Some(content) => {
            changes.update.push((slice.clone(), content));
            false
        }
        None => true,
    });
    let create = changes.create.into_iter().map(|(ports, endpoints)| Plan::Create { ports, endpoints });
    let update = changes.update.into_iter().map(|(slice, (ports, endpoints))| Plan::Update { slice, ports, endpoints });
    let delete = changes.delete.into_iter().map(|slice| Plan::Delete { slice });
    create.chain(update).chain(delete).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::endpoint_slice::EndpointSlice;
    use crate::api::{Body, Kind, Metadata};

    fn endpoint(name: usize) -> Rc<Endpoint> {
        let target = crate::api::endpoint_slice::Reference { uid: format!("u{name}").into(), ..Default::default() };
        Rc::new(Endpoint { target: Some(target), ..Default::default() })
    }
    fn slice(name: &str, content: &[Rc<Endpoint>]) -> Rc<Object> {
        let body = EndpointSlice { endpoints: content.to_vec().into(), ..Default::default() };
        let meta = Metadata { name: name.into(), uid: name.into(), ..Default::default() };
        Rc::new(Object::of(Kind::EndpointSlice, meta, Body::EndpointSlice(body.into())))
    }
    fn check(slices: &[Rc<Object>], wanted: &[Rc<Endpoint>], expect: &[&str]) {
        let wanted = if wanted.is_empty() { vec![] } else { vec![(Ports::default(), wanted.to_vec())] };
        let plans = plan(slices, wanted, &Texts::default());
        let texts: Vec<String> = plans
            .iter()
            .map(|p| match p {
                Plan::Create { endpoints, .. } => format!("create {}", endpoints.len()),
                Plan::Update { slice, endpoints, .. } => format!("update {} {}", slice.meta.name, endpoints.len()),
                Plan::Delete { slice } => format!("delete {}", slice.meta.name),
            })
            .collect();
        assert_eq!(texts, expect);
    }

    #[test]
    fn nothing_is_said_by_one_empty_slice() {
        check(&[], &[], &["create 0"]);
        check(&[slice("a", &[])], &[], &[]);
        check(&[slice("a", &[endpoint(1)])], &[], &["update a 0"]);
    }

    #[test]
    fn slices_hold_a_hundred() {
        let many: Vec<Rc<Endpoint>> = (0..250).map(endpoint).collect();
        check(&[], &many, &["create 100", "create 100", "create 50"]);
        let (a, b) = (slice("a", &many[..100]), slice("b", &many[100..150]));
        check(&[a.clone(), b.clone()], &many[..160], &["update b 60"]);
        check(&[a.clone(), b.clone()], &many[1..150], &["update a 99"]);
        check(&[a, b], &many[..100], &["delete b"]);
    }
}
