//! What befalls machines and the control plane is carried out; everyone who is concerned finds out on their own.
//!
//! Not of Kubernetes: power, cables, and who starts and stops programs.

use crate::api::Kind;
use crate::api::pod::Pod;
use crate::clock::Span;
use crate::cluster::{Actor, Cluster};
use crate::kubelet::{self, clockwork};
use crate::machine::Machine;
use crate::plane::{Fault, Registry};
use crate::store::Change;
use crate::wakes;
use std::rc::Rc;

/// From power's loss in a reboot to its return.
const REBOOT: Span = Span::secs(20);
/// From a program's start to its first look.
const START: Span = Span::secs(2);

/// Carries out a fault at a node, one of [`crate::plane::PARTS`] or a container (`NAMESPACE/POD/CONTAINER`); one that
/// makes no sense there does nothing.
pub fn befall(cluster: &mut Cluster, fault: Fault, place: &Rc<str>) {
    if !fault.befalls(place) {
        return;
    }
    let stop = fault == Fault::Stop;
    match &**place {
        "registry" => {
            cluster.plane.registry = match fault {
                Fault::Cut => Registry::Gone,
                Fault::Slow => Registry::Slow,
                _ => Registry::Well,
            }
        }
        "kube-scheduler" => {
            cluster.plane.scheduler_stopped = stop;
            relist(cluster);
        }
        "kube-controller-manager" => {
            cluster.plane.manager_stopped = stop;
            cluster.manager = Rc::default();
            relist(cluster);
        }
        "kube-apiserver" => api_server(cluster, stop),
        "network-policies" => cluster.plane.policies = !stop,
        "load-balancers" => {
            cluster.plane.balancers = !stop;
            relist(cluster);
        }
        "cluster-autoscaler" => {
            cluster.plane.autoscaler = !stop;
            cluster.wake(Actor::ClusterAutoscaler, START);
        }
        "ingress-controller" => {
            cluster.plane.ingress_controller = !stop;
            relist(cluster);
        }
        "gateway-controller" => {
            cluster.plane.gateway_controller = !stop;
            relist(cluster);
        }
        place if place.contains('/') => at_container(cluster, fault, place),
        node => at_node(cluster, fault, node),
    }
}

/// The newest container of that name, while it runs; its kubelet finds out by itself.
fn at_container(cluster: &mut Cluster, fault: Fault, place: &str) {
    let mut parts = place.splitn(3, '/');
    let (Some(namespace), Some(pod), Some(name)) = (parts.next(), parts.next(), parts.next()) else { return };
    let Some((meta, pod)) = cluster.store.typed::<Pod>(namespace, pod) else { return };
    let (node, uid) = (pod.spec.node_name.clone(), meta.uid.clone());
    if !cluster.machines.contains_key(&node) {
        return;
    }
    let now = cluster.now;
    let machine = machine_mut(cluster, &node);
    machine.enter(&uid, now);
    if let Some(sandbox) = machine.sandbox_mut(&uid) {
        match fault {
            Fault::Kill => sandbox.strike(name, now),
            Fault::Hang => sandbox.freeze(name),
            _ => sandbox.thaw(name, now),
        }
    }
    machine.leave(&uid);
    cluster.wake(Actor::PodWorker(node, uid), Span(1));
}

fn api_server(cluster: &mut Cluster, stop: bool) {
    if cluster.plane.api_server_stopped == stop {
        return;
    }
    let nodes: Vec<Rc<str>> = cluster.machines.keys().cloned().collect();
    if stop {
        nodes.iter().for_each(|node| kubelet::apart::begin(cluster, node));
    }
    cluster.plane.api_server_stopped = stop;
    if !stop {
        // The others have lost their watches, and their leaderships with them: they begin anew.
        cluster.manager = Rc::default();
        nodes.iter().for_each(|node| kubelet::wake_all(cluster, node, START));
        relist(cluster);
    }
}

/// Those who have just begun hear of everything that is there.
fn relist(cluster: &mut Cluster) {
    cluster.wake(Actor::Scheduler, START);
    if !cluster.plane.controls() {
        return;
    }
    let kinds: Vec<Kind> = cluster.store.kinds().filter(|k| *k != Kind::Event).collect();
    for kind in kinds {
        let objects: Vec<_> = cluster.store.list(kind).cloned().collect();
        for object in objects {
            let key = object.key();
            wakes::notice_manager(cluster, &Change { kind, key, old: None, new: Some(object) });
        }
    }
}

fn at_node(cluster: &mut Cluster, fault: Fault, node: &str) {
    let Some(machine) = cluster.machines.get(node) else { return };
    let (now, was_silent, was_off) = (cluster.now, machine.is_silent(), machine.off);
    let fills = matches!(fault, Fault::FillDisk | Fault::FreeDisk | Fault::TakeMemory | Fault::FreeMemory);
    if !was_silent && !fills && !matches!(fault, Fault::Mend | Fault::PowerOn | Fault::Start) {
        kubelet::heartbeat::end(cluster, node);
        kubelet::apart::begin(cluster, node);
    }
    let (memory, disk) = kubelet::eviction::shortage(cluster, &cluster.machines[node], node);
    let machine = machine_mut(cluster, node);
    match fault {
        Fault::PowerOff => machine.power_off(),
        Fault::Reboot => {
            machine.power_off();
            machine.on_at = Some(now + REBOOT);
            cluster.wake(Actor::Kubelet(node.into()), REBOOT);
        }
        Fault::PowerOn => machine.power_on(now),
        Fault::Cut => machine.cut = true,
        Fault::Mend => machine.cut = false,
        Fault::Stop => machine.stop_kubelet(),
        Fault::Start => machine.start_kubelet(now),
        Fault::FillDisk => machine.disk_filled += disk,
        Fault::FreeDisk => machine.disk_filled = 0,
        Fault::TakeMemory => machine.memory_taken += memory,
        Fault::FreeMemory => machine.memory_taken = 0,
        Fault::Slow | Fault::Kill | Fault::Hang => {}
    }
    let machine = &cluster.machines[node];
    let (up, starting) = (!machine.is_silent(), machine.booting);
    if !up || !was_silent && !fills {
        // What still runs goes on.
        if !was_off {
            kubelet::wake_all(cluster, node, Span(1));
        }
        return;
    }
    if fills {
        return cluster.wake(Actor::Kubelet(node.into()), Span(1));
    }
    if starting {
        return cluster.wake(Actor::Kubelet(node.into()), clockwork::BOOT);
    }
    cluster.wake(Actor::Kubelet(node.into()), clockwork::MENDED);
    kubelet::wake_all(cluster, node, clockwork::RECONNECT);
}

fn machine_mut<'a>(cluster: &'a mut Cluster, node: &str) -> &'a mut Machine {
    Rc::make_mut(cluster.machines.get_mut(node).expect("looked at before"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::node::Node;
    use crate::apiserver::{self, Request};
    use crate::clock::Time;
    use crate::setup::Setup;
    use crate::{manifest, run};

    fn pod(cluster: &mut Cluster, name: &str, spec: &str) {
        let text = format!(
            r#"{{"apiVersion":"v1","kind":"Pod","metadata":{{"namespace":"default","name":"{name}"}},"spec":{spec}}}"#
        );
        let value = manifest::json::parse(&text).expect("JSON");
        apiserver::handle(cluster, Request::create("test", Kind::Pod, value)).expect("created");
        run::tell(cluster, &mut |_, _| {});
    }

    fn until(cluster: &mut Cluster, seconds: u64) {
        while run::step(cluster, Time(seconds * 1000), &mut |_, _| {}) {}
    }

    fn order(cluster: &mut Cluster, what: &str, place: &str) {
        befall(cluster, Fault::named(what).expect("a fault"), &place.into());
        run::tell(cluster, &mut |_, _| {});
    }

    /// Its Ready condition, and its taints.
    fn node(cluster: &Cluster, name: &str) -> (String, Vec<String>) {
        let (_, node) = cluster.store.typed::<Node>("", name).expect("a node");
        let taints = node.spec.taints.iter().map(|t| format!("{}:{}", t.key, t.effect)).collect();
        (node.status.condition("Ready").expect("a condition").status.to_string(), taints)
    }

    fn body<'a>(cluster: &'a Cluster, name: &str) -> &'a Pod {
        cluster.store.typed::<Pod>("default", name).expect("a Pod").1
    }

    const SLEEPER: &str = r#"{"nodeName":"node-2","containers":[{"name":"c","image":"busybox:1.36",
        "command":["sh","-c","sleep 40; exit 3"]}]}"#;

    #[test]
    fn nothing_is_written_while_all_is_well() {
        let mut cluster = Setup::default().cluster();
        until(&mut cluster, 5);
        let revision = cluster.store.revision();
        until(&mut cluster, 3600);
        assert_eq!(cluster.store.revision(), revision);
    }

    #[test]
    fn a_node_without_power_is_missed_after_a_while_and_welcomed_back() {
        let mut cluster = Setup::default().cluster();
        until(&mut cluster, 20);
        order(&mut cluster, "power-off", "node-2");
        until(&mut cluster, 20 + 39);
        assert_eq!(node(&cluster, "node-2"), ("True".into(), vec![]));
        until(&mut cluster, 20 + 61);
        let taint = "node.kubernetes.io/unreachable";
        let both = vec![format!("{taint}:NoSchedule"), format!("{taint}:NoExecute")];
        assert_eq!(node(&cluster, "node-2"), ("Unknown".into(), both));
        assert_eq!(node(&cluster, "node-1"), ("True".into(), vec![]));
        order(&mut cluster, "power-on", "node-2");
        until(&mut cluster, 20 + 61 + 10);
        assert_eq!(node(&cluster, "node-2"), ("True".into(), vec![]));
    }

    #[test]
    fn when_every_node_is_silent_none_is_emptied() {
        let mut cluster = Setup::default().cluster();
        for name in ["node-1", "node-2", "node-3"] {
            order(&mut cluster, "cut", name);
        }
        until(&mut cluster, 200);
        let taint = "node.kubernetes.io/unreachable:NoSchedule".to_string();
        assert_eq!(node(&cluster, "node-3"), ("Unknown".into(), vec![taint]));
    }

    #[test]
    fn a_kubelet_that_is_cut_off_goes_on_and_reports_later() {
        let mut cluster = Setup::default().cluster();
        pod(&mut cluster, "web", SLEEPER);
        until(&mut cluster, 10);
        order(&mut cluster, "cut", "node-2");
        until(&mut cluster, 60);
        assert_eq!(body(&cluster, "web").status.container_statuses[0].restart_count, 0);
        order(&mut cluster, "mend", "node-2");
        until(&mut cluster, 62);
        assert_eq!(body(&cluster, "web").status.container_statuses[0].restart_count, 1);
    }

    #[test]
    fn without_its_kubelet_a_container_that_ends_stays_so() {
        let mut cluster = Setup::default().cluster();
        pod(&mut cluster, "web", SLEEPER);
        until(&mut cluster, 10);
        order(&mut cluster, "stop", "node-2");
        until(&mut cluster, 100);
        assert_eq!(node(&cluster, "node-2").0, "Unknown");
        let uid = cluster.store.find(Kind::Pod, "default", "web").expect("a Pod").meta.uid.clone();
        let ended = |cluster: &Cluster| {
            cluster.machines["node-2"].sandbox(&uid).expect("a sandbox").containers[0].exit().is_some()
        };
        assert!(ended(&cluster));
        order(&mut cluster, "start", "node-2");
        until(&mut cluster, 120);
        assert_eq!(node(&cluster, "node-2"), ("True".into(), vec![]));
        assert_eq!(body(&cluster, "web").status.container_statuses[0].restart_count, 1);
    }

    #[test]
    fn nobody_does_the_work_of_a_part_that_is_stopped() {
        let mut cluster = Setup::default().cluster();
        order(&mut cluster, "stop", "kube-scheduler");
        pod(&mut cluster, "waits", r#"{"containers":[{"name":"c","image":"nginx:1.25"}]}"#);
        until(&mut cluster, 30);
        assert!(body(&cluster, "waits").spec.node_name.is_empty());
        order(&mut cluster, "start", "kube-scheduler");
        until(&mut cluster, 40);
        assert_eq!(&*body(&cluster, "waits").status.phase, "Running");
        order(&mut cluster, "stop", "kube-controller-manager");
        order(&mut cluster, "power-off", "node-2");
        until(&mut cluster, 140);
        assert_eq!(node(&cluster, "node-2").0, "True");
        order(&mut cluster, "start", "kube-controller-manager");
        until(&mut cluster, 210);
        assert_eq!(node(&cluster, "node-2").0, "Unknown");
    }

    #[test]
    fn a_reboot_ends_by_itself() {
        let mut cluster = Setup::default().cluster();
        pod(&mut cluster, "web", SLEEPER);
        until(&mut cluster, 10);
        order(&mut cluster, "reboot", "node-2");
        until(&mut cluster, 20);
        assert!(cluster.machines["node-2"].off);
        until(&mut cluster, 45);
        assert_eq!(node(&cluster, "node-2"), ("True".into(), vec![]));
        assert_eq!(body(&cluster, "web").status.container_statuses[0].restart_count, 1);
    }

    #[test]
    fn a_node_that_runs_short_says_so_and_evicts_one_pod_after_the_other() {
        let mut cluster = Setup::default().cluster();
        pod(&mut cluster, "web", SLEEPER);
        until(&mut cluster, 10);
        order(&mut cluster, "fill-disk", "node-2");
        until(&mut cluster, 35);
        let evicted = body(&cluster, "web");
        assert_eq!((&*evicted.status.phase, &*evicted.status.reason), ("Failed", "Evicted"));
        let start = "The node was low on resource: ephemeral-storage. Threshold quantity: 27055317401, available: ";
        assert!(evicted.status.message.starts_with(start), "{}", evicted.status.message);
        let why = evicted.status.condition("DisruptionTarget").expect("a reason");
        assert_eq!(&*why.reason, "TerminationByKubelet");
        assert_eq!(node(&cluster, "node-2").1, ["node.kubernetes.io/disk-pressure:NoSchedule"]);
        pod(&mut cluster, "late", SLEEPER);
        until(&mut cluster, 36);
        assert_eq!(
            &*body(&cluster, "late").status.message,
            "Pod was rejected: The node had condition: [DiskPressure]. "
        );
        order(&mut cluster, "free-disk", "node-2");
        until(&mut cluster, 400);
        assert_eq!(node(&cluster, "node-2"), ("True".into(), vec![]));
    }

    #[test]
    fn what_takes_memory_drives_out_who_uses_more_than_was_requested() {
        let mut cluster = Setup::default().cluster();
        pod(&mut cluster, "web", SLEEPER);
        let greedy = r#"{"nodeName":"node-2","containers":[{"name":"c","image":"redis:7"}]}"#;
        pod(
            &mut cluster,
            "modest",
            &greedy.replace("\"image\"", r#""resources":{"requests":{"memory":"2Gi"}},"image""#),
        );
        until(&mut cluster, 10);
        order(&mut cluster, "take-memory", "node-2");
        let evicted = (11..40).find(|second| {
            until(&mut cluster, *second);
            &*body(&cluster, "web").status.reason == "Evicted"
        });
        assert!(evicted.is_some());
        assert_eq!(&*body(&cluster, "modest").status.phase, "Running");
        until(&mut cluster, 45);
        assert_eq!(node(&cluster, "node-2").1, ["node.kubernetes.io/memory-pressure:NoSchedule"]);
    }
}
