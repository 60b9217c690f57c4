//! Kubernetes 1.36: staging/src/k8s.io/cloud-provider/controllers/service/controller.go
//!
//! Where the cluster's provider has load balancers, a Service of type LoadBalancer gets the address of one. Not simulated: what
//! they cost, sessions, health checks.

use crate::api::Kind;
use crate::api::object::{Key, Object};
use crate::api::service::Service;
use crate::apiserver::Request;
use crate::apiserver::events::Note;
use crate::clock::Span;
use crate::cluster::Cluster;
use crate::outcome::Outcome;
use crate::value::Value;
use std::rc::Rc;

const BY: &str = "service-controller";
const FINALIZER: &str = "service.kubernetes.io/load-balancer-cleanup";
/// How long a provider takes to make a load balancer.
const MAKING: Span = Span::secs(4);
/// The addresses to give: 203.0.113.10 to 203.0.113.250 (a range for documentation).
const ADDRESSES: std::ops::RangeInclusive<u8> = 10..=250;

/// Looks at a Service.
pub fn wake(cluster: &Cluster, key: &Key) -> Outcome {
    let Some(object) = cluster.store.get(Kind::Service, key).filter(|_| cluster.plane.balancers) else {
        return Outcome::nothing();
    };
    let service = object.expect::<Service>();
    let held = object.meta.has_finalizer(FINALIZER);
    let wanted = &*service.spec.kind == "LoadBalancer"
        && !object.meta.deleting()
        && object.raw().at(&["spec", "loadBalancerClass"]).is_null();
    if !wanted {
        return if held { release(object) } else { Outcome::nothing() };
    }
    if !held {
        return hold(object);
    }
    if !service.status.load_balancer.get("ingress").items().is_empty() {
        return Outcome::nothing();
    }
    give(cluster, object)
}

fn hold(object: &Rc<Object>) -> Outcome {
    let mut out = Outcome::nothing();
    out.event(Note::normal(object, BY, "EnsuringLoadBalancer", "Ensuring load balancer"));
    let mut new = (**object).clone();
    new.meta.finalizers.make_mut().push(FINALIZER.into());
    out.request(Request::put(BY, new));
    out
}

fn give(cluster: &Cluster, object: &Rc<Object>) -> Outcome {
    let mut out = Outcome::nothing();
    let ready = object.meta.creation.map(|made| cluster.time_of(made) + MAKING).unwrap_or_default();
    if cluster.now < ready {
        out.again_at(ready);
        return out;
    }
    let asked = object.raw().at(&["spec", "loadBalancerIP"]).as_str().filter(|ip| !ip.is_empty());
    let Some(ip) = asked.map(String::from).or_else(|| free(cluster)) else {
        let text = "Error syncing load balancer: failed to ensure load balancer: no more addresses";
        out.event(Note::warning(object, BY, "SyncLoadBalancerFailed", text));
        return out;
    };
    let mut new = (**object).clone();
    let ingress = Value::map([("ip", Value::from(ip)), ("ipMode", "VIP".into())]);
    let status = Value::map([("ingress", Value::list(vec![ingress]))]);
    new.expect_mut::<Service>().status.load_balancer = status;
    out.request(Request::put_status(BY, new));
    out.event(Note::normal(object, BY, "EnsuredLoadBalancer", "Ensured load balancer"));
    out
}

fn free(cluster: &Cluster) -> Option<String> {
    let services: Vec<_> = cluster.store.list(Kind::Service).collect();
    let taken = |ip: &String| {
        services.iter().any(|s| {
            let given = &s.expect::<Service>().status.load_balancer;
            given.get("ingress").items().iter().any(|i| i.get("ip").as_str() == Some(ip))
        })
    };
    ADDRESSES.map(|n| format!("203.0.113.{n}")).find(|ip| !taken(ip))
}

/// A Service that ends or is of another type now gives its load balancer back.
fn release(object: &Rc<Object>) -> Outcome {
    let mut out = Outcome::nothing();
    out.event(Note::normal(object, BY, "DeletingLoadBalancer", "Deleting load balancer"));
    let mut new = (**object).clone();
    new.meta.finalizers.make_mut().retain(|f| &**f != FINALIZER);
    out.request(Request::put(BY, new));
    out.event(Note::normal(object, BY, "DeletedLoadBalancer", "Deleted load balancer"));
    out
}
