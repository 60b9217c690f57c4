//! Kubernetes 1.36: pkg/kubelet/pod_workers.go (a worker that has no update to handle)
//!
//! A Pod that has nothing to do but to let its processes run: what its worker would find by going through everything is known
//! beforehand.

use super::pod_worker::own_look;
use crate::api::Kind;
use crate::clock::Time;
use crate::cluster::Cluster;
use crate::machine::agent::{Life, Worker};
use crate::machine::{Machine, Sandbox};
use std::rc::Rc;

/// What came of it.
pub(super) enum Steady {
    /// There may be more to do.
    No,
    /// Its processes have run, and one of them ended then.
    Ended(Time),
    /// When to look again.
    Yes(Option<Time>),
}

/// Lets the processes of such a Pod go on. Its kubelet works and reaches the API server.
pub(super) fn wake(cluster: &Cluster, machine: &mut Machine, uid: &Rc<str>) -> Steady {
    let now = cluster.now;
    let Some(worker) = machine.agent.workers.get(uid).filter(|worker| rests(cluster, worker, uid)) else {
        return Steady::No;
    };
    let own = own_look(worker, None);
    let Some(sandbox) = machine.sandboxes.get_mut(uid).filter(|s| !s.on_disk && own.is_none_or(|at| at > now)) else {
        return Steady::No;
    };
    let due = |s: &Sandbox| s.next_wake().is_some_and(|at| at <= now) || s.has_ended_process();
    if due(sandbox)
        && let Some(ended) = Rc::make_mut(sandbox).advance(now)
    {
        return Steady::Ended(ended);
    }
    Steady::Yes(own.into_iter().chain(sandbox.next_wake()).min())
}

/// Whether neither its worker nor the API wants anything of a Pod before the worker's next own look.
fn rests(cluster: &Cluster, worker: &Worker, uid: &str) -> bool {
    let idle = worker.life == Life::Running && worker.tasks.is_empty() && !worker.wanted && worker.local.is_none();
    if !idle || worker.probers.iter().any(|prober| prober.asked.is_some()) {
        return false;
    }
    let Some(pod) = cluster.store.get(Kind::Pod, &worker.key) else { return false };
    let (meta, body) = (&pod.meta, pod.expect::<crate::api::pod::Pod>());
    let (generation, labels, annotations) = &worker.seen;
    let seen = meta.generation == *generation && meta.labels == *labels && meta.annotations == *annotations;
    // Others may open a gate at any time, and a deadline may have passed.
    let plain = body.spec.readiness_gates.is_empty() && body.spec.active_deadline.is_none();
    *meta.uid == *uid && seen && !meta.deleting() && plain
}
