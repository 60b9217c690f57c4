//! Services, Ingresses, Gateways and their routes, NetworkPolicies: who is let through to whom.

use super::Why;
use crate::how;
use crate::inspector::portrait::{Chosen, Sitting};
use crate::text::Text;
use kubarium_sim::api::endpoint_slice::EndpointSlice;
use kubarium_sim::api::object::Object;
use kubarium_sim::api::selector::LabelSelector;
use kubarium_sim::api::service::Service;
use kubarium_sim::api::{Field, Kind, Texts};
use kubarium_sim::cluster::Cluster;
use kubarium_sim::network::{gateway, ingress};
use kubarium_sim::value::Value;
use std::rc::Rc;

/// How many of a Service's endpoints may get requests, and how many there are.
pub fn endpoints(cluster: &Cluster, service: &Object) -> (usize, usize) {
    let slices = cluster.store.list_in(Kind::EndpointSlice, &service.meta.namespace);
    let own =
        slices.filter(|s| s.meta.labels.get("kubernetes.io/service-name").is_some_and(|n| *n == service.meta.name));
    let all = own.filter_map(|s| s.get::<EndpointSlice>()).flat_map(|s| s.endpoints.iter());
    all.fold((0, 0), |(ready, total), e| (ready + usize::from(e.conditions.ready != Some(false)), total + 1))
}

pub fn of_service(text: Text, cluster: &Cluster, object: &Object, service: &Service) -> Why {
    if &*service.spec.kind == "ExternalName" {
        return Why::say(text, "why-external", "why-external-lead", &[("name", &service.spec.external_name)]);
    }
    let (ready, total) = endpoints(cluster, object);
    let (r, t) = (ready.to_string(), total.to_string());
    let with = [("ready", &*r), ("total", &*t)];
    let selected = || {
        let pods = cluster.store.list_in(Kind::Pod, &object.meta.namespace);
        super::in_the_way(
            pods.filter(|pod| service.spec.selector.iter().all(|(k, v)| pod.meta.labels.get(k) == Some(v))),
        )
    };
    match (ready, total) {
        (_, 0) if service.spec.selector.is_empty() => Why::say(text, "why-no-selector", "why-no-selector-lead", &with),
        (_, 0) => Why::say(text, "why-no-pods", "why-no-pods-lead", &with).seeing(selected()),
        (0, _) => Why::say(text, "why-none-ready", "why-none-ready-lead", &with).seeing(selected()),
        (r, t) if r == t => Why::say(text, "why-all-answer", "why-all-answer-lead", &with),
        _ => Why::say(text, "why-some-answer", "why-some-answer-lead", &with).seeing(selected()),
    }
}

pub fn of_ingress(sitting: &Sitting, object: &Object) -> Why {
    let (cluster, text) = (sitting.cluster, sitting.text);
    let class = object.raw().at(&["spec", "ingressClassName"]).as_str().unwrap_or("—");
    let status = object.status();
    let address =
        status.at(&["loadBalancer", "ingress"]).items().first().map_or("", |at| at.get("ip").as_str().unwrap_or(""));
    let dead: Vec<String> = backends(object).into_iter().filter(|name| !answers(cluster, object, name)).collect();
    let dead = dead.join(", ");
    let with = [("class", class), ("address", address), ("services", &*dead)];
    let say = |title, lead| Why::say(text, title, lead, &with);
    match () {
        () if !cluster.plane.ingress_controller => {
            say("why-nobody-reads", "why-no-ingress-lead").doing("fault start ingress-controller")
        }
        () if !ingress::is_own(cluster, object) => say("why-nobody-reads", "why-foreign-class-lead"),
        () if address.is_empty() => say("why-door-opens", "why-door-opens-lead"),
        () if !dead.is_empty() => say("why-door-dead", "why-door-dead-lead"),
        () => say("why-door", "why-door-lead"),
    }
}

/// The names of the Services that an Ingress leads to, each once.
pub fn backends(object: &Object) -> Vec<String> {
    let spec = object.raw().get("spec");
    let rules = spec.get("rules").items().iter();
    let paths = rules.flat_map(|rule| rule.at(&["http", "paths"]).items()).map(|path| path.get("backend"));
    let mut names: Vec<String> = Vec::new();
    for backend in paths.chain(std::iter::once(spec.get("defaultBackend"))) {
        if let Some(name) = backend.at(&["service", "name"]).as_str().filter(|name| names.iter().all(|n| n != name)) {
            names.push(name.to_string());
        }
    }
    names
}

/// Whether a Service is there and has anybody who answers.
fn answers(cluster: &Cluster, beside: &Object, name: &str) -> bool {
    let service = cluster.store.find(Kind::Service, &beside.meta.namespace, name);
    service.is_some_and(|service| endpoints(cluster, service).0 > 0)
}

/// A kind of Gateway API; none for another.
pub fn of_gateway_api(sitting: &Sitting, object: &Object) -> Option<Why> {
    let kind = object.kind;
    if kind.group() != gateway::GROUP || !gateway::KINDS.contains(&kind.name()) {
        return None;
    }
    let text = sitting.text;
    let with = [("kind", kind.name())];
    let say = |title, lead| Why::say(text, title, lead, &with);
    if !sitting.cluster.plane.gateway_controller {
        return Some(say("why-nobody-reads", "why-no-gateway-lead").doing("fault start gateway-controller"));
    }
    let status = object.status();
    let parents = status.get("parents").items().iter().flat_map(|parent| parent.get("conditions").items());
    let conditions: Vec<&Value> = status.get("conditions").items().iter().chain(parents).collect();
    let field = |value: &Value, name: &str| value.get(name).as_str().unwrap_or("").to_string();
    let refused = conditions.iter().find(|c| field(c, "status") == "False" && field(c, "type") != "Conflicted");
    Some(match (refused, conditions.is_empty()) {
        (Some(condition), _) => say("why-door-refused", "why-door-refused-lead").quoting(field(condition, "message")),
        (None, true) => say("why-nobody-reads", "why-foreign-gateway-lead"),
        (None, false) if kind.name() == "HTTPRoute" => say("why-route", "why-route-lead"),
        (None, false) => {
            say("why-accepted", "why-accepted-lead").quoting(conditions.first().map(|c| field(c, "message")))
        }
    })
}

pub fn of_policy(sitting: &Sitting, object: &Object) -> Why {
    let cluster = sitting.cluster;
    let pods = selected_by_policy(cluster, object).count();
    let spec = object.raw().get("spec");
    let types = spec.get("policyTypes").items().iter().filter_map(Value::as_str).collect::<Vec<_>>();
    let word = sitting.text.count("pods", "pods-one", pods);
    let with = [("pods", &*word)];
    let say = |title, lead| Why::say(sitting.text, title, lead, &with);
    if !cluster.plane.policies {
        return say("why-nobody-reads", "why-no-policies-lead").doing("fault start network-policies");
    }
    if pods == 0 {
        return say("why-guards-nobody", "why-guards-nobody-lead");
    }
    let lead = match (types.contains(&"Ingress"), types.contains(&"Egress")) {
        (true, true) => "why-guards-both-lead",
        (false, true) => "why-guards-out-lead",
        _ => "why-guards-in-lead",
    };
    say("why-guards", lead)
}

/// The Pods that a NetworkPolicy guards.
pub fn selected_by_policy<'a>(cluster: &'a Cluster, policy: &'a Object) -> impl Iterator<Item = &'a Rc<Object>> {
    let selector = LabelSelector::read(policy.raw().at(&["spec", "podSelector"]));
    let pods = cluster.store.list_in(Kind::Pod, &policy.meta.namespace);
    pods.filter(move |pod| selector.matches(&pod.meta.labels))
}

/// Whether a NetworkPolicy of the same namespace guards a Pod with these labels.
pub fn selects_pod(policy: &Object, labels: &Texts) -> bool {
    LabelSelector::read(policy.raw().at(&["spec", "podSelector"])).matches(labels)
}

/// The Services of an Ingress that are there, with how each is.
pub fn services_of(cluster: &Cluster, ingress: &Object) -> Vec<(Chosen, how::How)> {
    let found = backends(ingress).into_iter().filter_map(|name| {
        let service = cluster.store.find(Kind::Service, &ingress.meta.namespace, &name)?;
        Some((Chosen { kind: service.kind, key: service.key() }, how::of(service)))
    });
    found.collect()
}
