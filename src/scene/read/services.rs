//! Services, with what feeds them and whom they reach.

use super::traffic;
use super::{Source, by_creation, id_of, key_of};
use crate::scene::handle;
use crate::scene::model::{Asked, Endpoint, Entry, Pod, Service};
use crate::scene::words::Locale;
use kubarium_sim::api::Kind;
use kubarium_sim::api::endpoint_slice::EndpointSlice;
use kubarium_sim::api::object::{Key, Object};
use kubarium_sim::api::service::Service as ApiService;
use kubarium_sim::cluster::Cluster;
use kubarium_sim::network::gateway;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

pub fn read(source: &Source, pods: &[Rc<Pod>]) -> Vec<Service> {
    let slices = slices(source);
    let gates = gates(source);
    by_creation(source, Kind::Service)
        .into_iter()
        .map(|object| {
            let key = object.key();
            service(source, object, slices.get(&key).map_or(&[], Vec::as_slice), gates.get(&key), pods)
        })
        .collect()
}

/// The Pods that slices point to, not yet found.
pub fn targets(cluster: &Cluster) -> HashMap<Key, Option<usize>> {
    let slices = cluster.store.list(Kind::EndpointSlice).map(|object| object.expect::<EndpointSlice>());
    let targets = slices.flat_map(|slice| slice.endpoints.iter()).filter_map(|endpoint| endpoint.target.as_ref());
    targets.map(|target| (Key::new(target.namespace.clone(), target.name.clone()), None)).collect()
}

/// The slices by the Service that they belong to.
fn slices<'a>(source: &Source<'a>) -> BTreeMap<Key, Vec<&'a EndpointSlice>> {
    let mut slices: BTreeMap<Key, Vec<&EndpointSlice>> = BTreeMap::new();
    for object in source.cluster.store.list(Kind::EndpointSlice) {
        if let Some(name) = object.meta.labels.get("kubernetes.io/service-name") {
            slices.entry(Key::new(object.meta.namespace.clone(), name.clone())).or_default().push(object.expect());
        }
    }
    slices
}

/// The first host and path of an Ingress or an HTTPRoute that leads to each Service, and which of the two it is.
fn gates(source: &Source) -> BTreeMap<Key, (&'static str, String)> {
    let mut gates = BTreeMap::new();
    for route in gateway::list(source.cluster, "HTTPRoute") {
        let host = match gateway::hosts(route)[0] {
            "" => "*",
            host => host,
        };
        for rule in route.raw().at(&["spec", "rules"]).items() {
            let path = rule.get("matches").items().first().and_then(|m| m.at(&["path", "value"]).as_str());
            let tail = path.filter(|path| *path != "/").unwrap_or("");
            for backend in rule.get("backendRefs").items() {
                let namespace = backend.get("namespace").as_str().unwrap_or(&route.meta.namespace);
                let key = Key::new(namespace, backend.get("name").as_str().unwrap_or(""));
                gates.entry(key).or_insert(("HTTPRoute", format!("{host}{tail}")));
            }
        }
    }
    for object in source.cluster.store.list(Kind::Ingress) {
        let spec = object.raw().get("spec");
        let mut lead = |backend: &kubarium_sim::value::Value, text: String| {
            if let Some(name) = backend.at(&["service", "name"]).as_str() {
                gates.entry(Key::new(object.meta.namespace.clone(), name)).or_insert(("Ingress", text));
            }
        };
        for rule in spec.get("rules").items() {
            let host = rule.get("host").as_str().unwrap_or("*");
            for path in rule.at(&["http", "paths"]).items() {
                let tail = path.get("path").as_str().filter(|path| *path != "/").unwrap_or("");
                lead(path.get("backend"), format!("{host}{tail}"));
            }
        }
        lead(spec.get("defaultBackend"), "*".into());
    }
    gates
}

fn service(
    source: &Source,
    object: &Rc<Object>,
    slices: &[&EndpointSlice],
    gate: Option<&(&'static str, String)>,
    pods: &[Rc<Pod>],
) -> Service {
    let body = object.expect::<ApiService>();
    let spec = &body.spec;
    let external = &*spec.kind == "ExternalName";
    let mut endpoints: Vec<Endpoint> = Vec::new();
    let mut known = HashSet::new();
    let (mut ready, mut total) = (0, 0);
    for endpoint in slices.iter().flat_map(|slice| slice.endpoints.iter()) {
        let open = endpoint.conditions.ready != Some(false);
        let target = endpoint.target.as_ref().map(|target| Key::new(target.namespace.clone(), target.name.clone()));
        let pod = target.and_then(|key| source.index.pods.get(&key).copied().flatten());
        if pod.is_some_and(|pod| !known.insert(pod)) {
            continue;
        }
        ready += usize::from(open);
        total += 1;
        endpoints.extend(pod.map(|pod| Endpoint { pod, open, shielded: false }));
    }
    endpoints.sort_by_key(|endpoint| pods.get(endpoint.pod).map(|pod| (pod.created_ms, endpoint.pod)));
    Service {
        id: id_of(object),
        key: key_of(object),
        address: address(body, external),
        note: note(body, ready, total, gate.is_some(), source.ask.locale),
        entry: entry(body, gate),
        headless: spec.is_headless(),
        external,
        ready,
        total,
        endpoints,
        rate: traffic::rate(source, &object.key()),
        asked: if source.ask.selected == Some(&key_of(object)) { asked(source.cluster, object) } else { None },
    }
}

/// The traffic that is sent to a Service which takes connections.
pub fn asked(cluster: &Cluster, object: &Object) -> Option<Asked> {
    let (key, spec) = (object.key(), &object.expect::<ApiService>().spec);
    let port = spec.ports.iter().find(|port| matches!(&*port.protocol, "" | "TCP"))?;
    if &*spec.kind == "ExternalName" {
        return None;
    }
    let clients = cluster.store.find(Kind::Deployment, &key.namespace, &handle::clients_of(&key.name));
    let wanted = |object: &Rc<Object>| object.raw().at(&["spec", "replicas"]).as_int().unwrap_or(1).max(0) as u32;
    let port = if port.port == 80 { String::new() } else { format!(":{}", port.port) };
    Some(Asked { url: format!("http://{}{port}", key.name), clients: clients.map(wanted) })
}

fn address(service: &ApiService, external: bool) -> String {
    let spec = &service.spec;
    match spec.ports.first() {
        _ if external => spec.external_name.to_string(),
        _ if spec.is_headless() => "None".into(),
        Some(port) if spec.ports.len() == 1 => format!("{}:{}", spec.cluster_ip, port.port),
        Some(port) => format!("{}:{} +{}", spec.cluster_ip, port.port, spec.ports.len() - 1),
        None => spec.cluster_ip.to_string(),
    }
}

fn balancer_address(service: &ApiService) -> Option<&str> {
    let given = service.status.load_balancer.get("ingress").items().first()?;
    given.get("ip").as_str().or_else(|| given.get("hostname").as_str())
}

fn entry(service: &ApiService, gate: Option<&(&'static str, String)>) -> Option<Entry> {
    if let Some((kind, text)) = gate {
        return Some(Entry { kind, text: text.clone() });
    }
    match &*service.spec.kind {
        "LoadBalancer" => {
            let text = balancer_address(service).unwrap_or("<pending>").to_string();
            Some(Entry { kind: "LoadBalancer", text })
        }
        "NodePort" => {
            let port = service.spec.ports.iter().find(|port| port.node_port != 0)?;
            Some(Entry { kind: "NodePort", text: format!(":{}", port.node_port) })
        }
        _ => None,
    }
}

fn note(service: &ApiService, ready: usize, total: usize, gated: bool, locale: Locale) -> String {
    let spec = &service.spec;
    let korean = locale == Locale::Korean;
    let waits = &*spec.kind == "LoadBalancer" && !gated && balancer_address(service).is_none();
    match () {
        () if &*spec.kind == "ExternalName" => if korean { "바깥으로" } else { "leads out" }.into(),
        () if spec.is_headless() => {
            if korean { "headless: 주소 없이 이름만" } else { "headless: names, not an address" }.into()
        }
        () if waits => if korean { "주소를 기다리는 중" } else { "waiting for an address" }.into(),
        () if ready == 0 && total == 0 && !spec.selector.is_empty() => {
            format!("{}, {}", spec.kind, if korean { "고른 Pod 없음" } else { "selects no Pod" })
        }
        () if ready == 0 => format!("{}, {}", spec.kind, if korean { "응답할 Pod 없음" } else { "nobody to answer" }),
        () => spec.kind.to_string(),
    }
}
