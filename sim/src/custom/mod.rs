//! Custom resources: what the schema of a CustomResourceDefinition makes of an object.
//!
//! Kubernetes 1.36: apiextensions-apiserver/pkg/apiserver. Objects of custom kinds are kept as they are written, without what
//! the schema does not know, with what it says by default. Not simulated: conversion by
//! webhooks; versions differ by their schemas only.

pub mod cel;
mod check;
mod defaults;
mod format;
mod number;
pub(crate) mod pattern;
mod prune;

pub use check::check;

use crate::value::Value;

/// A version of a definition.
#[derive(Clone, Debug)]
pub struct Version(Value);

impl Version {
    /// The version of a definition with this name.
    pub fn of(definition: &Value, name: &str) -> Option<Version> {
        let mut versions = definition.at(&["spec", "versions"]).items().iter();
        versions.find(|v| v.get("name").as_str() == Some(name)).cloned().map(Version)
    }
    pub fn schema(&self) -> &Value {
        self.0.at(&["schema", "openAPIV3Schema"])
    }
    /// Whether the status is written apart from all else.
    pub fn has_status(&self) -> bool {
        !self.0.at(&["subresources", "status"]).is_null()
    }
    /// Where `kubectl scale` finds the number of replicas, as keys; `None` if it finds none.
    pub fn replicas_path(&self) -> Option<Vec<&str>> {
        self.scale_path("specReplicasPath")
    }
    /// Where an autoscaler finds the Pods' selector in its text form.
    pub fn selector_path(&self) -> Option<Vec<&str>> {
        self.scale_path("labelSelectorPath")
    }
    fn scale_path(&self, field: &str) -> Option<Vec<&str>> {
        let path = self.0.at(&["subresources", "scale", field]).as_str()?;
        Some(path.trim_start_matches('.').split('.').collect())
    }
    /// `additionalPrinterColumns`.
    pub fn columns(&self) -> &[Value] {
        self.0.get("additionalPrinterColumns").items()
    }
    /// Takes away what the schema does not know, and answers the paths of that, sorted.
    pub fn prune(&self, object: &mut Value) -> Vec<String> {
        prune::unknown(object, self.schema())
    }
    /// Takes away nulls that mean nothing, and sets what was left out.
    pub fn complete(&self, object: &mut Value) {
        prune::nulls(object, self.schema());
        defaults::apply(object, self.schema());
    }
    /// What a request for this version is warned of; `definition` is its own.
    pub fn deprecation(&self, definition: &Value) -> Option<String> {
        if self.0.get("deprecated").as_bool() != Some(true) {
            return None;
        }
        if let Some(said) = self.0.get("deprecationWarning").as_str() {
            return Some(said.to_string());
        }
        let text = |path: &[&str]| definition.at(path).as_str().unwrap_or("").to_string();
        let (group, kind) = (text(&["spec", "group"]), text(&["spec", "names", "kind"]));
        let rank = |v: &Value| crate::api::custom::priority(v.get("name").as_str().unwrap_or(""));
        let all = definition.at(&["spec", "versions"]).items().iter();
        let better = all
            .filter(|v| v.get("served").as_bool() == Some(true) && v.get("deprecated").as_bool() != Some(true))
            .filter(|v| rank(v) > rank(&self.0))
            .max_by_key(|v| rank(v));
        let name = |v: &Value| v.get("name").as_str().unwrap_or("").to_string();
        let advice = better.map_or_else(String::new, |v| format!("; use {group}/{} {kind}", name(v)));
        Some(format!("{group}/{} {kind} is deprecated{advice}", name(&self.0)))
    }
}

/// Whether a schema lets through what it does not know.
fn preserves(schema: &Value) -> bool {
    schema.get("x-kubernetes-preserve-unknown-fields").as_bool() == Some(true)
}

/// The schema of what stands under a key.
fn of_field<'a>(schema: &'a Value, key: &str) -> Option<&'a Value> {
    let own = schema.get("properties").get(key);
    let own = if own.is_null() { schema.get("additionalProperties") } else { own };
    (!own.is_null() && own.as_bool() != Some(false)).then_some(own)
}
