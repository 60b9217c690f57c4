//! Manifests that kubectl writes itself: `kubectl create deployment web --image=nginx`.
//!
//! Kubernetes 1.36: staging/src/k8s.io/kubectl/pkg/cmd/create

mod access;
mod config;
pub mod pod;
mod service;
mod workload;

use super::{Answer, Context, Fault, OK, apply, get, print};
use crate::api::Kind;
use crate::api::object::Key;
use crate::apiserver::Verb;
use crate::value::Value;

/// `create NOUN`.
pub fn run(context: &mut Context, noun: &str) -> Answer {
    required(context, noun)?;
    let [name] = context.args.words.as_slice() else {
        let got = format!("exactly one NAME is required, got {}", context.args.words.len());
        return Err(Fault::usage(&context.args.verb.clone(), got));
    };
    let name = name.clone();
    match noun {
        "configmap" => config::config_map(context, &name)?,
        "secret generic" => config::generic(context, &name)?,
        "secret tls" => config::tls(context, &name)?,
        "secret docker-registry" => config::registry(context, &name)?,
        "deployment" => workload::deployment(context, &name)?,
        "job" => workload::job(context, &name)?,
        "cronjob" => workload::cron_job(context, &name)?,
        "namespace" => {
            let value = Value::map([("spec", Value::empty_map()), ("status", Value::empty_map())]);
            make(context, Kind::Namespace, &name, value, "created", "")?;
        }
        "serviceaccount" => {
            make(context, Kind::ServiceAccount, &name, Value::empty_map(), "created", "serviceaccount")?
        }
        "quota" => access::quota(context, &name)?,
        "priorityclass" => access::priority_class(context, &name)?,
        "poddisruptionbudget" => access::budget(context, &name)?,
        "role" | "clusterrole" => access::role(context, &name, noun == "clusterrole")?,
        "rolebinding" | "clusterrolebinding" => access::binding(context, &name, noun == "clusterrolebinding")?,
        "ingress" => service::ingress(context, &name)?,
        _ if noun.starts_with("service ") => service::service(context, &name, &noun[8..])?,
        _ => return Err(Fault::text(format!("kubectl create {noun} is not simulated"))),
    }
    OK
}

/// Flags without which a noun cannot be made.
fn required(context: &Context, noun: &str) -> Result<(), Fault> {
    let flags: &[&str] = match noun {
        "deployment" => &["image"],
        "cronjob" => &["image", "schedule"],
        "clusterrolebinding" => &["clusterrole"],
        "service externalname" => &["external-name"],
        _ => &[],
    };
    let missing: Vec<String> =
        flags.iter().filter(|f| context.args.get(f).is_none()).map(|f| format!("\"{f}\"")).collect();
    if missing.is_empty() {
        Ok(())
    } else {
        Err(Fault::text(format!("required flag(s) {} not set", missing.join(", "))))
    }
}

/// Makes an object from everything but its name, as `--dry-run` and `-o` ask. A refusal is told after
/// `failed to create NOUN: ` where `noun` is given.
pub fn make(
    context: &mut Context,
    kind: Kind,
    name: &str,
    mut value: Value,
    what: &str,
    noun: &str,
) -> Result<(), Fault> {
    let asked = context.args.get("namespace").map(str::to_string);
    value.set("apiVersion", Value::str(kind.api_version()));
    value.set("kind", kind.name().into());
    value.at_mut(&["metadata"]).set("name", Value::from(name));
    if context.dry_run() == "client" {
        if let (true, Some(namespace)) = (kind.namespaced(), asked) {
            value.at_mut(&["metadata"]).set("namespace", Value::from(namespace));
        }
        return if context.args.get("output").is_some() {
            print::object(context, &value)
        } else {
            context.done(&value, kind, what)
        };
    }
    let namespace = context.namespace_of(kind);
    if kind.namespaced() {
        value.at_mut(&["metadata"]).set("namespace", Value::Str(namespace.clone()));
    }
    if context.args.is("save-config") {
        value = apply::recorded(&value);
    }
    let made = context.request(kind, Key { namespace, name: name.into() }, Verb::Create(value));
    let made = made.map_err(|status| match noun {
        "" => Fault::from(status),
        // kubectl itself forgets the colon here.
        "secret" => Fault::text(format!("failed to create secret {status}")),
        _ => Fault::text(format!("failed to create {noun}: {status}")),
    })?;
    context.done(&get::shown(&made), kind, what)
}

/// A flag's number.
pub fn numbers(context: &Context, flag: &str) -> Result<Option<i64>, Fault> {
    let Some(text) = context.args.get(flag) else { return Ok(None) };
    let bad = || {
        let why = format!("strconv.ParseInt: parsing \"{text}\": invalid syntax");
        Fault::text(format!("invalid argument \"{text}\" for \"--{flag}\" flag: {why}"))
    };
    text.parse().map(Some).map_err(|_| bad())
}

/// A list of texts.
pub fn texts(items: impl IntoIterator<Item = impl Into<String>>) -> Value {
    Value::list(items.into_iter().map(|t| Value::from(t.into())).collect())
}
