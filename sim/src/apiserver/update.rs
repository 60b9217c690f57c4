//! Changing an object that is there.
//!
//! Kubernetes 1.36: staging/src/k8s.io/apiserver/pkg/registry/generic/registry/store.go (Update)

use super::{
    How, Part, Patch, create,
    custom::{self, Served},
    managed::{self, Applied, Schema, Writing},
    patch, service_ip,
    status::{Status, StatusCause},
    strategy,
};
use crate::admission;
use crate::api::namespace::Namespace;
use crate::api::object::{Key, Object};
use crate::api::{Field, Kind, Metadata, Stamp};
use crate::cluster::Cluster;
use crate::schema::{Strictness, settle};
use crate::value::Value;
use std::rc::Rc;

/// A user's whole object in the place of the stored one.
pub(super) fn replace(
    cluster: &mut Cluster,
    kind: Kind,
    key: &Key,
    value: Value,
    how: &How,
) -> Result<Rc<Object>, Status> {
    let old = present(cluster, kind, key)?;
    let version = value.at(&["metadata", "resourceVersion"]).as_str().unwrap_or("").to_string();
    if !version.is_empty() && version != old.meta.resource_version.0.to_string() {
        return Err(Status::modified(kind, &key.name));
    }
    for (field, ours) in [("name", &key.name), ("namespace", &key.namespace)] {
        let said = value.at(&["metadata", field]).as_str().unwrap_or("");
        if !said.is_empty() && *said != **ours {
            let text = format!("the {field} of the object ({said}) does not match the {field} on the URL ({ours})");
            return Err(Status::bad_request(&text));
        }
    }
    let uid = value.at(&["metadata", "uid"]).as_str().unwrap_or("");
    if !uid.is_empty() && uid != &*old.meta.uid {
        let why = format!("Precondition failed: UID in precondition: {uid}, UID in object meta: {}", old.meta.uid);
        return Err(Status::conflict(kind, &key.name, &why));
    }
    admit(cluster, &old, value, how)
}

/// A patch of the stored object; what comes of it is read as strictly as a new object would be.
pub(super) fn patch(
    cluster: &mut Cluster,
    kind: Kind,
    key: &Key,
    (change, strict): (&Patch, bool),
    how: &How,
) -> Result<Rc<Object>, Status> {
    let old = present(cluster, kind, key)?;
    let value = patch::apply(kind, &old.write(), change)?;
    let strictness = if strict { Strictness::Strict } else { Strictness::Warn };
    let (value, warned) = custom::body(&cluster.store, kind, &value, strictness)?;
    cluster.warnings.extend(warned);
    replace(cluster, kind, key, value, how)
}

/// Server-side apply: makes the object, or merges what is said into it; fields of others are left to them.
pub(super) fn apply(
    cluster: &mut Cluster,
    kind: Kind,
    key: &Key,
    applied: Value,
    (force, how): (bool, &How),
) -> Result<Rc<Object>, Status> {
    let served = custom::served(&cluster.store, kind, &applied);
    let schema = schema(kind, &applied, served.as_ref());
    managed::check(kind, &key.namespace, &applied, schema)?;
    let old = cluster.store.get(kind, key).cloned();
    let writing = writing(kind, (schema, served.as_ref()), how, cluster.stamp());
    let Applied { value, managed } = managed::apply(old.as_deref(), &applied, force, writing)?;
    let body = custom::body(&cluster.store, kind, &value, Strictness::Ignore);
    let (value, _) = body.map_err(|refusal| managed::unconverted(kind, &key.namespace, &applied, refusal))?;
    let how = How { managed: Some(&managed), ..*how };
    match old {
        Some(old) => admit(cluster, &old, value, &how),
        None => create::create(cluster, kind, key, value, &how),
    }
}

/// What is known of a kind's fields in the version in which an object is written.
pub(super) fn schema<'a>(kind: Kind, value: &Value, served: Option<&'a Served>) -> Schema<'a> {
    let version = value.get("apiVersion").as_str().map_or_else(|| kind.api_version(), String::from);
    Schema::of(kind, &version, served.map(|served| &served.version))
}

/// What is to be known to note who manages what.
pub(super) fn writing<'a>(
    kind: Kind,
    (schema, served): (Schema<'a>, Option<&Served>),
    how: &How<'a>,
    now: Stamp,
) -> Writing<'a> {
    Writing { manager: how.manager, schema, part: how.part, apart: custom::has_status(kind, served), now }
}

/// A component's own object. It is trusted: neither defaulted nor validated.
pub(super) fn put(cluster: &mut Cluster, object: Object, how: &How) -> Result<Rc<Object>, Status> {
    let old = present(cluster, object.kind, &object.key())?;
    if object.meta.uid != old.meta.uid || object.meta.resource_version != old.meta.resource_version {
        return Err(Status::modified(object.kind, &object.meta.name));
    }
    commit(cluster, &old, object, how)
}

fn present(cluster: &Cluster, kind: Kind, key: &Key) -> Result<Rc<Object>, Status> {
    cluster.store.get(kind, key).cloned().ok_or_else(|| Status::not_found(kind, &key.name))
}

/// Defaults, allocates and validates a user's change, then stores it.
fn admit(cluster: &mut Cluster, old: &Rc<Object>, mut value: Value, how: &How) -> Result<Rc<Object>, Status> {
    let How { part, dry_run, .. } = *how;
    let kind = old.kind;
    let served = custom::served(&cluster.store, kind, &value);
    cluster.warnings.extend(admission::warnings::deprecated(kind).map(String::from));
    cluster.warnings.extend(served.iter().filter_map(|s| s.deprecation()));
    keep_identity(old, &mut value);
    let before = old.write();
    let apart = custom::has_status(kind, served.as_ref());
    if part == Part::Status && !apart {
        return Err(Status::new(404, "NotFound", "the server could not find the requested resource"));
    }
    match part {
        Part::Status => {
            let status = value.get("status").clone();
            value = before.clone();
            value.set("status", status);
        }
        Part::Other(part) => {
            let meta = value.get("metadata").clone();
            value = admission::validate::subresource::narrowed(part, &value, &before);
            value.set("metadata", meta);
        }
        Part::Main if apart => match before.get("status") {
            Value::Null => {
                value.remove("status");
            }
            status => value.set("status", status.clone()),
        },
        _ => {}
    }
    admission::defaults::apply(kind, &mut value);
    if let Some(served) = &served {
        served.version.complete(&mut value);
    }
    note_manager(cluster, kind, Some(old), &mut value, how);
    if part == Part::Main {
        strategy::prepare_for_update(kind, &mut value, &before);
        admission::mutate_change(kind, &mut value);
        service_ip::assign(cluster, kind, &old.meta.namespace, &mut value, Some(&before), dry_run)?;
    }
    let mut wrong = admission::validate::update(kind, &value, &before, part);
    if let Some(served) = &served {
        wrong.extend(served.check(&value, Some(&before), &mut cluster.warnings));
    }
    wrong.extend(late_finalizers(old, &value));
    if !wrong.is_empty() {
        return Err(Status::invalid(kind, &old.meta.name, wrong));
    }
    settle(&mut value);
    if how.managed.is_none() && same_but_version(&value, &before) {
        return Ok(old.clone());
    }
    let new = Object::read(kind, &value);
    let mut admitted = admission::Admitted::default();
    if !matches!(part, Part::Status | Part::Scale) {
        admitted = admission::permit(cluster, &new, &value, Some(old))?;
        cluster.warnings.extend(admission::warnings::about(kind, &value, Some(&before)));
    }
    cluster.warnings.extend(admitted.warnings);
    if !dry_run {
        admitted.quotas.into_iter().for_each(|quota| drop(cluster.commit(quota)));
    }
    commit(cluster, old, new, how)
}

/// Whether a user's object says nothing new.
fn same_but_version(value: &Value, before: &Value) -> bool {
    let mut value = value.clone();
    value.at_mut(&["metadata"]).set("resourceVersion", before.at(&["metadata", "resourceVersion"]).clone());
    value == *before
}

/// New finalizers on an object that is being deleted, which would hold it against the order.
fn late_finalizers(old: &Object, value: &Value) -> Option<StatusCause> {
    let new = Metadata::read(value.get("metadata")).finalizers;
    let added: Vec<String> = new.iter().filter(|f| !old.meta.has_finalizer(f)).map(|f| format!("{f:?}")).collect();
    let message = format!(
        "Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{{{}}}",
        added.join(", ")
    );
    let cause = StatusCause { reason: "FieldValueForbidden", message, field: "metadata.finalizers".into() };
    (old.meta.deleting() && !added.is_empty()).then_some(cause)
}

/// What a user may leave out or get wrong without consequence: the server keeps its own.
fn keep_identity(old: &Object, value: &mut Value) {
    let meta = old.meta.write();
    for field in ["uid", "creationTimestamp", "generation", "deletionTimestamp", "deletionGracePeriodSeconds"] {
        match meta.get(field) {
            Value::Null => {
                value.at_mut(&["metadata"]).remove(field);
            }
            kept => value.at_mut(&["metadata"]).set(field, kept.clone()),
        }
    }
    value.at_mut(&["metadata"]).set_default("name", || meta.get("name").clone());
    if old.kind.namespaced() {
        value.at_mut(&["metadata"]).set_default("namespace", || meta.get("namespace").clone());
    }
}

/// Stores a changed object, or takes it away if it only waited for its last finalizer. What is the same is not stored.
fn commit(cluster: &mut Cluster, old: &Rc<Object>, mut new: Object, how: &How) -> Result<Rc<Object>, Status> {
    match how.part {
        Part::Status => {
            // A Deployment's controller notes the revision together with the status.
            let annotations = if old.kind == Kind::Deployment { &new.meta } else { &old.meta }.annotations.clone();
            let managed_fields = std::mem::take(&mut new.meta.managed_fields);
            new.meta = Metadata { annotations, managed_fields, ..old.meta.clone() };
            strategy::prepare_for_status_update(&mut new, old, cluster.stamp());
        }
        _ => {
            new.meta.generation = old.meta.generation;
            let served = custom::served(&cluster.store, old.kind, new.raw());
            let apart = served.is_none_or(|served| served.version.has_status());
            let mut same = if apart { same_but_status(old, &new) } else { old.raw() == new.raw() };
            // Its annotations go on to its ReplicaSets.
            same &= old.kind != Kind::Deployment || old.meta.annotations == new.meta.annotations;
            // A class keeps the one that it began with.
            if strategy::counts_generations(old.kind) && old.kind != Kind::PriorityClass && !same {
                new.meta.generation += 1;
            }
        }
    }
    new.meta.resource_version = old.meta.resource_version;
    if new == **old {
        return Ok(old.clone());
    }
    if how.dry_run {
        return Ok(Rc::new(new));
    }
    let ended = new.meta.deleting() && new.meta.finalizers.is_empty() && new.meta.deletion_grace.unwrap_or(0) == 0;
    let held = new.get::<Namespace>().is_some_and(|n| !n.spec.finalizers.is_empty());
    if ended && !held {
        cluster.remove(old.kind, &old.key());
        new.meta.resource_version.0 = cluster.store.revision();
        return Ok(Rc::new(new));
    }
    Ok(cluster.commit(new))
}

/// Notes in an object who manages what of it: of what the request says and its defaults, before admission adds to that.
pub(super) fn note_manager(cluster: &Cluster, kind: Kind, old: Option<&Object>, value: &mut Value, how: &How) {
    let managed = match (how.managed, old) {
        (Some(managed), _) => managed.clone(),
        (_, Some(old)) if how.manager.name.is_empty() => old.meta.managed_fields.clone(),
        _ if how.manager.name.is_empty() => return,
        _ => {
            let served = custom::served(&cluster.store, kind, value);
            let schema = schema(kind, value, served.as_ref());
            managed::after(old, value, writing(kind, (schema, served.as_ref()), how, cluster.stamp()))
        }
    };
    match managed {
        Value::Null => _ = value.at_mut(&["metadata"]).remove("managedFields"),
        managed => value.at_mut(&["metadata"]).set("managedFields", managed),
    }
}

fn same_but_status(old: &Object, new: &Object) -> bool {
    let (a, b) = (old.raw(), new.raw());
    if a.is_null() || b.is_null() {
        return old.body == new.body;
    }
    if a.get("status").is_null() && b.get("status").is_null() {
        return a == b;
    }
    let without = |v: &Value| {
        let mut v = v.clone();
        v.remove("status");
        v
    };
    without(a) == without(b)
}
