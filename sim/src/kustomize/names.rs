//! `namespace`, `namePrefix`, `nameSuffix`, the hash of generated names; and `replicas`, which goes by names.
//!
//! kustomize: api/internal/builtins/{Namespace,Prefix,Suffix,Hash,ReplicaCount}Transformer.go, api/filters/namespace

use super::fields::{Spec, specs};
use super::file::Kustomization;
use super::hash;
use super::resource::{Id, Resource};
use crate::value::Value;

/// Where else a namespace stands.
const NAMESPACES: &str = "\
APIService apiregistration.k8s.io - spec/service/namespace +
CustomResourceDefinition apiextensions.k8s.io - spec/conversion/webhook/clientConfig/service/namespace";

/// What has a number of replicas.
const SCALED: &str = "\
Deployment - - spec/replicas +
ReplicationController - - spec/replicas +
ReplicaSet - - spec/replicas +
StatefulSet - - spec/replicas +";

pub fn set_namespace(file: &Kustomization, all: &mut [Resource]) -> Result<(), String> {
    let namespace = file.text("namespace");
    if namespace.is_empty() {
        return Ok(());
    }
    let text = Value::from(namespace);
    for at in 0..all.len() {
        let resource = &mut all[at];
        resource.remember();
        let id = resource.id();
        if !id.cluster_scoped() {
            resource.value.at_mut(&["metadata"]).set("namespace", text.clone());
        }
        if id.kind == "Namespace" && id.group.is_empty() {
            resource.rename(namespace);
        }
        if matches!(&*id.kind, "RoleBinding" | "ClusterRoleBinding")
            && resource.value.get("subjects").as_list().is_some()
        {
            for subject in resource.value.at_mut(&["subjects"]).list_mut() {
                if subject.get("name").as_str() == Some("default") {
                    subject.set("namespace", text.clone());
                }
            }
        }
        for spec in specs(NAMESPACES) {
            spec.change(&mut resource.value, &Value::from(""), &mut |place| {
                *place = text.clone();
                Ok(())
            })?;
        }
        let id = resource.id();
        let same: Vec<String> =
            all.iter().map(Resource::id).filter(|other| other.same(&id)).map(|id| id.to_string()).collect();
        if same.len() != 1 {
            return Err(format!("namespace transformation produces ID conflict: {}", same.join(" ")));
        }
    }
    Ok(())
}

/// Whose names stay as they are.
fn fixed(id: &Id) -> bool {
    matches!(&*id.kind, "CustomResourceDefinition" | "Namespace")
        || id.kind == "APIService" && id.group == "apiregistration.k8s.io"
}

pub fn add_prefix_and_suffix(file: &Kustomization, all: &mut [Resource]) {
    let (prefix, suffix) = (file.text("namePrefix"), file.text("nameSuffix"));
    for resource in all.iter_mut().filter(|r| !fixed(&r.original())) {
        if !prefix.is_empty() {
            resource.prefixes.push(prefix.into());
            resource.remember();
            resource.rename(&format!("{prefix}{}", resource.id().name));
        }
        if !suffix.is_empty() {
            resource.suffixes.push(suffix.into());
            resource.remember();
            resource.rename(&format!("{}{suffix}", resource.id().name));
        }
    }
}

pub fn add_hashes(all: &mut [Resource]) {
    for resource in all.iter_mut().filter(|resource| resource.hashed) {
        resource.remember();
        let name = format!("{}-{}", resource.id().name, hash::of(&resource.value));
        resource.rename(&name);
    }
}

pub fn set_replicas(file: &Kustomization, all: &mut [Resource]) -> Result<(), String> {
    let kinds: Vec<Spec> = specs(SCALED).collect();
    for order in file.get("replicas").items() {
        let (name, count) = (order.get("name").as_str().unwrap_or(""), order.get("count").as_int().unwrap_or(0));
        let mut found = false;
        for spec in &kinds {
            let named = |id: &Id| id.name == name && id.is_of(spec.group, spec.version, spec.kind);
            for resource in all.iter_mut().filter(|r| r.previous.iter().any(named) || named(&r.id())) {
                found = true;
                spec.change(&mut resource.value, &Value::Int(0), &mut |place| {
                    *place = Value::Int(count);
                    Ok(())
                })?;
            }
        }
        if !found {
            let kinds: Vec<String> = kinds.iter().map(|spec| format!("{}.[noVer].[noGrp]", spec.kind)).collect();
            return Err(format!(
                "resource with name {name} does not match a config with the following GVK [{}]",
                kinds.join(" ")
            ));
        }
    }
    Ok(())
}
