//! Tokens of service accounts.
//!
//! Kubernetes 1.36: pkg/registry/core/serviceaccount/storage/token.go, pkg/serviceaccount/claims.go,
//! pkg/apis/authentication/validation. Nobody can sign in with such a token: nothing here is signed, and its head says so.

use super::status::{Status, StatusCause};
use crate::api::field::Stamp;
use crate::api::object::Object;
use crate::api::pod::{Pod, TokenSource};
use crate::api::{Field, Kind};
use crate::clock::{Span, Time};
use crate::cluster::Cluster;
use crate::manifest::{base64, json, write};
use crate::value::Value;

/// Whom a token is for unless something else is asked for; also who issues it.
pub const AUDIENCE: &str = "https://kubernetes.default.svc.cluster.local";
const LEAST_SECONDS: i64 = 10 * 60;
const MOST_SECONDS: i64 = 1 << 32;
const DEFAULT_SECONDS: i64 = 60 * 60;
/// What admission has Pods ask for, and what they get.
const KUBELETS_SECONDS: i64 = 60 * 60 + 7;
const KEPT_SECONDS: i64 = 365 * 24 * 60 * 60;
/// No token that a node has is older.
const MOST_MILLIS: u64 = 24 * 60 * 60 * 1000;

/// A token with these claims. `whom` makes its seal one of its own.
fn sealed(cluster: &Cluster, claims: &str, whom: &str) -> String {
    let safe = |digit| match digit {
        '+' => '-',
        '/' => '_',
        digit => digit,
    };
    let part = |text: &str| base64::encode(text.as_bytes()).trim_end_matches('=').chars().map(safe).collect::<String>();
    let seal = cluster.dice.hex(64, whom, "token");
    format!("{}.{}.{}", part("{\"alg\":\"none\",\"kid\":\"simulated\"}"), part(claims), part(&seal))
}

/// Whose a token is: the name of a service account's user. `None` if it is none that was made here.
pub fn owner(token: &str) -> Option<String> {
    let claims = token.split('.').nth(1)?.replace('-', "+").replace('_', "/");
    let padding = "=".repeat((4 - claims.len() % 4) % 4);
    let claims = json::parse(std::str::from_utf8(&base64::decode(&(claims + &padding)).ok()?).ok()?).ok()?;
    claims.get("sub").as_str().map(String::from)
}

/// Answers a TokenRequest for a service account: the request with its defaults and the token.
///
/// # Errors
/// The account or what the token is bound to is not there or not its own, or the lifetime is not allowed.
pub fn request(cluster: &Cluster, namespace: &str, name: &str, spec: &Value) -> Result<Value, Status> {
    answer(cluster, (namespace, name), spec, cluster.now)
}

/// The token that a node has for one of its Pods since `since`: it is asked for anew when four fifths of its life are over.
/// Kubernetes 1.36: pkg/kubelet/token/token_manager.go
///
/// # Errors
/// As for a request.
pub fn of_pod(cluster: &Cluster, pod: &Object, source: &TokenSource, since: Time) -> Result<String, Status> {
    let account = &pod.expect::<Pod>().spec.service_account;
    let seconds = source.expiration.unwrap_or(DEFAULT_SECONDS);
    let (turn, length) = turn(source, since, cluster.now);
    let bound = [("kind", Value::from("Pod")), ("name", Value::Str(pod.meta.name.clone()))];
    let mut spec = Value::map([("boundObjectRef", Value::map(bound)), ("expirationSeconds", Value::Int(seconds))]);
    if !source.audience.is_empty() {
        spec.set("audiences", Value::list(vec![Value::Str(source.audience.clone())]));
    }
    let answer = answer(cluster, (&pod.meta.namespace, account), &spec, since + Span(turn * length))?;
    Ok(answer.at(&["status", "token"]).as_str().unwrap_or_default().to_string())
}

/// Whether a node still has the token that it had at that time.
pub fn lasts(source: &TokenSource, since: Time, had: Time, now: Time) -> bool {
    turn(source, since, had) == turn(source, since, now)
}

/// Which of a Pod's tokens it is, and how long each is used, in milliseconds.
fn turn(source: &TokenSource, since: Time, at: Time) -> (u64, u64) {
    let seconds = source.expiration.unwrap_or(DEFAULT_SECONDS);
    let length = (seconds.max(1) as u64 * 800).min(MOST_MILLIS);
    (at.since(since).0 / length, length)
}

fn answer(cluster: &Cluster, (namespace, name): (&str, &str), spec: &Value, at: Time) -> Result<Value, Status> {
    let account = cluster.store.find(Kind::ServiceAccount, namespace, name);
    let account = account.ok_or_else(|| Status::not_found(Kind::ServiceAccount, name))?;
    let seconds = spec.get("expirationSeconds").as_int().unwrap_or(DEFAULT_SECONDS);
    let why = match seconds {
        ..LEAST_SECONDS => Some("may not specify a duration less than 10 minutes"),
        _ if seconds > MOST_SECONDS => Some("may not specify a duration larger than 2^32 seconds"),
        _ => None,
    };
    if let Some(why) = why {
        let message = format!("Invalid value: {seconds}: {why}");
        let field = "spec.expirationSeconds".to_string();
        let cause = StatusCause { reason: "FieldValueInvalid", message: message.clone(), field: field.clone() };
        let text = format!("TokenRequest.authentication.k8s.io \"\" is invalid: {field}: {message}");
        return Err(Status { causes: vec![cause], ..Status::new(422, "Invalid", text) });
    }
    let mut of = Value::map([("namespace", Value::from(namespace))]);
    for (kind, value) in bound(cluster, (namespace, name), spec.get("boundObjectRef"))? {
        of.set(kind, value);
    }
    of.set("serviceaccount", Value::map([("name", Value::from(name)), ("uid", Value::Str(account.meta.uid.clone()))]));
    let mut audiences = spec.get("audiences").clone();
    if audiences.items().is_empty() {
        audiences = Value::list(vec![AUDIENCE.into()]);
    }
    let stamp = cluster.stamp_of(at);
    let issued = stamp.0.div_euclid(1000);
    let to = spec.at(&["boundObjectRef", "name"]).as_str().unwrap_or_default();
    let id = format!("{} {} {to}", account.meta.uid, at.0);
    // Who was given a token by the kubelet may keep it, as was done before such tokens had an end; he is warned of its use.
    let kept = of.get("pod") != &Value::Null && seconds == KUBELETS_SECONDS && audiences.items() == [AUDIENCE.into()];
    if kept {
        of.set("warnafter", Value::Int(issued + seconds));
    }
    let claims = Value::map([
        ("aud", audiences.clone()),
        ("exp", Value::Int(issued + if kept { KEPT_SECONDS } else { seconds })),
        ("iat", Value::Int(issued)),
        ("iss", AUDIENCE.into()),
        ("jti", Value::Str(cluster.dice.uuid(&id, "token"))),
        ("kubernetes.io", of),
        ("nbf", Value::Int(issued)),
        ("sub", format!("system:serviceaccount:{namespace}:{name}").into()),
    ]);
    let token = sealed(cluster, &write::json(&claims, 0), &id);
    let expires = Stamp(stamp.0 + seconds * 1000);
    let mut spec = spec.clone();
    spec.set("audiences", audiences);
    spec.set_default("boundObjectRef", || Value::Null);
    spec.set("expirationSeconds", Value::Int(seconds));
    let metadata = [("creationTimestamp", stamp.write()), ("name", name.into()), ("namespace", namespace.into())];
    Ok(Value::map([
        ("apiVersion", Value::from("authentication.k8s.io/v1")),
        ("kind", "TokenRequest".into()),
        ("metadata", Value::map(metadata)),
        ("spec", spec),
        ("status", Value::map([("expirationTimestamp", expires.write()), ("token", token.into())])),
    ]))
}

/// What a token says of the object that it is bound to, by its kind in small letters; of a Pod's node too.
fn bound(
    cluster: &Cluster,
    (namespace, account): (&str, &str),
    reference: &Value,
) -> Result<Vec<(&'static str, Value)>, Status> {
    let text = |field: &str| reference.get(field).as_str().unwrap_or("").to_string();
    let (kind, key) = match text("kind").as_str() {
        "Pod" => (Kind::Pod, "pod"),
        "Secret" => (Kind::Secret, "secret"),
        "Node" => (Kind::Node, "node"),
        _ => return Ok(Vec::new()),
    };
    let place = if kind == Kind::Node { "" } else { namespace };
    let object = cluster.store.find(kind, place, &text("name"));
    let object = object.ok_or_else(|| Status::not_found(kind, &text("name")))?;
    if kind == Kind::Pod && object.raw().at(&["spec", "serviceAccountName"]).as_str() != Some(account) {
        return Err(Status::bad_request(format!(
            "cannot bind token for serviceaccount {account:?} to pod running with different serviceaccount name."
        )));
    }
    let uid = text("uid");
    if !uid.is_empty() && *uid != *object.meta.uid {
        let why = format!(
            "the UID in the bound object reference ({uid}) does not match the UID in record. The object might have been deleted and then recreated"
        );
        return Err(Status::conflict(kind, &text("name"), &why));
    }
    let said = |object: &Object| {
        Value::map([("name", Value::Str(object.meta.name.clone())), ("uid", Value::Str(object.meta.uid.clone()))])
    };
    let node = (kind == Kind::Pod).then(|| cluster.store.find(Kind::Node, "", &object.expect::<Pod>().spec.node_name));
    let node = node.flatten().map(|node| ("node", said(node)));
    Ok(node.into_iter().chain([(key, said(object))]).collect())
}
