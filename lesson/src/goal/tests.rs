use super::*;
use kubarium_sim::command::Command;
use kubarium_sim::history::History;
use kubarium_sim::setup::Setup;

const WEB: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: nginx, image: nginx}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
";

/// A web site on three nodes, one of them cordoned, asked once and once where there is nobody.
fn cluster() -> History {
    let mut history = History::new(Setup::default().cluster());
    history.command(Command::Write { name: "web.yaml".into(), text: WEB.into() });
    for (line, until) in [
        ("kubectl apply -f web.yaml", 10_000),
        ("kubectl cordon node-3", 12_000),
        ("kubectl run asks --image=busybox --restart=Never -- wget -q -O- http://web", 30_000),
        ("kubectl get pods -A", 31_000),
    ] {
        history.command(Command::Run { line: line.into() });
        history.seek(Time(until));
    }
    history
}

#[test]
fn sentences_are_checked_on_the_state() {
    let history = cluster();
    let check = |text: &str, expect: bool| {
        let goal = Check::read(text).unwrap_or_else(|what| panic!("{text}: {what}"));
        assert_eq!(goal.met(history.cluster(), Time(0)), expect, "{text}");
    };
    check("3 Pods app=web are Ready", true);
    check("3 pods app=web behind web and are Running", true);
    check("2 Pods app=web are Ready", false);
    check("at least 2 Pods app=web are Ready", true);
    check("at most 2 Pods app=web", false);
    check("no Pods app=other", true);
    check("no Pods app=web are Ready", false);
    check("Pod/asks is Completed", true);
    check("Pod/asks is Running", false);
    check("Pod/asks not Running event Started", true);
    check("Pod/asks event Killing", false);
    check("Pod/asks behind web", false);
    check("Deployment/web is Available .spec.replicas = 3", true);
    check("deploy/web .status.readyReplicas >= 4", false);
    check("deploy/web .status.readyReplicas <= 3", true);
    check("deploy/web .spec.paused = true", false);
    check("deploy/web .spec.paused != true", true);
    check("Deployment/web .spec.template.spec.containers[0].image = nginx", true);
    check("Node/node-3 is SchedulingDisabled", true);
    check("Node/node-1 is SchedulingDisabled", false);
    check("3 Nodes are Ready", true);
    check("3 Pods app=web in kube-system", false);
    check("terminal shows deployment.apps/web created", true);
    check("terminal shows deleted", false);
    check("a request to web answered", true);
    check("request to web failed", false);
    check("at least 2 requests to web answered", false);
    let pod = history.cluster().store.list_in(Kind::Pod, "default").find_map(|pod| pod.get::<Pod>()).expect("a Pod");
    check(&format!("at least 1 Pods on {}", pod.spec.node_name), true);
    check("no Pods on node-9", true);
}

#[test]
fn what_came_before_a_part_does_not_count_for_it() {
    let history = cluster();
    for text in ["terminal shows deployment.apps/web created", "request to web answered"] {
        assert!(!Check::read(text).expect("a goal").met(history.cluster(), Time(30_500)), "{text}");
    }
}

#[test]
fn what_makes_no_sense_is_told() {
    let check = |text: &str, expect: &str| assert_eq!(Check::read(text), Err(expect.to_string()), "{text}");
    check("", "nothing is asked for");
    check("3 Pots", "no such kind: Pots");
    check("3 Pods are", "are what?");
    check("3x Pods", "no number: 3x");
    check("Pod/a shines", "no such condition: shines");
    check("Pod/a .spec.x ~ 3", "no comparison: ~");
    check("Pod/a .spec.x =", ".spec.x what?");
    check("requests to web eaten", "requests are answered or failed, not eaten");
    check("3 requests to web answered", "requests are counted as `at least 3`");
}
