//! The loads.

use crate::{Load, documents, large, steps};
use kubarium_sim::api::kinds::Kind;
use kubarium_sim::api::pod::Pod;
use kubarium_sim::clock::{Span, Time};
use kubarium_sim::cluster::Cluster;
use kubarium_sim::command::Command;
use kubarium_sim::dice;
use kubarium_sim::history::History;
use kubarium_sim::setup::Setup;

pub const LOADS: [Load; 13] = [
    documents::DOCUMENTS,
    Load {
        name: "replicas-100",
        about: "100 replicas, from apply to Ready, on 3 nodes",
        limit_us: 50_000,
        repeat: 15,
        heavy: false,
        pods: 100,
        prepare: || empty(3),
        run: |history, _| deploy(history, 100),
    },
    Load {
        name: "pods-1000",
        about: "1,000 Pods, from apply to Ready, on 50 nodes",
        limit_us: 1_000_000,
        repeat: 5,
        heavy: false,
        pods: 1_000,
        prepare: || empty(50),
        run: |history, _| deploy(history, 1_000),
    },
    Load {
        name: "idle-hour",
        about: "an idle hour of 3 nodes with 9 Pods",
        limit_us: 200_000,
        repeat: 9,
        heavy: false,
        pods: 9,
        prepare: nine_pods,
        run: |history, _| pass(history, Span::minutes(60)),
    },
    Load {
        name: "schedule-5000",
        about: "100 replicas, from apply to Ready, on 5,000 nodes",
        limit_us: 0,
        repeat: 3,
        heavy: false,
        pods: 100,
        prepare: || empty(5_000),
        run: |history, _| deploy(history, 100),
    },
    Load {
        name: "seek",
        about: "going to a random moment of a ten-minute run of 3 nodes with 9 Pods",
        limit_us: 100_000,
        repeat: 40,
        heavy: false,
        pods: 9,
        prepare: ten_minutes,
        run: |history, round| {
            let to = dice::mix(u64::from(round)) % history.end().0;
            steps::seek(history, Time(to));
        },
    },
    large::DEPLOYMENTS,
    large::ROLLOUT,
    large::LOOPS,
    large::REQUESTS,
    large::SCHEDULE_1000,
    large::SCHEDULE_5000,
    large::AFFINITY,
];

pub fn empty(nodes: usize) -> History {
    let setup = Setup { nodes: Setup::machines(nodes), ..Setup::default() };
    History::new(setup.cluster())
}

fn nine_pods() -> History {
    let mut history = empty(3);
    deploy(&mut history, 9);
    history
}

/// Ten minutes in which Pods come up, are rolled over twice and scaled.
fn ten_minutes() -> History {
    let mut history = nine_pods();
    for (minute, line) in [
        (2, "kubectl set image deployment/web web=nginx:1.28"),
        (4, "kubectl scale deployment/web --replicas=12"),
        (6, "kubectl scale deployment/web --replicas=9"),
        (8, "kubectl set image deployment/web web=nginx:1.29"),
    ] {
        steps::seek(&mut history, Time(minute * 60_000));
        history.command(Command::Run { line: line.into() });
    }
    steps::seek(&mut history, Time(600_000));
    history
}

/// Applies a Deployment and lets time pass until all of its Pods are ready.
fn deploy(history: &mut History, replicas: u32) {
    let text = format!(
        "apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      containers:
      - name: web
        image: nginx:1.27
        ports: [{{containerPort: 80}}]
        resources: {{requests: {{cpu: 10m, memory: 16Mi}}}}
        readinessProbe:
          httpGet: {{path: /, port: 80}}
---
apiVersion: v1
kind: Service
metadata: {{name: web}}
spec:
  selector: {{app: web}}
  ports: [{{port: 80}}]
"
    );
    apply(history, text);
    wait(history, |cluster| ready(cluster) == replicas);
}

/// Applies a manifest.
pub fn apply(history: &mut History, text: String) {
    history.command(Command::Write { name: "web.yaml".into(), text: text.into() });
    history.command(Command::Run { line: "kubectl apply -f web.yaml".into() });
}

/// Lets time pass.
pub fn pass(history: &mut History, span: Span) {
    let end = history.now() + span;
    steps::seek(history, end);
}

/// Lets time pass until something is so.
pub fn wait(history: &mut History, done: impl Fn(&Cluster) -> bool) {
    let patience = history.now() + Span::minutes(60);
    while !done(history.cluster()) {
        assert!(history.now() < patience, "{} Pods are ready", ready(history.cluster()));
        pass(history, Span(500));
    }
}

pub fn ready(cluster: &Cluster) -> u32 {
    cluster.store.list(Kind::Pod).filter(|object| is_ready(object.expect())).count() as u32
}

/// Whether there are so many Pods, all of them ready: where many are looked at often, they are not counted for nothing.
pub fn all_ready(cluster: &Cluster, count: usize) -> bool {
    cluster.store.count(Kind::Pod) == count && cluster.store.list(Kind::Pod).all(|object| is_ready(object.expect()))
}

fn is_ready(pod: &Pod) -> bool {
    pod.status.conditions.iter().any(|c| &*c.kind == "Ready" && &*c.status == "True")
}
