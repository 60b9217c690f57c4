//! What is told of the inside of Pods that live in a simulated cluster.

use super::card::{Card, State};
use super::place::{Page, read};
use super::probes::Mark;
use super::*;
use crate::chronicle::Chronicle;
use crate::inspector::portrait::{Chosen, Portrait, Sitting};
use crate::inspector::why::Why;
use crate::text::Lang;
use kubarium_sim::api::Kind;
use kubarium_sim::clock::{Span, Time};
use kubarium_sim::command::Command;
use kubarium_sim::history::History;
use kubarium_sim::setup::Setup;

/// A cluster to which a manifest was applied.
struct World(History);

impl World {
    fn with(manifest: &str) -> World {
        let mut world = World(History::new(Setup::default().cluster()));
        world.0.command(Command::Write { name: "all.yaml".into(), text: manifest.into() });
        world.run("kubectl apply -f all.yaml");
        world
    }

    fn run(&mut self, line: &str) {
        self.0.command(Command::Run { line: line.into() });
    }

    /// Lets so many seconds pass.
    fn live(&mut self, seconds: u64) {
        self.0.seek(self.0.now() + Span::secs(seconds));
    }

    fn portrait_of(&self, kind: Kind, name: &str, tab: Tab) -> Portrait {
        let sitting = Sitting {
            cluster: self.0.cluster(),
            chronicle: &Chronicle::default(),
            journal: self.0.journal(),
            text: Text(Lang::En),
        };
        let namespace = if kind.namespaced() { "default" } else { "" };
        Portrait::of(&sitting, &Chosen::new(kind, namespace, name), tab)
    }

    fn portrait(&self, pod: &str, tab: Tab) -> Portrait {
        self.portrait_of(Kind::Pod, pod, tab)
    }

    fn why(&self, pod: &str) -> Why {
        self.portrait(pod, Tab::Why).why.expect("it is there")
    }

    fn card(&self, pod: &str, name: &str) -> Card {
        let cards = self.portrait(pod, Tab::Why).inside.cards;
        cards.into_iter().find(|card| *card.name == *name).expect("the container has a card")
    }
}

/// A Pod `p` whose spec is these lines.
fn pod(spec: &str) -> String {
    format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n{spec}")
}

const ALL_KINDS: &str = r#"
  initContainers:
  - {name: fetch, image: busybox, command: [sh, -c, sleep 4]}
  - {name: log, image: busybox, restartPolicy: Always, command: [sh, -c, "trap exit TERM; while :; do sleep 1; done"]}
  - {name: migrate, image: busybox, command: [sh, -c, echo moved]}
  containers:
  - name: web
    image: nginx
    resources: {limits: {memory: 64Mi, cpu: 100m}}
    readinessProbe: {httpGet: {port: 80, path: /}, periodSeconds: 5}
"#;

#[test]
fn cards_are_in_the_order_of_their_start_and_say_what_runs() {
    let mut world = World::with(&pod(ALL_KINDS));
    world.live(4);
    let cards = world.portrait("p", Tab::Why).inside.cards;
    let told: Vec<(&str, Option<&str>, State)> = cards.iter().map(|c| (&*c.name, c.role.as_deref(), c.state)).collect();
    assert_eq!(
        told,
        [
            ("fetch", Some("init 1 of 2"), State::Runs),
            ("log", Some("sidecar"), State::Waits),
            ("migrate", Some("init 2 of 2"), State::Waits),
            ("web", None, State::Waits)
        ]
    );
    assert!(world.why("p").lead.contains("fetch, 1 of 3"), "{}", world.why("p").lead);
    world.live(56);
    let [fetch, log, web] = ["fetch", "log", "web"].map(|name| world.card("p", name));
    assert_eq!((fetch.state, fetch.word.as_str(), fetch.enter), (State::Done, "Completed", None));
    assert_eq!((log.state, log.processes[0].pid), (State::Runs, 1));
    let held: u64 = log.processes.iter().map(|process| process.bytes).sum();
    assert_eq!(log.gauges[0].sentence, format!("{}, no limit", bytes(held)));
    assert_eq!((web.state, web.word.as_str()), (State::Runs, "Running"));
    assert_eq!(web.enter.as_deref(), Some("kubectl exec -it p -- "));
    let gauges: Vec<(&str, &str)> = web.gauges.iter().map(|gauge| (gauge.name, gauge.sentence.as_str())).collect();
    assert_eq!(gauges, [("Memory", "4Mi of 64Mi"), ("CPU", "1m of 100m")]);
    let probe = &web.probes[0];
    assert_eq!(probe.asks, "http-get :80/, 5s");
    assert!(probe.ticks.len() > 5 && probe.ticks.iter().all(|tick| tick.mark == Mark::Passed), "{probe:?}");
    assert_eq!(probe.ticks.last().map(|tick| tick.at), Some(1.0));
    assert!(probe.sentence.starts_with("It passes; the last time"), "{}", probe.sentence);
}

#[test]
fn a_failing_readiness_probe_says_why_by_container_and_in_its_own_words() {
    let spec = "  containers:\n  - {name: web, image: nginx, readinessProbe: {httpGet: {port: 81, path: /}, periodSeconds: 2}}\n";
    let mut world = World::with(&pod(spec));
    world.live(60);
    let why = world.why("p");
    assert!(why.lead.contains("container web") && why.lead.contains("http-get :81/"), "{}", why.lead);
    assert!(why.quote.expect("it was said").ends_with("connect: connection refused"));
    let strip = world.card("p", "web").probes.remove(0);
    assert_eq!(strip.ticks.len(), kubarium_sim::machine::results::KEPT);
    assert!(strip.fails && strip.ticks.iter().all(|tick| tick.mark == Mark::Failed));
    assert!(strip.ticks.windows(2).all(|pair| pair[0].at < pair[1].at));
    let events = world.portrait("p", Tab::Events).events;
    let told = strip.failed.expect("the last failure").0;
    assert!(events.iter().any(|e| *e.message == *format!("Readiness probe failed: {told}")));
}

#[test]
fn a_readiness_gate_is_named() {
    let spec = "  readinessGates: [{conditionType: example.com/routed}]\n  containers: [{name: web, image: nginx}]\n";
    let mut world = World::with(&pod(spec));
    world.live(20);
    let why = world.why("p");
    assert_eq!(why.title, "A readiness gate holds it back");
    assert!(why.quote.expect("the condition's message").contains("example.com/routed"));
}

#[test]
fn a_liveness_probe_that_failed_is_why_it_was_started_again() {
    let spec = r#"
  terminationGracePeriodSeconds: 2
  containers:
  - name: app
    image: busybox
    command: [sh, -c, "touch /tmp/ok; sleep 8; rm /tmp/ok; sleep 600"]
    livenessProbe: {exec: {command: [cat, /tmp/ok]}, periodSeconds: 3, failureThreshold: 2}
"#;
    let mut world = World::with(&pod(spec));
    world.live(27);
    let why = world.why("p");
    let again = why.also.first().expect("it was started again");
    assert_eq!(again.title, "Why app was started again");
    assert!(again.lead.contains("liveness probe failed too often"), "{}", again.lead);
    assert_eq!(again.quote.as_deref(), Some("cat: can't open '/tmp/ok': No such file or directory\n"));
    let card = world.card("p", "app");
    assert_eq!(card.restarts, 1);
    assert!(card.last.expect("its last life").contains("exit code 137"));
    let strip = &card.probes[0];
    let marks = |mark: Mark| strip.ticks.iter().filter(|tick| tick.mark == mark).count();
    assert_eq!(marks(Mark::Failed), 2, "{strip:?}");
    assert!(marks(Mark::Passed) >= 2 && strip.born.is_some());
}

#[test]
fn memory_and_exit_codes_are_told_with_the_last_words() {
    let spec = r#"
  containers:
  - {name: greedy, image: polinux/stress, command: [stress], args: [--vm, "1", --vm-bytes, 150M, --vm-hang, "1"], resources: {limits: {memory: 32Mi}}}
  - {name: rude, image: busybox, command: [sh, -c, "echo cannot find the database; exit 3"]}
  - {name: brief, image: busybox, command: ["true"]}
"#;
    let mut world = World::with(&pod(spec));
    world.live(40);
    let why = world.why("p");
    let of = |name: &str| why.also.iter().find(|also| also.title.contains(name)).expect("each is told");
    assert!(of("greedy").lead.contains("limit of 32Mi"), "{}", of("greedy").lead);
    assert!(of("rude").lead.contains("exit code 3"));
    assert_eq!(of("rude").quote.as_deref(), Some("cannot find the database"));
    assert!(of("brief").lead.contains("restartPolicy Always"));
    let mut shares = Vec::new();
    for _ in 0..40 {
        world.live(1);
        let Some(dial) = world.card("p", "rude").dial else { continue };
        assert!(!dial.ends && dial.sentence.starts_with("next start in"), "{dial:?}");
        shares.push(dial.share);
    }
    assert!(shares.windows(2).filter(|pair| pair[1] < pair[0]).count() > 10, "the back-off runs down: {shares:?}");
}

#[test]
fn an_old_value_in_the_environment_is_found_and_a_secret_is_kept() {
    let manifest = r#"
apiVersion: v1
kind: ConfigMap
metadata: {name: conf}
data: {LEVEL: info, SAME: x}
---
apiVersion: v1
kind: Secret
metadata: {name: keys}
stringData: {token: first}
---
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  containers:
  - name: app
    image: nginx
    envFrom: [{configMapRef: {name: conf}}]
    env: [{name: TOKEN, valueFrom: {secretKeyRef: {name: keys, key: token}}}]
"#;
    let mut world = World::with(manifest);
    world.live(15);
    assert_eq!(world.why("p").also, []);
    world.run("kubectl patch configmap conf -p '{\"data\":{\"LEVEL\":\"debug\"}}'");
    world.run("kubectl patch secret keys -p '{\"stringData\":{\"token\":\"second\"}}'");
    world.live(5);
    let told: Vec<String> = world.why("p").also.into_iter().filter_map(|also| also.quote).collect();
    assert_eq!(told, ["LEVEL: info → debug", "TOKEN: *** → ***"]);
    world.run("kubectl exec p -- kill -9 1");
    world.run("fault kill default/p/app");
    world.live(20);
    let also = world.why("p").also;
    assert!(
        also.iter().all(|also| also.title != "An old value in its environment"),
        "a restart reads it anew: {also:?}"
    );
}

#[test]
fn a_slow_end_is_explained() {
    let deaf = "  containers: [{name: app, image: busybox, command: [sleep, '3600']}]\n";
    let mut world = World::with(&pod(deaf));
    world.live(10);
    world.run("kubectl delete pod p --wait=false");
    world.live(8);
    let why = world.why("p");
    assert_eq!(why.title, "It does not hear SIGTERM");
    let dial = world.card("p", "app").dial.expect("the grace runs down");
    assert!(dial.ends && dial.share < 0.9 && dial.sentence.starts_with("SIGKILL in"), "{dial:?}");

    let hooked = "  containers: [{name: app, image: nginx, lifecycle: {preStop: {exec: {command: [sleep, '15']}}}}]\n";
    let mut world = World::with(&pod(hooked));
    world.live(10);
    world.run("kubectl delete pod p --wait=false");
    world.live(5);
    assert_eq!(world.why("p").title, "It waits for its preStop hook");
    assert_eq!(world.card("p", "app").doing, ["Its preStop hook runs: sleep 15"]);

    let held = "apiVersion: v1\nkind: Pod\nmetadata: {name: p, finalizers: [example.com/later]}\nspec: {containers: [{name: app, image: nginx}]}\n";
    let mut world = World::with(held);
    world.live(10);
    world.run("kubectl delete pod p --wait=false");
    world.live(20);
    assert!(world.why("p").lead.ends_with("metadata.finalizers: example.com/later."), "{:?}", world.why("p"));
}

#[test]
fn logs_are_there_for_each_container_and_for_its_last_life() {
    let spec = r#"
  initContainers: [{name: first, image: busybox, command: [echo, prepared]}]
  containers: [{name: app, image: busybox, command: [sh, -c, "echo hello from $HOSTNAME; sleep 5; exit 1"]}, {name: side, image: "nginx:does-not-exist"}]
"#;
    let mut world = World::with(&pod(spec));
    world.live(14);
    let streams = world.portrait("p", Tab::Logs).inside.streams;
    let text = |name: &str, previous: bool| {
        let stream = streams.iter().find(|s| &*s.container == name && s.previous == previous);
        let said = &stream.expect("there is a stream").said;
        said.as_ref().map(|logs| logs.lines().map(|line| &*line.text).collect::<String>())
    };
    assert_eq!(text("first", false).as_deref(), Ok("prepared\n"));
    assert_eq!(text("app", false).as_deref(), Ok("hello from p\n"));
    assert_eq!(text("app", true).as_deref(), Ok("hello from p\n"));
    assert!(text("side", false).expect_err("it waits").contains("is waiting to start: "));
    assert_eq!(
        streams.iter().filter(|stream| stream.first).map(|stream| &*stream.container).collect::<Vec<_>>(),
        ["app"]
    );
    assert_eq!(world.portrait("p", Tab::Why).inside.streams.len(), 0, "only the open tab is made");
}

#[test]
fn files_of_mounts_of_containers_and_of_claims_can_be_read() {
    let manifest = r#"
apiVersion: v1
kind: ConfigMap
metadata: {name: conf}
data: {app.conf: "level = info\n"}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  containers:
  - name: app
    image: busybox
    command: [sh, -c, "echo kept > /data/note; printf 'a\\0b' > /tmp/raw; sleep 600"]
    volumeMounts: [{name: conf, mountPath: /etc/app}, {name: data, mountPath: /data}]
  volumes:
  - {name: conf, configMap: {name: conf}}
  - {name: data, persistentVolumeClaim: {claimName: data}}
"#;
    let mut world = World::with(manifest);
    world.live(25);
    let places = world.portrait("p", Tab::Files).inside.places;
    let place = places.first().expect("the container was made");
    let roots: Vec<(&str, &str)> = place.roots.iter().map(|root| (root.path.as_str(), root.what.as_str())).collect();
    assert_eq!(roots[..2], [("/etc/app", "ConfigMap conf"), ("/data", "PersistentVolumeClaim data")]);
    assert_eq!(roots.last(), Some(&("/", "")));
    assert_eq!(read(&place.view, "/etc/app/app.conf"), Page::Text("level = info\n".into(), 0));
    assert_eq!(read(&place.view, "/tmp/raw"), Page::Bytes(3));
    assert_eq!(read(&place.view, "/bin/cat"), Page::Opaque);
    assert_eq!(read(&place.view, "/nowhere"), Page::Refused("No such file or directory".into()));
    for (kind, name) in [(Kind::PersistentVolumeClaim, "data".to_string()), (Kind::PersistentVolume, volume(&world))] {
        let places = world.portrait_of(kind, &name, Tab::Files).inside.places;
        let place = places.first().expect("its disk is found");
        assert_eq!(read(&place.view, "/note"), Page::Text("kept\n".into(), 0));
        let names: Vec<String> = place.view.list("/").expect("a folder").into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["note"]);
    }
}

/// The one PersistentVolume.
fn volume(world: &World) -> String {
    let volume = world.0.cluster().store.list(Kind::PersistentVolume).next();
    volume.expect("it was provisioned").meta.name.to_string()
}

#[test]
fn hung_processes_are_seen_and_wake() {
    let mut world = World::with(&pod("  containers: [{name: app, image: nginx}]\n"));
    world.live(10);
    assert_eq!(world.card("p", "app").state, State::Runs);
    world.run("fault hang default/p/app");
    world.live(1);
    let card = world.card("p", "app");
    assert_eq!((card.state, card.processes[0].state), (State::Stands, 'T'));
}

#[test]
fn bytes_read_as_kubernetes_writes_them() {
    let told = [0, 812, 1024, 1536, 64 << 20, 1_100_000, 3 << 30, 999 << 10].map(bytes);
    assert_eq!(told, ["0 B", "812 B", "1Ki", "1.5Ki", "64Mi", "1Mi", "3Gi", "999Ki"]);
}

#[test]
fn time_set_back_shows_what_was_then() {
    let mut world = World::with(&pod("  containers: [{name: app, image: nginx}]\n"));
    world.live(30);
    world.0.seek(Time(100));
    assert!(world.portrait("p", Tab::Logs).gone);
    assert_eq!(world.portrait("p", Tab::Logs).inside, Inside::default());
}
