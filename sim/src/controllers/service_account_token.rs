//! Kubernetes 1.36: pkg/controller/serviceaccount/tokens_controller.go
//!
//! A Secret of the type `kubernetes.io/service-account-token` gets a token of the ServiceAccount that it names, and goes with it.

use crate::api::Kind;
use crate::api::config_map::Secret;
use crate::api::object::{Key, Object};
use crate::apiserver::{DeleteOptions, Request, token};
use crate::cluster::Cluster;
use crate::manifest::base64;
use crate::outcome::Outcome;
use crate::setup::ROOT_CERTIFICATE;
use crate::value::Value;
use std::rc::Rc;

const BY: &str = "tokens-controller";
const TYPE: &str = "kubernetes.io/service-account-token";
const ACCOUNT: &str = "kubernetes.io/service-account.name";
const UID: &str = "kubernetes.io/service-account.uid";

/// Whether a Secret is to have a token.
pub fn concerns(secret: &Object) -> bool {
    &*secret.expect::<Secret>().kind == TYPE
}

/// The Secrets with tokens of a ServiceAccount.
pub fn secrets_of<'a>(cluster: &'a Cluster, account: &'a Key) -> impl Iterator<Item = &'a Rc<Object>> {
    let secrets = cluster.store.list_in(Kind::Secret, &account.namespace).filter(|secret| concerns(secret));
    secrets.filter(|secret| secret.meta.annotations.get(ACCOUNT) == Some(&account.name))
}

/// Looks at a Secret.
pub fn wake(cluster: &Cluster, key: &Key) -> Outcome {
    let mut out = Outcome::nothing();
    let Some(secret) = cluster.store.get(Kind::Secret, key) else {
        unlist(cluster, key, &mut out);
        return out;
    };
    if !concerns(secret) || secret.meta.deleting() {
        return out;
    }
    let said = |name: &str| secret.meta.annotations.get(name).filter(|text| !text.is_empty());
    let account = said(ACCOUNT).and_then(|name| cluster.store.find(Kind::ServiceAccount, &key.namespace, name));
    match account.filter(|account| said(UID).is_none_or(|uid| *uid == account.meta.uid)) {
        Some(account) => fill(cluster, secret, account, &mut out),
        None => {
            let options = DeleteOptions { uid: Some(secret.meta.uid.clone()), ..Default::default() };
            out.request(Request::delete(BY, Kind::Secret, key.clone(), options));
        }
    }
    out
}

fn fill(cluster: &Cluster, secret: &Object, account: &Object, out: &mut Outcome) {
    let Secret { data, immutable, .. } = secret.expect();
    let has = |name: &str| data.get(name).is_some_and(|text| !text.is_empty());
    let certificate = base64::encode(ROOT_CERTIFICATE.as_bytes());
    let trusts = data.get("ca.crt").is_some_and(|text| **text == *certificate);
    // What may not change is refused each time.
    if trusts && has("namespace") && has("token") || *immutable == Some(true) {
        return;
    }
    let mut new = secret.clone();
    new.edit(|raw| {
        let mut set = |name: &str, text: String| raw.at_mut(&["data"]).set(name, text.into());
        set("ca.crt", certificate);
        if !has("namespace") {
            set("namespace", base64::encode(secret.meta.namespace.as_bytes()));
        }
        if !has("token") {
            set("token", base64::encode(token::of_secret(cluster, account, secret).as_bytes()));
        }
        let annotations = raw.at_mut(&["metadata", "annotations"]);
        annotations.set(ACCOUNT, Value::Str(account.meta.name.clone()));
        annotations.set(UID, Value::Str(account.meta.uid.clone()));
    });
    out.request(Request::put(BY, new));
}

/// A ServiceAccount no longer lists a token that has gone.
fn unlist(cluster: &Cluster, key: &Key, out: &mut Outcome) {
    let is_it = |listed: &Value| listed.get("name").as_str() == Some(&*key.name);
    for account in cluster.store.list_in(Kind::ServiceAccount, &key.namespace) {
        let listed = account.raw().get("secrets").items();
        if listed.iter().any(is_it) {
            let left: Vec<Value> = listed.iter().filter(|listed| !is_it(listed)).cloned().collect();
            let mut new = (**account).clone();
            new.edit(|raw| match left.is_empty() {
                true => _ = raw.remove("secrets"),
                false => raw.set("secrets", Value::list(left)),
            });
            out.request(Request::put(BY, new));
        }
    }
}
