//! `kubectl create -f`. What makes manifests of its own (`create deployment`) is told in `generate`.
//!
//! Kubernetes 1.36: staging/src/k8s.io/kubectl/pkg/cmd/create

use super::files::Info;
use super::{Answer, Context, Fault, apply, each, get, raw};
use crate::api::Kind;
use crate::apiserver::Verb;
use crate::value::Value;

pub fn run(context: &mut Context) -> Answer {
    if let Some(path) = context.args.get("raw").map(str::to_string) {
        return raw::post(context, &path);
    }
    if !context.args.has_files() {
        return Err(match context.args.words.as_slice() {
            [] => Fault::text("must specify one of -f and -k"),
            words => Fault::usage("create", format!("Unexpected args: [{}]", words.join(" "))),
        });
    }
    each::run(context, "no objects passed to create", one)
}

/// What the server answers where it keeps nothing.
fn success() -> Value {
    Value::map([
        ("apiVersion", "v1".into()),
        ("code", Value::Int(201)),
        ("kind", "Status".into()),
        ("metadata", Value::empty_map()),
        ("status", "Success".into()),
    ])
}

fn one(context: &mut Context, info: &Info) -> Result<(), Fault> {
    let value = if context.args.is("save-config") { apply::recorded(&info.value) } else { info.value.clone() };
    if context.dry_run() == "client" {
        return context.done(&value, info.kind, "created");
    }
    let made = context
        .request(info.kind, info.key.clone(), Verb::Create(value))
        .map_err(|status| Fault::Server(status, format!("error when creating \"{}\": ", info.file)))?;
    let answer = if info.kind == Kind::Binding { success() } else { get::shown(&made) };
    context.done(&answer, info.kind, "created")
}
