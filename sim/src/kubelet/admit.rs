//! Whether a node takes a Pod that was bound to it: the kubelet judges for itself.
//!
//! Kubernetes 1.36: pkg/kubelet/lifecycle/predicate.go

use super::pod_worker::Turn;
use crate::admission::pod_security_checks::SAFE_SYSCTLS;
use crate::admission::qos;
use crate::api::field::Amounts;
use crate::api::node::{Node, Taint};
use crate::api::object::Object;
use crate::api::pod::{NodeTerm, Pod, PodSpec};
use crate::api::quantity::Quantity;
use crate::api::{Metadata, Stamp, Texts};
use crate::host_ports;
use crate::machine::agent::Life;
use crate::resources;
use std::rc::Rc;

/// Reason and message.
type Refusal = (String, String);

impl Turn<'_> {
    /// # Errors
    /// Reason and message of the refusal.
    pub(super) fn admit(&self) -> Result<(), Refusal> {
        self.bears_pressure()?;
        self.knows_sysctls()?;
        self.runs_its_system()?;
        let Some((meta, node)) = self.cluster.store.typed::<Node>("", self.node) else { return Ok(()) };
        self.fits(node)?;
        let labels = self.spec.node_selector.within(&meta.labels);
        let required = self.spec.affinity.as_ref().and_then(|a| a.node.as_ref()?.required.as_ref());
        let affinity = required.is_none_or(|r| r.terms.iter().any(|t| matches(t, meta)));
        if !labels || !affinity {
            let why = "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector";
            return Err(("NodeAffinity".into(), why.into()));
        }
        let others = self.here().flat_map(|other| host_ports::of(&other.expect::<Pod>().spec)).collect::<Vec<_>>();
        if host_ports::clash(&host_ports::of(&self.spec), &others) {
            return Err(("NodePorts".into(), format!("Predicate NodePorts failed: {}", host_ports::TAKEN)));
        }
        let untolerated =
            node.spec.taints.iter().find(|taint| {
                &*taint.effect == "NoExecute" && !self.spec.tolerations.iter().any(|t| t.tolerates(taint))
            });
        if untolerated.is_some() {
            let why = "Predicate TaintToleration failed: node(s) had untolerated taint(s)";
            return Err(("TaintToleration".into(), why.into()));
        }
        Ok(())
    }

    /// A node that runs short takes no more Pods; one without memory still takes those that have requested some.
    fn bears_pressure(&self) -> Result<(), Refusal> {
        let pressures = self.machine.agent.pressures;
        let tolerates = |key: &str| {
            let taint = Taint { key: key.into(), effect: "NoSchedule".into(), ..Default::default() };
            self.spec.tolerations.iter().any(|t| t.tolerates(&taint))
        };
        let memory = pressures.memory.is_some()
            && qos::class_of(&self.spec) == "BestEffort"
            && !tolerates("node.kubernetes.io/memory-pressure");
        if self.spec.is_critical() || !memory && pressures.disk.is_none() {
            return Ok(());
        }
        let conditions = match (pressures.disk, pressures.memory) {
            (Some(_), Some(_)) => "DiskPressure MemoryPressure",
            (Some(_), None) => "DiskPressure",
            _ => "MemoryPressure",
        };
        Err(("Evicted".into(), format!("The node had condition: [{conditions}]. ")))
    }

    /// Of the kernel's settings a Pod may change those alone that belong to its own namespaces and harm no other Pod.
    /// Kubernetes 1.36: pkg/kubelet/sysctl/allowlist.go
    fn knows_sysctls(&self) -> Result<(), Refusal> {
        let swapped = |c| match c {
            '/' => '.',
            '.' => '/',
            c => c,
        };
        for sysctl in self.spec.security_context.get("sysctls").items() {
            let name = sysctl.get("name").as_str().unwrap_or("");
            // `net/ipv4/x` is another way to write `net.ipv4.x`.
            let name = match name.find(['.', '/']).is_some_and(|at| name[at..].starts_with('/')) {
                true => name.chars().map(swapped).collect(),
                false => name.to_string(),
            };
            let host = match name.starts_with("net.") {
                true => self.spec.host_network.then_some("Net"),
                false => self.spec.host_ipc.then_some("IPC"),
            };
            let why = match host {
                _ if !SAFE_SYSCTLS.contains(&&*name) => "not allowlisted".to_string(),
                Some(namespace) => format!("not allowed with host {namespace} enabled"),
                None => continue,
            };
            return Err(("SysctlForbidden".into(), format!("forbidden sysctl: \"{name}\" {why}")));
        }
        Ok(())
    }

    /// Every node runs Linux.
    fn runs_its_system(&self) -> Result<(), Refusal> {
        let refuse =
            |reason: &str, message: &str| Err((reason.into(), format!("Failed to admit pod as the {message}")));
        if self.pod.meta.labels.get("kubernetes.io/os").is_some_and(|name| &**name != "linux") {
            return refuse("PodOSSelectorNodeLabelDoesNotMatch", "`kubernetes.io/os` label doesn't match node label");
        }
        match self.pod.raw().at(&["spec", "os", "name"]).as_str() {
            None | Some("linux") => Ok(()),
            Some(_) => refuse("PodOSNotSupported", "OS field doesn't match node OS"),
        }
    }

    /// The other Pods that the node has taken and that have not ended.
    fn here(&self) -> impl Iterator<Item = &Rc<Object>> {
        self.cluster.store.pods_on(self.node).filter(|other| {
            let known = self.machine.agent.workers.get(&other.meta.uid);
            let here = known.is_some_and(|w| !matches!(w.life, Life::New | Life::Done));
            here && other.meta.uid != self.pod.meta.uid && !other.expect::<Pod>().status.finished()
        })
    }

    /// Whether there is room beside the Pods that the node has already.
    pub(super) fn fits(&self, node: &Node) -> Result<(), Refusal> {
        let others: Vec<&PodSpec> = self.here().map(|other| &*other.expect::<Pod>().spec).collect();
        let count = others.len() as i64;
        let refuse = |name: &str, wanted: i64, used: i64, capacity: i64| {
            let text = format!(
                "Node didn't have enough resource: {name}, requested: {wanted}, used: {used}, capacity: {capacity}"
            );
            Err((format!("OutOf{name}"), text))
        };
        let allocatable = &node.status.allocatable;
        let capacity = |name: &str| allocatable.get(name).copied().unwrap_or_default();
        if count + 1 > capacity("pods").units() {
            return refuse("pods", 1, count, capacity("pods").units());
        }
        let (wanted, before) = (resources::requests(&self.spec), asked_by(&others));
        // What the node does not have at all is left to whoever hands it out.
        let others = wanted.iter().map(|(name, _)| &**name);
        let others = others
            .filter(|name| name.starts_with("hugepages-") || name.contains('/') && allocatable.get(name).is_some());
        for name in ["cpu", "memory", "ephemeral-storage"].into_iter().chain(others) {
            let of = |amounts: &Amounts| amounts.get(name).copied().unwrap_or_default();
            let (wanted, before) = (of(&wanted), of(&before));
            if wanted.is_zero() || wanted.plus(before).milli <= capacity(name).milli {
                continue;
            }
            let shown = |q: Quantity| if name == "cpu" { q.milli_units() } else { q.units() };
            return refuse(name, shown(wanted), shown(before), shown(capacity(name)));
        }
        Ok(())
    }

    /// The Pod is failed for good.
    pub(super) fn reject(&mut self, reason: String, message: &str) {
        self.warn_pod(&reason, message);
        let mut status = self.status().clone();
        status.phase = "Failed".into();
        status.reason = reason.into();
        status.message = format!("Pod was rejected: {message}").into();
        status.observed_generation = self.pod.meta.generation;
        status.start_time = Some(Stamp(self.cluster.stamp().0));
        self.new_status = Some(status);
        self.worker.life = Life::Done;
    }
}

/// What Pods request together. Neighbours are often made alike.
fn asked_by(pods: &[&PodSpec]) -> Amounts {
    let alike = |a: &&PodSpec, b: &&PodSpec| {
        a.containers == b.containers
            && a.init_containers == b.init_containers
            && a.resources == b.resources
            && a.overhead == b.overhead
    };
    let mut sum = Amounts::default();
    for kin in pods.chunk_by(alike) {
        let each = resources::requests(kin[0]);
        kin.iter().for_each(|_| resources::add_all(&mut sum, &each));
    }
    sum
}

fn matches(term: &NodeTerm, meta: &Metadata) -> bool {
    if term.expressions.is_empty() && term.fields.is_empty() {
        return false;
    }
    let name = Texts::from_iter([("metadata.name", meta.name.clone())]);
    term.expressions.iter().all(|r| r.matches(&meta.labels)) && term.fields.iter().all(|r| r.matches(&name))
}
