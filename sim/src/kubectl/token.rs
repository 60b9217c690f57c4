//! `kubectl create token`: a token of a service account.
//!
//! Kubernetes 1.36: staging/src/k8s.io/kubectl/pkg/cmd/create/create_token.go

use super::{Answer, Context, Fault, OK, auth, print, time};
use crate::api::Kind;
use crate::apiserver::token;
use crate::value::Value;

/// What a token may be bound to, with its version.
const BOUND: [&str; 3] = ["Node", "Pod", "Secret"];

pub fn run(context: &mut Context) -> Answer {
    let [name] = context.args.words.as_slice() else {
        let got = format!("exactly one NAME is required, got {}", context.args.words.len());
        return Err(Fault::usage("create token", got));
    };
    let name = name.clone();
    let spec = spec(context)?;
    let namespace = context.namespace();
    let failed = |status| Fault::text(format!("failed to create token: {status}"));
    auth::check_part(context, "create", (Kind::ServiceAccount, "token"), &name, &namespace).map_err(failed)?;
    let answer = token::request(context.cluster, &namespace, &name, &spec).map_err(failed)?;
    if context.args.get("output").is_some() {
        print::object(context, &answer)?;
    } else {
        context.say(answer.at(&["status", "token"]).as_str().unwrap_or(""));
    }
    OK
}

/// What is asked for.
fn spec(context: &Context) -> Result<Value, Fault> {
    let args = &context.args;
    let mut spec = Value::empty_map();
    let duration = args.get("duration").and_then(time::parse).unwrap_or(0);
    if duration < 0 {
        return Err(Fault::text("--duration must be greater than or equal to 0"));
    }
    if duration % 1000 != 0 {
        return Err(Fault::text("--duration cannot be expressed in units less than seconds"));
    }
    let audiences: Vec<Value> = args.all("audience").map(Value::from).collect();
    if args.all("audience").any(str::is_empty) {
        return Err(Fault::text("--audience must not be an empty string"));
    }
    let [kind, name, uid] =
        ["bound-object-kind", "bound-object-name", "bound-object-uid"].map(|f| args.get(f).unwrap_or(""));
    let why = match kind {
        "" if !name.is_empty() => "--bound-object-name can only be set if --bound-object-kind is provided".into(),
        "" if !uid.is_empty() => "--bound-object-uid can only be set if --bound-object-kind is provided".into(),
        "" => String::new(),
        kind if !BOUND.contains(&kind) => format!("supported --bound-object-kind values are {}", BOUND.join(", ")),
        _ if name.is_empty() => "--bound-object-name is required if --bound-object-kind is provided".into(),
        _ => String::new(),
    };
    if !why.is_empty() {
        return Err(Fault::text(why));
    }
    if !audiences.is_empty() {
        spec.set("audiences", Value::list(audiences));
    }
    if duration > 0 {
        spec.set("expirationSeconds", Value::Int(duration / 1000));
    }
    if !kind.is_empty() {
        let mut bound = Value::map([("apiVersion", Value::from("v1")), ("kind", kind.into()), ("name", name.into())]);
        if !uid.is_empty() {
            bound.set("uid", uid.into());
        }
        spec.set("boundObjectRef", bound);
    }
    Ok(spec)
}
