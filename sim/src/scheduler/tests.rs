//! Pods of a few lines, and where they go or why they wait.

use crate::api::event::Event;
use crate::api::node::Node;
use crate::api::object::Key;
use crate::api::pod::Pod;
use crate::api::selector::LabelSelector;
use crate::api::{Kind, Object};
use crate::apiserver::{self, Request};
use crate::clock::Time;
use crate::cluster::Cluster;
use crate::run;
use crate::scheduler::node_info::{self, Nodes};
use crate::scheduler::{explain, score};
use crate::setup::Setup;
use crate::store::Change;
use crate::value::Value;
use std::rc::Rc;

fn pod(name: &str, spec: Value) -> Value {
    let metadata = Value::map([("name", Value::from(name)), ("namespace", "default".into())]);
    let mut spec = spec;
    spec.set_default("containers", || Value::list(vec![Value::map([("name", "c".into()), ("image", "pause".into())])]));
    Value::map([("metadata", metadata), ("spec", spec)])
}

fn asking(name: &str, cpu: &str) -> Value {
    let requests = Value::map([("requests", Value::map([("cpu", Value::from(cpu))]))]);
    let container = Value::map([("name", Value::from("c")), ("image", "pause".into()), ("resources", requests)]);
    pod(name, Value::map([("containers", Value::list(vec![container]))]))
}

fn apply(cluster: &mut Cluster, value: Value) {
    apiserver::handle(cluster, Request::create("test", Kind::Pod, value)).expect("accepted");
}

fn settle(cluster: &mut Cluster) {
    run::tell(cluster, &mut |_, _| {});
    let until = Time(cluster.now.0 + 5_000);
    while run::step(cluster, until, &mut |_, _| {}) {}
    check_memory(cluster);
}

fn get(cluster: &Cluster, name: &str) -> Rc<Object> {
    cluster.store.get(Kind::Pod, &Key::new("default", name)).expect("there").clone()
}

fn node_of(cluster: &Cluster, name: &str) -> String {
    get(cluster, name).expect::<Pod>().spec.node_name.to_string()
}

fn message_of(cluster: &Cluster, name: &str) -> String {
    let object = get(cluster, name);
    object.expect::<Pod>().status.condition("PodScheduled").map(|c| c.message.to_string()).unwrap_or_default()
}

#[test]
fn pods_spread_and_the_one_too_many_waits() {
    let mut cluster = Setup::default().cluster();
    for name in ["a", "b", "c"] {
        apply(&mut cluster, asking(name, "1500m"));
        settle(&mut cluster);
    }
    let mut nodes: Vec<String> = ["a", "b", "c"].iter().map(|n| node_of(&cluster, n)).collect();
    nodes.sort();
    assert_eq!(nodes, ["node-1", "node-2", "node-3"]);
    apply(&mut cluster, asking("d", "1500m"));
    apply(&mut cluster, asking("e", "40"));
    settle(&mut cluster);
    let no_victims = "3 No preemption victims found for incoming pod.";
    assert_eq!(
        message_of(&cluster, "d"),
        format!(
            "0/3 nodes are available: 3 Insufficient cpu. no new claims to deallocate, preemption: 0/3 nodes are available: {no_victims}"
        )
    );
    assert!(message_of(&cluster, "e").ends_with("3 Preemption is not helpful for scheduling."));
    let request = Request::delete(
        "test",
        Kind::Pod,
        Key::new("default", "b"),
        apiserver::DeleteOptions { grace: Some(0), ..Default::default() },
    );
    let freed = node_of(&cluster, "b");
    apiserver::handle(&mut cluster, request).expect("deleted");
    settle(&mut cluster);
    assert_eq!(node_of(&cluster, "d"), freed);
}

/// What is known of the nodes, and how many of each Pod's like stay where.
type Known = Vec<(Rc<str>, node_info::NodeInfo, Vec<i64>)>;

fn known(cluster: &Cluster, nodes: &Nodes) -> Known {
    let alike = |seat: u32, pod: &Rc<Object>| {
        let selector = LabelSelector { match_labels: pod.meta.labels.clone(), ..Default::default() };
        nodes.kin.matching(&pod.meta.namespace, &selector).into_iter().map(|counts| counts.on(seat)).sum()
    };
    let of = |(name, info): (&Rc<str>, &Rc<node_info::NodeInfo>)| {
        let counts = cluster.store.list(Kind::Pod).map(|pod| alike(info.seat, pod)).collect();
        (name.clone(), node_info::NodeInfo { seat: 0, ..(**info).clone() }, counts)
    };
    nodes.by_name.iter().map(of).collect()
}

/// What the scheduler keeps up to date is what comes of making it from nothing.
fn check_memory(cluster: &Cluster) {
    let mut fresh = Nodes::default();
    for object in cluster.store.list(Kind::Pod).chain(cluster.store.list(Kind::Node)) {
        fresh.notice(&Change { kind: object.kind, key: object.key(), old: None, new: Some(object.clone()) });
    }
    assert_eq!(known(cluster, &cluster.scheduler.nodes), known(cluster, &fresh));
    assert_eq!(cluster.scheduler, cluster.scheduler.ordered_anew());
}

#[test]
fn what_is_known_of_the_nodes_is_what_a_recount_finds() {
    let mut cluster = Setup::default().cluster();
    for (name, app) in [("a", "web"), ("b", "web"), ("c", "db"), ("d", "db"), ("e", "db")] {
        let mut value = asking(name, "100m");
        value.at_mut(&["metadata"]).set("labels", Value::map([("app", Value::from(app))]));
        apply(&mut cluster, value);
    }
    settle(&mut cluster);
    let mut relabelled = (*get(&cluster, "a")).clone();
    relabelled.meta.labels.insert("app", "db");
    let delete =
        |kind, key, grace| Request::delete("test", kind, key, apiserver::DeleteOptions { grace, ..Default::default() });
    let node = cluster.store.find(Kind::Node, "", &node_of(&cluster, "d")).expect("there").clone();
    for request in [
        Request::put("test", relabelled),
        delete(Kind::Pod, Key::new("default", "b"), Some(30)),
        delete(Kind::Pod, Key::new("default", "c"), Some(0)),
        delete(Kind::Node, node.key(), None),
        delete(Kind::Pod, Key::new("default", "d"), Some(0)),
        Request::create("test", Kind::Node, node.write()),
    ] {
        apiserver::handle(&mut cluster, request).expect("done");
        run::tell(&mut cluster, &mut |_, _| {});
        check_memory(&cluster);
    }
    settle(&mut cluster);
}

#[test]
fn selectors_and_taints_are_told_apart() {
    let mut cluster = Setup::default().cluster();
    let taint = Value::map([("key", Value::from("dedicated")), ("effect", "NoSchedule".into())]);
    let node = cluster.store.find(Kind::Node, "", "node-3").expect("there").clone();
    let mut tainted = (*node).clone();
    tainted.edit(|raw| raw.at_mut(&["spec"]).set("taints", Value::list(vec![taint])));
    apiserver::handle(&mut cluster, Request::put("test", tainted)).expect("tainted");
    let selector = Value::map([("topology.kubernetes.io/zone", Value::from("zone-2"))]);
    apply(&mut cluster, pod("picky", Value::map([("nodeSelector", selector)])));
    settle(&mut cluster);
    assert_eq!(
        message_of(&cluster, "picky"),
        "0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 node(s) didn't match Pod's node affinity/selector. no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling."
    );
}

#[test]
fn a_claim_is_provisioned_and_then_lets_its_pod_be_placed() {
    let mut cluster = Setup::default().cluster();
    let source = Value::map([("claimName", Value::from("user"))]);
    let volume = Value::map([("name", Value::from("v")), ("persistentVolumeClaim", source)]);
    apply(&mut cluster, pod("user", Value::map([("volumes", Value::list(vec![volume]))])));
    settle(&mut cluster);
    assert_eq!(
        message_of(&cluster, "user"),
        "0/3 nodes are available: persistentvolumeclaim \"user\" not found. not found"
    );
    let metadata = Value::map([("name", Value::from("user")), ("namespace", "default".into())]);
    let requests = Value::map([("requests", Value::map([("storage", Value::from("64Mi"))]))]);
    let spec = Value::map([
        ("accessModes", Value::list(vec!["ReadWriteOnce".into()])),
        ("resources", requests),
        ("volumeMode", "Filesystem".into()),
    ]);
    let claim = Value::map([("metadata", metadata), ("spec", spec)]);
    apiserver::handle(&mut cluster, Request::create("test", Kind::PersistentVolumeClaim, claim)).expect("accepted");
    settle(&mut cluster);
    assert!(!node_of(&cluster, "user").is_empty());
    let claim = cluster.store.find(Kind::PersistentVolumeClaim, "default", "user").expect("there");
    assert_eq!(claim.status().get("phase").as_str(), Some("Bound"));
}

#[test]
fn the_important_preempt_the_least_important() {
    let mut cluster = Setup::default().cluster();
    for (name, value) in [("low", 100), ("high", 9000)] {
        let metadata = Value::map([("name", Value::from(name))]);
        let class = Value::map([("metadata", metadata), ("value", Value::Int(value))]);
        apiserver::handle(&mut cluster, Request::create("test", Kind::PriorityClass, class)).expect("accepted");
    }
    let of = |name: &str, class: &str| {
        let mut value = asking(name, "1500m");
        value.at_mut(&["spec"]).set("priorityClassName", class.into());
        value
    };
    for name in ["a", "b", "c"] {
        apply(&mut cluster, of(name, "low"));
    }
    settle(&mut cluster);
    apply(&mut cluster, of("boss", "high"));
    settle(&mut cluster);
    let node = node_of(&cluster, "boss");
    assert!(!node.is_empty(), "its victim has left");
    let said = |about: &str, reason: &str| {
        let object = cluster.store.list(Kind::Event).find(|o| {
            let event = o.expect::<Event>();
            *event.about.name == *about && *event.reason == *reason
        });
        object.map(|o| o.expect::<Event>().message.to_string()).unwrap_or_default()
    };
    assert_eq!(said("boss", "FailedScheduling"), "0/3 nodes are available: 3 Insufficient cpu.");
    let victims = ["a", "b", "c"].iter().filter(|v| said(v, "Preempted").ends_with(&format!("on node {node}")));
    assert_eq!(victims.count(), 1);
}

#[test]
fn a_claim_that_waits_for_its_first_consumer_is_bound_where_the_pod_goes() {
    let mut cluster = Setup::default().cluster();
    let metadata = Value::map([("name", Value::from("late"))]);
    let class = Value::map([
        ("metadata", metadata),
        ("provisioner", "kubernetes.io/host-path".into()),
        ("volumeBindingMode", "WaitForFirstConsumer".into()),
    ]);
    apiserver::handle(&mut cluster, Request::create("test", Kind::StorageClass, class)).expect("accepted");
    let metadata = Value::map([("name", Value::from("data")), ("namespace", "default".into())]);
    let requests = Value::map([("requests", Value::map([("storage", Value::from("64Mi"))]))]);
    let spec = Value::map([
        ("accessModes", Value::list(vec!["ReadWriteOnce".into()])),
        ("resources", requests),
        ("storageClassName", "late".into()),
    ]);
    let claim = Value::map([("metadata", metadata), ("spec", spec)]);
    apiserver::handle(&mut cluster, Request::create("test", Kind::PersistentVolumeClaim, claim)).expect("accepted");
    settle(&mut cluster);
    let phase = |cluster: &Cluster| {
        let claim = cluster.store.find(Kind::PersistentVolumeClaim, "default", "data").expect("there");
        claim.status().get("phase").as_str().unwrap_or("").to_string()
    };
    assert_eq!(phase(&cluster), "Pending");
    let source = Value::map([("claimName", Value::from("data"))]);
    let volume = Value::map([("name", Value::from("v")), ("persistentVolumeClaim", source)]);
    apply(&mut cluster, pod("user", Value::map([("volumes", Value::list(vec![volume]))])));
    settle(&mut cluster);
    let claim = cluster.store.find(Kind::PersistentVolumeClaim, "default", "data").expect("there");
    let chosen = claim.meta.annotations.get("volume.kubernetes.io/selected-node").expect("a node").to_string();
    assert_eq!(phase(&cluster), "Bound");
    assert_eq!(node_of(&cluster, "user"), chosen);
}

fn edit_node(cluster: &mut Cluster, name: &str, edit: impl FnOnce(&mut Object)) {
    let mut node = (**cluster.store.find(Kind::Node, "", name).expect("there")).clone();
    edit(&mut node);
    apiserver::handle(cluster, Request::put("test", node)).expect("changed");
    run::tell(cluster, &mut |_, _| {});
}

/// What a rule gives a Pod's node.
fn points(cluster: &Cluster, pod: &str, rule: &str, node: &str) -> i64 {
    let answers = explain::answers(cluster, &get(cluster, pod)).expect("nothing shuts it out of all");
    let answer = answers.into_iter().find(|answer| &*answer.node == node).expect("a node");
    let place = score::RULES.iter().position(|(name, _)| *name == rule).expect("a rule");
    answer.points.expect("it fits")[place]
}

#[test]
fn all_pods_of_a_zone_count_for_spreading_even_where_none_fits() {
    let mut cluster = Setup::default().cluster();
    for (node, zone) in [("node-1", "a"), ("node-2", "a"), ("node-3", "b")] {
        edit_node(&mut cluster, node, |object| object.meta.labels.insert(node_info::ZONE, zone));
    }
    let labelled = |name: &str, spec: Value| {
        let mut value = pod(name, spec);
        value.at_mut(&["metadata"]).set("labels", Value::map([("app", Value::from("web"))]));
        value
    };
    for name in ["one", "two", "three"] {
        apply(&mut cluster, labelled(name, Value::map([("nodeName", Value::from("node-2"))])));
    }
    settle(&mut cluster);
    edit_node(&mut cluster, "node-2", |object| {
        Rc::make_mut(&mut object.expect_mut::<Node>().spec).unschedulable = true
    });
    let selector = Value::map([("matchLabels", Value::map([("app", Value::from("web"))]))]);
    let constraint = |selector: &Value| {
        let soft = Value::map([
            ("maxSkew", Value::Int(1)),
            ("topologyKey", node_info::ZONE.into()),
            ("whenUnsatisfiable", "ScheduleAnyway".into()),
            ("labelSelector", selector.clone()),
        ]);
        Value::map([("topologySpreadConstraints", Value::list(vec![soft]))])
    };
    apply(&mut cluster, labelled("four", constraint(&selector)));
    apply(&mut cluster, labelled("five", constraint(&Value::empty_map())));
    run::tell(&mut cluster, &mut |_, _| {});
    let of = |pod: &str, node: &str| points(&cluster, pod, "PodTopologySpread", node);
    assert_eq!((of("four", "node-1"), of("four", "node-3")), (0, 100));
    assert_eq!((of("five", "node-1"), of("five", "node-3")), (100, 100));
}

#[test]
fn pods_of_others_that_may_not_be_near_make_room() {
    let mut cluster = Setup::default().cluster();
    let metadata = Value::map([("name", Value::from("high"))]);
    let class = Value::map([("metadata", metadata), ("value", Value::Int(9000))]);
    apiserver::handle(&mut cluster, Request::create("test", Kind::PriorityClass, class)).expect("accepted");
    for (name, node) in [("a", "node-1"), ("b", "node-2"), ("c", "node-3")] {
        let mut value = pod(name, Value::map([("nodeName", Value::from(node))]));
        value.at_mut(&["metadata"]).set("labels", Value::map([("app", Value::from("noisy"))]));
        apply(&mut cluster, value);
    }
    settle(&mut cluster);
    let selector = Value::map([("matchLabels", Value::map([("app", Value::from("noisy"))]))]);
    let term = Value::map([("topologyKey", Value::from(node_info::HOSTNAME)), ("labelSelector", selector)]);
    let anti = Value::map([("requiredDuringSchedulingIgnoredDuringExecution", Value::list(vec![term]))]);
    let affinity = Value::map([("podAntiAffinity", anti)]);
    apply(&mut cluster, pod("boss", Value::map([("affinity", affinity), ("priorityClassName", "high".into())])));
    run::tell(&mut cluster, &mut |_, _| {});
    let until = Time(cluster.now.0 + 60_000);
    while run::step(&mut cluster, until, &mut |_, _| {}) {}
    let node = node_of(&cluster, "boss");
    assert!(!node.is_empty(), "{}", message_of(&cluster, "boss"));
    let left =
        ["a", "b", "c"].iter().filter(|name| cluster.store.get(Kind::Pod, &Key::new("default", **name)).is_some());
    assert_eq!(left.count(), 2);
}

#[test]
fn a_node_that_has_a_large_image_is_better_by_how_many_have_it() {
    let mut cluster = Setup::default().cluster();
    let image = Value::map([
        ("names", Value::list(vec!["registry.k8s.io/large:v1".into()])),
        ("sizeBytes", Value::Int(600 << 20)),
    ]);
    for node in ["node-1", "node-2"] {
        let mut object = (**cluster.store.find(Kind::Node, "", node).expect("there")).clone();
        object.expect_mut::<Node>().status.images = Value::list(vec![image.clone()]);
        apiserver::handle(&mut cluster, Request::put_status("test", object)).expect("reported");
    }
    let of_image = |image: &str| {
        let container = Value::map([("name", Value::from("c")), ("image", image.into())]);
        Value::map([("containers", Value::list(vec![container]))])
    };
    apply(&mut cluster, pod("full", of_image("registry.k8s.io/large:v1")));
    apply(&mut cluster, pod("short", of_image("large:v1")));
    run::tell(&mut cluster, &mut |_, _| {});
    let of = |pod: &str| ["node-1", "node-2", "node-3"].map(|node| points(&cluster, pod, "ImageLocality", node));
    // Two thirds of 600 MB less 23, of 977.
    assert_eq!(of("full"), [38, 38, 0]);
    assert_eq!(of("short"), [0, 0, 0]);
}
