//! What kubectl says of itself and of the cluster: config, version, cluster-info, api-resources, api-versions.
//!
//! Kubernetes 1.36: staging/src/k8s.io/kubectl/pkg/cmd/{config,version,clusterinfo,apiresources}

use super::describe::columns;
use super::resources::names;
use super::{Answer, Context, Fault, OK, namespace};
use crate::api::Kind;
use crate::manifest::write;
use crate::value::Value;
use std::collections::BTreeSet;

/// The one cluster, user and context that there is.
const NAME: &str = "kubarium";
const SERVER: &str = "https://10.200.0.1:6443";
const VERSION: &str = "v1.36.3";

pub fn run(context: &mut Context, verb: &str) -> Answer {
    match verb {
        "version" => version(context),
        "cluster-info" => {
            context.say(format!("Kubernetes control plane is running at {SERVER}"));
            context.say(format!(
                "CoreDNS is running at {SERVER}/api/v1/namespaces/kube-system/services/kube-dns:dns/proxy"
            ));
            context.say("\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.");
        }
        "api-versions" => {
            let mut versions: BTreeSet<String> = context.cluster.store.kinds().map(|k| k.api_version()).collect();
            for kind in context.cluster.store.custom_kinds() {
                versions.extend(kind.other_versions().iter().map(|v| format!("{}/{v}", kind.group())));
            }
            versions.iter().for_each(|v| context.say(v));
        }
        "api-resources" => api_resources(context),
        "config current-context" => context.say(NAME),
        "config use-context" => {
            let name = context.args.words.first().cloned().unwrap_or_default();
            if name != NAME {
                return Err(Fault::text(format!("no context exists with the name: \"{name}\"")));
            }
            context.say(format!("Switched to context \"{NAME}\"."));
        }
        "config get-contexts" => {
            let of = namespace(context.cluster).to_string();
            let of = if context.cluster.namespace.is_empty() { "" } else { &of };
            let text = format!("CURRENT\tNAME\tCLUSTER\tAUTHINFO\tNAMESPACE\n*\t{NAME}\t{NAME}\t{NAME}-admin\t{of}\n");
            context.print(columns(&text, 3));
        }
        "config set-context" => {
            if !context.args.is("current") && context.args.words.first().is_none_or(|w| w != NAME) {
                return Err(Fault::text(
                    "only the current context can be changed here: kubectl config set-context --current",
                ));
            }
            if let Some(name) = context.args.get("namespace") {
                context.cluster.namespace = name.into();
            }
            context.say(format!("Context \"{NAME}\" modified."));
        }
        "config view" => view(context),
        _ => return Err(Fault::text(format!("must specify one of the commands of kubectl {verb}"))),
    }
    OK
}

fn version(context: &mut Context) {
    context.say(format!("Client Version: {VERSION}\nKustomize Version: v5.7.1"));
    if !context.args.is("client") {
        context.say(format!("Server Version: {VERSION}"));
    }
}

fn view(context: &mut Context) {
    let text = |t: &str| Value::from(t);
    let mut inner = Value::map([("cluster", text(NAME)), ("user", text(&format!("{NAME}-admin")))]);
    if !context.cluster.namespace.is_empty() {
        inner.set("namespace", Value::Str(context.cluster.namespace.clone()));
    }
    let cluster = Value::map([("certificate-authority-data", text("DATA+OMITTED")), ("server", text(SERVER))]);
    let user =
        Value::map([("client-certificate-data", text("DATA+OMITTED")), ("client-key-data", text("DATA+OMITTED"))]);
    let named =
        |key: &str, value: Value, name: &str| Value::list(vec![Value::map([(key, value), ("name", text(name))])]);
    let config = Value::map([
        ("apiVersion", text("v1")),
        ("clusters", named("cluster", cluster, NAME)),
        ("contexts", named("context", inner, NAME)),
        ("current-context", text(NAME)),
        ("kind", text("Config")),
        ("users", named("user", user, &format!("{NAME}-admin"))),
    ]);
    context.print(write::yaml(&config));
}

fn api_resources(context: &mut Context) {
    let args = &context.args;
    let namespaced = args.get("namespaced").map(|v| v != "false");
    let (group, verbs) = (args.get("api-group").map(str::to_string), args.list("verbs"));
    let wide = args.get("output") == Some("wide");
    let categories = args.list("categories");
    let chosen = context.cluster.store.kinds().filter(|k| {
        let r = k.resource();
        namespaced.is_none_or(|n| n == r.namespaced)
            && group.as_ref().is_none_or(|g| g == r.group)
            && verbs.iter().all(|v| r.verbs.split(',').any(|own| own == *v))
            && categories.iter().all(|c| r.categories.contains(c))
    });
    let mut chosen: Vec<Kind> = chosen.collect();
    chosen.sort_by_key(|k| k.group());
    if args.get("output") == Some("name") {
        chosen.iter().for_each(|k| context.say(k.plural_dot_group()));
        return;
    }
    let mut text = String::new();
    if !args.is("no-headers") {
        text += "NAME\tSHORTNAMES\tAPIVERSION\tNAMESPACED\tKIND";
        text += if wide { "\tVERBS\tCATEGORIES\n" } else { "\n" };
    }
    for kind in chosen {
        let r = kind.resource();
        text +=
            &format!("{}\t{}\t{}\t{}\t{}", r.plural, names(kind).join(","), kind.api_version(), r.namespaced, r.kind);
        text += &if wide { format!("\t{}\t{}\n", r.verbs, r.categories.join(",")) } else { "\n".into() };
    }
    context.print(columns(&text, 3));
}
