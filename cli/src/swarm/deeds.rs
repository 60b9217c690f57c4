//! Random command lines and faults.

use super::chance::Chance;
use super::manifests::NAMES;
use kubarium_sim::command::{Command, Fault};

/// Something befalls a node or a part of the control plane.
pub fn fault(chance: &mut Chance, nodes: u64) -> Command {
    let (what, place) = match chance.below(8) {
        0 => (Fault::Stop, "kube-scheduler".to_string()),
        1 => (Fault::Stop, "kube-controller-manager".to_string()),
        2 if chance.one_in(2) => (Fault::Stop, "kube-apiserver".to_string()),
        2 => (Fault::Start, "kube-apiserver".to_string()),
        3 if chance.one_in(2) => (Fault::Start, chance.pick(&["kube-scheduler", "kube-controller-manager"]).into()),
        3 => ([Fault::Cut, Fault::Slow, Fault::Mend][chance.below(3) as usize], "registry".to_string()),
        _ => (Fault::NAMES[chance.below(11) as usize].1, node(chance, nodes)),
    };
    Command::Fault { what, node: place.as_str().into() }
}

fn node(chance: &mut Chance, nodes: u64) -> String {
    format!("node-{}", 1 + chance.below(nodes))
}

/// A command line as people type them. What it names may be there or not.
pub fn line(chance: &mut Chance, nodes: u64) -> String {
    let name = chance.pick(&NAMES);
    let namespace = chance.maybe(6, " -n shop");
    let line = match chance.below(8) {
        0 | 1 => scale(chance, name),
        2 | 3 => rollout(chance, name),
        4 | 5 => delete(chance, name),
        6 => node_line(chance, nodes),
        _ => other(chance, name),
    };
    format!("{line}{namespace}")
}

const WORKLOADS: [&str; 4] = ["deployment", "statefulset", "daemonset", "replicaset"];

fn scale(chance: &mut Chance, name: &str) -> String {
    let kind = chance.pick(&["deployment", "deployment", "statefulset", "replicaset", "rc"]);
    format!("kubectl scale {kind}/{name} --replicas={}", chance.between(0, 7))
}

fn rollout(chance: &mut Chance, name: &str) -> String {
    let kind = chance.pick(&WORKLOADS[..3]);
    match chance.below(9) {
        0..=2 => {
            let image = chance.pick(&["nginx:1.26", "nginx:1.28", "busybox:1.36", "nginx:1.161"]);
            format!("kubectl set image {kind}/{name} c={image}")
        }
        3 => format!("kubectl rollout undo {kind}/{name}"),
        4 => format!("kubectl rollout restart {kind}/{name}"),
        5 => format!("kubectl rollout pause deployment/{name}"),
        6 => format!("kubectl rollout resume deployment/{name}"),
        7 => format!("kubectl set env {kind}/{name} A={}", chance.below(3)),
        _ => format!("kubectl rollout status {kind}/{name} --timeout=60s"),
    }
}

fn delete(chance: &mut Chance, name: &str) -> String {
    let cascade = chance.pick(&["", "", " --cascade=orphan", " --cascade=foreground"]);
    let kind =
        chance.pick(&["deployment", "statefulset", "daemonset", "replicaset", "rc", "job", "cronjob", "service"]);
    match chance.below(8) {
        0..=2 => format!("kubectl delete pods -l app={name} --wait=false"),
        3 => format!("kubectl delete pods -l app={name} --force --grace-period=0"),
        4 => format!("kubectl delete pod {name}-0 --wait=false"),
        5 => format!(
            "kubectl delete {} --wait=false",
            chance.pick(&["pvc --all", "pv --all", "pdb --all", "namespace shop"])
        ),
        _ => format!("kubectl delete {kind}/{name}{cascade} --timeout=60s"),
    }
}

fn node_line(chance: &mut Chance, nodes: u64) -> String {
    let node = node(chance, nodes);
    match chance.below(11) {
        0 => format!("kubectl cordon {node}"),
        1 | 2 => format!("kubectl uncordon {node}"),
        3 | 4 => format!("kubectl drain {node} --ignore-daemonsets --delete-emptydir-data --force --timeout=90s"),
        5 => format!("kubectl taint node {node} dedicated=batch:{}", chance.pick(&["NoSchedule", "NoExecute"])),
        6 => format!("kubectl taint node {node} dedicated-"),
        7 => format!("machine add --like {node} --cpu {}", chance.pick(&["500m", "1", "4"])),
        8 => format!("machine remove {node}"),
        9 => format!("fault {} {}-0", chance.pick(&["kill", "kill", "hang", "mend"]), chance.pick(&NAMES)),
        _ => format!("kubectl label node {node} disk={} --overwrite", chance.pick(&["ssd", "hdd"])),
    }
}

fn other(chance: &mut Chance, name: &str) -> String {
    match chance.below(12) {
        0 | 1 => format!("kubectl label pods -l app={name} app={} --overwrite", chance.pick(&NAMES)),
        2 => format!("kubectl label pods -l app={name} app-"),
        3 => format!("kubectl create job {name} --from=cronjob/{name}"),
        4 => format!("kubectl patch job {name} -p '{{\"spec\":{{\"suspend\":{}}}}}'", chance.one_in(2)),
        5 => format!("kubectl patch job {name} -p '{{\"spec\":{{\"parallelism\":{}}}}}'", chance.between(0, 5)),
        6 => format!("kubectl patch cronjob {name} -p '{{\"spec\":{{\"suspend\":{}}}}}'", chance.one_in(2)),
        7 => format!("kubectl expose deployment {name} --port=80"),
        8 => format!("kubectl autoscale deployment {name} --min=1 --max={} --cpu=50%", chance.between(2, 6)),
        9 => "kubectl create namespace shop".to_string(),
        10 => format!("kubectl run {name} --image=nginx:1.27 --labels=app={name}"),
        _ => {
            let partition = chance.between(0, 3);
            format!(
                "kubectl patch statefulset {name} -p '{{\"spec\":{{\"updateStrategy\":{{\"rollingUpdate\":{{\"partition\":{partition}}}}}}}}}'"
            )
        }
    }
}
