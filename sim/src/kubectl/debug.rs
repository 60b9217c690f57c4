//! `kubectl debug`: a container more in a Pod, a Pod like another with one container more, or a Pod on a node.
//!
//! Kubernetes 1.36: staging/src/k8s.io/kubectl/pkg/cmd/debug. Not simulated: profiles other than `general`, process
//! namespaces that containers share (`--target`, `--share-processes` are only written down).

use super::generate::texts;
use super::{Answer, Context, Fault, OK, attach, resources, target};
use crate::api::Kind;
use crate::api::object::{Key, Object};
use crate::apiserver::{DeleteOptions, Part, Patch, Verb};
use crate::value::Value;
use std::rc::Rc;

const PROBES: [(&str, &str); 3] =
    [("livenessProbe", "keep-liveness"), ("readinessProbe", "keep-readiness"), ("startupProbe", "keep-startup")];

pub fn run(context: &mut Context) -> Answer {
    if !context.call.memory.is_null() {
        return attach::go_on(context);
    }
    validate(context)?;
    let word = context.args.words[0].clone();
    let kind = word.split_once('/').map_or(Ok(Kind::Pod), |(kind, _)| resources::kind(&context.cluster.store, kind))?;
    let object = target::object(context, &word)?;
    let (pod, container) = match kind {
        Kind::Node => on_node(context, &object)?,
        Kind::Pod if context.args.get("copy-to").is_some() => copied(context, &object)?,
        Kind::Pod => beside(context, &object)?,
        _ => {
            let version = kind.api_version();
            return Err(Fault::text(format!("\"{version}, Kind={}\" not supported by debug", kind.name())));
        }
    };
    let follows = context.args.is("stdin") || context.args.is("attach");
    if follows && !container.is_empty() { attach::follow(context, &pod, &container) } else { OK }
}

fn validate(context: &Context) -> Result<(), Fault> {
    let args = &context.args;
    let (image, sets, words) =
        (args.get("image").is_some(), args.get("set-image").is_some(), !command(context).is_empty());
    let only = |flag: &str| args.is(flag).then(|| Fault::text(format!("--{flag} may only be used with --copy-to.")));
    let fault = if args.get("copy-to").is_some() {
        match (image, sets, words) {
            (false, false, false) => Some(Fault::text("you must specify --image, --set-image or command arguments.")),
            (false, _, true) if args.get("container").is_none() => {
                Some(Fault::text("you must specify an existing container or a new image when specifying args."))
            }
            _ => None,
        }
    } else {
        let sets = sets.then(|| Fault::text("--set-image may only be used with --copy-to."));
        let none = || (!image).then(|| Fault::text("you must specify --image when not using --copy-to."));
        only("replace").or(only("same-node")).or(sets).or_else(none)
    };
    let fault = fault
        .or_else(|| args.words.is_empty().then(|| Fault::text("NAME or filename is required for debug")))
        .or_else(|| {
            let alone = args.is("tty") && !args.is("stdin");
            alone.then(|| Fault::text("-i/--stdin is required for containers with -t/--tty=true"))
        })
        .or_else(|| {
            let other = args.get("profile").filter(|profile| *profile != "general");
            other.map(|profile| Fault::text(format!("the debugging profile {profile} is not simulated")))
        });
    fault.map_or(Ok(()), Err)
}

/// What the container is to run, if that is said.
fn command(context: &Context) -> Vec<String> {
    context.args.words.iter().skip(1).chain(context.args.after.iter().flatten()).cloned().collect()
}

/// The container as the flags describe it.
fn describe(context: &Context, container: &mut Value) -> Result<(), Fault> {
    let args = &context.args;
    for (flag, field) in [("image", "image"), ("image-pull-policy", "imagePullPolicy")] {
        if let Some(text) = args.get(flag) {
            container.set(field, Value::from(text));
        }
    }
    let command = command(context);
    if !command.is_empty() {
        container.set(if args.is("arguments-only") { "args" } else { "command" }, texts(command));
    }
    let mut env = vec![];
    for pair in args.list("env") {
        let (name, value) =
            pair.split_once('=').ok_or_else(|| Fault::text(format!("{pair} must be formatted as key=value")))?;
        env.push(Value::map([("name", Value::from(name)), ("value", value.into())]));
    }
    if !env.is_empty() {
        container.set("env", Value::list(env));
    }
    for flag in ["stdin", "tty"].into_iter().filter(|flag| args.is(flag)) {
        container.set(flag, Value::Bool(true));
    }
    Ok(())
}

/// A container may look into others' processes.
fn traces(container: &mut Value) {
    container.at_mut(&["securityContext", "capabilities", "add"]).list_mut().push("SYS_PTRACE".into());
}

/// The name that is asked for, or one of chance, which is told.
fn name(context: &mut Context, object: &Object) -> String {
    if let Some(name) = context.args.get("container") {
        return name.to_string();
    }
    let name = format!("debugger-{}", letters(context, object));
    if !context.args.is("quiet") {
        context.say(format!("Defaulting debug container name to {name}."));
    }
    name
}

fn letters(context: &Context, object: &Object) -> String {
    let whom = format!("{}/{}", object.meta.uid, context.now().0);
    context.cluster.dice.letters(5, &whom, "debugger")
}

type Made = (Rc<Object>, String);

/// An ephemeral container.
fn beside(context: &mut Context, pod: &Rc<Object>) -> Result<Made, Fault> {
    if let Some(target) = context.args.get("target").filter(|_| !context.args.is("quiet")).map(str::to_string) {
        context.say(format!("Targeting container \"{target}\". If you don't see processes from this container it may be because the container runtime doesn't support this feature."));
    }
    let name = name(context, pod);
    let mut container =
        Value::map([("name", Value::from(name.as_str())), ("terminationMessagePolicy", Value::from("File"))]);
    describe(context, &mut container)?;
    traces(&mut container);
    if let Some(target) = context.args.get("target") {
        container.set("targetContainerName", Value::from(target));
    }
    let patch = Value::map([("spec", Value::map([("ephemeralContainers", Value::list(vec![container]))]))]);
    let change = Verb::Patch(Patch::Strategic(patch), Part::Other("ephemeralcontainers"));
    Ok((context.request(Kind::Pod, pod.key(), change)?, name))
}

/// A Pod on a node, with the node's own files under `/host`.
fn on_node(context: &mut Context, node: &Rc<Object>) -> Result<Made, Fault> {
    let container_name = context.args.get("container").unwrap_or("debugger").to_string();
    let name = format!("node-debugger-{}-{}", node.meta.name, letters(context, node));
    if !context.args.is("quiet") {
        context
            .say(format!("Creating debugging pod {name} with container {container_name} on node {}.", node.meta.name));
    }
    let mount = Value::map([("mountPath", Value::from("/host")), ("name", "host-root".into())]);
    let mut container = Value::map([
        ("name", Value::from(container_name.as_str())),
        ("terminationMessagePolicy", "File".into()),
        ("volumeMounts", Value::list(vec![mount])),
    ]);
    describe(context, &mut container)?;
    let root = Value::map([("hostPath", Value::map([("path", Value::from("/"))])), ("name", "host-root".into())]);
    let spec = Value::map([
        ("containers", Value::list(vec![container])),
        ("hostIPC", true.into()),
        ("hostNetwork", true.into()),
        ("hostPID", true.into()),
        ("nodeName", Value::Str(node.meta.name.clone())),
        ("restartPolicy", "Never".into()),
        ("tolerations", Value::list(vec![Value::map([("operator", Value::from("Exists"))])])),
        ("volumes", Value::list(vec![root])),
    ]);
    let labels = Value::map([("app.kubernetes.io/managed-by", Value::from("kubectl-debug"))]);
    let namespace = context.namespace();
    Ok((create(context, Key::new(namespace, name.as_str()), labels, Value::Null, spec)?, container_name))
}

fn create(
    context: &mut Context,
    key: Key,
    labels: Value,
    annotations: Value,
    spec: Value,
) -> Result<Rc<Object>, Fault> {
    let mut metadata = Value::map([
        ("name", Value::Str(key.name.clone())),
        ("namespace", Value::Str(key.namespace.clone())),
        ("labels", labels),
    ]);
    if !annotations.is_null() {
        metadata.set("annotations", annotations);
    }
    let pod =
        Value::map([("apiVersion", Value::from("v1")), ("kind", "Pod".into()), ("metadata", metadata), ("spec", spec)]);
    Ok(context.request(Kind::Pod, key, Verb::Create(pod))?)
}

/// A Pod like another, without what would make others take it for that one.
fn copied(context: &mut Context, pod: &Rc<Object>) -> Result<Made, Fault> {
    let args = &context.args;
    let whole = pod.write();
    let kept =
        |flag: &str, field: &str| if args.is(flag) { whole.at(&["metadata", field]).clone() } else { Value::Null };
    let (labels, annotations) = (kept("keep-labels", "labels"), kept("keep-annotations", "annotations"));
    let key = Key::new(pod.meta.namespace.clone(), args.get("copy-to").unwrap_or(""));
    let mut spec = whole.get("spec").clone();
    spec.remove("ephemeralContainers");
    if !args.is("same-node") {
        spec.remove("nodeName");
    }
    if args.off("keep-init-containers") {
        spec.remove("initContainers");
    }
    spec.set("shareProcessNamespace", Value::Bool(!args.off("share-processes")));
    let images: Vec<(String, String)> =
        args.list("set-image").iter().filter_map(|p| p.split_once('=')).map(|(n, i)| (n.into(), i.into())).collect();
    for container in spec.at_mut(&["containers"]).list_mut() {
        let own = container.get("name").as_str().unwrap_or("").to_string();
        let image = images.iter().find(|(n, _)| *n == own).or(images.iter().find(|(n, _)| n == "*"));
        if let Some((_, image)) = image {
            container.set("image", Value::from(image.as_str()));
        }
        for (field, _) in PROBES.iter().filter(|(_, flag)| !args.is(flag)) {
            container.remove(field);
        }
    }
    let container = debugger(context, pod, &mut spec)?;
    let made = create(context, key, labels, annotations, spec)?;
    if context.args.is("replace") {
        let options = DeleteOptions { grace: Some(0), ..DeleteOptions::default() };
        context.request(Kind::Pod, pod.key(), Verb::Delete(options))?;
    }
    Ok((made, container))
}

/// Changes the container of a copy that is named, or adds one. None if only images are set.
fn debugger(context: &mut Context, pod: &Object, spec: &mut Value) -> Result<String, Fault> {
    let asked = context.args.get("container").unwrap_or("").to_string();
    let named = |c: &Value, name: &str| c.get("name").as_str() == Some(name);
    let there = spec.get("containers").items().iter().any(|c| named(c, &asked));
    if !there && context.args.get("image").is_none() {
        return match context.args.get("set-image") {
            Some(_) => Ok(String::new()),
            None => Err(Fault::text("you must specify image when creating new container")),
        };
    }
    let name = if there { asked } else { name(context, pod) };
    let containers = spec.at_mut(&["containers"]).list_mut();
    if !there {
        let new = [("name", Value::from(name.as_str())), ("terminationMessagePolicy", "File".into())];
        containers.push(Value::map(new));
    }
    for container in containers.iter_mut().filter(|c| named(c, &name)) {
        if !command(context).is_empty() {
            container.remove("args");
        }
        describe(context, container)?;
        traces(container);
    }
    Ok(name)
}
