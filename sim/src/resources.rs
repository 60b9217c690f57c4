//! What a Pod asks for as a whole, from what its containers ask for.
//!
//! Kubernetes 1.36: staging/src/k8s.io/component-helpers/resource/helpers.go (PodRequests, PodLimits)

use crate::api::field::Amounts;
use crate::api::pod::{Container, PodSpec};
use crate::api::quantity::Quantity;
use std::rc::Rc;

/// What the Pod asks for: the sum of its containers and sidecars, or more if an init container asks for more while it
/// runs, and its overhead. What is asked for the Pod as a whole replaces the sum.
pub fn requests(spec: &PodSpec) -> Amounts {
    let mut sum = total(spec, |c| &c.resources.requests);
    if let Some(whole) = &spec.resources {
        for (name, amount) in whole.requests.iter() {
            set(&mut sum, name, *amount);
        }
    }
    for (name, amount) in spec.overhead.iter() {
        add(&mut sum, name, *amount);
    }
    sum
}

/// What the Pod may use at most, reckoned like its requests.
pub fn limits(spec: &PodSpec) -> Amounts {
    let mut sum = total(spec, |c| &c.resources.limits);
    if let Some(whole) = &spec.resources {
        for (name, amount) in whole.limits.iter() {
            set(&mut sum, name, *amount);
        }
    }
    for (name, amount) in spec.overhead.iter() {
        if sum.get(name).is_some() {
            add(&mut sum, name, *amount);
        }
    }
    sum
}

fn total(spec: &PodSpec, of: impl Fn(&Container) -> &Amounts) -> Amounts {
    let mut sum = Amounts::default();
    for container in &spec.containers {
        add_all(&mut sum, of(container));
    }
    let mut sidecars = Amounts::default();
    let mut peak = Amounts::default();
    for container in &spec.init_containers {
        if container.is_sidecar() {
            add_all(&mut sum, of(container));
            add_all(&mut sidecars, of(container));
            raise(&mut peak, &sidecars);
        } else {
            let mut now = sidecars.clone();
            add_all(&mut now, of(container));
            raise(&mut peak, &now);
        }
    }
    raise(&mut sum, &peak);
    sum
}

/// Adds an amount to the entry of its name.
pub fn add(sum: &mut Amounts, name: &Rc<str>, amount: Quantity) {
    match sum.0.binary_search_by(|(k, _)| k.cmp(name)) {
        Ok(i) => sum.0[i].1 = sum.0[i].1.plus(amount),
        Err(i) => sum.0.insert(i, (name.clone(), amount)),
    }
}

/// Adds all amounts, name by name.
pub fn add_all(sum: &mut Amounts, more: &Amounts) {
    for (name, amount) in more.iter() {
        add(sum, name, *amount);
    }
}

fn set(sum: &mut Amounts, name: &Rc<str>, amount: Quantity) {
    match sum.0.binary_search_by(|(k, _)| k.cmp(name)) {
        Ok(i) => sum.0[i].1 = amount,
        Err(i) => sum.0.insert(i, (name.clone(), amount)),
    }
}

fn raise(sum: &mut Amounts, least: &Amounts) {
    for (name, amount) in least.iter() {
        if sum.get(name).is_none_or(|now| now.milli < amount.milli) {
            set(sum, name, *amount);
        }
    }
}
