//! Kubernetes 1.36: staging/src/k8s.io/endpointslice/topologycache
//!
//! The annotation `service.kubernetes.io/topology-mode: Auto`: each zone is given endpoints by its share of the nodes' CPU. Slices
//! that nothing else is to be written to keep their hints while these are good enough. Among equals the real controller chooses
//! at random, here the first by name.

use super::body;
use super::desired::Wanted;
use super::fill::Plan;
use crate::api::Kind;
use crate::api::endpoint_slice::{Endpoint, EndpointHints, Hint};
use crate::api::node::Node;
use crate::api::object::Object;
use crate::cluster::Cluster;
use std::collections::BTreeMap;
use std::rc::Rc;

const ZONE: &str = "topology.kubernetes.io/zone";
const ANNOTATIONS: [&str; 2] = ["service.kubernetes.io/topology-mode", "service.kubernetes.io/topology-aware-hints"];
/// Nodes that are not counted.
const EXCLUDED: [&str; 2] = ["node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master"];

type ByZone<T> = BTreeMap<Rc<str>, T>;

/// Whether a Service asks for hints by its annotation.
pub fn is_asked_for(service: &Object) -> bool {
    let said = ANNOTATIONS.iter().find_map(|name| service.meta.annotations.get(name));
    said.is_some_and(|value| ["Auto", "auto"].contains(&&**value))
}

/// Lets the endpoints that are as before keep their hints.
pub fn keep(slices: &[Rc<Object>], wanted: &mut Wanted) {
    let all = slices.iter().flat_map(|slice| body(slice).endpoints.iter());
    let known: BTreeMap<&str, &Rc<Endpoint>> = all.filter_map(|e| Some((&*e.target.as_ref()?.uid, e))).collect();
    for endpoint in wanted.iter_mut().flat_map(|(_, endpoints)| endpoints) {
        let before = endpoint.target.as_ref().and_then(|target| known.get(&*target.uid));
        if let Some(before) = before
            && (Endpoint { hints: None, ..(***before).clone() }) == **endpoint
        {
            *endpoint = Rc::clone(before);
        }
    }
}

/// Gives hints to what is to be written, and writes more slices where the hints there will not do.
///
/// # Errors
/// Why there can be no hints; all are taken away then.
pub fn give(cluster: &Cluster, slices: &[Rc<Object>], plans: &mut Vec<Plan>) -> Result<(), String> {
    let unchanged: Vec<&Rc<Object>> = slices.iter().filter(|slice| !is_touched(slice, plans)).collect();
    let given = share_out(cluster, &unchanged, plans);
    if given.is_err() {
        let hinted = |slice: &&&Rc<Object>| body(slice).endpoints.iter().any(|e| e.hints.is_some());
        plans.extend(unchanged.iter().filter(hinted).map(|slice| rewrite(slice)));
        written(plans).for_each(|endpoint| hint(endpoint, None));
    }
    given
}

fn is_touched(slice: &Rc<Object>, plans: &[Plan]) -> bool {
    plans.iter().any(|plan| match plan {
        Plan::Create { .. } => false,
        Plan::Update { slice: other, .. } | Plan::Delete { slice: other } => other.meta.uid == slice.meta.uid,
    })
}

fn rewrite(slice: &Rc<Object>) -> Plan {
    let slice_body = body(slice);
    Plan::Update { slice: slice.clone(), ports: slice_body.ports.clone(), endpoints: slice_body.endpoints.to_vec() }
}

/// The endpoints that are to be written.
fn written(plans: &mut [Plan]) -> impl Iterator<Item = &mut Rc<Endpoint>> {
    plans.iter_mut().flat_map(|plan| match plan {
        Plan::Create { endpoints, .. } | Plan::Update { endpoints, .. } => endpoints.iter_mut(),
        Plan::Delete { .. } => [].iter_mut(),
    })
}

fn hint(endpoint: &mut Rc<Endpoint>, zone: Option<&Rc<str>>) {
    let hints = zone.map(|name| EndpointHints { for_zones: vec![Hint { name: name.clone() }], ..Default::default() });
    if endpoint.hints != hints {
        Rc::make_mut(endpoint).hints = hints;
    }
}

fn is_ready(endpoint: &Endpoint) -> bool {
    endpoint.conditions.ready == Some(true)
}

fn share_out(cluster: &Cluster, unchanged: &[&Rc<Object>], plans: &mut Vec<Plan>) -> Result<(), String> {
    let old = unchanged.iter().flat_map(|slice| body(slice).endpoints.iter());
    let count = old.filter(|e| is_ready(e)).count() + written(plans).filter(|e| is_ready(e)).count();
    let shares = Shares::of(cluster, count as i64)?;
    let mut given = ByZone::<i64>::new();
    for slice in unchanged {
        match shares.good_hints(&body(slice).endpoints, &given) {
            Some(hints) => hints.into_iter().for_each(|(zone, n)| *given.entry(zone).or_default() += n),
            None => plans.push(rewrite(slice)),
        }
    }
    for endpoint in written(plans).filter(|e| is_ready(e)) {
        let zone = endpoint.zone.clone().ok_or("One or more endpoints do not have a zone specified")?;
        *given.entry(zone.clone()).or_default() += 1;
        hint(endpoint, Some(&zone));
    }
    let (mut givers, mut takers) = shares.moves(&given);
    for endpoint in written(plans).filter(|e| is_ready(e)) {
        let (Some(left), Some(mut taker)) =
            (endpoint.zone.as_ref().and_then(|zone| givers.get_mut(zone)).filter(|n| **n > 0), takers.first_entry())
        else {
            continue;
        };
        *left -= 1;
        hint(endpoint, Some(taker.key()));
        *taker.get_mut() -= 1;
        if *taker.get() == 0 {
            taker.remove();
        }
    }
    if given.is_empty() { Err("No hints allocated for zones".into()) } else { Ok(()) }
}

/// How many endpoints each zone should have.
struct Shares {
    /// The CPU of all nodes, in thousandths of a core: what an endpoint counts for.
    whole: i64,
    /// The least and the most of a zone's endpoints, and what it should have, in parts of `whole`.
    zones: ByZone<(i64, i64, i64)>,
}

impl Shares {
    fn of(cluster: &Cluster, count: i64) -> Result<Shares, String> {
        let cpu = cpu_by_zone(cluster);
        let Some(cpu) = cpu.filter(|cpu| cpu.len() > 1) else {
            let text = "Insufficient Node information: allocatable CPU or zone not specified on one or more nodes";
            return Err(text.into());
        };
        let counts = format!("({count} endpoints, {} zones)", cpu.len());
        if (cpu.len() as i64) > count {
            return Err(format!("Insufficient number of endpoints {counts}"));
        }
        let whole: i64 = cpu.values().sum();
        // No endpoint should bear more than 1.2 of what it would if all were spread evenly.
        let least = |cpu: i64| (5 * cpu * count + 6 * whole - 1) / (6 * whole);
        let sum: i64 = cpu.values().map(|cpu| least(*cpu)).sum();
        if sum > count {
            let text =
                "Unable to allocate minimum required endpoints to each zone without exceeding overload threshold";
            return Err(format!("{text} {counts}"));
        }
        let share = |(zone, cpu): (Rc<str>, i64)| {
            let least = least(cpu);
            (zone, (least, least + count - sum, (cpu * count).max(least * whole)))
        };
        Ok(Shares { whole, zones: cpu.into_iter().map(share).collect() })
    }

    /// The hints of a slice by zone, if they may stay.
    fn good_hints(&self, endpoints: &[Rc<Endpoint>], given: &ByZone<i64>) -> Option<ByZone<i64>> {
        let mut found = ByZone::new();
        for endpoint in endpoints.iter().filter(|e| is_ready(e)) {
            let hints = endpoint.hints.as_ref().filter(|hints| !hints.for_zones.is_empty())?;
            for hint in &hints.for_zones {
                *found.entry(hint.name.clone()).or_default() += 1;
            }
        }
        let fits = |(zone, n): (&Rc<str>, &i64)| {
            self.zones.get(zone).is_some_and(|(_, most, _)| n + given.get(zone).copied().unwrap_or(0) <= *most)
        };
        found.iter().all(fits).then_some(found)
    }

    /// How many endpoints each zone gives to others, and how many it takes.
    fn moves(&self, given: &ByZone<i64>) -> (ByZone<i64>, ByZone<i64>) {
        let has = |zone: &Rc<str>| given.get(zone).copied().unwrap_or(0) * self.whole;
        let over = self.zones.iter().map(|(zone, (_, _, wish))| (zone.clone(), has(zone) - wish));
        let (mut spare, mut need): (ByZone<i64>, ByZone<i64>) = over.partition(|(_, n)| *n > 0);
        need.values_mut().for_each(|n| *n = -*n);
        let (mut givers, mut takers) = (ByZone::new(), ByZone::new());
        let most = |zones: &ByZone<i64>| zones.iter().rev().max_by_key(|(_, n)| **n).map(|(z, n)| (z.clone(), *n));
        while let (Some((from, left)), Some((to, lacks))) = (most(&spare), most(&need)) {
            if 2 * left.min(lacks) < self.whole || left.max(lacks) < self.whole {
                break;
            }
            spare.insert(from.clone(), left - self.whole);
            need.insert(to.clone(), lacks - self.whole);
            *givers.entry(from).or_default() += 1;
            *takers.entry(to).or_default() += 1;
        }
        (givers, takers)
    }
}

/// The allocatable CPU of the ready nodes of each zone, in thousandths of a core; `None` if a node lacks zone or CPU.
fn cpu_by_zone(cluster: &Cluster) -> Option<ByZone<i64>> {
    let mut found = ByZone::new();
    for object in cluster.store.list(Kind::Node) {
        let node = object.expect::<Node>();
        let ready = node.status.condition("Ready").is_some_and(|c| &*c.status == "True");
        if !ready || EXCLUDED.iter().any(|label| object.meta.labels.get(label).is_some()) {
            continue;
        }
        let zone = object.meta.labels.get(ZONE).filter(|zone| !zone.is_empty())?;
        let cpu = node.status.allocatable.get("cpu").map_or(0, |cpu| cpu.milli_units());
        if cpu == 0 {
            return None;
        }
        *found.entry(zone.clone()).or_default() += cpu;
    }
    Some(found)
}
