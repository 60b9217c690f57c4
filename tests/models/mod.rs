//! Clusters made by hand, to be drawn.

use kubarium::scene::hit::Key;
use kubarium::scene::model::*;
use kubarium::scene::shape::{Id, Tone};
use std::rc::Rc;

pub fn pod_key(name: &str) -> Key {
    Key::new("Pod", "shop", name)
}

fn rc(text: &str) -> Rc<str> {
    Rc::from(text)
}

pub fn node(name: &str, zone: &str, cpu: f32, memory: f32) -> Node {
    Node {
        id: Id::of("Node", name),
        key: Key::new("Node", "", name),
        zone: Some(rc(zone)),
        cpu,
        memory,
        disk: Some(0.38),
        glass: Glass::Ready,
        word: "Ready",
        cordoned: false,
        cut: false,
        taints: Vec::new(),
        pressure: None,
        verdict: None,
    }
}

pub fn container(label: &str, inside: Inside) -> Container {
    Container {
        name: rc("main"),
        label: label.into(),
        inside,
        sidecar: false,
        startup: None,
        liveness: None,
        readiness: None,
        history: Vec::new(),
    }
}

pub fn pod(stem: &str, suffix: &str, node: usize, state: State) -> Pod {
    let name = if suffix.is_empty() { stem.to_string() } else { format!("{stem}-{suffix}") };
    Pod {
        id: Id::of("Pod", &name),
        key: pod_key(&name),
        node: Some(node),
        stem: rc(stem),
        suffix: rc(suffix),
        state,
        status: format!("{state:?}"),
        ready: (0, 1),
        hue: None,
        revision: None,
        containers: Vec::new(),
        volumes: Vec::new(),
        dial: None,
        note: None,
        restarts: 0,
        daemon: false,
        host_paths: Vec::new(),
        created_ms: 0,
        owner: None,
        hung: false,
    }
}

fn web(suffix: &str, node: usize, state: State, revision: u64) -> Pod {
    let inside = match state {
        State::Ready => Inside::Running,
        State::NotReady => Inside::Unready,
        State::Terminating => Inside::Stopping,
        _ => Inside::Waiting,
    };
    let lamp = match state {
        State::Ready => Some(Lamp::Passed),
        State::NotReady => Some(Lamp::Failed),
        State::Starting => Some(Lamp::Idle),
        _ => None,
    };
    let nginx = Container {
        readiness: lamp,
        liveness: lamp.map(|lamp| if lamp == Lamp::Failed { Lamp::Passed } else { lamp }),
        history: if state == State::NotReady { vec![true, false, false, false, false, false] } else { Vec::new() },
        ..container("nginx:1.27", inside)
    };
    let log = if inside == Inside::Unready { Inside::Running } else { inside };
    let tail = Container { sidecar: true, ..container("log-tail", log) };
    Pod {
        hue: Some(revision as u16 - 2),
        revision: Some(revision),
        containers: vec![nginx, tail],
        volumes: vec![VolumeMark::EmptyDir, VolumeMark::ConfigMap],
        owner: Some(Id::of("ReplicaSet", &format!("web-{revision}"))),
        ..pod("web", suffix, node, state)
    }
}

fn note(text: &str, tone: Tone) -> Option<Note> {
    Some(Note { text: text.into(), tone })
}

fn agent(node: usize) -> Pod {
    Pod {
        id: Id::of("Pod", &format!("log-agent-{node}")),
        key: pod_key(&format!("log-agent-{node}")),
        hue: Some(3),
        daemon: true,
        host_paths: vec![rc("/var/log")],
        ..pod("log-agent", "", node, State::Ready)
    }
}

/// The main screen of the design: a rollout, a crash, a Pod that no node can take.
pub fn shop() -> Model {
    let mut nodes = vec![
        node("node-1", "zone-1", 0.82, 0.61),
        node("node-2", "zone-1", 0.74, 0.66),
        node("node-3", "zone-2", 0.30, 0.22),
    ];
    for node in &mut nodes[..2] {
        node.verdict = Some(Verdict { text: "Insufficient cpu".into(), fits: false, ghost: Some((0.5, 0.0)) });
    }
    nodes[2].taints = vec!["dedicated=batch:NoSchedule".into()];
    nodes[2].verdict = Some(Verdict { text: "dedicated=batch:NoSchedule".into(), fits: false, ghost: None });
    Model {
        now_ms: 252_300,
        plane: plane(),
        nodes,
        services: services(),
        volumes: volumes(),
        clients: vec![
            Client { id: Id::of("client", "web"), service: 0, label: "42 / s".into(), many: true, answered: true },
            Client { id: Id::of("client", "cart"), service: 1, label: "refused".into(), many: false, answered: false },
        ],
        workloads: workloads(),
        route: route(),
        deeds: Vec::new(),
        pods: pods().into_iter().map(Rc::new).collect(),
    }
}

fn pods() -> Vec<Pod> {
    let postgres = Container {
        readiness: Some(Lamp::Passed),
        startup: Some(Lamp::Passed),
        ..container("postgres:17", Inside::Running)
    };
    let cart = Container { readiness: Some(Lamp::Idle), ..container("cart:0.9", Inside::Crashed) };
    vec![
        web("x7k2p", 0, State::Ready, 2),
        web("m4d9t", 0, State::Ready, 3),
        Pod {
            hue: Some(2),
            revision: Some(1),
            containers: vec![postgres],
            volumes: vec![VolumeMark::Claim, VolumeMark::Secret],
            note: note("leader", Tone::Ink3),
            ..pod("db-0", "", 0, State::Ready)
        },
        web("zz8rc", 0, State::NotReady, 3),
        agent(0),
        web("c2f6v", 1, State::Ready, 2),
        Pod {
            dial: Some(0.6),
            note: note("SIGTERM 18s", Tone::TerminatingText),
            ..web("h9s5n", 1, State::Terminating, 2)
        },
        Pod {
            hue: Some(4),
            revision: Some(1),
            containers: vec![cart],
            volumes: vec![VolumeMark::Secret],
            dial: Some(0.58),
            restarts: 3,
            note: note("again in 23s", Tone::BrokenText),
            ..pod("cart", "q4m2z", 1, State::Crash)
        },
        Pod { note: note("pull 64%", Tone::WaitingText), ..web("k6w3j", 1, State::Starting, 3) },
        agent(1),
        Pod {
            containers: vec![container("imagick:7", Inside::Running)],
            volumes: vec![VolumeMark::EmptyDir],
            note: note("Job", Tone::Ink3),
            ..pod("thumbs", "0-fj8w2", 2, State::Ready)
        },
        Pod {
            containers: vec![container("python:3.13", Inside::Done)],
            note: note("Completed", Tone::FinishedText),
            ..pod("report", "t5l1b", 2, State::Finished)
        },
        agent(2),
        Pod { node: None, ..pod("train", "7hq2x", 0, State::Pending) },
    ]
}

fn plane() -> Plane {
    let lit = ["Deployment", "ReplicaSet", "EndpointSlice"].map(|name| Controller { name, lit: true });
    let idle = ["StatefulSet", "DaemonSet", "Job", "Garbage", "CronJob", "Namespace", "NodeLifecycle", "Disruption"];
    Plane {
        api_lit: true,
        api_note: "web patched".into(),
        revision: 48213,
        controllers: lit.into_iter().chain(idle.map(|name| Controller { name, lit: false })).collect(),
        scheduler_lit: false,
        scheduler_note: "next look: when a node or Pod changes".into(),
        queue: vec![Queued {
            id: Id::of("Pod", "train-7hq2x"),
            key: pod_key("train-7hq2x"),
            place: QueuePlace::Unschedulable,
            waited_ms: 41_000,
            until_ms: None,
            reason: "0/3 nodes are available".into(),
        }],
        order: Some("set image".into()),
    }
}

fn services() -> Vec<Service> {
    let open = |pod| Endpoint { pod, open: true, shielded: false };
    let shut = |pod| Endpoint { pod, open: false, shielded: false };
    let service = |name: &str, address: &str| Service {
        id: Id::of("Service", name),
        key: Key::new("Service", "shop", name),
        address: address.into(),
        note: "ClusterIP".into(),
        entry: None,
        headless: false,
        external: false,
        ready: 1,
        total: 1,
        endpoints: Vec::new(),
        rate: 0,
        asked: None,
    };
    vec![
        Service {
            entry: Some(Entry { kind: "Ingress", text: "shop.example.com".into() }),
            ready: 3,
            total: 5,
            endpoints: vec![open(0), open(1), shut(3), open(5), shut(6)],
            rate: 42,
            ..service("web", "10.96.41.7:80")
        },
        Service {
            entry: Some(Entry { kind: "LoadBalancer", text: "203.0.113.10".into() }),
            note: "LoadBalancer, nobody to answer".into(),
            ready: 0,
            endpoints: vec![shut(7)],
            rate: 1,
            ..service("cart", "10.96.88.20:8080")
        },
        Service {
            headless: true,
            note: "headless: the name db-0.db leads straight to the Pod".into(),
            endpoints: vec![open(2)],
            ..service("db", "None")
        },
    ]
}

fn volumes() -> Vec<Volume> {
    let volume = |name: Option<&str>, claim: Option<&str>, size: &str, phase: VolumePhase| Volume {
        id: Id::of("PersistentVolume", name.unwrap_or(claim.unwrap_or(""))),
        key: Key::new("PersistentVolume", "", name.unwrap_or("")),
        name: name.map(rc),
        claim: claim.map(rc),
        size: size.into(),
        modes: "RWO".into(),
        class: "standard".into(),
        phase,
        pods: Vec::new(),
    };
    vec![
        Volume { pods: vec![2], ..volume(Some("pvc-3f1c7a90-5d2e"), Some("data-db-0"), "8Gi", VolumePhase::Bound) },
        Volume {
            modes: "RWX".into(),
            class: "nfs".into(),
            ..volume(Some("archive-01"), None, "20Gi", VolumePhase::Available)
        },
        Volume {
            key: Key::new("PersistentVolumeClaim", "shop", "scratch"),
            class: "waits for a Pod".into(),
            ..volume(None, Some("scratch"), "5Gi", VolumePhase::Pending)
        },
        volume(Some("pvc-9be2f3a1-40d1"), Some("old-cache"), "4Gi", VolumePhase::Released),
    ]
}

fn workloads() -> Vec<Workload> {
    let workload = |kind: &'static str, name: &str, note: &str, owner: Option<Id>| Workload {
        id: Id::of(kind, name),
        key: Key::new(kind, "shop", name),
        note: note.into(),
        replicas: (kind == "Deployment").then_some(4),
        hue: None,
        revision: None,
        owner,
    };
    let web = workload("Deployment", "web", "3 of 4 ready", None);
    let revision = |n: u64, note: &str| Workload {
        hue: Some(n as u16 - 2),
        revision: Some(n),
        key: Key::new("ReplicaSet", "shop", &format!("web-{}", if n == 2 { "7d4b9c6f58" } else { "5c8f7d9b64" })),
        ..workload("ReplicaSet", &format!("web-{n}"), note, Some(web.id))
    };
    vec![web.clone(), revision(2, "scaled 4 to 2"), revision(3, "scaled 0 to 3")]
}

fn route() -> Vec<Hop> {
    let hop = |kind, title: &str, decision: &str, result: &str| Hop {
        kind,
        title: title.into(),
        decision: decision.into(),
        result: result.into(),
        passed: true,
    };
    vec![
        hop("client", "", "curl http://web", ""),
        hop("DNS", "", "web.shop.svc.cluster.local", "10.96.41.7, 1 ms"),
        hop("Service", "web", "3 of 5 Pods are ready", "chosen 1 of 3, at random"),
        hop("Pod", "web-c2f6v", "on node-2", "200 OK in 12 ms"),
    ]
}

/// One Pod in each state of the state table, on one node.
pub fn states() -> Model {
    let all = [
        (State::Pending, "in the queue", Inside::Waiting),
        (State::Init, "then seed", Inside::Done),
        (State::Starting, "pull 64%", Inside::Waiting),
        (State::NotReady, "", Inside::Unready),
        (State::Ready, "", Inside::Running),
        (State::Crash, "again in 23s", Inside::Crashed),
        (State::Image, "again in 1m", Inside::Crashed),
        (State::Failed, "exit 1", Inside::Crashed),
        (State::Terminating, "SIGTERM 18s", Inside::Stopping),
        (State::Finished, "exit 0", Inside::Done),
        (State::Unknown, "", Inside::Running),
    ];
    let pods = all.into_iter().enumerate().map(|(i, (state, words, inside))| Pod {
        hue: Some(i as u16),
        revision: Some(i as u64 + 1),
        containers: vec![container("nginx:1.27", inside)],
        note: (!words.is_empty()).then(|| Note { text: words.into(), tone: state.text() }),
        dial: matches!(state, State::Crash | State::Image | State::Terminating).then_some(0.6),
        ..pod("web", &format!("p{i:04}"), 0, state)
    });
    Model { nodes: vec![node("node-1", "zone-1", 0.55, 0.4)], pods: pods.map(Rc::new).collect(), ..Model::default() }
}

/// So many nodes with so many Pods each, in four zones; some broken, waiting, leaving.
pub fn large(nodes: usize, each: usize) -> Model {
    let mut dice = 11_u32;
    let mut roll = move || {
        dice = dice.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (dice >> 8) as f32 / (1 << 24) as f32
    };
    let mut model = Model::default();
    for n in 0..nodes {
        let zone = format!("zone-{}", ["a", "b", "c", "d"][n * 4 / nodes]);
        let mut made = node(&format!("node-{:03}", n + 1), &zone, 0.3 + 0.6 * roll(), 0.4);
        if n == nodes * 5 / 8 {
            (made.glass, made.word) = (Glass::NotReady, "NotReady");
        }
        if n == nodes - 1 {
            (made.glass, made.word) = (Glass::Off, "Powered off");
        }
        made.cordoned = n % 37 == 19;
        model.nodes.push(made);
        for p in 0..each {
            let state = match roll() {
                r if r < 0.008 => State::Crash,
                r if r < 0.02 => State::Finished,
                r if r < 0.045 => State::Starting,
                r if r < 0.052 => State::Terminating,
                _ => State::Ready,
            };
            let name = ["api", "web", "feed", "pay"][p % 4];
            let hue = Some((p % 4) as u16);
            model.pods.push(Rc::new(Pod { hue, ..pod(name, &format!("{n:04}{p:02}"), n, state) }));
        }
    }
    for s in 0..nodes.min(64) {
        model.services.push(Service {
            id: Id::of("Service", &s.to_string()),
            key: Key::new("Service", "shop", &format!("service-{s}")),
            address: format!("10.96.0.{s}:80"),
            note: "ClusterIP".into(),
            entry: None,
            headless: false,
            external: false,
            ready: if s == 17 { 0 } else { 3 },
            total: if s % 19 == 5 { 4 } else { 3 },
            endpoints: Vec::new(),
            rate: 28,
            asked: None,
        });
    }
    model.plane = plane();
    model
}
