//! Loops that ask over the network: what is known of their turns changes nothing but how long they take to simulate.

use kubarium_sim::clock::{Span, Time};
use kubarium_sim::cluster::Cluster;
use kubarium_sim::command::{self, Command};
use kubarium_sim::history::History;
use kubarium_sim::machine::Sandbox;
use kubarium_sim::setup::Setup;
use kubarium_sim::{fingerprint, run};
use proptest::prelude::*;
use std::rc::Rc;

const WEB: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 2
      containers:
      - {name: c, image: 'IMAGE', readinessProbe: {periodSeconds: 2, httpGet: {path: /, port: 80}}}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
";

const POLICY: &str = "
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny}
spec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress]}
";

/// Loops: most of them have turns that can be known.
const LOOPS: [&str; 13] = [
    "while true; do wget -q -O /dev/null http://web; sleep 0.1; done",
    "while sleep 0.3; do wget -qO- -T 2 http://web/ || echo failed; done",
    "while :; do wget -O- web.default.svc 2>&1; nc -z -w 1 web 80 && echo open; sleep 1; done",
    "while true; do curl -s -m 1 -w '%{http_code} %{time_total}\\n' -o /dev/null web; sleep 0.25; done",
    "while true; do wget -qO- http://none; sleep 1; done",
    "until false; do nslookup web; sleep 0.7; done",
    "echo up; while true; do wget -qO- web | true; sleep 0.4; done",
    IN_FOLDER,
    // Their turns differ.
    "while true; do wget -qO- web >> /tmp/log; sleep 0.2; done",
    "i=0; while true; do i=$((i+1)); wget -qO- web/$i; sleep 0.3; done",
    "while true; do date; wget -qO /tmp/page web; sleep 0.5; done",
    "while true; do sh -c 'wget -qO- web'; sleep 0.5; done",
    "while true; do wget -qO- web > /data/page; sleep 0.2; done",
];

/// Its turns are alike as long as there is no such folder.
const IN_FOLDER: &str = "while true; do wget -q -O /data/folder/page web || echo failed; sleep 0.2; done";

/// A Pod with a loop, and beside it a container that shares a volume with it.
fn client(number: usize, script: &str) -> String {
    let beside = match script {
        IN_FOLDER => "sleep 20; while sleep 2; do mkdir /data/folder; sleep 0.5; rm -r /data/folder; done",
        _ => "sleep infinity",
    };
    format!(
        "---
apiVersion: v1
kind: Pod
metadata: {{name: client-{number}, labels: {{app: client}}}}
spec:
  terminationGracePeriodSeconds: 1
  volumes: [{{name: data, emptyDir: {{}}}}]
  containers:
  - name: c
    image: curlimages/curl:8.5.0
    command: [sh, -c, {script:?}]
    volumeMounts: [{{name: data, mountPath: /data}}]
  - name: d
    image: busybox:1.36
    command: [sh, -c, '{beside}']
    volumeMounts: [{{name: data, mountPath: /data}}]
"
    )
}

/// What may come between.
const CHANGES: [&str; 22] = [
    "kubectl delete pod -l app=web --wait=false",
    "kubectl scale deployment web --replicas=1",
    "kubectl scale deployment web --replicas=4",
    "kubectl scale deployment web --replicas=0",
    "kubectl patch service web -p '{\"spec\":{\"selector\":{\"app\":\"none\"}}}'",
    "kubectl patch service web -p '{\"spec\":{\"selector\":{\"app\":\"web\"}}}'",
    "kubectl patch service web -p '{\"spec\":{\"sessionAffinity\":\"ClientIP\"}}'",
    "kubectl delete service web",
    "kubectl apply -f web.yaml",
    "kubectl apply -f policy.yaml",
    "kubectl delete -f policy.yaml",
    "fault cut node-1",
    "fault mend node-1",
    "fault reboot node-2",
    "fault kill client-0",
    "fault hang client-1",
    "fault mend client-1",
    "kubectl exec client-0 -c d -- mkdir /data/folder",
    "kubectl exec client-0 -c d -- rm -r /data/folder",
    "kubectl exec client-0 -c d -- sh -c 'echo a > /data/a'",
    "kubectl exec client-0 -c c -- sh -c 'ps; wget -qO- web; touch /tmp/x'",
    "kubectl logs client-1 -c c --tail=3",
];

fn start(image: &str, scripts: &[&str]) -> Vec<Command> {
    let clients: String = scripts.iter().enumerate().map(|(n, script)| client(n, script)).collect();
    let file = |name: &str, text: String| Command::Write { name: name.into(), text: text.into() };
    vec![
        file("web.yaml", WEB.replace("IMAGE", image)),
        file("clients.yaml", clients),
        file("policy.yaml", POLICY.into()),
        Command::Run { line: "kubectl apply -f web.yaml -f clients.yaml".into() },
    ]
}

fn sandboxes(cluster: &Cluster) -> impl Iterator<Item = &Sandbox> {
    cluster.machines.values().flat_map(|machine| machine.sandboxes.values().map(|sandbox| &**sandbox))
}

/// How many Pods' processes are not gone through.
fn known(cluster: &Cluster) -> usize {
    sandboxes(cluster).filter(|sandbox| matches!(sandbox.at(Time(0)), std::borrow::Cow::Owned(_))).count()
}

/// Lets time pass; `real`: every request is made by the processes themselves.
fn pass(cluster: &mut Cluster, until: Time, real: bool) {
    while run::step(cluster, until, &mut |_, _| {}) {
        if real && known(cluster) > 0 {
            let now = cluster.now;
            for node in cluster.machines.keys().cloned().collect::<Vec<_>>() {
                let machine = cluster.machines.get_mut(&node).expect("one of them");
                let sandboxes = Rc::make_mut(machine).sandboxes.values_mut();
                sandboxes.for_each(|sandbox| Rc::make_mut(sandbox).catch_up(now));
            }
        }
    }
}

fn carry_out(cluster: &mut Cluster, commands: &[Command]) {
    commands.iter().for_each(|command| command::carry_out(cluster, command));
}

fn requests(cluster: &Cluster) -> Vec<String> {
    cluster.traffic.since(0).map(|journey| format!("{journey:?}")).collect()
}

/// Plays the same in two clusters, in one of which every request is made by the processes themselves.
fn agree(image: &str, scripts: &[&str], changes: &[(Option<&str>, u64)]) -> Result<(), TestCaseError> {
    let mut made = Setup::default().cluster();
    carry_out(&mut made, &start(image, scripts));
    let mut known = made.clone();
    let mut now = Time(12_000);
    for (change, after) in changes {
        pass(&mut made, now, true);
        pass(&mut known, now, false);
        prop_assert_eq!(requests(&made), requests(&known), "{:?} at {}", scripts, now.0);
        prop_assert_eq!(made.traffic.next(), known.traffic.next());
        prop_assert_eq!(fingerprint::of(&made), fingerprint::of(&known), "{:?} at {}", scripts, now.0);
        if let Some(line) = change {
            let command = [Command::Run { line: (*line).into() }];
            carry_out(&mut made, &command);
            carry_out(&mut known, &command);
        }
        now += Span(*after);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    /// At every moment, whatever happens meanwhile, a cluster in which known turns are not gone through is to the letter one in
    /// which all are: files, processes, logs, CPU time, the agenda, the requests that the picture shows.
    #[test]
    fn turns_that_are_known_are_as_turns_that_are_made(
        slow in prop::bool::weighted(0.2),
        scripts in prop::collection::vec(prop::sample::select(&LOOPS[..]), 2..5),
        changes in prop::collection::vec((prop::option::weighted(0.8, prop::sample::select(&CHANGES[..])), 1_u64..4_000), 1..8),
    ) {
        let image = if slow { "registry.k8s.io/hpa-example" } else { "nginx:1.27" };
        agree(image, &scripts, &changes)?;
    }
}

#[test]
fn loops_that_ask_are_not_gone_through() {
    let run = |script: &str| {
        let mut cluster = Setup::default().cluster();
        carry_out(&mut cluster, &start("nginx:1.27", &[script]));
        pass(&mut cluster, Time(20_000), false);
        let before = cluster.traffic.next();
        pass(&mut cluster, Time(25_000), false);
        (known(&cluster), cluster.traffic.next() - before)
    };
    for script in &LOOPS[..8] {
        let (known, asked) = run(script);
        assert_eq!(known, 1, "{script}");
        assert!(asked >= 4 || script.contains("none") || script.contains("nslookup"), "{script}: {asked}");
    }
    for script in &LOOPS[8..] {
        assert_eq!(run(script).0, 0, "{script}");
    }
}

/// What a turn comes to may change with a volume that another container writes to.
#[test]
fn what_others_do_to_files_is_noticed() {
    let changes: Vec<(Option<&str>, u64)> = (0..12).map(|n| (None, 700 + n * 137)).collect();
    agree("nginx:1.27", &[IN_FOLDER], &changes).expect("the same");
}

/// Whether time was gone through at once or back and forth, from checkpoints in the midst of known turns or without any.
#[test]
fn time_goes_back_and_forth_in_the_midst_of_turns() {
    let mut history = History::new(Setup::default().cluster());
    start("nginx:1.27", &LOOPS[..4]).into_iter().for_each(|command| history.command(command));
    let times: Vec<Time> = [9_000, 14_021, 14_022, 15_333, 16_100, 18_001, 21_777].map(Time).into();
    let mut prints = Vec::new();
    for time in &times {
        history.seek(*time);
        prints.push(fingerprint::of(history.cluster()));
    }
    for n in [3, 0, 5, 2, 6, 1, 4] {
        history.seek(times[n]);
        assert_eq!(fingerprint::of(history.cluster()), prints[n], "at {}", times[n].0);
    }
    history.forget_checkpoints();
    history.seek(times[2]);
    assert_eq!(fingerprint::of(history.cluster()), prints[2]);
}
