//! The rules' own hints: whether a change may make a Pod fit that they shut out. All others let it rest.
//!
//! Kubernetes 1.36: EventsToRegister and the queueing hints of each plug-in in pkg/scheduler/framework/plugins, and
//! what buildQueueingHintMap in pkg/scheduler/scheduler.go adds to them.

use super::filter::{node_affinity, pod_affinity, topology_spread, volume_limits, volume_zone};
use super::node_info::{Sum, takes_room};
use crate::api::Kind;
use crate::api::node::Node;
use crate::api::object::Object;
use crate::api::pod::{Pod, PodSpec};
use crate::api::storage_class::StorageClass;
use crate::claims;
use crate::host_ports;
use crate::store::{Change, Store};
use std::rc::Rc;

/// A Pod that waits, and the rules that shut it out.
pub struct Shut<'a> {
    pub pod: &'a Object,
    pub by: &'a [&'static str],
    pub store: &'a Store,
}

/// Whether a change may help any Pod at all: most do not.
pub fn may_help(change: &Change) -> bool {
    match change.kind {
        Kind::Pod => pod_event(change).is_some(),
        Kind::Node => true,
        Kind::PersistentVolumeClaim | Kind::PersistentVolume | Kind::StorageClass | Kind::CSINode => {
            change.new.is_some()
        }
        Kind::VolumeAttachment => change.new.is_none(),
        _ => false,
    }
}

/// What befell a Pod that has, or had, its place on a node.
enum PodEvent<'a> {
    Placed(&'a Object),
    Gone(&'a Object),
    Changed(&'a Object, &'a Object),
}

fn pod_event(change: &Change) -> Option<PodEvent<'_>> {
    let placed = |o: &'_ Option<Rc<Object>>| o.as_ref().is_some_and(|o| takes_room(o));
    let (old, new) = (change.old.as_deref(), change.new.as_deref());
    match (placed(&change.old), placed(&change.new)) {
        (false, true) => Some(PodEvent::Placed(new?)),
        (true, false) => Some(PodEvent::Gone(old?)),
        (true, true) => {
            let (old, new) = (old?, new?);
            let (before, now) = (&old.expect::<Pod>().spec, &new.expect::<Pod>().spec);
            let differs = old.meta.labels != new.meta.labels || !Rc::ptr_eq(before, now) && before != now;
            differs.then_some(PodEvent::Changed(old, new))
        }
        (false, false) => None,
    }
}

impl Shut<'_> {
    fn spec(&self) -> &PodSpec {
        &self.pod.expect::<Pod>().spec
    }

    /// Whether a change of something else may make it fit.
    pub fn is_helped_by(&self, change: &Change) -> bool {
        // Where no rule has shut it out, as there was no node at all, anything may help.
        if self.by.is_empty() {
            return true;
        }
        match change.kind {
            Kind::Pod => pod_event(change).is_some_and(|event| self.by.iter().any(|rule| self.pod_helps(rule, &event))),
            Kind::Node => self.by.iter().any(|rule| self.node_helps(rule, change)),
            Kind::PersistentVolumeClaim => {
                let mut rules = self.by.iter();
                let own = change.key.namespace == self.pod.meta.namespace
                    && claims::of_pod(self.pod).any(|claim| claim == change.key.name);
                own && rules.any(|rule| match *rule {
                    "VolumeRestrictions" | volume_limits::RULE => change.old.is_none(),
                    rule => matches!(rule, "VolumeBinding" | volume_zone::RULE),
                })
            }
            Kind::PersistentVolume | Kind::StorageClass => self.by.iter().any(|rule| volume_helps(rule, change)),
            Kind::CSINode => self.by.contains(&volume_limits::RULE) && attaches_more(change),
            Kind::VolumeAttachment => {
                let volumes = &self.spec().volumes;
                self.by.contains(&volume_limits::RULE) && volumes.iter().any(|volume| volume.claim.is_some())
            }
            _ => false,
        }
    }

    /// Whether a change of the Pod itself may make it fit.
    pub fn is_helped_by_itself(&self, old: &Object) -> bool {
        let (before, now) = (&old.expect::<Pod>().spec, self.spec());
        let relabelled = old.meta.labels != self.pod.meta.labels;
        let tolerates_more = before.tolerations != now.tolerations;
        self.by.iter().any(|rule| match *rule {
            "NodeResourcesFit" => asks_less(before, now, now),
            "InterPodAffinity" => relabelled,
            "PodTopologySpread" => {
                let constraints = topology_spread::hard(self.pod);
                let taken = |o: &Object| -> Vec<bool> { constraints.iter().map(|c| c.takes(&o.meta.labels)).collect() };
                tolerates_more || relabelled && taken(old) != taken(self.pod)
            }
            "TaintToleration" | "NodeUnschedulable" => tolerates_more,
            _ => false,
        })
    }

    fn pod_helps(&self, rule: &str, event: &PodEvent) -> bool {
        let here = |other: &Object| other.meta.namespace == self.pod.meta.namespace;
        match (rule, event) {
            ("NodeResourcesFit", PodEvent::Gone(_)) => true,
            ("NodeResourcesFit", PodEvent::Changed(old, new)) => {
                asks_less(&old.expect::<Pod>().spec, &new.expect::<Pod>().spec, self.spec())
            }
            ("NodePorts", PodEvent::Gone(old)) => {
                host_ports::clash(&host_ports::of(self.spec()), &host_ports::of(&old.expect::<Pod>().spec))
            }
            ("VolumeRestrictions", PodEvent::Gone(old)) => {
                here(old) && claims::of_pod(old).any(|claim| claims::of_pod(self.pod).any(|own| own == claim))
            }
            (volume_limits::RULE, PodEvent::Gone(old)) => claims::of_pod(old).next().is_some(),
            ("InterPodAffinity", event) => self.neighbour_helps(event),
            ("PodTopologySpread", event) => {
                let constraints = topology_spread::hard(self.pod);
                let taken = |other: &Object| constraints.iter().any(|c| c.takes(&other.meta.labels));
                match event {
                    PodEvent::Placed(other) | PodEvent::Gone(other) => here(other) && taken(other),
                    PodEvent::Changed(old, new) => {
                        here(new) && constraints.iter().any(|c| c.takes(&old.meta.labels) != c.takes(&new.meta.labels))
                    }
                }
            }
            _ => false,
        }
    }

    fn neighbour_helps(&self, event: &PodEvent) -> bool {
        let (affinity, anti) = pod_affinity::required(self.spec());
        let all = |terms: &[_], owner: &Object, other: &Object| {
            !terms.is_empty() && terms.iter().all(|term| pod_affinity::matches(term, owner, other, self.store))
        };
        match event {
            PodEvent::Placed(other) => all(affinity, self.pod, other),
            PodEvent::Gone(other) => {
                let (_, theirs) = pod_affinity::required(&other.expect::<Pod>().spec);
                all(anti, self.pod, other) || all(theirs, other, self.pod)
            }
            PodEvent::Changed(old, new) => {
                !all(affinity, self.pod, old) && all(affinity, self.pod, new)
                    || all(anti, self.pod, old) && !all(anti, self.pod, new)
            }
        }
    }

    fn node_helps(&self, rule: &str, change: &Change) -> bool {
        let Some(new) = &change.new else {
            let old = change.latest();
            return rule == "PodTopologySpread" && topology_spread::has_keys(self.pod, old);
        };
        // It asks for no news of nodes.
        if rule == volume_limits::RULE {
            return false;
        }
        let (old, node) = (change.old.as_ref(), new.expect::<Node>());
        let relabelled = old.is_none_or(|old| old.meta.labels != new.meta.labels);
        // Rules that ask for new nodes but not for changed taints are asked at every change of taints, and always hope.
        let own_hint = matches!(rule, "TaintToleration" | "NodeUnschedulable" | "PodTopologySpread");
        if !own_hint && old.is_some_and(|old| retainted(old.expect(), node)) {
            return true;
        }
        match rule {
            "NodeName" | "NodePorts" | "VolumeRestrictions" => old.is_none(),
            "VolumeBinding" | volume_zone::RULE => relabelled,
            "NodeResourcesFit" => {
                fits_empty(self.spec(), node) && old.is_none_or(|old| offers_more(self.spec(), old.expect(), node))
            }
            "NodeAffinity" => {
                let takes = |node: &Object| node_affinity::matches(self.spec(), node);
                takes(new) && !old.is_some_and(|old| takes(old))
            }
            "NodeUnschedulable" => {
                !node.spec.unschedulable && old.is_none_or(|old| old.expect::<Node>().spec.unschedulable)
            }
            "TaintToleration" => {
                let tolerated = |node: &Node| {
                    let mut hard = node.spec.taints.iter().filter(|t| &*t.effect != "PreferNoSchedule");
                    hard.all(|taint| self.spec().tolerations.iter().any(|t| t.tolerates(taint)))
                };
                tolerated(node) && !old.is_some_and(|old| tolerated(old.expect()))
            }
            "InterPodAffinity" => self.place_helps(old.map(|old| &**old), new),
            "PodTopologySpread" => self.domain_helps(old.map(|old| &**old), new),
            _ => false,
        }
    }

    /// A node that came to the place where friends might be, or left the place where foes are.
    fn place_helps(&self, old: Option<&Object>, new: &Object) -> bool {
        let (affinity, anti) = pod_affinity::required(self.spec());
        let value = |node: &Object, key: &str| node.meta.labels.get(key).cloned();
        affinity.iter().any(|term| {
            let now = value(new, &term.topology_key);
            now.is_some() && old.and_then(|old| value(old, &term.topology_key)) != now
        }) || anti.iter().any(|term| {
            let Some(old) = old else { return true };
            let before = value(old, &term.topology_key);
            before.is_some() && value(new, &term.topology_key) != before
        })
    }

    fn domain_helps(&self, old: Option<&Object>, new: &Object) -> bool {
        let has_keys = |node: &Object| topology_spread::has_keys(self.pod, node);
        let Some(old) = old else { return has_keys(new) };
        let constraints = topology_spread::hard(self.pod);
        let value = |node: &Object, key: &str| node.meta.labels.get(key).cloned();
        let moved = constraints.iter().any(|c| value(old, c.key()) != value(new, c.key()));
        let tainted = old.expect::<Node>().spec.taints != new.expect::<Node>().spec.taints;
        has_keys(old) != has_keys(new) || has_keys(new) && (moved || tainted)
    }
}

/// Whether a volume or a class that is new or has changed may help.
fn volume_helps(rule: &str, change: &Change) -> bool {
    match (rule, change.kind, &change.old, &change.new) {
        ("VolumeBinding", Kind::PersistentVolume, ..) => true,
        (volume_zone::RULE, Kind::PersistentVolume, Some(old), Some(new)) => {
            volume_zone::of_volume(old) != volume_zone::of_volume(new)
        }
        ("VolumeBinding" | volume_zone::RULE, _, None, Some(new)) => match new.kind {
            Kind::StorageClass if rule == volume_zone::RULE => {
                &*new.expect::<StorageClass>().binding_mode == "WaitForFirstConsumer"
            }
            _ => true,
        },
        _ => false,
    }
}

/// Whether a node's drivers are new, or one attaches more than before.
fn attaches_more(change: &Change) -> bool {
    match (&change.old, &change.new) {
        (Some(old), Some(new)) => volume_limits::rises(old, new),
        (old, new) => old.is_none() && new.is_some(),
    }
}

/// Whether a node's taints have changed, or it takes Pods again.
fn retainted(old: &Node, new: &Node) -> bool {
    old.spec.taints != new.spec.taints || old.spec.unschedulable && !new.spec.unschedulable
}

/// Whether anything that `whom` asks for is asked less of now than before.
fn asks_less(before: &PodSpec, now: &PodSpec, whom: &PodSpec) -> bool {
    let (before, now, whom) = (Sum::of(before), Sum::of(now), Sum::of(whom));
    (whom.cpu_milli > 0 && now.cpu_milli < before.cpu_milli)
        || (whom.memory_bytes > 0 && now.memory_bytes < before.memory_bytes)
        || (whom.disk_bytes > 0 && now.disk_bytes < before.disk_bytes)
        || whom.others.iter().any(|(name, _)| now.other(name) < before.other(name))
}

/// Whether a Pod would fit if it had the node for itself.
fn fits_empty(spec: &PodSpec, node: &Node) -> bool {
    crate::resources::requests(spec).iter().all(|(name, amount)| {
        node.status.allocatable.get(name).is_some_and(|has| has.milli_units() >= amount.milli_units())
    })
}

fn offers_more(spec: &PodSpec, old: &Node, new: &Node) -> bool {
    let has = |node: &Node, name: &str| node.status.allocatable.get(name).map_or(0, |q| q.milli_units());
    let requests = crate::resources::requests(spec);
    let mut names = requests.iter().map(|(name, _)| &**name).chain(["pods"]);
    names.any(|name| has(new, name) > has(old, name))
}
