//! Names, choices and walks in a cluster of a few lines.

use super::dns::{self, Failure, Question, Record};
use super::route::{End, Hop, Source, connect};
use crate::api::Kind;
use crate::api::object::Key;
use crate::apiserver::{self, Part, Request, Verb};
use crate::cluster::Cluster;
use crate::setup::Setup;
use crate::value::Value;

fn text(pairs: &[(&str, &str)]) -> Value {
    Value::map(pairs.iter().map(|(k, v)| (*k, Value::from(*v))))
}

fn create(cluster: &mut Cluster, kind: Kind, value: Value) {
    apiserver::handle(cluster, Request::create("test", kind, value)).expect("accepted");
}

/// A Service `web` on port 80, and a Pod at 10.244.1.7 on node-1 behind its port 8080.
fn cluster(headless: bool) -> Cluster {
    let mut cluster = Setup::default().cluster();
    let port = Value::map([("port", Value::Int(80)), ("protocol", "TCP".into()), ("targetPort", Value::Int(8080))]);
    let mut spec = Value::map([("type", Value::from("ClusterIP")), ("ports", Value::list(vec![port]))]);
    spec.set("clusterIP", if headless { "None".into() } else { "10.96.7.7".into() });
    let metadata = text(&[("name", "web"), ("namespace", "default")]);
    create(&mut cluster, Kind::Service, Value::map([("metadata", metadata), ("spec", spec)]));
    let metadata = text(&[("name", "web-1"), ("namespace", "default")]);
    let container = text(&[("name", "c"), ("image", "nginx")]);
    let spec = Value::map([("containers", Value::list(vec![container])), ("nodeName", "node-1".into())]);
    create(&mut cluster, Kind::Pod, Value::map([("metadata", metadata), ("spec", spec)]));
    let status = Value::map([("status", text(&[("podIP", "10.244.1.7"), ("phase", "Running")]))]);
    let patch = Verb::Patch(apiserver::Patch::Merge(status), Part::Status);
    apiserver::handle(&mut cluster, Request::new("test", Kind::Pod, Key::new("default", "web-1"), patch))
        .expect("patched");
    let endpoint = Value::map([
        ("addresses", Value::list(vec!["10.244.1.7".into()])),
        ("conditions", Value::map([("ready", Value::Bool(true))])),
        ("hostname", "web-1".into()),
        ("nodeName", "node-1".into()),
    ]);
    let port = Value::map([("name", Value::from("")), ("port", Value::Int(8080)), ("protocol", "TCP".into())]);
    let metadata = Value::map([
        ("name", Value::from("web-x")),
        ("namespace", "default".into()),
        ("labels", text(&[("kubernetes.io/service-name", "web")])),
    ]);
    let slice = Value::map([
        ("metadata", metadata),
        ("addressType", "IPv4".into()),
        ("endpoints", Value::list(vec![endpoint])),
        ("ports", Value::list(vec![port])),
    ]);
    create(&mut cluster, Kind::EndpointSlice, slice);
    cluster
}

#[test]
fn names_lead_to_services_or_to_pods() {
    let plain = cluster(false);
    let check = |cluster: &Cluster, name: &str, expect: Result<&str, Failure>| {
        let answer = dns::lookup(cluster, name, Question::A).map(|records| {
            let first = records.first().cloned();
            if let Some(Record::A(_, ip)) = first { ip.to_string() } else { String::new() }
        });
        assert_eq!(answer.as_deref().map_err(|e| *e), expect, "{name}");
    };
    check(&plain, "web.default.svc.cluster.local", Ok("10.96.7.7"));
    check(&plain, "WEB.default.svc.cluster.local", Ok("10.96.7.7"));
    check(&plain, "kubernetes.default.svc.cluster.local", Ok("10.96.0.1"));
    check(&plain, "web.kube-public.svc.cluster.local", Err(Failure::NxDomain));
    check(&plain, "web-1.web.default.svc.cluster.local", Err(Failure::NxDomain));
    check(&plain, "10-244-1-7.default.pod.cluster.local", Ok("10.244.1.7"));
    check(&plain, "example.com", Err(Failure::Unknown));
    let headless = cluster(true);
    check(&headless, "web.default.svc.cluster.local", Ok("10.244.1.7"));
    check(&headless, "web-1.web.default.svc.cluster.local", Ok("10.244.1.7"));
    check(&headless, "web-2.web.default.svc.cluster.local", Err(Failure::NxDomain));
}

#[test]
fn a_connection_walks_to_a_pod_or_is_told_why_not() {
    let cluster = cluster(false);
    let from = Source { address: "10.244.2.9".into(), node: Some("node-2".into()) };
    let to = |address: &str, port: u16| connect(&cluster, &from, address, port, "TCP", "1");
    let walk = to("10.96.7.7", 80);
    assert!(matches!(&walk.hops[..], [Hop::Service { port: 80, .. }, Hop::Pod { .. }]));
    assert!(matches!(walk.end, End::Pod { port: 8080, .. }));
    assert_eq!(to("10.96.7.7", 81).end, End::Refused);
    assert!(matches!(to("10.244.1.7", 9).end, End::Pod { port: 9, .. }));
    assert_eq!(to("10.244.1.8", 80).end, End::Unreachable);
    assert_eq!(to("10.200.0.11", 30_000).end, End::Refused);
    assert_eq!(to("192.0.2.1", 80).end, End::Dropped);
    assert_eq!(to("10.96.0.1", 443).end, End::ApiServer);
    assert_eq!(connect(&cluster, &from, "10.96.0.10", 53, "UDP", "1").end, End::NameServer);
}
