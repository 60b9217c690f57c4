//! Label and field selectors, as requests and kubectl write them.
//!
//! Kubernetes 1.36: staging/src/k8s.io/apimachinery/pkg/labels/selector.go, pkg/fields/selector.go

use crate::api::object::Object;
use crate::api::selector::Requirement;
use crate::api::{Kind, Texts};
use crate::value::Value;
use std::rc::Rc;

/// A label selector in its text form: `app=web,tier in (a, b),!canary`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels(pub Vec<Requirement>);

impl Labels {
    /// # Errors
    /// What kubectl says of a selector that cannot be read.
    pub fn parse(text: &str) -> Result<Labels, String> {
        let mut out = Vec::new();
        for part in split_outside_parentheses(text) {
            let part = part.trim();
            if !part.is_empty() {
                out.push(requirement(part)?);
            }
        }
        Ok(Labels(out))
    }
    pub fn matches(&self, labels: &Texts) -> bool {
        self.0.iter().all(|r| r.matches(labels))
    }
}

fn split_outside_parentheses(text: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut from) = (Vec::new(), 0, 0);
    for (i, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&text[from..i]);
                from = i + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[from..]);
    parts
}

fn requirement(part: &str) -> Result<Requirement, String> {
    let make = |key: &str, operator: &str, values: Vec<Rc<str>>| Requirement {
        key: key.trim().into(),
        operator: operator.into(),
        values,
    };
    if let Some(key) = part.strip_prefix('!') {
        return Ok(make(key, "DoesNotExist", vec![]));
    }
    for (sign, operator) in [("!=", "NotIn"), ("==", "In"), ("=", "In"), (">", "Gt"), ("<", "Lt")] {
        if let Some((key, value)) = part.split_once(sign) {
            if let Some((_, more)) = value.trim().split_once(char::is_whitespace) {
                return Err(format!("found '{}', expected: ',' or 'end of string'", more.trim()));
            }
            return Ok(make(key, operator, vec![value.trim().into()]));
        }
    }
    let mut words = part.splitn(2, char::is_whitespace);
    let (key, rest) = (words.next().unwrap_or(""), words.next().unwrap_or("").trim());
    if rest.is_empty() {
        return Ok(make(key, "Exists", vec![]));
    }
    let (operator, list) = rest.split_once('(').unwrap_or((rest, ""));
    let operator = match operator.trim() {
        "in" => "In",
        "notin" => "NotIn",
        other => {
            let expected = "in, notin, =, ==, !=, gt, lt";
            return Err(format!("unable to parse requirement: found '{other}', expected: {expected}"));
        }
    };
    let Some(list) = list.trim_end().strip_suffix(')') else {
        return Err("unable to parse requirement: found '', expected: ',' or ')'".into());
    };
    let values = list.split(',').map(|v| Rc::from(v.trim())).collect();
    Ok(make(key, operator, values))
}

/// A field selector: `status.phase=Running,spec.nodeName!=node-1`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields(pub Vec<(String, bool, String)>);

impl Fields {
    /// # Errors
    /// What the API server says of a selector that cannot be read.
    pub fn parse(text: &str) -> Result<Fields, String> {
        let mut out = Vec::new();
        for part in text.split(',').filter(|p| !p.is_empty()) {
            let found = [("!=", false), ("==", true), ("=", true)]
                .into_iter()
                .find_map(|(sign, equal)| part.split_once(sign).map(|(k, v)| (k.to_string(), equal, v.to_string())));
            let invalid = || format!("invalid selector: '{part}'; can't understand '{part}'");
            out.push(found.ok_or_else(invalid)?);
        }
        Ok(Fields(out))
    }
    /// The first field that objects of this kind cannot be selected by.
    pub fn unsupported(&self, kind: Kind) -> Option<&str> {
        self.0.iter().map(|(field, ..)| field.as_str()).find(|field| !supported(kind, field))
    }
    pub fn matches(&self, object: &Object) -> bool {
        if self.0.is_empty() {
            return true;
        }
        let value = object.write();
        self.0.iter().all(|(field, equal, wanted)| (text_at(&value, field) == *wanted) == *equal)
    }
}

fn supported(kind: Kind, field: &str) -> bool {
    if matches!(field, "metadata.name" | "metadata.namespace") {
        return true;
    }
    let own: &[&str] = match kind {
        Kind::Pod => &[
            "spec.nodeName",
            "spec.restartPolicy",
            "spec.schedulerName",
            "spec.serviceAccountName",
            "spec.hostNetwork",
            "status.phase",
            "status.podIP",
            "status.podIPs",
            "status.nominatedNodeName",
        ],
        Kind::Event => &[
            "involvedObject.kind",
            "involvedObject.namespace",
            "involvedObject.name",
            "involvedObject.uid",
            "involvedObject.apiVersion",
            "involvedObject.resourceVersion",
            "involvedObject.fieldPath",
            "reason",
            "reportingComponent",
            "source",
            "type",
        ],
        Kind::Node => &["spec.unschedulable"],
        Kind::Namespace => &["status.phase"],
        Kind::Secret => &["type"],
        Kind::Service => &["spec.clusterIP", "spec.type"],
        Kind::ReplicaSet | Kind::ReplicationController => &["status.replicas"],
        Kind::Job => &["status.successful"],
        _ => &[],
    };
    own.contains(&field)
}

fn text_at(value: &Value, field: &str) -> String {
    let path: Vec<&str> = field.split('.').collect();
    let found = match field {
        "source" => value.at(&["source", "component"]),
        _ => value.at(&path),
    };
    match found {
        Value::Str(s) => s.to_string(),
        Value::Int(n) => n.to_string(),
        Value::Bool(b) => b.to_string(),
        Value::Null if matches!(field, "spec.unschedulable" | "spec.hostNetwork") => "false".into(),
        _ => String::new(),
    }
}
