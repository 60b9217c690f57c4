//! Time travel against a naive model: replaying the journal from the beginning, step by step, without checkpoints.

use kubarium_sim::api::Kind;
use kubarium_sim::clock::{Span, Time};
use kubarium_sim::command::Command;
use kubarium_sim::fingerprint;
use kubarium_sim::history::{Entry, History};
use kubarium_sim::setup::Setup;
use proptest::prelude::*;
use std::collections::BTreeSet;

const MANIFEST: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: nginx
        image: nginx:1.25
        readinessProbe: {httpGet: {path: /, port: 80}, periodSeconds: 2}
        ports: [{containerPort: 80}]
";
const BOX: &str = "kubectl run box --image=busybox:1.36 -- sleep 1d";

/// How many things [`command`] knows.
const COMMANDS: u8 = 15;

/// What users do, by number.
fn command(n: u8) -> Command {
    let lines = [
        "kubectl apply -f web.yaml",
        "kubectl scale deployment web --replicas=5",
        "kubectl scale deployment web --replicas=1",
        "kubectl set image deployment/web nginx=nginx:1.26",
        "kubectl delete pods -l app=web --wait=false",
        "kubectl rollout undo deployment/web",
        "kubectl get pods -o wide",
        "kubectl delete deployment web",
    ];
    // The third command line is mostly the one that a shell was opened with.
    let input = |text: &str| Command::Input { session: 3, text: text.into() };
    match n {
        8 => Command::Write { name: "web.yaml".into(), text: MANIFEST.into() },
        9 | 10 => Command::Run { line: "kubectl exec -it box -- sh".into() },
        11 => input("echo hi > /tmp/a; sleep 1; cat /tmp/a\n"),
        12 => input("while :; do date; sleep 1; done\n"),
        13 => input("\u{4}"),
        14 => Command::Interrupt { session: 3 },
        n => Command::Run { line: lines[usize::from(n)].into() },
    }
}

/// A run of these commands, each after a wait.
fn play(steps: &[(u8, u16)]) -> History {
    let mut history = History::new(Setup::default().cluster());
    history.command(command(8));
    history.command(command(0));
    history.command(Command::Run { line: BOX.into() });
    history.seek(Time(6_000));
    for (n, wait) in steps {
        history.seek(history.now() + Span(u64::from(*wait) * 4));
        history.command(command(*n));
    }
    history.seek(history.now() + Span(20_000));
    history
}

/// The fingerprint at an instant, by a replay from the beginning.
fn naive(journal: &[Entry], end: Time, at: Time) -> u64 {
    let mut history = History::replay(Setup::default().cluster(), journal.to_vec(), end);
    while !history.run(at, 1) {
        history.forget_checkpoints();
    }
    fingerprint::of(history.cluster())
}

/// A page draws between two steps: none makes more than a few of a ReplicaSet's Pods, all of them are made at one instant,
/// and wherever a run is left off, it goes on alike.
#[test]
fn a_batch_is_made_in_pieces() {
    let mut history = History::new(Setup::default().cluster());
    history.command(command(8));
    history.command(command(0));
    history.command(Command::Run { line: "kubectl scale deployment web --replicas=80".into() });
    let (mut made, mut halves) = (0, Vec::new());
    while !history.run(Time(5_000), 1) {
        let before = std::mem::replace(&mut made, history.cluster().store.count(Kind::Pod));
        assert!(made <= before + 16, "{} Pods in one step", made - before);
        if made > before && made < 80 {
            halves.push(history.clone());
        }
    }
    assert_eq!(made, 80);
    assert_eq!(halves.iter().rev().take(3).map(History::now).collect::<BTreeSet<_>>().len(), 1, "one instant");
    for mut half in halves {
        half.seek(Time(5_000));
        assert_eq!(fingerprint::of(half.cluster()), fingerprint::of(history.cluster()));
    }
}

/// A shell that is open survives every seek, and what is typed into it comes to the same.
#[test]
fn a_shell_that_is_talked_to_is_the_same_again() {
    let history = play(&[(9, 0), (11, 200), (12, 800), (14, 900), (11, 100), (13, 600)]);
    let (session, journal, end) = (&history.cluster().sessions[&3], history.journal(), history.end());
    assert_eq!(session.ended.map(|(_, code)| code), Some(0));
    let text = session.text();
    assert!(
        text.starts_with("/ # echo hi > /tmp/a; sleep 1; cat /tmp/a\nhi\n/ # while")
            && text.contains("\n^C\n/ # echo hi"),
        "{text}"
    );
    for thousandths in [900, 300, 450, 700, 600, 1000] {
        let at = Time(end.0 * thousandths / 1000);
        let mut again = history.clone();
        again.seek(at);
        assert_eq!(fingerprint::of(again.cluster()), naive(journal, end, at), "at {at:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    /// Whatever the order of the seeks, with and without checkpoints, an instant is always the same.
    #[test]
    fn seeks_in_any_order_agree(
        steps in prop::collection::vec((0..COMMANDS, 0u16..3000), 1..4),
        seeks in prop::collection::vec((0u16..1000, any::<bool>()), 1..6),
    ) {
        let mut history = play(&steps);
        let (journal, end) = (history.journal().to_vec(), history.end());
        for (thousandths, forget) in seeks {
            let at = Time(end.0 * u64::from(thousandths) / 1000);
            if forget {
                history.forget_checkpoints();
            }
            history.seek(at);
            prop_assert_eq!(fingerprint::of(history.cluster()), naive(&journal, end, at), "at {:?}", at);
        }
        prop_assert_eq!(history.journal(), &journal[..]);
        prop_assert_eq!(history.end(), end);
    }

    /// A change in the past leaves a future, and going back to it brings all of it back.
    #[test]
    fn fork_and_swap_lose_nothing(
        steps in prop::collection::vec((0..COMMANDS, 0u16..3000), 1..4),
        thousandths in 0u16..1000,
        n in 0..COMMANDS,
    ) {
        let mut history = play(&steps);
        let (journal, end) = (history.journal().to_vec(), history.end());
        let last = fingerprint::of(history.cluster());
        history.seek(Time(end.0 * u64::from(thousandths) / 1000));
        history.command(command(n));
        let fork = history.journal().to_vec();
        prop_assert!(history.swap());
        prop_assert_eq!(history.journal(), &journal[..]);
        prop_assert_eq!(history.end(), end);
        history.seek(end);
        prop_assert_eq!(fingerprint::of(history.cluster()), last);
        prop_assert!(history.swap());
        prop_assert_eq!(history.journal(), &fork[..]);
    }
}
