//! Requests about objects of kinds that CustomResourceDefinitions add.
//!
//! Kubernetes 1.36: apiextensions-apiserver/pkg/apiserver/customresource_handler.go, pkg/registry/customresource. Not simulated:
//! the two seconds that the first object waits after its definition was established.

use super::status::{Status, StatusCause};
use crate::api::object::Object;
use crate::api::{Condition, Field, Kind, Stamp, custom};
use crate::custom::{Version, cel, check};
use crate::schema::{self, Strictness, Type};
use crate::store::Store;
use crate::value::Value;
use std::rc::Rc;

/// A custom kind's definition, and the version in which it is asked for.
pub(super) struct Served {
    definition: Rc<Object>,
    pub version: Version,
}

/// How a kind is served in the version of `value`, or in its preferred one; `None` for a kind of every cluster.
pub(super) fn served(store: &Store, kind: Kind, value: &Value) -> Option<Served> {
    if kind.is_custom() { of_custom(store, kind, value) } else { None }
}

#[cold]
#[inline(never)]
fn of_custom(store: &Store, kind: Kind, value: &Value) -> Option<Served> {
    let definition = store.definition(kind)?.clone();
    let own = value.get("apiVersion").as_str().and_then(|v| v.split_once('/')).map(|(_, version)| version);
    let whole = definition.raw();
    let version =
        own.and_then(|name| Version::of(whole, name)).or_else(|| Version::of(whole, kind.resource().version))?;
    Some(Served { definition, version })
}

/// Whether the status of a kind's objects is written apart from all else.
pub(super) fn has_status(kind: Kind, served: Option<&Served>) -> bool {
    served.map_or_else(|| super::strategy::has_status(kind), |served| served.version.has_status())
}

impl Served {
    /// Refuses new objects while the definition is being deleted.
    pub fn may_create(&self, kind: Kind, name: &str) -> Result<(), Status> {
        if self.definition.meta.deleting() || custom::holds(&self.definition.status(), "Terminating") {
            let why = "create not allowed while custom resource definition is terminating";
            return Err(Status::forbidden(kind, name, why));
        }
        Ok(())
    }
    /// What each request is warned of.
    pub fn deprecation(&self) -> Option<String> {
        self.version.deprecation(self.definition.raw())
    }
    /// What is wrong with an object, new or changed; what is wrong with it as before is but warned of.
    pub fn check(&self, value: &Value, old: Option<&Value>, warnings: &mut Vec<String>) -> Vec<StatusCause> {
        let mut wrong = check(self.version.schema(), value, old);
        if let Some(path) = self.version.replicas_path()
            && let Some(count) = value.at(&path).as_int().filter(|n| *n < 0 || *n > i64::from(i32::MAX))
        {
            let why = if count < 0 {
                "should be a non-negative integer"
            } else {
                "should be less than or equal to 2147483647"
            };
            let message = format!("Invalid value: {count}: {why}");
            wrong.push(StatusCause { reason: "FieldValueInvalid", field: format!(".{}", path.join(".")), message });
        }
        let blocks = |c: &StatusCause| {
            let reasons = ["NotSupported", "Required", "TooLong", "TooMany", "TypeInvalid"];
            c.reason.strip_prefix("FieldValue").is_some_and(|reason| reasons.contains(&reason))
        };
        if !has_rules(self.version.schema()) {
            return wrong;
        }
        if wrong.iter().any(blocks) {
            let why = "some validation rules were not checked because the object was invalid; correct the existing errors to complete validation";
            let message = format!("Invalid value: null: {why}");
            wrong.push(StatusCause { reason: "FieldValueInvalid", field: "<nil>".into(), message });
        } else {
            let told = cel::check(self.version.schema(), value, old);
            wrong.extend(told.wrong);
            warnings.extend(told.warnings);
        }
        wrong
    }
}

/// Whether there are rules in CEL anywhere in a schema.
fn has_rules(schema: &Value) -> bool {
    match schema {
        Value::Map(map) => map.contains("x-kubernetes-validations") || map.iter().any(|(_, inner)| has_rules(inner)),
        Value::List(items) => items.iter().any(has_rules),
        _ => false,
    }
}

/// A user's object as the server decodes it, and warnings (without `Warning: `).
///
/// # Errors
/// `BadRequest` in the server's words, as [`schema::body`].
pub fn body(store: &Store, kind: Kind, value: &Value, strictness: Strictness) -> Result<(Value, Vec<String>), Status> {
    let Some(served) = served(store, kind, value) else { return schema::body(kind, value, strictness) };
    let version = value.get("apiVersion").as_str().and_then(|v| v.rsplit('/').next()).unwrap_or("");
    let refuse = |why: String| {
        let what = format!("{} in version \"{version}\" cannot be handled as a {}", kind.name(), kind.name());
        Status::bad_request(format!("{what}: {why}"))
    };
    let mut value = value.clone();
    let metadata = Value::map([("metadata", value.get("metadata").clone())]);
    let decoded = schema::decode(&metadata, Type::of_any()).map_err(refuse)?;
    value.set("metadata", decoded.value.get("metadata").clone());
    let mut unknown = decoded.unknown;
    unknown.extend(served.version.prune(&mut value));
    let unknown: Vec<String> = unknown.iter().map(|path| format!("unknown field \"{path}\"")).collect();
    match strictness {
        Strictness::Warn => Ok((value, unknown)),
        Strictness::Strict if !unknown.is_empty() => {
            Err(refuse(format!("strict decoding error: {}", unknown.join(", "))))
        }
        _ => Ok((value, Vec::new())),
    }
}

/// The finalizer by which a definition waits for the objects of its kind.
pub const CLEANUP: &str = "customresourcecleanup.apiextensions.k8s.io";

/// A definition that is ordered to be deleted for the first time: what there is of its kind goes first.
#[cold]
#[inline(never)]
pub(super) fn mark_deleted(definition: &mut Object, now: Stamp) {
    definition.meta.deletion = Some(now);
    if !definition.meta.has_finalizer(CLEANUP) {
        definition.meta.finalizers.make_mut().push(CLEANUP.into());
    }
    let mut status = definition.status();
    let pending = "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon";
    set_condition(&mut status, ("Terminating", "True"), ("InstanceDeletionPending", pending), now);
    definition.set_status(status);
}

/// Says a condition in a definition's status; the transition is that of the condition's own status.
pub fn set_condition(status: &mut Value, (kind, value): (&str, &str), (reason, message): (&str, &str), now: Stamp) {
    let new = Condition {
        kind: kind.into(),
        status: value.into(),
        reason: reason.into(),
        message: message.into(),
        last_transition: Some(now),
        ..Default::default()
    };
    let all = status.at_mut(&["conditions"]).list_mut();
    match all.iter_mut().find(|c| c.get("type").as_str() == Some(kind)) {
        Some(old) => {
            let same = old.get("status").as_str() == Some(value);
            let since = old.get("lastTransitionTime").clone();
            *old = new.write();
            if same {
                old.set("lastTransitionTime", since);
            }
        }
        None => all.push(new.write()),
    }
}
