//! The order in which objects are told: what others stand on comes first.
//!
//! kustomize: api/internal/builtins/SortOrderTransformer.go

use super::file::texts;
use super::resource::{Id, Resource, or};
use crate::value::Value;

const FIRST: [&str; 22] = [
    "Namespace",
    "ResourceQuota",
    "StorageClass",
    "CustomResourceDefinition",
    "ServiceAccount",
    "PodSecurityPolicy",
    "Role",
    "ClusterRole",
    "RoleBinding",
    "ClusterRoleBinding",
    "ConfigMap",
    "Secret",
    "Endpoints",
    "Service",
    "LimitRange",
    "PriorityClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "Deployment",
    "StatefulSet",
    "CronJob",
    "PodDisruptionBudget",
];
const LAST: [&str; 2] = ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];

/// Sorts as `sortOptions` asks; without them as kubectl does.
pub fn sort(all: &mut [Resource], options: &Value) -> Result<(), String> {
    let legacy = options.get("legacySortOptions");
    match options.get("order").as_str() {
        _ if options.is_null() => {}
        Some("legacy") => {}
        Some("fifo") if legacy.is_null() => return Ok(()),
        Some("fifo") => {
            return Err(
                "the field 'sortOptions.legacySortOptions' is set but the selected sort order is 'fifo', not 'legacy'"
                    .into(),
            );
        }
        _ => return Err("the field 'sortOptions.order' must be one of [fifo, legacy]".into()),
    }
    let (first, last): (Vec<&str>, Vec<&str>) = if legacy.is_null() {
        (FIRST.to_vec(), LAST.to_vec())
    } else {
        (texts(legacy.get("orderFirst")).collect(), texts(legacy.get("orderLast")).collect())
    };
    let rank = |kind: &str| {
        let at = |list: &[&str]| list.iter().position(|one| *one == kind).map(|at| at as i64);
        at(&last).map(|at| at + 1).or(at(&first).map(|at| at - first.len() as i64)).unwrap_or(0)
    };
    all.sort_by_cached_key(|resource| {
        let id = resource.id();
        (
            rank(&id.kind),
            by_type(&id),
            id.type_name(),
            or(&id.namespace, "~X").to_string(),
            or(&id.name, "~N").to_string(),
        )
    });
    Ok(())
}

/// What is missing stands behind all else.
fn by_type(id: &Id) -> String {
    format!("{}_{}_{}", or(&id.group, "~G"), or(&id.version, "~V"), or(&id.kind, "~K"))
}
