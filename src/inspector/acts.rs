//! What one may want to do with an object, as command lines.

use kubarium::scene::{handle, read};
use kubarium_sim::api::Kind;
use kubarium_sim::api::node::Node;
use kubarium_sim::api::object::Object;
use kubarium_sim::api::pod::Pod;
use kubarium_sim::cluster::Cluster;
use kubarium_sim::plane::{Fault, Registry};

/// What may be done to a node, and what may befall it: of each fault, or what ends it.
fn node_acts(cluster: &Cluster, object: &Object, cordoned: bool) -> Vec<String> {
    let name = &*object.meta.name;
    let mut lines = vec![
        format!("kubectl describe node {name}"),
        format!("kubectl {} {name}", if cordoned { "uncordon" } else { "cordon" }),
        format!("kubectl drain {name} --ignore-daemonsets --delete-emptydir-data"),
    ];
    lines.extend(marks_of(object));
    let Some(machine) = cluster.machines.get(name) else { return lines };
    let faults: &[(bool, Fault, Fault)] = &[
        (machine.off, Fault::PowerOff, Fault::PowerOn),
        (machine.off, Fault::Reboot, Fault::PowerOn),
        (machine.cut, Fault::Cut, Fault::Mend),
        (machine.kubelet_stopped, Fault::Stop, Fault::Start),
        (machine.disk_filled > 0, Fault::FillDisk, Fault::FreeDisk),
        (machine.memory_taken > 0, Fault::TakeMemory, Fault::FreeMemory),
    ];
    for (is, begin, end) in faults {
        let line = format!("fault {} {name}", if *is { end } else { begin }.name());
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines.push(format!("machine add --like {name}"));
    if cluster.machines.len() > 1 {
        lines.push(format!("machine remove {name}"));
    }
    lines
}

/// What may be done to a Pod, and what may befall its programs.
fn pod_acts(cluster: &Cluster, object: &Object, scope: &str) -> Vec<String> {
    let (name, namespace) = (&object.meta.name, &object.meta.namespace);
    let mut lines = vec![format!("kubectl logs {name}{scope}"), format!("kubectl delete pod {name}{scope}")];
    let Some(pod) = object.get::<Pod>() else { return lines };
    let sandbox = cluster.machines.get(&pod.spec.node_name).and_then(|machine| machine.sandbox(&object.meta.uid));
    for container in pod.spec.all_containers() {
        let running = sandbox.and_then(|s| s.newest(&container.name)).filter(|container| container.is_running());
        let Some(running) = running else { continue };
        let hang = if running.process.is_frozen() { Fault::Mend } else { Fault::Hang };
        let line = |fault: Fault| format!("fault {} {namespace}/{name}/{}", fault.name(), container.name);
        lines.extend([line(hang), line(Fault::Kill)]);
    }
    lines
}

/// What takes off the taints and labels that users have put on a node.
fn marks_of(object: &Object) -> Vec<String> {
    let name = &object.meta.name;
    let own = |key: &str| !key.contains("kubernetes.io/");
    let taints = object.get::<Node>().map(|node| &node.spec.taints).into_iter().flatten();
    let taints = taints.filter(|taint| own(&taint.key));
    let untaint = taints.map(|taint| format!("kubectl taint nodes {name} {}:{}-", taint.key, taint.effect));
    let labels = object.meta.labels.iter().map(|(key, _)| key).filter(|key| own(key));
    untaint.chain(labels.map(|key| format!("kubectl label node {name} {key}-"))).collect()
}

/// What may befall the cluster's own parts.
pub fn plane_acts(cluster: &Cluster) -> Vec<String> {
    let plane = &cluster.plane;
    let part = |stopped: bool, name: &str| format!("fault {} {name}", if stopped { "start" } else { "stop" });
    let mut lines = vec![
        part(plane.api_server_stopped, "kube-apiserver"),
        part(plane.scheduler_stopped, "kube-scheduler"),
        part(plane.manager_stopped, "kube-controller-manager"),
        part(!plane.autoscaler, "cluster-autoscaler"),
        "machine add".to_string(),
    ];
    let registry: &[&str] = if plane.registry == Registry::Well { &["slow", "cut"] } else { &["mend"] };
    lines.extend(registry.iter().map(|what| format!("fault {what} registry")));
    lines
}

/// Command lines that suit the object: shown as they are, and run as they are.
pub fn acts(cluster: &Cluster, object: &Object) -> Vec<String> {
    let (name, namespace) = (&object.meta.name, &object.meta.namespace);
    let scope = if namespace.is_empty() { String::new() } else { handle::scope_of(namespace) };
    let resource = match object.kind {
        Kind::Deployment => "deployment",
        Kind::ReplicaSet => "replicaset",
        Kind::StatefulSet => "statefulset",
        Kind::Pod => "pod",
        Kind::Service => "service",
        Kind::Node => "node",
        Kind::PersistentVolumeClaim => "pvc",
        _ => return vec![],
    };
    let lines = match object.kind {
        Kind::Deployment => {
            let wanted = object.raw().at(&["spec", "replicas"]).as_int().unwrap_or(1);
            vec![
                format!("kubectl scale deployment {name} --replicas={}", wanted + 1),
                format!("kubectl scale deployment {name} --replicas={}", (wanted - 1).max(0)),
                format!("kubectl rollout restart deployment {name}"),
                format!("kubectl rollout undo deployment {name}"),
            ]
        }
        Kind::ReplicaSet | Kind::StatefulSet => {
            let wanted = object.raw().at(&["spec", "replicas"]).as_int().unwrap_or(1);
            let scale = |to: i64| format!("kubectl scale {resource} {name} --replicas={to}");
            vec![format!("kubectl describe {resource} {name}"), scale(wanted + 1), scale((wanted - 1).max(0))]
        }
        Kind::Pod => return pod_acts(cluster, object, &scope),
        Kind::Service => {
            let traffic = read::asked(cluster, object).map(|asked| handle::traffic(&read::key_of(object), &asked));
            let describe = format!("kubectl describe service {name}{scope}");
            let traffic = traffic.into_iter().flat_map(|(more, fewer)| std::iter::once(more).chain(fewer));
            return std::iter::once(describe).chain(traffic).collect();
        }
        Kind::Node => node_acts(cluster, object, object.raw().at(&["spec", "unschedulable"]).as_bool() == Some(true)),
        _ => vec![format!("kubectl describe {resource} {name}")],
    };
    lines.into_iter().map(|l| l + &scope).collect()
}
