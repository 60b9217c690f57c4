//! Pod Security: the levels `baseline` and `restricted`, enforced or warned of by labels of the namespace.
//!
//! Kubernetes 1.36: staging/src/k8s.io/pod-security-admission. Not simulated: `audit` (there is no audit log here),
//! levels of versions before the latest, exemptions.

use super::pod_security_checks::{self as checks, Violation};
use crate::api::{Kind, Metadata, Object};
use crate::apiserver::{Status, StatusCause};
use crate::cluster::Cluster;
use crate::value::Value;
use std::collections::BTreeMap;
use std::rc::Rc;

const PREFIX: &str = "pod-security.kubernetes.io/";
const LEVELS: &str = "one of privileged, baseline, restricted";
const VERSIONS: &str = "\"latest\" or \"v1.x\"";

/// A level and the version in which it is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Policy {
    restricted: bool,
    version: Rc<str>,
}

impl std::fmt::Display for Policy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", if self.restricted { "restricted" } else { "baseline" }, self.version)
    }
}

/// The policy of a mode; `None` if it allows everything.
fn policy(labels: &crate::api::Texts, mode: &str) -> Option<Policy> {
    let restricted = match labels.get(&format!("{PREFIX}{mode}")).map(|l| &**l) {
        Some("restricted") => true,
        Some("baseline") => false,
        _ => return None,
    };
    let version = labels.get(&format!("{PREFIX}{mode}-version")).cloned().unwrap_or_else(|| "latest".into());
    Some(Policy { restricted, version })
}

/// Where a kind has its Pod's spec and metadata.
fn template(kind: Kind, value: &Value) -> Option<&Value> {
    match kind {
        Kind::Pod => Some(value),
        Kind::CronJob => Some(value.at(&["spec", "jobTemplate", "spec", "template"])),
        Kind::ReplicationController | Kind::ReplicaSet | Kind::Deployment | Kind::StatefulSet => {
            Some(value.at(&["spec", "template"]))
        }
        Kind::DaemonSet | Kind::Job => Some(value.at(&["spec", "template"])),
        Kind::PodTemplate => Some(value.get("template")),
        _ => None,
    }
}

/// Refuses a Pod that its namespace's level does not allow; warns of one, or of a template, that it would not.
pub fn check(
    cluster: &Cluster,
    kind: Kind,
    meta: &Metadata,
    value: &Value,
    old: Option<&Object>,
) -> Result<Vec<String>, Status> {
    if kind == Kind::Namespace {
        let wrong = bad_labels(meta, old);
        if !wrong.is_empty() {
            return Err(Status::invalid(kind, &meta.name, wrong));
        }
        return Ok(old.map(|old| tightened(cluster, meta, old)).unwrap_or_default());
    }
    let Some(template) = template(kind, value) else { return Ok(Vec::new()) };
    // Of a Pod that is there, only changes of its spec matter.
    if old.is_some_and(|old| old.raw().get("spec") == value.get("spec")) {
        return Ok(Vec::new());
    }
    let Some(namespace) = cluster.store.find(Kind::Namespace, "", &meta.namespace) else { return Ok(Vec::new()) };
    let labels = &namespace.meta.labels;
    let (enforce, warn) = (policy(labels, "enforce"), policy(labels, "warn"));
    if kind == Kind::Pod
        && let Some(policy) = &enforce
    {
        let found = checks::violations(template, policy.restricted);
        if !found.is_empty() {
            let why = format!("violates PodSecurity \"{policy}\": {}", joined(&found));
            return Err(Status::forbidden(kind, &meta.name, why));
        }
    }
    // What is enforced is warned of where it cannot be enforced: on templates.
    let warned = warn.or(if kind == Kind::Pod { None } else { enforce });
    let warnings = warned.into_iter().filter_map(|policy| {
        let found = checks::violations(template, policy.restricted);
        (!found.is_empty()).then(|| format!("would violate PodSecurity \"{policy}\": {}", joined(&found)))
    });
    Ok(warnings.collect())
}

/// Levels and versions that do not exist, unless they were there before.
fn bad_labels(meta: &Metadata, old: Option<&Object>) -> Vec<StatusCause> {
    let mut wrong = Vec::new();
    for mode in ["enforce", "audit", "warn"] {
        for (end, what) in [("", LEVELS), ("-version", VERSIONS)] {
            let key = format!("{PREFIX}{mode}{end}");
            let Some(text) = meta.labels.get(&key) else { continue };
            let fine = match end {
                "" => ["privileged", "baseline", "restricted"].contains(&&**text),
                _ => &**text == "latest" || text.strip_prefix("v1.").is_some_and(|minor| minor.parse::<u16>().is_ok()),
            };
            if !fine && old.is_none_or(|old| old.meta.labels.get(&key) != Some(text)) {
                let message = format!("Invalid value: {text:?}: must be {what}");
                let field = format!("metadata.labels[{key}]");
                wrong.push(StatusCause { reason: "FieldValueInvalid", message, field });
            }
        }
    }
    wrong
}

fn joined(found: &[Violation]) -> String {
    let texts: Vec<String> = found.iter().map(|v| format!("{} ({})", v.reason, v.detail)).collect();
    texts.join(", ")
}

/// Warnings of Pods that are there and violate a level that is now enforced.
fn tightened(cluster: &Cluster, meta: &Metadata, old: &Object) -> Vec<String> {
    let (now, before) = (policy(&meta.labels, "enforce"), policy(&old.meta.labels, "enforce"));
    let Some(policy) = now.filter(|now| Some(now) != before.as_ref()) else { return Vec::new() };
    // Pods with the same violations are named together: the first, and how many others.
    let mut groups: BTreeMap<String, (Rc<str>, usize)> = BTreeMap::new();
    for pod in cluster.store.list_in(Kind::Pod, &meta.name) {
        let found = checks::violations(&pod.write(), policy.restricted);
        if !found.is_empty() {
            let text = found.iter().map(|v| v.reason).collect::<Vec<_>>().join(", ");
            groups.entry(text).or_insert_with(|| (pod.meta.name.clone(), 0)).1 += 1;
        }
    }
    if groups.is_empty() {
        return Vec::new();
    }
    let mut out = vec![format!(
        "existing pods in namespace \"{}\" violate the new PodSecurity enforce level \"{policy}\"",
        meta.name
    )];
    let mut lines: Vec<String> = groups
        .into_iter()
        .map(|(text, (name, count))| match count {
            1 => format!("{name}: {text}"),
            2 => format!("{name} (and 1 other pod): {text}"),
            n => format!("{name} (and {} other pods): {text}", n - 1),
        })
        .collect();
    lines.sort();
    out.extend(lines);
    out
}
