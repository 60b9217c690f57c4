//! `kubectl run`: one Pod.
//!
//! Kubernetes 1.36: staging/src/k8s.io/kubectl/pkg/cmd/run.

use super::{make, numbers, texts};
use crate::api::Kind;
use crate::apiserver::patch::merge;
use crate::kubectl::{Answer, Context, Fault, OK, attach};
use crate::manifest;
use crate::value::Value;

pub fn run(context: &mut Context) -> Answer {
    if !context.call.memory.is_null() {
        return attach::go_on(context);
    }
    let Some(image) = context.args.get("image").map(str::to_string) else {
        return Err(Fault::text("required flag(s) \"image\" not set"));
    };
    let Some(name) = context.args.words.first().cloned() else {
        return Err(Fault::usage("run", "NAME is required for run"));
    };
    if image.is_empty()
        || image.contains(char::is_whitespace)
        || image.chars().any(|c| c.is_ascii_uppercase()) && !image.contains('/') && !image.contains(':')
    {
        return Err(Fault::text(format!("Invalid image name \"{image}\": invalid reference format")));
    }
    let port = numbers(context, "port")?;
    if context.args.is("expose") && port.is_none() {
        return Err(Fault::usage("run", "--port must be set when exposing a service"));
    }
    let follows = context.args.is("attach") || context.args.is("stdin") || context.args.is("tty");
    if context.args.is("rm") && !follows {
        return Err(Fault::usage("run", "--rm should only be used for attached containers"));
    }
    let value = pod(context, &name, &image)?;
    let value = overridden(context, value)?;
    let dry = context.dry_run() != "none";
    if follows && !dry {
        return attached(context, &name, value);
    }
    let selector = value.at(&["metadata", "labels"]).clone();
    // The Pod is asked for first, but told of last.
    let before = context.out.len();
    make(context, Kind::Pod, &name, value, "created", "")?;
    let mut pod = context.out.split_off(before);
    if let Some(port) = port.filter(|_| context.args.is("expose")) {
        let entry =
            Value::map([("port", Value::Int(port)), ("protocol", "TCP".into()), ("targetPort", Value::Int(port))]);
        let mut service = Value::map([("status", Value::map([("loadBalancer", Value::empty_map())]))]);
        if context.args.get("labels").is_some() {
            service.at_mut(&["metadata"]).set("labels", selector.clone());
        }
        service.set("spec", Value::map([("ports", Value::list(vec![entry])), ("selector", selector)]));
        make(context, Kind::Service, &name, service, "created", "")?;
        if context.args.get("output") == Some("yaml") {
            context.say("---\n---");
        }
    }
    context.out.append(&mut pod);
    OK
}

/// Makes the Pod without a word, and shows what it writes.
fn attached(context: &mut Context, name: &str, value: Value) -> Answer {
    let words = std::mem::take(&mut context.out);
    make(context, Kind::Pod, name, value, "created", "")?;
    context.out = words;
    let pod = context.find(Kind::Pod, name)?;
    attach::follow(context, &pod, name)
}

fn pod(context: &Context, name: &str, image: &str) -> Result<Value, Fault> {
    let args = &context.args;
    let mut container =
        Value::map([("image", Value::from(image)), ("name", name.into()), ("resources", Value::empty_map())]);
    let mut words: Vec<String> = args.words.iter().skip(1).cloned().collect();
    words.extend(args.after.iter().flatten().cloned());
    if !words.is_empty() {
        container.set(if args.is("command") { "command" } else { "args" }, texts(words));
    }
    let mut env = vec![];
    for pair in args.all("env") {
        let (key, value) = pair.split_once('=').ok_or_else(|| Fault::text(format!("invalid env: {pair}")))?;
        env.push(Value::map([("name", Value::from(key)), ("value", value.into())]));
    }
    if !env.is_empty() {
        container.set("env", Value::list(env));
    }
    if let Some(port) = numbers(context, "port")? {
        container.set("ports", Value::list(vec![Value::map([("containerPort", Value::Int(port))])]));
    }
    if args.is("stdin") {
        container.set("stdin", Value::Bool(true));
        if !args.is("leave-stdin-open") {
            container.set("stdinOnce", Value::Bool(true));
        }
    }
    if args.is("tty") {
        container.set("tty", Value::Bool(true));
    }
    if let Some(policy) = args.get("image-pull-policy") {
        container.set("imagePullPolicy", Value::from(policy));
    }
    if args.is("privileged") {
        container.set("securityContext", Value::map([("privileged", Value::Bool(true))]));
    }
    let restart = args.get("restart").unwrap_or("Always");
    if !matches!(restart, "Always" | "OnFailure" | "Never") {
        return Err(Fault::usage("run", format!("invalid restart policy: {restart}")));
    }
    let labels = match args.get("labels") {
        Some(text) => Value::map(text.split(',').filter_map(|p| p.split_once('=')).map(|(k, v)| (k, Value::from(v)))),
        None => Value::map([("run", Value::from(name))]),
    };
    let mut metadata = Value::map([("labels", labels)]);
    for pair in args.all("annotations") {
        if let Some((key, value)) = pair.split_once('=') {
            metadata.at_mut(&["annotations"]).set(key, value.into());
        }
    }
    let spec = Value::map([
        ("containers", Value::list(vec![container])),
        ("dnsPolicy", "ClusterFirst".into()),
        ("restartPolicy", Value::from(restart)),
    ]);
    Ok(Value::map([("metadata", metadata), ("spec", spec), ("status", Value::empty_map())]))
}

fn overridden(context: &Context, value: Value) -> Result<Value, Fault> {
    let Some(text) = context.args.get("overrides") else { return Ok(value) };
    let reading = manifest::read(text);
    let patch = reading.documents.first().map(|d| d.value.clone()).unwrap_or_default();
    if reading.error().is_some() || patch.as_map().is_none() {
        return Err(Fault::text("Invalid JSON Patch"));
    }
    match context.args.get("override-type").unwrap_or("merge") {
        "strategic" => Ok(crate::apiserver::strategic::merge(Kind::Pod, &value, &patch)?),
        _ => Ok(merge(&value, &patch)),
    }
}
