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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Span;
    use crate::command::Command;
    use crate::history::History;
    use crate::kubelet::pod_worker::look;
    use crate::setup::Setup;

    const PODS: &str = "
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Pod, metadata: {name: writes}, spec: {nodeName: node-1, containers: [
    {name: c, image: busybox, command: [sh, -c, 'while true; do date >> /tmp/log; sleep 1; done']}]}}
- {apiVersion: v1, kind: Pod, metadata: {name: counts}, spec: {nodeName: node-1, restartPolicy: OnFailure, containers: [
    {name: c, image: busybox, command: [sh, -c, 'i=0; while [ $i -lt 9 ]; do i=$((i+1)); echo $i; sleep 2; done; exit 3']}]}}
- {apiVersion: v1, kind: Pod, metadata: {name: serves}, spec: {nodeName: node-1, containers: [
    {name: c, image: nginx, readinessProbe: {periodSeconds: 3, httpGet: {port: 80}}},
    {name: d, image: busybox, command: [sh, -c, 'while sleep 1; do wget -qO- localhost; done']}]}}
- {apiVersion: v1, kind: Pod, metadata: {name: gated}, spec: {nodeName: node-1, readinessGates: [{conditionType: a/b}],
    containers: [{name: c, image: nginx}]}}
- {apiVersion: v1, kind: Pod, metadata: {name: short}, spec: {nodeName: node-1, activeDeadlineSeconds: 25,
    containers: [{name: c, image: nginx}]}}
";

    /// Whatever is found to rest is left as going through everything would leave it.
    #[test]
    fn a_pod_at_rest_is_left_as_if_it_had_been_gone_through() {
        let mut history = History::new(Setup::default().cluster());
        history.command(Command::Write { name: "pods.yaml".into(), text: PODS.into() });
        history.command(Command::Run { line: "kubectl apply -f pods.yaml".into() });
        let (mut rested, node) = (0, Rc::from("node-1"));
        for round in 0..900_u64 {
            match round {
                300 => history.command(Command::Run { line: "kubectl label pod writes a=b".into() }),
                500 => history.command(Command::Run { line: "kubectl delete pod counts --wait=false".into() }),
                _ => {}
            }
            // Uneven, so that Pods are met before, at and after their times.
            history.seek(history.now() + Span(37 + round % 3));
            let cluster = history.cluster();
            // As it is now: what nobody watched is another matter.
            let machine = cluster.machines[&node].at(cluster.now);
            for uid in machine.agent.workers.keys() {
                let (mut rests, mut goes) = (machine.clone().into_owned(), machine.clone().into_owned());
                let Steady::Yes(look_again) = wake(cluster, &mut rests, uid) else { continue };
                let whole = look(cluster, &mut goes, (&node, uid), false, None);
                assert!(whole.deeds.is_empty() && whole.last.is_none(), "{uid} at {}: {whole:?}", cluster.now.0);
                assert_eq!(whole.look_again, look_again, "{uid} at {}", cluster.now.0);
                assert_eq!(rests, goes, "{uid} at {}", cluster.now.0);
                rested += 1;
            }
        }
        assert!(rested > 500, "{rested}");
    }
}
