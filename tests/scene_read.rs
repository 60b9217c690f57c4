//! From a living cluster to what is drawn of it.

use kubarium::scene::hit::Key;
use kubarium::scene::model::{Inside, Model, Pod, QueuePlace, State};
use kubarium::scene::read::{self, Ask, Memory, Reading};
use kubarium_sim::api::{Kind, object};
use kubarium_sim::apiserver::{self, Request};
use kubarium_sim::clock::Time;
use kubarium_sim::cluster::Cluster;
use kubarium_sim::setup::Setup;
use kubarium_sim::{manifest, run};

const SHOP: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: default}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: nginx
        image: nginx:1.27
        ports: [{containerPort: 80}]
        resources: {requests: {cpu: 500m, memory: 64Mi}}
        readinessProbe: {httpGet: {path: /, port: 80}, periodSeconds: 2}
      volumes:
      - {name: scratch, emptyDir: {}}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: default}
spec:
  selector: {app: web}
  ports: [{port: 80}]
---
apiVersion: v1
kind: Pod
metadata: {name: train, namespace: default}
spec:
  containers:
  - name: main
    image: busybox
    resources: {requests: {cpu: 2500m}}
---
apiVersion: v1
kind: Pod
metadata: {name: absent, namespace: default}
spec:
  containers:
  - {name: main, image: 'nginx:does-not-exist'}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, namespace: default}
spec:
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 1Gi}}
";

fn apply(cluster: &mut Cluster, text: &str) {
    for document in manifest::read(text).documents {
        let text = |field: &str| document.value.get(field).as_str().unwrap_or("").to_string();
        let kind = Kind::find(&text("apiVersion"), &text("kind")).expect("a known kind");
        apiserver::handle(cluster, Request::create("kubectl", kind, document.value.clone())).expect("accepted");
    }
    run::tell(cluster, &mut |_, _| {});
}

fn live(cluster: &mut Cluster, seconds: u64) {
    let until = Time(cluster.now.0 + seconds * 1000);
    while run::step(cluster, until, &mut |_, _| {}) {}
}

fn read(cluster: &Cluster, ask: Ask) -> Model {
    read::read(cluster, ask, &mut Memory::default())
}

fn shop() -> Cluster {
    let mut cluster = Setup::default().cluster();
    apply(&mut cluster, SHOP);
    live(&mut cluster, 12);
    cluster
}

fn pod<'a>(model: &'a Model, name: &str) -> &'a Pod {
    model.pods.iter().find(|pod| pod.key.name.starts_with(name)).expect("the Pod is read")
}

#[test]
fn a_ready_pod_has_its_revision_its_pipe_and_its_parts() {
    let cluster = shop();
    let model = read(&cluster, Ask::default());
    let web = pod(&model, "web-");
    assert_eq!((web.state, &*web.stem, web.suffix.len()), (State::Ready, "web", 5));
    assert_eq!((web.status.as_str(), web.ready), ("Running", (1, 1)));
    assert_eq!((web.hue, web.revision), (Some(0), Some(1)));
    assert_eq!(web.containers[0].inside, Inside::Running);
    assert_eq!(web.containers[0].label, "nginx:1.27");
    assert_eq!(web.containers[0].history, [true; 6], "the last of its readiness probe, every 2 s");
    assert_eq!(web.volumes.len(), 1, "its token is no news");
    let service = model.services.iter().find(|service| &*service.key.name == "web").expect("the Service is read");
    assert_eq!((service.ready, service.total, service.endpoints.len()), (3, 3, 3));
    assert!(service.endpoints.iter().all(|endpoint| endpoint.open && model.pods[endpoint.pod].stem == web.stem));
    assert_eq!(model.services.len(), 1, "what the cluster made for itself is not shown");
}

#[test]
fn water_is_what_was_asked_for() {
    let model = read(&shop(), Ask::default());
    let asked: f32 = model.nodes.iter().map(|node| node.cpu * 2000.0).sum();
    assert!(asked >= 3.0 * 500.0, "{asked}");
    assert!(model.nodes.iter().all(|node| node.word == "Ready" && node.cpu <= 1.0));
}

#[test]
fn a_pod_that_no_node_takes_waits_in_sight_and_the_nodes_say_why() {
    let cluster = shop();
    let key = Key::new("Pod", "default", "train");
    let model = read(&cluster, Ask { selected: Some(&key), ..Ask::default() });
    let waits = model.plane.queue.iter().find(|queued| queued.key == key).expect("it waits");
    assert_eq!(waits.place, QueuePlace::Unschedulable);
    assert_eq!(pod(&model, "train").state, State::Pending);
    for node in &model.nodes {
        let verdict = node.verdict.as_ref().expect("each node answers");
        assert_eq!((verdict.text.as_str(), verdict.fits), ("Insufficient cpu", false));
        assert!(node.cpu + verdict.ghost.expect("it would spill").0 > 1.0);
    }
}

#[test]
fn a_back_off_runs_down() {
    let mut cluster = shop();
    let mut seen = Vec::new();
    for _ in 0..60 {
        live(&mut cluster, 1);
        let model = read(&cluster, Ask::default());
        let absent = pod(&model, "absent");
        assert_eq!(absent.state, State::Image, "{}", absent.status);
        seen.extend(absent.dial.map(|left| (left, absent.note.clone().expect("the ring is told in words").text)));
    }
    let runs_down = |pair: &[(f32, String)]| pair[1].0 < pair[0].0 && pair[0].1.starts_with("again in ");
    assert!(seen.windows(2).filter(|pair| runs_down(pair)).count() > 20, "{seen:?}");
}

#[test]
fn an_ending_pod_has_its_grace_on_the_ring() {
    let mut cluster = shop();
    let web = pod(&read(&cluster, Ask::default()), "web-").key.clone();
    let key = object::Key::new(web.namespace.clone(), web.name.clone());
    let request = Request::delete("kubectl", Kind::Pod, key, apiserver::DeleteOptions::default());
    apiserver::handle(&mut cluster, request).expect("deleted");
    run::tell(&mut cluster, &mut |_, _| {});
    let model = read(&cluster, Ask::default());
    let pod = pod(&model, &web.name);
    assert_eq!(pod.state, State::Terminating);
    assert!(pod.dial.is_some_and(|left| left > 0.9), "{:?}", pod.dial);
}

#[test]
fn deeds_tell_who_acted() {
    use kubarium::scene::model::By;
    let cluster = shop();
    let mut memory = Memory::default();
    let model = read::read(&cluster, Ask::default(), &mut memory);
    let by = |by: By| model.deeds.iter().filter(|deed| deed.by == by).count();
    assert!(by(By::User) >= 5);
    assert!(by(By::Controller("ReplicaSet")) >= 3);
    assert!(by(By::Scheduler) >= 4);
    assert_eq!(read::read(&cluster, Ask::default(), &mut memory).deeds, [], "what was told is not told again");
}

/// Of many Pods those that rest are not read again: what is read of them is what one would read anew.
#[test]
fn what_is_remembered_is_so() {
    let mut cluster = Setup { pods: 80, ..Setup::default() }.cluster();
    let mut memory = Memory::default();
    let mut kept = 0;
    let mut before = read::read(&cluster, Ask::default(), &mut memory);
    assert!(before.pods.len() > 200);
    for _ in 0..60 {
        let until = Time(cluster.now.0 + 500);
        while run::step(&mut cluster, until, &mut |_, _| {}) {}
        cluster.now = cluster.now.max(until);
        let model = read::read(&cluster, Ask::default(), &mut memory);
        let anew = read(&cluster, Ask::default());
        for (pod, fresh) in model.pods.iter().zip(&anew.pods) {
            // Lamps of a Pod that rests may be behind.
            assert_eq!(
                (&pod.key, pod.state, &pod.status, pod.ready),
                (&fresh.key, fresh.state, &fresh.status, fresh.ready)
            );
            let starts = pod.state == State::Starting;
            kept += usize::from(starts && before.pods.iter().any(|old| std::rc::Rc::ptr_eq(old, pod)));
            assert!(!starts || pod == fresh, "{pod:?} {fresh:?}");
        }
        before = model;
    }
    assert!(kept > 100, "{kept} that started were not read again");
    assert!(before.pods.iter().all(|pod| pod.state == State::Ready), "all have started");
}

/// A look that takes several frames tells what was done before it; what is done meanwhile is told by the next one.
#[test]
fn deeds_during_a_look_are_told_by_the_next() {
    let mut cluster = shop();
    let mut memory = Memory::default();
    let ask = Ask::default();
    let mut look = Reading::begin(&cluster, ask, &mut memory);
    let first = cluster.trace.next();
    apply(
        &mut cluster,
        "{apiVersion: v1, kind: Pod, metadata: {name: late, namespace: default}, spec: {containers: [{name: a, image: nginx}]}}",
    );
    let late = cluster.trace.next();
    assert!(late > first);
    // One that is thrown away has told nothing.
    assert!(!Reading::begin(&cluster, ask, &mut memory).go_on(&cluster, ask, &mut memory, 0));
    while !look.go_on(&cluster, ask, &mut memory, 1) {}
    let told = look.end(&cluster, ask, &mut memory).deeds.len();
    let next = read::read(&cluster, ask, &mut memory).deeds.len();
    assert_eq!((told > 0, next as u64), (true, late - first));
}

const CALLERS: &str = "
apiVersion: v1
kind: Pod
metadata: {name: caller, namespace: default}
spec:
  containers:
  - {name: sh, image: 'busybox:1.36', command: [sh, -c, 'sleep 8; while true; do wget -qO- http://web; sleep 1; done']}
---
apiVersion: v1
kind: Service
metadata: {name: nobody, namespace: default}
spec:
  selector: {app: nobody}
  ports: [{port: 80}]
---
apiVersion: v1
kind: Pod
metadata: {name: hopeful, namespace: default}
spec:
  containers:
  - {name: sh, image: 'busybox:1.36', command: [sh, -c, 'sleep 8; while true; do wget -qO- http://nobody.default; sleep 1; done']}
";

#[test]
fn a_request_is_told_hop_by_hop_with_what_decided_each() {
    let mut cluster = shop();
    apply(&mut cluster, CALLERS);
    live(&mut cluster, 20);
    let told = |name: &str| {
        let key = Key::new("Pod", "default", name);
        let model = read(&cluster, Ask { selected: Some(&key), ..Ask::default() });
        model
            .route
            .into_iter()
            .map(|hop| (hop.kind, hop.title, hop.decision, hop.result, hop.passed))
            .collect::<Vec<_>>()
    };
    let way = told("caller");
    let [client, name, service, pod] = &way[..] else { panic!("{way:?}") };
    assert_eq!((client.0, &*client.1, &*client.2), ("client", "caller", "GET http://web/"));
    let address = &cluster.store.find(Kind::Service, "default", "web").expect("it is there").raw();
    let address = address.at(&["spec", "clusterIP"]).as_str().expect("it has one").to_string();
    let asked = ("DNS", "web".to_string(), "web.default.svc.cluster.local".to_string(), address, true);
    assert_eq!(name, &asked);
    assert_eq!((service.0, &*service.2), ("Service", "port 80 · 1 of 3, at random"));
    assert!(service.3.starts_with("10.244.") && service.3.ends_with(":80"), "{}", service.3);
    assert_eq!((pod.0, &*pod.3, pod.4), ("Pod", "200", true));
    assert!(pod.2.starts_with("on node-"));

    let way = told("hopeful");
    let [_, name, service] = &way[..] else { panic!("{way:?}") };
    assert_eq!(
        (&*name.1, &*name.2),
        ("nobody.default", "nobody.default.svc.cluster.local"),
        "what the search list finds second"
    );
    assert_eq!((&*service.2, &*service.3, service.4), ("port 80", "connection refused", false));
}
