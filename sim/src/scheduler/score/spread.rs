//! Kubernetes 1.36: pkg/scheduler/framework/plugins/podtopologyspread/scoring.go. The fewer Pods of the same kind in a
//! node's zone and on it, the better; without constraints of its own a Pod is spread over zones and nodes.

use super::MOST;
use crate::api::object::Object;
use crate::api::pod::SpreadConstraint;
use crate::api::selector::LabelSelector;
use crate::api::service::Service;
use crate::api::{Kind, Texts};
use crate::scheduler::filter::{Candidate, topology_spread};
use crate::scheduler::kin;
use crate::scheduler::node_info::{HOSTNAME, NodeInfo, Nodes, ZONE};
use std::collections::BTreeMap;
use std::rc::Rc;

/// So many domains are known by where their texts are.
const MET: usize = 16;

struct Soft {
    key: Rc<str>,
    max_skew: i64,
    selector: LabelSelector,
}

pub fn score(pod: &Candidate, nodes: &Nodes, fitting: &[Rc<NodeInfo>]) -> Vec<i64> {
    let (constraints, all_keys_needed) = soft_constraints(pod);
    if constraints.is_empty() {
        return vec![0; fitting.len()];
    }
    let ignored =
        |info: &NodeInfo| all_keys_needed && constraints.iter().any(|c| info.node.meta.labels.get(&c.key).is_none());
    let mut totals = vec![0; fitting.len()];
    let mut here: Vec<i64> = Vec::new();
    for (i, constraint) in constraints.iter().enumerate() {
        // The defaults share one selector: what it matches is counted once.
        if i == 0 || constraint.selector != constraints[i - 1].selector {
            let kin = nodes.kin.matching(&pod.object.meta.namespace, &constraint.selector);
            let there = kin::by_seat(&kin, nodes.seats());
            here = fitting.iter().map(|info| there.get(info.seat as usize).copied().unwrap_or(0)).collect();
        }
        // Asked once of each node: labels are compared letter by letter.
        let key = &constraint.key;
        let domains: Vec<_> = fitting.iter().map(|info| info.label(key).filter(|_| !ignored(info))).collect();
        // A node's host name is its own: there is nothing to sum up.
        let (counts, size) = match &*constraint.key {
            HOSTNAME => (here.clone(), domains.iter().flatten().count()),
            _ => by_domain(&domains, &here),
        };
        let weight = thousandths_of_log(size as i64 + 2);
        for ((total, domain), count) in totals.iter_mut().zip(&domains).zip(counts) {
            if domain.is_some() {
                *total += count * weight + (constraint.max_skew - 1) * 1000;
            }
        }
    }
    let known = || totals.iter().zip(fitting).filter(|(_, info)| !ignored(info)).map(|(t, _)| (t + 500) / 1000);
    let (least, most) = (known().min().unwrap_or(0), known().max().unwrap_or(0));
    let points = totals.iter().zip(fitting).map(|(total, info)| match (ignored(info), most) {
        (true, _) => 0,
        (false, 0) => MOST,
        (false, most) => MOST * (most + least - (total + 500) / 1000) / most,
    });
    points.collect()
}

/// For each node how many Pods there are in its domain, and how many domains there are.
fn by_domain(domains: &[Option<&Rc<str>>], here: &[i64]) -> (Vec<i64>, usize) {
    let mut numbers: BTreeMap<&Rc<str>, usize> = BTreeMap::new();
    // Domains are few and their texts shared: mostly one of these is the very same.
    let mut met: Vec<(&Rc<str>, usize)> = Vec::with_capacity(MET);
    let mut sums: Vec<i64> = Vec::new();
    let mut places = Vec::with_capacity(domains.len());
    for (domain, here) in domains.iter().zip(here) {
        let place = domain.map(|domain| match met.iter().find(|(known, _)| Rc::ptr_eq(known, domain)) {
            Some((_, place)) => *place,
            None => {
                let place = *numbers.entry(domain).or_insert_with(|| {
                    sums.push(0);
                    sums.len() - 1
                });
                if met.len() < MET {
                    met.push((domain, place));
                }
                place
            }
        });
        places.push(place);
        if let Some(place) = place {
            sums[place] += here;
        }
    }
    (places.into_iter().map(|place| place.map_or(0, |place| sums[place])).collect(), sums.len())
}

/// The Pod's soft constraints, or the cluster's defaults: over nodes and zones, for Pods of the same owner or Service.
fn soft_constraints(pod: &Candidate) -> (Vec<Soft>, bool) {
    let own = &pod.spec.spread_constraints;
    if !own.is_empty() {
        let soft = own.iter().filter(|c| &*c.when_unsatisfiable == "ScheduleAnyway");
        let make = |c: &SpreadConstraint| Soft {
            key: c.topology_key.clone(),
            max_skew: c.max_skew,
            selector: topology_spread::selector_of(c, &pod.object.meta.labels),
        };
        return (soft.map(make).collect(), true);
    }
    let selector = owners_selector(pod);
    if selector.is_empty() {
        return (Vec::new(), false);
    }
    let make = |key: &str, max_skew| Soft { key: key.into(), max_skew, selector: selector.clone() };
    (vec![make(HOSTNAME, 3), make(ZONE, 5)], false)
}

/// What selects the Pod's like: the selectors of its Services and of its controller, together.
fn owners_selector(pod: &Candidate) -> LabelSelector {
    let meta = &pod.object.meta;
    let mut selector = LabelSelector::default();
    for service in pod.store.list_in(Kind::Service, &meta.namespace) {
        let wanted = &service.expect::<Service>().spec.selector;
        if !wanted.is_empty() && wanted.within(&meta.labels) {
            for (key, value) in wanted.iter() {
                selector.match_labels.insert(key.clone(), value.clone());
            }
        }
    }
    let Some(owner) = meta.controller() else { return selector };
    let kind = Kind::find(&owner.api_version, &owner.kind);
    let object = kind.and_then(|k| pod.store.find(k, &meta.namespace, &owner.name));
    if let Some(object) = object {
        add_selector(object, &mut selector);
    }
    selector
}

fn add_selector(owner: &Object, selector: &mut LabelSelector) {
    use crate::api::Field;
    let wanted = owner.raw().at(&["spec", "selector"]);
    match owner.kind {
        Kind::ReplicaSet | Kind::StatefulSet => {
            let own = LabelSelector::read(wanted);
            for (key, value) in own.match_labels.iter() {
                selector.match_labels.insert(key.clone(), value.clone());
            }
            selector.match_expressions.extend(own.match_expressions);
        }
        Kind::ReplicationController => {
            for (key, value) in Texts::read(wanted).iter() {
                selector.match_labels.insert(key.clone(), value.clone());
            }
        }
        _ => {}
    }
}

/// The natural logarithm in thousandths, by repeated squaring of a fixed-point number.
fn thousandths_of_log(n: i64) -> i64 {
    const ONE: i128 = 1 << 32;
    let whole = n.ilog2();
    let mut x = (i128::from(n) << 32) >> whole;
    let (mut log, mut bit) = (i128::from(whole) << 32, ONE / 2);
    while bit > 1 << 16 {
        x = (x * x) >> 32;
        if x >= 2 * ONE {
            x >>= 1;
            log += bit;
        }
        bit /= 2;
    }
    ((log * 693_147 / 1000) >> 32) as i64
}

#[cfg(test)]
mod tests {
    use super::by_domain;
    use std::rc::Rc;

    #[test]
    fn pods_are_counted_by_domain() {
        let [a, b]: [Rc<str>; 2] = ["a".into(), "b".into()];
        // One text need not be one allocation.
        let other: Rc<str> = "a".into();
        let domains = [Some(&a), Some(&b), None, Some(&other), Some(&b)];
        assert_eq!(by_domain(&domains, &[1, 2, 4, 8, 16]), (vec![9, 18, 0, 9, 18], 2));
    }

    #[test]
    fn logarithms_are_near() {
        for (n, expect) in [(1, 0), (3, 1098), (4, 1386), (5, 1609), (102, 4624)] {
            assert!((super::thousandths_of_log(n) - expect).abs() <= 1, "{n}");
        }
    }
}
