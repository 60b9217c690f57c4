//! `patches`, `patchesStrategicMerge`, `patchesJson6902`, and which resources a target selects.
//!
//! kustomize: api/internal/builtins/Patch*Transformer.go, api/types/selector.go

use super::file::Kustomization;
use super::load::Root;
use super::resource::{Id, Resource};
use super::{merge, objects};
use crate::api::Kind;
use crate::api::field::Texts;
use crate::apiserver::selection::Labels;
use crate::apiserver::{Patch, patch};
use crate::manifest::{self, write};
use crate::shell::regex::Regex;
use crate::value::Value;

/// A patch as it was read.
enum Read {
    Merges(Vec<Value>),
    Operations(Value),
}

pub fn patches(root: &Root, file: &Kustomization, all: &mut Vec<Resource>) -> Result<(), String> {
    for order in file.get("patches").items() {
        let (read, source) = read(root, order).map_err(|why| {
            let config = write::yaml(order);
            format!("trouble configuring builtin PatchTransformer with config: `\n{config}`: {why}")
        })?;
        let target = order.get("target");
        match read {
            Read::Merges(merges) if target.is_null() => {
                for merge in &merges {
                    let at = unique(all, merge).map_err(|why| {
                        format!("no resource matches strategic merge patch \"{}\": {why}", Id::of(merge))
                    })?;
                    apply(&mut all[at], merge, order.get("options"))?;
                    drop_empty(all);
                }
            }
            Read::Merges(merges) => match merges.as_slice() {
                [one] => by_target(all, one, target, order.get("options"))?,
                _ => {
                    return Err(format!(
                        "Multiple Strategic-Merge Patches in one `patches` entry is not allowed to set `patches.target` field: {source}"
                    ));
                }
            },
            Read::Operations(_) if target.is_null() => {
                return Err(format!("must specify a target for JSON patch {source}"));
            }
            Read::Operations(operations) => operate(all, &operations, target)?,
        }
    }
    Ok(())
}

/// The text of a patch as what it is, and how errors call it.
fn read(root: &Root, order: &Value) -> Result<(Read, String), String> {
    let text = |field: &str| order.get(field).as_str().unwrap_or("").trim();
    let config = || write::yaml(order);
    let (text, source) = match (text("patch"), text("path")) {
        ("", "") => return Err(format!("must specify one of patch and path in\n{}", config())),
        ("", path) => {
            let loaded = root.text(path);
            let loaded = loaded.map_err(|why| format!("failed to get the patch file from path({path}): {why}"))?;
            (loaded, format!("[path: {path:?}]"))
        }
        (patch, "") => (patch.to_string(), format!("[patch: {patch:?}]")),
        _ => return Err(format!("patch and path can't be set at the same time\n{}", config())),
    };
    let document = manifest::read(&text).documents.first().map(|d| d.value.clone()).unwrap_or_default();
    match objects(&text) {
        _ if document.as_list().is_some() => Ok((Read::Operations(document), source)),
        Ok(merges) => Ok((Read::Merges(merges), source)),
        Err(_) => Err(format!("unable to parse SM or JSON patch from {source}")),
    }
}

/// `patchesStrategicMerge`: paths, or patches themselves.
pub fn merges(root: &Root, file: &Kustomization, all: &mut Vec<Resource>) -> Result<(), String> {
    for text in file.texts("patchesStrategicMerge") {
        let inline = objects(text).ok().filter(|merges| !merges.is_empty());
        let merges = match inline {
            Some(merges) => merges,
            None => objects(&root.text(text)?)?,
        };
        for merge in &merges {
            let at = unique(all, merge)?;
            apply(&mut all[at], merge, &Value::Null)?;
            drop_empty(all);
        }
    }
    Ok(())
}

/// `patchesJson6902`
pub fn operations(root: &Root, file: &Kustomization, all: &mut Vec<Resource>) -> Result<(), String> {
    for order in file.get("patchesJson6902").items() {
        if order.at(&["target", "name"]).as_str().unwrap_or("").is_empty() {
            return Err("must specify the target name".into());
        }
        match read(root, order)? {
            (Read::Operations(operations), _) => operate(all, &operations, order.get("target"))?,
            (Read::Merges(_), source) => return Err(format!("unable to parse SM or JSON patch from {source}")),
        }
    }
    Ok(())
}

/// The one resource that a patch itself names.
fn unique(all: &[Resource], merge: &Value) -> Result<usize, String> {
    let id = Id::of(merge);
    let found: Vec<usize> = (0..all.len()).filter(|at| all[*at].is(&id)).collect();
    let &[at] = found.as_slice() else {
        let how_many = if found.is_empty() { "no" } else { "multiple" };
        return Err(format!("{how_many} matches for Id {id}; failed to find unique target for patch {id}"));
    };
    Ok(at)
}

/// Takes away the resources of which a patch has left nothing.
fn drop_empty(all: &mut Vec<Resource>) {
    all.retain(|resource| !resource.value.is_null());
}

/// A merge into each resource that a target selects, whatever the patch calls itself.
fn by_target(all: &mut Vec<Resource>, merge: &Value, target: &Value, options: &Value) -> Result<(), String> {
    let target = Target::read(target)?;
    for resource in all.iter_mut().filter(|resource| target.selects(resource)) {
        apply(resource, merge, options)?;
    }
    drop_empty(all);
    Ok(())
}

/// A resource whose patch takes it away becomes null.
fn apply(resource: &mut Resource, merge: &Value, options: &Value) -> Result<(), String> {
    let may = |what: &str| options.get(what).as_bool() == Some(true);
    let old = resource.value.clone();
    let text = |field: &str| old.get(field).as_str().unwrap_or("").to_string();
    let merged = merge::merge(&text("apiVersion"), &text("kind"), &old, merge)?;
    let Some(mut merged) = merged else {
        resource.value = Value::Null;
        return Ok(());
    };
    if may("allowNameChange") || may("allowKindChange") {
        resource.remember();
    }
    merged.set("apiVersion", old.get("apiVersion").clone());
    if !may("allowKindChange") {
        merged.set("kind", old.get("kind").clone());
    }
    for field in ["name", "namespace"] {
        let own = old.at(&["metadata", field]);
        if field == "name" && may("allowNameChange") {
            continue;
        }
        if own.is_null() {
            merged.at_mut(&["metadata"]).remove(field);
        } else {
            merged.at_mut(&["metadata"]).set(field, own.clone());
        }
    }
    resource.value = merged;
    Ok(())
}

/// JSON patch operations on each resource that a target selects.
fn operate(all: &mut Vec<Resource>, operations: &Value, target: &Value) -> Result<(), String> {
    let target = Target::read(target)?;
    let operations = Patch::Json(operations.clone());
    for resource in all.iter_mut().filter(|resource| target.selects(resource)) {
        resource.remember();
        let patched = patch::apply(Kind::ConfigMap, &resource.value, &operations);
        resource.value = patched.map_err(|status| status.message)?;
    }
    drop_empty(all);
    Ok(())
}

/// Which resources are meant: each part is a pattern that the whole text must fit.
pub struct Target {
    group: Option<Regex>,
    version: Option<Regex>,
    kind: Option<Regex>,
    name: Option<Regex>,
    namespace: Option<Regex>,
    labels: Labels,
    annotations: Labels,
}

impl Target {
    pub fn read(target: &Value) -> Result<Target, String> {
        let text = |field: &str| target.get(field).as_str().unwrap_or("");
        let pattern = |field: &str| match text(field) {
            "" => Ok(None),
            pattern => {
                let whole = Regex::new(&format!("^({pattern})$"), true, false);
                whole.map(Some).map_err(|why| format!("error parsing regexp: {why}: `{pattern}`"))
            }
        };
        Ok(Target {
            group: pattern("group")?,
            version: pattern("version")?,
            kind: pattern("kind")?,
            name: pattern("name")?,
            namespace: pattern("namespace")?,
            labels: Labels::parse(text("labelSelector"))?,
            annotations: Labels::parse(text("annotationSelector"))?,
        })
    }

    pub fn selects(&self, resource: &Resource) -> bool {
        let (now, before) = (resource.id(), resource.original());
        let fits = |pattern: &Option<Regex>, text: &str| pattern.as_ref().is_none_or(|p| p.is_match(text));
        let texts = |field: &str| {
            let map = resource.value.at(&["metadata", field]).as_map();
            Texts::from_iter(map.into_iter().flat_map(|m| m.iter()).map(|(k, v)| (k.clone(), v.as_str().unwrap_or(""))))
        };
        (fits(&self.namespace, before.effective_namespace()) || fits(&self.namespace, now.effective_namespace()))
            && (fits(&self.name, &before.name) || fits(&self.name, &now.name))
            && fits(&self.group, &now.group)
            && fits(&self.version, &now.version)
            && fits(&self.kind, &now.kind)
            && self.labels.matches(&texts("labels"))
            && self.annotations.matches(&texts("annotations"))
    }
}
