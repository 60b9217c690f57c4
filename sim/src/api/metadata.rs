//! What every object has: names, labels, owners, and the server's own marks.

use crate::api::field::{Stamp, Texts};
use crate::api::shared::Shared;
use crate::noun;
use crate::value::Value;
use std::rc::Rc;

/// The annotation in which kubectl notes what a client-side apply said last.
pub const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

noun! {
    /// `metadata`.
    pub struct Metadata {
        annotations: Texts = "annotations";
        creation: Option<Stamp> = "creationTimestamp";
        /// Seconds the object has from its deletion's order to its end.
        deletion_grace: Option<i64> = "deletionGracePeriodSeconds";
        /// When the grace of a deletion is over; unset for an object that is not being deleted.
        deletion: Option<Stamp> = "deletionTimestamp";
        finalizers: Shared<Rc<str>> = "finalizers";
        generate_name: Option<Rc<str>> = "generateName";
        /// Counts changes of what is wanted (the spec).
        generation: i64 = "generation";
        labels: Texts = "labels";
        managed_fields: Value = "managedFields";
        name: Rc<str> = "name";
        /// Empty for cluster-scoped objects.
        namespace: Rc<str> = "namespace";
        owners: Shared<OwnerReference> = "ownerReferences";
        resource_version: Version = "resourceVersion";
        uid: Rc<str> = "uid";
    }
    /// One entry of `ownerReferences`.
    pub struct OwnerReference {
        api_version: Rc<str> = "apiVersion" always;
        block_deletion: Option<bool> = "blockOwnerDeletion";
        controller: Option<bool> = "controller";
        kind: Rc<str> = "kind" always;
        name: Rc<str> = "name" always;
        uid: Rc<str> = "uid" always;
    }
    /// An entry of `status.conditions`.
    pub struct Condition {
        last_heartbeat: Option<Stamp> = "lastHeartbeatTime";
        last_transition: Option<Stamp> = "lastTransitionTime";
        last_update: Option<Stamp> = "lastUpdateTime";
        message: Rc<str> = "message";
        reason: Rc<str> = "reason";
        status: Rc<str> = "status" always;
        kind: Rc<str> = "type" always;
    }
}

impl Metadata {
    /// The owner that manages this object, if one does.
    pub fn controller(&self) -> Option<&OwnerReference> {
        self.owners.iter().find(|o| o.controller == Some(true))
    }
    pub fn deleting(&self) -> bool {
        self.deletion.is_some()
    }
    pub fn has_finalizer(&self, name: &str) -> bool {
        self.finalizers.iter().any(|f| &**f == name)
    }
}

/// A resource version: the store's revision at an object's last change, 0 if unset; a text in JSON.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub u64);

impl crate::api::field::Field for Version {
    fn read(value: &Value) -> Self {
        Version(value.as_str().and_then(|s| s.parse().ok()).unwrap_or(0))
    }
    fn write(&self) -> Value {
        Value::str(self.0.to_string())
    }
    fn is_empty(&self) -> bool {
        self.0 == 0
    }
}
