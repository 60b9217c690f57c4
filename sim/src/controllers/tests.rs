//! Controllers at work on a cluster without nodes: tests make the Pods ready themselves.

use crate::api::deployment::Deployment;
use crate::api::object::Object;
use crate::api::pod::Pod;
use crate::api::replica_set::ReplicaSet;
use crate::api::{Field, Kind};
use crate::apiserver::{self, DeleteOptions, Part, Patch, Propagation, Request, Verb};
use crate::clock::{Span, Time};
use crate::cluster::Cluster;
use crate::run;
use crate::setup::Setup;
use crate::value::Value;
use std::rc::Rc;

const NS: &str = "default";

struct Test {
    cluster: Cluster,
}

impl Test {
    fn new() -> Test {
        Test { cluster: Setup { nodes: Vec::new(), ..Setup::default() }.cluster() }
    }
    fn create(&mut self, json: &str) -> Rc<Object> {
        let mut value = crate::manifest::json::parse(json).expect("JSON");
        value.at_mut(&["metadata"]).set_default("namespace", || NS.into());
        let (version, kind) = (value.get("apiVersion").as_str().unwrap(), value.get("kind").as_str().unwrap());
        let kind = Kind::find(version, kind).unwrap();
        apiserver::handle(&mut self.cluster, Request::create("test", kind, value)).expect("accepted")
    }
    fn patch(&mut self, kind: Kind, name: &str, json: &str) {
        let patch = Patch::Merge(crate::manifest::json::parse(json).expect("JSON"));
        let key = crate::api::Key::new(NS, name);
        let request = Request::new("test", kind, key, Verb::Patch(patch, Part::Main));
        apiserver::handle(&mut self.cluster, request).expect("accepted");
    }
    fn delete(&mut self, kind: Kind, name: &str, propagation: Propagation) {
        let options = DeleteOptions { propagation, ..Default::default() };
        let request = Request::delete("test", kind, crate::api::Key::new(NS, name), options);
        apiserver::handle(&mut self.cluster, request).expect("deleted");
    }
    fn run(&mut self, millis: u64) {
        run::tell(&mut self.cluster, &mut |_, _| {});
        let until: Time = self.cluster.now + Span::millis(millis);
        while run::step(&mut self.cluster, until, &mut |_, _| {}) {}
    }
    fn pods(&self) -> Vec<Rc<Object>> {
        self.cluster.store.list_in(Kind::Pod, NS).cloned().collect()
    }
    /// Makes one Pod ready.
    fn ready(&mut self, pod: &Object) {
        let mut new = (**self.cluster.store.get(Kind::Pod, &pod.key()).unwrap()).clone();
        let condition = Value::map([
            ("type", "Ready".into()),
            ("status", "True".into()),
            ("lastTransitionTime", self.cluster.stamp().write()),
        ]);
        let status = &mut new.expect_mut::<Pod>().status;
        status.phase = "Running".into();
        status.conditions = vec![Field::read(&condition)].into();
        apiserver::handle(&mut self.cluster, Request::put_status("test", new)).unwrap();
    }
    fn all_ready(&mut self) {
        for pod in self.pods() {
            self.ready(&pod);
        }
        self.run(100);
    }
    fn sizes(&self) -> Vec<i64> {
        self.cluster.store.list_in(Kind::ReplicaSet, NS).map(|s| s.expect::<ReplicaSet>().spec.replicas).collect()
    }
    fn events(&self, kind: &str) -> Vec<String> {
        let mut events: Vec<_> = self.cluster.store.list_in(Kind::Event, NS).cloned().collect();
        events.sort_by_key(|e| e.meta.resource_version);
        let text = |e: &Rc<Object>| {
            let e = e.expect::<crate::api::event::Event>();
            (&*e.about.kind == kind).then(|| format!("{} {}", e.reason, e.message))
        };
        events.iter().filter_map(text).collect()
    }
}

fn deployment(replicas: i64, image: &str, more: &str) -> String {
    format!(
        r#"{{"apiVersion":"apps/v1","kind":"Deployment","metadata":{{"name":"web"}},"spec":{{"replicas":{replicas},
        "selector":{{"matchLabels":{{"app":"web"}}}},{more}"progressDeadlineSeconds":600,"revisionHistoryLimit":10,
        "strategy":{{"type":"RollingUpdate","rollingUpdate":{{"maxSurge":"25%","maxUnavailable":"25%"}}}},
        "template":{{"metadata":{{"labels":{{"app":"web"}}}},"spec":{{"containers":[{{"name":"c","image":"{image}"}}],
        "terminationGracePeriodSeconds":30}}}}}}}}"#
    )
}

fn image(name: &str) -> String {
    format!(r#"{{"spec":{{"template":{{"spec":{{"containers":[{{"name":"c","image":"{name}"}}]}}}}}}}}"#)
}

#[test]
fn a_deployment_makes_a_set_and_the_set_makes_pods() {
    let mut t = Test::new();
    t.create(&deployment(3, "a", ""));
    t.run(100);
    assert_eq!((t.pods().len(), t.sizes()), (3, vec![3]));
    t.all_ready();
    let (meta, web) = t.cluster.store.typed::<Deployment>(NS, "web").unwrap();
    assert_eq!((web.status.available, web.status.unavailable, web.status.updated), (3, 0, 3));
    assert_eq!(meta.annotations.get("deployment.kubernetes.io/revision").map(|r| &**r), Some("1"));
    let progressing = web.status.conditions.iter().find(|c| &*c.kind == "Progressing").unwrap();
    assert_eq!(&*progressing.reason, "NewReplicaSetAvailable");
    assert!(t.events("Deployment")[0].starts_with("ScalingReplicaSet Scaled up replica set web-"));
    assert_eq!(t.events("ReplicaSet").len(), 3);
}

#[test]
fn a_rolling_update_never_has_too_few_or_too_many() {
    let mut t = Test::new();
    t.create(&deployment(4, "a", ""));
    t.run(100);
    t.all_ready();
    t.patch(Kind::Deployment, "web", &image("b"));
    for _ in 0..12 {
        t.run(50);
        let active: Vec<_> = t.pods().into_iter().filter(|p| !p.meta.deleting()).collect();
        assert!(active.len() <= 5, "{} Pods", active.len());
        assert!(active.iter().filter(|p| super::pods::is_ready(p)).count() >= 3);
        let next = active.into_iter().find(|p| !super::pods::is_ready(p));
        next.iter().for_each(|p| t.ready(p));
    }
    let mut sizes = t.sizes();
    sizes.sort_unstable();
    assert_eq!(sizes, [0, 4]);
    let (_, web) = t.cluster.store.typed::<Deployment>(NS, "web").unwrap();
    assert_eq!((web.status.updated, web.status.available), (4, 4));
}

#[test]
fn a_deployment_that_was_complete_rests_though_a_pod_is_not_ready() {
    let mut t = Test::new();
    t.create(&deployment(1, "a", ""));
    t.run(100);
    t.all_ready();
    let mut broken = (*t.pods()[0]).clone();
    broken.expect_mut::<Pod>().status.conditions = Default::default();
    apiserver::handle(&mut t.cluster, Request::put_status("test", broken)).unwrap();
    t.run(700_000);
    let until = t.cluster.now + Span::secs(60);
    let mut steps = 0;
    while run::step(&mut t.cluster, until, &mut |_, _| {}) {
        steps += 1;
    }
    assert!(steps < 600, "{steps} steps in a minute");
}

#[test]
fn a_stuck_rollout_exceeds_its_deadline() {
    let mut t = Test::new();
    t.create(&deployment(2, "a", ""));
    t.run(599_000);
    let reason = |t: &Test| {
        let (_, web) = t.cluster.store.typed::<Deployment>(NS, "web").unwrap();
        web.status.conditions.iter().find(|c| &*c.kind == "Progressing").map(|c| c.reason.to_string())
    };
    assert_eq!(reason(&t).as_deref(), Some("ReplicaSetUpdated"));
    t.run(3_000);
    assert_eq!(reason(&t).as_deref(), Some("ProgressDeadlineExceeded"));
}

#[test]
fn a_stuck_rollout_is_scaled_in_proportion() {
    let mut t = Test::new();
    t.create(&deployment(10, "a", ""));
    t.run(100);
    t.all_ready();
    t.patch(Kind::Deployment, "web", &image("b"));
    t.run(100);
    let sum = t.sizes().iter().sum::<i64>();
    assert_eq!(sum, 13);
    t.patch(Kind::Deployment, "web", r#"{"spec":{"replicas":15}}"#);
    t.run(100);
    // 8 + 5 of 13 become 12 + 7 of 19.
    let mut sizes = t.sizes();
    sizes.sort_unstable();
    assert_eq!(sizes, [7, 12]);
}

#[test]
fn deleting_in_the_background_takes_all_that_is_owned() {
    let mut t = Test::new();
    t.create(&deployment(2, "a", ""));
    t.run(100);
    t.delete(Kind::Deployment, "web", Propagation::Background);
    t.run(60_000);
    assert_eq!(t.cluster.store.count(Kind::ReplicaSet), 0);
    assert!(t.pods().iter().all(|p| p.meta.deleting()));
}

#[test]
fn deleting_in_the_foreground_takes_the_owner_last() {
    let mut t = Test::new();
    t.create(&deployment(1, "a", ""));
    t.run(100);
    t.delete(Kind::Deployment, "web", Propagation::Foreground);
    t.run(100);
    let set = t.cluster.store.list(Kind::ReplicaSet).next().cloned();
    match set {
        // A Pod that no node has goes at once; a bound one holds its owners.
        None => assert!(t.cluster.store.find(Kind::Deployment, NS, "web").is_none()),
        Some(set) => assert!(set.meta.has_finalizer("foregroundDeletion")),
    }
}

#[test]
fn an_orphaned_set_is_adopted_again() {
    let mut t = Test::new();
    t.create(&deployment(2, "a", ""));
    t.run(100);
    t.delete(Kind::Deployment, "web", Propagation::Orphan);
    t.run(100);
    assert!(t.cluster.store.find(Kind::Deployment, NS, "web").is_none());
    let set = t.cluster.store.list(Kind::ReplicaSet).next().unwrap();
    assert!(set.meta.owners.is_empty());
    t.create(&deployment(2, "a", ""));
    t.run(100);
    let sets: Vec<_> = t.cluster.store.list(Kind::ReplicaSet).collect();
    assert_eq!((sets.len(), sets[0].meta.owners.len(), t.pods().len()), (1, 1, 2));
}

#[test]
fn a_relabelled_pod_is_released_and_replaced() {
    let mut t = Test::new();
    t.create(&deployment(2, "a", ""));
    t.run(100);
    let name = t.pods()[0].meta.name.clone();
    t.patch(Kind::Pod, &name, r#"{"metadata":{"labels":{"app":"other"}}}"#);
    t.run(100);
    assert_eq!(t.pods().len(), 3);
    assert!(t.cluster.store.find(Kind::Pod, NS, &name).unwrap().meta.owners.is_empty());
}

#[test]
fn a_namespace_is_furnished_and_emptied() {
    let mut t = Test::new();
    t.create(r#"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"den"}}"#);
    t.run(100);
    assert!(t.cluster.store.find(Kind::ServiceAccount, "den", "default").is_some());
    assert!(t.cluster.store.find(Kind::ConfigMap, "den", "kube-root-ca.crt").is_some());
    t.create(r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x","namespace":"den"}}"#);
    let request = Request::delete("test", Kind::Namespace, crate::api::Key::new("", "den"), DeleteOptions::default());
    apiserver::handle(&mut t.cluster, request).unwrap();
    t.run(4_900);
    assert!(t.cluster.store.find(Kind::ConfigMap, "den", "x").is_some());
    t.run(1_000);
    assert!(t.cluster.store.find(Kind::Namespace, "", "den").is_none());
    assert_eq!(t.cluster.store.list_in(Kind::ConfigMap, "den").count(), 0);
}

#[test]
fn a_service_has_slices_of_its_pods_and_endpoints() {
    let mut t = Test::new();
    t.create(
        r#"{"apiVersion":"v1","kind":"Service","metadata":{"name":"web"},"spec":{"type":"ClusterIP",
        "selector":{"app":"web"},"ports":[{"port":80,"targetPort":80,"protocol":"TCP"}]}}"#,
    );
    t.create(&deployment(2, "a", ""));
    t.run(100);
    let slice =
        |t: &Test| t.cluster.store.list_in(Kind::EndpointSlice, NS).find(|s| &*s.meta.name != "kubernetes").cloned();
    assert!(slice(&t).unwrap().whole().get("endpoints").is_null());
    for (i, pod) in t.pods().iter().enumerate() {
        let mut new = (**pod).clone();
        new.expect_mut::<Pod>().status.pod_ip = format!("10.244.1.{i}").into();
        apiserver::handle(&mut t.cluster, Request::put_status("test", new)).unwrap();
    }
    t.all_ready();
    let slice = slice(&t).unwrap();
    let body = slice.expect::<crate::api::endpoint_slice::EndpointSlice>();
    assert_eq!((body.endpoints.len(), body.ports[0].port), (2, Some(80)));
    assert!(body.endpoints.iter().all(|e| e.conditions.ready == Some(true)));
    let endpoints = t.cluster.store.find(Kind::Endpoints, NS, "web").unwrap();
    assert_eq!(endpoints.raw().get("subsets").items()[0].get("addresses").items().len(), 2);
}

fn stateful_set(replicas: i64, image: &str) -> String {
    format!(
        r#"{{"apiVersion":"apps/v1","kind":"StatefulSet","metadata":{{"name":"db"}},"spec":{{"replicas":{replicas},
        "selector":{{"matchLabels":{{"app":"db"}}}},"serviceName":"db",
        "template":{{"metadata":{{"labels":{{"app":"db"}}}},"spec":{{"containers":[{{"name":"c","image":"{image}"}}]}}}}}}}}"#
    )
}

#[test]
fn a_stateful_set_makes_its_pods_in_order() {
    let mut t = Test::new();
    t.create(&stateful_set(3, "a"));
    for count in 1..=3 {
        t.run(100);
        let names: Vec<_> = t.pods().iter().map(|p| p.meta.name.to_string()).collect();
        assert_eq!(names.last().map(String::as_str), Some(&*format!("db-{}", count - 1)), "{names:?}");
        assert_eq!(names.len(), count);
        t.all_ready();
    }
    t.patch(Kind::StatefulSet, "db", r#"{"spec":{"replicas":1}}"#);
    t.run(100);
    assert_eq!(t.pods().len(), 1);
    assert_eq!(
        t.events("StatefulSet").last().unwrap(),
        "SuccessfulDelete Delete Pod db-1 in StatefulSet db successful"
    );
}

#[test]
fn a_stateful_set_is_updated_from_the_highest_down_to_its_partition() {
    let mut t = Test::new();
    t.create(&stateful_set(3, "a"));
    for _ in 0..3 {
        t.run(100);
        t.all_ready();
    }
    t.patch(Kind::StatefulSet, "db", r#"{"spec":{"updateStrategy":{"rollingUpdate":{"partition":1}}}}"#);
    t.patch(Kind::StatefulSet, "db", &image("b"));
    for _ in 0..6 {
        t.run(100);
        t.all_ready();
    }
    let images: Vec<_> = t.pods().iter().map(|p| p.expect::<Pod>().spec.containers[0].image.to_string()).collect();
    assert_eq!(images, ["a", "b", "b"]);
    let (_, db) = t.cluster.store.typed::<crate::api::stateful_set::StatefulSet>(NS, "db").unwrap();
    assert_eq!((db.status.current, db.status.updated), (1, 2));
    assert_ne!(db.status.current_revision, db.status.update_revision);
}

#[test]
fn a_daemon_set_has_a_pod_on_each_node_that_takes_it() {
    let mut t = Test { cluster: Setup::default().cluster() };
    t.create(
        r#"{"apiVersion":"apps/v1","kind":"DaemonSet","metadata":{"name":"agent"},"spec":{
        "selector":{"matchLabels":{"app":"agent"}},"template":{"metadata":{"labels":{"app":"agent"}},"spec":{
        "terminationGracePeriodSeconds":1,"containers":[{"name":"c","image":"nginx:1.25"}]}}}}"#,
    );
    t.run(10_000);
    let status = |t: &Test| {
        let (_, agent) = t.cluster.store.typed::<crate::api::daemon_set::DaemonSet>(NS, "agent").unwrap();
        (agent.status.desired, agent.status.available, agent.status.updated)
    };
    assert_eq!(status(&t), (3, 3, 3));
    let zone = r#"{"spec":{"template":{"spec":{"nodeSelector":{"topology.kubernetes.io/zone":"zone-1"}}}}}"#;
    t.patch(Kind::DaemonSet, "agent", zone);
    t.run(30_000);
    assert_eq!(status(&t), (2, 2, 2));
    assert_eq!(t.pods().len(), 2);
}

fn job(more: &str) -> String {
    format!(
        r#"{{"apiVersion":"batch/v1","kind":"Job","metadata":{{"name":"work"}},"spec":{{{more}
        "template":{{"spec":{{"restartPolicy":"Never","containers":[{{"name":"c","image":"a"}}]}}}}}}}}"#
    )
}

impl Test {
    fn job(&self) -> crate::api::job::JobStatus {
        self.cluster.store.typed::<crate::api::job::Job>(NS, "work").expect("the Job").1.status.clone()
    }
    /// Ends every Pod that has not ended.
    fn end_all(&mut self, phase: &str) {
        for pod in self.pods().iter().filter(|p| super::pods::is_active(p)) {
            let mut new = (**pod).clone();
            let status = &mut new.expect_mut::<Pod>().status;
            status.phase = phase.into();
            let finished = Value::map([("finishedAt", self.cluster.stamp().write()), ("exitCode", Value::Int(1))]);
            let state = Value::map([("name", "c".into()), ("state", Value::map([("terminated", finished)]))]);
            status.container_statuses = vec![Field::read(&state)].into();
            apiserver::handle(&mut self.cluster, Request::put_status("test", new)).unwrap();
        }
    }
}

#[test]
fn a_job_runs_pods_until_enough_have_succeeded() {
    let mut t = Test::new();
    t.create(&job(r#""completions":3,"parallelism":2,"#));
    t.run(100);
    assert_eq!((t.job().active, t.pods().len()), (2, 2));
    t.end_all("Succeeded");
    t.run(1_100);
    assert_eq!((t.job().succeeded, t.job().active), (2, 1));
    t.end_all("Succeeded");
    t.run(1_100);
    let kinds: Vec<_> = t.job().conditions.iter().map(|c| c.kind.to_string()).collect();
    assert_eq!((t.job().succeeded, kinds), (3, vec!["SuccessCriteriaMet".to_string(), "Complete".into()]));
    assert!(t.job().completion_time.is_some());
    assert!(t.pods().iter().all(|p| p.meta.finalizers.is_empty()));
    assert_eq!(t.events("Job").last().unwrap(), "Completed Job completed");
}

#[test]
fn a_job_waits_longer_after_each_failure_and_gives_up() {
    let mut t = Test::new();
    t.create(&job(r#""backoffLimit":1,"#));
    t.run(100);
    t.end_all("Failed");
    t.run(9_000);
    assert_eq!((t.job().failed, t.pods().len()), (1, 1));
    t.run(2_500);
    assert_eq!(t.pods().len(), 2);
    t.end_all("Failed");
    t.run(2_000);
    let reasons: Vec<_> = t.job().conditions.iter().map(|c| format!("{} {}", c.kind, c.reason)).collect();
    assert_eq!(reasons, ["FailureTarget BackoffLimitExceeded", "Failed BackoffLimitExceeded"]);
    assert_eq!(t.job().failed, 2);
    t.run(120_000);
    assert_eq!(t.pods().len(), 2);
}

#[test]
fn an_indexed_job_gives_each_pod_its_number() {
    let mut t = Test::new();
    t.create(&job(r#""completions":3,"parallelism":3,"completionMode":"Indexed","#));
    t.run(100);
    let mut names: Vec<_> = t.pods().iter().map(|p| p.meta.name[..6].to_string()).collect();
    names.sort_unstable();
    assert_eq!(names, ["work-0", "work-1", "work-2"]);
    t.end_all("Succeeded");
    t.run(1_100);
    assert_eq!((&*t.job().completed_indexes, t.job().finished().is_some()), ("0-2", true));
}

#[test]
fn a_suspended_job_has_no_pods_and_a_deadline_ends_one() {
    let mut t = Test::new();
    t.create(&job(r#""suspend":true,"activeDeadlineSeconds":5,"#));
    t.run(10_000);
    assert_eq!((t.pods().len(), t.job().start_time), (0, None));
    t.patch(Kind::Job, "work", r#"{"spec":{"suspend":false}}"#);
    t.run(100);
    assert_eq!(t.pods().len(), 1);
    t.patch(Kind::Job, "work", r#"{"spec":{"suspend":true}}"#);
    t.run(1_100);
    assert_eq!((t.pods().len(), t.job().failed), (0, 0));
    t.patch(Kind::Job, "work", r#"{"spec":{"suspend":false}}"#);
    t.run(8_000);
    assert_eq!(t.job().finished().map(|c| c.reason.to_string()).as_deref(), Some("DeadlineExceeded"));
    assert_eq!(t.pods().len(), 0);
}

#[test]
fn a_cron_job_makes_a_job_each_minute_and_keeps_few() {
    let mut t = Test::new();
    t.create(
        r#"{"apiVersion":"batch/v1","kind":"CronJob","metadata":{"name":"tick"},"spec":{"schedule":"* * * * *",
        "concurrencyPolicy":"Forbid","successfulJobsHistoryLimit":1,"failedJobsHistoryLimit":1,"jobTemplate":{"spec":{
        "template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"a"}]}}}}}}"#,
    );
    t.run(59_000);
    assert_eq!(t.cluster.store.count(Kind::Job), 0);
    for _ in 0..3 {
        t.run(58_000);
        t.end_all("Succeeded");
        t.run(2_000);
    }
    let status = t.cluster.store.typed::<crate::api::cron_job::CronJob>(NS, "tick").unwrap().1.status.clone();
    assert_eq!((t.cluster.store.count(Kind::Job), status.active.len()), (1, 0));
    assert!(status.last_schedule.is_some() && status.last_success.is_some());
    assert_eq!(t.events("CronJob").iter().filter(|e| e.starts_with("SuccessfulCreate")).count(), 3);
}

#[test]
fn a_budget_counts_and_an_eviction_asks_it() {
    let mut t = Test::new();
    t.create(&deployment(2, "a", ""));
    t.create(
        r#"{"apiVersion":"policy/v1","kind":"PodDisruptionBudget","metadata":{"name":"web"},"spec":{"minAvailable":1,
        "selector":{"matchLabels":{"app":"web"}}}}"#,
    );
    t.run(100);
    t.all_ready();
    let allowed = |t: &Test| {
        t.cluster.store.find(Kind::PodDisruptionBudget, NS, "web").unwrap().status().get("disruptionsAllowed").as_int()
    };
    assert_eq!(allowed(&t), Some(1));
    let keys: Vec<_> = t.pods().iter().map(|p| p.key()).collect();
    let evict =
        |key: &crate::api::Key| Request::new("test", Kind::Pod, key.clone(), Verb::Evict(DeleteOptions::default()));
    apiserver::handle(&mut t.cluster, evict(&keys[0])).expect("allowed");
    assert_eq!(allowed(&t), Some(0));
    let refusal = apiserver::handle(&mut t.cluster, evict(&keys[1])).expect_err("the budget is used up");
    assert_eq!(
        (refusal.code, &*refusal.message),
        (429, "Cannot evict pod as it would violate the pod's disruption budget.")
    );
}
