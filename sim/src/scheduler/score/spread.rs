//! Kubernetes 1.36: pkg/scheduler/framework/plugins/podtopologyspread/scoring.go. The fewer Pods of the same kind in a
//! node's zone and on it, the better; without constraints of its own a Pod is spread over zones and nodes.

use super::MOST;
use crate::api::object::Object;
use crate::api::pod::SpreadConstraint;
use crate::api::replica_set::ReplicaSet;
use crate::api::replication_controller::ReplicationController;
use crate::api::selector::{LabelSelector, Requirement};
use crate::api::service::Service;
use crate::api::stateful_set::StatefulSet;
use crate::api::{Kind, Texts};
use crate::scheduler::filter::Candidate;
use crate::scheduler::filter::topology_spread::{Policy, selector_of};
use crate::scheduler::node_info::{HOSTNAME, NodeInfo, Nodes, ZONE};
use crate::scheduler::places::{Places, Tally};
use std::rc::Rc;

/// A constraint that is met as far as may be.
struct Soft {
    places: Places,
    max_skew: i64,
    selector: LabelSelector,
    policy: Policy,
}

pub fn score(pod: &Candidate, nodes: &Nodes, fitting: &[Rc<NodeInfo>]) -> Vec<i64> {
    let (constraints, all_keys_needed) = soft_constraints(pod, nodes);
    if constraints.is_empty() {
        return vec![0; fitting.len()];
    }
    // Nodes that get nothing, as they lack a label.
    let lacks = |info: &NodeInfo| constraints.iter().any(|c| c.places.at(info.seat).is_none());
    let ignored: Vec<bool> = fitting.iter().map(|info| all_keys_needed && lacks(info)).collect();
    let regarded: Vec<&NodeInfo> =
        fitting.iter().zip(&ignored).filter(|(_, out)| !**out).map(|(info, _)| &**info).collect();
    let mut totals = vec![0; regarded.len()];
    let mut there: Vec<i64> = Vec::new();
    for (i, constraint) in constraints.iter().enumerate() {
        // The defaults share one selector: what it matches is counted once.
        if i == 0 || constraint.selector != constraints[i - 1].selector {
            there = nodes.staying(&pod.object.meta.namespace, &constraint.selector, &pod.gone);
        }
        // A node's host name is its own: there is nothing to sum up.
        let alone = &*constraint.places.key == HOSTNAME;
        let counted = |info: &NodeInfo| {
            let all_keys = !all_keys_needed || !lacks(info);
            all_keys && constraint.policy.takes(pod.spec, info)
        };
        let mut sums = Tally::new(constraint.places.clone());
        if !alone && !all_keys_needed && constraint.policy.takes_all(pod.spec) {
            (0..).zip(&there).for_each(|(seat, count)| sums.add(seat, *count));
        } else if !alone {
            let counted = nodes.by_name.values().filter(|info| counted(info));
            counted.for_each(|info| sums.add(info.seat, there[info.seat as usize]));
        }
        let size = if alone { regarded.len() } else { domains(&constraint.places, &regarded) };
        let weight = thousandths_of_log(size as i64 + 2);
        for (total, info) in totals.iter_mut().zip(&regarded) {
            if constraint.places.at(info.seat).is_some() {
                let count = if alone { there[info.seat as usize] } else { sums.of(info) };
                *total += count * weight + (constraint.max_skew - 1) * 1000;
            }
        }
    }
    let rounded = totals.into_iter().map(|total: i64| (total + 500) / 1000);
    normalized(rounded.collect(), &ignored)
}

/// The fewer the better; nothing for those that are ignored.
fn normalized(totals: Vec<i64>, ignored: &[bool]) -> Vec<i64> {
    let (least, most) = (totals.iter().copied().min().unwrap_or(0), totals.iter().copied().max().unwrap_or(0));
    let mut points =
        totals.into_iter().map(|total| if most == 0 { MOST } else { MOST * (most + least - total) / most });
    ignored.iter().map(|out| if *out { 0 } else { points.next().unwrap_or(0) }).collect()
}

/// In how many places nodes are; all that are in none are in one more.
fn domains(places: &Places, nodes: &[&NodeInfo]) -> usize {
    let mut seen = vec![false; places.count() + 1];
    for info in nodes {
        seen[places.at(info.seat).map_or(places.count(), |place| place as usize)] = true;
    }
    seen.into_iter().filter(|seen| *seen).count()
}

/// The Pod's soft constraints, or the cluster's defaults: over nodes and zones, for Pods of the same owner or Service. And
/// whether a node must have the labels of all of them.
fn soft_constraints(pod: &Candidate, nodes: &Nodes) -> (Vec<Soft>, bool) {
    let own = &pod.spec.spread_constraints;
    if !own.is_empty() {
        let soft = own.iter().filter(|c| &*c.when_unsatisfiable == "ScheduleAnyway");
        let make = |c: &SpreadConstraint| Soft {
            places: nodes.places.of(&c.topology_key),
            max_skew: c.max_skew,
            selector: selector_of(c, &pod.object.meta.labels),
            policy: Policy::of(c),
        };
        return (soft.map(make).collect(), true);
    }
    let selector = owners_selector(pod);
    if selector.is_empty() {
        return (Vec::new(), false);
    }
    let make = |key: &str, max_skew| {
        let (places, selector) = (nodes.places.of(&key.into()), selector.clone());
        Soft { places, max_skew, selector, policy: Policy::DEFAULT }
    };
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
    let (labels, expressions) = match owner.kind {
        Kind::ReplicaSet => parts(&owner.expect::<ReplicaSet>().spec.selector),
        Kind::StatefulSet => parts(&owner.expect::<StatefulSet>().spec.selector),
        Kind::ReplicationController => (&owner.expect::<ReplicationController>().spec.selector, &[][..]),
        _ => return,
    };
    for (key, value) in labels.iter() {
        selector.match_labels.insert(key.clone(), value.clone());
    }
    selector.match_expressions.extend(expressions.iter().cloned());
}

fn parts(selector: &LabelSelector) -> (&Texts, &[Requirement]) {
    (&selector.match_labels, &selector.match_expressions)
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
