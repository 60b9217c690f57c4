//! `create deployment`, `create job`, `create cronjob`.

use super::{make, numbers, texts};
use crate::api::Kind;
use crate::kubectl::{Context, Fault, resources};
use crate::value::Value;

fn container(name: &str, image: &str) -> Value {
    Value::map([("image", Value::from(image)), ("name", name.into()), ("resources", Value::empty_map())])
}

/// An image's name without registry, tag and digest, as a container is named after it.
fn base_name(image: &str) -> String {
    let name = image.rsplit('/').next().unwrap_or(image);
    let name = name.split(['@', ':']).next().unwrap_or(name);
    name.replace(['_', '.'], "-").to_lowercase()
}

/// What stands behind `--`.
fn command(context: &Context) -> Option<Value> {
    context.args.after.as_ref().filter(|a| !a.is_empty()).map(|a| texts(a.clone()))
}

pub fn deployment(context: &mut Context, name: &str) -> Result<(), Fault> {
    let images: Vec<String> = context.args.list("image").iter().map(|s| s.to_string()).collect();
    let command = command(context);
    if images.len() > 1 && command.is_some() {
        return Err(Fault::text("cannot specify multiple --image options and command"));
    }
    let port = numbers(context, "port")?.filter(|p| *p > 0);
    let mut containers: Vec<Value> = images.iter().map(|image| container(&base_name(image), image)).collect();
    if let Some(first) = containers.first_mut() {
        if let Some(port) = port {
            first.set("ports", Value::list(vec![Value::map([("containerPort", Value::Int(port))])]));
        }
        if let Some(command) = command {
            first.set("command", command);
        }
    }
    let labels = Value::map([("app", Value::from(name))]);
    let template = Value::map([
        ("metadata", Value::map([("labels", labels.clone())])),
        ("spec", Value::map([("containers", Value::list(containers))])),
    ]);
    let spec = Value::map([
        ("replicas", Value::Int(numbers(context, "replicas")?.unwrap_or(1))),
        ("selector", Value::map([("matchLabels", labels.clone())])),
        ("strategy", Value::empty_map()),
        ("template", template),
    ]);
    let value =
        Value::map([("metadata", Value::map([("labels", labels)])), ("spec", spec), ("status", Value::empty_map())]);
    make(context, Kind::Deployment, name, value, "created", "deployment")
}

/// A Pod's template with one container.
fn template(context: &Context, name: &str, restart: &str) -> Value {
    let mut container = container(name, context.args.get("image").unwrap_or(""));
    if let Some(command) = command(context) {
        container.set("command", command);
    }
    let spec = Value::map([("containers", Value::list(vec![container])), ("restartPolicy", restart.into())]);
    Value::map([("metadata", Value::empty_map()), ("spec", spec)])
}

pub fn job(context: &mut Context, name: &str) -> Result<(), Fault> {
    let from = context.args.get("from").map(str::to_string);
    if from.is_some() == context.args.get("image").is_some() {
        return Err(Fault::text("either --image or --from must be specified"));
    }
    if from.is_some() && command(context).is_some() {
        return Err(Fault::text("cannot specify --from and command"));
    }
    let value = match from {
        None => Value::map([
            ("spec", Value::map([("template", template(context, name, "Never"))])),
            ("status", Value::empty_map()),
        ]),
        Some(from) => from_cron_job(context, &from)?,
    };
    make(context, Kind::Job, name, value, "created", "job")
}

/// The Job that a CronJob would make, made now.
fn from_cron_job(context: &Context, from: &str) -> Result<Value, Fault> {
    let targets = resources::targets(&context.cluster.store, &[from.to_string()])?;
    let [(kind, Some(name))] = targets.as_slice() else {
        return Err(Fault::text("from must be an existing cronjob"));
    };
    let owner = context.find(*kind, name)?;
    if *kind != Kind::CronJob {
        return Err(Fault::text(format!("unknown object type *{}.{}", kind.resource().version, kind.name())));
    }
    let template = owner.raw().at(&["spec", "jobTemplate"]);
    let mut metadata = Value::empty_map();
    metadata.at_mut(&["annotations"]).set("cronjob.kubernetes.io/instantiate", "manual".into());
    for (key, value) in template.at(&["metadata", "annotations"]).as_map().into_iter().flat_map(|m| m.iter()) {
        metadata.at_mut(&["annotations"]).set(key, value.clone());
    }
    if !template.at(&["metadata", "labels"]).is_null() {
        metadata.set("labels", template.at(&["metadata", "labels"]).clone());
    }
    let mut reference = crate::api::Field::write(&owner.controller_reference());
    reference.remove("blockOwnerDeletion");
    metadata.set("ownerReferences", Value::list(vec![reference]));
    let spec = template.get("spec").clone();
    Ok(Value::map([("metadata", metadata), ("spec", spec), ("status", Value::empty_map())]))
}

pub fn cron_job(context: &mut Context, name: &str) -> Result<(), Fault> {
    let restart = context.args.get("restart").unwrap_or("OnFailure").to_string();
    let job = Value::map([
        ("metadata", Value::map([("name", Value::from(name))])),
        ("spec", Value::map([("template", template(context, name, &restart))])),
    ]);
    let schedule = Value::from(context.args.get("schedule").unwrap_or(""));
    let value = Value::map([
        ("spec", Value::map([("jobTemplate", job), ("schedule", schedule)])),
        ("status", Value::empty_map()),
    ]);
    make(context, Kind::CronJob, name, value, "created", "cronjob")
}
