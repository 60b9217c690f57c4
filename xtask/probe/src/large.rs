//! Loads of large clusters.

use crate::Load;
use crate::loads::{all_ready, apply, empty, pass, ready, wait};
use kubarium_sim::api::Kind;
use kubarium_sim::api::pod::Pod;
use kubarium_sim::clock::Span;
use kubarium_sim::cluster::Cluster;
use kubarium_sim::command::Command;
use kubarium_sim::history::History;

pub const DEPLOYMENTS: Load = Load {
    name: "deployments-2000",
    about: "2,000 Deployments of 5, from apply to Ready, on 500 nodes",
    limit_us: 3_000_000,
    repeat: 1,
    heavy: true,
    pods: 10_000,
    prepare: || empty(500),
    run: |history, _| {
        let documents: Vec<String> = (0..2_000).map(|n| deployment(&format!("web-{n}"), 5)).collect();
        apply(history, documents.join("---\n"));
        wait(history, |cluster| all_ready(cluster, 10_000));
    },
};

pub const ROLLOUT: Load = Load {
    name: "rollout-5000",
    about: "a rollout of 5,000 replicas on 200 nodes",
    limit_us: 5_000_000,
    repeat: 1,
    heavy: true,
    pods: 5_000,
    prepare: || {
        let mut history = empty(200);
        apply(&mut history, deployment("web", 5_000));
        wait(&mut history, |cluster| ready(cluster) == 5_000);
        history
    },
    run: |history, _| {
        history.command(Command::Run { line: "kubectl set image deployment/web c=nginx:1.28".into() });
        wait(history, |cluster| {
            ready(cluster) == 5_000 && pods(cluster).all(|p| &*p.spec.containers[0].image == "nginx:1.28")
        });
    },
};

pub const LOOPS: Load = Load {
    name: "loops-10000",
    // Longer than a container is left unwatched: what it did meanwhile is made up for within.
    about: "120 s of 10,000 containers that write the date each second, on 200 nodes",
    limit_us: 4_000_000,
    repeat: 1,
    heavy: true,
    pods: 10_000,
    prepare: || {
        let mut history = empty(200);
        apply(&mut history, workload("loop", 10_000, LOOP, ""));
        wait(&mut history, |cluster| pods(cluster).filter(|p| &*p.status.phase == "Running").count() == 10_000);
        history
    },
    run: |history, _| pass(history, Span::secs(120)),
};

pub const REQUESTS: Load = Load {
    name: "requests-10000",
    about: "a second of 10,000 requests to a Service of 1,000 endpoints, by 1,000 containers, on 200 nodes",
    limit_us: 300_000,
    repeat: 3,
    heavy: true,
    pods: 2_000,
    prepare: || {
        let mut history = empty(200);
        let service =
            "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, ports: [{port: 80}]}\n";
        apply(&mut history, format!("{}---\n{service}", deployment("web", 1_000)));
        wait(&mut history, |cluster| ready(cluster) == 1_000);
        apply(&mut history, workload("client", 1_000, CLIENT, ""));
        wait(&mut history, |cluster| ready(cluster) == 2_000);
        pass(&mut history, Span::secs(5));
        history
    },
    run: |history, _| {
        let before = history.cluster().traffic.next();
        pass(history, Span::secs(1));
        let sent = history.cluster().traffic.next() - before;
        assert!((9_000..11_000).contains(&sent), "{sent} requests in a second");
    },
};

/// Ten requests a second.
const CLIENT: &str =
    "image: \"busybox:1.36\", command: [sh, -c, \"while true; do wget -q -O /dev/null http://web; sleep 0.1; done\"]";

const LOOP: &str = "image: \"busybox:1.36\", command: [sh, -c, \"while true; do date >> /tmp/log; sleep 1; done\"]";

pub const SCHEDULE_1000: Load =
    bind::<1_000, 10_000>("bind-1000", "10,000 Pods are bound, on 1,000 nodes; all else that this takes included");
pub const SCHEDULE_5000: Load =
    bind::<5_000, 2_000>("bind-5000", "2,000 Pods are bound, on 5,000 nodes; all else that this takes included");

pub const AFFINITY: Load = Load {
    name: "affinity-5000",
    about: "2,000 Pods are bound that may not share a node and would be near each other, on 5,000 nodes; all else that this takes included",
    prepare: || waiting(5_000, workload("web", 2_000, WEB, COMPANY), 2_000),
    ..SCHEDULE_5000
};

/// Not on one node, and rather in one zone.
const COMPANY: &str = "      affinity:
        podAntiAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
          - {topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: web}}}
        podAffinity:
          preferredDuringSchedulingIgnoredDuringExecution:
          - weight: 1
            podAffinityTerm: {topologyKey: topology.kubernetes.io/zone, labelSelector: {matchLabels: {app: web}}}
";

const fn bind<const NODES: usize, const PODS: usize>(name: &'static str, about: &'static str) -> Load {
    Load {
        name,
        about,
        limit_us: 0,
        repeat: 1,
        heavy: true,
        pods: PODS as u32,
        prepare: || waiting(NODES, deployment("web", PODS), PODS),
        run: |history, _| {
            history.command(Command::Run { line: "fault start kube-scheduler".into() });
            wait(history, |cluster| pods(cluster).filter(|p| !p.spec.node_name.is_empty()).count() == PODS);
        },
    }
}

/// So many Pods that wait for a scheduler.
fn waiting(nodes: usize, workload: String, count: usize) -> History {
    let mut history = empty(nodes);
    history.command(Command::Run { line: "fault stop kube-scheduler".into() });
    apply(&mut history, workload);
    wait(&mut history, |cluster| cluster.store.count(Kind::Pod) == count);
    history
}

fn pods(cluster: &Cluster) -> impl Iterator<Item = &Pod> {
    cluster.store.list(Kind::Pod).map(|object| object.expect())
}

fn deployment(name: &str, replicas: usize) -> String {
    workload(name, replicas, WEB, "")
}

const WEB: &str = "image: \"nginx:1.27\", ports: [{containerPort: 80}], readinessProbe: {httpGet: {path: /, port: 80}}";

/// A Deployment. `container` is what its containers have, `spec` lines of what else its Pods have.
fn workload(name: &str, replicas: usize, container: &str, spec: &str) -> String {
    format!(
        "apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec:
      containers:
      - {{name: c, {container}, resources: {{requests: {{cpu: 10m, memory: 16Mi}}}}}}
{spec}"
    )
}
