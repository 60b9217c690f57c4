//! Kubernetes 1.36: pkg/proxy/endpointslicecache.go
//!
//! What the nodes' proxies have made of a Service's slices: its ready endpoints, gathered anew when a slice is another one.

use super::dns::slice_objects;
use super::proxy::port_of;
use crate::api::Kind;
use crate::api::endpoint_slice::{Endpoint, EndpointSlice};
use crate::api::object::{Key, Object};
use crate::api::service::ServicePort;
use crate::cluster::Cluster;
use crate::table::Table;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// For so many ports of Services endpoints are kept; then all are gathered anew.
const KEPT: usize = 256;

/// The ready endpoints by the uid of the Service and the name of its port. They follow from the store: nothing depends on
/// whether they are kept.
#[derive(Clone, Debug, Default)]
pub struct Rules(RefCell<BTreeMap<(Rc<str>, Rc<str>), Kept>>);

/// What is kept, and what it was gathered from.
#[derive(Clone, Debug)]
struct Kept {
    /// All slices that there were when it was last asked for.
    all: Table<Object>,
    slices: Rc<[Rc<Object>]>,
    ready: Rc<Ready>,
}

/// Ready endpoints that are for every node alike.
#[derive(Debug)]
pub struct Ready {
    pub targets: Vec<Target>,
}

/// An endpoint.
#[derive(Clone, Debug)]
pub struct Target {
    pub address: Rc<str>,
    pub port: i64,
    /// The Pod that is said to be there.
    pub pod: Option<Key>,
}

impl Rules {
    /// The ready endpoints of a Service's port; `None` if it has none, or if they have hints whom they are for.
    pub fn ready(&self, cluster: &Cluster, service: &Object, port: &ServicePort) -> Option<Rc<Ready>> {
        let all = &cluster.store.shelf(Kind::EndpointSlice)?.objects;
        let place = (service.meta.uid.clone(), port.name.clone());
        let mut kept = self.0.borrow_mut();
        if let Some(known) = kept.get(&place).filter(|known| known.all.is(all)) {
            return Some(known.ready.clone());
        }
        let slices: Rc<[Rc<Object>]> = slice_objects(cluster, service).cloned().collect();
        let same = |(a, b): (&Rc<Object>, &Rc<Object>)| Rc::ptr_eq(a, b);
        if let Some(known) = kept.get_mut(&place)
            && known.slices.len() == slices.len()
            && known.slices.iter().zip(&*slices).all(same)
        {
            known.all = all.clone();
            return Some(known.ready.clone());
        }
        let ready = Rc::new(gather(port, &slices)?);
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(place, Kept { all: all.clone(), slices, ready: ready.clone() });
        Some(ready)
    }
}

fn gather(port: &ServicePort, slices: &[Rc<Object>]) -> Option<Ready> {
    let is_ready = |e: &&Rc<Endpoint>| e.conditions.ready != Some(false);
    let all = || slices.iter().map(|object| object.expect::<EndpointSlice>());
    all().flat_map(|s| s.endpoints.iter()).find(is_ready).filter(|first| first.hints.is_none())?;
    let mut targets = Vec::new();
    for slice in all() {
        let Some(port) = port_of(slice, port) else { continue };
        for endpoint in slice.endpoints.iter().filter(is_ready) {
            let Some(address) = endpoint.addresses.first().cloned() else { continue };
            let pod = endpoint.target.as_ref().filter(|target| &*target.kind == "Pod");
            let pod = pod.map(|target| Key { namespace: target.namespace.clone(), name: target.name.clone() });
            targets.push(Target { address, port, pod });
        }
    }
    Some(Ready { targets })
}
