//! Resizing a Pod in place: new requests and limits for containers that run.
//!
//! Kubernetes 1.36: pkg/kubelet/allocation/allocation_manager.go, pkg/kubelet/events/pod_resize.go. Not simulated:
//! resources of whole Pods, memory limits below what is in use.

use super::BY;
use super::pod_worker::Turn;
use crate::api::Stamp;
use crate::api::field::Field;
use crate::api::node::Node;
use crate::api::pod::{Container, PodSpec, Resources};
use crate::api::pod_status::PodCondition;
use crate::api::quantity::Quantity;
use crate::apiserver::events::Note;
use crate::machine::agent::{Life, Pending};
use crate::manifest::write;
use std::rc::Rc;

const PENDING: &str = "PodResizePending";
const IN_PROGRESS: &str = "PodResizeInProgress";
pub(super) const CONDITIONS: [&str; 2] = [PENDING, IN_PROGRESS];

impl Turn<'_> {
    /// What the node has granted a container.
    pub(super) fn granted(&self, container: &Container) -> Resources {
        of(self.worker.granted.as_ref().unwrap_or(&self.spec), container).clone()
    }

    /// At each sync: grants a new size if there is room for it, and notes that it has been reached.
    pub(super) fn consider_resize(&mut self) {
        let spec = self.spec.clone();
        let granted = self.worker.granted.get_or_insert_with(|| spec.clone()).clone();
        let actual = self.worker.actual.get_or_insert_with(|| granted.clone()).clone();
        if self.worker.resizing.is_some() && !differs(&granted, &actual) {
            let generation = self.worker.resizing.take().expect("just looked at");
            self.tell_resize("ResizeCompleted", "Pod resize completed", &granted, generation, "");
        }
        if Rc::ptr_eq(&spec, &granted) || !differs(&spec, &granted) {
            self.worker.pending = None;
            if self.worker.resizing.is_none() {
                self.worker.actual = Some(spec.clone());
            }
            self.worker.granted = Some(spec);
            return;
        }
        let generation = self.pod.meta.generation;
        match self.has_room() {
            Ok(()) => {
                (self.worker.granted, self.worker.pending) = (Some(spec.clone()), None);
                self.worker.resizing = Some(generation);
                self.tell_resize("ResizeStarted", "Pod resize started", &spec, generation, "");
            }
            Err(pending) => {
                if self.worker.pending.as_ref() != Some(&pending) {
                    let (event, prefix) =
                        (format!("Resize{}", pending.reason), format!("Pod resize {}", pending.reason));
                    self.tell_resize(&event, &prefix, &spec, generation, &pending.message);
                }
                self.worker.pending = Some(pending);
            }
        }
    }

    /// Why a running container has to be started anew to get its new size, if so; else it has it from now on.
    pub(super) fn resize_container(&mut self, container: &Container) -> Option<String> {
        let wanted = self.granted(container);
        let now = of(self.worker.actual.as_ref()?, container).clone();
        if wanted == now {
            return None;
        }
        let changed = |name: &str| {
            wanted.limits.get(name) != now.limits.get(name) || wanted.requests.get(name) != now.requests.get(name)
        };
        let restarts = container.resize_policy.items().iter().any(|policy| {
            policy.get("restartPolicy").as_str() == Some("RestartContainer")
                && policy.get("resourceName").as_str().is_some_and(changed)
        });
        if restarts {
            return Some(format!("Container {} resize requires restart", container.name));
        }
        let limit = |name: &str| wanted.limits.get(name).copied();
        let (memory, cpu) = (limit("memory").map(Quantity::units), limit("cpu").map(Quantity::milli_units));
        if let Some(sandbox) = self.sandbox_mut() {
            sandbox.limit(&container.name, memory.map(|n| n.max(0) as u64), cpu.map(|n| n.max(0) as u64));
        }
        self.worker.acted = true;
        None
    }

    /// All containers that run have their new sizes, or will have when they are started.
    pub(super) fn resized(&mut self) {
        if self.worker.resizing.is_some() {
            self.worker.actual = self.worker.granted.clone();
        }
    }

    /// There is more room now: Pods that wait for it are looked at.
    pub(super) fn call_waiting(&mut self) {
        let agent = &mut self.machine.agent;
        for (uid, worker) in agent.workers.iter_mut().filter(|(_, w)| w.pending.is_some()) {
            Rc::make_mut(worker).wanted = true;
            agent.called.push(uid.clone());
        }
    }

    fn has_room(&self) -> Result<(), Pending> {
        let Some((_, node)) = self.cluster.store.typed::<Node>("", self.node) else { return Ok(()) };
        let wanted = crate::resources::requests(&self.spec);
        for name in ["cpu", "memory"] {
            let (asked, all) = (wanted.get(name), node.status.allocatable.get(name));
            let (asked, all) = (asked.copied().unwrap_or_default(), all.copied().unwrap_or_default());
            if asked.milli > all.milli {
                let shown = |q: Quantity| if name == "cpu" { q.milli_units() } else { q.units() };
                let (asked, all) = (shown(asked), shown(all));
                let text = format!("Node didn't have enough capacity: {name}, requested: {asked}, capacity: {all}");
                return Err(Pending { reason: "Infeasible", message: text.into() });
            }
        }
        let deferred = |message: String| Pending { reason: "Deferred", message: message.into() };
        self.fits(node).map_err(|(_, message)| deferred(message))
    }

    fn tell_resize(&mut self, reason: &str, prefix: &str, spec: &PodSpec, generation: i64, error: &str) {
        let list = |name: &str, list: &[Container]| {
            let one = |c: &Container| {
                let resources = write::json(&c.resources.write(), 0);
                format!(
                    "{{\"name\":\"{}\",\"resources\":{}}}",
                    c.name,
                    if resources == "null" { "{}" } else { &resources }
                )
            };
            let all: Vec<String> = list.iter().map(one).collect();
            if all.is_empty() { String::new() } else { format!("\"{name}\":[{}],", all.join(",")) }
        };
        let (init, main) = (list("initContainers", &spec.init_containers), list("containers", &spec.containers));
        let error =
            if error.is_empty() { String::new() } else { format!(",\"error\":{}", super::downward::quote(error)) };
        let text = format!("{prefix}: {{{init}{main}\"generation\":{generation}{error}}}");
        let make = if error.is_empty() { Note::normal } else { Note::warning };
        let note = make(&self.pod, BY, reason, text).on(self.node);
        self.out.event(note);
    }

    /// The conditions that tell of a resize.
    pub(super) fn resize_conditions(&self, old: &[PodCondition]) -> Vec<PodCondition> {
        if self.worker.life != Life::Running {
            return vec![];
        }
        let make = |kind: &str, reason: &str, message: &str| {
            let before = old.iter().find(|c| &*c.kind == kind).and_then(|c| c.last_transition);
            PodCondition {
                kind: kind.into(),
                status: "True".into(),
                reason: reason.into(),
                message: message.into(),
                last_transition: Some(before.unwrap_or(Stamp(self.cluster.stamp().0))),
                observed_generation: self.pod.meta.generation,
                ..Default::default()
            }
        };
        let pending = self.worker.pending.as_ref().map(|p| make(PENDING, p.reason, &p.message));
        let resizing = self.worker.resizing.map(|_| make(IN_PROGRESS, "", ""));
        pending.into_iter().chain(resizing).collect()
    }
}

/// A container's resources in a specification of its Pod.
fn of<'a>(spec: &'a PodSpec, container: &'a Container) -> &'a Resources {
    spec.all_containers().find(|c| c.name == container.name).map_or(&container.resources, |c| &c.resources)
}

fn differs(a: &PodSpec, b: &PodSpec) -> bool {
    a.all_containers().any(|container| container.resources != *of(b, container))
}
