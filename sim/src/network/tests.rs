//! Names, choices and walks in a cluster of a few lines.

use super::dns::{self, Failure, Question, Record};
use super::ingress;
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
pub(super) fn cluster(headless: bool) -> Cluster {
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

/// A value from YAML, as users write it.
fn yaml(text: &str) -> Value {
    crate::manifest::read(text).documents[0].value.clone()
}

/// A request from the Pod at 10.244.1.7 to another at 10.244.2.9 (labels `app: api`, named port `http` 8080), under a policy.
#[test]
fn network_policies_open_and_shut_gates() {
    let made = |policy: &str| {
        let mut cluster = cluster(false);
        let pod = yaml(
            "metadata: {name: api, namespace: default, labels: {app: api}}\n\
             spec: {nodeName: node-2, containers: [{name: c, image: nginx, ports: [{name: http, containerPort: 8080}]}]}",
        );
        create(&mut cluster, Kind::Pod, pod);
        let status = Value::map([("status", text(&[("podIP", "10.244.2.9"), ("phase", "Running")]))]);
        let patch = Verb::Patch(apiserver::Patch::Merge(status), Part::Status);
        let request = Request::new("test", Kind::Pod, Key::new("default", "api"), patch);
        apiserver::handle(&mut cluster, request).expect("patched");
        if !policy.is_empty() {
            let meta = "metadata: {name: p, namespace: default}\nspec: ";
            create(&mut cluster, Kind::NetworkPolicy, yaml(&format!("{meta}{policy}")));
        }
        cluster
    };
    let check = |policy: &str, port: u16, expect: bool| {
        let mut cluster = made(policy);
        let from = Source { address: "10.244.1.7".into(), node: Some("node-1".into()) };
        assert!(matches!(connect(&cluster, &from, "10.244.2.9", port, "TCP", "1").end, End::Pod { .. }));
        cluster.plane.policies = true;
        let walk = connect(&cluster, &from, "10.244.2.9", port, "TCP", "1");
        assert_eq!(walk.end != End::Dropped, expect, "{policy} {port}: {walk:?}");
        assert_eq!(
            walk.hops.iter().any(|hop| matches!(hop, Hop::Policy(_))),
            policy.contains("app: api") || policy.contains("{}")
        );
    };
    check("", 8080, true);
    check("{podSelector: {}, policyTypes: [Ingress]}", 8080, false);
    check("{podSelector: {matchLabels: {app: other}}, policyTypes: [Ingress]}", 8080, true);
    check("{podSelector: {}, policyTypes: [Egress]}", 8080, false);
    let ingress = |rule: &str| format!("{{podSelector: {{matchLabels: {{app: api}}}}, ingress: [{rule}]}}");
    check(&ingress("{}"), 8080, true);
    check(&ingress("{ports: [{port: 80}]}"), 8080, false);
    check(&ingress("{ports: [{port: 8000, endPort: 8090}]}"), 8080, true);
    check(&ingress("{ports: [{port: http}]}"), 8080, true);
    check(&ingress("{ports: [{port: http, protocol: UDP}]}"), 8080, false);
    check(&ingress("{from: [{podSelector: {matchLabels: {app: web}}}]}"), 8080, false);
    check(&ingress("{from: [{podSelector: {}}]}"), 8080, true);
    let named = "kubernetes.io/metadata.name";
    check(&ingress(&format!("{{from: [{{namespaceSelector: {{matchLabels: {{{named}: default}}}}}}]}}")), 8080, true);
    check(&ingress(&format!("{{from: [{{namespaceSelector: {{matchLabels: {{{named}: other}}}}}}]}}")), 8080, false);
    check(&ingress("{from: [{ipBlock: {cidr: 10.244.0.0/16}}]}"), 8080, true);
    check(&ingress("{from: [{ipBlock: {cidr: 10.244.0.0/16, except: [10.244.1.0/24]}}]}"), 8080, false);
}

#[test]
fn a_policy_of_egress_shuts_the_name_server_out_too() {
    let mut cluster = cluster(false);
    cluster.plane.policies = true;
    let policy = "metadata: {name: p, namespace: default}\nspec: {podSelector: {}, policyTypes: [Egress]}";
    create(&mut cluster, Kind::NetworkPolicy, yaml(policy));
    let from = Source { address: "10.244.1.7".into(), node: Some("node-1".into()) };
    let ask = |cluster: &Cluster| connect(cluster, &from, dns::SERVER, 53, "UDP", "1").end;
    assert_eq!(ask(&cluster), End::Dropped);
    let policy = "metadata: {name: dns, namespace: default}\n\
        spec: {podSelector: {}, policyTypes: [Egress], egress: [{to: [{namespaceSelector: {}, \
        podSelector: {matchLabels: {k8s-app: kube-dns}}}], ports: [{port: 53, protocol: UDP}]}]}";
    create(&mut cluster, Kind::NetworkPolicy, yaml(policy));
    assert_eq!(ask(&cluster), End::NameServer);
}

#[test]
fn the_longest_path_of_the_nearest_host_is_chosen() {
    let mut cluster = cluster(false);
    let backend = |service: &str| format!("backend: {{service: {{name: {service}, port: {{number: 80}}}}}}");
    let ingress = format!(
        "metadata: {{name: site, namespace: default}}\nspec:\n  ingressClassName: nginx\n  defaultBackend: {{service: {{name: rest, port: {{number: 80}}}}}}\n  rules:\n  - host: a.example.com\n    http: {{paths: [{{path: /, pathType: Prefix, {}}}, {{path: /shop, pathType: Prefix, {}}}, {{path: /shop/x, pathType: Exact, {}}}]}}\n  - host: '*.example.com'\n    http: {{paths: [{{path: /, pathType: ImplementationSpecific, {}}}]}}",
        backend("root"),
        backend("shop"),
        backend("exact"),
        backend("wild")
    );
    create(&mut cluster, Kind::Ingress, yaml(&ingress));
    let check = |host: &str, path: &str, expect: &str| {
        let choice = ingress::choose(&cluster, host, path).map(|c| c.service.name.to_string());
        assert_eq!(choice.as_deref(), Some(expect), "{host}{path}");
    };
    check("a.example.com", "/", "root");
    check("a.example.com:80", "/shop", "shop");
    check("a.example.com", "/shop/y?q=1", "shop");
    check("a.example.com", "/shop/x", "exact");
    check("a.example.com", "/shopping", "root");
    check("b.example.com", "/shop", "wild");
    check("b.c.example.com", "/shop", "rest");
    check("10.0.0.1", "/", "rest");
}
