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
            here = fitting.iter().map(|info| kin::on(&kin, info.seat)).collect();
        }
        // Asked once of each node: labels are compared letter by letter.
        let domains: Vec<Option<&Rc<str>>> = match &*constraint.key {
            HOSTNAME => fitting.iter().map(|info| info.host.as_ref()).collect(),
            ZONE => fitting.iter().map(|info| info.zone.as_ref()).collect(),
            key => fitting.iter().map(|info| info.node.meta.labels.get(key)).collect(),
        };
        let own = fitting.iter().zip(&domains).zip(&here).filter(|((info, _), _)| !ignored(info));
        let own = own.filter_map(|((_, domain), here)| Some(((*domain)?, here)));
        // A node's host name is its own: there is nothing to sum up.
        let alone = *constraint.key == *HOSTNAME;
        let mut counts: BTreeMap<&Rc<str>, i64> = BTreeMap::new();
        let size = if alone {
            own.count()
        } else {
            own.for_each(|(domain, here)| *counts.entry(domain).or_insert(0) += here);
            counts.len()
        };
        let weight = thousandths_of_log(size as i64 + 2);
        for ((total, domain), here) in totals.iter_mut().zip(&domains).zip(&here) {
            let count = domain.and_then(|d| if alone { Some(here) } else { counts.get(d) });
            if let Some(count) = count {
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
    #[test]
    fn logarithms_are_near() {
        for (n, expect) in [(1, 0), (3, 1098), (4, 1386), (5, 1609), (102, 4624)] {
            assert!((super::thousandths_of_log(n) - expect).abs() <= 1, "{n}");
        }
    }
}
