//! What kubectl says of itself and of the cluster: version, cluster-info, api-resources, api-versions.
//!
//! Kubernetes 1.36: staging/src/k8s.io/kubectl/pkg/cmd/{version,clusterinfo,apiresources}

use super::config::SERVER;
use super::describe::columns;
use super::resources::names;
use super::{Answer, Context, Fault, OK};
use crate::api::Kind;
use crate::manifest::write;
use crate::value::Value;
use std::collections::BTreeSet;

/// Kinds that are served in a second version, too; of another group, if it lists them again.
const ALSO: [(Kind, &str); 2] = [(Kind::HorizontalPodAutoscaler, "autoscaling/v1"), (Kind::Event, "events.k8s.io/v1")];
const VERSION: &str = "v1.36.3";
const KUSTOMIZE: &str = "v5.8.1";

/// All groups with their versions, sorted.
pub fn versions(context: &Context) -> BTreeSet<String> {
    let store = &context.cluster.store;
    let also = ALSO.iter().map(|(_, version)| version.to_string());
    let mut versions: BTreeSet<String> = store.kinds().map(|k| k.api_version()).chain(also).collect();
    for kind in store.custom_kinds() {
        versions.extend(kind.other_versions().iter().map(|v| format!("{}/{v}", kind.group())));
    }
    versions
}

pub fn run(context: &mut Context, verb: &str) -> Answer {
    match verb {
        "version" => version(context)?,
        "cluster-info" => {
            context.say(format!("Kubernetes control plane is running at {SERVER}"));
            context.say(format!(
                "CoreDNS is running at {SERVER}/api/v1/namespaces/kube-system/services/kube-dns:dns/proxy"
            ));
            context.say("\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.");
        }
        "api-versions" => versions(context).iter().for_each(|v| context.say(v)),
        "api-resources" => api_resources(context)?,
        _ => return Err(Fault::text(format!("kubectl {verb} is not simulated"))),
    }
    OK
}

fn version(context: &mut Context) -> Result<(), Fault> {
    let client = context.args.is("client");
    let mut whole = Value::map([("clientVersion", build()), ("kustomizeVersion", KUSTOMIZE.into())]);
    if !client {
        whole.set("serverVersion", build());
    }
    match context.args.get("output") {
        None | Some("") => {
            context.say(format!("Client Version: {VERSION}\nKustomize Version: {KUSTOMIZE}"));
            if !client {
                context.say(format!("Server Version: {VERSION}"));
            }
        }
        Some("yaml") => context.say(write::yaml(&whole)),
        Some("json") => context.say(write::json(&whole, 2)),
        Some(_) => return Err(Fault::text("--output must be 'yaml' or 'json'")),
    }
    Ok(())
}

/// What a program of Kubernetes says of how it was built, as far as that is so here.
pub fn build() -> Value {
    Value::map([
        ("gitVersion", Value::from(VERSION)),
        ("major", "1".into()),
        ("minor", "36".into()),
        ("platform", "linux/amd64".into()),
    ])
}

/// `completion SHELL`: the terminal completes by itself.
pub fn completion(context: &mut Context) -> Answer {
    let usage = |text: String| Err(Fault::usage("completion", text));
    match context.args.words.as_slice() {
        [] => usage("Shell not specified.".into()),
        [shell] if ["bash", "zsh", "fish", "powershell"].contains(&&**shell) => {
            Err(Fault::text("kubectl completion is not simulated: the terminal completes words by Tab"))
        }
        [shell] => usage(format!("Unsupported shell type {shell:?}.")),
        _ => usage("Too many arguments. Expected only the shell type.".into()),
    }
}

fn api_resources(context: &mut Context) -> Result<(), Fault> {
    let args = &context.args;
    if !args.words.is_empty() {
        let words = args.words.join(" ");
        return Err(Fault::usage("api-resources", format!("unexpected arguments: [{words}]")));
    }
    let namespaced = args.get("namespaced").map(|v| v != "false");
    let (group, verbs, categories) = (args.get("api-group"), args.list("verbs"), args.list("categories"));
    let again = ALSO.into_iter().filter(|(kind, version)| group_of(version) != kind.group());
    let all = context
        .cluster
        .store
        .kinds()
        .map(|kind| (kind, kind.api_version()))
        .chain(again.map(|(k, v)| (k, v.to_string())));
    let mut chosen: Vec<(Kind, String)> = all
        .filter(|(kind, version)| {
            let r = kind.resource();
            namespaced.is_none_or(|n| n == r.namespaced)
                && group.is_none_or(|group| group == group_of(version))
                && categories.iter().all(|c| r.categories.contains(c))
                && verbs.iter().all(|v| r.verbs.split(',').any(|own| own == *v))
        })
        .collect();
    match args.get("sort-by") {
        None | Some("") => chosen.sort_by_key(|(kind, version)| (group_of(version).to_string(), kind.plural())),
        Some("name") => chosen.sort_by_key(|(kind, _)| kind.plural()),
        Some("kind") => chosen.sort_by_key(|(kind, _)| kind.name()),
        Some(_) => return Err(Fault::text("--sort-by accepts only name or kind")),
    }
    let format = args.get("output").unwrap_or("").to_string();
    let text = match format.as_str() {
        "name" => chosen.iter().map(|(kind, version)| dotted(kind.plural(), group_of(version)) + "\n").collect(),
        "" | "wide" => columns(&resource_table(&chosen, format == "wide", args.is("no-headers")), 3),
        _ => {
            let formats = "json,kyaml,name,wide,yaml";
            return Err(Fault::text(format!(
                "unable to match a printer suitable for the output format \"{format}\", allowed formats are: {formats}"
            )));
        }
    };
    context.print(text);
    Ok(())
}

fn group_of(version: &str) -> &str {
    version.split_once('/').map_or("", |(group, _)| group)
}

fn dotted(plural: &str, group: &str) -> String {
    if group.is_empty() { plural.into() } else { format!("{plural}.{group}") }
}

fn resource_table(chosen: &[(Kind, String)], wide: bool, bare: bool) -> String {
    let mut text = String::new();
    if !bare {
        text += "NAME\tSHORTNAMES\tAPIVERSION\tNAMESPACED\tKIND";
        text += if wide { "\tVERBS\tCATEGORIES\n" } else { "\n" };
    }
    for (kind, version) in chosen {
        let r = kind.resource();
        text += &format!("{}\t{}\t{version}\t{}\t{}", r.plural, names(*kind).join(","), r.namespaced, r.kind);
        text += &if wide { format!("\t{}\t{}\n", r.verbs, r.categories.join(",")) } else { "\n".into() };
    }
    text
}
