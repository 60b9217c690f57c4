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
use crate::dice::Dice;
use crate::manifest::{base64, json, write};
use crate::shell::Writer;
use crate::value::Value;
use std::rc::Rc;

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

/// A token with these claims. `whose` makes its seal one of its own.
fn sealed(claims: &Value, dice: Dice, whose: &str) -> String {
    let safe = |digit| match digit {
        b'+' => b'-',
        b'/' => b'_',
        digit => digit,
    };
    let part = |text: &str| {
        let mut digits = base64::encode(text.as_bytes()).into_bytes();
        digits.iter_mut().for_each(|digit| *digit = safe(*digit));
        String::from_utf8(digits).expect("digits").trim_end_matches('=').to_string()
    };
    let seal = dice.hex(64, whose, "token");
    let head = "{\"alg\":\"none\",\"kid\":\"simulated\"}";
    [head, &write::json(claims, 0), &seal].map(part).join(".")
}

/// The token without an end that a Secret is to have.
///
/// Kubernetes 1.36: pkg/serviceaccount/legacy.go (LegacyClaims)
pub fn of_secret(cluster: &Cluster, account: &Object, secret: &Object) -> String {
    let of = |what: &str| format!("kubernetes.io/serviceaccount/{what}");
    let (namespace, name) = (&account.meta.namespace, &account.meta.name);
    let claims = Value::map([
        ("iss".to_string(), "kubernetes/serviceaccount".into()),
        (of("namespace"), Value::Str(namespace.clone())),
        (of("secret.name"), Value::Str(secret.meta.name.clone())),
        (of("service-account.name"), Value::Str(name.clone())),
        (of("service-account.uid"), Value::Str(account.meta.uid.clone())),
        ("sub".to_string(), format!("system:serviceaccount:{namespace}:{name}").into()),
    ]);
    sealed(&claims, cluster.dice, &secret.meta.uid)
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
    let token = issue(cluster, (namespace, name), spec, cluster.now)?;
    let stamp = cluster.stamp();
    let expires = Stamp(stamp.0 + token.seconds * 1000);
    let mut spec = spec.clone();
    spec.set("audiences", token.audiences.clone());
    spec.set_default("boundObjectRef", || Value::Null);
    spec.set("expirationSeconds", Value::Int(token.seconds));
    let metadata = [("creationTimestamp", stamp.write()), ("name", name.into()), ("namespace", namespace.into())];
    Ok(Value::map([
        ("apiVersion", Value::from("authentication.k8s.io/v1")),
        ("kind", "TokenRequest".into()),
        ("metadata", Value::map(metadata)),
        ("spec", spec),
        ("status", Value::map([("expirationTimestamp", expires.write()), ("token", token.text().into())])),
    ]))
}

/// The token that a node has for one of its Pods since `since`: it is asked for anew when four fifths of its life are over.
/// Kubernetes 1.36: pkg/kubelet/token/token_manager.go
///
/// # Errors
/// As for a request.
pub fn of_pod(cluster: &Cluster, pod: &Object, source: &TokenSource, since: Time) -> Result<Token, Status> {
    let account = &pod.expect::<Pod>().spec.service_account;
    let seconds = source.expiration.unwrap_or(DEFAULT_SECONDS);
    let (turn, length) = turn(source, since, cluster.now);
    let bound = [("kind", Value::from("Pod")), ("name", Value::Str(pod.meta.name.clone()))];
    let mut spec = Value::map([("boundObjectRef", Value::map(bound)), ("expirationSeconds", Value::Int(seconds))]);
    if !source.audience.is_empty() {
        spec.set("audiences", Value::list(vec![Value::Str(source.audience.clone())]));
    }
    issue(cluster, (&pod.meta.namespace, account), &spec, since + Span(turn * length))
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

/// What a token says. Few of those that nodes have for their Pods are ever read: it is written when one is.
#[derive(Clone, Debug)]
pub struct Token {
    namespace: Rc<str>,
    /// The service account: its name and uid.
    account: Named,
    /// What it is bound to, by its kind in small letters; behind a Pod its node.
    bound: Vec<(&'static str, Named)>,
    audiences: Value,
    /// How long it is to be used.
    seconds: i64,
    at: Time,
    /// The same in seconds since 1970.
    issued: i64,
    dice: Dice,
}

/// A name and a uid.
type Named = (Rc<str>, Rc<str>);

fn named(object: &Object) -> Named {
    (object.meta.name.clone(), object.meta.uid.clone())
}

impl Writer for Token {
    fn bytes(&self) -> Vec<u8> {
        self.text().into_bytes()
    }
}

impl Token {
    fn text(&self) -> String {
        let to = self.bound.first().map_or("", |(_, (name, _))| name);
        // Each has a number and a seal of its own.
        let whose = format!("{} {} {to}", self.account.1, self.at.0);
        sealed(&self.claims(&whose), self.dice, &whose)
    }

    fn claims(&self, whose: &str) -> Value {
        let said =
            |(name, uid): &Named| Value::map([("name", Value::Str(name.clone())), ("uid", Value::Str(uid.clone()))]);
        let mut of = Value::map([("namespace", Value::Str(self.namespace.clone()))]);
        for (kind, object) in &self.bound {
            of.set(kind, said(object));
        }
        of.set("serviceaccount", said(&self.account));
        // Who was given a token by the kubelet may keep it, as was done before such tokens had an end; he is warned of its use.
        let kept =
            !of.get("pod").is_null() && self.seconds == KUBELETS_SECONDS && self.audiences.items() == [AUDIENCE.into()];
        if kept {
            of.set("warnafter", Value::Int(self.issued + self.seconds));
        }
        Value::map([
            ("aud", self.audiences.clone()),
            ("exp", Value::Int(self.issued + if kept { KEPT_SECONDS } else { self.seconds })),
            ("iat", Value::Int(self.issued)),
            ("iss", AUDIENCE.into()),
            ("jti", Value::Str(self.dice.uuid(whose, "token"))),
            ("kubernetes.io", of),
            ("nbf", Value::Int(self.issued)),
            ("sub", format!("system:serviceaccount:{}:{}", self.namespace, self.account.0).into()),
        ])
    }
}

fn issue(cluster: &Cluster, (namespace, name): (&str, &str), spec: &Value, at: Time) -> Result<Token, Status> {
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
    let mut audiences = spec.get("audiences").clone();
    if audiences.items().is_empty() {
        audiences = Value::list(vec![AUDIENCE.into()]);
    }
    Ok(Token {
        namespace: account.meta.namespace.clone(),
        account: named(account),
        bound: bound(cluster, (namespace, name), spec.get("boundObjectRef"))?,
        audiences,
        seconds,
        at,
        issued: cluster.stamp_of(at).0.div_euclid(1000),
        dice: cluster.dice,
    })
}

/// What a token is bound to.
fn bound(
    cluster: &Cluster,
    (namespace, account): (&str, &str),
    reference: &Value,
) -> Result<Vec<(&'static str, Named)>, Status> {
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
    let node = (kind == Kind::Pod).then(|| cluster.store.find(Kind::Node, "", &object.expect::<Pod>().spec.node_name));
    let node = node.flatten().map(|node| ("node", named(node)));
    Ok([(key, named(object))].into_iter().chain(node).collect())
}
