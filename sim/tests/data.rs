//! No data is lost that Kubernetes keeps, and none kept that it deletes: whatever happens to a Pod, its node and its claims, its
//! files are those that a model of a few lines says.

use kubarium_sim::clock::Span;
use kubarium_sim::command::Command;
use kubarium_sim::dice::Dice;
use kubarium_sim::history::History;
use kubarium_sim::setup::Setup;

const RUNS: u64 = 6;
const DEEDS: u64 = 10;

const VOLUME: &str = "
apiVersion: v1
kind: PersistentVolume
metadata: {name: kept}
spec:
  capacity: {storage: 1Gi}
  accessModes: [ReadWriteOnce]
  storageClassName: by-hand
  hostPath: {path: /tmp/kept}
";
const CLAIMS: &str = "
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: claim}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 8Mi}}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: kept}
spec: {accessModes: [ReadWriteOnce], storageClassName: by-hand, resources: {requests: {storage: 8Mi}}}
";
const POD: &str = "
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  nodeName: node-1
  terminationGracePeriodSeconds: 1
  containers:
  - name: c
    image: busybox:1.36
    command: [sh, -c, \"trap 'exit 1' TERM; while true; do sleep 1; done\"]
    volumeMounts:
    - {name: empty, mountPath: /empty}
    - {name: memory, mountPath: /memory}
    - {name: claim, mountPath: /claim}
    - {name: kept, mountPath: /kept, subPath: deep}
    - {name: host, mountPath: /host}
  volumes:
  - {name: empty, emptyDir: {}}
  - {name: memory, emptyDir: {medium: Memory}}
  - {name: claim, persistentVolumeClaim: {claimName: claim}}
  - {name: kept, persistentVolumeClaim: {claimName: kept}}
  - {name: host, hostPath: {path: /tmp/host, type: DirectoryOrCreate}}
";

/// Folders of the Pod, those whose files are lost first at the front.
const FOLDERS: [&str; 6] = ["root", "memory", "empty", "claim", "kept", "host"];

/// Something that happens, and how many of [`FOLDERS`] lose their files by it.
struct Deed {
    name: &'static str,
    lost: usize,
    lines: &'static [&'static str],
}

const HAPPENS: [Deed; 4] = [
    Deed { name: "the container restarts", lost: 1, lines: &["kubectl exec p -- kill 1"] },
    Deed { name: "the node reboots", lost: 2, lines: &["fault reboot node-1"] },
    Deed { name: "the Pod is made anew", lost: 3, lines: &["kubectl delete pod p", "kubectl apply -f pod.yaml"] },
    Deed {
        name: "the claims are made anew",
        lost: 4,
        lines: &[
            "kubectl delete pod p",
            "kubectl delete pvc claim kept",
            "kubectl wait --for=jsonpath='{.status.phase}'=Released pv/kept --timeout=60s",
            "kubectl patch pv kept -p '{\"spec\":{\"claimRef\":null}}'",
            "kubectl apply -f claims.yaml",
            "kubectl apply -f pod.yaml",
        ],
    },
];

/// Runs a command line to its end and answers what it printed.
fn run(history: &mut History, line: &str) -> String {
    history.command(Command::Run { line: line.into() });
    for _ in 0..20_000 {
        history.seek(history.now() + Span(50));
        let session = history.cluster().sessions.values().next_back().expect("it was started");
        if session.ended.is_some() && &*session.line == line {
            return session.output.iter().map(|chunk| &*chunk.text).collect();
        }
    }
    panic!("`{line}` does not end");
}

fn begin() -> History {
    let mut history = History::new(Setup::default().cluster());
    for (name, text) in [("volume.yaml", VOLUME), ("claims.yaml", CLAIMS), ("pod.yaml", POD)] {
        history.command(Command::Write { name: name.into(), text: text.into() });
        run(&mut history, &format!("kubectl apply -f {name}"));
    }
    run(&mut history, "kubectl wait --for=condition=Ready pod/p --timeout=60s");
    history
}

/// What is in the folders once the Pod is well.
fn read(history: &mut History) -> Vec<String> {
    // What has just happened has to be noticed first.
    history.seek(history.now() + Span::secs(30));
    run(history, "kubectl wait --for=condition=Ready pod/p --timeout=900s");
    let each = FOLDERS.map(|folder| format!("cat /{folder}/mark 2>/dev/null || echo -; "));
    let printed = run(history, &format!("kubectl exec p -- sh -c '{}'", each.concat()));
    printed.lines().map(str::to_string).collect()
}

#[test]
fn files_are_kept_as_long_as_kubernetes_keeps_them() {
    for seed in 0..RUNS {
        let (mut history, dice) = (begin(), Dice(seed));
        let mut model = FOLDERS.map(|_| "-".to_string());
        let mut told = Vec::new();
        for number in 0..DEEDS {
            let chosen = dice.below(HAPPENS.len() as u64 + 2, "deed", &number.to_string()) as usize;
            match HAPPENS.get(chosen) {
                Some(deed) => {
                    told.push(deed.name);
                    for line in deed.lines {
                        run(&mut history, line);
                    }
                    model[..deed.lost].fill("-".to_string());
                }
                None => {
                    told.push("files are written");
                    let each = FOLDERS.map(|folder| format!("echo {number} > /{folder}/mark; "));
                    run(&mut history, &format!("kubectl exec p -- sh -c '{}'", each.concat()));
                    model.fill(number.to_string());
                }
            }
            assert_eq!(read(&mut history), model, "run {seed}: {}", told.join(", "));
        }
    }
}
