//! A kubelet that cannot reach the API server: it goes on with what it last knew, and reports once it can again.
//!
//! Kubernetes 1.36: pkg/kubelet/config, pkg/kubelet/status/status_manager.go (syncBatch). What it would have said in
//! events is lost; really some of it comes late.

use super::BY;
use super::conditions::OWN;
use super::pod_worker::Turn;
use crate::api::Kind;
use crate::api::object::Object;
use crate::api::pod::Pod;
use crate::apiserver::{Request, Verb};
use crate::cluster::Cluster;
use crate::machine::Machine;
use crate::machine::agent::{Life, Worker};
use crate::outcome::{Deed, Outcome};
use std::rc::Rc;

pub(super) fn is(cluster: &Cluster, machine: &Machine) -> bool {
    machine.cut || cluster.plane.api_server_stopped
}

/// From now on a node's kubelet knows its Pods only as they are now.
pub fn begin(cluster: &mut Cluster, node: &str) {
    let pods: Vec<Rc<Object>> = cluster.store.pods_on(node).cloned().collect();
    let Some(machine) = cluster.machines.get_mut(node).map(Rc::make_mut) else { return };
    for pod in pods {
        if let Some(worker) = machine.agent.workers.get_mut(&pod.meta.uid).map(Rc::make_mut) {
            worker.local.get_or_insert(pod);
        }
    }
}

/// Nobody hears what the kubelet wants: it only keeps in mind how its Pod is.
pub(super) fn keep(worker: &mut Worker, out: &mut Outcome) {
    for deed in std::mem::take(&mut out.deeds) {
        if let Deed::Request(Request { kind: Kind::Pod, verb: Verb::Put(object, _), .. }) = deed {
            worker.local = Some(Rc::from(object));
        }
    }
}

impl Turn<'_> {
    /// The API server is there again: it is told how the Pod is by now.
    pub(super) fn come_back(&mut self, local: &Object) {
        let mut status = local.expect::<Pod>().status.clone();
        let now = &self.pod.expect::<Pod>().status;
        let others = now.conditions.iter().filter(|c| !OWN.contains(&&*c.kind));
        let own = status.conditions.iter().filter(|c| OWN.contains(&&*c.kind));
        status.conditions = others.chain(own).cloned().collect();
        self.new_status = Some(status);
        self.worker.wanted = true;
        if self.worker.life == Life::Done && self.pod.meta.deleting() {
            self.let_go();
        }
    }

    /// The Pod may leave the API.
    pub(super) fn let_go(&mut self) {
        let uid = Some(self.pod.meta.uid.clone());
        let options = crate::apiserver::DeleteOptions { grace: Some(0), uid, ..Default::default() };
        self.out.request(Request::delete(BY, Kind::Pod, self.pod.key(), options));
    }
}
