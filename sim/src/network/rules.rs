//! Kubernetes 1.36: pkg/proxy/endpointslicecache.go
//!
//! What the nodes' proxies have made of a Service's slices: its ready endpoints, gathered anew when a slice is another one.

use super::proxy::port_of;
use crate::api::endpoint_slice::{Endpoint, EndpointSlice};
use crate::api::object::{Key, Object};
use crate::api::service::ServicePort;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// For so many ports of Services endpoints are kept; then all are gathered anew.
const KEPT: usize = 256;

/// The ready endpoints by the uid of the Service and the name of its port. They follow from the store: nothing depends on
/// whether they are kept.
#[derive(Clone, Debug, Default)]
pub struct Rules(RefCell<BTreeMap<(Rc<str>, Rc<str>), Rc<Ready>>>);

/// Ready endpoints that are for every node alike.
#[derive(Debug)]
pub struct Ready {
    /// What they were gathered from.
    slices: Vec<Rc<Object>>,
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
    pub fn ready(&self, service: &Object, port: &ServicePort, slices: &[&Rc<Object>]) -> Option<Rc<Ready>> {
        let place = (service.meta.uid.clone(), port.name.clone());
        let same = |kept: &Ready| {
            kept.slices.len() == slices.len() && kept.slices.iter().zip(slices).all(|(a, b)| Rc::ptr_eq(a, b))
        };
        if let Some(kept) = self.0.borrow().get(&place).filter(|kept| same(kept)) {
            return Some(kept.clone());
        }
        let ready = Rc::new(gather(port, slices)?);
        let mut all = self.0.borrow_mut();
        if all.len() >= KEPT {
            all.clear();
        }
        all.insert(place, ready.clone());
        Some(ready)
    }
}

fn gather(port: &ServicePort, slices: &[&Rc<Object>]) -> Option<Ready> {
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
    Some(Ready { slices: slices.iter().map(|slice| (*slice).clone()).collect(), targets })
}
