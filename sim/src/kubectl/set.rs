//! `kubectl set`: image, env, resources, selector, serviceaccount, subject.
//!
//! Kubernetes 1.36: staging/src/k8s.io/kubectl/pkg/cmd/set

mod subject;

use super::table::plain;
use super::{Answer, Context, Fault, OK, get, patch, resources};
use crate::api::Kind;
use crate::api::object::Object;
use crate::manifest::base64;
use crate::schema::WRONG_FORMAT;
use crate::value::Value;
use std::rc::Rc;

/// Where a kind keeps its Pods' spec.
fn pod_spec(kind: Kind) -> Option<&'static [&'static str]> {
    Some(match kind {
        Kind::Pod => &["spec"],
        Kind::CronJob => &["spec", "jobTemplate", "spec", "template", "spec"],
        Kind::Deployment
        | Kind::ReplicaSet
        | Kind::ReplicationController
        | Kind::StatefulSet
        | Kind::DaemonSet
        | Kind::Job => &["spec", "template", "spec"],
        _ => return None,
    })
}

/// A change of one container.
type Change<'a> = &'a mut dyn FnMut(&mut Value) -> Result<(), Fault>;

pub fn run(context: &mut Context, what: &str) -> Answer {
    // Pairs stand behind the resources; the first word is always one.
    let words = context.args.words.clone();
    let files = context.args.has_files();
    let is_pair = |w: &String| w.contains('=') || what == "env" && w.ends_with('-');
    let first = usize::from(!files);
    let mut cut = words.iter().skip(first).position(is_pair).map_or(words.len(), |i| i + first);
    if matches!(what, "selector" | "serviceaccount") && words.len() > 1 {
        cut = words.len() - 1;
    }
    let (targets, pairs) = words.split_at(cut.min(words.len()));
    if targets.is_empty() && !files {
        return Err(nothing_named(what));
    }
    if matches!(what, "selector" | "serviceaccount" | "subject")
        && !context.args.is("all")
        && context.args.get("selector").is_none()
        && resources::targets(&context.cluster.store, targets)?.iter().any(|(_, name)| name.is_none())
    {
        return Err(Fault::text("resource(s) were provided, but no name was specified"));
    }
    let found = resources::find_among(context, targets)?;
    let mut faults = found.faults;
    for object in found.objects {
        let done = match what {
            "image" => image(context, &object, pairs),
            "env" => env(context, &object, pairs),
            "resources" => amounts(context, &object),
            "selector" => selector(context, &object, pairs),
            "serviceaccount" => account(context, &object, pairs),
            "subject" => subject::subject(context, &object),
            _ => Err(Fault::text(format!("kubectl set {what} is not simulated"))),
        };
        faults.extend(done.err());
    }
    Fault::all(faults)?;
    OK
}

/// What a `set` says that was told no resource.
fn nothing_named(what: &str) -> Fault {
    const NONE: &str = "one or more resources must be specified as <resource> <name> or <resource>/<name>";
    match what {
        "image" => Fault::Many(vec![Fault::text(NONE), Fault::text("at least one image update is required")]),
        "resources" => {
            Fault::text("you must specify an update to requests or limits (in the form of --requests/--limits)")
        }
        "subject" => Fault::text(subject::NONE),
        "selector" => Fault::text("one selector is required"),
        "serviceaccount" => Fault::text("serviceaccount is required"),
        _ => Fault::text(NONE),
    }
}

/// What is said of an object that makes no Pods.
fn no_template(object: &Object) -> Fault {
    let (kind, of) = (object.kind.name(), object.kind.resource());
    let why = "the object is not a pod or does not have a pod template";
    Fault::text(format!("{}/{} {why}: *{}.{kind}", of.plural, object.meta.name, of.version))
}

/// Changes containers and writes the object if that changed it.
fn containers(
    context: &mut Context,
    object: &Rc<Object>,
    lists: &[&str],
    said: &str,
    change: Change,
) -> Result<(), Fault> {
    let Some(path) = pod_spec(object.kind) else { return Err(no_template(object)) };
    let mut value = object.write();
    let spec = value.at_mut(path);
    for list in lists {
        if spec.get(list).as_list().is_some() {
            for container in spec.at_mut(&[list]).list_mut() {
                change(container)?;
            }
        }
    }
    write(context, object, value, said)
}

fn write(context: &mut Context, object: &Rc<Object>, value: Value, said: &str) -> Result<(), Fault> {
    if value == object.write() {
        return Ok(());
    }
    if context.dry_run() == "client" || context.args.is("local") {
        return context.done(&value, object.kind, said);
    }
    let what = match said {
        "image updated" => "image",
        "env updated" => "env",
        "resource requirements updated" => "resources",
        _ => "selector",
    };
    let new = patch::write(context, object, value).map_err(|status| {
        let colon = if matches!(what, "image" | "env") { ":" } else { "" };
        Fault::text(format!("failed to patch {what} update to pod template{colon} {status}"))
    })?;
    context.done(&get::shown(&new), object.kind, said)
}

fn image(context: &mut Context, object: &Rc<Object>, pairs: &[String]) -> Result<(), Fault> {
    let pairs: Vec<(&str, &str)> = pairs.iter().filter_map(|p| p.split_once('=')).collect();
    if pairs.is_empty() {
        return Err(Fault::text("at least one image update is required"));
    }
    let Some(path) = pod_spec(object.kind) else { return Err(no_template(object)) };
    let spec = object.write().at(path).clone();
    let has = |name: &str| {
        let all = ["initContainers", "containers"].iter().flat_map(|list| spec.get(list).items());
        name == "*" || all.into_iter().any(|c| c.get("name").as_str() == Some(name))
    };
    if let Some((name, _)) = pairs.iter().find(|(name, _)| !has(name)) {
        return Err(Fault::text(format!("unable to find container named \"{name}\"")));
    }
    containers(context, object, &["initContainers", "containers"], "image updated", &mut |c| {
        for (name, image) in &pairs {
            if *name == "*" || c.get("name").as_str() == Some(name) {
                c.set("image", Value::from(*image));
            }
        }
        Ok(())
    })
}

/// Whether `-c` picks this container.
fn picked(context: &Context, container: &Value) -> bool {
    let wanted = context.args.get("containers").unwrap_or("*");
    let name = container.get("name").as_str().unwrap_or("");
    wanted == "*" || wanted.strip_suffix('*').map_or(wanted == name, |prefix| name.starts_with(prefix))
}

fn env(context: &mut Context, object: &Rc<Object>, pairs: &[String]) -> Result<(), Fault> {
    if context.args.is("list") {
        return list_env(context, object);
    }
    let (mut set, mut removed): (Vec<Value>, Vec<String>) = (vec![], vec![]);
    let more: Vec<String> = context.args.all("env").map(str::to_string).collect();
    for pair in pairs.iter().chain(&more) {
        match pair.split_once('=') {
            Some((name, value)) => set.push(Value::map([("name", Value::from(name)), ("value", value.into())])),
            None => removed.push(pair.trim_end_matches('-').into()),
        }
    }
    if let Some(from) = context.args.get("from").map(str::to_string) {
        set.extend(env_from(context, &from)?);
    }
    let chosen: Vec<String> = {
        let path = pod_spec(object.kind).unwrap_or(&["spec"]);
        let value = object.write();
        let spec = value.at(path).clone();
        let all = ["initContainers", "containers"].into_iter().flat_map(|list| spec.get(list).items());
        all.filter(|c| picked(context, c)).map(|c| plain(c.get("name"))).collect()
    };
    if chosen.is_empty()
        && let Some(wanted) = context.args.get("containers")
    {
        let (kind, name) = (object.kind.name(), &object.meta.name);
        context.warn(format!("{kind}/{name} does not have any containers matching {wanted:?}"));
        return Ok(());
    }
    let keeps = context.args.off("overwrite");
    let of = format!("{}/{}", object.kind.plural(), object.meta.name);
    containers(context, object, &["initContainers", "containers"], "env updated", &mut |container| {
        if !chosen.contains(&plain(container.get("name"))) {
            return Ok(());
        }
        let mut env = container.get("env").items().to_vec();
        env.retain(|e| !removed.contains(&plain(e.get("name"))));
        for new in &set {
            match env.iter_mut().find(|e| e.get("name") == new.get("name")) {
                Some(old) if keeps && old != new => {
                    let (name, value) = (plain(old.get("name")), plain(old.get("value")));
                    return Err(Fault::text(format!(
                        "{of} '{name}' already has a value ({value}), and --overwrite is false"
                    )));
                }
                Some(old) => *old = new.clone(),
                None => env.push(new.clone()),
            }
        }
        if env.is_empty() {
            container.remove("env");
        } else {
            container.set("env", Value::list(env));
        }
        Ok(())
    })
}

/// `--from=configmap/board`: a variable for each key.
fn env_from(context: &mut Context, from: &str) -> Result<Vec<Value>, Fault> {
    let (kind, name) = from.split_once('/').ok_or_else(|| Fault::text("--from must be in resource/name form"))?;
    let kind = resources::kind(&context.cluster.store, kind)?;
    let reference = match kind {
        Kind::ConfigMap => "configMapKeyRef",
        Kind::Secret => "secretKeyRef",
        _ => return Err(Fault::text("unsupported resource specified in --from".to_string())),
    };
    let object = context.find(kind, name)?;
    let prefix = context.args.get("prefix").unwrap_or("").to_string();
    let only: Vec<String> = context.args.list("keys").iter().map(|k| k.to_string()).collect();
    let mut out = vec![];
    for key in object.raw().get("data").as_map().into_iter().flat_map(|m| m.keys()) {
        if !only.is_empty() && !only.iter().any(|k| **k == **key) {
            continue;
        }
        let variable: String = key
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || c == '_' { c.to_ascii_uppercase() } else { '_' })
            .collect();
        if variable != **key {
            context.warn(format!("key {key} transferred to {variable}"));
        }
        let source = Value::map([("key", Value::Str(key.clone())), ("name", Value::from(name))]);
        out.push(Value::map([
            ("name", Value::from(format!("{prefix}{variable}"))),
            ("valueFrom", Value::map([(reference, source)])),
        ]));
    }
    Ok(out)
}

fn list_env(context: &mut Context, object: &Rc<Object>) -> Result<(), Fault> {
    let Some(path) = pod_spec(object.kind) else { return Ok(()) };
    let value = object.write();
    let spec = value.at(path);
    let all = spec.get("containers").items().iter().chain(spec.get("initContainers").items());
    for container in all {
        if !picked(context, container) {
            continue;
        }
        context.say(format!(
            "# {} {}, container {}",
            object.kind.name(),
            object.meta.name,
            plain(container.get("name"))
        ));
        for variable in container.get("env").items() {
            let (name, source) = (plain(variable.get("name")), variable.get("valueFrom"));
            let (map, secret, resource) =
                (source.get("configMapKeyRef"), source.get("secretKeyRef"), source.get("resourceFieldRef"));
            let line = if source.is_null() {
                format!("{name}={}", plain(variable.get("value")))
            } else if context.args.is("resolve") && !secret.is_null() {
                let found = context.find(Kind::Secret, &plain(secret.get("name")))?;
                let bytes =
                    base64::decode(&plain(found.raw().at(&["data", &plain(secret.get("key"))]))).unwrap_or_default();
                format!("{name}={}", String::from_utf8_lossy(&bytes))
            } else if !map.is_null() {
                format!("# {name} from configmap {}, key {}", plain(map.get("name")), plain(map.get("key")))
            } else if !secret.is_null() {
                format!("# {name} from secret {}, key {}", plain(secret.get("name")), plain(secret.get("key")))
            } else if !resource.is_null() {
                let of = plain(resource.get("containerName"));
                let of = if of.is_empty() { of } else { of + "/" };
                format!("# {name} from resource field {of}{}", plain(resource.get("resource")))
            } else {
                format!("# {name} from field path {}", plain(source.at(&["fieldRef", "fieldPath"])))
            };
            context.say(line);
        }
    }
    Ok(())
}

fn amounts(context: &mut Context, object: &Rc<Object>) -> Result<(), Fault> {
    let read = |flag: &str| -> Result<Vec<(String, String)>, Fault> {
        let pairs = context.args.list(flag).into_iter().map(|pair| {
            let wrong = || Fault::text(format!("Invalid argument syntax {pair}, expected <resource>=<value>"));
            let (resource, amount) = pair.split_once('=').ok_or_else(wrong)?;
            crate::api::Quantity::parse(amount).ok_or_else(|| Fault::text(WRONG_FORMAT))?;
            Ok((resource.into(), amount.into()))
        });
        pairs.collect()
    };
    let (limits, requests) = (read("limits")?, read("requests")?);
    if limits.is_empty() && requests.is_empty() {
        return Err(Fault::text(
            "you must specify an update to requests or limits (in the form of --requests/--limits)",
        ));
    }
    let wanted = context.args.get("containers").unwrap_or("*").to_string();
    let Some(path) = pod_spec(object.kind) else { return Err(no_template(object)) };
    let value = object.write();
    if !value.at(path).get("containers").items().iter().any(|c| picked(context, c)) {
        return Err(Fault::text(format!("unable to find container named {wanted}")));
    }
    containers(context, object, &["containers"], "resource requirements updated", &mut |container| {
        if wanted != "*" && container.get("name").as_str() != Some(&wanted) {
            return Ok(());
        }
        for (field, pairs) in [("limits", &limits), ("requests", &requests)] {
            for (resource, amount) in pairs {
                let map = container.at_mut(&["resources", field]);
                let zero = crate::api::Quantity::parse(amount).is_some_and(|q| q.is_zero());
                if zero { _ = map.remove(resource) } else { map.set(resource, Value::from(amount.as_str())) }
            }
        }
        Ok(())
    })
}

fn selector(context: &mut Context, object: &Rc<Object>, pairs: &[String]) -> Result<(), Fault> {
    if object.kind != Kind::Service {
        return Err(Fault::text("setting a selector is only supported for Services"));
    }
    let Some(text) = pairs.last() else { return Err(Fault::text("one selector is required")) };
    let labels = text.split(',').filter_map(|p| p.split_once('=')).map(|(k, v)| (k, Value::from(v)));
    let mut value = object.write();
    value.at_mut(&["spec"]).set("selector", Value::map(labels));
    if value == object.write() {
        return context.done(&value, object.kind, "selector updated");
    }
    write(context, object, value, "selector updated")
}

fn account(context: &mut Context, object: &Rc<Object>, pairs: &[String]) -> Result<(), Fault> {
    let (Some(name), Some(path)) = (pairs.last(), pod_spec(object.kind)) else {
        return Err(Fault::text("serviceaccount is required"));
    };
    let mut value = object.write();
    value.at_mut(path).set("serviceAccountName", Value::from(name.as_str()));
    value.at_mut(path).set("serviceAccount", Value::from(name.as_str()));
    write(context, object, value, "serviceaccount updated")
}
