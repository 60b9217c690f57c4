//! Pods bound by hand, and what their kubelet makes of them.

use crate::api::Kind;
use crate::api::event::Event;
use crate::api::object::Key;
use crate::api::pod::Pod;
use crate::api::pod_status::PodStatus;
use crate::apiserver::{self, DeleteOptions, Request, Verb};
use crate::clock::{Span, Time};
use crate::cluster::Cluster;
use crate::machine::results::{KEPT, Said};
use crate::setup::Setup;
use crate::shell::{Kind as Kept, Tree};
use crate::value::Value;
use crate::{manifest, run};
use std::rc::Rc;

fn pod(cluster: &mut Cluster, yaml: &str) {
    let parsed = manifest::json::parse(yaml).unwrap_or_else(|e| panic!("{e:?}"));
    let mut value: Value = parsed;
    value.at_mut(&["metadata"]).set("namespace", "default".into());
    let created = apiserver::handle(cluster, Request::create("test", Kind::Pod, value)).expect("created");
    let bind = Request::new("test", Kind::Pod, created.key(), Verb::Bind("node-1".into()));
    apiserver::handle(cluster, bind).expect("bound");
    run::tell(cluster, &mut |_, _| {});
}

fn until(cluster: &mut Cluster, time: Time) {
    while run::step(cluster, time, &mut |_, _| {}) {}
}

fn status(cluster: &Cluster, name: &str) -> PodStatus {
    cluster.store.typed::<Pod>("default", name).expect("the Pod is there").1.status.clone()
}

fn events(cluster: &Cluster, name: &str) -> Vec<(Time, String)> {
    let of = cluster.store.list(Kind::Event).map(|o| (o.meta.creation, o.expect::<Event>()));
    let of = of.filter(|(_, e)| *e.about.name == *name && &*e.source.component == "kubelet");
    let mut list: Vec<_> =
        of.map(|(t, e)| (cluster.time_of(t.unwrap_or_default()), format!("{}: {}", e.reason, e.message))).collect();
    list.sort_by_key(|(t, _)| *t);
    list
}

const WEB: &str = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"},"spec":{"restartPolicy":"Always","terminationGracePeriodSeconds":30,
"containers":[{"name":"web","image":"nginx:1.25","imagePullPolicy":"IfNotPresent","ports":[{"containerPort":80}],
"readinessProbe":{"httpGet":{"path":"/","port":80},"periodSeconds":2,"failureThreshold":3,"successThreshold":1,"timeoutSeconds":1}}]}}"#;

#[test]
fn a_bound_pod_becomes_ready_and_is_deleted() {
    let mut cluster = Setup::default().cluster();
    pod(&mut cluster, WEB);
    until(&mut cluster, Time(200));
    let early = status(&cluster, "web");
    assert_eq!(early.container_statuses[0].state.waiting.as_ref().map(|w| &*w.reason), Some("ContainerCreating"));
    assert!(!early.is("Ready") && early.is("PodScheduled") && early.is("Initialized"));
    until(&mut cluster, Time(2000));
    let running = status(&cluster, "web");
    assert_eq!(&*running.phase, "Running");
    assert!(running.is("Ready"), "{running:#?}");
    let said: Vec<String> = events(&cluster, "web").into_iter().map(|(_, text)| text).collect();
    assert_eq!(
        said,
        [
            "Pulled: Container image \"nginx:1.25\" already present on machine and can be accessed by the pod",
            "Created: Container created",
            "Started: Container started",
        ]
    );
    let revision = cluster.store.revision();
    until(&mut cluster, Time(600_000));
    assert_eq!(cluster.store.revision(), revision, "a steady Pod writes nothing");
    let delete = Request::delete("test", Kind::Pod, Key::new("default", "web"), DeleteOptions::default());
    apiserver::handle(&mut cluster, delete).expect("deleted");
    run::tell(&mut cluster, &mut |_, _| {});
    until(&mut cluster, Time(605_000));
    assert!(cluster.store.find(Kind::Pod, "default", "web").is_none());
    assert!(events(&cluster, "web").iter().any(|(_, t)| t == "Killing: Stopping container web"));
    let machine = &cluster.machines["node-1"];
    assert!(machine.sandboxes.is_empty() && machine.agent.workers.is_empty());
}

#[test]
fn what_ignores_sigterm_is_killed_when_the_grace_is_over() {
    let mut cluster = Setup::default().cluster();
    let text = WEB.replace("nginx:1.25\"", "busybox\",\"command\":[\"sleep\",\"3600\"]").replace(":30,", ":5,");
    pod(&mut cluster, &text);
    until(&mut cluster, Time(5000));
    let delete = Request::delete("test", Kind::Pod, Key::new("default", "web"), DeleteOptions::default());
    apiserver::handle(&mut cluster, delete).expect("deleted");
    run::tell(&mut cluster, &mut |_, _| {});
    until(&mut cluster, Time(9900));
    assert!(cluster.store.find(Kind::Pod, "default", "web").is_some());
    let mut last = None;
    while run::step(&mut cluster, Time(12_000), &mut |_, change| {
        if change.kind == Kind::Pod {
            last = change.old.clone();
        }
    }) {}
    assert!(cluster.store.find(Kind::Pod, "default", "web").is_none());
    let last = last.expect("it was deleted").expect::<Pod>().status.clone();
    assert_eq!(
        (&*last.phase, last.container_statuses[0].state.terminated.as_ref().map(|t| t.exit_code)),
        ("Failed", Some(137))
    );
}

#[test]
fn a_container_that_ends_is_started_again_and_again() {
    let mut cluster = Setup::default().cluster();
    pod(
        &mut cluster,
        &WEB.replace("nginx:1.25\"", "busybox\",\"command\":[\"sleep\",\"1\"]").replace("readinessProbe", "x"),
    );
    until(&mut cluster, Time::default() + Span::secs(8));
    let status = status(&cluster, "web").container_statuses[0].clone();
    assert_eq!(status.restart_count, 1, "the first restart is at once: {status:?}");
    assert!(
        events(&cluster, "web")
            .iter()
            .any(|(_, t)| t.starts_with("BackOff: Back-off restarting failed container web in pod web_default("))
    );
}

#[test]
fn a_probe_s_last_results_are_kept_with_their_words() {
    let mut cluster = Setup::default().cluster();
    pod(&mut cluster, &WEB.replace("\"port\":80},", "\"port\":81},"));
    until(&mut cluster, Time::default() + Span::secs(60));
    let uid = cluster.store.find(Kind::Pod, "default", "web").expect("the Pod is there").meta.uid.clone();
    let results = &cluster.machines["node-1"].agent.workers[&uid].probers[0].results;
    let kept: Vec<(Time, &Said)> = results.iter().collect();
    assert_eq!(kept.len(), KEPT);
    assert!(kept.windows(2).all(|pair| pair[1].0.since(pair[0].0) == Span::secs(2)), "{kept:?}");
    let Said::Failed(why) = kept[0].1 else { panic!("nothing listens there: {kept:?}") };
    assert!(events(&cluster, "web").iter().any(|(_, t)| *t == format!("Unhealthy: Readiness probe failed: {why}")));
}

#[test]
fn a_file_of_a_config_map_is_written_once_and_shared_by_replicas() {
    let mut cluster = Setup::default().cluster();
    // More than a file keeps of itself.
    let data = Value::map([("big", Value::from("x".repeat(300 * 1024)))]);
    let meta = Value::map([("name", "files".into()), ("namespace", "default".into())]);
    let files = Value::map([("metadata", meta), ("data", data)]);
    apiserver::handle(&mut cluster, Request::create("test", Kind::ConfigMap, files)).expect("created");
    let volume = r#""volumes":[{"name":"v","configMap":{"name":"files"}}],"containers":"#;
    let web = WEB.replace("\"containers\":", volume).replace("\"ports\"", MOUNTS);
    pod(&mut cluster, &web);
    pod(&mut cluster, &web.replace("\"name\":\"web\"},", "\"name\":\"other\"},"));
    let tree = |cluster: &Cluster, name: &str| {
        let uid = &cluster.store.find(Kind::Pod, "default", name).expect("the Pod is there").meta.uid;
        cluster.machines["node-1"].sandbox(uid).expect("it runs").volumes["v"].clone()
    };
    until(&mut cluster, Time(5_000));
    let before = tree(&cluster, "web");
    let content = |tree: &Tree| match tree.iter().map(|(_, node)| &node.kind).find(|kind| matches!(kind, Kept::File(_)))
    {
        Some(Kept::File(content)) => content.bytes().clone(),
        _ => panic!("no file"),
    };
    assert!(Rc::ptr_eq(&content(&before), &content(&tree(&cluster, "other"))));
    // A label has its kubelet look at all of it anew.
    let mut labelled = (**cluster.store.find(Kind::Pod, "default", "web").expect("the Pod is there")).clone();
    labelled.meta.labels.insert("a", "b");
    apiserver::handle(&mut cluster, Request::put("test", labelled)).expect("labelled");
    run::tell(&mut cluster, &mut |_, _| {});
    until(&mut cluster, Time(200_000));
    assert_eq!(tree(&cluster, "web"), before);
}

const MOUNTS: &str = r#""volumeMounts":[{"name":"v","mountPath":"/v"}],"ports""#;
